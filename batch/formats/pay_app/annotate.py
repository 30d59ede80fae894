"""Gives a wrong pay application back to its sender: all entries kept, wrong cells marked, and a list in
front.

The original is opened with openpyxl only after our own reader accepted it. A workbook that openpyxl cannot
take is answered with the list alone.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.findings import Finding, Severity
from batch.core.returned import CellKind
from batch.formats import workbook as look
from batch.formats.pay_app.grid import MANY_CELLS, Grid
from batch.formats.pay_app.read import Opened, open_workbook
from batch.formats.pay_app.sniff import RefusedError
from batch.formats.pay_app.table import find_lines

LIST_TITLE = "Please correct"
_AUTHOR = "progress-billings"
_HEADINGS = ("Sheet", "Cell", "Item", "What is wrong", "Found", "Expected")
_WIDTHS = {"A": 12, "B": 8, "C": 10, "D": 64, "E": 22, "F": 22}
_FIRST_ROW = 5
#: A made-up instant for a workbook that does not say when it was made.
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
# What openpyxl raises on workbooks that other programs open, as seen on public collections of test files.
_NOT_FOR_OPENPYXL = (
    AttributeError, IndexError, KeyError, TypeError, ValueError, OSError, NotImplementedError, AssertionError,
    SyntaxError, EOFError, OverflowError, InvalidFileException, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# The places our own reader reports; anything else a finding may carry is no cell of a returned workbook.
_PLACE = re.compile(r"[A-Z]{1,2}[1-9][0-9]{0,3}")
Row = tuple[Finding, str]


def annotate(original: bytes, findings: Sequence[Finding], sentences: Sequence[str]) -> bytes:
    """The workbook's bytes, with a first sheet that lists every finding and its sentence (in the same order).

    A cell that must be corrected is filled red and carries the sentence as a comment. Never raises for what
    the original holds.
    """
    rows = list(zip(findings, sentences, strict=True))
    try:
        opened = open_workbook(original)
        book = _load(original, opened)
    except (RefusedError, *_NOT_FOR_OPENPYXL):
        return _save(_only_list(rows), {}, _UNDATED)
    _unmark(book)
    for finding, text in rows:
        if finding.severity is not Severity.NOTE:
            _mark(book, finding, text)
    _list(book.create_sheet(_free_title(book), 0), rows, _items(opened))
    book.active = 0
    for sheet in book.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    made = book.properties.created or _UNDATED
    try:
        return _save(book, _results(opened.grids), made if made.tzinfo else made.replace(tzinfo=UTC))
    except _NOT_FOR_OPENPYXL:
        return _save(_only_list(rows), {}, _UNDATED)


def _load(original: bytes, opened: Opened) -> Workbook:
    if sum(grid.elements for grid in opened.grids) > MANY_CELLS:
        raise ValueError("too many cells to write again")
    with warnings.catch_warnings():
        # It warns of parts it leaves out, such as drawings; none holds an entry.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(original))
    if [sheet.title for sheet in book.worksheets] != [grid.sheet for grid in opened.grids]:
        raise ValueError("openpyxl sees other sheets")
    for grid in opened.grids:
        _same_cells(book[grid.sheet], grid)
    return book


def _same_cells(sheet: Worksheet, grid: Grid) -> None:
    """Raise ValueError when openpyxl sees fewer cells: it reads a workbook of the strict sort as empty."""
    for row, column in grid.cells:
        if grid.cells[row, column].text and (row, column) not in _stored(sheet):
            raise ValueError("openpyxl does not see every cell")


def _stored(sheet: Worksheet) -> dict[tuple[int, int], Cell]:
    """The cells that exist. Walking over rows and columns would make one of each up to the farthest cell."""
    return cast(Any, sheet)._cells  # type: ignore[no-any-return]  # noqa: SLF001


def _unmark(book: Workbook) -> None:
    """Take away what an earlier answer of ours put in, so that only what is wrong now is red."""
    for sheet in list(book.worksheets):
        if sheet["A1"].value == LIST_TITLE:
            book.remove(sheet)
            continue
        for cell in _stored(sheet).values():
            if cell.comment and cell.comment.author == _AUTHOR:
                cell.comment = None
                look.unmark(cell)


def _mark(book: Workbook, finding: Finding, text: str) -> None:
    sheet = next((each for each in book.worksheets if each.title == finding.sheet), None)
    if sheet is None or not _PLACE.fullmatch(finding.cell):
        return
    cell = sheet[finding.cell]
    look.mark_wrong(cell)
    wanted = f"\nExpected: {finding.expected}" if finding.expected and finding.expected not in text else ""
    already = f"{cell.comment.text}\n" if cell.comment else ""
    comment = Comment(look.clean_text(f"{already}{text}{wanted}")[:2000], _AUTHOR)
    comment.width, comment.height = 300, 120
    cell.comment = comment


def _list(sheet: Worksheet, rows: Sequence[Row], items: Mapping[str, str]) -> None:
    for column, width in _WIDTHS.items():
        sheet.column_dimensions[column].width = width
    look.put_text(sheet["A1"], LIST_TITLE)
    look.style_title(sheet["A1"])
    look.put_text(
        sheet["A2"], "Correct the red cells, save, and reply with this file. Your entries are still in it."
    )
    look.style_plain(sheet["A2"])
    look.header_row(sheet, _FIRST_ROW - 1, _HEADINGS)
    for number, (finding, text) in enumerate(_by_severity(rows), _FIRST_ROW):
        _list_row(sheet, number, finding, text, items.get(finding.line, finding.line))
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    sheet.sheet_view.showGridLines = False
    look.print_setup(sheet, repeat_rows=f"{_FIRST_ROW - 1}:{_FIRST_ROW - 1}")


def _list_row(sheet: Worksheet, number: int, finding: Finding, text: str, item: str) -> None:
    told = text if finding.severity is Severity.RETURN else f"For your information: {text}"
    values = (finding.sheet, finding.cell, item, told, _shown(finding.found), _shown(finding.expected))
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row=number, column=column)
        look.put_text(cell, value)
        look.style_plain(cell, wrap=True)
    sheet.row_dimensions[number].height = 16 * (1 + len(told) // 62) + 4
    if _PLACE.fullmatch(finding.cell) and finding.severity is Severity.RETURN:
        quoted = finding.sheet.replace("'", "''")
        sheet.cell(row=number, column=2).hyperlink = f"#'{quoted}'!{finding.cell}"
        look.style_warning(sheet.cell(row=number, column=2))
        sheet.cell(row=number, column=2).alignment = Alignment(vertical="top")


def _shown(text: str) -> str:
    """An amount with thousands separators; other text as it is."""
    return f"{Decimal(text):,f}" if re.fullmatch(r"-?\d{1,13}\.\d{1,4}", text) else text


def _items(opened: Opened) -> Mapping[str, str]:
    """The item number a person sees, by line key."""
    lines, _findings = find_lines(opened.grids)
    named = ((line.line_key, line.cells["item"].text.strip()) for line in lines if "item" in line.cells)
    return {key: item for key, item in named if item}


def _by_severity(rows: Sequence[Row]) -> list[Row]:
    order = [Severity.RETURN, Severity.HOLD, Severity.NOTE]
    return sorted(rows, key=lambda row: order.index(row[0].severity))


def _results(grids: Iterable[Grid]) -> dict[str, dict[str, Decimal | str]]:
    """The last results of all formulas; openpyxl would drop them, and a phone would show nothing."""
    return {
        grid.sheet: {
            cell.ref: Decimal(cell.text) if cell.kind is CellKind.NUMBER else cell.text
            for cell in grid.cells.values()
            if cell.formula and cell.kind in (CellKind.NUMBER, CellKind.TEXT)
        }
        for grid in grids
    }


def _only_list(rows: Sequence[Row]) -> Workbook:
    book = Workbook()
    sheet = book.active
    if isinstance(sheet, Worksheet):
        sheet.title = LIST_TITLE
        _list(sheet, rows, {})
    return book


def _free_title(book: Workbook) -> str:
    """The list's title, with a number when an earlier list is still in the workbook."""
    taken = set(book.sheetnames)
    numbered = (LIST_TITLE if n == 1 else f"{LIST_TITLE} {n}" for n in range(1, len(taken) + 2))
    return next(title for title in numbered if title not in taken)


def _save(book: Workbook, results: dict[str, dict[str, Decimal | str]], made: datetime) -> bytes:
    return look.save(book, created=made, cached=results)
