"""Named places where a test kills the process, to prove that a restart loses and doubles nothing.

Two variables, read once when the process starts, switch them on. BILLINGS_CRASH_AT=N kills the process
(SIGKILL, so nothing is cleaned up) at the Nth point it passes, counted from 1. BILLINGS_CRASH_LOG=FILE
appends the name of each passed point to FILE, one a line, so that a test can count them.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class _Armed:
    """Where to kill (0: nowhere), and the file for the names ('': none)."""

    kill_at: int
    log: str
    # next() of a count is one step of the interpreter: two threads never get the same number.
    passed: Iterator[int] = field(default_factory=lambda: itertools.count(1))


def crash_point(name: str) -> None:
    """Marks a point between two effects, such as `outbox-sent`. Does nothing unless switched on."""
    if _armed.kill_at or _armed.log:
        _pass(name, _armed)


def arm(*, kill_at: int = 0, log: str = "") -> None:
    """Switch the points on or off as a process does that starts now; it counts from 1 again. For forked children."""
    global _armed  # noqa: PLW0603 - one process has one count, whoever passes a point
    _armed = _Armed(kill_at=kill_at, log=log)


def _pass(name: str, armed: _Armed) -> None:
    number = next(armed.passed)
    if armed.log:
        _append(name, armed.log)
    if number == armed.kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


def _append(name: str, file: str) -> None:
    # Opened each time: the process may be killed at any moment, and several processes may share the file.
    log = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(log, f"{name}\n".encode())
    finally:
        os.close(log)


_armed = _Armed(
    kill_at=int(os.environ.get("BILLINGS_CRASH_AT") or 0), log=os.environ.get("BILLINGS_CRASH_LOG", "")
)
