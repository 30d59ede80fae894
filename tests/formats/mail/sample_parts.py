"""Pieces of mail as the common programs write them, for make_samples.py."""

import base64
import io
import struct
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage

import openpyxl

FIXED = datetime(2026, 4, 2, 14, 14, tzinfo=UTC)
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def a_workbook(amount: str = "4000.00") -> bytes:
    """A tiny real .xlsx, the same bytes each time."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = FIXED.replace(tzinfo=None)
    sheet = book.worksheets[0]
    sheet["A1"] = "Line 1"
    sheet["B1"] = amount
    made = io.BytesIO()
    book.save(made)
    return a_zip(dict(_entries(made.getvalue())))


def _entries(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    stamp = FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return [
        (name, _same_instant(content, stamp) if name == "docProps/core.xml" else content)
        for name, content in entries
    ]


def _same_instant(core: bytes, stamp: bytes) -> bytes:
    start = core.index(b'dcterms:W3CDTF">', core.index(b"<dcterms:modified")) + 16
    return core[:start] + stamp + core[core.index(b"</dcterms:modified") :]


def a_zip(files: dict[str, bytes]) -> bytes:
    """A zip with fixed dates."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 4, 2, 9, 14, 0)), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def a_winmail(name: str, data: bytes) -> bytes:
    """A minimal winmail.dat (MS-OXTNEF) with one file in it."""

    def attribute(level: int, number: int, value: bytes) -> bytes:
        return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) % 65536)

    rendering = struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0)
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
        + attribute(2, 0x00069002, rendering)
        + attribute(2, 0x00018010, name.encode("ascii") + b"\0")
        + attribute(2, 0x0006800F, data)
    )


def an_encrypted_workbook() -> bytes:
    """What an encrypted workbook looks like from outside: an OLE file with a stream of that name."""
    magic = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    return magic + "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + bytes(448)


def a_pdf() -> bytes:
    """A file that begins as a PDF does."""
    return b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def a_picture(size: int) -> bytes:
    """Bytes that begin as a PNG does."""
    return (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (size // 256 + 1))[:size]


def a_reply(text: str, *, subject: str, to: str, sent_id: str, **headers: str) -> EmailMessage:
    """A plain reply from the subcontractor's contact."""
    message = EmailMessage()
    message["Return-Path"] = "<maria@lopezconcrete.example>"
    message["From"] = "Maria Lopez <maria@lopezconcrete.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Thu, 02 Apr 2026 09:14:00 -0500"
    message["Message-ID"] = "<CAF3x.20260402@mail.lopezconcrete.example>"
    message["In-Reply-To"] = sent_id
    message["References"] = sent_id
    for name, value in headers.items():
        key = name.replace("_", "-")
        del message[key]
        if value:
            message[key] = value
    message.set_content(text)
    return message


def gmail(text: str) -> str:
    """Quoted as Gmail does, with ">"."""
    intro = "On Wed, Mar 25, 2026 at 9:00 AM Harbor Builders Billing <\nbilling@harborbuild.example> wrote:"
    return intro + "\n\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def gmail_spanish(text: str) -> str:
    """Quoted as Gmail in Spanish does."""
    intro = "El mi\u00e9, 25 mar 2026 a las 9:00, Harbor (<\nbilling@harborbuild.example>) escribi\u00f3:"
    return intro + "\n\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def outlook(text: str) -> str:
    """Quoted as Outlook does, without marks."""
    head = (
        "________________________________\n"
        "From: Harbor Builders Billing <billing@harborbuild.example>\n"
        "Sent: Wednesday, March 25, 2026 9:00 AM\n"
        "To: Maria Lopez <maria@lopezconcrete.example>\n"
        "Subject: Invite to bill: Harbor Point Tower, SC-101, March 2026\n"
    )
    return f"{head}\n{text}"


def outlook_spanish(text: str) -> str:
    """Quoted as Outlook in Spanish does."""
    head = (
        "De: Harbor Builders Billing <billing@harborbuild.example>\n"
        "Enviado el: mi\u00e9rcoles, 25 de marzo de 2026 9:00\n"
        "Para: Maria Lopez <maria@lopezconcrete.example>\n"
        "Asunto: Invite to bill: Harbor Point Tower, SC-101, March 2026\n"
    )
    return f"{head}\n{text}"


def iphone(text: str) -> str:
    """Quoted as an iPhone does."""
    quoted = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
    return (
        "Sent from my iPhone\n\n> On Mar 25, 2026, at 9:00 AM, Harbor Builders Billing "
        f"<billing@harborbuild.example> wrote:\n> \n{quoted}"
    )


def b64(data: bytes) -> str:
    """Base64 in lines of 76."""
    return base64.encodebytes(data).decode("ascii")
