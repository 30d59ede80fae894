"""Commitments in a foreign currency: the rate that an approval fixes, what it gives, and proof of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from batch.core.exchange import (
    Carried,
    Exchanged,
    Fixing,
    Moved,
    convert,
    converted,
    from_scaled,
    rate_text,
    to_scaled,
)
from batch.core.model import Bill
from batch.core.money import Rounding, from_minor, plain, to_minor
from batch.edges.store import queries_exchange, queries_ledger, queries_periods, queries_register, tables
from batch.edges.store.events import Actor, delete_rows_with_event, insert_rows_with_event, insert_with_event
from batch.edges.store.rows import Connection, RowMapping


def fixing_now(conn: Connection, project: RowMapping, currency: str, now: datetime) -> Fixing:
    """What an approval now would fix; the day is that of the project's own time zone."""
    day = now.astimezone(ZoneInfo(project["time_zone"])).date()
    return queries_exchange.fixing(conn, currency, project["currency"], day)


def save_exchange(
    conn: Connection,
    row: RowMapping,
    fixing: Fixing,
    computed: Bill,
    payable: Decimal,
    rounding: Rounding,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Fix the rate of an approval and write its amounts in the project's currency, after its ledger rows. Nothing to do
    where the commitment is in the project's currency.
    """
    if fixing.rate is None:
        return
    rate, currency = fixing.rate.rate, fixing.to_currency
    before = queries_exchange.carried(conn, row["commitment_id"], computed.currency)
    moved = queries_exchange.moved(conn, row["id"], computed.currency)
    lines = _converted(moved, before, rate, currency, rounding)
    due = computed.summary.current_payment_due
    values = {
        "application_id": row["id"],
        "from_currency": computed.currency,
        "currency": currency,
        "rate_e8": to_scaled(rate),
        "dated_on": fixing.rate.dated_on.isoformat(),
        "gross_minor": sum(to_minor(line.gross, currency) for line in lines.values()),
        "due_minor": to_minor(convert(due, rate, currency, rounding), currency),
        "payable_minor": to_minor(convert(payable, rate, currency, rounding), currency),
    }
    about: Any = {"chain": chain, "at": now, "actor": actor, "subject": ("application", row["id"])}
    insert_with_event(conn, tables.application_exchange, values, what="exchange-rate-fixed", **about)
    rows = [
        {
            "application_id": row["id"],
            "line_key": key,
            "currency": currency,
            "work_minor": to_minor(line.work, currency),
            "stored_minor": to_minor(line.stored, currency),
        }
        for key, line in lines.items()
    ]
    insert_rows_with_event(
        conn, tables.application_exchange_line, rows, what="application-lines-converted", **about
    )


def _converted(
    moved: Mapping[str, Moved],
    before: Mapping[str, Carried],
    rate: Decimal,
    currency: str,
    rounding: Rounding,
) -> dict[str, Moved]:
    return {
        key: converted(each, before.get(key, Carried()), rate, currency, rounding)
        for key, each in moved.items()
    }


def remove_exchange(conn: Connection, application_id: int, chain: str, actor: Actor, now: datetime) -> None:
    """Take the rate of an approval back when the application is opened again; the events keep it."""
    whole, lines = queries_exchange.row_ids(conn, application_id)
    for table, ids in ((tables.application_exchange, whole), (tables.application_exchange_line, lines)):
        delete_rows_with_event(
            conn,
            table,
            ids,
            chain=chain,
            at=now,
            what="exchange-rate-taken-back",
            actor=actor,
            subject=("application", application_id),
        )


def exchanged(
    conn: Connection, row: RowMapping, fixed: RowMapping
) -> dict[str, tuple[tuple[int, int], Exchanged]]:
    """What an approved application moved by line key, in minor units of its project's currency, and from what."""
    moved = queries_exchange.moved(conn, row["id"], row["currency"])
    return {
        key: (
            amounts,
            Exchanged(
                currency=row["currency"],
                gross=moved[key].gross,
                rate=from_scaled(fixed["rate_e8"]),
                dated_on=date.fromisoformat(fixed["dated_on"]),
            ),
        )
        for key, amounts in queries_exchange.converted_movement(conn, row["id"]).items()
    }


def exchange_facts(conn: Connection, application_id: int) -> dict[str, Any] | None:
    """The fixed rate of an application and its amounts in the project's currency for `show --json`, or None."""
    row = queries_exchange.exchange(conn, application_id)
    if row is None:
        return None
    currency = row["currency"]

    def text(minor: int) -> str:
        return plain(from_minor(minor, currency), currency)

    return {
        "from_currency": row["from_currency"],
        "currency": currency,
        "rate": rate_text(from_scaled(row["rate_e8"])),
        "dated_on": row["dated_on"],
        "gross_this_period": text(row["gross_minor"]),
        "current_payment_due": text(row["due_minor"]),
        "payable": text(row["payable_minor"]),
        "lines": [
            {"line": line["line_key"], "work": text(line["work_minor"]), "stored": text(line["stored_minor"])}
            for line in queries_exchange.lines(conn, application_id)
        ],
    }


def exchange_faults(
    conn: Connection, project: RowMapping, approved: Mapping[int, RowMapping]
) -> Iterator[str]:
    """What is wrong with the fixed exchanges of a project's approved applications, each worked out again from the
    ledger and its own rate; a sentence each. `approved`: the applications by id.
    """
    for commitment in queries_register.commitments(conn, project["id"]):
        before: dict[str, Carried] = {}
        for found in queries_exchange.in_order(conn, commitment["id"]):
            row = approved.get(found["application_id"])
            if row is None:
                yield f"application_exchange {found['id']}: its application is not approved"
                continue
            yield from _faults(conn, row, found, before)


def _faults(
    conn: Connection, row: RowMapping, found: RowMapping, before: dict[str, Carried]
) -> Iterator[str]:
    name, currency = f"{row['commitment_number']}/{row['number']}", found["currency"]
    rate = from_scaled(found["rate_e8"])
    rounding = queries_periods.basis(conn, row["invite_id"]).rounding
    moved = queries_exchange.moved(conn, row["id"], row["currency"])
    again = _converted(moved, before, rate, currency, rounding)
    stored = {
        key: Moved(work=from_minor(work, currency), stored=from_minor(kept, currency))
        for key, (work, kept) in queries_exchange.converted_movement(conn, row["id"]).items()
    }
    for key in sorted({*again, *stored}):
        if again.get(key) != stored.get(key):
            yield f"application_exchange_line of {name}: line {key} is not what its movement gives at {rate_text(rate)}"
    for key, each in moved.items():
        old, value = before.get(key, Carried()), stored.get(key, Moved()).stored
        before[key] = Carried(amount=old.amount + each.stored, value=old.value + value)
    summary = queries_ledger.summary(conn, row["id"], "approved", row["currency"])
    payable = queries_ledger.payable(conn, row["id"], "approved", row["currency"])
    if summary is None or payable is None:
        return  # said elsewhere
    expected = {
        "gross": sum((line.gross for line in stored.values()), from_minor(0, currency)),
        "due": convert(summary.current_payment_due, rate, currency, rounding),
        "payable": convert(payable, rate, currency, rounding),
    }
    for field, value in expected.items():
        if to_minor(value, currency) != found[f"{field}_minor"]:
            kept = plain(from_minor(found[f"{field}_minor"], currency), currency)
            yield f"application_exchange of {name}: {field} is {kept}, its lines and rate give {plain(value, currency)}"
