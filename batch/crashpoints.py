"""Named places where a test kills the process, to prove that a restart loses and doubles nothing.

Two variables, read once when the process starts, switch them on. BILLINGS_CRASH_AT=N kills the process
(SIGKILL, so nothing is cleaned up) at the Nth point it passes, counted from 1. BILLINGS_CRASH_LOG=FILE
appends the name of each passed point to FILE, one a line, so that a test can count them.
"""

from __future__ import annotations

import itertools
import os
import signal

_KILL_AT = int(os.environ.get("BILLINGS_CRASH_AT") or 0)
_LOG = os.environ.get("BILLINGS_CRASH_LOG", "")
_ON = bool(_KILL_AT or _LOG)
# next() of a count is one step of the interpreter: two threads never get the same number.
_passed = itertools.count(1)


def crash_point(name: str) -> None:
    """Marks a point between two effects, such as `outbox-sent`. Does nothing unless switched on."""
    if _ON:
        _pass(name)


def _pass(name: str) -> None:
    number = next(_passed)
    if _LOG:
        _append(name)
    if number == _KILL_AT:
        os.kill(os.getpid(), signal.SIGKILL)


def _append(name: str) -> None:
    # Opened each time: the process may be killed at any moment, and several processes may share the file.
    log = os.open(_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(log, f"{name}\n".encode())
    finally:
        os.close(log)
