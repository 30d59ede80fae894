"""Simulated admins: they open the review workbook they were mailed, decide, and save it into their folder.

Rows and columns are found by what a reader sees. Standard library and openpyxl only.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.demo.people import Letter, Person
from batch.demo.people_workbook import saved

_CENT = Decimal("0.01")
# What stands in rows of a table that are no data.
_SECTION = "  "


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Less approved on one line: so many percent of the work that was claimed, and why."""

    item: str
    percent: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an admin chooses for one application. `rejected`: items of lines that are sent back, and why."""

    choice: str = "Approve"
    reason: str = ""
    cuts: tuple[Cut, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OnBehalf:
    """What an admin enters for a subcontractor: percent of each line's value done in this period."""

    reason: str
    percents: tuple[int | None, ...]


#: Verdicts on a commitment's application in one period, one after the other; the last one stays.
Verdicts = Mapping[tuple[str, int], tuple[Verdict, ...]]


@dataclass(frozen=True, kw_only=True)
class Admin:
    """Somebody who reviews. `only`: commitments they decide on (None: all); `leaves`: those they never do.

    `enters` is what they enter on behalf, by commitment and number of the period.
    """

    person: Person
    verdicts: Verdicts = field(default_factory=dict)
    enters: Mapping[tuple[str, int], OnBehalf] = field(default_factory=dict)
    only: frozenset[str] | None = None
    leaves: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A workbook with decisions in it, and the commitments decided on; `held` wait for a second look."""

    name: str
    data: bytes
    commitments: tuple[str, ...]
    held: tuple[str, ...]


class ReviewDesk:
    """One admin at work. Remembers how often each application was decided on, as a person would."""

    def __init__(self, admin: Admin) -> None:
        self.admin = admin
        self._times: dict[tuple[str, int], int] = {}

    def decide(self, letter: Letter, period: int, when: datetime) -> Decided | None:
        """Decide on what the letter's workbook shows; None when there is nothing for this admin to do."""
        file = letter.workbooks[0]
        opened = _Review(file.data)
        chosen = {
            name: self._choose(opened, name, period) for name in opened.commitments() if self._decides(name)
        }
        entered = [name for name in opened.not_answered() if self._enter(opened, name, period)]
        if not chosen and not entered:
            return None
        for name in chosen:
            self._times[name, period] = self._times.get((name, period), 0) + 1
        held = tuple(name for name, verdict in chosen.items() if verdict.choice == "Hold")
        data = opened.save(when)
        return Decided(name=file.name, data=data, commitments=(*chosen, *entered), held=held)

    def decide_held(self, letter: Letter, decided: Decided, period: int, when: datetime) -> Decided | None:
        """A second look: the workbook again, with a decision on what was held only."""
        file = letter.workbooks[0]
        opened = _Review(file.data)
        waiting = [name for name in decided.held if self._times.get((name, period)) == 1]
        for name in waiting:
            self._choose(opened, name, period)
            self._times[name, period] = 2
        if not waiting:
            return None
        stem = file.name.removesuffix(".xlsx")
        return Decided(name=f"{stem}-again.xlsx", data=opened.save(when), commitments=tuple(waiting), held=())

    def _decides(self, commitment: str) -> bool:
        wanted = self.admin.only is None or commitment in self.admin.only
        return wanted and commitment not in self.admin.leaves

    def _choose(self, opened: _Review, commitment: str, period: int) -> Verdict:
        planned = self.admin.verdicts.get((commitment, period), (Verdict(),))
        verdict = planned[min(self._times.get((commitment, period), 0), len(planned) - 1)]
        opened.decide(commitment, verdict)
        return verdict

    def _enter(self, opened: _Review, commitment: str, period: int) -> bool:
        entry = self.admin.enters.get((commitment, period))
        if entry is None:
            return False
        opened.enter(commitment, entry)
        return True


class _Sheet:
    """One table of the workbook: its columns by their headings in lower case."""

    def __init__(self, sheet: Worksheet, *needed: str) -> None:
        self.sheet = sheet
        self.first, self._columns = _headings(sheet, needed)

    def rows(self) -> Iterator[int]:
        """Every row below the headings."""
        return iter(range(self.first, self.sheet.max_row + 1))

    def text(self, row: int, heading: str) -> str:
        """What a reader sees in a cell."""
        return str(self.sheet.cell(row, self._columns[heading]).value or "")

    def number(self, row: int, heading: str) -> Decimal | None:
        """The number in a cell; None when there is none."""
        value = self.sheet.cell(row, self._columns[heading]).value
        return Decimal(str(value)).quantize(_CENT) if isinstance(value, int | float) else None

    def put(self, row: int, heading: str, value: Decimal | str) -> None:
        """Type something into a cell."""
        self.sheet.cell(row, self._columns[heading]).value = value

    def row_of(self, heading: str, text: str) -> int:
        """The row with this text in a column."""
        return next(row for row in self.rows() if self.text(row, heading) == text)

    def section(self, commitment: str, heading: str) -> Iterator[int]:
        """The rows with a scheduled value below the heading of a commitment, up to the next heading."""
        inside = False
        for row in self.rows():
            if self.number(row, "scheduled value") is None:
                shown = self.text(row, heading)
                inside = shown.startswith(commitment + _SECTION) if shown else inside
            elif inside and not self.text(row, heading).startswith("Total "):
                yield row


def _headings(sheet: Worksheet, needed: tuple[str, ...]) -> tuple[int, dict[str, int]]:
    for row in sheet.iter_rows(max_row=12):
        found = {" ".join(str(cell.value or "").split()).lower(): cell.column or 0 for cell in row}
        number = int(row[0].row or 0)
        if found.keys() >= set(needed) and not sheet.row_dimensions[number].hidden:
            return number + 1, found
    raise LookupError(f"the sheet {sheet.title} has headings a person cannot read")


class _Review:
    """An opened review workbook."""

    def __init__(self, data: bytes) -> None:
        self._book: Workbook = load_workbook(io.BytesIO(data))
        self._applications = _Sheet(self._book["Applications"], "commitment", "decision", "reason")
        self._lines = _Sheet(self._book["Lines"], "item", "approved work this period", "reject line")
        self._silent = _Sheet(self._book["Not answered"], "commitment", "bill on behalf?", "reason")
        self._entries = _Sheet(self._book["On behalf"], "item", "scheduled value", "work this period")

    def commitments(self) -> list[str]:
        """The commitments whose applications wait."""
        return self._named(self._applications)

    def not_answered(self) -> list[str]:
        """The commitments without an application."""
        return self._named(self._silent)

    def decide(self, commitment: str, verdict: Verdict) -> None:
        """Enter a decision, and what goes with it on the lines."""
        row = self._applications.row_of("commitment", commitment)
        due = self._applications.number(row, "net due as claimed") or Decimal(0)
        credit = verdict.choice == "Approve" and due < 0
        self._applications.put(row, "decision", "Approve credit" if credit else verdict.choice)
        if verdict.reason:
            self._applications.put(row, "reason", verdict.reason)
        cuts = {cut.item: cut for cut in verdict.cuts}
        for line in self._lines.section(commitment, "item"):
            item = self._lines.text(line, "item")
            if item in cuts:
                self._cut(line, cuts[item])
            if item in verdict.rejected:
                self._lines.put(line, "reject line", "Reject")
                self._lines.put(line, "reason", verdict.rejected[item])

    def enter(self, commitment: str, entry: OnBehalf) -> None:
        """Enter an application for a subcontractor."""
        row = self._silent.row_of("commitment", commitment)
        self._silent.put(row, "bill on behalf?", "Yes")
        self._silent.put(row, "reason", entry.reason)
        for line, percent in zip(self._entries.section(commitment, "item"), entry.percents, strict=False):
            value = self._entries.number(line, "scheduled value")
            if percent is not None and value is not None:
                self._entries.put(line, "work this period", (value * percent / 100).quantize(_CENT))

    def save(self, when: datetime) -> bytes:
        """The file's bytes; the same for the same decisions and `when`."""
        self._book.properties.modified = when.replace(tzinfo=None, microsecond=0)
        return saved(self._book)

    def _cut(self, line: int, cut: Cut) -> None:
        claimed = self._lines.number(line, "approved work this period") or Decimal(0)
        approved = (claimed * (100 - cut.percent) / 100).quantize(_CENT)
        self._lines.put(line, "approved work this period", approved)
        self._lines.put(line, "reason", cut.reason)

    @staticmethod
    def _named(table: _Sheet) -> list[str]:
        return [name for row in table.rows() if (name := table.text(row, "commitment"))]
