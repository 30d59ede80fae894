"""Collects the cells of a sheet of another format within the limits of our own reader."""

from __future__ import annotations

from batch.core.returned import Cell, CellKind
from batch.formats.pay_app.grid import LAST_COLUMN, LAST_ROW, MOST_CELLS, Grid, letters
from batch.formats.pay_app.parts import LONGEST_TEXT
from batch.formats.pay_app.sniff import refusal


class Cells:
    """The cells of one sheet as they are found. `most` is how many may still hold something."""

    def __init__(self, sheet: str, most: int = MOST_CELLS) -> None:
        self._sheet, self._most = sheet, most
        self._cells: dict[tuple[int, int], Cell] = {}

    def put(
        self, row: int, column: int, kind: CellKind, text: str, *, formula: str = "", percent: bool = False
    ) -> None:
        """Keep one cell; row and column count from 1. Far ones and blank ones are passed over.

        Raises RefusedError beyond the limit of cells.
        """
        if kind is CellKind.BLANK or row > LAST_ROW or column > LAST_COLUMN:
            return
        if len(self._cells) >= self._most:
            raise refusal("workbook-too-large", f"more than {MOST_CELLS} cells", "a pay application")
        self._cells[row, column] = Cell(
            sheet=self._sheet,
            ref=f"{letters(column)}{row}",
            kind=kind,
            text=text[:LONGEST_TEXT],
            formula=formula[:LONGEST_TEXT],
            shown_as_percent=percent and kind is CellKind.NUMBER,
        )

    def grid(self) -> Grid:
        """The sheet."""
        return Grid(sheet=self._sheet, cells=self._cells, elements=len(self._cells))


def number_text(value: float) -> str:
    """A stored double as the shortest text that gives it back: 45, 1234.56."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
