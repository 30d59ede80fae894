"""Killed at any point and started again, the work comes out as if nothing had happened."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenarios.registers import Sub
from tests.servers.dovecot import Dovecot
from tests.servers.office import ROOT, Office, daemon

#: Points of a server without MOVE, which the sweep's server has; they are killed below.
ELSEWHERE = {"imap-after-copy", "imap-before-expunge"}


def points_in_the_source() -> set[str]:
    """The name of every crash point there is."""
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "batch").rglob("*.py")]
    named = [re.findall(r'crash_point\("([\w-]+)"\)', text) for text in sources]
    given = [re.findall(r'write_durably\([^")]*"([\w-]+)", "([\w-]+)"\)', text) for text in sources]
    return {name for names in named for name in names} | {
        name for pairs in given for pair in pairs for name in pair
    }


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_kill_at_any_point_changes_nothing() -> None:
    """A real daemon, and each command of the office, killed at every crash point of a story with three commitments and
    started again, leaves what the undisturbed one left: rows, mails, messages, files. The undisturbed one is the same twice.

    A mail that was cut off between sending and sent goes out once more with the same bytes if it is an invite, a reminder
    or an answer; a decision waits for the admin. No mail ever gets a second Message-ID.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.sweep", "--story", "three", "--to-the-end-every", "60", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert found["differences"] == []
    assert found["between_runs"] == []
    assert found["kills"] == found["points"]
    assert set(found["points"]) == points_in_the_source() - ELSEWHERE
    assert found["in_doubt"] == 4 * found["points"]["smtp-before-send"]
    assert found["to_the_end"] == sum(found["kills"].values()) // 60


def accepted(folder: Path, user: str, server: Dovecot) -> Office:
    """An office whose one sub has just said that a bill will come."""
    folder.mkdir()
    sub = Sub(number="SC-1", lines=[("1", "03-300", "10000")], contact=f"sub-{user}")
    office = Office(folder, server, [sub], address=user, admin=f"pat-{user}")
    office.tick("2026-01-26T16:00:00Z")
    office.put(office.say(sub, "ACCEPT"))
    return office


@pytest.mark.parametrize("point", sorted(ELSEWHERE))
def test_a_kill_between_copy_and_expunge(
    tmp_path: Path, user: str, dovecot_without_move: Dovecot, point: str
) -> None:
    """On a server without MOVE the mail may lie in its folder twice after a kill, but it is worked on once and is gone
    from the inbox.
    """
    names = tmp_path / "points"
    with daemon(
        accepted(tmp_path / "first", f"first-{user}", dovecot_without_move), BILLINGS_CRASH_LOG=str(names)
    ) as one:
        one.rest()
    number = names.read_text(encoding="ascii").split().index(point) + 1
    office = accepted(tmp_path / "second", user, dovecot_without_move)
    with daemon(office, BILLINGS_CRASH_AT=str(number)) as service:
        assert service.wait() == -signal.SIGKILL
    assert len(office.subjects("INBOX")) == len(office.subjects("INBOX.Processed")) == 1
    with daemon(office) as service:
        service.rest()
    assert [outcome for _state, outcome in office.inbox()] == ["accept"]
    assert office.subjects("INBOX") == []
    assert 1 <= len(office.subjects("INBOX.Processed")) <= 2


def test_the_daemon_of_the_command_line_is_killed_and_started_again(
    tmp_path: Path, user: str, dovecot: Dovecot
) -> None:
    """`billings daemon`, killed again and again while it invites, goes on each time where it was; each invite arrives."""
    subs = [
        Sub(number=f"SC-{n}", lines=[("1", "03-300", "10000")], contact=f"sub{n}-{user}") for n in (1, 2, 3)
    ]
    office = Office(tmp_path, dovecot, subs, address=user, admin=f"pat-{user}")
    office.go("2026-01-26T16:00:00Z")
    for at in (5, 11, 9):
        with daemon(office, BILLINGS_CRASH_AT=str(at)) as service:
            assert service.wait() == -signal.SIGKILL
    with daemon(office) as service:
        service.rest()
    assert {one["state"] for one in office.facts("outbox")} == {"sent"}
    for sub in subs:
        mails = office.mails(sub.address)
        assert len({mail["Message-ID"] for mail in mails}) == 1
        assert len(mails) <= 2
    assert "Everything ties." in office.cli("verify")
