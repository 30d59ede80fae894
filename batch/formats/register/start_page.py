"""The first sheet of the register workbook: how to fill it in, and what is where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from batch.formats import workbook as look
from batch.formats.register.sheets import SHEETS, START_TITLE, Sheet

_STEPS = (
    (
        "Fill in the sheets from left to right. One row is one thing; leave a sheet empty when you have"
        " nothing for it."
    ),
    (
        "A dark heading must be filled in. A light one may stay empty. The grey row below says what belongs"
        " there, with an example."
    ),
    (
        "Numbers of projects, vendors, commitments and lines are yours. They tie the sheets together and"
        " never change."
    ),
    (
        "Write values, not formulas. Amounts without a currency sign (1234.50), rates with a percent sign"
        " (10%), dates as 2026-01-31."
    ),
    (
        "Save the file as .xlsx. Check it with: billings register check FILE.xlsx. All faults are listed at"
        " once, each with its cell."
    ),
    (
        "Import it with: billings register import FILE.xlsx. You see what would be added, changed and"
        " refused before anything is written."
    ),
    (
        "Instead of the two commands you can mail the file or drop it into your folder; the answer says the"
        " same."
    ),
)
_RULES = (
    "Nothing is ever deleted: a row or sheet that is missing here changes nothing.",
    "Importing the same file twice changes nothing.",
    (
        "To change something later, export the register, edit that file and import it. A row that has"
        " changed since is refused."
    ),
    (
        "After the first invite of a commitment, its amounts, cost codes, retainage and currency change"
        " only by a change order, or by a row on the sheet Corrections."
    ),
)
_NEEDED = {
    "company": "always", "admin": "always", "project": "always", "vendor": "always",
    "commitment": "always", "contact": "always",
    "sov_line": "always", "custom_period": "custom cycles only", "client_contract": "to bill the client",
    "client_change_order": "to bill the client",
    "client_line": "to bill the client", "cost_code_map": "to bill the client",
    "client_opening": "joined midway only",
    "client_opening_line": "joined midway only",
    "opening_commitment": "joined midway only",
    "opening_line": "joined midway only",
    "tax_code": "where payments are taxed",
    "exchange_rate": "foreign currencies only",
}  # fmt: skip


def write_start(page: Worksheet, counts: Mapping[str, int] | None, stamp: datetime | None) -> None:
    """Write the first sheet. `counts` (rows by sheet) and `stamp` (when) are those of an export; None for
    the template.
    """
    page.title = START_TITLE
    page.sheet_view.showGridLines = False
    look.set_widths(page, {"A": 3, "B": 28, "C": 90, "D": 22})
    _line(page, 1, "Register", look.style_title)
    page.row_dimensions[1].height = 28
    said = "Who and what there is to bill: company, people, projects, commitments and their amounts."
    if stamp is not None:
        said = (
            f"The register as it was on {stamp.astimezone(UTC):%Y-%m-%d at %H:%M} UTC. Edit it and import"
            " it again."
        )
    _line(page, 2, said, None)
    row = _numbered(page, 4, "How to fill it in", _STEPS, numbers=True)
    row = _numbered(page, row + 1, "Good to know", _RULES, numbers=False)
    _contents(page, row + 1, counts)
    look.print_setup(page, landscape=False)


def _line(page: Worksheet, row: int, text: str, style: object) -> None:
    cell = page.cell(row, 2)
    look.put_text(cell, text)
    if callable(style):
        style(cell)
    else:
        look.style_plain(cell)


def _section(page: Worksheet, row: int, *texts: str) -> None:
    for at in (2, 3, 4):
        look.style_section(page.cell(row, at))
    for at, text in enumerate(texts, 2):
        look.put_text(page.cell(row, at), text)
    page.row_dimensions[row].height = 20


def _numbered(page: Worksheet, row: int, title: str, sentences: tuple[str, ...], *, numbers: bool) -> int:
    _section(page, row, title)
    for number, sentence in enumerate(sentences, 1):
        row += 1
        cell = page.cell(row, 2)
        look.put_text(cell, f"{number}.  {sentence}" if numbers else f"•  {sentence}")
        look.style_plain(cell, wrap=True)
        page.merge_cells(start_row=row, start_column=2, end_row=row, end_column=4)
        page.row_dimensions[row].height = 33 if len(sentence) > 145 else 18
    return row + 1


def _contents(page: Worksheet, row: int, counts: Mapping[str, int] | None) -> None:
    _section(page, row, "Sheet", "What stands there", "Needed" if counts is None else "Rows now")
    for sheet in SHEETS:
        row += 1
        _content_row(page, row, sheet, counts)


def _content_row(page: Worksheet, row: int, sheet: Sheet, counts: Mapping[str, int] | None) -> None:
    name, intro, last = (page.cell(row, at) for at in (2, 3, 4))
    look.put_text(name, sheet.title)
    name.hyperlink = f"#'{sheet.title}'!B3"
    name.font = Font(name=look.FONT, size=11, color="0563C1", underline="single")
    name.alignment = Alignment(vertical="top")
    look.put_text(intro, sheet.intro)
    look.style_plain(intro, wrap=True)
    look.put_text(
        last, _NEEDED.get(sheet.name, "if there are any") if counts is None else str(counts[sheet.name])
    )
    look.style_plain(last, wrap=True)
    page.row_dimensions[row].height = 33 if len(sheet.intro) > 106 else 18
    if row % 2:
        for cell in (name, intro, last):
            cell.fill = PatternFill("solid", fgColor=look.GREY)
