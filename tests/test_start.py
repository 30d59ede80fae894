"""Templates and config are found, the clock is stepped, crash points kill, and the log tells no names."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from batch import jsonlog, resources
from batch.clock import SteppedClock, clock_from_environment, parse_instant, real_clock

ROOT = Path(__file__).parent.parent
MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)

THREE_POINTS = """
from batch.crashpoints import crash_point
for name in ("stored", "committed", "moved"):
    crash_point(name)
print("end")
"""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A stream that the log is written to, debug lines too; afterwards logging is as before."""
    before = logging.root.handlers, logging.root.level
    stream = io.StringIO()
    jsonlog.configure(debug=True, stream=stream)
    yield stream
    logging.root.handlers, level = before
    logging.root.setLevel(level)


def last(stream: io.StringIO) -> dict[str, object]:
    """The last line of the log, without its time."""
    line: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    assert datetime.fromisoformat(str(line.pop("time"))).tzinfo is not None
    return line


def three_points(**variables: str) -> subprocess.CompletedProcess[str]:
    """A process that passes three crash points and prints `end`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-c", THREE_POINTS], check=False, capture_output=True, text=True, env=environment
    )


def test_templates_and_config_are_found() -> None:
    """What the package ships is read by its name, as bytes or text."""
    assert "mail:" in resources.read_text("config/billings.example.yaml")
    assert resources.read_bytes("config/billings.example.yaml").startswith(b"# progress-billings")
    assert "config/billings.example.yaml" in resources.names("config")


def test_a_file_of_the_user_wins(tmp_path: Path) -> None:
    """A file of the same name in the user's folder is taken instead; one of theirs alone is listed too."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "billings.example.yaml").write_text("own", encoding="utf-8")
    (tmp_path / "config" / "more.yaml").touch()
    assert resources.read_text("config/billings.example.yaml", tmp_path) == "own"
    assert resources.read_text("config/billings.example.yaml", tmp_path / "empty") != "own"
    assert "config/more.yaml" in resources.names("config", tmp_path)


@pytest.mark.parametrize(
    "name", ["", "run", "pyproject.toml", "../run", "config/../run", "config//x", "/config/x"]
)
def test_nothing_else_is_read(name: str) -> None:
    """A name outside templates/ and config/ is refused before any file is touched."""
    with pytest.raises(ValueError, match="is not a file of templates or config"):
        resources.read_bytes(name)


def test_a_missing_resource_is_an_error() -> None:
    """A name that is nowhere raises FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        resources.read_bytes("config/none.yaml")


def test_the_clock_is_the_machines_unless_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BILLINGS_CLOCK_FILE switches to a stepped clock; without it `now` is the machine's, in UTC."""
    assert clock_from_environment() is real_clock
    assert real_clock().tzinfo is UTC
    SteppedClock(tmp_path / "now").step_to(MARCH)
    monkeypatch.setenv("BILLINGS_CLOCK_FILE", str(tmp_path / "now"))
    assert clock_from_environment()() == MARCH


def test_a_stepped_clock_only_goes_forward(tmp_path: Path) -> None:
    """It stands still until it is stepped, and refuses to be set back."""
    clock = SteppedClock(tmp_path / "now")
    clock.step_to(MARCH)
    clock.step_to(MARCH)
    assert clock() == clock() == MARCH
    clock.step_to(MARCH + timedelta(days=3))
    assert clock() == MARCH + timedelta(days=3)
    with pytest.raises(ValueError, match="does not go back"):
        clock.step_to(MARCH)


@pytest.mark.parametrize(
    "text", ["2024-03-01T09:00:00Z\n", "2024-03-01T04:00:00-05:00", "20240301T090000+0000"]
)
def test_an_instant_with_a_zone_is_read_as_utc(text: str) -> None:
    """Any ISO-8601 form with a zone gives the same instant, in UTC."""
    assert parse_instant(text) == MARCH
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "noon", "2024-03-01T09:00:00", "2024-03-01", "2024-13-01T09:00:00Z"])
def test_an_instant_without_a_zone_is_refused(text: str) -> None:
    """What is not an instant, or names no zone, gets a sentence with an example."""
    with pytest.raises(ValueError, match="2024-03-01T09:00:00Z"):
        parse_instant(text)


def test_crash_points_do_nothing_unless_switched_on() -> None:
    """Without the variables a process passes every point."""
    assert three_points().stdout == "end\n"


@pytest.mark.parametrize(("at", "passed"), [(1, ["stored"]), (2, ["stored", "committed"])])
def test_the_nth_crash_point_kills(tmp_path: Path, at: int, passed: list[str]) -> None:
    """The process dies by SIGKILL at the point with that number, and the log names the points up to it."""
    log_file = tmp_path / "points"
    died = three_points(BILLINGS_CRASH_AT=str(at), BILLINGS_CRASH_LOG=str(log_file))
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "")
    assert log_file.read_text(encoding="utf-8").split() == passed


def test_the_log_of_crash_points_is_appended(tmp_path: Path) -> None:
    """Two processes write to one file; a number past the last point kills nothing."""
    log_file = tmp_path / "points"
    for _ in range(2):
        assert three_points(BILLINGS_CRASH_AT="4", BILLINGS_CRASH_LOG=str(log_file)).stdout == "end\n"
    assert log_file.read_text(encoding="utf-8").split() == ["stored", "committed", "moved"] * 2


def test_a_log_line_is_json_with_action_and_ids(log: io.StringIO) -> None:
    """Each line is one JSON object: level, action, ids."""
    jsonlog.info("invite-queued", invite=12, period=3, kind="work", dry_run=False, findings=["over-line"])
    assert last(log) == {
        "level": "info",
        "action": "invite-queued",
        "invite": 12,
        "period": 3,
        "kind": "work",
        "dry_run": False,
        "findings": ["over-line"],
    }


@pytest.mark.parametrize(
    "value", ["Example Builders", "a@example.test", Decimal("12.50"), 12.5, {"a": 1}, "x\ny"]
)
def test_names_addresses_and_amounts_are_left_out(log: io.StringIO, value: object) -> None:
    """At INFO and above a value that may hold one is replaced; at DEBUG it is written."""
    jsonlog.info("mail-in", vendor=value)
    assert last(log)["vendor"] == jsonlog.LEFT_OUT
    jsonlog.error("mail-in", vendor=value)
    assert last(log)["vendor"] == jsonlog.LEFT_OUT
    jsonlog.debug("mail-in", vendor=value)
    assert last(log)["vendor"] != jsonlog.LEFT_OUT


def test_an_error_may_be_a_sentence_without_addresses(log: io.StringIO) -> None:
    """What an exception said is written with warnings, its mail addresses masked."""
    jsonlog.warning("smtp-refused", outbox=4, error="550 <jo@example.test>: no such user")
    assert last(log)["error"] == "550 <(address)>: no such user"


def test_libraries_log_as_json_too(log: io.StringIO) -> None:
    """A library's warning is a line with its logger's name; what it says at INFO is not written."""
    logging.getLogger("apscheduler.executors").warning("Run of job %s missed", "tick")
    assert last(log) == {
        "level": "warning",
        "action": "library",
        "logger": "apscheduler.executors",
        "error": "Run of job tick missed",
    }
    logging.getLogger("apscheduler.executors").info("nothing to see")
    assert len(log.getvalue().splitlines()) == 1
