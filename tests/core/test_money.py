from __future__ import annotations

from decimal import Decimal
from typing import Any

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


@pytest.mark.parametrize(
    ("value", "currency", "mode", "expected"),
    [
        ("0", "USD", Rounding.HALF_UP, "0.00"),
        ("-0.004", "USD", Rounding.HALF_UP, "0.00"),
        ("0.005", "USD", Rounding.HALF_UP, "0.01"),
        ("-0.005", "USD", Rounding.HALF_UP, "-0.01"),
        ("0.005", "USD", Rounding.HALF_EVEN, "0.00"),
        ("0.015", "USD", Rounding.HALF_EVEN, "0.02"),
        ("0.0049999", "USD", Rounding.HALF_UP, "0.00"),
        ("12.5", "JPY", Rounding.HALF_UP, "13"),
        ("12.5", "JPY", Rounding.HALF_EVEN, "12"),
        ("0.0005", "KWD", Rounding.HALF_UP, "0.001"),
        ("1", "KWD", Rounding.HALF_UP, "1.000"),
        ("1", "XXX", Rounding.HALF_UP, "1.00"),
        (
            "1000000000000000000000000000000.005",
            "USD",
            Rounding.HALF_UP,
            "1000000000000000000000000000000.01",
        ),
    ],
)
def test_half_a_minor_unit(value: str, currency: str, mode: Rounding, expected: str) -> None:
    """Half a minor unit goes away from zero or to even, at the currency's decimals, and no zero has a sign."""
    assert str(money.rounded(Decimal(value), currency, mode)) == expected


@pytest.mark.parametrize(
    ("value", "currency", "mode", "expected"),
    [
        ("12.50", "USD", Rounding.HALF_UP, "13.00"),
        ("12.49", "USD", Rounding.HALF_UP, "12.00"),
        ("-12.50", "USD", Rounding.HALF_UP, "-13.00"),
        ("12.50", "USD", Rounding.HALF_EVEN, "12.00"),
        ("13.50", "USD", Rounding.HALF_EVEN, "14.00"),
        ("-0.49", "USD", Rounding.HALF_UP, "0.00"),
        ("12.500", "KWD", Rounding.HALF_UP, "13.000"),
        ("1234", "JPY", Rounding.HALF_UP, "1234"),
        ("1000000000000000000000000000000.5", "USD", Rounding.HALF_UP, "1000000000000000000000000000001.00"),
    ],
)
def test_whole_units_of_a_currency(value: str, currency: str, mode: Rounding, expected: str) -> None:
    """A half unit rounds as the project says, and the result is written with the currency's decimals."""
    assert str(money.whole(Decimal(value), currency, mode)) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("2.00005", 4, "2.0001"),
        ("1000000000000000000000000000000.005", 2, "1000000000000000000000000000000.01"),
        ("-2.00005", 4, "-2.0001"),
        ("-0.00001", 4, "0.0000"),
        ("2.5", 0, "3"),
        ("7", 2, "7.00"),
    ],
)
def test_places_of_a_quantity(value: str, places: int, expected: str) -> None:
    """A quantity or price has the decimals it is kept with; half goes away from zero, and no zero has a sign."""
    assert str(money.at_places(Decimal(value), places)) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "mode", "expected"),
    [
        ("3", "33.335", "USD", Rounding.HALF_UP, "100.01"),
        ("3", "33.335", "USD", Rounding.HALF_EVEN, "100.00"),
        ("2.5", "3", "JPY", Rounding.HALF_UP, "8"),
        # 28 digits, the usual precision, would make .005 of the .0049 and then a cent.
        ("1000000000000.07", "1000000000000.07", "USD", Rounding.HALF_UP, "1000000000000140000000000.00"),
    ],
)
def test_a_quantity_at_a_price(
    quantity: str, price: str, currency: str, mode: Rounding, expected: str
) -> None:
    """A quantity at a unit price is rounded once, as the project says, however many digits both have."""
    assert str(money.times(Decimal(quantity), Decimal(price), currency, mode)) == expected


@pytest.mark.parametrize(
    ("base", "percent", "currency", "expected"),
    [
        ("0.05", "10", "USD", "0.01"),
        ("-0.05", "10", "USD", "-0.01"),
        ("0.04", "10", "USD", "0.00"),
        ("1234", "0.5", "JPY", "6"),
        ("1000000000000.07", "100000000000007", "USD", "1000000000000140000000000.00"),
    ],
)
def test_percent_of_an_amount(base: str, percent: str, currency: str, expected: str) -> None:
    """A percentage of an amount is rounded once, half away from zero, however many digits both have."""
    assert str(money.percent_of(Decimal(base), Decimal(percent), currency)) == expected


def test_a_ratio_is_not_rounded_to_a_currency() -> None:
    """A third has fifty digits; a part of nothing is nothing, with or without a part."""
    assert money.ratio(Decimal(1), Decimal(3)) == Decimal("0." + "3" * 50)
    assert money.ratio(Decimal(1), Decimal(0)) == money.ratio(Decimal(0), Decimal(0)) == 0
    assert money.ratio(Decimal(0), Decimal(1)) == 0
    assert money.ratio(Decimal(5), Decimal(1)) == 5


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("0", "0", "0.00"),
        ("5", "0", "0.00"),
        ("1", "1", "100.00"),
        ("0.5", "1", "50.00"),
        ("-0.01", "10000.00", "0.00"),
        ("-9999.99", "-10000.00", "99.99"),
        ("-15000.00", "10000.00", "-150.00"),
        ("2", "3", "66.66"),
        ("9999999999999999999999999999999999.99", "10000000000000000000000000000000000.00", "99.99"),
    ],
)
def test_shown_percentages_are_truncated(part: str, whole: str, expected: str) -> None:
    """A shown percentage has two decimals, never more than there is, and none of nothing."""
    assert str(money.percent_shown(Decimal(part), Decimal(whole))) == expected


@pytest.mark.parametrize(
    ("percent", "ppm"), [("0", 0), ("10", 100_000), ("0.0001", 1), ("100", 1_000_000), ("-2.5", -25_000)]
)
def test_rates_in_parts_per_million(percent: str, ppm: int) -> None:
    """A rate has one number in the database and one text, without zeros that say nothing."""
    assert money.to_ppm(Decimal(percent)) == ppm
    assert str(money.from_ppm(ppm)) == percent


@pytest.mark.parametrize(
    ("value", "currency", "plain", "shown", "minor"),
    [
        ("0", "USD", "0.00", "0.00", 0),
        ("1234567.5", "USD", "1234567.50", "1,234,567.50", 123456750),
        ("-1234.56", "USD", "-1234.56", "-1,234.56", -123456),
        ("1234567", "JPY", "1234567", "1,234,567", 1234567),
        ("1234.567", "KWD", "1234.567", "1,234.567", 1234567),
    ],
)
def test_amounts_as_text_and_as_minor_units(
    value: str, currency: str, plain: str, shown: str, minor: int
) -> None:
    """Machines and people read an amount at its currency's decimals; the database has its minor units."""
    made = Decimal(value)
    assert [money.plain(made, currency), money.shown(made, currency)] == [plain, shown]
    assert money.to_minor(made, currency) == minor
    assert str(money.from_minor(minor, currency)) == plain


@pytest.mark.parametrize(("currency", "nothing", "sums"), [("USD", "0.00", "0.30"), ("JPY", "0", "0.3")])
def test_sums(currency: str, nothing: str, sums: str) -> None:
    """Nothing has the currency's decimals, and so has the sum of no amounts; an exact sum is not rounded."""
    tenths = [Decimal("0.1"), Decimal("0.2")]
    assert [str(money.zero(currency)), str(money.total([], currency))] == [nothing, nothing]
    assert str(money.total(tenths, currency)) == sums
    assert money.added(Decimal(part) for part in ("0.001", "-0.0005")) == Decimal("0.0005")
    assert isinstance(money.added([]), Decimal)


@pytest.mark.parametrize(
    ("value", "wording"),
    [
        ("1.005", "1.005 has more than 2 decimals"),
        (Decimal("NaN"), "Decimal('NaN') is not a usable number"),
        ("10000000000000.01", "'10000000000000.01' is not a usable number"),
        ("-10000000000000.01", "'-10000000000000.01' is not a usable number"),
        ("ten", "'ten' is not a number"),
        (True, "True is not an exact number"),
        (0.5, "0.5 is not an exact number"),
    ],
)
def test_a_refused_amount_is_named(value: Any, wording: str) -> None:
    """Who gives what is no amount is told what it was and what is wrong with it."""
    with pytest.raises(MoneyError) as told:
        money.amount(value, "USD")
    assert str(told.value) == wording
    with pytest.raises(MoneyError, match=r"^1\.5 has more than 0 decimals"):
        money.amount("1.5", "JPY")


def test_the_largest_amount() -> None:
    """Ten to the thirteenth is still an amount."""
    assert money.amount("10000000000000", "USD") == money.LARGEST


def test_a_rate_past_four_decimals_is_refused() -> None:
    """A hundred-thousandth of a percent has no place in the database."""
    with pytest.raises(MoneyError) as told:
        money.to_ppm(Decimal("0.00005"))
    assert str(told.value) == "0.00005 % has more than four decimals"
