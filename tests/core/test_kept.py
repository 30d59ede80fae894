"""What forward steps keep of work that was billed while the contract had another value, in exact figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.kept import kept_of_before
from batch.core.model import LinePosition, SovLine
from batch.core.money import Rounding
from batch.core.retainage_terms import RetainageRounding, RetainageStep, RetainageTerms, StepReach
from tests.core.builders import a_line, a_position, lines_of

HALF = (RetainageStep(past=Decimal(50), rate=Decimal(5)),)
#: 10 % on the first half of the contract, 5 % after it.
TERMS = RetainageTerms(work=Decimal(10), stored=Decimal(10), steps=HALF)
CHANGED = (*lines_of("100000.00"), a_line("C1", "50000.00", change_order="1"))


def kept(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    moved: Mapping[str, Decimal] | None = None,
    **terms: Any,
) -> Decimal:
    """The figure in dollars, rounded half up."""
    return kept_of_before(lines, positions, replace(TERMS, **terms), "USD", Rounding.HALF_UP, moved)


def an_opening(work: str, on_work: str, more: str = "0", on_more: str = "0") -> LinePosition:
    """A line that was billed elsewhere before, and more work since."""
    return LinePosition(
        work=Decimal(work) + Decimal(more),
        withheld_work=Decimal(on_work) + Decimal(on_more),
        opening_work=Decimal(work),
        opening_withheld_work=Decimal(on_work),
    )


@pytest.mark.parametrize(
    ("changed", "work", "on_work", "expected"),
    [
        # While the value stands the tranches say what was withheld.
        ("0.00", "60000.00", "5500.00", "0.00"),
        ("0.00", "50000.00", "5000.00", "0.00"),
        ("0.00", "0.00", "0.00", "0"),
        # 60,000 of 150,000 would all bear 10 %: 500 more than was withheld.
        ("50000.00", "60000.00", "5500.00", "-500.00"),
        # 48,000 of 80,000 would bear 4,000 and 400: 400 less.
        ("-20000.00", "48000.00", "4800.00", "400.00"),
        # Half of 100,000.02 bears a twentieth of a cent more, which is rounded once; half of 100,000.40 a cent.
        ("0.02", "60000.00", "5500.00", "0.00"),
        ("0.40", "60000.00", "5500.00", "-0.01"),
    ],
)
def test_another_value_of_the_contract(changed: str, work: str, on_work: str, expected: str) -> None:
    """What was withheld, less what the tranches of today's value give for the same work."""
    lines = (*lines_of("100000.00"), a_line("C1", changed, change_order="1"))
    assert kept(lines, {"L1": a_position(work, on_work=on_work)}) == Decimal(expected)


def test_only_forward_steps_keep_anything() -> None:
    """A flat rate, a cap and retroactive steps say what they say of all work."""
    at = {"L1": a_position("60000.00", on_work="5500.00")}
    assert kept(CHANGED, at, steps=()) == 0
    assert kept(CHANGED, at, reach=StepReach.ALL) == 0
    assert kept(CHANGED, at, steps=(), cap_amount=Decimal(9000)) == 0


@pytest.mark.parametrize(
    ("cap", "on_stored", "expected"),
    [
        ("5500.00", "0.00", "0"),
        ("5500.01", "0.00", "-500.00"),
        ("5600.00", "100.00", "0"),
        ("5600.01", "100.00", "-500.00"),
    ],
)
def test_at_a_cap_nothing_is_kept(cap: str, on_stored: str, expected: str) -> None:
    """Where all that is withheld, on stored materials too, reaches the cap, the cap decided it; a cent below it did not."""
    at = {"L1": a_position("60000.00", "1000.00", "5500.00", on_stored)}
    assert kept(CHANGED, at, cap_amount=Decimal(cap)) == Decimal(expected)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        # Nothing but the opening: whatever was withheld, it is not computed again.
        (an_opening("60000.00", "1234.00"), "0"),
        # The value stands: 1,000 given, 3,000 to the half and 500 past it.
        (an_opening("20000.00", "1000.00", "40000.00", "3500.00"), "0"),
        # Half of today's 150,000 is 75,000: all of the 40,000 would bear 10 %.
        (an_opening("20000.00", "1000.00", "40000.00", "3500.00"), "-500.00"),
        # An opening past the half, and 5 % since; today 15,000 of the work since lies before the half.
        (an_opening("60000.00", "6000.00", "20000.00", "1000.00"), "-750.00"),
    ],
)
def test_an_opening_balance_is_not_computed_again(opening: LinePosition, expected: str) -> None:
    """The tranches are held against the work since the opening balance only."""
    lines = CHANGED if expected != "0" else CHANGED[:1]
    assert kept(lines, {"L1": opening}) == Decimal(expected)


def test_one_line_with_work_since_its_opening_is_enough() -> None:
    """Where one line stands at its opening balance and another has work since, the figure is that of both."""
    lines = (*lines_of("50000.00", "50000.00"), a_line("C1", "50000.00", change_order="1"))
    at = {"L1": an_opening("20000.00", "1000.00"), "L2": a_position("40000.00", on_work="3500.00")}
    assert kept(lines, at) == -500


def test_lines_with_a_rate_of_their_own_keep_nothing() -> None:
    """A line that does not follow the steps neither adds work nor value, nor what is withheld on it."""
    own = replace(a_line("B", "90000.00"), retainage_work=Decimal(1))
    at = {"L1": a_position("60000.00", on_work="5500.00"), "B": a_position("80000.00", on_work="123.45")}
    assert kept((*CHANGED, own), at) == -500
    assert kept((CHANGED[0], own), at) == 0


def test_a_position_on_no_line_is_no_matter_of_the_steps() -> None:
    """A position whose line is not in the schedule of values is left to the identities, which name it."""
    at = {"L1": a_position("60000.00", on_work="5500.00"), "gone": a_position("5.00", on_work="1.00")}
    assert kept(CHANGED, at, {"gone": Decimal(5)}) == -500


@pytest.mark.parametrize(
    ("rates", "lines", "at", "moved", "expected"),
    [
        # 20,000 of work and 10,000 of materials at 2 %, now 30,000 of work: nothing is kept of the 200.
        ({"stored": "2"}, CHANGED[:1], ("30000.00", "2200.00"), "10000.00", "0.00"),
        # 60,000 of work under 100,000 withheld 5,500, materials 200; under 150,000 the work would bear 6,000.
        ({"stored": "2"}, CHANGED, ("70000.00", "5700.00"), "10000.00", "-500.00"),
        # Half a cent on the materials was rounded as the project says.
        ({"stored": "5"}, CHANGED[:1], ("20000.10", "2000.01"), "0.10", "0.00"),
    ],
)
def test_materials_that_became_work(
    rates: dict[str, str], lines: Sequence[SovLine], at: tuple[str, str], moved: str, expected: str
) -> None:
    """What was withheld on materials while they were stored is no part of what the steps withheld on work."""
    position = a_position(at[0], on_work=at[1])
    found = kept(lines, {"L1": position}, {"L1": Decimal(moved)}, stored=Decimal(rates["stored"]))
    assert found == Decimal(expected)


def test_materials_that_became_work_count_for_a_cap() -> None:
    """A cap was reached by what was withheld on work and on materials together, wherever they are now."""
    at, moved = {"L1": a_position("70000.00", on_work="5700.00")}, {"L1": Decimal("10000.00")}
    assert kept(CHANGED, at, moved, stored=Decimal(2), cap_amount=Decimal("5700.00")) == 0
    assert kept(CHANGED, at, moved, stored=Decimal(2), cap_amount=Decimal("5700.01")) == -500


def test_what_is_kept_in_yen_is_whole() -> None:
    """60,004 yen withheld 5,500; under 150,000 they would bear 6,000.4, which are 6,000."""
    at = {"L1": LinePosition(work=Decimal(60004), withheld_work=Decimal(5500))}
    assert kept_of_before(CHANGED, at, TERMS, "JPY") == -500


def test_materials_of_a_deduction_that_became_work() -> None:
    """A deductive change order's materials are taken off in its own sign, in whole units too."""
    lines = (a_line("L1", "1000.00"), a_line("C1", "-500.00", change_order="1"))
    at = {"L1": a_position("200.00", on_work="20.00"), "C1": a_position("-110.00", on_work="-11.00")}
    assert kept(lines, at, {"C1": Decimal("-10.00")}) == 0
    # 90 % of 0.60 would be 1 in whole units, more than there was: nothing was withheld on the materials.
    few = {"L1": a_position("200.00", on_work="20.00"), "C1": a_position("-100.60", on_work="-10.00")}
    assert kept(lines, few, {"C1": Decimal("-0.60")}, stored=Decimal(90), whole_units=True) == 0


TWO = lines_of("100.00", "100.00")
OWN = (a_line("L1", "100.00"), replace(a_line("L2", "100.00"), retainage_work=Decimal(10)))


@pytest.mark.parametrize(
    ("lines", "released", "moved", "noise"),
    [
        (TWO, "0.00", {}, False),
        # What rounding by contract left may be on a line with a rate of its own, or go with a release or a move.
        (OWN, "0.00", {}, True),
        (TWO, "0.01", {}, True),
        (OWN, "0.01", {}, True),
        (TWO, "0.00", {"L2": Decimal("0.00")}, True),
    ],
)
def test_what_rounding_by_contract_leaves(
    lines: Sequence[SovLine], released: str, moved: dict[str, Decimal], noise: bool
) -> None:
    """Two lines may be off by two cents by rounding alone, where the rest may lie elsewhere; three cents are kept."""
    for off, left in (("0.01", "0.01"), ("0.02", "0.02"), ("0.03", "0.03")):
        at = {"L1": a_position("40.00", on_work=str(4 + Decimal(off)), released=released)}
        expected = "0" if noise and off != "0.03" else left
        assert kept(lines, at, moved, rounding=RetainageRounding.CONTRACT) == Decimal(expected)
        assert kept(lines, at, moved) == Decimal(left)


def test_what_rounding_by_contract_leaves_in_yen() -> None:
    """Two lines may be off by two yen; three are kept."""
    terms = replace(TERMS, rounding=RetainageRounding.CONTRACT)
    for off, left in ((2, 0), (3, 3)):
        at = {"L1": LinePosition(work=Decimal(40), withheld_work=Decimal(4 + off), released=Decimal(1))}
        assert kept_of_before(TWO, at, terms, "JPY") == left


@pytest.mark.parametrize(
    ("opening", "released", "noise"),
    [("0.00", "0.00", False), ("0.50", "0.00", True), ("0.00", "0.50", True), ("5.00", "4.00", False)],
)
def test_cents_under_whole_units(opening: str, released: str, noise: bool) -> None:
    """An opening balance or a release with cents, where there are to be none, may make one unit on each line."""
    for off in (1, 2, 3):
        at = {
            "L1": LinePosition(
                work=Decimal(60),
                opening_work=Decimal(20),
                withheld_work=Decimal(opening) + 4 + off,
                opening_withheld_work=Decimal(opening),
                released=Decimal(released),
            )
        }
        assert kept(TWO, at, whole_units=True) == (0 if noise and off < 3 else off)
