"""Asks every question that can be asked about a site, and holds each answer against the figure that `show` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from batch.core.why import loose_ends
from batch.edges.store import (
    queries_applications,
    queries_periods,
    queries_register,
    queries_upstream,
    queries_why,
)
from batch.formats.why.words import LINE, SUMMARY
from batch.jobs.facts import show
from batch.jobs.why import Answer, why
from batch.jobs.why.client_lines import CLIENT_LINE_FIGURES
from batch.jobs.why.client_summary import CLIENT_FIGURES
from tests.scenarios.site import Site


def told(job: Site, *words: str, code: int = 0) -> dict[str, Any]:
    """One answer as JSON."""
    found: dict[str, Any] = json.loads(job.cli("why", *words, "--json", code=code))
    return found


def text(job: Site, *words: str) -> list[str]:
    """One answer as a person reads it."""
    return job.cli("why", *words).splitlines()


def ask_everything(job: Site) -> int:
    """Every figure of every application, line, deduction and client application; gives how many were asked."""
    with job.w.store.read() as conn:
        ids = [
            row["id"]
            for project in queries_register.projects(conn)
            for commitment in queries_register.commitments(conn, project["id"])
            for row in _applications(conn, commitment["id"])
        ]
        clients = [
            f"{project['number']}/{row['number']}"
            for project in queries_register.projects(conn)
            for row in queries_upstream.upstreams(conn, project["id"])
        ]
    asked = sum(1 for key in ids for _answer in _of_application(job, f"#{key}"))
    return asked + sum(1 for name in clients for _answer in _of_client(job, name))


def _applications(conn: Any, commitment_id: int) -> Sequence[Any]:
    row = queries_register.commitment(conn, commitment_id)
    names = (f"{row['number']}/{number}.{revision}" for number in range(1, 9) for revision in range(1, 6))
    found = (queries_applications.find(conn, name) for name in names)
    return [one for one in found if one is not None]


def _of_application(job: Site, name: str) -> Iterator[Answer]:
    shown = show(job.w, name)
    assert shown is not None
    yield proven(why(job.w, name), None)
    for key in SUMMARY:
        answer = why(job.w, name, [key])
        expected = shown["summary"].get(key)
        if key != "payable" or expected is not None:
            yield proven(answer, expected)
    for line in shown["lines"]:
        for key in LINE:
            yield proven(why(job.w, name, [line["line"], key]), line.get(key))
    yield from _converted(job, name, shown["exchange"])
    for one in shown["deductions"]:
        yield proven(why(job.w, name, [one["number"]]), one["amount"])


def _converted(job: Site, name: str, found: Mapping[str, Any] | None) -> Iterator[Answer]:
    """The figures of a commitment in a foreign currency, in the project's currency."""
    if found is None:
        return
    currency = found["currency"]
    for figure, key in (
        ("gross", "gross_this_period"),
        ("L8", "current_payment_due"),
        ("payable", "payable"),
    ):
        yield proven(why(job.w, name, [figure, currency]), found[key])
    for line in found["lines"]:
        for figure in ("work", "stored"):
            yield proven(why(job.w, name, [line["line"], figure, currency]), line[figure])
        yield proven(why(job.w, name, [line["line"], "gross", currency]), None)


def _of_client(job: Site, name: str) -> Iterator[Answer]:
    """Every figure of a client application, as `upstream show` prints it."""
    with job.w.store.read() as conn:
        row = queries_why.upstream_named(conn, name)
        if row is None:
            return
        period = queries_periods.period(conn, row["period_id"])
    said = job.cli("upstream", "show", name.rpartition("/")[0], str(period["number"]), "--json")
    found = json.loads(said)
    for key in CLIENT_FIGURES:
        expected = found["payable"] if key == "payable" else found["summary"].get(key)
        yield proven(why(job.w, name, [key]), expected)
    for line in found["lines"]:
        for key in CLIENT_LINE_FIGURES:
            yield proven(why(job.w, name, [line["line"], key]), line.get(key))


def proven(answer: Answer, expected: str | None) -> Answer:
    """The answer adds up to the figure, says so in text and JSON, and every end of it rests on evidence."""
    assert answer.root is not None
    where = f"{answer.name} {answer.figure}"
    facts = answer.facts()
    assert facts["faults"] == [], (where, facts["faults"], "\n".join(answer.lines(everything=True)))
    if expected is not None:
        assert facts["tree"]["amount"] == expected, where
    _adds_up(facts["tree"], where)
    loose = [node.what for node in loose_ends(answer.root)]
    assert not loose, (where, loose)
    json.dumps(facts)
    assert answer.lines()
    return answer


def _adds_up(node: Mapping[str, Any], where: str) -> None:
    """Added up once more here, from the JSON alone."""
    signs = {"adds": 1, "takes off": -1, "told": 0}
    parts = [one for one in node["parts"] if one["amount"] is not None and signs[one["counts"]]]
    if parts and node["amount"] is not None:
        found = sum(Decimal(one["amount"]) * signs[one["counts"]] for one in parts)
        assert found == Decimal(node["amount"]), (where, node["what"])
    for one in node["parts"]:
        _adds_up(one, where)
