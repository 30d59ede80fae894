"""A decision of the review workbook against the application as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.billing import bill, differences
from batch.core.findings import Finding, Severity
from batch.core.model import Basis, InviteKind, LineAmounts, LinePosition
from batch.core.review_entries import (
    Choice,
    OnBehalfEntry,
    OnBehalfLine,
    Place,
    ReviewDecision,
    ReviewedLine,
    UnderReview,
)
from batch.core.reviewing import on_behalf, settle
from tests.core.builders import a_basis, amounts

CLAIM = {"L1": amounts("4000.00"), "L2": amounts("2500.00"), "L3": amounts("1000.00")}


def a_case(claim: Mapping[str, LineAmounts] = CLAIM, basis: Basis | None = None) -> UnderReview:
    """Revision 2 of the claim of S33: 4,000 / 2,500 / 1,000."""
    return UnderReview(application_id="A-1", revision=2, basis=basis or a_basis(), claim=claim)


def a_decision(
    choice: Choice | None = Choice.APPROVE, *, lines: Mapping[str, Any] | None = None, **changes: Any
) -> ReviewDecision:
    """A decision on it with every figure as claimed; `lines` spoils fields of lines by key."""
    made = {
        key: ReviewedLine(approved=each, place=Place(sheet="Lines", cell=f"J{at}"))
        for at, (key, each) in enumerate(CLAIM.items(), 7)
    }
    for key, fields in (lines or {}).items():
        made[key] = replace(made[key], **fields)
    decision = ReviewDecision(application_id="A-1", revision=2, choice=choice, reason="", lines=made)
    return replace(decision, **changes)


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """The codes of findings."""
    return [finding.code for finding in findings]


CUT = {"L2": {"approved": amounts("1500.00"), "reason": "Only half is fixed"}}


def test_approve_with_every_figure_as_claimed() -> None:
    """Nothing was changed, so the application is approved."""
    outcome = settle(a_decision(), a_case())
    assert (outcome.event, outcome.approved, outcome.findings) == ("approve", CLAIM, ())


def test_s33_a_line_cut_with_a_reason_is_approved_as_noted() -> None:
    """S33: line 2 cut from 2,500 to 1,500: the rest stands, the reason is kept, 1,000 gross and 900 net
    apart.
    """
    case = a_case()
    outcome = settle(a_decision(lines=CUT), case)
    assert (outcome.event, outcome.line_reasons) == ("note", {"L2": "Only half is fixed"})
    claimed, approved = bill(case.basis, case.claim), bill(case.basis, outcome.approved)
    assert approved.summary.current_payment_due == Decimal("5850.00")
    (apart,) = [each for each in differences(claimed, approved) if each.gross]
    assert (apart.gross, apart.net) == (Decimal("1000.00"), Decimal("900.00"))


@pytest.mark.parametrize("work", ["1500.00", "2600.00", "0.00"])
def test_another_figure_needs_a_reason_up_or_down(work: str) -> None:
    """Without a reason on the line or on the application nothing is applied; the finding names the cell."""
    changed = {"L2": {"approved": amounts(work)}}
    outcome = settle(a_decision(lines=changed), a_case())
    assert (outcome.event, codes(outcome.findings)) == ("", ["reason-missing"])
    assert (outcome.findings[0].line, outcome.findings[0].cell) == ("L2", "J8")
    explained = settle(a_decision(lines=changed, reason="As agreed on site"), a_case())
    assert (explained.event, explained.line_reasons) == ("note", {"L2": "As agreed on site"})


@pytest.mark.parametrize(
    ("approved", "code"),
    [
        (amounts("25000.01"), "over-line"),
        (amounts("-0.01"), "under-line"),
        (amounts("1.00", release="1.00"), "release-not-invited"),
        (LineAmounts(work=Decimal("1.005")), "too-many-decimals"),
    ],
)
def test_approved_figures_pass_the_checks_of_a_claim(approved: LineAmounts, code: str) -> None:
    """A figure that no claim may have cannot be approved either, whatever the reason."""
    outcome = settle(a_decision(lines={"L2": {"approved": approved, "reason": "x"}}), a_case())
    assert (outcome.event, code in codes(outcome.findings)) == ("", True)
    assert outcome.findings[0].cell == "J8"


def test_more_than_is_held_cannot_be_released() -> None:
    """On an invite that opens release, an admin cannot approve more than is held."""
    basis = a_basis(
        kind=InviteKind.BOTH,
        positions={"L2": LinePosition(work=Decimal("1000.00"), withheld_work=Decimal("100.00"))},
        previous_certificates=Decimal("900.00"),
    )
    for release, event in (("100.00", "note"), ("500.00", "")):
        approved = {"approved": amounts("0.00", release=release), "reason": "x"}
        assert settle(a_decision(lines={"L2": approved}), a_case(basis=basis)).event == event


def test_a_warning_does_not_stop_an_approval() -> None:
    """A credit is approved in so many words; what the checks say of it goes along as a warning."""
    basis = a_basis(
        positions={"L2": LinePosition(work=Decimal("3000.00"), withheld_work=Decimal("300.00"))},
        previous_certificates=Decimal("2700.00"),
    )
    changed = {"approved": amounts("-2000.00"), "reason": "Taken down again"}
    none = {"approved": amounts(), "reason": "Not done"}
    outcome = settle(a_decision(lines={"L1": none, "L2": changed, "L3": none}), a_case(basis=basis))
    assert codes(outcome.findings) == ["credit-decision"]
    lines = {"L1": none, "L2": changed, "L3": none}
    outcome = settle(a_decision(Choice.APPROVE_CREDIT, lines=lines), a_case(basis=basis))
    assert outcome.event == "note"
    assert {"negative-work", "credit-application"} <= set(codes(outcome.warnings))


def test_only_a_credit_is_approved_as_one() -> None:
    """A payment due that is not negative cannot be approved as a credit by a slip."""
    outcome = settle(a_decision(Choice.APPROVE_CREDIT), a_case())
    assert codes(outcome.findings) == ["credit-decision"]
    assert (outcome.event, outcome.findings[0].expected) == ("", "Approve")


@pytest.mark.parametrize(
    "changes",
    [
        {"choice": Choice.REJECT, "reason": "Wrong quantities"},
        {"choice": Choice.REJECT, "lines": {"L2": {"reject": True, "reason": "Not done"}}},
        {"choice": Choice.APPROVE, "lines": {"L2": {"reject": True, "reason": "Not done"}}},
        {"choice": Choice.APPROVE, "lines": {"L2": {"reject": True}}, "reason": "Not done"},
    ],
)
def test_reject_or_a_rejected_line_makes_it_revise_and_resubmit(changes: dict[str, Any]) -> None:
    """The application goes back, nothing is approved, and the reasons go with it."""
    outcome = settle(a_decision(**changes), a_case())
    assert (outcome.event, outcome.approved) == ("revise", {})
    assert outcome.reason or outcome.line_reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"choice": Choice.REJECT},
        {"choice": Choice.HOLD},
        {"choice": Choice.HOLD, "lines": {"L1": {"reject": True, "reason": "x"}}},
        {"choice": Choice.APPROVE, "lines": {"L1": {"reject": True, "reason": "x"}, "L2": {"reject": True}}},
    ],
)
def test_reject_and_hold_need_a_reason(changes: dict[str, Any]) -> None:
    """Without one nothing is applied."""
    outcome = settle(a_decision(**changes), a_case())
    assert (outcome.event, codes(outcome.findings)) == ("", ["reason-missing"])


def test_hold_keeps_the_state_and_the_reason() -> None:
    """Hold is no event of the life cycle; the reason is recorded."""
    outcome = settle(a_decision(Choice.HOLD, reason="Waiting for the delivery note"), a_case())
    assert (outcome.event, outcome.reason) == ("hold", "Waiting for the delivery note")


def test_a_blank_decision_changes_nothing() -> None:
    """A row without a decision is left alone, also when it is out of date."""
    assert settle(a_decision(None), a_case()).findings == ()
    assert settle(a_decision(None, revision=1), a_case()).findings == ()
    assert settle(a_decision(None), a_case()).event == ""


@pytest.mark.parametrize("changes", [{"reason": "x"}, {"lines": CUT}, {"lines": {"L1": {"reject": True}}}])
def test_work_on_a_row_without_a_decision_is_not_lost_silently(changes: dict[str, Any]) -> None:
    """Changed figures, reasons or ticks without a decision are told, not applied."""
    outcome = settle(a_decision(None, **changes), a_case())
    assert (outcome.event, codes(outcome.findings)) == ("", ["decision-missing"])


def test_a_stale_row_is_refused_alone() -> None:
    """A decision on revision 1 is not applied to revision 2, and nothing else is said about it."""
    outcome = settle(a_decision(lines=CUT, revision=1), a_case())
    assert (outcome.event, codes(outcome.findings)) == ("", ["row-stale"])
    assert (outcome.findings[0].found, outcome.findings[0].expected) == ("1", "2")


def test_a_faulty_cell_keeps_an_application_from_being_approved_but_not_from_being_rejected() -> None:
    """An application is applied whole or not at all; an amount that cannot be read does not matter to a
    rejection.
    """
    fault = Finding(code="not-a-number", severity=Severity.HOLD, sheet="Lines", cell="J8", line="L2")
    unread = {"L2": {"approved": None}}
    assert settle(a_decision(lines=unread, faults=(fault,)), a_case()).findings == (fault,)
    rejected = a_decision(Choice.REJECT, lines=unread, faults=(fault,), reason="x")
    assert settle(rejected, a_case()).event == "revise"
    assert codes(settle(a_decision(lines=unread), a_case()).findings) == ["amount-missing"]


def test_lines_that_are_gone_or_were_added_keep_it_from_being_approved() -> None:
    """A deleted row and a row that is no line of the schedule of values are both told."""
    decision = a_decision()
    lines = {"L9" if key == "L3" else key: line for key, line in decision.lines.items()}
    assert codes(settle(replace(decision, lines=lines), a_case()).findings) == [
        "line-missing",
        "line-unknown",
    ]


def an_entry(lines: Mapping[str, OnBehalfLine] | None = None, **changes: Any) -> OnBehalfEntry:
    """An entry on behalf with 1,000 of work on line 1."""
    given = {"L1": OnBehalfLine(work=Decimal("1000.00"))} if lines is None else lines
    entry = OnBehalfEntry(
        invite_id="I-1", issue=1, wanted=True, reason="Told by phone", invoice_number="77", lines=given
    )
    return replace(entry, **changes)


STORED = a_basis(
    positions={"L2": LinePosition(stored=Decimal("500.00"), withheld_stored=Decimal("50.00"))},
    previous_certificates=Decimal("450.00"),
)


def test_an_entry_on_behalf_becomes_a_whole_claim() -> None:
    """Lines left blank have no work, and their stored materials stay as they were."""
    outcome = on_behalf(an_entry(), STORED)
    assert outcome.wanted
    assert outcome.claim == {"L1": amounts("1000.00"), "L2": amounts(stored="500.00"), "L3": amounts()}
    assert (outcome.reason, outcome.invoice_number) == ("Told by phone", "77")


def test_zero_entered_is_a_zero_bill_and_blank_is_a_question() -> None:
    """A nought on a line bills nothing on purpose; a pre-filled balance left as it was says nothing."""
    zero = an_entry({"L1": OnBehalfLine(work=Decimal("0.00"))})
    assert on_behalf(zero, STORED).wanted
    blank = an_entry({"L2": OnBehalfLine(stored=Decimal("500.00"))})
    assert codes(on_behalf(blank, STORED).findings) == ["nothing-entered"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "reason-missing"),
        ({"wanted": False}, "on-behalf-incomplete"),
        ({"issue": 2}, "row-stale"),
        ({"lines": {"L9": OnBehalfLine(work=Decimal("1.00"))}}, "line-unknown"),
        ({"lines": {"L1": OnBehalfLine(work=Decimal("10000.01"))}}, "over-line"),
        (
            {"lines": {"L1": OnBehalfLine(stored=Decimal("10000.01"))}, "wanted": False},
            "on-behalf-incomplete",
        ),
    ],
)
def test_an_entry_on_behalf_that_cannot_be_used_is_told(changes: dict[str, Any], code: str) -> None:
    """Each fault alone keeps the entry from becoming an application."""
    outcome = on_behalf(an_entry(**changes), a_basis())
    assert (outcome.wanted, codes(outcome.findings)) == (False, [code])


def test_an_untouched_row_of_a_commitment_that_did_not_answer_asks_for_nothing() -> None:
    """No Yes, no amounts: nothing happens, also when the invite was issued again meanwhile."""
    untouched = an_entry({}, wanted=False, reason="", issue=9)
    assert on_behalf(untouched, STORED) == on_behalf(replace(untouched, issue=1), STORED)
    assert on_behalf(untouched, STORED).findings == ()
