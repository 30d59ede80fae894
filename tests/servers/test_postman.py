"""The SMTP edge: through Dovecot's submission, against the relay that fails on purpose, and into a folder."""

import socket
import stat
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batch.edges.mailbox import Mailbox
from batch.edges.postman import FolderPostman, Postman, Security, SmtpAccount, send
from tests.servers.dovecot import HOST, MAIL_DOMAIN, PASSWORD, SIZE_LIMIT, Dovecot, Relay

SENDER = f"billing@{MAIL_DOMAIN}"
RAW = (
    b"From: billing@example.test\r\nMessage-ID: <one@example.test>\r\nSubject: Invite\r\n"
    b"\r\nHello\r\n.\r\n..\r\n"
)


def a_recipient(name: str = "sub") -> str:
    """An address that no other test uses, outside the domain of the mailboxes."""
    return f"{name}-{uuid.uuid4().hex[:12]}@sub.test"


@contextmanager
def a_server_that(talk: Callable[[socket.socket], None]) -> Iterator[SmtpAccount]:
    """A listener that handles each client with `talk`, one after the other; gives an account on it."""
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            try:
                while True:
                    link, _ = listener.accept()
                    with link:
                        talk(link)
            except OSError:
                pass  # the test is over

        threading.Thread(target=serve, daemon=True).start()
        yield an_account(listener.getsockname()[1])


def an_account(port: int, security: Security = "none", timeout: float = 5) -> SmtpAccount:
    """An account on a made-up server."""
    return SmtpAccount(host=HOST, port=port, security=security, timeout=timeout, hello="client.test")


def answering(answers: dict[bytes, bytes], heard: list[bytes]) -> Callable[[socket.socket], None]:
    """A server with a fixed answer for each command; no answer means that it cuts the link."""

    def talk(link: socket.socket) -> None:
        link.sendall(b"220 ready\r\n")
        for line in link.makefile("rb"):
            heard.append(line)
            command = line[:4].upper().strip()
            if command not in answers:
                return
            link.sendall(answers[command])

    return talk


def test_what_is_sent_arrives_as_it_was(dovecot: Dovecot, user: str) -> None:
    """Through submission, relay and LMTP the message reaches the inbox with its bytes unchanged."""
    assert send(dovecot.smtp_account(user), SENDER, user, RAW).state == "sent"
    with Mailbox(dovecot.imap_account(user)) as mailbox:
        (uid,) = mailbox.uids()
        assert (mailbox.fetch(uid) or b"").endswith(RAW)


def test_the_relay_gets_the_very_bytes(relay: Relay) -> None:
    """Dots at line starts, a lone dot and a missing last line end change nothing and end nothing early."""
    recipient = a_recipient()
    with Postman(relay.account()) as postman:
        assert postman.send(SENDER, recipient, RAW).state == "sent"
        assert postman.send(SENDER, recipient, RAW + b"no end").state == "sent"
    assert relay.for_recipient(recipient) == [RAW, RAW + b"no end\r\n"]


@pytest.mark.parametrize(
    ("name", "state", "code"),
    [
        ("refused", "refused", 550),
        ("busy", "later", 451),
        ("throttled", "later", 432),
        ("unwanted", "refused", 554),
    ],
)
def test_an_answer_decides_the_outcome(
    name: str, state: str, code: int, relay: Relay, dovecot: Dovecot
) -> None:
    """5xx is refused and 4xx is later, at RCPT and at DATA, from the relay and through submission."""
    direct = send(relay.account(), SENDER, a_recipient(name), RAW)
    assert (direct.state, direct.code) == (state, code)
    assert direct.text
    through = send(dovecot.smtp_account(SENDER), SENDER, a_recipient(name), RAW)
    assert (through.state, through.code) == (state, code)


def test_a_link_lost_after_the_data_is_unknown(relay: Relay) -> None:
    """The relay has the message though nothing said so (RFC 1047)."""
    recipient = a_recipient("dropped")
    delivery = send(relay.account(), SENDER, recipient, RAW)
    assert (delivery.state, delivery.code) == ("unknown", None)
    assert relay.for_recipient(recipient) == [RAW]


def test_a_link_lost_before_the_data_is_later(relay: Relay) -> None:
    """Cut at RCPT, the relay cannot have the message."""
    recipient = a_recipient("cut")
    assert send(relay.account(), SENDER, recipient, RAW).state == "later"
    assert relay.for_recipient(recipient) == []


def test_a_link_lost_when_data_is_asked_for_is_later() -> None:
    """Cut before the server said 354, no byte of the message has left."""
    heard: list[bytes] = []
    answers = {b"EHLO": b"250 here\r\n", b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n"}
    with a_server_that(answering(answers, heard)) as account:
        assert send(account, SENDER, a_recipient(), RAW).state == "later"
    assert heard[-1].lower() == b"data\r\n"


def test_one_connection_carries_several_messages(relay: Relay) -> None:
    """A refused message between two good ones neither ends the connection nor spoils the next."""
    first, second = a_recipient(), a_recipient()
    with Postman(relay.account()) as postman:
        states = [postman.send(SENDER, to, RAW).state for to in (first, a_recipient("refused"), second)]
    assert states == ["sent", "refused", "sent"]
    assert relay.links_for(first) == relay.links_for(second)


@pytest.mark.parametrize("name", ["dropped", "cut"])
def test_a_lost_connection_is_made_again(name: str, relay: Relay) -> None:
    """The message after a lost link goes out on a new one."""
    recipient = a_recipient()
    with Postman(relay.account()) as postman:
        postman.send(SENDER, a_recipient(name), RAW)
        assert postman.send(SENDER, recipient, RAW).state == "sent"
    assert relay.for_recipient(recipient) == [RAW]


def test_a_link_that_went_stale_is_made_again() -> None:
    """A server that closes an idle link between two messages costs nothing."""
    good = {b"EHLO": b"250 here\r\n", b"MAIL": b"550 no\r\n"}
    with a_server_that(answering(good, [])) as account, Postman(account) as postman:
        # The server has no answer to RSET: it cuts the link, as one that timed out.
        assert [postman.send(SENDER, a_recipient(), RAW).code for _ in range(2)] == [550, 550]


def test_nobody_listening_is_later() -> None:
    """A closed port is tried again."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert send(an_account(port), SENDER, a_recipient(), RAW).state == "later"


def test_a_silent_server_is_later() -> None:
    """A server that never greets has not got the message."""
    with socket.create_server((HOST, 0)) as listener:
        account = an_account(listener.getsockname()[1], timeout=0.3)
        assert send(account, SENDER, a_recipient(), RAW).state == "later"


def test_a_refused_login_is_later(dovecot: Dovecot, user: str) -> None:
    """A wrong password says nothing about the message, so the message waits."""
    delivery = send(dovecot.smtp_account(user, "wrong"), SENDER, a_recipient(), RAW)
    assert (delivery.state, delivery.code) == ("later", 535)


def test_a_missing_login_is_later(dovecot: Dovecot) -> None:
    """530 at MAIL is about the account, so the message waits."""
    delivery = send(an_account(dovecot.submission_port), SENDER, a_recipient(), RAW)
    assert (delivery.state, delivery.code) == ("later", 530)


def test_an_unreadable_password_is_later(dovecot: Dovecot, tmp_path: Path) -> None:
    """A secret that cannot be read is told in the text."""
    account = SmtpAccount(
        host=HOST,
        port=dovecot.submission_port,
        security="none",
        user="u",
        password=(tmp_path / "no-such-file").read_text,
    )
    delivery = send(account, SENDER, a_recipient(), RAW)
    assert delivery.state == "later"
    assert "password" in delivery.text


def test_never_falls_back_to_clear_text() -> None:
    """Without STARTTLS on offer nothing is sent, neither the password nor the message."""
    heard: list[bytes] = []
    answers = {
        b"EHLO": b"250 here\r\n",
        b"STAR": b"502 no\r\n",
        b"AUTH": b"235 ok\r\n",
        b"MAIL": b"250 ok\r\n",
    }
    with a_server_that(answering(answers, heard)) as plain:
        account = SmtpAccount(
            host=HOST,
            port=plain.port,
            security="starttls",
            user="u",
            password=lambda: PASSWORD,
            timeout=5,
            hello="client.test",
        )
        assert send(account, SENDER, a_recipient(), RAW).state == "later"
    assert {line[:4] for line in heard} == {b"ehlo"}


def test_too_large_is_refused_before_the_data(relay: Relay) -> None:
    """The size goes with MAIL, so a message over the limit is refused unsent."""
    recipient = a_recipient()
    delivery = send(relay.account(), SENDER, recipient, RAW + b"x" * 70 * (SIZE_LIMIT // 70 + 1))
    assert (delivery.state, delivery.code) == ("refused", 552)
    assert relay.links_for(recipient) == []


def test_an_address_outside_ascii(relay: Relay) -> None:
    """It goes out where SMTPUTF8 is offered and is refused where it is not."""
    recipient = f"jürgen-{uuid.uuid4().hex[:12]}@sub.test"
    assert send(relay.account(), SENDER, recipient, RAW).state == "sent"
    with a_server_that(answering({b"EHLO": b"250 here\r\n"}, [])) as account:
        assert send(account, SENDER, recipient, RAW).state == "refused"


def test_a_line_break_in_an_address_is_refused(relay: Relay) -> None:
    """An address cannot smuggle a command in."""
    delivery = send(relay.account(), SENDER, "a@sub.test>\r\nRCPT TO:<b@sub.test", RAW)
    assert delivery.state == "refused"
    assert relay.for_recipient("b@sub.test") == []


def test_the_folder_keeps_each_message_once(tmp_path: Path) -> None:
    """The same message twice is one private file with its bytes; the file name shows no part of the id."""
    folder = tmp_path / "mail"
    with FolderPostman(folder) as postman:
        assert postman.send(SENDER, a_recipient(), RAW).state == "sent"
        assert postman.send(SENDER, a_recipient(), RAW).state == "sent"
    (path,) = folder.iterdir()
    assert path.read_bytes() == RAW
    assert path.suffix == ".eml"
    assert "one" not in path.stem
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_folder_never_overwrites_another_message(tmp_path: Path) -> None:
    """Another content under the same Message-ID is refused, and the first stays."""
    postman = FolderPostman(tmp_path)
    postman.send(SENDER, a_recipient(), RAW)
    assert postman.send(SENDER, a_recipient(), RAW + b"more\r\n").state == "refused"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [RAW]


def test_the_folder_tells_messages_without_an_id_apart(tmp_path: Path) -> None:
    """Without a Message-ID the content names the file."""
    postman = FolderPostman(tmp_path)
    for text in (b"one", b"two", b"two"):
        assert postman.send(SENDER, a_recipient(), b"Subject: x\r\n\r\n" + text).state == "sent"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_later(tmp_path: Path) -> None:
    """Where the folder cannot be made, the message waits."""
    (tmp_path / "mail").write_bytes(b"a file in the way")
    assert FolderPostman(tmp_path / "mail").send(SENDER, a_recipient(), RAW).state == "later"
