"""Amounts, dates and instants as a person in a given place reads them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from batch.core.money import shown

#: Signs that are read the same way by everybody who is paid in that currency; any other currency shows its code.
_SIGNS = {"USD": "$", "AUD": "$", "NZD": "$", "CAD": "$", "GBP": "£", "EUR": "€", "JPY": "¥"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
US = "en-US"


def money_text(amount: Decimal, currency: str) -> str:
    """An amount with its currency: `$12,500.00`, `-$250.00`, `CHF 12,500.00`."""
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if amount < 0 else ''}{sign}{shown(abs(amount), currency)}"


def date_text(day: date, locale: str) -> str:
    """A date with the month spelled out, so that nobody swaps day and month."""
    month = _MONTHS[day.month - 1]
    return f"{month} {day.day}, {day.year}" if locale == US else f"{day.day} {month} {day.year}"


def instant_text(instant: datetime, time_zone: str, locale: str) -> str:
    """An instant in the project's own time zone, named: `April 25, 2026, 5:00 PM CDT`."""
    local = instant.astimezone(ZoneInfo(time_zone))
    if locale == US:
        clock = f"{local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
    else:
        clock = f"{local.hour:02d}:{local.minute:02d}"
    return f"{date_text(local.date(), locale)}, {clock} {local.tzname()}"


def span_text(earlier: datetime, later: datetime) -> str:
    """How far apart two instants are, in whole days: `3 days`, `1 day`, `less than a day`."""
    days = (later - earlier).days
    return "less than a day" if days < 1 else f"{days} day{'s' if days > 1 else ''}"
