"""Samples of mail that was found to do harm while the whole cycle was attacked (issue 2)."""

import io
import zipfile

from tests.formats.mail import sample_parts as parts
from tests.formats.mail.sample_replies import FILLED, TO, Expected, asked, fixed, reply, with_file


def _packed(packing: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("SC-101.xlsx", (2026, 4, 2, 9, 14, 0))
        archive.writestr(entry, FILLED, packing)
    return made.getvalue()


_LZMA = _packed(zipfile.ZIP_LZMA)
_DAMAGED = _LZMA[:60] + b"\xff" * 40 + _LZMA[100:]
_PLAIN = f"To: {TO}\r\nFrom: maria@lopezconcrete.example\r\n".encode()


def _not_opened(name: str) -> Expected:
    """A zip that is kept and not unpacked: no workbook, and no file that counts as a document."""
    return {"outcome": "question", "reason_contains": name, "answerable": True, "workbooks": 0}


CASES: dict[str, tuple[bytes, Expected]] = {
    # Half a surrogate pair came out of UTF-7 and could neither be stored nor answered.
    "issue-2-half-a-character": (
        _PLAIN + b"Subject: x\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nWhen +2AA- is it due?\r\n",
        {**asked(), "words": "When ? is it due?"},
    ),
    # Python unpacks bzip2 and LZMA without a bound, and raises what was not expected on damaged LZMA.
    "issue-2-zip-with-bzip2": (
        fixed(
            with_file(reply("Our bill.\n"), _packed(zipfile.ZIP_BZIP2), "bills.zip", ("application", "zip"))
        ),
        _not_opened("no clear ACCEPT or DECLINE"),
    ),
    "issue-2-zip-with-lzma": (
        fixed(with_file(reply("Our bill.\n"), _DAMAGED, "bills.zip", ("application", "zip"))),
        _not_opened("no clear ACCEPT or DECLINE"),
    ),
    # A picture named as a workbook: the reader says what it is, see the job.
    "issue-2-picture-named-as-workbook": (
        fixed(with_file(reply("Our bill.\n"), parts.a_picture(5000), "SC-101.xlsx")),
        _not_opened("SC-101.xlsx is not an Excel workbook"),
    ),
}
