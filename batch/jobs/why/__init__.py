"""How a figure or a state came about, back to the message, the cell, the register and the person.

A question names a thing and a figure of it: `SC-101/3 L5`, `SC-101/3 12 work`, `26-014/2 L4`, `erp:INV-7`. The answer is
a tree of figures (`core.why`) that is added up again here before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from batch.core.why import Why
from batch.edges.store import queries_applications, queries_register, queries_why
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import Terms
from batch.formats.why import text as as_text
from batch.formats.why.words import LINE, SUMMARY, exchanged_key, line_key, name_of, summary_key
from batch.jobs.why import documents, lines, payment, state, story, summary
from batch.jobs.why.client import Client, load_client
from batch.jobs.why.client_lines import CLIENT_LINE_FIGURES
from batch.jobs.why.client_summary import CLIENT_FIGURES
from batch.jobs.why.evidence import Sources
from batch.jobs.why.exchanged import EXCHANGED, EXCHANGED_LINE, load_fixed
from batch.jobs.why.subject import Subject, load
from batch.jobs.workplace import Workplace


class NotKnown(Exception):
    """There is no such thing, or no such figure of it; the text says what there is."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a question is answered with. `steps` are the raw events behind a thing, for JSON and for a received mail."""

    name: str
    figure: str
    state: str = ""
    currency: str = ""
    root: Why | None = None
    steps: Sequence[dict[str, Any]] = ()

    @property
    def ties(self) -> bool:
        """Whether every part adds up."""
        return self.root is None or bool(self.facts()["adds_up"])

    def facts(self) -> dict[str, Any]:
        """The answer as plain values."""
        facts: dict[str, Any] = {"name": self.name, "figure": self.figure}
        if self.root is not None:
            facts |= {"state": self.state, "currency": self.currency}
            facts |= as_text.facts(self.root, self.currency)
        return {**facts, "steps": list(self.steps)} if self.steps else facts

    def lines(self, *, everything: bool = False) -> list[str]:
        """The answer as lines for a person."""
        assert self.root is not None, "only figures and states are told as a tree"
        head = f"{self.name}, {self.state}. Amounts in {self.currency}."
        return [head, "", *as_text.text(self.root, self.currency, everything=everything)]


def why(w: Workplace, name: str, figure: Sequence[str] = ()) -> Answer:
    """Answer a question. Raises NotKnown when there is no such thing or figure."""
    with w.store.read() as conn:
        if name.startswith("inbox:"):
            found = story.mail_story(w, conn, name)
            if found is None:
                raise NotKnown(f"there is nothing called {name}")
            return Answer(name=name, figure="", steps=found["steps"])
        if name.startswith("erp:"):
            return _document(w, conn, name)
        row = queries_applications.find(conn, name)
        if row is not None:
            return _application(w, conn, row, figure)
        client = queries_why.upstream_named(conn, name)
        if client is None:
            raise NotKnown(f"there is nothing called {name}")
        return _client(w, conn, client, figure)


def _application(w: Workplace, conn: Connection, row: RowMapping, figure: Sequence[str]) -> Answer:
    s = load(w, conn, row)
    if not figure or " ".join(figure).casefold() in ("state", "status"):
        steps = story.application_steps(conn, w, row)
        return _answer(s, "state", state.explain_state(s), steps)
    if (converted := _converted(s, figure)) is not None:
        return converted
    return _answer(s, " ".join(figure), figure_of(s, figure))


def _converted(s: Subject, figure: Sequence[str]) -> Answer | None:
    """The answer about a figure in the project's currency, where the commitment is in another; None for any other."""
    fixed = load_fixed(s)
    if fixed is None:
        return None
    root, line = None, s.line(figure[0]) if len(figure) > 1 else None
    if line is not None and (key := exchanged_key(" ".join(figure[1:]), fixed.currency, line=True)):
        root = EXCHANGED_LINE[key](fixed, line.line.key)
    elif line is None and (key := exchanged_key(" ".join(figure), fixed.currency)):
        root = EXCHANGED[key](fixed)
    if root is None:
        return None
    return Answer(name=s.name, figure=" ".join(figure), state=s.state, currency=fixed.currency, root=root)


def _answer(s: Subject, figure: str, root: Why, steps: Sequence[dict[str, Any]] = ()) -> Answer:
    return Answer(name=s.name, figure=figure, state=s.state, currency=s.currency, root=root, steps=steps)


def figure_of(s: Subject, figure: Sequence[str]) -> Why:
    """The tree of one figure of an application: of its summary, of one line, or a deduction."""
    asked = " ".join(figure)
    line = s.line(figure[0]) if len(figure) > 1 else None
    if line is not None:
        key = line_key(" ".join(figure[1:]), s.words)
        if key is None:
            raise NotKnown(_known_of_line(asked, s.words))
        return lines.explain_line(s, line, key)
    if (key := summary_key(asked, s.words)) is not None:
        return summary.explain_summary(s, key)
    if (found := payment.deduction(s, asked)) is not None:
        return found
    if (line := s.line(asked)) is not None:
        return lines.net_this_period(s, line)
    raise NotKnown(_known(asked, s.words, [one.line.key for one in s.bill.lines]))


def _known(asked: str, words: Terms, keys: Sequence[str]) -> str:
    figures = ", ".join(name_of(key, words) for key in SUMMARY)
    return f"there is no figure {asked}; known are: {figures}; and the lines {', '.join(keys)}"


def _known_of_line(asked: str, words: Terms) -> str:
    figures = ", ".join(name_of(key, words, line=True) for key in LINE)
    return f"a line has no figure {asked}; known are: {figures}"


def _client(w: Workplace, conn: Connection, row: RowMapping, figure: Sequence[str]) -> Answer:
    sources = Sources(w, conn, queries_register.project(conn, row["project_id"]))
    c = load_client(sources, row)
    if c is None:
        raise NotKnown(f"project {row['project_number']} has no client contract in the register")
    root = client_figure_of(c, figure or ("L8",))
    asked = " ".join(figure) or "L8"
    return Answer(name=c.name, figure=asked, state=c.state, currency=c.currency, root=root)


def client_figure_of(c: Client, figure: Sequence[str]) -> Why:
    """The tree of one figure of a client application: of its summary, or of one line."""
    asked, words = " ".join(figure), c.sources.words
    if figure[0] in c.lines:
        key = line_key(" ".join(figure[1:]), words) if len(figure) > 1 else "gross_this_period"
        if key is None or key not in CLIENT_LINE_FIGURES:
            raise NotKnown(_known_of_line(asked, words))
        return CLIENT_LINE_FIGURES[key](c, figure[0])
    key = summary_key(asked, words)
    if key is None or key not in CLIENT_FIGURES:
        raise NotKnown(_known(asked, words, list(c.lines)))
    return CLIENT_FIGURES[key](c)


def _document(w: Workplace, conn: Connection, name: str) -> Answer:
    number = name.removeprefix("erp:")
    found = queries_why.erp_documents(conn, number)
    if not found:
        raise NotKnown(f"no batch has a document {number}")
    s = load(w, conn, queries_applications.application(conn, found[0]["application_id"]))
    return Answer(
        name=name,
        figure="",
        state=s.state,
        currency=s.currency,
        root=documents.explain_document(s, found),
    )
