"""The demo's embedded mail servers."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import batch
from batch.demo.servers import EmbeddedMail
from batch.edges.mail_wake import wait_for_mail
from batch.edges.mailbox import Mailbox
from batch.edges.postman import send

SENDER = "billing@example.test"
WHEN = datetime(2025, 3, 31, 22, 15, tzinfo=UTC)
RAW = b"From: Ana <ana@sub.test>\r\nSubject: Pay application\r\n\r\nHello\r\n.\r\n"

PROGRAM = """
import pathlib, signal, sys, time
from batch.demo.servers import EmbeddedMail
# A shell starts what runs in the background with Ctrl-C ignored, and a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
with EmbeddedMail(pathlib.Path(sys.argv[1])) as mail:
    print(mail._imap.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[EmbeddedMail]:
    """Both servers, running."""
    with EmbeddedMail(tmp_path) as running:
        yield running


def kept(folder: Path) -> list[str]:
    """The names of the kept messages, in order."""
    return sorted(path.name for path in (folder / "mail").iterdir())


def test_starts_empty_and_delivers_with_the_storys_time(mail: EmbeddedMail, tmp_path: Path) -> None:
    """A delivered message is in the mailbox byte for byte, with the given INTERNALDATE, and in the folder."""
    with Mailbox(mail.imap_account) as mailbox:
        assert mailbox.uids() == []
        mail.deliver(RAW, WHEN)
        (uid,) = mailbox.uids()
        assert mailbox.fetch(uid) == RAW
        assert mailbox.sizes_and_dates([uid]) == {uid: (len(RAW), WHEN)}
    assert kept(tmp_path) == ["0001-received-ana@sub.test.eml"]


def test_a_message_can_be_moved(mail: EmbeddedMail) -> None:
    """The embedded server takes the moves that a run makes; a missing message is no error."""
    mail.deliver(RAW, WHEN)
    with Mailbox(mail.imap_account) as mailbox:
        (uid,) = mailbox.uids()
        assert mailbox.move(uid, "Billing/Processed") is True
        assert mailbox.move(uid, "Billing/Processed") is True
        assert mailbox.uids() == []
        folder = mailbox.ensure_folder("Billing/Processed")
    with Mailbox(mail.imap_account, folder) as mailbox:
        assert len(mailbox.uids()) == 1


def test_what_is_sent_is_kept_and_shown(mail: EmbeddedMail, tmp_path: Path) -> None:
    """The callable has seen a message before its sender knows that it was taken."""
    seen: list[tuple[str, str, bytes]] = []
    mail.on_message = lambda sender, recipient, raw: seen.append((sender, recipient, raw))
    assert send(mail.smtp_account, SENDER, "ana@sub.test", RAW).state == "sent"
    assert seen == [(SENDER, "ana@sub.test", RAW)]
    assert mail.idle()
    assert kept(tmp_path) == ["0001-sent-ana@sub.test.eml"]
    assert (tmp_path / "mail" / "0001-sent-ana@sub.test.eml").read_bytes() == RAW


def test_a_person_can_answer_at_once(mail: EmbeddedMail) -> None:
    """The callable may deliver an answer before it returns."""
    mail.on_message = lambda *message: mail.deliver(message[2], WHEN)
    send(mail.smtp_account, SENDER, "ana@sub.test", RAW)
    with Mailbox(mail.imap_account) as mailbox:
        assert len(mailbox.uids()) == 1


def test_an_address_that_bounces_is_refused(mail: EmbeddedMail, tmp_path: Path) -> None:
    """Without a maker of bounces the address is refused with 550, and nothing is kept."""
    mail.bounces.add("gone@sub.test")
    delivery = send(mail.smtp_account, SENDER, "gone@sub.test", RAW)
    assert (delivery.state, delivery.code) == ("refused", 550)
    assert not (tmp_path / "mail").exists()


def test_an_address_that_bounces_is_answered(mail: EmbeddedMail, tmp_path: Path) -> None:
    """With a maker of bounces the message is taken, and what it makes comes into the mailbox."""
    mail.bounces.add("gone@sub.test")
    mail.make_bounce = lambda *message: (b"From: MAILER-DAEMON@sub.test\r\n\r\n" + message[2], WHEN)
    assert send(mail.smtp_account, SENDER, "gone@sub.test", RAW).state == "sent"
    with Mailbox(mail.imap_account) as mailbox:
        assert len(mailbox.uids()) == 1
    assert kept(tmp_path) == ["0001-sent-gone@sub.test.eml", "0002-received-MAILER-DAEMON@sub.test.eml"]


def test_a_failing_world_is_told(mail: EmbeddedMail) -> None:
    """An exception in the callable does not get lost: the next look raises it."""

    def fail(sender: str, recipient: str, raw: bytes) -> None:
        raise LookupError("no such person")

    mail.on_message = fail
    send(mail.smtp_account, SENDER, "ana@sub.test", RAW)
    with pytest.raises(RuntimeError) as caught:
        mail.idle()
    assert isinstance(caught.value.__cause__, LookupError)


def test_not_idle_while_a_message_is_in_hand(mail: EmbeddedMail) -> None:
    """While the callable works, a message is on its way."""
    states: list[bool] = []
    mail.on_message = lambda *_: states.append(mail.idle())
    send(mail.smtp_account, SENDER, "ana@sub.test", RAW)
    assert states == [False]
    assert mail.idle()


def test_new_mail_wakes_the_waiting_thread(mail: EmbeddedMail) -> None:
    """The embedded server announces mail to a client in IDLE."""
    stop, woken = threading.Event(), threading.Semaphore(0)
    arguments = (mail.imap_account, "INBOX", stop, woken.release)
    thread = threading.Thread(target=wait_for_mail, args=arguments, daemon=True)
    thread.start()
    assert woken.acquire(timeout=20)
    mail.deliver(RAW, WHEN)
    assert woken.acquire(timeout=20)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_server_outlives_the_demo(tmp_path: Path, how: signal.Signals) -> None:
    """After Ctrl-C, and after a kill -9, the server process is gone."""
    environment = {**os.environ, "PYTHONPATH": str(Path(batch.__file__).parents[1])}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as demo:
        assert demo.stdout is not None
        server = int(demo.stdout.readline())
        watch = os.pidfd_open(server)
        demo.send_signal(how)
        demo.wait(20)
    assert ended(watch)


def ended(watch: int) -> bool:
    """Whether the process behind a pidfd ends within 20 seconds."""
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    try:
        return bool(poll.poll(20_000))
    finally:
        os.close(watch)
