"""Retainage that is asked back from the client in a client application, by line or in total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from batch.core import money
from batch.core.model import BilledLine
from batch.core.money import ZERO, Rounding
from batch.core.sharing import share_out

#: Amount by client line key, '' for the contract in total; None asks for everything that is held.
Asked = Mapping[str, Decimal | None]
IN_TOTAL = ""


class ReleaseError(ValueError):
    """More is asked back than is held, or on a line that is not there. The text says which."""


def released_by_line(
    lines: Sequence[BilledLine], asked: Asked, currency: str, rounding: Rounding = Rounding.HALF_UP
) -> dict[str, Decimal]:
    """What is released on each line, of what `lines` (computed without any release) hold after this application.

    What is asked in total is shared by the lines that are not named, in proportion to what they hold. Amounts have
    the sign of what is held. Raises ReleaseError.
    """
    held = {row.line.key: row.retainage_held for row in lines}
    strangers = set(asked) - {IN_TOTAL, *held}
    if strangers:
        raise ReleaseError(f"there is no line {', '.join(sorted(strangers))} to release retainage of")
    found: dict[str, Decimal] = {}
    for key, amount in asked.items():
        if key != IN_TOTAL:
            found[key] = _within(f"line {key}", amount, held[key], currency)
    rest = {key: amount for key, amount in held.items() if key not in asked}
    if IN_TOTAL in asked:
        there = money.total(rest.values(), currency)
        total = _within("the contract", asked[IN_TOTAL], there, currency)
        found |= dict(zip(rest, _shared(total, list(rest.values()), currency, rounding), strict=True))
    return found


def _within(what: str, amount: Decimal | None, held: Decimal, currency: str) -> Decimal:
    if amount is None:
        return held
    if not min(held, ZERO) <= amount <= max(held, ZERO):
        raise ReleaseError(
            f"{money.plain(amount, currency)} of retainage is asked back on {what},"
            f" where {money.plain(held, currency)} is held"
        )
    return amount


def _shared(total: Decimal, held: list[Decimal], currency: str, rounding: Rounding) -> list[Decimal]:
    def rounded(value: Decimal) -> Decimal:
        return money.rounded(value, currency, rounding)

    part = money.ratio(total, sum(held, ZERO))
    bounds = [(min(each, ZERO), max(each, ZERO)) for each in held]
    if part == 1:
        return held
    return share_out(total, [each * part for each in held], bounds, rounded)
