"""Files that are no workbooks, damaged ones, and ones made to do harm: findings, never an exception."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.returned import CellKind, Returned
from batch.formats.pay_app.read import read
from tests.formats.pay_app.packages import (
    MAIN,
    PARTS,
    RELATIONS,
    SHEET,
    claiming,
    line,
    number,
    package,
    rewritten,
    sheet,
    text,
)
from tests.formats.pay_app.samples import a_workbook

WORKBOOK = a_workbook()
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 512


def codes(found: Returned) -> list[str]:
    """The codes of all findings."""
    return [each.code for each in found.findings]


def ole(stream: str) -> bytes:
    """An old Office file with this stream in its directory."""
    return OLE + stream.encode("utf-16-le") + b"\x00" * 512


def archive(*names: str) -> bytes:
    """A zip archive with parts of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "workbook-unreadable", "an empty file"),
        (b"   \r\n", "workbook-unreadable", "an empty file"),
        (ole("Workbook"), "workbook-format", "an old Excel workbook (.xls)"),
        (ole("EncryptedPackage"), "workbook-encrypted", "a workbook locked with a password"),
        (ole("WordDocument"), "workbook-unreadable", "an old Office document"),
        (archive("mimetype", "content.xml"), "workbook-format", "an OpenDocument spreadsheet (.ods)"),
        (archive("xl/workbook.bin"), "workbook-format", "an Excel binary workbook (.xlsb)"),
        (archive("Index/Document.iwa"), "workbook-format", "an Apple Numbers document"),
        (archive("word/document.xml"), "workbook-unreadable", "a text document or a presentation"),
        (archive("photo.jpg"), "workbook-unreadable", "an archive that is not a workbook"),
        (b"%PDF-1.7\n", "workbook-unreadable", "a PDF file"),
        (b"\x89PNG\r\n", "workbook-unreadable", "a picture"),
        (b"<html><table>", "workbook-format", "a web page"),
        (b"<?xml version='1.0'?><Workbook/>", "workbook-format", "an XML file"),
        (b"item,amount\n1,2\n", "workbook-format", "a text file (.csv)"),
        (b"hello", "workbook-unreadable", "a text or unknown file"),
        (bytes(range(256)) * 10, "workbook-unreadable", "a file of an unknown kind"),
    ],
)
def test_other_files_are_named(data: bytes, code: str, words: str) -> None:
    """A file that is no .xlsx is told by its first bytes and called by its name."""
    finding = read(data).findings[0]
    assert (finding.code, finding.found) == (code, words)


def test_truncated() -> None:
    """A workbook that was cut off is unreadable."""
    assert codes(read(WORKBOOK[: len(WORKBOOK) // 2])) == ["workbook-unreadable"]


def test_locked_zip() -> None:
    """A zip archive with encrypted parts is locked."""
    data = bytearray(WORKBOOK)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := data.find(signature, at)) >= 0:
            data[at + offset] |= 1
            at += 4
    assert codes(read(bytes(data))) == ["workbook-encrypted"]


def test_one_huge_cell() -> None:
    """A small file that unpacks to hundreds of megabytes is refused by what its header says."""
    bomb = package({SHEET: sheet(line(text("A" * 60_000_000)))})
    assert len(bomb) < 200_000
    assert codes(read(bomb)) == ["workbook-too-large"]


def test_header_lies_about_the_size() -> None:
    """A part that unpacks to more than its header says is cut off at the limit and refused."""
    bomb = claiming(package({SHEET: sheet(line(text("A" * 60_000_000)))}), SHEET, 5_000)
    assert set(codes(read(bomb))) <= {"workbook-too-large", "workbook-unreadable"}
    assert read(bomb).lines == ()


def test_junk_part() -> None:
    """Size counts also for parts that are never read."""
    assert codes(read(package({"xl/media/junk.bin": b"\x00" * 30_000_000}))) == ["workbook-too-large"]


def test_many_parts() -> None:
    """An archive of thousands of parts is refused before each is looked at."""
    parts = {f"p{n}": "" for n in range(3000)}
    assert codes(read(package(parts))) == ["workbook-too-large"]


def test_many_parts_below_the_first_count() -> None:
    """More than 200 parts are refused."""
    assert codes(read(package({f"p{n}": "" for n in range(250)}))) == ["workbook-too-large"]


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_without_a_bound(packing: int) -> None:
    """Only stored and deflated parts are unpacked: Python expands others whole before it can count."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as made:
        for name, content in {**PARTS, SHEET: sheet(line(number("1")))}.items():
            made.writestr(name, content)
    assert codes(read(out.getvalue())) == ["workbook-hostile"]


def test_part_twice() -> None:
    """A part that stands twice is refused: one program shows the first, another the last."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as made:
        warnings.simplefilter("ignore")
        for name, content in [*PARTS.items(), (SHEET, sheet("")), (SHEET.upper(), sheet(line(number("1"))))]:
            made.writestr(name, content)
    assert codes(read(out.getvalue())) == ["workbook-hostile"]


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE w [<!ENTITY x SYSTEM "/etc/hostname">]>',
        "<!DOCTYPE w>",
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "docProps/custom.xml"])
def test_doctype(part: str, declaration: str) -> None:
    """A document type declaration is refused in every part that is read."""
    usual = {SHEET: sheet(""), **PARTS}
    assert codes(read(package({SHEET: sheet(""), part: declaration + usual.get(part, "<sst/>")}))) == [
        "workbook-hostile"
    ]


def test_cell_twice() -> None:
    """A cell that stands twice is refused."""
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>'
    finding = read(package({SHEET: sheet(rows)})).findings[0]
    assert (finding.code, finding.sheet, finding.cell) == ("workbook-hostile", "Lines", "A2")


def test_commented_cell_is_no_cell() -> None:
    """A cell inside a comment of the markup does not exist."""
    found = read(
        package({SHEET: sheet(line(text("1"), text("x"), number("5")) + "<!--<row><c><v>9</v></c></row>-->")})
    )
    assert [each.cells["work_this_period"].text for each in found.lines] == ["5"]


def test_too_many_cells() -> None:
    """Past twenty thousand cells with content a workbook is too large."""
    rows = "".join("<row>" + number("1") * 50 + "</row>" for _row in range(500))
    assert codes(read(package({SHEET: sheet(rows)}))) == ["workbook-too-large"]


def test_too_many_blank_cells() -> None:
    """A million stored blank cells are too many to look at."""
    rows = "<row>" + "<c/>" * 1_100_000 + "</row>"
    assert codes(read(package({SHEET: sheet(rows)}))) == ["workbook-too-large"]


def test_far_cells_are_passed_over() -> None:
    """Cells beyond row 5,000 or column 60 are not there."""
    rows = line(text("1"), text("x"), number("5")) + '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    found = read(package({SHEET: sheet(rows)}))
    assert (len(found.lines), found.findings) == (1, ())


def test_deep_markup() -> None:
    """Markup nested without end is refused."""
    assert codes(read(package({SHEET: sheet("<row>" * 5000 + "</row>" * 5000)}))) == ["workbook-hostile"]


def test_false_dimension_and_counts() -> None:
    """What a part says about its own size is not believed."""
    tags = '<dimension ref="A1"/>'
    strings = f'<sst {MAIN} count="4294967295" uniqueCount="4294967295"><si><t>x</t></si></sst>'
    cells = line(text("1"), '<c t="s"><v>0</v></c>', number("5"))
    found = read(package({SHEET: sheet(cells, tags=tags), "xl/sharedStrings.xml": strings}))
    assert found.lines[0].cells["description"].text == "x"


def test_string_that_does_not_exist() -> None:
    """A cell that names a shared string which is not there shows an error, and is not blank."""
    found = read(package({SHEET: sheet(line(text("1"), text("x"), '<c t="s"><v>7</v></c>'))}))
    assert found.lines[0].cells["work_this_period"].kind is CellKind.ERROR


def test_prefixed_tags() -> None:
    """Markup with a prefix on every tag reads the same."""
    body = (
        sheet(line(text("1"), text("x"), number("5")))
        .replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
    )
    found = read(package({SHEET: body.replace("xmlns=", "xmlns:x=")}))
    assert found.lines[0].cells["work_this_period"].text == "5"


def test_strict_namespace() -> None:
    """A workbook of the strict sort, with other namespaces, reads the same."""
    old, new = b"http://schemas.openxmlformats.org", b"http://purl.oclc.org/ooxml"
    strict = rewritten(WORKBOOK, lambda _name, content: content.replace(old, new))
    assert (read(strict).lines, read(strict).findings) == (read(WORKBOOK).lines, ())


def test_without_styles() -> None:
    """A workbook without styles is read."""
    found = read(package({SHEET: sheet(line(text("1"), text("x"), '<c s="9"><v>5</v></c>'))}))
    assert found.lines[0].cells["work_this_period"].text == "5"


def test_rich_text_without_readings() -> None:
    """Rich text is joined, and the readings of East Asian text are left out."""
    rich = '<c t="inlineStr"><is><r><t>Le</t></r><r><t>vel</t></r><rPh sb="0" eb="1"><t>xx</t></rPh></is></c>'
    assert (
        read(package({SHEET: sheet(line(text("1"), rich, number("1")))})).lines[0].cells["description"].text
        == "Level"
    )


@pytest.mark.parametrize(
    ("cell", "kind", "value", "formula"),
    [
        ("<c><f>A1+1</f><v>3</v></c>", CellKind.NUMBER, "3", "A1+1"),
        ("<c><f>A1+1</f></c>", CellKind.UNCALCULATED, "", "A1+1"),
        ("<c><f>A1+1</f><v/></c>", CellKind.UNCALCULATED, "", "A1+1"),
        ('<c t="str"><f>A1</f><v>x</v></c>', CellKind.TEXT, "x", "A1"),
        ('<c t="str"><f>A1</f><v></v></c>', CellKind.TEXT, "", "A1"),
        ('<c><f t="shared" si="0"/><v>3</v></c>', CellKind.NUMBER, "3", "(shared)"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', CellKind.ERROR, "#DIV/0!", "1/0"),
        ('<c t="b"><v>1</v></c>', CellKind.BOOLEAN, "TRUE", ""),
        ("<c><v>1.2340000000000001E3</v></c>", CellKind.NUMBER, "1.2340000000000001E3", ""),
        ("<c><v>NaN</v></c>", CellKind.TEXT, "NaN", ""),
        ("<c><v>1e999999</v></c>", CellKind.TEXT, "1e999999", ""),
    ],
)
def test_stored_forms(cell: str, kind: CellKind, value: str, formula: str) -> None:
    """Every way a cell can be stored gives its kind, exact text and formula."""
    found = read(package({SHEET: sheet(line(text("1"), text("x"), cell))})).lines[0].cells["work_this_period"]
    assert (found.kind, found.text, found.formula) == (kind, value, formula)


def test_parts_elsewhere() -> None:
    """Parts are found by their relations, whatever their names and whatever slashes they are written with."""
    moved = {
        "_rels/.rels": PARTS["_rels/.rels"].replace("xl/workbook.xml", "/deep/Book.xml"),
        "deep\\book.xml": PARTS["xl/workbook.xml"],
        "deep/_rels/Book.xml.rels": PARTS["xl/_rels/workbook.xml.rels"].replace("worksheets/", "../s/"),
        "s/sheet1.xml": sheet(line(text("1"), text("x"), number("5"))),
    }
    assert len(read(package(moved)).lines) == 1


def test_sheet_without_part() -> None:
    """A sheet whose part is missing is passed over."""
    book = f'<workbook {MAIN} {RELATIONS}><sheets><sheet name="x" r:id="zz"/></sheets></workbook>'
    assert "table-not-recognised" in codes(read(package({"xl/workbook.xml": book})))


@given(st.binary(max_size=4000))
def test_any_bytes(data: bytes) -> None:
    """No bytes make the reader raise, and none of them are an application."""
    found = read(data)
    assert found.findings
    assert found.lines == ()


@given(st.binary(max_size=2000))
def test_any_zip_tail(data: bytes) -> None:
    """Neither do bytes that begin as an archive does."""
    assert read(b"PK\x03\x04" + data).findings


@given(st.data())
def test_damaged_workbook(data: st.DataObject) -> None:
    """A workbook with bytes changed anywhere is read or refused; the reader never raises."""
    damaged = bytearray(WORKBOOK)
    for _change in range(data.draw(st.integers(1, 20))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(damaged))


@given(
    part=st.sampled_from([SHEET, *PARTS]), content=st.one_of(st.binary(max_size=300), st.text(max_size=300))
)
def test_any_part(part: str, content: str | bytes) -> None:
    """Any content in any part is read or refused."""
    made = content.encode("utf-8", "replace") if isinstance(content, str) else content
    read(package({SHEET: sheet(""), part: made}))


_ATTRIBUTE = st.sampled_from(
    ['r="A2"', 'r="ZZZ9999999"', 'r="A0"', 'r=""', 't="s"', 't="b"', 't="x"', 's="-1"', 's="99999999999"']
)
_CELL = st.builds(
    lambda attributes, tag, value: f"<c {' '.join(dict.fromkeys(attributes))}><{tag}>{value}</{tag}></c>",
    st.lists(_ATTRIBUTE, max_size=1),
    st.sampled_from(["v", "f", "is", "t"]),
    st.sampled_from(["", "1", "-", "1e5", "999999999999999999999", "&lt;", "#REF!", "L1", "٣"]),
)


@given(st.lists(_CELL, max_size=12))
def test_any_cells(cells: list[str]) -> None:
    """Cells with strange positions, types and contents are read or refused."""
    read(package({SHEET: sheet("<row>" + "".join(cells) + "</row>")}))
