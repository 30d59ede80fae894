"""Workbooks issued again: a change order or a correction moved the schedule of values after the invite went out.

Only while nothing was submitted: what came in stands on what it was made from, and the change counts in the next
application. The invite is replaced by one with the next issue number. By the project's setting the new workbook is
mailed at once, or is only what a reply is carried over onto (and what a reminder brings).
"""

from __future__ import annotations

from datetime import datetime

from batch import jsonlog
from batch.core.settings import AfterChange
from batch.core.states import LIVE_STATES, Invite, Outgoing, accepts
from batch.edges.store import queries_applications, queries_mail, queries_periods, queries_register, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.about import parties
from batch.jobs.invite import basis_now, copies_for, write_invite
from batch.jobs.payment_dates import local_date
from batch.jobs.workplace import Workplace

#: Nothing came in on these yet. A decline stands: who has nothing to bill has nothing on a new line either.
OUT = (
    Invite.PLANNED, Invite.NO_CONTACT, Invite.QUEUED, Invite.SENT, Invite.ACCEPTED, Invite.BOUNCED,
)  # fmt: skip
NOTE = (
    "Your contract has changed since the workbook we sent you before. Please use this one; "
    "if you have sent the other one back already, we carry its entries over."
)


def issue_moved_again(w: Workplace, now: datetime) -> int:
    """Replace every open invite whose schedule of values moved and on which nothing was submitted; gives how many."""
    with w.store.read() as conn:
        found = [
            row
            for row in queries_periods.perhaps_moved(conn, OUT)
            if _moved(conn, row, now) and unanswered(conn, row)
        ]
    for row in found:
        _issue_again(w, row, now)
    return len(found)


def _moved(conn: Connection, invite: RowMapping, now: datetime) -> bool:
    """Whether the lines that count today are not those the workbook went out with. A pending change moves nothing."""
    today = local_date(now, queries_register.project(conn, invite["project_id"]))
    lines = queries_register.sov_lines(conn, invite["commitment_id"], invite["currency"], today)
    return bool(lines) and lines != queries_periods.basis(conn, invite["id"]).lines


def unanswered(conn: Connection, invite: RowMapping) -> bool:
    """Whether nothing that counts was submitted on an invite."""
    rows = queries_applications.of_invite(conn, invite["id"])
    return not any(row["state"] in LIVE_STATES and row["number"] is not None for row in rows)


def _issue_again(w: Workplace, old: RowMapping, now: datetime) -> None:
    with w.store.read() as conn:
        who = parties(conn, old["period_id"], old["commitment_id"])
        basis = basis_now(conn, who, old["kind"], now, old["issue"] + 1)
    starts, copies = copies_for(w, who, basis, now, NOTE)
    known = old["state"] in (Invite.SENT, Invite.ACCEPTED) and bool(copies)
    quietly = known and who.project["after_change"] is AfterChange.REBASE
    # Who accepted has accepted; and an invite that is not mailed again is as sent as the one it replaces.
    state = old["state"] if quietly or (known and old["state"] is Invite.ACCEPTED) else starts
    with w.store.write() as conn:
        replace_invite(conn, old, now)
        write_invite(conn, who, basis, state, copies, now, mailed=not quietly)
    jsonlog.info("invite-issued-again", invite=old["id"], issue=basis.issue, mailed=not quietly)


def replace_invite(conn: Connection, old: RowMapping, now: datetime) -> None:
    """The old invite with all that hangs on it: claims that were sent back, and mail that has not left yet."""
    chain = project_chain(old["project_id"])
    for row in queries_applications.of_invite(conn, old["id"]):
        if accepts(row["state"], "supersede"):
            move(conn, tables.application, row, "supersede", chain=chain, at=now)
    for mail in queries_mail.outgoing_of(conn, "invite", old["id"]):
        if mail["state"] is Outgoing.PENDING:
            move(conn, tables.outbox, mail, "withdraw", chain=SYSTEM, at=now)
    move(conn, tables.invite, old, "replace", chain=chain, at=now)
