"""When and under which number a document is posted: open accounting periods, re-export after a reversal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

#: What stands behind the number of a document that takes another back.
REVERSAL = "-RV"


def accounting_date(day: date, opens: date | None, closes: date | None) -> date | None:
    """The accounting date of something that belongs to `day`: that day, or the first open one where it lies before.

    None where it lies after the last open day: the books of that time are not open yet. An end without a date is open.
    """
    if closes is not None and day > closes:
        return None
    return day if opens is None or day >= opens else opens


def free_number(number: str, taken: Collection[str]) -> str:
    """`number`, or the first of `number-2`, `number-3` that is not among `taken` (case folded): an accounting system
    keeps what was taken back, so the document that follows it needs a number of its own.
    """
    if number.casefold() not in taken:
        return number
    return next(
        made for count in range(2, len(taken) + 3) if (made := f"{number}-{count}").casefold() not in taken
    )
