"""Makes workbooks part by part, well-formed and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'

PARTS: Mapping[str, str] = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": f'<Relationships {PACKAGE}><Relationship Id="a" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f"<workbook {MAIN} {RELATIONS}><sheets>"
    '<sheet name="Lines" sheetId="1" r:id="b"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships {PACKAGE}><Relationship Id="b" Type="{OFFICE}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
KEYS = ("line_key", "item", "description", "work_this_period", "materials_stored")
KEY_ROW = "<row>" + "".join(f'<c t="inlineStr"><is><t>{key}</t></is></c>' for key in KEYS) + "</row>"


def sheet(rows: str, *, tags: str = "") -> str:
    """A worksheet part with the row of keys and then `rows`."""
    return f"<worksheet {MAIN}>{tags}<sheetData>{KEY_ROW}{rows}</sheetData></worksheet>"


def text(value: str) -> str:
    """A cell with inline text, without a position of its own."""
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def number(value: str) -> str:
    """A cell with a number, without a position of its own."""
    return f"<c><v>{value}</v></c>"


def line(*cells: str) -> str:
    """A row for line L1 with these cells after its key."""
    return "<row>" + text("L1") + "".join(cells) + "</row>"


def package(parts: Mapping[str, str | bytes], *, level: int = 6) -> bytes:
    """The zip archive of these parts over the usual ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in {**PARTS, **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A workbook with the content of each part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def claiming(data: bytes, name: str, size: int) -> bytes:
    """The archive with a false unpacked size of one part in both of its headers."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = 0
        while (at := changed.find(signature, at)) >= 0:
            name_at = at + (30 if signature == b"PK\x03\x04" else 46)
            if changed[name_at : name_at + len(name)] == name.encode():
                struct.pack_into("<L", changed, at + offset, size)
            at += 4
    return bytes(changed)
