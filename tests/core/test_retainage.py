from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from batch.core.model import LineAmounts, LinePosition
from batch.core.money import Rounding
from batch.core.retainage import (
    Component,
    EntryKind,
    entries_between,
    opening_entries,
    position_after,
    rebuild,
    reversal_of,
    split_held,
)
from tests.core.builders import a_position, amounts, terms
from tests.core.retained import rows

ZERO_POSITION = LinePosition()


def step(
    prior: LinePosition,
    work: str = "0.00",
    stored: str = "",
    release: str = "0.00",
    rate: str = "10",
    on_stored: str = "5",
) -> LinePosition:
    """One bill on a line; stored materials unchanged unless given."""
    given = LineAmounts(
        work=Decimal(work), stored=Decimal(stored) if stored else prior.stored, release=Decimal(release)
    )
    return position_after(prior, given, terms(rate, on_stored), "USD")


def test_withheld_to_date_never_drifts() -> None:
    """Twelve bills of 33.35 at ten per cent hold 40.02, not twelve times 3.34."""
    position = ZERO_POSITION
    for _month in range(12):
        position = step(position, "33.35")
    assert position.held == Decimal("40.02")


def test_half_even_projects() -> None:
    """A project may round half a cent to even."""
    made = position_after(ZERO_POSITION, amounts("1991.25"), terms("10"), "USD", Rounding.HALF_EVEN)
    assert made.held == Decimal("199.12")


def test_the_opening_tranche_is_not_computed_again() -> None:
    """What was withheld before this software took over stays, whatever the rate is now."""
    opening = replace(
        a_position("1000.00", on_work="50.00"), opening_work=Decimal(1000), opening_withheld_work=Decimal(50)
    )
    assert step(opening, "100.00").withheld_work == Decimal("60.00")


def test_withheld_on_unchanged_stored_materials_stays() -> None:
    """An opening balance withheld at another rate stays until the stored materials change."""
    opening = replace(
        a_position(stored="1000.00", on_stored="80.00"),
        opening_stored=Decimal(1000),
        opening_withheld_stored=Decimal(80),
    )
    assert step(opening, "10.00").withheld_stored == Decimal("80.00")
    assert step(opening, stored="900.00").withheld_stored == Decimal("45.00")


def test_withheld_on_stored_materials_follows_the_rate() -> None:
    """A lower rate, as after practical completion, counts for stored materials that lie there unchanged too."""
    stored = step(ZERO_POSITION, stored="1000.00")
    lower = step(stored, on_stored="2.5")
    assert [stored.withheld_stored, lower.withheld_stored] == [50, 25]
    assert rows(entries_between("L1", stored, lower)) == ["re-rated stored -25.00"]


def test_work_taken_back_below_a_release() -> None:
    """When work falls after a release, what is held stops at zero and is never negative."""
    released = step(step(ZERO_POSITION, "1000.00"), release="80.00")
    fallen = step(released, "-700.00")
    assert (fallen.withheld_work, fallen.released, fallen.held) == (
        Decimal("80.00"),
        Decimal("80.00"),
        Decimal(0),
    )
    assert step(fallen, "700.00").held == Decimal("20.00")


def test_work_taken_back_below_the_opening() -> None:
    """Work that falls into the opening tranche takes its retainage down to zero at most."""
    opening = replace(
        a_position("1000.00", on_work="50.00"), opening_work=Decimal(1000), opening_withheld_work=Decimal(50)
    )
    assert step(opening, "-400.00").withheld_work == Decimal("10.00")
    assert step(opening, "-1000.00").withheld_work == 0


def test_deductive_lines_are_the_mirror_image() -> None:
    """A deductive line holds a negative amount, releases it, and stops at zero from below."""
    held = step(ZERO_POSITION, "-2000.00")
    assert held.held == Decimal("-200.00")
    released = step(held, release="-150.00")
    assert released.held == Decimal("-50.00")
    assert step(released, "1000.00").held == 0


def test_a_release_takes_work_first_then_stored() -> None:
    """Retainage on work is given back before that on stored materials."""
    position = step(ZERO_POSITION, "1000.00", "2000.00")
    assert split_held(position) == (Decimal("100.00"), Decimal("100.00"))
    assert split_held(step(position, release="60.00")) == (Decimal("40.00"), Decimal("100.00"))
    assert split_held(step(position, release="130.00")) == (Decimal(0), Decimal("70.00"))


def test_ledger_rows_of_a_bill() -> None:
    """A bill appends what it withholds on work and on stored materials, and what it releases."""
    first = step(ZERO_POSITION, "1000.00", "2000.00")
    assert rows(entries_between("L1", ZERO_POSITION, first)) == [
        "withheld stored 100.00",
        "withheld work 100.00",
    ]
    second = step(first, release="130.00")
    assert rows(entries_between("L1", first, second)) == ["released work 100.00", "released stored 30.00"]
    assert entries_between("L1", second, second) == ()


def test_ledger_rows_of_material_that_is_built_in() -> None:
    """Retainage on stored material moves to work as far as work takes it up."""
    first = step(ZERO_POSITION, stored="8000.00")
    second = step(first, "5000.00", "3000.00")
    assert rows(entries_between("L1", first, second)) == [
        "moved stored -250.00",
        "moved work 250.00",
        "withheld work 250.00",
    ]


def test_ledger_rows_of_material_that_is_gone() -> None:
    """Retainage on material that was taken away again moves nowhere."""
    first = step(ZERO_POSITION, stored="8000.00")
    assert rows(entries_between("L1", first, step(first, stored="6000.00"))) == ["moved stored -100.00"]


def test_reopening_takes_the_rows_back() -> None:
    """The reversing rows of an approval lead back to the position before it."""
    first = step(ZERO_POSITION, "1000.00", "2000.00")
    second = step(first, "100.00", "1500.00", "30.00")
    approved = (*entries_between("L1", ZERO_POSITION, first), *entries_between("L1", first, second))
    taken_back = reversal_of(entries_between("L1", first, second))
    assert {entry.kind for entry in taken_back} == {EntryKind.REVERSED}
    made = rebuild((*approved, *taken_back), [amounts("1000.00", "2000.00")])
    assert made == first


def test_an_opening_balance_is_rebuilt_from_its_rows() -> None:
    """Opening rows give the opening position back."""
    opening = replace(
        a_position("1000.00", "200.00", "90.00", "20.00", "95.00"),
        opening_work=Decimal("1000.00"),
        opening_withheld_work=Decimal("90.00"),
        opening_stored=Decimal("200.00"),
        opening_withheld_stored=Decimal("20.00"),
    )
    entries = opening_entries("L1", opening)
    assert rows(entries) == [
        "opening work 90.00",
        "opening stored 20.00",
        "released work 90.00",
        "released stored 5.00",
    ]
    assert rebuild(entries, [], opening_work=opening.work, opening_stored=opening.stored) == opening


@pytest.mark.parametrize("component", list(Component))
def test_rows_by_component_are_what_is_held_on_it(component: Component) -> None:
    """Withheld less released, by component, is the split of what is held."""
    path = [ZERO_POSITION]
    for given in (
        ("1000.00", "2000.00", "0.00"),
        ("0.00", "2000.00", "130.00"),
        ("900.00", "500.00", "0.00"),
    ):
        path.append(step(path[-1], *given))
    entries = [e for a, b in pairwise(path) for e in entries_between("L1", a, b)]
    own = [entry for entry in entries if entry.component is component]
    held = sum(-e.amount if e.effect is EntryKind.RELEASED else e.amount for e in own)
    assert held == split_held(path[-1])[list(Component).index(component)]
