"""Reads about the end of a commitment: its final pay application."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from batch.core.model import InviteKind
from batch.core.states import APPROVED_STATES
from batch.edges.store import queries_applications
from batch.edges.store import tables as t


def final_approved(conn: Connection, commitment_id: int) -> RowMapping | None:
    """The approved final pay application of a commitment; None while it can still be billed."""
    query = (
        select(t.application.c.id)
        .join(t.invite, t.invite.c.id == t.application.c.invite_id)
        .where(t.application.c.commitment_id == commitment_id)
        .where(t.application.c.state.in_(APPROVED_STATES), t.invite.c.kind == InviteKind.FINAL)
    )
    found = conn.execute(query).scalars().first()
    return None if found is None else queries_applications.application(conn, found)
