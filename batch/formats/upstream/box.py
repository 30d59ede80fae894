"""What stands below the nine lines of a client application: tax, and the summary of change orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.change_orders import NO_CHANGES
from batch.core.money import decimals, shown
from batch.formats import workbook as look
from batch.formats.pay_app.layout import fill
from batch.formats.upstream.content import ClientApplicationContent

Cached = dict[str, Decimal | str]


def write_box(
    sheet: Worksheet, row: int, content: ClientApplicationContent, terms: Mapping[str, str]
) -> Cached:
    """Additions and deductions from `row` on, before this period and in it; nothing when there are no change orders.

    Gives the figures that the formulas show now.
    """
    box, currency = content.box, content.result.currency
    if box == NO_CHANGES and not content.pending:
        return {}
    words = fill("{Change_order}s", terms)
    look.header_row(sheet, row, ["", words, "Additions", "Deductions"], first_column=2, height=24)
    before, now, both, net = row + 1, row + 2, row + 3, row + 4
    _row(sheet, before, "Before this period", box.additions_before, box.deductions_before, currency)
    _row(sheet, now, "This period", box.additions_now, box.deductions_now, currency)
    _row(sheet, both, "Total", box.additions, box.deductions, currency)
    _row(sheet, net, "Net change (line 2)", box.net, None, currency)
    for letter in "DE":
        sheet[f"{letter}{both}"].value = f"={letter}{before}+{letter}{now}"
    sheet[f"D{net}"].value = f"=ROUND(D{both}+E{both},{decimals(currency)})"
    for at, order in enumerate(content.pending, net + 1):
        _row(sheet, at, f"Not counted yet: {order.number} {order.title}", order.amount, None, currency)
    return {f"D{both}": box.additions, f"E{both}": box.deductions, f"D{net}": box.net}


def write_open(sheet: Worksheet, row: int, content: ClientApplicationContent) -> int:
    """From `row` on, what the client left open before: billed again now, and not answered yet. Gives the next free row."""
    currency = content.result.currency
    notes = (
        ("Of what is billed now, not certified before", content.result.not_certified_total),
        ("Of line 7, billed and not certified", content.uncertified),
    )
    for label, value in notes:
        if value:
            _row(sheet, row, label, value, None, currency)
            row += 1
    return row


def write_tax(sheet: Worksheet, row: int, content: ClientApplicationContent, terms: Mapping[str, str]) -> int:
    """The tax of each code from `row` on, and what is payable with it; nothing without tax. Gives the next free row.

    Tax under a reverse charge is shown, and the client accounts for it: it is not added.
    """
    taxed, currency = content.taxed, content.result.currency
    if taxed is None or not taxed.lines:
        return row
    for at, line in enumerate(taxed.lines, row):
        name = line.code.description or fill(f"{{Tax}} {line.code.rate:f}%", terms)
        label = f"{name} on {shown(line.base, currency)}"
        _row(
            sheet,
            at,
            label if line.charged else f"{label}: reverse charge, not added",
            line.tax,
            None,
            currency,
        )
    last = row + len(taxed.lines)
    _row(sheet, last, fill("Payable with {tax}", terms), taxed.payable, None, currency)
    sheet[f"C{last}"].font = sheet[f"D{last}"].font = Font(name=look.FONT, bold=True)
    return last + 1


def _row(
    sheet: Worksheet, row: int, label: str, first: Decimal, second: Decimal | None, currency: str
) -> None:
    letters = "BCD" if second is None else "BCDE"
    for letter in letters:
        cell = sheet[f"{letter}{row}"]
        look.style_locked(cell, wrap=letter == "C")
        cell.fill = PatternFill()
    look.put_text(sheet[f"C{row}"], label)
    sheet[f"C{row}"].alignment = Alignment(horizontal="left", vertical="center", indent=1, wrap_text=True)
    for letter, value in (("D", first), ("E", second)):
        if value is None:
            continue
        look.put_amount(sheet[f"{letter}{row}"], value, currency)
        sheet[f"{letter}{row}"].number_format = look.amount_format(currency)
        sheet[f"{letter}{row}"].alignment = Alignment(horizontal="right", vertical="center", indent=1)
    sheet.row_dimensions[row].height = look.height_for([(label, 48)])
