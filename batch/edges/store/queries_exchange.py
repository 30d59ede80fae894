"""Reads of exchange rates, and of what an approval fixed for a commitment in a foreign currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from batch.core.exchange import Carried, ExchangeRate, Fixing, Moved, from_scaled, newest
from batch.core.money import from_minor
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def rates(conn: Connection, from_currency: str, to_currency: str) -> list[ExchangeRate]:
    """Every rate of the register from one currency to another."""
    r = t.exchange_rate.c
    query = select(t.exchange_rate).where(r.from_currency == from_currency, r.to_currency == to_currency)
    return [
        ExchangeRate(
            from_currency=from_currency,
            to_currency=to_currency,
            dated_on=row["dated_on"],
            rate=from_scaled(row["rate_e8"]),
        )
        for row in conn.execute(query).mappings()
    ]


def fixing(conn: Connection, currency: str, to_currency: str, day: date) -> Fixing:
    """What an approval on a day (a calendar date of the project) would fix."""
    found = newest(rates(conn, currency, to_currency), day) if currency != to_currency else None
    return Fixing(currency=currency, to_currency=to_currency, day=day, rate=found)


def exchange(conn: Connection, application_id: int) -> RowMapping | None:
    """What the approval of an application fixed, or None: it is not approved, or in its project's currency."""
    query = select(t.application_exchange).where(t.application_exchange.c.application_id == application_id)
    return conn.execute(query).mappings().one_or_none()


def lines(conn: Connection, application_id: int) -> Rows:
    """What each line of an application moved, in the project's currency."""
    line = t.application_exchange_line.c
    query = select(t.application_exchange_line).where(line.application_id == application_id)
    return conn.execute(query.order_by(line.id)).mappings().all()


def converted_movement(conn: Connection, application_id: int) -> dict[str, tuple[int, int]]:
    """Work and stored movement of an application by line key, in minor units of its project's currency."""
    return {row["line_key"]: (row["work_minor"], row["stored_minor"]) for row in lines(conn, application_id)}


def in_order(conn: Connection, commitment_id: int) -> Rows:
    """The fixed exchanges of a commitment, in the order in which its applications were approved."""
    query = (
        select(t.application_exchange)
        .join(t.application, t.application.c.id == t.application_exchange.c.application_id)
        .where(t.application.c.commitment_id == commitment_id)
        .order_by(t.application_exchange.c.id)
    )
    return conn.execute(query).mappings().all()


def moved(conn: Connection, application_id: int, currency: str) -> dict[str, Moved]:
    """What an application moves by line, in its commitment's currency, as the ledger has it after any correction."""
    ledger = t.line_ledger.c
    query = select(t.line_ledger).where(ledger.application_id == application_id).order_by(ledger.id)
    found: dict[str, Moved] = {}
    for row in conn.execute(query).mappings():
        before = found.get(row["line_key"], Moved())
        found[row["line_key"]] = Moved(
            work=before.work + from_minor(row["work_minor"], currency),
            stored=before.stored + from_minor(row["stored_minor"], currency),
        )
    return found


def carried(conn: Connection, commitment_id: int, currency: str) -> dict[str, Carried]:
    """Stored materials of a commitment by line, with what they were converted to when they came in."""
    found: dict[str, Carried] = {}
    for row in in_order(conn, commitment_id):
        values = converted_movement(conn, row["application_id"])
        for key, each in moved(conn, row["application_id"], currency).items():
            before = found.get(key, Carried())
            value = from_minor(values.get(key, (0, 0))[1], row["currency"])
            found[key] = Carried(amount=before.amount + each.stored, value=before.value + value)
    return found


def row_ids(conn: Connection, application_id: int) -> tuple[list[int], list[int]]:
    """The ids of an application's exchange and of its lines, to take them back."""
    whole = exchange(conn, application_id)
    return ([] if whole is None else [whole["id"]]), [row["id"] for row in lines(conn, application_id)]
