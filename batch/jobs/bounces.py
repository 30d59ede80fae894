"""Mail of ours that came back: what a delivery report does to the invite it is about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from batch.core.model import ContactRole
from batch.core.states import Incoming as MailState
from batch.core.states import Outgoing, accepts
from batch.edges.store import queries_mail, queries_periods, queries_register, tables
from batch.edges.store.changes import move
from batch.edges.store.events import project_chain
from batch.edges.store.rows import Connection
from batch.formats.mail.classify import Bounce, BounceKind, bounce_of
from batch.formats.mail.parse import parse
from batch.jobs import answers
from batch.jobs.effects import Effects
from batch.jobs.waiting import Found
from batch.jobs.workplace import Workplace

_DONE = "The contact is marked as not reachable. Correct the address in the register, then invite again."
_DONE_ELSEWHERE = "Nothing was changed. Correct the address in the register if it is wrong."


def bounce(w: Workplace, found: Found, report: Bounce, now: datetime) -> Effects:
    """A permanent bounce marks the invite when nobody else could be reached; delays and successes are noted.

    A report about a mail that is not ours, to somebody unknown here, is noted: spammers write our address as theirs.
    """
    reason = found.incoming.classified.reason
    invite_id = found.invite_id if found.proved else None
    if report.kind is not BounceKind.PERMANENT:
        return Effects(outcome=f"bounce-{report.kind.value}", reason=reason, invite_id=invite_id)
    with w.store.read() as conn:
        ours = invite_id is not None or _is_ours(conn, report)
    if not ours:
        return Effects(outcome="bounce-not-ours", reason=f"{reason} That mail was not ours.")
    effects = Effects(outcome="bounce", reason=reason, invite_id=invite_id, waits=True, folder="review")
    case = found.case if found.proved else None
    if invite_id is not None:
        with w.store.read() as conn:
            lost = {_address_of(conn, report), *_bounced_before(w, conn, invite_id)}
        effects.writes.append(lambda conn: _mark(conn, invite_id, lost, now))
    done = _DONE if invite_id is not None else _DONE_ELSEWHERE
    effects.letters += answers.exception(w, found.incoming, case, reason, done, now)
    return effects


def _is_ours(conn: Connection, report: Bounce) -> bool:
    """Whether we sent the mail that came back, or at least know whom it went to."""
    sent = queries_mail.outgoing_by_message_id(conn, report.returned_message_id)
    known = queries_periods.is_any_contact(conn, report.recipient)
    return sent is not None or known or queries_register.admin_by_address(conn, report.recipient) is not None


def _address_of(conn: Connection, report: Bounce) -> str:
    """The address that could not be reached: the one we wrote to, which a forwarding server may have replaced."""
    message_id = report.returned_message_id
    sent = queries_mail.outgoing_by_message_id(conn, message_id) if message_id else None
    return str(sent["recipient"] if sent is not None else report.recipient).lower()


def _bounced_before(w: Workplace, conn: Connection, invite_id: int) -> Iterator[str]:
    """The addresses that earlier reports about this invite named, read again from the reports themselves."""
    for row in queries_mail.incoming(conn, (MailState.WAITING, MailState.SETTLED)):
        if row["invite_id"] == invite_id and row["outcome"] == "bounce":
            report = bounce_of(parse(w.archive.get(row["sha256"])))
            if report is not None:
                yield _address_of(conn, report)


def _mark(conn: Connection, invite_id: int, lost: set[str], now: datetime) -> None:
    """Mark an invite as bounced unless another contact who bills may still have got it."""
    refused = {
        row["recipient"].lower()
        for row in queries_mail.outgoing_of(conn, "invite", invite_id)
        if row["state"] is Outgoing.REFUSED
    }
    billing = {
        row["address"].lower()
        for row in queries_periods.tokens(conn, invite_id)
        if row["role"] is ContactRole.BILLS
    }
    row = queries_periods.invite(conn, invite_id)
    if billing and billing <= lost | refused and accepts(row["state"], "bounce"):
        move(conn, tables.invite, row, "bounce", chain=project_chain(row["project_id"]), at=now)
