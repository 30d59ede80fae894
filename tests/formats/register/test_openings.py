"""Opening balances: they tie with their lines and change orders, or they are refused with the difference."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.formats.register.builders import change_order, read_rows, sentences, with_opening


def test_a_balanced_opening_is_read() -> None:
    """Work, stored, withheld and released tie with what was certified."""
    assert read_rows(with_opening()).problems == ()


@pytest.mark.parametrize(
    ("sheet", "heading", "value", "told"),
    [
        ("Opening balances", "Certified to date", "3600.01", "difference 0.01"),
        ("Opening balances", "Change orders by month", "2025-11: 500.00", "difference 500.00"),
        ("Opening balances", "Change orders by month", "November: 500", "not a month"),
        ("Opening lines", "Released", "400.01", "released must be within"),
        ("Opening lines", "Work to date", "5000.01", "difference 0.01"),
        ("Opening lines", "Withheld on work", "3000.01", "within the work"),
        ("Opening lines", "Stored", "-1", "stored must be within"),
        ("Opening lines", "Line", "8", 'no line "8" of SC-1'),
    ],
)
def test_an_opening_that_does_not_tie_is_refused(sheet: str, heading: str, value: str, told: str) -> None:
    """The difference is told, and neither the balance nor its lines are taken."""
    found = with_opening()
    found[sheet][0][heading] = value
    read_back = read_rows(found)
    assert told in " ".join(sentences(read_back))
    assert {row.sheet for row in read_back.faulty} >= {"opening_line"} or sheet == "Opening balances"
    if "month" not in told:
        assert not read_back.rows["opening_line"]


def test_the_change_orders_of_an_opening_are_the_approved_ones_before_its_date() -> None:
    """A later or a pending change order is no part of it."""
    found = change_order(with_opening(), "1", "500.00", day="2025-11-18")
    change_order(found, "2", "70.00", day="2026-01-02")
    change_order(found, "3", "80.00", status="pending")
    found["Opening balances"][0]["Change orders by month"] = "2025-11: 500.00"
    assert read_rows(found).problems == ()


def test_opening_lines_need_their_totals_and_the_other_way_round() -> None:
    """Half an opening balance is none."""
    found = with_opening()
    del found["Opening balances"]
    assert "has no row on the sheet Opening balances" in sentences(read_rows(found))[0]
    found = with_opening()
    del found["Opening lines"]
    assert "has no row on the sheet Opening lines" in sentences(read_rows(found))[0]


def test_a_negative_line_holds_negative_retainage() -> None:
    """On a deductive line every limit of an opening balance is mirrored."""
    found = with_opening()
    found["Schedule of values"][1]["Scheduled value"] = Decimal(-6000)
    for heading in ("Work to date", "Stored", "Withheld on work", "Withheld on stored"):
        found["Opening lines"][0][heading] = -found["Opening lines"][0][heading]
    found["Opening balances"][0]["Certified to date"] = Decimal(-3600)
    assert read_rows(found).problems == ()
