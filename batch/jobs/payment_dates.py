"""The dates of payments: fixed when an application first comes in (or is approved), and shown in the locale's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from batch.core.payment_terms import CountedFrom, PaymentDates, PaymentTerms, payment_dates
from batch.core.periods import to_utc
from batch.edges.holiday_calendars import holidays_of
from batch.edges.store import queries_dates, queries_periods, queries_register, tables
from batch.edges.store.events import Actor, insert_with_event, update_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import date_text

#: What the dates are called, by the language of the project; the first is for every other one.
LABELS: Mapping[str, Mapping[str, str]] = {
    "en-US": {
        "due_on": "Payment due",
        "notice_on": "To be answered by",
        "pay_less_on": "Deductions to be announced by",
        "final_on": "To be paid by",
    },
    "en-GB": {
        "due_on": "Due date",
        "notice_on": "Payment notice by",
        "pay_less_on": "Pay less notice by",
        "final_on": "Final date for payment",
    },
    "en-AU": {
        "due_on": "Due date",
        "notice_on": "Payment schedule by",
        "pay_less_on": "Deductions to be announced by",
        "final_on": "Payment by",
    },
}
#: The order in which the dates are shown.
SHOWN_DATES = ("due_on", "notice_on", "pay_less_on", "final_on")


def counted(
    found: tuple[PaymentTerms, str] | None, days: Mapping[CountedFrom, date]
) -> tuple[PaymentTerms, str, PaymentDates] | None:
    """The dates by some terms; None without terms, or while the day that they are counted from is not known."""
    if found is None or found[0].counted_from not in days:
        return None
    terms, calendar = found
    day = days[terms.counted_from]
    return (
        terms,
        calendar,
        payment_dates(terms, day, holidays_of(calendar, range(day.year - 1, day.year + 4))),
    )


def period_days(period: RowMapping) -> dict[CountedFrom, date]:
    """The days that are known as soon as a period is planned."""
    return {CountedFrom.PERIOD_END: period["end_on"], CountedFrom.BILLING_DATE: period["billing_on"]}


def expected_dates(
    conn: Connection, commitment_id: int, period: RowMapping, received: datetime
) -> PaymentDates | None:
    """The dates that an application gets when it is taken in now; None where there are none yet."""
    commitment = queries_register.commitment(conn, commitment_id)
    project = queries_register.project(conn, commitment["project_id"])
    days = {**period_days(period), CountedFrom.RECEIVED: local_date(received, project)}
    found = counted(queries_dates.terms_of(conn, commitment_id), days)
    return None if found is None else found[2]


def local_date(instant: datetime, project: RowMapping) -> date:
    """The calendar date of an instant on the site."""
    return instant.astimezone(ZoneInfo(project["time_zone"])).date()


def fix_dates(
    conn: Connection,
    application: Mapping[Any, Any],
    *,
    received: datetime | None,
    approved: datetime | None,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Fix the dates of an application's payment, unless they are fixed already.

    `application` needs its commitment, period and number. Dates that are counted from the approval follow a later
    approval, after a reopening; all others stay as they were at the first receipt.
    """
    commitment_id, number = application["commitment_id"], application["number"]
    there = queries_dates.row_of(conn, commitment_id, number)
    if there is not None and (approved is None or there["counted_from"] is not CountedFrom.APPROVED):
        return
    commitment = queries_register.commitment(conn, commitment_id)
    project = queries_register.project(conn, commitment["project_id"])
    days = period_days(queries_periods.period(conn, application["period_id"]))
    for kind, instant in ((CountedFrom.RECEIVED, received), (CountedFrom.APPROVED, approved)):
        if instant is not None:
            days[kind] = local_date(instant, project)
    found = counted(queries_dates.terms_of(conn, commitment_id), days)
    if found is None:
        return
    values = {
        "terms": found[0].code,
        "counted_from": found[0].counted_from,
        "holidays": found[1],
        "dates": queries_dates.to_json(found[2]),
    }
    table, what = tables.payment_date, "payment-dates-fixed"
    if there is not None:
        update_with_event(conn, table, there["id"], values, chain=chain, at=now, what=what, actor=actor)
        return
    key = {"commitment_id": commitment_id, "number": number}
    insert_with_event(conn, table, {**key, **values}, chain=chain, at=now, what=what, actor=actor)


def client_dates(
    conn: Connection, project: RowMapping, period: RowMapping, issued: datetime | None = None
) -> PaymentDates | None:
    """The dates of the client's payment. The client receives it on the day it is issued; before that those are not known."""
    days = period_days(period)
    if issued is not None:
        days[CountedFrom.RECEIVED] = local_date(issued, project)
    found = counted(queries_dates.terms(conn, project["client_terms_id"]), days)
    return None if found is None else found[2]


def dates_json(dates: PaymentDates | None) -> dict[str, str]:
    """Dates as a column keeps them; an empty mapping where there are none."""
    return {} if dates is None else queries_dates.to_json(dates)


def date_rows(dates: PaymentDates | None, locale: str) -> list[dict[str, str]]:
    """Dates for a mail, in the locale's words: what each is called, and the day."""
    if dates is None:
        return []
    labels = LABELS.get(locale, LABELS["en-US"])
    days = {name: getattr(dates, name) for name in SHOWN_DATES}
    return [
        {"label": labels[name], "day": date_text(day, locale)}
        for name, day in days.items()
        if day is not None
    ]


def urgency(dates: PaymentDates | None, today: date, locale: str) -> str:
    """What the payer has to answer next and until when, as a sentence; '' for nothing, or while it is over a week off."""
    if dates is None:
        return ""
    labels = LABELS.get(locale, LABELS["en-US"])
    day = dates.next_answer(today)
    if day is None:
        missed = max((one for one in (dates.notice_on, dates.pay_less_on) if one is not None), default=None)
        return "" if missed is None else f"The last day to answer was {date_text(missed, locale)}."
    left = (day - today).days
    label = labels["notice_on" if day == dates.notice_on else "pay_less_on"]
    when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
    return f"{label} {date_text(day, locale)}: {when}." if left <= 7 else ""


def leaves_by(dates: PaymentDates | None, project: RowMapping, now: datetime, planned: datetime) -> datetime:
    """When a notice leaves that may wait until `planned`: sooner where the day to answer would be missed.

    It has to be out by the project's due time on that day, the end of a working day; after that it leaves at once.
    """
    day = None if dates is None else dates.next_answer(local_date(now, project))
    if day is None:
        return planned
    clock = time.fromisoformat(project["due_time"])
    last = to_utc(datetime.combine(day, clock), ZoneInfo(project["time_zone"]))
    return min(planned, max(now, last))
