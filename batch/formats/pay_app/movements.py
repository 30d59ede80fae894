"""The sheet of the pay application that shows how each balance of stored materials moves.

It is for reading, and stands only where material was stored before. Its formulas say for a line of the usual sign
what `core.stored.movement` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.model import Basis, Bill, BilledLine
from batch.core.money import total
from batch.core.settings import StoredMode
from batch.core.stored import movement
from batch.formats import workbook as look
from batch.formats.pay_app.layout import LETTER, LINES
from batch.formats.pay_app.write_lines import Cached
from batch.formats.terms import Terms, capital

_HEADINGS = (
    ("item", "Item", 7),
    ("description", "Description", 34),
    ("before", "Stored before", 15),
    ("newly_stored", "+ newly stored", 15),
    ("built_in", "- built in (now work)", 15),
    ("gone", "- gone without work", 15),
    ("now", "= stored now", 15),
)
_FIRST = 4
_AMOUNTS = "CDEFG"
_BUILT_IN: Mapping[StoredMode, str] = {
    StoredMode.CLASSIC: "MAX(0,MIN(C{row}-G{row},{work}))",
    StoredMode.TO_PREVIOUS: "C{row}",
    StoredMode.TO_THIS: "MAX(0,MIN(C{row},{work}))",
}
_TOLD: Mapping[StoredMode, str] = {
    StoredMode.CLASSIC: "A balance that rises is newly stored; one that falls is built in, as far as there is work.",
    StoredMode.TO_PREVIOUS: "What was stored before has become work billed before, by itself.",
    StoredMode.TO_THIS: "What was stored before becomes work of this period, by itself.",
}


def add_movements(
    book: Workbook, basis: Basis, computed: Bill, rows: Mapping[str, int], terms: Terms
) -> tuple[str, Cached]:
    """Add the sheet for the lines that had material stored; `rows` has each line's row on the sheet of lines. Gives its
    title and what its formulas come to now; an empty title where there is nothing to show.
    """
    shown = [line for line in computed.lines if movement(line, basis).before > 0]
    if not shown:
        return "", {}
    sheet = book.create_sheet(capital(terms["stored_materials"]), len(book.sheetnames) - 1)
    _head(sheet, terms, _TOLD[basis.stored_mode])
    cached: Cached = {}
    for row, line in enumerate(shown, _FIRST):
        cached |= _line(sheet, row, line, basis, rows[line.line.key])
    cached |= _total(sheet, _FIRST + len(shown), shown, basis)
    look.protect(sheet)
    look.print_setup(sheet, repeat_rows="3:3")
    sheet.sheet_view.showGridLines = False
    return sheet.title, cached


def _head(sheet: Worksheet, terms: Terms, told: str) -> None:
    for ref, text, style in (
        ("A1", capital(terms["stored_materials"]), look.style_title),
        ("A2", f"For information, from what stands on '{LINES}'. {told}", look.style_note),
    ):
        look.put_text(sheet[ref], text)
        style(sheet[ref])
    sheet["A2"].alignment = Alignment(vertical="center")
    for column, (_key, heading, width) in enumerate(_HEADINGS, 1):
        cell = sheet.cell(row=3, column=column)
        look.put_text(cell, heading)
        look.style_header(cell)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[3].height = 32


def _line(sheet: Worksheet, row: int, line: BilledLine, basis: Basis, at: int) -> Cached:
    moved = movement(line, basis)
    for letter, text in (("A", line.line.item), ("B", line.line.description)):
        look.style_locked(sheet[f"{letter}{row}"], wrap=True)
        look.put_text(sheet[f"{letter}{row}"], text)
    stored = f"{LINES}!{LETTER['materials_stored']}{at}"
    blank = f"{LINES}!{LETTER['stored_previous']}{at}" if basis.stored_mode is StoredMode.CLASSIC else "0"
    work = f"{LINES}!{LETTER['work_billed']}{at}"
    formulas = {
        "D": f"=ROUND(MAX(0,G{row}-(C{row}-E{row})),2)",
        "E": f"=ROUND({_BUILT_IN[basis.stored_mode].format(row=row, work=work)},2)",
        "F": f"=ROUND(C{row}+D{row}-E{row}-G{row},2)",
        "G": f'=ROUND(IF({stored}="",{blank},{stored}),2)',
    }
    for letter in _AMOUNTS:
        look.style_locked(sheet[f"{letter}{row}"])
        sheet[f"{letter}{row}"].number_format = look.amount_format("")
    look.put_amount(sheet[f"C{row}"], moved.before, basis.currency)
    for letter, formula in formulas.items():
        sheet[f"{letter}{row}"].value = formula
    sheet.row_dimensions[row].height = look.height_for([(line.line.description, 34)])
    return {
        f"D{row}": moved.newly_stored,
        f"E{row}": moved.built_in,
        f"F{row}": moved.gone,
        f"G{row}": moved.now,
    }


def _total(sheet: Worksheet, row: int, lines: Sequence[BilledLine], basis: Basis) -> Cached:
    moved = [movement(line, basis) for line in lines]
    cached: dict[str, Decimal | str] = {}
    for column, (key, _heading, _width) in enumerate(_HEADINGS, 1):
        cell = sheet.cell(row=row, column=column)
        look.style_total(cell)
        if column < 3:
            look.put_text(cell, "Total" if column == 1 else "")
            continue
        cell.number_format = look.amount_format("")
        letter = get_column_letter(column)
        cell.value = f"=ROUND(SUM({letter}{_FIRST}:{letter}{row - 1}),2)"
        cached[cell.coordinate] = total((getattr(each, key) for each in moved), basis.currency)
    return cached
