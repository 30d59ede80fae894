"""Stories of tax: on what is due, by code and rounding, charged or shown only, fixed at approval, proven by verify."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from batch.jobs.verify import verify
from tests.scenarios.balances import form
from tests.scenarios.paperwork import body
from tests.scenarios.site import ADMIN, AFTER_DUE, INVITED, Register, Site, Sub, site, workbook_of

LONDON = {"Time zone": "Europe/London", "Currency": "GBP", "Language": "en-GB", "Location": "London"}
SYDNEY = {"Time zone": "Australia/Sydney", "Currency": "AUD", "Language": "en-AU", "Location": "Sydney"}
VAT = {"Code": "VAT20", "Description": "VAT at 20%", "Rate": Decimal("0.2")}
DRC = {"Code": "DRC", "Description": "VAT at 20%", "Rate": Decimal("0.2"), "Kind": "reverse charge"}
GST = {"Code": "GST", "Rate": Decimal("0.1")}
CODES = {"Tax codes": [VAT, DRC, GST]}
#: Where the contract of S41 stood: 170,000.00 certified, 3 % of it held.
JOINED = {
    "Opening balances": [
        {
            "Commitment": "SC-1", "Last application": 2, "Last date": date(2025, 12, 31),
            "Certified to date": Decimal("170000.00"),
        }
    ],
    "Opening lines": [
        {
            "Commitment": "SC-1", "Line": "1", "Work to date": Decimal("175257.73"), "Stored": Decimal("0.00"),
            "Withheld on work": Decimal("5257.73"), "Withheld on stored": Decimal("0.00"), "Released": Decimal("0.00"),
        }
    ],
}  # fmt: skip


def uk(code: str) -> tuple[Sub, Register]:
    """The interim application of S41 under one tax code."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "400000")], retainage="3", cells={"Tax code": code})
    return sub, Register(subs=[sub], project=LONDON, openings={**CODES, **JOINED})


def approved(job: Site, sub: Sub, lines: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The sub bills these lines in January and the admin approves; gives the application."""
    job.tick(INVITED)
    job.submit(sub, lines)
    job.tick(AFTER_DUE)
    job.approve(sub.number)
    name = job.standing(sub.number)["application"]
    return job.show(str(name))


def taxes(found: Mapping[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Code, base, tax and whether it is paid, of each tax of an application."""
    return [(one["code"], one["base"], one["tax"], one["charged"]) for one in found["tax"]]


def test_uk_interim_application_with_ordinary_vat(tmp_path: Path) -> None:
    """250,000 gross, 3 % held, 170,000 certified (S41): 72,500 due, 14,500 of VAT, 87,000 to pay; claimed the same."""
    sub, register = uk("VAT20")
    with site(tmp_path, register) as job:
        found = approved(job, sub, {"1": {"work_this_period": "74742.27"}})
        form(
            found,
            "L4 250,000.00, L5 7,500.00, L6 242,500.00, L7 170,000.00, L8 72,500.00, L9 157,500.00, payable 87,000.00",
        )
        assert taxes(found) == [("VAT20", "72500.00", "14500.00", True)]
        assert taxes(found["claimed"]) == taxes(found)
        assert found["claimed"]["summary"]["payable"] == "87000.00"


def test_uk_interim_application_under_reverse_charge(tmp_path: Path) -> None:
    """The 14,500.00 is shown and not paid (S41)."""
    sub, register = uk("DRC")
    with site(tmp_path, register) as job:
        found = approved(job, sub, {"1": {"work_this_period": "74742.27"}})
        assert taxes(found) == [("DRC", "72500.00", "14500.00", False)]
        assert found["summary"]["payable"] == "72500.00"


def test_gst_on_an_australian_claim(tmp_path: Path) -> None:
    """45,000 net at 10 % (S44): 4,500 of GST, 49,500 to pay."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "90000")], cells={"Tax code": "GST"})
    with site(tmp_path, Register(subs=[sub], project=SYDNEY, openings=CODES)) as job:
        found = approved(job, sub, {"1": {"work_this_period": "50000"}})
        assert taxes(found) == [("GST", "45000.00", "4500.00", True)]
        assert "GST 10% on $45,000.00" in body(job.last_mail(sub.address, "received"))
        form(
            found,
            "L4 50,000.00, L5 5,000.00, L6 45,000.00, L7 0.00, L8 45,000.00, L9 45,000.00, payable 49,500.00",
        )


@pytest.mark.parametrize(("rounding", "tax"), [("by line", "115.61"), ("on total", "115.60")])
def test_tax_by_line_or_on_total(tmp_path: Path, rounding: str, tax: str) -> None:
    """299.33, 179.33 and 99.34 at 20 % (S45) come to 115.61 by line and 115.60 on the total, as the project says."""
    lines = [("1", "M-10", "1000"), ("2", "M-10", "1000"), ("3", "M-10", "1000")]
    sub = Sub(number="SC-1", lines=lines, retainage="0", cells={"Tax code": "VAT20"})
    project = {**LONDON, "Tax rounding": rounding}
    with site(tmp_path, Register(subs=[sub], project=project, openings=CODES)) as job:
        work = {"1": "299.33", "2": "179.33", "3": "99.34"}
        found = approved(job, sub, {key: {"work_this_period": value} for key, value in work.items()})
        assert taxes(found) == [("VAT20", "578.00", tax, True)]
        assert Decimal(found["summary"]["payable"]) == Decimal("578.00") + Decimal(tax)


@pytest.mark.parametrize(
    ("effect", "base", "tax", "payable"),
    [
        ("after tax", "8600.00", "1720.00", "9670.00"),
        ("reduces the taxable value", "7950.00", "1590.00", "9540.00"),
    ],
)
def test_a_backcharge_after_or_before_tax(
    tmp_path: Path, effect: str, base: str, tax: str, payable: str
) -> None:
    """650.00 off 8,600.00 (S36 with tax): the nine lines stay, tax is on the whole or on what is left."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "20000")], retainage="14", cells={"Tax code": "VAT20"})
    register = Register(
        subs=[sub], project=LONDON, openings=CODES, deductions=[("SC-1", "BC-1", "650.00", effect)]
    )
    with site(tmp_path, register) as job:
        found = approved(job, sub, {"1": {"work_this_period": "10000"}})
        form(
            found,
            f"L4 10,000.00, L5 1,400.00, L6 8,600.00, L7 0.00, L8 8,600.00, L9 11,400.00, payable {payable}",
        )
        assert taxes(found) == [("VAT20", base, tax, True)]


def test_a_line_with_a_code_of_its_own(tmp_path: Path) -> None:
    """One line is under reverse charge, the other under ordinary VAT: two taxes, one of them paid."""
    sub = Sub(
        number="SC-1", lines=[("1", "M-10", "1000"), ("2", "M-10", "1000")], cells={"Tax code": "VAT20"},
        line_cells={"2": {"Tax code": "DRC"}},
    )  # fmt: skip
    with site(tmp_path, Register(subs=[sub], project=LONDON, openings=CODES)) as job:
        found = approved(job, sub, {"1": {"work_this_period": "500"}, "2": {"work_this_period": "100"}})
        assert taxes(found) == [("VAT20", "450.00", "90.00", True), ("DRC", "90.00", "18.00", False)]
        assert found["summary"]["payable"] == "630.00"


def test_the_rate_is_fixed_at_approval(tmp_path: Path) -> None:
    """A rate that changes before the approval counts, one that changes after it does not, until it is opened again."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "1000")], retainage="0", cells={"Tax code": "GST"})
    with site(tmp_path, Register(subs=[sub], project=SYDNEY, openings=CODES)) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "500"}})
        job.edit_register({("Tax codes", "GST"): {"Rate": Decimal("0.12")}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        job.edit_register({("Tax codes", "GST"): {"Rate": Decimal("0.15")}})
        found = job.show("SC-1/1")
        assert (found["claimed"]["tax"][0]["rate"], found["claimed"]["tax"][0]["tax"]) == ("10", "50.00")
        assert (found["tax"][0]["rate"], found["tax"][0]["tax"]) == ("12", "60.00")
        job.at("decide", "SC-1/1", "reopen", "--reason", "The rate was wrong")
        assert job.show("SC-1/1")["tax"][0]["tax"] == "50.00"
        job.at("decide", "SC-1/1", "approve")
        assert job.show("SC-1/1")["tax"][0]["tax"] == "75.00"


def test_released_retainage_is_taxed_when_it_is_due(tmp_path: Path) -> None:
    """What was held was not taxed; its release is part of the net due and is."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "1000")], invite_for="both", cells={"Tax code": "VAT20"})
    with site(tmp_path, Register(subs=[sub], project=LONDON, openings=CODES)) as job:
        first = approved(job, sub, {"1": {"work_this_period": "1000"}})
        assert taxes(first) == [("VAT20", "900.00", "180.00", True)]
        job.tick("2026-02-24T16:00:00Z")
        job.submit(sub, {"1": {"retainage_release": "100"}})
        job.tick("2026-03-03T16:00:00Z")
        job.approve("SC-1")
        assert taxes(job.show("SC-1/2")) == [("VAT20", "100.00", "20.00", True)]


def test_verify_works_the_tax_out_again(tmp_path: Path) -> None:
    """A tax that was changed in the database by hand is found, whatever the triggers were told."""
    sub, register = uk("VAT20")
    with site(tmp_path, register) as job:
        approved(job, sub, {"1": {"work_this_period": "74742.27"}})
        with job.w.store.engine.begin() as conn:
            conn.execute(text("DROP TRIGGER guard_application_tax_update"))
            conn.execute(text("UPDATE application_tax SET tax_minor = 1 WHERE side = 'approved'"))
        faults = verify(job.w)
        assert any("application_tax" in one and "last event" in one for one in faults)
        assert any(one.startswith("application_tax of SC-1/3: VAT20 is 0.01 on 72500.00") for one in faults)
        assert any(
            "payable is 87000.00, its lines, tax and deductions give 72500.01" in one for one in faults
        )
        with job.w.store.engine.begin() as conn:
            conn.execute(text("UPDATE application_tax SET tax_minor = 1450000 WHERE side = 'approved'"))


def test_tax_is_in_every_paper(tmp_path: Path) -> None:
    """Receipt, review workbook and notice name the tax in the locale's words; ERP files carry it, IIF holds the bill."""
    sub, register = uk("VAT20")
    with site(tmp_path, register) as job:
        approved(job, sub, {"1": {"work_this_period": "74742.27"}})
        receipt = body(job.last_mail(sub.address, "received"))
        assert "VAT at 20% on £72,500.00" in receipt
        assert "With VAT" in receipt
        assert "£87,000.00" in receipt
        review = load_workbook(io.BytesIO(workbook_of(job.last_mail(ADMIN, "review"))))["Applications"]
        keys = [cell.value for cell in review[3]]
        shown = {key: cell.value for key, cell in zip(keys, review[5], strict=True)}
        assert (shown["tax"], shown["payable"]) == (14500, 87000)
        job.tick("2026-02-03T18:00:00Z")
        notice = body(job.last_mail(sub.address, "approved"))
        assert "£14,500.00" in notice
        assert "£87,000.00" in notice
        job.at("erp", "export", "P1", "--target", "json")
        (file,) = tmp_path.glob("output/P1/all/erp/json-1/bills.json")
        (bill,) = json.loads(file.read_text(encoding="utf-8"))["bills"]
        assert (bill["net"], bill["tax"], bill["payable"]) == ("72500.00", "14500.00", "87000.00")
        held = job.cli_error("erp", "export", "P1", "--target", "quickbooks-iif")
        assert "carries tax" in held


def test_a_deduction_before_tax_needs_a_tax_code(tmp_path: Path) -> None:
    """On a commitment without tax there is no taxable value to reduce: the register refuses the row and says why."""
    sub = Sub(number="SC-1", lines=[("1", "M-10", "20000")])
    with site(tmp_path, Register(subs=[sub], deductions=[("SC-1", "BC-1", "650.00")])) as job:
        said = job.edit_register(
            {("Deductions", "SC-1/BC-1"): {"Effect on tax": "reduces the taxable value"}}, code=1
        )
        assert "no tax code" in json.dumps(said)
