"""Amounts and rates. The only place that rounds, and the only one that makes a `Decimal` from the outside world.

Amounts are `Decimal` in major units of a currency (123.45 dollars), always exactly at that currency's own number of
decimals. Rates are percent (10 means ten per cent). The database keeps integer minor units (12345 cents).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    InvalidOperation,
    localcontext,
)
from enum import StrEnum

ZERO = Decimal(0)
HUNDRED = Decimal(100)
PPM_PER_PERCENT = 10_000
#: ISO 4217 minor units that are not two.
DECIMALS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0, "KRW": 0, "KWD": 3,
    "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
#: Far above any contract; a larger figure is a typing error and would not fit the database's integers in some currencies.
LARGEST = Decimal(10) ** 13


class MoneyError(ValueError):
    """A value that is not an amount: not a number, not finite, too large, or with more decimals than its currency."""


class Rounding(StrEnum):
    """How a half minor unit is rounded. Half up means away from zero."""

    HALF_UP = "half up"
    HALF_EVEN = "half even"


#: Enough digits for any product of two figures, so that only the last step rounds.
_EXACT = Context(prec=50)
_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}


def decimals(currency: str) -> int:
    """Number of decimals of an ISO 4217 currency code."""
    return DECIMALS.get(currency, 2)


def number(value: str | int | Decimal) -> Decimal:
    """Make an exact number from text, an integer or a Decimal. Raises MoneyError for anything that is not finite."""
    if isinstance(value, bool | float):
        raise MoneyError(f"{value!r} is not an exact number")
    try:
        made = Decimal(value)
    except (InvalidOperation, ValueError, TypeError):
        raise MoneyError(f"{value!r} is not a number") from None
    if not made.is_finite() or abs(made) > LARGEST:
        raise MoneyError(f"{value!r} is not a usable number")
    return made


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-decimals(currency))


def rounded(value: Decimal, currency: str, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round a number to the currency's own precision; half away from zero unless the project says otherwise."""
    with localcontext(_EXACT):
        return value.quantize(unit(currency), rounding=_MODES[mode]) + ZERO


def whole(value: Decimal, currency: str, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """Round a number to whole units of a currency (12.50 USD is 13.00), at the currency's precision."""
    return rounded(value.to_integral_value(_MODES[mode]), currency)


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """A part by its whole, to 50 digits and not rounded to any currency; 0 when the whole is 0."""
    if whole == 0:
        return ZERO
    with localcontext(_EXACT):
        return part / whole


def amount(value: str | int | Decimal, currency: str) -> Decimal:
    """Make an amount that must already be exact in the currency. Raises MoneyError when it has a fraction of a minor unit."""
    made = number(value)
    exact = rounded(made, currency)
    if exact != made:
        raise MoneyError(f"{value} has more than {decimals(currency)} decimals")
    return exact


def zero(currency: str) -> Decimal:
    """Nothing, at the currency's precision."""
    return rounded(ZERO, currency)


def to_minor(value: Decimal, currency: str) -> int:
    """Integer minor units of an exact amount (12.34 USD is 1234). Raises MoneyError on a fraction of a minor unit."""
    return int(amount(value, currency).scaleb(decimals(currency)))


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount of so many minor units (1234 in USD is 12.34)."""
    return Decimal(minor).scaleb(-decimals(currency))


def to_ppm(percent: Decimal) -> int:
    """Parts per million of a percentage (10 is 100000). Raises MoneyError past four decimals of a percent."""
    scaled = percent * PPM_PER_PERCENT
    if scaled != scaled.to_integral_value():
        raise MoneyError(f"{percent} % has more than four decimals")
    return int(scaled)


def from_ppm(ppm: int) -> Decimal:
    """The percentage of so many parts per million (100000 is 10)."""
    return (Decimal(ppm) / PPM_PER_PERCENT).normalize() + ZERO


def percent_of(base: Decimal, percent: Decimal, currency: str, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """`percent` per cent of an amount, rounded once to the currency's precision."""
    with localcontext(_EXACT):
        return rounded(base * percent / HUNDRED, currency, mode)


def at_places(value: Decimal, places: int) -> Decimal:
    """A number at so many decimals, half away from zero: for a quantity or a unit price, never for an amount."""
    with localcontext(_EXACT):
        return value.quantize(Decimal(10) ** -places, rounding=ROUND_HALF_UP) + ZERO


def times(
    quantity: Decimal, unit_price: Decimal, currency: str, mode: Rounding = Rounding.HALF_UP
) -> Decimal:
    """A quantity at a unit price, rounded once to the currency's precision."""
    with localcontext(_EXACT):
        return rounded(quantity * unit_price, currency, mode)


def percent_shown(part: Decimal, whole: Decimal) -> Decimal:
    """A percentage for display, truncated to two decimals so that 100.00 means all of it; 0 when the whole is 0."""
    if whole == 0:
        return Decimal("0.00")
    with localcontext(_EXACT):
        return (part * HUNDRED / whole).quantize(Decimal("0.01"), rounding=ROUND_DOWN) + ZERO


def total(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """Sum of amounts at the currency's precision; 0 for none."""
    return sum(amounts, zero(currency))


def added(amounts: Iterable[Decimal]) -> Decimal:
    """Sum of exact numbers, not rounded to any currency; 0 for none."""
    return sum(amounts, ZERO)


def plain(value: Decimal, currency: str) -> str:
    """An amount as a machine reads it: `-1234.50`."""
    return f"{amount(value, currency):f}"


def shown(value: Decimal, currency: str) -> str:
    """An amount as a person reads it, without the currency: `-1,234.50`."""
    return f"{amount(value, currency):,f}"
