"""Each identity of a bill: which figure breaks it, and what is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core import billing
from batch.core.billing import IdentityBroken, assert_follows, assert_identities, bill
from batch.core.methods import Measure, Method
from batch.core.model import Basis, Bill, LinePosition, SovLine
from tests.core.builders import S02_AMOUNTS, SECOND, a_basis, a_line, a_position, after, amounts, lines_of


def broken(made: Bill, basis: Basis) -> str:
    """What is said about the first identity that a bill breaks."""
    with pytest.raises(IdentityBroken) as told:
        assert_identities(made, basis)
    return str(told.value)


def with_summary(made: Bill, **added: str) -> Bill:
    """A bill with so much more on some summary lines."""
    more = {field: getattr(made.summary, field) + Decimal(cent) for field, cent in added.items()}
    return replace(made, summary=replace(made.summary, **more))


def with_line(made: Bill, **added: str) -> Bill:
    """A bill with so much more in some columns of its second line."""
    row = made.lines[1]
    more = {field: getattr(row, field) + Decimal(cent) for field, cent in added.items()}
    return replace(made, lines=(made.lines[0], replace(row, **more), *made.lines[2:]))


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (
            {"previous_certificates": "0.01"},
            "L7 = previous certificates of the ledger: 11250.01 is not 11250.00",
        ),
        ({"contract_sum_to_date": "0.01"}, "sum of C = L3: 50000.00 is not 50000.01"),
        ({"original_contract_sum": "0.01"}, "L1 + L2 = L3: 50000.01 is not 50000.00"),
        ({"net_change_orders": "-0.01"}, "L1 + L2 = L3: 49999.99 is not 50000.00"),
        ({"total_completed_and_stored": "0.01"}, "sum of G = L4: 28000.00 is not 28000.01"),
        ({"retainage_total": "0.01"}, "sum of line retainage = L5: 2800.00 is not 2800.01"),
        ({"retainage_work": "0.01"}, "5a + 5b = L5: 2800.01 is not 2800.00"),
        ({"retainage_stored": "-0.01"}, "5a + 5b = L5: 2799.99 is not 2800.00"),
        ({"total_earned_less_retainage": "0.01"}, "L6 = L4 - L5: 25200.01 is not 25200.00"),
        ({"current_payment_due": "0.01"}, "L8 = L6 - L7: 13950.01 is not 13950.00"),
        ({"balance_to_finish": "0.01"}, "L9 = L3 - L6: 24800.01 is not 24800.00"),
        ({"gross_this_period": "0.01"}, "gross = E + F - F previous: 15500.01 is not 15500.00"),
    ],
)
def test_a_cent_on_a_summary_line_is_named(spoiled: dict[str, str], said: str) -> None:
    """The first identity that does not hold is named with both figures."""
    assert broken(with_summary(bill(SECOND, S02_AMOUNTS), **spoiled), SECOND) == said


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"balance_to_finish": "0.01"}, "L9 = sum of H + L5: 24800.00 is not 24800.01"),
        ({"withheld_this_period": "0.01"}, "L8 = gross - withheld + released: 13950.00 is not 13949.99"),
        (
            {"work_previous": "0.01"},
            "line L2: D = D + E of the previous application: 10000.01 is not 10000.00",
        ),
        (
            {"work_this_period": "0.01", "stored_previous": "0.01"},
            "line L2: G = D + E + F: 20500.00 is not 20500.01",
        ),
        (
            {"work_this_period": "0.01", "materials_stored": "-0.01"},
            None,
        ),
        ({"held_work": "0.01"}, "line L2: held on work + on stored = held: 2050.01 is not 2050.00"),
        (
            {"withheld_this_period": "0.01", "released_this_period": "0.01"},
            None,
        ),
    ],
)
def test_a_cent_in_a_column_is_named(spoiled: dict[str, str], said: str | None) -> None:
    """What the sums do not show is found on its line; two cents that cancel each other break nothing."""
    made = with_line(bill(SECOND, S02_AMOUNTS), **spoiled)
    if said is None:
        assert_identities(made, SECOND)
    else:
        assert broken(made, SECOND) == said


def moved_between(made: Bill, column: str) -> Bill:
    """A bill with a cent of a column moved from its first line to its second, so that the sums stand."""
    first, second, *others = made.lines
    cent = Decimal("0.01")
    rows = (
        replace(first, **{column: getattr(first, column) - cent}),
        replace(second, **{column: getattr(second, column) + cent}),
        *others,
    )
    return replace(made, lines=rows)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("completed_and_stored", "line L1: G = D + E + F: 5999.99 is not 6000.00"),
        ("balance_to_finish", "line L1: H = C - G: 3999.99 is not 4000.00"),
        ("work_this_period", "line L1: G = D + E + F: 6000.00 is not 5999.99"),
        ("stored_previous", "line L1: movement of G = E + F - F previous: 4000.01 is not 4000.00"),
        ("retainage_held", "line L1: held on work + on stored = held: 600.00 is not 599.99"),
        ("withheld_this_period", "line L1: held = held before + withheld - released: 600.00 is not 599.99"),
        ("released_this_period", "line L1: held = held before + withheld - released: 600.00 is not 600.01"),
    ],
)
def test_a_cent_moved_between_lines_is_named(column: str, said: str) -> None:
    """Where the sums stand, the line whose columns do not fit together is named."""
    assert broken(moved_between(bill(SECOND, S02_AMOUNTS), column), SECOND) == said


def test_the_position_holds_what_the_line_shows() -> None:
    """A position that would start the next application with another retainage is found."""
    made = bill(SECOND, S02_AMOUNTS)
    first = replace(made.lines[0], position=replace(made.lines[0].position, released=Decimal("0.01")))
    said = broken(replace(made, lines=(first, *made.lines[1:])), SECOND)
    assert said == "line L1: the position holds the same: 599.99 is not 600.00"


def test_held_against_the_sign_of_the_line() -> None:
    """More released than withheld is found even where every sum fits."""
    basis = a_basis(lines=lines_of("100.00"))
    made = bill(basis, {"L1": amounts("10.00", release="2.00")})
    row = made.lines[0]
    assert [row.withheld_this_period, row.released_this_period, row.retainage_held] == [2, 2, 0]
    one = Decimal("1.00")
    spoiled = replace(
        row,
        withheld_this_period=one,
        held_work=-one,
        retainage_held=-one,
        position=replace(row.position, withheld_work=one),
    )
    summary = billing.summarise([spoiled], Decimal(0), "USD")
    said = broken(replace(made, lines=(spoiled,), summary=summary), basis)
    assert said == "line L1: held has the sign of the line: 1 is not 0"


def test_the_ledger_and_the_positions_tell_the_same() -> None:
    """What was certified before follows from the positions of the lines, and no position is elsewhere, unless empty."""
    made = bill(SECOND, S02_AMOUNTS)
    untied = replace(SECOND, previous_certificates=Decimal("11249.99"))
    said = "L7 = L6 of the previous application: 11249.99 is not 11250.00"
    assert broken(bill(untied, S02_AMOUNTS), untied) == said
    adrift = {**SECOND.positions, "gone": a_position("1.00"), "empty": LinePosition()}
    said = "every position is on a line of the schedule of values: 1 is not 0"
    assert broken(made, replace(SECOND, positions=adrift)) == said
    assert_follows(made, {**SECOND.positions, "empty": LinePosition()}, Decimal("11250.00"))


PRICED: SovLine = replace(
    a_line("L1", "1000.00"),
    method=Method.UNIT_PRICE,
    measure=Measure(unit="m3", quantity=Decimal(100), unit_price=Decimal("10.00")),
)


@pytest.mark.parametrize(
    ("line", "work", "quantity", "said"),
    [
        (PRICED, "45.00", "4.5", None),
        (PRICED, "45.01", "4.5", "line L1: work to date = quantity to date x unit price: 45.01 is not 45.00"),
        # Work without a quantity, and a quantity without work.
        (PRICED, "45.00", None, "line L1: work to date = quantity to date x unit price: 45.00 is not 0.00"),
        (PRICED, "0.00", "4.5", "line L1: work to date = quantity to date x unit price: 0.00 is not 45.00"),
        (PRICED, "0.00", None, None),
        (a_line("L1", "1000.00"), "45.00", None, None),
        (a_line("L1", "1000.00"), "45.00", "4.5", "line L1: no quantity without a unit price: 4.5 is not 0"),
    ],
)
def test_quantities_and_amounts_tell_the_same(
    line: SovLine, work: str, quantity: str | None, said: str | None
) -> None:
    """Where a line by unit price moves, its work is its quantity at the price; other lines have no quantity."""
    basis = a_basis(lines=(line,))
    entered = replace(amounts(work), quantity=None if quantity is None else Decimal(quantity))
    made = bill(basis, {"L1": entered})
    if said is None:
        assert_identities(made, basis)
    else:
        assert broken(made, basis) == said


def test_a_price_that_was_corrected_moves_nothing_by_itself() -> None:
    """A line by unit price that does not move keeps its amount, though the price is another one now."""
    basis = a_basis(lines=(PRICED,))
    first = bill(basis, {"L1": replace(amounts("45.00"), quantity=Decimal("4.5"))})
    measure = Measure(unit="m3", quantity=Decimal(100), unit_price=Decimal("11.00"))
    corrected = after(basis, first, lines=(replace(PRICED, measure=measure),))
    assert_identities(bill(corrected, {}), corrected)
