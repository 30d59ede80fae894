"""A workbook as text: every cell with value, formula, number format and lock, and what a person notices."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, cast

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def dump(data: bytes) -> str:
    """The text of a workbook's bytes, the same for workbooks that look and work the same."""
    book = load_workbook(io.BytesIO(data))
    results = load_workbook(io.BytesIO(data), data_only=True)
    lines = [
        f"title: {book.properties.title}",
        f"language: {book.properties.language}",
        f"created: {book.properties.created}",
        *(
            f"name {name}: {defined.value} hidden={defined.hidden}"
            for name, defined in book.defined_names.items()
        ),
        *(f"property {each.name}: {each.value}" for each in cast(Any, book).custom_doc_props.props),
    ]
    for sheet in book.worksheets:
        lines += ["", *_sheet(sheet, results[sheet.title])]
    return "\n".join(lines) + "\n"


def _sheet(sheet: Worksheet, results: Worksheet) -> Iterator[str]:
    setup = sheet.page_setup
    locked = sheet.protection.sheet
    yield f"[{sheet.title}] {sheet.sheet_state} protected={locked} freeze={sheet.freeze_panes}"
    yield f"  page: {setup.orientation} paper={setup.paperSize} titles={sheet.print_title_rows}"
    yield f"  print area: {sheet.print_area}"
    hidden = [key for key, column in sheet.column_dimensions.items() if column.hidden]
    rows = [str(key) for key, row in sheet.row_dimensions.items() if row.hidden]
    yield f"  hidden columns: {' '.join(hidden)}; rows: {' '.join(rows)}"
    for rule in sheet.data_validations.dataValidation:
        yield f"  validation {rule.sqref}: {rule.type} {rule.formula1} {rule.formula2} {rule.promptTitle!r}"
    for each in sheet.conditional_formatting:
        yield f"  format {each.sqref}: {[rule.formula for rule in each.rules]}"
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None or not cell.protection.locked:
                result = f" -> {results[cell.coordinate].value!r}" if cell.data_type == "f" else ""
                lock = "" if cell.protection.locked else " open"
                yield f"  {cell.coordinate} {cell.value!r}{result} {cell.number_format}{lock}"
