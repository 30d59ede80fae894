"""Ways of billing a line: nothing drifts, for any method, currency and rounding; and what a review makes of a quantity."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import assert_identities, bill, certified, positions_after
from batch.core.methods import Measure, Method, figure, from_scaled, to_scaled
from batch.core.model import Basis, LineAmounts, LinePosition, SovLine
from batch.core.money import MoneyError, Rounding
from batch.core.returned import Cell, CellKind, Returned, ReturnedIdentity, ReturnedLine
from batch.core.rules import check_amounts
from batch.core.rules.reading import read_case
from batch.core.settings import BLOCKED, OverBilling, Policy, StoredMode
from batch.core.stored import begun, moved
from tests.core.builders import a_basis, a_line

CURRENCIES = st.sampled_from(("USD", "JPY", "KWD"))
QUANTITIES = st.integers(min_value=0, max_value=10**9).map(lambda scaled: from_scaled(scaled, 4))
PRICES = st.integers(min_value=0, max_value=10**10).map(lambda scaled: from_scaled(scaled, 6))
PERCENTS = st.integers(min_value=0, max_value=10**8).map(lambda scaled: Decimal(scaled) / 10**6)


def measured(price: Decimal, quantity: str = "125", **more: bool) -> Measure:
    """125 LF, or another quantity, at a price."""
    return Measure(quantity=Decimal(quantity), unit="LF", unit_price=price, **more)


def by_quantity(measure: Measure, currency: str = "USD", rounding: Rounding = Rounding.HALF_UP) -> SovLine:
    """A unit price line whose value is its quantity at its price."""
    value = measure.worth(measure.quantity, currency, rounding)
    return replace(a_line("L1", "0.00"), scheduled_value=value, method=Method.UNIT_PRICE, measure=measure)


def half(exact: Fraction, places: int, rounding: Rounding) -> Fraction:
    """The rounding of the trade with whole numbers alone: a half goes away from zero, or to the even neighbour."""
    scaled = abs(exact) * 10**places
    down, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest - scaled.denominator
    up = twice > 0 or (twice == 0 and (rounding is Rounding.HALF_UP or down % 2 == 1))
    return (-1 if exact < 0 else 1) * Fraction(down + up, 10**places)


def entered(basis: Basis, column: str, text: str) -> LineAmounts:
    """What one entry on the first line of a workbook is read as."""
    cell = Cell(
        sheet="Lines", ref="D5", kind=CellKind.NUMBER, text=text, shown_as_percent=column == "percent_to_date"
    )
    row = ReturnedLine(line_key="L1", row=5, cells={column: cell})
    case = read_case(Returned(identity=ReturnedIdentity(), lines=(row,)), basis, frozenset())
    assert not case.entries["L1"].troubles
    return case.claim["L1"]


def approved(basis: Basis, amounts: LineAmounts) -> Basis:
    """The basis of the next application after this one was approved; its identities hold."""
    made = bill(basis, {"L1": amounts})
    assert_identities(made, basis)
    positions = positions_after(made)
    return replace(basis, positions=positions, previous_certificates=certified(positions, basis.currency))


@given(
    price=PRICES,
    to_date=st.lists(QUANTITIES, max_size=8),
    currency=CURRENCIES,
    rounding=st.sampled_from(Rounding),
)
def test_a_quantity_never_drifts(
    price: Decimal, to_date: list[Decimal], currency: str, rounding: Rounding
) -> None:
    """After any bills, work to date is the last quantity at its price, rounded once; the bills add up to it exactly."""
    line = by_quantity(measured(price), currency, rounding)
    basis = a_basis(lines=(line,), currency=currency, rounding=rounding)
    billed = money.zero(currency)
    for quantity in to_date:
        amounts = entered(basis, "quantity_to_date", figure(quantity))
        billed += amounts.work
        basis = approved(basis, amounts)
        position = basis.positions["L1"]
        exact = half(Fraction(quantity) * Fraction(price), money.decimals(currency), rounding)
        assert Fraction(position.work) == exact == Fraction(billed)
        assert position.quantity == quantity


@given(
    value=st.integers(min_value=-(10**9), max_value=10**9),
    to_date=st.lists(PERCENTS, max_size=8),
    currency=CURRENCIES,
    rounding=st.sampled_from(Rounding),
)
def test_a_percentage_never_drifts(
    value: int, to_date: list[Decimal], currency: str, rounding: Rounding
) -> None:
    """After any bills, work to date is the last percentage of the value, rounded once; the bills add up to it exactly."""
    line = replace(a_line("L1", "0.00"), scheduled_value=money.from_minor(value, currency))
    basis = a_basis(lines=(line,), currency=currency, rounding=rounding)
    for percent in to_date:
        basis = approved(basis, entered(basis, "percent_to_date", f"{percent / 100:f}"))
        exact = Fraction(line.scheduled_value) * Fraction(percent) / 100
        assert Fraction(basis.positions["L1"].work) == half(exact, money.decimals(currency), rounding)


@given(reached=st.lists(st.booleans(), max_size=6), value=st.integers(min_value=-(10**9), max_value=10**9))
def test_a_milestone_is_billed_whole(reached: list[bool], value: int) -> None:
    """Reached or taken back, any number of times: what is billed in all is its price or nothing."""
    line = replace(
        a_line("L1", "0.00"), scheduled_value=money.from_minor(value, "USD"), method=Method.MILESTONE
    )
    basis = a_basis(lines=(line,))
    for done in reached:
        amounts = entered(basis, "percent_to_date", "1" if done else "0")
        assert not [one for one in check_amounts({"L1": amounts}, basis) if one.code == "milestone-part"]
        basis = approved(basis, amounts)
        assert basis.positions["L1"].work == (line.scheduled_value if done else 0)


@pytest.mark.parametrize(("value", "places"), [("77.5", 4), ("-0.0001", 4), ("48.750001", 6), ("0", 6)])
def test_scaled_integers_keep_every_decimal(value: str, places: int) -> None:
    """A quantity and a price come back from the database as they went in."""
    assert from_scaled(to_scaled(Decimal(value), places), places) == Decimal(value)
    assert figure(from_scaled(to_scaled(Decimal(value), places), places)) == value


@pytest.mark.parametrize(("value", "places"), [("0.00001", 4), ("0.0000001", 6), ("100000000001", 4)])
def test_what_does_not_fit_the_scale_is_refused(value: str, places: int) -> None:
    """A fifth decimal of a quantity, a seventh of a price, or a figure beyond any contract is no scaled integer."""
    with pytest.raises(MoneyError):
        to_scaled(Decimal(value), places)


def test_work_without_its_quantity_is_returned() -> None:
    """An amount that its quantity does not give is refused wherever it comes from, with what it has to be."""
    basis = a_basis(lines=(by_quantity(measured(Decimal("48.75"))),))
    (one,) = check_amounts({"L1": LineAmounts(work=Decimal("100.00"))}, basis)
    assert (one.code, one.found, one.expected) == ("quantity-needed", "100.00", "0.00")
    wrong = LineAmounts(work=Decimal("1950.01"), quantity=Decimal(40))
    (one,) = check_amounts({"L1": wrong}, basis)
    assert (one.code, one.difference) == ("quantity-needed", "0.01")


def test_a_blank_leaves_quantity_and_amount() -> None:
    """Where nothing is entered the approved quantity stands, also after the price was corrected."""
    line = by_quantity(measured(Decimal(50)))
    at = {"L1": LinePosition(work=Decimal("1950.00"), quantity=Decimal(40))}
    basis = a_basis(lines=(line,), positions=at, previous_certificates=Decimal("1950.00"))
    made = bill(basis, {})
    assert_identities(made, basis)
    assert (made.lines[0].work_this_period, made.lines[0].position.quantity) == (Decimal(0), Decimal(40))
    # With the next quantity the corrected price counts for all of it.
    assert entered(basis, "quantity_to_date", "40").work == Decimal("50.00")


@pytest.mark.parametrize(
    ("over", "codes"),
    [
        (BLOCKED, [("over-quantity", "hold")]),
        (OverBilling(quantity=Policy.ALLOW), [("over-contract", "hold"), ("over-quantity", "note")]),
        (OverBilling(quantity=Policy.ALLOW, contract=Policy.ALLOW), [("over-quantity", "note")]),
    ],
)
def test_a_contract_beyond_its_sum_by_re_measurement_is_never_returned_nor_silent(
    over: OverBilling, codes: list[tuple[str, str]]
) -> None:
    """The contract sum stays; beyond it the admin is told by the line, or by the contract where the line is free."""
    line = by_quantity(measured(Decimal("48.75"), remeasured=True))
    basis = a_basis(lines=(line,), over_billing=over)
    amounts = entered(basis, "quantity_to_date", "130")
    found = check_amounts({"L1": amounts}, basis)
    assert [(one.code, one.severity.value) for one in found] == codes
    summary = bill(basis, {"L1": amounts}).summary
    assert summary.contract_sum_to_date == Decimal("6093.75")
    assert summary.total_completed_and_stored == Decimal("6337.50")


def test_stored_materials_beyond_a_re_measured_quantity_are_over_the_line() -> None:
    """The quantity explains the work that it gives, and nothing more."""
    line = by_quantity(measured(Decimal("48.75"), remeasured=True))
    basis = a_basis(lines=(line,))
    amounts = replace(entered(basis, "quantity_to_date", "130"), stored=Decimal("100.00"))
    found = {one.code: one for one in check_amounts({"L1": amounts}, basis)}
    assert (found["over-line"].severity.value, found["over-line"].difference) == ("return", "100.00")


def test_stored_materials_of_a_quantity_never_move_by_themselves() -> None:
    """What was built in of them is said by the quantity, so they stay a balance in either mode."""
    line = by_quantity(measured(Decimal("48.75")))
    at = {"L1": LinePosition(stored=Decimal("100.00")), "L2": LinePosition(stored=Decimal("5.00"))}
    lines = (line, a_line("L2", "10.00"))
    assert begun(at, StoredMode.TO_PREVIOUS, lines)["L1"] == at["L1"]
    assert moved(at, StoredMode.TO_PREVIOUS, lines=lines) == {"L2": Decimal("5.00")}
