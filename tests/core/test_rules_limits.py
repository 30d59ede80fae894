"""Rules about how much may be billed and released."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core.findings import Severity
from batch.core.model import (
    Basis,
    InviteKind,
    LineAmounts,
)
from batch.core.rules import check, check_amounts
from tests.core.builders import (
    SECOND,
    Entries,
    a_basis,
    a_line,
    a_position,
    a_return,
    amounts,
    codes,
    lines_of,
    terms,
    the,
    words,
)


def s10_basis() -> Basis:
    """S10: one line with 9,500.00 of 10,000.00 billed."""
    return a_basis(
        lines=lines_of("10000.00", "90000.00"),
        retainage=terms("0"),
        positions={"L1": a_position("9500.00")},
        previous_certificates=Decimal("9500.00"),
    )


def deductive_basis() -> Basis:
    """A base line and a deductive change order of which half is taken."""
    return a_basis(
        lines=(a_line("L1", "20000.00"), a_line("C1", "-2000.00", change_order="CO-1")),
        positions={
            "L1": a_position("18000.00", on_work="1800.00"),
            "C1": a_position("-1000.00", on_work="-100.00"),
        },
        previous_certificates=Decimal("15300.00"),
    )


def test_s10_over_billing() -> None:
    """S10: G is 10,100.00 of 10,000.00; 500.00 is the most this period allows."""
    basis = s10_basis()
    checked = check(
        a_return(basis, {"L1": {"work_this_period": "600.00"}}, shows={"L1": amounts("600.00")}), basis
    )
    finding = the(checked, "over-line")
    assert codes(checked) == ["over-line"]
    assert (finding.found, finding.expected, finding.difference) == ("10100.00", "500.00", "100.00")
    assert (finding.severity, finding.cell[-2:], checked.bill) == (Severity.RETURN, "10", None)


@pytest.mark.parametrize("entry", [{"percent_to_date": "101"}, {"materials_stored": "600"}])
def test_over_billing_by_percentage_and_by_stored_materials(entry: dict[str, str]) -> None:
    """G counts however it was entered, and the finding points at what was entered."""
    basis = s10_basis()
    finding = the(check(a_return(basis, {"L1": entry}), basis), "over-line")
    assert (finding.found, finding.difference) == ("10100.00", "100.00")
    assert finding.cell


def test_over_billing_on_a_deductive_line_is_the_mirror_image() -> None:
    """A deductive line of -2,000.00 of which half is taken allows -1,000.00 more."""
    basis = deductive_basis()
    finding = the(check_amounts({"C1": amounts("-1500.00")}, basis), "over-line")
    assert (finding.found, finding.expected, finding.difference) == ("-2500.00", "-1000.00", "-500.00")


def test_a_line_that_was_over_before_is_held() -> None:
    """A line that our deduct left above its value is for the admin when the sender adds nothing."""
    basis = a_basis(
        positions={"L1": a_position("10500.00", on_work="1050.00")}, previous_certificates=Decimal("9450.00")
    )
    finding = the(check(a_return(basis, {"L2": {"work_this_period": "5"}}), basis), "over-line")
    assert (finding.severity, finding.expected) == (Severity.HOLD, "0.00")


@pytest.mark.parametrize(
    ("key", "given", "found"),
    [
        ("L1", amounts("-18000.01"), "-0.01"),
        ("L1", amounts(stored="-5.00"), "-5.00"),
        ("C1", amounts("1000.01"), "0.01"),
    ],
)
def test_a_total_below_zero_is_returned(key: str, given: LineAmounts, found: str) -> None:
    """A line's total to date does not pass zero, from either side."""
    finding = the(check_amounts({key: given}, deductive_basis()), "under-line")
    assert (finding.severity, finding.found, finding.expected) == (Severity.RETURN, found, "0.00")


def test_over_the_contract_with_every_line_within_its_value() -> None:
    """A deductive change order that is not yet taken makes the sum too large though no line is."""
    basis = deductive_basis()
    found = check_amounts({"L1": amounts("2000.00")}, basis)
    assert codes(found) == ["over-contract"]
    finding = the(found, "over-contract")
    assert (finding.severity, finding.found, finding.expected) == (Severity.RETURN, "19000.00", "18000.00")


def test_over_the_contract_by_our_own_change_is_held() -> None:
    """Nothing was added, and the contract sum fell below what is billed: that is for the admin."""
    basis = a_basis(
        lines=(a_line("L1", "20000.00"), a_line("C1", "-2000.00", change_order="CO-1")),
        positions={"L1": a_position("20000.00", on_work="2000.00")},
        previous_certificates=Decimal("18000.00"),
    )
    assert the(check_amounts({}, basis), "over-contract").severity is Severity.HOLD


@pytest.mark.parametrize(("key", "work"), [("L1", "-100.00"), ("C1", "100.00")])
def test_work_that_goes_backwards_is_held(key: str, work: str) -> None:
    """Work against the sign of its line is for the admin."""
    finding = the(check_amounts({key: amounts(work)}, deductive_basis()), "negative-work")
    assert (finding.severity, finding.found) == (Severity.HOLD, work)


@pytest.mark.parametrize(
    ("work", "stored", "told"),
    [
        ("0.00", "400.00", True),
        ("50.00", "400.00", True),
        ("100.00", "400.00", False),
        ("0.00", "500.00", False),
    ],
)
def test_stored_materials_fall_only_into_work(work: str, stored: str, told: bool) -> None:
    """Stored materials that fall by more than the work on their line are for the admin."""
    found = check_amounts({"L2": amounts(work, stored)}, SECOND)
    assert ("stored-dropped" in codes(found)) is told


def test_s52_a_credit_is_held() -> None:
    """S52: a negative payment due needs a person."""
    finding = the(check_amounts({"L1": amounts("-2000.00")}, SECOND), "credit-application")
    assert (finding.severity, finding.found) == (Severity.HOLD, "-1800.00")


def test_release_without_being_asked_is_returned() -> None:
    """An invite for work does not take a release."""
    finding = the(check(a_return(SECOND, {"L1": {"retainage_release": "50"}}), SECOND), "release-not-invited")
    assert (finding.severity, finding.found, finding.cell[-2:]) == (Severity.RETURN, "50.00", "10")


def test_work_on_an_invite_for_release_is_returned() -> None:
    """An invite for release takes neither work nor a change of stored materials."""
    basis = replace(SECOND, kind=InviteKind.RELEASE)
    entries: Entries = {
        "L1": {"work_this_period": "10"},
        "L2": {"materials_stored": "400"},
        "L3": {"retainage_release": "0"},
    }
    checked = check(a_return(basis, entries), basis)
    assert codes(checked) == ["work-not-invited", "work-not-invited", "credit-application", "stored-dropped"]


def test_s22_a_release_of_all_that_is_held() -> None:
    """S22: all that is held may be asked back."""
    basis = replace(SECOND, kind=InviteKind.RELEASE)
    entries: Entries = {"L1": {"retainage_release": "200.00"}, "L2": {"retainage_release": words("1,050.00")}}
    checked = check(a_return(basis, entries), basis)
    assert checked.findings == ()
    assert checked.bill is not None
    assert checked.bill.summary.retainage_total == 0


@pytest.mark.parametrize(("release", "difference"), [("200.01", "0.01"), ("-1.00", "-201.00")])
def test_more_release_than_held_is_returned(release: str, difference: str) -> None:
    """A release beyond what is held, or one that gives retainage back to us, is returned."""
    basis = replace(SECOND, kind=InviteKind.BOTH)
    finding = the(check_amounts({"L1": amounts(release=release)}, basis), "release-over-held")
    assert (finding.severity, finding.found) == (Severity.RETURN, release)
    assert (finding.expected, finding.difference) == ("200.00", difference)


def test_s24_a_release_may_take_this_periods_retainage() -> None:
    """S24: the last work and all retainage go together."""
    basis = replace(SECOND, kind=InviteKind.BOTH)
    assert check_amounts({"L1": amounts("8000.00", release="1000.00")}, basis) == ()
