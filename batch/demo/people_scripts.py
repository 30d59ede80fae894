"""What simulated subcontractors do with the mail they get: one function for each habit.

A habit looks at one letter and at all that came before it, and says what goes back, and after how long. It
changes nothing; workbooks are filled in only when the answer is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from batch.demo.people import File, Kind, Letter, Person, reply
from batch.demo.people_robots import away_note
from batch.demo.people_workbook import (
    Entry,
    correct_red_lines,
    filled,
    lower_what_was_sent_back,
    nothing_to_bill,
)

_MINUTES = timedelta(minutes=1)
# A page and a photo as small as they come; what matters is that they are no workbook.
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer to `letter`, `after` so long.

    `entries` fills in the workbook of `source` (of the letter itself when that is None) and attaches it; None
    attaches no workbook. `files` are attached as they are. An `automatic` answer comes from the mail program.
    """

    letter: Letter
    after: timedelta
    words: str
    entries: Sequence[Entry] | None = None
    source: Letter | None = None
    files: tuple[File, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A letter, and the earlier ones about the same invite. `before`: the last period's invite, if any."""

    person: Person
    letter: Letter
    thread: tuple[Letter, ...]
    before: Letter | None
    delay: timedelta

    @property
    def invite(self) -> Letter:
        """The invite this is all about."""
        return self.thread[0] if self.thread else self.letter

    def nth(self, kind: Kind) -> int:
        """How many letters of this kind came about this invite, this one included."""
        return sum(one.kind is kind for one in (*self.thread, self.letter))


Habit = Callable[[Situation], tuple[Answer, ...]]


@dataclass(frozen=True, kw_only=True)
class Script:
    """A person, the commitment they bill, their habit in each period, and how long they take to answer."""

    person: Person
    commitment: str
    habits: tuple[Habit, ...]
    delay: timedelta = field(default=timedelta(hours=5))


def react(script: Script, letter: Letter, earlier: Sequence[Letter]) -> tuple[Answer, ...]:
    """What this person does about a letter. `earlier`: every letter they got before, oldest first."""
    about = [one for one in earlier if script.commitment in one.subject]
    invites = [one for one in (*about, letter) if one.kind is Kind.INVITE]
    if script.commitment not in letter.subject or not invites:
        return ()
    current = invites[-1]
    situation = Situation(
        person=script.person,
        letter=letter,
        thread=tuple(about[about.index(current) :]) if current in about else (),
        before=invites[-2] if len(invites) > 1 else None,
        delay=script.delay,
    )
    habit = script.habits[min(len(invites), len(script.habits)) - 1]
    return habit(situation)


def write(person: Person, answer: Answer, when: datetime) -> bytes:
    """The bytes of an answer, sent at `when`."""
    if answer.automatic:
        return away_note(person, answer.letter, answer.words, when=when)
    files = [*_workbook_of(answer), *answer.files]
    return reply(person, answer.letter, answer.words, when=when, files=files)


def _workbook_of(answer: Answer) -> list[File]:
    if answer.entries is None:
        return []
    sent = (answer.source or answer.letter).workbooks[0]
    # The moment of saving is that of the letter: the same answer is the same file, however often it is sent.
    return [File(name=sent.name, data=filled(sent.data, answer.entries, answer.letter.date))]


def bills(*entries: Entry, words: str = "Please find our application attached.") -> Habit:
    """Fills in the workbook of the invite, and corrects what comes back."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is Kind.INVITE:
            return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries),)
        return _corrects(at)

    return habit


def _corrects(at: Situation) -> tuple[Answer, ...]:
    """Sends a refused or returned workbook again, put right."""
    cures: dict[Kind, Entry] = {Kind.REFUSAL: correct_red_lines, Kind.REVISE: lower_what_was_sent_back}
    cure = cures.get(at.letter.kind)
    if cure is None or not at.letter.workbooks:
        return ()
    words = "Sorry about that. The corrected workbook is attached."
    return (Answer(letter=at.letter, after=at.delay / 2, words=words, entries=(cure,)),)


def stays_silent(at: Situation) -> tuple[Answer, ...]:
    """Reads everything and answers nothing."""
    return ()


def declines(reason: str) -> Habit:
    """Has nothing to bill, and says so."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        wanted = at.letter.kind is Kind.INVITE
        return (Answer(letter=at.letter, after=at.delay, words=f"DECLINE\n{reason}"),) if wanted else ()

    return habit


def bills_after(kind: Kind, nth: int, *entries: Entry) -> Habit:
    """Answers only the nth letter of a kind, with the workbook of the invite."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is kind and at.nth(kind) == nth:
            words = "Here it is."
            return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries, source=at.invite),)
        return _corrects(at)

    return habit


def accepts_first(*entries: Entry, later: timedelta) -> Habit:
    """Says that the workbook will follow, and sends it after a while."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is not Kind.INVITE:
            return _corrects(at)
        word = Answer(letter=at.letter, after=at.delay, words="ACCEPT")
        return word, Answer(letter=at.letter, after=later, words="As promised.", entries=entries)

    return habit


def is_away(*entries: Entry, back: timedelta) -> Habit:
    """The mail program answers at once that they are away; they answer when they are back."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is not Kind.INVITE:
            return _corrects(at)
        note = "I am out of the office this week with no access to mail."
        away = Answer(letter=at.letter, after=2 * _MINUTES, words=note, automatic=True)
        words = "Back today, application attached."
        return away, Answer(letter=at.letter, after=back, words=words, entries=entries)

    return habit


def takes_last_months_file(*entries: Entry) -> Habit:
    """Fills in the workbook of the period before; sends the right one when told."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        words = "Application attached."
        if at.letter.kind is Kind.INVITE:
            return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries, source=at.before),)
        if at.letter.kind is Kind.QUESTION:
            words = "You are right, that was last month's. This is the one."
            return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries, source=at.invite),)
        return _corrects(at)

    return habit


def sends_twice(*entries: Entry) -> Habit:
    """Sends the same file again an hour later, to be sure."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is not Kind.INVITE:
            return _corrects(at)
        first = Answer(letter=at.letter, after=at.delay, words="Application attached.", entries=entries)
        again = "Not sure if this went out, so here it is again."
        return first, Answer(letter=at.letter, after=at.delay + 60 * _MINUTES, words=again, entries=entries)

    return habit


def returns_it_untouched(at: Situation) -> tuple[Answer, ...]:
    """Sends the workbook back as it came; asked about it, ticks that there is nothing to bill."""
    if at.letter.kind is Kind.INVITE:
        return (Answer(letter=at.letter, after=at.delay, words="See attached.", entries=()),)
    if at.letter.kind is Kind.QUESTION:
        words = "There is nothing this month, we only start in February."
        entries = (nothing_to_bill,)
        return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries, source=at.invite),)
    return ()


def sends_a_scan(*entries: Entry) -> Habit:
    """Sends a PDF instead of the workbook; asked for it, sends the workbook."""

    def habit(at: Situation) -> tuple[Answer, ...]:
        if at.letter.kind is Kind.INVITE:
            scan = File(name="Application scan.pdf", data=_PDF, content_type="application/pdf")
            return (Answer(letter=at.letter, after=at.delay, words="Scan attached.", files=(scan,)),)
        if at.letter.kind is Kind.QUESTION:
            words = "Sorry, here is the Excel file."
            return (Answer(letter=at.letter, after=at.delay, words=words, entries=entries, source=at.invite),)
        return _corrects(at)

    return habit
