"""A sheet saved as text (.csv): one sheet, values as they were shown, everything text."""

from __future__ import annotations

import codecs
import csv
import io

from batch.core.returned import CellKind
from batch.formats.pay_app.foreign_cells import Cells
from batch.formats.pay_app.grid import LAST_ROW
from batch.formats.pay_app.parts import LONGEST_TEXT
from batch.formats.pay_app.read import Opened
from batch.formats.pay_app.sniff import refusal

#: There are no tabs in a text file; findings name the sheet so.
SHEET = "CSV"
_LARGEST = 4 * 1024 * 1024
_SEPARATORS = (";", "\t", ",")


def open_csv(data: bytes) -> Opened:
    """The cells of a text file: UTF-8, UTF-16 with a mark, else Windows-1252. Raises RefusedError when too large."""
    if len(data) > _LARGEST:
        raise refusal("workbook-too-large", "a text file of more than 4 MB", "a pay application")
    text = _decoded(data)
    cells = Cells(SHEET)
    csv.field_size_limit(LONGEST_TEXT * 4)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        for number, row in zip(range(1, LAST_ROW + 1), rows, strict=False):
            for column, value in enumerate(row, 1):
                cells.put(number, column, CellKind.TEXT if value.strip() else CellKind.BLANK, value)
    except csv.Error:
        raise refusal("workbook-unreadable", "a damaged text file") from None
    return Opened(grids=(cells.grid(),), names=(), properties=())


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """The separator found most in the row of column keys, or without one in the first lines: a formula saved as text has
    commas of its own, and where commas are decimal marks it is the semicolon.
    """
    lines = text[:20_000].splitlines()
    keys = next((line for line in lines if "line_key" in line), "\n".join(lines))
    return max(_SEPARATORS, key=keys.count)
