"""Stories in which every figure is asked why: ways of billing, changed lines, payees, stored modes, other file formats."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

from batch.jobs.why import why
from tests.scenarios.questions import ask_everything, proven, text
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
from tests.scenarios.test_billing_methods import MIXED, PIPE
from tests.scenarios.test_changed_lines import SUB as CHANGED
from tests.scenarios.test_changed_lines import approve
from tests.scenarios.test_holds_and_joint_checks import S48, hold, joint


def test_everything_of_a_contract_of_mixed_methods(tmp_path: Path) -> None:
    """Percent, amount, quantities, a re-measured line, a milestone, a deduction by quantity; corrected in review; a blank."""
    with site(tmp_path, Register(subs=[MIXED])) as job:
        job.tick(INVITED)
        first = {
            "1": {"percent_to_date": "33.333"}, "2": {"work_this_period": "2000"}, "3": {"quantity_to_date": "40.25"},
            "4": {"quantity_to_date": "11"}, "C1": {"quantity_to_date": "-5"},
        }  # fmt: skip
        job.submit(MIXED, first)
        ask_everything(job)
        job.tick(AFTER_DUE)
        noted = {"3": {"approved_quantity": "38", "line_reason": "Two lengths are not laid"}}
        job.review({"SC-1": {"decision": "Approve", "lines": noted}})
        job.tick(INVITED_2)
        second = {"1": {"percent_to_date": "66.667"}, "5": {"percent_to_date": "100"}}
        job.submit(MIXED, second | {"3": {"quantity_to_date": "77.5"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        assert ask_everything(job) > 150
        said = "\n".join(text(job, "SC-1/2", "3", "work"))
        assert "77.5 LF to date at the unit price 48.75" in said
        assert "By quantity: 39.5 LF this period" in said
        assert "'Schedule of values'!" in said or "Schedule of values!" in said
        assert "A milestone, billed whole or not at all: reached" in "\n".join(
            text(job, "SC-1/2", "5", "work")
        )
        assert "none was entered" in "\n".join(text(job, "SC-1/2", "C1", "work"))
        assert "38" in "\n".join(text(job, "SC-1/1", "3", "work"))


def test_a_quantity_entered_on_behalf_is_told(tmp_path: Path) -> None:
    """The review workbook is the source; the amount follows from the quantity in it."""
    other = Sub(number="SC-2", lines=[("1", "03-300", "1000")], vendor="V2")
    with site(tmp_path, Register(subs=[replace(PIPE, billed_by="on behalf"), other])) as job:
        job.tick(INVITED)
        job.submit(other, {"1": {"work_this_period": "10"}})
        job.tick(AFTER_DUE)
        job.enter("SC-1", "Billed by phone", {"1": {"quantity_to_date": "12"}})
        assert ask_everything(job) > 30
        assert "12 LF to date was entered in" in "\n".join(text(job, "SC-1/1", "1", "work"))


def test_everything_of_change_orders_on_lines_that_are_there(tmp_path: Path) -> None:
    """Each change is a part of the line's value with its own row of the register; L1 stays, L2 has them."""
    with site(tmp_path, Register(subs=[CHANGED])) as job:
        job.tick(INVITED)
        job.submit(CHANGED, {"1": {"work_this_period": "30000"}, "2": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        approve(job, "1", date(2026, 2, 3), "2026-02-03T18:00:00Z")
        job.tick(INVITED_2)
        job.submit(CHANGED, {"1": {"percent_to_date": "100"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        approve(job, "2", date(2026, 3, 4), "2026-03-04T18:00:00Z")
        job.tick(INVITED_3)
        job.submit(CHANGED, {"2": {"work_this_period": "-5000"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1", decision="Approve credit")
        assert ask_everything(job) > 100
        said = "\n".join(text(job, "SC-1/3", "L2"))
        assert "+ 5,000.00  Change order 1 changes line 1" in said
        assert "- 25,000.00  Change order 2 changes line 2" in said
        assert "60,000.00  Line 1 before its changes" in "\n".join(
            text(job, "SC-1/2", "1", "scheduled value")
        )


def test_everything_of_a_payable_that_is_split_and_held(tmp_path: Path) -> None:
    """Before the approval, after it, and after a reopening: joint checks by number, the vendor's rest, and an open hold."""
    with site(tmp_path, Register(subs=[S48])) as job:
        job.tick("2026-01-20T16:00:00Z")
        job.edit_register(joint("JC-1", 5000) | joint("JC-2", 4000, "Ridge Rental") | hold())
        job.tick(INVITED)
        job.submit(S48, {"1": {"work_this_period": "12000"}})
        ask_everything(job)
        assert "as it would be split today" in "\n".join(text(job, "SC-1/1", "payable"))
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        ask_everything(job)
        said = job.cli("why", "SC-1/1", "payable", "--all")
        assert re.search(r"5,000.00  To .* and Lakeside Supply together: joint check JC-1", said)
        assert "Joint checks!" in said
        assert "On hold H-1 since January 20, 2026: Insurance certificate expired" in said
        job.cli("decide", "SC-1/1", "reopen", "--reason", "Counted again", "--now", AFTER_DUE)
        ask_everything(job)


def test_everything_where_stored_materials_become_work_of_this_period(tmp_path: Path) -> None:
    """What was filled in is told as such; typed over, it is what was entered."""
    mode = {"Stored materials": "auto to this period"}
    sub = Sub(
        number="SC-1",
        lines=[("1", "03-300", "20000"), ("2", "05-120", "9000")],
        stored_retainage="5",
        more=mode,
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(
            sub,
            {"1": {"work_this_period": "1000", "materials_stored": "800"}, "2": {"materials_stored": "300"}},
        )
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "2000"}})
        ask_everything(job)
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        assert ask_everything(job) > 70
        said = "\n".join(text(job, "SC-1/2", "2", "work"))
        assert "left as it was filled in: 300.00 of what was stored before becomes work" in said


def test_a_claim_that_came_in_another_format_is_read_again(tmp_path: Path) -> None:
    """An .ods is read in a child process when its cells are looked up, for a figure and for the steps."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        mail = job.invite(sub)
        book = tmp_path / "bill.xlsx"
        book.write_bytes(filled(workbook_of(mail), {"1": {"work_this_period": "500"}}, {}))
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "ods",
            "--outdir",
            str(tmp_path),
            str(book),
        ]
        subprocess.run(command, check=True, capture_output=True)
        data = (tmp_path / "bill.ods").read_bytes()
        job.receive(reply(mail, data, when=job.now, name="bill.ods"))
        ask_everything(job)
        assert "500 was entered in Lines!" in "\n".join(text(job, "SC-1/1", "1", "work"))
        assert "work_this_period = 500" in job.cli("why", "SC-1/1", "--json")


def test_a_document_that_takes_another_back_is_told_turned_round(tmp_path: Path) -> None:
    """The credit is the bill with its sign turned; once it is opened again the old one says what was written then."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "500"}}, invoice_number="INV-7")
        job.tick(AFTER_DUE)
        cut = {"1": {"approved_work": "400", "line_reason": "Level 3 is not poured"}}
        job.review({"SC-1": {"decision": "Approve", "lines": cut}})
        job.at("erp", "export", "P1", "--target", "csv")
        job.at("erp", "confirm", "1", "--erp-batch", "AP-1")
        job.at("erp", "reverse", "1")
        proven(why(job.w, "erp:INV-7"), None)
        credit = proven(why(job.w, "erp:INV-7-RV"), None)
        said = "\n".join(credit.lines(everything=True))
        assert "takes another document back" in said
        assert "-400.00  Amount: gross of this period: takes back what went out before" in said
        job.at("decide", "SC-1/1", "reopen", "--reason", "Counted again")
        old = proven(why(job.w, "erp:INV-7"), None)
        assert "as it was written then" in "\n".join(old.lines(everything=True))
