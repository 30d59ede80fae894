"""Retainage by contract: steps, caps, fixed amounts, rounding by contract; every rule with the identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import assert_identities, bill, certified
from batch.core.model import Basis, Bill, LineAmounts, LinePosition
from batch.core.money import ZERO, Rounding
from batch.core.retainage import RetainageEntry, entries_between, rebuild
from batch.core.retainage_terms import (
    CapOf,
    RetainageRounding,
    RetainageStep,
    RetainageTerms,
    StepReach,
    StepsError,
    read_steps,
    steps_text,
)
from batch.core.settings import StoredMode
from batch.core.stored import begun, moved
from tests.core.builders import a_basis, a_line, after, amounts, lines_of

HALF = (RetainageStep(past=Decimal(50), rate=Decimal(5)),)


def rule(**changes: Any) -> RetainageTerms:
    """Ten per cent on work and on stored materials, with something more."""
    return replace(RetainageTerms(work=Decimal(10), stored=Decimal(10)), **changes)


def contract(terms: RetainageTerms, *values: str, **changes: Any) -> Basis:
    """A contract with lines L1, L2, ... under these terms."""
    return a_basis(lines=lines_of(*values), retainage=terms, **changes)


def played(basis: Basis, *bills: Sequence[str]) -> list[Bill]:
    """The bills of work, line by line, one after the other."""
    made = []
    for works in bills:
        claim = {
            line.key: amounts(work, stored=str(basis.positions.get(line.key, LinePosition()).stored))
            for line, work in zip(basis.lines, works, strict=True)
        }
        made.append(bill(basis, claim))
        assert_identities(made[-1], basis)
        basis = after(basis, made[-1])
    return made


def held(made: Bill) -> list[str]:
    """What is held on each line."""
    return [str(row.retainage_held) for row in made.lines]


def kinds(basis: Basis, made: Bill) -> list[str]:
    """The ledger rows of a bill: kind and amount."""
    return [
        f"{entry.kind} {entry.component} {entry.amount}"
        for row in made.lines
        for entry in entries_between(
            row.line.key, basis.positions.get(row.line.key, LinePosition()), row.position, row.re_rated
        )
    ]


def test_s07_rounded_by_contract_with_the_rest_on_the_last_line() -> None:
    """Three lines of 33.35 hold 3.34 each by line, and 3.34, 3.34, 3.33 by contract; a line of 0 takes no rest."""
    works = ("33.35", "33.35", "33.35", "0.00")
    values = ("100.00", "100.00", "100.00", "100.00")
    (by_line,) = played(contract(rule(), *values), works)
    assert by_line.summary.retainage_total == Decimal("10.02")
    (made,) = played(contract(rule(rounding=RetainageRounding.CONTRACT), *values), works)
    assert held(made) == ["3.34", "3.34", "3.33", "0.00"]
    assert made.summary.total_earned_less_retainage == Decimal("90.04")


def test_whole_units() -> None:
    """In whole units retainage has no cents, by line and by contract."""
    works = ("1234.56", "1234.56")
    (by_line,) = played(contract(rule(whole_units=True), "5000.00", "5000.00"), works)
    assert held(by_line) == ["123.00", "123.00"]
    by_contract = rule(whole_units=True, rounding=RetainageRounding.CONTRACT)
    (made,) = played(contract(by_contract, "5000.00", "5000.00"), works)
    assert held(made) == ["123.00", "124.00"]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"rounding": RetainageRounding.CONTRACT},
        {"steps": (RetainageStep(past=Decimal(50), rate=Decimal(5)),)},
    ],
)
def test_whole_units_are_never_more_than_what_they_are_withheld_from(more: dict[str, Any]) -> None:
    """90 % of 0.60 of work rounds to 1, which would be more than was earned: nothing is withheld."""
    terms = RetainageTerms(work=Decimal(90), stored=Decimal(90), whole_units=True, **more)
    (made,) = played(contract(terms, "100.00", "100.00"), ("0.60", "0.00"))
    assert held(made) == ["0.00", "0.00"]


@pytest.mark.parametrize("cap", [{"cap_percent": Decimal(5)}, {"cap_amount": Decimal("50.50")}])
def test_a_cap_in_whole_units_is_rounded_down(cap: dict[str, Any]) -> None:
    """5 % of 1,010.00 is 50.50: in whole units 50 is the most that does not exceed it."""
    (made,) = played(contract(rule(whole_units=True, **cap), "1010.00"), ("1000.00",))
    assert held(made) == ["50.00"]


def test_s17_forward_step() -> None:
    """10 % on the first half and 5 % after; the finished line keeps its own, exactly half is not past it."""
    basis = contract(rule(steps=HALF), "50000.00", "50000.00")
    first, half, second = played(basis, ("48000.00", "0.00"), ("2000.00", "0.00"), ("0.00", "12000.00"))
    assert [one.summary.retainage_total for one in (first, half, second)] == [4800, 5000, 5600]
    assert held(second) == ["5000.00", "600.00"]
    assert second.summary.current_payment_due == Decimal("11400.00")


@pytest.mark.parametrize(
    ("work", "changed", "is_held", "then"),
    [("60000.00", "50000.00", "5500.00", "6500.00"), ("48000.00", "-20000.00", "4800.00", "5300.00")],
)
def test_a_change_order_alone_moves_no_retainage(work: str, changed: str, is_held: str, then: str) -> None:
    """Forward steps: another value of the contract re-rates no earlier work, only later work goes by its tranches."""
    basis = contract(rule(steps=HALF), "100000.00")
    (first,) = played(basis, (work,))
    more = (*basis.lines, a_line("C1", changed, change_order="1"))
    second = bill(after(basis, first, lines=more), {})
    assert held(second) == [is_held, "0.00"]
    assert second.summary.current_payment_due == 0
    third = bill(after(after(basis, first, lines=more), second), {"L1": amounts("10000.00")})
    assert str(third.summary.retainage_total) == then


def test_work_taken_back_leaves_no_line_above_its_highest_rate() -> None:
    """Forward steps: 10 % of the 4.75 that is left on a line is 0.48 at most, as rounding by line needs no cent more."""
    basis = contract(rule(steps=HALF), "100.00", "100.00")
    _, second = played(basis, ("41.85", "58.74"), ("44.99", "-53.99"))
    assert held(second) == ["8.68", "0.48"]


def test_cents_do_not_drift_after_a_change_order() -> None:
    """Two hundred bills of 33.35 after a change order withhold to date what one bill of them all would."""
    basis = contract(rule(steps=HALF), "100000.00")
    (first,) = played(basis, ("60000.00",))
    now = start = after(basis, first, lines=(*basis.lines, a_line("C1", "50000.00", change_order="1")))
    for _ in range(200):
        now = after(now, bill(now, {"L1": amounts("33.35")}))
    at_once = bill(start, {"L1": amounts("6670.00")})
    assert sum(at.withheld_work for at in now.positions.values()) == at_once.summary.retainage_total == 6167


def test_stored_materials_that_become_work_bear_the_rate_of_the_work() -> None:
    """Forward steps: materials that move into the work of before bear its tranche, though they bore another rate stored."""
    basis = contract(rule(steps=HALF, stored=Decimal(2)), "100000.00", stored_mode=StoredMode.TO_PREVIOUS)
    first = bill(basis, {"L1": amounts("20000.00", stored="10000.00")})
    assert str(first.summary.retainage_total) == "2200.00"
    held_then = {row.line.key: row.position for row in first.lines}
    mode = StoredMode.TO_PREVIOUS
    now = after(basis, first, stored_moved=moved(held_then, mode))
    assert str(bill(replace(now, positions=begun(held_then, mode)), {}).summary.retainage_total) == "3000.00"


def test_s18_retroactive_step() -> None:
    """Past half, 5 % holds for all work; the ledger says what the lower rate gave back."""
    basis = contract(rule(steps=HALF, reach=StepReach.ALL), "100000.00")
    first, second = played(basis, ("48000.00",), ("14000.00",))
    assert first.summary.retainage_total == 4800
    assert second.summary.retainage_total == 3100
    assert second.summary.current_payment_due == Decimal("15700.00")
    assert kinds(after(basis, first), second) == ["re-rated work -2400.00", "withheld work 700.00"]
    half, past = played(basis, ("50000.00",), ("0.01",))
    assert [half.summary.retainage_total, past.summary.retainage_total] == [5000, Decimal("2500.00")]


def test_a_retroactive_step_after_a_release_never_holds_less_than_nothing() -> None:
    """With 4,000 of 4,800 released, half the rate withholds 4,000 to date and not 3,100: nothing is asked back."""
    basis = contract(rule(steps=HALF, reach=StepReach.ALL), "100000.00")
    first = bill(basis, {"L1": amounts("48000.00", release="4000.00")})
    second = bill(after(basis, first), {"L1": amounts("14000.00")})
    assert [first.summary.retainage_total, second.summary.retainage_total] == [800, 0]
    assert kinds(after(basis, first), second) == ["re-rated work -800.00"]


def test_s20_cap_on_the_original_value() -> None:
    """10 % until 5 % of 400,000 is held; after a release of half nothing is withheld again."""
    basis = contract(rule(cap_percent=Decimal(5)), "250000.00", "150000.00")
    bills = played(basis, ("150000.00", "0.00"), ("0.00", "80000.00"), ("100000.00", "70000.00"))
    assert [one.summary.retainage_total for one in bills] == [15000, 20000, 20000]
    assert bills[1].summary.current_payment_due == Decimal("75000.00")
    assert bills[2].summary.current_payment_due == Decimal("170000.00")
    assert held(bills[1]) == ["15000.00", "5000.00"]
    done = after(after(after(basis, bills[0]), bills[1]), bills[2])
    parts = {key: amounts(release=str(at.held / 2)) for key, at in done.positions.items()}
    released = bill(done, parts)
    assert released.summary.current_payment_due == Decimal("10000.00")
    assert bill(after(done, released), {}).summary.retainage_total == 10000


@pytest.mark.parametrize(("of", "expected"), [(CapOf.ORIGINAL, "5000.00"), (CapOf.REVISED, "6000.00")])
def test_a_raised_revised_value_catches_up(of: CapOf, expected: str) -> None:
    """A change order raises the cap on the revised value, and the next bill withholds what was left out."""
    basis = contract(rule(cap_percent=Decimal(5), cap_of=of), "100000.00")
    (first,) = played(basis, ("80000.00",))
    assert first.summary.retainage_total == 5000
    more = (*basis.lines, a_line("C1", "20000.00", change_order="1"))
    assert str(bill(after(basis, first, lines=more), {}).summary.retainage_total) == expected


def test_a_cap_in_money_takes_work_first() -> None:
    """Under a cap in money a line's work comes before its stored materials, and a line keeps what it had."""
    basis = contract(rule(cap_amount=Decimal("1000.00")), "20000.00", "20000.00")
    first = bill(basis, {"L1": amounts("6000.00", stored="5000.00")})
    assert [first.summary.retainage_work, first.summary.retainage_stored] == [600, 400]
    second = bill(after(basis, first), {"L1": amounts("5000.00"), "L2": amounts("9000.00")})
    assert [second.summary.retainage_work, second.summary.retainage_stored] == [1000, 0]
    assert held(second) == ["1000.00", "0.00"]


def test_a_fixed_amount() -> None:
    """A line's amount is withheld from the first work on, never more than was billed, and does not grow."""
    lines = (replace(a_line("L1", "9000.00"), retainage_amount=Decimal("500.00")), a_line("L2", "1000.00"))
    basis = a_basis(lines=lines, retainage=rule())
    bills = played(basis, ("300.00", "100.00"), ("700.00", "0.00"), ("8000.00", "900.00"))
    assert [held(one) for one in bills] == [["300.00", "10.00"], ["500.00", "10.00"], ["500.00", "100.00"]]


def test_lines_with_their_own_rate_do_not_follow_the_steps() -> None:
    """A bond without retainage neither bears a step nor counts in percent complete."""
    lines = (replace(a_line("B", "9000.00"), retainage_work=ZERO), a_line("L1", "1000.00"))
    basis = a_basis(lines=lines, retainage=rule(steps=HALF))
    (made,) = played(basis, ("9000.00", "400.00"))
    assert held(made) == ["0.00", "40.00"]


def test_steps_are_read_and_written() -> None:
    """Steps have one text; rates over 100 %, steps out of order and anything else are refused."""
    assert steps_text(read_steps("50%:5% ; 75 %: 0%")) == "50%: 5%, 75%: 0%"
    assert read_steps("") == ()
    for wrong in ("75%: 5%, 50%: 0%", "50%: 5%, 50%: 2%", "50%: 105%", "0%: 5%", "100%: 5%", "50: 5", "half"):
        with pytest.raises(StepsError):
            read_steps(wrong)


RATES = st.integers(0, 3000).map(lambda n: Decimal(n) / 100)
STEPS = st.lists(st.tuples(st.integers(1, 99), RATES), max_size=3, unique_by=lambda each: each[0]).map(
    lambda found: tuple(RetainageStep(past=Decimal(p), rate=r) for p, r in sorted(found))
)
TERMS = st.builds(
    RetainageTerms,
    work=RATES,
    stored=RATES,
    steps=STEPS,
    reach=st.sampled_from(StepReach),
    cap_percent=st.none() | RATES,
    cap_of=st.sampled_from(CapOf),
    rounding=st.sampled_from(RetainageRounding),
    whole_units=st.booleans(),
)
LINES = (
    a_line("L1", "8888.89"),
    replace(a_line("L2", "777.77"), retainage_work=Decimal("2.5")),
    replace(a_line("L3", "5000.00"), retainage_amount=Decimal("123.45")),
    a_line("L4", "3333.33"),
    a_line("C1", "-1200.01", change_order="1"),
)
SHARES = st.lists(
    st.lists(
        st.tuples(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100)), min_size=5, max_size=5
    ),
    min_size=1,
    max_size=6,
)


def movement(basis: Basis, shares: Sequence[tuple[int, int, int]], release: bool) -> dict[str, LineAmounts]:
    """Work, storage and release within what a line allows, as percentages of what is left."""
    works = {}
    for line, (to_bill, to_store, _) in zip(basis.lines, shares, strict=True):
        prior = basis.positions.get(line.key, LinePosition())
        work = money.percent_of(line.scheduled_value - prior.work, Decimal(to_bill), "USD")
        left = line.scheduled_value - prior.work - work
        stored = money.percent_of(left, Decimal(to_store), "USD")
        works[line.key] = LineAmounts(work=work, stored=stored)
    if not release:
        return works
    unreleased = {row.line.key: row.retainage_held for row in bill(basis, works).lines}
    asked = {
        line.key: money.percent_of(unreleased[line.key], Decimal(part), "USD")
        for line, (_, _, part) in zip(basis.lines, shares, strict=True)
    }
    return {key: replace(each, release=asked[key]) for key, each in works.items()}


@given(steps=SHARES, terms=TERMS, rounding=st.sampled_from(Rounding), release=st.booleans())
def test_every_rule_keeps_the_identities(
    steps: list[list[tuple[int, int, int]]], terms: RetainageTerms, rounding: Rounding, release: bool
) -> None:
    """Under any rule payments add up to L6, ledger rows to the position, held has the line's sign, none is clawed back."""
    basis = a_basis(lines=LINES, retainage=terms, rounding=rounding)
    entries: dict[str, list[RetainageEntry]] = {line.key: [] for line in LINES}
    billed: dict[str, list[LineAmounts]] = {line.key: [] for line in LINES}
    paid = ZERO
    for shares in steps:
        claim = movement(basis, shares, release)
        made = bill(basis, claim)
        assert_identities(made, basis)
        paid += made.summary.current_payment_due
        assert paid == made.summary.total_earned_less_retainage
        for row in made.lines:
            key, prior = row.line.key, basis.positions.get(row.line.key, LinePosition())
            entries[key].extend(entries_between(key, prior, row.position, row.re_rated))
            billed[key].append(claim[key])
            assert rebuild(entries[key], billed[key]) == row.position
            assert row.retainage_held * row.line.scheduled_value >= 0
        basis = after(basis, made)
    assert certified(basis.positions, "USD") == paid


def positions(basis: Basis) -> list[LinePosition]:
    """Where the lines stand on which something was withheld or released."""
    return [at for at in basis.positions.values() if at.withheld_work or at.withheld_stored or at.released]


@given(steps=SHARES, terms=TERMS)
def test_what_is_withheld_does_not_depend_on_releases(
    steps: list[list[tuple[int, int, int]]], terms: RetainageTerms
) -> None:
    """No claw-back: a contract that had releases withholds to date what it does without, while more is held than nothing."""
    with_releases = without = a_basis(lines=LINES, retainage=terms)
    for shares in steps:
        claim = movement(with_releases, shares, release=True)
        with_releases = after(with_releases, bill(with_releases, claim))
        kept = {key: replace(each, release=ZERO) for key, each in claim.items()}
        without = after(without, bill(without, kept))
        mine, plain = (
            sum((at.withheld_work + at.withheld_stored for at in basis.positions.values()), ZERO)
            for basis in (with_releases, without)
        )
        if all(
            abs(at.released) < abs(at.withheld_work + at.withheld_stored) for at in positions(with_releases)
        ):
            assert mine == plain
