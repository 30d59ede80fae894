"""The demo's register workbook: the template, filled in as an admin would.

One company, two admins, three projects: a clinic in Chicago, offices in London and a pump station in Los
Angeles that is mostly bought by purchase orders. All dates are fixed and past.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from batch.demo.register_rows import ROWS
from batch.formats import workbook as look
from batch.formats.register.template import FIRST_ROW, HEADING_ROW, template

#: What stands in a cell: text, a number, a date, or nothing.
CellValue = str | int | Decimal | date | None
#: Rows by sheet title, each with its cells by heading.
SheetRows = Mapping[str, Iterable[Mapping[str, CellValue]]]


def demo_register(created: datetime) -> bytes:
    """The demo's register workbook. `created`: the instant written into it; same instant, same bytes."""
    return fill(template(created), ROWS, created)


def fill(workbook: bytes, rows: SheetRows, created: datetime) -> bytes:
    """Write rows into an empty register workbook. Raises KeyError for a title or heading that it does not
    have.
    """
    book = load_workbook(io.BytesIO(workbook))
    for title, lines in rows.items():
        page = book[title]
        columns = {str(cell.value): cell.column for cell in page[HEADING_ROW] if cell.value is not None}
        for number, line in enumerate(lines, FIRST_ROW):
            for heading, value in line.items():
                _put(page, number, columns[heading], value)
    return look.save(book, created=created)


def _put(page: Worksheet, row: int, column: int, value: CellValue) -> None:
    cell = page.cell(row, column)
    # A new cell takes on the format of its column in a spreadsheet program; openpyxl leaves that to us.
    cell.number_format = page.column_dimensions[get_column_letter(column)].number_format
    match value:
        case None:
            pass
        case date():
            look.put_date(cell, value)
        case Decimal():
            look.put_number(cell, f"{value:f}")
        case int():
            cell.value = value
        case str():
            look.put_text(cell, value)
