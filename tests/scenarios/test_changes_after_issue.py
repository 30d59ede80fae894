"""Stories in which the schedule of values moves after a workbook went out (S13): issued again, or carried over."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from tests.scenarios.balances import form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    BEFORE_DUE,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    money,
    reply,
    site,
    workbook_of,
)

BASE = Sub(
    number="SC-1",
    lines=[("1", "03-300", "60000"), ("2", "05-120", "40000"), ("C1", "03-310", "8500", "1")],
    change_orders=[("1", "pending", "8500")],
)
REBASE = {"After a change": "re-base"}


def approve_change(job: Site) -> None:
    """The day after the invite the change order is approved in the register."""
    approved = {"Status": "approved", "Approved on": date(2026, 1, 27)}
    job.edit_register({("Change orders", "SC-1/1"): approved})
    job.tick("2026-01-27T16:00:00Z")


def correct(job: Site, row: str, value: str) -> None:
    """A line's value is corrected with a date and a reason."""
    correction: dict[str, Any] = {
        "Commitment": "SC-1", "Sheet": "Schedule of values", "Row": row, "Column": "Scheduled value",
        "New value": value, "Date": date(2026, 1, 27), "Reason": "Signed contract",
    }  # fmt: skip
    job.edit_register({("Corrections", "new"): correction})
    job.tick("2026-01-27T16:00:00Z")


def codes(found: dict[str, Any]) -> list[str]:
    """The codes of an application's findings, the most important first."""
    return [one["code"] for one in found["findings"]]


def test_s13_the_workbook_is_issued_again_with_the_change_order(tmp_path: Path) -> None:
    """The new issue has the new line; the reply on it bills the change order, and nothing is held."""
    with site(tmp_path, Register(subs=[BASE])) as job:
        job.tick(INVITED)
        old = job.invite(BASE)
        approve_change(job)
        new = job.invite(BASE)
        assert new["Message-ID"] != old["Message-ID"]
        assert "Your contract has changed" in body(new)
        assert len(job.mails(BASE.address, "invite to bill")) == 2
        job.submit(BASE, {"1": {"percent_to_date": "50"}, "C1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        found = job.show("SC-1/1")
        assert codes(found) == []
        form(
            found,
            "L1 100,000.00, L2 8,500.00, L3 108,500.00, L4 34,250.00, L5 3,425.00, L6 30,825.00, L7 0.00, L8 30,825.00, "
            "L9 77,675.00",
        )


def test_s13_an_old_workbook_is_carried_over_and_the_change_order_counts(tmp_path: Path) -> None:
    """Base lines are taken as entered, the new line stands at nothing and counts in the contract; the admin is told."""
    with site(tmp_path, Register(subs=[BASE])) as job:
        job.tick(INVITED)
        old = job.invite(BASE)
        approve_change(job)
        job.submit(BASE, {"1": {"percent_to_date": "50"}, "2": {"work_this_period": "1000"}}, answering=old)
        found = job.show("SC-1/1")
        assert found["state"] == "Under Review"
        told = {one["code"]: one for one in found["findings"]}
        assert list(told) == ["issue-rebased", "line-newer"]
        assert {one["severity"] for one in told.values()} == {"hold"}
        assert told["issue-rebased"]["found"] == "100000.00"
        money(told["issue-rebased"], expected="108500.00", difference="8500.00")
        money(told["line-newer"], line="C1", expected="8500.00")
        assert "carried over" in body(job.last_mail(BASE.address, "received"))
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L1 100,000.00, L2 8,500.00, L3 108,500.00, L4 31,000.00, L5 3,100.00, L6 27,900.00, L7 0.00, L8 27,900.00, "
            "L9 80,600.00",
        )


def test_s13_by_setting_nothing_is_mailed_again_and_the_reply_is_carried_over(tmp_path: Path) -> None:
    """With `re-base` the sub keeps one workbook; reminders bring the new one, and the admin may approve the new line."""
    with site(tmp_path, Register(subs=[BASE], project=REBASE)) as job:
        job.tick(INVITED)
        approve_change(job)
        assert len(job.mails(BASE.address, "invite to bill")) == 1
        assert job.standing("SC-1")["invite"] == "Invited"
        job.tick(BEFORE_DUE)
        brought = load_workbook(io.BytesIO(workbook_of(job.last_mail(BASE.address, "reminder"))))["Lines"]
        assert "C1" in [cell.value for cell in brought["A"]]
        job.submit(BASE, {"1": {"percent_to_date": "50"}})
        assert codes(job.show("SC-1/1")) == ["issue-rebased", "line-newer"]
        job.tick(AFTER_DUE)
        cut = {"decision": "Approve", "reason": "Extra done too", "lines": {"C1": {"approved_work": "850"}}}
        report = job.review({"SC-1": cut})
        assert not [line for line in report if "not applied" in line], report
        found = job.show("SC-1/1")
        assert found["state"] == "Approved as Noted"
        form(
            found,
            "L1 100,000.00, L2 8,500.00, L3 108,500.00, L4 30,850.00, L5 3,085.00, L6 27,765.00, L7 0.00, L8 27,765.00, "
            "L9 80,735.00",
        )


def test_a_corrected_line_is_followed_by_percent_and_held_by_amount(tmp_path: Path) -> None:
    """A percentage stands and follows the new value; an amount is taken and shown; ours is never a reason to return."""
    with site(tmp_path, Register(subs=[BASE], project=REBASE)) as job:
        job.tick(INVITED)
        correct(job, "1", "50000")
        correct(job, "2", "35000")
        job.submit(BASE, {"1": {"percent_to_date": "50"}, "2": {"work_this_period": "36000"}})
        found = job.show("SC-1/1")
        assert found["state"] == "Under Review"
        assert sorted(codes(found)) == ["entry-rebased", "issue-rebased", "over-line"]
        assert [line["work_this_period"] for line in found["lines"]] == ["25000.00", "36000.00"]


def test_what_was_submitted_before_the_change_stands(tmp_path: Path) -> None:
    """A claim that is under review is not asked for again; the change order counts in the next application."""
    with site(tmp_path, Register(subs=[BASE])) as job:
        job.tick(INVITED)
        job.submit(BASE, {"1": {"percent_to_date": "50"}})
        approve_change(job)
        assert len(job.mails(BASE.address, "invite to bill")) == 1
        assert job.standing("SC-1")["state"] == "Under Review"
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        money(job.show("SC-1/1")["summary"], contract_sum_to_date="100000.00")


def test_a_commitment_billed_on_behalf_is_made_ready_again(tmp_path: Path) -> None:
    """Where no mail goes out, what the admin fills in has the new line after the change."""
    sub = Sub(number="SC-1", lines=BASE.lines, change_orders=BASE.change_orders, billed_by="on behalf")
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        approve_change(job)
        job.tick(AFTER_DUE)
        job.enter("SC-1", "Measured on site", {"C1": {"work_this_period": "4250"}})
        money(job.show("SC-1/1")["summary"], net_change_orders="8500.00", gross_this_period="4250.00")


def test_an_acceptance_stands_and_words_about_the_old_invite_count(tmp_path: Path) -> None:
    """Who accepted has accepted the new issue as well; a decline of the old mail declines what took its place."""
    with site(tmp_path, Register(subs=[BASE])) as job:
        job.tick(INVITED)
        old = job.invite(BASE)
        job.receive(reply(old, None, when=job.now, text="ACCEPT"))
        approve_change(job)
        assert job.standing("SC-1")["invite"] == "Accepted"
        job.receive(reply(old, None, when=job.now, text="DECLINE\nNothing done yet"))
        assert job.standing("SC-1")["invite"] == "Declined"


def test_s55_the_summary_of_change_orders(tmp_path: Path) -> None:
    """Earlier +12,000 and -3,000, this period +4,500 and -500: 16,500.00 and (3,500.00), net 13,000.00, which is L2."""
    orders = {"1": "12000", "2": "-3000", "3": "4500", "4": "-500"}
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "100000"), *((f"C{n}", "03-310", amount, n) for n, amount in orders.items())],
        change_orders=[(n, "approved", amount) for n, amount in orders.items()],
    )
    rows = Register(subs=[sub]).rows()
    for row in rows["Change orders"]:
        row["Approved on"] = date(2026, 1, 20) if row["Number"] in ("1", "2") else date(2026, 2, 10)
    with site(tmp_path, Register(subs=[sub], openings={"Change orders": rows["Change orders"]})) as job:
        job.tick(AFTER_DUE)
        job.tick(INVITED_2)
        sheet = load_workbook(io.BytesIO(workbook_of(job.invite(sub))), data_only=True)["Change orders"]
        shown = [[cell.value for cell in row] for row in sheet["F5:H8"]]
        assert [row[1:] for row in shown[:3]] == [[12000, -3000], [4500, -500], [16500, -3500]]
        assert (shown[3][0], shown[3][1]) == ("Net change", 13000)
        job.submit(sub, {"1": {"percent_to_date": "10"}})
        found = job.show(job.standing("SC-1", 2)["application"])
        assert found["change_orders"] == {
            "before": {"additions": "12000.00", "deductions": "-3000.00"},
            "this_period": {"additions": "4500.00", "deductions": "-500.00"},
            "total": {"additions": "16500.00", "deductions": "-3500.00"},
            "net": "13000.00",
        }
        assert found["summary"]["net_change_orders"] == "13000.00"


def take_back(job: Site, order: str) -> list[str]:
    """A correction sets a change order to void; gives why it was refused."""
    correction: dict[str, Any] = {
        "Commitment": "SC-1", "Sheet": "Change orders", "Row": order, "Column": "Status", "New value": "void",
        "Date": date(2026, 2, 5), "Reason": "Taken back",
    }  # fmt: skip
    said = job.edit_register({("Corrections", "new"): correction}, code=1)
    return [str(one) for one in said["refused"]]


def test_a_change_order_that_is_billed_cannot_be_taken_back(tmp_path: Path) -> None:
    """Of its own line or of a line that it changes: it is refused with the way out, and the next bill ties."""
    lines = [*BASE.lines, ("R", "", "1000", "2")]
    orders = [("1", "approved", "8500"), ("2", "approved", "1000")]
    sub = Sub(number="SC-1", lines=lines, change_orders=orders, line_cells={"R": {"Changes line": "1"}})
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "50"}, "C1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        for order, line in (("1", "C1"), ("2", "1")):
            refused = take_back(job, order)
            assert any(f"Line {line} is billed already" in one for one in refused), refused
            assert any("Reverse it by a deductive change order" in one for one in refused)


def test_figures_that_do_not_tie_are_told_and_the_rest_of_the_file_is_applied(tmp_path: Path) -> None:
    """A billed change order that was voided behind the register's back keeps its commitment back, and no other."""
    sub = Sub(number="SC-1", lines=BASE.lines, change_orders=[("1", "approved", "8500")])
    other = Sub(number="SC-2", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub, other])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "50"}, "C1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        with job.w.store.engine.begin() as conn:
            conn.execute(text("UPDATE change_order SET status = 'void'"))
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"percent_to_date": "60"}})
        job.submit(other, {"1": {"percent_to_date": "60"}})
        job.tick(AFTER_DUE_2)
        report = "\n".join(job.review({name: {"decision": "Approve"} for name in ("SC-1", "SC-2")}))
        assert "The figures do not tie" in report
        assert job.standing("SC-1", 2)["state"] == "Under Review"
        assert job.standing("SC-2", 2)["state"] == "Approved"
        with job.w.store.engine.begin() as conn:
            conn.execute(text("UPDATE change_order SET status = 'approved'"))


def test_a_change_order_counts_from_its_day_of_approval_on(tmp_path: Path) -> None:
    """Approved from tomorrow on it is listed as pending; the next day the workbook is issued again with its line."""
    sub = Sub(number="SC-1", lines=BASE.lines, change_orders=[("1", "approved", "8500")])
    orders = [
        {**row, "Approved on": date(2026, 1, 27)} for row in Register(subs=[sub]).rows()["Change orders"]
    ]
    with site(tmp_path, Register(subs=[sub], openings={"Change orders": orders})) as job:
        job.tick(INVITED)
        book = load_workbook(io.BytesIO(workbook_of(job.invite(sub))), data_only=True)
        assert "C1" not in [cell.value for cell in book["Lines"]["A"]]
        shown = [cell.value for cell in book["Change orders"][5]][:4]
        assert shown == ["1", "Change 1", 8500, "Pending: cannot be billed yet"]
        job.tick("2026-01-27T05:59:00Z")  # a minute before midnight in Chicago
        assert len(job.mails(sub.address, "invite to bill")) == 1
        job.tick("2026-01-27T06:00:00Z")
        assert len(job.mails(sub.address, "invite to bill")) == 2
        job.submit(sub, {"1": {"percent_to_date": "50"}, "C1": {"percent_to_date": "50"}})
        found = job.show("SC-1/1")
        assert codes(found) == []
        money(found["summary"], net_change_orders="8500.00", gross_this_period="34250.00")
