"""What holds for every sequence of bills, found by trying many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import assert_identities, bill, certified
from batch.core.model import Basis, LineAmounts, LinePosition
from batch.core.money import ZERO, Rounding
from batch.core.retainage import RetainageEntry, entries_between, position_after, rebuild
from batch.core.rules import check_amounts
from tests.core.builders import a_basis, a_line, after, terms

RATES = st.integers(min_value=0, max_value=1_000_000).map(money.from_ppm)
STEPS = st.lists(
    st.tuples(*(st.integers(min_value=0, max_value=1000),) * 3), min_size=2, max_size=2
)  # per line: thousandths of what is left to bill, to store and to release
LINES = (a_line("L1", "98765.43"), a_line("C1", "-4321.99", change_order="CO-1"))


def movement(basis: Basis, shares: list[tuple[int, int, int]], *, release: bool) -> dict[str, LineAmounts]:
    """Valid amounts for every line: part of what is left to bill, to store, and to release."""
    return {
        line.key: _line_movement(
            basis, line.scheduled_value, basis.positions.get(line.key, LinePosition()), share, release
        )
        for line, share in zip(basis.lines, shares, strict=True)
    }


def _line_movement(
    basis: Basis, value: Decimal, prior: LinePosition, share: tuple[int, int, int], release: bool
) -> LineAmounts:
    to_bill, to_store, to_release = (Decimal(part) / 10 for part in share)
    work = money.percent_of(value - prior.work, to_bill, "USD")
    stored = money.percent_of(value - prior.work - work, to_store, "USD")
    held = position_after(
        prior, LineAmounts(work=work, stored=stored), basis.retainage, "USD", basis.rounding
    ).held
    asked = money.percent_of(held, to_release, "USD") if release else money.zero("USD")
    return LineAmounts(work=work, stored=stored, release=asked)


@given(
    steps=st.lists(STEPS, max_size=8),
    work_rate=RATES,
    stored_rate=RATES,
    rounding=st.sampled_from(Rounding),
    release=st.booleans(),
)
def test_identities_hold_for_any_sequence_of_bills(
    steps: list[list[tuple[int, int, int]]],
    work_rate: Decimal,
    stored_rate: Decimal,
    rounding: Rounding,
    release: bool,
) -> None:
    """Every identity holds, payments due add up to L6, the ledger's rows add up to the position, nothing
    is held twice.
    """
    rates = replace(terms(), work=work_rate, stored=stored_rate)
    basis = a_basis(lines=LINES, retainage=rates, rounding=rounding)
    paid, entries = ZERO, dict[str, list[RetainageEntry]](L1=[], C1=[])
    movements: dict[str, list[LineAmounts]] = {"L1": [], "C1": []}
    for shares in steps:
        given_amounts = movement(basis, shares, release=release)
        made = bill(basis, given_amounts)
        assert_identities(made, basis)
        paid += made.summary.current_payment_due
        assert paid == made.summary.total_earned_less_retainage
        for row in made.lines:
            key = row.line.key
            prior = basis.positions.get(key, LinePosition())
            entries[key].extend(entries_between(key, prior, row.position))
            movements[key].append(given_amounts[key])
            assert rebuild(entries[key], movements[key]) == row.position
            assert row.retainage_held * row.line.scheduled_value >= 0
        basis = after(basis, made)
    assert certified(basis.positions, "USD") == paid


@given(steps=st.lists(STEPS, min_size=1, max_size=6), work_rate=RATES, stored_rate=RATES)
def test_more_periods_hold_and_pay_the_same(
    steps: list[list[tuple[int, int, int]]], work_rate: Decimal, stored_rate: Decimal
) -> None:
    """What is held and earned depends on where the work stands, never on how many bills led there."""
    rates = replace(terms(), work=work_rate, stored=stored_rate)
    basis = start = a_basis(lines=LINES, retainage=rates)
    for shares in steps:
        last = bill(basis, movement(basis, shares, release=False))
        basis = after(basis, last)
    at_once = {
        row.line.key: LineAmounts(work=row.position.work, stored=row.position.stored) for row in last.lines
    }
    single = bill(start, at_once)
    assert single.summary.retainage_total == last.summary.retainage_total
    assert single.summary.total_earned_less_retainage == last.summary.total_earned_less_retainage


@given(steps=st.lists(STEPS, max_size=4), shares=STEPS)
def test_releases_in_parts_are_one_release(
    steps: list[list[tuple[int, int, int]]], shares: list[tuple[int, int, int]]
) -> None:
    """After releases in several parts, releasing the rest leaves nothing held and everything earned paid."""
    basis = a_basis(lines=LINES)
    for step in (*steps, shares):
        basis = after(basis, bill(basis, movement(basis, step, release=True)))
    rest = {key: LineAmounts(stored=p.stored, release=p.held) for key, p in basis.positions.items()}
    last = bill(basis, rest)
    assert last.summary.retainage_total == 0
    assert last.summary.total_earned_less_retainage == last.summary.total_completed_and_stored


CLAIMS: st.SearchStrategy[Mapping[str, LineAmounts]] = st.dictionaries(
    st.sampled_from(["L1", "C1"]),
    st.builds(
        LineAmounts,
        **dict.fromkeys(
            ("work", "stored", "release"),
            st.integers(-(10**15), 10**15).map(lambda m: money.from_minor(m, "USD")),
        ),
    ),
)


@given(claim=CLAIMS)
def test_limits_never_raise_and_bills_always_tie(claim: Mapping[str, LineAmounts]) -> None:
    """Whatever is claimed, the limits give findings and the arithmetic of the summary holds."""
    basis = a_basis(lines=LINES)
    check_amounts(claim, basis)
    summary = bill(basis, claim).summary
    assert summary.balance_to_finish == summary.contract_sum_to_date - summary.total_earned_less_retainage
