"""Stories of an approval that is taken back: ledgers are reversed, nothing that was issued changes, all balances tie."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.site import (
    AFTER_CLOSE,
    AFTER_DUE,
    INVITED,
    INVITED_2,
    Register,
    Sub,
    money,
    site,
)

SUB = Sub(number="SC-1", lines=[("1", "03-300", "10000"), ("2", "05-120", "25000")], retainage="10")


def test_an_approval_can_be_opened_again_and_decided_anew(tmp_path: Path) -> None:
    """Reopening reverses the ledgers and withdraws the notice; the new decision gives the figures as if it were the first."""
    with site(tmp_path, Register(subs=[SUB], deductions=[("SC-1", "BC-1", "650")])) as job:
        job.tick(INVITED)
        job.submit(
            SUB,
            {"1": {"percent_to_date": "20"}, "2": {"work_this_period": "5000", "materials_stored": "1000"}},
        )
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        money(job.show("SC-1/1")["summary"], total_earned_less_retainage="7200.00", payable="6550.00")
        job.cli("decide", "SC-1/1", "reopen", "--reason", "Level 2 was counted twice", "--now", AFTER_DUE)
        job.tick("2026-02-03T18:00:00Z")
        assert job.show("SC-1/1")["state"] == "Under Review"
        assert not job.mails(SUB.address, "approved"), "the notice was withdrawn before its hour was over"
        job.review(
            {
                "SC-1": {
                    "decision": "Approve",
                    "lines": {"2": {"approved_work": "4000", "line_reason": "Level 2 once"}},
                }
            }
        )
        found = job.show("SC-1/1")
        assert found["state"] == "Approved as Noted"
        money(
            found["summary"],
            total_completed_and_stored="7000.00",
            retainage_total="700.00",
            current_payment_due="6300.00",
            payable="5650.00",
        )
        job.verify()
        job.tick("2026-02-03T20:00:00Z")
        assert len(job.mails(SUB.address, "approved")) == 1


def test_reopening_replaces_the_next_invite_and_issues_it_again_from_the_new_figures(tmp_path: Path) -> None:
    """The old workbook of the next period is carried over; a new issue starts from the corrected figures too."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, {"1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        old = job.invite(SUB)
        job.cli("decide", "SC-1/1", "reopen", "--reason", "Half of it was not done", "--now", INVITED_2)
        job.cli("decide", "SC-1/1", "reject", "--reason", "Please claim 20 % only", "--now", INVITED_2)
        job.tick("2026-02-24T18:00:00Z")
        sent_back = job.last_mail(SUB.address, "revise")
        job.submit(SUB, {"1": {"work_this_period": "2000"}}, answering=sent_back)
        job.approve("SC-1")
        job.tick("2026-02-24T20:00:00Z")
        job.submit(SUB, {"1": {"percent_to_date": "60"}}, answering=old)
        carried = job.show("SC-1/2")
        money(carried["lines"][0], work_previous="2000.00", work_this_period="4000.00")
        assert [one["code"] for one in carried["findings"]] == ["issue-rebased"]
        new = job.invite(SUB)
        assert new["Message-ID"] != old["Message-ID"]
        job.submit(SUB, {"1": {"percent_to_date": "60"}}, answering=new)
        found = job.show("SC-1/2")
        money(found["lines"][0], work_previous="2000.00", work_this_period="4000.00")
        money(found["summary"], previous_certificates="1800.00", current_payment_due="3600.00")


def test_a_posted_application_and_one_that_is_not_the_latest_stay_as_they_are(tmp_path: Path) -> None:
    """What is posted to the ERP is corrected by a line in the next application, not by opening it again."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, {"1": {"percent_to_date": "20"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(AFTER_CLOSE)
        job.cli("erp", "export", "P1", "--target", "quickbooks-iif", "--now", AFTER_CLOSE)
        job.cli("decide", "SC-1/1", "reopen", "--reason", "A slip", "--now", AFTER_CLOSE, code=1)
        job.cli("erp", "void", "1", "--now", AFTER_CLOSE)
        job.cli("decide", "SC-1/1", "reopen", "--reason", "A slip", "--now", AFTER_CLOSE)
        assert job.show("SC-1/1")["state"] == "Under Review"


def test_an_approval_of_a_settled_period_can_be_opened_again(tmp_path: Path) -> None:
    """The period counts as closed again, so a review workbook goes out, and it settles once more after the decision."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, {"1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(AFTER_CLOSE)
        assert job.status()["periods"][0]["state"] == "settled"
        before = len(job.mails("pat@gc.example", "review"))
        job.cli("decide", "SC-1/1", "reopen", "--reason", "A slip", "--now", AFTER_CLOSE)
        job.tick()
        assert len(job.mails("pat@gc.example", "review")) == before + 1
        job.approve("SC-1")
        job.tick()
        assert job.status()["periods"][0]["state"] == "settled"


def test_when_nobody_answered_the_admin_can_still_ask_for_a_review_workbook_to_bill_on_behalf(
    tmp_path: Path,
) -> None:
    """`review export` gives a workbook with the commitments that did not answer."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.tick(AFTER_DUE)
        job.cli("review", "export", "P1", "1", "--now", AFTER_DUE)
        job.tick()
        job.review({"SC-1": {"on_behalf": "Phoned in", "lines": {"1": {"work_this_period": "1000"}}}})
        assert job.standing("SC-1")["state"] == "Under Review"


def test_nobody_is_invited_into_a_period_that_is_past_its_closing(tmp_path: Path) -> None:
    """After a long standstill old periods open and close without a mail; the present one is invited."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick("2026-03-27T16:00:00Z")
        assert {
            str(mail["Subject"]).split("[", maxsplit=1)[0].strip() for mail in job.mails(SUB.address)
        } == {"Invite to bill: Clinic, SC-1, March 2026"}
