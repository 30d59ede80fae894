"""One installation whose processes are forked from a warm one, so that a kill and a restart cost a fraction of a start.

Everything a kill leaves behind is on the disk: the data folder, the mailbox (Dovecot's Maildir) and what people were
sent. So the state before any step can be kept, and put back.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from batch import crashpoints, jsonlog
from batch.cli import main
from batch.clock import CLOCK_FILE, SteppedClock, parse_instant
from batch.config import load
from batch.core.states import Outgoing
from batch.daemon import HEALTH_FILE, serve
from batch.edges.folders import write_file
from batch.edges.mailbox import ImapAccount, Mailbox
from batch.edges.store import queries_mail
from batch.edges.store.dump import canonical_dump
from batch.edges.store.engine import Store, open_store
from batch.jobs.workplace import SEED_VARIABLE
from tests.servers.dovecot import HOST, PASSWORD
from tests.servers.sweep_people import Deed, Delivery, HandIn, Order

USER = "billing@example.test"
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.003
#: Files that never change once they are there: a second name for one is as good as a copy.
_NEVER_CHANGE = ("archive/", "people/", "cur/", "new/")
#: What is not part of the outcome: the database (it is dumped), locks, health, and leftovers of a cut-off write.
_NOT_OUTCOME = ("billings.db", "daemon.lock", HEALTH_FILE)
_CONFIG = """\
mail:
  address: {address}
  name: Billing office
  imap:
    host: 127.0.0.1
    port: {imap_port}
    security: none
    user: {user}
    password: {{file: {password}}}
  smtp:
    host: 127.0.0.1
    port: {smtp_port}
    security: none
    per_minute: 6000
data: data
daemon:
  tick_seconds: 3600
  idle: false
  settle_seconds: 0
"""


@dataclass(frozen=True, kw_only=True)
class Look:
    """All that can be seen from outside, each part sorted: rows, mail that people got, mail in our folders, files.

    `unknown`: ids of outgoing mail that waits for the admin. `next_due`: when the daemon plans something next.
    """

    dump: tuple[str, ...]
    mails: tuple[tuple[str, str, str], ...]
    mailbox: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    unknown: tuple[int, ...]
    next_due: datetime | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder with an installation, beside mail servers that run elsewhere."""

    folder: Path
    maildir: Path
    imap_port: int
    smtp_port: int
    address: str

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def people(self) -> Path:
        """Every message that the SMTP server took, by number and recipient."""
        return self.folder / "people"

    @property
    def clock(self) -> SteppedClock:
        return SteppedClock(self.folder / "clock")

    @property
    def config(self) -> Path:
        return self.folder / "billings.yaml"

    @property
    def log(self) -> Path:
        """What the processes of this place said."""
        return self.folder / "log"

    def prepare(self) -> None:
        """Make the installation, with nothing in it yet."""
        for folder in (self.data, self.people):
            folder.mkdir(parents=True, exist_ok=True)
        password = self.folder / "imap-password"
        write_file(password, PASSWORD.encode())
        text = _CONFIG.format(
            address=self.address,
            imap_port=self.imap_port,
            smtp_port=self.smtp_port,
            user=USER,
            password=password,
        )
        self.config.write_text(text, encoding="utf-8")
        with Mailbox(self._account()):
            pass  # Dovecot makes the mailbox at the first login

    def _account(self) -> ImapAccount:
        return ImapAccount(
            host=HOST, port=self.imap_port, security="none", user=USER, password=lambda: PASSWORD
        )

    # States ------------------------------------------------------------------------------------------------------

    def keep(self, folder: Path) -> None:
        """Keep everything as it stands now."""
        folder.mkdir(parents=True)
        for name, source in self._parts():
            _copy(source, folder / name)

    def put_back(self, folder: Path) -> None:
        """Everything as it stood when it was kept."""
        for name, target in self._parts():
            _empty(target)
            _copy(folder / name, target)

    def _parts(self) -> list[tuple[str, Path]]:
        return [("data", self.data), ("people", self.people), ("mail", self.maildir)]

    # Deeds -------------------------------------------------------------------------------------------------------

    def set_clock(self, now: datetime) -> None:
        """Set the stepped clock, back too: a story is told again."""
        (self.folder / "clock").unlink(missing_ok=True)
        self.clock.step_to(now)

    def do(self, deed: Deed) -> None:
        """Do what somebody does. An order of the office is a step of its own."""
        if isinstance(deed, Delivery):
            with Mailbox(self._account()) as mailbox:
                mailbox.append("INBOX", deed.raw, deed.when)
        elif isinstance(deed, HandIn):
            write_file(self.data / "review" / deed.address / "in" / deed.name, deed.data)

    # Processes ---------------------------------------------------------------------------------------------------

    def run_daemon(self, *, kill_at: int = 0, points: Path | None = None) -> bool:
        """Run a real daemon until nothing is left to do, then end it in order; gives whether it was killed at a point."""
        (self.data / HEALTH_FILE).unlink(missing_ok=True)
        now = self.clock()
        child = self._fork(lambda: serve(load(self.config)), kill_at, points)
        give_up = time.monotonic() + _PATIENCE_SECONDS
        told = False
        while (status := _ended(child)) is None:
            if not told and self._is_at_rest(now):
                os.kill(child, signal.SIGTERM)
                told = True
            if time.monotonic() > give_up:
                self._give_up(child)
                raise AssertionError(f"the daemon came to no rest at {now.isoformat()}: {self.last_words()}")
            time.sleep(_LOOK_SECONDS)
        return self._was_killed(status, kill_at, (0,))

    def run_order(self, order: Order, *, kill_at: int = 0, points: Path | None = None) -> bool:
        """Run one command; gives whether it was killed at a point."""
        words = ["--config", str(self.config), *order.words]
        child = self._fork(lambda: _run_words(words), kill_at, points)
        # A command that finds its work done already says so with 1.
        return self._was_killed(os.waitpid(child, 0)[1], kill_at, (0, 1))

    def look(self, store: Store) -> Look:
        """Everything as it stands. `store` is this place's; it keeps no connection, for one must not be forked."""
        with store.read() as conn:
            dump = canonical_dump(conn)
            unknown = [row["id"] for row in queries_mail.outgoing(conn, (Outgoing.UNKNOWN,))]
        store.close()
        health = self.data / HEALTH_FILE
        due = json.loads(health.read_text(encoding="utf-8"))["next_due"] if health.exists() else None
        return Look(
            dump=tuple(dump.splitlines()),
            mails=self._mails(),
            mailbox=self._mailbox(),
            files=tuple(self._files()),
            unknown=tuple(unknown),
            next_due=parse_instant(due) if due else None,
        )

    def store(self) -> Store:
        """The database of this place, for looking at it."""
        return open_store(load(self.config).database_url)

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:] if self.log.exists() else ""

    def _fork(self, work: Callable[[], None], kill_at: int, points: Path | None) -> int:
        child = os.fork()
        if child == 0:
            self._be_a_process(work, kill_at, points)
        return child

    def _be_a_process(self, work: Callable[[], None], kill_at: int, points: Path | None) -> NoReturn:
        code = 1
        try:
            log = self.log.open("a", encoding="utf-8")
            sys.stdout = sys.stderr = log
            jsonlog.configure(stream=log)
            faulthandler.register(signal.SIGUSR1, file=log)
            os.environ.update({CLOCK_FILE: str(self.folder / "clock"), SEED_VARIABLE: "sweep"})
            crashpoints.arm(kill_at=kill_at, log=str(points or ""))
            work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - a child must never go back into its parent's code
            traceback.print_exc(file=log)
        finally:
            log.flush()
            os._exit(code)

    @staticmethod
    def _give_up(child: int) -> None:
        """End a process that hangs; before that it writes into its log where it stands."""
        os.kill(child, signal.SIGUSR1)
        time.sleep(0.5)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def _was_killed(self, status: int, kill_at: int, codes: tuple[int, ...]) -> bool:
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, f"ended by signal {os.WTERMSIG(status)}"
            assert kill_at, "it was killed though nobody asked for it"
            return True
        assert os.WEXITSTATUS(status) in codes, self.last_words()
        return False

    def _is_at_rest(self, now: datetime) -> bool:
        try:
            said = json.loads((self.data / HEALTH_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return False
        return bool(said["idle"]) and parse_instant(said["now"]) == now

    def _mails(self) -> tuple[tuple[str, str, str], ...]:
        """Recipient, Message-ID and hash of each message that people got."""
        return tuple(
            sorted((recipient, _message_id(raw), _sha(raw)) for recipient, raw in mails_in(self.people))
        )

    def _mailbox(self) -> tuple[tuple[str, str], ...]:
        """Folder and hash of each message in our mailbox."""
        found = [*self.maildir.glob("**/cur/*"), *self.maildir.glob("**/new/*")]
        return tuple(
            sorted(
                (str(file.parent.parent.relative_to(self.maildir)), _sha(file.read_bytes())) for file in found
            )
        )

    def _files(self) -> Iterator[tuple[str, str]]:
        for file in sorted(self.data.rglob("*")):
            name = str(file.relative_to(self.data))
            if file.is_file() and not file.name.startswith(".") and not name.startswith(_NOT_OUTCOME):
                # The report on a file that was taken before the kill may say just that.
                yield name, "" if name.endswith(".xlsx.txt") else _sha(file.read_bytes())


def mails_in(people: Path) -> list[tuple[str, bytes]]:
    """Every message that people got, in the order they came, each with its recipient."""
    return [(file.stem.partition("-")[2], file.read_bytes()) for file in sorted(people.glob("*.eml"))]


def _run_words(words: list[str]) -> None:
    main(words)


def _ended(child: int) -> int | None:
    found, status = os.waitpid(child, os.WNOHANG)
    return status if found else None


def _message_id(raw: bytes) -> str:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    return next(
        line.partition(":")[2].strip() for line in head.splitlines() if line.startswith("Message-ID:")
    )


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _copy(source: Path, target: Path) -> None:
    """A folder with everything in it; owners and modes stay, for Dovecot's user has to read its own."""
    target.mkdir(exist_ok=True)
    _like(source, target)
    for entry in sorted(source.rglob("*")):
        twin = target / entry.relative_to(source)
        if entry.is_dir():
            twin.mkdir(exist_ok=True)
            _like(entry, twin)
        elif any(part in f"{entry.parent}/" for part in _NEVER_CHANGE):
            os.link(entry, twin)
        else:
            shutil.copyfile(entry, twin)
            _like(entry, twin)


def _like(source: Path, target: Path) -> None:
    found = source.stat()
    os.chown(target, found.st_uid, found.st_gid)
    target.chmod(found.st_mode)
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
