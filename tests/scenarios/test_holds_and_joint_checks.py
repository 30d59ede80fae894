"""Stories of payment: holds that keep an approved bill out of the ERP files, and joint checks that split what is payable."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from tests.scenarios.balances import form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Site,
    Sub,
    money,
    site,
    workbook_of,
)
from tests.scenarios.test_final_bill import first_bill
from tests.scenarios.test_tampering import drop_triggers

ONE = Sub(number="SC-1", lines=[("1", "03-300", "50000")], vendor="V1")
TWO = Sub(number="SC-2", lines=[("1", "05-120", "50000")], vendor="V2")
S48 = Sub(number="SC-1", lines=[("1", "03-300", "40000")])
Cells = dict[tuple[str, str], dict[str, Any]]


def hold(number: Any = "H-1", **cells: Any) -> Cells:
    """A hold on SC-1 as a row of the register."""
    return {
        ("Holds", number): {
            "Number": number, "Commitment": "SC-1", "Reason": "Insurance certificate expired",
            "From": date(2026, 1, 20), "Show to vendor": "yes", **cells,
        }
    }  # fmt: skip


def joint(number: str, owed: int, payee: Any = "Lakeside Supply", **cells: Any) -> Cells:
    """A joint check agreement of SC-1 as a row of the register."""
    return {
        ("Joint checks", f"SC-1/{number}"): {
            "Commitment": "SC-1", "Number": number, "Joint payee": payee, "Amount owed": owed,
            "Agreement date": date(2026, 1, 12), **cells,
        }
    }  # fmt: skip


def month(job: Site, invited: str, due: str, *bills: tuple[Sub, str]) -> None:
    """One period: each bills so much work, and everything is approved."""
    job.tick(invited)
    for sub, work in bills:
        job.submit(sub, {"1": {"work_this_period": work}})
    job.tick(due)
    job.approve(*(sub.number for sub, _work in bills))


def review_texts(workbook: bytes) -> str:
    """Every text of the sheet of applications."""
    sheet = load_workbook(io.BytesIO(workbook))["Applications"]
    return " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)


def paid(job: Site, name: str) -> list[tuple[str | None, list[str], str]]:
    """Who is paid what, and that it adds up to what is payable."""
    found = job.show(name)
    assert sum(Decimal(one["amount"]) for one in found["payees"]) == Decimal(found["summary"]["payable"])
    return [(one["joint_check"], one["payees"], one["amount"]) for one in found["payees"]]


def manifest(job: Site) -> dict[str, Any]:
    """The manifest of the newest batch."""
    folder = json.loads(job.cli("erp", "list", "--json"))[-1]["folder"]
    found: dict[str, Any] = json.loads((job.folder / "output" / folder / "manifest.json").read_text("utf-8"))
    return found


def rows(job: Site, name: str) -> list[dict[str, str]]:
    """A CSV file of the newest batch."""
    folder = json.loads(job.cli("erp", "list", "--json"))[-1]["folder"]
    with (job.folder / "output" / folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_s48_a_joint_check_splits_what_is_payable(tmp_path: Path) -> None:
    """9,000.00 payable, 2,750.00 owed to a supplier: 2,750.00 to both together, 6,250.00 to the sub; shown everywhere."""
    with site(tmp_path, Register(subs=[S48])) as job:
        job.edit_register(joint("JC-1", 2750))
        job.tick(INVITED)
        job.submit(S48, {"1": {"work_this_period": "10000"}})
        assert job.show("SC-1/1")["payees"] == []
        job.tick(AFTER_DUE)
        assert (
            "Joint check JC-1: $2,750.00 of the payable $9,000.00 goes to Vendor V1 and Lakeside Supply"
            in (review_texts(workbook_of(job.last_mail(ADMIN, "review"))))
        )
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L4 10,000.00, L5 1,000.00, L6 9,000.00, L7 0.00, L8 9,000.00, L9 31,000.00, payable 9,000.00",
        )
        assert paid(job, "SC-1/1") == [
            ("JC-1", ["Vendor V1", "Lakeside Supply"], "2750.00"),
            (None, ["Vendor V1"], "6250.00"),
        ]
        job.tick("2026-02-03T18:00:00Z")
        notice = body(job.last_mail(S48.address, "approved"))
        assert "Who is paid: To Vendor V1 and Lakeside Supply together" in notice
        assert "$2,750.00" in notice
        assert "$6,250.00" in notice
        job.at("erp", "export", "P1", "--target", "csv")
        assert [(one["payee"], one["joint_payee"], one["amount"]) for one in rows(job, "payments.csv")] == [
            ("Vendor V1", "Lakeside Supply", "2750.00"),
            ("Vendor V1", "", "6250.00"),
        ]
        job.at("erp", "export", "P1", "--target", "json")
        payments = manifest(job)["documents"][0]["payments"]
        assert [one["amount"] for one in payments] == ["2750.00", "6250.00"]
        job.at("erp", "export", "P1", "--target", "quickbooks-iif")
        assert "no second payee" in manifest(job)["joint_checks"]
        folder = json.loads(job.cli("erp", "list", "--json"))[-1]["folder"]
        assert "joint check JC-1: 2750.00 with Lakeside Supply" in (
            (job.folder / "output" / folder / "bills.iif").read_text("cp1252")
        )


def test_agreements_are_used_up_by_number_over_three_months(tmp_path: Path) -> None:
    """Two agreements over 9,000.00 months: the first is filled first, the second takes what is left, then the sub has all."""
    with site(tmp_path, Register(subs=[S48])) as job:
        job.edit_register({**joint("JC-2", 12000, "Beam Works"), **joint("JC-10", 1500, "Crane Hire")})
        month(job, INVITED, AFTER_DUE, (S48, "10000"))
        assert paid(job, "SC-1/1") == [("JC-2", ["Vendor V1", "Beam Works"], "9000.00")]
        month(job, INVITED_2, AFTER_DUE_2, (S48, "10000"))
        assert paid(job, "SC-1/2") == [
            ("JC-2", ["Vendor V1", "Beam Works"], "3000.00"),
            ("JC-10", ["Vendor V1", "Crane Hire"], "1500.00"),
            (None, ["Vendor V1"], "4500.00"),
        ]
        month(job, INVITED_3, AFTER_DUE_3, (S48, "10000"))
        assert paid(job, "SC-1/3") == [(None, ["Vendor V1"], "9000.00")]


def test_reopening_gives_back_to_an_agreement_what_it_took(tmp_path: Path) -> None:
    """Approved anew with less, the agreement takes its part of the smaller payment; an ended one takes nothing."""
    with site(tmp_path, Register(subs=[S48])) as job:
        job.edit_register(joint("JC-1", 10000))
        month(job, INVITED, AFTER_DUE, (S48, "10000"))
        assert paid(job, "SC-1/1") == [("JC-1", ["Vendor V1", "Lakeside Supply"], "9000.00")]
        job.at("decide", "SC-1/1", "reopen", "--reason", "A slip")
        assert job.show("SC-1/1")["payees"] == []
        job.verify()
        job.tick()
        job.review(
            {
                "SC-1": {
                    "decision": "Approve",
                    "lines": {"1": {"approved_work": "5000", "line_reason": "Half is done"}},
                }
            }
        )
        assert paid(job, "SC-1/1") == [("JC-1", ["Vendor V1", "Lakeside Supply"], "4500.00")]
        job.edit_register(joint("JC-1", 10000, **{"Ended on": date(2026, 2, 15)}))
        month(job, INVITED_2, AFTER_DUE_2, (S48, "10000"))
        assert paid(job, "SC-1/2") == [(None, ["Vendor V1"], "9000.00")]


def test_a_split_that_was_altered_is_found(tmp_path: Path) -> None:
    """`verify` names the application and the agreement when somebody moves money between the payees."""
    with site(tmp_path, Register(subs=[S48])) as job:
        job.edit_register(joint("JC-1", 2750))
        month(job, INVITED, AFTER_DUE, (S48, "10000"))
        drop_triggers(job)
        with job.w.store.write() as conn:
            conn.execute(text("UPDATE application_payee SET amount_minor = 100000"))
        said = json.loads(job.cli("verify", "--json", code=1))["faults"]
        assert any("application_payee of SC-1/1: JC-1 takes 1000.00" in fault for fault in said)
        with job.w.store.write() as conn:
            conn.execute(text("UPDATE application_payee SET amount_minor = 275000"))


def test_a_hold_over_two_months_and_its_release(tmp_path: Path) -> None:
    """Approved and not exported while it is open, with the reason; the others go out; after the release both months do."""
    with site(tmp_path, Register(subs=[ONE, TWO])) as job:
        job.edit_register(hold())
        job.tick(INVITED)
        job.submit(ONE, {"1": {"work_this_period": "10000"}})
        job.submit(TWO, {"1": {"work_this_period": "5000"}})
        job.tick(AFTER_DUE)
        texts = review_texts(workbook_of(job.last_mail(ADMIN, "review")))
        assert "On hold H-1 since January 20, 2026: Insurance certificate expired." in texts
        job.approve("SC-1", "SC-2")
        assert job.standing("SC-1")["state"] == "Approved"
        assert [one["number"] for one in job.standing("SC-1")["holds"]] == ["H-1"]
        assert job.standing("SC-2")["holds"] == []
        assert job.show("SC-1/1")["holds"][0]["reason"] == "Insurance certificate expired"
        said = job.at("erp", "export", "P1", "--target", "csv")
        assert "Held: SC-1-1: hold H-1: Insurance certificate expired" in said
        assert [one["document_number"] for one in manifest(job)["documents"]] == ["SC-2-1"]
        assert manifest(job)["held"] == [
            {"document_number": "SC-1-1", "reason": "hold H-1: Insurance certificate expired"}
        ]
        job.tick("2026-02-03T18:00:00Z")
        assert "On hold, not paid yet: Insurance certificate expired" in body(
            job.last_mail(ONE.address, "approved")
        )
        assert "On hold" not in body(job.last_mail(TWO.address, "approved"))
        month(job, INVITED_2, AFTER_DUE_2, (ONE, "10000"))
        said = job.at("erp", "export", "P1", "--target", "csv")
        assert said.count("Held:") == 2
        assert "Nothing new" not in said
        job.edit_register(hold(**{"Released on": date(2026, 3, 5)}))
        job.at("erp", "export", "P1", "--target", "csv")
        assert [one["document_number"] for one in manifest(job)["documents"]] == ["SC-1-1", "SC-1-2"]
        assert job.show("SC-1/1")["holds"] == []


def test_a_hold_on_a_vendor_holds_all_its_commitments_and_is_not_told_unless_shown(tmp_path: Path) -> None:
    """Both commitments of the vendor stay out; the notice says nothing of a hold that is not to be shown."""
    other = Sub(number="SC-2", lines=[("1", "05-120", "50000")], vendor="V1")
    with site(tmp_path, Register(subs=[ONE, other])) as job:
        job.edit_register(hold(Commitment=None, Vendor="V1", **{"Show to vendor": "no"}))
        month(job, INVITED, AFTER_DUE, (ONE, "10000"), (other, "5000"))
        said = job.at("erp", "export", "P1", "--target", "csv")
        assert said.count("Held:") == 2
        job.tick("2026-02-03T18:00:00Z")
        assert "hold" not in body(job.last_mail(ONE.address, "approved")).lower()


def test_a_hold_or_an_agreement_that_says_nothing_clear_is_refused_in_its_cell(tmp_path: Path) -> None:
    """On nobody, on both, released before it began, nothing owed, an unknown commitment: each with its cell."""
    with site(tmp_path, Register(subs=[ONE])) as job:
        said = job.edit_register(
            {
                **hold("H-1", Commitment=None),
                **hold("H-2", Vendor="V1"),
                **hold("H-3", **{"Released on": date(2026, 1, 1)}),
                **joint("JC-1", 0),
                ("Joint checks", "SC-9/JC-1"): {
                    "Commitment": "SC-9", "Number": "JC-1", "Joint payee": "Nobody", "Amount owed": 5,
                    "Agreement date": date(2026, 1, 1),
                },
            },
            code=1,
        )  # fmt: skip
        told = str(said)
        for piece in (
            "fill in one of both",
            "not released before it began",
            "more than 0",
            'no commitment "SC-9"',
        ):
            assert piece in told, piece
        job.tick(INVITED)
        assert job.standing("SC-1")["holds"] == []


def test_a_final_bill_waits_for_pending_changes_and_open_holds_unless_a_reason_goes_over_them(
    tmp_path: Path,
) -> None:
    """Approve alone is refused for both; with a reason it is approved, and the reason and what it went over are kept."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        first_bill(job, sub, {"1": {"work_this_period": "46000"}})
        pending = {
            ("Change orders", "SC-1/7"): {
                "Commitment": "SC-1", "Number": "7", "Title": "Extra door", "Status": "pending", "Amount": 800,
            },
            ("Schedule of values", "SC-1/C7"): {
                "Commitment": "SC-1", "Line": "C7", "Description": "Extra door", "Cost code": "08-100",
                "Scheduled value": 800, "Change order": "7",
            },
        }  # fmt: skip
        job.edit_register({**hold(), **pending})
        job.submit(sub, {"1": {"percent_to_date": "100", "retainage_release": "5000"}})
        found = job.show("SC-1/2")["findings"]
        assert [(one["code"], one["severity"]) for one in found] == [
            ("final-change-pending", "hold"),
            ("final-on-hold", "hold"),
        ]
        job.tick(AFTER_DUE_2)
        refused = job.review({"SC-1": {"decision": "Approve"}})
        assert any("Change order 7 of 800.00 is pending" in line for line in refused), refused
        assert job.show("SC-1/2")["state"] == "Under Review"
        job.review({"SC-1": {"decision": "Approve", "reason": "Door goes under another contract"}})
        last = job.show("SC-1/2")
        assert last["state"] == "Approved"
        form(last, "L4 50,000.00, L5 0.00, L6 50,000.00, L7 41,400.00, L8 8,600.00, L9 0.00")
        assert last["history"][-1]["reason"] == "Door goes under another contract"
        assert "Held: SC-1-2: hold H-1" in job.at("erp", "export", "P1", "--target", "csv")
        money(last["summary"], payable="8600.00")
