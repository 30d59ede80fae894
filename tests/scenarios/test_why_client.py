"""Stories in which every figure is asked why, on the client's side and in the project's currency."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.scenarios.questions import ask_everything
from tests.scenarios.site import AFTER_DUE_2, INVITED_2, Register, Site, Sub, site
from tests.scenarios.test_client_contract import CHANGED, SUB, issued, month
from tests.scenarios.test_foreign_currency import FACADE, RATES, first_month, register

#: Twenty per cent charged, and the same under reverse charge.
CODES = [
    {"Code": "VAT20", "Description": "VAT at 20 %", "Rate": Decimal("0.2"), "Kind": "charged"},
    {"Code": "RC20", "Description": "VAT 20 %", "Rate": Decimal("0.2"), "Kind": "reverse charge"},
]


def asked(job: Site, number: int) -> int:
    """A month is compiled and issued, and everything is asked before and after."""
    job.at("upstream", "compile", "P1", str(number))
    found = ask_everything(job)
    issued(job, number)
    return found + ask_everything(job)


def said(job: Site, *words: str) -> str:
    """One answer as a person reads it, whole."""
    return "\n".join(job.cli("why", *words, "--all").splitlines())


def test_everything_of_a_client_contract_with_change_orders(tmp_path: Path) -> None:
    """L1 has what was agreed at first, L2 the change orders approved by the end of the period, each with its cell."""
    with site(tmp_path, CHANGED) as job:
        month(job, 1, {"1": "10000", "2": "1000"})
        assert asked(job, 1) > 100
        month(job, 2, {"1": "5000"})
        job.at("upstream", "compile", "P1", "2")
        assert ask_everything(job) > 200
        told = said(job, "P1/1", "L2")
        assert "12,000.00  Line C1" in told
        assert (
            "of change order 1, approved on December 20, 2025, entered in Client schedule of values!" in told
        )


def test_everything_of_a_clients_steps_cap_tax_and_release(tmp_path: Path) -> None:
    """Three months with forward steps, a cap, tax by line, retainage asked back by line and in total, and rounding once."""
    terms = {
        "Retainage steps": "50%: 5%", "Retainage cap": "6%", "Retainage rounded by": "contract", "Tax code": "VAT20",
    }  # fmt: skip
    made = Register(
        subs=[SUB], client=[("10", "03-300", "100000"), ("20", "09-900", "20000")], client_retainage="10",
        client_cells=terms, client_line_cells={"20": {"Tax code": "RC20"}}, openings={"Tax codes": CODES},
    )  # fmt: skip
    with site(tmp_path, made) as job:
        month(job, 1, {"1": "40000.05", "2": "3000.05"})
        asked(job, 1)
        month(job, 2, {"1": "25000", "2": "4000"})
        job.at("upstream", "release", "P1", "2", "--amount", "500", "--line", "10")
        asked(job, 2)
        month(job, 3, {"1": "5000.55"})
        job.at("upstream", "release", "P1", "3", "--all")
        job.at("upstream", "compile", "P1", "3")
        assert ask_everything(job) > 200
        assert "asked on this line: 500.00" in said(job, "P1/2", "10", "released")
        assert "this line's share of what was asked in total: all that is held" in said(
            job, "P1/3", "20", "released"
        )
        assert "Asked back by" in said(job, "P1/3", "20", "released")
        assert "5 % of the work" in said(job, "P1/3", "L5a")
        assert "is the cap on retainage withheld to date" in said(job, "P1/3", "L5")
        assert "20 % of the taxable value" in said(job, "P1/2", "tax")
        assert "Rest of rounding once for the contract" in said(job, "P1/2", "L5a")
        before = said(job, "P1/1", "L5")
        job.edit_register({("Client contract", "P1"): {"Retainage on work": "7%"}})
        ask_everything(job)
        assert "as it was written; the register has other terms by now" in said(job, "P1/1", "L5")
        assert before.splitlines()[2] == said(job, "P1/1", "L5").splitlines()[2]


def test_everything_of_a_commitment_in_a_foreign_currency(tmp_path: Path) -> None:
    """Billed in euros, converted at the rate of each approval, billed to the client in dollars; a rate is a cell."""
    with site(tmp_path, register(RATES)) as job:
        first_month(job)
        ask_everything(job)
        job.approve("SC-1", "SC-2")
        job.at("upstream", "compile", "P1", "1")
        job.at("upstream", "issue", "P1", "1")
        ask_everything(job)
        job.tick(INVITED_2)
        built_in = {"work_this_period": "600.55", "materials_stored": "0"}
        job.submit(FACADE, {"1": {"work_this_period": "1000"}, "2": built_in})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        job.at("upstream", "compile", "P1", "2")
        assert ask_everything(job) > 150
        told = said(job, "SC-1/2", "gross", "USD")
        assert told.splitlines()[0].endswith("Amounts in USD.")
        assert "EUR 1,000.00 at 1.123456 of 2026-02-28, rounded half up" in told
        assert "entered in Exchange rates!" in said(job, "SC-1/1", "payable", "USD").replace("'", "")
        stored = said(job, "SC-1/2", "2", "stored", "USD")
        assert "of EUR 500.55 that came in at 542.35, what leaves takes its part of that along" in stored
        assert "out of EUR 1,234.56 at 1.0835 of 2026-02-03" in said(job, "P1/1", "10", "work")
        assert "there is no figure gross USD" in job._run(["why", "SC-2/1", "gross USD"]).stderr


def test_the_rest_of_rounding_is_stated_by_line(tmp_path: Path) -> None:
    """Rounded once for the contract, the line that bears the rest says so, in words and in JSON; by line nothing is said."""
    lines = [("1", "03-300", "1000"), ("2", "05-120", "1000")]
    once = Sub(number="SC-1", lines=lines, terms={"Retainage rounded by": "contract"})
    each = Sub(number="SC-2", lines=lines, vendor="V2")
    with site(tmp_path, Register(subs=[once, each])) as job:
        month_of(job, once, each)
        assert [line["rounding_residual"] for line in job.show("SC-1/1")["lines"]] == ["0.00", "-0.01"]
        assert all("rounding_residual" not in line for line in job.show("SC-2/1")["lines"])
        ask_everything(job)
        assert "- 0.01  Line 2 bears: in what it withholds to date" in said(job, "SC-1/1", "L5a")
        assert "Rest of rounding" not in said(job, "SC-2/1", "L5a")


def month_of(job: Site, *subs: Sub) -> None:
    """Each bills 0.05 on both lines; approved as claimed."""
    job.tick("2026-01-26T16:00:00Z")
    for sub in subs:
        job.submit(sub, {"1": {"work_this_period": "0.05"}, "2": {"work_this_period": "0.05"}})
    job.tick("2026-02-03T16:00:00Z")
    job.approve(*(sub.number for sub in subs))
