"""A billing office on real mail servers: its own mailbox and everybody else's are in one Dovecot.

Our mail leaves by SMTP submission; the relay behind it hands it to Dovecot by LMTP. People log in, read what came, and
submit their answers to our plus addresses in the same way.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar

from imapclient import IMAPClient
from typer.testing import CliRunner

from batch.cli import app
from batch.clock import CLOCK_FILE, SteppedClock, parse_instant
from batch.config import load
from batch.edges.folders import write_file
from batch.edges.mailbox import Mailbox
from batch.edges.postman import send
from batch.edges.store.engine import Store, open_store
from batch.jobs.workplace import SEED_VARIABLE
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import Register, Sub, register_workbook
from tests.servers.dovecot import HOST, PASSWORD, Dovecot

ROOT = Path(__file__).parents[2]
START = datetime(2026, 1, 2, 15, tzinfo=UTC)
_PATIENCE_SECONDS = 45.0
_CONFIG = """\
mail:
  address: {address}
  name: Gibson Construction, Billing
  imap:
    host: 127.0.0.1
    port: {imap_port}
    security: none
    user: {address}
    password: {{file: password}}
    folder: {folder}
  smtp:
    host: 127.0.0.1
    port: {smtp_port}
    security: none
    {smtp_login}
    per_minute: 6000
daemon:
  tick_seconds: {tick_seconds}
  settle_seconds: 0
"""
_LOGIN = """user: {address}
    password: {{file: password}}"""

Found = TypeVar("Found")


def eventually(look: Callable[[], Found], what: str) -> Found:
    """What `look` gives as soon as it is something; fails when it stays nothing."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {_PATIENCE_SECONDS:.0f} s")


class Office:
    """One installation with its register, standing at an instant. Everything is done with its commands."""

    def __init__(
        self,
        folder: Path,
        dovecot: Dovecot,
        subs: Sequence[Sub],
        *,
        address: str,
        admin: str,
        mail_folder: str = "INBOX",
        tick_seconds: int = 3600,
        ports: Mapping[str, int] | None = None,
        login: bool = True,
    ) -> None:
        self.folder = folder
        self.dovecot = dovecot
        self.address = address
        self.admin = admin
        self.mail_folder = mail_folder
        write_file(folder / "password", PASSWORD.encode())
        found = {"imap_port": dovecot.imap_port, "smtp_port": dovecot.submission_port, **(ports or {})}
        smtp_login = _LOGIN.format(address=address) if login else "# no login"
        text = _CONFIG.format(
            address=address, folder=mail_folder, tick_seconds=tick_seconds, smtp_login=smtp_login, **found
        )
        self.config.write_text(text, encoding="utf-8")
        self.clock = SteppedClock(folder / "clock")
        self.clock.step_to(START)
        with Mailbox(dovecot.imap_account(address)) as mailbox:
            mailbox.ensure_folder(mail_folder)
        rows = Register(subs=subs).rows()
        rows["Admins"][0]["Email"] = admin
        (folder / "register.xlsx").write_bytes(register_workbook(rows, START))
        self.cli("register", "import", str(folder / "register.xlsx"), "--yes")

    @property
    def config(self) -> Path:
        return self.folder / "billings.yaml"

    @property
    def now(self) -> datetime:
        return self.clock()

    # Commands ----------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What its commands are run with."""
        return {
            "BILLINGS_CONFIG": str(self.config),
            CLOCK_FILE: str(self.clock.file),
            SEED_VARIABLE: "office",
        }

    def cli(self, *words: str, code: int = 0) -> str:
        """Run one command in this process; gives what it printed."""
        done = CliRunner().invoke(app, list(words), env=self.environment)
        assert done.exit_code == code, f"{words}: exit {done.exit_code}: {done.output} {done.exception!r}"
        return str(done.stdout)

    def go(self, at: str) -> None:
        """The clock moves to an instant."""
        self.clock.step_to(parse_instant(at))

    def tick(self, at: str = "") -> None:
        """Go to an instant, and run `billings tick` until it finds nothing to do."""
        if at:
            self.go(at)
        for _ in range(20):
            if json.loads(self.cli("tick", "--json"))["done"] == 0:
                return
        raise AssertionError("the tick never came to rest")

    def facts(self, *words: str) -> Any:
        """What a command says with --json."""
        return json.loads(self.cli(*words, "--json"))

    def inbox(self) -> list[tuple[str, str]]:
        """State and outcome of every mail that came, oldest first."""
        return [(one["state"], one["outcome"]) for one in self.facts("inbox")]

    def standing(self, commitment: str) -> tuple[str, str]:
        """The invite's and the application's state of a commitment in the first period."""
        period = next(one for one in self.facts("status")["periods"] if one["period"] == 1)
        found = next(one for one in period["commitments"] if one["commitment"] == commitment)
        return found["invite"], found["state"]

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Its database, to look at."""
        store = open_store(load(self.config).database_url)
        try:
            yield store
        finally:
            store.close()

    # Mail --------------------------------------------------------------------------------------------------------

    @contextmanager
    def client(self, user: str, folder: str = "INBOX", *, readonly: bool = True) -> Iterator[IMAPClient]:
        """What a person's mail program sees."""
        with IMAPClient(HOST, self.dovecot.imap_port, ssl=False, timeout=20) as client:
            client.login(user, PASSWORD)
            client.select_folder(folder, readonly=readonly)
            yield client

    def raw_mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The messages in somebody's folder, oldest first; none when there is no such folder."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]"])
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def mails(self, user: str, about: str = "", folder: str = "INBOX") -> list[EmailMessage]:
        """Somebody's mail, oldest first, with a word in the subject."""
        found = [
            email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw_mails(user, folder)
        ]
        return [one for one in found if about.lower() in str(one["Subject"]).lower()]

    def last_mail(self, user: str, about: str) -> EmailMessage:
        found = self.mails(user, about)
        assert found, f"{user} has {[str(one['Subject']) for one in self.mails(user)]}"
        return found[-1]

    def subjects(self, folder: str) -> list[str]:
        """What lies in a folder of our mailbox."""
        return sorted(str(one["Subject"]) for one in self.mails(self.address, folder=folder))

    def send(self, raw: bytes) -> None:
        """Somebody submits a mail to us with their own login."""
        made = email.message_from_bytes(raw, policy=email.policy.default)
        sender, recipient = parseaddr(str(made["From"]))[1], parseaddr(str(made["To"]))[1]
        sent = send(self.dovecot.smtp_account(sender), sender, recipient, raw)
        assert sent.state == "sent", sent

    def put(self, raw: bytes, when: datetime | None = None) -> None:
        """A mail lies in the folder that is read, at an instant."""
        with Mailbox(self.dovecot.imap_account(self.address)) as mailbox:
            mailbox.append(mailbox.ensure_folder(self.mail_folder), raw, when or self.now)

    def bill(
        self, sub: Sub, entries: Mapping[str, Mapping[str, Any]], *, answering: EmailMessage | None = None
    ) -> bytes:
        """The sub's answer: the workbook of a mail (the invite's, unless another is given), filled in."""
        mail = answering or self.last_mail(sub.address, "invite to bill")
        return reply(mail, filled(workbook_of(mail), entries), when=self.now)

    def say(self, sub: Sub, text: str) -> bytes:
        """The sub's answer in words."""
        return reply(self.last_mail(sub.address, "invite to bill"), None, when=self.now, text=text)

    # The watched folder ------------------------------------------------------------------------------------------

    def hand_in(self, data: bytes, name: str = "review.xlsx") -> None:
        """The admin saves a file into the folder."""
        write_file(self.folder / "review" / self.admin / "in" / name, data)

    def reports(self) -> list[str]:
        """What was said about each file that was taken."""
        found = sorted((self.folder / "review" / self.admin).glob("*/*.txt"))
        return [file.read_text(encoding="utf-8") for file in found]


class Daemon:
    """A real `billings daemon` as a child."""

    def __init__(self, office: Office, *, largest_file: int = 0, **environment: str) -> None:
        self._office = office
        self._log = (office.folder / "daemon.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "batch", "daemon"],
            env={**os.environ, "PYTHONPATH": str(ROOT), **office.environment, **environment},
            cwd=office.folder,
            stdout=self._log,
            stderr=self._log,
        )
        if largest_file:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (largest_file, largest_file))

    @property
    def health(self) -> dict[str, Any]:
        """What it said last; nothing before its first tick."""
        file = self._office.folder / "health.json"
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found if found.get("pid") == self.process.pid else {}

    def rest(self) -> None:
        """Wait until a tick at the clock's instant found nothing to do."""
        now = self._office.now
        eventually(
            lambda: self._ended() or (self.health.get("idle") and parse_instant(self.health["now"]) == now),
            "the daemon's rest",
        )
        assert not self._ended(), self.words()

    def words(self) -> str:
        """What it logged."""
        return (self._office.folder / "daemon.log").read_text(encoding="utf-8", errors="replace")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(_PATIENCE_SECONDS)

    def close(self) -> None:
        """Make sure that nothing is left running."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def _ended(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def daemon(office: Office, *, largest_file: int = 0, **environment: str) -> Iterator[Daemon]:
    """A daemon at work, ended in order. `largest_file`: what a file may grow to, in bytes."""
    made = Daemon(office, largest_file=largest_file, **environment)
    try:
        yield made
        if made.process.poll() is None:
            assert made.end() == 0, made.words()
    finally:
        made.close()
