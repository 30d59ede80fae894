"""Stories of the calendar: month ends, leap years, weeks, and the clock that goes forward between invite and due date."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.site import Register, Site, Sub, site

SUB = Sub(number="SC-1", lines=[("1", "03-300", "10000")])


def periods(job: Site) -> list[dict[str, Any]]:
    """Every period, with its days, state and instants."""
    found: list[dict[str, Any]] = json.loads(job.at("period", "list", "--json"))
    return found


def without_gaps(found: list[dict[str, Any]]) -> None:
    """Each period starts on the day after the one before it."""
    for before, after in pairwise(found):
        assert date.fromisoformat(after["from"]) == date.fromisoformat(before["to"]) + timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "until", "ends"),
    [
        (date(2027, 1, 1), "2027-04-01T12:00:00Z", ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (date(2028, 2, 1), "2028-02-20T12:00:00Z", ["2028-02-29", "2028-03-31"]),
    ],
)
def test_s57_months_end_on_their_own_last_day(
    tmp_path: Path, start: date, until: str, ends: list[str]
) -> None:
    """A cycle that ends on day 31 ends on the last day of each month, in a leap year on 29 February, without a gap."""
    register = Register(subs=[SUB], project={"First period starts": start, "Last day": 31})
    with site(tmp_path, register) as job:
        job.tick(until)
        found = periods(job)
        assert found[0]["from"] == start.isoformat()
        assert [one["to"] for one in found[: len(ends)]] == ends
        without_gaps(found)


def test_weeks_end_on_sunday_and_the_clock_change_moves_no_local_time(tmp_path: Path) -> None:
    """Weekly periods from Monday to Sunday; invites go out at 08:00 in Chicago before and after the clock goes forward."""
    project = {
        "Cycle": "weekly", "First period starts": date(2026, 3, 2), "Last day": 7, "Invite on day": -2,
        "Remind on days": "-1", "Due on day": 1, "Close on day": 2,
    }  # fmt: skip
    with site(tmp_path, Register(subs=[SUB], project=project)) as job:
        job.tick("2026-03-06T14:00:00Z")
        assert job.standing("SC-1", 1)["state"] == "Invited"
        job.tick("2026-03-13T12:59:00Z")
        assert [one["state"] for one in periods(job)[:2]] == ["settled", "planned"]
        job.tick("2026-03-13T13:00:00Z")
        assert periods(job)[1]["state"] == "open", "08:00 is an hour earlier in UTC by now"
        found = periods(job)
        assert [(one["from"], one["to"]) for one in found[:2]] == [
            ("2026-03-02", "2026-03-08"),
            ("2026-03-09", "2026-03-15"),
        ]
        without_gaps(found)


def test_a_standstill_of_a_month_invites_everybody_once(tmp_path: Path) -> None:
    """After weeks without a tick each open period has one invite and at most one reminder, and closed ones are told once."""
    with site(tmp_path, Register(subs=[SUB])) as job:
        job.tick("2026-03-25T16:00:00Z")
        invites = [str(mail["Subject"]) for mail in job.mails(SUB.address, "invite to bill")]
        assert len(invites) == len(set(invites))
        assert len(job.mails(SUB.address, "reminder")) <= 1
        states = {one["period"]: one["state"] for one in periods(job)}
        assert (states[1], states[2], states[3]) == ("settled", "settled", "open")
