"""Reads of pay applications: their lines, findings, and which of them stand in the way of what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, func, select

from batch.core.findings import Finding
from batch.core.methods import QUANTITY_PLACES, from_scaled
from batch.core.model import LineAmounts
from batch.core.money import from_minor
from batch.core.states import APPROVED_STATES, LIVE_STATES, Application
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]

_APPLICATION = (
    select(
        t.application,
        t.commitment.c.number.label("commitment_number"),
        t.commitment.c.title.label("commitment_title"),
        t.commitment.c.project_id,
        t.project.c.locale,
        t.commitment.c.vendor_id,
        t.vendor.c.number.label("vendor_number"),
        t.vendor.c.name.label("vendor_name"),
        t.vendor.c.erp_vendor,
        t.billing_period.c.number.label("period_number"),
        t.billing_period.c.end_on.label("period_end"),
    )
    .join(t.commitment, t.commitment.c.id == t.application.c.commitment_id)
    .join(t.project, t.project.c.id == t.commitment.c.project_id)
    .join(t.vendor, t.vendor.c.id == t.commitment.c.vendor_id)
    .join(t.billing_period, t.billing_period.c.id == t.application.c.period_id)
    .order_by(t.commitment.c.number, t.application.c.id)
)


def application(conn: Connection, application_id: int) -> RowMapping:
    """One application with its commitment, vendor and period."""
    return conn.execute(_APPLICATION.where(t.application.c.id == application_id)).mappings().one()


def find(conn: Connection, name: str) -> RowMapping | None:
    """An application by what a person writes: `SC-101/3` (the latest revision), `SC-101/3.2`, or its id `#12`."""
    if name.startswith("#") and _is_id(name[1:]):
        query = _APPLICATION.where(t.application.c.id == int(name[1:]))
        return conn.execute(query).mappings().one_or_none()
    commitment, _, rest = name.rpartition("/")
    number, _, revision = rest.partition(".")
    if not commitment or not _is_id(number) or (revision and not _is_id(revision)):
        return None
    query = _APPLICATION.where(t.commitment.c.number == commitment, t.application.c.number == int(number))
    rows = conn.execute(query).mappings().all()
    wanted = [row for row in rows if not revision or row["revision_number"] == int(revision)]
    return max(wanted, key=lambda row: row["revision_number"], default=None)


def _is_id(text: str) -> bool:
    """Whether a text from outside is a number that the database can hold; `²` is a digit too, and no number."""
    return text.isascii() and text.isdigit() and len(text) < 19


def name_of(row: RowMapping) -> str:
    """What people call an application: commitment/number, with the revision from the second on."""
    if row["number"] is None:
        return f"#{row['id']}"
    later = f".{row['revision_number']}" if row["revision_number"] > 1 else ""
    return f"{row['commitment_number']}/{row['number']}{later}"


def of_invite(conn: Connection, invite_id: int) -> Rows:
    """All revisions that answered one invite, oldest first."""
    query = _APPLICATION.where(t.application.c.invite_id == invite_id)
    return sorted(conn.execute(query).mappings().all(), key=lambda row: row["revision_number"])


def of_period(conn: Connection, period_id: int) -> Rows:
    """All live applications of a period, by commitment."""
    query = _APPLICATION.where(t.application.c.period_id == period_id, t.application.c.state.in_(LIVE_STATES))
    return conn.execute(query).mappings().all()


def under_review(conn: Connection, project_id: int) -> Rows:
    """What waits for an admin's decision in a project: under review, or returned to the sub by the admin."""
    query = _APPLICATION.where(t.commitment.c.project_id == project_id)
    query = query.where(t.application.c.state == Application.UNDER_REVIEW)
    return conn.execute(query).mappings().all()


def approved(conn: Connection, project_id: int) -> Rows:
    """The approved applications of a project, by commitment and number."""
    query = _APPLICATION.where(
        t.commitment.c.project_id == project_id, t.application.c.state.in_(APPROVED_STATES)
    )
    rows = conn.execute(query).mappings().all()
    return sorted(rows, key=lambda row: (row["commitment_number"], row["number"]))


def waiting_or_returned(conn: Connection, project_id: int, period_number: int) -> Rows:
    """What was claimed in a project up to a period and is not approved: under review, to be revised, or returned."""
    states = LIVE_STATES - APPROVED_STATES - {Application.RECEIVED}
    query = _APPLICATION.where(
        t.commitment.c.project_id == project_id,
        t.application.c.state.in_(states),
        t.billing_period.c.number <= period_number,
    )
    return conn.execute(query).mappings().all()


def undecided(conn: Connection, commitment_id: int) -> RowMapping | None:
    """An application of this commitment that an admin or the sub still has to settle; its next invite waits for it."""
    waiting = (Application.UNDER_REVIEW, Application.REVISE_AND_RESUBMIT)
    query = _APPLICATION.where(
        t.application.c.commitment_id == commitment_id, t.application.c.state.in_(waiting)
    )
    return next(iter(conn.execute(query).mappings().all()), None)


def undecided_before(conn: Connection, commitment_id: int, period_number: int) -> RowMapping | None:
    """An application of this commitment in an earlier period that waits for an admin's decision."""
    query = _APPLICATION.where(
        t.application.c.commitment_id == commitment_id,
        t.application.c.state == Application.UNDER_REVIEW,
        t.billing_period.c.number < period_number,
    )
    return next(iter(conn.execute(query).mappings().all()), None)


def next_revision(conn: Connection, invite_id: int) -> int:
    """The revision number of the next claim on an invite."""
    query = select(func.max(t.application.c.revision_number)).where(t.application.c.invite_id == invite_id)
    return (conn.execute(query).scalar_one() or 0) + 1


def line_rows(conn: Connection, application_id: int) -> Rows:
    """The lines of an application."""
    query = select(t.application_line).where(t.application_line.c.application_id == application_id)
    return conn.execute(query.order_by(t.application_line.c.id)).mappings().all()


def claimed(rows: Rows, currency: str) -> dict[str, LineAmounts]:
    """What was claimed, by line key."""
    return {row["line_key"]: _amounts(row, "claimed", currency) for row in rows}


def approved_amounts(rows: Rows, currency: str) -> dict[str, LineAmounts]:
    """What was approved, by line key; empty before a decision."""
    return {
        row["line_key"]: _amounts(row, "approved", currency)
        for row in rows
        if row["approved_work_minor"] is not None
    }


def _amounts(row: RowMapping, side: str, currency: str) -> LineAmounts:
    def of(name: str) -> Decimal:
        return from_minor(row[f"{side}_{name}_minor"], currency)

    quantity = row[f"{side}_quantity_e4"]
    return LineAmounts(
        work=of("work"),
        stored=of("stored"),
        release=of("release"),
        quantity=None if quantity is None else from_scaled(quantity, QUANTITY_PLACES),
    )


def findings(
    conn: Connection, *, application_id: int | None = None, inbox_id: int | None = None
) -> tuple[Finding, ...]:
    """The findings on an application or on a mail, in their order."""
    f = t.finding.c
    where = f.application_id == application_id if application_id is not None else f.inbox_id == inbox_id
    names = ("code", "severity", "sheet", "cell", "line", "found", "expected", "difference")
    rows = conn.execute(select(t.finding).where(where).order_by(f.ordinal)).mappings()
    return tuple(Finding(**{name: row[name] for name in names}) for row in rows)


def attachments(conn: Connection, invite_id: int) -> Rows:
    """The documents that came with any revision on an invite, the first first, each with the revision and its mail's
    Message-ID. The same document counts once.
    """
    query = (
        select(t.attachment, t.application.c.revision_number, t.inbox.c.message_id)
        .join(t.application, t.application.c.id == t.attachment.c.application_id)
        .join(t.inbox, t.inbox.c.id == t.attachment.c.inbox_id)
        .where(t.application.c.invite_id == invite_id)
        .order_by(t.attachment.c.id)
    )
    rows = conn.execute(query).mappings().all()
    return list({row["sha256"]: row for row in reversed(rows)}.values())[::-1]


def reviews(conn: Connection, application_id: int) -> Rows:
    """Every decision on an application with the admin's name, oldest first."""
    query = (
        select(t.review, t.admin.c.name.label("admin_name"))
        .join(t.admin, t.admin.c.id == t.review.c.admin_id)
        .where(t.review.c.application_id == application_id)
        .order_by(t.review.c.id)
    )
    return conn.execute(query).mappings().all()


def deductions_taken(conn: Connection, application_id: int) -> Rows:
    """The deductions that a live approval took, with the amount it took."""
    query = (
        select(t.deduction, t.application_deduction.c.amount_minor.label("taken_minor"))
        .join(t.application_deduction, t.application_deduction.c.deduction_id == t.deduction.c.id)
        .where(
            t.application_deduction.c.application_id == application_id,
            t.application_deduction.c.live.is_(True),
        )
        .order_by(t.deduction.c.number)
    )
    return conn.execute(query).mappings().all()
