"""A rule of the whole contract gives one figure, rounded once, however its lines share it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from batch.core.billing import bill
from batch.core.model import Basis, Bill, LinePosition, SovLine
from batch.core.money import ZERO, Rounding
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageStep, RetainageTerms, StepReach
from tests.core.builders import a_basis, a_line, after, amounts, lines_of

HALF = (RetainageStep(past=Decimal(50), rate=Decimal(5)),)
ONCE = RetainageRounding.CONTRACT


def contract(
    lines: tuple[SovLine, ...], positions: dict[str, LinePosition] | None = None, **terms: Any
) -> Basis:
    """Ten per cent on work and on stored materials, with something more."""
    rule = replace(RetainageTerms(work=Decimal(10), stored=Decimal(10)), **terms)
    return a_basis(lines=lines, retainage=rule, positions=positions or {})


def withheld(made: Bill) -> list[str]:
    """Withheld to date by line: on work, and on stored materials where there is any."""
    return [
        " + ".join(str(each) for each in (row.position.withheld_work, row.position.withheld_stored) if each)
        or "0"
        for row in made.lines
    ]


def an_opening(work: str, on_work: str, stored: str = "0.00", on_stored: str = "0.00") -> LinePosition:
    """A line that was billed elsewhere before."""
    one, two, three, four = (Decimal(text) for text in (work, on_work, stored, on_stored))
    return LinePosition(
        work=one,
        stored=three,
        withheld_work=two,
        withheld_stored=four,
        opening_work=one,
        opening_withheld_work=two,
        opening_stored=three,
        opening_withheld_stored=four,
    )


def test_a_rate_after_completion_counts_for_stored_materials_that_stay() -> None:
    """Stored materials that lie there unchanged bear the new rate, also where a cap makes it a rule of the contract."""
    for cap in (None, Decimal("900.00")):
        basis = contract(lines_of("9000.00"), cap_amount=cap)
        first = bill(basis, {"L1": amounts(stored="1000.00")})
        later = replace(after(basis, first), retainage=basis.retainage.with_rates(Decimal(5), Decimal(5)))
        assert [withheld(first), withheld(bill(later, {}))] == [["100.00"], ["50.00"]]


def test_a_raised_cap_catches_up_on_stored_materials() -> None:
    """What a cap left out on stored materials is withheld as soon as the revised value raises it."""
    basis = contract(lines_of("10000.00"), cap_percent=Decimal(5), cap_of=CapOf.REVISED)
    first = bill(basis, {"L1": amounts("1000.00", stored="6000.00")})
    assert withheld(first) == ["100.00 + 400.00"]
    more = (*basis.lines, a_line("C1", "10000.00", change_order="1"))
    assert withheld(bill(after(basis, first, lines=more), {})) == ["100.00 + 600.00", "0"]


def test_stored_materials_are_rounded_once_by_contract() -> None:
    """A balance that stays is rounded with those that change, not added to them as it was rounded before."""
    basis = contract(lines_of("100.00", "100.00"), rounding=ONCE)
    first = bill(basis, {"L1": amounts(stored="33.35"), "L2": amounts()})
    second = bill(after(basis, first), {"L2": amounts(stored="33.35")})
    assert [first.summary.retainage_stored, second.summary.retainage_stored] == [
        Decimal("3.34"),
        Decimal("6.67"),
    ]


def test_lines_that_round_down_leave_nothing_out() -> None:
    """Three lines of 33.34 before the first step hold 10.00 together, though each alone would hold 3.33."""
    made = bill(contract(lines_of("100.00", "100.00", "100.00"), steps=HALF), {
        key: amounts("33.34") for key in ("L1", "L2", "L3")
    })  # fmt: skip
    assert withheld(made) == ["3.33", "3.33", "3.34"]


def test_steps_and_other_lines_are_rounded_together_by_contract() -> None:
    """4.6 cents by the steps and 0.4 cents by a line's own rate are 5 cents, not 5 and 0 of two roundings."""
    lines = (a_line("L1", "100.00"), replace(a_line("L2", "100.00"), retainage_work=Decimal("1.00")))
    made = bill(contract(lines, steps=HALF, rounding=ONCE), {"L1": amounts("0.45"), "L2": amounts("0.40")})
    assert made.summary.retainage_total == Decimal("0.05")


def test_a_deduction_billed_first_holds_its_part() -> None:
    """With forward steps a deductive change order that is billed before anything else holds a negative amount."""
    lines = (a_line("L1", "10000.00"), a_line("C1", "-1000.00", change_order="1"))
    assert withheld(bill(contract(lines, steps=HALF), {"C1": amounts("-500.00")})) == ["0", "-50.00"]


def test_a_deduction_alone_goes_through_the_steps_like_its_mirror_image() -> None:
    """Where only a deduction follows the steps, past half of it the next rate holds, for later work or for all."""
    lines = (
        replace(a_line("L1", "10000.00"), retainage_work=ZERO),
        a_line("C1", "-1000.00", change_order="1"),
    )
    claim = {"C1": amounts("-600.00")}
    assert withheld(bill(contract(lines, steps=HALF), claim)) == ["0", "-55.00"]
    assert withheld(bill(contract(lines, steps=HALF, reach=StepReach.ALL), claim)) == ["0", "-30.00"]


def test_a_fixed_amount_on_stored_materials_stays_on_its_line() -> None:
    """Rounding by contract moves no fixed amount to other lines, whether work or stored materials bear it."""
    lines = (a_line("L1", "9000.00"), replace(a_line("L2", "900.00"), retainage_amount=Decimal("50.00")))
    made = bill(contract(lines, rounding=ONCE), {"L1": amounts("1000.00"), "L2": amounts(stored="500.00")})
    assert withheld(made) == ["100.00", "50.00"]


def test_the_rest_goes_to_the_last_line_that_can_bear_it() -> None:
    """A line whose retainage is all that was billed on it takes no more; the line before it does."""
    lines = (
        a_line("L1", "100.00"),
        a_line("L2", "100.00"),
        replace(a_line("L3", "9.00"), retainage_amount=Decimal(9)),
    )
    claim = {"L1": amounts("33.34"), "L2": amounts("33.34"), "L3": amounts("2.00")}
    assert withheld(bill(contract(lines, rounding=ONCE), claim)) == ["3.33", "3.34", "2.00"]


def test_whole_units_by_contract_have_no_cents() -> None:
    """In whole units every line's figure is whole, and where all of the work is withheld never more than the work."""
    basis = contract(lines_of("900.00", "900.00"), work=Decimal(100), rounding=ONCE, whole_units=True)
    made = bill(basis, {"L1": amounts("1.40"), "L2": amounts("2.40")})
    assert withheld(made) == ["1.00", "2.00"]
    capped = contract(lines_of("900.00"), whole_units=True, cap_amount=Decimal("10.30"))
    assert withheld(bill(capped, {"L1": amounts("500.00")})) == ["10.00"]


def test_work_taken_back_out_of_the_opening_takes_nothing_from_other_lines() -> None:
    """A line whose opening work is corrected to nothing holds nothing, and the others what their own work bears."""
    opening = {"L1": an_opening("1000.00", "20.00")}
    basis = contract(lines_of("2000.00", "2000.00"), opening, rounding=ONCE)
    assert withheld(bill(basis, {"L1": amounts("-1000.00"), "L2": amounts("500.00")})) == ["0", "50.00"]


def test_a_cap_takes_nothing_from_an_opening_balance() -> None:
    """A cap below what was withheld before stops withholding and gives nothing of it back, on work or stored materials."""
    opening = {"L1": an_opening("1000.00", "200.00", "500.00", "80.00")}
    basis = contract(lines_of("9000.00"), opening, cap_amount=Decimal("100.00"))
    assert withheld(bill(basis, {"L1": amounts(stored="500.00")})) == ["200.00 + 80.00"]


def test_a_rule_that_does_not_bind_changes_no_half_cent() -> None:
    """Half to even, an opening with an odd cent is the same under a cap that is far away as at a flat rate."""
    opening = {"L1": an_opening("1000.00", "100.01")}
    claim = {"L1": amounts("0.05")}
    flat = replace(contract(lines_of("9000.00"), opening), rounding=Rounding.HALF_EVEN)
    capped = replace(flat, retainage=replace(flat.retainage, cap_amount=Decimal("5000.00")))
    assert withheld(bill(flat, claim)) == withheld(bill(capped, claim)) == ["100.01"]


def test_all_that_is_held_can_be_released() -> None:
    """Releasing what is held leaves nothing, also where an opening balance brought cents into whole units."""
    opening = {"L1": replace(an_opening("1000.00", "73.63"), released=Decimal("61.11"))}
    lines = (a_line("L1", "2000.00"), a_line("L2", "3000.00"), a_line("C1", "-300.01", change_order="1"))
    basis = contract(lines, opening, steps=HALF, rounding=ONCE, whole_units=True, cap_percent=Decimal(3))
    claim = {"L1": amounts("1000.00"), "L2": amounts("3000.00"), "C1": amounts("-300.01")}
    held = {row.line.key: row.retainage_held for row in bill(basis, claim).lines}
    released = bill(basis, {key: replace(each, release=held[key]) for key, each in claim.items()})
    assert released.summary.retainage_total == 0


def test_the_rest_is_not_taken_from_an_opening_balance() -> None:
    """What rounding by contract takes off comes from a line with work of now, not from what was withheld before."""
    opening = {"L3": an_opening("100.00", "7.50")}
    basis = contract(lines_of("100.00", "100.00", "100.00"), opening, rounding=ONCE)
    claim = {"L1": amounts("33.35"), "L2": amounts("33.35")}
    assert withheld(bill(basis, claim)) == ["3.34", "3.33", "7.50"]
