"""One line of a contract under its terms of retainage, and the arithmetic that every rule of the contract uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from batch.core import money
from batch.core.model import LinePosition, SovLine
from batch.core.money import HUNDRED, ZERO, Rounding, added
from batch.core.retainage_terms import CapOf, RetainageTerms
from batch.core.sharing import Bounds


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line at its new bases. `work` and `stored` are withheld to date, exact until they are rounded."""

    line: SovLine
    prior: LinePosition
    base: LinePosition
    work: Decimal = ZERO
    stored: Decimal = ZERO

    @property
    def deducts(self) -> bool:
        """Whether it is a deduction, whose amounts are all negative."""
        return self.line.scheduled_value < 0

    def up(self, amount: Decimal) -> Decimal:
        """An amount counted upwards on a deduction too; and back."""
        return -amount if self.deducts else amount

    @property
    def follows(self) -> bool:
        """Whether the contract's rate of work, and so its steps, are this line's."""
        return self.line.retainage_work is None and self.line.retainage_amount is None

    @property
    def opening(self) -> Decimal:
        """Withheld on work by the opening balance, as far as it counts: an amount of money replaces it."""
        return self.base.opening_withheld_work if self.line.retainage_amount is None else ZERO

    @property
    def most(self) -> Decimal:
        """What retainage on work is withheld from; an amount of money is withheld from stored materials too."""
        return self.base.work + (ZERO if self.line.retainage_amount is None else self.base.stored)


def terms_of_line(terms: RetainageTerms, line: SovLine) -> RetainageTerms:
    """The terms with a line's own rates, which go before the contract's."""
    return terms.with_rates(line.retainage_work, line.retainage_stored)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The terms of a contract, in its currency. `kept` is from `kept.kept_of_before`."""

    terms: RetainageTerms
    currency: str
    rounding: Rounding
    kept: Decimal = ZERO

    def _round(self, value: Decimal) -> Decimal:
        if self.terms.whole_units:
            return money.whole(value, self.currency, self.rounding)
        return money.rounded(value, self.currency, self.rounding)

    def _over(self, opening: Decimal, withheld: Decimal) -> Decimal:
        """What is withheld, rounded: an opening tranche stays as it is, unless it has cents where there are to be none."""
        if self._round(opening) != opening:
            return self._round(withheld)
        return opening + self._round(withheld - opening)

    def _rate_at(self, done: Decimal, value: Decimal) -> Decimal:
        """The rate that holds at this much work: a step counts past its percent, not at it."""
        if value < 0:
            return self._rate_at(-done, -value)
        rate = self.terms.work
        for step in self.terms.steps:
            if value and done > share(value, step.past):
                rate = step.rate
        return rate

    def _curve(self, done: Decimal, value: Decimal) -> Decimal:
        """Retainage on so much work, each part of it at the rate of its tranche."""
        if value < 0:
            return -self._curve(-done, -value)
        if done < 0:
            return share(done, self.terms.work)
        found, start, rate = ZERO, ZERO, self.terms.work
        for step in self.terms.steps:
            end = share(value, step.past)
            found += share(min(done, end) - min(done, start), rate)
            start, rate = end, step.rate
        return found + share(done - min(done, start), rate)

    def _tranche_bounds(self, rows: Sequence[Row], figure: Decimal) -> list[Bounds]:
        """The bounds of every line, rounded up instead of to the nearest unit where else the figure is not reached."""
        bounds = [self._tranche_bound(row, self._round) for row in rows]
        if added(low for low, _ in bounds) <= figure <= added(high for _, high in bounds):
            return bounds
        return [self._tranche_bound(row, self._up) for row in rows]

    def _tranche_bound(self, row: Row, rounded: Callable[[Decimal], Decimal]) -> Bounds:
        """Between what was released (or withheld at the opening) and the highest rate on all its work."""
        highest = max(self.terms.work, *(step.rate for step in self.terms.steps))
        most = row.base.opening_withheld_work + share(row.base.work - row.base.opening_work, highest)
        top = self._within(rounded(row.up(most)), row.up(most), row.up(row.base.work))
        stored = self._borne(row, self._round(row.stored), row.stored, row.base.stored)
        unreleased = row.up(row.prior.released - stored)
        return bounds_of(
            row,
            max(unreleased, kept_of_opening(row)),
            top,
        )

    @property
    def _coarse(self) -> bool:
        """Whether rounding may make more of an amount than there is: in whole units, where the currency has decimals."""
        return self._unit > money.unit(self.currency)

    def _borne(self, row: Row, rounded: Decimal, exact: Decimal, base: Decimal) -> Decimal:
        """As `_within`, in the sign of the line."""
        return row.up(self._within(row.up(rounded), row.up(exact), row.up(base)))

    def _within(self, rounded: Decimal, exact: Decimal, base: Decimal) -> Decimal:
        """What is rounded, but down to whole units where up would be more than what it is withheld from."""
        return self._limit(exact) if self._coarse and rounded > base else rounded

    def _limit(self, value: Decimal) -> Decimal:
        """The most there is: rounded down to whole units, or to the nearest unit of the currency."""
        near = self._round(value)
        return near - self._unit if self.terms.whole_units and near > value else near

    def _up(self, value: Decimal) -> Decimal:
        near = self._round(value)
        return near if near >= value else near + self._unit

    @property
    def _unit(self) -> Decimal:
        return Decimal(1) if self.terms.whole_units else money.unit(self.currency)

    def cap(self, lines: Sequence[SovLine]) -> Decimal:
        """The most that is ever withheld on the contract, in whole units rounded down."""
        if self.terms.cap_amount is not None:
            return self._limit(self.terms.cap_amount)
        original = self.terms.cap_of is CapOf.ORIGINAL
        counted = (
            line.before_changes if original else line.scheduled_value
            for line in lines
            if not (original and line.change_order)
        )
        return max(self._limit(share(added(counted), self.terms.cap_percent or ZERO)), ZERO)


def work_of(rows: Sequence[Row]) -> Decimal:
    """Work to date on all lines."""
    return added(row.base.work for row in rows)


def value_of(rows: Sequence[Row]) -> Decimal:
    """Scheduled value of all lines."""
    return added(row.line.scheduled_value for row in rows)


def share(base: Decimal, percent: Decimal) -> Decimal:
    """So many percent, not rounded."""
    return money.ratio(base * percent, HUNDRED)


def kept_of_opening(row: Row) -> Decimal:
    """What the opening tranche withheld on work, counted upwards, unless work was taken back out of it."""
    whole = row.up(row.base.work) >= row.up(row.base.opening_work)
    return row.up(row.opening) if whole else ZERO


def bounds_of(row: Row, floor: Decimal, ceiling: Decimal) -> Bounds:
    """Bounds in the sign of the line, from what is counted upwards."""
    top = max(floor, ceiling)
    return (-top, -floor) if row.deducts else (floor, top)
