"""Open a register workbook that came from outside, within bounds.

A spreadsheet is a zip of XML: small bytes can unpack to gigabytes, and a document type declaration can pull
in other files. The sizes a zip states are only claims, so what really unpacks is counted.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from batch.formats.register.entries import Entry, entry_of

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_UNPACKED = 120 * 1024 * 1024
MOST_PARTS = 400
MOST_ROWS = 20_000
MOST_COLUMNS = 60
_CHUNK = 1024 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# What openpyxl and the standard library raise on damaged packages, seen in public collections of broken
# files.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, KeyError, IndexError, ValueError, TypeError,
    AttributeError, EOFError, OSError,
    SyntaxError, RuntimeError, OverflowError,
)  # fmt: skip


class UnusableWorkbookError(Exception):
    """The bytes are no register workbook. The message is a sentence for the person who sent it."""


@dataclass(frozen=True, kw_only=True)
class RawSheet:
    """One sheet as it stands in the file: by row number, the filled cells by column number."""

    title: str
    rows: Mapping[int, Mapping[int, Entry]]
    too_long: bool = False

    def ref(self, row: int, column: int) -> str:
        """The name of a cell: B14."""
        return f"{get_column_letter(column)}{row}"


def open_register(data: bytes) -> tuple[RawSheet, ...]:
    """Every sheet with its cells, formulas as formulas. Raises UnusableWorkbookError."""
    _check_package(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        return tuple(_raw(sheet) for sheet in book.worksheets)
    except _DAMAGED:
        raise UnusableWorkbookError(
            "The workbook is damaged and cannot be read. Open it, save it as .xlsx and send it again."
        ) from None


def _raw(sheet: Any) -> RawSheet:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong: WPS writes A1:A1
    rows: dict[int, dict[int, Entry]] = {}
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS), 1):
        cells = {
            at: entry
            for at, cell in enumerate(row, 1)
            if cell.value is not None
            and not (entry := entry_of(cell, f"{get_column_letter(at)}{number}")).blank
        }
        if cells:
            rows[number] = cells
    return RawSheet(title=sheet.title, rows=rows, too_long=MOST_ROWS + 1 in rows)


def _check_package(data: bytes) -> None:
    if not data:
        raise UnusableWorkbookError("The file is empty.")
    if len(data) > LARGEST_FILE:
        raise UnusableWorkbookError(
            f"The file has {len(data):,} bytes; a register may have {LARGEST_FILE:,} at most."
        )
    if data.startswith(_OLE):
        raise UnusableWorkbookError(
            "The file is locked with a password or is an old .xls. Save it as .xlsx without a password."
        )
    if not data.startswith(b"PK\x03\x04"):
        raise UnusableWorkbookError("The file is not an Excel workbook. Save it as .xlsx.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_parts(package)
    except _DAMAGED:
        raise UnusableWorkbookError(
            "The workbook is damaged and cannot be unpacked. Save it as .xlsx and send it again."
        ) from None


def _check_parts(package: zipfile.ZipFile) -> None:
    names = package.namelist()
    if len(names) > MOST_PARTS or len(set(names)) != len(names):
        raise UnusableWorkbookError(
            "The workbook is built in a way no spreadsheet program builds one. Save it as a new .xlsx."
        )
    if "xl/workbook.xml" not in names:
        raise UnusableWorkbookError("The file is not an Excel workbook. Save it as .xlsx.")
    left = LARGEST_UNPACKED
    for name in names:
        left -= _size_of(package, name, left)


def _size_of(package: zipfile.ZipFile, name: str, most: int) -> int:
    size = 0
    with package.open(name) as part:
        while chunk := part.read(_CHUNK):
            # The declaration stands at the start of a part, before its first element.
            if size == 0 and name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in chunk:
                raise UnusableWorkbookError(
                    "The workbook holds a document type declaration, which no register has."
                )
            size += len(chunk)
            if size > most:
                raise UnusableWorkbookError("The workbook unpacks to far more than a register can be.")
    return size
