"""Write the register workbook: empty, for a person to fill in without a manual, or with the present
register in it.

Each sheet has a title, one sentence, a row of headings (dark: needed, light: may stay empty) and a grey row
of help with examples. Readers know the help row by its text, so nothing a person writes can be taken for
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.exchange import rate_text
from batch.core.methods import figure
from batch.core.money import HUNDRED
from batch.formats import workbook as look
from batch.formats.register.frozen import text_of
from batch.formats.register.kinds import Kind
from batch.formats.register.reading import Present, Reading, Values
from batch.formats.register.sheets import (
    BY_NAME,
    SHEETS,
    STAMP_HEADING,
    Key,
    Sheet,
    SheetColumn,
)
from batch.formats.register.start_page import write_start
from batch.formats.register.tables import help_text

TITLE_ROW, INTRO_ROW, HEADING_ROW, HELP_ROW, FIRST_ROW = 1, 2, 3, 4, 5
#: How far down the lists of choices reach.
_LAST_LISTED = 5000
_RATE_FORMAT = "0.00##%"
_FORMATS = {
    Kind.AMOUNT: "#,##0.00",
    Kind.RATE: _RATE_FORMAT,
    Kind.EXCHANGE_RATE: "0.00######",
    Kind.NUMBER: "#,##0.00####",
    Kind.DATE: look.DATE_FORMAT,
    Kind.INTEGER: "0",
}
_NUMERIC = frozenset({Kind.AMOUNT, Kind.RATE, Kind.EXCHANGE_RATE, Kind.NUMBER, Kind.INTEGER, Kind.DATE})
_VALUE_FONT = Font(name=look.FONT, size=11)
_UNDERLINE = Border(bottom=Side(style="thin", color="D9D9D9"))
_FIGURE = Alignment(vertical="top")
# Text a step in from the edge, or it sticks to the figure in the column before it.
_WORD = Alignment(vertical="top", horizontal="left", indent=1)
#: Points that a line of a value takes.
_ROW_LINE = 15
_WRAPPED = Alignment(vertical="top", horizontal="left", indent=1, wrap_text=True)
_WIDTHS = {
    Kind.TEXT: 30, Kind.CODE: 16, Kind.CHOICE: 16, Kind.AMOUNT: 16, Kind.RATE: 13, Kind.EXCHANGE_RATE: 15, Kind.DATE: 14,
    Kind.INTEGER: 12, Kind.NUMBER: 14,
    Kind.YES_NO: 11, Kind.EMAIL: 32, Kind.TIME: 11, Kind.LIST: 26,
}  # fmt: skip
#: Columns that can still be read when printed on the width of one page.
_ONE_PAGE = 14
#: Points a line of help takes, and characters of the small print that fit one unit of column width.
_LINE_HEIGHT, _FIT = 11.8, 1.6


def template(created: datetime) -> bytes:
    """An empty register workbook. `created`: the instant written into it; same instant, same bytes."""
    return _saved({}, None, created)


def export(present: Present, *, stamp: datetime) -> bytes:
    """The present register in the same layout; a hidden first column holds each row's revision.

    `stamp`: the instant of the export, shown on the first sheet and written into the file.
    """
    return _saved(present, stamp, stamp)


def _saved(present: Present, stamp: datetime | None, created: datetime) -> bytes:
    book = Workbook()
    start = book.worksheets[0]
    counts = {sheet.name: len(present.get(sheet.name, {})) for sheet in SHEETS}
    write_start(start, counts if stamp else None, stamp)
    known = Reading(present=present)
    for sheet in SHEETS:
        _write_sheet(book.create_sheet(sheet.title), sheet, known)
    look.describe(book, title="Register of progress billings", language="en")
    return look.save(book, created=created.astimezone(UTC))


def _write_sheet(page: Worksheet, sheet: Sheet, known: Reading) -> None:
    look.put_text(page.cell(TITLE_ROW, 2), sheet.title)
    look.style_title(page.cell(TITLE_ROW, 2))
    look.put_text(page.cell(INTRO_ROW, 2), sheet.intro)
    page.cell(INTRO_ROW, 2).font = Font(name=look.FONT, size=11, color="404040")
    _write_stamp_heading(page)
    for at, column in enumerate(sheet.columns, 2):
        _write_heading(page, at, column)
    page.row_dimensions[TITLE_ROW].height = 26
    page.row_dimensions[HEADING_ROW].height = 34
    page.row_dimensions[HELP_ROW].height = max(_help_height(column) for column in sheet.columns)
    page.freeze_panes = f"{get_column_letter(2 + _frozen_columns(sheet))}{FIRST_ROW}"
    look.print_setup(page, repeat_rows=f"{HEADING_ROW}:{HEADING_ROW}")
    page.page_setup.fitToWidth = 1 if len(sheet.columns) <= _ONE_PAGE else 2
    _write_rows(page, sheet, known)


def _frozen_columns(sheet: Sheet) -> int:
    # The names of a row stay in view; never more than two columns, or a narrow window shows nothing else.
    return min(2, len(sheet.key)) if sheet.name != "correction" else 1


def _write_stamp_heading(page: Worksheet) -> None:
    look.put_text(page.cell(HEADING_ROW, 1), STAMP_HEADING)
    look.style_note(page.cell(HEADING_ROW, 1))
    page.column_dimensions["A"].hidden = True


def _write_heading(page: Worksheet, at: int, column: SheetColumn) -> None:
    heading, help_cell = page.cell(HEADING_ROW, at), page.cell(HELP_ROW, at)
    look.put_text(heading, column.shown.heading)
    look.style_header(heading)
    if not column.required:
        heading.fill = PatternFill("solid", fgColor="D9E2F3")
        heading.font = Font(name=look.FONT, size=11, bold=True, color=look.DARK_BLUE)
    look.put_text(help_cell, help_text(column))
    help_cell.font = Font(name=look.FONT, size=9, italic=True, color="595959")
    help_cell.fill = PatternFill("solid", fgColor=look.GREY)
    help_cell.alignment = Alignment(vertical="top", wrap_text=True, horizontal="left", indent=1)
    help_cell.border = Border(right=Side(style="thin", color="D9D9D9"))
    dimension = page.column_dimensions[get_column_letter(at)]
    dimension.width = _width(column)
    # The whole column, so that a code typed into an empty row stays as typed: 0123, 3-1.
    dimension.number_format = _FORMATS.get(column.kind, look.TEXT_FORMAT)
    if column.choices:
        _offer(page, at, column)


def _width(column: SheetColumn) -> float:
    return _WIDTHS[column.kind] + (16 if column.field in ("description", "reason") else 0)


def _help_height(column: SheetColumn) -> float:
    fit = (_width(column) - 2) * _FIT
    lines = 0
    for paragraph in help_text(column).split("\n"):
        lines += _wrapped(paragraph, fit)
    return min(lines * _LINE_HEIGHT + 6, 400)


def _wrapped(text: str, fit: float) -> int:
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > fit:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
    return lines


def _offer(page: Worksheet, at: int, column: SheetColumn) -> None:
    # The words stand in the rule itself: a list on another sheet does not survive every spreadsheet program.
    offered = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    offered.errorTitle, offered.error = column.shown.heading, f"Choose one of: {', '.join(column.choices)}."
    letter = get_column_letter(at)
    offered.add(f"{letter}{FIRST_ROW}:{letter}{_LAST_LISTED}")
    page.add_data_validation(offered)


def _write_rows(page: Worksheet, sheet: Sheet, known: Reading) -> None:
    for number, (key, (values, revision)) in enumerate(_in_order(sheet, known.present), FIRST_ROW):
        page.cell(number, 1, revision)
        shown = {**_checks(sheet, key, known), **values}
        currency = _currency(sheet, key, values, known)
        for at, column in enumerate(sheet.columns, 2):
            _write_value(page, number, at, column, _as_shown(sheet, column, shown), currency)
        _fit_row(page, number, sheet)


def _fit_row(page: Worksheet, number: int, sheet: Sheet) -> None:
    """Make a row as high as its longest text needs: not every program does that by itself."""
    lines = 1
    for at, column in enumerate(sheet.columns, 2):
        if column.kind in (Kind.TEXT, Kind.LIST):
            paragraphs = str(page.cell(number, at).value or "").split("\n")
            # The cells' letters are larger than those of the help above them.
            fit = (_width(column) - 4) * _FIT * 8 / 11
            lines = max(lines, sum(_wrapped(paragraph, fit) for paragraph in paragraphs))
    if lines > 1:
        page.row_dimensions[number].height = lines * _ROW_LINE + 3


def _in_order(sheet: Sheet, present: Present) -> Iterable[tuple[Key, tuple[Values, int]]]:
    rows = present.get(sheet.name, {}).items()
    # Lines in their own order, everything else by its key, so that two exports of one state are the same.
    return sorted(
        rows, key=lambda item: (_sortable(item[0][:1]), item[1][0].get("position") or 0, _sortable(item[0]))
    )


def _sortable(key: Key) -> list[str]:
    return [f"{part:09}" if isinstance(part, int) else text_of(part) for part in key]


def _as_shown(sheet: Sheet, column: SheetColumn, values: Mapping[str, object]) -> object:
    value = values.get(column.field)
    if sheet.name != "correction" or column.field not in ("sheet", "field"):
        return value
    corrected = BY_NAME[str(values["sheet"])]
    return corrected.title if column.field == "sheet" else corrected.column(str(value)).shown.heading


def _currency(sheet: Sheet, key: Key, values: Values, known: Reading) -> str:
    own = values.get("currency")
    if own is None and any(column.field == "commitment" for column in sheet.columns):
        own = known.value("commitment", key[:1], "currency")
    return str(own or known.value("client_contract", key[:1], "currency") or "USD")


def _checks(sheet: Sheet, key: Key, known: Reading) -> Values:
    """Values of the columns that are compared and not stored: the sums of the lines."""
    if sheet.name == "client_contract":
        return {
            "contract_sum": _sum(
                line for _, line in known.all("client_line", key[0]) if not line.get("change_order")
            )
        }
    if sheet.name == "client_change_order":
        return {
            "amount": _sum(
                line for _, line in known.all("client_line", key[0]) if line.get("change_order") == key[1]
            )
        }
    lines = (
        [line for _, line in known.all("sov_line", key[0])]
        if sheet.name in ("commitment", "change_order")
        else []
    )
    if sheet.name == "commitment":
        return {"contract_sum": _sum(line for line in lines if line.get("change_order") is None)}
    if sheet.name == "change_order":
        return {"amount": _sum(line for line in lines if line.get("change_order") == key[1])}
    return {}


def _sum(lines: Iterable[Values]) -> Decimal | None:
    amounts = [value for line in lines if isinstance(value := line.get("scheduled_value"), Decimal)]
    return sum(amounts, Decimal(0)) if amounts else None


def _write_value(
    page: Worksheet, row: int, at: int, column: SheetColumn, value: object, currency: str
) -> None:
    cell = page.cell(row, at)
    _style_value(cell, column)
    cell.number_format = _FORMATS.get(column.kind, look.TEXT_FORMAT)
    if value is None:
        return
    if column.kind is Kind.AMOUNT and isinstance(value, Decimal):
        look.put_amount(cell, value, currency)
    elif column.kind is Kind.RATE and isinstance(value, Decimal):
        look.put_number(cell, f"{(value / HUNDRED).normalize():f}")
    elif column.kind is Kind.EXCHANGE_RATE and isinstance(value, Decimal):
        look.put_number(cell, rate_text(value))
    elif column.kind is Kind.NUMBER and isinstance(value, Decimal):
        look.put_number(cell, figure(value))
    elif column.kind is Kind.DATE and isinstance(value, date):
        look.put_date(cell, value)
    elif column.kind is Kind.INTEGER and isinstance(value, int):
        cell.value = value
    else:
        look.put_text(cell, text_of(value))


def _style_value(cell: look.AnyCell, column: SheetColumn) -> None:
    cell.font = _VALUE_FONT
    cell.border = _UNDERLINE
    if column.kind in _NUMERIC:
        cell.alignment = _FIGURE
    else:
        cell.alignment = _WRAPPED if column.kind in (Kind.TEXT, Kind.LIST) else _WORD
