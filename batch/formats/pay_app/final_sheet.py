"""The sheet `Final` of a final pay application: what is expected on every line, on one screen.

It is for reading: its columns carry no keys, so it is never taken for the table of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import bill
from batch.core.final import FinalLine, final_claim, final_lines
from batch.core.model import Basis, InviteKind
from batch.core.money import shown, total
from batch.formats import workbook as look
from batch.formats.pay_app import layout
from batch.formats.terms import Terms, capital

TITLE = "Final"
_HEADING_ROW = 4
_WIDTHS = {"A": 8, "B": 34, "C": 16, "D": 16, "E": 16}


def add_final_sheet(book: Workbook, basis: Basis, terms: Terms) -> None:
    """Put the sheet behind `Lines`, where the invite is for the final bill; any other workbook stays as it is."""
    if basis.kind is not InviteKind.FINAL:
        return
    sheet = book.create_sheet(TITLE, book.sheetnames.index(layout.LINES) + 1)
    expected = final_lines(basis)
    look.set_widths(sheet, _WIDTHS)
    _heading(sheet, terms)
    for row, line in enumerate(expected, _HEADING_ROW + 1):
        _line(sheet, row, line, basis.currency)
    _totals(sheet, _HEADING_ROW + 1 + len(expected), expected, basis.currency)
    sheet.freeze_panes = f"A{_HEADING_ROW + 1}"
    look.protect(sheet)
    look.print_setup(sheet, repeat_rows=f"{_HEADING_ROW}:{_HEADING_ROW}", landscape=False)


def final_note(basis: Basis, terms: Terms) -> str:
    """For the summary: what a final bill comes to when everything is billed; '' for any other invite."""
    if basis.kind is not InviteKind.FINAL:
        return ""
    expected, currency = final_lines(basis), basis.currency
    work = shown(total((line.work for line in expected), currency), currency)
    release = shown(total((line.release for line in expected), currency), currency)
    due = shown(bill(basis, final_claim(basis)).summary.current_payment_due, currency)
    return (
        f"Final: {work} of work is left to bill, no {terms['stored_materials']} remain, and all"
        f" {terms['retainage']} of {release} is asked back. Payment due then: {due}."
    )


def _heading(sheet: Worksheet, terms: Terms) -> None:
    look.put_text(sheet["A1"], f"Final {terms['pay_application']}: what is expected")
    look.style_title(sheet["A1"])
    told = (
        f"Every line billed in full, no {terms['stored_materials']}, all {terms['retainage']} asked back, also what"
        " this bill itself withholds. If work will not be done, write to us before you send it."
    )
    look.put_text(sheet["A2"], told)
    look.style_plain(sheet["A2"], wrap=True)
    sheet.merge_cells("A2:E2")
    sheet.row_dimensions[2].height = 34
    headings = (
        "Item",
        "Description",
        "Work this period",
        f"{capital(terms['stored_materials'])} now",
        f"{capital(terms['retainage'])} to release",
    )
    for letter, text in zip(_WIDTHS, headings, strict=True):
        look.put_text(sheet[f"{letter}{_HEADING_ROW}"], text)
        look.style_header(sheet[f"{letter}{_HEADING_ROW}"])
    sheet.row_dimensions[_HEADING_ROW].height = 34


def _line(sheet: Worksheet, row: int, line: FinalLine, currency: str) -> None:
    for letter, text in (("A", line.line.item), ("B", line.line.description)):
        look.style_locked(sheet[f"{letter}{row}"], wrap=True)
        look.put_text(sheet[f"{letter}{row}"], text)
        sheet[f"{letter}{row}"].alignment = Alignment(
            horizontal="left", vertical="center", wrap_text=True, indent=1
        )
    _amounts(sheet, row, (line.work, total((), currency), line.release), currency)
    sheet.row_dimensions[row].height = look.height_for([(line.line.description, _WIDTHS["B"])])


def _totals(sheet: Worksheet, row: int, expected: Sequence[FinalLine], currency: str) -> None:
    work = total((line.work for line in expected), currency)
    release = total((line.release for line in expected), currency)
    look.put_text(sheet[f"A{row}"], "Total")
    _amounts(sheet, row, (work, total((), currency), release), currency)
    for letter in _WIDTHS:
        look.style_total(sheet[f"{letter}{row}"])


def _amounts(sheet: Worksheet, row: int, amounts: Sequence[Decimal], currency: str) -> None:
    for letter, amount in zip("CDE", amounts, strict=True):
        look.style_locked(sheet[f"{letter}{row}"])
        look.put_amount(sheet[f"{letter}{row}"], amount, currency)
        sheet[f"{letter}{row}"].number_format = look.amount_format(currency)
