"""The line is cut at every 16th byte of a session, both ways: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch.config import load
from batch.core.states import Incoming
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.edges.postman import Postman, SmtpAccount
from batch.edges.store import queries_mail
from batch.jobs.accounts import imap_account
from batch.jobs.fetch_mail import fetch_mail, file_mail
from batch.jobs.process_mail import process_mail
from batch.jobs.workplace import Workplace, open_workplace
from tests.servers.cutter import Cutter, Direction, cutter
from tests.servers.dovecot import HOST, PASSWORD, Dovecot, Relay

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
STEP = 16
WAYS: tuple[Direction, ...] = ("to server", "to client")
# A robot's mail: stored, classified, filed; it changes nothing else and is never answered.
MAIL = b"From: robot@sub.test\r\nSubject: away %d\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n"


@pytest.fixture(params=[("dovecot", STEP), ("dovecot_without_move", STEP)], ids=["moves", "copies"])
def kind(request: pytest.FixtureRequest) -> tuple[Dovecot, int]:
    """A server that moves in one step, and one that copies and expunges; the bytes between two cuts."""
    name, step = request.param
    return request.getfixturevalue(name), step


@pytest.fixture
def server(kind: tuple[Dovecot, int]) -> Dovecot:
    """That server."""
    return kind[0]


@pytest.fixture
def line(server: Dovecot) -> Iterator[Cutter]:
    """The line to its IMAP port."""
    with cutter(server.imap_port) as proxy:
        yield proxy


@pytest.fixture
def office(tmp_path: Path, line: Cutter, user: str) -> Iterator[Workplace]:
    """An installation that reads mail over that line."""
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "billings.yaml").write_text(
        f"""
mail:
  address: {user}
  name: Example
  imap: {{host: {HOST}, port: {line.port}, security: none, user: {user}, password: {{file: password}}}}
  smtp: {{folder: sent}}
"""
    )
    w = open_workplace(load(tmp_path / "billings.yaml"))
    yield w
    w.store.close()


def work(w: Workplace) -> None:
    """One pass over the mailbox: fetch, classify, file."""
    imap = w.config.mail.imap
    assert imap is not None
    with Mailbox(replace(imap_account(w.config, imap), timeout=20), imap.folder) as mailbox:
        fetch_mail(w, imap, mailbox, NOW)
        process_mail(w, NOW)
        file_mail(w, imap, mailbox, NOW)


def subjects(server: Dovecot, user: str, folder: str) -> list[str]:
    """The subjects of what lies in a folder, seen past the cutter."""
    with Mailbox(server.imap_account(user)) as opened:
        name = opened.ensure_folder(folder)
    with Mailbox(server.imap_account(user), name) as mailbox:
        raws = [mailbox.fetch(uid) or b"" for uid in mailbox.uids()]
    return [raw.split(b"Subject: ")[1].split(b"\r\n")[0].decode() for raw in raws]


@pytest.mark.slow
def test_a_cut_while_reading_loses_and_doubles_no_mail(
    kind: tuple[Dovecot, int], line: Cutter, office: Workplace, user: str
) -> None:
    """After each cut the next pass finds every mail: stored once, worked on once, filed once."""
    server, step = kind
    server.deliver("robot@sub.test", user, MAIL % 0)
    line.heal()
    work(office)
    lengths, number = dict(line.passed), 0
    for way in WAYS:
        for count in range(0, lengths[way] + STEP, step):
            number += 1
            server.deliver("robot@sub.test", user, MAIL % number)
            line.cut_after(count, way)
            with contextlib.suppress(MailboxUnavailable):
                work(office)
            line.heal()
            work(office)
    # The session that was measured made the folder too: the ends of the others lie a little before its end.
    assert line.cuts >= number * 0.8
    with office.store.read() as conn:
        rows = queries_mail.incoming(conn)
    expected = [f"away {one}" for one in range(number + 1)]
    assert sorted(row["subject"] for row in rows) == sorted(expected)
    assert {row["state"] for row in rows} == {Incoming.PROCESSED}
    folder = rows[0]["file_to"]
    assert (subjects(server, user, "INBOX"), sorted(subjects(server, user, folder))) == ([], sorted(expected))


def outcome(proxy: Cutter, relay: Relay, recipient: str) -> tuple[str, int]:
    """How the sending of one mail over the line ended, and how often the server has it."""
    account = SmtpAccount(host=HOST, port=proxy.port, security="none", timeout=20, hello="client.test")
    raw = f"From: a@b.test\r\nTo: {recipient}\r\nMessage-ID: <{recipient}>\r\n\r\n{'x' * 60}\r\n".encode()
    with Postman(account) as postman:
        state = postman.send("billing@example.test", recipient, raw).state
    return state, len(relay.for_recipient(recipient))


@pytest.mark.slow
def test_a_cut_while_sending_never_says_sent_or_later_wrongly(relay: Relay) -> None:
    """`sent`: the server has it once. `later`: it has not. `unknown` only where both can be."""
    with cutter(relay.port) as proxy:
        proxy.heal()
        assert outcome(proxy, relay, "whole@sub.test") == ("sent", 1)
        lengths, found = dict(proxy.passed), set()
        for way in WAYS:
            for count in range(0, lengths[way] + STEP, STEP):
                proxy.cut_after(count, way)
                found.add(outcome(proxy, relay, f"line-{way[3:]}-{count}@sub.test"))
    assert found <= {("sent", 1), ("later", 0), ("unknown", 0), ("unknown", 1)}
    assert {state for state, _ in found} == {"sent", "later", "unknown"}
