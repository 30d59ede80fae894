"""Builds `templates/xlsx/pay_application.xlsx`, the look of the pay application; `render` in write.py fills
it.

Write it anew with `python -m batch.formats.pay_app.template > templates/xlsx/pay_application.xlsx`; a test
compares. A user may restyle the file: what the writer relies on are the hidden keys, the order of the rows
from the keys to the totals on 'Lines' (totals last), and the `{names}` in the texts. Formulas name the rows
of the template, and the writer stretches them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batch.formats import workbook as look
from batch.formats.pay_app import formulas as rows
from batch.formats.pay_app import layout
from batch.formats.pay_app.layout import COLUMNS, LETTER

Style = Callable[[look.AnyCell], None]
# The template's own date; what is rendered from it carries the instant of the invite.
_MADE = datetime(2025, 1, 1, tzinfo=UTC)
_LAST = LETTER["cost_code"]
#: First rows of the blocks of the summary sheet.
STEPS_ROW, ENTRIES_ROW, FIGURES_ROW = 9, 16, 22
_ANY_AMOUNT = "1000000000000"
_QUANTITIES = {"quantity": "#,##0.00##", "quantity input": "#,##0.00##", "price": "#,##0.00####"}


def build() -> bytes:
    """The bytes of the template."""
    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    _summary(book.create_sheet(layout.SUMMARY))
    _lines(book.create_sheet(layout.LINES))
    _change_orders(book.create_sheet(layout.CHANGE_ORDERS))
    _deductions(book.create_sheet(layout.DEDUCTIONS))
    _help(book.create_sheet(layout.HELP))
    look.describe(book, title="{Pay_application}", language="en-US")
    return look.save(book, created=_MADE)


def _summary(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].hidden = True
    look.set_widths(sheet, {"B": 4, "C": 33, "D": 18})
    _head(sheet)
    _steps(sheet)
    _entries(sheet)
    _figures(sheet)
    look.protect(sheet)
    look.print_setup(sheet, landscape=False)
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_view.showGridLines = False


def _head(sheet: Worksheet) -> None:
    _put(sheet, "B1", "{title}", look.style_title)
    sheet.row_dimensions[1].height = 26
    for row, text in enumerate(("{vendor}", "{project}", "{commitment}", "{period}"), 2):
        _wide(sheet, row, "B", text)
    sheet["B2"].font = Font(name=look.FONT, size=12, bold=True)
    _wide(sheet, 6, "B", "Please return by {due}", look.style_warning)
    _wide(sheet, 7, "B", "{sent_back}", look.style_warning)


def _steps(sheet: Worksheet) -> None:
    _section(sheet, STEPS_ROW - 1, "What to do", "BCD")
    steps = ("{step_lines}", "Below: enter your invoice number. Check the payment due.",
             "Save. Reply to our mail, with this file.")  # fmt: skip
    for number, step in enumerate(steps, 1):
        row = STEPS_ROW + number - 1
        _put(sheet, f"B{row}", str(number))
        _wide(sheet, row, "C", step)
        sheet[f"B{row}"].font = sheet[f"C{row}"].font = Font(name=look.FONT, size=12, bold=number == 1)
        sheet.row_dimensions[row].height = 34
    told = "Only yellow cells are for you. The rest is worked out."
    _wide(sheet, STEPS_ROW + 3, "C", told, look.style_note)


def _entries(sheet: Worksheet) -> None:
    _section(sheet, ENTRIES_ROW - 2, "Your entries", "BCD")
    _put(sheet, f"A{ENTRIES_ROW - 1}", layout.SUMMARY_KEY)
    _put(sheet, f"D{ENTRIES_ROW - 1}", layout.SUMMARY_VALUE)
    sheet.row_dimensions[ENTRIES_ROW - 1].hidden = True
    for row, (key, label) in enumerate(layout.ENTRY_LABELS.items(), ENTRIES_ROW):
        _put(sheet, f"A{row}", key)
        _put(sheet, f"C{row}", label)
        look.style_input(sheet[f"D{row}"], wrap=key == "comment")
        amount = key == "materials_in_payment"
        sheet[f"D{row}"].number_format = look.amount_format("") if amount else look.TEXT_FORMAT
        sheet.row_dimensions[row].height = 20
    sheet.row_dimensions[ENTRIES_ROW + 3].height = 48
    yes = DataValidation(type="list", formula1='"Yes"', allow_blank=True, showErrorMessage=False)
    yes.add(f"D{ENTRIES_ROW + 1}")
    sheet.add_data_validation(yes)


def _figures(sheet: Worksheet) -> None:
    first = layout.FIGURES_HEADING
    _section(sheet, FIGURES_ROW - 1, first, "BCD")
    at = {key: f"D{row}" for row, key in enumerate(layout.SUMMARY_LABELS, FIGURES_ROW)}
    written = rows.summary_formulas(at)
    for row, (key, (number, label)) in enumerate(layout.SUMMARY_LABELS.items(), FIGURES_ROW):
        _put(sheet, f"A{row}", key)
        for letter, text in (("B", number), ("C", label)):
            _put(sheet, f"{letter}{row}", text)
        look.style_locked(sheet[f"D{row}"])
        sheet[f"D{row}"].number_format = look.amount_format("")
        sheet[f"D{row}"].value = written.get(key)
        sheet.row_dimensions[row].height = 20
        if key == "current_payment_due":
            _emphasise(sheet, row)
    row = FIGURES_ROW + len(layout.SUMMARY_LABELS)
    _wide(sheet, row, "B", "{deductions_note}", look.style_warning)
    _wide(sheet, row + 2, "B", "Questions: {contact}")
    _wide(sheet, row + 3, "B", "Code - do not change: {code}", look.style_note)


def _emphasise(sheet: Worksheet, row: int) -> None:
    for letter in "BCD":
        sheet[f"{letter}{row}"].font = Font(name=look.FONT, size=13, bold=True, color=look.DARK_BLUE)
    sheet.row_dimensions[row].height = 24


def _lines(sheet: Worksheet) -> None:
    _put(sheet, "B1", "{title}: {vendor}", look.style_title)
    sheet.row_dimensions[1].height = 24
    _put(sheet, "B2", "{lines_step}")
    sheet["B2"].font = Font(name=look.FONT, size=11, bold=True)
    sheet.row_dimensions[rows.KEY_ROW].hidden = True
    for column in COLUMNS:
        letter = LETTER[column.key]
        _put(sheet, f"{letter}{rows.KEY_ROW}", column.key)
        _put(sheet, f"{letter}{rows.HEADING_ROW}", column.heading, look.style_header)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].hidden = column.key in layout.HIDDEN_KEYS
    sheet.row_dimensions[rows.HEADING_ROW].height = 34
    for row in (rows.LINE_ROW, rows.CHANGE_ROW):
        _line(sheet, row)
    _section(sheet, rows.SECTION_ROW, "", _letters())
    _put(sheet, f"A{rows.SECTION_ROW}", layout.SECTION_MARK)
    sheet[f"B{rows.SECTION_ROW}"].value = "{change_orders_heading}"
    _totals(sheet)
    _validations(sheet)
    _flags(sheet)
    _lines_page(sheet)


def _line(sheet: Worksheet, row: int) -> None:
    written = rows.line_formulas(row)
    for column in COLUMNS:
        cell = sheet[f"{LETTER[column.key]}{row}"]
        if "input" in column.kind:
            look.style_input(cell, wrap=column.key == "comment")
        else:
            look.style_locked(cell)
        if column.kind == "note":
            look.style_warning(cell)
        if column.kind in ("text", "note", "text input"):
            cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
        cell.number_format = _format(column.kind)
        cell.value = written.get(column.key)
    sheet.row_dimensions[row].height = 20


def _format(kind: str) -> str:
    if kind in ("amount", "input", "constant"):
        return look.amount_format("")
    if kind in ("percent", "percent input", "rate"):
        return look.PERCENT_FORMAT if kind != "rate" else "0.0000%"
    if kind in _QUANTITIES:
        return _QUANTITIES[kind]
    return look.TEXT_FORMAT if kind != "note" else "General"


def _totals(sheet: Worksheet) -> None:
    row = rows.TOTAL_ROW
    for letter in LETTER.values():
        look.style_total(sheet[f"{letter}{row}"])
        sheet[f"{letter}{row}"].number_format = look.amount_format("")
    _put(sheet, f"A{row}", layout.TOTAL_MARK, look.style_total)
    _put(sheet, f"B{row}", "Total", look.style_total)
    for key, formula in rows.total_formulas().items():
        sheet[f"{LETTER[key]}{row}"].value = formula
    sheet.row_dimensions[row].height = 22


def _validations(sheet: Worksheet) -> None:
    for key, title, prompt in layout.PROMPTS:
        percent = key == "percent_to_date"
        rule = DataValidation(
            type="decimal", operator="between", allow_blank=True,
            formula1="0" if percent else "-" + _ANY_AMOUNT, formula2="1" if percent else _ANY_AMOUNT,
            promptTitle=title, prompt=prompt, errorTitle=title, showInputMessage=True, showErrorMessage=True,
            error="Please enter " + ("0% to 100%." if percent else "a number, without words."),
        )  # fmt: skip
        for row in (rows.LINE_ROW, rows.CHANGE_ROW):
            rule.add(f"{LETTER[key]}{row}")
        sheet.add_data_validation(rule)


def _flags(sheet: Worksheet) -> None:
    pale = PatternFill("solid", bgColor=look.PALE_RED)
    flagged = f'${LETTER["check"]}{rows.LINE_ROW}<>""'
    over = FormulaRule(formula=[flagged], fill=pale)  # type: ignore[no-untyped-call]
    for first, last in (("B", LETTER["description"]), (LETTER["check"], LETTER["check"])):
        sheet.conditional_formatting.add(f"{first}{rows.LINE_ROW}:{last}{rows.CHANGE_ROW}", over)


def _lines_page(sheet: Worksheet) -> None:
    sheet.freeze_panes = f"{LETTER['percent_to_date']}{rows.LINE_ROW}"
    look.protect(sheet)
    look.print_setup(sheet, repeat_rows=f"{rows.HEADING_ROW}:{rows.HEADING_ROW}")
    sheet.oddHeader.right.text = "{print_header}"  # type: ignore[union-attr]
    sheet.print_area = f"B1:{_LAST}{rows.TOTAL_ROW}"
    sheet.sheet_view.showGridLines = False


def _change_orders(sheet: Worksheet) -> None:
    _put(sheet, "A1", "{Change_order}s", look.style_title)
    told = "For information. Only approved ones are part of the contract and can be billed."
    _put(sheet, "A2", told, look.style_note)
    _table(sheet, {"A": ("number", "Number", 12), "B": ("description", "Description", 36),
                   "C": ("amount", "Amount", 16), "D": ("status", "Status", 31)}, landscape=True)  # fmt: skip
    _box(sheet)


def _box(sheet: Worksheet) -> None:
    """Additions and deductions apart, before this period and in it, beside the table."""
    look.set_widths(sheet, {"E": 3, "F": 30, "G": 16, "H": 16})
    for letter, text in zip("FGH", ("", "Additions", "Deductions"), strict=True):
        _put(sheet, f"{letter}4", text, look.style_header)
    for row, label in enumerate(layout.BOX_LABELS, layout.BOX_ROW):
        _put(sheet, f"F{row}", label, look.style_locked)
        sheet[f"F{row}"].alignment = Alignment(horizontal="left", vertical="center", indent=1)
        for letter in "GH":
            look.style_locked(sheet[f"{letter}{row}"])
            sheet[f"{letter}{row}"].number_format = look.amount_format("")
    for ref, formula in layout.BOX_FORMULAS.items():
        sheet[ref].value = formula


def _deductions(sheet: Worksheet) -> None:
    _put(sheet, "A1", "{Deduction}s", look.style_title)
    told = "Taken off what is paid. Not part of the contract, nor of the summary's lines 1 to 9."
    _put(sheet, "A2", told, look.style_note)
    _table(sheet, {"A": ("number", "Number", 14), "B": ("description", "Description", 46),
                   "C": ("amount", "Amount", 18), "D": ("cost_code", "{Cost_code}", 18)})  # fmt: skip


def _table(sheet: Worksheet, columns: dict[str, tuple[str, str, float]], *, landscape: bool = False) -> None:
    # The keys carry a mark: these tables are for reading, and must not be taken for the table of lines.
    for letter, (key, heading, width) in columns.items():
        _put(sheet, f"{letter}3", f"#{key}")
        _put(sheet, f"{letter}4", heading, look.style_header)
        look.style_locked(sheet[f"{letter}5"], wrap=key == "description")
        sheet[f"{letter}5"].number_format = look.amount_format("") if key == "amount" else look.TEXT_FORMAT
        if key != "amount":
            sheet[f"{letter}5"].alignment = Alignment(
                horizontal="left", vertical="center", wrap_text=True, indent=1
            )
        look.style_total(sheet[f"{letter}6"])
        sheet[f"{letter}6"].number_format = look.amount_format("")
        sheet.column_dimensions[letter].width = width
    sheet["A2"].alignment = Alignment(vertical="center")
    sheet.row_dimensions[3].hidden = True
    _put(sheet, "A6", "Total", look.style_total)
    sheet.freeze_panes = "A5"
    look.protect(sheet)
    look.print_setup(sheet, repeat_rows="4:4", landscape=landscape)


def _help(sheet: Worksheet) -> None:
    look.set_widths(sheet, {"A": 30, "B": 62})
    _put(sheet, "A1", "Help", look.style_title)
    for row, (question, answer) in enumerate(layout.HELP_TEXTS, 3):
        look.style_plain(sheet[f"A{row}"], bold=True, wrap=True)
        look.style_plain(sheet[f"B{row}"], wrap=True)
        look.put_text(sheet[f"A{row}"], question)
        look.put_text(sheet[f"B{row}"], answer)
        sheet.row_dimensions[row].height = 16 * (1 + len(answer) // 62) + 6
    look.protect(sheet)
    look.print_setup(sheet, landscape=False)
    sheet.sheet_view.showGridLines = False


def _section(sheet: Worksheet, row: int, text: str, letters: str | list[str]) -> None:
    for letter in letters:
        look.style_section(sheet[f"{letter}{row}"])
    look.put_text(sheet[f"{letters[0]}{row}"], text)
    sheet.row_dimensions[row].height = 20


def _letters() -> list[str]:
    at_times = ("retainage_release", "review_note", *layout.MEASURED_KEYS)
    return [LETTER[column.key] for column in COLUMNS if column.key not in layout.HIDDEN_KEYS] + [
        LETTER[key] for key in at_times]  # fmt: skip


def _put(sheet: Worksheet, ref: str, text: str, style: Style = look.style_plain) -> None:
    look.put_text(sheet[ref], text)
    style(sheet[ref])


def _wide(sheet: Worksheet, row: int, first: str, text: str, style: Style = look.style_plain) -> None:
    """Text over the width of the summary, so that it wraps within what a phone shows."""
    _put(sheet, f"{first}{row}", text, style)
    sheet[f"{first}{row}"].alignment = Alignment(vertical="center", wrap_text=True)
    sheet.merge_cells(f"{first}{row}:D{row}")


if __name__ == "__main__":
    sys.stdout.buffer.write(build())
