"""The mailbox edge against a real Dovecot, and against servers that misbehave."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from queue import Queue

import pytest
from imapclient import IMAPClient

from batch.edges.mail_wake import wait_for_mail
from batch.edges.mailbox import ImapAccount, Mailbox, MailboxUnavailable, Security
from tests.servers.dovecot import HOST, PASSWORD, Dovecot

WHEN = datetime(2025, 3, 31, 23, 59, 30, tzinfo=timezone(timedelta(hours=-5)))


def a_message(subject: str = "Pay application", body: str = "Hello.\r\n") -> bytes:
    """A small message with CRLF line ends."""
    return f"From: sub@sub.test\r\nSubject: {subject}\r\n\r\n{body}".encode()


def an_account(port: int, security: Security = "none", timeout: float = 5) -> ImapAccount:
    """An account on a made-up server."""
    return ImapAccount(
        host=HOST, port=port, security=security, user="u", password=lambda: PASSWORD, timeout=timeout
    )


def fill_inbox(server: Dovecot, user: str, count: int) -> None:
    """Lays `count` messages into the user's inbox as files; the mailbox has to be there already."""
    new = server.folder / "mail" / user / "Maildir" / "new"
    owner = new.stat()
    for number in range(count):
        file = new / f"1700000000.M{number}P1.host"
        file.write_bytes(a_message())
        os.chown(file, owner.st_uid, owner.st_gid)


@contextmanager
def a_client(server: Dovecot, user: str) -> Iterator[IMAPClient]:
    """What a person's mail program sees of the inbox."""
    with IMAPClient(HOST, server.imap_port, ssl=False, timeout=20) as client:
        client.login(user, PASSWORD)
        client.select_folder("INBOX")
        yield client


@contextmanager
def a_server_that(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener whose first client is handled by `talk`; gives its port."""
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                talk(link)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def reason_of(account: ImapAccount) -> str:
    """Why the mailbox cannot be opened."""
    with pytest.raises(MailboxUnavailable) as caught, Mailbox(account):
        pass
    return caught.value.reason


def test_reads_what_was_put_in(dovecot: Dovecot, user: str) -> None:
    """A message comes back byte for byte, with its size and its INTERNALDATE in UTC."""
    raw = a_message(body="caf\u00e9\r\n.\r\n..dots\r\n")
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        mailbox.append("INBOX", raw, WHEN)
        (uid,) = mailbox.uids()
        assert mailbox.fetch(uid) == raw
        assert mailbox.fetch_header(uid) == raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        assert mailbox.sizes_and_dates([uid]) == {uid: (len(raw), WHEN.astimezone(UTC))}
        assert mailbox.sizes_and_dates([uid])[uid][1].tzinfo is UTC


def test_reading_leaves_no_trace(dovecot: Dovecot, user: str) -> None:
    """After a fetch the message is still unread for the people who share the inbox."""
    dovecot.deliver("sub@sub.test", user, a_message())
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        (uid,) = mailbox.uids()
        mailbox.fetch(uid)
    with a_client(dovecot, user) as client:
        assert b"\\Seen" not in client.get_flags([uid])[uid]


def test_mail_that_comes_while_open_is_listed(dovecot: Dovecot, user: str) -> None:
    """`uids` shows a message that arrived after the folder was opened."""
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert mailbox.uids() == []
        dovecot.deliver("sub@sub.test", user, a_message())
        assert len(mailbox.uids()) == 1


def test_a_missing_message_is_none(dovecot: Dovecot, user: str) -> None:
    """A UID that is gone gives None or no entry, and no error."""
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert mailbox.fetch(4711) is None
        assert mailbox.fetch_header(4711) is None
        assert mailbox.sizes_and_dates([4711]) == {}
        assert mailbox.sizes_and_dates([]) == {}


def test_twenty_thousand_uids_are_asked_in_parts(dovecot: Dovecot, user: str) -> None:
    """A list of UIDs that the server would refuse as too long is answered."""
    dovecot.deliver("sub@sub.test", user, a_message())
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert list(mailbox.sizes_and_dates(range(1, 20_001))) == mailbox.uids()


def test_twenty_thousand_messages_are_listed_in_few_round_trips(dovecot: Dovecot, user: str) -> None:
    """A first look at a full mailbox takes a round trip for 500 messages at most; one with nothing new takes three."""
    dovecot.deliver("sub@sub.test", user, a_message())
    fill_inbox(dovecot, user, 20_000)
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        before = mailbox._client._imap.tagnum
        uids = mailbox.uids()
        listed = mailbox._client._imap.tagnum
        assert len(mailbox.sizes_and_dates(uids)) == len(uids) == 20_001
        assert mailbox._client._imap.tagnum - listed <= -(-20_001 // 500)
    assert listed - before <= 3


def test_an_internaldate_needs_a_time_zone(dovecot: Dovecot, user: str) -> None:
    """A time without a zone is refused before it can be taken for local time."""
    with Mailbox(dovecot.imap_account(user)) as mailbox, pytest.raises(ValueError, match="time zone"):
        mailbox.append("INBOX", a_message(), datetime(2025, 3, 31))  # noqa: DTZ001 - that is the point


def test_uidvalidity_changes_with_a_new_folder(dovecot: Dovecot, user: str) -> None:
    """A folder that was deleted and made again has another UIDVALIDITY; the same one keeps it."""
    account = dovecot.imap_account(user)
    with Mailbox(account) as mailbox:
        folder = mailbox.ensure_folder("Shared")
    with Mailbox(account, folder) as mailbox:
        first = mailbox.uidvalidity()
    with Mailbox(account, folder) as mailbox:
        assert mailbox.uidvalidity() == first
    with a_client(dovecot, user) as client:
        client.delete_folder(folder)
        client.create_folder("Other")
        client.rename_folder("Other", folder)
    with Mailbox(account, folder) as mailbox:
        assert mailbox.uidvalidity() not in {None, first}


def test_folders_are_made_once_and_subscribed(dovecot: Dovecot, user: str) -> None:
    """A folder with levels and letters outside ASCII is made, subscribed, and found the next time."""
    name = "Größe & Co/Processed"
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert mailbox.ensure_folder(name) == name
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert mailbox.ensure_folder(name) == name
    with a_client(dovecot, user) as client:
        assert [found[2] for found in client.list_sub_folders()] == [name]


def test_folders_follow_the_servers_namespace(dovecot_without_move: Dovecot, user: str) -> None:
    """Under the personal namespace "INBOX." a level becomes a dot, a dot in a name an underscore."""
    with Mailbox(dovecot_without_move.imap_account(user)) as mailbox:
        full = mailbox.ensure_folder("Billing no.1/Processed")
        assert full == "INBOX.Billing no_1.Processed"
        assert mailbox.ensure_folder(full) == full
        assert mailbox.ensure_folder("INBOX") == "INBOX"


@pytest.mark.parametrize("server", ["dovecot", "dovecot_without_move"])
def test_move_takes_one_message_and_no_other(server: str, user: str, request: pytest.FixtureRequest) -> None:
    """A moved message is in the folder with its bytes; one that a person marked as deleted stays."""
    running: Dovecot = request.getfixturevalue(server)
    raw = a_message("first")
    with Mailbox(running.imap_account(user)) as mailbox:
        mailbox.append("INBOX", raw, WHEN)
        mailbox.append("INBOX", a_message("second"), WHEN)
        first, second = mailbox.uids()
        with a_client(running, user) as client:
            client.add_flags([second], [b"\\Deleted"])
        assert mailbox.move(first, "Processed") is True
        assert mailbox.uids() == [second]
        folder = mailbox.ensure_folder("Processed")
    with Mailbox(running.imap_account(user), folder) as mailbox:
        (moved,) = mailbox.uids()
        assert mailbox.fetch(moved) == raw


@pytest.mark.parametrize("server", ["dovecot", "dovecot_without_move"])
def test_moving_a_missing_message_is_no_error(server: str, user: str, request: pytest.FixtureRequest) -> None:
    """A message that a person moved first counts as moved."""
    running: Dovecot = request.getfixturevalue(server)
    with Mailbox(running.imap_account(user)) as mailbox:
        assert mailbox.move(4711, "Processed") is True


def test_without_move_and_uidplus_the_message_stays(bare_dovecot: Dovecot, user: str) -> None:
    """Where nothing safe is offered, move says False and the message keeps its place, flags and all."""
    bare_dovecot.deliver("sub@sub.test", user, a_message())
    with Mailbox(bare_dovecot.imap_account(user)) as mailbox:
        (uid,) = mailbox.uids()
        assert mailbox.move(uid, "Processed") is False
        assert mailbox.uids() == [uid]
    with a_client(bare_dovecot, user) as client:
        assert b"\\Deleted" not in client.get_flags([uid])[uid]


def test_a_refused_login_is_named(dovecot: Dovecot, user: str) -> None:
    """A wrong password is a `login` fault."""
    assert reason_of(dovecot.imap_account(user, "wrong")) == "login"


def test_a_password_outside_ascii_can_be_tried(dovecot: Dovecot, user: str) -> None:
    """A password with letters outside ASCII reaches the server, which answers it like any other."""
    assert reason_of(dovecot.imap_account(user, "pässword")) == "login"


def test_an_unreadable_password_is_named(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    """A secret that cannot be read is a `login` fault, not one of the connection."""
    account = ImapAccount(
        host=HOST,
        port=dovecot.imap_port,
        security="none",
        user=user,
        password=(tmp_path / "no-such-file").read_text,
    )
    assert reason_of(account) == "login"


def test_a_missing_folder_is_named(dovecot: Dovecot, user: str) -> None:
    """A folder that is not there is `refused`: the server said no."""
    with pytest.raises(MailboxUnavailable) as caught, Mailbox(dovecot.imap_account(user), "Nowhere"):
        pass
    assert caught.value.reason == "refused"


def test_nobody_listening_is_named() -> None:
    """A closed port is a `connection` fault."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert reason_of(an_account(port)) == "connection"


def test_a_silent_server_is_named() -> None:
    """A server that never greets is a `timeout`."""

    def talk(link: socket.socket) -> None:
        link.recv(1000)

    with a_server_that(talk) as port:
        assert reason_of(an_account(port, timeout=0.3)) == "timeout"


def test_a_line_cut_during_login_is_not_a_refused_login() -> None:
    """The library calls both LoginError; only the second needs a person."""

    def cut_after_login(link: socket.socket) -> None:
        link.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        lines = link.makefile("rb")
        for line in lines:
            tag, command = line.split()[:2]
            if command.upper() == b"LOGIN":
                return
            link.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    with a_server_that(cut_after_login) as port:
        assert reason_of(an_account(port)) in {"abort", "connection"}


def test_never_falls_back_to_clear_text() -> None:
    """A server that offers no STARTTLS gets no password."""
    heard: Queue[bytes] = Queue()

    def talk(link: socket.socket) -> None:
        link.sendall(b"* OK ready\r\n")
        for line in link.makefile("rb"):
            heard.put(line)
            tag = line.split()[0]
            link.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    with a_server_that(talk) as port:
        assert reason_of(an_account(port, "starttls")) == "refused"
    assert not [line for line in heard.queue if PASSWORD.encode() in line]


def test_an_unknown_certificate_is_refused() -> None:
    """TLS with a certificate that nobody signed is a `connection` fault."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(__file__).with_name("untrusted.pem"))

    def talk(link: socket.socket) -> None:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(link, server_side=True)

    with a_server_that(talk) as port:
        assert reason_of(an_account(port, "tls")) == "connection"


def test_a_cut_link_is_named(dovecot: Dovecot, user: str) -> None:
    """A server process that dies gives `abort` or `connection`, whatever is asked."""
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        dovecot.cut_imap_links()
        with pytest.raises(MailboxUnavailable) as caught:
            mailbox.uids()
        assert caught.value.reason in {"abort", "connection"}


@contextmanager
def waiting(account: ImapAccount) -> Iterator[threading.Semaphore]:
    """`wait_for_mail` in its thread; gives a semaphore that each wake-up releases."""
    stop, woken = threading.Event(), threading.Semaphore(0)
    thread = threading.Thread(target=wait_for_mail, args=(account, "INBOX", stop, woken.release), daemon=True)
    thread.start()
    try:
        yield woken
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_new_mail_wakes(dovecot: Dovecot, user: str) -> None:
    """The waiting thread wakes at its start and when mail arrives, and ends when it is told to."""
    with waiting(dovecot.imap_account(user)) as woken:
        assert woken.acquire(timeout=20)
        dovecot.deliver("sub@sub.test", user, a_message())
        assert woken.acquire(timeout=20)


def test_a_lost_link_is_made_again(dovecot: Dovecot, user: str) -> None:
    """When the link dies in IDLE, the thread connects again and wakes, since mail may have come meanwhile."""
    with waiting(dovecot.imap_account(user)) as woken:
        assert woken.acquire(timeout=20)
        assert dovecot.cut_imap_links() > 0
        assert woken.acquire(timeout=20)


def test_without_idle_the_thread_ends(bare_dovecot: Dovecot, user: str) -> None:
    """A server without IDLE leaves the waiting to the tick's own polling."""
    woken: list[int] = []
    wait_for_mail(bare_dovecot.imap_account(user), "INBOX", threading.Event(), lambda: woken.append(1))
    assert woken == [1]


def test_one_idle_ends_by_itself(dovecot: Dovecot, user: str) -> None:
    """An IDLE without news ends after its time, and the mailbox can be used again."""
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        assert mailbox.wait_in_idle(threading.Event(), seconds=0.2) is False
        assert mailbox.uids() == []


def test_mail_that_came_before_the_idle_is_announced(dovecot: Dovecot, user: str) -> None:
    """What arrives between two IDLEs is announced by the next one."""
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        dovecot.deliver("sub@sub.test", user, a_message())
        assert mailbox.wait_in_idle(threading.Event(), seconds=0.2) is True
