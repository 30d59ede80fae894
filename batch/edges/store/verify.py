"""Proof that nothing was changed by hand: the chains hold, and each amount is what its last event says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, Text, select, type_coerce

from batch.edges.store.chain import START, event_hash
from batch.edges.store.proof import facts, proof_columns, proven_tables
from batch.edges.store.tables import chain_head, event

Row = Mapping[Any, Any]
#: table name and row id -> what the last event says about the row; None when it was removed.
Said = dict[tuple[str, int], dict[str, Any] | None]


def verify_chain(conn: Connection) -> list[str]:
    """Faults of all chains, as sentences: a changed, missing or added event, or an end that does not fit."""
    ends: dict[str, tuple[int, str]] = {}
    faults = []
    for row in _events(conn):
        seq, prev = ends.get(row["chain"], (0, START))
        faults += _faults_of(row, seq, prev)
        ends[row["chain"]] = (row["seq"], row["hash"])
    return faults + _faults_of_heads(conn, ends)


def verify_amounts(conn: Connection) -> list[str]:
    """Differences between the tables with amounts and their last events, both ways, as sentences.

    Each names the table, the row's key and the column. `verify_chain` proves the events themselves.
    """
    said = _last_said(conn)
    faults = []
    for table in proven_tables():
        for row in conn.execute(select(*proof_columns(table)).order_by(table.c.id)).mappings():
            faults += _faults_of_row(table, facts(table, row), said)
    return faults + _faults_of_missing(said)


def _events(conn: Connection) -> Iterator[Row]:
    columns = [column for column in event.columns if column.name not in {"at", "id"}]
    stored_at = type_coerce(event.c.at, Text).label("at")
    rows = conn.execute(select(*columns, stored_at).order_by(event.c.chain, event.c.seq))
    yield from rows.mappings()


def _faults_of(row: Row, seq: int, prev: str) -> list[str]:
    where = f"event {row['seq']} of chain {row['chain']}"
    faults = []
    if row["seq"] != seq + 1:
        faults.append(f"{where}: {seq + 1} was expected; events are missing or were added")
    if row["prev"] != prev:
        faults.append(f"{where}: it does not follow the event before it")
    if row["hash"] != event_hash(row):
        faults.append(f"{where}: it was changed after it was written")
    return faults


def _faults_of_heads(conn: Connection, ends: Mapping[str, tuple[int, str]]) -> list[str]:
    heads = {row.chain: (row.seq, row.hash) for row in conn.execute(select(chain_head))}
    none = (0, START)
    return [
        f"chain {chain}: it ends with event {ends.get(chain, none)[0]}, which is not its recorded end"
        for chain in sorted({*heads, *ends})
        if heads.get(chain) != ends.get(chain, none)
    ]


def _last_said(conn: Connection) -> Said:
    said: Said = {}
    for text in conn.execute(select(event.c.body).order_by(event.c.id)).scalars():
        body = json.loads(text)
        for row in body.get("rows", ()):
            said[body["table"], row["id"]] = row
        for row_id in body.get("removed", ()):
            said[body["table"], row_id] = None
    return said


def _faults_of_row(table: Table, row: dict[str, Any], said: Said) -> list[str]:
    where = _where(table.name, row)
    if (table.name, row["id"]) not in said:
        return [f"{where}: the row is in the table, but no event has it"]
    last = said.pop((table.name, row["id"]))
    if last is None:
        return [f"{where}: the row is in the table, but an event says it was removed"]
    return [
        f"{where}: {name} is {_shown(stands)} in the table, {_shown(was)} in its last event"
        for name, stands, was in _compared(row, last)
        if stands != was
    ]


def _compared(row: dict[str, Any], last: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for part in ("key", "amounts"):
        now, then = row.get(part, {}), last.get(part, {})
        for name in sorted({*now, *then}):
            yield name, now.get(name), then.get(name)


def _faults_of_missing(said: Said) -> list[str]:
    tables = {table.name for table in proven_tables()}
    return [
        f"{_where(name, row)}: an event has the row, but it is not in the table"
        for (name, _row_id), row in sorted(said.items(), key=lambda item: item[0])
        if row is not None and name in tables
    ]


def _where(table: str, row: Mapping[str, Any]) -> str:
    key = ", ".join(f"{name} {value}" for name, value in row.get("key", {}).items())
    return f"{table} {row['id']}" + (f" ({key})" if key else "")


def _shown(value: Any) -> str:
    return "empty" if value is None else str(value)
