"""Stories of the ways a line is billed (S06, S25, S27): percent, amount, quantity, milestone; all in one contract."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.balances import column, follows_on, form
from tests.scenarios.site import (
    AFTER_CLOSE,
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
)


def by_quantity(quantity: str, unit: str, price: str, **more: Any) -> dict[str, Any]:
    """The cells of a line by unit price."""
    agreed = {"Quantity": Decimal(quantity), "Unit": unit, "Unit price": Decimal(price)}
    return {"Method": "unit price", **agreed, **more}


PIPE = Sub(
    number="SC-1",
    lines=[("1", "33-100", "6093.75")],
    retainage="5",
    line_cells={"1": by_quantity("125", "LF", "48.75")},
)
MILESTONE = {"Method": "milestone"}
#: One line by percent, one by amount, one by quantity, one re-measured, one milestone, and a deduction by quantity.
MIXED = Sub(
    number="SC-1",
    lines=[
        ("1", "03-300", "1000"),
        ("2", "05-120", "8000"),
        ("3", "33-100", "6093.75"),
        ("4", "31-200", "800"),
        ("5", "01-500", "2500"),
        ("C1", "33-110", "-150", "1"),
    ],
    change_orders=[("1", "approved", "-150")],
    line_cells={
        "3": by_quantity("125", "LF", "48.75"),
        "4": by_quantity("10", "m3", "80", **{"Re-measurable": "yes"}),
        "5": MILESTONE,
        "C1": by_quantity("-12", "each", "12.5"),
    },
    more={"Over a quantity": "warn"},
)


def told(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The findings of an application as (code, severity, line)."""
    return [(one["code"], one["severity"], one["line"]) for one in found["findings"]]


def month(job: Site, sub: Sub, entries: Mapping[str, Mapping[str, Any]], period: int) -> dict[str, Any]:
    """One period: invited, submitted, approved as claimed; gives the application."""
    job.tick((INVITED, INVITED_2, INVITED_3)[period - 1])
    job.submit(sub, entries)
    job.tick((AFTER_DUE, AFTER_DUE_2, AFTER_DUE_3)[period - 1])
    job.approve(sub.number)
    return job.show(f"{sub.number}/{period}")


def says(finding: Mapping[str, Any], found: str, expected: str, difference: str) -> None:
    """A finding has these three figures."""
    assert (finding["found"], finding["expected"], finding["difference"]) == (found, expected, difference)


def line(found: Mapping[str, Any], key: str) -> dict[str, Any]:
    """One line of an application."""
    return next(dict(one) for one in found["lines"] if one["line"] == key)


def test_s06_percent_never_drifts(tmp_path: Path) -> None:
    """33.333 %, 66.667 % and 100 % of 1,000.00 bill 333.33, 333.34 and 333.33, and end at exactly 1,000.00."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[sub])) as job:
        found = [
            month(job, sub, {"1": {"percent_to_date": percent}}, at)
            for at, percent in enumerate(("33.333", "66.667", "100"), 1)
        ]
        assert [line(one, "1")["work_this_period"] for one in found] == ["333.33", "333.34", "333.33"]
        assert [line(one, "1")["completed_and_stored"] for one in found] == ["333.33", "666.67", "1000.00"]
        follows_on(found[1], found[0])
        follows_on(found[2], found[1])


def test_s25_quantity_at_a_unit_price(tmp_path: Path) -> None:
    """77.5 of 125 at 48.75 is 3,778.13 to date; what was 1,950.00 before leaves 1,828.13 for this period."""
    with site(tmp_path, Register(subs=[PIPE])) as job:
        first = month(job, PIPE, {"1": {"quantity_to_date": "40"}}, 1)
        money(line(first, "1"), work_this_period="1950.00", quantity_to_date="40", quantity_this_period="40")
        second = month(job, PIPE, {"1": {"quantity_to_date": "77.5"}}, 2)
        assert second["findings"] == []
        money(
            line(second, "1"), method="unit price", quantity="125", unit="LF", unit_price="48.75",
            quantity_to_date="77.5", quantity_this_period="37.5", work_previous="1950.00", work_this_period="1828.13",
            completed_and_stored="3778.13", balance_to_finish="2315.62", retainage_held="188.91",
        )  # fmt: skip
        form(
            second, "L3 6,093.75, L4 3,778.13, L5 188.91, L6 3,589.22, L7 1,852.50, L8 1,736.72, L9 2,504.53"
        )
        third = month(job, PIPE, {"1": {"quantity_to_date": "125"}}, 3)
        money(
            line(third, "1"),
            work_this_period="2315.62",
            completed_and_stored="6093.75",
            balance_to_finish="0.00",
        )
        follows_on(third, second)


def test_s27_entries_that_disagree_are_a_question(tmp_path: Path) -> None:
    """45 % gives 3,280.00, the amount says 3,300.00: the cell is named with both and the 20.00 between, nothing is averaged."""
    sub = Sub(number="SC-1", lines=[("1", "03-300", "18400")])
    with site(tmp_path, Register(subs=[sub])) as job:
        month(job, sub, {"1": {"work_this_period": "5000"}}, 1)
        job.tick(INVITED_2)
        job.submit(sub, {"1": {"percent_to_date": "45", "work_this_period": "3300"}})
        found = job.show(job.standing("SC-1", 2)["application"])
        assert (found["state"], told(found)) == ("Returned", [("ambiguous-number", "return", "1")])
        says(found["findings"][0], "3300.00", "3280.00", "20.00")
        job.submit(sub, {"1": {"percent_to_date": "45", "work_this_period": "3280"}})
        money(line(job.show("SC-1/2"), "1"), work_this_period="3280.00", completed_and_stored="8280.00")


#: What is entered in each of three months, what each line bills, and the balances.
MONTHS: tuple[tuple[dict[str, dict[str, str]], list[str], str], ...] = (
    (
        {
            "1": {"percent_to_date": "33.333"}, "2": {"work_this_period": "2500.50"}, "3": {"quantity_to_date": "40"},
            "4": {"quantity_to_date": "8"}, "C1": {"quantity_to_date": "-6"},
        },
        ["333.33", "2500.50", "1950.00", "640.00", "0.00", "-75.00"],
        ("L1 18,393.75, L2 -150.00, L3 18,243.75, L4 5,348.83, L5 534.88, L6 4,813.95, L7 0.00, L8 4,813.95, "
        "L9 13,429.80, gross 5,348.83"),
    ),
    (
        {
            "1": {"percent_to_date": "66.667"}, "3": {"quantity_to_date": "77.5"}, "4": {"quantity_to_date": "12.25"},
            "5": {"percent_to_date": "100"},
        },
        ["333.34", "0.00", "1828.13", "340.00", "2500.00", "0.00"],
        "L3 18,243.75, L4 10,350.30, L5 1,035.03, L6 9,315.27, L7 4,813.95, L8 4,501.32, L9 8,928.48, gross 5,001.47",
    ),
    (
        {
            "1": {"percent_to_date": "100"}, "2": {"percent_to_date": "100"}, "3": {"quantity_to_date": "125"},
            "C1": {"quantity_to_date": "-12"},
        },
        ["333.33", "5499.50", "2315.62", "0.00", "0.00", "-75.00"],
        "L3 18,243.75, L4 18,423.75, L5 1,842.38, L6 16,581.37, L7 9,315.27, L8 7,266.10, L9 1,662.38",
    ),
)  # fmt: skip


def test_all_methods_in_one_contract_over_three_months(tmp_path: Path) -> None:
    """Percent, amount, quantity, re-measured quantity, milestone and a deduction by quantity, every balance to the cent."""
    with site(tmp_path, Register(subs=[MIXED])) as job:
        found = []
        for at, (entries, billed, balances) in enumerate(MONTHS, 1):
            found.append(month(job, MIXED, entries, at))
            assert column(found[-1], "work_this_period") == billed
            form(found[-1], balances)
            if at > 1:
                follows_on(found[-1], found[-2])
        first, second, third = found
        assert first["findings"] == []
        assert told(second) == [("over-quantity", "hold", "4")]
        says(second["findings"][0], "12.25 m3", "10 m3", "2.25 m3")
        assert line(second, "4")["balance_to_finish"] == "-180.00"
        # The re-measured line alone carries the contract beyond its sum: the admin is told, nothing is returned.
        assert ("over-contract", "hold", "") in told(third)
        done = ["1000.00", "8000.00", "6093.75", "980.00", "2500.00", "-150.00"]
        assert column(third, "completed_and_stored") == done


@pytest.mark.parametrize(
    ("project", "commitment", "remeasurable", "severity", "state"),
    [
        ("block", None, False, "return", "Returned"),
        ("warn", None, False, "hold", "Under Review"),
        ("allow", None, False, "note", "Under Review"),
        ("block", "allow", False, "note", "Under Review"),
        ("block", None, True, "hold", "Under Review"),
        ("warn", None, True, "hold", "Under Review"),
        ("allow", None, True, "note", "Under Review"),
        ("allow", "block", True, "hold", "Under Review"),
    ],
)
def test_over_the_quantity_by_policy(
    tmp_path: Path, project: str, commitment: str | None, remeasurable: bool, severity: str, state: str
) -> None:
    """The policy decides what five more than agreed do; a re-measured line is never returned for it, nor ever silent."""
    cells = by_quantity("125", "LF", "48.75", **{"Re-measurable": "yes" if remeasurable else "no"})
    lines = [("1", "33-100", "6093.75"), ("2", "03-300", "1000")]
    sub = Sub(number="SC-1", lines=lines, line_cells={"1": cells}, more={"Over a quantity": commitment})
    with site(tmp_path, Register(subs=[sub], project={"Over a quantity": project})) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"quantity_to_date": "130"}})
        found = job.show(job.standing("SC-1")["application"])
        assert (found["state"], told(found)) == (state, [("over-quantity", severity, "1")])
        says(found["findings"][0], "130 LF", "125 LF", "5 LF")
        if state == "Under Review":
            job.tick(AFTER_DUE)
            job.approve("SC-1")
            approved = job.show("SC-1/1")
            money(line(approved, "1"), completed_and_stored="6337.50", balance_to_finish="-243.75")
            form(
                approved,
                "L3 7,093.75, L4 6,337.50, L5 633.75, L6 5,703.75, L7 0.00, L8 5,703.75, L9 1,390.00",
            )
            # What is beyond already is told again, and no longer returned.
            again = month(job, sub, {"2": {"work_this_period": "1"}}, 2)
            assert told(again)[0] == ("over-quantity", "note" if severity == "note" else "hold", "1")


def test_the_admin_approves_another_quantity(tmp_path: Path) -> None:
    """70 in place of 77.5 is approved as noted; the amount follows, and the next quantity to date starts from 70."""
    with site(tmp_path, Register(subs=[PIPE])) as job:
        job.tick(INVITED)
        job.submit(PIPE, {"1": {"quantity_to_date": "77.5"}})
        job.tick(AFTER_DUE)
        bare = {
            "decision": "Approve",
            "lines": {"1": {"approved_work": "3412.50", "line_reason": "Measured."}},
        }
        (said,) = [each for each in job.review({"SC-1": bare}) if "quantity" in each]
        assert "3,412.50 this period is not the 3,778.13 that its quantity to date gives" in said
        noted = {
            "decision": "Approve",
            "lines": {"1": {"approved_quantity": "70", "line_reason": "Measured 70."}},
        }
        assert any("Approved as Noted" in each for each in job.review({"SC-1": noted}))
        first = job.show("SC-1/1")
        money(line(first, "1"), quantity_to_date="70", work_this_period="3412.50")
        assert first["claimed"]["lines"][0]["quantity_to_date"] == "77.5"
        second = month(job, PIPE, {"1": {"quantity_to_date": "80"}}, 2)
        money(
            line(second, "1"), quantity_this_period="10", work_previous="3412.50", work_this_period="487.50"
        )
        follows_on(second, first)


def test_billing_on_behalf_takes_the_quantity(tmp_path: Path) -> None:
    """An entry on behalf names the quantity to date; an amount typed over it, and a part of a milestone, are refused."""
    other = Sub(number="SC-2", lines=[("1", "03-300", "1000")])
    with site(tmp_path, Register(subs=[MIXED, other])) as job:
        job.tick(INVITED)
        job.submit(other, {"1": {"work_this_period": "100"}})
        job.tick(AFTER_DUE)
        job.tick(AFTER_CLOSE)
        for entries, word in (
            ({"3": {"work_this_period": "100"}}, "billed by quantity"),
            ({"5": {"work_this_period": "100"}}, "milestone"),
        ):
            report = job.review({"SC-1": {"on_behalf": "By phone.", "lines": entries}})
            assert any(word in each for each in report), report
        job.enter("SC-1", "By phone.", {"3": {"quantity_to_date": "77.5"}, "5": {"work_this_period": "2500"}})
        job.approve("SC-1")
        found = job.show("SC-1/1")
        money(line(found, "3"), quantity_to_date="77.5", work_this_period="3778.13")
        money(line(found, "5"), work_this_period="2500.00")


def test_a_quantity_joined_midway_goes_on(tmp_path: Path) -> None:
    """The opening quantity to date is where the next one starts; one that does not tie with its work is refused."""
    header = {
        "Commitment": "SC-1",
        "Last application": 2,
        "Last date": None,
        "Certified to date": Decimal("1852.50"),
    }
    opening = {
        "Commitment": "SC-1", "Line": "1", "Work to date": Decimal("1950.00"), "Quantity to date": Decimal(40),
        "Withheld on work": Decimal("97.50"),
    }  # fmt: skip
    openings = {"Opening balances": [{**header, "Last date": "2025-12-31"}], "Opening lines": [opening]}
    with site(tmp_path, Register(subs=[PIPE], openings=openings)) as job:
        job.tick(INVITED)
        job.submit(PIPE, {"1": {"quantity_to_date": "77.5"}})
        job.tick(AFTER_DUE)
        job.approve("SC-1")
        third = job.show("SC-1/3")
        money(
            line(third, "1"), work_previous="1950.00", work_this_period="1828.13", quantity_this_period="37.5"
        )
        form(third, "L3 6,093.75, L4 3,778.13, L5 188.91, L6 3,589.22, L7 1,852.50, L8 1,736.72, L9 2,504.53")


def test_a_reopened_application_gives_its_quantity_back(tmp_path: Path) -> None:
    """Opened again and approved at another quantity, the ledger holds that one, and everything ties."""
    with site(tmp_path, Register(subs=[PIPE])) as job:
        month(job, PIPE, {"1": {"quantity_to_date": "77.5"}}, 1)
        job.at("decide", "SC-1/1", "reopen", "--reason", "Measured again")
        job.tick()
        noted = {
            "decision": "Approve",
            "lines": {"1": {"approved_quantity": "60", "line_reason": "Measured 60."}},
        }
        job.review({"SC-1": noted})
        money(line(job.show("SC-1/1"), "1"), quantity_to_date="60", work_this_period="2925.00")
        second = month(job, PIPE, {"1": {"quantity_to_date": "100"}}, 2)
        money(
            line(second, "1"), quantity_this_period="40", work_previous="2925.00", work_this_period="1950.00"
        )


def test_a_quantity_on_a_replaced_workbook_stands_at_the_corrected_price(tmp_path: Path) -> None:
    """A price corrected after the invite: the quantity of the old workbook counts at the new price, held for the admin."""
    changes = {"Quantity": "125", "Unit price": "50", "Scheduled value": "6250.00"}
    common = {
        "Commitment": "SC-1",
        "Sheet": "Schedule of values",
        "Row": "1",
        "Date": "2026-01-27",
        "Reason": "As signed",
    }
    with site(tmp_path, Register(subs=[PIPE])) as job:
        job.tick(INVITED)
        old = job.invite(PIPE)
        for column_name in ("Unit price", "Scheduled value"):
            row = {**common, "Column": column_name, "New value": changes[column_name]}
            alone = {("Corrections", "new"): row}
            assert job.edit_register(alone, code=1)["added"] == 0
        both = [
            {**common, "Column": name, "New value": changes[name]}
            for name in ("Unit price", "Scheduled value")
        ]
        job.import_register({"Corrections": both})
        job.tick("2026-01-27T16:00:00Z")
        job.submit(PIPE, {"1": {"quantity_to_date": "77.5"}}, answering=old)
        found = job.show(job.standing("SC-1")["application"])
        assert ("issue-rebased", "hold", "") in told(found)
        money(
            line(found, "1"), scheduled_value="6250.00", quantity_to_date="77.5", work_this_period="3875.00"
        )
