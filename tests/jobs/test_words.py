"""ACCEPT and DECLINE in real replies, in every order, above and below the quote, with and without files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs.received import (
    AFTER_CLOSE,
    AFTER_DUE,
    CONCRETE,
    hit,
    invited,
)
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import Register

BILL = {"1": {"work_this_period": "1000"}}
ONE = Register(subs=[CONCRETE])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "> ACCEPT",
        "> DECLINE",
        "We cannot\nACCEPT\nthis.",
        "ACCEPT or DECLINE?",
        "ACCEPT\nbut change line 3",
        "Please do not\nDECLINE",
        "I would accept if the amounts were right",
        "\U0001f44d",
    ],
)
def test_only_a_bare_word_of_their_own_decides(tmp_path: Path, text: str) -> None:
    """A word in the quote, with a doubt or inside a sentence is a question; our own mail names both words in the quote."""
    job = invited(tmp_path, ONE)
    found = hit(job, reply(job.invite(CONCRETE), None, when=job.now, text=text))
    assert found.waits
    assert job.standing("SC-1")["state"] == "Invited"
    assert len(found.answers) == len(found.notices) == 1


def test_a_word_below_the_quote_counts_only_where_it_is_theirs(tmp_path: Path) -> None:
    """Bottom posting is read; the words that stand in our own text below the cut are not."""
    job = invited(tmp_path, ONE)
    raw = reply(job.invite(CONCRETE), None, when=job.now, text="").replace(b"\r\n--", b"\r\n--")
    found = hit(job, raw)
    assert found.outcome in ("empty", "question")
    quoted = raw.rstrip() + b"\r\n\r\nACCEPT\r\n"
    found = hit(job, quoted, changes=True)
    assert (found.outcome, job.standing("SC-1")["state"]) == ("accept", "Accepted")


def test_accept_then_decline_then_the_workbook(tmp_path: Path) -> None:
    """The later answer stands each time; a word said twice changes nothing; the workbook wins and is noted."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    assert hit(job, reply(invite, None, when=job.now, text="ACCEPT"), changes=True).outcome == "accept"
    again = hit(job, reply(invite, None, when=job.now, text="ACCEPT\nThanks"))
    assert (again.outcome, again.answers, again.waits) == ("accept", [], False)
    declined = hit(job, reply(invite, None, when=job.now, text="DECLINE\nNo crew"), changes=True)
    assert "No crew" in declined.told
    assert hit(job, reply(invite, None, when=job.now, text="DECLINE\nReally")).answers == []
    assert job.standing("SC-1")["state"] == "Declined"
    bill = hit(job, reply(invite, filled(workbook_of(invite), BILL), when=job.now), changes=True)
    assert bill.outcome == "submission"
    codes = [one["code"] for one in job.show("SC-1/1")["findings"]]
    assert "answer-after-decline" in codes
    late = hit(job, reply(invite, None, when=job.now, text="DECLINE\nStop"))
    assert (late.outcome, late.waits) == ("decline-after-answer", True)
    assert hit(job, reply(invite, None, when=job.now, text="ACCEPT\nOf course")).waits is False
    job.verify()


def test_a_workbook_with_decline_beside_it_is_held_for_a_person(tmp_path: Path) -> None:
    """Amounts and the word contradict each other: the workbook goes to review with a flag."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    found = hit(
        job, reply(invite, filled(workbook_of(invite), BILL), when=job.now, text="DECLINE"), changes=True
    )
    assert found.outcome == "submission"
    assert "accept-with-workbook" in [one["code"] for one in job.show("SC-1/1")["findings"]]


def test_the_untouched_workbook_with_decline_is_a_decline(tmp_path: Path) -> None:
    """Whoever replies DECLINE with our own workbook still attached has declined; without the word it is a question."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    found = hit(job, reply(invite, workbook_of(invite), when=job.now))
    assert (found.outcome, found.waits) == ("nothing-entered", False)
    assert "nothing filled in" in found.told
    found = hit(job, reply(invite, workbook_of(invite), when=job.now, text="DECLINE"), changes=True)
    assert (found.outcome, job.standing("SC-1")["state"]) == ("decline", "Declined")


def test_documents_go_with_the_open_application_only(tmp_path: Path) -> None:
    """Before a workbook came they are asked about; then kept; with a word beside them or after approval, a person looks."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)

    def photo(number: int, text: str = "Photos") -> bytes:
        extra = [(f"{number}.pdf", b"%PDF-1.7\n" + bytes([number]) * 99)]
        return reply(invite, None, when=job.now, text=text, extra=extra)

    assert hit(job, photo(1)).waits
    job.submit(CONCRETE, BILL)
    kept = hit(job, photo(2))
    assert (kept.outcome, kept.waits, kept.row["reason"]) == (
        "supporting_document",
        False,
        "Kept with SC-1/1.",
    )
    assert kept.row["application_id"] is not None, "the mail points to the application it went with"
    assert hit(job, photo(2, "The same photo again")).waits is False
    worded = hit(job, photo(3, "DECLINE"))
    assert (worded.outcome, worded.waits) == ("supporting_document", True)
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    after = hit(job, photo(4))
    assert after.waits
    assert "approved already" in after.told
    job.verify()


@pytest.mark.parametrize("text", ["ACCEPT", "DECLINE", ""])
def test_an_answer_after_the_period_closed_is_told_so(tmp_path: Path, text: str) -> None:
    """Words and workbook alike: nothing is recorded, the sender hears that the period is not open, a person looks."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    job.tick(AFTER_CLOSE)
    data = None if text else filled(workbook_of(invite), BILL)
    found = hit(job, reply(invite, data, when=job.now, text=text or "Our bill"))
    assert found.waits
    assert "not open" in found.told
    assert job.standing("SC-1")["application"] is None


def test_an_approved_application_stays_as_it_is(tmp_path: Path) -> None:
    """Another workbook, also after one that was returned, is answered and changes nothing."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    job.submit(CONCRETE, BILL)
    job.submit(CONCRETE, {"1": {"work_this_period": "99000"}})
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    found = hit(
        job, reply(invite, filled(workbook_of(invite), {"2": {"work_this_period": "5"}}), when=job.now)
    )
    assert (found.outcome, found.codes, found.waits) == ("already-approved", ["already-approved"], True)
    assert "has been approved already. Nothing was changed." in found.told
    same = hit(job, reply(invite, filled(workbook_of(invite), BILL), when=job.now, text="Again"))
    assert same.outcome in ("duplicate", "already-approved")
    job.verify()


def test_an_answer_to_a_replaced_invite_is_told_to_use_the_newest(tmp_path: Path) -> None:
    """After a change on our side the old workbook and words in the old thread change nothing."""
    job = invited(tmp_path, ONE)
    job.submit(CONCRETE, BILL)
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    job.tick("2026-02-24T16:00:00Z")
    old = job.invite(CONCRETE)
    job.cli("decide", "SC-1/1", "reopen", "--reason", "Not done", "--now", "2026-02-24T16:00:00Z")
    job.tick("2026-02-24T18:00:00Z")
    words = [hit(job, reply(old, None, when=job.now, text=text)) for text in ("ACCEPT", "DECLINE")]
    assert [one.waits for one in words] == [True, True]
    assert "newer one" in words[0].told
    book = hit(job, reply(old, filled(workbook_of(old), BILL), when=job.now))
    assert (book.codes, book.waits) == (["issue-replaced"], True)
    assert "newest workbook" in book.told
    assert len(book.notices) == 1
    job.verify()
