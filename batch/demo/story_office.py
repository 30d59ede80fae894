"""What the office does once a period is decided: the client application, and the files for accounting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from batch.demo.story_folder import Done, Place, StoryFailed

PROJECTS = ("26-014", "26-020", "26-031")
PERIODS = (1, 2)
#: The admin who issues.
WHO = "pat@harbour-mechanical.example"
#: The first target posts; the others are copies, and say so.
TARGETS = ("csv", "json", "quickbooks-iif")


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A client application as its command told: what it takes in, and how much of it has a client line."""

    project: str
    period: int
    matched: Decimal
    unmatched: Decimal
    downstream: Decimal


class Office:
    """Closes the books, and remembers what came of it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.issued: list[Issued] = []

    def close_the_books(self, period: int) -> None:
        """Compile and issue every project's client application, and write its ERP files, one after the other.

        Raises StoryFailed when a command does not end well.
        """
        words = [line for project in PROJECTS for line in _commands(project, str(period))]
        done = [_ended_well(one) for one in self._place.run_all(words)]
        compiled = [one for one in done if one.words[:2] == ("upstream", "compile")]
        self.issued += [
            _issued(project, period, one) for project, one in zip(PROJECTS, compiled, strict=True)
        ]


def _commands(project: str, period: str) -> list[Sequence[str]]:
    return [
        ("upstream", "compile", project, period, "--json"),
        ("upstream", "issue", project, period, "--by", WHO),
        *(("erp", "export", project, "--period", period, "--target", target) for target in TARGETS),
    ]


def _ended_well(done: Done) -> Done:
    # A bill of nothing is left out of ERP files, which is told as a fault; totals are compared at the end.
    if done.code not in ((0, 1) if done.words[0] == "erp" else (0,)):
        raise StoryFailed(f"`billings {' '.join(done.words)}` ended with {done.code}: {done.said.strip()}")
    return done


def _issued(project: str, period: int, done: Done) -> Issued:
    said = json.loads(done.said)
    return Issued(
        project=project,
        period=period,
        matched=Decimal(said["matched"]),
        unmatched=Decimal(said["unmatched"]),
        downstream=Decimal(said["downstream"]),
    )
