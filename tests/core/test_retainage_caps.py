"""Caps on retainage: exactly at them, below what was withheld before, beside deductions."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core.billing import bill
from batch.core.line_changes import LineChange
from batch.core.retainage_terms import CapOf
from tests.core.builders import a_line, a_position, amounts, lines_of
from tests.core.retained import an_opening, contract, withheld, work


@pytest.mark.parametrize(
    ("cap", "whole", "expected"),
    [
        ("99.99", False, "99.99"),
        ("100.00", False, "100.00"),
        ("100.01", False, "100.00"),
        ("0.00", False, "0"),
        ("50.00", True, "50.00"),
        ("50.99", True, "50.00"),
        ("0.99", True, "0"),
    ],
)
def test_at_a_cap(cap: str, whole: bool, expected: str) -> None:
    """10 % of 1,000 is withheld up to the cap to the cent, or to its whole units."""
    basis = contract(lines_of("9000.00"), cap_amount=Decimal(cap), whole_units=whole)
    assert withheld(bill(basis, work("1000.00"))) == [expected]


@pytest.mark.parametrize(("of", "expected"), [(CapOf.ORIGINAL, "40.00"), (CapOf.REVISED, "75.00")])
def test_what_a_cap_is_measured_on(of: CapOf, expected: str) -> None:
    """5 % of 800 as agreed; of 1,500 with what change orders put on the line and on a line of their own."""
    change = LineChange(key="X1", change_order="1", description="", amount=Decimal("200.00"))
    lines = (
        replace(a_line("L1", "1000.00"), changes=(change,)),
        a_line("C1", "500.00", change_order="2"),
    )
    basis = contract(lines, cap_percent=Decimal(5), cap_of=of)
    assert withheld(bill(basis, work("1000.00"))) == [expected, "0"]


def test_deductions_make_room_below_a_cap() -> None:
    """A deduction holds its own 50 and 20 off, so that 570 and 500 together are the cap of 500."""
    lines = (a_line("L1", "10000.00"), a_line("C1", "-1000.00", change_order="1"))
    basis = contract(lines, cap_amount=Decimal("500.00"))
    made = bill(basis, {"L1": amounts("8000.00"), "C1": amounts("-500.00", "-200.00")})
    assert withheld(made) == ["570.00", "-50.00 + -20.00"]
    assert made.summary.retainage_total == 500


def test_a_line_keeps_below_a_cap_what_it_had() -> None:
    """What a line withheld on work and on materials stays its own; a new line gets what is left below the cap."""
    at = {"L1": a_position("4000.00", "2000.00", "400.00", "200.00")}
    basis = contract(lines_of("9000.00", "9000.00"), at, cap_amount=Decimal("1000.00"))
    made = bill(basis, {"L1": amounts("0.00", "2000.00"), "L2": amounts("9000.00")})
    assert withheld(made) == ["400.00 + 200.00", "400.00"]


def test_a_lower_cap_gives_back_no_more_than_is_held() -> None:
    """Below what one line released, a cap leaves that line what it released, and nothing on others."""
    at = {
        "L1": a_position("8000.00", on_work="800.00", released="700.00"),
        "L2": a_position("3000.00", on_work="300.00"),
    }
    basis = contract(lines_of("9000.00", "9000.00"), at, cap_amount=Decimal("600.00"))
    assert withheld(bill(basis, {})) == ["700.00", "0"]


def test_a_cap_below_an_opening_balance() -> None:
    """Below what the opening withheld on work, materials that changed since bear nothing; those that stay bear theirs."""
    at = {"L1": an_opening("1000.00", "200.00", "500.00", "80.00")}
    basis = contract(lines_of("9000.00"), at, cap_amount=Decimal("100.00"))
    assert withheld(bill(basis, {"L1": amounts(stored="400.00")})) == ["200.00"]
    assert withheld(bill(basis, {"L1": amounts(stored="500.00")})) == ["200.00 + 80.00"]
