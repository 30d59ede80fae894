"""A wrong pay application on its way back to its sender."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from batch.core.findings import Finding, Severity
from batch.core.rules import check
from batch.formats.findings_text import sentence
from batch.formats.pay_app.annotate import LIST_TITLE, annotate
from batch.formats.pay_app.read import read
from batch.formats.terms import terms_for
from batch.formats.workbook import PALE_RED, YELLOW
from tests.formats.pay_app.packages import SHEET, line, number, package, rewritten, sheet, text
from tests.formats.pay_app.samples import a_basis, a_workbook

A_FINDING = Finding(
    code="over-line",
    severity=Severity.RETURN,
    sheet="Lines",
    cell="E8",
    line="L4",
    found="98000.00",
    expected="80000.00",
    difference="10000.00",
)


def filled(**cells: float | str) -> bytes:
    """An invite with cells of its lines filled in."""
    book = load_workbook(io.BytesIO(a_workbook()))
    for ref, value in cells.items():
        book["Lines"][ref] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent_back(data: bytes) -> bytes:
    """What our rules say about a workbook, written into it."""
    findings = check(read(data), a_basis()).findings
    return annotate(data, findings, [sentence(each, terms_for("en-US"), "USD") for each in findings])


def test_list_and_marks() -> None:
    """The first sheet lists every finding; the wrong cell is red and says why; entries are kept."""
    book = load_workbook(io.BytesIO(sent_back(filled(E8=90000, D6="half", E9=100))))
    assert book.sheetnames[:2] == [LIST_TITLE, "Summary"]
    rows = [[cell.value for cell in row] for row in book[LIST_TITLE].iter_rows(min_row=5)]
    assert [row[:3] for row in rows] == [["Lines", "D6", "2"], ["Lines", "E8", "4"]]
    assert rows[1][4:] == ["98,000.00", "80,000.00"]
    cell = book["Lines"]["E8"]
    assert (cell.value, cell.fill.fgColor.rgb) == (90000, f"00{PALE_RED}")
    assert cell.comment is not None
    assert "at most 80,000.00 is left" in cell.comment.text
    assert book["Lines"]["E9"].value == 100
    assert book["Lines"]["E9"].comment is None


def test_marked_workbook_is_read_like_the_original() -> None:
    """Marking changes neither identity nor entries."""
    data = filled(E8=90000)
    before, after = read(data), read(sent_back(data))
    assert (after.identity, after.findings) == (before.identity, ())
    assert [each.cells["work_this_period"].text for each in after.lines] == [
        each.cells["work_this_period"].text for each in before.lines
    ]


def test_results_are_kept() -> None:
    """Formulas keep the results they came with, for a preview that calculates nothing."""
    data = annotate(a_workbook(), [A_FINDING], ["Too much."])
    book = load_workbook(io.BytesIO(data), data_only=True)
    assert book["Summary"]["D22"].value == 316000


def test_second_answer_replaces_the_first() -> None:
    """Marks of an earlier answer are gone from cells that are right now, and there is one list."""
    book = load_workbook(io.BytesIO(sent_back(filled(E8=90000, D6="half"))))
    book["Lines"]["D6"] = 0.5
    out = io.BytesIO()
    book.save(out)
    again = load_workbook(io.BytesIO(sent_back(out.getvalue())))
    assert again.sheetnames.count(LIST_TITLE) == 1
    assert again["Lines"]["D6"].comment is None
    assert again["Lines"]["D6"].fill.fgColor.rgb == f"00{YELLOW}"
    assert again["Lines"]["E8"].comment is not None
    assert again["Lines"]["E8"].comment.text.count("too much") == 1


def test_same_bytes() -> None:
    """The same workbook and findings give the same bytes."""
    assert annotate(a_workbook(), [A_FINDING], ["x"]) == annotate(a_workbook(), [A_FINDING], ["x"])


WORKBOOK = a_workbook()
STRICT = rewritten(
    a_workbook(),
    lambda _name, content: content.replace(
        b"http://schemas.openxmlformats.org", b"http://purl.oclc.org/ooxml"
    ),
)
NO_STYLES = package({SHEET: sheet(line(text("1"), text("x"), '<c s="9"><v>5</v></c>'))})
BULKY = package({SHEET: sheet("<row>" + "<c/>" * 150_000 + "</row>")})


@pytest.mark.parametrize(
    "data", [b"", b"%PDF", STRICT, NO_STYLES, BULKY], ids=["empty", "pdf", "strict", "plain", "bulky"]
)
def test_list_alone(data: bytes) -> None:
    """A file that openpyxl cannot give back whole is answered with the list alone."""
    book = load_workbook(io.BytesIO(annotate(data, [A_FINDING], ["Too much."])))
    assert book[LIST_TITLE]["D5"].value == "Too much."


def test_far_cell_is_no_trouble() -> None:
    """A cell at the very end of a sheet does not make marking slow."""
    rows = line(text("1"), text("x"), number("5")) + '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    book = load_workbook(io.BytesIO(annotate(package({SHEET: sheet(rows)}), [A_FINDING], ["Too much."])))
    assert book[LIST_TITLE]["D5"].value == "Too much."


@pytest.mark.parametrize("cell", ["", "ZZZ1", "E8:F9", "=1", "A0", "XFE1", "A" * 500])
def test_strange_places(cell: str) -> None:
    """A finding whose place is no cell of the workbook is listed and marks nothing."""
    finding = Finding(code="over-line", severity=Severity.RETURN, sheet="Lines", cell=cell, found="=1+1")
    book = load_workbook(io.BytesIO(annotate(a_workbook(), [finding], ["=cmd"])))
    assert (book[LIST_TITLE]["D5"].value, book[LIST_TITLE]["D5"].data_type) == ("=cmd", "s")


@given(st.data())
def test_damaged_workbook(data: st.DataObject) -> None:
    """A workbook with bytes changed anywhere is answered, at least with the list."""
    damaged = bytearray(WORKBOOK)
    for _change in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    book = load_workbook(io.BytesIO(annotate(bytes(damaged), [A_FINDING], ["Too much."])))
    assert book[LIST_TITLE]["D5"].value == "Too much."
