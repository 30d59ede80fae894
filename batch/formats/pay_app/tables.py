"""The sheets of a pay application that are for information: change orders and deductions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.change_orders import change_order_box
from batch.core.model import Basis
from batch.core.money import ZERO
from batch.formats import workbook as look
from batch.formats.pay_app import layout

_FIRST_ROW, _TOTAL_ROW = 5, 6
_AMOUNT = 3
Row = tuple[str, str, Decimal, str]


def fill_change_orders(sheet: Worksheet, basis: Basis) -> None:
    """Approved change orders, then pending ones. The total is that of the approved ones, summary line 2."""
    approved = _approved(basis)
    pending = [
        (order.number, order.title, order.amount, "Pending: cannot be billed yet")
        for order in basis.pending_change_orders
    ]
    _fill(
        sheet,
        [*approved, *pending],
        basis.currency,
        "Total approved",
        sum((row[2] for row in approved), ZERO),
    )


def fill_box(sheet: Worksheet, basis: Basis) -> dict[str, Decimal | str]:
    """The summary of change orders beside their table; gives the figures that its formulas show now."""
    box = change_order_box(basis)
    rows = ((box.additions_before, box.deductions_before), (box.additions_now, box.deductions_now))
    for row, values in enumerate(rows, layout.BOX_ROW):
        for letter, value in zip("GH", values, strict=True):
            look.put_amount(sheet[f"{letter}{row}"], value, basis.currency)
    return {"G7": box.additions, "H7": box.deductions, "G8": box.net}


def fill_deductions(book: Workbook, basis: Basis) -> None:
    """The deductions and their total; without any, the sheet is taken out."""
    sheet = book[layout.DEDUCTIONS]
    if not basis.deductions:
        book.remove(sheet)
        return
    rows = [(each.number, each.description, each.amount, each.cost_code) for each in basis.deductions]
    _fill(sheet, rows, basis.currency, "Total", sum((row[2] for row in rows), ZERO))


def _approved(basis: Basis) -> list[Row]:
    parts: dict[str, list[tuple[str, Decimal]]] = {}
    for line in basis.lines:
        if line.change_order:
            parts.setdefault(line.change_order, []).append((line.description, line.before_changes))
        for each in line.changes:
            told = f"{each.description} (changes line {line.item})"
            parts.setdefault(each.change_order, []).append((told, each.amount))
    return [
        (
            number,
            "; ".join(text for text, _amount in found),
            sum((amount for _text, amount in found), ZERO),
            "Approved",
        )
        for number, found in sorted(parts.items())
    ]


def _fill(sheet: Worksheet, rows: Sequence[Row], currency: str, label: str, total: Decimal) -> None:
    columns = range(1, 5)
    styles = {column: look.style_of(sheet.cell(row=_FIRST_ROW, column=column)) for column in columns}
    closing = {column: look.style_of(sheet.cell(row=_TOTAL_ROW, column=column)) for column in columns}
    for row, values in enumerate(rows or [("", "None", ZERO, "")], _FIRST_ROW):
        _put(sheet, row, values, styles.items(), currency)
    _put(sheet, _FIRST_ROW + max(1, len(rows)), (label, "", total, ""), closing.items(), currency)


def _put(
    sheet: Worksheet, row: int, values: Row, styles: Iterable[tuple[int, object]], currency: str
) -> None:
    for column, style in styles:
        cell = sheet.cell(row=row, column=column)
        look.give_style(cell, style)
        value = values[column - 1]
        if isinstance(value, Decimal):
            look.put_amount(cell, value, currency)
        else:
            look.put_text(cell, value)
    width = sheet.column_dimensions["B"].width
    sheet.row_dimensions[row].height = look.height_for([(values[1], width)])
