"""What a lower rate gives back of earlier retainage, in exact figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.billing import assert_identities, bill
from batch.core.model import Basis, LineAmounts, LinePosition
from batch.core.money import Rounding
from batch.core.retainage_terms import RetainageRounding, StepReach
from tests.core.builders import a_line, a_position, amounts, lines_of
from tests.core.retained import HALF, ONCE, an_opening, contract, own, work


def given_back(basis: Basis, given: Mapping[str, LineAmounts]) -> list[str]:
    """By line, what a lower rate gives back of earlier retainage."""
    made = bill(basis, given)
    assert_identities(made, basis)
    return [str(row.re_rated) if row.re_rated else "0" for row in made.lines]


def settled(positions: Mapping[str, LinePosition], basis: Basis) -> Basis:
    """A basis that stands at these positions."""
    certified = sum((each.work + each.stored - each.held for each in positions.values()), Decimal(0))
    return replace(basis, positions=positions, previous_certificates=certified)


THOUSAND = a_position("1000.00", on_work="100.00")


@pytest.mark.parametrize(
    ("rate", "at", "given", "expected"),
    [
        # The rate that was: nothing. A lower one: the difference, with new work or without. A higher one: nothing.
        ("10", THOUSAND, amounts("100.00"), "0"),
        ("5", THOUSAND, amounts("100.00"), "-50.00"),
        ("5", THOUSAND, amounts("0.00"), "-50.00"),
        ("12", THOUSAND, amounts("100.00"), "0"),
        # Work that is taken back is not told apart.
        ("5", THOUSAND, amounts("-0.01"), "0"),
        # Not below what was released, as far as materials do not bear it.
        ("5", a_position("1000.00", on_work="100.00", released="70.00"), amounts("0.00"), "-30.00"),
        (
            "5",
            a_position("1000.00", "1000.00", "100.00", "50.00", "120.00"),
            amounts("0.00", "1000.00"),
            "-30.00",
        ),
        # Of an opening balance nothing is given back, of the 500 since half.
        ("5", an_opening("1000.00", "70.00", more="500.00", on_more="50.00"), amounts("0.00"), "-25.00"),
        # Nothing was withheld yet.
        ("5", LinePosition(), amounts("100.00"), "0"),
    ],
)
def test_a_lower_rate_gives_back(rate: str, at: LinePosition, given: LineAmounts, expected: str) -> None:
    """10 % until now, another rate from now on: what earlier work withholds less."""
    assert given_back(settled({"L1": at}, contract(lines_of("9000.00"), rate=rate)), {"L1": given}) == [
        expected
    ]


def test_a_lower_rate_of_a_line_gives_back_on_it() -> None:
    """A line's own rate, not the contract's, says what its work bears; an amount of money is no rate."""
    lines = (
        own("L1", "9000.00", retainage_work="4"),
        a_line("L2", "9000.00"),
        own("L3", "9000.00", retainage_amount="100.00"),
    )
    at = dict.fromkeys(("L1", "L2"), THOUSAND) | {"L3": a_position("300.00", on_work="100.00")}
    assert given_back(settled(at, contract(lines)), {}) == ["-60.00", "0", "0"]


def test_a_step_gives_back_only_for_all_work() -> None:
    """Past half 5 % gives back half of earlier retainage for all work, and nothing of it for later work."""
    at = {"L1": a_position("5000.00", on_work="500.00")}
    for reach, expected in ((StepReach.ALL, "-250.00"), (StepReach.LATER, "0")):
        basis = settled(at, contract(lines_of("10000.00"), steps=HALF, reach=reach))
        assert given_back(basis, work("1000.00")) == [expected]


@pytest.mark.parametrize(
    ("rounding", "over", "expected"),
    [
        (RetainageRounding.LINE, "0.01", "-0.01"),
        (ONCE, "0.01", "0"),
        (ONCE, "0.02", "0"),
        (ONCE, "0.03", "-0.03"),
    ],
)
def test_a_cent_of_rounding_is_not_given_back(rounding: RetainageRounding, over: str, expected: str) -> None:
    """By contract a cent a line may lie on any line: only what is beyond that comes from a lower rate."""
    at = {"L1": a_position("1000.00", on_work=str(100 + Decimal(over)))}
    basis = settled(at, contract(lines_of("9000.00", "9000.00"), rounding=rounding))
    assert given_back(basis, {}) == [expected, "0"]


@pytest.mark.parametrize(
    ("rounded", "more", "over", "expected"),
    [
        # 5 % of 12,330 is 616.5.
        (Rounding.HALF_UP, {}, 0, "-616"),
        (Rounding.HALF_EVEN, {}, 0, "-617"),
        (Rounding.HALF_UP, {"rate": "10", "rounding": ONCE}, 2, "0"),
        (Rounding.HALF_UP, {"rate": "10", "rounding": ONCE}, 3, "-3"),
    ],
)
def test_yen_are_given_back_whole(rounded: Rounding, more: dict[str, Any], over: int, expected: str) -> None:
    """What a lower rate gives back is in yen, rounded as the project says; two lines may be off by two yen."""
    at = {"L1": LinePosition(work=Decimal(12330), withheld_work=Decimal(1233 + over))}
    basis = contract(lines_of("50000", "50000"), currency="JPY", rounded=rounded, **{"rate": "5", **more})
    assert given_back(settled(at, basis), {}) == [expected, "0"]
