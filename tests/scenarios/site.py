"""One installation on files alone, driven as people drive it: mail in as .eml, review workbooks out of the mail, JSON out.

Everything goes through the real jobs and the real command line; only the clock is an argument. Subcontractors fill the workbook
they were mailed, by column key; the admin fills the review workbook that came by mail.
"""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from batch.cli import app
from batch.clock import parse_instant
from batch.config import load
from batch.jobs.fetch_mail import ingest_bytes
from batch.jobs.register import import_register
from batch.jobs.tick import tick
from batch.jobs.workplace import Workplace, open_workplace
from tests.scenarios.paperwork import filled, reply, reviewed, workbook_of
from tests.scenarios.registers import ADMIN, Register, Rows, Sub, edited, register_workbook

__all__ = [
    "ADMIN",
    "OUR_ADDRESS",
    "Register",
    "Site",
    "Sub",
    "filled",
    "money",
    "reply",
    "reviewed",
    "site",
    "workbook_of",
]

OUR_ADDRESS = "billing@gc.example"
CONFIG = """\
mail:
  address: billing@gc.example
  name: Gibson Construction, Billing
  smtp:
    folder: sent
daemon:
  settle_seconds: 0
"""


class Site:
    """One data folder with its register, standing at an instant."""

    def __init__(self, folder: Path, register: Register) -> None:
        self.folder = folder
        self.config = folder / "billings.yaml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.now = datetime(2026, 1, 2, 15, tzinfo=UTC)
        self.w: Workplace = open_workplace(load(self.config))
        self._read: set[Path] = set()
        self._mails: list[EmailMessage] = []
        self.import_register(register.rows())

    def import_register(self, rows: Rows) -> None:
        checked = import_register(self.w, register_workbook(rows, self.now), self.now)
        assert not checked.plan.refused, [one.reason for one in checked.plan.refused]
        assert not checked.plan.empty

    def edit_register(
        self, changes: Mapping[tuple[str, str], Mapping[str, Any]], *, code: int = 0
    ) -> dict[str, Any]:
        """Export the register, change cells of it, import it again; gives what the import said. `code`: its exit code."""
        stem = self.folder / f"register-{len(list(self.folder.glob('register-*.xlsx')))}"
        out, back = stem.with_suffix(".xlsx"), stem.with_name(stem.name + "b.xlsx")
        self.at("register", "export", str(out))
        back.write_bytes(edited(out.read_bytes(), changes))
        said: dict[str, Any] = json.loads(
            self.at("register", "import", str(back), "--yes", "--json", code=code)
        )
        return said

    def tick(self, at: str | datetime | None = None) -> None:
        """Go to an instant and work until nothing is left to do."""
        if at is not None:
            self.now = parse_instant(at) if isinstance(at, str) else at
        for _ in range(20):
            if tick(self.w, self.now).idle:
                return
        raise AssertionError("the tick never came to rest")

    # Mail --------------------------------------------------------------------------------------------------------

    def mails(self, to: str = "", about: str = "") -> list[EmailMessage]:
        """Every mail that left so far, oldest first; to an address, with a word in the subject."""
        new = sorted(
            set((self.folder / "sent").glob("*.eml")) - self._read,
            key=lambda file: (file.stat().st_mtime_ns, file.name),
        )
        for file in new:
            self._read.add(file)
            found = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert isinstance(found, EmailMessage)
            self._mails.append(found)
        return [
            m for m in self._mails if (not to or m["To"] == to) and about.lower() in str(m["Subject"]).lower()
        ]

    def last_mail(self, to: str, about: str = "") -> EmailMessage:
        found = self.mails(to, about)
        assert found, (
            f"no mail to {to} about {about!r}; there are {[str(m['Subject']) for m in self.mails(to)]}"
        )
        return found[-1]

    def invite(self, sub: Sub) -> EmailMessage:
        return self.last_mail(sub.address, "invite to bill")

    def receive(self, raw: bytes, at: datetime | None = None) -> int | None:
        """A mail arrives and is worked on; gives the id of its row."""
        found = ingest_bytes(self.w, raw, received=at or self.now, now=self.now)
        self.tick()
        return found

    def submit(
        self,
        sub: Sub,
        entries: Mapping[str, Mapping[str, Any]],
        *,
        answering: EmailMessage | None = None,
        **summary: str,
    ) -> int | None:
        """The sub fills the workbook of a mail (its invite, unless another is given) and replies with it."""
        mail = answering or self.invite(sub)
        return self.receive(reply(mail, filled(workbook_of(mail), entries, summary), when=self.now))

    # Review ------------------------------------------------------------------------------------------------------

    def review(self, decisions: Mapping[str, Mapping[str, Any]], *, admin: str = ADMIN) -> list[str]:
        """The admin fills the newest review workbook and puts it into the watched folder; gives the report's lines."""
        mail = self.last_mail(admin, "review")
        return self.put_into_folder(reviewed(workbook_of(mail), decisions), admin)

    def review_as(self, admin: str, decisions: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Another person fills the review workbook that came to the first admin, and puts it into an own folder."""
        return self.put_into_folder(reviewed(workbook_of(self.last_mail(ADMIN, "review")), decisions), admin)

    def enter(self, commitment: str, reason: str, lines: Mapping[str, Mapping[str, Any]]) -> None:
        """The admin bills on behalf of a sub who did not answer, in the newest review workbook."""
        report = self.review({commitment: {"on_behalf": reason, "lines": lines}})
        assert "on behalf" in report[0], report

    def put_into_folder(self, data: bytes, admin: str = ADMIN) -> list[str]:
        folder = self.w.data / "review" / admin
        (folder / "in").mkdir(parents=True, exist_ok=True)
        before = set(folder.glob("*/*.txt"))
        (folder / "in" / "review.xlsx").write_bytes(data)
        self.tick()
        (report,) = set(folder.glob("*/*.txt")) - before
        return report.read_text(encoding="utf-8").splitlines()

    def approve(self, *commitments: str, admin: str = ADMIN, decision: str = "Approve") -> None:
        lines = self.review({name: {"decision": decision} for name in commitments}, admin=admin)
        assert not [line for line in lines if "not applied" in line], lines

    # Facts -------------------------------------------------------------------------------------------------------

    def cli(self, *words: str, code: int = 0) -> str:
        """Run one command as a person would; gives what it printed."""
        done = self._run(words)
        assert done.exit_code == code, f"{words}: exit {done.exit_code}: {done.output} {done.exception!r}"
        return str(done.stdout)

    def _run(self, words: Sequence[str]) -> Any:
        return CliRunner().invoke(app, list(words), env={"BILLINGS_CONFIG": str(self.config)})

    def cli_error(self, *words: str) -> str:
        """Run a command that fails; gives what it says on standard error."""
        done = self._run([*words, "--now", self.now.isoformat()])
        assert done.exit_code == 1, f"{words}: exit {done.exit_code}: {done.output} {done.exception!r}"
        return str(done.stderr)

    def at(self, *words: str, code: int = 0) -> str:
        """As `cli`, at the instant of the story."""
        return self.cli(*words, "--now", self.now.isoformat(), code=code)

    def show(self, application: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.cli("show", application, "--json"))
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.cli("status", "--json", "--now", self.now.isoformat()))
        return found

    def standing(self, commitment: str, period: int = 1) -> dict[str, Any]:
        """Where one commitment stands in one period, out of `status --json`."""
        found = [
            one
            for each in self.status()["periods"]
            if each["period"] == period
            for one in each["commitments"]
            if one["commitment"] == commitment
        ]
        assert len(found) == 1, found
        return dict(found[0])

    def inbox(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.cli("inbox", "--json"))
        return found

    def verify(self) -> None:
        """Everything ties."""
        assert "Everything ties." in self.cli("verify")

    def close(self) -> None:
        self.w.store.close()


@contextmanager
def site(folder: Path, register: Register) -> Iterator[Site]:
    """A site that is proven whole and closed at the end of a story."""
    made = Site(folder, register)
    try:
        yield made
        made.verify()
    finally:
        made.close()


def money(found: Mapping[str, Any], **expected: str) -> None:
    """Compare named amounts, all at once."""
    got = {name: found[name] for name in expected}
    assert got == expected


#: Instants of the first two monthly periods of a Chicago project with the register's defaults.
INVITED = "2026-01-26T16:00:00Z"
BEFORE_DUE = "2026-01-30T16:00:00Z"
AFTER_DUE = "2026-02-03T16:00:00Z"
AFTER_CLOSE = "2026-02-07T16:00:00Z"
INVITED_2 = "2026-02-24T16:00:00Z"
AFTER_DUE_2 = "2026-03-03T16:00:00Z"
AFTER_CLOSE_2 = "2026-03-07T16:00:00Z"
INVITED_3 = "2026-03-27T16:00:00Z"
AFTER_DUE_3 = "2026-04-03T16:00:00Z"
AFTER_CLOSE_3 = "2026-04-07T16:00:00Z"
DAY = timedelta(days=1)
