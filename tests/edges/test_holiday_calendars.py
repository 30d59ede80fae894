"""The holidays that payment dates are counted with."""

from __future__ import annotations

from datetime import date

import pytest

from batch.edges.holiday_calendars import holidays_of
from batch.formats.register.calendars import CALENDARS


@pytest.mark.parametrize("calendar", CALENDARS)
def test_every_calendar_of_the_register_is_known(calendar: str) -> None:
    """Each has New Year's Day, or the day in lieu of it, and a handful more."""
    assert 4 <= len(holidays_of(calendar, [2026])) <= 40


def test_well_known_days() -> None:
    """Good Friday in England and not in the United States; the King's Birthday in New South Wales; none without a calendar."""
    assert date(2026, 4, 3) in holidays_of("GB-ENG", [2026])
    assert date(2026, 4, 3) not in holidays_of("US", [2026])
    assert date(2026, 6, 8) in holidays_of("AU-NSW", range(2025, 2028))
    assert holidays_of("", [2026]) == frozenset()
