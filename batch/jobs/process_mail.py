"""Received mail, one message at a time: what it is, what it answers, what follows; all effects in one transaction.

The attempt is counted and committed before each try. What fails three times is set aside with its traceback, and the loop
goes on: one bad message never stops the others.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batch import jsonlog
from batch.core.states import Invite, accepts
from batch.edges.archive import ArchiveDamaged
from batch.edges.store import queries_applications, queries_mail, queries_periods, queries_register, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.classify import BounceKind, Classification, Outcome, classify
from batch.formats.mail.parse import ParsedMail, documents, parse, texts_of_sent, workbooks
from batch.formats.mail.tokens import FoundToken, tokens_in
from batch.formats.pay_app.read import read
from batch.jobs import admin_mail, answers
from batch.jobs.applications import save_documents
from batch.jobs.effects import Effects, Folder, apply
from batch.jobs.invite_states import bounce_if_unreachable
from batch.jobs.submit import Case, Incoming, find_invite, load_case, submit
from batch.jobs.workplace import Workplace

RETRY_AFTER = timedelta(minutes=5)
#: Mail that is noted and filed, and changes nothing.
NOTED = {
    Outcome.AUTO_REPLY: "An automatic reply; it decides nothing.",
    Outcome.OWN_MAIL: "Our own mail came back.",
    Outcome.RECEIPT: "A read receipt.",
    Outcome.CALENDAR: "A calendar message.",
    Outcome.LIST_MAIL: "Mail from a list.",
}


@dataclass(frozen=True, kw_only=True)
class Read:
    """A mail with all that was found out about it without changing anything."""

    incoming: Incoming
    case: Case | None


def process_mail(w: Workplace, now: datetime) -> int:
    """Work on everything that was stored; gives how many messages were tried."""
    with w.store.read() as conn:
        rows = queries_mail.to_process(conn, now)
    for row in rows:
        _attempt(w, row, now)
    return len(rows)


def _attempt(w: Workplace, row: RowMapping, now: datetime) -> None:
    with w.store.write() as conn:
        conn.execute(
            tables.inbox.update().where(tables.inbox.c.id == row["id"]).values(attempts=row["attempts"] + 1)
        )
    try:
        effects = _handle(w, row, now)
    except (ArchiveDamaged, OSError):
        raise  # the disk, not the message: stop, and leave the mail where it is
    except Exception as fault:  # noqa: BLE001 - one bad message must not stop the others
        _failed(w, row, fault, now)
    else:
        jsonlog.info("mail-processed", inbox=row["id"], outcome=effects.outcome, waits=effects.waits)


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


def _failed(w: Workplace, row: RowMapping, fault: Exception, now: datetime) -> None:
    trace = "".join(traceback.format_exception(fault))[-8000:]
    attempts = row["attempts"] + 1
    jsonlog.error("mail-failed", inbox=row["id"], attempts=attempts, error=type(fault).__name__)
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
    found = _read(w, row, mail)
    if row["size"] > w.config.limits.message_bytes:
        return _too_large(w, found, now)
    with w.store.read() as conn:
        before = queries_mail.processed_before(conn, row["content_sha"])
    if before is not None and before != row["id"]:
        return Effects(outcome="duplicate", reason="The same mail was processed before.", duplicate_of=before)
    return _by_outcome(w, found, now)


def _read(w: Workplace, row: RowMapping, mail: ParsedMail) -> Read:
    """Classify a mail and find the invite it speaks of. Our own texts are taken out of it by our own copies."""
    tokens = tokens_in(mail, w.address)
    with w.store.read() as conn:
        match = find_invite(conn, tokens, None)
        invite_id = int(match.invite_id) if match.invite_id is not None else None
        if invite_id is None and not tokens:
            invite_id = _only_open_invite(conn, mail.from_address)
        case = load_case(conn, invite_id) if invite_id is not None else None
        sent = queries_mail.outgoing_of(conn, "invite", invite_id) if invite_id is not None else ()
    texts = [text for one in sent for text in texts_of_sent(w.archive.get(one["sha256"]))]
    classified = classify(mail, own_addresses={w.address}, sent_texts=texts, loop_id=w.loop_id)
    kept = [(w.archive.put(part.data), part.name, part.content_type) for part in documents(mail)]
    incoming = Incoming(row=row, mail=mail, classified=classified, tokens=tokens, documents=kept)
    return Read(incoming=incoming, case=case)


def _only_open_invite(conn: Connection, address: str) -> int | None:
    """The one open invite of a known contact; None when there are several: which one is meant is for a person."""
    found = queries_periods.open_invites_of(conn, address)
    return found[0] if len(found) == 1 else None


def _by_outcome(w: Workplace, found: Read, now: datetime) -> Effects:
    outcome, incoming = found.incoming.classified.outcome, found.incoming
    if outcome in NOTED:
        return Effects(outcome=outcome.value, reason=incoming.classified.reason, invite_id=_invite_id(found))
    if outcome is Outcome.BOUNCE:
        return _bounce(w, found, now)
    with w.store.read() as conn:
        admin = queries_register.admin_by_address(conn, incoming.mail.from_address)
    if outcome is Outcome.WORKBOOK:
        from_admin = admin_mail.workbook_from_admin(w, incoming, admin, now) if admin is not None else None
        return from_admin or _workbooks(w, found, now)
    if found.case is None:
        return _unknown(w, found, now)
    if outcome is Outcome.ACCEPT:
        return _accept(found.case, incoming, now)
    if outcome is Outcome.DECLINE:
        return _decline(w, found.case, incoming, now)
    if outcome is Outcome.SUPPORTING_DOCUMENT:
        return _documents(w, found.case, incoming, now)
    problem = "empty" if outcome is Outcome.EMPTY else "not_understood"
    return _person_looks(w, found, problem, outcome.value, incoming.classified.reason, now)


def _invite_id(found: Read) -> int | None:
    return found.case.invite["id"] if found.case is not None else None


def _person_looks(
    w: Workplace, found: Read, problem: str, outcome: str, reason: str, now: datetime
) -> Effects:
    """A person has to look: filed for review, the sender asked where that is safe, the admins told."""
    incoming, case = found.incoming, found.case
    effects = Effects(
        outcome=outcome, reason=reason, waits=True, folder="review", invite_id=_invite_id(found)
    )
    names = [part.name for part in incoming.mail.parts]
    effects.letters += answers.question(w, incoming, case, problem, names, now)
    effects.letters += answers.exception(
        w, incoming, case, reason, "It waits for you. Nothing was recorded.", now
    )
    return effects


def _unknown(w: Workplace, found: Read, now: datetime) -> Effects:
    # A stranger without a token learns nothing and changes nothing; somebody we know is asked to answer the invite.
    with w.store.read() as conn:
        known = queries_periods.is_any_contact(conn, found.incoming.mail.from_address)
    reason = "The mail carries no code of an invite, so it is not known what it is about."
    return _person_looks(w, found, "unknown" if known else "", "not-placed", reason, now)


def _too_large(w: Workplace, found: Read, now: datetime) -> Effects:
    reason = f"The mail is larger than {w.config.limits.message_bytes} bytes; it was not downloaded."
    return _person_looks(w, found, "too_large" if found.case is not None else "", "too-large", reason, now)


def _workbooks(w: Workplace, found: Read, now: datetime) -> Effects:
    """Each workbook of a mail is judged alone; two different ones for one invite are a question."""
    parts = workbooks(found.incoming.mail)
    if len(parts) > 1 and _same_invite_twice(w, found.incoming.tokens, [part.data for part in parts]):
        reason = "The mail holds more than one workbook for the same application."
        return _person_looks(w, found, "several_workbooks", "several-workbooks", reason, now)
    results = [submit(w, found.incoming, part, now) for part in parts]
    for other in results[1:]:
        results[0].join(other)
    return results[0]


def _same_invite_twice(w: Workplace, tokens: Sequence[FoundToken], files: Sequence[bytes]) -> bool:
    with w.store.read() as conn:
        ids = [find_invite(conn, tokens, read(data)).invite_id for data in files]
    known = [one for one in ids if one is not None]
    return len(known) != len(set(known))


def _accept(case: Case, incoming: Incoming, now: datetime) -> Effects:
    effects = Effects(outcome="accept", reason=incoming.classified.reason, invite_id=case.invite["id"])
    if not accepts(case.invite["state"], "accept"):
        effects.reason = f"The invite is already {case.invite['state'].value}; nothing changes."
        return effects
    chain = project_chain(case.who.project["id"])
    effects.writes.append(
        lambda conn: move(
            conn, tables.invite, case.invite, "accept", chain=chain, at=now, actor=("contact", None)
        )
    )
    return effects


def _decline(w: Workplace, case: Case, incoming: Incoming, now: datetime) -> Effects:
    reason = incoming.classified.decision_reason
    found = Read(incoming=incoming, case=case)
    if case.invite["state"] is Invite.DECLINED:
        return Effects(
            outcome="decline", reason="The invite was declined before.", invite_id=case.invite["id"]
        )
    if not accepts(case.invite["state"], "decline"):
        said = "The invite was declined after a pay application had come, or after its period had closed."
        return _person_looks(w, found, "not_understood", "decline-after-answer", said, now)
    effects = Effects(outcome="decline", reason=incoming.classified.reason, invite_id=case.invite["id"])
    chain = project_chain(case.who.project["id"])
    effects.writes.append(
        lambda conn: move(
            conn,
            tables.invite,
            case.invite,
            "decline",
            chain=chain,
            at=now,
            actor=("contact", None),
            values={"decline_reason": reason[:1000]},
        )
    )
    effects.letters += answers.declined(w, incoming, case, reason, now)
    return effects


def _documents(w: Workplace, case: Case, incoming: Incoming, now: datetime) -> Effects:
    """Supporting documents go with the application that is open; without one, the workbook is still missing."""
    with w.store.read() as conn:
        latest = next(reversed(queries_applications.of_invite(conn, case.invite["id"])), None)
    found = Read(incoming=incoming, case=case)
    if latest is None:
        reason = "Documents came, but no workbook that they belong to."
        return _person_looks(w, found, "no_workbook", "supporting_document", reason, now)
    effects = Effects(
        outcome="supporting_document",
        reason=f"Kept with {queries_applications.name_of(latest)}.",
        invite_id=case.invite["id"],
    )
    effects.writes.append(
        lambda conn: save_documents(conn, incoming.documents, incoming.row["id"], latest["id"])
    )
    return effects


def _bounce(w: Workplace, found: Read, now: datetime) -> Effects:
    """A permanent bounce marks the invite when nobody else could be reached; delays and successes are noted."""
    bounce = found.incoming.classified.bounce
    assert bounce is not None, "the outcome bounce carries its report"
    reason = found.incoming.classified.reason
    if bounce.kind is not BounceKind.PERMANENT:
        return Effects(outcome=f"bounce-{bounce.kind.value}", reason=reason, invite_id=_invite_id(found))
    effects = Effects(
        outcome="bounce", reason=reason, invite_id=_invite_id(found), waits=True, folder="review"
    )
    case = found.case
    if case is not None:
        invite_id, address = (
            case.invite["id"],
            _bounced_address(w, bounce.returned_message_id, bounce.recipient),
        )
        effects.writes.append(lambda conn: bounce_if_unreachable(conn, invite_id, address, now))
    done = "The contact is marked as not reachable. Correct the address in the register, then invite again."
    effects.letters += answers.exception(w, found.incoming, case, reason, done, now)
    return effects


def _bounced_address(w: Workplace, message_id: str, recipient: str) -> str:
    with w.store.read() as conn:
        sent = queries_mail.outgoing_by_message_id(conn, message_id) if message_id else None
    return str(sent["recipient"]) if sent is not None else recipient


__all__ = ["Classification", "folders", "process_mail"]
