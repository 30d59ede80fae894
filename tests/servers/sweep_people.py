"""The people of a swept story: what they do about the mail they got, as plain deeds that can be done again.

They read, write and decide as the demo's people do. A deed is fixed bytes, so a run that was killed gets exactly
what the undisturbed one got.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TypeAlias

from batch.demo.people import Kind, Letter, open_letter
from batch.demo.people_admin import Admin, Decided, ReviewDesk
from batch.demo.people_robots import bounce
from batch.demo.people_scripts import Answer, Script, react, write


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A mail that arrives in our mailbox at `when`."""

    raw: bytes
    when: datetime


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """A workbook that an admin puts into their folder."""

    address: str
    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Order:
    """A command of the office, without its `billings`."""

    words: tuple[str, ...]


Deed: TypeAlias = Delivery | HandIn | Order
Doing: TypeAlias = Callable[[datetime], Sequence[Deed]]


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who plays: subcontractors, admins with the time they take, the office's orders, and addresses that are gone."""

    scripts: Sequence[Script]
    admins: Sequence[Admin]
    delays: Mapping[str, timedelta]
    second_look: timedelta = timedelta(days=1)
    office: Sequence[tuple[datetime, Sequence[str]]] = ()
    gone: frozenset[str] = frozenset()


@dataclass(order=True, frozen=True)
class _Planned:
    at: datetime
    number: int
    doing: Doing = field(compare=False)


class People:
    """Everybody's mailbox and plans. Time is what the caller says it is."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._numbers = count(1)
        self._planned: list[_Planned] = []
        self._boxes: dict[str, list[Letter]] = {}
        self._periods: dict[str, list[str]] = {}
        self._desks = {admin.person.address: ReviewDesk(admin) for admin in cast.admins}
        for at, words in cast.office:
            self._plan(at, _saying(tuple(words)))

    def receive(self, recipient: str, raw: bytes, now: datetime) -> None:
        """A mail reaches somebody, who plans what to do about it. The same mail again is seen and left alone."""
        if recipient in self._cast.gone:
            self._plan(now, _bouncing(recipient, raw))
            return
        letter = open_letter(raw)
        box = self._boxes.setdefault(recipient, [])
        if any(one.message_id == letter.message_id for one in box):
            return
        earlier = tuple(box)
        box.append(letter)
        for script in self._cast.scripts:
            if script.person.address == recipient:
                for answer in react(script, letter, earlier):
                    self._plan(now + answer.after, _answering(script, answer))
        if recipient in self._desks and letter.kind is Kind.REVIEW:
            self._note_period(letter)
            self._plan(now + self._cast.delays[recipient], self._reviewing(recipient, letter))

    def next_instant(self) -> datetime | None:
        """When somebody does something next; None when nobody will."""
        return self._planned[0].at if self._planned else None

    def deeds(self, now: datetime) -> list[Deed]:
        """Everything that people do up to now, in order."""
        done: list[Deed] = []
        while self._planned and self._planned[0].at <= now:
            done += heapq.heappop(self._planned).doing(now)
        return done

    def _plan(self, at: datetime, doing: Doing) -> None:
        heapq.heappush(self._planned, _Planned(at, next(self._numbers), doing))

    def _reviewing(self, address: str, letter: Letter) -> Doing:
        def doing(now: datetime) -> Sequence[Deed]:
            if not self._is_newest(address, letter):
                return ()
            decided = self._desks[address].decide(letter, self._period_of(letter), now)
            if decided is not None and decided.held:
                self._plan(now + self._cast.second_look, self._looking_again(address, letter, decided))
            return _handed_in(address, decided)

        return doing

    def _looking_again(self, address: str, letter: Letter, decided: Decided) -> Doing:
        def doing(now: datetime) -> Sequence[Deed]:
            desk = self._desks[address]
            return _handed_in(address, desk.decide_held(letter, decided, self._period_of(letter), now))

        return doing

    def _note_period(self, letter: Letter) -> None:
        project, period = _review_of(letter)
        known = self._periods.setdefault(project, [])
        if period not in known:
            known.append(period)

    def _period_of(self, letter: Letter) -> int:
        project, period = _review_of(letter)
        return self._periods[project].index(period) + 1

    def _is_newest(self, address: str, letter: Letter) -> bool:
        reviews = [one for one in self._boxes[address] if one.kind is Kind.REVIEW]
        return [one for one in reviews if _review_of(one) == _review_of(letter)][-1] is letter


def _saying(words: tuple[str, ...]) -> Doing:
    return lambda _now: (Order(words=words),)


def _answering(script: Script, answer: Answer) -> Doing:
    return lambda now: (Delivery(raw=write(script.person, answer, now), when=now),)


def _bouncing(recipient: str, raw: bytes) -> Doing:
    sender = open_letter(raw).sender.addr_spec
    return lambda now: (Delivery(raw=bounce(sender, recipient, raw, when=now), when=now),)


def _handed_in(address: str, decided: Decided | None) -> Sequence[Deed]:
    return () if decided is None else (HandIn(address=address, name=decided.name, data=decided.data),)


def _review_of(letter: Letter) -> tuple[str, str]:
    """Project and period, out of 'Review: Lakeside Clinic, January 2026: 5 waiting'."""
    project, _, period = letter.subject.split(": ", 2)[1].partition(", ")
    return project, period
