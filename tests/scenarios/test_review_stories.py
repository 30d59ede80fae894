"""Stories of the review: a cut line, up and down with a reason, sent back and sent again, held, stale rows, who may decide."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    ADMIN,
    AFTER_CLOSE,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Sub,
    reviewed,
    site,
    workbook_of,
)

LINES = [("1", "03-300", "10000"), ("2", "05-120", "25000"), ("3", "09-900", "15000")]
CLAIM = {
    "1": {"work_this_period": "4000"},
    "2": {"work_this_period": "2500"},
    "3": {"work_this_period": "1000"},
}
SECOND_ADMIN = "lee@gc.example"


def test_s33_a_line_is_cut_and_the_next_bill_starts_from_what_was_approved(tmp_path: Path) -> None:
    """Claimed 7,500, approved 6,500 as noted: the notice has both, the difference and the reason; D comes from approved."""
    sub = Sub(number="SC-1", lines=LINES)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, CLAIM)
        claimed = job.show("SC-1/1")
        form(
            claimed,
            "L4 7,500.00, L5 750.00, L6 6,750.00, L7 0.00, L8 6,750.00, L9 43,250.00, gross 7,500.00",
        )
        job.tick(AFTER_DUE)
        cut = {"2": {"approved_work": "1500", "line_reason": "Steel of axis 4 is not on site yet"}}
        job.review({"SC-1": {"decision": "Approve", "lines": cut}})
        approved = job.show("SC-1/1")
        assert approved["state"] == "Approved as Noted"
        form(
            approved,
            "L4 6,500.00, L5a 650.00, L5b 0.00, L5 650.00, L6 5,850.00, L7 0.00, L8 5,850.00, L9 44,150.00, "
            "gross 6,500.00, payable 5,850.00",
        )
        assert column(approved, "work_this_period") == ["4000.00", "1500.00", "1000.00"]
        assert column(approved["claimed"], "work_this_period") == ["4000.00", "2500.00", "1000.00"]
        assert approved["claimed"]["summary"]["current_payment_due"] == "6750.00"
        standing = job.standing("SC-1")
        assert (standing["claimed_this_period"], standing["approved_this_period"]) == ("7500.00", "6500.00")
        job.tick("2026-02-03T18:00:00Z")
        notice = body(job.last_mail(sub.address, "approved"))
        for text in ("7,500.00", "6,500.00", "1,000.00", "5,850.00", "Steel of axis 4"):
            assert text in notice
        job.tick(INVITED_2)
        job.submit(sub, {"2": {"work_this_period": "1000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, approved)
        assert column(second, "work_previous") == ["4000.00", "1500.00", "1000.00"]
        form(second, "L4 7,500.00, L5 750.00, L6 6,750.00, L7 5,850.00, L8 900.00, L9 43,250.00")


def test_other_than_claimed_needs_a_reason_up_or_down(tmp_path: Path) -> None:
    """A figure changed without a reason is refused for that application alone; one reason for all of it is enough."""
    up, down = Sub(number="SC-1", lines=LINES), Sub(number="SC-2", lines=LINES)
    with site(tmp_path, Register(subs=[up, down])) as job:
        job.tick(INVITED)
        for sub in (up, down):
            job.submit(sub, CLAIM)
        job.tick(AFTER_DUE)
        more, less = {"1": {"approved_work": "4100"}}, {"1": {"approved_work": "3900"}}
        lines = job.review(
            {
                "SC-1": {"decision": "Approve", "lines": more},
                "SC-2": {"decision": "Approve", "lines": less, "reason": "Measured on site"},
            }
        )
        assert [line.partition(":")[0] for line in lines] == ["SC-2/1", "SC-1"]
        assert "reason" in lines[1]
        assert job.show("SC-1/1")["state"] == "Under Review"
        noted = job.show("SC-2/1")
        assert noted["state"] == "Approved as Noted"
        form(noted, "L4 7,400.00, L5 740.00, L6 6,660.00, L7 0.00, L8 6,660.00, L9 43,340.00")
        more["1"]["line_reason"] = "Measured on site"
        job.review({"SC-1": {"decision": "Approve", "lines": more}})
        form(
            job.show("SC-1/1"),
            "L4 7,600.00, L5 760.00, L6 6,840.00, L7 0.00, L8 6,840.00, L9 43,160.00, gross 7,600.00",
        )


def test_an_approval_cannot_go_beyond_the_line(tmp_path: Path) -> None:
    """What a claim may not do, an admin may not do either: the row is refused and nothing moves."""
    sub = Sub(number="SC-1", lines=LINES)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, CLAIM)
        job.tick(AFTER_DUE)
        over = {"1": {"approved_work": "10000.01", "line_reason": "Generous"}}
        (line,) = job.review({"SC-1": {"decision": "Approve", "lines": over}})
        assert "10,000.01" in line
        assert job.show("SC-1/1")["state"] == "Under Review"


def test_sent_back_revised_and_approved(tmp_path: Path) -> None:
    """Rejected with a reason on one line; the sub gets it in the mail and in the workbook, sends it again, and is approved."""
    sub = Sub(number="SC-1", lines=LINES)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, CLAIM)
        job.tick(AFTER_DUE)
        (line,) = job.review({"SC-1": {"decision": "Reject"}})
        assert "reason" in line, "a rejection without a reason helps nobody"
        job.review(
            {"SC-1": {"decision": "Reject", "lines": {"2": {"reject": "x", "line_reason": "Not fixed yet"}}}}
        )
        assert job.standing("SC-1")["state"] == "Revise & Resubmit"
        assert job.show("SC-1/1")["summary"]["current_payment_due"] == "6750.00"
        job.tick("2026-02-03T18:00:00Z")
        mail = job.last_mail(sub.address, "revise")
        assert "Not fixed yet" in body(mail)
        job.submit(sub, {"2": {"work_this_period": "1500"}}, answering=mail)
        second = job.show("SC-1/1")
        assert (second["application"], second["state"]) == ("SC-1/1.2", "Under Review")
        form(second, "L4 6,500.00, L5 650.00, L6 5,850.00, L7 0.00, L8 5,850.00, L9 44,150.00")
        job.approve("SC-1")
        found = job.show("SC-1/1")
        assert found["state"] == "Approved"
        form(found, "L4 6,500.00, L5 650.00, L6 5,850.00, L7 0.00, L8 5,850.00, L9 44,150.00")
        steps = [(one["revision"], one["what"]) for one in found["history"]]
        assert steps == [(1, "received"), (1, "revise"), (2, "received"), (2, "approve")]
        first = [one for one in found["history"] if one["what"] == "revise"]
        assert first[0]["line_reasons"] == {"2": "Not fixed yet"}


def test_sent_back_after_the_closing_it_can_still_be_sent_again(tmp_path: Path) -> None:
    """Rejected once the period is closed, it asks for an answer at a time to come, and takes it for this commitment only."""
    sub, other = Sub(number="SC-1", lines=LINES), Sub(number="SC-2", lines=LINES)
    with site(tmp_path, Register(subs=[sub, other])) as job:
        job.tick(INVITED)
        job.submit(sub, CLAIM)
        job.tick(AFTER_CLOSE)
        job.review({"SC-1": {"decision": "Reject", "reason": "Measure axis 4 again"}})
        job.tick("2026-02-07T18:00:00Z")
        mail = job.last_mail(sub.address, "revise")
        assert "by February 10, 2026" in body(mail)
        job.submit(sub, {"1": {"work_this_period": "3500"}}, answering=mail)
        job.submit(other, CLAIM)
        assert job.standing("SC-2")["state"] == "Lapsed"
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 7,000.00, L5 700.00, L6 6,300.00, L7 0.00, L8 6,300.00, L9 43,700.00")


def test_held_with_a_reason_and_decided_later(tmp_path: Path) -> None:
    """A hold keeps the application under review with its reason, and no figure moves; without a reason it is refused."""
    sub = Sub(number="SC-1", lines=LINES)
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, CLAIM)
        job.tick(AFTER_DUE)
        (line,) = job.review({"SC-1": {"decision": "Hold"}})
        assert "not applied" in line
        (line,) = job.review({"SC-1": {"decision": "Hold", "reason": "Waiting for the delivery note"}})
        assert line == "SC-1/1: Held"
        found = job.show("SC-1/1")
        assert found["state"] == "Under Review"
        assert found["history"][-1]["reason"] == "Waiting for the delivery note"
        job.tick("2026-02-03T20:00:00Z")
        assert not job.mails(sub.address, "approved")
        assert not job.mails(sub.address, "revise")
        job.at("review", "export", "P1", "1")
        job.tick()
        assert "Waiting for the delivery note" in body(job.last_mail(ADMIN, "review"))
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 7,500.00, L5 750.00, L6 6,750.00, L7 0.00, L8 6,750.00, L9 43,250.00")


def test_stale_rows_are_refused_one_by_one(tmp_path: Path) -> None:
    """A row whose application was replaced after the workbook was made is refused; the others of the workbook go through."""
    one, two = Sub(number="SC-1", lines=LINES), Sub(number="SC-2", lines=LINES)
    with site(tmp_path, Register(subs=[one, two])) as job:
        job.tick(INVITED)
        for sub in (one, two):
            job.submit(sub, CLAIM)
        job.tick(AFTER_DUE)
        old = reviewed(
            workbook_of(job.last_mail(ADMIN, "review")),
            {"SC-1": {"decision": "Approve"}, "SC-2": {"decision": "Approve"}},
        )
        job.submit(one, {**CLAIM, "1": {"work_this_period": "4500"}})
        lines = job.put_into_folder(old)
        assert lines[0] == "SC-2/1: Approved"
        assert "has changed since" in lines[1]
        assert job.show("SC-1/1")["state"] == "Under Review"
        form(job.show("SC-2/1"), "L4 7,500.00, L5 750.00, L6 6,750.00, L7 0.00, L8 6,750.00, L9 43,250.00")
        again, *_report = job.put_into_folder(old)
        assert "before" in again, "the same file a second time changes nothing"
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 8,000.00, L5 800.00, L6 7,200.00, L7 0.00, L8 7,200.00, L9 42,800.00")


def test_nobody_approves_an_own_entry_when_another_admin_can(tmp_path: Path) -> None:
    """Entered on behalf by one admin, it is approved by the other one."""
    silent, other = Sub(number="SC-1", lines=LINES), Sub(number="SC-2", lines=LINES)
    second = {"Email": SECOND_ADMIN, "Name": "Lee Wong", "Projects": "P1", "May": "approve, read"}
    with site(tmp_path, Register(subs=[silent, other], admins=[second])) as job:
        job.tick(INVITED)
        job.submit(other, CLAIM)
        job.tick(AFTER_DUE)
        job.tick(AFTER_CLOSE)
        job.enter("SC-1", "Sent by fax", CLAIM)
        assert job.show("SC-1/1")["state"] == "Under Review"
        (line,) = job.review({"SC-1": {"decision": "Approve"}})
        assert "not applied" in line
        assert job.show("SC-1/1")["state"] == "Under Review"
        job.approve("SC-1", admin=SECOND_ADMIN)
        found = job.show("SC-1/1")
        assert [one["by"] for one in found["history"]] == [ADMIN, "Lee Wong"]
        form(found, "L4 7,500.00, L5 750.00, L6 6,750.00, L7 0.00, L8 6,750.00, L9 43,250.00")


def test_an_admin_approves_up_to_a_limit_and_only_with_the_permission(tmp_path: Path) -> None:
    """The limit is on the payment due, so it bounds a release of retainage as well; who may only read decides nothing."""
    work = Sub(number="SC-1", lines=LINES, invite_for="both")
    limited = {
        "Email": SECOND_ADMIN, "Name": "Lee Wong", "Projects": "P1", "May": "approve", "Approval limit": 6000,
    }  # fmt: skip
    reader = {"Email": "ray@gc.example", "Name": "Ray Poe", "Projects": "*", "May": "read"}
    with site(tmp_path, Register(subs=[work], admins=[limited, reader])) as job:
        job.tick(INVITED)
        job.submit(work, {"1": {"work_this_period": "10000"}, "2": {"work_this_period": "25000"}})
        job.tick(AFTER_DUE)
        (line,) = job.review({"SC-1": {"decision": "Approve"}}, admin=SECOND_ADMIN)
        assert "31,500.00" in line
        assert "6,000.00" in line
        assert job.mails("ray@gc.example") == []
        (line,) = job.review_as("ray@gc.example", {"SC-1": {"decision": "Approve"}})
        assert "not registered" in line
        assert job.show("SC-1/1")["state"] == "Under Review"
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(work, {"1": {"retainage_release": "1000"}, "3": {"work_this_period": "5500"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", admin=SECOND_ADMIN)
        second = job.show("SC-1/2")
        form(second, "L4 40,500.00, L5 3,050.00, L6 37,450.00, L7 31,500.00, L8 5,950.00, L9 12,550.00")
