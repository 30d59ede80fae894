"""One row of a table of the review workbook, and how its cells are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from batch.core.findings import Finding
from batch.core.methods import QUANTITY_PLACES
from batch.core.numbers import Trouble, read_exact, read_number
from batch.core.returned import Cell
from batch.core.review_entries import Place
from batch.core.reviewing import finding_at

#: How people tick a cell, in lower case.
_TICKS = frozenset({"x", "yes", "y", "true", "1", "reject", "✓", "✔", "✗"})
_NO_TICKS = frozenset({"", "no", "n", "false", "0", "-"})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: its cells by column key."""

    number: int
    cells: Mapping[str, Cell]

    def text(self, key: str) -> str:
        """The text of a cell without spaces around it, '' for a blank."""
        return self.cells[key].text.strip()

    def place(self, key: str) -> Place:
        """Where a cell of this row stands."""
        cell = self.cells[key]
        return Place(sheet=cell.sheet, cell=cell.ref)

    def is_data(self, key: str) -> bool:
        """Whether it is a row of data and not a heading, a section or a total; `key` is its first column."""
        return not self.text(key).startswith("#")


def amount_of(row: Row, key: str, currency: str, line: str) -> Decimal | Finding | None:
    """The amount in a cell, exact in the currency; None for a blank; a finding when it cannot be read."""
    cell = row.cells[key]
    if cell.blank:
        return None
    value = read_number(cell, currency)
    if isinstance(value, Trouble):
        return finding_at(value.code, row.place(key), line=line, found=cell.text, expected="an amount")
    return value


def quantity_of(row: Row, key: str, line: str) -> Decimal | Finding | None:
    """The quantity in a cell; None for a blank, and where the table has no such column."""
    cell = row.cells.get(key)
    if cell is None or cell.blank:
        return None
    value = read_exact(cell, QUANTITY_PLACES, row.text("unit") if "unit" in row.cells else "")
    if isinstance(value, Trouble):
        return finding_at(value.code, row.place(key), line=line, found=cell.text, expected="a quantity")
    return value


def follows(row: Row, quantity: str, work: str) -> bool:
    """Whether the work of a line is still the workbook's own formula of its quantity."""
    cell = row.cells.get(quantity)
    return cell is not None and not cell.blank and bool(row.cells[work].formula)


def tick_of(row: Row, key: str, word: str, line: str = "") -> bool | Finding:
    """Whether a cell is ticked; a finding when it holds something that is neither yes nor no."""
    text = row.text(key)
    if text.casefold() in _NO_TICKS:
        return False
    if text.casefold() in _TICKS:
        return True
    return finding_at("decision-unknown", row.place(key), line=line, found=text, expected=f"{word}, or blank")
