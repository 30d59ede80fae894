"""What one received mail causes, gathered while nothing is written, then written in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from batch.core.findings import Finding
from batch.edges.store import queries_mail, tables
from batch.edges.store.changes import NOBODY, move
from batch.edges.store.events import SYSTEM, StaleRow, insert_if_new_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.parse import ParsedMail
from batch.jobs.letters import Letter, post

Write = Callable[[Connection], None]
Folder = Literal["processed", "review", "failed"]


@dataclass(kw_only=True)
class Effects:
    """The outcome of one mail with its reason, and everything that follows from it.

    `waits`: a person has to look. `folder`: where the mail goes on the server. `writes` run in order inside the one write
    transaction; they must not touch anything outside the database.
    """

    outcome: str
    reason: str
    waits: bool = False
    folder: Folder = "processed"
    invite_id: int | None = None
    application_id: int | None = None
    duplicate_of: int | None = None
    counts_as_submission: bool = False
    findings: Sequence[Finding] = ()
    writes: list[Write] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def join(self, other: Effects) -> None:
        """Add what another workbook of the same mail causes; the more serious outcome names the mail."""
        self.writes += other.writes
        self.letters += other.letters
        self.findings = (*self.findings, *other.findings)
        self.reason = f"{self.reason} {other.reason}"
        self.counts_as_submission |= other.counts_as_submission
        if other.waits and not self.waits:
            self.waits, self.folder, self.outcome = True, other.folder, other.outcome
        self.invite_id = self.invite_id or other.invite_id


def apply(
    conn: Connection,
    row: RowMapping,
    mail: ParsedMail,
    effects: Effects,
    folders: dict[Folder, str],
    now: datetime,
) -> None:
    """Write everything that one mail causes. Raises StaleRow when the mail was worked on meanwhile."""
    for write in effects.writes:
        write(conn)
    post(conn, effects.letters, now)
    save_findings(conn, effects.findings, inbox_id=row["id"])
    if effects.counts_as_submission:
        values = {"content_sha": row["content_sha"], "inbox_id": row["id"]}
        made = insert_if_new_with_event(
            conn, tables.submission, values, chain=SYSTEM, at=now, what="submission-noted", actor=NOBODY
        )
        if made is None and queries_mail.submitted_by(conn, row["content_sha"]) != row["id"]:
            # The same content came in by another mail since this one was loaded: nothing of it may count twice.
            raise StaleRow(f"the content of inbox {row['id']} was submitted by another mail meanwhile")
    move(
        conn,
        tables.inbox,
        row,
        "wait" if effects.waits else "process",
        chain=SYSTEM,
        at=now,
        values={
            "outcome": effects.outcome,
            "reason": effects.reason[:1000],
            "sender": mail.from_address[:320],
            "subject": mail.subject[:300],
            "message_id": mail.message_id[:500],
            "invite_id": effects.invite_id,
            "application_id": effects.application_id,
            "duplicate_of": effects.duplicate_of,
            "file_to": folders[effects.folder],
        },
        facts={"outcome": effects.outcome, "invite_id": effects.invite_id, "sha256": row["sha256"]},
    )


def save_findings(
    conn: Connection,
    findings: Sequence[Finding],
    *,
    application_id: int | None = None,
    inbox_id: int | None = None,
) -> None:
    """Write findings on an application or on a mail, in their order."""
    rows = [
        {
            "application_id": application_id,
            "inbox_id": inbox_id,
            "ordinal": ordinal,
            "code": one.code,
            "severity": one.severity,
            "sheet": one.sheet,
            "cell": one.cell,
            "line": one.line,
            "found": one.found[:500],
            "expected": one.expected[:500],
            "difference": one.difference,
        }
        for ordinal, one in enumerate(findings, 1)
    ]
    if rows:
        conn.execute(tables.finding.insert(), rows)
