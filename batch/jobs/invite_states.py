"""What becomes of an invite when its mail leaves, is refused, or bounces."""

from __future__ import annotations

from datetime import datetime

from batch.core.model import ContactRole
from batch.core.states import Outgoing, accepts
from batch.edges.store import queries_mail, queries_periods, tables
from batch.edges.store.changes import move
from batch.edges.store.events import project_chain
from batch.edges.store.rows import Connection, RowMapping


def mail_left(conn: Connection, outbox: RowMapping, now: datetime) -> None:
    """An invite counts as sent with the first of its mails that left."""
    if outbox["purpose"] == "invite":
        _advance(conn, outbox["subject_id"], "send", now)


def mail_refused(conn: Connection, outbox: RowMapping, now: datetime) -> None:
    """An invite bounces when nobody who bills could be reached: every such address was refused or bounced."""
    if outbox["subject_type"] == "invite" and outbox["purpose"] in ("invite", "reminder"):
        bounce_if_unreachable(conn, outbox["subject_id"], outbox["recipient"], now)


def bounce_if_unreachable(conn: Connection, invite_id: int, address: str, now: datetime) -> None:
    """Mark an invite as bounced unless another contact who bills may still have got it."""
    refused = {
        row["recipient"]
        for row in queries_mail.outgoing_of(conn, "invite", invite_id)
        if row["state"] is Outgoing.REFUSED
    }
    others = [
        row["address"]
        for row in queries_periods.tokens(conn, invite_id)
        if row["role"] is ContactRole.BILLS and row["address"] not in {*refused, address}
    ]
    if not others:
        _advance(conn, invite_id, "bounce", now)


def _advance(conn: Connection, invite_id: int, event: str, now: datetime) -> None:
    row = queries_periods.invite(conn, invite_id)
    if accepts(row["state"], event):
        move(conn, tables.invite, row, event, chain=project_chain(row["project_id"]), at=now)
