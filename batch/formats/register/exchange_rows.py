"""Rows of the register about exchange rates."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from batch.formats.register.kinds import Currency, Day, ExchangeRateValue, Kind, column
from batch.formats.register.row import RegisterRow


class ExchangeRateRow(RegisterRow):
    """What one unit of a currency is in another, as of a date. An approval fixes the newest up to its own date."""

    from_currency: Annotated[Currency, column("From currency", "Currency of the commitment.", "EUR")]
    to_currency: Annotated[Currency, column("To currency", "Currency of the project.", "USD")]
    dated_on: Annotated[
        Day,
        column(
            "Dated on", "First day it counts. Approvals take the newest rate up to their day.", "2026-01-30"
        ),
    ]
    rate: Annotated[
        ExchangeRateValue,
        column(
            "Rate",
            "What one unit of the first is in the second: more than 0, at most eight decimals.",
            "1.0835",
        ),
    ]


def key_part(text: str, day: date | None, kind: Kind) -> object:
    """A currency or a date as the key of its row has it, before the row is known to be good."""
    if kind is not Kind.DATE:
        return text.upper()
    try:
        return day or date.fromisoformat(text)
    except ValueError:
        return text
