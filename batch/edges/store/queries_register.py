"""Reads of the register: company, projects, people, commitments and their schedules of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, or_, select

from batch.core.line_changes import LineChange
from batch.core.methods import PRICE_PLACES, QUANTITY_PLACES, Measure, from_scaled
from batch.core.model import (
    ChangeOrderStatus,
    Deduction,
    PendingChangeOrder,
    Permission,
    RetainageTerms,
    SovLine,
)
from batch.core.money import from_minor, from_ppm, total
from batch.core.retainage_terms import read_steps
from batch.core.settings import BackupPolicy, BackupRule, OverBilling, Policy
from batch.core.states import Invite
from batch.core.tax import DeductionEffect
from batch.edges.store import tables as t
from batch.edges.store.queries_ledger import billed_lines

Rows = Sequence[RowMapping]


def company(conn: Connection) -> RowMapping | None:
    """The company that bills, or None before the register was imported."""
    return conn.execute(select(t.company)).mappings().one_or_none()


def projects(conn: Connection) -> Rows:
    """All projects, by number."""
    return conn.execute(select(t.project).order_by(t.project.c.number)).mappings().all()


def project(conn: Connection, project_id: int) -> RowMapping:
    """One project by id."""
    return conn.execute(select(t.project).where(t.project.c.id == project_id)).mappings().one()


def project_by_number(conn: Connection, number: str) -> RowMapping | None:
    """One project by its number."""
    return conn.execute(select(t.project).where(t.project.c.number == number)).mappings().one_or_none()


def admins(conn: Connection) -> Rows:
    """All admins, by address."""
    return conn.execute(select(t.admin).order_by(t.admin.c.address)).mappings().all()


def admin_by_address(conn: Connection, address: str) -> RowMapping | None:
    """The admin with this address, whatever its case."""
    return next((row for row in admins(conn) if row["address"].lower() == address.lower()), None)


def may(admin: RowMapping, permission: Permission, project_number: str) -> bool:
    """Whether an admin may do something on a project; `*` among an admin's projects stands for all."""
    return permission in admin["may"] and ("*" in admin["projects"] or project_number in admin["projects"])


def admins_who_may(conn: Connection, permission: Permission, project_number: str) -> Rows:
    """The admins who may do something on a project."""
    return [row for row in admins(conn) if may(row, permission, project_number)]


_COMMITMENT = (
    select(
        t.commitment,
        t.project.c.number.label("project_number"),
        t.vendor.c.number.label("vendor_number"),
        t.vendor.c.name.label("vendor_name"),
        t.vendor.c.erp_vendor,
    )
    .join(t.project, t.project.c.id == t.commitment.c.project_id)
    .join(t.vendor, t.vendor.c.id == t.commitment.c.vendor_id)
    .order_by(t.commitment.c.number)
)


def commitments(conn: Connection, project_id: int) -> Rows:
    """A project's commitments with their vendor, by number."""
    return conn.execute(_COMMITMENT.where(t.commitment.c.project_id == project_id)).mappings().all()


def commitment(conn: Connection, commitment_id: int) -> RowMapping:
    """One commitment with its vendor and project number."""
    return conn.execute(_COMMITMENT.where(t.commitment.c.id == commitment_id)).mappings().one()


def commitment_by_number(conn: Connection, number: str) -> RowMapping | None:
    """One commitment by its number."""
    return conn.execute(_COMMITMENT.where(t.commitment.c.number == number)).mappings().one_or_none()


def contacts(conn: Connection, commitment_id: int) -> Rows:
    """A commitment's contacts in the order they were entered."""
    query = select(t.contact).where(t.contact.c.commitment_id == commitment_id).order_by(t.contact.c.id)
    return conn.execute(query).mappings().all()


def terms_of(row: RowMapping) -> RetainageTerms:
    """The retainage rates of a commitment, an invite or a client contract, in percent."""
    return RetainageTerms(
        work=from_ppm(row["retainage_work_ppm"]), stored=from_ppm(row["retainage_stored_ppm"])
    )


def commitment_terms(row: RowMapping, valued_on: date) -> RetainageTerms:
    """The terms of a commitment or a client contract for work valued on a day.

    From practical completion on it is the rate after completion.
    """
    completed, after = row["completed_on"], row["retainage_completed_ppm"]
    rate = from_ppm(after) if after is not None and completed is not None and valued_on >= completed else None
    cap, money = row["retainage_cap_ppm"], row["retainage_cap_amount_minor"]
    return replace(
        terms_of(row).with_rates(rate, rate),
        # The steps belong to the time before completion.
        steps=read_steps(row["retainage_steps"]) if rate is None else (),
        reach=row["retainage_reach"],
        cap_percent=None if cap is None else from_ppm(cap),
        cap_of=row["retainage_cap_of"],
        cap_amount=None if money is None else from_minor(money, row["currency"]),
        rounding=row["retainage_rounding"],
        whole_units=row["retainage_whole"],
    )


def line_terms(row: RowMapping, currency: str) -> dict[str, Decimal | None]:
    """A line's own retainage: rates in percent and an amount; None where the commitment's terms count."""
    names = ("retainage_work", "retainage_stored")
    found = {name: row[f"{name}_ppm"] for name in names}
    rates = {name: None if rate is None else from_ppm(rate) for name, rate in found.items()}
    amount = row["retainage_amount_minor"]
    return {**rates, "retainage_amount": None if amount is None else from_minor(amount, currency)}


def over_billing_of(project: RowMapping, commitment: RowMapping) -> OverBilling:
    """What is done about billing beyond a value: what the commitment says, else the project."""

    def said(name: str) -> Policy:
        return Policy(commitment[name] or project[name])

    return OverBilling(
        line=said("over_line"),
        change_order=said("over_change_order"),
        contract=said("over_contract"),
        quantity=said("over_quantity"),
    )


def measure_of(row: RowMapping) -> Measure | None:
    """What a unit price line of the register or of an invite was agreed at; None on any other line."""
    if row["quantity_e4"] is None or row["unit_price_e6"] is None:
        return None
    return Measure(
        quantity=from_scaled(row["quantity_e4"], QUANTITY_PLACES),
        unit=row["unit"],
        unit_price=from_scaled(row["unit_price_e6"], PRICE_PLACES),
        remeasured=row["remeasured"],
    )


def backup_of(project: RowMapping, commitment: RowMapping) -> BackupRule:
    """Which applications need a document: what the commitment says, else the project. An amount of the project counts for
    commitments in its currency.
    """
    own = commitment["backup_above_minor"]
    above = own
    if own is None and commitment["currency"] == project["currency"]:
        above = project["backup_above_minor"]
    return BackupRule(
        policy=BackupPolicy(commitment["backup"] or project["backup"]),
        above=None if above is None else from_minor(above, commitment["currency"]),
    )


def _sov_rows(conn: Connection, commitment_id: int) -> Rows:
    query = (
        select(
            t.sov_line,
            t.change_order.c.number.label("change_order_number"),
            t.change_order.c.status.label("change_order_status"),
        )
        .outerjoin(t.change_order, t.change_order.c.id == t.sov_line.c.change_order_id)
        .where(t.sov_line.c.commitment_id == commitment_id)
        .order_by(
            t.change_order.c.number.isnot(None),
            t.change_order.c.number,
            t.sov_line.c.position,
            t.sov_line.c.id,
        )
    )
    return conn.execute(query).mappings().all()


def _waiting(conn: Connection, commitment_id: int, until: date) -> set[str]:
    """The numbers of change orders that are approved from a later day on. One whose lines are billed waits no more."""
    later = {number for number, on in _approved(conn, commitment_id).items() if on > until}
    if not later:
        return later
    number, billed = commitment(conn, commitment_id)["number"], billed_lines(conn)
    begun = {
        row["change_order_number"]
        for row in _sov_rows(conn, commitment_id)
        if (number, row["line_key"]) in billed
    }
    return later - begun


def sov_lines(conn: Connection, commitment_id: int, currency: str, until: date) -> tuple[SovLine, ...]:
    """The schedule of values that counts on a day: original lines, then the lines of change orders approved by then; each
    with what such change orders changed on it.
    """
    waiting = _waiting(conn, commitment_id, until)
    rows = [
        row
        for row in _sov_rows(conn, commitment_id)
        if row["change_order_status"] in (None, ChangeOrderStatus.APPROVED)
        and row["change_order_number"] not in waiting
    ]
    changes: dict[str, list[LineChange]] = {}
    for row in rows:
        if row["changes_line"]:
            changes.setdefault(row["changes_line"], []).append(_line_change(row, currency))
    return tuple(
        _sov_line(row, currency, tuple(changes.get(row["line_key"], ())))
        for row in rows
        if not row["changes_line"]
    )


def _line_change(row: RowMapping, currency: str) -> LineChange:
    return LineChange(
        key=row["line_key"],
        change_order=row["change_order_number"],
        description=row["description"],
        amount=from_minor(row["scheduled_value_minor"], currency),
    )


def _sov_line(row: RowMapping, currency: str, changes: tuple[LineChange, ...]) -> SovLine:
    value = from_minor(row["scheduled_value_minor"], currency)
    return SovLine(
        key=row["line_key"],
        item=row["item"],
        description=row["description"],
        cost_code=row["cost_code"],
        scheduled_value=total((value, *(each.amount for each in changes)), currency),
        change_order=row["change_order_number"] or "",
        changes=changes,
        method=row["method"],
        measure=measure_of(row),
        **line_terms(row, currency),
    )


def pending_change_orders(
    conn: Connection, commitment_id: int, currency: str, until: date
) -> tuple[PendingChangeOrder, ...]:
    """Change orders that do not count on a day, pending or approved from a later day on, with their amount."""
    o = t.change_order.c
    waiting = _waiting(conn, commitment_id, until)
    query = (
        select(t.change_order)
        .where(o.commitment_id == commitment_id)
        .where(or_(o.status == ChangeOrderStatus.PENDING, o.number.in_(waiting)))
        .order_by(t.change_order.c.number)
    )
    amounts: dict[str, list[Decimal]] = {}
    for row in _sov_rows(conn, commitment_id):
        amount = from_minor(row["scheduled_value_minor"], currency)
        amounts.setdefault(row["change_order_number"] or "", []).append(amount)
    return tuple(
        PendingChangeOrder(
            number=row["number"], title=row["title"], amount=total(amounts.get(row["number"], ()), currency)
        )
        for row in conn.execute(query).mappings()
    )


def approved_on(conn: Connection, commitment_id: int, until: date) -> dict[str, date]:
    """When each change order that counts on a day was approved, by its number."""
    waiting = _waiting(conn, commitment_id, until)
    return {number: on for number, on in _approved(conn, commitment_id).items() if number not in waiting}


def _approved(conn: Connection, commitment_id: int) -> dict[str, date]:
    o = t.change_order.c
    query = (
        select(o.number, o.approved_on)
        .where(o.commitment_id == commitment_id, o.status == ChangeOrderStatus.APPROVED)
        .where(o.approved_on.isnot(None))
        .order_by(o.number)
    )
    return {row.number: row.approved_on for row in conn.execute(query)}


def deductions_open(
    conn: Connection, commitment_id: int, currency: str, without: int | None = None
) -> tuple[tuple[int, Deduction], ...]:
    """Deductions that no live application has taken yet, each with its id, oldest first.

    `without`: the id of an application that does not count, so that what it took is open.
    """
    left_out = -1 if without is None else without  # no id is negative
    taken = select(t.application_deduction.c.deduction_id).where(
        t.application_deduction.c.live.is_(True), t.application_deduction.c.application_id != left_out
    )
    query = (
        select(t.deduction)
        .where(t.deduction.c.commitment_id == commitment_id, t.deduction.c.id.notin_(taken))
        .order_by(t.deduction.c.dated_on, t.deduction.c.number)
    )
    return tuple((row["id"], deduction_of(row, currency)) for row in conn.execute(query).mappings())


def deduction_of(row: RowMapping, currency: str) -> Deduction:
    """A deduction from its row."""
    return Deduction(
        number=row["number"],
        description=row["description"],
        cost_code=row["cost_code"],
        amount=from_minor(row["amount_minor"], currency),
        reduces_taxable=row["effect"] is DeductionEffect.REDUCES,
    )


def client_contract(conn: Connection, project_id: int) -> RowMapping | None:
    """The client contract of a project, if it has one."""
    query = select(t.client_contract).where(t.client_contract.c.project_id == project_id)
    return conn.execute(query).mappings().one_or_none()


def corrections(conn: Connection) -> list[dict[str, object]]:
    """All dated corrections, oldest first, each with its commitment's number."""
    query = (
        select(t.correction, t.commitment.c.number.label("commitment"))
        .join(t.commitment, t.commitment.c.id == t.correction.c.commitment_id)
        .order_by(t.correction.c.id)
    )
    names = ("commitment", "sheet", "row_key", "field", "old", "new", "dated_on", "reason")
    return [{name: row[name] for name in names} for row in conn.execute(query).mappings()]


def invited_commitments(conn: Connection) -> set[str]:
    """Numbers of the commitments whose figures are frozen: invited at least once, or billed on behalf in an open period."""
    issued = select(t.invite.c.commitment_id).where(t.invite.c.state != Invite.NO_CONTACT)
    query = select(t.commitment.c.number).where(
        or_(t.commitment.c.first_invited_at.isnot(None), t.commitment.c.id.in_(issued))
    )
    return set(conn.execute(query).scalars())
