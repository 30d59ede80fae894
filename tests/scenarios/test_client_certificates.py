"""Stories of what the client certifies: less than was issued, corrected, late; and what comes again in the next one."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.scenarios.balances import form
from tests.scenarios.site import Register, Site, Sub, site
from tests.scenarios.test_client_contract import compiled, issued, month

SUB = Sub(number="A", lines=[("1", "03-300", "100000"), ("2", "09-900", "20000")])
REGISTER = Register(
    subs=[SUB], client=[("10", "03-300", "100000"), ("20", "09-900", "20000")], client_retainage="5"
)


def kept(job: Site, number: int) -> dict[str, Any]:
    """What `upstream show --json` says."""
    found: dict[str, Any] = json.loads(job.cli("upstream", "show", "P1", str(number), "--json"))
    return found


def as_form(found: dict[str, Any]) -> dict[str, Any]:
    """A client application as `balances.form` wants it: no line's value was changed."""
    return {**found, "lines": [{**line, "changes": []} for line in found["lines"]]}


def test_certified_short_on_two_lines_over_three_months(tmp_path: Path) -> None:
    """What was cut comes again, apart from new work, until it is certified; L8 as certified adds up to the last L6."""
    with site(tmp_path, REGISTER) as job:
        month(job, 1, {"1": "30000", "2": "4000.01"})
        first = issued(job, 1)
        assert first["summary"]["current_payment_due"] == "32300.01"
        job.at(
            "upstream",
            "certify",
            "P1",
            "1",
            "--line",
            "10=25000",
            "--line",
            "20=3000.01",
            "--reason",
            "Rework",
        )
        one = kept(job, 1)
        assert (one["state"], one["summary"]["current_payment_due"]) == ("certified", "32300.01")
        answer = one["certified"]
        form(
            as_form(answer),
            "L4 28,000.01, L5 1,400.00, L6 26,600.01, L7 0.00, L8 26,600.01, L9 93,399.99, gross 28,000.01",
        )
        assert answer["reason"] == "Rework"
        assert answer["not_certified"] == {
            "total": "6000.00",
            "lines": [
                {"line": "10", "work": "5000.00", "stored": "0.00"},
                {"line": "20", "work": "1000.00", "stored": "0.00"},
            ],
        }
        month(job, 2, {"1": "10000"})
        second = compiled(job, 2)
        assert [line["work_previous"] for line in second["lines"]] == ["25000.00", "3000.01"]
        assert [line["work_this_period"] for line in second["lines"]] == ["15000.00", "1000.00"]
        assert second["not_certified_before"] == answer["not_certified"]
        assert (second["matched"], second["billed_not_certified"]) == ("10000.00", "0.00")
        form(
            as_form(second),
            "L4 44,000.01, L5 2,200.00, L6 41,800.01, L7 26,600.01, L8 15,200.00, L9 78,199.99, gross 16,000.00",
        )
        looks_apart(job)
        issued(job, 2)
        job.at("upstream", "certify", "P1", "2", "--line", "20=0")
        month(job, 3, {"2": "15000"})
        third = issued(job, 3)
        form(
            as_form(third),
            "L4 59,000.01, L5 2,950.00, L6 56,050.01, L7 40,850.01, L8 15,200.00, L9 63,949.99, gross 16,000.00",
        )
        assert third["not_certified_before"]["lines"] == [{"line": "20", "work": "1000.00", "stored": "0.00"}]
        job.at("upstream", "certify", "P1", "3")
        dues = [kept(job, n)["certified"]["summary"]["current_payment_due"] for n in (1, 2, 3)]
        assert sum(map(Decimal, dues)) == Decimal("56050.01")
        for name in ("L4", "L7", "L8", "gross"):
            assert "does not tie" not in job.cli("why", "P1/3", name)
        assert "not certified before" in job.cli("why", "P1/3", "20", "work_this_period")


def looks_apart(job: Site) -> None:
    """The draft of the second month names what was not certified in a column, a line and a row of its own."""
    path = job.folder / "output" / "P1" / "period-2" / "client-application-2-draft.xlsx"
    book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    rows = [[str(cell.value) for cell in row] for row in book["Lines"].iter_rows()]
    at = next(row.index("Not certified before") for row in rows if "Item" in row)
    assert [row[at] for row in rows if row[1] in ("10", "20")] == ["5000.0", "1000.0"]
    shown = {str(row[2].value): row[3].value for row in book["Summary"].iter_rows(max_col=4)}
    assert shown["Of what is billed now, not certified before"] == 6000
    assert "billed again" in " ".join(str(cell.value) for row in book["Mapping"].iter_rows() for cell in row)


def test_without_an_answer_the_next_one_stands_on_what_was_issued(tmp_path: Path) -> None:
    """It says so, a draft from before an answer is not issued, and a late answer may confirm but not cut."""
    with site(tmp_path, REGISTER) as job:
        month(job, 1, {"1": "10000"})
        assert "is not issued" in job.cli_error("upstream", "certify", "P1", "1")
        issued(job, 1)
        month(job, 2, {"1": "5000"})
        second = compiled(job, 2)
        assert second["billed_not_certified"] == "9500.00"
        path = job.folder / "output" / "P1" / "period-2" / "client-application-2-draft.xlsx"
        book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
        shown = {str(row[2].value): row[3].value for row in book["Summary"].iter_rows(max_col=4)}
        assert shown["Of line 7, billed and not certified"] == 9500
        job.at("upstream", "certify", "P1", "1", "--line", "10=9000")
        assert "compile it again" in job.cli_error("upstream", "issue", "P1", "2")
        job.at("upstream", "certify", "P1", "1")
        assert "compile it again" in job.cli_error("upstream", "issue", "P1", "2")
        assert compiled(job, 2)["billed_not_certified"] == "0.00"
        issued(job, 2)
        month(job, 3, {"1": "1000"})
        issued(job, 3)
        said = job.cli_error("upstream", "certify", "P1", "2", "--line", "10=1")
        assert "client application 3 was issued already" in said
        job.at("upstream", "certify", "P1", "2")
        assert kept(job, 2)["state"] == "certified"


def test_what_cannot_be_certified_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """More than was issued, less than nothing, a line that is not there, no amount, and changed rules."""
    with site(tmp_path, REGISTER) as job:
        month(job, 1, {"1": "10000"})
        issued(job, 1)
        refused = (
            ("10=10000.01", "it must be between 0 and that"), ("10=-1", "it must be between 0 and that"),
            ("99=1", "no line 99"), ("10=much", '"much" is not an amount'), ("10=1.001", "is not an amount"),
        )  # fmt: skip
        for said, sentence in refused:
            assert sentence in job.cli_error("upstream", "certify", "P1", "1", "--line", said)
        job.edit_register({("Client contract", "P1"): {"Retainage on work": Decimal("0.1")}})
        said = job.cli_error("upstream", "certify", "P1", "1", "--line", "10=9000")
        assert "no longer give what was issued" in said
        job.at("upstream", "certify", "P1", "1")


def test_stored_materials_released_retainage_and_tax_follow_the_certificate(tmp_path: Path) -> None:
    """Stored materials cut come again as stored; a release stays up to what is held; tax is on the certified net due."""
    codes = [{"Code": "VAT20", "Description": "VAT", "Rate": Decimal("0.2"), "Kind": "charged"}]
    register = Register(
        subs=[SUB], client=REGISTER.client, client_cells={"Tax code": "VAT20"}, openings={"Tax codes": codes}
    )
    with site(tmp_path, register) as job:
        job.tick("2026-01-26T16:00:00Z")
        job.submit(SUB, {"1": {"work_this_period": "8000", "materials_stored": "2000"}})
        job.tick("2026-02-03T16:00:00Z")
        job.approve("A")
        job.at("upstream", "release", "P1", "1", "--all")
        first = issued(job, 1)
        assert (first["summary"]["retainage_total"], first["payable"]) == ("0.00", "12000.00")
        job.at("upstream", "certify", "P1", "1", "--line", "10=6000", "--stored", "10=500")
        answer = kept(job, 1)["certified"]
        assert answer["lines"][0]["released_this_period"] == "325.00"
        assert (answer["summary"]["current_payment_due"], answer["payable"]) == ("6500.00", "7800.00")
        month(job, 2, {"1": "1000"})
        second = compiled(job, 2)
        assert second["not_certified_before"]["lines"] == [
            {"line": "10", "work": "2000.00", "stored": "1500.00"}
        ]
        line = second["lines"][0]
        assert (line["work_this_period"], line["materials_stored"]) == ("3000.00", "2000.00")
        assert second["summary"]["total_completed_and_stored"] == "11000.00"
