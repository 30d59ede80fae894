"""Stories of the UK's Construction Industry Scheme: materials asked for, tax withheld from the rest, shown apart."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import text

from batch.jobs.verify import verify
from tests.scenarios.balances import form
from tests.scenarios.paperwork import body, workbook_of
from tests.scenarios.site import AFTER_DUE, INVITED, Register, Site, Sub, site
from tests.scenarios.test_tax import LONDON, taxes, uk

WORK = {"1": {"work_this_period": "74742.27"}}


def under_cis(status: str, code: str = "DRC", **changes: Any) -> tuple[Sub, Register]:
    """The contract of S41 with a subcontractor of this status."""
    sub, register = uk(code)
    return sub, replace(register, vendor_cells={"CIS status": status}, **changes)


def billed(job: Site, sub: Sub, **summary: str) -> dict[str, Any]:
    """Invite, bill, approve; gives the application."""
    job.tick(INVITED)
    job.submit(sub, WORK, answering=None, **summary)
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    return job.show("SC-1/3")


def asks(workbook: bytes) -> bool:
    """Whether the summary of a pay application shows the row for materials."""
    sheet = load_workbook(io.BytesIO(workbook))["Summary"]
    (row,) = (cell.row for cell in sheet["A"] if cell.value == "materials_in_payment")
    return not sheet.row_dimensions[row].hidden


def test_uk_interim_application_under_cis_and_reverse_charge(tmp_path: Path) -> None:
    """S41 whole: 72,500 due, VAT of 14,500 shown, 22,500 of materials, 10,000 of 50,000 withheld, 62,500 in cash."""
    sub, register = under_cis("registered")
    with site(tmp_path, register) as job:
        found = billed(job, sub, materials_in_payment="22500")
        form(
            found,
            "L4 250,000.00, L5 7,500.00, L6 242,500.00, L7 170,000.00, L8 72,500.00, L9 157,500.00, payable 62,500.00",
        )
        assert taxes(found) == [("DRC", "72500.00", "14500.00", False)]
        assert found["tax_withheld"] == [
            {
                "scheme": "CIS", "status": "registered", "rate": "20", "payment": "72500.00",
                "materials": "22500.00", "base": "50000.00", "withheld": "10000.00",
            }
        ]  # fmt: skip
        assert found["claimed"]["tax_withheld"] == found["tax_withheld"]
        assert [one["code"] for one in found["findings"]] == []
        assert asks(workbook_of(job.invite(sub)))
        receipt = body(job.last_mail(sub.address, "received"))
        assert "CIS 20% withheld on £50,000.00" in receipt
        job.tick("2026-02-03T18:00:00Z")
        notice = body(job.last_mail(sub.address, "approved"))
        assert "-£10,000.00" in notice
        assert "£62,500.00" in notice
        job.at("erp", "export", "P1", "--target", "json")
        (file,) = tmp_path.glob("output/P1/all/erp/json-1/bills.json")
        (bill,) = json.loads(file.read_text(encoding="utf-8"))["bills"]
        assert (bill["reverse_charge"], bill["tax_withheld"], bill["payable"]) == (
            "14500.00", "10000.00", "62500.00",
        )  # fmt: skip


def test_ordinary_vat_and_cis(tmp_path: Path) -> None:
    """VAT is on the whole payment, CIS on it without VAT and materials: 72,500 + 14,500 - 10,000."""
    sub, register = under_cis("registered", "VAT20")
    with site(tmp_path, register) as job:
        found = billed(job, sub, materials_in_payment="22500")
        assert found["summary"]["payable"] == "77000.00"


def test_a_missing_figure_of_materials_is_held(tmp_path: Path) -> None:
    """Nobody guesses: the admin is told, and until the sub says otherwise tax is withheld from the whole payment."""
    sub, register = under_cis("unregistered")
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, WORK)
        found = job.show("SC-1/3")
        assert {one["code"]: one["severity"] for one in found["findings"]} == {"materials-missing": "hold"}
        assert (found["tax_withheld"][0]["materials"], found["summary"]["payable"]) == (None, "50750.00")
        job.submit(sub, WORK, materials_in_payment="0")
        found = job.show("SC-1/3")
        assert found["findings"] == []
        assert (found["tax_withheld"][0]["materials"], found["summary"]["payable"]) == ("0.00", "50750.00")


def test_materials_of_more_than_the_payment_are_held(tmp_path: Path) -> None:
    """They leave nothing to withhold from, and a person looks at them."""
    sub, register = under_cis("registered")
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, WORK, materials_in_payment="80000")
        found = job.show("SC-1/3")
        assert [one["code"] for one in found["findings"]] == ["materials-over-payment"]
        assert found["summary"]["payable"] == "72500.00"


def carried_over(job: Site, sub: Sub, materials: str) -> dict[str, Any]:
    """A change order is approved after the invite, and the old workbook comes back with 10,000 of work."""
    job.tick(INVITED)
    old = job.invite(sub)
    job.edit_register({("Change orders", "SC-1/1"): {"Status": "approved", "Approved on": date(2026, 1, 27)}})
    job.tick("2026-01-27T16:00:00Z")
    job.submit(sub, {"1": {"work_this_period": "10000"}}, answering=old, materials_in_payment=materials)
    return job.show("SC-1/1")


def changed_later() -> tuple[Sub, Register]:
    """A registered subcontractor whose change order is pending, and no retainage."""
    lines = [("1", "M-10", "40000"), ("C1", "M-10", "5000", "1")]
    sub = Sub(number="SC-1", lines=lines, retainage="0", change_orders=[("1", "pending", "5000")])
    return sub, Register(subs=[sub], project=LONDON, vendor_cells={"CIS status": "registered"})


def test_materials_on_a_replaced_workbook_count(tmp_path: Path) -> None:
    """4,000 of 10,000 are materials on a workbook that is carried over: 20 % of 6,000 is withheld, 1,200.00."""
    sub, register = changed_later()
    with site(tmp_path, register) as job:
        found = carried_over(job, sub, "4000")
        assert [one["code"] for one in found["findings"]] == ["issue-rebased", "line-newer"]
        (held,) = found["tax_withheld"]
        assert (held["materials"], held["base"], held["withheld"]) == ("4000.00", "6000.00", "1200.00")
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        assert job.show("SC-1/1")["tax_withheld"] == [held]


def test_materials_on_a_replaced_workbook_are_held_against_what_is_due_now(tmp_path: Path) -> None:
    """Materials of more than the payment are held there as on any workbook."""
    sub, register = changed_later()
    with site(tmp_path, register) as job:
        found = carried_over(job, sub, "10000.01")
        assert "materials-over-payment" in [one["code"] for one in found["findings"]]


def test_an_admin_gives_the_materials_that_are_missing(tmp_path: Path) -> None:
    """By hand, with the approval; what is no amount is refused with a sentence, and what was claimed stays as it was."""
    sub, register = under_cis("registered")
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, WORK)
        assert "is not an amount" in job.cli_error("decide", "SC-1/3", "approve", "--materials", "half")
        job.at("decide", "SC-1/3", "approve", "--materials", "22500")
        found = job.show("SC-1/3")
        assert found["summary"]["payable"] == "62500.00"
        assert found["tax_withheld"][0]["materials"] == "22500.00"
        assert found["claimed"]["tax_withheld"][0]["materials"] is None


def test_gross_status_is_asked_nothing(tmp_path: Path) -> None:
    """A subcontractor with gross status is paid in full, and need not tell its materials."""
    sub, register = under_cis("gross")
    with site(tmp_path, register) as job:
        found = billed(job, sub)
        assert found["findings"] == []
        assert (found["tax_withheld"][0]["withheld"], found["summary"]["payable"]) == ("0.00", "72500.00")
        assert not asks(workbook_of(job.invite(sub)))


def test_nothing_is_withheld_from_a_purchase_order(tmp_path: Path) -> None:
    """An order of materials is no construction work, whatever the status of its vendor."""
    sub, register = under_cis("registered")
    sub = replace(sub, kind="purchase order")
    with site(tmp_path, replace(register, subs=[sub])) as job:
        found = billed(job, sub)
        assert found["tax_withheld"] == []
        assert found["summary"]["payable"] == "72500.00"
        assert not asks(workbook_of(job.invite(sub)))


def test_rates_are_settings_of_the_register(tmp_path: Path) -> None:
    """The company's row may give other rates; what was withheld is taken back when the application is opened again."""
    sub, register = under_cis("registered", company_cells={"CIS registered": Decimal("0.25")})
    with site(tmp_path, register) as job:
        found = billed(job, sub, materials_in_payment="22500")
        assert found["tax_withheld"][0]["withheld"] == "12500.00"
        job.edit_register({("Company", "Gibson Construction"): {"CIS registered": Decimal("0.2")}})
        assert job.show("SC-1/3")["tax_withheld"][0]["withheld"] == "12500.00"
        job.at("decide", "SC-1/3", "reopen", "--reason", "The rate was wrong")
        job.at("decide", "SC-1/3", "approve")
        assert job.show("SC-1/3")["tax_withheld"][0]["withheld"] == "10000.00"
        assert verify(job.w) == []


def test_verify_works_the_deduction_out_again(tmp_path: Path) -> None:
    """A deduction that was changed in the database by hand is found."""
    sub, register = under_cis("registered")
    with site(tmp_path, register) as job:
        billed(job, sub, materials_in_payment="22500")
        with job.w.store.engine.begin() as conn:
            conn.execute(text("DROP TRIGGER guard_application_withholding_update"))
            conn.execute(text("UPDATE application_withholding SET amount_minor = 5 WHERE side = 'approved'"))
        faults = verify(job.w)
        assert any("its payment and materials give 10000.00 on 50000.00" in one for one in faults)
        with job.w.store.engine.begin() as conn:
            conn.execute(
                text("UPDATE application_withholding SET amount_minor = 1000000 WHERE side = 'approved'")
            )
