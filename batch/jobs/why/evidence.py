"""What figures rest on in the end: messages with their workbooks, decisions, register files; each told in one sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from batch.core.why import Evidence, EvidenceKind
from batch.edges.archive import ArchiveDamaged
from batch.edges.store import (
    queries_applications,
    queries_events,
    queries_mail,
    queries_periods,
    queries_why,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import instant_text
from batch.formats.register.read import RegisterRead
from batch.formats.register.read import read as read_register
from batch.formats.terms import terms_for
from batch.jobs.register import present
from batch.jobs.review import WORDS
from batch.jobs.workplace import Workplace

#: Decisions that write approved figures.
APPROVALS = ("approve", "note", "await_client", "client_cuts")


class Sources:
    """Finds and words evidence for one question. Originals are read from the archive, each once."""

    def __init__(self, w: Workplace, conn: Connection, project: RowMapping) -> None:
        self.w, self.conn, self.project = w, conn, project
        self.locale = str(project["locale"])
        self.words = terms_for(self.locale)
        self.claim = cache(self._claim)
        self.decision = cache(self._decision)
        self._register_file = cache(self._read_register)

    def when(self, at: datetime) -> str:
        """An instant as people on the project read it."""
        return instant_text(at, self.project["time_zone"], self.locale)

    def original(self, sha: str) -> bytes | str:
        """The bytes of an original, or a sentence why they cannot be had."""
        try:
            return self.w.archive.get(sha)
        except ArchiveDamaged as fault:
            return f"The original is not as it was: {fault}"

    def application(self, application_id: int) -> RowMapping:
        """One application."""
        return queries_applications.application(self.conn, application_id)

    def name(self, application_id: int) -> str:
        """What people call an application."""
        return queries_applications.name_of(self.application(application_id))

    def _claim(self, application_id: int) -> tuple[Evidence, ...]:
        """Where a claim came from: the workbook, and the message it came in or who entered it on behalf."""
        row = self.application(application_id)
        name, sha = queries_applications.name_of(row), row["workbook_sha"] or ""
        if row["inbox_id"] is None:
            who = queries_why.admin_name(self.conn, row["entered_by"]) if row["entered_by"] else row["sender"]
            text = f"{name} was entered on behalf by {who} in a review workbook, {self.when(row['submitted_at'])}"
            reason = f': "{row["comment"]}"' if row["comment"] else ""
            return (Evidence(kind=EvidenceKind.PERSON, text=text + reason, sha256=sha),)
        mail = queries_mail.mail(self.conn, row["inbox_id"])
        workbook = Evidence(
            kind=EvidenceKind.MESSAGE, text=f"Workbook of {name}, as it was returned", sha256=sha
        )
        if mail is None:
            return (workbook,)
        text = (
            f'Message with {name}: from {mail["sender"]}, subject "{mail["subject"]}", received '
            f"{self.when(mail['received_at'])}"
        )
        return (workbook, Evidence(kind=EvidenceKind.MESSAGE, text=text, sha256=mail["sha256"]))

    def _decision(self, application_id: int) -> tuple[Evidence, ...]:
        """Who approved an application as it stands, when, where, and with which reason; nothing while it is not."""
        row = self.application(application_id)
        found = [
            one
            for one in queries_applications.reviews(self.conn, application_id)
            if one["decision"] in APPROVALS and one["at"] == row["approved_at"]
        ]
        return (self.review(row, found[-1]),) if found else ()

    def review(self, row: RowMapping, one: RowMapping) -> Evidence:
        """One decision on an application."""
        word = WORDS.get(one["decision"], one["decision"])
        where = "in a review workbook" if one["workbook_sha"] else "by hand"
        text = f"{queries_applications.name_of(row)}: {word}, by {one['admin_name']} {where}, {self.when(one['at'])}"
        reason = f': "{one["reason"]}"' if one["reason"] else ""
        return Evidence(kind=EvidenceKind.PERSON, text=text + reason, sha256=one["workbook_sha"] or "")

    def of_application(self, application_id: int) -> tuple[Evidence, ...]:
        """What an application rests on: its claim and its approval."""
        return (*self.claim(application_id), *self.decision(application_id))

    def issued(self, invite_id: int) -> Evidence:
        """What was frozen when an invite was issued."""
        invite = queries_periods.invite(self.conn, invite_id)
        at = f", {self.when(invite['issued_at'])}" if invite["issued_at"] is not None else ""
        text = (
            f"Frozen with issue {invite['issue']} of the workbook of {invite['commitment_number']} for "
            f"{self.words['billing_period']} {invite['period_number']}{at}"
        )
        return Evidence(kind=EvidenceKind.ISSUED, text=text, sha256=invite["workbook_sha"] or "")

    # The register ------------------------------------------------------------------------------------------------

    def history(self, sheet: str, row_id: int) -> list[tuple[datetime, dict[str, Any], str]]:
        """What the figures of a register row were: since when, the figures as stored, and by whom."""
        return [
            (row["at"], rows[0].get("amounts", {}), queries_events.actor_name(self.conn, row))
            for row in queries_events.about(self.conn, [(sheet, row_id)])
            if (rows := json.loads(row["body"]).get("rows", []))
        ]

    def register(
        self, sheet: str, key: Sequence[object], field: str, at: datetime
    ) -> tuple[str, tuple[Evidence, ...]]:
        """The cell of a register file that gave a value at an instant (' in Sheet!C4'), and the file."""
        done = queries_why.import_at(self.conn, at)
        if done is None:
            return "", (Evidence(kind=EvidenceKind.REGISTER, text=f"Register, {self.when(at)}"),)
        by = f" by {done['admin_name']}" if done["admin_name"] else ""
        text = f"Register workbook imported{by}, {self.when(at)}"
        file = Evidence(kind=EvidenceKind.REGISTER, text=text, sha256=done["sha256"])
        found = self._register_file(done["sha256"])
        row = found.rows.get(sheet, {}).get(tuple(key)) if found is not None else None
        place = f" in {row.title}!{row.cell(field)}" if row is not None and field in row.cells else ""
        return place, (file,)

    def _read_register(self, sha: str) -> RegisterRead | None:
        data = self.original(sha)
        return read_register(data, self._present) if isinstance(data, bytes) else None

    @cached_property
    def _present(self) -> Any:
        return present(self.conn)
