"""Where `now` comes from. Everything else takes the instant as an argument.

A clock is a function without arguments that gives an aware datetime in UTC. The demo and the stories run on a
clock that is stepped: it reads its instant from a file that they write.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]

CLOCK_FILE = "BILLINGS_CLOCK_FILE"


def real_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still at the instant written in a file, until somebody steps it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> datetime:
        """The instant in the file, in UTC. Raises ValueError when it is no ISO-8601 instant with a zone."""
        return parse_instant(self.file.read_text(encoding="ascii"))

    def step_to(self, instant: datetime) -> None:
        """Sets the clock; a reader sees the old instant or the new one. Raises ValueError for a step back."""
        if self.file.exists() and instant < self():
            raise ValueError(f"a clock does not go back: from {self().isoformat()} to {instant.isoformat()}")
        new = self.file.with_name(self.file.name + ".new")
        new.write_text(instant.astimezone(UTC).isoformat(), encoding="ascii")
        new.replace(self.file)


def parse_instant(text: str) -> datetime:
    """An ISO-8601 instant with a zone ("2024-03-01T09:00:00Z"), as UTC. Raises ValueError with a sentence."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not an instant like 2024-03-01T09:00:00Z") from None
    if instant.tzinfo is None:
        raise ValueError(f"{text.strip()!r} has no time zone; write 2024-03-01T09:00:00Z, Z for UTC")
    return instant.astimezone(UTC)


def clock_from_environment() -> Clock:
    """The stepped clock when BILLINGS_CLOCK_FILE names its file, else the machine's time."""
    file = os.environ.get(CLOCK_FILE)
    return SteppedClock(Path(file)) if file else real_clock
