"""One instance per data folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import batch
from batch.edges.lock import AlreadyRunning, WorkLock

HOLDER = """
import sys, time, pathlib
from batch.edges.lock import WorkLock
with WorkLock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def a_holder(path: Path) -> subprocess.Popen[str]:
    """Another process that has the lock."""
    environment = {**os.environ, "PYTHONPATH": str(Path(batch.__file__).parents[1])}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_holders_pid_is_written(tmp_path: Path) -> None:
    """While it is held the file has the process id, afterwards it is empty and free."""
    path = tmp_path / "data" / "daemon.lock"
    for _ in range(2):
        with WorkLock(path):
            assert path.read_text() == f"{os.getpid()}\n"
        assert path.read_text() == ""


def test_a_second_one_is_refused(tmp_path: Path) -> None:
    """Who comes second learns the first one's process id, and the first keeps its lock."""
    path = tmp_path / "daemon.lock"
    with WorkLock(path):
        for _ in range(2):
            with pytest.raises(AlreadyRunning) as caught, WorkLock(path):
                pass
            assert caught.value.pid == os.getpid()


def test_another_process_is_named_and_its_death_frees_the_lock(tmp_path: Path) -> None:
    """After a kill -9 the lock can be taken at once, though the old process id still stands in the file."""
    path = tmp_path / "daemon.lock"
    with a_holder(path) as holder:
        try:
            with pytest.raises(AlreadyRunning, match=str(holder.pid)) as caught, WorkLock(path):
                pass
            assert caught.value.pid == holder.pid
        finally:
            holder.send_signal(signal.SIGKILL)
    with WorkLock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    """The lock does not outlive the block, however it ends."""
    with pytest.raises(RuntimeError), WorkLock(tmp_path / "daemon.lock"):
        raise RuntimeError
    with WorkLock(tmp_path / "daemon.lock"):
        pass
