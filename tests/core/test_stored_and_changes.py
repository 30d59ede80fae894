"""Stored materials that move by themselves, the summary of change orders, and how over-billing is measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.billing import assert_identities, bill, certified
from batch.core.change_orders import change_order_box
from batch.core.findings import Severity
from batch.core.model import InviteKind, LineAmounts, LinePosition
from batch.core.retainage import Component, EntryKind, entries_between
from batch.core.rules import check_amounts
from batch.core.settings import OverBilling, Policy, StoredMode
from batch.core.stored import begun, moved, movement, untouched
from tests.core.builders import a_basis, a_line, a_position, amounts, codes, lines_of, terms

CENTS = st.integers(min_value=0, max_value=10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


def test_classic_moves_nothing() -> None:
    """Only the setting moves stored materials."""
    positions = {"L1": LinePosition(work=Decimal("10.00"), stored=Decimal("5.00"))}
    assert begun(positions, StoredMode.CLASSIC) == positions
    assert moved(positions, StoredMode.CLASSIC) == {}


@pytest.mark.parametrize("mode", StoredMode)
def test_a_bill_that_only_releases_leaves_materials_stored(mode: StoredMode) -> None:
    """8,000 stored at 5 % where work bears 10 %: with all 400 asked back 400 is paid, whatever the mode."""
    held = {"L1": a_position(stored="8000.00", on_stored="400.00")}
    kind = InviteKind.RELEASE
    assert moved(held, mode, kind) == {}
    basis = a_basis(
        lines=lines_of("20000.00"),
        retainage=terms("10", "5"),
        positions=begun(held, mode, kind=kind),
        previous_certificates=certified(held, "USD"),
        stored_mode=mode,
        stored_moved=moved(held, mode, kind),
        kind=kind,
    )
    made = bill(basis, {"L1": amounts(stored="8000.00", release="400.00")})
    assert (str(made.summary.current_payment_due), str(made.lines[0].materials_stored)) == (
        "400.00",
        "8000.00",
    )


@given(
    bills=st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=6),
    rates=st.tuples(st.integers(0, 20), st.integers(0, 20)),
)
def test_every_balance_follows_where_materials_move_by_themselves(
    bills: list[tuple[Decimal, Decimal]], rates: tuple[int, int]
) -> None:
    """D(n) = D + E + F of before, L7 = L6 of before, and the sum of L8 is the latest L6; the ledger ends where the bill does."""
    held = {"L1": LinePosition()}
    paid = Decimal(0)
    for work, stored in bills:
        basis = a_basis(
            lines=lines_of("999999999.00"),
            retainage=terms(str(rates[0]), str(rates[1])),
            positions=begun(held, StoredMode.TO_PREVIOUS),
            previous_certificates=certified(held, "USD"),
        )
        made = bill(basis, {"L1": LineAmounts(work=work, stored=stored)})
        assert_identities(made, basis)
        (line,) = made.lines
        assert line.work_previous == held["L1"].work + held["L1"].stored
        entries = entries_between("L1", held["L1"], line.position)
        for component, before, after in (
            (Component.WORK, held["L1"].withheld_work, line.position.withheld_work),
            (Component.STORED, held["L1"].withheld_stored, line.position.withheld_stored),
        ):
            found = [
                e.amount for e in entries if e.component is component and e.kind is not EntryKind.RELEASED
            ]
            assert sum(found, Decimal(0)) == after - before
        paid += made.summary.current_payment_due
        assert paid == made.summary.total_earned_less_retainage
        held = {"L1": line.position}


@given(
    mode=st.sampled_from(StoredMode),
    bills=st.lists(st.tuples(CENTS, CENTS, st.booleans()), min_size=1, max_size=6),
    rates=st.tuples(st.integers(0, 20), st.integers(0, 20)),
)
def test_each_mode_keeps_its_own_identity(
    mode: StoredMode, bills: list[tuple[Decimal, Decimal, bool]], rates: tuple[int, int]
) -> None:
    """D(n) = D + E, and + F of before where it goes into the work of before; G = D + E + F is never wrong, whether anything
    is entered or not; the movement of the balance adds up, and nothing is gone but without work.
    """
    held = {"L1": LinePosition()}
    for work, stored, entered in bills:
        basis = a_basis(
            lines=lines_of("999999999.00"),
            retainage=terms(str(rates[0]), str(rates[1])),
            positions=begun(held, mode),
            previous_certificates=certified(held, "USD"),
            stored_mode=mode,
            stored_moved=moved(held, mode),
        )
        nothing = untouched(basis, "L1")
        claim = {"L1": LineAmounts(work=nothing.work + work, stored=stored)} if entered else {}
        made = bill(basis, claim)
        assert_identities(made, basis)
        (line,) = made.lines
        was = held["L1"]
        assert line.work_previous == was.work + (was.stored if mode is StoredMode.TO_PREVIOUS else 0)
        before = was.work + was.stored
        assert line.completed_and_stored - before == _grew(mode, was.stored, work, stored, entered)
        found = movement(line, basis)
        assert found.before == was.stored
        assert found.before + found.newly_stored - found.built_in - found.gone == found.now
        assert min(found.newly_stored, found.built_in, found.gone) >= 0
        assert mode is StoredMode.CLASSIC or found.gone == 0
        held = {"L1": line.position}


def _grew(mode: StoredMode, was_stored: Decimal, work: Decimal, stored: Decimal, entered: bool) -> Decimal:
    """What G grows by: all that was entered, as new; in the classic mode the balance is entered as a whole."""
    if not entered:
        return Decimal(0)
    return work + stored - (was_stored if mode is StoredMode.CLASSIC else 0)


@given(values=st.lists(st.tuples(CENTS, st.booleans(), st.sampled_from([None, 1, 20])), max_size=8))
def test_the_net_of_the_box_is_line_2(values: list[tuple[Decimal, bool, int | None]]) -> None:
    """Whatever was added and taken off, and whenever: net is the net change of the summary."""
    lines = [
        a_line(f"C{n}", str(-value if minus else value), change_order=f"CO-{n}")
        for n, (value, minus, _day) in enumerate(values)
    ]
    start = a_basis().period_from
    on = {
        f"CO-{n}": date(start.year, start.month, day) if day != 1 else date(start.year - 1, 1, 1)
        for n, (_value, _minus, day) in enumerate(values)
        if day is not None
    }
    basis = a_basis(lines=(a_line("L1", "100.00"), *lines), approved_on=on)
    box = change_order_box(basis)
    assert box.net == bill(basis, {}).summary.net_change_orders
    assert box.deductions <= 0 <= box.additions
    assert (box.additions_now == 0) or any(day == 20 for _value, _minus, day in values)


def test_a_contract_is_measured_apart_where_lines_are_free() -> None:
    """A line may be over by policy, and the contract still not; within one change order lines make up for each other."""
    basis = a_basis(
        lines=(
            a_line("L1", "100.00"),
            a_line("C1", "50.00", change_order="1"),
            a_line("C2", "50.00", change_order="1"),
        ),
        positions={},
        previous_certificates=Decimal(0),
    )
    free = replace(basis, over_billing=OverBilling(line=Policy.ALLOW))
    assert codes(check_amounts({"L1": amounts("110.00")}, free)) == ["over-line"]
    over = check_amounts({"C1": amounts("80.00"), "C2": amounts("21.00")}, free)
    assert [(one.code, one.severity) for one in over] == [
        ("over-change-order", Severity.RETURN),
        ("over-line", Severity.NOTE),
    ]
    every = check_amounts({"L1": amounts("110.00"), "C1": amounts("50.00"), "C2": amounts("50.00")}, free)
    assert sorted(codes(every)) == ["over-contract", "over-line"]
    warned = replace(basis, over_billing=OverBilling(line=Policy.WARN, contract=Policy.WARN))
    (one,) = check_amounts({"L1": amounts("110.00")}, warned)
    assert one.severity is Severity.HOLD
