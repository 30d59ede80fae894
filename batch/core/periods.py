"""Billing periods: their ranges, and the instants of invite, reminders, due date and closing, fixed in UTC
when planned.

Ranges follow each other without gap or overlap. Local times become UTC once: a time that daylight saving
skips is the first instant after the gap, a time that comes twice is its first.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from batch.core.model import Cycle
from batch.core.schedule import PeriodSchedule, PlannedPeriod

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class PeriodError(ValueError):
    """A schedule that cannot be planned. Its text is a sentence for the person who wrote the schedule."""


def plan(
    schedule: PeriodSchedule, *, until: date, first_number: int = 1, after: date | None = None
) -> tuple[PlannedPeriod, ...]:
    """Plan every monthly or weekly period that starts on or before `until`.

    `after` is the last day of the last period already planned (none: start at the schedule's first day).
    Numbers count up from `first_number`. Raises PeriodError for a schedule that makes no sense, and for a
    custom cycle.
    """
    _check_schedule(schedule)
    if schedule.cycle is Cycle.CUSTOM:
        raise PeriodError("A custom cycle has no rule to plan by; give its periods one by one.")
    start = schedule.first_start if after is None else after + _DAY
    made: list[PlannedPeriod] = []
    while start <= until:
        end = _end_of(schedule, start)
        made.append(_planned(schedule, first_number + len(made), start, end, end))
        start = end + _DAY
    return tuple(made)


def plan_custom(
    schedule: PeriodSchedule,
    rows: Sequence[tuple[date, date, date | None]],
    *,
    first_number: int = 1,
    after: date | None = None,
) -> tuple[PlannedPeriod, ...]:
    """Plan periods given as (first day, last day, billing date or None for the last day), oldest first.

    Raises PeriodError when a period ends before it starts, or does not start on the day after the one
    before it.
    """
    _check_schedule(schedule)
    expected = None if after is None else after + _DAY
    made: list[PlannedPeriod] = []
    for start, end, billing_date in rows:
        _check_range(start, end, expected)
        made.append(_planned(schedule, first_number + len(made), start, end, billing_date or end))
        expected = end + _DAY
    return tuple(made)


def _check_range(start: date, end: date, expected: date | None) -> None:
    if end < start:
        raise PeriodError(f"A period that starts on {start} cannot end on {end}.")
    if expected is not None and start != expected:
        fault = "overlaps the one before it" if start < expected else "leaves days before it in no period"
        raise PeriodError(f"The period that starts on {start} {fault}; it has to start on {expected}.")


def _check_schedule(schedule: PeriodSchedule) -> None:
    largest = {Cycle.MONTHLY: 31, Cycle.WEEKLY: 7}.get(schedule.cycle)
    if largest is not None and not 1 <= schedule.end_day <= largest:
        raise PeriodError(
            f"The end day of a {schedule.cycle} cycle is from 1 to {largest}, not {schedule.end_day}."
        )
    _zone(schedule.time_zone)
    _time(schedule.invite_time)
    _time(schedule.due_time)


def _end_of(schedule: PeriodSchedule, start: date) -> date:
    if schedule.cycle is Cycle.WEEKLY:
        return start + timedelta(days=(schedule.end_day - start.isoweekday()) % 7)
    this_month = _day_of_month(start.year, start.month, schedule.end_day)
    if this_month >= start:
        return this_month
    following = start.replace(day=1) + timedelta(days=31)
    return _day_of_month(following.year, following.month, schedule.end_day)


def _day_of_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def _planned(
    schedule: PeriodSchedule, number: int, start: date, end: date, billing_date: date
) -> PlannedPeriod:
    zone = _zone(schedule.time_zone)

    def instant(offset: int, at: str) -> datetime:
        return to_utc(datetime.combine(end + timedelta(days=offset), _time(at)), zone)

    reminders = {instant(offset, schedule.invite_time) for offset in schedule.reminder_offsets}
    period = PlannedPeriod(
        number=number,
        start=start,
        end=end,
        billing_date=billing_date,
        invite_at=instant(schedule.invite_offset, schedule.invite_time),
        reminders_at=tuple(sorted(reminders)),
        due_at=instant(schedule.due_offset, schedule.due_time),
        close_at=instant(schedule.close_offset, schedule.due_time),
    )
    _check_order(period)
    return period


def _check_order(period: PlannedPeriod) -> None:
    name = f"In the period {period.start} to {period.end}"
    if period.due_at <= period.invite_at:
        raise PeriodError(f"{name} bills are due before the invite goes out.")
    if period.close_at < period.due_at:
        raise PeriodError(f"{name} the period closes before bills are due.")
    if any(not period.invite_at < at < period.close_at for at in period.reminders_at):
        raise PeriodError(f"{name} a reminder is not between the invite and the closing.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise PeriodError(f"{name!r} is not a time zone, such as America/Chicago.") from None


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).time()
    except ValueError:
        raise PeriodError(f"{text!r} is not a time of day, such as 08:00.") from None


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive local time: the first of two in autumn, the first valid one after a gap
    in spring.
    """
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _first_instant_after_gap(before, instant, zone)


def _first_instant_after_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the offset changes, to the second; it lies after `before` and not after
    `after`.
    """
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def invite_is_due(period: PlannedPeriod, now: datetime) -> bool:
    """Whether invites of this period should have gone out at `now` (UTC), and the period is not past its
    closing.
    """
    return period.invite_at <= now < period.close_at


def reminder_due(period: PlannedPeriod, now: datetime) -> int | None:
    """The ordinal (1 is the first) of the latest reminder that is due at `now`; None before the first and
    after closing.

    After a standstill only the latest one is due: nobody gets three reminders at once.
    """
    if now >= period.close_at:
        return None
    return sum(at <= now for at in period.reminders_at) or None


def closing_is_due(period: PlannedPeriod, now: datetime) -> bool:
    """Whether this period takes no more submissions at `now` (UTC)."""
    return period.close_at <= now


def is_late(period: PlannedPeriod, received: datetime) -> bool:
    """Whether a reply received at that instant (UTC) came after the due date."""
    return received > period.due_at


def next_instant(periods: Iterable[PlannedPeriod], now: datetime) -> datetime | None:
    """The next planned instant after `now` of any of these periods: invite, reminder, due date or closing."""
    planned = (at for p in periods for at in (p.invite_at, *p.reminders_at, p.due_at, p.close_at))
    return min((at for at in planned if at > now), default=None)
