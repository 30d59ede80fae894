"""The final bill of a commitment: what it has to come to, and what it proposes for value that is left unbilled.

A final bill completes every line, leaves nothing stored, and asks all retainage back: what was held before, and what
this very bill withholds. So it ends with nothing held and nothing left to pay. All of it is compared in money, since
99.9999 % shows as 100.00 % in many places.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from batch.core.billing import bill
from batch.core.model import Basis, Bill, LineAmounts, LinePosition, SovLine
from batch.core.money import rounded


@dataclass(frozen=True, kw_only=True)
class FinalLine:
    """What a final bill has on one line: `work` of this period, nothing stored, and `release` of retainage.

    `held` is what was held before; `release` is that and what this bill withholds.
    """

    line: SovLine
    work: Decimal
    stored_before: Decimal
    held: Decimal
    release: Decimal


@dataclass(frozen=True, kw_only=True)
class CloseOut:
    """A line that is not billed to its value, and the change order that would close it: negative takes value away."""

    line_key: str
    amount: Decimal


def final_claim(basis: Basis) -> dict[str, LineAmounts]:
    """The one claim that makes a bill final, by line key: in the commitment's currency."""
    whole = {line.key: LineAmounts(work=_left(basis, line)) for line in basis.lines}
    held = {row.line.key: row.retainage_held for row in bill(basis, whole).lines}
    return {key: LineAmounts(work=at.work, release=held[key]) for key, at in whole.items()}


def final_lines(basis: Basis) -> tuple[FinalLine, ...]:
    """What is expected of a final bill, line by line in the order of the schedule of values."""
    claim = final_claim(basis)
    return tuple(
        FinalLine(
            line=line,
            work=claim[line.key].work,
            stored_before=_prior(basis, line).stored,
            held=_prior(basis, line).held,
            release=claim[line.key].release,
        )
        for line in basis.lines
    )


def close_out(computed: Bill) -> tuple[CloseOut, ...]:
    """The change orders that would make this bill complete: for each line, what is billed less its value."""
    return tuple(
        CloseOut(line_key=row.line.key, amount=-row.balance_to_finish)
        for row in computed.lines
        if row.balance_to_finish
    )


def is_final(computed: Bill) -> bool:
    """Whether a bill ends its commitment: every line at its value, nothing stored, nothing held."""
    return not any(
        amount
        for row in computed.lines
        for amount in (row.balance_to_finish, row.materials_stored, row.retainage_held)
    )


def _prior(basis: Basis, line: SovLine) -> LinePosition:
    return basis.positions.get(line.key, LinePosition())


def _left(basis: Basis, line: SovLine) -> Decimal:
    return rounded(line.scheduled_value - _prior(basis, line).work, basis.currency)
