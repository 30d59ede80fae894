"""What a subcontractor is told of a decision: approved, approved as noted, or sent back with the reasons in the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from batch.core.billing import LineDifference, bill, differences
from batch.core.model import Bill
from batch.core.money import total
from batch.core.paying import JointPayment
from batch.core.payment_terms import CountedFrom, PaymentDates
from batch.core.states import Outgoing
from batch.edges.store import queries_dates, queries_mail
from batch.edges.store.rows import RowMapping
from batch.formats.figures import date_text, money_text
from batch.formats.mail.compose import Attachment
from batch.formats.terms import approver
from batch.jobs.about import about, summary_rows, workbook_name
from batch.jobs.decide import Decided, claim_whole
from batch.jobs.invite import WRITTEN_TO
from batch.jobs.letters import XLSX, Letter, Subject, seal
from batch.jobs.paying import payee_rows
from batch.jobs.payment_dates import counted, date_rows, leaves_by, local_date, period_days
from batch.jobs.taxes import tax_rows
from batch.jobs.workbooks import pay_application, terms_for
from batch.jobs.workplace import Workplace


def with_notices(w: Workplace, decided: Decided, now: datetime) -> Decided:
    """The decision with its notices rendered. They wait for a while, so that a slip can be taken back unsent."""
    event = decided.outcome.event
    if event not in NOTIFIED or (event == "client_approves" and not _waits(decided)):
        return decided  # where nobody waits for the client, the approval was told when it was made
    leave = now + timedelta(minutes=w.config.notices.delay_minutes)
    leave = leaves_by(_dates_at(w, decided, now), decided.pending.who.project, now, leave)
    make = _sent_back if event == "revise" else _approved
    copies = [row for row in decided.pending.tokens if row["role"] in WRITTEN_TO]
    return replace(decided, letters=[make(w, decided, copy, now, leave) for copy in copies])


#: Decisions that a subcontractor is told of.
NOTIFIED = ("approve", "note", "await_client", "client_approves", "client_cuts", "revise")


def _waits(decided: Decided) -> bool:
    """Whether, on this project, a subcontractor's approval is final only once the client has agreed."""
    return bool(decided.pending.who.project["client_first"])


def _dates_at(w: Workplace, decided: Decided, now: datetime) -> PaymentDates | None:
    """The dates of the payment as they are once this decision is written at `now`."""
    row, who = decided.pending.row, decided.pending.who
    with w.store.read() as conn:
        fixed = queries_dates.row_of(conn, row["commitment_id"], row["number"])
        found = queries_dates.terms_of(conn, row["commitment_id"])
    if decided.bill is None or (fixed is not None and fixed["counted_from"] is not CountedFrom.APPROVED):
        return None if fixed is None else queries_dates.from_json(fixed["dates"])
    if fixed is not None and decided.outcome.event == "client_approves":
        return queries_dates.from_json(fixed["dates"])
    approved = {CountedFrom.APPROVED: local_date(now, who.project)}
    received = {CountedFrom.RECEIVED: local_date(row["received_at"], who.project)}
    made = counted(found, {**period_days(who.period), **received, **approved})
    return None if made is None else made[2]


def _corrects(w: Workplace, decided: Decided) -> str:
    """What a notice of a cut by the client takes the place of: one that has left already; or ''."""
    row = decided.pending.row
    if decided.outcome.event != "client_cuts" or _waits(decided):
        return ""
    with w.store.read() as conn:
        mails = queries_mail.outgoing_of(conn, "application", row["id"])
    left = any(mail["state"] not in (Outgoing.PENDING, Outgoing.WITHDRAWN) for mail in mails)
    who = decided.pending.who
    return (
        f"our notice of {local_day(row['approved_at'], who.project['time_zone'], who.locale)}" if left else ""
    )


def local_day(instant: datetime, time_zone: str, locale: str) -> str:
    """The calendar date of an instant on the site, as people of the locale write it."""
    return date_text(instant.astimezone(ZoneInfo(time_zone)).date(), locale)


def _names(decided: Decided) -> dict[str, str]:
    return {row["address"]: row["name"] for row in decided.pending.who.contacts}


def _subject(decided: Decided) -> Subject:
    return Subject(type="application", id=decided.pending.row["id"], revision=decided.pending.row["revision"])


def _revision(row: RowMapping) -> str:
    return str(row["revision_number"]) if row["revision_number"] > 1 else ""


def _approved(w: Workplace, decided: Decided, copy: RowMapping, now: datetime, leave: datetime) -> Letter:
    pending, approved = decided.pending, decided.bill
    assert approved is not None, "an approval has a bill"
    who, basis, currency = pending.who, pending.basis, pending.basis.currency
    claimed = bill(basis, claim_whole(pending))
    gross = (claimed.summary.gross_this_period, approved.summary.gross_this_period)
    deductions = [one for _id, one in pending.deductions]
    parts = _parts(decided)
    context = {
        **about(who, basis, recipient=_names(decided).get(copy["address"], "")),
        "application_number": str(pending.row["number"]),
        "revision": _revision(pending.row),
        "as_noted": claim_whole(pending) != decided.outcome.approved,
        "awaits": approver(who.locale) if decided.outcome.event == "await_client" and _waits(decided) else "",
        "corrects": _corrects(w, decided),
        "claimed": money_text(gross[0], currency),
        "approved": money_text(gross[1], currency),
        "difference": money_text(gross[0] - gross[1], currency),
        "reason": decided.outcome.reason,
        "lines": _cut_lines(decided, differences(claimed, approved), currency),
        "summary": _summary(approved, who.locale),
        "retainage_held": money_text(approved.summary.retainage_total, currency),
        "deductions": [
            {"label": f"{one.number}: {one.description}", "amount": money_text(-one.amount, currency)}
            for one in deductions
        ],
        "payees": payee_rows(who.commitment["vendor_name"], decided.tax.payable, parts, currency),
        "holds": [one.reason for one in pending.paying.holds if one.shown],
        "tax": tax_rows(decided.tax, currency, who.locale),
        "payable": money_text(decided.tax.payable, currency),
        "dates": date_rows(_dates_at(w, decided, now), who.locale),
        "record": "",
    }
    return seal(
        w,
        "approval",
        context,
        locale=who.locale,
        to=copy["address"],
        subject=_subject(decided),
        now=now,
        token=copy["token"],
        decision=True,
        not_before=leave,
    )


def _parts(decided: Decided) -> Sequence[JointPayment]:
    """Who is paid what, as an approval fixes it now; what the client agreed to stays as it was fixed."""
    awaiting = decided.pending.awaiting
    if awaiting is not None and decided.outcome.event == "client_approves":
        return awaiting.parts
    return [part for _id, part in decided.pending.paying.parts(decided.tax.payable)]


def _cut_lines(decided: Decided, found: Sequence[LineDifference], currency: str) -> list[dict[str, str]]:
    claim, approved = claim_whole(decided.pending), decided.outcome.approved
    return [
        {
            "line": one.line.item or one.line.key,
            "description": one.line.description,
            "claimed": money_text(one.claimed_gross, currency),
            "approved": money_text(one.approved_gross, currency),
            "difference": money_text(one.gross, currency),
            "reason": decided.outcome.line_reasons.get(one.line.key, decided.outcome.reason),
        }
        for one in found
        if claim[one.line.key] != approved[one.line.key]
    ]


def _summary(computed: Bill, locale: str) -> list[dict[str, str]]:
    terms = terms_for(locale)
    labels = {
        "contract_sum_to_date": "Contract sum to date",
        "total_completed_and_stored": "Total completed and stored to date",
        "retainage_total": f"Less {terms['retainage']} held",
        "total_earned_less_retainage": f"Earned less {terms['retainage']}",
        "previous_certificates": f"Less {terms['previous_certificates']}",
        "current_payment_due": "Current payment due",
    }
    return summary_rows(computed, labels)


def _sent_back(w: Workplace, decided: Decided, copy: RowMapping, now: datetime, leave: datetime) -> Letter:
    pending, outcome = decided.pending, decided.outcome
    who, basis, currency = pending.who, pending.basis, pending.basis.currency
    rejected = {key: outcome.line_reasons.get(key, outcome.reason) for key in outcome.rejected}
    workbook = pay_application(
        w, who, basis, token=copy["token"], created=now, entries=pending.claim, rejected=rejected
    )
    name = workbook_name(basis)
    lines = [
        {
            "line": line.item or line.key,
            "description": line.description,
            "claimed": money_text(_claimed(decided, line.key), currency),
            "allowed": "",
            "reason": rejected[line.key],
        }
        for line in basis.lines
        if line.key in rejected
    ]
    context = {
        **about(who, basis, recipient=_names(decided).get(copy["address"], "")),
        "application_number": str(pending.row["number"]),
        "revision": _revision(pending.row),
        "due": who.instant(_answer_by(who.period, now)),
        "workbook_name": name,
        "reason": outcome.reason,
        "lines": lines,
    }
    return seal(
        w,
        "revise_and_resubmit",
        context,
        locale=who.locale,
        to=copy["address"],
        subject=_subject(decided),
        now=now,
        token=copy["token"],
        decision=True,
        not_before=leave,
        attachments=[Attachment(name=name, content_type=XLSX, data=workbook)],
    )


def _answer_by(period: RowMapping, now: datetime) -> datetime:
    """Until when a revised one is asked for: the due time, or as long from now as there is between due and closing."""
    time_left = max(period["close_at"] - period["due_at"], timedelta(days=1))
    due_at: datetime = period["due_at"]
    return due_at if now < due_at else now + time_left


def _claimed(decided: Decided, key: str) -> Decimal:
    at = claim_whole(decided.pending)[key]
    prior = decided.pending.basis.positions.get(key)
    stored = at.stored - prior.stored if prior is not None else at.stored
    return total((at.work, stored), decided.pending.basis.currency)
