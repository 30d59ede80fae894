"""Stories of one cost code on two lines of the client contract, by percent."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.scenarios.site import Register, Site, Sub, site
from tests.scenarios.test_client_contract import compiled, issued, month

SUB = Sub(number="A", lines=[("1", "03-300", "100000"), ("2", "03-300", "20000")])
REGISTER = Register(
    subs=[SUB],
    client=[("10", "", "70000"), ("20", "", "50000")],
    mapping=[("03-300", "10", "60"), ("03-300", "20", "40")],
)
SHARE = "Cost code mapping"


def work(made: dict[str, Any]) -> list[str]:
    """Work of the period on both lines of the client."""
    return [line["work_this_period"] for line in made["lines"]]


def test_odd_cents_over_three_months_and_a_changed_percentage(tmp_path: Path) -> None:
    """0.01, 0.01 and 1,000.01 at 60/40, then 70/30: each month ties, and what was issued stays as it is."""
    with site(tmp_path, REGISTER) as job:
        month(job, 1, {"1": "0.01", "2": "1000.03"})
        first = issued(job, 1)
        assert work(first) == ["600.02", "400.02"]
        assert [(one["client_line"], one["percent"], one["work"]) for one in first["splits"]] == [
            ("10", "60", "0.01"), ("10", "60", "600.01"), ("20", "40", "0.00"), ("20", "40", "400.02"),
        ]  # fmt: skip
        shows_the_split(job)
        month(job, 2, {"1": "0.01", "2": "0.01"})
        second = issued(job, 2)
        assert work(second) == ["0.02", "0.00"]
        assert (Decimal("1000.06") * 60 / 100).quantize(Decimal("0.01")) == Decimal("600.04")
        job.edit_register(
            {(SHARE, "P1/03-300/10"): {"Percent": 0.7}, (SHARE, "P1/03-300/20"): {"Percent": 0.3}}
        )
        month(job, 3, {"1": "100.05"})
        third = compiled(job, 3)
        assert [line["work_previous"] for line in third["lines"]] == ["600.04", "400.02"]
        assert work(third) == ["70.04", "30.01"]
        kept = json.loads(job.cli("upstream", "show", "P1", "3", "--json"))
        assert kept["splits"] == third["splits"]
        assert third["matched"] == third["downstream"] == "100.05"


def shows_the_split(job: Site) -> None:
    """The mapping sheet says each line's share."""
    path = job.folder / "output" / "P1" / "period-1" / "client-application-1.xlsx"
    rows = [
        [str(cell.value) for cell in row] for row in load_workbook(io.BytesIO(path.read_bytes()))["Mapping"]
    ]
    at = next(row.index("Share of the line") for row in rows if "Application" in row)
    assert [row[at] for row in rows if row[at].endswith("%")] == ["60%", "60%", "40%", "40%"]


def test_shares_that_do_not_add_up_are_refused_with_their_cell(tmp_path: Path) -> None:
    """99 % in all is refused as a whole; 0 % takes a line out, and a blank is 100 %."""
    with site(tmp_path, REGISTER) as job:
        told = job.edit_register({(SHARE, "P1/03-300/20"): {"Percent": 0.39}}, code=1)
        assert "by 99 % in all, and must by exactly 100 %" in json.dumps(told)
        told = job.edit_register({(SHARE, "P1/03-300/20"): {"Percent": None}}, code=1)
        assert "by 160 % in all" in json.dumps(told)
        job.edit_register(
            {(SHARE, "P1/03-300/10"): {"Percent": 0}, (SHARE, "P1/03-300/20"): {"Percent": None}}
        )
        month(job, 1, {"1": "100"})
        made = compiled(job, 1)
        assert (work(made), made["splits"]) == (["0.00", "100.00"], [])


def test_what_was_billed_whole_stays_where_it_was(tmp_path: Path) -> None:
    """A cost code that is split later is split from then on; what had no line comes by the shares, whole."""
    register = Register(subs=[SUB], client=REGISTER.client, mapping=[("03-300", "10")])
    with site(tmp_path, register) as job:
        month(job, 1, {"1": "1000.01"})
        assert work(issued(job, 1)) == ["1000.01", "0.00"]
        new = {"Project": "P1", "Cost code": "03-300", "Client line": "20", "Percent": "50%"}
        job.edit_register({(SHARE, "P1/03-300/10"): {"Percent": 0.5}, (SHARE, "P1/03-300/20"): new})
        month(job, 2, {"1": "100.01"})
        made = compiled(job, 2)
        assert work(made) == ["50.01", "50.00"]
        assert "does not tie" not in job.cli("why", "P1/2", "10", "work_this_period")
