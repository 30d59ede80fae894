"""Files that are no register: noise, bombs, other formats. One sentence each, never a crash."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from batch.formats.register import opening_file
from batch.formats.register.read import read
from tests.formats.register.builders import rows, workbook


def _zip(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello", "not an Excel workbook"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "password"),
        (_zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "not an Excel workbook"),
        (_zip({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "document type declaration"),
        (_zip({"xl/workbook.xml": b"<workbook/>"}), "damaged"),
        (_zip({"xl/workbook.xml": b"<w/>", "xl/junk.bin": bytes(130 * 1024 * 1024)}), "unpacks to far more"),
        (_zip({f"xl/{number}.xml": b"<a/>" for number in range(500)}), "no spreadsheet program"),
    ],
)  # fmt: skip
def test_what_is_no_register_is_told_and_never_a_crash(data: bytes, told: str) -> None:
    """Noise, bombs and other files give one sentence."""
    found = read(data)
    assert len(found.problems) == 1
    assert told in found.problems[0].sentence


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    """The size is looked at before anything is unpacked."""
    assert "bytes" in read(b"PK\x03\x04" + bytes(opening_file.LARGEST_FILE)).problems[0].sentence


@pytest.mark.parametrize("at", range(0, 28_000, 1750))
def test_a_damaged_workbook_never_crashes(at: int) -> None:
    """Whatever byte is lost, the answer is problems or rows, never an exception."""
    data = bytearray(workbook(rows()))
    data[at] ^= 0xFF
    read(bytes(data[: len(data) - at // 2]))
    read(bytes(data))


def test_a_workbook_with_other_sheets_only_says_so() -> None:
    """Nothing recognised is a problem, never an empty register."""
    book = Workbook()
    book.worksheets[0].title = "Budget"
    book.worksheets[0]["A1"] = 1
    target = io.BytesIO()
    book.save(target)
    assert 'sheet "Budget" is not one of the register' in read(target.getvalue()).problems[0].sentence
