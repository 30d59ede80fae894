"""Workbooks that admins send by mail: a register is checked and answered, a review workbook is kept and held.

A mail's sender is no proof of who wrote it, so nothing that comes by mail is applied: the answer says what would change and
how to apply it.
"""

from __future__ import annotations

from datetime import datetime

from batch.edges.store.rows import RowMapping
from batch.formats.mail.attachments import MailPart
from batch.formats.mail.parse import workbooks
from batch.formats.workbook_kind import WorkbookKind, kind_of
from batch.jobs import answers
from batch.jobs.case import Incoming
from batch.jobs.effects import Effects
from batch.jobs.letters import Letter, Subject, seal
from batch.jobs.register import check_register
from batch.jobs.reports import register_report
from batch.jobs.review_sheets import folder_of
from batch.jobs.workplace import Workplace


def workbook_from_admin(w: Workplace, incoming: Incoming, admin: RowMapping, now: datetime) -> Effects | None:
    """What a review or register workbook from an admin's address causes; None when the mail holds neither."""
    for part in workbooks(incoming.mail):
        kind = kind_of(part.data)
        if kind is WorkbookKind.REVIEW:
            return _held(w, incoming, admin, part, now)
        if kind is WorkbookKind.REGISTER:
            return _register(w, incoming, admin, part, now)
    return None


def _held(w: Workplace, incoming: Incoming, admin: RowMapping, part: MailPart, now: datetime) -> Effects:
    w.archive.put(part.data)
    folder = folder_of(w, admin)
    context = {
        "company": w.config.mail.name,
        "project": "",
        "recipient": admin["name"],
        "workbook_name": part.name,
        "received": incoming.row["received_at"].isoformat(timespec="minutes"),
        "folder": f"review/{folder.name}/in",
    }
    effects = Effects(
        outcome="review-workbook-held",
        reason="A review workbook came by mail; it is kept and waits until it is put into the admin's folder.",
        waits=True,
        folder="review",
    )
    if answers.may_answer(w, incoming, admin["address"], now):
        effects.letters.append(_to_admin(w, "held_notice", context, admin, incoming, now))
    return effects


def _register(w: Workplace, incoming: Incoming, admin: RowMapping, part: MailPart, now: datetime) -> Effects:
    w.archive.put(part.data)
    checked = check_register(w, part.data)
    subject = Subject(type="inbox", id=incoming.row["id"])
    effects = Effects(
        outcome="register-checked",
        reason="A register workbook came by mail; it was checked and answered, and nothing was applied.",
    )
    if answers.may_answer(w, incoming, admin["address"], now):
        effects.letters.append(register_report(w, checked, admin, part.name, subject, applied=False, now=now))
    return effects


def _to_admin(
    w: Workplace, kind: str, context: dict[str, object], admin: RowMapping, incoming: Incoming, now: datetime
) -> Letter:
    subject = Subject(type="inbox", id=incoming.row["id"])
    return seal(w, kind, context, locale="en-US", to=admin["address"], subject=subject, now=now)
