"""Stories of the files for the accounting system: once per target, taken back and written again, tied to what was approved."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.scenarios.balances import form
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    site,
)

ONE = Sub(number="SC-1", lines=[("1", "03-300", "10000"), ("2", "05-120", "20000")], invite_for="both")
TWO = Sub(number="SC-2", lines=[("1", "09-900", "8000")], retainage="0", vendor="V2")


def batches(job: Site) -> list[dict[str, Any]]:
    """Every batch with its totals and state."""
    found: list[dict[str, Any]] = json.loads(job.cli("erp", "list", "--json"))
    return found


def exported(job: Site, target: str) -> Path:
    """Export to a target; gives the folder of the batch."""
    said = job.at("erp", "export", "P1", "--target", target)
    assert said.startswith("Written: "), said
    return job.folder / "output" / str(batches(job)[-1]["folder"])


def blocks(folder: Path) -> list[list[list[str]]]:
    """The bills of an IIF file, each as its TRNS and SPL rows."""
    found: list[list[list[str]]] = []
    for line in (folder / "bills.iif").read_text(encoding="cp1252").splitlines():
        cells = line.split("\t")
        if cells[0] == "TRNS":
            found.append([cells])
        elif cells[0] == "SPL":
            found[-1].append(cells)
    return found


def amounts(block: list[list[str]], job: Path) -> list[Decimal]:
    """The AMOUNT of each row of one bill."""
    header = (job / "bills.iif").read_text(encoding="cp1252").splitlines()
    heads = {line.split("\t")[0]: line.split("\t") for line in header[:2]}
    return [Decimal(row[heads["!" + row[0]].index("AMOUNT")]) for row in block]


def month(job: Site, invited: str, due: str, entries: dict[str, dict[str, dict[str, str]]]) -> None:
    """One period: those who bill, and everything approved."""
    job.tick(invited)
    for sub in (ONE, TWO):
        if sub.number in entries:
            job.submit(sub, entries[sub.number])
    job.tick(due)
    job.approve(*entries)


FIRST = {
    "SC-1": {"1": {"work_this_period": "8000"}, "2": {"work_this_period": "4000"}},
    "SC-2": {"1": {"work_this_period": "3420"}},
}


def test_an_iif_batch_adds_up_to_what_was_approved(tmp_path: Path) -> None:
    """Each bill sums to zero, work less retainage less backcharge is what is payable, and all bills are all approvals."""
    register = Register(subs=[ONE, TWO], deductions=[("SC-1", "BC-1", "650")])
    with site(tmp_path, register) as job:
        month(job, INVITED, AFTER_DUE, FIRST)
        form(
            job.show("SC-1/1"),
            "L4 12,000.00, L5 1,200.00, L6 10,800.00, L7 0.00, L8 10,800.00, L9 19,200.00, payable 10,150.00",
        )
        folder = exported(job, "quickbooks-iif")
        bills = blocks(folder)
        assert [[str(amount) for amount in amounts(bill, folder)] for bill in bills] == [
            ["-10150.00", "8000.00", "4000.00", "-800.00", "-400.00", "-650.00"],
            ["-3420.00", "3420.00"],
        ]
        assert all(sum(amounts(bill, folder)) == 0 for bill in bills)
        (batch,) = batches(job)
        assert (batch["documents"], batch["total"], batch["payable"]) == (2, "15420.00", "13570.00")
        payable = sum(Decimal(job.show(name)["summary"]["payable"]) for name in ("SC-1/1", "SC-2/1"))
        assert Decimal(batch["payable"]) == payable
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert "13570.00" in json.dumps(manifest)
        assert job.show("SC-1/1")["facts"]["exported_in"][0]["target"] == "quickbooks-iif"


def test_a_document_goes_to_a_target_once_and_a_void_frees_it(tmp_path: Path) -> None:
    """A second export has only what is new; each target has its own; a batch that is voided before its import goes out again."""
    with site(tmp_path, Register(subs=[ONE, TWO])) as job:
        month(job, INVITED, AFTER_DUE, {"SC-1": FIRST["SC-1"]})
        first = exported(job, "csv")
        assert "Nothing new" in job.at("erp", "export", "P1", "--target", "csv")
        exported(job, "quickbooks-iif")
        assert [(one["target"], one["posts"]) for one in batches(job)] == [
            ("csv", True),
            ("quickbooks-iif", False),
        ]
        month(job, INVITED_2, AFTER_DUE_2, {"SC-2": FIRST["SC-2"]})
        exported(job, "csv")
        assert [(one["documents"], one["payable"]) for one in batches(job)] == [
            (1, "10800.00"),
            (1, "10800.00"),
            (1, "3420.00"),
        ]
        job.at("erp", "void", "1")
        again = exported(job, "csv")
        assert batches(job)[-1]["payable"] == "10800.00"
        assert again != first
        assert (first / "manifest.json").exists(), "what was written stays, and is voided in the books only"
        states = [one["state"] for one in batches(job)]
        assert states == ["voided", "written", "written", "written"]
        job.at("erp", "confirm", "4")
        assert "imported" in job.cli_error("erp", "void", "4")
        assert "Nothing new" in job.at("erp", "export", "P1", "--target", "csv")


def test_a_release_and_a_credit_are_exported_as_what_they_are(tmp_path: Path) -> None:
    """A release without work is a bill of the retainage; work taken back beyond it is a credit, never a negative bill."""
    with site(tmp_path, Register(subs=[ONE, TWO])) as job:
        month(job, INVITED, AFTER_DUE, FIRST)
        exported(job, "quickbooks-iif")
        second = {"SC-1": {"1": {"retainage_release": "500"}}, "SC-2": {"1": {"work_this_period": "-420"}}}
        job.tick(INVITED_2)
        job.submit(ONE, second["SC-1"])
        job.submit(TWO, second["SC-2"])
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        refused = job.review({"SC-2": {"decision": "Approve"}})
        assert "please choose 'Approve credit' if that is meant" in refused[0]
        assert job.show("SC-2/2")["state"] == "Under Review"
        job.approve("SC-2", decision="Approve credit")
        form(
            job.show("SC-1/2"), "L4 12,000.00, L5 700.00, L6 11,300.00, L7 10,800.00, L8 500.00, L9 18,700.00"
        )
        form(job.show("SC-2/2"), "L4 3,000.00, L5 0.00, L6 3,000.00, L7 3,420.00, L8 -420.00, L9 5,000.00")
        folder = exported(job, "quickbooks-iif")
        release, credit = blocks(folder)
        assert (release[0][2], amounts(release, folder)) == ("BILL", [Decimal("-500.00"), Decimal("500.00")])
        assert (credit[0][2], amounts(credit, folder)) == (
            "BILL REFUND",
            [Decimal("420.00"), Decimal("-420.00")],
        )
        numbers = [job.show(name)["facts"]["exported_in"][0]["document"] for name in ("SC-1/2", "SC-2/2")]
        assert numbers == ["SC-1-2-R", "SC-2-2-CR"]


def test_s52_a_credit_application(tmp_path: Path) -> None:
    """G falls from 30,000 to 28,000: L8 is -1,800.00, approved as a credit in so many words, exported as one."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "100000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "30000"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        exported(job, "quickbooks-iif")
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"work_this_period": "-2000"}}, invoice_number="INV-2")
        job.tick(AFTER_DUE_2)
        assert "Approve credit" in job.cli_error("decide", "SC-1/2", "approve")
        job.at("decide", "SC-1/2", "approve-credit")
        form(
            job.show("SC-1/2"),
            "L4 28,000.00, L5 2,800.00, L6 25,200.00, L7 27,000.00, L8 -1,800.00, L9 74,800.00",
        )
        (credit,) = blocks(exported(job, "quickbooks-iif"))
        assert (credit[0][2], credit[0][8]) == ("BILL REFUND", "INV-2-CR")


def test_a_zero_bill_needs_no_document(tmp_path: Path) -> None:
    """An approved bill of nothing leaves no empty document behind that an accounting system would refuse."""
    with site(tmp_path, Register(subs=[ONE, TWO])) as job:
        job.tick(INVITED)
        job.submit(ONE, FIRST["SC-1"])
        job.submit(TWO, {}, nothing_to_bill="Yes")
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        folder = exported(job, "quickbooks-iif")
        assert len(blocks(folder)) == 1
        assert batches(job)[0]["documents"] == 1
        assert "Nothing new" in job.at("erp", "export", "P1", "--target", "quickbooks-iif")


def test_one_invoice_number_on_two_bills_is_reported_not_lost(tmp_path: Path) -> None:
    """A vendor's invoice number used twice is flagged for the admin; the export names the second bill and leaves it out."""
    other = Sub(number="SC-3", lines=[("1", "09-900", "8000")])
    with site(tmp_path, Register(subs=[ONE, other])) as job:
        job.tick(INVITED)
        job.submit(ONE, FIRST["SC-1"], invoice_number="INV-7")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        exported(job, "csv")
        job.submit(other, {"1": {"work_this_period": "100"}}, invoice_number="inv-7")
        assert [one["code"] for one in job.show("SC-3/1")["findings"]] == ["late", "invoice-number-repeated"]
        job.approve("SC-3")
        said = job.cli_error("erp", "export", "P1", "--target", "csv")
        assert "inv-7" in said.lower()
        assert len(batches(job)) == 1


def test_the_due_date_is_the_billing_date_and_the_payment_days(tmp_path: Path) -> None:
    """The document carries the period's billing date and the terms of its commitment."""
    with site(tmp_path, Register(subs=[ONE, TWO])) as job:
        month(job, INVITED, AFTER_DUE, {"SC-2": FIRST["SC-2"]})
        folder = exported(job, "json")
        (file,) = [one for one in folder.glob("*.json") if one.name != "manifest.json"]
        text = file.read_text(encoding="utf-8")
        assert date(2026, 1, 31).isoformat() in text
        assert date(2026, 3, 2).isoformat() in text
