"""One decision by hand, by the same rules as the review workbook; and the three moves that only a person makes.

`override` takes a returned claim into review as it is, `recall` takes an application back that was sent to be revised, `void`
ends one that should not be there. Each needs a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from batch.core.model import LineAmounts, Permission
from batch.core.money import MoneyError, amount
from batch.core.review_entries import Choice, ReviewDecision, ReviewedLine
from batch.core.states import accepts
from batch.edges.store import queries_ledger, queries_register, tables
from batch.edges.store.changes import move
from batch.edges.store.events import Actor, insert_with_event, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import state_shown
from batch.jobs.client_answers import write_any
from batch.jobs.decide import Pending, claim_whole, decide, load_pending
from batch.jobs.notices import with_notices
from batch.jobs.payment_dates import fix_dates
from batch.jobs.workbooks import sentences
from batch.jobs.workplace import Workplace

MOVES = ("override", "recall", "void")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Approved figures that differ from those before, as typed: `LINE=AMOUNT`, of work this period and of stored materials."""

    work: Sequence[str] = ()
    stored: Sequence[str] = ()


def decide_by_hand(
    w: Workplace,
    row: RowMapping,
    choice: str,
    reason: str,
    admin: RowMapping,
    now: datetime,
    materials: str = "",
    figures: Figures | None = None,
) -> list[str]:
    """Apply one decision, such as approve or client-cuts; gives why it was refused, in sentences, or nothing.

    `materials`: the cost of materials in the payment (UK, CIS) as text, in place of the one that was claimed.
    """
    with w.store.read() as conn:
        pending = load_pending(conn, row, now)
    if materials:
        if not pending.taxing.asks_materials:
            return ["Nothing is withheld from this payment, so materials make no difference to it."]
        try:
            spent = amount(materials, pending.basis.currency)
        except MoneyError:
            return [f"{materials} is not an amount in {pending.basis.currency}, such as 1234.50."]
        if spent < 0:
            return ["The cost of materials cannot be below zero."]
        pending = replace(pending, materials=spent)
    amounts, fault = _entered(pending, figures or Figures())
    if fault:
        return [fault]
    lines = {key: ReviewedLine(approved=at) for key, at in amounts.items()}
    decision = ReviewDecision(
        application_id=str(row["id"]),
        revision=row["revision"],
        choice=Choice(choice.replace("-", " ")),
        reason=reason,
        lines=lines,
    )
    decided = decide(pending, decision, admin, None)
    if decided.outcome.findings:
        return sentences(decided.outcome.findings, pending.who.locale, pending.basis.currency)
    decided = with_notices(w, decided, now)
    with w.store.write() as conn:
        write_any(conn, decided, now)
    return []


def _entered(pending: Pending, figures: Figures) -> tuple[dict[str, LineAmounts], str]:
    """The figures a decision starts from, with those that were typed; and a sentence when one cannot be read, or ''."""
    begins = pending.awaiting.approved if pending.awaiting is not None else claim_whole(pending)
    amounts = dict(begins)
    for field, typed in (("work", figures.work), ("stored", figures.stored)):
        for one in typed:
            key, _, text = one.partition("=")
            if key not in amounts:
                return {}, f"{one} names no line of this application; write LINE=AMOUNT, such as 10=1234.50."
            try:
                amounts[key] = replace(amounts[key], **{field: amount(text, pending.basis.currency)})
            except MoneyError:
                return {}, f"{text} is not an amount in {pending.basis.currency}, such as 1234.50."
    return amounts, ""


def move_by_hand(
    w: Workplace, row: RowMapping, event: str, reason: str, admin: RowMapping, now: datetime
) -> list[str]:
    """Override, recall or void an application; gives why it was refused, in sentences, or nothing."""
    with w.store.read() as conn:
        refused = list(_refused(conn, row, event, reason, admin))
        number = row["number"] or queries_ledger.next_application_number(conn, row["commitment_id"])
    if refused:
        return refused
    chain = project_chain(row["project_id"])
    actor: Actor = ("admin", admin["id"])
    values = {"number": number} if event == "override" else {}
    review = {
        "application_id": row["id"],
        "decision": event,
        "admin_id": admin["id"],
        "reason": reason[:2000],
        "at": now,
    }
    with w.store.write() as conn:
        move(conn, tables.application, row, event, chain=chain, at=now, actor=actor, values=values)
        if event == "override":
            taken = {**row, "number": number}
            received = row["received_at"]
            fix_dates(conn, taken, received=received, approved=None, chain=chain, actor=actor, now=now)
        insert_with_event(
            conn,
            tables.review,
            review,
            chain=chain,
            at=now,
            what="application-moved-by-hand",
            actor=actor,
            subject=("application", row["id"]),
        )
    return []


def _refused(conn: Connection, row: RowMapping, event: str, reason: str, admin: RowMapping) -> list[str]:
    project = queries_register.project(conn, row["project_id"])
    if not reason.strip():
        return ["Say why with a reason."]
    if not queries_register.may(admin, Permission.APPROVE, project["number"]):
        return [f"{admin['name']} may not decide on project {project['number']}."]
    if not accepts(row["state"], event):
        return [
            f"The application is {state_shown(row['state'], row['locale'])}; that does not allow {event}."
        ]
    if event == "override" and queries_ledger.summary_id(conn, row["id"], "claimed") is None:
        return [
            "Its amounts could not all be read, so there is nothing to review. Enter it on behalf instead."
        ]
    return []
