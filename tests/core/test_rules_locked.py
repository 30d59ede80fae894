"""Rules about cells that are not for input, and about totals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core.findings import Severity
from batch.core.money import Rounding
from batch.core.returned import Cell
from batch.core.rules import check
from tests.core.builders import (
    S02_AMOUNTS,
    S02_ENTRIES,
    SECOND,
    a_basis,
    a_cell,
    a_position,
    a_return,
    amounts,
    codes,
    lines_of,
    terms,
    the,
    words,
)


def test_s28_a_changed_prior_amount() -> None:
    """S28: the ledger's figure is used, the change is held, and totals that follow from it are not told
    again.
    """
    basis = a_basis(
        lines=lines_of("100000.00"), positions={"L1": a_position("82000.00", on_work="8200.00")},
        previous_certificates=Decimal("73800.00"),
    )  # fmt: skip
    tampered = replace(basis, positions={"L1": a_position("84500.00", on_work="8450.00")})
    shown = a_return(tampered, {"L1": {"work_this_period": "1000.00"}}, shows={"L1": amounts("1000.00")})
    summary = {**shown.summary, "previous_certificates": a_cell("73800.00")}
    checked = check(replace(shown, summary=summary), basis)
    finding = the(checked, "prior-changed")
    assert codes(checked) == ["prior-changed"]
    assert (finding.severity, finding.found, finding.expected, finding.difference) == (
        Severity.HOLD, "84500.00", "82000.00", "2500.00",
    )  # fmt: skip
    assert checked.bill is not None
    assert checked.bill.lines[0].work_previous == Decimal("82000.00")
    assert checked.bill.summary.current_payment_due == Decimal("900.00")


def test_changed_previous_certificates() -> None:
    """Previous certificates come from the ledger; another figure in the workbook is held."""
    checked = check(a_return(SECOND, S02_ENTRIES, summary={"previous_certificates": "10000"}), SECOND)
    assert codes(checked) == ["prior-changed"]
    assert the(checked, "prior-changed").difference == "-1250.00"


@pytest.mark.parametrize(("value", "difference"), [("11000", "1000.00"), (words("n/a"), "")])
def test_a_changed_scheduled_value(value: str | Cell, difference: str) -> None:
    """A scheduled value that was changed, or written over, is held and not used."""
    checked = check(
        a_return(SECOND, {**S02_ENTRIES, "L1": {"work_this_period": "9", "scheduled_value": value}}), SECOND
    )
    finding = the(checked, "locked-cell-changed")
    assert codes(checked) == ["locked-cell-changed"]
    assert (finding.severity, finding.expected, finding.difference) == (Severity.HOLD, "10000.00", difference)


def test_s29_a_changed_retainage_rate() -> None:
    """S29: the contract's rate is used, and the sheet's own retainage is held, once."""
    basis = a_basis(lines=lines_of("50000.00"))
    given = {"L1": amounts("25000.00")}
    shown = a_return(
        replace(basis, retainage=terms("5")), {"L1": {"work_this_period": "25000.00"}}, shows=given
    )
    checked = check(shown, basis)
    finding = the(checked, "retainage-changed")
    assert codes(checked) == ["retainage-changed"]
    assert (finding.found, finding.expected, finding.difference) == ("1250.00", "2500.00", "-1250.00")
    assert finding.severity is Severity.HOLD
    assert checked.bill is not None
    assert checked.bill.summary.retainage_total == Decimal("2500.00")


def test_retainage_changed_on_the_summary_alone() -> None:
    """A retainage figure planted on the summary is held too."""
    planted = {"retainage_stored": "1.00"}
    checked = check(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS, summary=planted), SECOND)
    assert codes(checked) == ["retainage-changed"]
    assert the(checked, "retainage-changed").expected == "50.00"


@pytest.mark.parametrize(
    ("field", "planted", "expected"),
    [
        ("total_completed_and_stored", "99999.00", "28000.00"),
        ("contract_sum_to_date", "60000.00", "50000.00"),
        ("current_payment_due", "1.00", "13950.00"),
        ("balance_to_finish", "1.00", "24800.00"),
        ("gross_this_period", "1.00", "15500.00"),
    ],
)
def test_a_planted_total_is_told_where_it_stands(field: str, planted: str, expected: str) -> None:
    """One planted total is one finding, at its cell."""
    checked = check(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS, summary={field: planted}), SECOND)
    finding = the(checked, "total-mismatch")
    assert codes(checked) == ["total-mismatch"] * len(checked.findings)
    assert (finding.severity, finding.found, finding.expected) == (Severity.HOLD, planted, expected)
    assert finding.sheet == "Summary"
    assert checked.bill is not None


def test_totals_that_follow_from_a_planted_one_are_not_told() -> None:
    """Lines calculated from a planted total agree with it, and are not told."""
    planted = {
        "total_completed_and_stored": "29000.00",
        "total_earned_less_retainage": "26200.00",
        "current_payment_due": "14950.00",
        "balance_to_finish": "23800.00",
    }
    checked = check(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS, summary=planted), SECOND)
    assert [(f.found, f.expected) for f in checked.findings] == [("29000.00", "28000.00")]


def test_a_planted_total_of_a_line() -> None:
    """A line's total to date that was typed over is told at the line, and once."""
    first = {"work_this_period": "4000", "completed_and_stored": "7000.00", "balance_to_finish": "3000.00"}
    summary = {"total_completed_and_stored": "29000.00", "total_earned_less_retainage": "26200.00"}
    follow = {**summary, "current_payment_due": "14950.00", "balance_to_finish": "23800.00"}
    returned = a_return(SECOND, {**S02_ENTRIES, "L1": first},
                        shows=S02_AMOUNTS, summary=follow)  # fmt: skip
    checked = check(returned, SECOND)
    assert [(f.code, f.line, f.found, f.expected) for f in checked.findings] == [
        ("total-mismatch", "L1", "7000.00", "6000.00")
    ]


def test_half_even_projects_allow_a_unit_a_line() -> None:
    """A spreadsheet rounds half a cent away from zero; a project that rounds to even is no tampering."""
    basis = a_basis(lines=lines_of("5000.00"), rounding=Rounding.HALF_EVEN)
    given = {"L1": amounts("1991.25")}
    shown = a_return(
        replace(basis, rounding=Rounding.HALF_UP), {"L1": {"work_this_period": "1991.25"}}, shows=given
    )
    assert check(shown, basis).findings == ()
