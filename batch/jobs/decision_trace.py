"""The trace of a decision: who decided what, when, on which workbook, why, and what it went over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from batch.edges.store import tables
from batch.edges.store.events import Actor, insert_with_event
from batch.edges.store.rows import Connection

if TYPE_CHECKING:
    from batch.jobs.decide import Decided


def write_review(conn: Connection, decided: Decided, chain: str, actor: Actor, now: datetime) -> None:
    """Keep who decided what, when, on which workbook and why."""
    insert_with_event(
        conn,
        tables.review,
        {
            "application_id": decided.pending.row["id"],
            "decision": decided.outcome.event,
            "admin_id": decided.admin["id"],
            "workbook_sha": decided.workbook_sha,
            "reason": decided.outcome.reason[:2000],
            "at": now,
        },
        chain=chain,
        at=now,
        what="application-reviewed",
        actor=actor,
        subject=("application", decided.pending.row["id"]),
        body={"decision": decided.outcome.event, "workbook": decided.workbook_sha, **overridden(decided)},
    )


def overridden(decided: Decided) -> dict[str, Any]:
    """What an approval went over with its reason, for the event: nothing where nothing stood in the way.

    What the client agrees to goes over nothing: our approval did.
    """
    decides = decided.bill is not None and decided.outcome.event != "client_approves"
    matters = decided.pending.matters if decides else ()
    return {"overridden": [f"{one.code} {one.line}" for one in matters]} if matters else {}
