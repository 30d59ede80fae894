"""Cost of one cost code on several lines of the client contract, by percent.

Splits are made to date, rounded, and then subtracted, so that they never drift; the last line takes the rest, so that they
always tie. To date counts from where the percentages became what they are: what was billed under others stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core import money
from batch.core.model import CostLine
from batch.core.money import ZERO, Rounding

HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a line of the client contract takes of a cost code, in percent."""

    line: str
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Piece:
    """What was billed of one cost code on one client line, in one client application and at one percentage."""

    line: str
    percent: Decimal | None
    work: Decimal
    stored: Decimal


#: What was billed of one cost code so far: work and stored materials by client line.
SoFar = Mapping[str, tuple[Decimal, Decimal]]


def so_far(billed: Sequence[Sequence[Piece]], shares: Sequence[Share]) -> SoFar:
    """What was billed since the percentages of a cost code became what they are.

    `billed`: its pieces in each issued client application that had any, the first one first.
    """
    now = {share.line: share.percent for share in shares}
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for pieces in billed:
        if {piece.line: piece.percent for piece in pieces} != now:
            found = {}
            continue
        for piece in pieces:
            work, stored = found.get(piece.line, (ZERO, ZERO))
            found[piece.line] = (work + piece.work, stored + piece.stored)
    return found


def split(
    costs: Sequence[CostLine],
    shares: Mapping[str, Sequence[Share]],
    before: Mapping[str, SoFar],
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> list[CostLine]:
    """Each cost of a cost code with shares as one piece for each of them; every other cost as it is.

    The pieces of a cost add up to it. Of a cost code, each line but the last has its percentage of all that was billed so
    far and now, rounded once. `before`: see `so_far`.
    """
    done = {code: dict(before.get(code, {})) for code in shares}
    found: list[CostLine] = []
    for cost in costs:
        into = shares.get(cost.cost_code)
        if not into:
            found.append(cost)
            continue
        at = done[cost.cost_code]
        works = _pieces(
            cost.work, into, [at.get(one.line, (ZERO, ZERO))[0] for one in into], currency, rounding
        )
        goods = _pieces(
            cost.stored, into, [at.get(one.line, (ZERO, ZERO))[1] for one in into], currency, rounding
        )
        for share, work, stored in zip(into, works, goods, strict=True):
            before_it = at.get(share.line, (ZERO, ZERO))
            at[share.line] = (before_it[0] + work, before_it[1] + stored)
            found.append(
                replace(cost, work=work, stored=stored, client_line=share.line, percent=share.percent)
            )
    return found


def _pieces(
    amount: Decimal, shares: Sequence[Share], billed: Sequence[Decimal], currency: str, rounding: Rounding
) -> list[Decimal]:
    to_date = sum(billed, ZERO) + amount
    pieces = [
        money.rounded(money.ratio(to_date * share.percent, HUNDRED), currency, rounding) - there
        for share, there in zip(shares[:-1], billed, strict=False)
    ]
    return [*pieces, amount - sum(pieces, ZERO)]
