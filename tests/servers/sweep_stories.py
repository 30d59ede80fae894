"""The two stories that are swept: three commitments in one period, and the demo's whole first period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from batch.demo.people import Kind, Person, Program
from batch.demo.people_admin import Admin, Cut, Verdict
from batch.demo.people_scripts import Answer, Habit, Script, Situation, bills, declines
from batch.demo.people_workbook import invoice, percents, too_much
from batch.demo.register_rows import ROWS
from batch.demo.registers import demo_register, fill
from batch.demo.story_cast import ADMIN_DELAYS, ADMINS, GONE, SCRIPTS, SECOND_LOOK
from batch.formats.register.template import template
from tests.scenarios.site import ADMIN, Register, Sub
from tests.servers.sweep_people import Cast

_HOURS, _DAYS = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Story:
    """A register and the people around it, from one instant to another."""

    address: str
    start: datetime
    end: datetime
    register: bytes
    cast: Cast


def _at(month: int, day: int, hour: int = 16) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def _person(name: str, company: str, program: Program) -> Person:
    first = name.partition(" ")[0].lower()
    return Person(address=f"{first}@{company.lower()}.example", name=name, company=company, program=program)


def _is_away_then_accepts_then_bills(at: Situation) -> tuple[Answer, ...]:
    """The mail program answers first, then comes one word, then the workbook."""
    if at.letter.kind is not Kind.INVITE:
        return ()
    note = Answer(letter=at.letter, after=timedelta(minutes=2), words="I am out of office.", automatic=True)
    word = Answer(letter=at.letter, after=2 * _HOURS, words="ACCEPT")
    entries = (percents(40, 25), invoice("B-77"))
    return note, word, Answer(letter=at.letter, after=2 * _DAYS, words="As promised.", entries=entries)


_ANN = _person("Ann Alder", "Alder", Program.OUTLOOK)
_BEN = _person("Ben Birch", "Birch", Program.GMAIL)
_CARA = _person("Cara Cedar", "Cedar", Program.IPHONE)
_PAT = Person(address=ADMIN, name="Pat Ellis", company="Gibson Construction")
_SUBS = (
    Sub(number="SC-1", vendor="V1", contact=_ANN.address, lines=[("1", "03-300", "100000"), ("2", "05-120", "40000")]),
    Sub(number="SC-2", vendor="V2", contact=_BEN.address, lines=[("1", "09-900", "60000"), ("2", "09-910", "20000")]),
    Sub(number="SC-3", vendor="V3", contact=_CARA.address, lines=[("1", "22-100", "30000")]),
)  # fmt: skip
_CLIENT = [
    ("1", "03-300", "120000"), ("2", "05-120", "50000"), ("3", "09-900", "70000"), ("4", "09-910", "25000"),
    ("5", "22-100", "36000"),
]  # fmt: skip
_FIRST_VERDICTS: Mapping[tuple[str, int], tuple[Verdict, ...]] = {
    # Sent back once, then approved; the other approved for less than was claimed.
    ("SC-1", 1): (
        Verdict(choice="Reject", reason="See line 1.", rejected={"1": "Half of it is not poured yet."}),
        Verdict(),
    ),
    ("SC-2", 1): (Verdict(cuts=(Cut(item="2", percent=20, reason="The hall is not painted."),)),),
}


def _script(person: Person, commitment: str, habit: Habit, hours: int) -> Script:
    return Script(person=person, commitment=commitment, habits=(habit,), delay=hours * _HOURS)


def _books(project: str, targets: Sequence[str], *by: str) -> list[list[str]]:
    return [
        ["upstream", "compile", project, "1"],
        ["upstream", "issue", project, "1", *by],
        *(["erp", "export", project, "--period", "1", "--target", target] for target in targets),
    ]


def three_commitments() -> Story:
    """One period: a wrong reply answered and corrected, an out-of-office note, one accept, one decline; a review with
    a rejection, an approval and one as noted; the client application; two ERP targets.
    """
    start, books = _at(1, 20, 14), _at(2, 10)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = Register(
        subs=_SUBS, client=_CLIENT, mapping=[(code, line) for line, code, _value in _CLIENT]
    ).rows()
    return Story(
        address="billing@gc.example",
        start=start,
        end=_at(2, 12),
        register=fill(template(start), rows, start),
        cast=Cast(
            scripts=(
                _script(_ANN, "SC-1", bills(percents(20, None), too_much("2", 500), invoice("A-1")), 6),
                _script(_BEN, "SC-2", _is_away_then_accepts_then_bills, 6),
                _script(_CARA, "SC-3", declines("Nothing on site before March."), 30),
            ),
            admins=(Admin(person=_PAT, verdicts=_FIRST_VERDICTS),),
            delays={ADMIN: 3 * _HOURS},
            office=[(books, words) for words in _books("P1", ("csv", "quickbooks-iif"))],
        ),
    )


def demo_first_period() -> Story:
    """The first billing period of the demo's three projects, with the demo's own people."""
    start, books = _at(1, 20, 14), _at(2, 10)
    who = ADMINS[0].person.address
    projects = [str(row["Number"]) for row in ROWS["Projects"]]
    targets = ("csv", "json", "quickbooks-iif")
    orders = [words for project in projects for words in _books(project, targets, "--by", who)]
    return Story(
        address="billing@harbour-mechanical.example",
        start=start,
        end=_at(2, 12),
        register=demo_register(start),
        cast=Cast(
            scripts=SCRIPTS,
            admins=ADMINS,
            delays=ADMIN_DELAYS,
            second_look=SECOND_LOOK,
            office=[(books, words) for words in orders],
            gone=frozenset({GONE}),
        ),
    )


STORIES = {"three": three_commitments, "demo": demo_first_period}
