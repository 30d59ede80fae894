"""Stories of the final bill: what it has to come to, what keeps it from being approved, and that nothing follows it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Site,
    Sub,
    site,
    workbook_of,
)

ONE = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
TWO = Sub(number="SC-1", lines=[("1", "03-300", "30000"), ("2", "05-120", "20000")])


def first_bill(job: Site, sub: Sub, entries: dict[str, dict[str, str]]) -> None:
    """The first period is billed and approved, and the next invite is to be the final one."""
    job.tick(INVITED)
    job.submit(sub, entries)
    job.tick(AFTER_DUE)
    job.approve(sub.number)
    job.edit_register({("Commitments", sub.number): {"Invite for": "final"}})
    job.tick(INVITED_2)


def returned_for(job: Site, name: str) -> list[tuple[str, str]]:
    """Code and line of what an application was sent back for."""
    return [(one["code"], one["line"]) for one in job.show(name)["findings"] if one["severity"] == "return"]


def deductive(number: str, line: str, amount: int) -> dict[tuple[str, str], dict[str, Any]]:
    """A deductive change order of one line, as rows of the register."""
    return {
        ("Change orders", f"SC-1/{number}"): {
            "Commitment": "SC-1", "Number": number, "Title": "Not done", "Status": "approved",
            "Approved on": date(2026, 2, 24), "Amount": amount,
        },
        ("Schedule of values", f"SC-1/{line}"): {
            "Commitment": "SC-1", "Line": line, "Description": "Not done", "Cost code": "05-120",
            "Scheduled value": amount, "Change order": number,
        },
    }  # fmt: skip


def test_s24_last_work_and_all_retainage_in_one_final_bill(tmp_path: Path) -> None:
    """46,000 held 4,600; 4,000 more and all retainage back: 8,600 due, nothing held, nothing left, and no further invite."""
    with site(tmp_path, Register(subs=[ONE])) as job:
        first_bill(job, ONE, {"1": {"work_this_period": "46000"}})
        first = job.show("SC-1/1")
        assert job.standing("SC-1", 2)["kind"] == "final"
        assert "final bill: all work that is left" in body(job.invite(ONE))
        job.submit(ONE, {"1": {"percent_to_date": "100", "retainage_release": "5000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        follows_on(second, first)
        form(
            second,
            "L1 50,000.00, L2 0.00, L3 50,000.00, L4 50,000.00, L5a 0.00, L5b 0.00, L5 0.00, L6 50,000.00, "
            "L7 41,400.00, L8 8,600.00, L9 0.00, gross 4,000.00, payable 8,600.00",
        )
        assert column(second, "withheld_this_period") == ["400.00"]
        assert column(second, "released_this_period") == ["5000.00"]
        paid = [Decimal(one["summary"]["current_payment_due"]) for one in (first, second)]
        assert sum(paid) == Decimal(second["summary"]["total_earned_less_retainage"])
        job.tick(INVITED_3)
        assert job.status()["periods"][2]["commitments"] == []
        refused = job.cli_error("invite", "P1", "3", "SC-1", "--for", "work")
        assert "its final bill SC-1/2 is approved" in refused


def test_the_workbook_says_on_one_screen_what_is_expected_and_fills_nothing_in(tmp_path: Path) -> None:
    """Title, note and the sheet 'Final' say it in figures; every input cell is as blank as on any other invite."""
    with site(tmp_path, Register(subs=[TWO])) as job:
        entries = {
            "1": {"work_this_period": "26000", "materials_stored": "1000"},
            "2": {"percent_to_date": "90"},
        }
        first_bill(job, TWO, entries)
        book = load_workbook(io.BytesIO(workbook_of(job.invite(TWO))))
        texts = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value]
        assert "Final pay application 2" in texts
        assert any(
            "6,000.00 of work is left to bill" in text
            and "5,000.00 is asked back" in text
            and "9,500.00" in text
            for text in texts
        )
        rows = [[cell.value for cell in row] for row in book["Final"].iter_rows(min_row=5, max_row=7)]
        assert rows[0][2:] == [4000, 0, 3000]
        assert rows[1][2:] == [2000, 0, 2000]
        assert rows[2][2:] == [6000, 0, 5000]
        lines = book["Lines"]
        keys = {
            str(cell.value): cell.column for row in lines.iter_rows(max_row=5) for cell in row if cell.value
        }
        inputs = ("percent_to_date", "work_this_period", "retainage_release")
        filled_in = [lines.cell(row, keys[key]).value for row in (6, 7) for key in inputs]
        assert filled_in == [None] * 6


WRONG = (
    ({"1": {"work_this_period": "3999.99", "retainage_release": "3000"}}, ("final-incomplete", "1")),
    ({"1": {"work_this_period": "4000", "retainage_release": "2600"}}, ("final-retainage", "1")),
    (
        {"1": {"work_this_period": "3000", "materials_stored": "1000", "retainage_release": "3000"}},
        ("final-stored", "1"),
    ),
)


@pytest.mark.parametrize(("wrong", "expected"), WRONG)
def test_a_final_bill_that_leaves_something_is_sent_back(
    tmp_path: Path, wrong: dict[str, dict[str, str]], expected: tuple[str, str]
) -> None:
    """A cent unbilled, retainage left, or something stored: returned with line and figures; filled in whole it passes."""
    with site(tmp_path, Register(subs=[TWO])) as job:
        first_bill(job, TWO, {"1": {"work_this_period": "26000"}, "2": {"percent_to_date": "100"}})
        rest: dict[str, Any] = {"2": {"retainage_release": "2000"}}
        job.submit(TWO, rest | dict(wrong))
        standing = job.standing("SC-1", 2)
        assert standing["state"] == "Returned"
        assert expected in returned_for(job, standing["application"])
        right = {
            "1": {"work_this_period": "4000", "materials_stored": None, "retainage_release": "3000"},
            **rest,
        }
        job.submit(TWO, right, answering=job.last_mail(TWO.address, "correct"))
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        form(job.show("SC-1/2"), "L4 50,000.00, L5 0.00, L6 50,000.00, L7 41,400.00, L8 8,600.00, L9 0.00")


def test_value_that_is_not_done_is_closed_out_by_the_variation_the_final_bill_proposes(
    tmp_path: Path,
) -> None:
    """The finding names 1,500.00 of line 2; as a deductive change order it makes the same final bill complete."""
    with site(tmp_path, Register(subs=[TWO])) as job:
        first_bill(job, TWO, {"1": {"percent_to_date": "100"}, "2": {"work_this_period": "18500"}})
        job.submit(TWO, {"1": {"retainage_release": "3000"}, "2": {"retainage_release": "1850"}})
        name = job.standing("SC-1", 2)["application"]
        (found,) = [one for one in job.show(name)["findings"] if one["code"] == "final-incomplete"]
        assert (found["line"], found["found"], found["expected"]) == ("2", "18500.00", "20000.00")
        assert found["difference"] == "-1500.00"
        assert job.show(name)["close_out"] == [{"line": "2", "description": "Line 2", "amount": "-1500.00"}]
        assert "a change order of -1,500.00 closes it out" in body(job.last_mail(TWO.address, "correct"))
        job.edit_register(deductive("1", "C1", -1500))
        job.tick()
        entries = {
            "1": {"retainage_release": "3000"},
            "2": {"percent_to_date": "100", "retainage_release": "2000"},
            "C1": {"percent_to_date": "100", "retainage_release": "-150"},
        }
        job.submit(TWO, entries)
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        last = job.show("SC-1/2")
        form(
            last,
            "L1 50,000.00, L2 -1,500.00, L3 48,500.00, L4 48,500.00, L5 0.00, L6 48,500.00, L7 43,650.00, "
            "L8 4,850.00, L9 0.00",
        )
        assert last["close_out"] == []


def test_a_final_bill_can_be_opened_again_and_then_the_commitment_goes_on(tmp_path: Path) -> None:
    """Nothing follows an approved final bill; opened again and rejected, it is billed anew."""
    with site(tmp_path, Register(subs=[ONE])) as job:
        first_bill(job, ONE, {"1": {"work_this_period": "46000"}})
        job.submit(ONE, {"1": {"percent_to_date": "100", "retainage_release": "5000"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        job.at("decide", "SC-1/2", "reopen", "--reason", "Line 1 is not done")
        assert job.show("SC-1/2")["state"] == "Under Review"
        job.verify()
        job.at("decide", "SC-1/2", "void", "--reason", "Billed next month")
        job.edit_register({("Commitments", "SC-1"): {"Invite for": "both"}})
        job.tick(INVITED_3)
        job.submit(ONE, {"1": {"work_this_period": "1000"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1")
        assert job.standing("SC-1", 3)["state"] == "Approved"


def test_an_open_invite_is_turned_into_one_for_the_final_bill(tmp_path: Path) -> None:
    """`billings invite --for final` replaces the invite that is out; the sub gets the other workbook."""
    with site(tmp_path, Register(subs=[ONE])) as job:
        job.tick(INVITED)
        said = job.at("invite", "P1", "1", "SC-1", "--for", "final")
        assert "Invited for final: SC-1, 1 mail" in said
        job.tick()
        assert job.standing("SC-1")["kind"] == "final"
        assert "already in this period" in job.cli_error("invite", "P1", "1", "SC-1", "--for", "final")
        job.submit(ONE, {"1": {"work_this_period": "50000", "retainage_release": "5000"}})
        assert "has to be decided first" in job.cli_error("invite", "P1", "1", "SC-1", "--for", "work")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(job.show("SC-1/1"), "L4 50,000.00, L5 0.00, L6 50,000.00, L7 0.00, L8 50,000.00, L9 0.00")


def test_a_project_is_not_invited_for_final_bills(tmp_path: Path) -> None:
    """Final as a project's default is refused in its cell, and everything else goes on."""
    with site(tmp_path, Register(subs=[ONE])) as job:
        said = job.edit_register({("Projects", "P1"): {"Invite for": "final"}}, code=1)
        assert "one commitment" in str(said)
