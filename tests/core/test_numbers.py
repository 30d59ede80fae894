from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.numbers import Trouble, read_number, read_percent, shown_amount
from batch.core.returned import CellKind
from tests.core.builders import a_cell, words

READABLE = [
    ("1234.5", "1234.50"),
    ("1,234.50", "1234.50"),
    ("1,234", "1234.00"),
    ("1,234,567.8", "1234567.80"),
    ("$1,234.50", "1234.50"),
    ("$ 1.234,50", "1234.50"),
    ("1.234,50", "1234.50"),
    ("1.234.567", "1234567.00"),
    ("US$ 12", "12.00"),
    ("USD 12.00", "12.00"),
    ("12.00 usd", "12.00"),
    ("1 234.50", "1234.50"),
    ("1\u00a0234.50", "1234.50"),
    ("1\u202f234", "1234.00"),
    ("1'234.50", "1234.50"),
    ("(500)", "-500.00"),
    ("($ 500.00)", "-500.00"),
    ("500-", "-500.00"),
    ("-$500", "-500.00"),
    ("$-500", "-500.00"),
    ("\u2212500", "-500.00"),
    ("+500", "500.00"),
    (".5", "0.50"),
    ("12.", "12.00"),
    ("12.3000", "12.30"),
    ("0.00", "0.00"),
    ("  7 ", "7.00"),
    ("１２", "12.00"),
]
UNREADABLE = [
    ("-", "ambiguous-number"),
    ("–", "ambiguous-number"),
    ("1.234", "ambiguous-number"),
    ("12,50", "ambiguous-number"),
    ("1,23", "ambiguous-number"),
    ("1,2,3", "ambiguous-number"),
    ("1,23.50", "ambiguous-number"),
    ("1 234,50", "ambiguous-number"),
    ("45%", "ambiguous-number"),
    ("£500", "ambiguous-number"),
    ("EUR 500", "ambiguous-number"),
    ("A$ 500", "ambiguous-number"),
    ("1234.567", "too-many-decimals"),
    ("0.125", "too-many-decimals"),
    ("1,234.567", "too-many-decimals"),
    ("abc", "not-a-number"),
    ("TBD", "not-a-number"),
    ("n/a", "not-a-number"),
    ("see line 4", "not-a-number"),
    ("4 lots", "not-a-number"),
    ("1 2", "not-a-number"),
    ("--5", "not-a-number"),
    ("(-5)", "not-a-number"),
    ("1e5", "not-a-number"),
    ("²", "not-a-number"),
    ("100²", "not-a-number"),
    ("٣", "not-a-number"),
    ("1_000", "not-a-number"),
    ("99999999999999999", "not-a-number"),
    ("99,999,999,999,999,999.00", "not-a-number"),
    ("", "not-a-number"),
]


@pytest.mark.parametrize(("text", "expected"), READABLE)
def test_text_that_reads_in_one_way_is_an_amount(text: str, expected: str) -> None:
    """What people type for an amount of dollars is taken when it reads in one way only."""
    made = read_number(words(text), "USD")
    assert isinstance(made, Decimal)
    assert money.plain(made, "USD") == expected


@pytest.mark.parametrize(("text", "code"), UNREADABLE)
def test_text_that_is_no_number_or_two_is_asked_about(text: str, code: str) -> None:
    """What is no number, or two of them, is trouble with the code that says which."""
    assert read_number(words(text), "USD") == Trouble(code=code)


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("£1,234.50", "GBP", "1234.50"),
        ("A$500", "AUD", "500.00"),
        ("€ 500", "EUR", "500.00"),
        ("¥1,234", "JPY", "1234"),
        ("1.234", "KWD", "1.234"),
        ("1,234.567", "KWD", "1234.567"),
    ],
)
def test_other_currencies(text: str, currency: str, expected: str) -> None:
    """Signs and decimals are those of the commitment's currency."""
    made = read_number(words(text), currency)
    assert isinstance(made, Decimal)
    assert money.plain(made, currency) == expected


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("1,234", "KWD", "ambiguous-number"),
        ("1.5", "JPY", "too-many-decimals"),
        ("1.234", "JPY", "ambiguous-number"),
    ],
)
def test_other_currencies_are_asked_about_by_their_own_decimals(text: str, currency: str, code: str) -> None:
    """A separator that may be the decimal one in this currency is asked about."""
    assert read_number(words(text), currency) == Trouble(code=code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.5600000000001", "1234.56"),
        ("0.30000000000000004", "0.30"),
        ("1E3", "1000.00"),
        ("1.1368683772161603E-13", "0.00"),
        ("-3300", "-3300.00"),
    ],
)
def test_noise_of_a_double_is_cleaned(text: str, expected: str) -> None:
    """The exact text a file stores for a double gives the amount the program showed."""
    made = read_number(a_cell(text), "USD")
    assert isinstance(made, Decimal)
    assert money.plain(made, "USD") == expected


@given(minor=st.integers(min_value=-(10**12), max_value=10**12))
def test_every_amount_survives_a_spreadsheet(minor: int) -> None:
    """An amount that was stored as a double, and one typed as it is shown, read back as themselves."""
    value = money.from_minor(minor, "USD")
    assert read_number(a_cell(repr(float(value))), "USD") == value
    assert read_number(words(money.shown(value, "USD")), "USD") == value


@given(text=st.one_of(st.text(max_size=12), st.text("0123456789,.' -()$%USD", max_size=24)))
def test_no_text_raises(text: str) -> None:
    """Whatever stands in a cell becomes an amount or trouble."""
    assert isinstance(read_number(words(text), "USD"), Decimal | Trouble)
    assert isinstance(read_percent(words(text)), Decimal | Trouble)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CellKind.ERROR, "cell-error"),
        (CellKind.UNCALCULATED, "formula-uncalculated"),
        (CellKind.BOOLEAN, "not-a-number"),
        (CellKind.BLANK, "not-a-number"),
    ],
)
def test_cells_without_a_number(kind: CellKind, code: str) -> None:
    """An error, a formula without a result and a true or false are told apart."""
    assert read_number(a_cell("x", kind=kind), "USD") == Trouble(code=code)
    assert read_percent(a_cell("x", kind=kind)) == Trouble(code=code)


def test_numbers_with_too_many_decimals() -> None:
    """A third of an amount, left unrounded, is asked about, and so is one that no contract reaches."""
    assert read_number(a_cell("3333.33333333333"), "USD") == Trouble(code="too-many-decimals")
    assert read_number(a_cell("1E300"), "USD") == Trouble(code="not-a-number")
    assert read_number(a_cell("0.45", shown_as_percent=True), "USD") == Trouble(code="ambiguous-number")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (a_cell("45"), "45"),
        (a_cell("0.45", shown_as_percent=True), "45"),
        (a_cell("1", shown_as_percent=True), "100"),
        (a_cell("0.33333333333333331", shown_as_percent=True), "33.3333333333333"),
        (a_cell("33.333"), "33.333"),
        (a_cell("0"), "0"),
        (words("45%"), "45"),
        (words("45 %"), "45"),
        (words("45.5"), "45.5"),
        (words("33.333%"), "33.333"),
        (words("0.45%"), "0.45"),
        (words("1%"), "1"),
        (words("(5)%"), "-5"),
    ],
)
def test_percentages(cell: object, expected: str) -> None:
    """45, 45% and 0.45 shown as a percentage are the same."""
    assert read_percent(cell) == Decimal(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [a_cell("0.45"), words("0.45"), a_cell("1"), words("1"), a_cell("-0.2")])
def test_bare_fractions_are_asked_about(cell: object) -> None:
    """A bare 0.45 may be 45 per cent or less than one, a bare 1 one per cent or all of it."""
    assert read_percent(cell) == Trouble(code="ambiguous-number")  # type: ignore[arg-type]


def test_shown_amounts_are_rounded_and_never_trouble() -> None:
    """A calculated cell gives its amount rounded, or nothing."""
    assert shown_amount(a_cell("12.3456"), "USD") == Decimal("12.35")
    assert shown_amount(words("1,234.50"), "USD") == Decimal("1234.50")
    assert shown_amount(a_cell("1E99"), "USD") is None
    assert shown_amount(a_cell("#REF!", kind=CellKind.ERROR), "USD") is None
    assert shown_amount(None, "USD") is None
