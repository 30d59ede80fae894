"""The ledger of retainage: what was withheld and what was released, line by line.

Withheld to date is computed on to-date bases and rounded once, so that it never drifts: twelve bills of
33.35 at 10 % hold 40.02, not twelve times 3.34. What was withheld before this software took over (the
opening tranche) is never computed again. Amounts carry the sign of their line: a deductive change order
holds a negative amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from batch.core import money
from batch.core.model import LineAmounts, LinePosition, RetainageTerms
from batch.core.money import ZERO, Rounding, added


class EntryKind(StrEnum):
    """Why retainage changed. MOVED follows material from storage into the work, RE_RATED a lower
    rate on earlier work.
    """

    OPENING = "opening"
    WITHHELD = "withheld"
    MOVED = "moved"
    RE_RATED = "re-rated"
    RELEASED = "released"
    REVERSED = "reversed"


class Component(StrEnum):
    """What retainage was withheld on."""

    WORK = "work"
    STORED = "stored"


@dataclass(frozen=True, kw_only=True)
class RetainageEntry:
    """One appended row of the ledger.

    `amount` changes withheld to date, or released to date for kind RELEASED. A REVERSED entry has the
    opposite amount of the one it takes back and names its kind in `reverses`.
    """

    line_key: str
    kind: EntryKind
    component: Component
    amount: Decimal
    reverses: EntryKind | None = None

    @property
    def effect(self) -> EntryKind:
        """The kind whose running total this entry changes."""
        return self.reverses or self.kind


def position_after(
    prior: LinePosition,
    amounts: LineAmounts,
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> LinePosition:
    """The position of a line after one more bill at flat rates (percent), rounded to the currency.

    Withheld on work to date is the opening tranche plus the rate on all work since. Withheld on stored
    material is the rate on the balance, or what the opening withheld while just its balance is stored.
    Neither falls below 0, nor their sum below what was released.
    """
    work = money.rounded(prior.work + amounts.work, currency)
    stored = money.rounded(amounts.stored, currency)
    released = money.rounded(prior.released + amounts.release, currency)
    since_opening = money.percent_of(work - prior.opening_work, terms.work, currency, rounding)
    on_stored = money.percent_of(stored, terms.stored, currency, rounding)
    if still_the_opening(prior, stored):
        on_stored = money.rounded(prior.opening_withheld_stored, currency)
    sign = _sign(released, prior.opening_work, work + stored)
    on_work = _at_least(prior.opening_withheld_work + since_opening, ZERO, sign)
    on_work = _at_least(on_work, released - on_stored, sign)
    return replace(
        prior,
        work=work,
        stored=stored,
        withheld_work=money.rounded(on_work, currency),
        withheld_stored=on_stored,
        released=released,
    )


def still_the_opening(position: LinePosition, stored: Decimal) -> bool:
    """Whether what is stored is what the opening balance had stored, whose retainage is not computed again."""
    return stored == position.opening_stored != 0


def _sign(*amounts: Decimal) -> int:
    """The sign of the line, taken from the first amount that has one: a line is all plus or all minus."""
    return next((1 if amount > 0 else -1 for amount in amounts if amount), 1)


def _at_least(value: Decimal, floor: Decimal, sign: int) -> Decimal:
    return max(value, floor) if sign > 0 else min(value, floor)


def split_held(position: LinePosition) -> tuple[Decimal, Decimal]:
    """What is held on work and what on stored material. A release has taken work retainage first, then
    stored.
    """
    sign = _sign(position.released)
    from_work = min(position.released * sign, max(position.withheld_work * sign, ZERO)) * sign
    return position.withheld_work - from_work, position.withheld_stored - (position.released - from_work)


def opening_entries(line_key: str, opening: LinePosition) -> tuple[RetainageEntry, ...]:
    """The ledger rows of an opening balance; its releases are rows of kind RELEASED."""
    held_work, held_stored = split_held(opening)
    rows = (
        (EntryKind.OPENING, Component.WORK, opening.withheld_work),
        (EntryKind.OPENING, Component.STORED, opening.withheld_stored),
        (EntryKind.RELEASED, Component.WORK, opening.withheld_work - held_work),
        (EntryKind.RELEASED, Component.STORED, opening.withheld_stored - held_stored),
    )
    return _entries(line_key, rows)


def entries_between(
    line_key: str, prior: LinePosition, after: LinePosition, re_rated: Decimal = ZERO
) -> tuple[RetainageEntry, ...]:
    """The ledger rows that lead from one position of a line to the next; none for what did not change.

    When withholding on stored material falls, that part is MOVED to work as far as withholding on work
    rises. Rows of kind RELEASED add up, by component, to what `split_held` says was taken from each, so a
    later bill may shift a release from one component to the other. `re_rated` is the part of the movement on
    work that a lower rate gave back; a fall while the work went on, as under a lower cap, is added to it.
    """
    work = after.withheld_work - prior.withheld_work
    stored = after.withheld_stored - prior.withheld_stored
    falls = stored * prior.withheld_stored < 0
    moved = _overlap(-stored, work - re_rated) if falls else ZERO
    released_work, released_stored = _taken_between(prior, after)
    # A fall while just as much is stored comes from a lower rate, as far as no work took its place.
    of_rate = stored + moved if falls and after.stored == prior.stored else ZERO
    rest = work - moved - re_rated
    if not stored and _fell_by_rule(rest, prior, after):
        re_rated, rest = re_rated + rest, ZERO
    rows = (
        (EntryKind.MOVED if falls else EntryKind.WITHHELD, Component.STORED, stored - of_rate),
        (EntryKind.RE_RATED, Component.STORED, of_rate),
        (EntryKind.MOVED, Component.WORK, moved),
        (EntryKind.RE_RATED, Component.WORK, re_rated),
        (EntryKind.WITHHELD, Component.WORK, rest),
        (EntryKind.RELEASED, Component.WORK, released_work),
        (EntryKind.RELEASED, Component.STORED, released_stored),
    )
    return _entries(line_key, rows)


def _fell_by_rule(rest: Decimal, prior: LinePosition, after: LinePosition) -> bool:
    held = prior.withheld_work
    return rest * held < 0 <= (after.work - prior.work) * held


def _overlap(first: Decimal, second: Decimal) -> Decimal:
    """The part two amounts of the same sign have in common; 0 for amounts of different signs."""
    if first * second <= 0:
        return ZERO
    return min(first, second, key=abs)


def _taken_between(prior: LinePosition, after: LinePosition) -> tuple[Decimal, Decimal]:
    work_before, stored_before = split_held(prior)
    work_after, stored_after = split_held(after)
    from_work = (after.withheld_work - work_after) - (prior.withheld_work - work_before)
    from_stored = (after.withheld_stored - stored_after) - (prior.withheld_stored - stored_before)
    return from_work, from_stored


def _entries(
    line_key: str, rows: Iterable[tuple[EntryKind, Component, Decimal]]
) -> tuple[RetainageEntry, ...]:
    return tuple(
        RetainageEntry(line_key=line_key, kind=kind, component=component, amount=amount)
        for kind, component, amount in rows
        if amount
    )


def reversal_of(entries: Iterable[RetainageEntry]) -> tuple[RetainageEntry, ...]:
    """The rows that take back the rows of an approval when it is reopened, newest first."""
    taken_back = (
        replace(entry, kind=EntryKind.REVERSED, amount=-entry.amount, reverses=entry.effect)
        for entry in entries
    )
    return tuple(reversed(tuple(taken_back)))


def rebuild(
    entries: Sequence[RetainageEntry],
    movements: Iterable[LineAmounts],
    *,
    opening_work: Decimal = ZERO,
    opening_stored: Decimal = ZERO,
) -> LinePosition:
    """The position of one line from its ledger rows and its approved movements, oldest first; used to
    verify the stored one.
    """
    work, stored = opening_work, opening_stored
    for movement in movements:
        work, stored = work + movement.work, movement.stored
    opening = added(e.amount for e in entries if _is(e, EntryKind.OPENING, Component.WORK))
    return LinePosition(
        work=work,
        stored=stored,
        withheld_work=_withheld(entries, Component.WORK),
        withheld_stored=_withheld(entries, Component.STORED),
        released=added(e.amount for e in entries if e.effect is EntryKind.RELEASED),
        opening_work=opening_work,
        opening_withheld_work=opening,
        opening_stored=opening_stored,
        opening_withheld_stored=added(
            e.amount for e in entries if _is(e, EntryKind.OPENING, Component.STORED)
        ),
    )


def _is(entry: RetainageEntry, kind: EntryKind, component: Component) -> bool:
    return entry.effect is kind and entry.component is component


def _withheld(entries: Sequence[RetainageEntry], component: Component) -> Decimal:
    rows = (e for e in entries if e.component is component and e.effect is not EntryKind.RELEASED)
    return added(entry.amount for entry in rows)
