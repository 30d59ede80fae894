"""Rules of the whole contract at their bounds: at a step, at a cap, at nothing, on deductions, in whole units, in yen."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.billing import bill
from batch.core.model import LineAmounts, LinePosition
from batch.core.money import MoneyError, Rounding
from batch.core.retainage_terms import RetainageStep, StepReach
from tests.core.builders import a_line, after, amounts, lines_of
from tests.core.retained import HALF, ONCE, an_opening, contract, own, withheld, work

# Currencies, rounding, own terms --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "rounded", "more", "expected"),
    [
        ("JPY", Rounding.HALF_UP, {}, "1235"),
        ("JPY", Rounding.HALF_EVEN, {}, "1234"),
        ("JPY", Rounding.HALF_UP, {"cap_amount": Decimal(9000)}, "1235"),
        ("JPY", Rounding.HALF_EVEN, {"cap_amount": Decimal(9000)}, "1234"),
        ("JPY", Rounding.HALF_EVEN, {"rounding": ONCE}, "1234"),
        ("USD", Rounding.HALF_UP, {"whole_units": True}, "1235.00"),
        ("USD", Rounding.HALF_EVEN, {"whole_units": True}, "1234.00"),
        ("KWD", Rounding.HALF_UP, {"cap_amount": Decimal(9000)}, "1234.500"),
    ],
)
def test_ten_per_cent_of_12345(currency: str, rounded: Rounding, more: dict[str, Any], expected: str) -> None:
    """1,234.5 has what its currency, the terms and the project's rounding say, whichever rule applies."""
    basis = contract(lines_of("50000"), currency=currency, rounded=rounded, **more)
    assert withheld(bill(basis, work("12345"))) == [expected]


def test_positions_have_the_decimals_of_the_currency() -> None:
    """A position that came in with other decimals leaves a bill with those of its currency, under any rule."""
    at = {"L1": LinePosition(work=Decimal("400.0000"), stored=Decimal("50.0000"), released=Decimal("1.0000"))}
    for currency, expected in (
        ("JPY", "400 50 1"),
        ("USD", "400.00 50.00 1.00"),
        ("KWD", "400.000 50.000 1.000"),
    ):
        basis = contract(lines_of("9000"), at, currency=currency, cap_amount=Decimal(500))
        given = LineAmounts(stored=Decimal(50))
        position = bill(basis, {"L1": given}).lines[0].position
        assert [str(each) for each in (position.work, position.stored, position.released)] == expected.split()


@pytest.mark.parametrize("field", ["work", "stored", "release"])
def test_half_a_yen_is_refused(field: str) -> None:
    """There is no half yen of work, of stored materials or of a release."""
    with pytest.raises(MoneyError):
        bill(contract(lines_of("9000"), currency="JPY"), {"L1": LineAmounts(**{field: Decimal("10.5")})})


def test_own_terms_of_a_line() -> None:
    """A line's own rates and amount go before the contract's, also where every line has an amount."""
    lines = (own("L1", "9000.00", retainage_work="4", retainage_stored="2"), a_line("L2", "9000.00"))
    made = bill(contract(lines, cap_amount=Decimal(5000)), {"L1": amounts("1000.00", "1000.00")})
    assert withheld(made) == ["40.00 + 20.00", "0"]
    only = (own("L1", "9000.00", retainage_amount="500.00"),)
    assert withheld(bill(contract(only), work("6000.00"))) == ["500.00"]


def test_an_opening_balance_of_one_dollar_of_materials() -> None:
    """What was withheld on the stored materials of an opening balance stays, be it for a dollar."""
    at = {"L1": an_opening("0.00", "0.00", "1.00", "0.50")}
    rules: list[dict[str, Any]] = [{}, {"cap_amount": Decimal(500)}]
    for more in rules:
        assert withheld(bill(contract(lines_of("100.00"), at, **more), {})) == ["0.50"]


def test_materials_below_nothing_withhold_nothing() -> None:
    """Stored materials that fall below nothing take nothing off what is withheld on the work."""
    basis = contract(lines_of("9000.00"), cap_amount=Decimal(500))
    assert withheld(bill(basis, {"L1": amounts("1000.00", "-100.00")})) == ["100.00"]


# Steps ---------------------------------------------------------------------------------------------------


THREE = (RetainageStep(past=Decimal(25), rate=Decimal(8)), RetainageStep(past=Decimal(75), rate=Decimal(2)))


@pytest.mark.parametrize(
    ("done", "later", "of_all"),
    [
        ("0.00", "0", "0"),
        ("250.00", "25.00", "25.00"),
        ("250.01", "25.00", "20.00"),
        ("750.00", "65.00", "60.00"),
        ("750.50", "65.01", "15.01"),
        ("900.00", "68.00", "18.00"),
        ("1000.00", "70.00", "20.00"),
    ],
)
def test_three_tranches(done: str, later: str, of_all: str) -> None:
    """10 % to a quarter, 8 % to three quarters, 2 % after: by tranche, or the last rate for all."""
    for reach, expected in ((StepReach.LATER, later), (StepReach.ALL, of_all)):
        basis = contract(lines_of("1000.00"), steps=THREE, reach=reach)
        assert withheld(bill(basis, work(done))) == [expected]


@pytest.mark.parametrize(
    ("value", "done", "later", "of_all"), [("0.60", "0.50", "0.04", "0.03"), ("0.60", "0.30", "0.03", "0.03")]
)
def test_steps_of_a_contract_of_cents(value: str, done: str, later: str, of_all: str) -> None:
    """A contract of less than a dollar has its half too."""
    for reach, expected in ((StepReach.LATER, later), (StepReach.ALL, of_all)):
        assert withheld(bill(contract(lines_of(value), steps=HALF, reach=reach), work(done))) == [expected]


@pytest.mark.parametrize("reach", list(StepReach))
def test_steps_that_no_line_follows(reach: StepReach) -> None:
    """Where every line has a rate of its own, steps have nothing to be measured on and change nothing."""
    lines = (own("L1", "1000.00", retainage_work="4"), own("L2", "1000.00", retainage_amount="30"))
    assert withheld(bill(contract(lines, steps=HALF, reach=reach), work("900.00", "900.00"))) == [
        "36.00",
        "30.00",
    ]


def test_a_contract_that_adds_up_to_nothing_is_past_its_steps() -> None:
    """Half of nothing is nothing: later work is past it from the first cent, and its line bears the later rate."""
    lines = (a_line("L1", "100.00"), a_line("C1", "-100.00", change_order="1"))
    assert withheld(bill(contract(lines, steps=HALF), work("40.00"))) == ["2.00", "0"]


def test_an_opening_balance_fills_the_first_tranche() -> None:
    """20,000 billed elsewhere and 40,000 now: 30,000 at 10 % to the half, 10,000 at 5 %, besides the 1,000 given."""
    at = {"L1": an_opening("20000.00", "1000.00")}
    assert withheld(bill(contract(lines_of("100000.00"), at, steps=HALF), work("40000.00"))) == ["4500.00"]


def test_lines_bear_the_rate_of_their_own_time() -> None:
    """What this period's work bears goes to the lines that have it; finished lines keep theirs."""
    basis = contract(lines_of("60000.00", "40000.00"), steps=HALF)
    first = bill(basis, work("60000.00"))
    assert withheld(first) == ["5500.00", "0"]
    assert withheld(bill(after(basis, first), work("0.00", "20000.00"))) == ["5500.00", "1000.00"]
    both = contract(lines_of("50000.00", "50000.00"), steps=HALF)
    second = bill(after(both, bill(both, work("30000.00"))), work("10000.00", "20000.00"))
    assert withheld(second) == ["3833.33", "1666.67"]


def test_by_contract_steps_are_not_rounded_for_themselves() -> None:
    """4.6 cents by the steps and 0.6 cents by a line's own rate are 5 cents, not 5 and 0.6 and so 6."""
    lines = (a_line("L1", "100.00"), own("L2", "100.00", retainage_work="1"))
    made = bill(contract(lines, steps=HALF, rounding=ONCE), work("0.46", "0.60"))
    assert made.summary.retainage_total == Decimal("0.05")


def test_a_line_that_another_one_raised_falls_back_to_its_own() -> None:
    """Three lines of 33.34 hold 10.00, one of them a cent beyond its own 3.33; not once others can bear that cent."""
    basis = contract(lines_of("100.00", "100.00", "100.00"), steps=HALF)
    first = bill(basis, work("33.34", "33.34", "33.34"))
    assert withheld(first) == ["3.33", "3.33", "3.34"]
    assert withheld(bill(after(basis, first), work("0.02"))) == ["3.34", "3.33", "3.33"]


def test_a_line_without_a_fraction_takes_no_cent_of_others() -> None:
    """The cent that lines of 33.34 and 33.33 leave is on one of them, not on the one that holds 3.00 exactly."""
    basis = contract(lines_of("100.00", "100.00", "100.00"), steps=HALF)
    assert withheld(bill(basis, work("33.34", "33.33", "30.00"))) == ["3.34", "3.33", "3.00"]


@pytest.mark.parametrize("sign", [1, -1])
def test_work_taken_back_after_a_release(sign: int) -> None:
    """80 of 100 were released when 900 of 1,000 is taken back: 80 stay withheld, less what materials bear, here and on
    deductions; what the figure of the contract leaves is on the other line.
    """
    lines = lines_of(str(10000 * sign), str(10000 * sign))
    basis = contract(lines, steps=HALF)
    first = bill(basis, {
        "L1": amounts(str(1000 * sign), release=str(80 * sign)), "L2": amounts(str(500 * sign))
    })  # fmt: skip
    back = Decimal(-900 * sign)
    without = bill(after(basis, first), {"L1": LineAmounts(work=back)})
    assert [row.position.withheld_work * sign for row in without.lines] == [80, 0]
    with_materials = bill(after(basis, first), {"L1": LineAmounts(work=back, stored=Decimal(300 * sign))})
    assert [row.position.withheld_work * sign for row in with_materials.lines] == [50, 10]
    assert with_materials.lines[0].position.withheld_stored * sign == 30


def test_work_taken_out_of_one_opening_leaves_the_other() -> None:
    """A line with work taken back below its opening holds nothing; what another's opening withheld stays, 20 % or not."""
    at = {"L1": an_opening("1000.00", "200.00"), "L2": an_opening("1000.00", "20.00")}
    basis = contract(lines_of("9000.00", "9000.00"), at, steps=HALF)
    assert withheld(bill(basis, work("0.00", "-1000.00"))) == ["200.00", "0"]


def test_work_taken_back_leaves_no_line_above_its_highest_rate_since_its_opening() -> None:
    """10.00 of the work was billed elsewhere, with 1.00 withheld: 0.48 is the most for the 4.75 that are left."""
    at = {"L2": an_opening("10.00", "1.00")}
    basis = contract(lines_of("100.00", "100.00"), at, steps=HALF)
    first = bill(basis, work("41.85", "48.74"))
    made = bill(after(basis, first), work("44.99", "-53.99"))
    assert withheld(made)[1] == "0.48"


def test_yen_do_not_move_with_a_change_order() -> None:
    """In yen half a yen of an earlier figure is rounded as it was then: a change order alone moves nothing."""
    basis = contract(lines_of("100000"), currency="JPY", steps=HALF)
    first = bill(basis, work("60005"))
    more = (*basis.lines, replace(a_line("C1", "50000", change_order="1"), scheduled_value=Decimal(50000)))
    assert withheld(first) == ["5500"]
    assert withheld(bill(after(basis, first, lines=more), {})) == ["5500", "0"]


# Rounding by contract and whole units --------------------------------------------------------------------


def test_rounding_takes_a_cent_off_materials_beside_an_opening_balance() -> None:
    """6.67 on materials of 33.35 twice: the last bears the cent less, whatever was withheld on its work before."""
    at = {"L2": an_opening("1000.00", "100.00")}
    basis = contract(lines_of("9000.00", "9000.00"), at, rounding=ONCE)
    made = bill(basis, {"L1": amounts(stored="33.35"), "L2": amounts(stored="33.35")})
    assert withheld(made) == ["3.34", "100.00 + 3.33"]


def test_an_opening_balance_that_was_taken_back_rounds_nothing() -> None:
    """Half to even, half a cent is none; an odd cent withheld before on work that is gone does not change that."""
    at = {"L1": an_opening("1000.00", "0.01")}
    basis = contract(lines_of("9000.00", "9000.00"), at, rounded=Rounding.HALF_EVEN, rounding=ONCE)
    assert withheld(bill(basis, work("-1000.00", "0.05"))) == ["0", "0"]


@pytest.mark.parametrize(
    ("rates", "works", "expected"),
    [
        # The rest of a cent is on the small line, which was billed enough for it.
        (("10", "10"), ("1000.04", "1.04"), ["100.00", "0.11"]),
        # 0.4 and 4.4 cents are 5: all of the 0.05 that was billed on the last line is not too much for it.
        (("10", "88"), ("0.04", "0.05"), ["0", "0.05"]),
        # 4.4 cents of 0.04 would be more than all of it: the cent is on the line before.
        (("10", "100"), ("0.06", "0.04"), ["0.01", "0.04"]),
    ],
)
def test_which_line_bears_the_rest(
    rates: tuple[str, str], works: tuple[str, str], expected: list[str]
) -> None:
    """The rest is on the last line that was billed enough to bear it, to the cent."""
    lines = [own(f"L{number}", "2000.00", retainage_work=rate) for number, rate in enumerate(rates, 1)]
    assert withheld(bill(contract(lines, rounding=ONCE), work(*works))) == expected


@pytest.mark.parametrize(
    ("rate", "done", "expected"),
    [
        ("90", "1.00", "1.00"),
        ("90", "0.99", "0"),
        ("90", "1.60", "1.00"),
        ("50", "1.00", "1.00"),
        ("49", "1.00", "0"),
    ],
)
def test_whole_units_up_to_what_was_billed(rate: str, done: str, expected: str) -> None:
    """Whole units are rounded to the nearest, but down where up would be more than what was billed."""
    rules: list[dict[str, Any]] = [{}, {"rounding": ONCE}]
    for more in rules:
        basis = contract(lines_of("100.00"), rate=rate, whole_units=True, **more)
        assert withheld(bill(basis, work(done))) == [expected]


def test_whole_units_of_work_are_borne_by_work() -> None:
    """90 % of 0.60 of work rounds up beyond it, however much is stored; an amount of money is borne by materials too."""
    lines = (a_line("L1", "100.00"), own("L2", "100.00", retainage_amount="5.60"))
    basis = contract(lines, rate="90", whole_units=True)
    made = bill(basis, {"L1": amounts("0.60", "5.00"), "L2": amounts(stored="9.00")})
    held = [(row.position.withheld_work, row.position.withheld_stored) for row in made.lines]
    assert held == [(Decimal(0), Decimal(5)), (Decimal(6), Decimal(0))]


def test_an_amount_of_money_replaces_what_an_opening_withheld() -> None:
    """5.50 is 6 in whole units, half to even; it is not 1 of before and 4 of the 4.50 since."""
    at = {"L1": an_opening("100.00", "1.00")}
    lines = (own("L1", "900.00", retainage_amount="5.50"),)
    basis = contract(lines, at, rounded=Rounding.HALF_EVEN, whole_units=True)
    assert withheld(bill(basis, work("50.00"))) == ["6.00"]


def test_a_line_without_a_value_is_no_deduction() -> None:
    """What is billed on a line of 0.00 withholds like any work, under a cap too."""
    basis = contract(lines_of("0.00", "9000.00"), cap_amount=Decimal(500))
    assert withheld(bill(basis, work("10.00", "100.00"))) == ["1.00", "10.00"]
