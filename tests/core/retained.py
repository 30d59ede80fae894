"""Contracts under rules of retainage, and what they withhold, for the tests that give exact figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from batch.core.model import Basis, Bill, LineAmounts, LinePosition, SovLine
from batch.core.money import Rounding
from batch.core.retainage import RetainageEntry
from batch.core.retainage_terms import RetainageRounding, RetainageStep, RetainageTerms
from tests.core.builders import a_basis, a_line, amounts

#: 10 % on the first half of the contract, 5 % past it.
HALF = (RetainageStep(past=Decimal(50), rate=Decimal(5)),)
ONCE = RetainageRounding.CONTRACT


def contract(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition] | None = None,
    *,
    currency: str = "USD",
    rounded: Rounding = Rounding.HALF_UP,
    rate: str = "10",
    **terms: Any,
) -> Basis:
    """A rate on work and on stored materials, with something more."""
    rule = replace(RetainageTerms(work=Decimal(rate), stored=Decimal(rate)), **terms)
    return a_basis(
        lines=tuple(lines), retainage=rule, positions=positions or {}, currency=currency, rounding=rounded
    )


def own(key: str, value: str, **terms: str) -> SovLine:
    """A line with terms of its own."""
    given: dict[str, Any] = {name: Decimal(text) for name, text in terms.items()}
    return replace(a_line(key, value), **given)


def withheld(made: Bill) -> list[str]:
    """Withheld to date by line: on work, and on stored materials where there is any."""
    return [
        " + ".join(str(each) for each in (row.position.withheld_work, row.position.withheld_stored) if each)
        or "0"
        for row in made.lines
    ]


def work(*each: str) -> dict[str, LineAmounts]:
    """Work on L1, L2, ..."""
    return {f"L{number}": amounts(text) for number, text in enumerate(each, 1)}


def an_opening(
    on: str,
    on_work: str,
    stored: str = "0.00",
    on_stored: str = "0.00",
    *,
    more: str = "0",
    on_more: str = "0",
) -> LinePosition:
    """A line that was billed elsewhere before, and what came since."""
    return LinePosition(
        work=Decimal(on) + Decimal(more),
        stored=Decimal(stored),
        withheld_work=Decimal(on_work) + Decimal(on_more),
        withheld_stored=Decimal(on_stored),
        opening_work=Decimal(on),
        opening_withheld_work=Decimal(on_work),
        opening_stored=Decimal(stored),
        opening_withheld_stored=Decimal(on_stored),
    )


def rows(entries: Iterable[RetainageEntry]) -> list[str]:
    """Ledger rows as text."""
    return [f"{entry.kind} {entry.component} {entry.amount}" for entry in entries]
