"""A tree of figures is added up again: what ties says nothing, what does not says where."""

from __future__ import annotations

from decimal import Decimal

from batch.core.why import Counts, Evidence, EvidenceKind, Why, faults, loose_ends, summands

FILE = (Evidence(kind=EvidenceKind.REGISTER, text="the register"),)


def leaf(amount: str, counts: Counts = Counts.ADDS) -> Why:
    """A figure that rests on the register."""
    return Why(what=f"leaf of {amount}", amount=Decimal(amount), counts=counts, evidence=FILE)


def test_parts_add_and_take_off_and_those_told_do_not_count() -> None:
    """10 - 4 is 6, whatever is told beside it."""
    node = Why(what="six", amount=Decimal(6), parts=(leaf("10"), leaf("4").less(), leaf("99").told()))
    assert summands(node) == [Decimal(10), Decimal(-4)]
    assert list(faults(node)) == []
    assert list(loose_ends(node)) == []


def test_a_sum_that_is_off_is_said_wherever_it_stands() -> None:
    """Also below a part that is only told, where no sum above would show it."""
    wrong = Why(what="seven", amount=Decimal(7), parts=(leaf("3"), leaf("3"))).told()
    node = Why(what="one", amount=Decimal(1), parts=(leaf("1"), wrong))
    assert list(faults(node)) == ["seven: its parts add up to 6, not to 7."]


def test_a_rule_that_gives_another_figure_is_said() -> None:
    """And so is a fault of the evidence itself."""
    node = Why(what="tax", amount=Decimal("1.10"), worked_out=Decimal("1.00"), faults=("The file is gone.",))
    assert list(faults(node)) == ["The file is gone.", "tax: the rule gives 1.00, not 1.10."]


def test_a_figure_that_rests_on_nothing_is_a_loose_end() -> None:
    """Nothing is no loose end when it is zero; a part that is only told holds nothing up."""
    bare = Why(what="bare", amount=Decimal(5), parts=(leaf("5").told(),))
    node = Why(what="sum", amount=Decimal(5), parts=(bare, Why(what="none", amount=Decimal(0))))
    assert [one.what for one in loose_ends(node)] == ["bare"]
