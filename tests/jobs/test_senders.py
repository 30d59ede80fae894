"""Who wrote, and with whose code: strangers, forged senders, other subs' workbooks, forwarded invites."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from openpyxl import Workbook

from batch.edges.store import queries_periods
from batch.formats.register.template import template
from tests.jobs.received import (
    CONCRETE,
    ELECTRIC,
    GUTTERS,
    ROOF,
    SECRETS,
    STRANGER,
    Hit,
    changed,
    hit,
    invited,
    letter,
    text_of,
    whole,
)
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import ADMIN, Sub
from tests.scenarios.site import Site

BILL = {"1": {"work_this_period": "1000"}}


def _bill(job: Site, sub: Sub) -> bytes:
    return filled(workbook_of(job.invite(sub)), BILL)


def _flags(job: Site, commitment: str) -> list[str]:
    return [one["code"] for one in job.show(f"{commitment}/1")["findings"]]


def _says_nothing(found: Hit) -> None:
    assert not [secret for mail in found.answers for secret in SECRETS if secret in whole(mail)]


STRANGE_FILES = [
    ("words", None),
    ("a PDF", b"%PDF-1.7\n" + b"x" * 99),
    ("a broken workbook", b"PK\x03\x04xl/workbook.xml"),
    ("a register", None),
    ("ACCEPT", None),
    ("DECLINE", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "data"), STRANGE_FILES)
def test_a_stranger_without_a_code_gets_no_answer(tmp_path: Path, text: str, data: bytes | None) -> None:
    """Whatever a stranger sends waits for a person, is told to the admins, and is answered to nobody."""
    job = invited(tmp_path)
    data = template(job.now) if text == "a register" else data
    found = hit(job, letter(STRANGER, text, files=[("bill.xlsx", data)] if data else []))
    assert (found.waits, found.answers, len(found.notices)) == (True, [], 1)
    job.submit(CONCRETE, BILL)
    assert job.standing("SC-1")["state"] == "Under Review"


def test_a_stranger_with_somebody_elses_workbook_reaches_review_flagged_and_its_owner_hears_of_it(
    tmp_path: Path,
) -> None:
    """The workbook's code says whose it is; the sender is shown to the admin, and only the contact gets the receipt."""
    job = invited(tmp_path)
    found = hit(job, letter(STRANGER, files=[("bill.xlsx", _bill(job, CONCRETE))]), changes=True)
    assert [mail["To"] for mail in found.answers] == [CONCRETE.address]
    assert "someone@elsewhere.example, which is not an address we invited" in found.told
    assert "sent-by-other" in _flags(job, "SC-1")
    job.verify()


def test_a_sub_with_another_subs_workbook_changes_nothing_for_either(tmp_path: Path) -> None:
    """In the thread of its own invite the two codes disagree: a person looks, and neither learns of the other."""
    job = invited(tmp_path)
    found = hit(job, reply(job.invite(CONCRETE), _bill(job, ELECTRIC), when=job.now))
    assert (found.outcome, found.waits) == ("workbook-not-placed", True)
    assert [mail["To"] for mail in found.answers] == [CONCRETE.address]
    assert "not the one that belongs to this invite" in found.told
    _says_nothing(found)
    assert job.standing("SC-1")["application"] is job.standing("SC-2")["application"] is None


def test_another_subs_workbook_in_a_mail_of_its_own_is_not_shown_to_its_sender(tmp_path: Path) -> None:
    """Without a thread the workbook's code decides: it is held with a flag, and its own contact is answered."""
    job = invited(tmp_path)
    found = hit(job, letter(CONCRETE.address, files=[("bill.xlsx", _bill(job, ELECTRIC))]), changes=True)
    assert [mail["To"] for mail in found.answers] == [ELECTRIC.address]
    assert "sent-by-other" in _flags(job, "SC-2")


@pytest.mark.parametrize("word", ["ACCEPT", "DECLINE"])
def test_a_forged_sender_without_a_code_decides_nothing(tmp_path: Path, word: str) -> None:
    """The one open invite of a known address is not accepted or declined by anybody who writes that address."""
    job = invited(tmp_path)
    found = hit(job, letter(CONCRETE.address, word))
    assert (found.outcome, found.waits, found.answers) == (f"{word.lower()}-not-proved", True, [])
    assert job.standing("SC-1")["state"] == "Invited"
    found = hit(job, letter(ROOF.address, word))
    assert (found.outcome, found.waits) == ("not-placed", True), (
        "two open invites: which one is not guessed either"
    )
    assert "could not tell which invite" in found.told
    _says_nothing(found)


@pytest.mark.parametrize("word", ["ACCEPT", "DECLINE"])
def test_words_from_an_address_that_was_not_invited_are_for_a_person(tmp_path: Path, word: str) -> None:
    """A forwarded invite answered by somebody else changes nothing, though it carries the right code."""
    job = invited(tmp_path)
    found = hit(job, reply(job.invite(CONCRETE), None, when=job.now, sender=STRANGER, text=word))
    assert (found.waits, found.answers, len(found.notices)) == (True, [], 1)
    assert job.standing("SC-1")["state"] == "Invited"


def test_a_forged_sender_with_the_right_code_is_taken_for_the_contact(tmp_path: Path) -> None:
    """The code is what counts: whoever has the contact's mail can answer it, and the contact hears of it."""
    job = invited(tmp_path)
    raw = reply(
        job.invite(CONCRETE),
        None,
        when=job.now,
        sender=f"Somebody <{CONCRETE.address.upper()}>",
        text="DECLINE",
    )
    found = hit(job, raw, changes=True)
    assert (found.outcome, found.answers[0]["To"]) == ("decline", CONCRETE.address)


def test_a_bookkeeper_with_the_forwarded_invite_is_taken_into_review_with_a_flag(tmp_path: Path) -> None:
    """The right code from another address counts, flagged; the receipt with the figures goes to the contact alone."""
    job = invited(tmp_path)
    raw = reply(job.invite(CONCRETE), _bill(job, CONCRETE), when=job.now, sender=STRANGER)
    found = hit(job, raw, changes=True)
    assert [mail["To"] for mail in found.answers] == [CONCRETE.address]
    assert "sent-by-other" in _flags(job, "SC-1")


def test_one_vendors_two_workbooks_in_one_mail_are_judged_alone(tmp_path: Path) -> None:
    """Each finds its own invite, though the mail speaks of one of them only."""
    job = invited(tmp_path)
    invites = {str(m["Subject"]).split(", ")[1]: m for m in job.mails(ROOF.address, "invite")}
    files = [("2.xlsx", filled(workbook_of(invites[GUTTERS.number]), BILL))]
    raw = reply(
        invites[ROOF.number], filled(workbook_of(invites[ROOF.number]), BILL), when=job.now, extra=files
    )
    found = hit(job, raw, changes=True)
    assert [mail["To"] for mail in found.answers] == [ROOF.address] * 2
    assert job.standing("SC-3")["state"] == job.standing("SC-4")["state"] == "Under Review"
    job.verify()


def test_a_code_altered_in_one_place_is_seen(tmp_path: Path) -> None:
    """A code that was never issued beside the right one is held with a flag; one of another sub is held back whole."""
    job = invited(tmp_path)
    other = _token(job, ELECTRIC)

    def put(code: str) -> bytes:
        def change(book: Workbook) -> None:
            book["Lines"]["N2"] = f"PB1.{code}"

        return changed(_bill(job, CONCRETE), change)

    found = hit(job, reply(job.invite(CONCRETE), put("a" * 16), when=job.now), changes=True)
    assert found.outcome == "submission"
    assert "token-conflict" in _flags(job, "SC-1")
    found = hit(job, reply(job.invite(CONCRETE), put(other), when=job.now))
    assert (found.outcome, found.waits) == ("workbook-not-placed", True)
    _says_nothing(found)


def _token(job: Site, sub: Sub) -> str:
    with job.w.store.read() as conn:
        (invite_id,) = queries_periods.open_invites_of(conn, sub.address)
        return str(queries_periods.tokens(conn, invite_id)[0]["token"])


def test_a_code_that_was_never_issued_is_a_strangers(tmp_path: Path) -> None:
    """A made-up code in address, subject and thread finds nothing, and is answered to a known contact only."""
    job = invited(tmp_path)
    made_up = f"billing+{'a' * 16}@gc.example"
    thread = {"In-Reply-To": f"<pb.{'a' * 16}.invite.1@gc.example>"}
    for sender, answers in ((STRANGER, 0), (CONCRETE.address, 1)):
        raw = letter(sender, "DECLINE", to=made_up, subject=f"Re: [PB-{'a' * 16}]", headers=thread)
        found = hit(job, raw)
        assert (found.outcome, found.waits, len(found.answers)) == ("not-placed", True, answers)
        _says_nothing(found)


def test_a_review_workbook_by_mail_is_kept_and_applied_for_nobody(tmp_path: Path) -> None:
    """Forged as from the admin it is held and only the admin's own address hears of it; from a stranger it waits."""
    job = invited(tmp_path)
    for sub in (CONCRETE, ELECTRIC, ROOF, GUTTERS):
        for invite in job.mails(sub.address, f"invite to bill: Clinic, {sub.number}"):
            job.receive(reply(invite, filled(workbook_of(invite), BILL), when=job.now))
    review = workbook_of(job.last_mail(ADMIN, "review"))

    def approve(book: Workbook) -> None:
        sheet = book["Applications"]
        keys = {
            str(cell.value): int(cell.column or 0)
            for row in sheet.iter_rows(max_row=40)
            for cell in row
            if cell.value
        }
        for row in range(1, sheet.max_row + 1):
            if str(sheet.cell(row, keys["application_id"]).value).isdigit():
                sheet.cell(row, keys["decision"]).value = "Approve"

    forged = changed(review, approve)
    found = hit(job, letter(STRANGER, files=[("review.xlsx", forged)]))
    assert (found.outcome, found.waits, found.answers) == ("workbook-not-placed", True, [])
    found = hit(job, letter(f"Pat <{ADMIN}>", files=[("review.xlsx", forged)]))
    assert (found.outcome, found.waits, found.answers) == ("review-workbook-held", True, [])
    assert "No decision in it was applied." in text_of(found.notices[0])
    assert job.standing("SC-1")["state"] == "Under Review"


def test_a_register_by_mail_is_checked_and_applied_for_nobody(tmp_path: Path) -> None:
    """As from an admin it is answered to the admin with what it would do; from a stranger it is not even read."""
    job = invited(tmp_path)

    def pay_me(book: Workbook) -> None:
        book["Admins"]["B7"] = STRANGER

    register = changed(template(job.now), pay_me)
    found = hit(job, letter(STRANGER, files=[("register.xlsx", register)]))
    assert (found.waits, found.answers) == (True, [])
    found = hit(job, letter(ADMIN, files=[("register.xlsx", register)]))
    assert (found.outcome, found.answers) == ("register-checked", [])
    report: EmailMessage = found.notices[0]
    assert "Register:" in str(report["Subject"])
