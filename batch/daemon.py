"""The service: APScheduler calls the same tick that `billings tick` runs; nothing is decided here.

The scheduler is a clock and no more: memory store, one worker, late ticks run once. What is due comes from our own tables.
New mail (IDLE on its own thread and connection) and a signal only set an event. After SIGTERM no new tick starts, and the one
that runs is finished. When the disk fails, the service ends with exit code 1: what was not stored stays on the mail server.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from batch import jsonlog
from batch.clock import CLOCK_FILE, clock_from_environment
from batch.config import Config
from batch.edges.archive import ArchiveDamaged
from batch.edges.folders import write_file
from batch.edges.lock import WorkLock
from batch.edges.mail_wake import wait_for_mail
from batch.jobs.accounts import imap_account
from batch.jobs.tick import Tick, first_steps, next_due, tick
from batch.jobs.workplace import Workplace, open_workplace

HEALTH_FILE = "health.json"
#: How often the stepped clock of a demo or a test is looked at, in seconds.
_CLOCK_POLL = 0.02


class Service:
    """One running daemon on one data folder."""

    def __init__(self, w: Workplace) -> None:
        self._w = w
        self._clock = clock_from_environment()
        self._wake = threading.Event()
        self._stop = threading.Event()
        # Ours to read, and the interpreter's to write the number of a signal into.
        self._signals = socket.socketpair()
        self._signals[1].setblocking(False)
        self._ticks = 0

    def run(self) -> None:
        """Tick until told to stop."""
        self._listen_to_signals()
        first_steps(self._w, self._clock())
        scheduler = self._scheduler()
        scheduler.start()
        self._start_listeners()
        _notify("READY=1")
        try:
            self._loop()
        finally:
            _notify("STOPPING=1")
            scheduler.shutdown(wait=False)

    def _listen_to_signals(self) -> None:
        """SIGTERM and SIGINT end the service. A thread of its own hears of them: what a handler calls runs in the middle of
        whatever the main thread does, and would wait for ever for a lock that the main thread holds (Event.set for one).
        """
        signal.set_wakeup_fd(self._signals[1].fileno(), warn_on_full_buffer=False)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: None)
        threading.Thread(target=self._await_signal, name="signals", daemon=True).start()

    def _await_signal(self) -> None:
        self._signals[0].recv(1)
        self._end()

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        seconds = self._w.config.daemon.tick_seconds
        # The job only rings: the tick itself runs on the main thread, which is the one that signals can end.
        scheduler.add_job(
            self._wake.set, "interval", seconds=seconds, id="tick", next_run_time=datetime.now(UTC)
        )
        return scheduler

    def _start_listeners(self) -> None:
        imap = self._w.config.mail.imap
        if imap is not None and self._w.config.daemon.idle:
            listen = (imap_account(self._w.config, imap), imap.folder, self._stop, self._wake.set)
            threading.Thread(target=wait_for_mail, args=listen, name="idle", daemon=True).start()
        if file := os.environ.get(CLOCK_FILE):
            threading.Thread(target=self._watch_clock, args=(Path(file),), name="clock", daemon=True).start()

    def _watch_clock(self, file: Path) -> None:
        """Wake up when a stepped clock moves, so that a demo does not wait for the next interval."""
        seen = file.stat().st_mtime_ns
        while not self._stop.wait(_CLOCK_POLL):
            now = file.stat().st_mtime_ns
            if now != seen:
                seen = now
                self._wake.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            if self._stop.is_set():
                return
            # Cleared at the start: mail that comes during the tick sets it again, and then it runs once more.
            self._wake.clear()
            self._tick()

    def _tick(self) -> None:
        now = self._clock()
        done = tick(self._w, now)
        self._ticks += 1
        if done.done:
            self._wake.set()
        self._report(now, done)
        _notify("WATCHDOG=1")

    def _report(self, now: datetime, done: Tick) -> None:
        due = next_due(self._w, now)
        facts = {
            "pid": os.getpid(),
            "ticks": self._ticks,
            "now": now.isoformat(),
            "idle": done.idle,
            "unreachable": done.unreachable,
            "next_due": due.isoformat() if due is not None else None,
        }
        write_file(self._w.data / HEALTH_FILE, json.dumps(facts).encode())
        if done.done:
            jsonlog.info("tick", done=done.done)

    def _end(self) -> None:
        self._stop.set()
        self._wake.set()


def serve(config: Config) -> None:
    """Run the service on one data folder. Raises AlreadyRunning when another process works on it.

    SystemExit with 1 when the disk fails; a supervisor starts it again.
    """
    with WorkLock(config.data / "daemon.lock"):
        w = open_workplace(config)
        try:
            jsonlog.info("daemon-started")
            Service(w).run()
            jsonlog.info("daemon-stopped")
        except (OSError, ArchiveDamaged) as fault:
            jsonlog.error("daemon-failed", error=str(fault))
            raise SystemExit(1) from None
        finally:
            w.store.close()


def _notify(message: str) -> None:
    """Tell systemd how we are (sd_notify(3)); does nothing elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
