from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import periods
from batch.core.model import Cycle
from batch.core.periods import PeriodError, plan, plan_custom, to_utc
from batch.core.schedule import PeriodSchedule


def a_schedule(**changes: Any) -> PeriodSchedule:
    """Calendar months in Chicago: invite ten days before the end, due on the end, closed three days later."""
    made = PeriodSchedule(
        cycle=Cycle.MONTHLY,
        time_zone="America/Chicago",
        first_start=date(2027, 1, 1),
        end_day=31,
        invite_offset=-10,
        reminder_offsets=(-5, -1),
        due_offset=0,
        close_offset=3,
    )
    return replace(made, **changes)


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_s57_month_ends() -> None:
    """S57: end day 31 is the last day of each month, and each period starts the day after the one before
    it.
    """
    made = plan(a_schedule(), until=date(2027, 4, 30))
    assert [str(p.end) for p in made] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert [str(p.start) for p in made] == ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"]
    leap = plan(a_schedule(first_start=date(2028, 2, 1)), until=date(2028, 2, 1))
    assert [str(p.end) for p in leap] == ["2028-02-29"]


def test_periods_that_do_not_follow_the_month() -> None:
    """A cycle that ends on the 15th runs from the 16th, and its first period may be short."""
    made = plan(a_schedule(end_day=15, first_start=date(2027, 1, 10)), until=date(2027, 2, 20))
    assert [(str(p.start), str(p.end)) for p in made] == [
        ("2027-01-10", "2027-01-15"),
        ("2027-01-16", "2027-02-15"),
        ("2027-02-16", "2027-03-15"),
    ]


def test_weekly_periods() -> None:
    """Weeks that end on Saturday start on Sunday."""
    schedule = a_schedule(
        cycle=Cycle.WEEKLY, end_day=6, first_start=date(2027, 1, 3), invite_offset=-2, reminder_offsets=()
    )
    made = plan(schedule, until=date(2027, 1, 10), first_number=7)
    assert [(p.number, str(p.start), str(p.end)) for p in made] == [
        (7, "2027-01-03", "2027-01-09"),
        (8, "2027-01-10", "2027-01-16"),
    ]


@given(
    cycle=st.sampled_from([Cycle.MONTHLY, Cycle.WEEKLY]),
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    end_day=st.integers(1, 31),
    cut=st.integers(0, 400),
)
def test_periods_have_no_gap_and_no_overlap(cycle: Cycle, first: date, end_day: int, cut: int) -> None:
    """Planning in two goes gives the same gapless periods as planning in one."""
    day = end_day if cycle is Cycle.MONTHLY else end_day % 7 + 1
    schedule = a_schedule(cycle=cycle, first_start=first, end_day=day, invite_offset=-1, reminder_offsets=())
    made = plan(schedule, until=first + timedelta(days=400))
    assert made[0].start == first
    assert all(right.start == left.end + timedelta(days=1) for left, right in pairwise(made))
    early = plan(schedule, until=first + timedelta(days=cut))
    rest = plan(schedule, until=first + timedelta(days=400), first_number=len(early) + 1, after=early[-1].end)
    assert early + rest == made


def test_instants_are_local_times_in_utc() -> None:
    """Invite, reminders, due date and closing are local times of the project, also across daylight saving."""
    january, _feb, march = plan(a_schedule(), until=date(2027, 3, 1))
    assert january.invite_at == utc("2027-01-21 14:00")
    assert january.reminders_at == (utc("2027-01-26 14:00"), utc("2027-01-30 14:00"))
    assert (january.due_at, january.close_at) == (utc("2027-01-31 23:00"), utc("2027-02-03 23:00"))
    assert (march.invite_at, march.due_at) == (utc("2027-03-21 13:00"), utc("2027-03-31 22:00"))
    assert january.billing_date == january.end


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("America/Chicago", "2027-03-14 02:30", "2027-03-14 08:00"),  # skipped: clocks go from 2 to 3
        ("America/Chicago", "2027-03-14 02:00", "2027-03-14 08:00"),
        ("America/Chicago", "2027-03-14 03:00", "2027-03-14 08:00"),
        (
            "America/Chicago",
            "2027-11-07 01:30",
            "2027-11-07 06:30",
        ),  # comes twice: the first is daylight time
        ("Europe/London", "2027-03-28 01:15", "2027-03-28 01:00"),
        ("Europe/London", "2027-10-31 01:15", "2027-10-31 00:15"),
        ("Australia/Lord_Howe", "2027-10-03 02:10", "2027-10-02 15:30"),  # half an hour is skipped
        ("Australia/Sydney", "2027-07-01 08:00", "2027-06-30 22:00"),
    ],
)
def test_local_times_that_do_not_exist_or_come_twice(zone: str, local: str, expected: str) -> None:
    """A skipped local time is the first instant after the gap, a doubled one the first of the two."""
    assert to_utc(datetime.fromisoformat(local), ZoneInfo(zone)) == utc(expected)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"due_offset": -11}, "due before the invite"),
        ({"close_offset": -1}, "closes before bills are due"),
        ({"reminder_offsets": (-12,)}, "a reminder is not between"),
        ({"reminder_offsets": (4,)}, "a reminder is not between"),
        ({"end_day": 0}, "from 1 to 31"),
        ({"cycle": Cycle.WEEKLY, "end_day": 8}, "from 1 to 7"),
        ({"cycle": Cycle.CUSTOM}, "one by one"),
        ({"time_zone": "Chicago"}, "not a time zone"),
        ({"time_zone": "../etc"}, "not a time zone"),
        ({"due_time": "5 pm"}, "not a time of day"),
    ],
)
def test_schedules_that_make_no_sense_are_refused(changes: dict[str, Any], sentence: str) -> None:
    """A schedule that cannot be kept is refused with a sentence."""
    with pytest.raises(PeriodError, match=sentence):
        plan(a_schedule(**changes), until=date(2027, 3, 1))


def test_custom_periods() -> None:
    """Custom periods are taken as given, with their own billing dates."""
    rows = [
        (date(2027, 1, 1), date(2027, 2, 10), None),
        (date(2027, 2, 11), date(2027, 3, 31), date(2027, 4, 5)),
    ]
    made = plan_custom(a_schedule(cycle=Cycle.CUSTOM), rows, first_number=3, after=date(2026, 12, 31))
    assert [(p.number, str(p.end), str(p.billing_date)) for p in made] == [
        (3, "2027-02-10", "2027-02-10"),
        (4, "2027-03-31", "2027-04-05"),
    ]


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2027-02-10", "2027-03-31", "overlaps"),
        ("2027-02-12", "2027-03-31", "no period"),
        ("2027-02-11", "2027-02-01", "cannot end"),
    ],
)
def test_custom_periods_with_gaps_or_overlaps_are_refused(first: str, last: str, sentence: str) -> None:
    """Custom periods follow each other day by day."""
    rows = [
        (date(2027, 1, 1), date(2027, 2, 10), None),
        (date.fromisoformat(first), date.fromisoformat(last), None),
    ]
    with pytest.raises(PeriodError, match=sentence):
        plan_custom(a_schedule(cycle=Cycle.CUSTOM), rows)


def test_what_is_due_at_an_instant() -> None:
    """Each planned instant becomes due at itself, only the latest reminder is due, and nothing after the
    closing.
    """
    (january,) = plan(a_schedule(), until=date(2027, 1, 31))
    second = timedelta(seconds=1)
    assert not periods.invite_is_due(january, january.invite_at - second)
    assert periods.invite_is_due(january, january.invite_at)
    assert [periods.reminder_due(january, at) for at in january.reminders_at] == [1, 2]
    assert periods.reminder_due(january, january.invite_at) is None
    assert not periods.is_late(january, january.due_at)
    assert periods.is_late(january, january.due_at + second)
    assert not periods.closing_is_due(january, january.close_at - second)
    assert periods.closing_is_due(january, january.close_at)
    assert periods.reminder_due(january, january.close_at) is None
    assert not periods.invite_is_due(january, january.close_at)


def test_the_next_instant() -> None:
    """The next instant of several periods is the earliest one after now, and none at the end."""
    made = plan(a_schedule(), until=date(2027, 2, 1))
    assert periods.next_instant(made, utc("2027-01-01 00:00")) == made[0].invite_at
    assert periods.next_instant(made, made[0].close_at) == made[1].invite_at
    assert periods.next_instant(made, made[1].close_at) is None
