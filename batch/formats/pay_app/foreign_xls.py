"""An old Excel workbook (.xls), through xlrd: it alone tells errors, blanks and percentages apart."""

from __future__ import annotations

import io

import xlrd
import xlrd.biffh

from batch.core.returned import CellKind
from batch.formats.pay_app.foreign_cells import Cells, number_text
from batch.formats.pay_app.grid import MOST_CELLS, Grid
from batch.formats.pay_app.parts import MOST_SHEETS, shows_percent
from batch.formats.pay_app.read import Opened
from batch.formats.pay_app.sniff import refusal


def open_xls(data: bytes) -> Opened:
    """The sheets and names of the workbook. Raises RefusedError, or what xlrd raises, for a damaged file."""
    # Its notes on odd records go nowhere: standard output belongs to the command.
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
    except xlrd.biffh.XLRDError as problem:
        if "encrypted" in str(problem).lower():
            raise refusal(
                "workbook-encrypted", "a workbook locked with a password", "a workbook without a password"
            ) from None
        raise
    percent = frozenset(
        index
        for index, style in enumerate(book.xf_list)
        if shows_percent(style.format_key, book.format_map[style.format_key].format_str)
    )
    left, grids = MOST_CELLS, []
    for sheet in book.sheets()[:MOST_SHEETS]:
        grid = _grid(sheet, percent, left)
        left -= len(grid.cells)
        grids.append(grid)
    names = tuple((name.name, _constant(name.result)) for name in book.name_obj_list)
    return Opened(grids=tuple(grids), names=names, properties=())


def _grid(sheet: xlrd.sheet.Sheet, percent: frozenset[int], most: int) -> Grid:
    cells = Cells(sheet.name, most)
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            kind, text = _content(sheet.cell_type(row, column), sheet.cell_value(row, column))
            if kind is not CellKind.BLANK:
                style = sheet.cell_xf_index(row, column)
                cells.put(row + 1, column + 1, kind, text, percent=style in percent)
    return cells.grid()


def _content(kind: int, value: object) -> tuple[CellKind, str]:
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE) and isinstance(value, float):
        return CellKind.NUMBER, number_text(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return CellKind.BOOLEAN, "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_ERROR:
        return CellKind.ERROR, xlrd.error_text_from_code.get(int(str(value)), "#ERROR!")
    text = str(value) if kind == xlrd.XL_CELL_TEXT else ""
    return (CellKind.TEXT, text) if text else (CellKind.BLANK, "")


def _constant(result: object) -> str:
    """The text a name stands for; '' for one that stands for cells."""
    value = getattr(result, "value", None)
    return value if isinstance(value, str) else ""
