"""Stories of accounting files where a project has bills in several currencies: no total ever adds up two of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from tests.scenarios.site import Register, Site, site
from tests.scenarios.test_foreign_currency import CLIENT, FACADE, RATES, STEEL, first_month


def batches(job: Site) -> list[dict[str, Any]]:
    """Every batch with its totals."""
    found: list[dict[str, Any]] = json.loads(job.cli("erp", "list", "--json"))
    return found


def both_approved(job: Site) -> None:
    """A bill in dollars and one in euros, approved on the same day."""
    first_month(job)
    job.approve("SC-1", "SC-2")


def register() -> Register:
    """The dollar project with a facade in euros, and its rates."""
    return Register(subs=(FACADE, STEEL), client=CLIENT, openings={"Exchange rates": RATES})


def test_each_currency_is_a_batch_with_control_totals_of_its_own(tmp_path: Path) -> None:
    """3,600.00 dollars and 1,561.59 euros are two batches and two manifests, never 5,161.59 of anything."""
    with site(tmp_path, register()) as job:
        both_approved(job)
        said = job.at("erp", "export", "P1", "--target", "csv")
        assert said.count("Written: 1 documents") == 2
        assert [(one["currency"], one["total"], one["payable"]) for one in batches(job)] == [
            ("USD", "4000.00", "3600.00"),
            ("EUR", "1735.11", "1561.59"),
        ]
        dollars, euros = (job.folder / "output" / str(one["folder"]) for one in batches(job))
        for folder, currency, payable in ((dollars, "USD", "3600.00"), (euros, "EUR", "1561.59")):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            assert (manifest["currency"], manifest["control"]["payable"]) == (currency, payable)
        (own,) = csv.DictReader((dollars / "bills.csv").open(encoding="utf-8"))
        (foreign,) = csv.DictReader((euros / "bills.csv").open(encoding="utf-8"))
        columns = ("currency", "exchange_currency", "exchange_rate", "exchange_dated_on", "exchange_payable")
        assert [foreign[name] for name in columns] == ["EUR", "USD", "1.0835", "2026-02-03", "1691.98"]
        assert [own[name] for name in columns] == ["USD", "", "", "", ""]
        assert "Nothing new" in job.at("erp", "export", "P1", "--target", "csv")


def test_json_has_the_rate_with_each_bill(tmp_path: Path) -> None:
    """A bill in euros says what one euro was, as of when, and what that makes of the payable; one in dollars says null."""
    with site(tmp_path, register()) as job:
        both_approved(job)
        job.at("erp", "export", "P1", "--target", "json")
        found = {}
        for one in batches(job):
            file = job.folder / "output" / str(one["folder"]) / "bills.json"
            content = json.loads(file.read_text(encoding="utf-8"))
            found[content["currency"]] = content["bills"][0]["exchange"]
        assert found == {
            "USD": None,
            "EUR": {"currency": "USD", "rate": "1.0835", "dated_on": "2026-02-03", "payable": "1691.98"},
        }


def test_a_file_that_cannot_say_the_currency_holds_the_foreign_bill(tmp_path: Path) -> None:
    """QuickBooks would take euros for dollars: the bill in dollars is written, the one in euros held with the reason."""
    with site(tmp_path, register()) as job:
        both_approved(job)
        said = job.cli_error("erp", "export", "P1", "--target", "quickbooks-iif")
        assert "SC-1-1 is in EUR, its project in USD" in said
        assert [(one["currency"], one["documents"]) for one in batches(job)] == [("USD", 1)]
        assert job.show("SC-1/1")["facts"]["exported_in"] == []


def test_an_exported_bill_in_a_foreign_currency_keeps_its_rate(tmp_path: Path) -> None:
    """What is posted is not opened again, so its rate cannot move any more."""
    with site(tmp_path, register()) as job:
        both_approved(job)
        job.at("erp", "export", "P1", "--target", "csv")
        assert "posted" in job.cli_error("decide", "SC-1/1", "reopen", "--reason", "Wrong rate")
        assert job.show("SC-1/1")["exchange"]["rate"] == "1.0835"


def test_one_period_is_exported_by_currency_too(tmp_path: Path) -> None:
    """With --period only what was approved in it goes out, again one batch for each currency."""
    with site(tmp_path, register()) as job:
        both_approved(job)
        job.at("erp", "export", "P1", "--target", "json", "--period", "1")
        assert [one["folder"].split("/")[1] for one in batches(job)] == ["period-1", "period-1"]
