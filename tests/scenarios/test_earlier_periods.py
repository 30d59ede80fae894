"""An earlier period is settled after a later one has begun: later workbooks are issued again, nothing is lost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.scenarios.balances import follows_on, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    AFTER_CLOSE,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Sub,
    site,
)

SILENT = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
OTHER = Sub(number="SC-2", lines=[("1", "03-300", "50000")])


def test_a_bill_on_behalf_for_an_earlier_period_issues_the_later_workbook_again(tmp_path: Path) -> None:
    """January approved after February's invite: the old February workbook is replaced, the new one starts from January."""
    with site(tmp_path, Register(subs=[SILENT, OTHER])) as job:
        job.tick(INVITED)
        job.tick(AFTER_DUE)
        job.submit(OTHER, {"1": {"work_this_period": "100"}})
        job.approve("SC-2")
        job.tick(AFTER_CLOSE)
        job.tick(INVITED_2)
        old = job.invite(SILENT)
        job.enter("SC-1", "Measured on site", {"1": {"work_this_period": "7000"}})
        assert job.standing("SC-1", 1)["state"] == "Under Review"
        job.approve("SC-1")
        first = job.show("SC-1/1")
        form(first, "L4 7,000.00, L5 700.00, L6 6,300.00, L7 0.00, L8 6,300.00, L9 43,700.00")
        job.tick()
        job.submit(SILENT, {"1": {"work_this_period": "3000"}}, answering=old)
        carried = job.show("SC-1/2")
        assert [one["code"] for one in carried["findings"]] == ["issue-rebased", "entry-rebased"]
        assert "was taken as its work this period" in body(job.last_mail(SILENT.address, "received"))
        job.submit(SILENT, {"1": {"work_this_period": "3000"}})
        assert job.show("SC-1/2")["findings"] == []
        job.submit(SILENT, {"1": {"work_this_period": "2500"}}, answering=old)
        assert job.inbox()[-1]["outcome"] == "issue-replaced"
        assert "newest workbook" in body(job.last_mail(SILENT.address, "check your reply"))
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 10,000.00, L5 1,000.00, L6 9,000.00, L7 6,300.00, L8 2,700.00, L9 41,000.00")
        assert len(job.mails(OTHER.address, "invite to bill")) == 2, "nobody else is written to again"


def test_an_earlier_bill_is_decided_first_and_supersedes_a_later_claim(tmp_path: Path) -> None:
    """With January and February under review, February waits; January's approval sends February out again, the claim is kept."""
    with site(tmp_path, Register(subs=[SILENT, OTHER])) as job:
        job.tick(INVITED)
        january = job.invite(SILENT)
        job.tick(AFTER_CLOSE)
        job.tick(INVITED_2)
        job.submit(SILENT, {"1": {"work_this_period": "3000"}})
        job.at("period", "reopen", "P1", "1", "--commitment", "SC-1", "--reason", "Agreed by phone")
        job.submit(SILENT, {"1": {"work_this_period": "7000"}}, answering=january)
        names = {n: job.standing("SC-1", n)["application"] for n in (1, 2)}
        job.tick(AFTER_DUE_2)
        said = job.cli_error("decide", names[2], "approve")
        assert said
        assert job.standing("SC-1", 2)["state"] == "Under Review"
        job.at("decide", names[1], "approve")
        job.tick()
        first = job.show(names[1])
        form(first, "L4 7,000.00, L5 700.00, L6 6,300.00, L7 0.00, L8 6,300.00, L9 43,700.00")
        assert job.show(names[2])["state"] == "Superseded"
        job.submit(SILENT, {"1": {"work_this_period": "3000"}})
        name = job.standing("SC-1", 2)["application"]
        job.at("decide", name, "approve")
        second = job.show(name)
        follows_on(second, first)
        form(second, "L4 10,000.00, L5 1,000.00, L6 9,000.00, L7 6,300.00, L8 2,700.00, L9 41,000.00")


def test_a_period_opened_again_for_all_takes_answers_and_closes_by_itself(tmp_path: Path) -> None:
    """Lapsed invites can be answered again for a week; then the period closes, and who is silent still is told once more."""
    with site(tmp_path, Register(subs=[SILENT, OTHER])) as job:
        job.tick(INVITED)
        job.tick(AFTER_CLOSE)
        job.at("period", "reopen", "P1", "1", "--reason", "Snow: nobody could measure")
        job.tick()
        states = {one["period"]: one["state"] for one in json.loads(job.at("period", "list", "--json"))}
        assert states[1] == "open"
        job.submit(SILENT, {"1": {"work_this_period": "7000"}})
        assert job.standing("SC-1", 1)["state"] == "Under Review"
        job.approve("SC-1")
        job.tick("2026-02-15T16:00:00Z")
        assert job.standing("SC-2", 1)["state"] == "Lapsed"
        form(job.show("SC-1/1"), "L4 7,000.00, L5 700.00, L6 6,300.00, L7 0.00, L8 6,300.00, L9 43,700.00")


def test_a_corrected_rate_counts_for_everything_to_date(tmp_path: Path) -> None:
    """Retainage corrected from 10 % to 5 %: the next bill holds 5 % of all work, and what was approved before stays."""
    with site(tmp_path, Register(subs=[SILENT])) as job:
        job.tick(INVITED)
        job.submit(SILENT, {"1": {"work_this_period": "10000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        correction = {
            "Commitment": "SC-1", "Sheet": "Commitments", "Column": "Retainage on work", "New value": "5%",
            "Date": date(2026, 2, 10), "Reason": "Signed amendment 1",
        }  # fmt: skip
        job.edit_register({("Corrections", "new"): correction})
        first = job.show("SC-1/1")
        form(first, "L4 10,000.00, L5 1,000.00, L6 9,000.00, L7 0.00, L8 9,000.00, L9 41,000.00")
        job.tick(INVITED_2)
        job.submit(SILENT, {"1": {"work_this_period": "2000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(second, "L4 12,000.00, L5 600.00, L6 11,400.00, L7 9,000.00, L8 2,400.00, L9 38,600.00")


def test_s47_a_currency_without_cents(tmp_path: Path) -> None:
    """Yen are rounded to whole yen: 33 % of 123,457 is 40,741."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "400000")], retainage="33")
    with site(tmp_path, Register(subs=[sub], project={"Currency": "JPY"})) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "123457"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"), "L4 123,457, L5 40,741, L6 82,716, L7 0, L8 82,716, L9 317,284, gross 123,457"
        )
