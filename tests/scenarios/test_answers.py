"""Stories of how a subcontractor answers: nothing to bill, a decline, a skipped period, a second version, the same file, late."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Sub,
    filled,
    reply,
    site,
    workbook_of,
)

LINES = [("1", "03-300", "10000"), ("2", "05-120", "25000"), ("3", "09-900", "15000")]
STARTED = {"1": {"percent_to_date": "60"}, "2": {"percent_to_date": "80"}, "3": {"percent_to_date": "10"}}


def test_s16_and_s35_a_zero_bill_has_a_number_and_a_decline_has_none(tmp_path: Path) -> None:
    """Both leave the balances alone; the zero bill is application 2, the decline is none, and the next number follows."""
    zero, away = Sub(number="SC-1", lines=LINES), Sub(number="SC-2", lines=LINES)
    with site(tmp_path, Register(subs=[zero, away])) as job:
        job.tick(INVITED)
        for sub in (zero, away):
            job.submit(sub, STARTED)
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        started = "L4 27,500.00, L5 2,750.00, L6 24,750.00, L7 0.00, L8 24,750.00, L9 25,250.00"
        form(job.show("SC-1/1"), started)
        form(job.show("SC-2/1"), started)
        job.tick(INVITED_2)
        job.submit(zero, {}, nothing_to_bill="Yes")
        job.receive(reply(job.invite(away), None, when=job.now, text="DECLINE\nNo crew on site in February."))
        assert job.standing("SC-2", 2)["state"] == "Declined"
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, job.show("SC-1/1"))
        form(
            second, "L4 27,500.00, L5 2,750.00, L6 24,750.00, L7 24,750.00, L8 0.00, L9 25,250.00, gross 0.00"
        )
        assert second["number"] == 2
        assert job.standing("SC-2", 2)["application"] is None
        job.tick(INVITED_3)
        for sub in (zero, away):
            job.submit(sub, {"1": {"work_this_period": "4000"}, "2": {"work_this_period": "2000"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1", "SC-2")
        for name, before in (("SC-1/3", "SC-1/2"), ("SC-2/2", "SC-2/1")):
            third = job.show(name)
            follows_on(third, job.show(before))
            assert column(third, "work_previous") == ["6000.00", "20000.00", "1500.00"]
            form(
                third,
                "L4 33,500.00, L5 3,350.00, L6 30,150.00, L7 24,750.00, L8 5,400.00, L9 19,850.00, gross 6,000.00",
            )
        declined = job.standing("SC-2", 2)
        assert (declined["state"], declined["application"]) == ("Declined", None)
        assert declined["decline_reason"] == "No crew on site in February."


def test_s31_a_second_version_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """Two versions before the review: 4,500 counts, not 9,500; the first is kept as superseded, the number stays."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "5000"}})
        form(job.show("SC-1/1"), "L4 5,000.00, L5 500.00, L6 4,500.00, L7 0.00, L8 4,500.00, L9 15,500.00")
        job.submit(sub, {"1": {"work_this_period": "4500"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        found = job.show("SC-1/1")
        form(
            found,
            "L4 4,500.00, L5 450.00, L6 4,050.00, L7 0.00, L8 4,050.00, L9 15,950.00, gross 4,500.00",
        )
        assert (found["application"], found["revision"]) == ("SC-1/1.2", 2)
        first = job.show("SC-1/1.1")
        assert first["state"] == "Superseded"
        assert column(first, "work_this_period") == ["5000.00"]
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "100"}})
        assert column(job.show("SC-1/2"), "work_previous") == ["4500.00"]


def test_the_same_file_again_is_ignored_only_while_the_earlier_one_stands(tmp_path: Path) -> None:
    """Under review and approved it is a duplicate; once a newer version took its place, the old file counts as a new answer."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        invite = job.invite(sub)
        first = filled(workbook_of(invite), {"1": {"work_this_period": "5000"}})
        second = filled(workbook_of(invite), {"1": {"work_this_period": "4500"}})

        def send(workbook: bytes, text: str) -> str:
            job.receive(reply(invite, workbook, when=job.now, text=text))
            return job.inbox()[-1]["outcome"]

        assert send(first, "Our bill.") == "submission"
        assert send(first, "Once more, to be sure.") == "duplicate"
        assert job.show("SC-1/1")["revision"] == 1
        assert send(second, "Corrected.") == "submission"
        assert send(first, "Sorry, the first one was right.") == "submission"
        found = job.show("SC-1/1")
        assert (found["revision"], found["summary"]["gross_this_period"]) == (3, "5000.00")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        assert send(first, "And again.") == "duplicate"
        assert send(second, "Or rather this.") == "already-approved"
        form(job.show("SC-1/1"), "L4 5,000.00, L5 500.00, L6 4,500.00, L7 0.00, L8 4,500.00, L9 15,500.00")
        # Each answer of the two that were refused is told to the sender once.
        assert len(job.mails(sub.address, "received")) == 3


def test_the_same_mail_twice_is_one_mail(tmp_path: Path) -> None:
    """A mail that the server delivers twice is taken once; a forwarded copy with other headers is a duplicate."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        raw = reply(job.invite(sub), None, when=job.now, text="ACCEPT")
        assert job.receive(raw) is not None
        assert job.receive(raw) is None
        assert len(job.inbox()) == 1
        assert job.standing("SC-1")["state"] == "Accepted"


def test_a_late_reply_is_taken_and_noted(tmp_path: Path) -> None:
    """After the due time and before the closing a bill still counts; it is marked late, for people to see."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.tick(AFTER_DUE)
        job.submit(sub, {"1": {"work_this_period": "5000"}})
        found = job.show("SC-1/1")
        assert found["state"] == "Under Review"
        (late,) = found["findings"]
        assert (late["code"], late["severity"]) == ("late", "note")
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 5,000.00, L5 500.00, L6 4,500.00, L7 0.00, L8 4,500.00, L9 15,500.00")


def test_a_decline_after_a_bill_waits_for_a_person(tmp_path: Path) -> None:
    """The bill stands; the decline changes nothing and is put before an admin."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "5000"}})
        job.receive(reply(job.invite(sub), None, when=job.now, text="DECLINE"))
        assert job.standing("SC-1")["state"] == "Under Review"
        assert job.inbox()[-1]["outcome"] == "decline-after-answer"
        assert job.inbox()[-1]["state"] == "waiting for a person"


def test_a_bill_after_a_decline_counts(tmp_path: Path) -> None:
    """A subcontractor may change its mind: the later answer stands, with a note."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "20000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.receive(reply(job.invite(sub), None, when=job.now, text="DECLINE"))
        assert job.standing("SC-1")["state"] == "Declined"
        job.submit(sub, {"1": {"work_this_period": "5000"}})
        assert job.standing("SC-1")["state"] == "Under Review"
        assert [one["code"] for one in job.show("SC-1/1")["findings"]] == ["answer-after-decline"]
