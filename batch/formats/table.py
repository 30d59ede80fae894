"""Tables of the workbooks that admins and clients get: a hidden row of keys, headings, rows, totals.

A table is described by its columns; rows are given by column key. Readers find columns by the hidden keys,
never by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any

from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.money import decimals
from batch.formats import workbook as look
from batch.formats.pay_app.layout import fill

KEY_ROW, HEADING_ROW, FIRST_ROW = 3, 4, 5
#: Texts in the first column of rows that are no data.
SECTION_MARK, TOTAL_MARK = "#section", "#total"
# A width counts digits; running text in Calibri is narrower.
_LETTERS_PER_WIDTH = 1.1
_QUANTITY_FORMAT = "#,##0.00####"
_LINE_HEIGHT, _LEAST_HEIGHT, _MOST_HEIGHT = 15, 20, 200


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `kind`: text, wrap, amount, quantity, percent, number, input, input wrap, input amount or input
    quantity; width in characters.
    """

    key: str
    heading: str
    width: float
    kind: str = "text"
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A live formula and the value it has now, for programs that calculate nothing."""

    text: str
    value: Decimal | str


Value = Decimal | str | int | Formula | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table on a sheet. `cached` gathers the values of its formulas, for `workbook.save`; `styles` what
    cells that look alike share.

    `white`: cells that are not for input are white and not grey, as in a document for a client.
    """

    sheet: Worksheet
    columns: tuple[Column, ...]
    white: bool = False
    cached: dict[str, Decimal | str] = field(default_factory=dict)
    styles: dict[tuple[str, str, bool], Any] = field(default_factory=dict)

    def letter(self, key: str) -> str:
        """The letter of a column."""
        return get_column_letter([column.key for column in self.columns].index(key) + 1)

    def ref(self, key: str, row: int) -> str:
        """The cell of a column in a row."""
        return f"{self.letter(key)}{row}"

    def at(self, row: int) -> dict[str, str]:
        """Every cell of a row by column key, to be put into formulas."""
        return {column.key: self.ref(column.key, row) for column in self.columns}


def start(
    sheet: Worksheet,
    columns: Sequence[Column],
    terms: Mapping[str, str],
    *,
    title: str,
    note: str = "",
    white: bool = False,
) -> Table:
    """Title, note, hidden keys and headings. Headings hold `{words}` of `terms`."""
    table = Table(sheet=sheet, columns=tuple(columns), white=white)
    first = get_column_letter([column.hidden for column in columns].index(False) + 1)
    look.put_text(sheet[f"{first}1"], title)
    look.style_title(sheet[f"{first}1"])
    look.put_text(sheet[f"{first}2"], note)
    look.style_plain(sheet[f"{first}2"])
    sheet.row_dimensions[1].height = 26
    for number, column in enumerate(columns, 1):
        look.put_text(sheet.cell(KEY_ROW, number), column.key)
        sheet.column_dimensions[get_column_letter(number)].hidden = column.hidden
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    look.header_row(sheet, HEADING_ROW, [fill(column.heading, terms) for column in columns], height=34)
    sheet.row_dimensions[KEY_ROW].hidden = True
    sheet.sheet_view.showGridLines = False
    return table


def put_row(
    table: Table, row: int, values: Mapping[str, Value], currency: str, *, closed: Iterable[str] = ()
) -> None:
    """One row of data; a column that is not in `values` stays blank. Amounts are in `currency`.

    `closed`: input columns that are not for input in this row.
    """
    closed = frozenset(closed)
    for number, column in enumerate(table.columns, 1):
        cell = table.sheet.cell(row, number)
        _put(table, cell, values.get(column.key), currency)
        _dress(table, cell, column, currency, for_input="input" in column.kind and column.key not in closed)
    table.sheet.row_dimensions[row].height = _height(table, values)


def put_section(table: Table, row: int, text: str) -> None:
    """A heading inside the table."""
    for column in table.columns:
        look.style_section(table.sheet[table.ref(column.key, row)])
    look.put_text(table.sheet[table.ref(table.columns[0].key, row)], SECTION_MARK)
    look.put_text(table.sheet[table.ref(_first_shown(table), row)], text)
    _indent(table.sheet[table.ref(_first_shown(table), row)], "text")
    table.sheet.row_dimensions[row].height = 20


def put_total(
    table: Table, row: int, text: str, values: Mapping[str, Value], currency: str, *, ruled: bool = True
) -> None:
    """A row of totals, under a line unless it is only a part of one (`ruled` is False)."""
    for column in table.columns:
        cell = table.sheet[table.ref(column.key, row)]
        (look.style_total if ruled else look.style_plain)(cell)
        _put(table, cell, values.get(column.key), currency)
        _indent(cell, column.kind)
        _format(cell, column.kind, currency)
    look.put_text(table.sheet[table.ref(table.columns[0].key, row)], TOTAL_MARK)
    look.put_text(table.sheet[table.ref(_first_shown(table), row)], text)
    table.sheet.row_dimensions[row].height = 22


def put_note(table: Table, row: int, text: str) -> None:
    """A line of text instead of rows, such as that there are none."""
    look.put_text(table.sheet[table.ref(table.columns[0].key, row)], SECTION_MARK)
    cell = table.sheet[table.ref(_first_shown(table), row)]
    look.put_text(cell, text)
    look.style_plain(cell)


def added(table: Table, key: str, first: int, last: int, value: Decimal) -> Formula:
    """The sum of a column from row `first` to `last`, which is `value` now."""
    letter = table.letter(key)
    return Formula(text=f"=ROUND(SUM({letter}{first}:{letter}{last}),{{places}})", value=value)


def offer(
    table: Table, key: str, first: int, last: int, words: Sequence[str], *, title: str, prompt: str
) -> None:
    """A list of words to choose from; blank is allowed, anything else is refused."""
    rule = DataValidation(
        type="list",
        formula1=f'"{",".join(words)}"',
        allow_blank=True,
        showErrorMessage=True,
        showInputMessage=True,
        promptTitle=title,
        prompt=prompt,
        errorTitle=title,
        error=f"Please choose {' or '.join(words)}, or leave it blank.",
    )
    rule.add(f"{table.ref(key, first)}:{table.ref(key, max(first, last))}")
    table.sheet.add_data_validation(rule)


def finish(table: Table, *, freeze: str, locked: bool = True, pages_wide: int = 1) -> None:
    """Frozen panes left of and above column `freeze`, protection without a password, and the page set-up."""
    table.sheet.freeze_panes = table.ref(freeze, FIRST_ROW)
    if locked:
        look.protect(table.sheet)
    look.print_setup(table.sheet, repeat_rows=f"{HEADING_ROW}:{HEADING_ROW}")
    table.sheet.page_setup.fitToWidth = pages_wide
    if pages_wide > 1:
        table.sheet.print_title_cols = (
            f"{table.letter(_first_shown(table))}:{table.letter(_before(table, freeze))}"
        )


def _before(table: Table, key: str) -> str:
    keys = [column.key for column in table.columns]
    return keys[keys.index(key) - 1]


def _first_shown(table: Table) -> str:
    return next(column.key for column in table.columns if not column.hidden)


def _put(table: Table, cell: Any, value: Value, currency: str) -> None:
    if isinstance(value, Formula):
        cell.value = value.text.replace("{places}", str(decimals(currency)))
        table.cached[cell.coordinate] = value.value
    elif isinstance(value, str):
        look.put_text(cell, value)
    elif value is not None:
        look.put_number(cell, f"{value:f}" if isinstance(value, Decimal) else str(value))


def _dress(table: Table, cell: Any, column: Column, currency: str, *, for_input: bool) -> None:
    """Style a cell; cells that look alike share what openpyxl made of the first, which is much faster."""
    look_alike = (column.kind, currency, for_input)
    quoted = cell.quotePrefix
    if look_alike not in table.styles:
        (look.style_input if for_input else look.style_locked)(cell, wrap="wrap" in column.kind)
        if table.white and not for_input:
            cell.fill = PatternFill()
        _indent(cell, column.kind)
        _format(cell, column.kind, currency)
        cell.quotePrefix = False
        table.styles[look_alike] = cell._style  # noqa: SLF001
    cell._style = copy(table.styles[look_alike])  # noqa: SLF001
    if quoted:
        cell.quotePrefix = True


def _indent(cell: Any, kind: str) -> None:
    right = kind in ("amount", "input amount", "percent", "number") or "quantity" in kind
    side = "right" if right else "left"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text="wrap" in kind, indent=1)


def _format(cell: Any, kind: str, currency: str) -> None:
    if kind in ("amount", "input amount"):
        cell.number_format = look.amount_format(currency)
    elif kind == "percent":
        cell.number_format = look.PERCENT_FORMAT
    elif "quantity" in kind:
        cell.number_format = _QUANTITY_FORMAT
    elif kind != "number":
        cell.number_format = look.TEXT_FORMAT


def _height(table: Table, values: Mapping[str, Value]) -> float:
    wrapped = [(column, values.get(column.key)) for column in table.columns if "wrap" in column.kind]
    lines = max(
        (_lines(value, column.width) for column, value in wrapped if isinstance(value, str)), default=1
    )
    return min(max(_LEAST_HEIGHT, lines * _LINE_HEIGHT + 5), _MOST_HEIGHT)


def _lines(text: str, width: float) -> int:
    return sum(max(1, ceil(len(part) / (width * _LETTERS_PER_WIDTH))) for part in text.split("\n"))
