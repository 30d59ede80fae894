"""What a mail carries: parts as bytes with safe names, zip files and winmail.dat opened one level.

A workbook is found by what it is, never by its name or by "attachment" or "inline": phones send workbooks
inline, gateways send them as octet-stream without a name.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from batch.formats.mail import body, contents, headers
from batch.formats.mail.structure import MAX_PARTS, Leaf

MAX_NAME = 120
MAX_UNPACKED = 50 * 1024 * 1024
# A small picture inside the text is a logo or a signature, not evidence.
MAX_DECORATION = 64 * 1024

_RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10))}
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_NOT_DOCUMENTS = {
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/pgp-keys", "application/ms-tnef", "application/vnd.ms-tnef", "application/ics",
    "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/rfc822-headers",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MailPart:
    """One file that came with a mail. `name` is for showing and is never used as a path; `sha256` is
    of `data`.

    `embedded`: shown inside the text (a logo); `nested`: how many mails it is inside of; `container`:
    the name of the zip or winmail.dat it came out of, or "".
    """

    name: str
    content_type: str
    data: bytes
    sha256: str
    embedded: bool = False
    nested: int = 0
    container: str = ""


def parts_of(leaves: Sequence[Leaf]) -> tuple[tuple[MailPart, ...], list[str]]:
    """Give the files among a mail's parts, packed ones unpacked, and what was left out."""
    faults: list[str] = []
    parts: list[MailPart] = []
    for leaf in leaves:
        if part := _file(leaf):
            parts.append(part)
            parts += _unpacked(part, faults)
    if len(parts) > MAX_PARTS:
        faults.append(f"The mail carries more than {MAX_PARTS} files; the rest was not kept.")
    return tuple(parts[:MAX_PARTS]), faults


def workbooks_among(parts: Iterable[MailPart]) -> tuple[MailPart, ...]:
    """The workbooks, judged by content; the same bytes only once."""
    found = {part.sha256: part for part in reversed(tuple(parts)) if contents.is_workbook(part.data)}
    return tuple(reversed(found.values()))


def documents_among(parts: Iterable[MailPart]) -> tuple[MailPart, ...]:
    """Supporting documents (PDF, pictures, other files); not workbooks, logos, signatures, containers."""
    found = {part.sha256: part for part in reversed(tuple(parts)) if _is_document(part)}
    return tuple(reversed(found.values()))


def safe_name(claimed: str) -> str:
    """A file name that reads as what it is: base name, NFC, no control characters, at most 120 long."""
    base = unicodedata.normalize("NFC", claimed.replace("\\", "/").rpartition("/")[2])
    name = headers.visible(base).translate(_FORBIDDEN).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    if stem.split(".")[0].strip().lower() in _RESERVED:
        stem = f"_{stem}"
    suffix = suffix[:16]
    return f"{stem[: MAX_NAME - len(dot) - len(suffix)]}{dot}{suffix}" or "unnamed"


def _file(leaf: Leaf) -> MailPart | None:
    if leaf.part.is_multipart() or leaf.content_type.startswith(("multipart/", "message/")):
        return None
    if leaf.content_type in {"text/plain", "text/html"} and not body.is_attached(leaf.part):
        return None
    data = body.payload(leaf.part)
    disposition = headers.raw(leaf.part, "content-disposition").strip().lower()
    inline = disposition.startswith("inline") or bool(headers.raw(leaf.part, "content-id"))
    return _part(
        headers.file_name(leaf.part),
        leaf.content_type,
        data,
        embedded=inline and not disposition.startswith("attachment"),
        nested=leaf.nested,
    )


def _part(
    name: str, content_type: str, data: bytes, *, embedded: bool = False, nested: int = 0, container: str = ""
) -> MailPart:
    return MailPart(
        name=safe_name(name),
        content_type=content_type,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        embedded=embedded,
        nested=nested,
        container=container,
    )


def _is_document(part: MailPart) -> bool:
    if part.content_type in _NOT_DOCUMENTS or not part.data or contents.is_workbook(part.data):
        return False
    if contents.is_tnef(part.data) or (contents.is_zip(part.data) and contents.packed_workbooks(part.data)):
        return False
    decoration = part.content_type.startswith("image/") and part.embedded and len(part.data) < MAX_DECORATION
    return not decoration


def _unpacked(part: MailPart, faults: list[str]) -> list[MailPart]:
    if contents.is_tnef(part.data):
        inside: Iterator[tuple[str, bytes]] = contents.tnef_files(part.data)
    elif contents.is_zip(part.data) and not contents.is_workbook(part.data):
        inside = contents.zip_files(part.data, faults, MAX_UNPACKED)
    else:
        return []
    found: list[MailPart] = []
    try:
        for name, data in inside:
            found.append(
                _part(name, "application/octet-stream", data, nested=part.nested, container=part.name)
            )
    except Exception:  # noqa: BLE001 -- a damaged zip raises many things, and none of them is our fault
        faults.append(
            f"The file {part.name} is damaged or locked with a password; not all of it could be read."
        )
    return found
