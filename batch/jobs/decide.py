"""One decision on one application, written whole: figures, ledgers, deductions, document number, review, notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch.core.billing import bill, gross_movement
from batch.core.exchange import Fixing
from batch.core.findings import Finding
from batch.core.methods import QUANTITY_PLACES, to_scaled
from batch.core.model import Basis, Bill, Deduction, InviteKind, LineAmounts, LinePosition, Permission
from batch.core.money import to_minor
from batch.core.retainage import RetainageEntry, entries_between
from batch.core.review_entries import ReviewDecision, ReviewOutcome, UnderReview
from batch.core.reviewing import settle, whole
from batch.core.states import Application, Invite, accepts
from batch.core.tax import Taxed, TaxTerms, taxed
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_tax,
    tables,
)
from batch.edges.store.changes import move
from batch.edges.store.events import (
    Actor,
    insert_rows_with_event,
    insert_with_event,
    project_chain,
    update_rows_with_event,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.about import Parties, parties
from batch.jobs.applications import save_summary
from batch.jobs.awaiting import Awaiting, load_awaiting
from batch.jobs.decision_checks import no_rate, not_permitted, not_reviewable, not_tied
from batch.jobs.decision_trace import write_review
from batch.jobs.exchanges import fixing_now, save_exchange
from batch.jobs.final import final_matters, not_final
from batch.jobs.letters import Letter, post
from batch.jobs.paying import Paying, load_paying, save_parts
from batch.jobs.payment_dates import fix_dates, local_date
from batch.jobs.taxes import save_tax


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An application as it stands now, with everything a decision on it needs."""

    row: RowMapping
    who: Parties
    basis: Basis
    claim: Mapping[str, LineAmounts]
    positions: Mapping[str, LinePosition]
    deductions: Sequence[tuple[int, Deduction]]
    tokens: Sequence[RowMapping]
    approvers: Sequence[RowMapping]
    waits_for: RowMapping | None
    taxing: TaxTerms
    materials: Decimal | None
    fixing: Fixing
    paying: Paying = field(default_factory=Paying)
    matters: Sequence[Finding] = ()
    awaiting: Awaiting | None = None


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision comes to, with the bill it makes; nothing is written yet."""

    pending: Pending
    outcome: ReviewOutcome
    admin: RowMapping
    workbook_sha: str | None
    bill: Bill | None
    tax: Taxed
    letters: Sequence[Letter] = ()


def load_pending(conn: Connection, row: RowMapping, now: datetime) -> Pending:
    """Load an application for a decision at an instant."""
    who = parties(conn, row["period_id"], row["commitment_id"])
    basis = queries_periods.basis(conn, row["invite_id"])
    named = {one.number for one in basis.deductions}
    waits = row["state"] is Application.PENDING_CLIENT_APPROVAL
    # Of one that waits for the client everything is loaded as it was before its approval, which an answer may change.
    own = row["id"] if waits else None
    opened = queries_register.deductions_open(conn, row["commitment_id"], basis.currency, own)
    asked = queries_tax.withholding(conn, row["id"], "claimed")
    return Pending(
        row=row,
        who=who,
        basis=basis,
        claim=queries_applications.claimed(queries_applications.line_rows(conn, row["id"]), basis.currency),
        positions=queries_ledger.positions(conn, row["commitment_id"], basis.currency, own),
        deductions=[(key, one) for key, one in opened if one.number in named],
        tokens=queries_periods.tokens(conn, row["invite_id"]),
        approvers=queries_register.admins_who_may(conn, Permission.APPROVE, _number_of(conn, row)),
        waits_for=queries_applications.undecided_before(conn, row["commitment_id"], row["period_number"]),
        taxing=queries_tax.terms(conn, row["commitment_id"]),
        materials=asked.materials if asked is not None else None,
        fixing=fixing_now(conn, who.project, basis.currency, now),
        paying=load_paying(conn, row["commitment_id"], basis.currency, own),
        matters=final_matters(
            conn, basis.kind, row["commitment_id"], basis.currency, local_date(now, who.project), row["id"]
        ),
        awaiting=load_awaiting(conn, row) if waits else None,
    )


def _number_of(conn: Connection, row: RowMapping) -> str:
    return str(queries_register.project(conn, row["project_id"])["number"])


def decide(
    pending: Pending, decision: ReviewDecision, admin: RowMapping, workbook_sha: str | None
) -> Decided:
    """What a decision by this admin comes to. With findings in its outcome nothing may be written."""
    case = UnderReview(
        application_id=str(pending.row["id"]),
        revision=pending.row["revision"],
        basis=pending.basis,
        claim=pending.awaiting.approved if pending.awaiting is not None else pending.claim,
        pending=pending.awaiting is not None,
    )
    outcome = settle(decision, case)
    faults = (
        *not_reviewable(pending, decision),
        *no_rate(pending, outcome, decision),
        *not_permitted(pending, outcome, admin, decision),
        *not_final(pending.matters, decision),
    )
    if faults:
        outcome = ReviewOutcome(application_id=case.application_id, findings=(*outcome.findings, *faults))
    computed = bill(pending.basis, outcome.approved) if outcome.approved and not outcome.findings else None
    if computed is not None and (broken := not_tied(computed, pending.basis, decision)):
        outcome = ReviewOutcome(application_id=case.application_id, findings=broken)
        computed = None
    if pending.awaiting is not None and outcome.event in ("client_approves", "client_cuts"):
        reasons = {**pending.awaiting.reasons, **outcome.line_reasons}
        outcome = replace(outcome, line_reasons=reasons)
    return Decided(
        pending=pending,
        outcome=outcome,
        admin=admin,
        workbook_sha=workbook_sha,
        bill=computed,
        tax=_tax_of(pending, computed, outcome.event),
    )


def _tax_of(pending: Pending, computed: Bill | None, event: str) -> Taxed:
    """The tax of an approval at today's rates; what the client agreed to keeps the tax that it was approved with."""
    if computed is None:
        return Taxed(payable=Decimal(0))
    if pending.awaiting is not None and event == "client_approves":
        return pending.awaiting.tax
    deductions = [one for _id, one in pending.deductions]
    return taxed(computed, deductions, pending.taxing, pending.basis.rounding, pending.materials)


def write_decision(conn: Connection, decided: Decided, now: datetime) -> None:
    """Write one decision with all that follows from it. Raises StaleRow when the application changed meanwhile."""
    pending, outcome = decided.pending, decided.outcome
    chain = project_chain(pending.who.project["id"])
    actor: Actor = ("admin", decided.admin["id"])
    if outcome.event == "hold":
        write_review(conn, decided, chain, actor, now)
        return
    values: dict[str, Any] = {}
    if decided.bill is not None:
        document = erp_document(pending.row, decided.bill, decided.tax.payable)
        values = {"approved_at": now, "erp_document": document}
    move(
        conn, tables.application, pending.row, outcome.event, chain=chain, at=now, actor=actor, values=values
    )
    _write_lines(conn, decided, chain, actor, now)
    if decided.bill is not None:
        _write_approval(conn, decided, decided.bill, chain, actor, now)
        # After a final bill nothing is asked for any more, also where it moved nothing.
        if _moves(decided.bill) or pending.basis.kind is InviteKind.FINAL:
            replace_later_invites(conn, pending.row, chain, actor, now)
    if outcome.event == "revise":
        _keep_open(conn, decided, chain, actor, now)
    write_review(conn, decided, chain, actor, now)
    post(conn, decided.letters, now)


def _keep_open(conn: Connection, decided: Decided, chain: str, actor: Actor, now: datetime) -> None:
    """Who is sent back may answer, also after the period has closed: it stays open for this commitment alone."""
    row = decided.pending.row
    if queries_periods.open_for(conn, row["period_id"], row["commitment_id"]):
        return
    values = {
        "period_id": row["period_id"],
        "commitment_id": row["commitment_id"],
        "reason": f"{queries_applications.name_of(row)} was sent back",
        "admin_id": decided.admin["id"],
        "at": now,
    }
    insert_with_event(
        conn, tables.reopening, values, chain=chain, at=now, what="period-kept-open", actor=actor
    )


def _moves(computed: Bill) -> bool:
    return any(
        gross_movement(line)
        or line.work_this_period
        or line.withheld_this_period
        or line.released_this_period
        for line in computed.lines
    )


def replace_later_invites(conn: Connection, row: RowMapping, chain: str, actor: Actor, now: datetime) -> None:
    """Workbooks of later periods start from figures that no longer stand: replaced, and issued again by the next tick.

    Seldom: an earlier period was opened again, or entered on behalf after the next invite had gone out. What came in on
    such a workbook and is not decided is superseded; a decline stands.
    """
    for invite in queries_periods.later_invites(conn, row["commitment_id"], row["period_number"]):
        if invite["state"] in (Invite.DECLINED, Invite.LAPSED) or not accepts(invite["state"], "replace"):
            continue
        for one in queries_applications.of_invite(conn, invite["id"]):
            if accepts(one["state"], "supersede"):
                move(conn, tables.application, one, "supersede", chain=chain, at=now, actor=actor)
        move(conn, tables.invite, invite, "replace", chain=chain, at=now, actor=actor)


def erp_document(row: RowMapping, computed: Bill, payable_amount: Decimal) -> str:
    """The ERP document number of an application: the sub's invoice number, else commitment and application number.

    With -CR for a credit (payable below zero), and -R where retainage is released without any work.
    """
    number = row["invoice_number"] or f"{row['commitment_number']}-{row['number']}"
    worked = any(gross_movement(line) for line in computed.lines)
    released = any(line.released_this_period for line in computed.lines)
    return number + ("-CR" if payable_amount < 0 else "-R" if released and not worked else "")


def _write_lines(conn: Connection, decided: Decided, chain: str, actor: Actor, now: datetime) -> None:
    outcome, currency = decided.outcome, decided.pending.basis.currency
    changes: dict[int, dict[str, Any]] = {}
    for row in queries_applications.line_rows(conn, decided.pending.row["id"]):
        values: dict[str, Any] = {"reason": outcome.line_reasons.get(row["line_key"], "")[:2000]}
        if decided.bill is not None:
            at = outcome.approved[row["line_key"]]
            values["approved_work_minor"] = to_minor(at.work, currency)
            values["approved_stored_minor"] = to_minor(at.stored, currency)
            values["approved_release_minor"] = to_minor(at.release, currency)
            quantity = None if at.quantity is None else to_scaled(at.quantity, QUANTITY_PLACES)
            values["approved_quantity_e4"] = quantity
        changes[row["id"]] = values
    update_rows_with_event(
        conn,
        tables.application_line,
        changes,
        chain=chain,
        at=now,
        what="application-lines-decided",
        actor=actor,
        subject=("application", decided.pending.row["id"]),
    )


def _write_approval(
    conn: Connection, decided: Decided, computed: Bill, chain: str, actor: Actor, now: datetime
) -> None:
    row, application_id = decided.pending.row, decided.pending.row["id"]
    fix_dates(conn, row, received=row["received_at"], approved=now, chain=chain, actor=actor, now=now)
    save_summary(conn, application_id, "approved", computed, decided.tax.payable, chain, actor, now)
    save_tax(conn, application_id, "approved", decided.tax, computed.currency, chain, actor, now)
    _write_ledger(conn, decided, computed, chain, actor, now)
    pending = decided.pending
    save_exchange(
        conn,
        pending.row,
        pending.fixing,
        computed,
        decided.tax.payable,
        pending.basis.rounding,
        chain,
        actor,
        now,
    )
    save_parts(conn, pending.row, pending.paying, decided.tax.payable, chain, actor, now)
    currency = computed.currency
    taken = [
        {
            "application_id": application_id,
            "deduction_id": deduction_id,
            "amount_minor": to_minor(one.amount, currency),
            "currency": currency,
            "live": True,
        }
        for deduction_id, one in decided.pending.deductions
    ]
    insert_rows_with_event(
        conn,
        tables.application_deduction,
        taken,
        chain=chain,
        at=now,
        what="deductions-taken",
        actor=actor,
        subject=("application", application_id),
    )


def _write_ledger(
    conn: Connection, decided: Decided, computed: Bill, chain: str, actor: Actor, now: datetime
) -> None:
    """Append what the approval moves: work and stored materials of each line, and the retainage entries.

    Measured from what the ledger holds, so that material which went over into the work by itself is moved there too.
    """
    row, currency = decided.pending.row, computed.currency
    own = {"commitment_id": row["commitment_id"], "application_id": row["id"], "at": now}
    ordinal = queries_ledger.next_ordinal(conn, row["id"])
    held = decided.pending.positions
    before = {line.line.key: held.get(line.line.key, LinePosition()) for line in computed.lines}
    movements = [
        {
            **own,
            "line_key": line.line.key,
            "ordinal": ordinal,
            "work_minor": to_minor(line.position.work - before[line.line.key].work, currency),
            "stored_minor": to_minor(line.position.stored - before[line.line.key].stored, currency),
            "quantity_e4": to_scaled(
                line.position.quantity - before[line.line.key].quantity, QUANTITY_PLACES
            ),
        }
        for line in computed.lines
        if line.position.work != before[line.line.key].work
        or line.position.stored != before[line.line.key].stored
        or line.position.quantity != before[line.line.key].quantity
    ]
    entries = [
        entry
        for line in computed.lines
        for entry in entries_between(line.line.key, before[line.line.key], line.position, line.re_rated)
    ]
    about = ("application", row["id"])
    insert_rows_with_event(
        conn,
        tables.line_ledger,
        movements,
        chain=chain,
        at=now,
        what="lines-moved",
        actor=actor,
        subject=about,
    )
    insert_rows_with_event(
        conn,
        tables.retainage_entry,
        [{**own, **entry_values(entry, currency)} for entry in entries],
        chain=chain,
        at=now,
        what="retainage-entered",
        actor=actor,
        subject=about,
    )


def entry_values(entry: RetainageEntry, currency: str) -> dict[str, Any]:
    """The columns of one ledger entry; a reversing one says in its kind what it reverses."""
    kind = entry.kind.value if entry.reverses is None else f"reversed {entry.reverses.value}"
    return {
        "line_key": entry.line_key,
        "kind": kind,
        "component": entry.component.value,
        "amount_minor": to_minor(entry.amount, currency),
        "currency": currency,
    }


def claim_whole(pending: Pending) -> Mapping[str, LineAmounts]:
    """What was claimed on every line of the schedule of values."""
    return whole(pending.claim, pending.basis)
