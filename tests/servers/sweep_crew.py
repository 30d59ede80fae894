"""A sweep: two workers, each with a Dovecot and an SMTP server of its own, kill one story at all of its crash points."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import pkgutil
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

import batch
from tests.servers.dovecot import HOST, Kind, running_servers
from tests.servers.sweep_kills import Step, Telling, differences
from tests.servers.sweep_place import USER, Place
from tests.servers.sweep_stories import STORIES

_WORKERS = 2
_START_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill to make: step and point, and whether the story is played on to its end."""

    step: int
    point: int
    to_the_end: bool


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a sweep found. `between_runs`: how two undisturbed runs differ. `differences` by step, point and its name."""

    steps: int
    points: Counter[str]
    kills: Counter[str]
    in_doubt: int
    to_the_end: int
    between_runs: Sequence[str]
    differences: Sequence[tuple[Kill, str, Sequence[str]]]
    seconds: float

    @property
    def clean(self) -> bool:
        return not self.between_runs and not self.differences


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is started with."""

    place: Place
    story: str
    kept: Path
    #: Whether this one keeps the states before each step, for both.
    keeps: bool


def sweep(
    story: str, *, every: int = 1, to_the_end_every: int = 40, told: Callable[[int, int], None]
) -> Figures:
    """Kill the story at every nth crash point; of those kills, play every nth on to the end of the story.

    `told` hears how many kills of how many are done.
    """
    began = time.monotonic()
    base = Path(tempfile.mkdtemp(prefix="sweep-"))
    base.chmod(0o711)
    try:
        with ExitStack() as stack:
            links = [stack.enter_context(_worker(base, number, story)) for number in range(_WORKERS)]
            runs: list[list[Step]] = [_answer(link) for link in links]
            kills = _plan(runs[0], every, to_the_end_every)
            found = _kill_all(links, kills, told)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return _figures(runs, kills, found, time.monotonic() - began)


def _plan(steps: Sequence[Step], every: int, to_the_end_every: int) -> list[Kill]:
    places = [(step.number, point) for step in steps for point in range(1, len(step.points) + 1)]
    return [
        Kill(step=step, point=point, to_the_end=number % to_the_end_every == 0)
        for number, (step, point) in enumerate(places[::every], 1)
    ]


def _kill_all(
    links: Sequence[Connection], kills: Sequence[Kill], told: Callable[[int, int], None]
) -> list[tuple[Kill, Sequence[str]]]:
    waiting, found = list(reversed(kills)), list[tuple[Kill, Sequence[str]]]()
    busy = [link for link in links if _send_next(link, waiting)]
    while busy:
        for link in wait(busy):
            assert isinstance(link, Connection)
            found.append(_answer(link))
            told(len(found), len(kills))
            if not _send_next(link, waiting):
                busy.remove(link)
    return found


def _send_next(link: Connection, waiting: list[Kill]) -> bool:
    if waiting:
        link.send(waiting.pop())
        return True
    link.send(None)
    return False


def _answer(link: Connection) -> Any:
    """What a worker sends; a fault of its own ends the sweep."""
    answer = link.recv()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _figures(
    runs: Sequence[Sequence[Step]],
    kills: Sequence[Kill],
    found: Sequence[tuple[Kill, Sequence[str]]],
    seconds: float,
) -> Figures:
    steps, other = runs[0], runs[1]
    names = {step.number: step.points for step in steps}
    return Figures(
        steps=len(steps),
        points=Counter(name for step in steps for name in step.points),
        kills=Counter(names[kill.step][kill.point - 1] for kill in kills),
        in_doubt=sum(kill.point in steps[kill.step].in_doubt() for kill in kills),
        to_the_end=sum(kill.to_the_end for kill in kills),
        between_runs=_between(steps, other),
        differences=[(kill, names[kill.step][kill.point - 1], wrong) for kill, wrong in found if wrong],
        seconds=seconds,
    )


def _between(one: Sequence[Step], other: Sequence[Step]) -> list[str]:
    if [step.points for step in one] != [step.points for step in other]:
        return ["the two runs passed different crash points"]
    return [
        f"step {step.number}: {difference}"
        for step, twin in zip(one, other, strict=True)
        for difference in differences(step.left, twin.left)
    ]


# The workers ----------------------------------------------------------------------------------------------------------


@contextmanager
def _worker(base: Path, number: int, story: str) -> Iterator[Connection]:
    """A worker process with its mail servers."""
    folder = base / str(number)
    (folder / "people").mkdir(parents=True)
    with running_servers(Kind()) as (dovecot, _relay), _smtp_server(folder / "people") as smtp_port:
        place = Place(
            folder=folder,
            maildir=dovecot.folder / "mail" / USER / "Maildir",
            imap_port=dovecot.imap_port,
            smtp_port=smtp_port,
            address=STORIES[story]().address,
        )
        job = Job(place=place, story=story, kept=base / "kept", keeps=number == 0)
        spawned = multiprocessing.get_context("spawn")
        ours, theirs = spawned.Pipe()
        process = spawned.Process(target=_work, args=(job, theirs), daemon=True)
        process.start()
        theirs.close()
        try:
            yield ours
        finally:
            ours.close()
            process.join(10)
            process.kill()


def _work(job: Job, link: Connection) -> None:
    """A worker: tell the story once, then make the kills that are asked for. It has one thread only, since it forks."""
    try:
        _import_all()
        os.chdir(job.place.folder)
        job.place.prepare()
        telling = Telling(job.place, STORIES[job.story](), job.kept)
        steps = telling.tell(keep=job.keeps)
        link.send(steps)
        while (kill := link.recv()) is not None:
            link.send((kill, _made(telling, steps, kill)))
    except EOFError:
        return
    except Exception as fault:  # noqa: BLE001 - the sweep itself says what went wrong
        link.send(RuntimeError(f"{type(fault).__name__}: {fault}"))


def _made(telling: Telling, steps: Sequence[Step], kill: Kill) -> Sequence[str]:
    step = steps[kill.step]
    try:
        return telling.kill(step, kill.point, steps[kill.step + 1 :] if kill.to_the_end else ())
    except AssertionError as fault:
        return [f"failed: {fault}"]


def _import_all() -> None:
    """Everything that a command would import when it runs: once here, and not in each child."""
    for module in pkgutil.walk_packages(batch.__path__, "batch."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    assert threading.active_count() == 1, "a process that forks has one thread"
    # What is here now stays: children that never collect share its memory.
    gc.freeze()
    gc.disable()


class _Sink:
    """aiosmtpd's handler: it keeps each message for the people of the story. Called by these names and arguments."""

    # ruff: noqa: N802, ARG002

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        number = len(list(self._folder.glob("*.eml")))
        (recipient,) = envelope.rcpt_tos
        (self._folder / f"{number:05d}-{recipient}.eml").write_bytes(envelope.content)
        return "250 2.0.0 Ok"


@contextmanager
def _smtp_server(folder: Path) -> Iterator[int]:
    for attempt in range(1, _START_ATTEMPTS + 1):
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        controller = Controller(_Sink(folder), hostname=HOST, port=port, data_size_limit=0)
        try:
            controller.start()
            break
        except OSError:  # another program took the port first
            if attempt == _START_ATTEMPTS:
                raise
    try:
        yield port
    finally:
        controller.stop()
