"""Billing periods: planned ahead with their instants fixed in UTC, opened, closed, settled, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from batch import jsonlog
from batch.core.model import Cycle
from batch.core.periods import PeriodError, plan, to_utc
from batch.core.schedule import PeriodSchedule, PlannedPeriod
from batch.edges.store import queries_periods, queries_register, tables
from batch.edges.store.changes import NOBODY
from batch.edges.store.events import insert_if_new_with_event, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.workplace import Workplace

#: Periods are planned this far ahead, so that `status` and the daemon know what comes next.
AHEAD = timedelta(days=45)


def plan_periods(w: Workplace, now: datetime) -> int:
    """Plan the periods of every project up to some weeks ahead; gives how many were new."""
    with w.store.read() as conn:
        wanted = [(row, _plan(conn, row, now)) for row in queries_register.projects(conn)]
    return sum(_save(w, project, period, now) for project, periods in wanted for period in periods)


def schedule_of(project: RowMapping) -> PeriodSchedule:
    """The schedule that the register gives a project. Offsets count in days from the last day of a period."""
    return PeriodSchedule(
        cycle=project["cycle"],
        time_zone=project["time_zone"],
        first_start=project["first_start"],
        end_day=project["end_day"],
        invite_offset=project["invite_offset"],
        reminder_offsets=tuple(project["reminder_offsets"]),
        due_offset=project["due_offset"],
        close_offset=project["close_offset"],
        invite_time=project["invite_time"],
        due_time=project["due_time"],
    )


def _plan(conn: Connection, project: RowMapping, now: datetime) -> Sequence[PlannedPeriod]:
    known = queries_periods.periods(conn, project["id"])
    if project["cycle"] is Cycle.CUSTOM:
        taken = {row["number"] for row in known}
        rows = queries_periods.custom_periods(conn, project["id"])
        return [_custom(project, row) for row in rows if row["number"] not in taken]
    last = known[-1] if known else None
    try:
        return plan(
            schedule_of(project),
            until=(now + AHEAD).date(),
            first_number=last["number"] + 1 if last else 1,
            after=last["end_on"] if last else None,
        )
    except PeriodError as fault:
        jsonlog.error("periods-not-planned", project=project["id"], error=str(fault))
        return ()


def _custom(project: RowMapping, row: RowMapping) -> PlannedPeriod:
    def at(day: date, clock: str) -> datetime:
        hour, minute = clock.split(":")
        return to_utc(datetime.combine(day, time(int(hour), int(minute))), ZoneInfo(project["time_zone"]))

    reminders = [date.fromisoformat(str(day)) for day in row["reminders"]]
    return PlannedPeriod(
        number=row["number"],
        start=row["start_on"],
        end=row["end_on"],
        billing_date=row["billing_on"],
        invite_at=at(row["invite_on"], project["invite_time"]),
        reminders_at=tuple(at(day, project["invite_time"]) for day in reminders),
        due_at=at(row["due_on"], project["due_time"]),
        close_at=at(row["close_on"], project["due_time"]),
    )


def _save(w: Workplace, project: RowMapping, period: PlannedPeriod, now: datetime) -> bool:
    values = {
        "project_id": project["id"],
        "number": period.number,
        "start_on": period.start,
        "end_on": period.end,
        "billing_on": period.billing_date,
        "invite_at": period.invite_at.astimezone(UTC),
        "due_at": period.due_at.astimezone(UTC),
        "close_at": period.close_at.astimezone(UTC),
        "state": "planned",
    }
    chain = project_chain(project["id"])
    with w.store.write() as conn:
        made = insert_if_new_with_event(
            conn, tables.billing_period, values, chain=chain, at=now, what="period-planned", actor=NOBODY
        )
        if made is not None:
            reminders = [
                {"period_id": made, "ordinal": n, "at": at.astimezone(UTC)}
                for n, at in enumerate(period.reminders_at, 1)
            ]
            if reminders:
                conn.execute(tables.period_reminder.insert(), reminders)
    return made is not None
