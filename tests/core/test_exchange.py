"""Exchange: which rate counts, and conversion that never drifts, in every currency and rounding mode."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from batch.core.exchange import (
    Carried,
    ExchangeRate,
    Fixing,
    Moved,
    RateError,
    checked_rate,
    convert,
    converted,
    from_scaled,
    newest,
    rate_text,
    to_scaled,
    too_large,
)
from batch.core.model import ClientLine, CostLine, RetainageTerms
from batch.core.money import Rounding, decimals, rounded, unit
from batch.core.upstream import compile_lines

CURRENCIES = ("JPY", "USD", "KWD")
DAY = date(2026, 1, 31)
modes = st.sampled_from(list(Rounding))
rates = st.integers(1, 10**12).map(from_scaled)


def amounts(currency: str, most: int = 10**10) -> st.SearchStrategy[Decimal]:
    """Exact amounts of a currency, below zero too."""
    return st.integers(-most, most).map(lambda minor: Decimal(minor).scaleb(-decimals(currency)))


def a_rate(day: date, rate: str = "1.1") -> ExchangeRate:
    """A rate from euros to dollars."""
    return ExchangeRate(from_currency="EUR", to_currency="USD", dated_on=day, rate=Decimal(rate))


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, str, Rounding, list[tuple[Moved, Decimal]]]:
    """Two currencies, a rounding mode, and what applications move on one line, each with a rate of its own."""
    own, other = draw(st.sampled_from(CURRENCIES)), draw(st.sampled_from(CURRENCIES))
    moved = st.builds(Moved, work=amounts(own), stored=amounts(own))
    return own, other, draw(modes), draw(st.lists(st.tuples(moved, rates), min_size=1, max_size=8))


@pytest.mark.parametrize(
    ("day", "found"),
    [(DAY - timedelta(days=1), None), (DAY, DAY), (DAY + timedelta(days=3), DAY + timedelta(days=3))],
)
def test_the_newest_rate_that_is_not_after_the_day(day: date, found: date | None) -> None:
    """A rate counts from its own day on; one of the future never does; without any there is none."""
    known = [a_rate(DAY + timedelta(days=3)), a_rate(DAY), a_rate(DAY + timedelta(days=9))]
    best = newest(known, day)
    assert (best.dated_on if best else None) == found


@given(st.lists(st.integers(0, 60), unique=True), st.integers(-5, 65))
def test_whatever_the_order_of_the_rates(offsets: list[int], wanted: int) -> None:
    """It is the latest date up to the day, in whatever order the rates stand."""
    found = newest([a_rate(DAY + timedelta(days=one)) for one in offsets], DAY + timedelta(days=wanted))
    expected = max((one for one in offsets if one <= wanted), default=None)
    assert (None if found is None else (found.dated_on - DAY).days) == expected


@given(st.integers(1, 10**17))
def test_a_rate_is_kept_exactly(scaled: int) -> None:
    """A rate goes into the database as a whole number and comes back as it was, and as text too."""
    rate = from_scaled(scaled)
    assert to_scaled(rate) == scaled
    assert Decimal(rate_text(rate)) == rate
    assert "E" not in rate_text(rate)


@pytest.mark.parametrize("text", ["0", "-1", "1.123456789", "1000000000.1", "0.000000001"])
def test_what_is_no_rate(text: str) -> None:
    """Not above zero, beyond every rate, or finer than is kept."""
    with pytest.raises(RateError):
        checked_rate(Decimal(text))


def test_a_fixing_is_missing_only_where_a_rate_is_needed() -> None:
    """The project's own currency needs none; another one needs one."""
    assert not Fixing(currency="USD", to_currency="USD", day=DAY).missing
    assert Fixing(currency="EUR", to_currency="USD", day=DAY).missing
    assert not Fixing(currency="EUR", to_currency="USD", day=DAY, rate=a_rate(DAY)).missing


@given(st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), modes, rates, st.data())
@example("USD", "JPY", Rounding.HALF_EVEN, Decimal("0.5"), None)
def test_one_amount_is_rounded_once(
    own: str, other: str, mode: Rounding, rate: Decimal, data: st.DataObject | None
) -> None:
    """The exact product, less than or exactly half a smallest unit away, whatever the decimals of both currencies."""
    amount = Decimal(1) if data is None else data.draw(amounts(own))
    found = convert(amount, rate, other, mode)
    exact = Fraction(amount) * Fraction(rate)
    assert abs(Fraction(found) - exact) <= Fraction(unit(other)) / 2
    assert found == rounded(found, other)


@given(histories())
def test_the_gross_of_a_line_is_converted_once_and_split_without_a_rest(
    history: tuple[str, str, Rounding, list[tuple[Moved, Decimal]]],
) -> None:
    """Work and stored materials of each movement add up to its gross at its own rate, to the smallest unit."""
    _own, other, mode, movements = history
    carried = Carried()
    for moved, rate in movements:
        found = converted(moved, carried, rate, other, mode)
        assert found.gross == convert(moved.gross, rate, other, mode)
        assert found.work == rounded(found.work, other)
        carried = Carried(amount=carried.amount + moved.stored, value=carried.value + found.stored)


@given(histories())
def test_nothing_of_stored_materials_is_left_over(
    history: tuple[str, str, Rounding, list[tuple[Moved, Decimal]]],
) -> None:
    """Once all stored materials of a line are built in, their value in the project's currency is nothing, at any rates."""
    _own, other, mode, movements = history
    carried, gross = Carried(), Decimal(0)
    out = Moved(work=sum((one.stored for one, _rate in movements), Decimal(0)))
    out = Moved(work=out.work, stored=-out.work)
    for moved, rate in [*movements, (out, movements[-1][1])]:
        found = converted(moved, carried, rate, other, mode)
        carried = Carried(amount=carried.amount + moved.stored, value=carried.value + found.stored)
        gross += found.gross
    assert carried == Carried(amount=carried.amount, value=carried.value)
    assert carried.amount == 0
    assert carried.value == 0
    exact = sum(Fraction(one.gross) * Fraction(rate) for one, rate in movements)
    assert abs(Fraction(gross) - exact) <= len(movements) * Fraction(unit(other)) / 2


@given(histories())
def test_at_a_rate_of_one_nothing_changes(
    history: tuple[str, str, Rounding, list[tuple[Moved, Decimal]]],
) -> None:
    """In the same currency at 1 every movement comes out as it went in: conversion adds no rule of its own."""
    own, _other, mode, movements = history
    carried = Carried()
    for moved, _rate in movements:
        assert converted(moved, carried, Decimal(1), own, mode) == moved
        carried = Carried(amount=carried.amount + moved.stored, value=carried.value + moved.stored)


@given(histories(), st.integers(0, 2))
def test_the_client_application_bills_what_was_converted(
    history: tuple[str, str, Rounding, list[tuple[Moved, Decimal]]], unmapped: int
) -> None:
    """Matched and not matched are the sum of all converted lines, and each line to date is the sum of its movements."""
    _own, other, mode, movements = history
    assume(not any(too_large(abs(one.work) + abs(one.stored), rate * 8) for one, rate in movements))
    moved = [converted(one, Carried(), rate, other, mode) for one, rate in movements]
    costs = [
        a_cost(number, one, "03-100" if number != unmapped else "99") for number, one in enumerate(moved)
    ]
    line = ClientLine(
        key="10", item="10", description="Facade", cost_code="03-100", scheduled_value=Decimal(10**12)
    )
    terms = RetainageTerms(work=Decimal(0), stored=Decimal(0))
    found = compile_lines(costs, [line], {}, terms, {}, other, mode)
    assert found.control.downstream == sum((one.gross for one in moved), Decimal(0))
    billed = [one for number, one in enumerate(moved) if number != unmapped]
    assert found.control.matched == sum((one.gross for one in billed), Decimal(0))
    assert found.lines[0].completed_and_stored == found.control.matched


def a_cost(number: int, moved: Moved, code: str) -> CostLine:
    """What an application moves on one line, as the client application takes it in."""
    return CostLine(
        commitment="SC-1", vendor_name="Baxter", application=f"SC-1/{number}", line_key="1", description="Facade",
        cost_code=code, work=moved.work, stored=moved.stored,
    )  # fmt: skip


def test_materials_leave_at_what_they_came_in_with() -> None:
    """500.55 came in at 1.0835 as 542.35; half of them leave as 271.18 whatever the rate is then, and the rest as the rest."""
    came = converted(Moved(stored=Decimal("500.55")), Carried(), Decimal("1.0835"), "USD", Rounding.HALF_UP)
    assert came == Moved(work=Decimal("0.00"), stored=Decimal("542.35"))
    carried = Carried(amount=Decimal("500.55"), value=came.stored)
    half = Moved(work=Decimal("250.28"), stored=Decimal("-250.28"))
    left = converted(half, carried, Decimal(2), "USD", Rounding.HALF_UP)
    assert left == Moved(work=Decimal("271.18"), stored=Decimal("-271.18"))
    carried = Carried(amount=Decimal("250.27"), value=Decimal("271.17"))
    rest = Moved(work=Decimal("250.27"), stored=Decimal("-250.27"))
    assert converted(rest, carried, Decimal(3), "USD", Rounding.HALF_UP).stored == Decimal("-271.17")


def test_more_leaves_than_came_in() -> None:
    """What was stored before the first application here is taken off at the rate of the application that builds it in."""
    carried = Carried(amount=Decimal("100.00"), value=Decimal("110.00"))
    found = converted(Moved(stored=Decimal("-150.00")), carried, Decimal(2), "USD", Rounding.HALF_UP)
    assert found == Moved(work=Decimal("-90.00"), stored=Decimal("-210.00"))
