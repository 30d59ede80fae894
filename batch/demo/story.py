"""The demo: three projects over two billing periods, on real mail and real workbooks, in under a minute.

A real daemon runs as a child; everybody else is simulated, and knows only what the mail brings. At the end the
states and totals that have to come out are compared with what did.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from batch.clock import SteppedClock
from batch.demo.registers import demo_register
from batch.demo.servers import EmbeddedMail
from batch.demo.story_folder import Place, StoryFailed, configure, prepare
from batch.demo.story_office import Office
from batch.demo.story_pace import Daemon, play
from batch.demo.story_proof import differences, outcome_of
from batch.demo.story_report import show
from batch.demo.story_world import World
from batch.edges.folders import write_file

START = datetime(2026, 1, 20, 14, tzinfo=UTC)
END = datetime(2026, 3, 10, 20, tzinfo=UTC)
#: When the office closes the books of each period: it is closed and decided by then.
_BOOKS = {1: datetime(2026, 2, 10, 16, tzinfo=UTC), 2: datetime(2026, 3, 10, 16, tzinfo=UTC)}
_BETWEEN = datetime(2026, 2, 15, 16, tzinfo=UTC)


def run(out: Path, seed: int) -> int:
    """Tell the story into the folder `out`. Gives the exit code: 0, or 1 when something came out wrong."""
    # Without a terminal nobody's window is too narrow.
    console = Console(width=None if sys.stdout.isatty() else 120)
    began = time.monotonic()
    try:
        place = prepare(out, seed)
        office = Office(place)
        _tell(place, office, console)
        return _compare(place, office, console, began)
    except StoryFailed as fault:
        Console(stderr=True).print(f"billings: {fault}", soft_wrap=True, highlight=False, markup=False)
        return 1


def _tell(place: Place, office: Office, console: Console) -> None:
    clock = SteppedClock(place.clock)
    clock.step_to(START)
    with EmbeddedMail(place.folder) as mail, _progress(console) as progress:
        bar = progress.add_task("register", total=(END - START).total_seconds())
        configure(place, mail)
        _import_register(place)
        world = World(mail, clock, place.folder)
        world.plan(_BETWEEN, lambda _now: world.refuse_at_once())
        for period, instant in _BOOKS.items():
            world.plan(instant, partial(_close, office, period))

        def told(now: datetime) -> None:
            done = (now - START).total_seconds()
            progress.update(bar, completed=done, description=f"{now:%d %B %Y, %H:%M} UTC")

        with Daemon(place) as daemon:
            play(mail, world, daemon, clock, end=END, told=told)


def _close(office: Office, period: int, now: datetime) -> None:
    office.close_the_books(period)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _import_register(place: Place) -> None:
    file = place.folder / "register.xlsx"
    write_file(file, demo_register(START))
    place.run("register", "import", str(file), "--yes")


def _compare(place: Place, office: Office, console: Console, began: float) -> int:
    outcome = outcome_of(place)
    show(console, place.folder, outcome, office.issued)
    found = differences(outcome, office.issued)
    for sentence in found:
        console.print(f"Not as it has to be: {sentence}", soft_wrap=True, highlight=False, markup=False)
    if not found:
        took = time.monotonic() - began
        console.print(f"Every state and total is as it has to be, and everything ties. Took {took:.0f} s.")
    return 1 if found else 0
