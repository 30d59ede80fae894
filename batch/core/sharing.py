"""Sharing a figure of a whole contract among its lines, exactly to its smallest unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from batch.core.money import added, ratio

#: The least and the most that a line may take.
Bounds = tuple[Decimal, Decimal]


def share_out(
    total: Decimal,
    wanted: Sequence[Decimal],
    bounds: Sequence[Bounds],
    rounded: Callable[[Decimal], Decimal],
) -> list[Decimal]:
    """Amounts near those wanted, each within its bounds, that add up to the total as far as the bounds allow.

    What is missing goes to each in proportion to its room; what rounding leaves goes to the last that is not
    0, then to those before it.
    """
    total = min(max(total, added(low for low, _ in bounds)), added(high for _, high in bounds))
    shares = [min(max(each, low), high) for each, (low, high) in zip(wanted, bounds, strict=True)]
    gap = total - added(shares)
    rooms = [high - at if gap > 0 else at - low for at, (low, high) in zip(shares, bounds, strict=True)]
    part = ratio(gap, added(rooms))
    made = [
        min(max(rounded(at + room * part), low), high)
        for at, room, (low, high) in zip(shares, rooms, bounds, strict=True)
    ]
    return settle(total, made, bounds)


def settle(total: Decimal, made: list[Decimal], bounds: Sequence[Bounds]) -> list[Decimal]:
    """The amounts with the rest to the total on the last that is not 0, within its bounds, then on others before it."""
    rest = total - added(made)
    last_first = tuple(reversed(range(len(made))))
    for at in (*(n for n in last_first if made[n]), *(n for n in last_first if not made[n])):
        low, high = bounds[at]
        took = min(max(made[at] + rest, low), high)
        made[at], rest = took, rest - (took - made[at])
    return made
