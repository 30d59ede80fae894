"""Keys, headings and order of the pay application's columns and summary lines.

The template is built from it, and the reader falls back on the headings when the hidden row of keys is gone.
Texts hold `{words}` of `formats/terms.py`; `{Words}` begins with a capital. The inputs stand right after the
description, so that they are in sight on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from batch.formats.terms import TERMS, capital

SUMMARY, LINES, CHANGE_ORDERS, DEDUCTIONS, HELP = "Summary", "Lines", "Change orders", "Deductions", "Help"
#: Texts in the column of line keys that mark a row as no line.
HEADING_MARK, SECTION_MARK, TOTAL_MARK = "#heading", "#section", "#total"
#: Texts of the hidden row above the summary that mark its columns.
SUMMARY_KEY, SUMMARY_VALUE = "#summary_key", "#summary_value"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the table of lines. `kind`: key, text, input, percent input, note, amount, percent or
    constant.
    """

    key: str
    heading: str
    width: float
    kind: str


def _column(key: str, heading: str, width: float, kind: str) -> Column:
    return Column(key=key, heading=heading, width=width, kind=kind)


COLUMNS: tuple[Column, ...] = (
    _column("line_key", HEADING_MARK, 10, "key"),
    _column("item", "Item", 7, "text"),
    _column("description", "Description", 22, "text"),
    _column("percent_to_date", "% complete to date", 10, "percent input"),
    _column("work_this_period", "OR work this period", 13, "input"),
    _column("quantity_to_date", "Quantity to date", 12, "quantity input"),
    _column("unit_of_measure", "Unit", 8, "text"),
    _column("materials_stored", "{Stored_materials} now", 16, "input"),
    _column("retainage_release", "{Retainage} to release", 14, "input"),
    _column("check", "Check", 21, "note"),
    _column("review_note", "Sent back because", 30, "note"),
    _column("quantity_previous", "Quantity before", 12, "quantity"),
    _column("contract_quantity", "Agreed quantity", 12, "quantity"),
    _column("unit_price", "Unit price", 12, "price"),
    _column("work_billed", "Billed this period", 14, "amount"),
    _column("scheduled_value", "Scheduled value", 14, "amount"),
    _column("work_previous", "Billed before", 14, "amount"),
    _column("completed_and_stored", "Total to date", 14, "amount"),
    _column("percent_complete", "% of value", 9, "percent"),
    _column("balance_to_finish", "Left to bill", 14, "amount"),
    _column("retainage", "{Retainage} held", 13, "amount"),
    _column("comment", "Your comment", 28, "text input"),
    _column("cost_code", "{Cost_code}", 11, "text"),
    # Hidden from here on: what the formulas need to know about the time before this period.
    _column("method", "Billed by", 12, "constant"),
    _column("stored_previous", "Stored before", 12, "constant"),
    _column("retainage_rate_work", "Rate on work", 12, "rate"),
    _column("retainage_rate_stored", "Rate on stored", 12, "rate"),
    _column("opening_work", "Opening work", 12, "constant"),
    _column("opening_withheld", "Opening withheld", 12, "constant"),
    _column("released_before", "Released before", 12, "constant"),
    _column("stored_withheld_before", "Withheld on stored before", 12, "constant"),
    _column("withheld_by_rate", "Withheld on work by rate", 12, "constant"),
    _column("withheld_stored", "Withheld on stored", 12, "constant"),
    _column("withheld_work", "Withheld on work", 12, "constant"),
    _column("retainage_on_work", "Held on work", 12, "constant"),
)
LETTER: Mapping[str, str] = {column.key: get_column_letter(n) for n, column in enumerate(COLUMNS, 1)}
#: Columns a subcontractor fills in, apart from the comment.
ENTRY_KEYS = (
    "percent_to_date",
    "work_this_period",
    "quantity_to_date",
    "materials_stored",
    "retainage_release",
)
#: Columns that are shown only where a line is billed by quantity.
MEASURED_KEYS = (
    "quantity_to_date",
    "unit_of_measure",
    "quantity_previous",
    "contract_quantity",
    "unit_price",
)
#: What the hidden column `method` says of a line; blank on one that takes a percentage or an amount.
BY_QUANTITY, RE_MEASURED, MILESTONE = "unit price", "re-measured", "milestone"
HIDDEN_KEYS = frozenset(
    {"line_key", "retainage_release", "review_note", *MEASURED_KEYS}
    | {c.key for c in COLUMNS if c.kind in ("constant", "rate")}
)

#: The lines of the summary by key: number shown in front, and label. Own wording, none of a published form.
SUMMARY_LABELS: Mapping[str, tuple[str, str]] = {
    "original_contract_sum": ("1", "Original contract"),
    "net_change_orders": ("2", "Approved {change_order}s"),
    "contract_sum_to_date": ("3", "Contract to date (1 + 2)"),
    "total_completed_and_stored": ("4", "Work and {stored_materials} to date"),
    "retainage_work": ("5a", "{Retainage} on work ({rate_work})"),
    "retainage_stored": ("5b", "{Retainage} on {stored_materials} ({rate_stored})"),
    "retainage_total": ("5", "{Retainage} held (5a + 5b)"),
    "total_earned_less_retainage": ("6", "Earned after {retainage} (4 - 5)"),
    "previous_certificates": ("7", "Certified before"),
    "current_payment_due": ("8", "Payment due now (6 - 7)"),
    "balance_to_finish": ("9", "Left to pay, {retainage} included"),
    "gross_this_period": ("", "Billed this period before {retainage}"),
}
#: What a subcontractor fills in on the summary.
ENTRY_LABELS: Mapping[str, str] = {
    "invoice_number": "Your invoice number",
    "nothing_to_bill": "Nothing to bill this period?",
    "materials_in_payment": "Materials in this payment (CIS)",
    "comment": "Comment",
}
#: The heading above the summary lines.
FIGURES_HEADING = "Summary in {currency}"
#: What a spreadsheet program says beside a selected input: column key, title, text.
PROMPTS: tuple[tuple[str, str, str], ...] = (
    (
        "percent_to_date",
        "% complete to date",
        "Work done on this line by now, such as 45%, without stored materials. Or enter an amount.",
    ),
    (
        "work_this_period",
        "Work this period",
        "The amount for work of this period only. Leave it blank if you entered a percentage.",
    ),
    (
        "quantity_to_date",
        "Quantity to date",
        "The quantity built in from the beginning until now, not of this period alone.",
    ),
    (
        "materials_stored",
        "Stored now",
        "The value of what is stored now and not built in yet. Blank means unchanged.",
    ),
    ("retainage_release", "Release", "The amount you ask back now. Blank means nothing."),
)
#: The same beside an input that is closed on a line, by what the line is billed by; and beside a milestone's own.
CLOSED_PROMPT = "This line is billed by quantity: enter the quantity to date."
MILESTONE_PROMPT = "A milestone: 100% when it is reached, else leave it blank. Parts are not billed."
#: The box of change orders beside their table: its first row, its rows, and what follows from others.
BOX_ROW = 5
BOX_LABELS = (
    "Approved before this {billing_period}",
    "Approved in this {billing_period}",
    "Total",
    "Net change",
)
BOX_FORMULAS: Mapping[str, str] = {
    "G7": "=ROUND(G5+G6,2)",
    "H7": "=ROUND(H5+H6,2)",
    "G8": "=ROUND(G7+H7,2)",
}
#: Question and answer, one row each; all on one screen.
HELP_TEXTS: tuple[tuple[str, str], ...] = (
    (
        "Percent or amount?",
        "Either: the % of work complete to date, or the amount of this period. Both must agree.",
    ),
    ("Nothing done on a line?", "Leave it blank."),
    ("Quantity to date?", "For lines at a unit price: what was built in from the beginning until now."),
    (
        "Nothing done at all?",
        "On 'Summary', choose Yes at 'Nothing to bill this period?'. Send the file back.",
    ),
    (
        "{Stored_materials}",
        "What is stored now, as a balance. Once built in, lower it and enter the work. Blank: unchanged.",
    ),
    (
        "'Check' says something?",
        "Red words beside a line tell what does not fit. Please correct it before you send.",
    ),
    (
        "A line is missing?",
        "New work needs an approved {change_order} first. Do not add lines; write to us instead.",
    ),
    ("{Retainage}", "Worked out by the rates of your {subcontract}."),
    (
        "Locked cells",
        "They hold our records. If a figure is wrong, tell us in a comment; a changed cell is not used.",
    ),
    (
        "Sending it back",
        "Reply to our mail with this file. Excel, LibreOffice and Google Sheets work; save as .xlsx.",
    ),
    ("Questions", "{contact}"),
)
_WORD = re.compile(r"\{(\w+)\}")
#: What stands in place of a rate where lines have different ones.
RATE_BY_LINE = "by line"
#: And where retainage is shown as certified so far, since no formula can say its rule.
RATE_SO_FAR = "certified so far"
_RATE = re.compile(rf"\((?:[\d.]+%|{RATE_BY_LINE}|{RATE_SO_FAR}|\{{rate_\w+\}})\)\s*$")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each `{name}` replaced; `{Name}` begins with a capital. Unknown names stay."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in values:
            return values[name]
        lower = name[:1].lower() + name[1:]
        return capital(values[lower]) if lower in values else match.group(0)

    return _WORD.sub(replace, text)


def normal(text: str) -> str:
    """A heading for comparison: lower case, single spaces, without a rate in brackets at the end."""
    return " ".join(_RATE.sub("", text).split()).casefold()


def headings() -> Mapping[str, str]:
    """The key of every column by its heading, in the words of every locale."""
    return {normal(fill(column.heading, terms)): column.key for terms in TERMS.values() for column in COLUMNS}


def labels() -> Mapping[str, str]:
    """The key of every summary line by its label, in the words of every locale."""
    known = {key: label for key, (_number, label) in SUMMARY_LABELS.items()} | dict(ENTRY_LABELS)
    return {normal(fill(label, terms)): key for terms in TERMS.values() for key, label in known.items()}
