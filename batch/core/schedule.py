"""How billing periods are planned, and one planned period, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from batch.core.model import Cycle


@dataclass(frozen=True, kw_only=True)
class PeriodSchedule:
    """How a project's periods are planned. Offsets are whole days from the last day of the period; times are local.

    `end_day` is 1..31 for monthly (31 means the last day of each month) and 1..7 (Monday is 1) for weekly.
    """

    cycle: Cycle
    time_zone: str
    first_start: date
    end_day: int
    invite_offset: int
    reminder_offsets: tuple[int, ...]
    due_offset: int
    close_offset: int
    invite_time: str = "08:00"
    due_time: str = "17:00"


@dataclass(frozen=True, kw_only=True)
class PlannedPeriod:
    """One planned billing period with its instants fixed in UTC."""

    number: int
    start: date
    end: date
    billing_date: date
    invite_at: datetime
    reminders_at: tuple[datetime, ...]
    due_at: datetime
    close_at: datetime
