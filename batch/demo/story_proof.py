"""Whether the story came out as it has to: every state and every total."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from batch.demo.story_cast import EXPECTED, GONE, INCIDENTS
from batch.demo.story_folder import Place, StoryFailed
from batch.demo.story_office import PERIODS, PROJECTS, Issued

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One ERP batch as its manifest states it. `gross` in `currency`."""

    project: str
    period: int
    target: str
    documents: int
    gross: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How everything stands at the end, as the commands tell it."""

    status: Facts
    inbox: Sequence[Facts]
    outbox: Sequence[Facts]
    batches: Sequence[Batch]


def outcome_of(place: Place) -> Outcome:
    """Ask how everything stands. Raises StoryFailed when `billings verify` finds a fault."""
    asked = (("status", "--json"), ("inbox", "--json"), ("outbox", "--json"), ("verify",))
    done = place.run_all(asked)
    for one in done:
        if one.code:
            raise StoryFailed(f"`billings {' '.join(one.words)}` ended with {one.code}: {one.said.strip()}")
    status, inbox, outbox = (json.loads(one.said) for one in done[:3])
    return Outcome(status=status, inbox=inbox, outbox=outbox, batches=batches_of(place))


def batches_of(place: Place) -> list[Batch]:
    """Every ERP batch that lies in the output folder, by its manifest."""
    found = sorted(place.folder.glob("output/*/*/erp/*/manifest.json"))
    return [_batch(file, place.folder / "output") for file in found]


def _batch(file: Path, output: Path) -> Batch:
    said = json.loads(file.read_text(encoding="utf-8"))
    project, period = file.relative_to(output).parts[:2]
    return Batch(
        project=project,
        period=int(period.rpartition("-")[2]),
        target=said["target"],
        documents=said["control"]["documents"],
        gross=Decimal(said["control"]["gross"]),
        currency=said["currency"],
    )


def rows_of(facts: Facts) -> Iterator[tuple[Facts, Facts]]:
    """Each period of the story with each of its commitments."""
    for period in facts["periods"]:
        if period["period"] in PERIODS:
            for commitment in period["commitments"]:
                yield period, commitment


def approved_in(facts: Facts, project: str, period: int) -> Decimal:
    """What was approved in one period of one project, before retainage, in the project's currency."""
    amounts = [
        Decimal(row["approved_this_period"])
        for at, row in rows_of(facts)
        if (at["project"], at["period"]) == (project, period) and row["approved_this_period"] is not None
    ]
    return sum(amounts, Decimal("0.00"))


def differences(outcome: Outcome, issued: Sequence[Issued]) -> list[str]:
    """Every difference from what has to come out, each a sentence."""
    status = outcome.status
    return [
        *_states(status),
        *_totals(status, outcome.batches),
        *_client(status, issued),
        *_mail(status),
        *_incidents(outcome),
    ]


def _states(facts: Facts) -> Iterator[str]:
    found = {(row["commitment"], at["period"]): row["state"] for at, row in rows_of(facts)}
    expected = {(name, at): states[at - 1] for name, states in EXPECTED.items() for at in PERIODS}
    for (name, at), state in expected.items():
        now = found.pop((name, at), "missing")
        if now != state:
            yield f"{name} in period {at} is {now}; it has to be {state}."
    yield from (
        f"{name} in period {at} is {state}; nobody expects it." for (name, at), state in found.items()
    )


def _totals(facts: Facts, batches: Sequence[Batch]) -> Iterator[str]:
    for project in PROJECTS:
        for period in PERIODS:
            approved = approved_in(facts, project, period)
            own = [one for one in batches if (one.project, one.period) == (project, period)]
            if not own:
                yield f"{project} has no ERP files for period {period}."
            for target in sorted({one.target for one in own}):
                exported = sum((one.gross for one in own if one.target == target), Decimal("0.00"))
                if exported != approved:
                    yield f"{project}, period {period}: {target} has {exported}, approved were {approved}."


def _client(facts: Facts, issued: Sequence[Issued]) -> Iterator[str]:
    for one in issued:
        approved = approved_in(facts, one.project, one.period)
        if not one.matched + one.unmatched == one.downstream == approved:
            yield (
                f"{one.project}, period {one.period}: the client application takes in {one.downstream}, of which "
                f"{one.matched} has a client line and {one.unmatched} has none; approved were {approved}."
            )


def _mail(facts: Facts) -> Iterator[str]:
    for box, states in (("outbox", ("pending", "sending", "unknown")), ("inbox", ("stored", "quarantined"))):
        for state in states:
            if facts[box][state]:
                yield f"{facts[box][state]} mails are {state} in the {box} at the end."


def _incidents(outcome: Outcome) -> Iterator[str]:
    happened = {str(mail["outcome"]) for mail in outcome.inbox}
    for wanted in INCIDENTS:
        if not happened & set(wanted):
            yield f"No mail came in that was taken for: {' or '.join(wanted)}."
    refused = {str(mail["recipient"]) for mail in outcome.outbox if mail["state"] == "refused"}
    if refused != {GONE}:
        yield f"Refused by their mail servers were {', '.join(sorted(refused)) or 'none'}; it has to be {GONE}."
