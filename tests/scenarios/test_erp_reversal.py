"""Stories of a batch that was imported and is taken back: credits, the correction, and the documents that follow."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.balances import follows_on, form
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    money,
    site,
)
from tests.scenarios.test_erp_exports import amounts, batches, blocks, exported

SUB = Sub(number="SC-1", lines=[("1", "03-300", "10000"), ("2", "05-120", "20000")])
FIRST = {"1": {"work_this_period": "8000"}, "2": {"work_this_period": "4000", "materials_stored": "1000"}}


def taken_back(job: Site, batch: str) -> Path:
    """Reverse a batch; gives the folder of the batch of credits."""
    assert job.at("erp", "reverse", batch).startswith(f"Reversed: batch {batch}.")
    return job.folder / "output" / str(batches(job)[-1]["folder"])


def rows(folder: Path, file: str = "bills.csv") -> list[dict[str, str]]:
    """The rows of a CSV file of a batch."""
    with (folder / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a batch."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_a_reversal_then_the_correction_then_the_export_again(tmp_path: Path) -> None:
    """Imported, taken back by a credit, opened again, cut, approved, exported under a number of its own: what the accounting
    system holds in the end is what is approved, and the next application starts from it.
    """
    with site(tmp_path, Register(subs=[SUB], deductions=[("SC-1", "BC-1", "650")])) as job:
        job.tick(INVITED)
        job.submit(SUB, FIRST, invoice_number="INV-7")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L4 13,000.00, L5 1,300.00, L6 11,700.00, L7 0.00, L8 11,700.00, L9 18,300.00, payable 11,050.00",
        )
        first = exported(job, "csv")
        job.at("erp", "confirm", "1", "--erp-batch", "AP-0042")
        assert batches(job)[0]["erp_batch"] == "AP-0042"
        assert "reverse it if it was" in job.cli_error("decide", "SC-1/1", "reopen", "--reason", "Wrong")
        credit = taken_back(job, "1")
        (posted,), (back,) = rows(first), rows(credit)
        money(posted, type="bill", document_number="INV-7", gross="13000.00", payable="11050.00")
        money(back, type="credit", document_number="INV-7-RV", reverses="INV-7", due_date="")
        money(
            back,
            gross="-13000.00",
            retainage="-1300.00",
            net="-11700.00",
            deductions="-650.00",
            payable="-11050.00",
        )
        for name in ("gross", "retainage", "net"):
            lines = (*rows(first, "bill_lines.csv"), *rows(credit, "bill_lines.csv"))
            assert sum(Decimal(line[name]) for line in lines) == 0
        assert manifest(credit)["reverses"] == "csv-1"
        assert (manifest(credit)["control"]["documents"], manifest(credit)["control"]["payable"]) == (
            1,
            "-11050.00",
        )
        assert [(one["state"], one["reverses"]) for one in batches(job)] == [
            ("reversed", None),
            ("written", 1),
        ]
        assert job.show("SC-1/1")["facts"]["exported_in"] == []
        job.verify()
        job.at("decide", "SC-1/1", "reopen", "--reason", "Line 2 was counted twice")
        job.tick()
        cut = {"2": {"approved_work": "3000", "line_reason": "Counted once"}}
        job.review({"SC-1": {"decision": "Approve", "lines": cut}})
        fixed = job.show("SC-1/1")
        form(
            fixed,
            "L4 12,000.00, L5 1,200.00, L6 10,800.00, L7 0.00, L8 10,800.00, L9 19,200.00, payable 10,150.00",
        )
        again = exported(job, "csv")
        (new,) = rows(again)
        money(new, type="bill", document_number="INV-7-2", reverses="", gross="12000.00", payable="10150.00")
        held = [row for folder in (first, credit, again) for row in rows(folder)]
        assert sum(Decimal(row["payable"]) for row in held) == Decimal(fixed["summary"]["payable"])
        assert "Nothing new" in job.at("erp", "export", "P1", "--target", "csv")
        job.tick(INVITED_2)
        job.submit(SUB, {"1": {"work_this_period": "500"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        follows_on(job.show("SC-1/2"), fixed)


@pytest.mark.parametrize("target", ["csv", "json", "quickbooks-iif"])
def test_each_target_takes_back_what_it_wrote(tmp_path: Path, target: str) -> None:
    """A credit in each target's own form, with control totals turned round; twice is refused, and so are the detours."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, FIRST)
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = exported(job, target)
        assert "not known to be imported" in job.cli_error("erp", "reverse", "1")
        job.at("erp", "confirm", "1")
        credit = taken_back(job, "1")
        one, other = manifest(first)["control"], manifest(credit)["control"]
        for name in ("gross", "retainage", "net", "payable"):
            assert Decimal(one[name]) == -Decimal(other[name])
        (document,) = manifest(credit)["documents"]
        assert (document["type"], document["document_number"]) == ("credit", "SC-1-1-RV")
        if target == "quickbooks-iif":
            (block,) = blocks(credit)
            assert (block[0][2], block[0][8]) == ("BILL REFUND", "SC-1-1-RV")
            assert [str(each) for each in amounts(block, credit)] == [
                "11700.00", "-8000.00", "-5000.00", "800.00", "500.00",
            ]  # fmt: skip
        assert "reversed already" in job.cli_error("erp", "reverse", "1")
        assert "takes batch 1 back" in job.cli_error("erp", "void", "2")
        job.at("erp", "confirm", "2")
        assert "export the documents again" in job.cli_error("erp", "reverse", "2")
        assert manifest(exported(job, target))["documents"][0]["document_number"] == "SC-1-1-2"
        job.at("erp", "confirm", "3")
        assert manifest(taken_back(job, "3"))["documents"][0]["document_number"] == "SC-1-1-2-RV"
        assert manifest(exported(job, target))["documents"][0]["document_number"] == "SC-1-1-3"


def test_the_reversal_of_a_credit_is_a_bill_and_numbers_never_meet(tmp_path: Path) -> None:
    """What takes a credit back is a bill; a vendor that numbers an invoice like our reversal gets no second document so named."""
    other = Sub(number="SC-2", lines=[("1", "09-900", "8000")])
    with site(tmp_path, Register(subs=[SUB, other])) as job:
        job.tick(INVITED)
        job.submit(SUB, FIRST, invoice_number="A")
        job.submit(other, {"1": {"work_this_period": "100"}}, invoice_number="b-cr-rv")
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        exported(job, "quickbooks-iif")
        job.tick(INVITED_2)
        job.submit(SUB, {"1": {"work_this_period": "-2000"}}, invoice_number="B")
        job.tick(AFTER_DUE_2)
        job.approve("SC-1", decision="Approve credit")
        exported(job, "quickbooks-iif")
        job.at("erp", "confirm", "2")
        (block,) = blocks(taken_back(job, "2"))
        assert (block[0][2], block[0][8]) == ("BILL", "B-CR-RV-2")
        assert str(amounts(block, job.folder / "output" / str(batches(job)[-1]["folder"]))[0]) == "-1800.00"


def test_documents_are_posted_in_an_open_accounting_period(tmp_path: Path) -> None:
    """The accounting date is the period's end, else the first open day; a time that is not open yet waits for the register."""
    with site(tmp_path, Register(subs=[SUB], company_cells={"Posting to": date(2026, 1, 30)})) as job:
        job.tick(INVITED)
        job.submit(SUB, FIRST)
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        assert "2026-01-31 is not open yet" in job.cli_error("erp", "export", "P1", "--target", "csv")
        assert batches(job) == []
        open_now = {"Posting from": date(2026, 1, 1), "Posting to": None}
        job.edit_register({("Company", "Gibson Construction"): open_now})
        first = exported(job, "csv")
        assert rows(first)[0]["accounting_date"] == "2026-01-31"
        assert job.show("SC-1/1")["facts"]["exported_in"][0]["accounting_date"] == "2026-01-31"
        job.at("erp", "confirm", "1")
        job.edit_register({("Company", "Gibson Construction"): {"Posting from": date(2026, 2, 1)}})
        credit, again = taken_back(job, "1"), exported(job, "quickbooks-iif")
        assert (rows(credit)[0]["accounting_date"], rows(credit)[0]["invoice_date"]) == (
            "2026-02-01",
            "2026-02-01",
        )
        assert blocks(again)[0][0][3] == "02/01/2026"
        assert manifest(again)["documents"][0]["accounting_date"] == "2026-02-01"
        wrong = {"Posting to": date(2026, 1, 1)}
        said = job.edit_register({("Company", "Gibson Construction"): wrong}, code=1)
        assert "Posting ends before it begins." in str(said)
