"""The zip archive a workbook is, opened within limits. What its headers say about sizes is a claim, not a
fact.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from batch.formats.pay_app.sniff import refusal, refuse_other_archives, refuse_other_kinds

MEGABYTE = 1024 * 1024
LARGEST_FILE = 25 * MEGABYTE
MOST_ENTRIES = 200
LARGEST_PART = 24 * MEGABYTE
LARGEST_SUM = 40 * MEGABYTE
#: A part may unpack to this many times its packed size; small parts of repeating markup reach more, honestly.
LARGEST_RATIO = 200
RATIO_FLOOR = MEGABYTE
#: What a workbook's parts may be packed with (ECMA-376 part 2). Python unpacks bzip2 and LZMA without a bound.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CENTRAL = b"PK\x01\x02"
_LIMIT_WORDS = "a workbook of at most 25 MB, and 40 MB unpacked"
#: What zipfile and zlib raise on damaged archives.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, IndexError,
    OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip


class Package:
    """An opened workbook file. Parts are found whatever the case of their names, within limits."""

    def __init__(self, archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._entries = entries
        self._left = LARGEST_SUM

    @property
    def names(self) -> frozenset[str]:
        """The names of all parts, in lower case."""
        return frozenset(self._entries)

    def read(self, name: str) -> bytes | None:
        """The content of a part, or None when there is none. Raises RefusedError when it is damaged or too
        large.
        """
        entry = self._entries.get(normal_name(name))
        if entry is None:
            return None
        limit = min(LARGEST_PART, self._left)
        try:
            with self._archive.open(entry) as part:
                content = part.read(limit + 1)
        except _DAMAGED:
            raise refusal("workbook-unreadable", "a damaged file") from None
        if len(content) > limit:
            raise _too_large()
        self._left -= len(content)
        return content


def open_package(data: bytes) -> Package:
    """Open the bytes of a workbook. Raises RefusedError for any other kind of file and beyond any limit."""
    package = open_archive(data)
    refuse_other_archives(package.names)
    return package


def open_archive(data: bytes) -> Package:
    """Open a zip archive of any document within the same limits. Raises RefusedError beyond them."""
    if len(data) > LARGEST_FILE:
        raise refusal("workbook-too-large", f"{len(data) // MEGABYTE} MB", _LIMIT_WORDS)
    refuse_other_kinds(data)
    # Counted before zipfile makes an object of each: a hundred thousand entries fit into a small file.
    if data.count(_CENTRAL) > 2 * MOST_ENTRIES:
        raise _too_large()
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED:
        raise refusal("workbook-unreadable", "a damaged file") from None
    return Package(archive, _checked(archive.infolist()))


def normal_name(name: str) -> str:
    """A part's name for comparison: forward slashes, none in front, lower case."""
    return name.replace("\\", "/").lstrip("/").lower()


def _checked(found: list[zipfile.ZipInfo]) -> Mapping[str, zipfile.ZipInfo]:
    if len(found) > MOST_ENTRIES or sum(entry.file_size for entry in found) > LARGEST_SUM:
        raise _too_large()
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in found:
        name = normal_name(entry.filename)
        if name in entries:
            # One program shows the first, another the last: what the person saw is not known.
            raise refusal("workbook-hostile", f"the part {entry.filename!r} twice", "each part once")
        _check_entry(entry)
        entries[name] = entry
    return entries


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise refusal("workbook-encrypted", "a locked archive", "a workbook without a password")
    if entry.compress_type not in PACKINGS:
        raise refusal("workbook-hostile", "parts packed as no spreadsheet program packs them")
    if entry.file_size > LARGEST_PART:
        raise _too_large()
    if entry.file_size > max(RATIO_FLOOR, LARGEST_RATIO * entry.compress_size):
        raise _too_large()


def _too_large() -> Exception:
    return refusal("workbook-too-large", "more than a pay application can hold", _LIMIT_WORDS)
