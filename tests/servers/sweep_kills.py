"""Telling a story once undisturbed, then killing each of its steps at each crash point and comparing what comes out.

A step is what people do at one instant and the daemon's work on it, or one command of the office. The state before a
step is kept. A killed step is started again from what the kill left; then all that can be seen is what the undisturbed
step left. From there on the story is the same, which a sample proves by playing on to the end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from batch.edges.folders import write_file
from batch.edges.store.engine import Store
from tests.servers.sweep_people import Deed, Order, People
from tests.servers.sweep_place import Look, Place, mails_in
from tests.servers.sweep_stories import Story

#: What a mail that was cut off between sending and sent adds to the events: it was lost, and sent once more.
_ONCE_MORE = Counter({"outbox-take": 1, "outbox-lose": 1, "outbox-resend": 1})
_COMPILED = {"upstream-compiled", "upstream-recompiled"}
#: Rows, or mails, that are missing, and those that are there beyond what is wanted.
_Apart: TypeAlias = tuple[list[Any], list[Any]]
#: Takes out of the differences in rows and mails what a kill may leave; anything else stays.
Excuse: TypeAlias = Callable[[_Apart, _Apart], tuple[_Apart, _Apart]]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the undisturbed run, with the crash points it passed and what it left."""

    number: int
    now: datetime
    deeds: Sequence[Deed]
    order: Order | None
    points: tuple[str, ...]
    left: Look

    def in_doubt(self) -> set[int]:
        """The points (counted from 1) at which a mail stands between sending and sent: from the commit that took it to
        the one that writes down how it ended, which has not happened yet at its `before`.
        """
        found: set[int] = set()
        for number, name in enumerate(self.points, 1):
            if name == "smtp-before-send":
                end = self.points.index("store-before-commit", number) + 1
                found |= set(range(number - 1, end + 1))
        return found

    def excuses(self, point: int) -> list[Excuse]:
        """What a kill at this point may leave different for ever."""
        found: list[Excuse] = []
        if point in self.in_doubt():
            found.append(_sent_once_more)
        if self.order is not None and self.order.words[:2] == ("upstream", "compile"):
            found.append(_compiled_again)
        return found


class Telling:
    """One installation on which a story is told, and told again with interruptions. `kept` holds the states."""

    def __init__(self, place: Place, story: Story, kept: Path) -> None:
        self._place = place
        self._story = story
        self._kept = kept
        write_file(place.folder / "register.xlsx", story.register)

    def tell(self, *, keep: bool) -> list[Step]:
        """Tell the story undisturbed. `keep`: keep the state before each step."""
        people, now, steps = People(self._story.cast), self._story.start, list[Step]()
        register = str(self._place.folder / "register.xlsx")
        deeds: list[Deed] = [Order(words=("register", "import", register, "--yes"))]
        seen = 0
        while True:
            deeds += people.deeds(now)
            orders = [deed for deed in deeds if isinstance(deed, Order)]
            for order in orders:
                steps.append(self._step(len(steps), now, (), order, keep=keep))
            others = [deed for deed in deeds if not isinstance(deed, Order)]
            steps.append(self._step(len(steps), now, others, None, keep=keep))
            mails = mails_in(self._place.people)
            for recipient, raw in mails[seen:]:
                people.receive(recipient, raw, now)
            seen = len(mails)
            instants = [one for one in (steps[-1].left.next_due, people.next_instant()) if one is not None]
            if not instants or min(instants) > self._story.end:
                return steps
            now, deeds = max(now, min(instants)), []

    def _step(
        self, number: int, now: datetime, deeds: Sequence[Deed], order: Order | None, *, keep: bool
    ) -> Step:
        self._begin(now, deeds)
        if keep:
            self._place.keep(self._kept / str(number))
        points = self._place.folder / "points"
        points.unlink(missing_ok=True)
        self._run(order, 0, points)
        names = points.read_text(encoding="ascii").split() if points.exists() else []
        return Step(number=number, now=now, deeds=deeds, order=order, points=tuple(names), left=self._look())

    def _look(self) -> Look:
        return self._place.look(self._store)

    @cached_property
    def _store(self) -> Store:
        return self._place.store()

    def _begin(self, now: datetime, deeds: Sequence[Deed]) -> None:
        self._place.set_clock(now)
        for deed in deeds:
            self._place.do(deed)

    def _run(self, order: Order | None, kill_at: int = 0, points: Path | None = None) -> bool:
        if order is None:
            return self._place.run_daemon(kill_at=kill_at, points=points)
        return self._place.run_order(order, kill_at=kill_at, points=points)

    def kill(self, step: Step, point: int, rest: Sequence[Step] = ()) -> list[str]:
        """Kill a step at a point, start again, and play on through `rest`; gives what should not be different."""
        self._place.set_clock(step.now)
        self._place.put_back(self._kept / str(step.number))
        if not self._run(step.order, point):
            return [f"it was not killed at point {point} of {len(step.points)}"]
        self._run(step.order)
        excuses = step.excuses(point)
        found = self._settle(step, excuses)
        for later in rest:
            self._begin(later.now, later.deeds)
            self._run(later.order)
        if rest and not found:
            found = differences(rest[-1].left, self._look(), excuses)
        return found

    def _settle(self, step: Step, excuses: Sequence[Excuse]) -> list[str]:
        seen = self._look()
        if not seen.unknown:
            return differences(step.left, seen, excuses)
        if _sent_once_more not in excuses or len(seen.unknown) > 1:
            return [f"{len(seen.unknown)} mails wait for the admin"]
        if len(seen.mails) > len(step.left.mails):
            return ["a decision was sent twice without the admin"]
        # A decision in doubt waits; the admin has it sent once more.
        self._place.run_order(Order(words=("outbox", "--resend", str(seen.unknown[0]))))
        self._place.run_daemon()
        return differences(step.left, self._look(), excuses)


def differences(wanted: Look, seen: Look, excuses: Sequence[Excuse] = ()) -> list[str]:
    """What is there and should not be, or the other way round, but for what is excused."""
    rows = _apart(wanted.dump, seen.dump)
    mails = _apart(wanted.mails, seen.mails)
    for excuse in excuses:
        rows, mails = excuse(rows, mails)
    parts = {
        "row": rows,
        "mail": mails,
        "message": _apart(wanted.mailbox, seen.mailbox),
        "file": _apart(wanted.files, seen.files),
    }
    return [
        f"{side} {name}: {one}"
        for name, (missing, more) in parts.items()
        for side, found in (("missing", missing), ("more", more))
        for one in found
    ]


def _apart(wanted: Sequence[Any], seen: Sequence[Any]) -> _Apart:
    one, other = Counter(wanted), Counter(seen)
    return list((one - other).elements()), list((other - one).elements())


def _sent_once_more(rows: _Apart, mails: _Apart) -> tuple[_Apart, _Apart]:
    """One mail was cut off between sending and sent: it went out once more, with the same bytes."""
    missing, more = rows
    was = [_row(line) for line in missing if line.startswith("outbox ")]
    became = [_row(line) for line in more if line.startswith("outbox ")]
    if len(was) != 1 or len(became) != 1 or not _only_sent_again(was[0], became[0]):
        return rows, mails
    events = [line for line in more if line.startswith("event ")]
    whats = Counter(_row(line)["what"] for line in events)
    subjects = {_row(line)["subject_id"] for line in events}
    left: _Apart = rows
    if whats == _ONCE_MORE and len(subjects) == 1:
        left = (
            [line for line in missing if not line.startswith("outbox ")],
            [line for line in more if not line.startswith(("outbox ", "event "))],
        )
    doubles = [mail for mail in mails[1] if mail[1] == became[0]["message_id"]]
    again = [mail for mail in mails[1] if mail not in doubles] if len(doubles) <= 1 else mails[1]
    return left, (mails[0], again)


def _only_sent_again(was: dict[str, Any], became: dict[str, Any]) -> bool:
    changed = {name for name in was if was[name] != became[name]}
    once = became["resent"] and not was["resent"] if was["kind"] == "hint" else changed == {"revision"}
    return changed <= {"resent", "revision"} and bool(once)


def _compiled_again(rows: _Apart, mails: _Apart) -> tuple[_Apart, _Apart]:
    """A draft for the client may be compiled again at will, and each compiling is an event: the figures are the same."""
    missing, more = rows
    was = [_row(line) for line in missing if line.startswith("upstream ")]
    became = [_row(line) for line in more if line.startswith("upstream ")]
    if [{**row, "revision": 0} for row in was] != [{**row, "revision": 0} for row in became]:
        return rows, mails
    left = [line for line in missing if not line.startswith("upstream ")]
    beyond = [line for line in more if not line.startswith("upstream ") and not _is_compiling(line)]
    return (left, beyond), mails


def _is_compiling(line: str) -> bool:
    return line.startswith("event ") and _row(line)["what"] in _COMPILED


def _row(line: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.partition(" ")[2])
    return found
