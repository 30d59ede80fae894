"""Stored materials: those that become work by themselves when the next application begins, and how a balance moved.

Moving by itself departs from the classic continuation sheet, where only the subcontractor moves them, so it is a setting
of each commitment. Into the work of before: D(n) = D + E + F, and what is held does not change by the move; the next bill
computes it at the rate of the work. Into the work of this period: D(n) = D + E as in the classic sheet, and E(n) begins
at F of before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core.model import Basis, BilledLine, InviteKind, LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO
from batch.core.settings import StoredMode


@dataclass(frozen=True, kw_only=True)
class StoredMovement:
    """How the stored materials of a line moved: `before` + `newly_stored` - `built_in` - `gone` = `now`.

    `moved_to_previous` and `moved_to_this` are the part of `built_in` that became work by itself. `gone` fell without
    work on the line: returned, lost, or a mistake. Amounts have the sign of the line.
    """

    before: Decimal
    moved_to_previous: Decimal
    moved_to_this: Decimal
    newly_stored: Decimal
    built_in: Decimal
    gone: Decimal
    now: Decimal


def begun(
    positions: Mapping[str, LinePosition],
    mode: StoredMode,
    lines: Sequence[SovLine] = (),
    kind: InviteKind = InviteKind.WORK,
) -> dict[str, LinePosition]:
    """The positions that the next application starts from: D = D + E + F of before, and nothing stored, where they
    move into the work of before. On a line by unit price they never do: its quantity says what was built in. Nor with an
    invite that opens no work: a bill that only releases must not withhold at another rate.
    """
    if mode is not StoredMode.TO_PREVIOUS or not kind.opens_work:
        return dict(positions)
    staying = _staying(lines)
    return {key: each if key in staying else _moved(each) for key, each in positions.items()}


def moved(
    positions: Mapping[str, LinePosition],
    mode: StoredMode,
    kind: InviteKind = InviteKind.WORK,
    lines: Sequence[SovLine] = (),
) -> dict[str, Decimal]:
    """How much material of each line goes over into the work by itself; lines without any are left out.

    With an invite that opens no work it stays stored. So does that of a line by unit price with every invite.
    """
    if mode is StoredMode.CLASSIC or not kind.opens_work:
        return {}
    staying = _staying(lines)
    return {key: each.stored for key, each in positions.items() if each.stored and key not in staying}


def _staying(lines: Sequence[SovLine]) -> frozenset[str]:
    return frozenset(line.key for line in lines if line.measure is not None)


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


def into_this(basis: Basis, key: str) -> Decimal:
    """The stored material of a line that is filled in as work of this period; 0 in the other modes."""
    return basis.stored_moved.get(key, ZERO) if basis.stored_mode is StoredMode.TO_THIS else ZERO


def untouched(basis: Basis, key: str) -> LineAmounts:
    """What a line bills when nothing is entered on it: no work and its stored materials as they were, or these as work
    where they become work of this period by themselves.
    """
    if moves := into_this(basis, key):
        return LineAmounts(work=moves)
    return LineAmounts(stored=basis.positions.get(key, LinePosition()).stored)


def movement(row: BilledLine, basis: Basis) -> StoredMovement:
    """How the stored materials of a billed line moved.

    A balance shows only its net movement. Where they become work by themselves, what was stored before is built in and
    what is stored now is new. Classic: a rise is newly stored; a fall is built in as far as there is work on the line.
    """
    sign = -1 if row.line.scheduled_value < 0 else 1
    to_previous = _to_previous(basis, row.line.key)
    to_this = into_this(basis, row.line.key)
    before, now = (row.stored_previous + to_previous) * sign, row.materials_stored * sign
    work = max(row.work_this_period * sign, ZERO)
    if to_previous:
        built_in = before
    elif to_this:
        built_in = min(before, work)
    else:
        built_in = min(max(before - now, ZERO), work)
    newly = max(now - (before - built_in), ZERO)
    return StoredMovement(
        before=before * sign,
        moved_to_previous=to_previous,
        moved_to_this=min(to_this * sign, built_in) * sign,
        newly_stored=newly * sign,
        built_in=built_in * sign,
        gone=(before + newly - built_in - now) * sign,
        now=row.materials_stored,
    )


def moved_to_previous(basis: Basis) -> Mapping[str, Decimal]:
    """By line key the stored material that became work of before by itself; empty in the other modes."""
    return basis.stored_moved if basis.stored_mode is StoredMode.TO_PREVIOUS else {}


def _to_previous(basis: Basis, key: str) -> Decimal:
    return moved_to_previous(basis).get(key, ZERO)
