"""One instance per data folder: an flock on daemon.lock.

The kernel drops the lock when its holder dies, however it dies; a left-over file means nothing. flock does
not work over some network file systems, so the data folder belongs on a local disk.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from batch.edges.folders import make_private_folder


class AlreadyRunning(Exception):
    """Another process holds the lock; `pid` is its process id, None when the file does not tell."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"already running as process {pid or 'unknown'}")
        self.pid = pid


class WorkLock:
    """Context manager that holds the lock at `path` and writes the process id into it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Takes the lock at once or raises AlreadyRunning; it does not wait."""
        make_private_folder(self._path.parent)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _written_pid(handle)
            os.close(handle)
            raise AlreadyRunning(pid) from None
        self._handle = handle
        _write(handle, f"{os.getpid()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            # The file stays: removing it would let a third process lock a new file of the same name.
            _write(self._handle, b"")
            os.close(self._handle)
            self._handle = None


def _write(handle: int, data: bytes) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, data, 0)


def _written_pid(handle: int) -> int | None:
    text = os.pread(handle, 32, 0).strip()
    return int(text) if text.isdigit() else None
