"""Stories of billing beyond a value (S10): sent back, left to the admin, or only noted, at three levels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.site import AFTER_DUE, AFTER_DUE_2, INVITED, INVITED_2, Register, Site, Sub, money, site

LINES = [("1", "03-300", "10000"), ("2", "05-120", "90000")]
CHANGED = [*LINES, ("C1", "03-310", "1000", "1"), ("C2", "03-320", "2000", "1")]


def told(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The findings of an application as (code, severity)."""
    return [(one["code"], one["severity"]) for one in found["findings"]]


def second_claim(job: Site, sub: Sub) -> dict[str, Any]:
    """S10: 9,500.00 of 10,000.00 is billed, and 600.00 more are claimed."""
    job.tick(INVITED)
    job.submit(sub, {"1": {"work_this_period": "9500"}})
    job.tick(AFTER_DUE)
    job.approve("SC-1")
    job.tick(INVITED_2)
    job.submit(sub, {"1": {"work_this_period": "600"}})
    return job.show(job.standing("SC-1", 2)["application"])


@pytest.mark.parametrize(
    ("project", "commitment", "severity", "state"),
    [
        ("block", None, "return", "Returned"),
        ("warn", None, "hold", "Under Review"),
        ("allow", None, "note", "Under Review"),
        ("block", "allow", "note", "Under Review"),
        ("allow", "block", "return", "Returned"),
    ],
)
def test_s10_over_a_line_by_policy(
    tmp_path: Path, project: str, commitment: str | None, severity: str, state: str
) -> None:
    """The project's policy decides what 100.00 too much does, unless the commitment says otherwise."""
    sub = Sub(number="SC-1", lines=LINES, more={"Over a line": commitment})
    with site(tmp_path, Register(subs=[sub], project={"Over a line": project})) as job:
        found = second_claim(job, sub)
        (one,) = found["findings"]
        assert (one["code"], one["severity"], found["state"]) == ("over-line", severity, state)
        money(one, expected="500.00", difference="100.00")
        assert one["found"] == "10100.00"
        if state == "Under Review":
            job.tick(AFTER_DUE_2)
            job.approve("SC-1")
            money(job.show("SC-1/2")["summary"], total_completed_and_stored="10100.00")


def test_s10_over_a_change_order(tmp_path: Path) -> None:
    """Within a change order one line may take from another; beyond its value together it goes back."""
    sub = Sub(number="SC-1", lines=CHANGED, change_orders=[("1", "approved", "3000")])
    with site(tmp_path, Register(subs=[sub], project={"Over a line": "allow"})) as job:
        job.tick(INVITED)
        job.submit(sub, {"C1": {"work_this_period": "1400"}, "C2": {"work_this_period": "1700"}})
        returned = job.show(job.standing("SC-1")["application"])
        assert (returned["state"], told(returned)) == (
            "Returned",
            [("over-change-order", "return"), ("over-line", "note")],
        )
        one = returned["findings"][0]
        assert (one["line"], one["found"], one["expected"], one["difference"]) == (
            "1", "3100.00", "3000.00", "100.00",
        )  # fmt: skip
        job.submit(sub, {"C1": {"work_this_period": "1400"}, "C2": {"work_this_period": "1600"}})
        found = job.show(job.standing("SC-1")["application"])
        assert (found["state"], told(found)) == ("Under Review", [("over-line", "note")])


@pytest.mark.parametrize(("policy", "severity", "state"), [
    ("block", "return", "Returned"), ("warn", "hold", "Under Review"), ("allow", "note", "Under Review"),
])  # fmt: skip
def test_s10_over_the_contract(tmp_path: Path, policy: str, severity: str, state: str) -> None:
    """With lines free to be over, the sum of all is still held against the contract sum."""
    sub = Sub(number="SC-1", lines=LINES)
    settings = {"Over a line": "allow", "Over a change order": "allow", "Over the contract": policy}
    with site(tmp_path, Register(subs=[sub], project=settings)) as job:
        job.tick(INVITED)
        job.submit(sub, {"1": {"work_this_period": "11000"}, "2": {"work_this_period": "89500"}})
        found = job.show(job.standing("SC-1")["application"])
        assert found["state"] == state
        assert ("over-line", "note") in told(found)
        if policy != "allow":
            assert ("over-contract", severity) in told(found)
