"""The world around the software: everybody's mailbox, and what they are going to do at which instant.

Mail comes in from a thread of the SMTP server; what follows from it is planned, and done later by the story's
own thread, when the clock stands at its instant.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Protocol

from batch.clock import SteppedClock
from batch.demo.people import File, Kind, Letter, open_letter
from batch.demo.people_admin import Decided, ReviewDesk
from batch.demo.people_robots import bounce
from batch.demo.people_scripts import Answer, Script, react, write
from batch.demo.servers import MakeBounce, OnMessage
from batch.demo.story_cast import ADMIN_DELAYS, ADMINS, GONE, SCRIPTS, SECOND_LOOK
from batch.edges.folders import write_file

Deed = Callable[[datetime], None]


class Post(Protocol):
    """What the world needs of the mail servers; `EmbeddedMail` has it."""

    on_message: OnMessage
    bounces: set[str]
    make_bounce: MakeBounce | None

    def deliver(self, raw: bytes, when: datetime) -> None:
        """Put a message into the billing mailbox, received at `when`."""


@dataclass(order=True, frozen=True)
class _Planned:
    """Something that will be done. The number keeps the order of what was planned for one instant."""

    at: datetime
    number: int
    deed: Deed = field(compare=False)


class World:
    """Subcontractors and admins at work on the mail they get; admins save into their folders below `data`."""

    def __init__(self, mail: Post, clock: SteppedClock, data: Path) -> None:
        self._mail = mail
        self._clock = clock
        self._data = data
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._planned: list[_Planned] = []
        self._boxes: dict[str, list[Letter]] = {}
        self._periods: dict[str, list[str]] = {}
        self._desks = {admin.person.address: ReviewDesk(admin) for admin in ADMINS}
        self._kept = count(1)
        mail.on_message = lambda _sender, recipient, raw: self.receive(recipient, raw)
        mail.bounces.add(GONE)
        mail.make_bounce = self._bounced

    def plan(self, at: datetime, deed: Deed) -> None:
        """Have something done at an instant."""
        with self._lock:
            heapq.heappush(self._planned, _Planned(at, next(self._numbers), deed))

    def next_instant(self) -> datetime | None:
        """When somebody does something next; None when nobody will."""
        with self._lock:
            return self._planned[0].at if self._planned else None

    def do_next(self, now: datetime) -> bool:
        """Do the first thing that is planned up to now; False when there is none."""
        deed = self._take(now)
        if deed is not None:
            deed(now)
        return deed is not None

    def refuse_at_once(self) -> None:
        """From now on the lost address is refused by its server instead of bouncing later."""
        self._mail.make_bounce = None

    def receive(self, recipient: str, raw: bytes) -> None:
        """Put a mail into somebody's mailbox and plan what they do about it."""
        letter, now = open_letter(raw), self._clock()
        with self._lock:
            earlier = tuple(self._boxes.setdefault(recipient, []))
            self._boxes[recipient].append(letter)
        self._keep("received-by", recipient, letter.workbooks)
        for script in SCRIPTS:
            if script.person.address == recipient:
                for answer in react(script, letter, earlier):
                    self.plan(now + answer.after, self._answering(script, answer))
        if recipient in self._desks and letter.kind is Kind.REVIEW:
            self._note_period(letter)
            self.plan(now + ADMIN_DELAYS[recipient], self._reviewing(recipient, letter))

    def _take(self, now: datetime) -> Deed | None:
        with self._lock:
            if not self._planned or self._planned[0].at > now:
                return None
            return heapq.heappop(self._planned).deed

    def _answering(self, script: Script, answer: Answer) -> Deed:
        def deed(now: datetime) -> None:
            raw = write(script.person, answer, now)
            self._keep("sent-by", script.person.address, open_letter(raw).workbooks)
            self._mail.deliver(raw, now)

        return deed

    def _reviewing(self, address: str, letter: Letter) -> Deed:
        def deed(now: datetime) -> None:
            if self._is_newest(address, letter):
                decided = self._desks[address].decide(letter, self._period_of(letter), now)
                self._hand_in(address, decided)
                if decided is not None and decided.held:
                    self.plan(now + SECOND_LOOK, self._looking_again(address, letter, decided))

        return deed

    def _looking_again(self, address: str, letter: Letter, decided: Decided) -> Deed:
        def deed(now: datetime) -> None:
            again = self._desks[address].decide_held(letter, decided, self._period_of(letter), now)
            self._hand_in(address, again)

        return deed

    def _hand_in(self, address: str, decided: Decided | None) -> None:
        if decided is not None:
            file = File(name=decided.name, data=decided.data)
            self._keep("sent-by", address, (file,))
            write_file(self._data / "review" / address / "in" / decided.name, decided.data)

    def _note_period(self, letter: Letter) -> None:
        project, period = _review_of(letter)
        with self._lock:
            known = self._periods.setdefault(project, [])
            if period not in known:
                known.append(period)

    def _period_of(self, letter: Letter) -> int:
        """Periods are counted as they come: the first one reviewed is the first."""
        project, period = _review_of(letter)
        return self._periods[project].index(period) + 1

    def _is_newest(self, address: str, letter: Letter) -> bool:
        with self._lock:
            reviews = [one for one in self._boxes[address] if one.kind is Kind.REVIEW]
        return [one for one in reviews if _review_of(one) == _review_of(letter)][-1] is letter

    def _bounced(self, sender: str, recipient: str, raw: bytes) -> tuple[bytes, datetime]:
        now = self._clock()
        return bounce(sender, recipient, raw, when=now), now

    def _keep(self, how: str, address: str, files: tuple[File, ...]) -> None:
        """A copy of every workbook that went to or fro, for whoever looks at the demo's folder."""
        for file in files:
            name = f"{next(self._kept):04d}-{how}-{address}-{file.name}"
            write_file(self._data / "workbooks" / name, file.data)


def _review_of(letter: Letter) -> tuple[str, str]:
    """Project and period, out of 'Review: Lakeside Clinic, January 2026: 5 waiting'."""
    project, _, period = letter.subject.split(": ", 2)[1].partition(", ")
    return project, period
