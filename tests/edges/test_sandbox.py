"""Functions under limits. They are the standard library's, so that a child finds them anywhere."""

import operator
import os
import pickle
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from batch.edges.sandbox import Failed, Ok, run_limited

GIGABYTE = 1 << 30


def run(function: Any, *args: Any, seconds: float = 60.0) -> Ok[Any] | Failed:
    """A call with limits that are wide enough."""
    return run_limited(function, args, memory_bytes=GIGABYTE, seconds=seconds)


def failure(function: Any, *args: Any, seconds: float = 60.0) -> Failed:
    """A call that must fail."""
    outcome = run(function, *args, seconds=seconds)
    assert isinstance(outcome, Failed)
    return outcome


def test_a_result_comes_back() -> None:
    """A callable and an import path give the function's value."""
    assert run(operator.add, 2, 3) == Ok(value=5)
    assert run("operator:add", b"a" * 5_000_000, b"b") == Ok(value=b"a" * 5_000_000 + b"b")
    assert run(operator.not_, True) == Ok(value=False)


def test_it_runs_in_another_process() -> None:
    """The function does not see the caller's process."""
    outcome = run(os.getpid)
    assert isinstance(outcome, Ok)
    assert outcome.value != os.getpid()


def test_too_slow_is_a_timeout() -> None:
    """A call over its time is ended and named."""
    assert failure(time.sleep, 600, seconds=0.5).reason == "timeout"


def test_too_much_memory_is_named() -> None:
    """A call that asks for more than the limit fails, and the next one works."""
    assert failure(bytearray, 2 * GIGABYTE).reason == "memory"
    assert run(operator.add, 1, 1) == Ok(value=2)


def test_a_result_that_does_not_fit_is_memory() -> None:
    """Memory that runs out while the result is packed is the same fault."""
    assert failure("builtins:bytes", 700_000_000).reason == "memory"


@pytest.mark.parametrize(
    ("function", "args", "name"),
    [
        (operator.truediv, (1, 0), "ZeroDivisionError"),
        (sys.exit, (3,), "SystemExit"),
        ("no_such_module:f", (), "ModuleNotFoundError"),
        ("operator:no_such_name", (), "AttributeError"),
        ("threading:Lock", (), "cannot pickle"),
    ],
)
def test_what_it_raises_stays_a_value(function: Any, args: tuple[Any, ...], name: str) -> None:
    """An exception, a missing module and a result that does not pickle are `raised`, with the traceback."""
    failed = failure(function, *args)
    assert failed.reason == "raised"
    assert name in failed.detail


def test_a_signal_is_named() -> None:
    """A child that crashes is `died`, with the signal's name."""
    failed = failure(os.abort)
    assert (failed.reason, failed.detail) == ("died", "ended by signal SIGABRT")
    assert "SIGSEGV" in failure(signal.raise_signal, signal.SIGSEGV).detail


def test_a_silent_exit_is_named() -> None:
    """A child that ends without an answer is `died`, also with status 0."""
    assert failure(os._exit, 3).detail == "ended with exit status 3"
    assert failure(os._exit, 0).reason == "died"


def test_what_the_child_started_ends_with_it(tmp_path: Path) -> None:
    """A program that the function started does not outlive the time limit."""
    note = tmp_path / "pid"
    command = ["sh", "-c", f"echo $$ > {note}; exec sleep 600"]
    assert failure("subprocess:check_call", command, seconds=2).reason == "timeout"
    status = Path(f"/proc/{note.read_text().strip()}/stat")
    # Gone, or dead and not yet collected by the system's first process.
    for _ in range(100):
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the program still runs")


def test_what_does_not_pickle_is_our_fault() -> None:
    """A call that cannot be sent to a child raises in the caller."""
    with pytest.raises((AttributeError, pickle.PicklingError), match="pickle"):
        run(lambda: 1)
