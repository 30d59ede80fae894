"""Answers to mail that came in: receipts, refusals, questions; and word to the admins of what waits for a person.

An automatic answer goes out only where that is safe: to a person, not to a robot, and not without end to one address.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from batch.core.findings import Severity
from batch.core.model import Bill, Permission
from batch.core.returned import Checked
from batch.edges.store import queries_dates, queries_mail, queries_register
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import money_text
from batch.formats.findings_text import shown_text
from batch.formats.mail.attachments import MailPart
from batch.formats.mail.compose import Attachment
from batch.jobs.about import Parties, about
from batch.jobs.case import Case, Incoming
from batch.jobs.letters import XLSX, Letter, Subject, Thread, seal
from batch.jobs.payment_dates import date_rows, expected_dates
from batch.jobs.taxes import claimed_tax
from batch.jobs.workbooks import marked, sentences, terms_for
from batch.jobs.workplace import Workplace

#: At most so many automatic answers to one address in this time; then silence, and the admins hear of it anyway.
MOST_ANSWERS = 20
ANSWER_WINDOW = timedelta(hours=2)
ANSWERS = ("receipt", "refusal", "question", "declined", "held_notice", "register_report")
#: Questions are asked less often: so many a day, and only one to words without a file. A program that answers every mail of
#: ours without saying that it is a program would else be answered for ever; what a person writes is read by a person.
MOST_QUESTIONS = 10
QUESTION_WINDOW = timedelta(days=1)
#: At most so many notices to one admin in this time; what waits is in the review workbook and in `billings inbox` as well.
MOST_NOTICES = 20
NOTICE_WINDOW = timedelta(hours=2)
LAST_NOTICE = (
    "More may wait: there will be no further notice for two hours. `billings inbox` lists all of it."
)
#: How many findings a refusal lists; the marked workbook shows every one.
MOST_FINDINGS = 12
SAID = 600


def is_contact(who: Parties, address: str) -> bool:
    """Whether an address is one of the commitment's contacts."""
    return address.lower() in {row["address"].lower() for row in who.contacts}


def _answer_to(incoming: Incoming, case: Case | None) -> tuple[str, str, str]:
    """Address, name and token to answer to. What a stranger sent is answered to the contact whose invite it used."""
    sender = incoming.mail.from_address
    if case is None:
        return sender, "", ""
    used = {one.token for one in incoming.tokens}
    copies = {row["address"].lower(): row for row in case.tokens}
    names = {row["address"].lower(): row["name"] for row in case.who.contacts}
    own = copies.get(sender.lower()) or next((row for row in case.tokens if row["token"] in used), None)
    own = own or (case.tokens[0] if case.tokens else None)
    token = own["token"] if own is not None else ""
    if is_contact(case.who, sender) or own is None:
        return sender, names.get(sender.lower(), ""), token
    return own["address"], names.get(own["address"].lower(), ""), token


def may_answer(w: Workplace, incoming: Incoming, to: str, now: datetime) -> bool:
    """Whether an automatic answer to this mail is safe (RFC 3834 section 2)."""
    if not incoming.classified.answerable or not to or to.lower() == w.address.lower():
        return False
    with w.store.read() as conn:
        return queries_mail.answers_since(conn, to, ANSWERS, now - ANSWER_WINDOW) < MOST_ANSWERS


def _may_ask(w: Workplace, incoming: Incoming, to: str, now: datetime) -> bool:
    """Whether one more question to an address is within bounds."""
    logos = [p for p in incoming.mail.parts if p.embedded and p.content_type.startswith("image/")]
    brings_a_file = len(incoming.mail.parts) > len(logos)
    most = MOST_QUESTIONS if brings_a_file else 1
    with w.store.read() as conn:
        return queries_mail.answers_since(conn, to, ("question",), now - QUESTION_WINDOW) < most


def _thread(incoming: Incoming) -> Thread:
    mail = incoming.mail
    return Thread(in_reply_to=mail.message_id, references=mail.references, automatic="replied")


def _sealed(
    w: Workplace,
    kind: str,
    incoming: Incoming,
    case: Case | None,
    context: dict[str, object],
    now: datetime,
    attachments: Sequence[Attachment] = (),
) -> list[Letter]:
    to, _name, token = _answer_to(incoming, case)
    if not may_answer(w, incoming, to, now):
        return []
    return [
        seal(
            w,
            kind,
            context,
            locale=case.who.locale if case is not None else "en-US",
            to=to,
            subject=Subject(type="inbox", id=incoming.row["id"], revision=case.invite["id"] if case else 0),
            now=now,
            token=token,
            thread=_thread(incoming),
            attachments=attachments,
        )
    ]


def question(
    w: Workplace, incoming: Incoming, case: Case | None, problem: str, files: Sequence[str], now: datetime
) -> list[Letter]:
    """Tell the sender what could not be used and what to send instead; nothing when `problem` is ''."""
    if not problem:
        return []
    to, name, _token = _answer_to(incoming, case)
    if not _may_ask(w, incoming, to, now):
        return []
    # Where the sender is not known for certain, nothing of what they wrote is sent on in our name.
    context = {
        **(_about(case, name) if case is not None else _about_nobody(w)),
        "problem": problem,
        "files": list(files) if case is not None else [],
        "said": incoming.classified.words[:SAID] if case is not None else "",
        "due": case.who.due if case is not None and case.period_open else "",
    }
    return _sealed(w, "question", incoming, case, context, now)


def _about(case: Case, recipient: str) -> dict[str, object]:
    return about(case.who, case.basis, recipient=recipient)


def _about_nobody(w: Workplace) -> dict[str, object]:
    # Where the invite is not known, nothing is said about any project.
    names = (
        "project", "vendor", "commitment", "commitment_title", "period", "period_from", "period_to", "contact", "note",
        "recipient",
    )  # fmt: skip
    return {**dict.fromkeys(names, ""), "company": w.config.mail.name}


def receipt(
    w: Workplace,
    incoming: Incoming,
    case: Case,
    name: str,
    checked: Checked,
    computed: Bill | None,
    now: datetime,
) -> list[Letter]:
    """Confirm a pay application with its figures as we read them."""
    _to, recipient, _token = _answer_to(incoming, case)
    currency = case.basis.currency
    terms = terms_for(case.who.locale)
    figures: list[dict[str, str]] = []
    due = ""
    tax: list[dict[str, str]] = []
    if computed is not None:
        summary = computed.summary
        rows = (
            ("Billed this period", summary.gross_this_period),
            ("Total completed and stored to date", summary.total_completed_and_stored),
            (f"{terms['retainage'].capitalize()} held", summary.retainage_total),
            ("Earned less " + terms["retainage"], summary.total_earned_less_retainage),
            (terms["previous_certificates"].capitalize(), summary.previous_certificates),
        )
        figures = [{"label": label, "amount": money_text(amount, currency)} for label, amount in rows]
        due = money_text(summary.current_payment_due, currency)
        tax = claimed_tax(computed, case.basis, case.taxing, checked.materials, case.who.locale)
    shown = [one for one in checked.findings if one.severity is not Severity.RETURN]
    context = {
        **_about(case, recipient),
        "application_number": str(case.basis.application_number),
        "revision": str(len(case.earlier) + 1) if case.earlier else "",
        "received": case.who.instant(incoming.row["received_at"]),
        "workbook_name": name,
        "figures": figures,
        "payment_due": due,
        "tax": tax,
        "dates": _dates(w, incoming, case),
        "remarks": sentences(shown, case.who.locale, currency),
    }
    return _sealed(w, "receipt", incoming, case, context, now)


def _dates(w: Workplace, incoming: Incoming, case: Case) -> list[dict[str, str]]:
    """The dates of the payment that a receipt names: as fixed at the first receipt, else as this one fixes them."""
    commitment, numbered = case.who.commitment["id"], [row["number"] for row in case.earlier if row["number"]]
    received = case.who.period, incoming.row["received_at"]
    with w.store.read() as conn:
        fixed = queries_dates.dates_of(conn, commitment, numbered[-1] if numbered else None)
        found = fixed or expected_dates(conn, commitment, *received)
    return date_rows(found, case.who.locale)


def refusal(
    w: Workplace, incoming: Incoming, case: Case, part: MailPart, checked: Checked, now: datetime
) -> list[Letter]:
    """Send the sub's own workbook back with the wrong cells marked, and the same list in the mail."""
    _to, recipient, _token = _answer_to(incoming, case)
    locale, currency = case.who.locale, case.basis.currency
    listed = checked.findings[:MOST_FINDINGS]
    rows = [
        {
            "sheet": f.sheet,
            "cell": f.cell,
            "found": shown_text(f.found, currency),
            "expected": shown_text(f.expected, currency),
            "sentence": text,
        }
        for f, text in zip(listed, sentences(listed, locale, currency), strict=True)
    ]
    context = {
        **_about(case, recipient),
        "due": case.who.due,
        "workbook_name": part.name,
        "findings": rows,
    }
    back = Attachment(
        name=f"{PurePosixPath(part.name).stem or 'workbook'}.xlsx",  # what goes back is an .xlsx, whatever came
        content_type=XLSX,
        data=marked(part.data, checked.findings, locale, currency),
    )
    return _sealed(w, "refusal", incoming, case, context, now, [back])


def declined(w: Workplace, incoming: Incoming, case: Case, reason: str, now: datetime) -> list[Letter]:
    """Confirm that an invite was declined."""
    _to, recipient, _token = _answer_to(incoming, case)
    context = {**_about(case, recipient), "due": case.who.due, "reason": reason}
    return _sealed(w, "declined", incoming, case, context, now)


def exception(
    w: Workplace, incoming: Incoming, case: Case | None, problem: str, done: str, now: datetime
) -> list[Letter]:
    """Tell the admins of a mail that waits for a person. The project's own admins, or all when the project is not known."""
    with w.store.read() as conn:
        if case is None:
            admins = list(queries_register.admins(conn))
        else:
            number = case.who.project["number"]
            admins = list(queries_register.admins_who_may(conn, Permission.APPROVE, number))
        before = [_notices(conn, admin, now) for admin in admins]
    return [
        _notice(
            w,
            incoming,
            case,
            problem,
            f"{done} {LAST_NOTICE}" if count == MOST_NOTICES - 1 else done,
            admin,
            now,
        )
        for admin, count in zip(admins, before, strict=True)
        if count < MOST_NOTICES
    ]


def _notices(conn: Connection, admin: RowMapping, now: datetime) -> int:
    """How many notices an admin got lately."""
    return queries_mail.answers_since(conn, admin["address"], ("exception_notice",), now - NOTICE_WINDOW)


def _notice(
    w: Workplace,
    incoming: Incoming,
    case: Case | None,
    problem: str,
    done: str,
    admin: RowMapping,
    now: datetime,
) -> Letter:
    zone = case.who.instant(incoming.row["received_at"]) if case else incoming.row["received_at"].isoformat()
    context: dict[str, object] = {
        "company": w.config.mail.name,
        "project": case.basis.project_name if case is not None else "",
        "recipient": admin["name"],
        "sender": incoming.mail.from_address,
        "subject_line": incoming.mail.subject[:200],
        "received": zone,
        "problem": problem,
        "done": done,
        "said": incoming.classified.words[:SAID],
        "files": [part.name for part in incoming.mail.parts][:8],
    }
    return seal(
        w,
        "exception_notice",
        context,
        locale=case.who.locale if case is not None else "en-US",
        to=admin["address"],
        subject=Subject(type="inbox", id=incoming.row["id"], revision=case.invite["id"] if case else 0),
        now=now,
    )
