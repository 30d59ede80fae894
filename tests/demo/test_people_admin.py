"""The simulated admins: what they enter in a review workbook is what the software reads out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from batch.core.review_entries import Choice
from batch.demo.people import File, Letter, Person, open_letter
from batch.demo.people_admin import Admin, Cut, Decided, OnBehalf, ReviewDesk, Verdict
from batch.formats.mail.compose import Attachment, compose
from batch.formats.review import ReviewContent, ReviewRead, read, write
from batch.formats.terms import TERMS
from tests.formats.mail.mail_kinds import CONTEXTS, XLSX, an_envelope, load, terms_of
from tests.formats.review.reviews import CREATED, STAMP, a_review

PAT = Person(address="pat@northbridge.example", name="Pat Ellis", company="Northbridge Builders")
WHEN = datetime(2026, 4, 28, 9, tzinfo=UTC)
NAME = "review-24-101-period-4-1.xlsx"


def a_review_mail(content: ReviewContent | None = None) -> Letter:
    """The mail that tells an admin of a review, opened."""
    data = write(content or a_review(), created=CREATED, terms=TERMS["en-US"], stamp=STAMP)
    raw = compose(
        "review_ready",
        CONTEXTS["review_ready"],
        terms=terms_of(),
        load=load,
        headers=an_envelope("review_ready", to_address=PAT.address),
        attachments=[Attachment(name=NAME, content_type=XLSX, data=data)],
    )
    return open_letter(raw)


def decided(admin: Admin, content: ReviewContent | None = None) -> tuple[Decided, ReviewRead]:
    """What an admin hands in, and what the software reads in it."""
    done = ReviewDesk(admin).decide(a_review_mail(content), 1, WHEN)
    assert done is not None
    return done, read(done.data)


def test_an_admin_approves_what_is_not_planned_otherwise() -> None:
    """Every application gets its decision; nothing else of the workbook changes."""
    done, found = decided(Admin(person=PAT))
    assert (done.name, done.commitments, done.held) == (NAME, ("SC-1001", "SC-1002"), ())
    assert [one.choice for one in found.decisions] == [Choice.APPROVE, Choice.APPROVE]
    assert [one.faults for one in found.decisions] == [(), ()]
    assert found.findings == ()
    assert not any(entry.wanted for entry in found.on_behalf)


def test_a_line_is_cut_with_its_reason() -> None:
    """The approved work of one line is lowered, and the reason stands beside it."""
    cut = Verdict(cuts=(Cut(item="2", percent=20, reason="Level 3 is not poured yet."),))
    _, found = decided(Admin(person=PAT, verdicts={("SC-1001", 1): (cut,)}))
    line = found.decisions[0].lines["L2"]
    assert line.approved is not None
    assert (line.approved.work, line.reason) == (Decimal("7300.00"), "Level 3 is not poured yet.")


def test_a_line_is_rejected_with_its_reason() -> None:
    """The choice is reject, the line is marked, and says why."""
    back = Verdict(choice="Reject", reason="Please see line 1.", rejected={"1": "Walls are not stripped."})
    _, found = decided(Admin(person=PAT, verdicts={("SC-1001", 1): (back,)}))
    decision = found.decisions[0]
    assert (decision.choice, decision.reason) == (Choice.REJECT, "Please see line 1.")
    assert [key for key, line in decision.lines.items() if line.reject] == ["L1"]
    assert decision.lines["L1"].reason == "Walls are not stripped."


def test_what_was_held_is_decided_at_a_second_look() -> None:
    """First hold with a reason, then the same workbook again, approving nothing but that application."""
    plan = (Verdict(choice="Hold", reason="Waiting for the test report."), Verdict())
    desk, letter = ReviewDesk(Admin(person=PAT, verdicts={("SC-1002", 1): plan})), a_review_mail()
    first = desk.decide(letter, 1, WHEN)
    assert first is not None
    assert first.held == ("SC-1002",)
    assert read(first.data).decisions[1].choice is Choice.HOLD
    second = desk.decide_held(letter, first, 1, WHEN + timedelta(days=1))
    assert second is not None
    assert [one.choice for one in read(second.data).decisions] == [None, Choice.APPROVE]
    assert desk.decide_held(letter, first, 1, WHEN + timedelta(days=2)) is None


def test_an_entry_on_behalf_is_made() -> None:
    """The commitment gets yes and a reason, its lines get amounts."""
    entry = OnBehalf(reason="Delivery notes 118 and 119.", percents=(50, None))
    admin = Admin(person=PAT, enters={("PO-7", 1): entry}, only=frozenset())
    done, found = decided(admin)
    assert done.commitments == ("PO-7",)
    (behalf,) = found.on_behalf
    assert (behalf.wanted, behalf.reason, behalf.faults) == (True, "Delivery notes 118 and 119.", ())
    assert {key: line.work for key, line in behalf.lines.items()} == {"L1": Decimal("6300.00"), "L2": None}


def test_an_admin_without_anything_to_do_hands_in_nothing() -> None:
    """Neither their own entries nor other people's business is touched."""
    letter = a_review_mail()
    assert ReviewDesk(Admin(person=PAT, only=frozenset({"SC-9"}))).decide(letter, 1, WHEN) is None
    leaves = frozenset({"SC-1001", "SC-1002"})
    assert ReviewDesk(Admin(person=PAT, leaves=leaves)).decide(letter, 1, WHEN) is None


def test_the_same_decisions_are_the_same_bytes() -> None:
    """A story told again makes the same file."""
    one, _ = decided(Admin(person=PAT))
    two, _ = decided(Admin(person=PAT))
    assert one.data == two.data


def test_the_workbook_of_a_review_mail_is_found() -> None:
    """The attachment is the one that the mail names."""
    (file,) = a_review_mail().workbooks
    assert isinstance(file, File)
    assert file.name == NAME
