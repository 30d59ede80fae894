"""The service as its operator meets it: how it ends, who may run beside it, and what it survives."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from batch.config import load
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.jobs.accounts import imap_account
from batch.jobs.fetch_mail import fetch_mail, file_mail
from batch.jobs.process_mail import process_mail
from batch.jobs.workplace import open_workplace
from tests.scenarios.registers import Sub
from tests.servers.dovecot import HOST, Dovecot
from tests.servers.office import Daemon, Office, daemon, eventually

ROBOT = b"From: x@sub.test\r\nSubject: %s\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n"
INVITED = "2026-01-26T16:00:00Z"


@pytest.fixture
def sub(user: str) -> Sub:
    """The one commitment of the office in these tests."""
    return Sub(number="SC-1", lines=[("1", "03-300", "10000")], contact=f"sub-{user}")


@pytest.fixture
def office(tmp_path: Path, user: str, sub: Sub, dovecot: Dovecot) -> Office:
    """An office on working servers."""
    return Office(tmp_path, dovecot, [sub], address=user, admin=f"pat-{user}")


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def command(office: Office, *words: str) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "batch", *words],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **office.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class _SlowServer:
    """An SMTP server that takes a message only when it is let."""

    # ruff: noqa: N802, ARG002

    def __init__(self) -> None:
        self.asked, self.let = threading.Event(), threading.Event()

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.asked.set()
        await asyncio.to_thread(self.let.wait, 30)
        return "250 2.0.0 Ok"


@contextmanager
def slow_server() -> Iterator[tuple[_SlowServer, int]]:
    """The slow server and its port."""
    slow, port = _SlowServer(), closed_port()
    controller = Controller(slow, hostname=HOST, port=port, auth_required=False)
    controller.start()
    try:
        yield slow, port
    finally:
        slow.let.set()
        controller.stop()


def test_sigterm_lets_the_running_tick_end(tmp_path: Path, user: str, sub: Sub, dovecot: Dovecot) -> None:
    """A mail that is on its way when SIGTERM comes is sent and written down as sent; then the exit code is 0."""
    with slow_server() as (slow, port):
        office = Office(
            tmp_path,
            dovecot,
            [sub],
            address=user,
            admin=f"pat-{user}",
            ports={"smtp_port": port},
            login=False,
        )
        office.go(INVITED)
        service = Daemon(office)
        try:
            assert slow.asked.wait(30)
            service.process.send_signal(signal.SIGTERM)
            slow.let.set()
            assert service.wait() == 0, service.words()
        finally:
            service.close()
        assert [one["state"] for one in office.facts("outbox")] == ["sent"]


def test_sigint_ends_it_too(office: Office) -> None:
    """Ctrl-C on a terminal ends the service in order."""
    with daemon(office) as service:
        service.rest()
        assert service.end(signal.SIGINT) == 0, service.words()


def test_a_signal_finds_no_lock_of_its_own_thread(office: Office) -> None:
    """A signal that comes while the main thread holds the lock inside the event it waits for does not block for ever."""
    program = (
        "import sys, signal; from pathlib import Path; from batch.config import load;"
        "from batch.daemon import Service; from batch.jobs.workplace import open_workplace;"
        "service = Service(open_workplace(load(Path(sys.argv[1])))); service._listen_to_signals();"
        "lock = service._wake._cond; lock.acquire(); signal.raise_signal(signal.SIGTERM); lock.release();"
        "sys.exit(0 if service._stop.wait(20) else 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(office.config)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0


def test_a_second_one_is_turned_away(office: Office) -> None:
    """A second daemon, and a tick, end with 75 and name the process that is at work."""
    with daemon(office) as service:
        service.rest()
        for words in (["daemon"], ["tick"]):
            done = command(office, *words)
            assert done.returncode == 75
            assert f"process {service.process.pid}" in done.stderr


def test_health_says_what_the_last_tick_saw(office: Office) -> None:
    """health.json has the process, the instant, whether there was nothing to do, and what comes next."""
    with daemon(office) as service:
        service.rest()
        said = dict(service.health)
        assert said.pop("ticks") >= 2
        assert said == {
            "pid": service.process.pid,
            "now": "2026-01-02T15:00:00+00:00",
            "idle": True,
            "unreachable": "",
            "next_due": "2026-01-24T14:00:00+00:00",
        }


def test_a_mailbox_that_is_down_stops_nothing_else(
    tmp_path: Path, user: str, sub: Sub, dovecot: Dovecot
) -> None:
    """Without IMAP invites still leave and the watched folder is still read; health.json says what is wrong."""
    office = Office(
        tmp_path, dovecot, [sub], address=user, admin=f"pat-{user}", ports={"imap_port": closed_port()}
    )
    office.go(INVITED)
    office.hand_in(b"not a workbook", "notes.xlsx")
    with daemon(office) as service:
        eventually(lambda: office.mails(sub.address, "invite to bill"), "the invite")
        eventually(office.reports, "the report")
        assert eventually(lambda: service.health.get("unreachable"), "the fault") == "connection"
        assert service.health["idle"] is False
    assert "Nothing was changed" in office.reports()[0]


def test_no_submission_server_is_asked_once_in_a_pass(tmp_path: Path, user: str, dovecot: Dovecot) -> None:
    """When no server answers, the first mail ends the pass; the others have lost nothing, and all leave later."""
    subs = [
        Sub(number=f"SC-{n}", lines=[("1", "03-300", "10000")], contact=f"sub{n}-{user}") for n in (1, 2, 3)
    ]
    down = {"smtp_port": closed_port()}
    office = Office(tmp_path, dovecot, subs, address=user, admin=f"pat-{user}", ports=down)
    office.go("2026-01-26T16:00:00Z")
    office.cli("tick")
    with office.store() as store, store.read() as conn:
        tried = conn.exec_driver_sql("SELECT attempts FROM outbox ORDER BY id").scalars().all()
    assert tried == [1, 0, 0]
    text = office.config.read_text(encoding="utf-8")
    office.config.write_text(
        text.replace(str(down["smtp_port"]), str(dovecot.submission_port)), encoding="utf-8"
    )
    office.tick("2026-01-26T16:05:00Z")
    assert [one["state"] for one in office.facts("outbox")] == ["sent"] * 3


def test_a_mail_that_fails_three_times_is_set_aside(office: Office, sub: Sub) -> None:
    """What cannot be worked on is tried three times, then quarantined with its traceback; the others go on."""
    own = office.folder / "templates" / "email"
    own.mkdir(parents=True)
    (own / "question.txt.j2").write_text("{{ nobody.knows.this }}", encoding="utf-8")
    office.go(INVITED)
    with daemon(office) as service:
        service.rest()
        office.send(office.say(sub, "Which month does this cover, and can we split line 1?"))
        eventually(office.inbox, "the question")
        office.send(office.say(sub, "ACCEPT"))
        eventually(lambda: office.standing("SC-1")[0] == "Accepted", "the answer after it")
        for instant in ("2026-01-26T16:06:00Z", "2026-01-26T16:17:00Z"):
            office.go(instant)
            service.rest()
    (found,) = office.facts("quarantine")
    assert found["attempts"] == "3"
    assert "nobody" in found["traceback"]
    assert len(office.subjects("Failed")) == 1
    # With the template put right, another try brings it to a person.
    shutil.rmtree(own)
    office.cli("inbox", "--put-back", found["id"])
    office.tick()
    assert [state for state, _outcome in office.inbox()] == ["waiting for a person", "processed"]


def test_a_disk_that_refuses_leaves_the_mail_on_the_server(office: Office, sub: Sub) -> None:
    """When the archive takes no file the service ends with 1; the mail is neither noted nor moved, and is taken later."""
    office.tick(INVITED)
    # A limit on the size of files, as a full disk has it: the mail is larger, the database is not.
    limit = 8_000_000
    mail = office.say(sub, "ACCEPT") + b"x" * limit
    office.put(mail)
    with daemon(office, largest_file=limit) as service:
        assert service.wait() == 1
        assert "daemon-failed" in service.words()
        assert "File too large" in service.words()
    assert office.inbox() == []
    assert len(office.subjects("INBOX")) == 1
    office.tick()
    assert [state for state, _outcome in office.inbox()] == ["processed"]
    assert office.subjects("INBOX") == []


def test_an_archive_that_is_gone_stops_the_work(office: Office, sub: Sub) -> None:
    """An archive that cannot be written ends the pass; once it is back nothing is missing."""
    office.tick(INVITED)
    archive = office.folder / "archive"
    archive.rename(office.folder / "away")
    archive.write_bytes(b"in its place")
    office.put(office.say(sub, "ACCEPT"))
    with daemon(office) as service:
        assert service.wait() == 1, service.words()
    assert office.inbox() == []
    archive.unlink()
    (office.folder / "away").rename(archive)
    office.tick()
    assert office.standing("SC-1")[0] == "Accepted"
    assert "Everything ties." in office.cli("verify")


class _Refusing(Mailbox):
    """A mailbox whose server says no to one message, as Exchange does with a damaged one."""

    def fetch(self, uid: int) -> bytes | None:
        self._refuse(uid)
        return super().fetch(uid)

    def move(self, uid: int, folder: str) -> bool:
        self._refuse(uid)
        return super().move(uid, folder)

    @staticmethod
    def _refuse(uid: int) -> None:
        if uid == 1:
            raise MailboxUnavailable("refused", "the message is damaged")


def test_one_message_that_the_server_refuses_stops_no_other(office: Office) -> None:
    """A message the server will not give, or will not move, is passed over; the ones behind it are worked on."""
    office.put(ROBOT % b"one")
    office.put(ROBOT % b"two")
    w = open_workplace(load(office.config))
    imap, now = w.config.mail.imap, office.now
    assert imap is not None
    with _Refusing(imap_account(w.config, imap)) as mailbox:
        assert fetch_mail(w, imap, mailbox, now) == 1
        # It is still not ours, and no reason to look again at once.
        assert fetch_mail(w, imap, mailbox, now) == 0
    with Mailbox(imap_account(w.config, imap)) as mailbox:
        assert fetch_mail(w, imap, mailbox, now) == 1
    assert process_mail(w, now) == 2
    with _Refusing(imap_account(w.config, imap)) as mailbox:
        assert file_mail(w, imap, mailbox, now) == 1
    w.store.close()
    assert (office.subjects("INBOX"), office.subjects("Processed")) == (["one"], ["two"])
    office.tick()
    assert (office.subjects("INBOX"), office.subjects("Processed")) == ([], ["one", "two"])
