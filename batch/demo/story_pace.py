"""The story's time: the clock moves on only when nobody has anything left to do at the instant it stands at.

The daemon tells after each tick what it saw: `health.json` with the number of ticks, the clock's instant,
whether there was nothing to do, and when something is planned next. A tick at the clock's present instant that
found nothing to do is the proof of rest, if it began after the last deed of the story's people. The tick that
runs during a deed did not; the one after it did.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from batch.clock import SteppedClock, parse_instant
from batch.demo.servers import EmbeddedMail
from batch.demo.story_folder import Place, StoryFailed
from batch.demo.story_world import World

_LOOK_SECONDS = 0.01
#: Longest without rest at one instant, in seconds, on a slow machine.
_PATIENCE_SECONDS = 60.0
_STOP_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Health:
    """What the daemon said after a tick."""

    ticks: int
    now: datetime
    idle: bool
    next_due: datetime | None


class Daemon:
    """Context manager: a real `billings daemon` as a child, stopped as a service manager stops it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._health = place.folder / "health.json"
        self._log = place.folder / "daemon.log"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                self._place.command("daemon"), env=self._place.environment, stdout=log, stderr=log
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child is not None, "it was started"
        self._child.send_signal(signal.SIGTERM)
        try:
            code = self._child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait()
        if error is None and code != 0:
            raise StoryFailed(f"the daemon ended with {code}: {self._last_words()}")

    def health(self) -> Health | None:
        """What it said last; None before its first tick. Raises StoryFailed when it is not running."""
        assert self._child is not None, "it was started"
        if self._child.poll() is not None:
            raise StoryFailed(f"the daemon ended with {self._child.returncode}: {self._last_words()}")
        try:
            said = json.loads(self._health.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        due = said["next_due"]
        return Health(
            ticks=said["ticks"],
            now=parse_instant(said["now"]),
            idle=said["idle"],
            next_due=parse_instant(due) if due else None,
        )

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:].strip()


def play(
    mail: EmbeddedMail,
    world: World,
    daemon: Daemon,
    clock: SteppedClock,
    *,
    end: datetime,
    told: Callable[[datetime], None],
) -> None:
    """Let everything happen up to `end`; `told` hears of each instant. Raises StoryFailed without rest."""
    while True:
        due = _rest(mail, world, daemon, clock)
        instants = [one for one in (due, world.next_instant()) if one is not None and one <= end]
        if not instants:
            return
        clock.step_to(min(instants))
        told(clock())


def _rest(mail: EmbeddedMail, world: World, daemon: Daemon, clock: SteppedClock) -> datetime | None:
    """Let people do what they do now, one after the other, each when nothing moves any more.

    Gives the instant of what the daemon plans next. One deed at a time makes the story the same each time.
    """
    now = clock()
    proof, asked, give_up = 0, 0, time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up:
        health = daemon.health()
        if health is not None and health.idle and health.now == now and mail.idle():
            if health.ticks >= proof:
                if not world.do_next(now):
                    return health.next_due
                proof, give_up = _ticks(daemon) + 2, time.monotonic() + _PATIENCE_SECONDS
            if health.ticks > asked:
                # The clock is written again, at the same instant: the daemon looks at once.
                asked = health.ticks
                clock.step_to(now)
        time.sleep(_LOOK_SECONDS)
    raise StoryFailed(
        f"at {now.isoformat()} the daemon did not come to rest within {_PATIENCE_SECONDS:.0f} s"
    )


def _ticks(daemon: Daemon) -> int:
    health = daemon.health()
    return health.ticks if health is not None else 0
