"""Mail in: raw bytes are stored and committed before anything looks at them, and before the mailbox is touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path

from batch import jsonlog
from batch.config import Imap
from batch.crashpoints import crash_point
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.edges.store import queries_mail, tables
from batch.edges.store.changes import NOBODY
from batch.edges.store.events import SYSTEM, insert_if_new_with_event
from batch.edges.store.rows import RowMapping
from batch.formats.mail.identity import content_hash
from batch.jobs.workplace import Workplace

#: Mail read from files has no server; each file's content is its own identity.
FILES = "files"


def fetch_mail(w: Workplace, imap: Imap, mailbox: Mailbox, now: datetime) -> int:
    """Store every message of the folder that is not in our table yet; gives how many. Nothing is decided here."""
    validity = mailbox.uidvalidity() or 0
    with w.store.read() as conn:
        known = queries_mail.known_uids(conn, imap.user, imap.folder, validity)
    new = [uid for uid in mailbox.uids() if uid not in known]
    stored = 0
    for uid, (size, received) in sorted(mailbox.sizes_and_dates(new).items()):
        # A message over the limit is known by its headers alone; it never comes into memory whole.
        fits = size <= w.config.limits.message_bytes
        raw = _raw(mailbox, uid, whole=fits)
        if raw is not None:
            identity = {"account": imap.user, "folder": imap.folder, "uidvalidity": validity, "uid": uid}
            stored += store_message(w, raw, received, identity, size=size, now=now) is not None
    # Only what was stored counts: a message that is listed but cannot be read is no reason to look again at once.
    return stored


def _raw(mailbox: Mailbox, uid: int, *, whole: bool) -> bytes | None:
    """A message, or only its headers; None when it is gone, or when the server will not give this one."""
    try:
        return mailbox.fetch(uid) if whole else mailbox.fetch_header(uid)
    except MailboxUnavailable as fault:
        if fault.reason != "refused":
            raise
        jsonlog.warning("mail-not-given", uid=uid, error=str(fault))
        return None


def store_message(
    w: Workplace, raw: bytes, received: datetime, identity: Mapping[str, object], *, size: int, now: datetime
) -> int | None:
    """Keep one raw message and its row; gives the row's id, or None when it was there already."""
    sha = w.archive.put(raw)
    values = {
        **identity,
        "sha256": sha,
        "content_sha": content_hash(raw),
        "size": size,
        "received_at": received,
        "state": "stored",
        "sender": "",
        "subject": "",
        "message_id": "",
    }
    with w.store.write() as conn:
        found = insert_if_new_with_event(
            conn,
            tables.inbox,
            values,
            chain=SYSTEM,
            at=now,
            what="inbox-stored",
            actor=NOBODY,
            body={"sha256": sha},
        )
    if found is not None:
        jsonlog.info("inbox-stored", inbox=found, size=size)
    return found


def file_mail(w: Workplace, imap: Imap, mailbox: Mailbox, now: datetime) -> int:
    """Move what was worked on to its folder on the server: a courtesy to people, tried again until it is done."""
    validity = mailbox.uidvalidity() or 0
    _forget_old_numbers(w, imap, validity, now)
    with w.store.read() as conn:
        rows = queries_mail.to_file(conn, imap.user, imap.folder, validity)
    return sum(_file(w, mailbox, row, now) for row in rows)


def _file(w: Workplace, mailbox: Mailbox, row: RowMapping, now: datetime) -> bool:
    try:
        mailbox.move(row["uid"], row["file_to"])
    except MailboxUnavailable as fault:
        if fault.reason != "refused":
            raise
        # This one stays in its place, and is tried again with the next tick; the others go on.
        jsonlog.warning("mail-not-filed", inbox=row["id"], error=str(fault))
        return False
    with w.store.write() as conn:
        conn.execute(tables.inbox.update().where(tables.inbox.c.id == row["id"]).values(filed_at=now))
    crash_point("mail-filed")
    return True


def _forget_old_numbers(w: Workplace, imap: Imap, validity: int, now: datetime) -> None:
    """UIDs of another UIDVALIDITY mean nothing any more (RFC 3501 2.3.1.1): what still lies there has new ones."""
    i = tables.inbox.c
    lost = (
        i.account == imap.user,
        i.folder == imap.folder,
        i.uidvalidity != validity,
        i.file_to.isnot(None),
        i.filed_at.is_(None),
    )
    with w.store.read() as conn:
        found = conn.execute(tables.inbox.select().where(*lost)).all()
    if found:
        with w.store.write() as conn:
            conn.execute(tables.inbox.update().where(*lost).values(filed_at=now))
        jsonlog.warning("mail-renumbered", mails=len(found))


def ingest(
    w: Workplace, files: Iterable[Path], *, received: datetime | None, now: datetime
) -> list[tuple[Path, int | None]]:
    """Take mail from .eml files through exactly the inbox's path; gives each file's row id (None: it was there already)."""
    return [(file, ingest_bytes(w, file.read_bytes(), received=received, now=now)) for file in files]


def ingest_bytes(w: Workplace, raw: bytes, *, received: datetime | None, now: datetime) -> int | None:
    """As `ingest`, for one message. Its received time: `received`, else its topmost Received header, else `now`."""
    # The identity of a file is its content: the same file again is the same message.
    uid = int.from_bytes(hashlib.sha256(raw).digest()[:6], "big")
    identity = {"account": FILES, "folder": "", "uidvalidity": 0, "uid": uid}
    kept = raw if len(raw) <= w.config.limits.message_bytes else _header_of(raw)
    at = received or topmost_received(raw) or now
    return store_message(w, kept, at, identity, size=len(raw), now=now)


def _header_of(raw: bytes) -> bytes:
    return raw[:65536].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0] + b"\r\n\r\n"


def topmost_received(raw: bytes) -> datetime | None:
    """The instant of the topmost Received header (RFC 5321 section 4.4), which our own server wrote; None without one."""
    header = str(message_from_bytes(raw[:65536]).get("Received", ""))
    try:
        found = parsedate_to_datetime(header.rpartition(";")[2].strip())
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else None
