"""What an opening line may hold, of a commitment and of a client contract alike."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from batch.core.money import ZERO
from batch.formats.register.reading import Values


def amount_of(values: Values, name: str) -> Decimal:
    """An amount of a row; 0 where there is none."""
    found = values.get(name)
    return found if isinstance(found, Decimal) else ZERO


def line_limits(values: Values, scheduled: Decimal) -> Iterator[tuple[str, Decimal, str]]:
    """Each field of an opening line with the most it may be (mirrored on a negative line) and the sentence that says so."""
    work, stored = amount_of(values, "work"), amount_of(values, "stored")
    withheld = amount_of(values, "withheld_work") + amount_of(values, "withheld_stored")
    yield (
        "work",
        scheduled - stored,
        "work and stored together must be within the scheduled value; work may be up to",
    )
    yield "stored", scheduled, "stored must be within the scheduled value of"
    yield "withheld_work", work, "retainage withheld on work must be within the work of"
    yield "withheld_stored", work + stored, "retainage withheld on stored must be within work and stored of"
    yield "released", withheld, "retainage released must be within the retainage withheld of"


def held(line: Values) -> Decimal:
    """Retainage held on one opening line: withheld less released."""
    return amount_of(line, "withheld_work") + amount_of(line, "withheld_stored") - amount_of(line, "released")
