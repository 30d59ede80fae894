"""An invite of another kind than the register says, for one commitment in one period: the final bill, for one."""

from __future__ import annotations

from datetime import datetime

from batch import jsonlog
from batch.core.model import InviteKind
from batch.core.states import Period
from batch.edges.store import queries_applications, queries_final, queries_periods
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.about import parties
from batch.jobs.invite import BILLABLE, NothingToInvite, basis_now, copies_for, write_invite
from batch.jobs.reissue import OUT, replace_invite, unanswered
from batch.jobs.workplace import Workplace

_NOTE = "This takes the place of the workbook we sent you before. Please use this one."


def invite_for(
    w: Workplace, period: RowMapping, commitment: RowMapping, kind: InviteKind, now: datetime
) -> int:
    """Invite a commitment for this kind of bill, in place of the invite it has; gives how many mails. NothingToInvite."""
    with w.store.read() as conn:
        old = _refused_or_old(conn, period, commitment, kind)
        who = parties(conn, period["id"], commitment["id"])
        issue = max(
            queries_periods.next_issue(conn, period["id"], commitment["id"], kind),
            old["issue"] + 1 if old is not None else 1,
        )
        basis = basis_now(conn, who, kind, now, issue)
    state, copies = copies_for(w, who, basis, now, _NOTE if old is not None else "")
    with w.store.write() as conn:
        if old is not None:
            replace_invite(conn, old, now)
        write_invite(conn, who, basis, state, copies, now)
    jsonlog.info("invite-made-for", period=period["id"], commitment=commitment["id"], kind=kind.value)
    return len(copies)


def _refused_or_old(
    conn: Connection, period: RowMapping, commitment: RowMapping, kind: InviteKind
) -> RowMapping | None:
    """The invite that is replaced, if there is one. Raises NothingToInvite with the reason and what to do first."""
    last = queries_final.final_approved(conn, commitment["id"])
    if last is not None:
        name = queries_applications.name_of(last)
        raise NothingToInvite(f"its final bill {name} is approved; open that again if there is more to bill")
    if commitment["status"] not in BILLABLE:
        raise NothingToInvite(f"it is {commitment['status'].value}; only an approved commitment is invited")
    if period["state"] is not Period.OPEN:
        raise NothingToInvite(f"period {period['number']} is {period['state'].value}, not open")
    waiting = queries_applications.undecided(conn, commitment["id"])
    if waiting is not None:
        raise NothingToInvite(f"{queries_applications.name_of(waiting)} has to be decided first")
    rows = queries_periods.invites(conn, period["id"])
    old = next((row for row in rows if row["commitment_id"] == commitment["id"]), None)
    if old is None:
        return None
    if old["kind"] is kind:
        raise NothingToInvite(f"it is invited for {kind.value} already in this period")
    if old["state"] not in OUT or not unanswered(conn, old):
        raise NothingToInvite("it has answered in this period already; invite it in the next one")
    return old
