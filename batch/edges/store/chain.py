"""Chains of events: each hash covers the event and the hash before it, so that no event can be changed alone.

There is one chain per project and one for the system. `record` only notes an event; `flush`, called when the
transaction ends, locks the ends of the chains (in one order, so that two writers never wait for each other).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from batch.edges.store.columns import canonical_json, utc_text
from batch.edges.store.tables import chain_head, event

SYSTEM = "system"
#: What stands before the first event of a chain.
START = "0" * 64
_PENDING = "billings_pending_events"
_HASHED = (
    "chain",
    "seq",
    "at",
    "what",
    "actor_type",
    "actor_id",
    "subject_type",
    "subject_id",
    "body",
    "prev",
)

Actor = tuple[str, int | None]
Subject = tuple[str, int]


class NotWriting(RuntimeError):
    """An event was recorded on a connection that is not inside `store.write()`; it would be lost."""


@dataclass(frozen=True, kw_only=True)
class _Event:
    chain: str
    at: datetime
    what: str
    actor: Actor
    subject: Subject
    body: str


@dataclass
class _Pending:
    """The events of a transaction that is under way, and how many there were at each open savepoint."""

    events: list[_Event] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)


def project_chain(project_id: int) -> str:
    """The name of a project's chain."""
    return f"project-{project_id}"


def record(
    conn: Connection,
    *,
    chain: str,
    at: datetime,
    what: str,
    actor: Actor,
    subject: Subject,
    body: Mapping[str, Any],
) -> None:
    """Notes that something happened; it is written when the transaction of `store.write()` ends.

    `actor` is ('admin', 3), ('contact', None), ('system', None); `subject` a table and an id. `body` takes
    ids, hashes, states and amounts in minor units; never names, addresses or free text. Raises TypeError for
    a float in it.
    """
    text = canonical_json(dict(body))
    _pending(conn).events.append(
        _Event(chain=chain, at=at, what=what, actor=actor, subject=subject, body=text)
    )


def begin(conn: Connection) -> None:
    """Makes room for the events of a transaction that starts now."""
    conn.execution_options(**{_PENDING: _Pending()})


def savepoint_set(conn: Connection) -> None:
    """Remembers how many events came before a savepoint."""
    pending = _pending(conn)
    pending.marks.append(len(pending.events))


def savepoint_kept(conn: Connection) -> None:
    """Keeps the events noted since the last savepoint, together with its rows."""
    _pending(conn).marks.pop()


def savepoint_undone(conn: Connection) -> None:
    """Drops the events noted since the last savepoint, as its rows were rolled back."""
    pending = _pending(conn)
    del pending.events[pending.marks.pop() :]


def flush(conn: Connection) -> None:
    """Writes the events noted so far, each at the end of its chain."""
    events = _pending(conn).events
    for chain in sorted({noted.chain for noted in events}, key=_chain_order):
        _extend(conn, chain, [noted for noted in events if noted.chain == chain])
    events.clear()


def event_hash(row: Mapping[Any, Any]) -> str:
    """SHA-256 of an event's canonical text. `row`: the columns of `event`, with `at` and `body` as stored."""
    return hashlib.sha256(canonical_json({name: row[name] for name in _HASHED}).encode()).hexdigest()


def _pending(conn: Connection) -> _Pending:
    pending = conn.get_execution_options().get(_PENDING)
    if pending is None:
        raise NotWriting("events are recorded inside store.write() only")
    found: _Pending = pending
    return found


def _chain_order(chain: str) -> tuple[int, str]:
    number = chain.removeprefix("project-")
    return (int(number) if number.isdigit() else 0, chain)


def _extend(conn: Connection, chain: str, noted: list[_Event]) -> None:
    seq, prev = _locked_head(conn, chain)
    rows = []
    for one in noted:
        seq += 1
        row = _row(one, seq, prev)
        prev = row["hash"]
        rows.append({**row, "at": one.at})
    conn.execute(insert(event), rows)
    conn.execute(update(chain_head).where(chain_head.c.chain == chain).values(seq=seq, hash=prev))


def _locked_head(conn: Connection, chain: str) -> tuple[int, str]:
    find = select(chain_head.c.seq, chain_head.c.hash).where(chain_head.c.chain == chain).with_for_update()
    head = conn.execute(find).one_or_none()
    if head is not None:
        return head.seq, head.hash
    conn.execute(insert(chain_head).values(chain=chain, seq=0, hash=START))
    return 0, START


def _row(noted: _Event, seq: int, prev: str) -> dict[str, Any]:
    row = {
        "chain": noted.chain,
        "seq": seq,
        "at": utc_text(noted.at),
        "what": noted.what,
        "actor_type": noted.actor[0],
        "actor_id": noted.actor[1],
        "subject_type": noted.subject[0],
        "subject_id": noted.subject[1],
        "body": noted.body,
        "prev": prev,
    }
    return {**row, "hash": event_hash(row)}
