"""The client's answer to an application that waits for it, and the one way in which any decision is written.

What the client leaves out takes the approval back and writes it anew with the smaller figures, in one transaction; what it
agrees to changes no figure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from batch.edges.store import tables
from batch.edges.store.changes import move
from batch.edges.store.events import Actor, project_chain
from batch.edges.store.rows import Connection
from batch.jobs.decide import Decided, write_decision
from batch.jobs.decision_trace import write_review
from batch.jobs.letters import post
from batch.jobs.reopen_application import undo_approval, write_reopening


def write_any(conn: Connection, decided: Decided, now: datetime) -> None:
    """Write a decision or an answer of the client. Raises StaleRow when the application changed meanwhile."""
    row, event = decided.pending.row, decided.outcome.event
    chain = project_chain(decided.pending.who.project["id"])
    actor: Actor = ("admin", decided.admin["id"])
    if event == "reopen":
        write_reopening(conn, row, decided.admin, decided.outcome.reason, now, decided.workbook_sha)
    elif event == "client_approves":
        move(conn, tables.application, row, event, chain=chain, at=now, actor=actor)
        write_review(conn, decided, chain, actor, now)
        post(conn, decided.letters, now)
    else:
        if event == "client_cuts":
            fresh = undo_approval(conn, row, chain, actor, now)
            decided = replace(decided, pending=replace(decided.pending, row=fresh))
        write_decision(conn, decided, now)
