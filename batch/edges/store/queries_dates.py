"""Reads of payment terms and of the dates that were fixed by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from batch.core.payment_terms import DayCount, PaymentDates, PaymentTerms, read_days
from batch.edges.store import tables as t

_NAMES = tuple(field.name for field in fields(PaymentDates))


def terms_of(conn: Connection, commitment_id: int) -> tuple[PaymentTerms, str] | None:
    """The payment terms of a commitment, else of its project, with their calendar of holidays; None where there are none."""
    query = (
        select(t.commitment.c.payment_terms_id, t.project.c.payment_terms_id.label("of_project"))
        .join(t.project, t.project.c.id == t.commitment.c.project_id)
        .where(t.commitment.c.id == commitment_id)
    )
    row = conn.execute(query).one()
    return terms(conn, row.payment_terms_id or row.of_project)


def terms(conn: Connection, terms_id: int | None) -> tuple[PaymentTerms, str] | None:
    """Payment terms by id, with their calendar of holidays."""
    if terms_id is None:
        return None
    row = conn.execute(select(t.payment_terms).where(t.payment_terms.c.id == terms_id)).mappings().one()
    days = {name: _days(row[name]) for name in ("due", "notice", "final", "pay_less")}
    return PaymentTerms(code=row["code"], counted_from=row["counted_from"], **days), row["holidays"]


def _days(text: str) -> DayCount | None:
    return read_days(text) if text else None


def row_of(conn: Connection, commitment_id: int, number: int | None) -> RowMapping | None:
    """The row with the dates of an application's payment, or None."""
    d = t.payment_date.c
    query = select(t.payment_date).where(d.commitment_id == commitment_id, d.number == number)
    return None if number is None else conn.execute(query).mappings().one_or_none()


def dates_of(conn: Connection, commitment_id: int, number: int | None) -> PaymentDates | None:
    """The dates of an application's payment, as far as they are fixed."""
    row = row_of(conn, commitment_id, number)
    return None if row is None else from_json(row["dates"])


def from_json(found: Mapping[str, str]) -> PaymentDates:
    """Dates from their row's mapping. Raises KeyError for one without the day that is counted from."""
    days = {name: date.fromisoformat(found[name]) for name in _NAMES if name in found}
    return PaymentDates(counted_on=days.pop("counted_on"), **days)


def to_json(dates: PaymentDates) -> dict[str, str]:
    """Dates as a row's mapping; those that there are not are left out."""
    found = {name: getattr(dates, name) for name in _NAMES}
    return {name: day.isoformat() for name, day in found.items() if day is not None}
