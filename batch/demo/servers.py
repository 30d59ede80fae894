"""The demo's mail: pymap as the IMAP server, aiosmtpd as the SMTP server, both on loopback only.

What is sent arrives in aiosmtpd, is kept as a file in `mail/` and is handed to a callable that plays the
world. What people answer is kept there too and put into the billing mailbox by APPEND, so that INTERNALDATE
is the story's time. pymap's in-memory server knows one user, so only the billing mailbox can be read by IMAP.
"""

import asyncio
import email.message
import email.parser
import email.utils
import logging
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from batch.edges.folders import write_file
from batch.edges.mailbox import ImapAccount, Mailbox, MailboxUnavailable
from batch.edges.postman import SmtpAccount

HOST = "127.0.0.1"
USER = "billing"
PASSWORD = "demo"

# Own session: Ctrl-C ends the demo in order, and only then its server. When the demo is killed, the pipe
# closes and the server ends by itself.
# Its password is no secret and the server listens on this machine only: one round of hashing instead of 500,000 for
# each login, which would be half of the demo's time.
_IMAP_PROGRAM = """
import os, sys, threading
from pymap.config import IMAPConfig
from pymap.main import main
from pysasl.hashing import BuiltinHash
IMAPConfig._get_hash_context = classmethod(lambda cls, file: BuiltinHash(rounds=1))
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
main()
"""
_START_SECONDS = 20.0
_START_ATTEMPTS = 3
_LARGEST_MESSAGE = 64 * 1024 * 1024

OnMessage = Callable[[str, str, bytes], None]
# From sender, recipient and message to the bounce and its time; None: the address is refused at once (550).
MakeBounce = Callable[[str, str, bytes], tuple[bytes, datetime]]


class EmbeddedMail:
    """Context manager: both servers, from start to a clean stop.

    `on_message(sender, recipient, raw)` is called for each message before its sender is told that it was
    accepted; so when the outbox is empty, everything that was sent has been seen. It runs in a thread of the
    SMTP server. Mail to an address in `bounces` is refused with 550, or accepted and answered with what
    `make_bounce` gives.
    """

    def __init__(self, out: Path) -> None:
        self.imap_port = 0
        self.smtp_port = 0
        self.on_message: OnMessage = _ignore
        self.bounces: set[str] = set()
        self.make_bounce: MakeBounce | None = None
        self._kept = _KeptMail(out / "mail")
        self._imap: subprocess.Popen[bytes] | None = None
        self._smtp: Controller | None = None
        self._mailbox: Mailbox | None = None
        self._mailbox_lock = threading.Lock()
        self._work = _Work()

    @property
    def imap_account(self) -> ImapAccount:
        """How to read the billing mailbox."""
        return ImapAccount(
            host=HOST, port=self.imap_port, security="none", user=USER, password=lambda: PASSWORD
        )

    @property
    def smtp_account(self) -> SmtpAccount:
        """How to send mail."""
        return SmtpAccount(host=HOST, port=self.smtp_port, security="none", hello="localhost")

    def __enter__(self) -> Self:
        try:
            self._imap, self.imap_port = _start_imap()
            self._smtp, self.smtp_port = _start_smtp(_Sink(self))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def deliver(self, raw: bytes, when: datetime) -> None:
        """Puts a message into the billing mailbox with `when` (with a time zone) as its INTERNALDATE."""
        with self._work.counted():
            self._kept.keep("received", _author(raw), raw)
            with self._mailbox_lock:
                self._append(raw, when)

    def idle(self) -> bool:
        """Whether no message is on its way. RuntimeError from its exception when `on_message` failed."""
        return self._work.is_done()

    def receive(self, sender: str, recipient: str, raw: bytes) -> None:
        """What the SMTP server does with an accepted message: keep it, bounce it or show it to the world."""
        with self._work.counted():
            self._kept.keep("sent", recipient, raw)
            if recipient in self.bounces and self.make_bounce is not None:
                self.deliver(*self.make_bounce(sender, recipient, raw))
            else:
                self.on_message(sender, recipient, raw)

    def _append(self, raw: bytes, when: datetime) -> None:
        try:
            self._open_mailbox().append("INBOX", raw, when)
        except MailboxUnavailable:
            self._close_mailbox()  # the link was idle for long; once more on a new one
            self._open_mailbox().append("INBOX", raw, when)

    def _open_mailbox(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(self.imap_account).__enter__()
        return self._mailbox

    def _close_mailbox(self) -> None:
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.__exit__(None, None, None)

    def _stop(self) -> None:
        if self._smtp is not None:
            self._smtp.stop()
            self._smtp = None
        self._close_mailbox()
        if self._imap is not None:
            _end(self._imap)
            self._imap = None


class _Work:
    """Counts what is in hand, and remembers the first failure."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_hand = 0
        self._failure: Exception | None = None

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._in_hand += 1
        try:
            yield
        except Exception as error:
            self._failure = self._failure or error
            raise
        finally:
            with self._lock:
                self._in_hand -= 1

    def is_done(self) -> bool:
        if self._failure is not None:
            raise RuntimeError("the simulated world failed on a message") from self._failure
        with self._lock:
            return self._in_hand == 0


class _KeptMail:
    """The folder with every message, numbered in the order they came: 0001-sent-anna@example.test.eml."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._number = len(list(folder.glob("*.eml"))) if folder.is_dir() else 0

    def keep(self, direction: str, address: str, raw: bytes) -> None:
        with self._lock:
            self._number += 1
            number = self._number
        name = re.sub(r"[^\w.@+-]", "_", address)[:80] or "unknown"
        write_file(self._folder / f"{number:04d}-{direction}-{name}.eml", raw)


class _Sink:
    """aiosmtpd's handler: it calls these two by name and with these arguments."""

    # ruff: noqa: N802, ARG002

    def __init__(self, mail: EmbeddedMail) -> None:
        self._mail = mail

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self._mail.bounces and self._mail.make_bounce is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            # In a thread: the callable may take its time, and may deliver an answer.
            await asyncio.to_thread(self._mail.receive, envelope.mail_from, recipient, envelope.content)
        return "250 2.0.0 Ok"


def _ignore(sender: str, recipient: str, raw: bytes) -> None:
    """The world before it has people: nobody answers."""


def _author(raw: bytes) -> str:
    headers: email.message.Message = email.parser.BytesHeaderParser().parsebytes(raw)
    return email.utils.parseaddr(str(headers.get("From", "")))[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _start_imap() -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_START_ATTEMPTS):
        port = _free_port()
        process = _run_imap(port)
        if _answers(process, port):
            return process, port
        _end(process)  # another program took the port first
    raise RuntimeError("the embedded IMAP server does not start")


def _run_imap(port: int) -> subprocess.Popen[bytes]:
    server = ["--host", HOST, "--port", str(port), "--no-tls", "--no-service", "admin"]
    backend = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    return subprocess.Popen(
        [sys.executable, "-c", _IMAP_PROGRAM, *server, *backend],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=1) as link:
                return link.recv(4) == b"* OK"
        except OSError:
            time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()  # the server's sign to end
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _start_smtp(sink: _Sink) -> tuple[Controller, int]:
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's own, one line per command
    for attempt in range(1, _START_ATTEMPTS + 1):
        port = _free_port()
        controller = Controller(
            sink, hostname=HOST, port=port, data_size_limit=_LARGEST_MESSAGE, enable_SMTPUTF8=True
        )
        try:
            controller.start()
        except OSError:
            if attempt == _START_ATTEMPTS:
                raise
        else:
            return controller, port
    raise AssertionError  # the loop returns or raises
