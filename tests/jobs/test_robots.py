"""What programs send: out-of-office notes, bounces, our own mail, and programs that answer everything."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.jobs.received import (
    AFTER_DUE,
    CONCRETE,
    STRANGER,
    Hit,
    hit,
    invited,
    letter,
    text_of,
)
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import ADMIN, Register
from tests.scenarios.site import OUR_ADDRESS, Site

ONE = Register(subs=[CONCRETE])
SECOND = "second@sub.example"
BILL = {"1": {"work_this_period": "1000"}}


def _report(
    mail: EmailMessage, action: str, recipient: str, *, sender: str = "mailer-daemon@mx.example"
) -> bytes:
    """A delivery report of RFC 3464 that carries our mail, as a mail server makes it."""
    returned = mail.as_bytes().decode("ascii", "replace")
    status = {"failed": "5.1.1", "delayed": "4.4.1", "relayed": "2.0.0"}[action]
    text = (
        f"Return-Path: <>\nFrom: Mail system <{sender}>\nTo: {OUR_ADDRESS}\nSubject: Delivery report {action}\n"
        f"Message-ID: <{action}.{recipient}>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=_r"\n\n'
        "--=_r\nContent-Type: text/plain\n\nThis is the mail system.\n"
        "--=_r\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
        f"--=_r\nContent-Type: message/rfc822\n\n{returned}\n--=_r--\n"
    )
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _with_second_contact(folder: Path) -> Site:
    job = Site(folder, ONE)
    second = {"Commitment": "SC-1", "Email": SECOND, "Role": "bills", "Name": "Second contact"}
    job.import_register({"Contacts": [second]})
    job.tick("2026-01-26T16:00:00Z")
    return job


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"X-Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Subject": "Out of office"},
    ],
)
def test_an_out_of_office_note_that_quotes_our_whole_mail_decides_nothing(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    """It is noted without an answer, also when it brings our own workbook back, and it keeps nobody waiting."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    text = "ACCEPT\nI am away. DECLINE.\n\n" + text_of(invite)
    files = [("again.xlsx", workbook_of(invite))]
    raw = letter(
        CONCRETE.address, text, to=str(invite["Reply-To"]), subject=headers.get("Subject", "Re: Invite"), files=files,
        headers={name: value for name, value in headers.items() if name != "Subject"},
    )  # fmt: skip
    found = hit(job, raw)
    assert (found.outcome, found.waits, found.answers, found.notices) == ("auto_reply", False, [], [])


def test_a_filled_in_workbook_from_a_program_is_never_passed_over(tmp_path: Path) -> None:
    """A vendor's own system may send bills by itself: nothing is taken from it and nobody answered, but a person looks."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    raw = letter(
        CONCRETE.address,
        to=str(invite["Reply-To"]),
        files=[("bill.xlsx", filled(workbook_of(invite), BILL))],
        headers={"Auto-Submitted": "auto-generated"},
    )
    found = hit(job, raw)
    assert (found.outcome, found.waits, found.answers) == ("workbook-from-a-program", True, [])
    assert "brings a workbook" in text_of(found.notices[0])


def test_a_bounce_marks_the_invite_and_a_delay_does_not(tmp_path: Path) -> None:
    """Delayed and relayed are noted; failed marks the invite, tells the admin, and a later workbook still counts."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    for action, outcome in (("delayed", "bounce-delayed"), ("relayed", "bounce-success")):
        found = hit(job, _report(invite, action, CONCRETE.address))
        assert (found.outcome, found.waits, found.answers, found.notices) == (outcome, False, [], [])
    found = hit(job, _report(invite, "failed", CONCRETE.address), changes=True)
    assert (found.outcome, found.waits, found.answers, len(found.notices)) == ("bounce", True, [], 1)
    assert job.standing("SC-1")["state"] == "Bounced"
    job.submit(CONCRETE, BILL)
    assert job.standing("SC-1")["state"] == "Under Review"
    job.verify()


def test_the_invite_bounces_only_when_nobody_who_bills_got_it(tmp_path: Path) -> None:
    """The first of two contacts may be gone; with the second one's bounce, days later, nobody is left."""
    job = _with_second_contact(tmp_path)
    first = hit(job, _report(job.last_mail(CONCRETE.address), "failed", "forwarded@elsewhere.example"))
    assert (first.outcome, first.waits) == ("bounce", True)
    assert job.standing("SC-1")["state"] == "Invited"
    job.tick("2026-01-28T16:00:00Z")
    invite = job.last_mail(SECOND, "invite")
    assert hit(job, _report(invite, "failed", SECOND), changes=True).outcome == "bounce"
    assert job.standing("SC-1")["state"] == "Bounced"


def test_a_bounce_that_anybody_could_have_written_marks_nothing(tmp_path: Path) -> None:
    """Without our mail in it, a report proves nothing: about a contact it waits for a person, about others it is noted."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    for name in ("Message-ID", "Subject", "Reply-To"):
        invite.replace_header(name, "<x@elsewhere.example>")
    for part in invite.walk():
        if part.get_content_maintype() == "text":
            part.set_content("nothing of ours")
    found = hit(job, _report(invite, "failed", CONCRETE.address, sender=CONCRETE.address))
    assert (found.outcome, found.waits) == ("bounce", True)
    found = hit(job, _report(invite, "failed", "victim@elsewhere.example"))
    assert (found.outcome, found.waits, found.notices) == ("bounce-not-ours", False, [])


def test_our_own_mail_that_comes_back_is_noted(tmp_path: Path) -> None:
    """A copy to self, a Sent folder or another installation's mail is never answered and decides nothing."""
    job = invited(tmp_path, ONE)
    own = job.invite(CONCRETE).as_bytes()
    assert hit(job, own).outcome == "own_mail"
    other = letter(CONCRETE.address, "ACCEPT", headers={"X-Progress-Billings-Loop": "another"})
    for raw in (letter(OUR_ADDRESS, "DECLINE"), letter("billing+abc@gc.example", "ACCEPT"), other):
        found = hit(job, raw)
        assert (found.outcome, found.answers, found.notices) == ("own_mail", [], [])


@pytest.mark.parametrize("threaded", [True, False])
def test_a_program_that_answers_every_mail_is_answered_once(tmp_path: Path, threaded: bool) -> None:
    """It says nothing of being a program; the answers stop, with or without a thread, and a person sees all of it."""
    job = invited(tmp_path, ONE)
    last, answers = job.invite(CONCRETE), 0
    for number in range(6):
        words = f"Thank you for your mail. Your ticket is {number}."
        raw = reply(last, None, when=job.now, text=words)
        if not threaded:
            raw = letter(CONCRETE.address, words, to=str(last["Reply-To"]))
        found = hit(job, raw)
        assert found.waits
        answers += len(found.answers)
        last = found.answers[0] if found.answers else last
    assert answers == 1
    job.submit(CONCRETE, BILL)
    assert job.standing("SC-1")["state"] == "Under Review"


def test_thirty_mails_from_one_sender_are_all_kept_and_few_are_answered(tmp_path: Path) -> None:
    """Returned workbooks are answered twenty times in two hours; the thirtieth is still taken, and counts."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    answered = 0
    for number in range(30):
        over = filled(workbook_of(invite), {"1": {"work_this_period": str(20000 + number)}})
        found = hit(job, reply(invite, over, when=job.now), changes=True)
        assert found.outcome == "returned"
        answered += len(found.answers)
    assert answered == 20
    good = hit(job, reply(invite, filled(workbook_of(invite), BILL), when=job.now), changes=True)
    assert (good.outcome, good.answers) == ("submission", [])
    job.tick(AFTER_DUE)
    assert len(hit(job, reply(invite, b"%PDF-", when=job.now, name="a.xlsx")).answers) == 1
    job.verify()


def test_a_flood_from_strangers_does_not_flood_the_admins(tmp_path: Path) -> None:
    """Twenty notices in two hours, the last of which says that more may wait; every mail is kept and listed."""
    job = invited(tmp_path, ONE)
    found: list[Hit] = [hit(job, letter(f"{n}@elsewhere.example", f"Buy {n}")) for n in range(23)]
    assert [len(one.notices) for one in found] == [1] * 20 + [0] * 3
    assert "no further notice for two hours" in text_of(found[19].notices[0])
    assert "no further notice" not in text_of(found[18].notices[0])
    assert len([row for row in job.inbox() if row["state"] == "waiting for a person"]) == 23
    job.tick("2026-01-26T19:00:00Z")
    assert len(hit(job, letter(STRANGER, "Later")).notices) == 1


def test_a_flood_as_from_an_admin_is_answered_within_bounds(tmp_path: Path) -> None:
    """A forged admin's registers are checked, but not every one is reported to the admin's address."""
    job = invited(tmp_path, ONE)
    register = job.folder / "register.xlsx"
    job.cli("register", "export", str(register))
    found = [
        hit(job, letter(ADMIN, f"Number {n}", files=[("register.xlsx", register.read_bytes())]))
        for n in range(22)
    ]
    assert {one.outcome for one in found} == {"register-checked"}
    assert sum(len(one.notices) for one in found) == 20


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"List-Id": "<news.example>"}, "list_mail"),
        ({"Precedence": "bulk"}, "list_mail"),
        ({"Content-Class": "urn:content-classes:calendarmessage"}, "calendar"),
        ({"Return-Path": "<>"}, "auto_reply"),
    ],
)
def test_lists_calendars_and_null_senders_are_filed(
    tmp_path: Path, headers: dict[str, str], outcome: str
) -> None:
    """None of them is answered, none reaches an admin."""
    job = invited(tmp_path, ONE)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    found = hit(job, lines.encode() + letter(CONCRETE.address, "ACCEPT"))
    assert (found.outcome, found.waits, found.answers, found.notices) == (outcome, False, [], [])
