"""A real Dovecot (2.3) and a relay behind it, for tests. Both run on loopback, as an unprivileged user.

Any user name may log in with PASSWORD and gets a mailbox of its own, so tests share the server only. What
the relay accepts for MAIL_DOMAIN goes into Dovecot by LMTP; everything else ends in `Relay.received`.
"""

import asyncio
import base64
import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from batch.edges.mailbox import ImapAccount
from batch.edges.postman import SmtpAccount

HOST = "127.0.0.1"
PASSWORD = "secret"
MAIL_DOMAIN = "example.test"
SIZE_LIMIT = 25_000_000

# What a server offers after login. None: everything Dovecot has.
WITHOUT_MOVE = "IMAP4rev1 LITERAL+ ID IDLE NAMESPACE UIDPLUS"
BARE = "IMAP4rev1 LITERAL+ ID"

# What signs the access tokens that a server with OAuth takes (JWT, HS256).
ISSUER = "https://issuer.example.test"
TOKEN_SECRET = b"a secret of thirty-two bytes here"

_START_SECONDS = 20.0
_START_ATTEMPTS = 3

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp submission
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
hostname = mail.example.test
postmaster_address = postmaster@example.test
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
mail_max_userip_connections = 50
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
mail_location = maildir:~/Maildir
auth_mechanisms = {mechanisms}
auth_username_format = %Lu
{capability}
# Without the next two sections each failed login waits for seconds.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission_port}
  }}
  inet_listener submissions {{
    port = 0
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
{tokens}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
"""


_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}
"""
# No active_attribute, not even an empty one: the authentication process dies of it.
_TOKEN_SETTINGS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
username_format = %Lu
issuers = {issuer}
"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a server differs from Dovecot as it comes."""

    capability: str | None = None
    prefix: str = ""
    separator: str = "/"
    mechanisms: str = "plain login"

    @property
    def takes_tokens(self) -> bool:
        """Whether access tokens (OAuth) are taken, and validated against TOKEN_SECRET."""
        return "xoauth2" in self.mechanisms or "oauthbearer" in self.mechanisms


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]
    imap_port: int
    lmtp_port: int
    submission_port: int

    def imap_account(self, user: str, password: str = PASSWORD) -> ImapAccount:
        """How `user` reads mail."""
        return ImapAccount(
            host=HOST, port=self.imap_port, security="none", user=user, password=lambda: password, timeout=20
        )

    def smtp_account(self, user: str, password: str = PASSWORD) -> SmtpAccount:
        """How `user` submits mail; it goes on to the relay."""
        return SmtpAccount(
            host=HOST,
            port=self.submission_port,
            security="none",
            user=user,
            password=lambda: password,
            timeout=20,
            hello="client.example.test",
        )

    def deliver(self, sender: str, recipient: str, raw: bytes) -> None:
        """Puts a message into the recipient's inbox by LMTP, as an MTA does."""
        with smtplib.LMTP(HOST, self.lmtp_port, "mx.example.test") as lmtp:
            lmtp.sendmail(sender, [recipient], raw)

    def cut_imap_links(self) -> int:
        """Kills this server's imap processes (never another's) and gives their number."""
        children = _descendants(self.process.pid)
        imap = [pid for pid in children if _program(pid) == "imap"]
        for pid in imap:
            os.kill(pid, signal.SIGKILL)
        return len(imap)


@dataclass(kw_only=True)
class Relay:
    """An SMTP server that fails on purpose. The recipient's name says how:

    refused... 550 at RCPT; busy... 451 at RCPT; throttled... 432 at DATA; unwanted... 554 at DATA;
    dropped...: takes the message and cuts the link before it answers; cut...: cuts the link at RCPT.
    """

    # aiosmtpd calls the handlers by these names and with all of these arguments.
    # ruff: noqa: N802, ARG002

    port: int
    lmtp_port: int
    received: list[tuple[str, str, bytes]] = field(default_factory=list)
    links: list[tuple[str, Any]] = field(default_factory=list)

    def for_recipient(self, recipient: str) -> list[bytes]:
        """The messages the relay kept for an address outside MAIL_DOMAIN."""
        return [raw for _, address, raw in self.received if address == recipient]

    def links_for(self, recipient: str) -> list[Any]:
        """The client's socket address of each message to `recipient`."""
        return [peer for address, peer in self.links if address == recipient]

    def account(self) -> SmtpAccount:
        """How to talk to the relay itself, past Dovecot."""
        return SmtpAccount(
            host=HOST, port=self.port, security="none", timeout=20, hello="client.example.test"
        )

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 5.1.1 No such mailbox here"
        if address.startswith("busy"):
            return "451 4.7.1 Greylisted, try again"
        if address.startswith("cut"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        recipient: str = envelope.rcpt_tos[0]
        self.links.append((recipient, session.peer))
        if recipient.startswith("throttled"):
            return "432 4.3.2 Concurrent connections limit exceeded"
        if recipient.startswith("unwanted"):
            return "554 5.7.1 Message refused"
        await asyncio.to_thread(self._keep, envelope.mail_from, recipient, envelope.content)
        if recipient.startswith("dropped"):
            server.transport.abort()
        return "250 2.0.0 Ok"

    def _keep(self, sender: str, recipient: str, raw: bytes) -> None:
        if recipient.endswith(f"@{MAIL_DOMAIN}"):
            with smtplib.LMTP(HOST, self.lmtp_port, "mx.example.test") as lmtp:
                lmtp.sendmail(sender, [recipient], raw)
        else:
            self.received.append((sender, recipient, raw))


@contextmanager
def running_servers(kind: Kind) -> Iterator[tuple[Dovecot, Relay]]:
    """Dovecot and the relay behind its submission port, from start to stop."""
    for attempt in range(1, _START_ATTEMPTS + 1):
        try:
            servers = _start(kind)
            break
        except OSError:  # another program took a port first
            if attempt == _START_ATTEMPTS:
                raise
    dovecot, relay, controller = servers
    try:
        yield dovecot, relay
    finally:
        controller.stop()
        _stop(dovecot.process, dovecot.folder)


def _start(kind: Kind) -> tuple[Dovecot, Relay, Controller]:
    imap_port, lmtp_port, submission_port, relay_port = _free_ports(4)
    relay = Relay(port=relay_port, lmtp_port=lmtp_port)
    controller = Controller(
        relay, hostname=HOST, port=relay_port, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True
    )
    controller.start()
    try:
        ports = {"imap_port": imap_port, "lmtp_port": lmtp_port, "submission_port": submission_port}
        folder, process = _start_dovecot(kind, {**ports, "relay_port": relay_port})
    except BaseException:
        controller.stop()
        raise
    return Dovecot(folder=folder, process=process, **ports), relay, controller


def _start_dovecot(kind: Kind, ports: dict[str, int]) -> tuple[Path, subprocess.Popen[bytes]]:
    # Not below pytest's own folder: that one is closed to the user that runs Dovecot.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    process = _run(folder, kind, ports)
    if not _greets(process, ports["imap_port"]):
        log = folder / "dovecot.log"
        text = log.read_text(errors="replace")[-2000:] if log.exists() else "it left no log"
        _stop(process, folder)
        raise OSError(f"Dovecot does not start: {text}")
    return folder, process


def _run(folder: Path, kind: Kind, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    user, group = _names()
    config = _CONFIG.format(
        folder=folder,
        user=user,
        group=group,
        password=PASSWORD,
        prefix=kind.prefix,
        separator=kind.separator,
        mechanisms=kind.mechanisms,
        tokens=_TOKENS.format(folder=folder) if kind.takes_tokens else "",
        capability=f"imap_capability = {kind.capability}" if kind.capability else "",
        **ports,
    )
    (folder / "dovecot.conf").write_text(config)
    _write_token_settings(folder)
    command = [_program_path("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
    # The server ends with the tests, even when they are killed.
    limits = [_program_path("setpriv"), "--pdeathsig", "TERM"]
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user, group)
        limits += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    return subprocess.Popen([*limits, *command], stdin=subprocess.DEVNULL, start_new_session=True)


def _write_token_settings(folder: Path) -> None:
    (folder / "oauth2.conf.ext").write_text(_TOKEN_SETTINGS.format(folder=folder, issuer=ISSUER))
    key = folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(TOKEN_SECRET))


def _names() -> tuple[str, str]:
    if os.getuid() == 0:
        return "nobody", "nogroup"
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def _program_path(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise RuntimeError(
            f"{name} is not installed; these tests need the packages dovecot-imapd, dovecot-lmtpd, "
            "dovecot-submissiond and util-linux"
        )
    return found


def _greets(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=2) as link:
                return link.recv(4) == b"* OK"
        except OSError:
            time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [found for child in children for found in (int(child), *_descendants(int(child)))]


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""
