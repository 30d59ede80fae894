"""Reminders to those who have not answered, and the closing of a billing period."""

from __future__ import annotations

from datetime import datetime

from batch import jsonlog
from batch.core.model import ContactRole
from batch.core.states import APPROVED_STATES, Application, Invite, Period, accepts
from batch.edges.store import (
    queries_applications,
    queries_events,
    queries_periods,
    queries_upstream,
    tables,
)
from batch.edges.store.changes import move
from batch.edges.store.events import project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import span_text
from batch.formats.mail.compose import Attachment
from batch.jobs.about import about, parties, workbook_name
from batch.jobs.invite import WRITTEN_TO
from batch.jobs.letters import XLSX, Letter, Subject, post, seal
from batch.jobs.workplace import Workplace

#: Who has not answered yet. A decline is an answer.
SILENT = (Invite.SENT, Invite.ACCEPTED)


def remind(w: Workplace, now: datetime) -> int:
    """Send the reminders whose instant has come; after a standstill only the latest, so that nobody gets three at once."""
    sent = 0
    with w.store.read() as conn:
        due = [
            (period, reminders)
            for period in queries_periods.periods_in(conn, Period.OPEN)
            if (reminders := queries_periods.reminders_due(conn, period["id"], now))
            and now < period["close_at"]
        ]
    for period, reminders in due:
        letters = _reminders(w, period, reminders[-1]["ordinal"], now)
        with w.store.write() as conn:
            post(conn, letters, now)
            for reminder in reminders:
                r = tables.period_reminder
                conn.execute(r.update().where(r.c.id == reminder["id"]).values(sent_at=now))
        jsonlog.info(
            "reminders-queued", period=period["id"], ordinal=reminders[-1]["ordinal"], mails=len(letters)
        )
        sent += 1
    return sent


def _reminders(w: Workplace, period: RowMapping, ordinal: int, now: datetime) -> list[Letter]:
    with w.store.read() as conn:
        invites = [row for row in queries_periods.invites(conn, period["id"]) if row["state"] in SILENT]
    return [letter for row in invites for letter in _remind_one(w, row, ordinal, now)]


def _remind_one(w: Workplace, invite: RowMapping, ordinal: int, now: datetime) -> list[Letter]:
    with w.store.read() as conn:
        who = parties(conn, invite["period_id"], invite["commitment_id"])
        basis = queries_periods.basis(conn, invite["id"])
        tokens = queries_periods.tokens(conn, invite["id"])
    names = {row["address"]: row["name"] for row in who.contacts}
    due_at = who.period["due_at"]
    overdue = now > due_at
    left = span_text(due_at, now) + " overdue" if overdue else span_text(now, due_at) + " left"
    letters = []
    for row in tokens:
        # From the second reminder on, the escalation contacts are written to as well.
        if row["role"] not in (*WRITTEN_TO, *((ContactRole.ESCALATION,) if ordinal > 1 else ())):
            continue
        context = {
            **about(who, basis, recipient=names.get(row["address"], "")),
            "ordinal": ordinal,
            "due": who.due,
            "time_left": left,
            "overdue": overdue,
            "workbook_name": workbook_name(basis),
        }
        letters.append(
            seal(
                w,
                "reminder",
                context,
                locale=who.locale,
                to=row["address"],
                subject=Subject(type="invite", id=invite["id"], revision=basis.issue),
                ordinal=ordinal,
                now=now,
                token=row["token"],
                attachments=[_workbook_again(w, row, workbook_name(basis))],
            )
        )
    return letters


def _workbook_again(w: Workplace, copy: RowMapping, name: str) -> Attachment:
    """The workbook that was issued to a contact, byte for byte: it is served again, never rendered again."""
    return Attachment(name=name, content_type=XLSX, data=w.archive.get(copy["workbook_sha"]))


def close_periods(w: Workplace, now: datetime) -> int:
    """Close the periods whose closing instant has come: unanswered invites lapse, and those invited are told."""
    with w.store.read() as conn:
        due = [row for row in queries_periods.periods_in(conn, Period.OPEN) if row["close_at"] <= now]
    for period in due:
        _close(w, period, now)
    return len(due)


def _close(w: Workplace, period: RowMapping, now: datetime) -> None:
    chain = project_chain(period["project_id"])
    with w.store.read() as conn:
        invites = [
            row for row in queries_periods.invites(conn, period["id"]) if accepts(row["state"], "lapse")
        ]
    letters = [one for row in invites if row["state"] in SILENT for one in _closed_mails(w, row, now)]
    with w.store.write() as conn:
        for row in invites:
            move(conn, tables.invite, row, "lapse", chain=chain, at=now)
        move(conn, tables.billing_period, period, "close", chain=chain, at=now)
        post(conn, letters, now)
    jsonlog.info("period-closed", period=period["id"], lapsed=len(invites))
    with w.store.read() as conn:
        number, head = queries_events.head(conn, chain)
    # An anchor outside the database: a chain that was cut off later no longer reaches it.
    jsonlog.info("chain-head", chain=chain, seq=number, hash=head)


def _closed_mails(w: Workplace, invite: RowMapping, now: datetime) -> list[Letter]:
    with w.store.read() as conn:
        who = parties(conn, invite["period_id"], invite["commitment_id"])
        basis = queries_periods.basis(conn, invite["id"])
        tokens = queries_periods.tokens(conn, invite["id"])
    names = {row["address"]: row["name"] for row in who.contacts}
    return [
        seal(
            w,
            "period_closed",
            {
                **about(who, basis, recipient=names.get(row["address"], "")),
                "closed": who.instant(now),
                "due": who.due,
            },
            locale=who.locale,
            to=row["address"],
            subject=Subject(type="invite", id=invite["id"], revision=basis.issue),
            now=now,
            token=row["token"],
        )
        for row in tokens
    ]


def settle_periods(w: Workplace, now: datetime) -> int:
    """Settle closed periods in which everything is decided and billed to the client (or there is no client contract)."""
    with w.store.read() as conn:
        done = [row for row in queries_periods.periods_in(conn, Period.CLOSED) if _is_settled(conn, row)]
    for period in done:
        with w.store.write() as conn:
            chain = project_chain(period["project_id"])
            move(conn, tables.billing_period, period, "settle", chain=chain, at=now)
    return len(done)


def _is_settled(conn: Connection, period: RowMapping) -> bool:
    live = queries_applications.of_period(conn, period["id"])
    undecided = [row for row in live if row["state"] not in (*APPROVED_STATES, Application.RETURNED)]
    return not undecided and queries_upstream.is_done(conn, period)
