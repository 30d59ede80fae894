"""Reads of review workbooks and of the files that admins put into their folders."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def sheets(conn: Connection, period_id: int, admin_id: int) -> Rows:
    """The review workbooks made for an admin in a period, in order."""
    s = t.review_sheet.c
    query = select(t.review_sheet).where(s.period_id == period_id, s.admin_id == admin_id).order_by(s.ordinal)
    return conn.execute(query).mappings().all()


def last_hold(conn: Connection, application_id: int) -> str:
    """The reason an application is held for, or '' when its last decision was another."""
    r = t.review.c
    query = (
        select(r.decision, r.reason).where(r.application_id == application_id).order_by(r.id.desc()).limit(1)
    )
    row = conn.execute(query).one_or_none()
    return str(row[1]) if row is not None and row[0] == "hold" else ""


def taken_file(conn: Connection, sha256: str, admin_id: int) -> RowMapping | None:
    """What was noted of a file that this admin put in before, or None."""
    f = t.watched_file.c
    query = select(t.watched_file).where(f.sha256 == sha256, f.admin_id == admin_id)
    return conn.execute(query).mappings().one_or_none()
