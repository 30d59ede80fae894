"""A mail comes in through the real jobs: what became of it, who was written to, and whether any balance moved."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openpyxl import Workbook, load_workbook

from batch.core.states import Incoming
from batch.edges.store import queries_applications, queries_mail
from batch.edges.store.dump import canonical_dump
from tests.scenarios.registers import ADMIN, Register, Rows, Sub
from tests.scenarios.site import OUR_ADDRESS, Site

INVITED = "2026-01-26T16:00:00Z"
AFTER_DUE = "2026-02-03T16:00:00Z"
AFTER_CLOSE = "2026-02-07T16:00:00Z"
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STRANGER = "someone@elsewhere.example"

#: Two vendors with one commitment each, and one vendor with two.
CONCRETE = Sub(
    number="SC-1",
    vendor="V1",
    lines=[("1", "03-300", "10000"), ("2", "05-120", "25000"), ("3", "09-900", "15000")],
)
ELECTRIC = Sub(number="SC-2", vendor="V2", lines=[("1", "26-100", "40000")])
ROOF = Sub(number="SC-3", vendor="V3", lines=[("1", "07-500", "30000")], contact="office@roofers.example")
GUTTERS = Sub(number="SC-4", vendor="V3", lines=[("1", "07-700", "5000")], contact="office@roofers.example")
FOUR = Register(subs=[CONCRETE, ELECTRIC, ROOF, GUTTERS])
#: What a stranger must never read.
SECRETS = ("Clinic", "SC-1", "SC-2", "Vendor V1", "Vendor V2", "50,000", "Contact of", "Pat Ellis")

# What a received mail may leave behind without anything having happened to a project.
_OF_THE_MAIL = {
    "event",
    "inbox",
    "outbox",
    "finding",
    "submission",
    "attachment",
    "quarantine",
    "watched_file",
}


@dataclass(frozen=True, kw_only=True)
class Hit:
    """What one mail caused. `answers` went to subcontractors and strangers, `notices` to admins."""

    row: Mapping[str, Any]
    codes: Sequence[str]
    answers: Sequence[EmailMessage]
    notices: Sequence[EmailMessage]

    @property
    def outcome(self) -> str:
        return str(self.row["outcome"])

    @property
    def waits(self) -> bool:
        return self.row["state"] is Incoming.WAITING

    @property
    def told(self) -> str:
        """The text of the one answer."""
        (answer,) = self.answers
        return text_of(answer)


class Copied(Site):
    """A site in a copy of a folder whose register is imported already."""

    _imported = False

    def import_register(self, rows: Rows) -> None:
        """The first import, on opening, was done in the folder that was copied."""
        if self._imported:
            super().import_register(rows)
        self._imported = True


def invited(folder: Path, register: Register = FOUR) -> Site:
    """A site whose first invites are out. Each register is played up to there once, and copied from then on."""
    key = repr(register)
    if key not in _PLAYED:
        _PLAYED[key] = TemporaryDirectory()
        first = Site(Path(_PLAYED[key].name), register)
        first.tick(INVITED)
        first.close()
    shutil.copytree(_PLAYED[key].name, folder, dirs_exist_ok=True)
    job = Copied(folder, register)
    job.tick(INVITED)
    return job


_PLAYED: dict[str, TemporaryDirectory[str]] = {}


def balances(job: Site) -> list[str]:
    """Every table but those of the mail itself: invites, applications, ledgers, the register."""
    with job.w.store.read() as conn:
        lines = canonical_dump(conn).splitlines()
    return [line for line in lines if line.split(" ", 1)[0] not in _OF_THE_MAIL]


def hit(job: Site, raw: bytes, *, changes: bool = False) -> Hit:
    """One mail arrives. It ends in a state, with a reason, without an exception; and moves nothing unless it `changes`."""
    seen, before = len(job.mails()), balances(job)
    inbox_id = job.receive(raw)
    assert inbox_id is not None, "this mail was there already"
    found = _found(job, inbox_id, job.mails()[seen:])
    assert found.row["traceback"] is None, found.row["traceback"]
    assert found.row["state"] in (Incoming.PROCESSED, Incoming.WAITING)
    assert found.row["reason"].strip().endswith(".")
    assert (balances(job) != before) is changes, found.row
    return found


def _found(job: Site, inbox_id: int, mails: Sequence[EmailMessage]) -> Hit:
    with job.w.store.read() as conn:
        row = queries_mail.mail(conn, inbox_id)
        codes = [one.code for one in queries_applications.findings(conn, inbox_id=inbox_id)]
    assert row is not None
    return Hit(
        row=dict(row),
        codes=codes,
        answers=[m for m in mails if m["To"] != ADMIN],
        notices=[m for m in mails if m["To"] == ADMIN],
    )


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, its line breaks as spaces."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def whole(mail: EmailMessage) -> str:
    """Everything a reader of a mail could see, as one text."""
    parts = [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


def letter(
    sender: str,
    text: str = "Please find our bill attached.",
    *,
    to: str = OUR_ADDRESS,
    subject: str = "Our bill",
    files: Sequence[tuple[str, bytes]] = (),
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A mail of its own, in no thread of ours."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, subject
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype=XLSX, filename=name)
    return made.as_bytes()


def changed(workbook: bytes, change: Callable[[Workbook], None]) -> bytes:
    """A workbook after somebody did something to it in a spreadsheet program."""
    book = load_workbook(io.BytesIO(workbook))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(
    workbook: bytes, change: Callable[[str, bytes], bytes | None], *, packing: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A workbook with its parts rewritten; None leaves one out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", packing) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()
