"""Stories of the last cent: half cents of retainage, an altered rate, almost all of a contract, and headers that tie."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import column, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    site,
    workbook_of,
)
from tests.scenarios.test_erp_exports import amounts, blocks, exported

HALF = Sub(number="SC-1", lines=[("1", "03-300", "5000")])
LARGE = Sub(number="SC-2", lines=[("1", "05-120", "2000000")], retainage="5", vendor="V2")
STOCK = Sub(number="SC-1", lines=[("1", "03-300", "50000")], invite_for="both")


def keyed(workbook: bytes, title: str, key: str) -> dict[str, Any]:
    """What a sheet shows in one column, by the text of its first filled key column (`line_key` or `commitment`)."""
    sheet = load_workbook(io.BytesIO(workbook), data_only=True)[title]
    rows = list(sheet.iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if key in row)
    heads = rows[at]
    name = heads.index("line_key" if "line_key" in heads else "commitment")
    return {str(row[name]): row[heads.index(key)] for row in rows[at + 1 :] if row[name]}


def bill_of(folder: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The one bill of a JSON batch, and its lines."""
    (bill,) = json.loads((folder / "bills.json").read_text(encoding="utf-8"))["bills"]
    return bill, bill["lines"]


@pytest.mark.parametrize(
    ("rounding", "retained", "due"),
    [("half up", "199.13", "1,792.12"), ("half even", "199.12", "1,792.13")],
)
def test_s09_half_a_cent_of_retainage(tmp_path: Path, rounding: str, retained: str, due: str) -> None:
    """1,991.25 at 10 % is 199.125: up to 199.13, or to the even 199.12; the net is gross less that, never rounded itself."""
    with site(tmp_path, Register(subs=[HALF, LARGE], project={"Rounding": rounding})) as job:
        job.tick(INVITED)
        job.submit(HALF, {"1": {"work_this_period": "1991.25"}})
        job.submit(LARGE, {"1": {"work_this_period": "1874664.70"}})
        receipt = body(job.last_mail(HALF.address))
        assert f"${retained}" in receipt
        assert f"${due}" in receipt
        job.tick(AFTER_DUE)
        job.approve("SC-1", "SC-2")
        left = Decimal("5000.00") - Decimal(due.replace(",", ""))
        form(
            job.show("SC-1/1"),
            f"L4 1,991.25, L5 {retained}, L6 {due}, L7 0.00, L8 {due}, L9 {left}",
        )
        form(
            job.show("SC-2/1"),
            "L4 1,874,664.70, L5 93,733.24, L6 1,780,931.46, L7 0.00, L8 1,780,931.46, L9 219,068.54",
        )


def test_s29_a_retainage_rate_altered_in_the_returned_sheet(tmp_path: Path) -> None:
    """The sheet keeps back 5 % of 25,000 where the contract says 10: 1,250.00 apart, for the admin; the ledger's rate counts."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "50000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        changed = {"work_this_period": "25000", "retainage_rate_work": "0.05", "retainage": "1250"}
        job.submit(sub, {"1": changed})
        shown = job.show("SC-1/1")
        assert shown["state"] == "Under Review"
        found = {one["code"]: one for one in shown["findings"]}
        altered = found["retainage-changed"]
        assert (altered["found"], altered["expected"], altered["difference"]) == (
            "1250.00", "2500.00", "-1250.00",
        )  # fmt: skip
        assert altered["line"] == "1"
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L4 25,000.00, L5 2,500.00, L6 22,500.00, L7 0.00, L8 22,500.00, L9 27,500.00",
        )


def one_bill(job: Site) -> None:
    """10,000 of work and 2,000 newly stored, 10 % kept back, approved."""
    job.tick(INVITED)
    job.submit(STOCK, {"1": {"work_this_period": "10000", "materials_stored": "2000"}})
    job.tick(AFTER_DUE)
    job.approve("SC-1")


def test_s49_the_header_of_a_bill_is_the_sum_of_its_lines(tmp_path: Path) -> None:
    """In CSV and JSON: 12,000.00 gross, 1,200.00 retainage, 10,800.00 payable; a release alone 0.00, -1,200.00, 1,200.00."""
    with site(tmp_path, Register(subs=[STOCK])) as job:
        one_bill(job)
        header, lines = bill_of(exported(job, "json"))
        assert (header["gross"], header["retainage"], header["payable"]) == (
            "12000.00",
            "1200.00",
            "10800.00",
        )
        assert Decimal(header["gross"]) == Decimal(header["payable"]) + Decimal(header["retainage"])
        assert [sum(Decimal(line[name]) for line in lines) for name in ("gross", "retainage")] == [
            12000,
            1200,
        ]
        folder = exported(job, "csv")
        (row,) = csv.DictReader((folder / "bills.csv").open(encoding="utf-8"))
        spread = list(csv.DictReader((folder / "bill_lines.csv").open(encoding="utf-8")))
        for name, expected in (("gross", "12000.00"), ("retainage", "1200.00"), ("net", "10800.00")):
            assert row[name] == expected
            assert sum(Decimal(one[name]) for one in spread) == Decimal(expected)
        assert row["payable"] == "10800.00"
        job.tick(INVITED_2)
        job.submit(STOCK, {"1": {"retainage_release": "1200"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        header, lines = bill_of(exported(job, "json"))
        assert (header["gross"], header["retainage"], header["payable"]) == ("0.00", "-1200.00", "1200.00")
        assert [(line["gross"], line["retainage"]) for line in lines] == [("0.00", "-1200.00")]


def test_s50_a_quickbooks_bill_sums_to_zero(tmp_path: Path) -> None:
    """Accounts payable -10,800.00, work 12,000.00, retainage -1,200.00: together 0.00."""
    with site(tmp_path, Register(subs=[STOCK])) as job:
        one_bill(job)
        folder = exported(job, "quickbooks-iif")
        (block,) = blocks(folder)
        found = amounts(block, folder)
        assert [(row[0], row[4], str(amount)) for row, amount in zip(block, found, strict=True)] == [
            ("TRNS", "Accounts Payable", "-10800.00"),
            ("SPL", "Subcontractors", "12000.00"),
            ("SPL", "Retainage Payable", "-1200.00"),
        ]
        assert sum(found) == Decimal("0.00")


def test_s53_almost_all_of_it_is_never_shown_as_all(tmp_path: Path) -> None:
    """9,999.99 of 10,000.00 leaves 0.01 and reads 99.99 % in the workbook, the review and the client application."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "10000")], retainage="0")
    register = Register(subs=[sub], client=[("10", "03-300", "10000")], client_retainage="0")
    with site(tmp_path, register) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "9999.99"}})
        job.tick(AFTER_DUE)
        review = workbook_of(job.last_mail(ADMIN, "review"))
        assert Decimal(str(keyed(review, "Applications", "percent")["SC-1"])) == Decimal("0.9999")
        job.approve("SC-1")
        shown = job.show("SC-1/1")
        form(shown, "L4 9,999.99, L5 0.00, L6 9,999.99, L7 0.00, L8 9,999.99, L9 0.01")
        assert column(shown, "balance_to_finish") == ["0.01"]
        job.at("upstream", "compile", "P1", "1")
        (draft,) = (job.folder / "output").glob("**/client-application-1-draft.xlsx")
        client = keyed(draft.read_bytes(), "Lines", "percent_complete")
        assert Decimal(str(client["10"])) == Decimal("0.9999")
        job.tick(INVITED_2)
        ours = workbook_of(job.invite(sub))
        assert Decimal(str(keyed(ours, "Lines", "percent_complete")["1"])) == Decimal("0.9999")
        assert keyed(ours, "Lines", "balance_to_finish")["1"] == 0.01
        job.submit(sub, {"1": {"work_this_period": "0.01"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        form(job.show("SC-1/2"), "L4 10,000.00, L5 0.00, L6 10,000.00, L7 9,999.99, L8 0.01, L9 0.00")
