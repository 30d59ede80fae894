"""Mail out: what stands in the outbox leaves, each row once; what became of it is written down.

A row is SENDING only while this process holds the link. A row found SENDING by a new process was cut off between sending
and sent, so nobody knows: invites and reminders go out once more with the same bytes, decisions wait for the admin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from batch import jsonlog
from batch.config import SmtpFolder
from batch.core.states import Outgoing
from batch.edges.postman import Delivery, FolderPostman, Postman
from batch.edges.store import queries_mail, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM
from batch.edges.store.rows import RowMapping
from batch.jobs.accounts import smtp_account
from batch.jobs.invite_states import mail_left, mail_refused
from batch.jobs.workplace import Workplace

#: How long a mail that the server would not take yet waits before the next try, doubling each time.
FIRST_WAIT = timedelta(minutes=2)
LONGEST_WAIT = timedelta(hours=4)
_EVENTS = {"sent": "deliver", "refused": "refuse", "later": "defer", "unknown": "lose"}


def settle_interrupted(w: Workplace, now: datetime) -> None:
    """At the start of a process: rows left SENDING by one that was killed become UNKNOWN, and hints go out once more."""
    with w.store.read() as conn:
        rows = queries_mail.outgoing(conn, (Outgoing.SENDING,))
    for row in rows:
        with w.store.write() as conn:
            move(conn, tables.outbox, row, "lose", chain=SYSTEM, at=now)
        jsonlog.warning("outbox-unknown", outbox=row["id"], purpose=row["purpose"])
    resend_hints(w, now)


def resend_hints(w: Workplace, now: datetime) -> None:
    """Invites and reminders whose fate is unknown go out once more, the same bytes; nothing goes out a third time."""
    with w.store.read() as conn:
        rows = [row for row in queries_mail.outgoing(conn, (Outgoing.UNKNOWN,)) if row["kind"] == "hint"]
    for row in rows:
        if not row["resent"]:
            with w.store.write() as conn:
                move(conn, tables.outbox, row, "resend", chain=SYSTEM, at=now, values={"resent": True})


def send_mail(w: Workplace, now: datetime) -> int:
    """Send what may leave now, in the order it was made, within the rate of the configuration; gives how many left."""
    with w.store.read() as conn:
        due = queries_mail.to_send(conn, now)
        sent_lately = queries_mail.sent_since(conn, now - timedelta(minutes=1)) if due else 0
    smtp = w.config.mail.smtp
    if isinstance(smtp, SmtpFolder):
        return _send_all(w, FolderPostman(smtp.folder), due, now)
    room = max(smtp.per_minute - sent_lately, 0)
    if not due[:room]:
        return 0
    with Postman(smtp_account(w.config, smtp)) as postman:
        return _send_all(w, postman, due[:room], now)


def _send_all(
    w: Workplace, postman: Postman | FolderPostman, due: Sequence[RowMapping], now: datetime
) -> int:
    """Send one after the other; gives how many left. The first that finds no server ends the pass: each of the others
    would wait for a server as long as that one did, and everything else with it.
    """
    sent = 0
    for row in due:
        delivery = _send_one(w, postman, row, now)
        sent += delivery.state == "sent"
        if delivery.state == "later" and delivery.code is None:
            break
    return sent


def _send_one(w: Workplace, postman: Postman | FolderPostman, row: RowMapping, now: datetime) -> Delivery:
    raw = w.archive.get(row["sha256"])
    with w.store.write() as conn:
        move(conn, tables.outbox, row, "take", chain=SYSTEM, at=now, values={"attempts": row["attempts"] + 1})
    with w.store.read() as conn:
        taken = queries_mail.outgoing_row(conn, row["id"])
    delivery = postman.send(w.address, row["recipient"], raw)
    _record(w, taken, delivery, now)
    return delivery


def _record(w: Workplace, row: RowMapping, delivery: Delivery, now: datetime) -> None:
    values: dict[str, object] = {"smtp_code": delivery.code, "smtp_text": delivery.text[:500]}
    if delivery.state == "sent":
        values["sent_at"] = now
    if delivery.state == "later":
        values["next_try_at"] = now + min(FIRST_WAIT * 2 ** (row["attempts"] - 1), LONGEST_WAIT)
    with w.store.write() as conn:
        move(conn, tables.outbox, row, _EVENTS[delivery.state], chain=SYSTEM, at=now, values=values)
        if delivery.state == "sent":
            mail_left(conn, row, now)
        if delivery.state == "refused":
            mail_refused(conn, row, now)
    jsonlog.info("outbox-" + delivery.state, outbox=row["id"], purpose=row["purpose"], code=delivery.code)
