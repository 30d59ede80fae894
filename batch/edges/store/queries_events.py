"""Reads of the event chains."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, and_, or_, select

from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def about(conn: Connection, subjects: Sequence[tuple[str, int]]) -> Rows:
    """Every event about any of these things (table and id), in the order they happened."""
    e = t.event.c
    wanted = or_(*(and_(e.subject_type == kind, e.subject_id == key) for kind, key in subjects))
    return conn.execute(select(t.event).where(wanted).order_by(e.at, e.chain, e.seq)).mappings().all()


def actor_name(conn: Connection, row: RowMapping) -> str:
    """Who did it: an admin by name and address, else the kind of actor."""
    if row["actor_type"] != "admin" or row["actor_id"] is None:
        return str(row["actor_type"])
    found = conn.execute(
        select(t.admin.c.name, t.admin.c.address).where(t.admin.c.id == row["actor_id"])
    ).one_or_none()
    return f"{found[0]} ({found[1]})" if found is not None else f"admin {row['actor_id']}"


def head(conn: Connection, chain: str) -> tuple[int, str]:
    """The number and hash of the last event of a chain; (0, '') before the first.

    Kept elsewhere, it proves that no event was cut off at the end.
    """
    query = select(t.chain_head.c.seq, t.chain_head.c.hash).where(t.chain_head.c.chain == chain)
    row = conn.execute(query).one_or_none()
    return (int(row[0]), str(row[1])) if row is not None else (0, "")
