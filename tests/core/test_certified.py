"""What a client certifies, and what comes again: hypothesis over months, cuts, releases and both signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.billing import positions_after
from batch.core.certified import CertificateError, Said, amounts_of, certify, not_certified
from batch.core.model import ClientLine, CostLine, LineAmounts, LinePosition
from batch.core.money import from_minor, total
from batch.core.upstream import UpstreamResult, compile_lines, schedule
from tests.core.builders import terms

LINES = (
    ClientLine(key="A", item="A", description="A", cost_code="a", scheduled_value=Decimal("90000.00")),
    ClientLine(key="B", item="B", description="B", cost_code="b", scheduled_value=Decimal("-9000.00")),
)
TERMS = terms("7.5")


def usd(minor: int) -> Decimal:
    """So many cents."""
    return from_minor(minor, "USD")


def a_month(
    moves: Sequence[tuple[int, int]], positions: dict[str, LinePosition], again: dict[str, LineAmounts]
) -> UpstreamResult:
    """Compile what one month moved on both lines."""
    costs = [
        CostLine(
            commitment="S", vendor_name="V", application="S-1", line_key=code, description="", cost_code=code,
            work=usd(work), stored=usd(stored),
        )
        for code, (work, stored) in zip("ab", moves, strict=True)
    ]  # fmt: skip
    return compile_lines(costs, LINES, {}, TERMS, positions, "USD", again=again)


cents = st.integers(0, 300_000)
month = st.tuples(
    st.tuples(cents, cents), st.tuples(cents, cents), st.lists(st.integers(0, 100), min_size=4, max_size=4)
)


@given(st.lists(month, min_size=1, max_size=5), st.booleans())
def test_certificates_add_up_and_nothing_is_lost(
    months: list[tuple[tuple[int, int], tuple[int, int], list[int]]], last_is_whole: bool
) -> None:
    """L8 as certified adds up to the last L6; certified and not certified are all that was approved, on every line."""
    positions: dict[str, LinePosition] = {}
    again: dict[str, LineAmounts] = {}
    dues, approved = [], {"A": usd(0), "B": usd(0)}
    for number, (up, down, parts) in enumerate(months, 1):
        made = a_month([up, (-down[0], -down[1])], positions, again)
        approved["A"] += usd(sum(up))
        approved["B"] -= usd(sum(down))
        whole = last_is_whole and number == len(months)
        said = {} if whole else cut(made, parts)
        bill = certify(made.lines, schedule(LINES), positions, said, TERMS, "USD")
        again = not_certified(made.lines, bill.lines)
        positions = positions_after(bill)
        dues.append(bill.summary.current_payment_due)
        assert total(dues, "USD") == bill.summary.total_earned_less_retainage
        for row in bill.lines:
            left = again.get(row.line.key, LineAmounts())
            assert row.completed_and_stored + left.work + left.stored == approved[row.line.key]
    assert not (last_is_whole and again)


def cut(made: UpstreamResult, parts: list[int]) -> dict[str, Said]:
    """So many per cent of work and of stored materials certified on each line."""
    given_parts = iter(parts)
    return {
        row.line.key: Said(
            work=(row.work_this_period * next(given_parts) / 100).quantize(Decimal("0.01")),
            stored=(row.materials_stored * next(given_parts) / 100).quantize(Decimal("0.01")),
        )
        for row in made.lines
    }


def test_as_issued_is_the_same_bill() -> None:
    """Without a cut the bill is what was issued, whatever the rules say by now."""
    made = a_month([(1000, 0), (-500, 0)], {}, {})
    assert certify(made.lines, schedule(LINES), {}, {}, terms("99"), "USD").lines == made.lines


def test_rules_that_changed_since_are_refused() -> None:
    """With a cut, lines that were left alone must come out as issued."""
    made = a_month([(1000, 0), (-500, 0)], {}, {})
    with pytest.raises(CertificateError, match="no longer give"):
        certify(made.lines, schedule(LINES), {}, {"A": Said(work=usd(1))}, terms("99"), "USD")


def test_a_release_stays_up_to_what_is_held() -> None:
    """All was asked back: with half of the work certified, half of it is there to give."""
    made = a_month([(100000, 0), (0, 0)], {}, {})
    given_back = {row.line.key: replace(amounts_of(row), release=row.retainage_held) for row in made.lines}
    assert given_back["A"].release == usd(7500)
    issued = compile_lines(
        [], LINES, {}, TERMS, {}, "USD", releases={"A": None}, again={"A": LineAmounts(work=usd(100000))}
    )
    bill = certify(issued.lines, schedule(LINES), {}, {"A": Said(work=usd(50000))}, TERMS, "USD")
    assert (bill.lines[0].released_this_period, bill.lines[0].retainage_held) == (usd(3750), usd(0))
