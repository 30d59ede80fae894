"""From a decision to mail that may leave: rendered once, kept in the archive, then one row in the outbox.

`seal` renders and archives, outside any transaction. `post` writes the row, inside the transaction of what it is about. The
row's UNIQUE key says that a mail about one thing goes to one recipient once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from batch.edges.store import tables
from batch.edges.store.changes import NOBODY
from batch.edges.store.events import SYSTEM, insert_if_new_with_event
from batch.edges.store.rows import Connection
from batch.formats.mail.compose import Attachment, compose
from batch.formats.mail.envelope import Envelope
from batch.formats.mail.tokens import message_id, token_address
from batch.jobs.workplace import Workplace

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a mail is about: a table, an id, and the revision it speaks of."""

    type: str
    id: int
    revision: int = 0

    def number(self, ordinal: int) -> int:
        """One number for this subject and ordinal, for the Message-ID."""
        return int(f"{self.id}{self.revision:03d}{ordinal:02d}")


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The mail that is answered, so that programs put the answer beside it."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: Literal["generated", "replied"] = "generated"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A rendered mail in the archive, ready to be posted."""

    values: Mapping[str, Any]


def seal(
    w: Workplace,
    kind: str,
    context: Mapping[str, object],
    *,
    locale: str,
    to: str,
    subject: Subject,
    now: datetime,
    token: str = "",
    ordinal: int = 0,
    decision: bool = False,
    not_before: datetime | None = None,
    thread: Thread | None = None,
    attachments: Sequence[Attachment] = (),
) -> Letter:
    """Render one mail of a kind and archive its bytes.

    `token` ties replies to an invite: it goes into Reply-To, Message-ID and subject. `decision` mail waits for the admin when
    its fate is unknown; other mail goes out once more. `not_before` holds it back until then.
    """
    thread = thread or Thread()
    # Mail to admins carries no invite's token; its Message-ID still has to be one of its own.
    own = token or w.token("mail", kind, subject.type, subject.id, to)
    envelope = Envelope(
        from_name=w.config.mail.name,
        from_address=w.address,
        to_address=to,
        reply_to=token_address(w.address, token) if token else w.address,
        message_id=message_id(own, kind, subject.number(ordinal), w.domain),
        date=now,
        boundary_seed=f"{kind} {subject.type} {subject.number(ordinal)} {to}",
        loop_id=w.loop_id,
        token=token,
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        automatic=thread.automatic,
    )
    raw = compose(
        kind, context, terms=w.wording(locale), load=w.load_text, headers=envelope, attachments=attachments
    )
    return Letter(
        values={
            "purpose": kind,
            "subject_type": subject.type,
            "subject_id": subject.id,
            "subject_revision": subject.revision,
            "recipient": to,
            "ordinal": ordinal,
            "message_id": envelope.message_id,
            "sha256": w.archive.put(raw),
            "kind": "decision" if decision else "hint",
            "state": "pending",
            "not_before": not_before or now,
            "created_at": now,
        }
    )


def post(conn: Connection, letters: Sequence[Letter], at: datetime) -> None:
    """Put letters into the outbox, in the transaction of what they are about; one that is there already is left alone."""
    for letter in letters:
        insert_if_new_with_event(
            conn,
            tables.outbox,
            letter.values,
            chain=SYSTEM,
            at=at,
            what="outbox-queued",
            actor=NOBODY,
            body={"purpose": letter.values["purpose"], "sha256": letter.values["sha256"]},
        )
