"""`./run sweep`: the demo's whole first billing period, its daemon and commands killed at every crash point.

Each kill is a SIGKILL of a real process. Then the process is started again, finishes, and all tables, mails, messages
and files are compared with those of an undisturbed run. Prints the figures; exit code 1 on any difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import fields
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from tests.servers.sweep_crew import Figures, sweep
from tests.servers.sweep_stories import STORIES

_MOST_SHOWN, _MOST_LINES, _LONGEST_LINE = 20, 5, 400


def run(story: str, *, every: int, to_the_end_every: int) -> Figures:
    """Sweep a story, with a progress bar on a terminal."""
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("kills", total=None)
        return sweep(
            story,
            every=every,
            to_the_end_every=to_the_end_every,
            told=lambda done, total: progress.update(bar, completed=done, total=total),
        )


def show(figures: Figures) -> None:
    """Print what was found, for a person."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table("Crash point", "Passed", "Killed", "Different")
    for name, passed in sorted(figures.points.items()):
        different = sum(one == name for _kill, one, _wrong in figures.differences)
        table.add_row(name, str(passed), str(figures.kills[name]), str(different))
    table.add_row(
        "all", str(figures.points.total()), str(figures.kills.total()), str(len(figures.differences))
    )
    console.print(table)
    for kill, name, wrong in figures.differences[:_MOST_SHOWN]:
        lines = [line[:_LONGEST_LINE] for line in wrong[:_MOST_LINES]]
        console.print(f"Step {kill.step}, point {kill.point} ({name}):", *lines, sep="\n  ", markup=False)
    for line in figures.between_runs[:_MOST_SHOWN]:
        console.print(f"Two undisturbed runs differ: {line}", markup=False)
    console.print(
        f"{figures.steps} steps, {figures.points.total()} crash points, {figures.kills.total()} kills "
        f"({figures.in_doubt} while a mail was between sending and sent, {figures.to_the_end} played on to the end), "
        f"{len(figures.differences)} with differences. Two undisturbed runs: "
        f"{len(figures.between_runs) or 'no'} differences. {figures.seconds:.0f} s.",
        soft_wrap=True,
    )


def facts(figures: Figures) -> dict[str, Any]:
    """What was found, for a program."""
    counted = {
        field.name: dict(value) if isinstance(value := getattr(figures, field.name), Counter) else value
        for field in fields(figures)
    }
    wrong = [[kill.step, kill.point, name, list(lines)] for kill, name, lines in figures.differences]
    return {**counted, "differences": wrong}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="./run sweep", description=__doc__)
    parser.add_argument("--story", choices=sorted(STORIES), default="demo")
    parser.add_argument("--every", type=int, default=1, help="kill at every nth crash point only")
    parser.add_argument(
        "--to-the-end-every", type=int, default=100, help="of the kills, play every nth on to the end"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    words = parser.parse_args()
    figures = run(words.story, every=words.every, to_the_end_every=words.to_the_end_every)
    if words.json:
        print(json.dumps(facts(figures)))
    else:
        show(figures)
    return 0 if figures.clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
