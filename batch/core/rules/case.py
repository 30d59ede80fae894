"""What every rule is given: a returned workbook, read against the basis it was issued on.

Reading happens once, in `reading.py`. A rule looks at a `Case` and yields findings; it reads no input again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from batch.core import money
from batch.core.billing import as_in_workbook, bill
from batch.core.findings import Finding, Severity
from batch.core.model import Basis, Bill, BilledLine, LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO, Rounding
from batch.core.numbers import shown_amount
from batch.core.returned import Cell, CellKind, Returned, ReturnedLine

#: Input columns of the continuation table.
PERCENT, WORK, QUANTITY, STORED, RELEASE = (
    "percent_to_date",
    "work_this_period",
    "quantity_to_date",
    "materials_stored",
    "retainage_release",
)
INPUTS = (PERCENT, WORK, QUANTITY, STORED, RELEASE)
_TICKS = frozenset({"x", "yes", "y", "true", "1", "✓", "✔"})
#: Longest piece of a cell's text that a finding repeats.
_LONGEST = 60


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the schedule of values as it came back. `amounts` is None when an input cannot be read.

    `filled` tells that the sender entered something on the line; a pre-filled balance left as it was does
    not count.
    """

    line: SovLine
    prior: LinePosition
    row: ReturnedLine
    amounts: LineAmounts | None
    troubles: tuple[Finding, ...]
    filled: bool


@dataclass(frozen=True, kw_only=True)
class Case:
    """A returned workbook as read. `bill` is computed from `claim`, `issued` is the same workbook with
    nothing entered.
    """

    returned: Returned
    basis: Basis
    expected_tokens: frozenset[str]
    entries: Mapping[str, Entry]
    repeated: tuple[ReturnedLine, ...]
    unknown: tuple[ReturnedLine, ...]
    missing: tuple[SovLine, ...]
    claim: Mapping[str, LineAmounts]
    bill: Bill
    issued: Bill

    @property
    def billed(self) -> tuple[BilledLine, ...]:
        """The computed lines of the claim: those that could be read."""
        return tuple(row for row in self.bill.lines if row.line.key in self.claim)

    @property
    def disturbed(self) -> bool:
        """Whether rows are gone, doubled, added or unreadable, so that sums of the sheet cannot be
        followed.
        """
        return bool(self.repeated or self.unknown or self.missing or len(self.claim) < len(self.entries))

    @cached_property
    def sheet(self) -> Bill:
        """The claim's bill with its retainage as the workbook is to show it."""
        return as_in_workbook(self.bill, self.basis)

    @cached_property
    def sheet_issued(self) -> Bill:
        """The same for the workbook with nothing entered."""
        return as_in_workbook(self.issued, self.basis)

    @cached_property
    def held_unreleased(self) -> Mapping[str, Decimal]:
        """What would be held on every line after this claim if nothing were released, by line key."""
        kept = {key: replace(each, release=ZERO) for key, each in self.claim.items()}
        return {row.line.key: row.retainage_held for row in bill(self.basis, kept).lines}

    @property
    def outdated(self) -> bool:
        """Whether the workbook says that it is of another issue or schedule of values than the basis."""
        said, basis = self.returned.identity, self.basis
        return not (agrees(said.issue, basis.issue) and agrees(said.sov_version, basis.sov_version))

    @property
    def nothing_to_bill(self) -> bool:
        """Whether the summary's tick says that there is nothing to bill."""
        cell = self.returned.summary.get("nothing_to_bill")
        return cell is not None and cell.text.strip().casefold() in _TICKS

    def cell(self, key: str, column: str) -> Cell | None:
        """The cell of a known line in a column, or None when the workbook has none."""
        entry = self.entries.get(key)
        return entry.row.cells.get(column) if entry else None

    def entered(self, key: str, *columns: str) -> Cell | None:
        """The first of these cells of a line that is not blank."""
        found = (self.cell(key, column) for column in columns)
        return next((cell for cell in found if cell is not None and not cell.blank), None)

    def prior(self, key: str) -> LinePosition:
        """What the ledger holds for a line."""
        return self.basis.positions.get(key, LinePosition())

    def finding(
        self,
        code: str,
        severity: Severity,
        *,
        cell: Cell | None = None,
        line: str = "",
        found: Decimal | str = "",
        expected: Decimal | str = "",
        difference: Decimal | str = "",
    ) -> Finding:
        """A finding at a cell, with its amounts as plain text in the commitment's currency."""
        return Finding(
            code=code,
            severity=severity,
            sheet=cell.sheet if cell else "",
            cell=cell.ref if cell else "",
            line=line,
            found=plain(found, self.basis.currency),
            expected=plain(expected, self.basis.currency),
            difference=plain(difference, self.basis.currency),
        )

    def departs(self, cell: Cell | None, expected: Decimal, issued: Decimal) -> Decimal | None:
        """The amount a calculated cell shows when it is not the expected one; None when it is, or shows
        none.

        A formula that still shows what was issued was not calculated again by the sender's program: no
        departure.
        """
        value = shown_amount(cell, self.basis.currency)
        if cell is None or value is None or (cell.formula and value == issued):
            return None
        return value if abs(value - expected) > self._slack else None

    @property
    def _slack(self) -> Decimal:
        """Spreadsheets round half away from zero; a project that rounds half to even may be a unit a
        line apart.
        """
        if self.basis.rounding is Rounding.HALF_UP:
            return ZERO
        return money.unit(self.basis.currency) * len(self.basis.lines)


Rule = Callable[[Case], Iterable[Finding]]


def agrees(said: str, expected: str | int) -> bool:
    """Whether a carrier of identity agrees; one that was lost does not disagree. '3' and '3.0' are the
    same number.
    """
    text = re.sub(r"\.0+$", "", said.strip())
    return not text or text.casefold() == str(expected).strip().casefold()


def sign_of(line: SovLine) -> int:
    """-1 for a deductive line, else 1: what is checked upwards on a line is checked downwards on a
    deductive one.
    """
    return -1 if line.scheduled_value < 0 else 1


def text_of(cell: Cell) -> str:
    """The text of a cell, short enough to be repeated in a sentence."""
    text = " ".join((cell.formula or cell.text if cell.kind is CellKind.UNCALCULATED else cell.text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def plain(value: Decimal | str, currency: str) -> str:
    """An amount as plain text at the currency's decimals, of any size; text stays as it is."""
    return value if isinstance(value, str) else f"{money.rounded(value, currency):f}"
