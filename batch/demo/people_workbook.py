"""A pay application as a person in front of a spreadsheet program sees it: headings, lines, yellow cells.

Columns are found by the headings a reader sees, in the words of any country. Standard library and openpyxl
only.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

#: How each column is recognised by its heading, in lower case.
_HEADINGS: dict[str, Callable[[str], bool]] = {
    "item": lambda text: text == "item",
    "description": lambda text: text == "description",
    "percent": lambda text: text.startswith("% complete"),
    "work": lambda text: text.startswith("or work this period"),
    "stored": lambda text: text.endswith(" now"),
    "sent_back": lambda text: text.startswith("sent back"),
    "value": lambda text: text == "scheduled value",
    "before": lambda text: text == "billed before",
    "comment": lambda text: text == "your comment",
}
_RED = "FFC7CE"
_CENT = Decimal("0.01")
# The date of everything inside a saved file; the earliest a zip can hold.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of work: its row, and the figures beside it when the file was opened."""

    row: int
    item: str
    value: Decimal
    before: Decimal
    stored: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be billed as work, stored materials staying where they are."""
        return self.value - self.before - self.stored


class PayApplication:
    """An opened pay application, to be filled in and saved."""

    def __init__(self, data: bytes) -> None:
        self._book: Workbook = load_workbook(io.BytesIO(data))
        shown = load_workbook(io.BytesIO(data), data_only=True)
        self._sheet: Worksheet = self._book["Lines"]
        self._heading_row, self._columns = _find_headings(shown["Lines"])
        self.lines: tuple[Line, ...] = tuple(self._read_lines(shown["Lines"]))

    def get(self, line: Line, column: str) -> object:
        """What stands in a cell."""
        return self._cell(line, column).value

    def put(self, line: Line, column: str, value: Decimal | str | None) -> None:
        """Type something into a cell of a line."""
        self._cell(line, column).value = value

    def is_red(self, line: Line, column: str) -> bool:
        """Whether a cell was marked as wrong."""
        return str(self._cell(line, column).fill.fgColor.rgb).endswith(_RED)

    def answer(self, label: str, value: str) -> None:
        """Type something beside a label on the summary, such as 'Your invoice number'."""
        sheet = self._book["Summary"]
        beside = next(cell for cell in _cells(sheet) if str(cell.value or "").startswith(label))
        sheet.cell(beside.row, beside.column + 1).value = value

    def save(self, when: datetime) -> bytes:
        """The file's bytes; the same for the same entries and `when`."""
        stamp = when.replace(tzinfo=None, microsecond=0)
        self._book.properties.modified = stamp
        return saved(self._book)

    def _cell(self, line: Line, column: str) -> Cell:
        cell = self._sheet.cell(line.row, self._columns[column])
        assert isinstance(cell, Cell), "no cell of the table is merged"
        return cell

    def _read_lines(self, shown: Worksheet) -> Iterator[Line]:
        for row in range(self._heading_row + 1, shown.max_row + 1):
            texts = {name: shown.cell(row, column).value for name, column in self._columns.items()}
            if texts["description"] and isinstance(texts["value"], int | float):
                yield Line(
                    row=row,
                    item=str(texts["item"]),
                    value=_number(texts["value"]),
                    before=_number(texts["before"]),
                    stored=_number(texts["stored"]),
                )


def _find_headings(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    for row in sheet.iter_rows(max_row=20):
        found = {
            name: int(cell.column)
            for cell in row
            for name, fits in _HEADINGS.items()
            if isinstance(cell.value, str) and fits(" ".join(cell.value.split()).lower())
        }
        if found.keys() == _HEADINGS.keys():
            return int(row[0].row or 0), found
    raise LookupError("the table of lines has headings a person cannot read")


def _cells(sheet: Worksheet) -> Iterator[Cell]:
    return (cell for row in sheet.iter_rows() for cell in row if isinstance(cell, Cell))


def _number(value: object) -> Decimal:
    return Decimal(str(value)).quantize(_CENT) if isinstance(value, int | float) else Decimal("0.00")


def saved(book: Workbook) -> bytes:
    """A workbook's bytes without the moment of writing in them."""
    plain, fixed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _ZIP_DATE), old.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


#: Something a person does in an opened pay application.
Entry = Callable[[PayApplication], None]


def percents(*plan: int | None) -> Entry:
    """Enter percent to date line by line; None leaves a line alone, and a short plan begins again.

    A line that was billed further than the plan gets no entry.
    """

    def enter(opened: PayApplication) -> None:
        for line, percent in zip(opened.lines, _again(plan, len(opened.lines)), strict=True):
            if percent is not None and _goes_on(line, percent):
                opened.put(line, "percent", Decimal(percent) / 100)

    return enter


def _goes_on(line: Line, percent: int) -> bool:
    return bool(line.value) and percent > 100 * line.before / line.value


def amounts(*plan: int | None) -> Entry:
    """Enter the work of this period in whole units of currency, as so many percent of the scheduled value."""

    def enter(opened: PayApplication) -> None:
        for line, percent in zip(opened.lines, _again(plan, len(opened.lines)), strict=True):
            if percent is not None:
                wanted = (line.value * percent / 100).quantize(Decimal(1)) * 1
                opened.put(line, "work", min(wanted, line.left) if line.value > 0 else max(wanted, line.left))

    return enter


def stored(item: str, percent: int) -> Entry:
    """Enter materials stored now on one line, as so many percent of its scheduled value."""

    def enter(opened: PayApplication) -> None:
        line = _line(opened, item)
        opened.put(line, "stored", (line.value * percent / 100).quantize(_CENT))

    return enter


def built_in(item: str) -> Entry:
    """All stored materials of one line are built in: no longer stored, but work."""

    def enter(opened: PayApplication) -> None:
        line = _line(opened, item)
        opened.put(line, "stored", Decimal("0.00"))
        opened.put(line, "percent", None)
        opened.put(line, "work", line.stored)

    return enter


def too_much(item: str, beyond: int) -> Entry:
    """Bill one line beyond its value."""

    def enter(opened: PayApplication) -> None:
        line = _line(opened, item)
        opened.put(line, "percent", None)
        opened.put(line, "work", line.left + beyond)

    return enter


def invoice(number: str) -> Entry:
    """Enter the own invoice number."""
    return lambda opened: opened.answer("Your invoice number", number)


def nothing_to_bill(opened: PayApplication) -> None:
    """Tick that there is nothing to bill."""
    opened.answer("Nothing to bill", "Yes")


def correct_red_lines(opened: PayApplication) -> None:
    """Bring every line that was marked as wrong down to what may still be billed."""
    for line in opened.lines:
        if any(opened.is_red(line, column) for column in ("percent", "work", "stored")):
            opened.put(line, "percent", None)
            opened.put(line, "work", line.left)


def lower_what_was_sent_back(opened: PayApplication) -> None:
    """Halve the work on every line that a reviewer sent back; on all lines when no line is named."""
    named = [line for line in opened.lines if opened.get(line, "sent_back")]
    for line in named or opened.lines:
        work = opened.get(line, "work")
        if isinstance(work, int | float) and work:
            opened.put(line, "work", (_number(work) / 2).quantize(_CENT))
            opened.put(line, "comment", "Corrected as you asked.")


def filled(data: bytes, entries: Sequence[Entry], when: datetime) -> bytes:
    """A workbook's bytes after entries were made in it, saved at `when`."""
    opened = PayApplication(data)
    for enter in entries:
        enter(opened)
    return opened.save(when)


def _again(plan: Sequence[int | None], length: int) -> list[int | None]:
    return [plan[index % len(plan)] for index in range(length)]


def _line(opened: PayApplication, item: str) -> Line:
    return next(line for line in opened.lines if line.item == item)
