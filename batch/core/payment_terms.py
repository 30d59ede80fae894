"""The dates of a payment: when it is due, by when it must be answered, and by when it must be paid.

The rules are settings of a contract; nothing here is the law of any place. Days are calendar days, which fall on any day, or
business days: not a Saturday, not a Sunday, not a holiday of the calendar that is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_DAYS = 365
_DAY = timedelta(days=1)
_COUNT = re.compile(r"(\d{1,3})\s*(business|working|calendar)?\s*(?:days?)?", re.IGNORECASE)


class DaysError(ValueError):
    """A number of days that cannot be read. Its text is a sentence for the person who wrote it."""


class CountedFrom(StrEnum):
    """The day that the dates are counted from, on the site's calendar."""

    PERIOD_END = "period end"
    BILLING_DATE = "billing date"
    RECEIVED = "received"
    APPROVED = "approved"


@dataclass(frozen=True, kw_only=True)
class DayCount:
    """A number of days, 0 to 365, of the calendar or of business."""

    days: int
    business: bool = False

    def __str__(self) -> str:
        return f"{self.days} business" if self.business else str(self.days)


def read_days(text: str) -> DayCount:
    """The days that a text such as `7`, `5 days` or `10 business days` names. Raises DaysError for anything else."""
    found = _COUNT.fullmatch(text.strip())
    if found is None or int(found[1]) > MOST_DAYS:
        raise DaysError(f'"{text.strip()}" is not a number of days such as 7, or 10 business')
    return DayCount(days=int(found[1]), business=(found[2] or "").lower() in ("business", "working"))


@dataclass(frozen=True, kw_only=True)
class PaymentTerms:
    """How the dates of a payment are counted. None: there is no such date.

    `notice` and `final` are counted from the due date, or where there is none from the day that all is counted from;
    `pay_less` is counted back from the final date.
    """

    code: str
    counted_from: CountedFrom
    due: DayCount | None = None
    notice: DayCount | None = None
    final: DayCount | None = None
    pay_less: DayCount | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentDates:
    """The dates of one payment on the site's calendar; None where its terms have no such date."""

    counted_on: date
    due_on: date | None = None
    notice_on: date | None = None
    pay_less_on: date | None = None
    final_on: date | None = None

    def next_answer(self, today: date) -> date | None:
        """The day by which the payer has to say something next: the notice, after that the pay-less notice; None after both."""
        return next(
            (day for day in (self.notice_on, self.pay_less_on) if day is not None and day >= today), None
        )


def payment_dates(terms: PaymentTerms, day: date, holidays: Collection[date]) -> PaymentDates:
    """The dates of a payment whose days are counted from `day`. `holidays`: those of every year that is touched."""
    due = _after(day, terms.due, holidays)
    start = day if due is None else due
    final = _after(start, terms.final, holidays)
    pay_less = (
        None if final is None or terms.pay_less is None else _moved(final, terms.pay_less, holidays, -1)
    )
    return PaymentDates(
        counted_on=day,
        due_on=due,
        notice_on=_after(start, terms.notice, holidays),
        pay_less_on=pay_less,
        final_on=final,
    )


def _after(day: date, count: DayCount | None, holidays: Collection[date]) -> date | None:
    return None if count is None else _moved(day, count, holidays, 1)


def _moved(day: date, count: DayCount, holidays: Collection[date], step: int) -> date:
    if not count.business:
        return day + step * count.days * _DAY
    return add_business_days(day, step * count.days, holidays)


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    """Whether a day is neither on a weekend nor a holiday."""
    return day.isoweekday() <= 5 and day not in holidays


def add_business_days(day: date, count: int, holidays: Collection[date]) -> date:
    """The business day that is `count` business days after `day`, or before it for a negative count.

    The day itself never counts. With 0 it is the day itself, or the next business day where it is none.
    """
    step = _DAY if count >= 0 else -_DAY
    left = abs(count)
    while left or not is_business_day(day, holidays):
        day += step
        left -= is_business_day(day, holidays) if left else 0
    return day
