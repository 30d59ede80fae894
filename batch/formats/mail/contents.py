"""What a file is, judged by its bytes: workbook, zip, winmail.dat. Bounded; nothing is written."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tnefparse import TNEF  # type: ignore[import-untyped]

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
TNEF_MAGIC = bytes.fromhex("789f3e22")

MAX_ENTRIES = 100
MAX_RATIO = 100
# Python unpacks bzip2 and LZMA without a bound: a small mail could take all memory there is.
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# An .xlsx has a few hundred entries at most; more is not looked into.
_MAX_DIRECTORY = 256 * 1024
_END_RECORD = b"PK\x05\x06"
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
# Names of the streams in an OLE file, as its directory stores them (UTF-16, little endian).
_OLE_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "EncryptedPackage"))
_OLE_OLD_BOOK = "Book\0".encode("utf-16-le")
# What a sheet of a pay application holds, whatever it was saved as; in UTF-16 too, once its zero bytes are gone.
_TABLE_MARKS = (b"PB1.", b"line_key")
_TABLE_START = 64 * 1024
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".xltx", ".ods", ".numbers")


def is_zip(data: bytes) -> bool:
    """True for a file that begins as a zip does."""
    return data.startswith(ZIP_MAGIC)


def is_tnef(data: bytes) -> bool:
    """True for Outlook's winmail.dat."""
    return data.startswith(TNEF_MAGIC)


def is_workbook(data: bytes) -> bool:
    """True for .xlsx and its kin, .ods, .xls and an encrypted workbook, also when the file is cut short."""
    if data.startswith(OLE_MAGIC):
        return any(name in data for name in _OLE_STREAMS) or _OLE_OLD_BOOK in data
    if not is_zip(data):
        return _is_saved_table(data)
    if _ODS in data[:200]:
        return True
    # The parts' names stand in the local headers too, so a file without its directory is still recognised.
    return b"xl/workbook." in data or any(name.lower().startswith("xl/") for name in _names(data))


def _is_saved_table(data: bytes) -> bool:
    """A sheet of ours saved as text: it has our code, or our row of column keys."""
    start = data[:_TABLE_START].replace(b"\0", b"")
    return any(mark in start for mark in _TABLE_MARKS) and any(mark in start for mark in b",;\t")


def claims_workbook(name: str) -> bool:
    """True for a file name that says it is a workbook."""
    return name.lower().endswith(_WORKBOOK_SUFFIXES)


def packed_workbooks(data: bytes) -> bool:
    """True for a zip with a file in it whose name says it is a workbook."""
    return any(claims_workbook(name) for name in _names(data))


def zip_files(data: bytes, faults: list[str], limit: int) -> Iterator[tuple[str, bytes]]:
    """Give the files of a zip, each read up to `limit` bytes in all (declared sizes may lie)."""
    if not _directory_is_small(data):
        faults.append("A zip file holds too many files; it was not opened.")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist()[:MAX_ENTRIES]:
            if info.is_dir() or info.filename.startswith("__MACOSX/"):
                continue
            if info.compress_type not in _PACKINGS:
                faults.append("A zip file is packed in a way that is not read; not all of it was opened.")
                continue
            allowed = min(limit, MAX_RATIO * max(info.compress_size, 1024))
            content = _read(archive, info, allowed + 1)
            if len(content) > allowed:
                faults.append("A zip file holds more than it may; the rest was not opened.")
                return
            limit -= len(content)
            yield info.filename, content


def tnef_files(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the files in a winmail.dat; none when it cannot be read."""
    try:
        found = TNEF(data, do_checksum=False).attachments
        files = [(_tnef_name(one), bytes(one.data)) for one in found[:MAX_ENTRIES]]
    except Exception:  # noqa: BLE001 -- the reader raises six kinds of exception on damaged files
        return
    yield from files


def _tnef_name(attachment: object) -> str:
    name = attachment.long_filename()  # type: ignore[attr-defined]
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    try:
        with archive.open(info) as stream:
            return stream.read(size)
    except zlib.error as damage:
        raise zipfile.BadZipFile(str(damage)) from damage


def _names(data: bytes) -> tuple[str, ...]:
    if not _directory_is_small(data):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return tuple(archive.namelist())
    except Exception:  # noqa: BLE001 -- a damaged directory raises many things (struct, Unicode, Value errors)
        return ()


def _directory_is_small(data: bytes) -> bool:
    """Read the end record ourselves, since zipfile reads a directory of any size. None: it will complain."""
    at = data.rfind(_END_RECORD, max(0, len(data) - 66_000))
    if at < 0 or len(data) < at + 22:
        return True
    (size,) = struct.unpack_from("<I", data, at + 12)
    return bool(size <= _MAX_DIRECTORY)
