"""Reads of mail in and mail out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, or_, select

from batch.core.states import Incoming, Outgoing
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def known_uids(conn: Connection, account: str, folder: str, uidvalidity: int) -> set[int]:
    """The UIDs of this folder that we hold already. Our own table decides what is new, never a flag on the server."""
    i = t.inbox.c
    query = select(i.uid).where(i.account == account, i.folder == folder, i.uidvalidity == uidvalidity)
    return set(conn.execute(query).scalars())


def mail(conn: Connection, inbox_id: int) -> RowMapping | None:
    """One received mail."""
    return conn.execute(select(t.inbox).where(t.inbox.c.id == inbox_id)).mappings().one_or_none()


def to_process(conn: Connection, now: datetime) -> Rows:
    """Received mail that was stored and not worked on yet, in order of arrival."""
    i = t.inbox.c
    query = select(t.inbox).where(
        i.state == Incoming.STORED, or_(i.next_try_at.is_(None), i.next_try_at <= now)
    )
    return conn.execute(query.order_by(i.received_at, i.id)).mappings().all()


def to_file(conn: Connection, account: str, folder: str, uidvalidity: int) -> Rows:
    """Received mail that has to be moved to another folder of the server."""
    i = t.inbox.c
    query = select(t.inbox).where(i.account == account, i.folder == folder, i.uidvalidity == uidvalidity)
    return (
        conn.execute(query.where(i.file_to.isnot(None), i.filed_at.is_(None)).order_by(i.id)).mappings().all()
    )


def incoming(conn: Connection, states: Iterable[Incoming] | None = None) -> Rows:
    """Received mail in these states, or all, in order of arrival."""
    query = select(t.inbox).order_by(t.inbox.c.received_at, t.inbox.c.id)
    if states is not None:
        query = query.where(t.inbox.c.state.in_(tuple(states)))
    return conn.execute(query).mappings().all()


def submitted_by(conn: Connection, content_sha: str) -> int | None:
    """The id of the mail by which this content was submitted, or None."""
    query = select(t.submission.c.inbox_id).where(t.submission.c.content_sha == content_sha)
    return conn.execute(query).scalar_one_or_none()


def worked_on_before(conn: Connection, row: RowMapping) -> int | None:
    """The id of another row with the same content that was worked on already, or None.

    A mail comes again when a folder is made anew, when a person copies it back, or when a server delivers it twice.
    """
    i = t.inbox.c
    done = (Incoming.PROCESSED, Incoming.WAITING, Incoming.SETTLED)
    query = (
        select(i.id)
        .where(i.content_sha == row["content_sha"], i.id != row["id"])
        .where(i.state.in_(done), i.duplicate_of.is_(None))
        .order_by(i.id)
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()


def to_send(conn: Connection, now: datetime) -> Rows:
    """Outgoing mail that may leave now, in the order it was made."""
    o = t.outbox.c
    due = or_(o.next_try_at.is_(None), o.next_try_at <= now)
    query = select(t.outbox).where(o.state == Outgoing.PENDING, o.not_before <= now, due)
    return conn.execute(query.order_by(o.id)).mappings().all()


def outgoing(conn: Connection, states: Iterable[Outgoing] | None = None) -> Rows:
    """Outgoing mail in these states, or all, in the order it was made."""
    query = select(t.outbox).order_by(t.outbox.c.id)
    if states is not None:
        query = query.where(t.outbox.c.state.in_(tuple(states)))
    return conn.execute(query).mappings().all()


def outgoing_of(conn: Connection, subject_type: str, subject_id: int) -> Rows:
    """Every mail that went out about one thing."""
    o = t.outbox.c
    query = select(t.outbox).where(o.subject_type == subject_type, o.subject_id == subject_id).order_by(o.id)
    return conn.execute(query).mappings().all()


def outgoing_by_message_id(conn: Connection, message_id: str) -> RowMapping | None:
    """The outgoing mail with this Message-ID."""
    return conn.execute(select(t.outbox).where(t.outbox.c.message_id == message_id)).mappings().one_or_none()


def sent_since(conn: Connection, instant: datetime) -> int:
    """How many mails left after an instant."""
    query = select(func.count()).select_from(t.outbox).where(t.outbox.c.sent_at > instant)
    return int(conn.execute(query).scalar_one())


def answers_since(conn: Connection, recipient: str, purposes: Iterable[str], instant: datetime) -> int:
    """How many automatic answers were made for an address after an instant."""
    o = t.outbox.c
    query = select(func.count()).where(
        o.recipient == recipient, o.purpose.in_(tuple(purposes)), o.created_at > instant
    )
    return int(conn.execute(query).scalar_one())


def next_send_instants(conn: Connection) -> list[datetime]:
    """When pending mail that may not leave yet becomes due. Unsorted."""
    o = t.outbox.c
    rows = conn.execute(select(o.not_before, o.next_try_at).where(o.state == Outgoing.PENDING))
    return [max(instant for instant in row if instant is not None) for row in rows]


def outgoing_row(conn: Connection, outbox_id: int) -> RowMapping:
    """One outgoing mail."""
    return conn.execute(select(t.outbox).where(t.outbox.c.id == outbox_id)).mappings().one()


def anything_to_file(conn: Connection) -> bool:
    """Whether handled mail still lies in its folder on a mail server."""
    i = t.inbox.c
    query = select(i.id).where(i.file_to.isnot(None), i.filed_at.is_(None), i.uidvalidity > 0).limit(1)
    return conn.execute(query).first() is not None
