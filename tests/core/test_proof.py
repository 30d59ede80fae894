"""The core against a second calculation from the form's definitions; `./run prove` does the same for many more."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.proof.agreed import Line, Rounding, State, Terms
from tests.proof.compare import play
from tests.proof.contracts import contract
from tests.proof.form import withheld

HALF = ((Fraction(1, 2), Fraction(1, 20)),)


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_the_core_agrees_with_the_form(first: int) -> None:
    """Fifty random contracts over twelve periods give the same figures in both calculations."""
    assert [found for seed in range(first, first + 50) for found in play(contract(seed))] == []


@pytest.mark.parametrize(
    ("terms", "work", "expected"),
    [
        (Terms(work=Fraction(1, 10), stored=Fraction(0), steps=HALF), 6_200_000, 560_000),
        (Terms(work=Fraction(1, 10), stored=Fraction(0), steps=HALF, retroactive=True), 6_200_000, 310_000),
        (
            Terms(work=Fraction(1, 10), stored=Fraction(0), cap_of="original", cap=Fraction(1, 20)),
            9_000_000,
            500_000,
        ),
    ],
)
def test_the_second_calculation_gives_published_figures(terms: Terms, work: int, expected: int) -> None:
    """S17, S18 and S20: the second calculation is itself right where the result is known."""
    line = Line(key="L1", value=10_000_000)
    figure = withheld([line], {"L1": State(work=work)}, terms, Rounding())
    assert (figure.least, figure.most) == (expected, expected)


def test_the_second_calculation_rounds_by_contract() -> None:
    """S07: three lines of 33.35 hold 10.01 by contract, with the rest on the last line."""
    lines = [Line(key=key, value=10_000) for key in ("L1", "L2", "L3")]
    terms = Terms(work=Fraction(1, 10), stored=Fraction(0), by_contract=True)
    figure = withheld(lines, {line.key: State(work=3335) for line in lines}, terms, Rounding())
    assert [figure.lines[key].all for key in ("L1", "L2", "L3")] == [334, 334, 333]


def test_contracts_are_the_same_for_the_same_number() -> None:
    """A difference that is found once is found again by the number of its contract."""
    assert contract(7) == contract(7)
    assert contract(7) != contract(8)
