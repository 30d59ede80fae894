"""The simulated subcontractors: each habit gives the answer it is for, as the software reads it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from batch.core.model import LinePosition
from batch.demo import people_scripts as habits
from batch.demo.people import Kind, Program, open_letter
from batch.demo.people_robots import bounce
from batch.demo.people_workbook import (
    Entry,
    PayApplication,
    amounts,
    built_in,
    filled,
    invoice,
    percents,
    stored,
    too_much,
)
from batch.formats.findings_text import sentence
from batch.formats.mail.classify import BounceKind, Outcome
from batch.formats.mail.parse import parse, workbooks
from batch.formats.mail.tokens import tokens_in
from batch.formats.pay_app.annotate import annotate
from batch.formats.terms import TERMS
from tests.core.builders import codes
from tests.demo.letters import (
    PERSON,
    a_script,
    a_sent_mail,
    an_invite,
    answers_to,
    checked,
    classified,
    written,
)
from tests.formats.mail.mail_kinds import BILLING
from tests.formats.pay_app.samples import TOKEN, a_basis, a_workbook

PLAN: tuple[Entry, ...] = (percents(100, 60, 40, None), invoice("INV-17"))
WHEN = datetime(2026, 3, 26, 9, tzinfo=UTC)


def test_a_letter_is_opened_as_its_reader_sees_it() -> None:
    """Kind, answer address, thread and workbook come out of the mail alone."""
    letter = open_letter(an_invite())
    assert (letter.kind, letter.reply_to) == (Kind.INVITE, f"billing+{TOKEN}@harborbuild.example")
    assert letter.message_id.startswith("<pb.")
    assert "You are invited to bill" in letter.text
    assert [file.name for file in letter.workbooks] == ["SC-2041-07.xlsx"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reminder", Kind.REMINDER),
        ("refusal", Kind.REFUSAL),
        ("question", Kind.QUESTION),
        ("revise_and_resubmit", Kind.REVISE),
        ("review_ready", Kind.REVIEW),
        ("receipt", Kind.OTHER),
        ("approval", Kind.OTHER),
        ("period_closed", Kind.OTHER),
    ],
)
def test_each_mail_is_known_by_its_subject(kind: str, expected: Kind) -> None:
    """A person tells our mails apart by the beginning of their subjects."""
    assert open_letter(a_sent_mail(kind)).kind is expected


@pytest.mark.parametrize("program", list(Program))
def test_a_biller_sends_the_workbook_filled_in(program: Program) -> None:
    """From every mail program the answer is a workbook without findings that need anybody, in our thread."""
    script, invite = a_script(habits.bills(*PLAN), program=program), an_invite()
    (answer,) = answers_to(script, invite)
    mail = written(script, answer)
    assert classified(mail, invite).outcome is Outcome.WORKBOOK
    assert [found.token for found in tokens_in(mail, BILLING)] == [TOKEN]
    found = checked(mail)
    assert codes(found) == []
    assert found.invoice_number == "INV-17"
    assert {key: str(at.work) for key, at in found.claim.items() if at.work} == {
        "L2": "8950.00", "L3": "28560.20", "L5": "61000.00", "L6": "5909.70", "C1": "1680.00",
    }  # fmt: skip


def test_the_same_answer_is_the_same_bytes() -> None:
    """Writing an answer twice gives the same mail, so that a story can be told again."""
    script, invite = a_script(habits.bills(*PLAN)), an_invite()
    (answer,) = answers_to(script, invite)
    assert habits.write(script.person, answer, WHEN) == habits.write(script.person, answer, WHEN)


@pytest.mark.parametrize("locale", list(TERMS))
def test_headings_are_read_in_every_country(locale: str) -> None:
    """Lines and their figures are found by headings in the words of each locale."""
    lines = PayApplication(a_workbook(locale=locale)).lines
    assert [line.item for line in lines] == ["1", "2", "3", "4", "5", "6", "CO1", "CO2"]
    assert lines[2].value == Decimal("96400.50")
    assert (lines[2].before, lines[2].stored, lines[2].left) == (
        Decimal("10000.00"), Decimal("15000.00"), Decimal("71400.50"),
    )  # fmt: skip


def test_amounts_never_go_beyond_a_line() -> None:
    """Who bills by amount takes whole dollars and stops at what is left, also on a credit."""
    script, invite = a_script(habits.bills(amounts(100))), an_invite()
    (answer,) = answers_to(script, invite)
    found = checked(written(script, answer))
    assert codes(found) == []
    assert found.bill is not None
    assert found.bill.summary.balance_to_finish == found.bill.summary.retainage_total


def test_stored_materials_come_and_are_built_in() -> None:
    """What is stored in one period becomes work in the next."""
    script, invite = a_script(habits.bills(percents(None), stored("5", 40))), an_invite()
    (answer,) = answers_to(script, invite)
    assert checked(written(script, answer)).claim["L5"].stored == Decimal("24400.00")
    later = replace(a_basis(), positions={"L5": LinePosition(stored=Decimal("24400.00"))})
    data = filled(a_workbook(later), (built_in("5"),), WHEN)
    line = PayApplication(data).lines[4]
    assert (PayApplication(data).get(line, "work"), PayApplication(data).get(line, "stored")) == (24400, 0)


def test_an_over_biller_is_refused_and_corrects_the_marked_workbook() -> None:
    """The first claim is beyond its line; the second, made in the workbook we marked, passes."""
    script, invite = a_script(habits.bills(*PLAN, too_much("4", 5000))), an_invite()
    (answer,) = answers_to(script, invite)
    first = written(script, answer)
    wrong = checked(first)
    assert codes(wrong) == ["over-line"]
    told = [sentence(one, TERMS["en-US"], "USD") for one in wrong.findings]
    marked = annotate(workbooks(first)[0].data, wrong.findings, told)
    refusal = a_sent_mail("refusal", workbook=marked)
    (again,) = answers_to(script, invite, refusal)
    mail = written(script, again)
    assert classified(mail, refusal).outcome is Outcome.WORKBOOK
    assert codes(checked(mail)) == []
    assert checked(mail).claim["L4"].work == Decimal("80000.00")


def test_what_was_sent_back_is_lowered_and_sent_again() -> None:
    """After revise and resubmit the named line is halved, the others stay."""
    script, invite = a_script(habits.bills(*PLAN)), an_invite()
    claim = checked(written(script, answers_to(script, invite)[0])).claim
    back = a_workbook(entries=claim, rejected={"L3": "Not delivered yet."})
    (again,) = answers_to(script, invite, a_sent_mail("revise_and_resubmit", workbook=back))
    found = checked(written(script, again))
    assert codes(found) == []
    assert found.claim["L3"].work == claim["L3"].work / 2
    assert found.claim["L2"] == claim["L2"]


@pytest.mark.parametrize("program", list(Program))
def test_a_decline_gives_its_reason(program: Program) -> None:
    """The word stands on a line of its own, and the reason is read without signature and quote."""
    script, invite = a_script(habits.declines("No crew on site in March."), program=program), an_invite()
    (answer,) = answers_to(script, invite)
    found = classified(written(script, answer), invite)
    assert found.outcome is Outcome.DECLINE
    assert found.decision_reason.startswith("No crew on site in March.")


def test_a_silent_one_never_answers() -> None:
    """Neither the invite nor a reminder gets an answer."""
    script = a_script(habits.stays_silent)
    assert answers_to(script, an_invite()) == ()
    assert answers_to(script, an_invite(), a_sent_mail("reminder")) == ()


def test_a_late_one_waits_for_the_second_reminder() -> None:
    """Only the second reminder brings the workbook."""
    script = a_script(habits.bills_after(Kind.REMINDER, 2, *PLAN))
    invite, reminder = an_invite(), a_sent_mail("reminder")
    assert answers_to(script, invite) == ()
    assert answers_to(script, invite, reminder) == ()
    (answer,) = answers_to(script, invite, reminder, reminder)
    assert codes(checked(written(script, answer))) == []


def test_an_acceptance_comes_before_the_workbook() -> None:
    """First the word, then the workbook."""
    script, invite = a_script(habits.accepts_first(*PLAN, later=timedelta(days=2))), an_invite()
    word, work = answers_to(script, invite)
    assert classified(written(script, word), invite).outcome is Outcome.ACCEPT
    assert classified(written(script, work), invite).outcome is Outcome.WORKBOOK


def test_an_out_of_office_note_is_no_answer() -> None:
    """The note is automatic by its headers, although it carries our token; the workbook follows."""
    script, invite = a_script(habits.is_away(*PLAN, back=timedelta(days=3))), an_invite()
    note, work = answers_to(script, invite)
    assert classified(written(script, note), invite).outcome is Outcome.AUTO_REPLY
    assert classified(written(script, work), invite).outcome is Outcome.WORKBOOK


def test_last_months_workbook_is_recognised() -> None:
    """In the second period the first workbook comes back, filled in anew; told so, the right one follows."""
    script = a_script(habits.bills(*PLAN), habits.takes_last_months_file(percents(100, 80, 60, 40)))
    first = an_invite()
    second = an_invite(a_basis(period=4, application_number=4), period="April 2026")
    (wrong,) = answers_to(script, first, second)
    assert "wrong-period" in codes(checked(written(script, wrong), a_basis(period=4, application_number=4)))
    question = a_sent_mail("question", period="April 2026")
    (right,) = answers_to(script, first, second, question)
    assert codes(checked(written(script, right), a_basis(period=4, application_number=4))) == []


def test_the_same_file_is_sent_twice() -> None:
    """Both mails carry the same bytes, and are two mails."""
    script, invite = a_script(habits.sends_twice(*PLAN)), an_invite()
    one, two = (written(script, answer) for answer in answers_to(script, invite))
    assert workbooks(one)[0].sha256 == workbooks(two)[0].sha256
    assert one.message_id != two.message_id


def test_an_untouched_workbook_is_followed_by_a_tick() -> None:
    """What came back as it went is a question; the tick makes it a zero bill."""
    script, invite = a_script(habits.returns_it_untouched), an_invite()
    (first,) = answers_to(script, invite)
    assert codes(checked(written(script, first))) == ["nothing-entered"]
    (second,) = answers_to(script, invite, a_sent_mail("question"))
    found = checked(written(script, second))
    assert codes(found) == []
    assert found.bill is not None
    assert found.bill.summary.gross_this_period == 0


def test_a_scan_is_followed_by_the_workbook() -> None:
    """A PDF alone is a supporting document; asked, the person sends the workbook."""
    script, invite = a_script(habits.sends_a_scan(*PLAN)), an_invite()
    (scan,) = answers_to(script, invite)
    assert classified(written(script, scan), invite).outcome is Outcome.SUPPORTING_DOCUMENT
    (work,) = answers_to(script, invite, a_sent_mail("question"))
    assert classified(written(script, work), invite).outcome is Outcome.WORKBOOK


def test_mail_about_another_commitment_is_not_answered() -> None:
    """A person who bills two commitments answers each with its own script."""
    script = replace(a_script(habits.bills(*PLAN)), commitment="SC-9")
    assert answers_to(script, an_invite()) == ()


def test_a_bounce_is_read_as_one() -> None:
    """The report names the address, says that it failed, and leads back to our mail."""
    invite = an_invite()
    raw = bounce(BILLING, PERSON.address, invite, when=WHEN)
    found = classified(parse(raw), invite)
    assert found.bounce is not None
    assert (found.bounce.kind, found.bounce.recipient) == (BounceKind.PERMANENT, PERSON.address)
    assert found.bounce.returned_message_id == open_letter(invite).message_id
