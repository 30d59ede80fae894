"""Writing pay applications: a new revision, what it takes the place of, and the figures as claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch.core.findings import Finding
from batch.core.methods import QUANTITY_PLACES, to_scaled
from batch.core.model import Basis, Bill, LineAmounts
from batch.core.money import to_minor
from batch.core.states import Application, accepts, advance
from batch.edges.store import queries_applications, queries_ledger, queries_periods, tables
from batch.edges.store.changes import move
from batch.edges.store.events import (
    Actor,
    Subject,
    insert_rows_with_event,
    insert_with_event,
    project_chain,
    update_with_event,
)
from batch.edges.store.queries_ledger import SUMMARY_FIELDS
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.effects import save_findings
from batch.jobs.payment_dates import fix_dates
from batch.jobs.taxes import save_tax, tax_now

#: States that a newer claim on the same invite takes the place of.
REPLACEABLE = (Application.RETURNED, Application.UNDER_REVIEW, Application.REVISE_AND_RESUBMIT)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One revision of one pay application as it was submitted: by a sub's workbook, or entered on behalf by an admin."""

    invite_id: int
    basis: Basis
    amounts: Mapping[str, LineAmounts]
    bill: Bill | None
    passes: bool
    findings: Sequence[Finding]
    invoice_number: str = ""
    comment: str = ""
    sender: str = ""
    inbox_id: int | None = None
    workbook_sha: str | None = None
    entered_by: int | None = None
    received_at: datetime
    documents: Sequence[tuple[str, str, str]] = ()
    materials: Decimal | None = None


def save_claim(conn: Connection, claim: Claim, now: datetime) -> int:
    """Write one revision and supersede what it takes the place of; gives its id.

    The first claim that passes gets the number of the application; later revisions keep it, and the instant of first
    receipt. A claim that does not pass is returned and replaces only claims that were returned before.
    """
    invite = queries_periods.invite(conn, claim.invite_id)
    chain = project_chain(invite["project_id"])
    actor: Actor = ("admin", claim.entered_by) if claim.entered_by is not None else ("contact", None)
    earlier = queries_applications.of_invite(conn, claim.invite_id)
    replaced = REPLACEABLE if claim.passes else (Application.RETURNED,)
    for row in earlier:
        if row["state"] in replaced:
            move(conn, tables.application, row, "supersede", chain=chain, at=now, actor=actor)
    received = min([row["received_at"] for row in earlier] + [claim.received_at])
    state = advance(Application.RECEIVED, "pass" if claim.passes else "fail")
    values = _application_values(conn, claim, invite, earlier, state, received, now)
    made = insert_with_event(
        conn,
        tables.application,
        values,
        chain=chain,
        at=now,
        what="application-received",
        actor=actor,
        body={"state": state.value, "inbox_id": claim.inbox_id, "workbook": claim.workbook_sha},
    )
    if claim.passes:
        fix_dates(conn, values, received=received, approved=None, chain=chain, actor=actor, now=now)
    _save_figures(conn, claim, invite["commitment_id"], made, chain, actor, now)
    if claim.passes and accepts(invite["state"], "submit"):
        move(conn, tables.invite, invite, "submit", chain=chain, at=now, actor=actor)
    if claim.passes:
        resume_period(conn, invite["period_id"], chain, actor, now)
    return made


def resume_period(conn: Connection, period_id: int, chain: str, actor: Actor, now: datetime) -> None:
    """A settled period in which there is something to decide again is closed only; it settles once more after that."""
    period = queries_periods.period(conn, period_id)
    if accepts(period["state"], "resume"):
        move(conn, tables.billing_period, period, "resume", chain=chain, at=now, actor=actor)


def _application_values(
    conn: Connection,
    claim: Claim,
    invite: RowMapping,
    earlier: Sequence[RowMapping],
    state: Application,
    received: datetime,
    now: datetime,
) -> dict[str, Any]:
    number = next((row["number"] for row in reversed(earlier) if row["number"] is not None), None)
    if number is None and claim.passes:
        number = queries_ledger.next_application_number(conn, invite["commitment_id"])
    return {
        "commitment_id": invite["commitment_id"],
        "number": number if claim.passes else None,
        "revision_number": queries_applications.next_revision(conn, claim.invite_id),
        "period_id": invite["period_id"],
        "invite_id": claim.invite_id,
        "state": state,
        "currency": claim.basis.currency,
        "inbox_id": claim.inbox_id,
        "workbook_sha": claim.workbook_sha,
        "claim_sha": claim.workbook_sha or "",
        "invoice_number": claim.invoice_number[:60],
        "comment": claim.comment[:2000],
        "entered_by": claim.entered_by,
        "sender": claim.sender[:320],
        "received_at": received,
        "submitted_at": claim.received_at,
    }


def _save_figures(
    conn: Connection,
    claim: Claim,
    commitment_id: int,
    application_id: int,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    save_findings(conn, claim.findings, application_id=application_id)
    lines = [_line_values(application_id, key, at, claim.basis.currency) for key, at in claim.amounts.items()]
    insert_rows_with_event(
        conn,
        tables.application_line,
        lines,
        chain=chain,
        at=now,
        what="application-claimed",
        actor=actor,
        subject=("application", application_id),
    )
    if claim.bill is not None:
        tax = tax_now(conn, commitment_id, claim.bill, claim.basis, claim.materials)
        save_summary(conn, application_id, "claimed", claim.bill, tax.payable, chain, actor, now)
        save_tax(conn, application_id, "claimed", tax, claim.basis.currency, chain, actor, now)
    if claim.inbox_id is not None:
        save_documents(conn, claim.documents, claim.inbox_id, application_id)


def _line_values(application_id: int, key: str, at: LineAmounts, currency: str) -> dict[str, Any]:
    return {
        "application_id": application_id,
        "line_key": key,
        "claimed_work_minor": to_minor(at.work, currency),
        "claimed_stored_minor": to_minor(at.stored, currency),
        "claimed_release_minor": to_minor(at.release, currency),
        "claimed_quantity_e4": None if at.quantity is None else to_scaled(at.quantity, QUANTITY_PLACES),
        "reason": "",
    }


def save_summary(
    conn: Connection,
    application_id: int,
    side: str,
    computed: Bill,
    payable_amount: Decimal,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the nine summary lines and what is payable, as claimed or as approved.

    An application that was opened again gets its new approved figures in place of the old ones; both are in the events.
    """
    values = {
        f"{name}_minor": to_minor(getattr(computed.summary, name), computed.currency)
        for name in SUMMARY_FIELDS
    }
    values["payable_minor"] = to_minor(payable_amount, computed.currency)
    about: Subject = ("application", application_id)
    what, there = f"application-{side}-summary", queries_ledger.summary_id(conn, application_id, side)
    table = tables.application_summary
    if there is not None:
        update_with_event(
            conn, table, there, values, chain=chain, at=now, what=what, actor=actor, subject=about
        )
        return
    row = {**values, "application_id": application_id, "side": side}
    insert_with_event(conn, table, row, chain=chain, at=now, what=what, actor=actor, subject=about)


def save_documents(
    conn: Connection, documents: Sequence[tuple[str, str, str]], inbox_id: int, application_id: int | None
) -> None:
    """Keep supporting documents (sha256, name, content type) with an application."""
    rows = [
        {
            "application_id": application_id,
            "inbox_id": inbox_id,
            "sha256": sha,
            "name": name,
            "content_type": content_type,
        }
        for sha, name, content_type in dict.fromkeys(documents)
    ]
    if rows:
        conn.execute(tables.attachment.insert(), rows)
