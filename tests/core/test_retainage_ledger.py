"""The ledger of retainage on deductions, in other currencies, and where two things happen on one line at once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core.model import LinePosition
from batch.core.money import Rounding
from batch.core.retainage import (
    Component,
    EntryKind,
    RetainageEntry,
    entries_between,
    opening_entries,
    position_after,
    rebuild,
    reversal_of,
    split_held,
)
from tests.core.builders import a_position, amounts, terms
from tests.core.retained import rows

NOTHING = LinePosition()


def an_opening(
    work: str, on_work: str, stored: str = "0", on_stored: str = "0", released: str = "0"
) -> LinePosition:
    """A line that was billed elsewhere before."""
    return LinePosition(
        work=Decimal(work),
        stored=Decimal(stored),
        withheld_work=Decimal(on_work),
        withheld_stored=Decimal(on_stored),
        released=Decimal(released),
        opening_work=Decimal(work),
        opening_withheld_work=Decimal(on_work),
        opening_stored=Decimal(stored),
        opening_withheld_stored=Decimal(on_stored),
    )


@pytest.mark.parametrize(
    ("currency", "rounding", "work", "stored", "expected"),
    [
        ("USD", Rounding.HALF_UP, "100.05", "10.10", ["100.05", "10.10", "10.01", "0.51", "0.00"]),
        ("USD", Rounding.HALF_EVEN, "100.05", "10.10", ["100.05", "10.10", "10.00", "0.50", "0.00"]),
        ("JPY", Rounding.HALF_UP, "12345", "670", ["12345", "670", "1235", "34", "0"]),
        ("JPY", Rounding.HALF_EVEN, "12345", "690", ["12345", "690", "1234", "34", "0"]),
        ("KWD", Rounding.HALF_UP, "1.005", "0.100", ["1.005", "0.100", "0.101", "0.005", "0.000"]),
        ("USD", Rounding.HALF_UP, "0.00", "0.00", ["0.00", "0.00", "0.00", "0.00", "0.00"]),
        ("USD", Rounding.HALF_UP, "-100.05", "-10.10", ["-100.05", "-10.10", "-10.01", "-0.51", "0.00"]),
    ],
)
def test_a_bill_at_flat_rates(
    currency: str, rounding: Rounding, work: str, stored: str, expected: list[str]
) -> None:
    """10 % on work and 5 % on stored materials, rounded apart, at the currency's decimals and the project's rounding."""
    made = position_after(NOTHING, amounts(work, stored), terms("10", "5"), currency, rounding)
    shown = (made.work, made.stored, made.withheld_work, made.withheld_stored, made.released)
    assert [str(each) for each in shown] == expected


def test_an_opening_balance_has_the_decimals_of_the_currency() -> None:
    """What an opening withheld on stored materials is written like any amount of the currency."""
    opening = an_opening("1000", "50", "300", "20")
    for currency, on_work, on_stored in (("JPY", "50", "20"), ("KWD", "50.000", "20.000")):
        made = position_after(opening, amounts(stored="300"), terms("10", "5"), currency)
        assert [str(made.withheld_work), str(made.withheld_stored)] == [on_work, on_stored]


@pytest.mark.parametrize(
    ("prior", "work", "withheld"),
    [
        # All of a deduction's work is taken back: what was released is still withheld, and nothing is held.
        (a_position("-2000.00", on_work="-200.00", released="-150.00"), "2000.00", "-150.00"),
        (a_position("2000.00", on_work="200.00", released="150.00"), "-2000.00", "150.00"),
        # Nothing was released, and it was billed before this software: nothing is withheld, and never less.
        (an_opening("-1000.00", "-50.00"), "1000.00", "0.00"),
        (an_opening("1000.00", "50.00"), "-1000.00", "0.00"),
        # A part of it: 10 % of the part less.
        (an_opening("-1000.00", "-50.00"), "400.00", "-10.00"),
        (an_opening("-1000.00", "-50.00"), "500.00", "0.00"),
        # New work on an opening that was released: at the rate of today.
        (an_opening("1000.00", "50.00", released="50.00"), "100.00", "60.00"),
    ],
)
def test_work_taken_back_on_additions_and_deductions(prior: LinePosition, work: str, withheld: str) -> None:
    """What is withheld stops at what was released, from above on an addition and from below on a deduction."""
    made = position_after(prior, amounts(work), terms("10"), "USD")
    assert str(made.withheld_work) == withheld


@pytest.mark.parametrize(
    ("position", "split"),
    [
        (a_position(on_work="100.00", on_stored="50.00"), ("100.00", "50.00")),
        (a_position(on_work="100.00", on_stored="50.00", released="100.00"), ("0.00", "50.00")),
        (a_position(on_work="100.00", on_stored="50.00", released="100.01"), ("0.00", "49.99")),
        (a_position(on_work="-100.00", on_stored="-50.00", released="-120.00"), ("0.00", "-30.00")),
        (a_position(on_work="-100.00", on_stored="-50.00", released="-0.50"), ("-99.50", "-50.00")),
        (a_position(on_stored="50.00", released="0.50"), ("0.00", "49.50")),
        (a_position(on_work="0.50", on_stored="50.00", released="0.75"), ("0.00", "49.75")),
    ],
)
def test_what_a_release_leaves(position: LinePosition, split: tuple[str, str]) -> None:
    """A release takes all of work before any of stored materials, on additions and deductions alike."""
    assert tuple(str(each) for each in split_held(position)) == split


def test_rows_of_an_opening_balance() -> None:
    """What was withheld and what was released of it are rows of that line, work before stored materials."""
    part = opening_entries("L7", an_opening("1000.00", "90.00", "200.00", "20.00", "40.00"))
    assert rows(part) == ["opening work 90.00", "opening stored 20.00", "released work 40.00"]
    both = opening_entries("L7", an_opening("-1000.00", "-90.00", "-200.00", "-20.00", "-95.00"))
    assert rows(both)[2:] == ["released work -90.00", "released stored -5.00"]
    assert {entry.line_key for entry in (*part, *both)} == {"L7"}
    assert opening_entries("L7", NOTHING) == ()


BILLS = [
    # Built in: what was withheld on stored materials moves as far as work takes it up.
    (
        ("0.00", "8000.00", "0.00", "400.00"),
        ("5000.00", "3000.00", "500.00", "150.00"),
        "0.00",
        ["moved stored -250.00", "moved work 250.00", "withheld work 250.00"],
    ),
    # By cents too.
    (
        ("0.00", "10.00", "0.00", "0.50"),
        ("10.00", "0.00", "1.00", "0.00"),
        "0.00",
        ["moved stored -0.50", "moved work 0.50", "withheld work 0.50"],
    ),
    # The first of stored materials, by less than one, is withheld and has moved from nowhere.
    (("0.00", "0.00", "0.00", "0.00"), ("0.00", "10.00", "0.00", "0.50"), "0.00", ["withheld stored 0.50"]),
    (("0.00", "10.00", "0.00", "0.50"), ("0.00", "20.00", "0.00", "1.00"), "0.00", ["withheld stored 0.50"]),
    # Work is taken back while materials come in: neither has moved.
    (
        ("1000.00", "0.00", "100.00", "0.00"),
        ("500.00", "1000.00", "50.00", "50.00"),
        "0.00",
        ["withheld stored 50.00", "withheld work -50.00"],
    ),
    # A lower rate on earlier work, and materials built in: 50 given back, 30 moved.
    (
        ("1000.00", "1000.00", "100.00", "50.00"),
        ("1600.00", "400.00", "80.00", "20.00"),
        "-50.00",
        ["moved stored -30.00", "moved work 30.00", "re-rated work -50.00"],
    ),
    # A lower rate on stored materials that stay, and a little new work: what the work does not take is given back.
    (
        ("0.00", "1000.00", "0.00", "50.00"),
        ("100.00", "1000.00", "10.00", "25.00"),
        "0.00",
        ["moved stored -10.00", "re-rated stored -15.00", "moved work 10.00"],
    ),
    # A lower cap: what is withheld on work falls, though the work does not.
    (
        ("1000.00", "0.00", "100.00", "0.00"),
        ("1000.00", "0.00", "80.00", "0.00"),
        "0.00",
        ["re-rated work -20.00"],
    ),
    (
        ("1000.00", "0.00", "100.00", "0.00"),
        ("1200.00", "0.00", "80.00", "0.00"),
        "-5.00",
        ["re-rated work -20.00"],
    ),
    # Work taken back takes its retainage along, and that is no matter of a rate.
    (
        ("1000.00", "0.00", "100.00", "0.00"),
        ("999.99", "0.00", "99.50", "0.00"),
        "0.00",
        ["withheld work -0.50"],
    ),
    # Where stored materials change too, a fall on work is what it is.
    (
        ("1000.00", "0.00", "100.00", "0.00"),
        ("1000.00", "100.00", "80.00", "5.00"),
        "0.00",
        ["withheld stored 5.00", "withheld work -20.00"],
    ),
    # Small new work.
    (("1000.00", "0.00", "100.00", "0.00"), ("1005.00", "0.00", "100.50", "0.00"), "0.00", ["withheld work 0.50"]),
    # The rate was 0 before: what a rise withholds on earlier work is withheld, not given back.
    (("1000.00", "0.00", "0.00", "0.00"), ("1000.00", "0.00", "50.00", "0.00"), "0.00", ["withheld work 50.00"]),
]  # fmt: skip


def mirrored(text: str) -> str:
    """A ledger row with the opposite sign."""
    what, _, value = text.rpartition(" ")
    return f"{what} {-Decimal(value)}"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("before", "then", "re_rated", "expected"), BILLS)
def test_rows_of_one_bill(
    before: tuple[str, ...], then: tuple[str, ...], re_rated: str, expected: list[str], sign: int
) -> None:
    """Work, stored materials, withheld on each: the rows between two positions, the same on a deduction turned round."""
    prior, after = (
        LinePosition(
            work=Decimal(work) * sign,
            stored=Decimal(stored) * sign,
            withheld_work=Decimal(on_work) * sign,
            withheld_stored=Decimal(on_stored) * sign,
        )
        for work, stored, on_work, on_stored in (before, then)
    )
    made = entries_between("L7", prior, after, Decimal(re_rated) * sign)
    assert rows(made) == (expected if sign > 0 else [mirrored(text) for text in expected])
    assert {entry.line_key for entry in made} == {"L7"}


@pytest.mark.parametrize(
    ("before", "then", "expected"),
    [
        ("0.00", "40.00", ["released work 40.00"]),
        ("40.00", "115.00", ["released work 60.00", "released stored 15.00"]),
        ("100.00", "150.00", ["released stored 50.00"]),
    ],
)
def test_rows_of_a_release(before: str, then: str, expected: list[str]) -> None:
    """A release is written by what it was taken from, after what was released before."""
    prior, after = (
        a_position("1000.00", "1000.00", "100.00", "50.00", released) for released in (before, then)
    )
    assert rows(entries_between("L1", prior, after)) == expected


def test_a_release_follows_the_retainage_that_moves() -> None:
    """Released of stored materials before, released of work once they are built in."""
    prior = a_position("0.00", "1000.00", "0.00", "100.00", "30.00")
    after = a_position("1000.00", "0.00", "100.00", "0.00", "30.00")
    assert rows(entries_between("L1", prior, after)) == [
        "moved stored -100.00",
        "moved work 100.00",
        "released work 30.00",
        "released stored -30.00",
    ]


def test_reversing_rows_name_what_they_take_back() -> None:
    """Reversals come newest first, each with the opposite amount and the kind of the row, also of one reversed before."""
    released = RetainageEntry(
        line_key="L1", kind=EntryKind.RELEASED, component=Component.WORK, amount=Decimal("30.00")
    )
    withheld = replace(released, kind=EntryKind.WITHHELD, component=Component.STORED, amount=Decimal("-5.00"))
    made = reversal_of((withheld, released))
    assert rows(made) == ["reversed work -30.00", "reversed stored 5.00"]
    assert [entry.effect for entry in made] == [EntryKind.RELEASED, EntryKind.WITHHELD]
    assert [entry.effect for entry in reversal_of(made)] == [EntryKind.WITHHELD, EntryKind.RELEASED]
    assert reversal_of(()) == ()


def test_a_position_is_rebuilt_from_rows_of_every_kind() -> None:
    """Work adds up, of stored materials the last counts, and each kind of row goes where it belongs."""

    def row(kind: EntryKind, component: Component, amount: str) -> RetainageEntry:
        return RetainageEntry(line_key="L1", kind=kind, component=component, amount=Decimal(amount))

    entries = (
        row(EntryKind.OPENING, Component.WORK, "90.00"),
        row(EntryKind.OPENING, Component.STORED, "20.00"),
        row(EntryKind.WITHHELD, Component.WORK, "7.00"),
        row(EntryKind.MOVED, Component.WORK, "3.00"),
        row(EntryKind.MOVED, Component.STORED, "-3.00"),
        row(EntryKind.RE_RATED, Component.STORED, "-1.00"),
        row(EntryKind.RELEASED, Component.WORK, "40.00"),
        row(EntryKind.RELEASED, Component.STORED, "2.00"),
    )
    made = rebuild(
        entries,
        [amounts("100.00", "250.00"), amounts("11.00", "170.00")],
        opening_work=Decimal("1000.00"),
        opening_stored=Decimal("200.00"),
    )
    assert made == LinePosition(
        work=Decimal("1111.00"),
        stored=Decimal("170.00"),
        withheld_work=Decimal("100.00"),
        withheld_stored=Decimal("16.00"),
        released=Decimal("42.00"),
        opening_work=Decimal("1000.00"),
        opening_withheld_work=Decimal("90.00"),
        opening_stored=Decimal("200.00"),
        opening_withheld_stored=Decimal("20.00"),
    )
    opened = rebuild((), [], opening_work=Decimal(5), opening_stored=Decimal(6))
    assert [opened.work, opened.stored] == [5, 6]
    assert rebuild((), []) == NOTHING
