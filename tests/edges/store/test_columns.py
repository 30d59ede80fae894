"""Column types and amounts: what goes in comes out, and what is not exact is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from batch.core.money import MoneyError, decimals
from batch.edges.store import tables as t
from batch.edges.store.amounts import amount_columns, decoded, encoded, read_amounts
from batch.edges.store.columns import canonical_json, utc_text
from batch.edges.store.engine import Store
from tests.edges.store.builders import add

INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(one=INSTANTS, other=INSTANTS)
def test_the_text_of_instants_sorts_by_time(one: datetime, other: datetime) -> None:
    """Instants compare as their texts do, so that SQL can compare them; each text gives its instant back."""
    assert (utc_text(one) < utc_text(other)) == (one < other)
    assert datetime.fromisoformat(utc_text(one)) == one


def test_instants_are_stored_in_utc() -> None:
    """An instant of another zone has the text of the same moment in UTC."""
    there = datetime(2024, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=-6)))
    assert utc_text(there) == "2024-03-01T15:00:00.000000Z"
    with pytest.raises(TypeError, match="no time zone"):
        utc_text(there.replace(tzinfo=None))


@given(
    minor=st.integers(min_value=-(10**13), max_value=10**13), currency=st.sampled_from(["USD", "JPY", "KWD"])
)
def test_amounts_come_back_as_they_were(minor: int, currency: str) -> None:
    """Any amount in a currency with 0, 2 or 3 decimals is the same after going to the database and back."""
    amount = Decimal(minor).scaleb(-decimals(currency))
    stored = amount_columns({"work": amount, "release": None}, currency)
    assert stored == {"work_minor": minor, "release_minor": None}
    assert read_amounts(stored, currency) == {"work": amount, "release": None}


@given(ppm=st.integers(min_value=0, max_value=10**6))
def test_rates_come_back_as_they_were(ppm: int) -> None:
    """Any rate with four decimals of a per cent is the same after going to the database and back."""
    row = {"retainage_work_ppm": ppm, "title": "x"}
    assert encoded(decoded(row, None), frozenset(row), None) == row


def test_a_fraction_of_a_minor_unit_is_refused() -> None:
    """Nothing is rounded on the way to the database."""
    with pytest.raises(MoneyError):
        amount_columns({"work": Decimal("0.5")}, "JPY")


@pytest.mark.parametrize("value", [1.5, Decimal(1), "1", True])
def test_an_amount_column_takes_whole_numbers_only(filled: Store, value: Any) -> None:
    """A float, a Decimal or a text in a column of minor units is a wrong unit, and refused."""
    with pytest.raises(StatementError), filled.write() as conn:
        add(conn, t.upstream_line, {"upstream_id": 1, "line_key": "x", "work_minor": value})


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (t.vendor, {"number": None}),
        (t.commitment, {"number": "new", "status": "signed"}),
        (t.sov_line, {"line_key": "new", "commitment_id": 99}),
    ],
)
def test_the_database_refuses_what_is_no_value(filled: Store, table: Any, values: dict[str, Any]) -> None:
    """A missing number, an unknown word or a reference to nothing is refused."""
    with filled.read() as conn:
        row = dict(conn.execute(select(table)).mappings().first() or {})
    del row["id"]
    with pytest.raises((IntegrityError, StatementError)), filled.write() as conn:
        add(conn, table, row | values)


def test_values_come_back_as_their_types(filled: Store) -> None:
    """Dates, instants, words, lists and yes-or-no come back as Python values."""
    with filled.read() as conn:
        project = conn.execute(select(t.project)).mappings().one()
        invite = conn.execute(select(t.invite)).mappings().one()
    assert project["first_start"] == date(2024, 1, 1)
    assert project["reminder_offsets"] == [-1, 1]
    assert project["hold_answers"] is False
    assert project["rounding"].name == "HALF_UP"
    assert invite["issued_at"] == datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


def test_the_same_value_has_one_text() -> None:
    """The order of keys makes no difference, and an accent stays as it is."""
    assert (
        canonical_json({"b": [1, None], "a": "é"})
        == canonical_json({"a": "é", "b": [1, None]})
        == '{"a":"é","b":[1,null]}'
    )
