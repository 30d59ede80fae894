"""Public holidays of the world's calendars, by the library `holidays`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def holidays_of(calendar: str, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of a calendar such as `GB-ENG`, `AU-NSW` or `US` in some years, days in lieu included.

    None for ''. Raises NotImplementedError for a calendar that the library does not know.
    """
    if not calendar:
        return frozenset()
    import holidays  # noqa: PLC0415 - takes a moment, and most tables of dates have no calendar

    country, _, subdivision = calendar.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=list(years)))
