"""What the reader makes of workbooks that came back."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, cast

import pytest
from openpyxl import Workbook, load_workbook

from batch.core.model import LineAmounts
from batch.core.returned import CellKind
from batch.core.rules import check
from batch.formats.pay_app.layout import LETTER
from batch.formats.pay_app.read import read
from tests.formats.pay_app.samples import LINES, TOKEN, a_basis, a_workbook, money

Change = Callable[[Workbook], object]
ALL_KEYS = [line.key for line in LINES]


def changed(change: Change, data: bytes | None = None) -> bytes:
    """The workbook after somebody did something to it in another program."""
    book = load_workbook(io.BytesIO(data or a_workbook()))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def put(values: dict[str, Any], sheet: str = "Lines") -> Change:
    """Fill cells by their names."""

    def fill(book: Workbook) -> None:
        for ref, value in values.items():
            book[sheet][ref] = value

    return fill


def test_round_trip() -> None:
    """What was written is read without a finding, with the same identity on all four carriers."""
    found = read(a_workbook())
    assert found.findings == ()
    assert found.identity.tokens == tuple((each, TOKEN) for each in ("cell", "name", "sheet", "property"))
    assert (found.identity.project, found.identity.commitment) == ("P-2041", "SC-2041-07")
    assert (found.identity.period, found.identity.issue, found.identity.sov_version) == ("3", "1", "2")
    assert [line.line_key for line in found.lines] == ALL_KEYS


def test_untouched_is_a_question() -> None:
    """A workbook in which nothing was filled in gives exactly one finding in the rules."""
    assert [each.code for each in check(read(a_workbook()), a_basis()).findings] == ["nothing-entered"]


def test_filled_passes_the_rules() -> None:
    """Percent on one line and amounts on others are claimed to the cent, without a finding."""
    filled = changed(put({"D6": 0.5, "E7": 15000, "H7": 4000.55, "E9": 1000.1}))
    checked = check(read(filled), a_basis(), expected_tokens=frozenset({TOKEN}))
    assert checked.findings == ()
    assert checked.claim["L2"].work == money("4125.00")
    assert checked.claim["L3"] == LineAmounts(work=money("15000.00"), stored=money("4000.55"))
    assert checked.claim["L5"].work == money("1000.10")


def test_resubmission_passes_the_rules() -> None:
    """A workbook with entries filled in again is read as those amounts, and its own totals agree."""
    entries = {
        "L2": LineAmounts(work=money("12000.00")),
        "L3": LineAmounts(stored=money("0.00"), work=money("15000.00")),
    }
    checked = check(read(a_workbook(entries=entries)), a_basis())
    assert checked.findings == ()
    assert checked.claim["L3"] == entries["L3"]


def test_summary_entries() -> None:
    """Invoice number, tick and comment are found by key."""
    filled = changed(put({"D16": "INV-7", "D17": "Yes", "D19": "See photos"}, "Summary"))
    checked = check(read(filled), a_basis())
    assert (checked.invoice_number, checked.comment, checked.findings) == ("INV-7", "See photos", ())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda book: book["Lines"].insert_rows(1, 3), id="rows inserted above"),
        pytest.param(lambda book: book["Lines"].insert_cols(1, 2), id="columns inserted"),
        pytest.param(lambda book: setattr(book["Lines"], "title", "Feb bill"), id="sheet renamed"),
        pytest.param(lambda book: book.move_sheet("Lines", -1), id="sheet moved"),
        pytest.param(lambda book: book.remove(book["Help"]), id="sheet removed"),
        pytest.param(lambda book: setattr(book["Lines"], "sheet_state", "hidden"), id="sheet hidden"),
        pytest.param(lambda book: book["Lines"].delete_rows(1, 2), id="title deleted"),
        pytest.param(put({"Z4999": "note", "XFD1048576": "far"}), id="far cells"),
    ],
)
def test_lines_are_found_wherever_they_are(change: Change) -> None:
    """Moving, renaming and inserting changes nothing about what is read."""
    found = read(changed(change))
    assert [line.line_key for line in found.lines] == ALL_KEYS
    assert found.findings == ()
    assert found.lines[2].cells["materials_stored"].text == "15000"


def test_key_row_gone() -> None:
    """Without the hidden keys, the headings still name the columns."""
    found = read(changed(lambda book: book["Lines"].delete_rows(3)))
    assert [line.line_key for line in found.lines] == ALL_KEYS
    assert found.lines[2].cells["materials_stored"].text == "15000"


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "en-AU"])
def test_summary_labels(locale: str) -> None:
    """Without the hidden keys of the summary, its labels still name the lines, in every locale."""
    data = changed(lambda book: book["Summary"].delete_cols(1), a_workbook(locale=locale))
    found = read(data).summary
    assert {"invoice_number", "nothing_to_bill", "current_payment_due", "retainage_work"} <= found.keys()
    assert found["nothing_to_bill"].ref == "C17"


def test_headings_and_keys_gone() -> None:
    """Without keys and headings the table is not recognised, and that is said."""
    found = read(changed(lambda book: book["Lines"].delete_rows(3, 2)))
    assert [each.code for each in found.findings] == ["table-not-recognised"]
    assert found.lines == ()
    assert found.identity.tokens


def test_key_column_gone() -> None:
    """Without the column of line keys nothing is guessed from positions."""
    found = read(changed(lambda book: book["Lines"].delete_cols(1)))
    assert [each.code for each in found.findings] == ["table-not-recognised"]


def test_column_twice() -> None:
    """A column of entries that stands twice is a question."""
    found = read(changed(put({"AZ3": "work_this_period"})))
    assert [(each.code, each.found) for each in found.findings] == [
        ("table-not-recognised", "the column 'work_this_period' twice")
    ]


def test_other_workbook() -> None:
    """A workbook with neither code nor table gives findings, never an empty application."""
    book = Workbook()
    book.worksheets[0]["A1"] = "Invoice 12"
    out = io.BytesIO()
    book.save(out)
    assert [each.code for each in read(out.getvalue()).findings] == ["token-missing", "table-not-recognised"]


def test_row_added() -> None:
    """A row without key that holds entries is read as a line without key; the totals are not."""
    found = read(changed(put({"C16": "Extra work", "E16": 500})))
    assert [line.line_key for line in found.lines] == [*ALL_KEYS, ""]
    assert [each.code for each in check(found, a_basis()).findings] == ["line-unknown"]


def test_rows_sorted() -> None:
    """Lines are known by key: after sorting, each entry is still that of its own line."""

    def swap(book: Workbook) -> None:
        sheet = book["Lines"]
        for letter in LETTER.values():
            first, second = sheet[f"{letter}5"], sheet[f"{letter}9"]
            first.value, second.value = second.value, first.value
        sheet[f"{LETTER['work_this_period']}5"] = 777

    lines = {line.line_key: line for line in read(changed(swap)).lines}
    assert lines["L5"].row == 5
    assert lines["L5"].cells["work_this_period"].text == "777"


def test_two_codes() -> None:
    """A second code pasted in is found, so that the conflict can be seen."""
    found = read(changed(put({"B40": "PB1.zzzzzzzzzzzzzzzz"}, "Summary")))
    assert found.identity.token_values == {TOKEN, "zzzzzzzzzzzzzzzz"}


def test_one_carrier_is_enough() -> None:
    """The visible cell alone identifies the workbook."""

    def lose(book: Workbook) -> None:
        book.remove(book["pb"])
        del book.defined_names["PB_TOKEN"]
        cast(Any, book).custom_doc_props.props.clear()

    assert read(changed(lose)).identity.tokens == (("cell", TOKEN),)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (12.5, CellKind.NUMBER, "12.5"),
        (1234.5600000000001, CellKind.NUMBER, "1234.56"),
        (" $1,234.50 ", CellKind.TEXT, " $1,234.50 "),
        (True, CellKind.BOOLEAN, "TRUE"),
        ("#REF!", CellKind.ERROR, "#REF!"),
        ("=NOW()", CellKind.UNCALCULATED, ""),
        (None, CellKind.BLANK, ""),
    ],
)
def test_kinds_stay_apart(value: object, kind: CellKind, text: str) -> None:
    """Number, text, truth value, error, formula without result and blank are told apart."""
    cell = read(changed(put({"E6": value}))).lines[1].cells["work_this_period"]
    assert (cell.kind, cell.text, cell.ref) == (kind, text, "E6")


@pytest.mark.parametrize(
    ("style", "percent"),
    [
        ("0%", True),
        ("0.00%", True),
        ("0.0#%", True),
        ("#,##0.00", False),
        ('0.00" %"', False),
        ("General", False),
    ],
)
def test_percent_formats(style: str, percent: bool) -> None:
    """A number that is shown as a percentage is marked as one; a per cent sign in quotes is only text."""

    def fill(book: Workbook) -> None:
        book["Lines"]["D6"] = 0.45
        book["Lines"]["D6"].number_format = style

    assert read(changed(fill)).lines[1].cells["percent_to_date"].shown_as_percent is percent
