"""A closed billing period opened again, for one commitment or for all; and mail that waited, put back to work."""

from __future__ import annotations

from datetime import datetime, timedelta

from batch.core.states import Incoming, Invite, Outgoing, accepts
from batch.edges.store import queries_mail, queries_periods, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM, Actor, insert_with_event, project_chain
from batch.edges.store.rows import RowMapping
from batch.jobs.workplace import Workplace

REOPENED_FOR = timedelta(days=7)


def reopen_period(
    w: Workplace,
    period: RowMapping,
    commitment: RowMapping | None,
    admin: RowMapping,
    reason: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Open a period again for one commitment, or for all (until an instant, a week by default) when `commitment` is None.

    What was sent and exported stays as it is. A period opened for one commitment stays closed for the others. Raises
    IllegalTransition for all when the period is not closed.
    """
    chain = project_chain(period["project_id"])
    actor: Actor = ("admin", admin["id"])
    values = {
        "period_id": period["id"],
        "commitment_id": commitment["id"] if commitment is not None else None,
        "reason": reason[:2000],
        "admin_id": admin["id"],
        "at": now,
    }
    with w.store.write() as conn:
        insert_with_event(
            conn, tables.reopening, values, chain=chain, at=now, what="period-reopened", actor=actor
        )
        if commitment is None:
            closing = {"close_at": until or now + REOPENED_FOR}
            move(
                conn,
                tables.billing_period,
                period,
                "reopen",
                chain=chain,
                at=now,
                actor=actor,
                values=closing,
            )
        for invite in queries_periods.invites(conn, period["id"]):
            wanted = commitment is None or invite["commitment_id"] == commitment["id"]
            if wanted and invite["state"] is Invite.LAPSED:
                move(conn, tables.invite, invite, "reopen", chain=chain, at=now, actor=actor)


def close_period(w: Workplace, period: RowMapping, now: datetime) -> None:
    """Close a period before its planned instant. Its closing is due at once; the next tick does it."""
    with w.store.write() as conn:
        p = tables.billing_period
        conn.execute(p.update().where(p.c.id == period["id"]).values(close_at=now))


def put_back(w: Workplace, item: str, item_id: int, now: datetime) -> bool:
    """Give a received mail that waits or was set aside another try, or send an uncertain mail again; False: not there."""
    with w.store.read() as conn:
        rows = queries_mail.incoming(conn) if item == "inbox" else queries_mail.outgoing(conn)
        row = next((one for one in rows if one["id"] == item_id), None)
    if row is None:
        return False
    with w.store.write() as conn:
        if item == "inbox":
            cleared = {"attempts": 0, "next_try_at": None, "outcome": None, "reason": None, "traceback": None}
            move(conn, tables.inbox, row, "put_back", chain=SYSTEM, at=now, values=cleared)
            q = tables.quarantine
            conn.execute(
                q.update().where(q.c.item_type == "inbox", q.c.item_id == item_id).values(released_at=now)
            )
        else:
            move(conn, tables.outbox, row, "resend", chain=SYSTEM, at=now, values={"next_try_at": None})
    return True


def settle_mail(w: Workplace, inbox_id: int, now: datetime) -> bool:
    """Mark a received mail that waited as settled by a person; False: it is not there or does not wait."""
    with w.store.read() as conn:
        row = queries_mail.mail(conn, inbox_id)
    if row is None or not accepts(row["state"], "settle"):
        return False
    with w.store.write() as conn:
        move(conn, tables.inbox, row, "settle", chain=SYSTEM, at=now)
    return True


WAITING = (Incoming.WAITING, Incoming.QUARANTINED)
UNCERTAIN = (Outgoing.UNKNOWN, Outgoing.REFUSED)
