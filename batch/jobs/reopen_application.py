"""An approved application opened again: its ledger rows are reversed, its notices taken back, and it is decided anew.

It needs to be the latest of its commitment and not posted to the ERP. Being billed to the client does not stop it: that
document stays, and the difference goes into the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from batch.core.money import from_minor
from batch.core.retainage import Component, EntryKind, RetainageEntry, reversal_of
from batch.core.states import Outgoing, accepts
from batch.edges.store import queries_applications, queries_ledger, queries_mail, tables
from batch.edges.store.changes import move
from batch.edges.store.events import (
    SYSTEM,
    Actor,
    insert_rows_with_event,
    insert_with_event,
    project_chain,
    update_rows_with_event,
    update_with_event,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.applications import resume_period
from batch.jobs.decide import entry_values, replace_later_invites
from batch.jobs.decision_checks import why_not_reopened
from batch.jobs.exchanges import remove_exchange
from batch.jobs.paying import free_parts
from batch.jobs.taxes import remove_approved_tax
from batch.jobs.workplace import Workplace


class NotReopened(Exception):
    """The application cannot be opened again; the text says why, and what to do instead."""


def reopen_application(w: Workplace, row: RowMapping, admin: RowMapping, reason: str, now: datetime) -> None:
    """Put an approved application back under review. Raises NotReopened with a sentence."""
    with w.store.read() as conn:
        _refuse(conn, row, reason)
    with w.store.write() as conn:
        write_reopening(conn, row, admin, reason, now)


def write_reopening(
    conn: Connection,
    row: RowMapping,
    admin: RowMapping,
    reason: str,
    now: datetime,
    workbook_sha: str | None = None,
) -> None:
    """Take an approval back and put the application under review. What stands in the way was asked before."""
    chain, actor = project_chain(row["project_id"]), ("admin", admin["id"])
    row = undo_approval(conn, row, chain, actor, now)
    resume_period(conn, row["period_id"], chain, actor, now)
    move(conn, tables.application, row, "reopen", chain=chain, at=now, actor=actor)
    values = {
        "application_id": row["id"],
        "decision": "reopen",
        "admin_id": admin["id"],
        "workbook_sha": workbook_sha,
        "reason": reason[:2000],
        "at": now,
    }
    insert_with_event(
        conn,
        tables.review,
        values,
        chain=chain,
        at=now,
        what="application-reopened",
        actor=actor,
        subject=("application", row["id"]),
    )


def undo_approval(conn: Connection, row: RowMapping, chain: str, actor: Actor, now: datetime) -> RowMapping:
    """Take back what an approval wrote: ledger rows, deductions, payees, tax, exchange, unsent notices, and the invites
    that start from it. Gives the application as it is then, in the state that it had. StaleRow when it has changed.
    """
    _reverse_ledgers(conn, row, chain, actor, now)
    update_rows_with_event(
        conn,
        tables.application_deduction,
        {key: {"live": False} for key in queries_ledger.deduction_rows(conn, row["id"])},
        chain=chain,
        at=now,
        what="deductions-freed",
        actor=actor,
        subject=("application", row["id"]),
    )
    free_parts(conn, row["id"], chain, actor, now)
    _take_back_notices(conn, row, now)
    replace_later_invites(conn, row, chain, actor, now)
    update_with_event(
        conn,
        tables.application,
        row["id"],
        {"approved_at": None},
        chain=chain,
        at=now,
        what="approval-taken-back",
        actor=actor,
        expect={"state": row["state"], "revision": row["revision"]},
    )
    remove_approved_tax(conn, row["id"], chain, actor, now)
    remove_exchange(conn, row["id"], chain, actor, now)
    return queries_applications.application(conn, row["id"])


def _refuse(conn: Connection, row: RowMapping, reason: str) -> None:
    if not reason.strip():
        raise NotReopened("say why with a reason")
    if not accepts(row["state"], "reopen"):
        raise NotReopened(f"it is {row['state'].value}; only an approved application can be opened again")
    if closed := why_not_reopened(conn, row):
        raise NotReopened(closed)


def _reverse_ledgers(conn: Connection, row: RowMapping, chain: str, actor: Actor, now: datetime) -> None:
    """Rows of the ledgers are never changed: rows with the opposite amounts are added."""
    currency = row["currency"]
    own = {"commitment_id": row["commitment_id"], "application_id": row["id"], "at": now}
    ordinal = queries_ledger.next_ordinal(conn, row["id"])
    net: dict[str, list[int]] = {}
    for one in queries_ledger.movements_of(conn, row["id"]):
        sums = net.setdefault(one["line_key"], [0, 0, 0])
        sums[0] += one["work_minor"]
        sums[1] += one["stored_minor"]
        sums[2] += one["quantity_e4"]
    movements = [
        {
            **own,
            "line_key": key,
            "ordinal": ordinal,
            "work_minor": -work,
            "stored_minor": -stored,
            "quantity_e4": -quantity,
        }
        for key, (work, stored, quantity) in net.items()
        if work or stored or quantity
    ]
    live = _not_reversed(queries_ledger.entries_of(conn, row["id"]), currency)
    entries = [{**own, **entry_values(one, currency)} for one in reversal_of(live)]
    about = ("application", row["id"])
    insert_rows_with_event(
        conn,
        tables.line_ledger,
        movements,
        chain=chain,
        at=now,
        what="lines-reversed",
        actor=actor,
        subject=about,
    )
    insert_rows_with_event(
        conn,
        tables.retainage_entry,
        entries,
        chain=chain,
        at=now,
        what="retainage-reversed",
        actor=actor,
        subject=about,
    )


def _not_reversed(rows: Sequence[RowMapping], currency: str) -> list[RetainageEntry]:
    """The entries of the latest approval: those after the last one that reversed something."""
    live: list[RetainageEntry] = []
    for row in rows:
        if row["kind"].startswith("reversed"):
            live = []
            continue
        live.append(
            RetainageEntry(
                line_key=row["line_key"],
                kind=EntryKind(row["kind"]),
                component=Component(row["component"]),
                amount=from_minor(row["amount_minor"], currency),
            )
        )
    return live


def _take_back_notices(conn: Connection, row: RowMapping, now: datetime) -> None:
    """Notices that have not left yet are withdrawn unsent."""
    for mail in queries_mail.outgoing_of(conn, "application", row["id"]):
        if mail["state"] is Outgoing.PENDING:
            move(conn, tables.outbox, mail, "withdraw", chain=SYSTEM, at=now)
