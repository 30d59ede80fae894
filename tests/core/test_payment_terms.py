"""Dates of payments: the published examples, and what holds for any terms, day and holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core.payment_terms import (
    CountedFrom,
    DayCount,
    DaysError,
    PaymentTerms,
    add_business_days,
    is_business_day,
    payment_dates,
    read_days,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(-120, 120)


@st.composite
def days_and_holidays(draw: st.DrawFn) -> tuple[date, frozenset[date]]:
    """A day, and some holidays around it."""
    day = draw(DAYS)
    offsets = draw(st.frozensets(st.integers(-60, 60), max_size=25))
    return day, frozenset(day + timedelta(days=offset) for offset in offsets)


def terms(**days: str) -> PaymentTerms:
    """Terms with days as they are typed."""
    found = {name: read_days(text) for name, text in days.items()}
    return PaymentTerms(code="T", counted_from=CountedFrom.PERIOD_END, **found)


def test_s43_the_dates_of_a_british_payment() -> None:
    """Valuation 30 June: due 7 July, notice by 12 July though that is a Sunday, pay less by 16 July, final date 21 July."""
    found = payment_dates(terms(due="7", notice="5", final="14", pay_less="5"), date(2026, 6, 30), ())
    days = (found.due_on, found.notice_on, found.pay_less_on, found.final_on)
    assert days == (date(2026, 7, 7), date(2026, 7, 12), date(2026, 7, 16), date(2026, 7, 21))


def test_s44_the_dates_of_an_australian_claim() -> None:
    """Served Tuesday 30 June: schedule in 10 business days by 14 July, payment in 20 by 28 July; a holiday moves both."""
    rule = terms(notice="10 business", final="20 business")
    found = payment_dates(rule, date(2026, 6, 30), ())
    assert (found.due_on, found.notice_on, found.final_on) == (None, date(2026, 7, 14), date(2026, 7, 28))
    later = payment_dates(rule, date(2026, 6, 30), {date(2026, 7, 6)})
    assert (later.notice_on, later.final_on) == (date(2026, 7, 15), date(2026, 7, 29))


@given(days_and_holidays(), COUNTS)
def test_a_business_day_is_never_a_weekend_or_a_holiday(
    where: tuple[date, frozenset[date]], count: int
) -> None:
    """Whatever is counted, forwards or back, ends on a business day."""
    day, holidays = where
    assert is_business_day(add_business_days(day, count, holidays), holidays)


@given(days_and_holidays(), st.integers(1, 120))
def test_as_many_business_days_lie_between_as_were_counted(
    where: tuple[date, frozenset[date]], count: int
) -> None:
    """Counted one by one: the day itself does not count, the last one does; and the same going back."""
    day, holidays = where
    for step in (1, -1):
        end = add_business_days(day, step * count, holidays)
        between = (day + timedelta(days=step * gone) for gone in range(1, abs((end - day).days) + 1))
        assert sum(is_business_day(one, holidays) for one in between) == count


@given(days_and_holidays(), COUNTS, COUNTS)
def test_more_days_are_never_sooner(where: tuple[date, frozenset[date]], one: int, other: int) -> None:
    """One more day gives a later day, and a later start never an earlier end."""
    day, holidays = where
    fewer, more = sorted((one, other))
    if fewer >= 0 or more < 0:
        ends = add_business_days(day, fewer, holidays), add_business_days(day, more, holidays)
        assert ends[0] <= ends[1]
    next_day = add_business_days(day + timedelta(days=1), one, holidays)
    assert add_business_days(day, one, holidays) <= next_day


@given(days_and_holidays(), st.integers(1, 60))
def test_there_and_back_again(where: tuple[date, frozenset[date]], count: int) -> None:
    """From a business day, so many days on and so many back is the same day."""
    day, holidays = where
    if is_business_day(day, holidays):
        assert add_business_days(add_business_days(day, count, holidays), -count, holidays) == day


@given(DAYS, st.integers(0, 365))
def test_calendar_days_are_calendar_days(day: date, count: int) -> None:
    """They fall on any day, holidays or not."""
    rule = PaymentTerms(code="T", counted_from=CountedFrom.RECEIVED, final=DayCount(days=count))
    assert payment_dates(rule, day, {day + timedelta(days=count)}).final_on == day + timedelta(days=count)


def test_the_next_answer() -> None:
    """First the notice, then the pay less notice, and nothing after that; the day itself still counts."""
    found = payment_dates(terms(due="7", notice="5", final="14", pay_less="5"), date(2026, 6, 30), ())
    assert found.next_answer(date(2026, 7, 12)) == date(2026, 7, 12)
    assert found.next_answer(date(2026, 7, 13)) == date(2026, 7, 16)
    assert found.next_answer(date(2026, 7, 17)) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7", "7"),
        (" 5 days", "5"),
        ("10 business", "10 business"),
        ("10 Working Days", "10 business"),
        ("0", "0"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: str) -> None:
    """With or without the word days; working days are business days; what is written back reads the same."""
    assert str(read_days(text)) == days
    assert read_days(days) == read_days(text)


@pytest.mark.parametrize("text", ["", "ten", "-3", "366", "1.5", "10 bank holidays", "7 weeks"])
def test_other_text_is_refused(text: str) -> None:
    """What is no number of days from 0 to 365 is refused with a sentence."""
    with pytest.raises(DaysError, match="is not a number of days"):
        read_days(text)
