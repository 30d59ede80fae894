"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from batch.core.findings import Finding, Severity

#: What we ask for, in every finding about a wrong kind of file.
WANTED = "an Excel workbook (.xlsx)"
ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names in an OLE directory are UTF-16.
_ENCRYPTED, _WORKBOOK, _BOOK = ("EncryptedPackage".encode("utf-16-le"), "Workbook".encode("utf-16-le"),
                                "Book".encode("utf-16-le"))  # fmt: skip
_KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"Rar!", "an archive (.rar)"),
    (b"7z\xbc\xaf", "an archive (.7z)"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"{\\rtf", "a text document (.rtf)"),
    (b"\t\x08", "an old Excel workbook (.xls)"),
)
#: The kinds of spreadsheet that are read, though not as our own kind is.
XLS, XLSB = "an old Excel workbook (.xls)", "an Excel binary workbook (.xlsb)"
ODS, CSV = "an OpenDocument spreadsheet (.ods)", "a text file (.csv)"
_SPREADSHEETS = frozenset({XLS})


class RefusedError(Exception):
    """The file cannot be read as a pay application. `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def refusal(
    code: str, found: str, expected: str = WANTED, *, sheet: str = "", cell: str = ""
) -> RefusedError:
    """The reason to stop reading, as something to raise."""
    return RefusedError(
        Finding(code=code, severity=Severity.RETURN, sheet=sheet, cell=cell, found=found, expected=expected)
    )


def refuse_other_kinds(data: bytes) -> None:
    """Raise RefusedError unless the file begins as a zip archive does."""
    if data.startswith(ZIP):
        return
    if not data.strip(b"\x00 \r\n\t"):
        raise refusal("workbook-unreadable", "an empty file")
    if data.startswith(_OLE):
        raise _ole(data)
    for magic, name in _KNOWN:
        if data.startswith(magic):
            raise refusal("workbook-format" if name in _SPREADSHEETS else "workbook-unreadable", name)
    raise _text(data)


def refuse_other_archives(names: frozenset[str]) -> None:
    """Raise RefusedError when the parts of an archive (lower case) are those of another document."""
    if "xl/workbook.bin" in names:
        raise refusal("workbook-format", XLSB)
    if any(name.endswith(".iwa") for name in names) or "index.zip" in names:
        raise refusal("workbook-format", "an Apple Numbers document")
    if "content.xml" in names:
        raise refusal("workbook-format", ODS)
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise refusal("workbook-unreadable", "a text document or a presentation")


def _ole(data: bytes) -> RefusedError:
    if _ENCRYPTED in data:
        return refusal(
            "workbook-encrypted", "a workbook locked with a password", "a workbook without a password"
        )
    if _WORKBOOK in data or _BOOK in data:
        return refusal("workbook-format", XLS)
    return refusal("workbook-unreadable", "an old Office document")


def _text(data: bytes) -> RefusedError:
    start = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<meta")):
        return refusal("workbook-format", "a web page")
    if start.startswith(b"<"):
        return refusal("workbook-format", "an XML file")
    if b"\x00" in data[:2048]:
        return refusal("workbook-unreadable", "a file of an unknown kind")
    if any(mark in start for mark in (b",", b";", b"\t")) and b"\n" in data:
        return refusal("workbook-format", CSV)
    return refusal("workbook-unreadable", "a text or unknown file")
