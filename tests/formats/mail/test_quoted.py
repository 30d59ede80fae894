"""Own words of a reply: what was written, not what was quoted, in time that grows with length only."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from batch.formats.mail.decisions import spoken
from batch.formats.mail.quoted import MARKER, MAX_LINES, own_words
from tests.formats.mail import sample_parts as parts

SENT = (
    f"{MARKER} (ref PB-{'a' * 16})\n\nHello Maria Lopez,\n\nYou are invited to bill Harbor Builders Inc."
    " for the period below. Please\nanswer by April 5, 2026.\n\n1. Open the attached workbook.\n\n"
    "Harbor Builders Inc.\n"
)
WITHOUT_MARKER = SENT.partition("\n\n")[2]
QUOTES = [parts.gmail, parts.gmail_spanish, parts.outlook, parts.outlook_spanish]
WORDS = "Hi Dana,\n\nwe will bill 1,200 this month.\nFrom: my notes, level 2: 800\n\nMaria"


@pytest.mark.parametrize("quote", QUOTES)
@pytest.mark.parametrize("sent", [SENT, WITHOUT_MARKER])
def test_words_above_a_quote_are_kept_whole(quote: Callable[[str], str], sent: str) -> None:
    """In each program's way to quote, with and without our marker, the words come out unchanged."""
    assert own_words(f"{WORDS}\n\n{quote(sent)}", [SENT]) == WORDS


@pytest.mark.parametrize("quote", QUOTES)
def test_words_above_a_quote_of_someone_else_are_kept(quote: Callable[[str], str]) -> None:
    """A quoted mail that is not ours is cut by its headers or its introduction alone."""
    assert own_words(f"{WORDS}\n\n{quote('Accept')}", []) == WORDS


@pytest.mark.parametrize("quote", [parts.gmail, parts.gmail_spanish])
def test_words_below_a_quote_are_found(quote: Callable[[str], str]) -> None:
    """Who writes under the quote is heard too."""
    assert own_words(f"{quote(SENT)}\n\nAccept\n", [SENT]) == "Accept"


def test_a_quote_without_marks_and_without_words_is_nothing() -> None:
    """Our text quoted bare, wrapped anew by the reader's program, leaves no words behind."""
    rewrapped = SENT.replace(" for the period below. Please\n", " below.\nPlease ").replace(
        "1. Open", "Accept\n1. Open"
    )
    assert own_words(parts.outlook(rewrapped).replace(MARKER, "x"), [SENT]) == ""


def test_a_reply_without_a_quote_is_all_words() -> None:
    """Nothing is cut where nothing was quoted."""
    assert own_words(WORDS, [SENT]) == WORDS
    assert own_words("", [SENT]) == ""


def test_only_the_beginning_of_a_long_reply_is_read() -> None:
    """At most 800 lines or 32 KB are looked at."""
    assert len(own_words("x\n" * 5000, []).splitlines()) == MAX_LINES
    assert len(own_words("\u00e9" * 100_000, [])) == 16 * 1024


def _calls(work: Callable[[], object]) -> int:
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "line", ["", "On ", ">", "On x wrote:", "From: a@b.example", "word ", "____________", ":", "\t> |"]
)
def test_work_grows_with_length_only(line: str) -> None:
    """Twice the lines is at most about twice the steps, for every kind of line the rules know."""
    small, large = (f"{line}\n" * n + f"> {MARKER}" for n in (300, 600))
    assert _calls(lambda: own_words(large, [SENT])) <= 2.2 * _calls(lambda: own_words(small, [SENT])) + 200


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("ACCEPT", "accept"), ("accepted.", "accept"), ("*Accept*", "accept"), ("\u00a1Acepto!", "accept"),
        ("Accept\n\nCONFIDENTIALITY NOTICE: if you are not the addressee, delete this.", "accept"),
        ("Decline", "decline"), ("DECLINED", "decline"), ("Rechazo", "decline"),
        ("Decline\nno work, but maybe next month", "decline"),
        ("ok", None), ("yes", None), ("Accept?", None), ("we accept", None), ("accept / decline", None),
        ("Don't\naccept", None), ("Accept\nunless it rains", None), ("Decline\nno wait, we accept", None),
        ("Not sure\nDecline", None), ("Sent from my phone\nAccept", None), ("--\nAccept", None),
        ("Acepto\npero falta la l\u00ednea 3", None), ("Accept\n" + "x" * 400, None),
    ],
)  # fmt: skip
def test_only_a_bare_word_is_an_answer(words: str, answer: str | None) -> None:
    """One keyword alone on a line answers; a doubt, a sentence or a signature does not."""
    assert spoken(words, "Re: Invite").answer == answer
