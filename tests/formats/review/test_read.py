"""The review workbook as it comes back."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from batch.core.findings import CODES, Finding, Severity
from batch.core.review_entries import Choice, ReviewDecision, UnderReview
from batch.core.reviewing import on_behalf, settle
from batch.formats.review import in_words, read, write
from batch.formats.terms import TERMS
from tests.core.builders import amounts
from tests.formats.review.reviews import CREATED, STAMP, a_review, a_silent_one, an_application

WRITTEN = write(a_review(), created=CREATED, terms=TERMS["en-US"], stamp=STAMP)
#: Rows of the written workbook.
CONCRETE, STEEL, L1, L2, DOORS = 5, 6, 6, 7, 6


class Desk:
    """An admin's spreadsheet program: opens the workbook, types into cells by column key, saves."""

    def __init__(self, data: bytes = WRITTEN) -> None:
        self.book: Workbook = openpyxl.load_workbook(io.BytesIO(data))

    def type(self, sheet: str, key: str, row: int, value: Any) -> Desk:
        """Put a value into a cell."""
        self.book[sheet][f"{self.letter(sheet, key)}{row}"] = value
        return self

    def letter(self, sheet: str, key: str) -> str:
        """The letter of a column by its hidden key."""
        cells = self.book[sheet][3]
        return next(str(cell.column_letter) for cell in cells if cell.value == key)

    def save(self) -> bytes:
        """The bytes of the file."""
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()


def decision(data: bytes, application_id: str = "SC-1001/2") -> ReviewDecision:
    """The decision on one application."""
    return next(each for each in read(data).decisions if each.application_id == application_id)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """The codes of findings."""
    return [finding.code for finding in findings]


def test_what_was_written_comes_back_as_claimed_and_undecided() -> None:
    """An untouched workbook decides nothing, and every approved figure is the claimed one."""
    found = read(WRITTEN)
    assert (found.token, found.project, found.findings) == (STAMP, "24-101", ())
    assert [(each.application_id, each.revision, each.choice) for each in found.decisions] == [
        ("SC-1001/2", 1, None),
        ("SC-1002/1", 3, None),
    ]
    assert found.decisions[0].lines["L1"].approved == amounts("12000.00", release="500.00")
    assert found.decisions[0].lines["L4"].approved == amounts()
    assert found.decisions[0].faults == ()


def test_a_cut_line_with_a_reason_is_approved_as_noted() -> None:
    """Typed figures are read exactly and settle as noted, with the reason; the other application waits."""
    desk = Desk().type("Applications", "decision", CONCRETE, "Approve")
    desk.type("Lines", "approved_work", L1, 9000.1).type("Lines", "line_reason", L1, "Wall B is not poured")
    found = read(desk.save())
    application = an_application()
    case = UnderReview(
        application_id=application.application_id,
        revision=1,
        basis=application.basis,
        claim=application.claim,
    )
    outcome = settle(found.decisions[0], case)
    assert (outcome.event, outcome.findings) == ("note", ())
    assert outcome.approved["L1"].work == Decimal("9000.10")
    assert outcome.line_reasons == {"L1": "Wall B is not poured"}
    assert found.decisions[1].choice is None


@pytest.mark.parametrize(
    ("typed", "choice"),
    [
        ("Approve", Choice.APPROVE),
        (" reject ", Choice.REJECT),
        ("HOLD", Choice.HOLD),
        (None, None),
        ("", None),
    ],
)
def test_decisions_are_read_whatever_their_case(typed: str | None, choice: Choice | None) -> None:
    """The words of the list count, in any letter case; a blank cell is no decision."""
    made = decision(Desk().type("Applications", "decision", CONCRETE, typed).save())
    assert (made.choice, made.faults) == (choice, ())


@pytest.mark.parametrize("typed", ["ok", "Approved", 1, True])
def test_an_unknown_decision_is_a_finding_and_no_choice(typed: Any) -> None:
    """The finding names the cell and the words of the list."""
    made = decision(Desk().type("Applications", "decision", CONCRETE, typed).save())
    assert (made.choice, codes(made.faults)) == (None, ["decision-unknown"])
    assert in_words(made.faults[0]).startswith("Applications G5: '")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("abc", "not-a-number"),
        ("1.234", "ambiguous-number"),
        (12.345, "too-many-decimals"),
        ("=A1", "formula-uncalculated"),
        (None, "amount-missing"),
        (True, "not-a-number"),
    ],
)
def test_an_approved_amount_that_cannot_be_read_is_a_finding_at_its_cell(typed: Any, code: str) -> None:
    """The line has no approved figures then, and the finding names sheet, cell and line."""
    made = decision(Desk().type("Lines", "approved_work", L1, typed).save())
    assert [(each.code, each.sheet, each.cell, each.line) for each in made.faults] == [
        (code, "Lines", "J6", "L1")
    ]
    assert made.lines["L1"].approved is None
    assert made.lines["L2"].approved == amounts("9125.00", "2400.00")


@pytest.mark.parametrize("typed", ["1,234.50", "$1,234.50", 1234.5])
def test_amounts_as_people_type_them_are_taken(typed: Any) -> None:
    """Thousands separators and a currency sign are read exactly."""
    made = decision(Desk().type("Lines", "approved_work", L1, typed).save())
    assert made.lines["L1"].approved == amounts("1234.50", release="500.00")


@pytest.mark.parametrize(
    ("typed", "reject"), [("Reject", True), ("x", True), (True, True), ("no", False), (None, False)]
)
def test_a_line_is_rejected_by_a_tick(typed: Any, reject: bool) -> None:
    """The word of the list and the usual ticks count."""
    made = decision(Desk().type("Lines", "reject", L1, typed).save())
    assert (made.lines["L1"].reject, made.faults) == (reject, ())


def test_a_tick_that_is_neither_yes_nor_no_is_a_finding() -> None:
    """Such as a question typed into the column."""
    made = decision(Desk().type("Lines", "reject", L1, "why?").save())
    assert (made.lines["L1"].reject, codes(made.faults)) == (False, ["decision-unknown"])


def test_rows_are_known_by_their_keys_wherever_they_stand() -> None:
    """Rows moved to another place, columns moved to another letter, sheets renamed and the reason '#3': all
    the same.
    """
    desk = (
        Desk()
        .type("Applications", "decision", CONCRETE, "Approve")
        .type("Lines", "line_reason", L1, "#3 is late")
    )
    expected = read(desk.save())
    desk.book["Lines"].move_range("A5:X15", rows=7)
    desk.book["Applications"].insert_cols(4, 2)
    desk.book["Lines"].title = "Zeilen"
    found = read(desk.save())
    assert [(d.choice, {k: v.approved for k, v in d.lines.items()}) for d in found.decisions] == [
        (d.choice, {k: v.approved for k, v in d.lines.items()}) for d in expected.decisions
    ]
    assert found.decisions[0].lines["L1"].reason == "#3 is late"
    assert found.findings == ()


def without_line(desk: Desk) -> None:
    """Delete the first line's row."""
    desk.book["Lines"].delete_rows(L1)


def with_line_twice(desk: Desk) -> None:
    """Give the second line the key of the first."""
    desk.type("Lines", "line_key", L2, "L1")


def with_application_twice(desk: Desk) -> None:
    """Copy the concrete application's row over the steel one's."""
    desk.type("Applications", "application_id", STEEL, "SC-1001/2").type(
        "Applications", "decision", CONCRETE, "Approve"
    )


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (without_line, "line-missing"),
        (with_line_twice, "line-repeated"),
        (with_application_twice, "line-repeated"),
    ],
)
def test_a_spoilt_row_keeps_its_application_from_being_approved(
    spoil: Callable[[Desk], None], code: str
) -> None:
    """A line that is gone or stands twice, and an application that stands twice, are not guessed at."""
    desk = Desk().type("Applications", "decision", CONCRETE, "Approve")
    spoil(desk)
    application = an_application()
    case = UnderReview(
        application_id=application.application_id,
        revision=1,
        basis=application.basis,
        claim=application.claim,
    )
    outcome = settle(decision(desk.save()), case)
    assert (outcome.event, code in codes(outcome.findings)) == ("", True)


def test_rows_that_belong_to_nothing_are_findings() -> None:
    """A line of an application that is not in the workbook, and a decision on a row without a key."""
    desk = Desk().type("Lines", "application_id", L1, "SC-9/9").type("Applications", "decision", 9, "Approve")
    assert codes(read(desk.save()).findings) == ["line-unknown", "line-unknown"]


def test_an_entry_on_behalf_is_read_and_becomes_a_claim() -> None:
    """Yes, a reason, an invoice number typed as a number, and one amount."""
    desk = (
        Desk().type("Not answered", "bill_on_behalf", 5, "Yes").type("Not answered", "reason", 5, "By phone")
    )
    desk.type("Not answered", "invoice_number", 5, 4711).type("On behalf", "work_this_period", DOORS, 1000)
    (entry,) = read(desk.save()).on_behalf
    outcome = on_behalf(entry, a_silent_one().basis)
    assert (outcome.wanted, outcome.invoice_number, outcome.reason) == (True, "4711", "By phone")
    assert outcome.claim["L1"] == amounts("1000.00", "4200.00")


def test_an_entry_on_behalf_with_an_unreadable_amount_is_told() -> None:
    """Also when nobody said Yes: something was meant."""
    (entry,) = read(Desk().type("On behalf", "work_this_period", DOORS, "half").save()).on_behalf
    assert codes(on_behalf(entry, a_silent_one().basis).findings) == [
        "on-behalf-incomplete",
        "reason-missing",
        "nothing-entered",
        "not-a-number",
    ]


def test_a_lost_code_and_two_codes_are_findings() -> None:
    """Without one code nothing tells which review this is."""
    desk = Desk()
    del desk.book["pb"]
    assert read(desk.save()).token == STAMP
    del desk.book["Help"]
    assert (read(desk.save()).token, codes(read(desk.save()).findings)) == ("", ["token-missing"])
    desk = Desk().type("Applications", "reason", CONCRETE, "see RV1.abcdefgh")
    assert (read(desk.save()).token, codes(read(desk.save()).findings)) == ("", ["token-conflict"])


def test_a_table_without_keys_or_one_that_stands_twice_is_a_finding() -> None:
    """It is never taken for an empty table."""
    desk = Desk()
    desk.book["Lines"].delete_rows(3)
    assert codes(read(desk.save()).findings) == ["table-not-recognised"]
    desk = Desk()
    desk.book.copy_worksheet(desk.book["Applications"])
    found = read(desk.save())
    assert (codes(found.findings)[0], found.decisions) == ("table-not-recognised", ())


@given(st.binary(max_size=200), st.integers(0, len(WRITTEN)))
def test_any_bytes_give_findings_and_never_a_crash(noise: bytes, cut: int) -> None:
    """Noise, and the workbook cut off anywhere, are answered with a finding."""
    for data in (noise, WRITTEN[:cut], WRITTEN[:cut] + noise + WRITTEN[cut:]):
        found = read(data)
        assert found.findings or found.decisions


def test_every_finding_has_a_sentence_without_a_hole() -> None:
    """Whatever the code, the sentence has no placeholder left and says where it is about."""
    for code in CODES:
        finding = Finding(
            code=code, severity=Severity.HOLD, sheet="Lines", cell="J6", line="L1", found="f", expected="e"
        )
        assert in_words(finding).startswith("Lines J6, line L1: ")
        assert "{" not in in_words(finding)
