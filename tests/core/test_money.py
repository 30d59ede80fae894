from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.money import MoneyError, Rounding

CURRENCIES = st.sampled_from(["USD", "GBP", "AUD", "JPY", "KWD"])
MINOR = st.integers(min_value=-(10**12), max_value=10**12)


@given(minor=MINOR, currency=CURRENCIES)
def test_minor_units_round_trip(minor: int, currency: str) -> None:
    """An amount of so many minor units has that many minor units, in every currency."""
    assert money.to_minor(money.from_minor(minor, currency), currency) == minor


@given(minor=MINOR, currency=CURRENCIES)
def test_text_round_trip(minor: int, currency: str) -> None:
    """Plain text of an amount reads back as the same amount, at the currency's own decimals."""
    value = money.from_minor(minor, currency)
    text = money.plain(value, currency)
    assert money.amount(text, currency) == value
    assert len(text.partition(".")[2]) == money.decimals(currency)


@given(ppm=st.integers(min_value=0, max_value=1_000_000))
def test_rates_round_trip(ppm: int) -> None:
    """A rate in parts per million is the same after it was a percentage."""
    assert money.to_ppm(money.from_ppm(ppm)) == ppm


@given(minor=MINOR, percent=st.integers(min_value=0, max_value=1_000_000), currency=CURRENCIES)
def test_rounding_is_symmetric_and_within_half_a_unit(minor: int, percent: int, currency: str) -> None:
    """A negative amount rounds like its positive twin, and no result is more than half a unit off."""
    value, rate = money.from_minor(minor, currency), money.from_ppm(percent)
    made = money.percent_of(value, rate, currency)
    assert money.percent_of(-value, rate, currency) == -made
    assert abs(made - value * rate / 100) <= money.unit(currency) / 2


@pytest.mark.parametrize(
    ("value", "percent", "currency", "mode", "expected"),
    [
        ("1991.25", "10", "USD", Rounding.HALF_UP, "199.13"),
        ("1991.25", "10", "USD", Rounding.HALF_EVEN, "199.12"),
        ("1874664.70", "5", "USD", Rounding.HALF_UP, "93733.24"),
        ("1874664.70", "5", "USD", Rounding.HALF_EVEN, "93733.24"),
        ("123457", "33", "JPY", Rounding.HALF_UP, "40741"),
    ],
)
def test_published_roundings(value: str, percent: str, currency: str, mode: Rounding, expected: str) -> None:
    """S09 and S47: half a cent rounds as the project says, and yen round to whole yen."""
    made = money.percent_of(Decimal(value), Decimal(percent), currency, mode)
    assert money.plain(made, currency) == expected


def test_almost_all_is_not_shown_as_all() -> None:
    """S53: 9,999.99 of 10,000.00 shows as 99.99 per cent."""
    assert money.percent_shown(Decimal("9999.99"), Decimal("10000.00")) == Decimal("99.99")


@pytest.mark.parametrize("value", ["", "abc", "NaN", "Infinity", "1e20", True, 0.5])
def test_what_is_no_exact_number_is_refused(value: str) -> None:
    """Text, not-a-number, floats and booleans never become an amount."""
    with pytest.raises(MoneyError):
        money.number(value)


def test_a_fraction_of_a_cent_is_refused() -> None:
    """An amount has no more decimals than its currency."""
    with pytest.raises(MoneyError):
        money.amount("1.005", "USD")
