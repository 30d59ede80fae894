"""What every workbook we write has in common: the look, text that stays text, cached values, stable bytes.

Nothing here knows what a workbook is for. Colour is never the only signal: a marked cell also says so.
"""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from batch.core.money import decimals, plain

DARK_BLUE = "1F3864"
YELLOW = "FFF2CC"
GREY = "F2F2F2"
RED = "C00000"
PALE_RED = "FFC7CE"
GREY_TEXT = "7F7F7F"
LINE = "BFBFBF"
FONT = "Calibri"
DATE_FORMAT = "yyyy-mm-dd"
TEXT_FORMAT = "@"
PERCENT_FORMAT = "0.00%"
#: Paper sizes (ECMA-376 part 1, 18.3.1.63).
LETTER, A4 = 1, 9
#: The most characters one cell may hold.
LONGEST_TEXT = 32_767
# The date zip entries carry. Any fixed one will do; this is the earliest the format can hold.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
# XML 1.0 allows no other characters below space, no surrogates and not the last two of the plane.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-�\U00010000-\U0010ffff]")
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@", "\t")
_FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v\s*/?>(?:</v>)?</c>')

AnyCell = Cell | MergedCell
_THIN = Side(style="thin", color=LINE)
_TOP = Side(style="medium", color="000000")


def clean_text(text: str) -> str:
    """`text` without characters no workbook can hold, line ends as one newline, cut to what fits one cell."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT]


def put_text(cell: AnyCell, text: str) -> None:
    """Write text that can never become a formula, whatever it begins with."""
    cleaned = clean_text(text)
    target = cast(Cell, cell)
    target.value = cleaned or None
    if cleaned:
        target.data_type = "s"
    if cleaned.startswith(_LOOKS_LIKE_FORMULA):
        target.quotePrefix = True


def put_amount(cell: AnyCell, value: Decimal, currency: str) -> None:
    """Write an amount exactly, in the currency's number format. MoneyError when it has too many decimals."""
    put_number(cell, plain(value, currency))
    cell.number_format = amount_format(currency)


def put_number(cell: AnyCell, text: str) -> None:
    """Write a number by its exact text ('9.95'); openpyxl itself would write 9.949999999999999."""
    cell.value = 0
    # The writer passes text through and rounds everything else to 16 digits.
    cast(Any, cell)._value = text  # noqa: SLF001


def put_date(cell: AnyCell, day: date) -> None:
    """Write a calendar date as a real date, shown as year-month-day."""
    cell.value = datetime(day.year, day.month, day.day)  # noqa: DTZ001  a cell's date has no zone
    cell.number_format = DATE_FORMAT


def amount_format(currency: str) -> str:
    """The number format of amounts: `#,##0.00`, with the currency's own number of decimals."""
    places = decimals(currency)
    return "#,##0" + ("." + "0" * places if places else "")


def style_title(cell: AnyCell) -> None:
    """The title at the top of a sheet."""
    cell.font = Font(name=FONT, size=16, bold=True, color=DARK_BLUE)
    cell.alignment = Alignment(vertical="center")


def style_header(cell: AnyCell) -> None:
    """A heading of a table: white on dark blue, wrapped."""
    cell.font = Font(name=FONT, size=11, bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor=DARK_BLUE)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = _box()


def style_section(cell: AnyCell) -> None:
    """A heading inside a table or above a block."""
    cell.font = Font(name=FONT, size=11, bold=True, color=DARK_BLUE)
    cell.fill = PatternFill("solid", fgColor="D9E2F3")
    cell.alignment = Alignment(vertical="center")


def style_input(cell: AnyCell, *, wrap: bool = False) -> None:
    """A cell to fill in: yellow, bordered, unlocked."""
    cell.font = Font(name=FONT, size=11)
    cell.fill = PatternFill("solid", fgColor=YELLOW)
    cell.border = _box()
    cell.protection = Protection(locked=False)
    cell.alignment = Alignment(vertical="center", wrap_text=wrap)


def style_locked(cell: AnyCell, *, wrap: bool = False) -> None:
    """A cell that shows a figure or a text and is not for input: grey, bordered, locked."""
    cell.font = Font(name=FONT, size=11)
    cell.fill = PatternFill("solid", fgColor=GREY)
    cell.border = _box()
    cell.protection = Protection(locked=True)
    cell.alignment = Alignment(vertical="center", wrap_text=wrap)


def style_total(cell: AnyCell) -> None:
    """A total: bold under a line."""
    cell.font = Font(name=FONT, size=11, bold=True)
    cell.border = Border(top=_TOP, bottom=_THIN)
    cell.alignment = Alignment(vertical="center")


def style_warning(cell: AnyCell) -> None:
    """A warning in words: bold and red."""
    cell.font = Font(name=FONT, size=11, bold=True, color=RED)
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def style_note(cell: AnyCell) -> None:
    """Small grey print, for what a reader may skip."""
    cell.font = Font(name=FONT, size=9, color=GREY_TEXT)
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def style_plain(cell: AnyCell, *, bold: bool = False, wrap: bool = False) -> None:
    """Ordinary text on white."""
    cell.font = Font(name=FONT, size=11, bold=bold)
    cell.alignment = Alignment(vertical="top" if wrap else "center", wrap_text=wrap)


def mark_wrong(cell: AnyCell) -> None:
    """Fill a cell as faulty. A comment or a text beside it must say why."""
    cell.fill = PatternFill("solid", fgColor=PALE_RED)


def unmark(cell: AnyCell) -> None:
    """Take the mark off again: yellow where the cell is open for input, grey where it is locked."""
    cell.fill = PatternFill("solid", fgColor=GREY if cell.protection.locked else YELLOW)


def style_of(cell: AnyCell) -> Any:
    """Everything about how a cell looks, to give it to another one of the same workbook with `give_style`."""
    return copy(cast(Any, cell)._style)  # noqa: SLF001  openpyxl has no other way to copy all of it


def give_style(cell: AnyCell, style: Any) -> None:
    """Make a cell look as the one `style` was taken from."""
    cast(Any, cell)._style = copy(style)  # noqa: SLF001


def set_widths(sheet: Worksheet, widths: Mapping[str, float]) -> None:
    """Column widths by letter, in characters."""
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width


def header_row(
    sheet: Worksheet, row: int, headings: Sequence[str], *, first_column: int = 1, height: float = 32
) -> None:
    """Write one row of table headings and give it its height in points."""
    for offset, heading in enumerate(headings):
        cell = sheet.cell(row=row, column=first_column + offset)
        put_text(cell, heading)
        style_header(cell)
    sheet.row_dimensions[row].height = height


def height_for(texts: Iterable[tuple[str, float]], *, least: float = 20) -> float:
    """The height in points of a row whose wrapped texts stand in columns of these widths in characters."""
    lines = (len(textwrap.wrap(text, int(width) + 1)) for text, width in texts)
    return max(least, 15 * max(lines, default=1) + 5)


def protect(sheet: Worksheet) -> None:
    """Lock every cell that is not styled as an input. No password: it guards against slips only."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.formatCells = False


def print_setup(
    sheet: Worksheet, *, repeat_rows: str = "", landscape: bool = True, letter: bool = True
) -> None:
    """One page wide, with page numbers; `repeat_rows` ('7:8') are printed on every page.

    `letter`: US letter paper, else A4.
    """
    sheet.page_setup.paperSize = LETTER if letter else A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
    sheet.page_margins.left = sheet.page_margins.right = 0.3
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.page_margins.header = sheet.page_margins.footer = 0.25
    sheet.oddFooter.left.text = "&A"  # type: ignore[union-attr]
    sheet.oddFooter.right.text = "Page &P of &N"  # type: ignore[union-attr]
    if repeat_rows:
        sheet.print_title_rows = repeat_rows


def describe(workbook: Workbook, *, title: str, language: str, creator: str = "progress-billings") -> None:
    """Set the document's title, language (BCP 47, 'en-GB') and the name of the program that made it."""
    workbook.properties.title = clean_text(title)
    workbook.properties.language = language
    workbook.properties.creator = creator


def save(
    workbook: Workbook, *, created: datetime, cached: Mapping[str, Mapping[str, Decimal | str]] | None = None
) -> bytes:
    """The workbook's bytes: the same for the same content and `created` (an aware instant).

    `cached` gives the value of formula cells by sheet title and cell ('Lines', 'J9'), so that a preview on a
    phone, which calculates nothing, shows figures. A formula cell that is not named has no value until it is
    calculated.
    """
    stamp = created.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    workbook.properties.created = workbook.properties.modified = stamp
    workbook.calculation.fullCalcOnLoad = True
    plain_file = io.BytesIO()
    with zipfile.ZipFile(plain_file, "w", zipfile.ZIP_STORED) as archive:
        # Not Workbook.save(): that one puts the present moment into the properties.
        ExcelWriter(workbook, archive).write_data()
    return _rezip(plain_file, _parts_to_change(workbook, cached or {}))


def _parts_to_change(
    workbook: Workbook, cached: Mapping[str, Mapping[str, Decimal | str]]
) -> Mapping[str, Mapping[str, Decimal | str]]:
    return {
        f"xl/worksheets/sheet{number}.xml": cached[sheet.title]
        for number, sheet in enumerate(workbook.worksheets, 1)
        if sheet.title in cached
    }


def _rezip(source: io.BytesIO, cached: Mapping[str, Mapping[str, Decimal | str]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in _in_order(old.namelist()):
            content = old.read(name)
            if name in cached:
                content = _with_values(content.decode(), cached[name]).encode()
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content)
    return target.getvalue()


def _in_order(names: Iterable[str]) -> list[str]:
    # Programs that tell a workbook by its first bytes look for the content types first.
    first = "[Content_Types].xml"
    return sorted(names, key=lambda name: (name != first, not name.startswith("_rels/"), name))


def _with_values(xml: str, values: Mapping[str, Decimal | str]) -> str:
    def replace(match: re.Match[str]) -> str:
        ref, attributes, formula = match.groups()
        if ref not in values:
            return f'<c r="{ref}"{attributes}><f>{formula}</f></c>'
        value = values[ref]
        if isinstance(value, str):
            return f'<c r="{ref}"{attributes} t="str"><f>{formula}</f><v>{escape(clean_text(value))}</v></c>'
        return f'<c r="{ref}"{attributes}><f>{formula}</f><v>{value:f}</v></c>'

    return _FORMULA_CELL.sub(replace, xml)


def _box() -> Border:
    return Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
