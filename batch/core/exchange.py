"""Exchange rates: which one an approval fixes, and what it makes of the amounts of a commitment in a foreign currency.

A rate says how many units of the project's currency one unit of the commitment's currency is. It is fixed when a pay
application is approved, and nothing that was converted is ever valued again: what stands to date in the project's
currency is the sum of what each application moved at its own rate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from batch.core.money import LARGEST, ZERO, Rounding, rounded, shown

#: Decimals of an exchange rate; central banks publish four to six, inverted ones need more.
RATE_DECIMALS = 8
#: Above any rate between two currencies in use; as a scaled integer it fits the database.
LARGEST_RATE = Decimal(10) ** 9


class RateError(ValueError):
    """Not a rate: not above zero, beyond every rate there is, or with more decimals than are kept."""


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """One unit of `from_currency` is `rate` units of `to_currency`, as of a calendar date."""

    from_currency: str
    to_currency: str
    dated_on: date
    rate: Decimal


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What an application moves on one line: work, and the change of stored materials. In one currency."""

    work: Decimal = ZERO
    stored: Decimal = ZERO

    @property
    def gross(self) -> Decimal:
        """Both together."""
        return self.work + self.stored


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Stored materials of a line so far: in the commitment's currency, and what they were converted to."""

    amount: Decimal = ZERO
    value: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Exchanged:
    """Where an amount in the project's currency comes from: `gross` in `currency`, at a rate of a date."""

    currency: str
    gross: Decimal
    rate: Decimal
    dated_on: date

    @property
    def text(self) -> str:
        """In words: `EUR 6,000.00 at 1.0835 of 2026-01-30`."""
        return f"{self.currency} {shown(self.gross, self.currency)} {self._at}"

    @property
    def source(self) -> str:
        """Currency, rate and date alone: `EUR at 1.0835 of 2026-01-30`."""
        return f"{self.currency} {self._at}"

    @property
    def _at(self) -> str:
        return f"at {rate_text(self.rate)} of {self.dated_on}"


@dataclass(frozen=True, kw_only=True)
class Fixing:
    """What an approval on a day would fix. `rate` is None where there is none, or where none is needed."""

    currency: str
    to_currency: str
    day: date
    rate: ExchangeRate | None = None

    @property
    def needed(self) -> bool:
        """Whether the commitment is in another currency than its project."""
        return self.currency != self.to_currency

    @property
    def missing(self) -> bool:
        """Whether nothing can be approved for want of a rate."""
        return self.needed and self.rate is None


def checked_rate(value: Decimal) -> Decimal:
    """A rate that can be kept exactly. Raises RateError with a sentence for people."""
    if value <= 0:
        raise RateError("a rate must be more than 0")
    if value > LARGEST_RATE:
        raise RateError("no currency has a rate as large as this")
    if value != round(value, RATE_DECIMALS):
        raise RateError(f"a rate has at most {RATE_DECIMALS} decimals")
    return value.normalize() + ZERO


def to_scaled(rate: Decimal) -> int:
    """The integer that the database keeps of a rate: 1.0835 is 108350000. Raises RateError."""
    return int(checked_rate(rate).scaleb(RATE_DECIMALS))


def from_scaled(scaled: int) -> Decimal:
    """The rate of so many hundred-millionths."""
    return Decimal(scaled).scaleb(-RATE_DECIMALS).normalize() + ZERO


def rate_text(rate: Decimal) -> str:
    """A rate as it was entered: `1.0835`."""
    return f"{rate.normalize():f}"


def newest(rates: Iterable[ExchangeRate], day: date) -> ExchangeRate | None:
    """The rate of the latest date that is not after `day`, or None."""
    return max((one for one in rates if one.dated_on <= day), key=lambda one: one.dated_on, default=None)


def convert(amount: Decimal, rate: Decimal, to_currency: str, mode: Rounding) -> Decimal:
    """An amount at a rate, rounded once to the other currency's own precision."""
    with localcontext() as context:
        context.prec = 50
        return rounded(amount * rate, to_currency, mode)


def too_large(amount: Decimal, rate: Decimal) -> bool:
    """Whether an amount, with as much again in tax, is beyond what is kept once it is converted: its rate is wrong."""
    return 2 * abs(amount) * rate > LARGEST


def converted(moved: Moved, carried: Carried, rate: Decimal, to_currency: str, mode: Rounding) -> Moved:
    """What one line's movement is in the project's currency.

    The gross is converted once, at this application's rate. Stored materials that go down leave at the value they came
    in with, so that nothing of them is left over once all are built in; work is the rest of the gross.
    """
    gross = convert(moved.gross, rate, to_currency, mode)
    stored = _stored(moved.stored, carried, rate, to_currency, mode)
    return Moved(work=gross - stored, stored=stored)


def _stored(change: Decimal, carried: Carried, rate: Decimal, to_currency: str, mode: Rounding) -> Decimal:
    if change * carried.amount >= 0:  # more of it, or the first
        return convert(change, rate, to_currency, mode)
    leaving = min(abs(change), abs(carried.amount)).copy_sign(change)
    with localcontext() as context:
        context.prec = 50
        at_cost = carried.value * abs(leaving) / abs(carried.amount)
        return rounded((change - leaving) * rate - at_cost, to_currency, mode)
