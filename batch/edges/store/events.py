"""Writing rows together with the event that proves them.

Each function writes rows and one event whose body holds what `proof.facts` says about them after the write.
So no row with an amount is written without its event. All want the connection of `store.write()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from batch.edges.store.chain import SYSTEM, Actor, NotWriting, Subject, project_chain, record
from batch.edges.store.proof import facts, proof_columns

__all__ = [
    "SYSTEM",
    "Actor",
    "NotWriting",
    "StaleRow",
    "Subject",
    "delete_rows_with_event",
    "insert_if_new_with_event",
    "insert_rows_with_event",
    "insert_with_event",
    "project_chain",
    "record",
    "update_rows_with_event",
    "update_with_event",
]

Values = Mapping[str, Any]
Row = Mapping[Any, Any]


class StaleRow(Exception):
    """The row is gone, or has changed since it was read: end the transaction and load again."""


def insert_with_event(
    conn: Connection,
    table: Table,
    values: Values,
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject | None = None,
    body: Values | None = None,
) -> int:
    """Inserts one row and its event; gives the id. The event is about the row unless `subject` names another.

    Raises sqlalchemy.exc.IntegrityError when a UNIQUE key is taken.
    """
    row = conn.execute(insert(table).values(values).returning(*proof_columns(table))).mappings().one()
    about = subject or (table.name, row["id"])
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=about, body=_body(table, [row], body))
    return int(row["id"])


def insert_if_new_with_event(
    conn: Connection,
    table: Table,
    values: Values,
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject | None = None,
    body: Values | None = None,
) -> int | None:
    """As `insert_with_event`, but gives None and writes nothing when a UNIQUE key is taken."""
    kind = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    unless_there = kind(table).values(values).on_conflict_do_nothing()
    row = conn.execute(unless_there.returning(*proof_columns(table))).mappings().one_or_none()
    if row is None:
        return None
    about = subject or (table.name, row["id"])
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=about, body=_body(table, [row], body))
    return int(row["id"])


def insert_rows_with_event(
    conn: Connection,
    table: Table,
    rows: Sequence[Values],
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject,
    body: Values | None = None,
) -> list[int]:
    """Inserts many rows with one event about `subject` (their parent); gives their ids in the same order.

    All rows must have the same columns. No rows: no event.
    """
    if not rows:
        return []
    returning = insert(table).returning(*proof_columns(table), sort_by_parameter_order=True)
    made = conn.execute(returning, [dict(row) for row in rows]).mappings().all()
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=subject, body=_body(table, made, body))
    return [int(row["id"]) for row in made]


def update_with_event(
    conn: Connection,
    table: Table,
    row_id: int,
    values: Values,
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    expect: Values | None = None,
    subject: Subject | None = None,
    body: Values | None = None,
) -> None:
    """Changes one row and writes its event. A `revision` column goes up by itself.

    `expect` are the values the row must still have, usually `state` and `revision`. Raises StaleRow when it
    has others.
    """
    row = _updated(conn, table, row_id, values, expect or {})
    about = subject or (table.name, row_id)
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=about, body=_body(table, [row], body))


def update_rows_with_event(
    conn: Connection,
    table: Table,
    changes: Mapping[int, Values],
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject,
    body: Values | None = None,
) -> None:
    """Changes rows (id -> values) with one event about `subject`. Raises StaleRow when one is gone."""
    if not changes:
        return
    rows = [_updated(conn, table, row_id, values, {}) for row_id, values in changes.items()]
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=subject, body=_body(table, rows, body))


def delete_rows_with_event(
    conn: Connection,
    table: Table,
    ids: Iterable[int],
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject,
) -> None:
    """Removes rows of something not issued, with one event. Raises StaleRow when one is gone."""
    wanted = sorted(ids)
    if not wanted:
        return
    gone = conn.execute(delete(table).where(table.c.id.in_(wanted)).returning(table.c.id)).scalars().all()
    if sorted(gone) != wanted:
        raise StaleRow(f"{table.name}: rows {sorted(set(wanted) - set(gone))} are not there")
    removed = {"table": table.name, "removed": wanted}
    record(conn, chain=chain, at=at, what=what, actor=actor, subject=subject, body=removed)


def _updated(conn: Connection, table: Table, row_id: int, values: Values, expect: Values) -> Row:
    conditions = [table.c.id == row_id, *(table.c[name] == value for name, value in expect.items())]
    change = update(table).where(*conditions).values(_with_revision(table, values))
    row = conn.execute(change.returning(*proof_columns(table))).mappings().one_or_none()
    if row is None:
        raise StaleRow(f"{table.name} {row_id} is gone or is no longer {dict(expect)}")
    return dict(row)


def _with_revision(table: Table, values: Values) -> dict[str, Any]:
    revised = {"revision": table.c.revision + 1} if "revision" in table.c else {}
    return {**revised, **values}


def _body(table: Table, rows: Sequence[Row], more: Values | None) -> dict[str, Any]:
    return {**(more or {}), "table": table.name, "rows": [facts(table, row) for row in rows]}
