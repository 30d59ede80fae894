"""Mail to admins: what waits for them, what was applied, what a register would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from batch.core.billing import bill
from batch.core.model import Summary
from batch.core.money import total
from batch.edges.store.rows import RowMapping
from batch.formats.figures import instant_text, money_text
from batch.formats.mail.compose import Attachment
from batch.formats.register.diff import FieldChange
from batch.formats.register.frozen import text_of
from batch.formats.register.problems import Weight
from batch.formats.review.content import ReviewApplication, ReviewContent
from batch.formats.terms import approver, owners
from batch.jobs.about import period_text
from batch.jobs.decide import Decided, claim_whole
from batch.jobs.letters import XLSX, Letter, Subject, seal
from batch.jobs.workplace import Workplace

if TYPE_CHECKING:
    from batch.jobs.register import RegisterCheck
    from batch.jobs.review import ReviewResult

WORDS = {
    "approve": "Approved",
    "note": "Approved as noted",
    "await_client": "Pending client approval",
    "client_approves": "Approved by the client",
    "client_cuts": "Approved as noted, as the client cut it",
    "reopen": "Under review again",
    "revise": "Revise and resubmit",
    "hold": "Held",
}


def review_ready(
    w: Workplace,
    content: ReviewContent,
    project: RowMapping,
    period: RowMapping,
    admin: RowMapping,
    *,
    workbook: bytes,
    name: str,
    folder: str,
    declined: int,
    ordinal: int,
    now: datetime,
) -> Letter:
    """Tell an admin that applications wait, with the review workbook attached."""
    figures = [(one, bill(one.basis, one.claim).summary) for one in content.applications if not one.pending]
    context = {
        "company": content.company,
        "project": content.project_name,
        "recipient": admin["name"],
        "period": period_text(period, project["locale"]),
        "waiting": len(figures),
        "not_answered": len(content.not_answered),
        "declined": declined,
        "exceptions": len(content.exceptions),
        "totals": _claimed_totals(figures),
        "applications": [
            {
                "commitment": one.basis.commitment,
                "vendor": one.basis.vendor_name,
                "claimed": money_text(s.gross_this_period, one.basis.currency),
                "payment_due": money_text(s.current_payment_due, one.basis.currency),
                "remarks": " ".join(one.flags),
            }
            for one, s in figures
        ],
        "workbook_name": name,
        "folder": folder,
        "record": "",
    }
    return seal(
        w,
        "review_ready",
        context,
        locale=project["locale"],
        to=admin["address"],
        subject=Subject(type="billing_period", id=period["id"], revision=ordinal),
        now=now,
        attachments=[Attachment(name=name, content_type=XLSX, data=workbook)],
    )


def _claimed_totals(figures: Sequence[tuple[ReviewApplication, Summary]]) -> list[dict[str, str]]:
    currencies = sorted({one.basis.currency for one, _summary in figures})
    return [
        {
            "label": f"{label}, {currency}" if len(currencies) > 1 else label,
            "amount": money_text(
                total((getattr(s, field) for one, s in figures if one.basis.currency == currency), currency),
                currency,
            ),
        }
        for currency in currencies
        for label, field in (
            ("Claimed this period", "gross_this_period"),
            ("Payment due", "current_payment_due"),
        )
    ]


def decision_report(
    w: Workplace, result: ReviewResult, admin: RowMapping, sha: str, name: str, now: datetime
) -> list[Letter]:
    """Tell an admin what a review workbook did, with the totals at once, while its notices still wait."""
    first = result.decided[0].pending if result.decided else None
    project = first.who.project if first is not None else None
    locale = project["locale"] if project is not None else "en-US"
    leave = now + timedelta(minutes=w.config.notices.delay_minutes)
    notices = any(one.letters for one in result.decided)
    context = {
        "company": first.basis.company if first is not None else w.config.mail.name,
        "project": first.basis.project_name if first is not None else "",
        "recipient": admin["name"],
        "period": period_text(first.who.period, locale) if first is not None else "",
        "workbook_name": name,
        "applied": [_applied(one) for one in result.decided]
        + [
            {
                "commitment": claim.basis.commitment,
                "vendor": claim.basis.vendor_name,
                "decision": "Entered on behalf",
                "claimed": money_text(claim.bill.summary.gross_this_period, claim.basis.currency)
                if claim.bill
                else "",
                "approved": "",
            }
            for claim, _row in result.claims
        ],
        "refused": [
            {"commitment": one.commitment, "vendor": one.vendor, "sentence": " ".join(one.sentences)}
            for one in result.refused
        ],
        "totals": _totals(result.decided),
        "notices_leave": instant_text(leave, project["time_zone"], locale)
        if notices and project is not None
        else "",
        "record": sha[:16],
    }
    subject = Subject(type=f"review-{sha[:16]}", id=admin["id"])
    return [seal(w, "decision_report", context, locale=locale, to=admin["address"], subject=subject, now=now)]


def _applied(decided: Decided) -> dict[str, str]:
    pending, currency = decided.pending, decided.pending.basis.currency
    claimed = bill(pending.basis, claim_whole(pending)).summary.gross_this_period
    approved = decided.bill.summary.gross_this_period if decided.bill is not None else None
    return {
        "commitment": pending.basis.commitment,
        "vendor": pending.basis.vendor_name,
        "decision": decision_word(decided, WORDS),
        "claimed": money_text(claimed, currency),
        "approved": money_text(approved, currency) if approved is not None else "",
    }


def decision_word(decided: Decided, words: Mapping[str, str]) -> str:
    """The word for a decision, with the owner in place of the client where that is the word."""
    word = words[decided.outcome.event]
    return owners(word) if approver(decided.pending.who.locale) == "owner" else word


def _totals(decided: Sequence[Decided]) -> list[dict[str, str]]:
    approved = [
        (one.pending.basis.currency, one.bill.summary, one.tax.payable)
        for one in decided
        if one.bill is not None
    ]
    rows = []
    for currency in sorted({one[0] for one in approved}):
        mine = [one for one in approved if one[0] == currency]
        gross = total((s.gross_this_period for _c, s, _p in mine), currency)
        payable = total((p for _c, _s, p in mine), currency)
        rows.append({"label": "Approved this period", "amount": money_text(gross, currency)})
        rows.append({"label": "Payable", "amount": money_text(payable, currency)})
    return rows


def register_report(
    w: Workplace,
    checked: RegisterCheck,
    admin: RowMapping,
    name: str,
    subject: Subject,
    *,
    applied: bool,
    now: datetime,
) -> Letter:
    """Tell an admin what a register workbook that came by mail or by folder would change."""
    done = checked.plan
    context = {
        "company": w.config.mail.name,
        "project": "",
        "recipient": admin["name"],
        "workbook_name": name,
        "added": [
            {"sheet": row.title, "row": row.cell, "sentence": " ".join(str(part) for part in row.key)}
            for row in done.added
        ],
        "changed": [
            {"sheet": row.title, "row": row.cell, "sentence": "; ".join(_change(one) for one in row.changes)}
            for row in done.changed
        ],
        "refused": _refused_rows(checked),
        "confirm": _confirm(checked, admin, applied=applied),
    }
    return seal(w, "register_report", context, locale="en-US", to=admin["address"], subject=subject, now=now)


def _change(one: FieldChange) -> str:
    old, new = (text_of(value) or "(blank)" for value in (one.old, one.new))
    return f"{one.heading}: {old} to {new}"


def _refused_rows(checked: RegisterCheck) -> list[dict[str, str]]:
    """What is refused: faults with what was found and expected, then rows that are good by themselves and left out."""
    faults = [one for one in checked.read.problems if one.weight is Weight.ERROR]
    faulty = {(one.sheet, one.key) for one in checked.read.faulty}
    rows = [
        {
            "sheet": p.sheet,
            "cell": p.cell,
            "found": p.found,
            "expected": p.expected,
            "sentence": p.sentence,
        }
        for p in faults
    ]
    return rows + [
        {"sheet": one.title, "cell": one.cell, "found": "", "expected": "", "sentence": one.reason}
        for one in checked.plan.refused
        if (one.sheet, one.key) not in faulty
    ]


def _confirm(checked: RegisterCheck, admin: RowMapping, *, applied: bool) -> str:
    """How to apply what came by mail; '' when it was applied, or when there is only something refused."""
    if checked.plan.empty:
        return "" if checked.faults else "It holds nothing that is not in the register already."
    return "" if applied else f"To apply it, run: billings register import FILE --by {admin['address']}"
