"""Scenarios of the trade, to the cent, on the arithmetic alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core import billing, money
from batch.core.billing import IdentityBroken, UnknownLineError, assert_identities, bill
from batch.core.model import Basis, Bill, Deduction, LineAmounts
from batch.core.money import MoneyError
from tests.core.builders import a_basis, a_line, a_position, after, amounts, lines_of, terms

NAMES = {
    "L1": "original_contract_sum",
    "L2": "net_change_orders",
    "L3": "contract_sum_to_date",
    "L4": "total_completed_and_stored",
    "5a": "retainage_work",
    "5b": "retainage_stored",
    "L5": "retainage_total",
    "L6": "total_earned_less_retainage",
    "L7": "previous_certificates",
    "L8": "current_payment_due",
    "L9": "balance_to_finish",
}


def billed(basis: Basis, given: Mapping[str, LineAmounts]) -> Bill:
    """A bill whose identities hold."""
    made = bill(basis, given)
    assert_identities(made, basis)
    return made


def summary(made: Bill, *names: str) -> dict[str, str]:
    """Summary lines as plain text."""
    return {name: money.plain(getattr(made.summary, NAMES[name]), made.currency) for name in names}


def first_application() -> tuple[Basis, Bill]:
    """S01 as a basis and its bill."""
    basis = a_basis()
    return basis, billed(basis, {"L1": amounts("2000.00"), "L2": amounts("10000.00")})


def second_application() -> tuple[Basis, Bill]:
    """S02, which continues S01."""
    basis = after(*first_application())
    given = {"L1": amounts("4000.00"), "L2": amounts("10000.00"), "L3": amounts("1500.00")}
    return basis, billed(basis, given)


def test_s01_first_application() -> None:
    """S01: the first application of three lines."""
    _basis, made = first_application()
    expected = {"L4": "12000.00", "L5": "1200.00", "L6": "10800.00", "L7": "0.00", "L8": "10800.00"}
    assert summary(made, *expected) == expected
    assert summary(made, "L9") == {"L9": "39200.00"}


def test_s02_second_application() -> None:
    """S02: previous figures are carried forward from the first application."""
    basis, made = second_application()
    assert [row.work_previous for row in made.lines] == [Decimal(2000), Decimal(10000), Decimal(0)]
    expected = {"L4": "27500.00", "L5": "2750.00", "L6": "24750.00", "L7": "10800.00", "L8": "13950.00"}
    assert summary(made, *expected) == expected
    assert summary(made, "L9") == {"L9": "25250.00"}
    assert basis.application_number == 2


def test_s03_retainage_on_work_and_on_stored_materials() -> None:
    """S03: work and stored materials are withheld at rates of their own."""
    basis = a_basis(
        lines=lines_of("100000.00"),
        retainage=terms("10", "5"),
        positions={"L1": a_position("40000.00", on_work="4000.00")},
        previous_certificates=Decimal("36000.00"),
    )
    made = billed(basis, {"L1": amounts("12500.00", "8000.00")})
    expected = {"5a": "5250.00", "5b": "400.00", "L4": "60500.00", "L5": "5650.00", "L6": "54850.00"}
    assert summary(made, *expected) == expected
    assert summary(made, "L8", "L9") == {"L8": "18850.00", "L9": "45150.00"}


@pytest.mark.parametrize(("stored_rate", "due"), [("5", "-250.00"), ("10", "0.00")])
def test_s04_stored_materials_are_built_in(stored_rate: str, due: str) -> None:
    """S04: material that becomes work is not billed twice, and takes the rate of work."""
    basis = a_basis(lines=lines_of("20000.00"), retainage=terms("10", stored_rate))
    first = billed(basis, {"L1": amounts(stored="8000.00")})
    second = billed(after(basis, first), {"L1": amounts("5000.00", "3000.00")})
    assert second.summary.gross_this_period == 0
    assert summary(second, "L4", "L8") == {"L4": "8000.00", "L8": due}


def test_s12_change_order_approved_mid_period() -> None:
    """S12: an approved change order counts in the contract sum, a pending one nowhere."""
    basis = a_basis(
        lines=(a_line("L1", "100000.00"), a_line("C1", "8500.00", change_order="CO-1")),
        positions={"L1": a_position("30000.00", on_work="3000.00")},
        previous_certificates=Decimal("27000.00"),
    )
    made = billed(basis, {"L1": amounts("10000.00"), "C1": amounts("4250.00")})
    expected = {
        "L1": "100000.00",
        "L2": "8500.00",
        "L3": "108500.00",
        "L4": "44250.00",
        "L5": "4425.00",
        "L6": "39825.00",
        "L7": "27000.00",
        "L8": "12825.00",
        "L9": "68675.00",
    }
    assert summary(made, *expected) == expected


def test_s14_deductive_change_order() -> None:
    """S14: a deductive change order has a negative line and a negative retainage."""
    basis = a_basis(
        lines=(a_line("L1", "20000.00"), a_line("C1", "-2000.00", change_order="CO-1")),
        positions={"L1": a_position("18000.00", on_work="1800.00")},
        previous_certificates=Decimal("16200.00"),
    )
    made = billed(basis, {"L1": amounts("2000.00"), "C1": amounts("-2000.00")})
    expected = {"L3": "18000.00", "L4": "18000.00", "L5": "1800.00", "L6": "16200.00", "L8": "0.00"}
    assert summary(made, *expected) == expected
    assert summary(made, "L9") == {"L9": "1800.00"}
    assert made.lines[1].retainage_held == Decimal("-200.00")
    assert made.summary.gross_this_period == 0


def test_s16_zero_bill() -> None:
    """S16: a zero bill moves nothing."""
    basis, made = second_application()
    zero = billed(after(basis, made), {})
    assert summary(zero, "L4", "L6", "L8") == {"L4": "27500.00", "L6": "24750.00", "L8": "0.00"}
    assert sum(position.work for position in billing.positions_after(zero).values()) == Decimal("27500.00")


def test_s22_release_at_the_end() -> None:
    """S22: all retainage is released without new work."""
    basis = a_basis(
        lines=lines_of("50000.00"),
        positions={"L1": a_position("50000.00", on_work="5000.00")},
        previous_certificates=Decimal("45000.00"),
    )
    made = billed(basis, {"L1": amounts(release="5000.00")})
    expected = {"L4": "50000.00", "L5": "0.00", "L6": "50000.00", "L7": "45000.00", "L8": "5000.00"}
    assert summary(made, *expected) == expected
    assert summary(made, "L9") == {"L9": "0.00"}


def test_s23_partial_release_is_not_clawed_back() -> None:
    """S23: after a part release the next bill withholds on its own work only."""
    basis = a_basis(
        lines=lines_of("20000.00"),
        positions={"L1": a_position("12000.00", on_work="1200.00")},
        previous_certificates=Decimal("10800.00"),
    )
    first = billed(basis, {"L1": amounts(release="600.00")})
    second = billed(after(basis, first), {"L1": amounts("3000.00")})
    assert summary(first, "L5", "L8") == {"L5": "600.00", "L8": "600.00"}
    assert summary(second, "L5", "L8") == {"L5": "900.00", "L8": "2700.00"}
    assert second.lines[0].withheld_this_period == Decimal("300.00")


def test_s24_last_work_and_all_retainage_together() -> None:
    """S24: the last application bills the last work and asks all retainage back, this period's too."""
    basis = a_basis(
        lines=lines_of("50000.00"),
        positions={"L1": a_position("46000.00", on_work="4600.00")},
        previous_certificates=Decimal("41400.00"),
    )
    made = billed(basis, {"L1": amounts("4000.00", release="5000.00")})
    assert summary(made, "L5", "L6", "L8", "L9") == {
        "L5": "0.00",
        "L6": "50000.00",
        "L8": "8600.00",
        "L9": "0.00",
    }


def test_s33_line_cut_by_the_admin() -> None:
    """S33: claimed and approved are kept apart, and the next application starts from what was approved."""
    basis = a_basis(lines=lines_of("10000.00", "10000.00", "10000.00"))
    claim = {"L1": amounts("4000.00"), "L2": amounts("2500.00"), "L3": amounts("1000.00")}
    claimed = billed(basis, claim)
    approved = billed(basis, claim | {"L2": amounts("1500.00")})
    assert summary(claimed, "L4", "L8") == {"L4": "7500.00", "L8": "6750.00"}
    assert summary(approved, "L4", "L5", "L8") == {"L4": "6500.00", "L5": "650.00", "L8": "5850.00"}
    cut = billing.differences(claimed, approved)
    assert [(line.gross, line.net) for line in cut] == [
        (0, 0),
        (Decimal("1000.00"), Decimal("900.00")),
        (0, 0),
    ]
    following = billed(after(basis, approved), {})
    assert sum(row.work_previous for row in following.lines) == Decimal("6500.00")


def test_s35_skipped_period() -> None:
    """S35: after a declined period the previous figures are those of the last approved application."""
    basis, april = second_application()
    june = replace(after(basis, april), period=4)
    made = billed(june, {"L1": amounts("4000.00"), "L3": amounts("2000.00")})
    assert sum(row.work_previous for row in made.lines) == Decimal("27500.00")
    assert summary(made, "L4", "L7", "L8") == {"L4": "33500.00", "L7": "24750.00", "L8": "5400.00"}
    assert june.application_number == basis.application_number + 1


def test_s36_backcharge_leaves_the_summary_alone() -> None:
    """S36: a deduction lowers what is payable, and no summary line."""
    basis = a_basis(lines=lines_of("50000.00"), retainage=terms("0"))
    made = billed(basis, {"L1": amounts("8600.00")})
    charge = Deduction(number="B-1", description="Clean-up", cost_code="01-740", amount=Decimal("650.00"))
    assert billing.payable(made, [charge]) == Decimal("7950.00")
    assert summary(made, "L3", "L8") == {"L3": "50000.00", "L8": "8600.00"}


def test_s37_two_commitments_of_one_vendor() -> None:
    """S37: a subcontract and a purchase order without retainage are paid together, and billed apart."""
    _basis, subcontract = first_application()
    order = billed(a_basis(commitment="PO-1", retainage=terms("0")), {"L1": amounts("3420.00")})
    assert billing.payable(subcontract, []) + billing.payable(order, []) == Decimal("14220.00")


def test_s47_currency_without_cents() -> None:
    """S47: yen are withheld in whole yen."""
    basis = a_basis(currency="JPY", lines=lines_of("200000"), retainage=terms("33"))
    made = billed(basis, {"L1": amounts("123457")})
    assert money.plain(made.summary.retainage_total, "JPY") == "40741"


def test_s52_credit() -> None:
    """S52: work taken back gives a negative payment due."""
    basis = a_basis(
        lines=lines_of("50000.00"),
        positions={"L1": a_position("30000.00", on_work="3000.00")},
        previous_certificates=Decimal("27000.00"),
    )
    made = billed(basis, {"L1": amounts("-2000.00")})
    assert summary(made, "L6", "L8") == {"L6": "25200.00", "L8": "-1800.00"}


def test_s53_almost_all() -> None:
    """S53: a line with one cent left does not read as finished."""
    made = billed(a_basis(), {"L1": amounts("9999.99")})
    assert made.lines[0].balance_to_finish == Decimal("0.01")
    assert billing.percent_complete(made.lines[0]) == Decimal("99.99")


def test_lines_without_entry_keep_their_stored_materials() -> None:
    """A line that is not in the claim has no work, and its stored materials stay."""
    basis = a_basis(
        positions={"L1": a_position(stored="700.00", on_stored="70.00")},
        previous_certificates=Decimal("630.00"),
    )
    made = billed(basis, {})
    assert made.lines[0].materials_stored == Decimal("700.00")
    assert made.summary.current_payment_due == 0


def test_amounts_have_the_decimals_of_the_currency() -> None:
    """Every computed amount is written with the currency's own decimals, also zero."""
    made = billed(a_basis(), {})
    assert {str(value) for value in vars(made.summary).values()} == {"0.00", "50000.00"}


def test_what_cannot_be_billed_is_refused() -> None:
    """An amount for no line, and a fraction of a cent, are errors of the caller."""
    with pytest.raises(UnknownLineError, match="L9"):
        bill(a_basis(), {"L9": amounts("1.00")})
    with pytest.raises(MoneyError):
        bill(a_basis(), {"L1": amounts("1.005")})


@pytest.mark.parametrize(
    ("field", "identity"),
    [
        ("original_contract_sum", "L1 \\+ L2 = L3"),
        ("contract_sum_to_date", "sum of C = L3"),
        ("total_completed_and_stored", "sum of G = L4"),
        ("retainage_stored", "5a \\+ 5b = L5"),
        ("retainage_total", "sum of line retainage = L5"),
        ("total_earned_less_retainage", "L6 = L4 - L5"),
        ("previous_certificates", "L7 = previous certificates"),
        ("current_payment_due", "L8 = L6 - L7"),
        ("balance_to_finish", "L9 = L3 - L6"),
        ("gross_this_period", "gross = E \\+ F - F previous"),
    ],
)
def test_a_spoiled_summary_breaks_an_identity(field: str, identity: str) -> None:
    """A cent on any summary line breaks an identity, which is named."""
    basis, made = second_application()
    spoiled = replace(made.summary, **{field: getattr(made.summary, field) + Decimal("0.01")})
    with pytest.raises(IdentityBroken, match=identity):
        assert_identities(replace(made, summary=spoiled), basis)


@pytest.mark.parametrize(
    ("field", "identity"),
    [
        ("work_previous", "D = D"),
        ("work_this_period", "gross"),
        ("completed_and_stored", "sum of G"),
        ("balance_to_finish", "sum of H"),
        ("withheld_this_period", "withheld"),
        ("held_work", "held on work"),
        ("retainage_held", "sum of line retainage"),
    ],
)
def test_a_spoiled_line_breaks_an_identity(field: str, identity: str) -> None:
    """A cent on any column of a line breaks an identity, which is named."""
    basis, made = second_application()
    row = replace(made.lines[0], **{field: getattr(made.lines[0], field) + Decimal("0.01")})
    with pytest.raises(IdentityBroken, match=identity):
        assert_identities(replace(made, lines=(row, *made.lines[1:])), basis)


def test_a_ledger_that_does_not_tie_breaks_an_identity() -> None:
    """Previous certificates that are not what the positions certify are found, and so is a position on
    no line.
    """
    basis, made = second_application()
    untied = replace(basis, previous_certificates=basis.previous_certificates - 1)
    with pytest.raises(IdentityBroken, match="L7 = L6"):
        assert_identities(bill(untied, {}), untied)
    adrift = replace(basis, positions={**basis.positions, "gone": a_position("5.00")})
    with pytest.raises(IdentityBroken, match="every position"):
        assert_identities(made, adrift)
