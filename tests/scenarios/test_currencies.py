"""Stories in currencies without decimals and with three: every figure is exact in the currency's own smallest unit."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import column, form
from tests.scenarios.paperwork import body
from tests.scenarios.site import AFTER_DUE, INVITED, Register, Site, Sub, site, workbook_of

#: How quantities and unit prices are shown, whatever the currency.
QUANTITIES = {"#,##0.00##", "#,##0.00####"}


def register(currency: str, sub: Sub, value: str) -> Register:
    """One project in a currency, with a client contract of one line."""
    return Register(subs=[sub], project={"Currency": currency}, client=[("10", "03-300", value)])


def formats(workbook: bytes) -> set[str]:
    """The number formats of all cells that hold an amount of a workbook's lines and summary."""
    book = load_workbook(io.BytesIO(workbook))
    return {
        cell.number_format
        for sheet in book
        for row in sheet
        for cell in row
        if cell.number_format.startswith("#,##0")
    }


def digits_of_round(workbook: bytes) -> set[str]:
    """The digits of every ROUND in a pay application that rounds an amount; a share of one line has four."""
    book = load_workbook(io.BytesIO(workbook))
    texts = [
        str(cell.value) for sheet in book for row in sheet for cell in row if str(cell.value).startswith("=")
    ]
    return {found for text in texts for found in re.findall(r",(\d+)\)", text) if "ROUND" in text} - {"4"}


def exported_bill(job: Site) -> dict[str, Any]:
    """The one bill of a JSON batch that is written now."""
    job.at("erp", "export", "P1", "--target", "json")
    (file,) = (job.folder / "output").glob("**/bills.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    (bill,) = content["bills"]
    return {**bill, "currency": content["currency"]}


def test_s47_a_currency_without_cents(tmp_path: Path) -> None:
    """JPY 123,457 at 33 % is 40,741: in the workbook, the mails, the client application, the ERP file and JSON."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "123457")])
    with site(tmp_path, register("JPY", sub, "200000")) as job:
        job.tick(INVITED)
        assert formats(workbook_of(job.invite(sub))) == {"#,##0"} | QUANTITIES
        assert digits_of_round(workbook_of(job.invite(sub))) == {"0"}
        job.submit(sub, {"1": {"percent_to_date": "33"}})
        assert "¥40,741" in body(job.last_mail(sub.address))
        job.tick(AFTER_DUE)
        assert formats(workbook_of(job.last_mail("pat@gc.example", "review"))) == {"#,##0"}
        job.approve("SC-1")
        shown = job.show("SC-1/1")
        form(shown, "L1 123457, L4 40741, L5 4074, L6 36667, L7 0, L8 36667, L9 86790, gross 40741")
        assert column(shown, "work_this_period") == ["40741"]
        found = json.loads(job.at("upstream", "compile", "P1", "1", "--json"))
        assert (found["matched"], found["current_payment_due"]) == ("40741", "38704")
        (draft,) = (job.folder / "output").glob("**/client-application-1-draft.xlsx")
        assert formats(draft.read_bytes()) == {"#,##0"}
        bill = exported_bill(job)
        assert (bill["currency"], bill["gross"], bill["retainage"], bill["payable"]) == (
            "JPY", "40741", "4074", "36667",
        )  # fmt: skip


def test_a_currency_with_three_decimals(tmp_path: Path) -> None:
    """KWD 1,234.567 at 33 % is 407.407 (407.40711), 10 % of it 40.741 (40.7407): nothing is cut to two decimals."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1234.567")])
    with site(tmp_path, register("KWD", sub, "2000.005")) as job:
        job.tick(INVITED)
        assert formats(workbook_of(job.invite(sub))) == {"#,##0.000"} | QUANTITIES
        assert digits_of_round(workbook_of(job.invite(sub))) == {"3"}
        job.submit(sub, {"1": {"percent_to_date": "33"}})
        assert "KWD 407.407" in body(job.last_mail(sub.address))
        job.tick(AFTER_DUE)
        assert formats(workbook_of(job.last_mail("pat@gc.example", "review"))) == {"#,##0.000"}
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L1 1234.567, L4 407.407, L5 40.741, L6 366.666, L7 0.000, L8 366.666, L9 867.901",
        )
        found = json.loads(job.at("upstream", "compile", "P1", "1", "--json"))
        assert (found["matched"], found["current_payment_due"]) == ("407.407", "387.037")
        (draft,) = (job.folder / "output").glob("**/client-application-1-draft.xlsx")
        assert formats(draft.read_bytes()) == {"#,##0.000"}
        bill = exported_bill(job)
        assert (bill["gross"], bill["retainage"], bill["payable"]) == ("407.407", "40.741", "366.666")


@pytest.mark.parametrize(
    ("currency", "value", "typed"), [("JPY", "123457", "100.5"), ("KWD", "1234.567", "1.2345")]
)
def test_more_decimals_than_the_currency_has_are_sent_back(
    tmp_path: Path, currency: str, value: str, typed: str
) -> None:
    """An amount with a fraction of the smallest unit is a finding with its cell; nothing is rounded away."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", value)])
    with site(tmp_path, register(currency, sub, value)) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": typed}})
        answer = job.last_mail(sub.address)
        assert typed in body(answer)
        assert currency in body(answer)
        found = job.standing("SC-1")
        assert (found["state"], found["findings"], found["claimed_this_period"]) == ("Returned", 1, None)


def test_an_exported_register_shows_every_amount_whole(tmp_path: Path) -> None:
    """A register comes out with the decimals of each row's currency, and goes in again without a difference."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1234.567")])
    with site(tmp_path, register("KWD", sub, "2000.005")) as job:
        said = job.edit_register({})
        assert (said["added"], said["changed"], said["problems"]) == (0, 0, [])
        (file,) = [one for one in job.folder.glob("register-*.xlsx") if not one.stem.endswith("b")]
        sheet = load_workbook(io.BytesIO(file.read_bytes()))["Schedule of values"]
        (cell,) = [one for row in sheet.iter_rows(min_row=5) for one in row if one.value == 1234.567]
        assert cell.number_format == "#,##0.000"


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "USN", "BOV", "DEM", "US", "Dollar", "ZZZ"])
def test_what_is_no_currency_is_refused_with_its_cell(tmp_path: Path, code: str) -> None:
    """Test codes, metals, funds, former currencies and plain words are no money to bill in."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, register("USD", sub, "1000")) as job:
        said = job.edit_register({("Projects", "P1"): {"Currency": code}}, code=1)
        (problem,) = [one for one in said["problems"] if one["found"] == code]
        assert problem["sheet"] == "Projects"
        assert problem["cell"].endswith("5")
        assert "ISO 4217" in problem["sentence"]
