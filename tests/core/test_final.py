"""The final bill: what is expected of it, what is wrong with one that leaves something, and that it ends at nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import assert_identities, bill
from batch.core.final import CloseOut, close_out, final_claim, final_lines, is_final
from batch.core.findings import Severity
from batch.core.model import InviteKind, LineAmounts, LinePosition
from batch.core.money import ZERO, Rounding
from batch.core.retainage import EntryKind, entries_between
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageStep, RetainageTerms, StepReach
from batch.core.rules import check_amounts
from tests.core.builders import a_basis, a_line, a_position, after, amounts, codes, lines_of, the

S24 = a_basis(
    kind=InviteKind.FINAL,
    lines=lines_of("50000.00"),
    positions={"L1": a_position("46000.00", on_work="4600.00")},
    previous_certificates=Decimal("41400.00"),
)
RATES = st.integers(min_value=0, max_value=500_000).map(money.from_ppm)
LINES = (a_line("L1", "98765.43"), a_line("L2", "333.35"), a_line("C1", "-4321.99", change_order="CO-1"))
RULES = st.builds(
    RetainageTerms,
    work=RATES,
    stored=RATES,
    steps=st.sampled_from([(), (RetainageStep(past=Decimal(50), rate=Decimal(5)),)]),
    reach=st.sampled_from(StepReach),
    cap_percent=st.sampled_from([None, Decimal(5)]),
    cap_of=st.sampled_from(CapOf),
    rounding=st.sampled_from(RetainageRounding),
    whole_units=st.booleans(),
)
BILLS = st.lists(st.lists(st.tuples(*(st.integers(0, 1000),) * 3), min_size=3, max_size=3), max_size=4)


def test_s24_the_expected_claim_asks_back_what_this_bill_withholds_too() -> None:
    """4,000.00 of work and 5,000.00 of retainage: 8,600.00 due, held 0.00; two rows in the ledger say how."""
    (expected,) = final_lines(S24)
    assert (expected.work, expected.held, expected.release) == tuple(map(Decimal, (4000, 4600, 5000)))
    made = bill(S24, final_claim(S24))
    assert made.summary.current_payment_due == Decimal("8600.00")
    assert (made.summary.retainage_total, made.summary.balance_to_finish) == (ZERO, ZERO)
    assert is_final(made)
    assert check_amounts(final_claim(S24), S24) == ()
    rows = entries_between("L1", S24.positions["L1"], made.lines[0].position)
    assert [(row.kind, row.amount) for row in rows] == [
        (EntryKind.WITHHELD, Decimal("400.00")),
        (EntryKind.RELEASED, Decimal("5000.00")),
    ]


@pytest.mark.parametrize(
    ("claim", "code", "found", "expected", "difference"),
    [
        (amounts("3999.99", release="5000.00"), "final-incomplete", "49999.99", "50000.00", "-0.01"),
        (amounts("3000.00", "1000.00", "5000.00"), "final-stored", "1000.00", "0.00", "1000.00"),
        (amounts("4000.00", release="4600.00"), "final-retainage", "4600.00", "5000.00", "-400.00"),
        (amounts("4000.00"), "final-retainage", "0.00", "5000.00", "-5000.00"),
    ],
)
def test_a_final_bill_that_leaves_something_is_returned(
    claim: LineAmounts, code: str, found: str, expected: str, difference: str
) -> None:
    """To the cent, in money and not in percent: what is there, what is expected, and the difference."""
    one = the(check_amounts({"L1": claim}, S24), code)
    assert (one.severity, one.line) == (Severity.RETURN, "L1")
    assert (one.found, one.expected, one.difference) == (found, expected, difference)
    assert code not in codes(check_amounts({"L1": claim}, replace(S24, kind=InviteKind.BOTH)))


def test_more_than_is_held_is_said_once() -> None:
    """A release beyond what is held is that fault alone, not also one of a final bill."""
    found = check_amounts({"L1": amounts("4000.00", release="5000.01")}, S24)
    assert codes(found) == ["release-over-held"]


def test_unbilled_value_is_closed_out_by_line() -> None:
    """Each line that is not complete has its own variation, negative where value is taken away."""
    basis = a_basis(lines=LINES, kind=InviteKind.FINAL)
    made = bill(basis, {"L1": amounts("98000.00"), "L2": amounts("333.35"), "C1": amounts("-4000.00")})
    assert close_out(made) == (
        CloseOut(line_key="L1", amount=Decimal("-765.43")),
        CloseOut(line_key="C1", amount=Decimal("321.99")),
    )


@given(bills=BILLS, rules=RULES, rounding=st.sampled_from(Rounding))
def test_a_final_bill_always_ends_at_nothing_held_and_nothing_left(
    bills: list[list[tuple[int, int, int]]], rules: RetainageTerms, rounding: Rounding
) -> None:
    """Whatever was billed, stored, withheld and released before, under whatever rule: L5 = 0, L9 = 0, and all is paid."""
    basis = a_basis(lines=LINES, retainage=rules, rounding=rounding, kind=InviteKind.BOTH)
    paid = Decimal(0)
    for shares in bills:
        claim = {line.key: LineAmounts() for line in LINES}
        for line, (work, stored, release) in zip(LINES, shares, strict=True):
            prior = basis.positions.get(line.key, LinePosition())
            done = money.percent_of(line.scheduled_value - prior.work, Decimal(work) / 10, "USD")
            kept = money.percent_of(line.scheduled_value - prior.work - done, Decimal(stored) / 10, "USD")
            asked = money.percent_of(prior.held, Decimal(release) / 10, "USD")
            claim[line.key] = LineAmounts(work=done, stored=kept, release=asked)
        made = bill(basis, claim)
        paid += made.summary.current_payment_due
        basis = after(basis, made)
    basis = replace(basis, kind=InviteKind.FINAL)
    last = bill(basis, final_claim(basis))
    assert_identities(last, basis)
    assert (last.summary.retainage_total, last.summary.balance_to_finish) == (ZERO, ZERO)
    assert all(row.retainage_held == 0 for row in last.lines)
    assert paid + last.summary.current_payment_due == last.summary.total_earned_less_retainage
    assert not {"final-incomplete", "final-stored", "final-retainage"} & set(
        codes(check_amounts(final_claim(basis), basis))
    )
