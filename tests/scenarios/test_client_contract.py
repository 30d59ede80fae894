"""Stories of the client contract: its change orders, and its own rules of retainage."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.scenarios.site import (
    AFTER_CLOSE,
    AFTER_CLOSE_2,
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
)

MONTHS = (
    (INVITED, AFTER_DUE, AFTER_CLOSE),
    (INVITED_2, AFTER_DUE_2, AFTER_CLOSE_2),
    (INVITED_3, AFTER_DUE_3, None),
)
SUB = Sub(number="A", lines=[("1", "03-300", "100000"), ("2", "09-900", "20000")])
CHANGED = Register(
    subs=[SUB],
    client=[
        ("10", "03-300", "100000"), ("C1", "09-900", "12000"), ("C2", "03-900", "-3000"), ("C3", "05-100", "4500"),
        ("C4", "05-900", "-500"), ("C5", "06-100", "900"), ("C6", "07-100", "2000"),
    ],
    client_changes=[
        ("1", "approved", date(2025, 12, 20)), ("2", "approved", date(2025, 12, 22)),
        ("3", "approved", date(2026, 1, 15)), ("4", "approved", date(2026, 1, 31)),
        ("5", "pending", None), ("6", "approved", date(2026, 2, 1)),
    ],
    client_line_cells={f"C{n}": {"Change order": str(n)} for n in range(1, 7)},
)  # fmt: skip


def month(job: Site, number: int, claims: dict[str, str]) -> None:
    """One period of A: invited, billed by line, approved as claimed."""
    invited, due, _ = MONTHS[number - 1]
    job.tick(invited)
    job.submit(SUB, {line: {"work_this_period": amount} for line, amount in claims.items()})
    job.tick(due)
    job.approve("A")


def compiled(job: Site, number: int) -> dict[str, Any]:
    """What `upstream compile --json` says; `show` says the same of it, and all of it proves."""
    made: dict[str, Any] = json.loads(job.at("upstream", "compile", "P1", str(number), "--json"))
    kept: dict[str, Any] = json.loads(job.cli("upstream", "show", "P1", str(number), "--json"))
    assert all(kept[name] == made[name] for name in ("summary", "tax", "payable"))
    assert [{**line, "from_earlier_periods": "0.00"} for line in kept["lines"]] == made["lines"]
    job.cli("verify")
    return made


def issued(job: Site, number: int) -> dict[str, Any]:
    """Compiled, and issued to the client."""
    made = compiled(job, number)
    job.at("upstream", "issue", "P1", str(number))
    job.tick(MONTHS[number - 1][2])
    return made


def test_s55_change_orders_before_and_in_the_month(tmp_path: Path) -> None:
    """12,000 and -3,000 before, 4,500 and -500 now: 16,500 and -3,500, net 13,000 is line 2; one pending is only listed."""
    with site(tmp_path, CHANGED) as job:
        month(job, 1, {"1": "10000", "2": "1000"})
        made = issued(job, 1)
        box = made["change_orders"]
        assert (box["additions_before"], box["deductions_before"]) == ("12000.00", "-3000.00")
        assert (box["additions_now"], box["deductions_now"]) == ("4500.00", "-500.00")
        assert (box["additions"], box["deductions"], box["net"]) == ("16500.00", "-3500.00", "13000.00")
        assert made["summary"]["net_change_orders"] == "13000.00"
        assert made["summary"]["contract_sum_to_date"] == "113000.00"
        assert [(one["number"], one["amount"]) for one in box["pending"]] == [
            ("5", "900.00"),
            ("6", "2000.00"),
        ]
        assert [line["work_this_period"] for line in made["lines"][:2]] == ["10000.00", "1000.00"]
        assert made["summary"]["current_payment_due"] == "10450.00"
        book = (job.folder / "output" / "P1" / "period-1" / "client-application-1.xlsx").read_bytes()
        sheet = load_workbook(io.BytesIO(book), data_only=True)["Summary"]
        shown = {str(row[2].value): (row[3].value, row[4].value) for row in sheet.iter_rows(max_col=5)}
        assert shown["Total"] == (16500, -3500)
        assert shown["Not counted yet: 5 Client change 5"] == (900, None)
        month(job, 2, {"1": "5000"})
        second = compiled(job, 2)
        assert second["change_orders"]["additions_before"] == "16500.00"
        assert second["change_orders"]["additions_now"] == "2000.00"
        assert second["summary"]["net_change_orders"] == "15000.00"
        assert second["summary"]["previous_certificates"] == "10450.00"


def test_a_billed_change_order_that_is_withdrawn_is_not_dropped(tmp_path: Path) -> None:
    """When its approval is taken back after it was billed, nothing is compiled until that is put right."""
    with site(tmp_path, CHANGED) as job:
        month(job, 1, {"2": "1000"})
        issued(job, 1)
        job.edit_register({("Client change orders", "P1/1"): {"Status": "void"}})
        month(job, 2, {"1": "5000"})
        assert "line C1 belongs to a change order" in job.cli_error("upstream", "compile", "P1", "2")


def test_the_clients_steps_and_cap_over_three_months(tmp_path: Path) -> None:
    """10 % to half of the work, then 5 %, up to 6 % of the contract: 4,000, then 5,500, then 6,000 and no more."""
    terms = {"Retainage steps": "50%: 5%", "Retainage cap": "6%"}
    register = Register(
        subs=[SUB], client=[("10", "03-300", "100000")], client_retainage="10", client_cells=terms
    )
    with site(tmp_path, register) as job:
        held, due = [], []
        for number, claim in enumerate(("40000", "20000", "20000"), 1):
            month(job, number, {"1": claim})
            made = issued(job, number) if number < 3 else compiled(job, number)
            held.append(made["summary"]["retainage_total"])
            due.append(made["summary"]["current_payment_due"])
        assert held == ["4000.00", "5500.00", "6000.00"]
        assert due == ["36000.00", "18500.00", "19500.00"]


def test_retainage_comes_back_in_part_by_line_and_in_whole(tmp_path: Path) -> None:
    """A part in total, one line, then all: what came back is never withheld again, and at the end nothing is held."""
    register = Register(subs=[SUB], client=[("10", "03-300", "100000"), ("20", "09-900", "20000")])
    with site(tmp_path, register) as job:
        month(job, 1, {"1": "30000", "2": "10000"})
        assert "where 2000.00 is held" in refused(job, 1, "2000.01")
        job.at("upstream", "release", "P1", "1", "--amount", "400")
        first = issued(job, 1)
        assert [line["released_this_period"] for line in first["lines"]] == ["300.00", "100.00"]
        assert first["summary"]["retainage_total"] == "1600.00"
        assert first["summary"]["current_payment_due"] == "38400.00"
        assert "issued already" in job.cli_error("upstream", "release", "P1", "1", "--all")
        month(job, 2, {"1": "10000"})
        job.at("upstream", "release", "P1", "2", "--line", "20", "--all")
        second = issued(job, 2)
        assert [line["retainage_held"] for line in second["lines"]] == ["1700.00", "0.00"]
        assert second["summary"]["current_payment_due"] == "9900.00"
        month(job, 3, {"1": "60000", "2": "10000"})
        assert "no line 99" in job.cli_error("upstream", "release", "P1", "3", "--line", "99", "--all")
        job.at("upstream", "release", "P1", "3", "--all")
        third = compiled(job, 3)
        assert third["summary"]["retainage_total"] == "0.00"
        assert third["summary"]["balance_to_finish"] == "0.00"
        dues = [each["summary"]["current_payment_due"] for each in (first, second, third)]
        assert sum(map(Decimal, dues)) == Decimal(third["summary"]["total_earned_less_retainage"]) == 120000


def test_tax_on_the_net_due_and_on_released_retainage(tmp_path: Path) -> None:
    """20 % is charged on the net due, released retainage included; under a reverse charge it is shown and not added."""
    codes = [
        {"Code": "VAT20", "Description": "VAT at 20 %", "Rate": Decimal("0.2"), "Kind": "charged"},
        {"Code": "RC20", "Description": "VAT 20 %", "Rate": Decimal("0.2"), "Kind": "reverse charge"},
    ]
    register = Register(
        subs=[SUB],
        client=[("10", "03-300", "100000"), ("20", "09-900", "20000")],
        client_cells={"Tax code": "VAT20"},
        client_line_cells={"20": {"Tax code": "RC20"}},
        openings={"Tax codes": codes},
    )
    with site(tmp_path, register) as job:
        month(job, 1, {"1": "10000", "2": "1000"})
        first = issued(job, 1)
        assert [(one["code"], one["base"], one["tax"], one["charged"]) for one in first["tax"]] == [
            ("VAT20", "9500.00", "1900.00", True),
            ("RC20", "950.00", "190.00", False),
        ]
        assert (first["current_payment_due"], first["payable"]) == ("10450.00", "12350.00")
        book = (job.folder / "output" / "P1" / "period-1" / "client-application-1.xlsx").read_bytes()
        sheet = load_workbook(io.BytesIO(book), data_only=True)["Summary"]
        shown = {str(row[2].value): row[3].value for row in sheet.iter_rows(max_col=4)}
        assert shown["VAT 20 % on 950.00: reverse charge, not added"] == 190
        assert shown["Payable with tax"] == 12350
        month(job, 2, {"1": "1000"})
        job.at("upstream", "release", "P1", "2", "--line", "10", "--amount", "500")
        second = compiled(job, 2)
        assert [(one["base"], one["tax"]) for one in second["tax"]] == [("1450.00", "290.00")]
        assert second["payable"] == "1740.00"


def refused(job: Site, number: int, amount: str) -> str:
    """What compiling says after too much was asked back; then that is taken back."""
    job.at("upstream", "release", "P1", str(number), "--amount", amount)
    said = job.cli_error("upstream", "compile", "P1", str(number))
    job.at("upstream", "release", "P1", str(number), "--amount", "0")
    return said


def test_lines_of_the_client_with_rates_and_amounts_of_their_own(tmp_path: Path) -> None:
    """None on one line, a fixed amount on another, the rest by the contract; from completion on its own rate."""
    register = Register(
        subs=[SUB],
        client=[("10", "03-300", "100000"), ("20", "09-900", "20000")],
        client_line_cells={"10": {"Retainage amount": 750}, "20": {"Retainage on work": 0}},
    )
    with site(tmp_path, register) as job:
        month(job, 1, {"1": "10000", "2": "1000"})
        made = issued(job, 1)
        assert [line["retainage_held"] for line in made["lines"]] == ["750.00", "0.00"]
        assert made["summary"]["current_payment_due"] == "10250.00"


def test_a_client_change_order_needs_a_way_for_its_cost(tmp_path: Path) -> None:
    """A line without a cost code and without a mapping is refused with its cell; so is an approval without a date."""
    with site(tmp_path, CHANGED) as job:
        line = {
            "Project": "P1", "Line": "C9", "Description": "More", "Scheduled value": 100, "Change order": "5",
        }  # fmt: skip
        order = {"Project": "P1", "Number": "9", "Title": "Late", "Status": "approved"}
        told = job.edit_register(
            {("Client schedule of values", "P1/C9"): line, ("Client change orders", "P1/9"): order},
            code=1,
        )
        assert "no cost would reach it" in json.dumps(told)
        assert "needs the date of its approval" in json.dumps(told)
