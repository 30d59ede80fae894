"""An Excel binary workbook (.xlsb), through python-calamine.

It gives values only: an error and a formula that was never calculated come as blanks, and a percentage as its
fraction. So a fraction in a column of percentages is asked about, and the file is held for a person like the others.
"""

from __future__ import annotations

import io

from python_calamine import CalamineWorkbook

from batch.core.returned import CellKind
from batch.formats.pay_app.foreign_cells import Cells, number_text
from batch.formats.pay_app.grid import LAST_ROW, MOST_CELLS, Grid
from batch.formats.pay_app.parts import MOST_SHEETS
from batch.formats.pay_app.read import Opened


def open_xlsb(data: bytes) -> Opened:
    """The sheets of the workbook. Raises what calamine raises for a damaged file."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    left, grids = MOST_CELLS, []
    for name in book.sheet_names[:MOST_SHEETS]:
        grid = _grid(book, name, left)
        left -= len(grid.cells)
        grids.append(grid)
    return Opened(grids=tuple(grids), names=(), properties=())


def _grid(book: CalamineWorkbook, name: str, most: int) -> Grid:
    cells = Cells(name, most)
    sheet = book.get_sheet_by_name(name)
    rows = sheet.to_python(skip_empty_area=False, nrows=LAST_ROW) if sheet.end else []
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            cells.put(row, column, *_content(value))
    return cells.grid()


def _content(value: object) -> tuple[CellKind, str]:
    if isinstance(value, bool):
        return CellKind.BOOLEAN, str(value).upper()
    if isinstance(value, int | float):
        return CellKind.NUMBER, number_text(float(value))
    text = str(value)
    return (CellKind.TEXT, text) if text else (CellKind.BLANK, "")
