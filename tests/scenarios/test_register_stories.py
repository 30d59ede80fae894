"""Stories of the register workbook: imported again, exported and changed, frozen by the first invite, corrected, sent by mail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.balances import form
from tests.scenarios.paperwork import XLSX, body
from tests.scenarios.registers import Rows, edited, register_workbook
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    OUR_ADDRESS,
    Register,
    Site,
    Sub,
    site,
)

SUB = Sub(number="SC-1", lines=[("1", "03-300", "10000"), ("2", "05-120", "25000")])
OTHER = Sub(number="SC-2", lines=[("1", "09-900", "8000")])
BY_US = Sub(number="SC-3", lines=[("1", "09-900", "8000")], billed_by="on behalf")
LINE, TERMS = ("Schedule of values", "SC-1/1"), ("Commitments", "SC-1")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation whose first invites are out; tests that use it leave the register as it is."""
    with site(tmp_path_factory.mktemp("started"), Register(subs=[SUB, OTHER, BY_US])) as job:
        job.tick(INVITED)
        yield job


def counts(said: dict[str, Any]) -> tuple[int, int, int]:
    """How many rows an import added, changed and refused."""
    return said["added"], said["changed"], len(said["refused"])


def imported(job: Site, data: bytes, *, code: int = 0) -> dict[str, Any]:
    """Import a register workbook through the command line; gives what it said."""
    file = job.folder / "register-in.xlsx"
    file.write_bytes(data)
    said: dict[str, Any] = json.loads(job.at("register", "import", str(file), "--yes", "--json", code=code))
    return said


def test_the_same_register_again_changes_nothing(started: Site) -> None:
    """The file of the start, and an export of what stands, both show nothing to do."""
    rows = Register(subs=[SUB, OTHER, BY_US]).rows()
    said = imported(started, register_workbook(rows, started.now))
    assert counts(said) == (0, 0, 0)
    assert said["unchanged"] > 10
    assert counts(started.edit_register({})) == (0, 0, 0)


def test_a_row_or_a_sheet_that_is_missing_changes_nothing(started: Site) -> None:
    """A register with one sheet is taken for that sheet alone."""
    rows = {"Vendors": Register(subs=[SUB]).rows()["Vendors"]}
    assert counts(imported(started, register_workbook(rows, started.now))) == (0, 0, 0)
    assert started.standing("SC-2")["state"] == "Invited"


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (LINE, {"Scheduled value": 10001}),
        (LINE, {"Cost code": "03-310"}),
        (TERMS, {"Retainage on work": 0.05}),
        (TERMS, {"Retainage on stored": 0.05}),
        (TERMS, {"Currency": "EUR"}),
        (("Schedule of values", "SC-3/1"), {"Scheduled value": 8001}),
    ],
)
def test_after_the_first_invite_what_decides_money_is_frozen(
    started: Site, place: tuple[str, str], change: dict[str, Any]
) -> None:
    """Original amount, cost code, retainage and currency are refused as a plain change, each with what to do instead.

    What is billed on behalf only is frozen in the same way.
    """
    said = started.edit_register({place: change}, code=1)
    assert counts(said)[:2] == (0, 0)
    assert any("change order" in one["reason"] for one in said["refused"])


def test_a_new_line_of_the_original_contract_is_refused_after_the_first_invite(started: Site) -> None:
    """The contract sum grows by a change order only."""
    line = {
        "Commitment": "SC-1", "Line": "9", "Description": "More", "Cost code": "03-300", "Scheduled value": 500,
    }  # fmt: skip
    said = started.edit_register({("Schedule of values", "SC-1/9"): line}, code=1)
    assert counts(said)[:2] == (0, 0)
    assert any("difference -500.00" in one["reason"] for one in said["refused"])
    said = started.edit_register(
        {("Schedule of values", "SC-1/9"): line, ("Commitments", "SC-1"): {"Original contract sum": None}},
        code=1,
    )
    assert counts(said) == (0, 0, 1)
    assert "Put the line under a new change order" in said["refused"][0]["reason"]


def test_what_decides_no_money_may_change_at_any_time(tmp_path: Path) -> None:
    """Titles, contacts and payment days are not frozen; a new contact gets the next invite."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        said = job.edit_register(
            {
                TERMS: {"Title": "Concrete and steel", "Payment days": 45},
                ("Contacts", "SC-1/new@sub.example"): {
                    "Commitment": "SC-1", "Email": "new@sub.example", "Role": "bills", "Name": "New Person",
                },
            }
        )  # fmt: skip
        assert counts(said) == (1, 1, 0)
        job.submit(SUB, {"1": {"work_this_period": "1000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.tick(INVITED_2)
        assert len(job.mails("new@sub.example", "invite to bill")) == 1


def test_a_dated_correction_with_a_reason_changes_a_frozen_value(tmp_path: Path) -> None:
    """The next invite has the corrected value and rate; what was issued and approved before stays to the cent."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, {"1": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = "L1 35,000.00, L2 0.00, L3 35,000.00, L4 5,000.00, L5 500.00, L6 4,500.00, L7 0.00, L8 4,500.00, L9 30,500.00"
        form(job.show("SC-1/1"), first)
        correction = {
            "Commitment": "SC-1", "Sheet": "Schedule of values", "Row": "1", "Column": "Scheduled value",
            "New value": "12000.00", "Date": date(2026, 2, 4), "Reason": "The signed contract says 12,000",
        }  # fmt: skip
        bare = {**correction, "Reason": None}
        assert counts(job.edit_register({("Corrections", "new"): bare}, code=1)) == (0, 0, 1)
        said = job.edit_register({("Corrections", "new"): correction})
        assert counts(said) == (1, 1, 0)
        assert counts(job.edit_register({})) == (0, 0, 0)
        form(job.show("SC-1/1"), first)
        job.tick(INVITED_2)
        job.submit(SUB, {"1": {"percent_to_date": "75"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        form(
            job.show("SC-1/2"),
            "L1 37,000.00, L2 0.00, L3 37,000.00, L4 9,000.00, L5 900.00, L6 8,100.00, L7 4,500.00, L8 3,600.00, "
            "L9 28,900.00, gross 4,000.00",
        )


def test_a_row_changed_since_the_export_is_refused(tmp_path: Path) -> None:
    """Two people change the same row of the same export: the second one is told, and a row of its own goes through."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        out = job.folder / "export.xlsx"
        job.at("register", "export", str(out))
        mine = edited(out.read_bytes(), {TERMS: {"Title": "Mine"}})
        theirs = edited(
            out.read_bytes(), {TERMS: {"Title": "Theirs"}, ("Vendors", "V1"): {"Name": "Baxter LLC"}}
        )
        assert counts(imported(job, mine)) == (0, 1, 0)
        said = imported(job, theirs, code=1)
        assert counts(said) == (0, 1, 1)
        assert "since this file was made" in said["refused"][0]["reason"]
        job.tick(INVITED)
        assert "Mine" in body(job.invite(SUB))
        assert job.standing("SC-1")["vendor"] == "Baxter LLC"


def test_every_fault_of_a_register_is_reported_at_once(started: Site) -> None:
    """Sheet, cell, value and what was expected, for each fault of the file; the good rows beside them are kept apart."""
    rows: Rows = {
        "Vendors": [{"Number": "V8", "Name": "Good"}, {"Number": "V9"}],
        "Deductions": [
            {
                "Commitment": "SC-1", "Number": "BC-9", "Date": date(2026, 1, 20), "Description": "x",
                "Amount": Decimal(-5),
            },
            {
                "Commitment": "SC-77", "Number": "BC-9", "Date": date(2026, 1, 20), "Description": "x",
                "Amount": Decimal(5),
            },
        ],
    }  # fmt: skip
    file = started.folder / "faulty.xlsx"
    file.write_bytes(register_workbook(rows, started.now))
    said = json.loads(started.cli("register", "check", str(file), "--json", code=1))
    assert (said["added"], len(said["refused"])) == (1, 3)
    assert {(one["sheet"], one["found"]) for one in said["problems"]} >= {
        ("Vendors", ""),
        ("Deductions", "-5"),
        ("Deductions", "SC-77"),
    }
    assert all(one["cell"] and one["expected"] and one["sentence"] for one in said["problems"])


def mailed(workbook: bytes, sender: str) -> bytes:
    """A mail of our own making with a register workbook."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, OUR_ADDRESS, "New vendors"
    mail["Message-ID"] = "<register-1@gc.example>"
    mail.set_content("Please take these over.")
    mail.add_attachment(workbook, maintype=XLSX[0], subtype=XLSX[1], filename="register.xlsx")
    return mail.as_bytes()


VENDORS = {"Vendors": [{"Number": "V5", "Name": "Moss Glazing"}, {"Number": "V6"}]}


def test_a_register_by_mail_is_answered_and_not_applied(tmp_path: Path) -> None:
    """An admin's mail is answered with what would be added and refused; a sender is no proof, so nothing changes."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        data = register_workbook(VENDORS, job.now)
        job.receive(mailed(data, ADMIN))
        answer = job.last_mail(ADMIN, "register")
        assert str(answer["Subject"]) == "Register: 1 added, 0 changed, 1 refused"
        text = body(answer)
        assert "Nothing has been changed yet" in text
        assert "register import" in text
        assert "V5" in text
        assert job.inbox()[-1]["outcome"] == "register-checked"
        assert counts(imported(job, data, code=1)) == (1, 0, 1), "nothing had been applied"


def test_a_register_in_the_folder_is_applied_and_answered(tmp_path: Path) -> None:
    """What an admin puts into the own folder is confirmed by that; good rows are taken, the report says the rest."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        data = register_workbook(VENDORS, job.now)
        lines = job.put_into_folder(data)
        assert any("V5" in line for line in lines)
        text = body(job.last_mail(ADMIN, "register"))
        assert "applied" in text
        assert counts(imported(job, data, code=1)) == (0, 0, 1), "the good row is there already"
