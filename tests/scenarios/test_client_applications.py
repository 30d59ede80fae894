"""Stories of billing the client: rolled up from approved bills, issued, corrected in the next one, and never billed twice."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.scenarios.balances import form
from tests.scenarios.site import (
    AFTER_CLOSE,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    site,
)

#: Subs A and B on concrete, C on steel, D on paint, which the client contract has no line for.
SUBS = (
    Sub(number="A", lines=[("1", "03-300", "20000")]),
    Sub(number="B", lines=[("1", "03-300", "20000")]),
    Sub(number="C", lines=[("1", "05-120", "20000")]),
    Sub(number="D", lines=[("1", "09-900", "20000")]),
)
CLIENT = [("10", "03-300", "40000"), ("20", "05-120", "20000"), ("30", "", "30000")]
CLAIMS = {"A": "6000", "B": "2500", "C": "4000", "D": "750"}


def compiled(job: Site, period: int) -> dict[str, Any]:
    """What `upstream compile --json` says, and that what is matched and what is not are all of it."""
    found: dict[str, Any] = json.loads(job.at("upstream", "compile", "P1", str(period), "--json"))
    cents = {name: round(float(found[name]) * 100) for name in ("matched", "unmatched", "downstream")}
    assert cents["matched"] + cents["unmatched"] == cents["downstream"]
    return found


def figures(found: dict[str, Any]) -> tuple[str, str, str]:
    """Matched, not matched, and due."""
    return found["matched"], found["unmatched"], found["current_payment_due"]


def shown_amounts(workbook: bytes, title: str) -> dict[str, Any]:
    """What a sheet shows in column D, by the label in column C."""
    sheet = load_workbook(io.BytesIO(workbook), data_only=True)[title]
    return {str(row[2].value): row[3].value for row in sheet.iter_rows(min_row=1, max_col=4)}


def work(found: dict[str, Any]) -> list[str]:
    """Work of this period by client line."""
    return [line["work_this_period"] for line in found["lines"]]


def bill_all(job: Site, claims: dict[str, str], invited: str, due: str, decision: str = "Approve") -> None:
    """One period of all subs: invited, billed, approved as claimed."""
    job.tick(invited)
    for sub in SUBS:
        if sub.number in claims:
            job.submit(sub, {"1": {"work_this_period": claims[sub.number]}})
    job.tick(due)
    job.approve(*claims, decision=decision)


def test_s38_rolled_up_by_cost_code_with_the_owners_own_retainage(tmp_path: Path) -> None:
    """8,500 and 4,000 are matched, 750 is listed, all of it is 13,250; the owner keeps 5 %, whatever the subs' 10 % is."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT)) as job:
        bill_all(job, CLAIMS, INVITED, AFTER_DUE)
        form(job.show("A/1"), "L4 6,000.00, L5 600.00, L6 5,400.00, L7 0.00, L8 5,400.00, L9 14,600.00")
        found = compiled(job, 1)
        assert found["number"] == 1
        assert work(found) == ["8500.00", "4000.00", "0.00"]
        assert figures(found) == ("12500.00", "750.00", "11875.00")
        assert found["downstream"] == "13250.00"
        assert found["summary"]["retainage_total"] == "625.00"
        assert found["not_mapped"] == [
            {"commitment": "D", "line": "1", "cost_code": "09-900", "amount": "750.00"}
        ]
        assert job.show("A/1")["facts"]["billed_in"] == []
        job.at("upstream", "issue", "P1", "1")
        assert job.show("A/1")["facts"]["billed_in"] == [1]
        assert job.show("D/1")["facts"]["billed_in"] == [], "it is listed there, not billed"
        issued = job.folder / "output" / "P1" / "period-1" / "client-application-1.xlsx"
        texts = [
            str(cell.value)
            for sheet in load_workbook(io.BytesIO(issued.read_bytes()), data_only=True)
            for row in sheet
            for cell in row
        ]
        assert {"11875", "12500", "750", "09-900"} <= {text.removesuffix(".0") for text in texts}
        assert "already" in job.cli_error("upstream", "compile", "P1", "1")


def test_a_draft_follows_every_decision_until_it_is_issued(tmp_path: Path) -> None:
    """Compiled again at will; a draft that no longer is what was approved cannot be issued."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT, mapping=[("09-900", "30")])) as job:
        job.tick(INVITED)
        for sub in SUBS[:2]:
            job.submit(sub, {"1": {"work_this_period": CLAIMS[sub.number]}})
        job.tick(AFTER_DUE)
        job.approve("A")
        assert figures(compiled(job, 1)) == ("6000.00", "0.00", "5700.00")
        job.approve("B")
        assert "compile it again" in job.cli_error("upstream", "issue", "P1", "1")
        assert figures(compiled(job, 1)) == ("8500.00", "0.00", "8075.00")
        assert compiled(job, 1)["number"] == 1, "a draft keeps its number"
        job.at("upstream", "issue", "P1", "1")


def test_compiled_twice_writes_nothing_the_second_time(tmp_path: Path) -> None:
    """A draft that says nothing new keeps its rows, its events and its bytes, whatever the time."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT)) as job:
        bill_all(job, CLAIMS, INVITED, AFTER_DUE)
        first = compiled(job, 1)
        draft = job.folder / "output" / "P1" / "period-1" / "client-application-1-draft.xlsx"
        bytes_before, count = draft.read_bytes(), events(job)
        job.now += timedelta(hours=3)
        assert compiled(job, 1) == first
        assert (draft.read_bytes(), events(job)) == (bytes_before, count)


def events(job: Site) -> int:
    """How many events there are."""
    with closing(sqlite3.connect(job.folder / "billings.db")) as db:
        return int(db.execute("SELECT count(*) FROM event").fetchone()[0])


def test_a_correction_after_the_issue_comes_out_in_the_next_one(tmp_path: Path) -> None:
    """What was issued stays; the approval opened again and cut by 500 comes out of the next client application as 500 less."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT)) as job:
        bill_all(job, CLAIMS, INVITED, AFTER_DUE)
        compiled(job, 1)
        job.at("upstream", "issue", "P1", "1")
        issued = job.folder / "output" / "P1" / "period-1" / "client-application-1.xlsx"
        before = issued.read_bytes()
        job.at("decide", "A/1", "reopen", "--reason", "Counted twice")
        job.tick()
        cut = {"1": {"approved_work": "5500", "line_reason": "Counted twice"}}
        job.review({"A": {"decision": "Approve", "lines": cut}})
        form(job.show("A/1"), "L4 5,500.00, L5 550.00, L6 4,950.00, L7 0.00, L8 4,950.00, L9 15,050.00")
        assert issued.read_bytes() == before
        job.tick(AFTER_CLOSE)
        # In the meantime D's cost code gets a line of the client contract, so its January cost comes in as well.
        job.edit_register(
            {
                ("Cost code mapping", "P1/09-900"): {
                    "Project": "P1",
                    "Cost code": "09-900",
                    "Client line": "30",
                }
            }
        )
        bill_all(job, {"A": "1000", "C": "2000"}, INVITED_2, AFTER_DUE_2)
        found = compiled(job, 2)
        assert work(found) == ["500.00", "2000.00", "750.00"]
        assert figures(found) == ("3250.00", "0.00", "3087.50")
        assert [line["from_earlier_periods"] for line in found["lines"]] == ["-500.00", "0.00", "750.00"]
        assert found["from_earlier_periods"] == {
            "total": "250.00",
            "items": [
                {"application": "A/1", "line": "1", "cost_code": "03-300", "amount": "-500.00"},
                {"application": "D/1", "line": "1", "cost_code": "09-900", "amount": "750.00"},
            ],
        }
        draft = job.folder / "output" / "P1" / "period-2" / "client-application-2-draft.xlsx"
        shown = shown_amounts(draft.read_bytes(), "Summary")
        assert shown["Of that, for earlier periods"] == 250
        assert found["summary"]["previous_certificates"] == "11875.00"
        assert found["summary"]["total_completed_and_stored"] == "15750.00"
        assert found["summary"]["retainage_total"] == "787.50"
        job.at("upstream", "issue", "P1", "2")
        assert job.show("A/1")["facts"]["billed_in"] == [1, 2]


def test_a_line_taken_back_in_the_next_bill_is_taken_back_from_the_client(tmp_path: Path) -> None:
    """A negative line approved in the second month lowers the client line by itself, retainage included."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT)) as job:
        bill_all(job, {"A": "6000"}, INVITED, AFTER_DUE)
        compiled(job, 1)
        job.at("upstream", "issue", "P1", "1")
        bill_all(job, {"A": "-1500"}, INVITED_2, AFTER_DUE_2, "Approve credit")
        second = job.show("A/2")
        form(second, "L4 4,500.00, L5 450.00, L6 4,050.00, L7 5,400.00, L8 -1,350.00, L9 15,950.00")
        found = compiled(job, 2)
        assert work(found) == ["-1500.00", "0.00", "0.00"]
        assert figures(found) == ("-1500.00", "0.00", "-1425.00")


def test_each_period_is_billed_with_its_own(tmp_path: Path) -> None:
    """Bills of a later period wait for theirs; a period before an issued one is not issued any more, its rest comes next."""
    with site(tmp_path, Register(subs=SUBS, client=CLIENT)) as job:
        bill_all(job, {"A": "6000"}, INVITED, AFTER_DUE)
        bill_all(job, {"A": "1000", "C": "500"}, INVITED_2, AFTER_DUE_2)
        assert figures(compiled(job, 1)) == ("6000.00", "0.00", "5700.00")
        assert figures(compiled(job, 2)) == ("7500.00", "0.00", "7125.00")
        assert "compile it again" not in job.at("upstream", "issue", "P1", "1")
        assert "compile it again" in job.cli_error("upstream", "issue", "P1", "2")
        assert figures(compiled(job, 2)) == ("1500.00", "0.00", "1425.00")
        job.at("upstream", "issue", "P1", "2")
        assert "already" in job.cli_error("upstream", "compile", "P1", "1")
