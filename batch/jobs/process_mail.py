"""Received mail, one message at a time: what it is, what it answers, what follows; all effects in one transaction.

The attempt is counted and committed before each try. What fails three times is set aside with its traceback, and the loop
goes on: one bad message never stops the others.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from batch import jsonlog
from batch.core.returned import Returned
from batch.edges.archive import ArchiveDamaged
from batch.edges.store import queries_mail, queries_periods, queries_register, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.attachments import MailPart
from batch.formats.mail.classify import Outcome, classify
from batch.formats.mail.contents import claims_workbook
from batch.formats.mail.parse import ParsedMail, documents, parse, texts_of_sent, workbooks
from batch.formats.mail.tokens import FoundToken, tokens_in
from batch.jobs import admin_mail
from batch.jobs.bounces import bounce
from batch.jobs.case import Case, Incoming, find_invite, load_case, newest_case
from batch.jobs.effects import Effects, Folder, apply
from batch.jobs.invite_answers import accept, decline
from batch.jobs.invite_answers import documents as keep_documents
from batch.jobs.open_workbook import open_returned
from batch.jobs.submit import submit
from batch.jobs.waiting import Found, person_looks
from batch.jobs.workplace import Workplace

RETRY_AFTER = timedelta(minutes=5)
#: Mail that is noted and filed, and changes nothing.
NOTED = frozenset(
    {Outcome.AUTO_REPLY, Outcome.OWN_MAIL, Outcome.RECEIPT, Outcome.CALENDAR, Outcome.LIST_MAIL}
)
#: More workbooks than a vendor has commitments; each one costs time to open.
MOST_WORKBOOKS = 20
CUT_OFF = "The process ended each time it worked on this mail."
_DISK_FAULTS = frozenset(
    {
        errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EMFILE,
        errno.ENFILE, errno.ENOMEM,
    }
)  # fmt: skip


def process_mail(w: Workplace, now: datetime) -> int:
    """Work on everything that was stored; gives how many messages were tried."""
    with w.store.read() as conn:
        rows = queries_mail.to_process(conn, now)
    for row in rows:
        _attempt(w, row, now)
    return len(rows)


def _attempt(w: Workplace, row: RowMapping, now: datetime) -> None:
    if row["attempts"] >= w.config.limits.attempts:
        # Its last tries were cut off: what ends the whole process must not be tried for ever.
        _failed(w, row, row["attempts"], CUT_OFF, now)
        return
    with w.store.write() as conn:
        conn.execute(
            tables.inbox.update().where(tables.inbox.c.id == row["id"]).values(attempts=row["attempts"] + 1)
        )
    try:
        effects = _handle(w, row, now)
    except Exception as fault:
        if _is_of_the_disk(fault):
            raise  # not the message: stop, and leave the mail where it is
        jsonlog.error("mail-failed", inbox=row["id"], error=type(fault).__name__)
        trace = "".join(traceback.format_exception(fault))[-8000:]
        _failed(w, row, row["attempts"] + 1, trace, now)
    else:
        jsonlog.info("mail-processed", inbox=row["id"], outcome=effects.outcome, waits=effects.waits)


def _is_of_the_disk(fault: Exception) -> bool:
    """Whether the disk or the machine failed. A damaged file in a mail raises OSError too, but none of these."""
    return isinstance(fault, ArchiveDamaged) or (isinstance(fault, OSError) and fault.errno in _DISK_FAULTS)


def _handle(w: Workplace, row: RowMapping, now: datetime) -> Effects:
    mail = parse(w.archive.get(row["sha256"]))
    effects = _effects(w, row, mail, now)
    with w.store.write() as conn:
        apply(conn, row, mail, effects, folders(w), now)
    return effects


def folders(w: Workplace) -> dict[Folder, str]:
    """Where handled mail goes on the server."""
    imap = w.config.mail.imap
    if imap is None:
        return {"processed": "Processed", "review": "Review", "failed": "Failed"}
    return {"processed": imap.processed, "review": imap.review, "failed": imap.failed}


def _failed(w: Workplace, row: RowMapping, attempts: int, trace: str, now: datetime) -> None:
    """Try again later, or set the message aside after the last attempt."""
    with w.store.write() as conn:
        if attempts < w.config.limits.attempts:
            values: dict[str, object] = {"next_try_at": now + RETRY_AFTER * attempts, "traceback": trace}
            conn.execute(tables.inbox.update().where(tables.inbox.c.id == row["id"]).values(**values))
            return
        values = {"file_to": folders(w)["failed"], "traceback": trace, "outcome": "failed"}
        move(conn, tables.inbox, row, "quarantine", chain=SYSTEM, at=now, values=values)
        item = {
            "item_type": "inbox",
            "item_id": row["id"],
            "attempts": attempts,
            "traceback": trace,
            "at": now,
        }
        conn.execute(tables.quarantine.insert().values(item))


def _effects(w: Workplace, row: RowMapping, mail: ParsedMail, now: datetime) -> Effects:
    with w.store.read() as conn:
        before = queries_mail.worked_on_before(conn, row)
    if before is not None:
        return Effects(outcome="duplicate", reason="The same mail was processed before.", duplicate_of=before)
    found = _read(w, row, mail)
    if row["size"] > w.config.limits.message_bytes:
        return _too_large(w, found, now)
    return _by_outcome(w, found, now)


def _read(w: Workplace, row: RowMapping, mail: ParsedMail) -> Found:
    """Classify a mail and find the invite it speaks of. Our own texts are taken out of it by our own copies."""
    tokens = tokens_in(mail, w.address)
    with w.store.read() as conn:
        match = find_invite(conn, tokens, None)
        invite_id = int(match.invite_id) if match.invite_id is not None else None
        proved = invite_id is not None
        if not proved and not tokens:
            invite_id = _only_open_invite(conn, mail.from_address)
        case = load_case(conn, invite_id) if invite_id is not None else None
        sent = queries_mail.outgoing_of(conn, "invite", invite_id) if invite_id is not None else ()
    texts = [text for one in sent for text in texts_of_sent(w.archive.get(one["sha256"]))]
    classified = classify(mail, own_addresses={w.address}, sent_texts=texts, loop_id=w.loop_id)
    kept = [(w.archive.put(part.data), part.name, part.content_type) for part in documents(mail)]
    incoming = Incoming(row=row, mail=mail, classified=classified, tokens=tokens, documents=kept)
    return Found(incoming=incoming, case=case, proved=proved)


def _only_open_invite(conn: Connection, address: str) -> int | None:
    """The one open invite of a known contact; None when there are several: which one is meant is for a person."""
    found = queries_periods.open_invites_of(conn, address)
    return found[0] if len(found) == 1 else None


def _by_outcome(w: Workplace, found: Found, now: datetime) -> Effects:
    outcome, incoming = found.incoming.classified.outcome, found.incoming
    if outcome in NOTED:
        return _noted(w, found, now)
    if incoming.classified.bounce is not None:
        return bounce(w, found, incoming.classified.bounce, now)
    if outcome is Outcome.WORKBOOK:
        with w.store.read() as conn:
            admin = queries_register.admin_by_address(conn, incoming.mail.from_address)
        from_admin = admin_mail.workbook_from_admin(w, incoming, admin, now) if admin is not None else None
        return from_admin or _workbooks(w, found, now)
    if outcome in (Outcome.QUESTION, Outcome.EMPTY) and (named := _named_workbook(incoming.mail)) is not None:
        # A file that only says it is a workbook: its reader tells what it is instead.
        return submit(w, incoming, named, now)
    if found.case is None:
        return _unknown(w, found, now)
    found, case = _newest(w, found, found.case)
    if outcome is Outcome.ACCEPT:
        return accept(w, found, case, now)
    if outcome is Outcome.DECLINE:
        return decline(w, found, case, now)
    if outcome is Outcome.SUPPORTING_DOCUMENT and found.proved:
        return keep_documents(w, found, case, now)
    problem = "empty" if outcome is Outcome.EMPTY else "not_understood"
    return person_looks(w, found, problem, outcome.value, incoming.classified.reason, now)


def _newest(w: Workplace, found: Found, case: Case) -> tuple[Found, Case]:
    """Words about an invite that was replaced are meant for the one that took its place."""
    with w.store.read() as conn:
        newest = newest_case(conn, case.invite["id"])
    return replace(found, case=newest), newest


def _named_workbook(mail: ParsedMail) -> MailPart | None:
    return next((part for part in mail.parts if claims_workbook(part.name)), None)


def _noted(w: Workplace, found: Found, now: datetime) -> Effects:
    """Noted and filed; but a filled-in workbook is never passed over, even when a program sent it."""
    classified = found.incoming.classified
    if classified.outcome is Outcome.AUTO_REPLY and _brings_a_workbook_back(w, found):
        reason = f"{classified.reason} It brings a workbook, which was not opened."
        return person_looks(w, found, "", "workbook-from-a-program", reason, now)
    invite_id = found.invite_id if found.proved else None
    return Effects(outcome=classified.outcome.value, reason=classified.reason, invite_id=invite_id)


def _brings_a_workbook_back(w: Workplace, found: Found) -> bool:
    """Whether there is a workbook that is not simply ours, sent back with the mail it came in."""
    came = {part.sha256 for part in workbooks(found.incoming.mail)}
    if not came or found.invite_id is None:
        return bool(came)
    with w.store.read() as conn:
        sent = queries_mail.outgoing_of(conn, "invite", found.invite_id)
    ours = {part.sha256 for one in sent for part in workbooks(parse(w.archive.get(one["sha256"])))}
    return not came <= ours


def _unknown(w: Workplace, found: Found, now: datetime) -> Effects:
    # A stranger without a token learns nothing and changes nothing; somebody we know is asked to answer the invite.
    with w.store.read() as conn:
        known = queries_periods.is_any_contact(conn, found.incoming.mail.from_address)
    reason = "The mail carries no code of an invite, so it is not known what it is about."
    return person_looks(w, found, "unknown" if known else "", "not-placed", reason, now)


def _too_large(w: Workplace, found: Found, now: datetime) -> Effects:
    reason = f"The mail is larger than {w.config.limits.message_bytes} bytes; it was not downloaded."
    return person_looks(w, found, "too_large" if found.case is not None else "", "too-large", reason, now)


def _workbooks(w: Workplace, found: Found, now: datetime) -> Effects:
    """Each workbook of a mail is judged alone; two different ones for one invite are a question."""
    parts = workbooks(found.incoming.mail)
    if len(parts) > MOST_WORKBOOKS:
        reason = f"The mail holds more than {MOST_WORKBOOKS} workbooks; none was opened."
        return person_looks(w, found, "several_workbooks", "several-workbooks", reason, now)
    found, parts = _apart(w, found, parts)
    if len(parts) > 1 and _same_invite_twice(w, found.incoming.tokens, parts):
        reason = "The mail holds more than one workbook for the same application."
        return person_looks(w, found, "several_workbooks", "several-workbooks", reason, now)
    results = [submit(w, found.incoming, part, now) for part in parts]
    if len(parts) == 1 and results[0].outcome == "nothing-entered" and _declines(found):
        # The untouched workbook went back with the word DECLINE: the word is the answer.
        assert found.case is not None, "a proved invite has its case"
        return decline(w, *_newest(w, found, found.case), now)
    for other in results[1:]:
        results[0].join(other)
    return results[0]


def _apart(w: Workplace, found: Found, parts: tuple[MailPart, ...]) -> tuple[Found, tuple[MailPart, ...]]:
    """Spreadsheets beside a pay application are documents that back it: those without our table and without a code."""
    ours = tuple(part for part in parts if _is_pay_application(open_returned(w, part)))
    if not ours or len(ours) == len(parts):
        return found, parts
    beside = [(w.archive.put(part.data), part.name, part.content_type) for part in parts if part not in ours]
    incoming = replace(found.incoming, documents=[*found.incoming.documents, *beside])
    return replace(found, incoming=incoming), ours


def _is_pay_application(returned: Returned) -> bool:
    """Whether a file is one of ours, or cannot be told apart from one because it cannot be read."""
    unknown = any(one.code == "table-not-recognised" for one in returned.findings)
    return bool(returned.lines or returned.identity.tokens) or not unknown


def _declines(found: Found) -> bool:
    return found.proved and found.incoming.classified.said == "decline"


def _same_invite_twice(w: Workplace, tokens: Sequence[FoundToken], parts: Sequence[MailPart]) -> bool:
    opened = [open_returned(w, part) for part in parts]
    with w.store.read() as conn:
        ids = [find_invite(conn, tokens, returned).invite_id for returned in opened]
        invites = [queries_periods.invite(conn, int(one)) for one in ids if one is not None]
        known = [queries_periods.newest_issue(conn, one)["id"] for one in invites]
    return len(known) != len(set(known))
