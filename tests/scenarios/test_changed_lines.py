"""Stories of change orders that raise or lower the value of a line that is there already."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.scenarios.balances import follows_on, form
from tests.scenarios.registers import register_workbook
from tests.scenarios.site import (
    AFTER_DUE,
    AFTER_DUE_2,
    AFTER_DUE_3,
    INVITED,
    INVITED_2,
    INVITED_3,
    Register,
    Site,
    Sub,
    money,
    site,
    workbook_of,
)

#: Change order 1 raises line 1, 2 takes off line 2, each on a row that changes that line; both still to be approved.
LINES = [
    ("1", "03-300", "60000"),
    ("2", "05-120", "40000"),
    ("A", "", "5000", "1"),
    ("B", "", "-25000", "2"),
]
SUB = Sub(
    number="SC-1",
    lines=LINES,
    change_orders=[("1", "pending", "5000"), ("2", "pending", "-25000")],
    line_cells={
        "A": {"Changes line": "1"},
        "B": {"Changes line": "2"},
        "2": {"Retainage on work": Decimal("0.05")},
    },
)


def approve(job: Site, number: str, on: date, at: str) -> None:
    """A change order is approved in the register."""
    job.edit_register({("Change orders", f"SC-1/{number}"): {"Status": "approved", "Approved on": on}})
    job.tick(at)


def codes(found: dict[str, Any]) -> list[str]:
    """The codes of an application's findings, the most important first."""
    return [one["code"] for one in found["findings"]]


def test_a_change_order_moves_the_value_of_a_line_and_never_line_1_of_the_summary(tmp_path: Path) -> None:
    """Pending it is only told; approved, C and L2 and the box move, the line keeps its rate, and no line is added. A deduct
    below what is billed puts the line over its value, is held as a change of ours, and is cured by a negative E.
    """
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        job.submit(SUB, {"1": {"work_this_period": "30000"}, "2": {"percent_to_date": "50"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        first = job.show("SC-1/1")
        form(
            first,
            "L1 100,000.00, L2 0.00, L3 100,000.00, L4 50,000.00, L5 4,000.00, L6 46,000.00, L7 0.00, L8 46,000.00, L9 54,000.00",
        )
        approve(job, "1", date(2026, 2, 3), "2026-02-03T18:00:00Z")
        job.tick(INVITED_2)
        book = load_workbook(io.BytesIO(workbook_of(job.invite(SUB))), data_only=True)
        orders = [[cell.value for cell in row] for row in book["Change orders"]["A5:D6"]]
        assert orders == [
            ["1", "Line A (changes line 1)", 5000, "Approved"],
            ["2", "Change 2", -25000, "Pending: cannot be billed yet"],
        ]
        job.submit(SUB, {"1": {"percent_to_date": "100"}})
        job.tick(AFTER_DUE_2)
        job.approve("SC-1")
        second = job.show("SC-1/2")
        assert codes(second) == []
        form(
            second,
            "L1 100,000.00, L2 5,000.00, L3 105,000.00, L4 85,000.00, L5 7,500.00, L6 77,500.00, L7 46,000.00, L8 31,500.00, "
            "L9 27,500.00",
        )
        follows_on(second, first)
        assert [(one["line"], one["scheduled_value"]) for one in second["lines"]] == [
            ("1", "65000.00"),
            ("2", "40000.00"),
        ]
        assert second["lines"][0]["changes"] == [{"change_order": "1", "amount": "5000.00"}]
        assert second["change_orders"]["this_period"] == {"additions": "5000.00", "deductions": "0.00"}
        approve(job, "2", date(2026, 3, 4), "2026-03-04T18:00:00Z")
        job.tick(INVITED_3)
        job.submit(SUB, {"1": {}}, nothing_to_bill="Yes")
        over = job.show("SC-1/3")
        assert (over["state"], codes(over)) == ("Under Review", ["over-line"])
        money(over["findings"][0], severity="hold", line="2", difference="5000.00")
        job.submit(SUB, {"2": {"work_this_period": "-5000"}})
        job.tick(AFTER_DUE_3)
        job.approve("SC-1", decision="Approve credit")
        third = job.show("SC-1/3")
        assert codes(third) == ["credit-application", "negative-work"]
        form(
            third,
            "L1 100,000.00, L2 -20,000.00, L3 80,000.00, L4 80,000.00, L5 7,250.00, L6 72,750.00, L7 77,500.00, "
            "L8 -4,750.00, L9 7,250.00",
        )
        follows_on(third, second)
        money(third["change_orders"], net="-20000.00")
        assert third["change_orders"]["total"] == {"additions": "5000.00", "deductions": "-25000.00"}


def test_a_change_of_a_line_after_the_invite_issues_the_workbook_again(tmp_path: Path) -> None:
    """As for any change order: the new workbook has the new value, and one filled in on the old issue is carried over."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick(INVITED)
        old = job.invite(SUB)
        approve(job, "1", date(2026, 1, 27), "2026-01-27T16:00:00Z")
        assert job.invite(SUB)["Message-ID"] != old["Message-ID"]
        job.submit(SUB, {"1": {"percent_to_date": "50"}}, answering=old)
        found = job.show("SC-1/1")
        assert codes(found)[0] == "issue-rebased"
        money(found["lines"][0], scheduled_value="65000.00", work_this_period="32500.00")


def test_a_cap_of_the_original_value_leaves_changes_of_lines_out(tmp_path: Path) -> None:
    """5 % of the original 100,000, not of the 105,000 to date."""
    terms = {"Retainage cap": Decimal("0.05"), "Cap of": "original value"}
    sub = Sub(
        number="SC-1",
        lines=LINES[:3],
        change_orders=[("1", "approved", "5000")],
        line_cells={"A": {"Changes line": "1"}},
        cells=terms,
        more=terms,
    )
    with site(tmp_path, Register(subs=[sub])) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"percent_to_date": "100"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        form(
            job.show("SC-1/1"),
            "L1 100,000.00, L2 5,000.00, L4 65,000.00, L5 5,000.00, L6 60,000.00, L7 0.00, L8 60,000.00, L9 45,000.00",
        )


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"Changes line": "9"}, "has no other line 9"),
        ({"Changes line": "A"}, "has no other line A"),
        ({"Changes line": "B"}, "Row B changes line 2 itself"),
        ({"Changes line": "1", "Change order": None}, "Only a change order changes a line"),
        ({"Changes line": "1", "Retainage on work": Decimal("0.1")}, "Its retainage is that of the line"),
        ({"Changes line": "1", "Cost code": "99-999"}, "Its cost code is that of the line"),
        ({"Changes line": "1", "Scheduled value": -60001}, "would turn the value of line 1 into -1.00"),
        ({"Changes line": None}, "needs a cost code, or its cost is lost"),
    ],
)
def test_a_change_that_cannot_be_is_refused_at_its_cell(
    tmp_path: Path, cells: dict[str, Any], sentence: str
) -> None:
    """The register says which row, which cell, and why; nothing of the schedule goes in."""
    bad = Sub(
        number="SC-1",
        lines=LINES,
        change_orders=[("1", "approved", "5000"), ("2", "pending", "-25000")],
        line_cells={"A": {"Changes line": "1", **cells}, "B": {"Changes line": "2"}},
    )
    with site(tmp_path, Register(subs=[Sub(number="SC-9", lines=[("1", "03-300", "1")])])) as job:
        file = tmp_path / "bad.xlsx"
        file.write_bytes(register_workbook(Register(subs=[bad]).rows(), job.now))
        said = job.cli("register", "check", str(file), code=1)
        assert sentence in " ".join(said.split()), said


@pytest.mark.parametrize(
    ("amount", "remeasured", "refused"),
    [("5000", "no", True), ("-5000", "no", False), ("5000", "yes", False)],
)
def test_value_that_no_quantity_would_bill_is_refused(
    tmp_path: Path, amount: str, remeasured: str, refused: bool
) -> None:
    """More on a line of a fixed quantity is refused; less is a limit, and what is measured again may go beyond."""
    by_quantity = {
        "Method": "unit price",
        "Quantity": 1000,
        "Unit": "m",
        "Unit price": 60,
        "Re-measurable": remeasured,
    }
    sub = Sub(
        number="SC-1",
        lines=LINES[:3],
        change_orders=[("1", "approved", amount)],
        line_cells={"1": by_quantity, "A": {"Changes line": "1", "Scheduled value": Decimal(amount)}},
    )
    with site(tmp_path, Register(subs=[Sub(number="SC-9", lines=[("1", "03-300", "1")])])) as job:
        file = tmp_path / "changed.xlsx"
        file.write_bytes(register_workbook(Register(subs=[sub]).rows(), job.now))
        said = " ".join(job.cli("register", "check", str(file), code=1 if refused else 0).split())
        assert ("is billed up to its quantity" in said) is refused, said
