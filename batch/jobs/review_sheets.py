"""Which review workbooks are wanted, what they show, and where they are put: in the admin's folder and into a mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from batch import jsonlog
from batch.core.billing import bill
from batch.core.findings import Severity
from batch.core.model import BilledBy, Permission
from batch.core.states import SHOWN, Application, Incoming, Invite, Period
from batch.core.tax import taxed
from batch.edges.folders import write_file
from batch.edges.store import (
    queries_applications,
    queries_dates,
    queries_mail,
    queries_periods,
    queries_register,
    queries_reviews,
    queries_tax,
    tables,
)
from batch.edges.store.events import insert_if_new_with_event, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import date_text
from batch.formats.review.content import NotAnswered, ReviewApplication, ReviewContent, ReviewException
from batch.formats.review.write import write
from batch.formats.terms import approver, state_shown
from batch.jobs.about import period_text
from batch.jobs.exchanges import fixing_now
from batch.jobs.final import FINAL_MATTERS, final_matters
from batch.jobs.letters import Letter, post
from batch.jobs.paying import load_paying, review_flags
from batch.jobs.payment_dates import local_date, urgency
from batch.jobs.reports import review_ready
from batch.jobs.workbooks import sentences, terms_for
from batch.jobs.workplace import Workplace

#: An invite that still waits for somebody: the sub, or an admin who bills on its behalf.
OPEN_INVITES = (Invite.QUEUED, Invite.SENT, Invite.ACCEPTED)
UNANSWERED = (*OPEN_INVITES, Invite.PLANNED, Invite.NO_CONTACT, Invite.LAPSED, Invite.BOUNCED)
#: So long before the day by which an application has to be answered, its review workbook is sent once more.
NEAR = timedelta(days=3)
_UNSAFE = re.compile(r"[^A-Za-z0-9._@-]+")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A review workbook to make for one admin."""

    project: RowMapping
    period: RowMapping
    admin: RowMapping
    content: ReviewContent
    content_key: str
    ordinal: int
    declined: int


def folder_of(w: Workplace, admin: RowMapping) -> Path:
    """An admin's own folder below `review/`; its name is the address."""
    return w.data / "review" / _UNSAFE.sub("_", admin["address"])


def send_reviews(w: Workplace, now: datetime) -> int:
    """Make a review workbook for each admin who has something new to decide; gives how many."""
    with w.store.read() as conn:
        wanted = [
            one
            for period in queries_periods.periods_in(conn, Period.OPEN, Period.CLOSED)
            if _is_time(conn, period, now)
            for one in wanted_for(conn, w, period, now, only_new=True)
        ]
    for one in wanted:
        deliver(w, one, now)
    return len(wanted)


def _is_time(conn: Connection, period: RowMapping, now: datetime) -> bool:
    """From the due date on, or as soon as everybody has answered."""
    answered = all(row["state"] not in OPEN_INVITES for row in queries_periods.invites(conn, period["id"]))
    return now >= period["due_at"] or answered


def wanted_for(
    conn: Connection, w: Workplace, period: RowMapping, now: datetime, *, only_new: bool
) -> list[Wanted]:
    """The review workbooks of a period: one for each admin who may approve, if there is anything to decide."""
    project = queries_register.project(conn, period["project_id"])
    content = content_of(conn, w, project, period, now)
    # What waits for the client is shown, but there is nothing new to decide about it.
    waiting = {f"{one.application_id}:{one.revision}" for one in content.applications if one.pending}
    near = {
        f"{one.application_id}:{one.revision}:{one.answer_by}"
        for one in content.applications
        if one.answer_by is not None and timedelta(0) <= one.answer_by - local_date(now, project) <= NEAR
    }
    on_behalf = [one for one in content.not_answered if one.state == SHOWN[Invite.PLANNED]]
    shown = {f"{one.application_id}:{one.revision}" for one in content.applications}
    shown |= near  # what was sent before is sent once more when the day to answer it comes near
    shown |= {f"invite:{one.invite_id}" for one in on_behalf}
    if not shown - waiting and (only_new or not (shown or content.not_answered)):
        return []
    invites = queries_periods.invites(conn, period["id"])
    declined = sum(row["state"] is Invite.DECLINED for row in invites)
    found = []
    for admin in queries_register.admins_who_may(conn, Permission.APPROVE, project["number"]):
        before = queries_reviews.sheets(conn, period["id"], admin["id"])
        seen = {part for row in before for part in row["content_key"].split(",")}
        if only_new and shown - waiting <= seen:
            continue
        found.append(
            Wanted(
                project=project,
                period=period,
                admin=admin,
                content=content,
                content_key=",".join(sorted(shown)),
                ordinal=len(before) + 1,
                declined=declined,
            )
        )
    return found


def content_of(
    conn: Connection, w: Workplace, project: RowMapping, period: RowMapping, now: datetime
) -> ReviewContent:
    """Everything one review workbook shows: one project, one billing period."""
    company = queries_register.company(conn)
    assert company is not None, "a project is imported together with the company"
    live = queries_applications.of_period(conn, period["id"])
    waiting = [row for row in live if row["state"] is Application.UNDER_REVIEW]
    waiting += [row for row in live if row["state"] is Application.PENDING_CLIENT_APPROVAL]
    return ReviewContent(
        project=project["number"],
        project_name=project["name"],
        period=period_text(period, project["locale"]),
        company=company["name"],
        currency=project["currency"],
        time_zone=project["time_zone"],
        language=project["locale"],
        applications=tuple(
            sorted((_application(conn, project, period, row, now) for row in waiting), key=_most_urgent_first)
        ),
        not_answered=tuple(_not_answered(conn, period)),
        exceptions=tuple(_exceptions(conn, project)),
    )


def _most_urgent_first(one: ReviewApplication) -> tuple[bool, bool, str]:
    """What has to be answered first comes first, what waits for the client last; else the order stays."""
    return one.pending, one.answer_by is None, one.answer_by.isoformat() if one.answer_by is not None else ""


def _application(
    conn: Connection, project: RowMapping, period: RowMapping, row: RowMapping, now: datetime
) -> ReviewApplication:
    found = [
        one
        for one in queries_applications.findings(conn, application_id=row["id"])
        if (one.severity is not Severity.NOTE or one.code != "late") and one.code not in FINAL_MATTERS
    ]
    kind = queries_periods.invite(conn, row["invite_id"])["kind"]
    found += final_matters(
        conn, kind, row["commitment_id"], row["currency"], local_date(now, project), row["id"]
    )
    lines = queries_applications.line_rows(conn, row["id"])
    held = queries_reviews.last_hold(conn, row["id"])
    asked = queries_tax.withholding(conn, row["id"], "claimed")
    pending = row["state"] is Application.PENDING_CLIENT_APPROVAL
    flags = list(sentences(found, project["locale"], row["currency"]))
    today, dates = local_date(now, project), queries_dates.dates_of(conn, row["commitment_id"], row["number"])
    if said := urgency(dates, today, project["locale"]):
        flags.insert(0, said)
    if pending:
        flags = [_waits_for(project, row)]
    elif held:
        flags.insert(0, f"Held before: {held}")
    taxing, materials = queries_tax.terms(conn, row["commitment_id"]), asked.materials if asked else None
    basis = queries_periods.basis(conn, row["invite_id"])
    claim = queries_applications.claimed(lines, row["currency"])
    payable = taxed(bill(basis, claim), basis.deductions, taxing, basis.rounding, materials).payable
    paying = load_paying(conn, row["commitment_id"], row["currency"])
    flags += review_flags(paying, row["vendor_name"], payable, row["currency"], project["locale"])
    return ReviewApplication(
        application_id=str(row["id"]),
        revision=row["revision"],
        commitment_type=queries_register.commitment(conn, row["commitment_id"])["kind"],
        basis=basis,
        claim=claim,
        status=state_shown(row["state"], project["locale"]),
        pending=pending,
        answer_by=None if dates is None or pending else dates.next_answer(today) or dates.notice_on,
        received_at=row["received_at"],
        late=row["received_at"] > period["due_at"],
        invoice_number=row["invoice_number"],
        comment=row["comment"],
        flags=tuple(flags),
        attachments=tuple(
            f"{one['name']} ({one['sha256'][:8]})"
            for one in queries_applications.attachments(conn, row["invite_id"])
        ),
        taxing=taxing,
        materials=materials,
        fixing=fixing_now(conn, project, row["currency"], now),
    )


def _waits_for(project: RowMapping, row: RowMapping) -> str:
    since = date_text(row["approved_at"].astimezone(ZoneInfo(project["time_zone"])).date(), project["locale"])
    return (
        f"Approved by you on {since}; waits for the {approver(project['locale'])}. "
        "Figures shown as claimed are those you approved."
    )


def _not_answered(conn: Connection, period: RowMapping) -> list[NotAnswered]:
    found = []
    for row in queries_periods.invites(conn, period["id"]):
        if row["state"] not in UNANSWERED:
            continue
        last = next(reversed(queries_applications.of_invite(conn, row["id"])), None)
        returned = last is not None and last["state"] is Application.RETURNED
        by_us = row["billed_by"] is BilledBy.ON_BEHALF
        found.append(
            NotAnswered(
                invite_id=str(row["id"]),
                commitment_type=row["commitment_kind"],
                basis=queries_periods.basis(conn, row["id"]),
                state=SHOWN[row["state"]],
                due_at=period["due_at"],
                note="Billed on behalf only."
                if by_us
                else "The last workbook was returned."
                if returned
                else "",
            )
        )
    return found


def _exceptions(conn: Connection, project: RowMapping) -> list[ReviewException]:
    rows = queries_mail.incoming(conn, (Incoming.WAITING, Incoming.QUARANTINED))
    return [
        ReviewException(
            number=str(row["id"]),
            received_at=row["received_at"],
            sender=row["sender"],
            subject=row["subject"],
            what=row["reason"] or "The message could not be worked on.",
        )
        for row in rows
        if row["invite_id"] is None
        or queries_periods.invite(conn, row["invite_id"])["project_id"] == project["id"]
    ]


def render(w: Workplace, one: Wanted, now: datetime) -> tuple[str, bytes]:
    """The file name and the bytes of a review workbook."""
    stamp = w.token("review", one.period["id"], one.admin["id"], one.ordinal)
    data = write(one.content, created=now, terms=terms_for(one.project["locale"]), stamp=stamp)
    name = f"review-{one.project['number']}-period-{one.period['number']}-{one.ordinal}.xlsx"
    return _UNSAFE.sub("-", name), data


def deliver(w: Workplace, one: Wanted, now: datetime) -> Path:
    """Put a review workbook into the admin's `out` folder and into a mail to the admin."""
    name, data = render(w, one, now)
    sha = w.archive.put(data)
    folder = folder_of(w, one.admin)
    letter = review_ready(
        w,
        one.content,
        one.project,
        one.period,
        one.admin,
        workbook=data,
        name=name,
        folder=f"review/{folder.name}/in",
        declined=one.declined,
        ordinal=one.ordinal,
        now=now,
    )
    (folder / "in").mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "out" / name
    write_file(path, data)
    _note(w, one, sha, [letter], now)
    return path


def _note(w: Workplace, one: Wanted, sha: str, letters: Sequence[Letter], now: datetime) -> None:
    values = {
        "period_id": one.period["id"],
        "admin_id": one.admin["id"],
        "content_key": one.content_key,
        "ordinal": one.ordinal,
        "workbook_sha": sha,
        "at": now,
    }
    chain = project_chain(one.project["id"])
    with w.store.write() as conn:
        made = insert_if_new_with_event(
            conn,
            tables.review_sheet,
            values,
            chain=chain,
            at=now,
            what="review-workbook-made",
            actor=("system", None),
        )
        post(conn, letters, now)
    if made is not None:
        jsonlog.info(
            "review-workbook-made", period=one.period["id"], admin=one.admin["id"], ordinal=one.ordinal
        )
