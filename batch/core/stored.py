"""Stored materials that go over into the work by themselves when the next application begins.

It departs from the classic continuation sheet, where only the subcontractor moves them, so it is a setting of each
commitment. What is held does not change by the move; the next bill computes it at the rate of the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from batch.core.model import LinePosition
from batch.core.money import ZERO
from batch.core.settings import StoredMode


def begun(positions: Mapping[str, LinePosition], mode: StoredMode) -> dict[str, LinePosition]:
    """The positions that the next application starts from: D = D + E + F of before, and nothing stored, where they
    move by themselves.
    """
    if mode is StoredMode.CLASSIC:
        return dict(positions)
    return {key: _moved(each) for key, each in positions.items()}


def moved(positions: Mapping[str, LinePosition], mode: StoredMode) -> dict[str, Decimal]:
    """How much material of each line went over into the work of before; lines without any are left out."""
    if mode is StoredMode.CLASSIC:
        return {}
    return {key: each.stored for key, each in positions.items() if each.stored}


def _moved(position: LinePosition) -> LinePosition:
    if not position.stored:
        return position
    return replace(
        position,
        work=position.work + position.stored,
        stored=ZERO,
        withheld_work=position.withheld_work + position.withheld_stored,
        withheld_stored=ZERO,
        opening_stored=ZERO,
        opening_withheld_stored=ZERO,
    )
