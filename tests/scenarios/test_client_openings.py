"""Stories of a client contract that was billed elsewhere before: it goes on from where it stood."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.scenarios.balances import form
from tests.scenarios.site import Register, Sub, site
from tests.scenarios.test_client_certificates import as_form
from tests.scenarios.test_client_contract import compiled, issued, month

SUB = Sub(number="A", lines=[("1", "03-300", "100000"), ("2", "09-900", "20000")])


def opened(certified: str = "37900.00", **line: Any) -> Register:
    """Line 10 with 40,000 work, 1,000 stored and 3,100 held of 4,100; line 20 with nothing. 37,900 was certified."""
    first = {
        "Project": "P1", "Line": "10", "Work to date": 40000, "Stored": 1000, "Withheld on work": 4000,
        "Withheld on stored": 100, "Released": 1000, **line,
    }  # fmt: skip
    head = {"Project": "P1", "Last application": 3, "Certified to date": Decimal(certified)}
    return Register(
        subs=[SUB],
        client=[("10", "03-300", "100000"), ("20", "09-900", "20000")],
        client_retainage="5",
        openings={"Client opening": [head], "Client opening lines": [first]},
    )


def test_the_first_client_application_goes_on_from_the_opening(tmp_path: Path) -> None:
    """Number 4, D and L7 of the opening; its retainage stays as it was, and 5 % is on what comes after."""
    with site(tmp_path, opened()) as job:
        month(job, 1, {"1": "10000", "2": "1000"})
        first = issued(job, 1)
        assert first["number"] == 4
        assert [line["work_previous"] for line in first["lines"]] == ["40000.00", "0.00"]
        form(
            as_form(first),
            "L4 52,000.00, L5 3,650.00, L6 48,350.00, L7 37,900.00, L8 10,450.00, L9 71,650.00, gross 11,000.00",
        )
        for name in ("L4", "L7", "L8"):
            assert "does not tie" not in job.cli("why", "P1/4", name)
        job.at("upstream", "certify", "P1", "1", "--line", "10=8000")
        month(job, 2, {"2": "500"})
        second = compiled(job, 2)
        assert second["number"] == 5
        assert second["summary"]["previous_certificates"] == "46450.00"
        change = {
            ("Client opening lines", "P1/10"): {"Work to date": 41000},
            ("Client opening", "P1"): {"Certified to date": 38900},
        }
        assert "can no longer change" in json.dumps(job.edit_register(change, code=1))


def test_an_opening_that_does_not_tie_is_refused_with_its_cells(tmp_path: Path) -> None:
    """Certified to date, limits of a line, and a sheet without the other: each with a sentence, and none of it taken."""
    with site(tmp_path, Register(subs=[SUB], client=opened().client)) as job:
        head = {"Project": "P1", "Last application": 3, "Certified to date": 900}
        line = {"Project": "P1", "Line": "10", "Work to date": 1000, "Withheld on work": 50}
        sheets = (("Client opening", "P1"), ("Client opening lines", "P1/10"))
        told = json.dumps(job.edit_register({sheets[0]: head}, code=1))
        assert "has no row on the sheet Client opening lines" in told
        told = json.dumps(job.edit_register({sheets[0]: head, sheets[1]: line}, code=1))
        assert "work and stored less retainage held is 950.00; difference -50.00" in told
        too_much = {**line, "Work to date": 100001, "Withheld on work": 0}
        told = json.dumps(
            job.edit_register({sheets[0]: {**head, "Certified to date": 100001}, sheets[1]: too_much}, code=1)
        )
        assert "work may be up to 100000.00; difference 1.00" in told
        job.edit_register({sheets[0]: {**head, "Certified to date": 950}, sheets[1]: line})
        month(job, 1, {"1": "10"})
        assert compiled(job, 1)["summary"]["previous_certificates"] == "950.00"
