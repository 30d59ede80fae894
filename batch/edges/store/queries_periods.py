"""Reads of billing periods and their invites to bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, exists, func, or_, select, type_coerce

from batch.core.line_changes import LineChange
from batch.core.methods import PRICE_PLACES, QUANTITY_PLACES, from_scaled, to_scaled
from batch.core.model import Basis, Deduction, InviteKind, LinePosition, PendingChangeOrder, SovLine
from batch.core.money import Rounding, from_minor, number, to_minor, to_ppm
from batch.core.settings import BackupPolicy, BackupRule, OverBilling, Policy, StoredMode
from batch.core.states import Invite, Period
from batch.edges.store import tables as t
from batch.edges.store.frozen_terms import rule, rule_values
from batch.edges.store.queries_register import line_terms, measure_of, terms_of

Rows = Sequence[RowMapping]


def periods(conn: Connection, project_id: int) -> Rows:
    """A project's billing periods, in order."""
    query = select(t.billing_period).where(t.billing_period.c.project_id == project_id)
    return conn.execute(query.order_by(t.billing_period.c.number)).mappings().all()


def period(conn: Connection, period_id: int) -> RowMapping:
    """One billing period."""
    return conn.execute(select(t.billing_period).where(t.billing_period.c.id == period_id)).mappings().one()


def period_by_number(conn: Connection, project_id: int, number: int) -> RowMapping | None:
    """One billing period of a project by its number."""
    return next((row for row in periods(conn, project_id) if row["number"] == number), None)


def periods_in(conn: Connection, *states: Period) -> Rows:
    """All billing periods in one of these states, oldest first."""
    query = select(t.billing_period).where(t.billing_period.c.state.in_(states))
    return conn.execute(query.order_by(t.billing_period.c.invite_at, t.billing_period.c.id)).mappings().all()


def custom_periods(conn: Connection, project_id: int) -> Rows:
    """The billing periods that the register lists one by one."""
    query = select(t.custom_period).where(t.custom_period.c.project_id == project_id)
    return conn.execute(query.order_by(t.custom_period.c.number)).mappings().all()


def reminders_due(conn: Connection, period_id: int, now: datetime) -> Rows:
    """Reminders of a period whose instant has come and that were not sent."""
    query = (
        select(t.period_reminder)
        .where(t.period_reminder.c.period_id == period_id)
        .where(t.period_reminder.c.at <= now, t.period_reminder.c.sent_at.is_(None))
        .order_by(t.period_reminder.c.ordinal)
    )
    return conn.execute(query).mappings().all()


def next_instants(conn: Connection) -> list[datetime]:
    """Every planned instant that is still to come: openings, reminders, due dates, closings. Unsorted."""
    p, r = t.billing_period.c, t.period_reminder.c
    opened = p.state.in_((Period.OPEN, Period.PLANNED))
    found = [row[0] for row in conn.execute(select(p.invite_at).where(p.state == Period.PLANNED))]
    found += [row[0] for row in conn.execute(select(p.due_at).where(opened))]
    found += [row[0] for row in conn.execute(select(p.close_at).where(opened))]
    reminders = select(r.at).join(t.billing_period, p.id == r.period_id).where(r.sent_at.is_(None), opened)
    return found + [row[0] for row in conn.execute(reminders)]


_INVITE = (
    select(
        t.invite,
        t.commitment.c.number.label("commitment_number"),
        t.commitment.c.project_id,
        t.commitment.c.title.label("commitment_title"),
        t.commitment.c.billed_by,
        t.commitment.c.kind.label("commitment_kind"),
        t.vendor.c.number.label("vendor_number"),
        t.vendor.c.name.label("vendor_name"),
        t.billing_period.c.number.label("period_number"),
    )
    .join(t.commitment, t.commitment.c.id == t.invite.c.commitment_id)
    .join(t.vendor, t.vendor.c.id == t.commitment.c.vendor_id)
    .join(t.billing_period, t.billing_period.c.id == t.invite.c.period_id)
    .order_by(t.commitment.c.number, t.invite.c.issue)
)


def invite(conn: Connection, invite_id: int) -> RowMapping:
    """One invite with its commitment, vendor and period number."""
    return conn.execute(_INVITE.where(t.invite.c.id == invite_id)).mappings().one()


def newest_issue(conn: Connection, invite: RowMapping) -> RowMapping:
    """The invite that took the place of a replaced one; the same invite when it was not replaced or none is out."""
    if invite["state"] is not Invite.REPLACED:
        return invite
    query = _INVITE.where(
        t.invite.c.period_id == invite["period_id"],
        t.invite.c.commitment_id == invite["commitment_id"],
        t.invite.c.state != Invite.REPLACED,
    )
    return conn.execute(query).mappings().first() or invite


def perhaps_moved(conn: Connection, states: Sequence[Invite]) -> Rows:
    """The invites of open periods in one of these states whose schedule of values may have moved since they were issued:
    by an import, or because a change order was approved from a day after that on.
    """
    order = t.change_order.c
    issued = func.substr(type_coerce(t.invite.c.issued_at, Text), 1, 10)
    later = exists().where(
        order.commitment_id == t.invite.c.commitment_id, type_coerce(order.approved_on, Text) >= issued
    )
    query = _INVITE.where(
        t.billing_period.c.state == Period.OPEN,
        t.invite.c.state.in_(states),
        or_(
            t.invite.c.sov_version != t.commitment.c.sov_version, t.invite.c.state == Invite.NO_CONTACT, later
        ),
    )
    return conn.execute(query).mappings().all()


def find_invite(conn: Connection, text: str) -> RowMapping | None:
    """The invite whose id a workbook names, or None for a text that is no id of an invite."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return conn.execute(_INVITE.where(t.invite.c.id == int(text))).mappings().one_or_none()


def invites(conn: Connection, period_id: int) -> Rows:
    """The invites of a period that were not replaced, by commitment."""
    query = _INVITE.where(t.invite.c.period_id == period_id, t.invite.c.state != Invite.REPLACED)
    return conn.execute(query).mappings().all()


def invite_of_token(conn: Connection, token: str) -> RowMapping | None:
    """The token's row (token, invite_id, address, role), or None for one that was never issued."""
    return (
        conn.execute(select(t.invite_token).where(t.invite_token.c.token == token)).mappings().one_or_none()
    )


def tokens(conn: Connection, invite_id: int) -> Rows:
    """The tokens of an invite, in the order they were issued."""
    query = (
        select(t.invite_token)
        .where(t.invite_token.c.invite_id == invite_id)
        .order_by(t.invite_token.c.address)
    )
    return conn.execute(query).mappings().all()


def basis_values(basis: Basis) -> dict[str, Any]:
    """The parts of a basis that go into the invite's `basis` column, as plain text."""
    return {
        "company": basis.company,
        "project": basis.project,
        "project_name": basis.project_name,
        "commitment": basis.commitment,
        "commitment_title": basis.commitment_title,
        "vendor": basis.vendor,
        "vendor_name": basis.vendor_name,
        "period": basis.period,
        "period_from": basis.period_from.isoformat(),
        "period_to": basis.period_to.isoformat(),
        "rounding": basis.rounding.value,
        "retainage": rule_values(basis.retainage),
        "asks_materials": basis.asks_materials,
        "approved_on": {number: on.isoformat() for number, on in basis.approved_on.items()},
        "stored_mode": basis.stored_mode.value,
        "stored_moved": {key: str(amount) for key, amount in basis.stored_moved.items()},
        "over_billing": {name: word.value for name, word in vars(basis.over_billing).items()},
        "line_changes": {
            line.key: [[c.key, c.change_order, c.description, str(c.amount)] for c in line.changes]
            for line in basis.lines
            if line.changes
        },
        "backup": [
            basis.backup.policy.value,
            None if basis.backup.above is None else str(basis.backup.above),
        ],
        "pending_change_orders": [[c.number, c.title, str(c.amount)] for c in basis.pending_change_orders],
        "deductions": [
            [d.number, d.description, d.cost_code, str(d.amount), d.reduces_taxable] for d in basis.deductions
        ],
    }


def line_values(basis: Basis) -> list[dict[str, Any]]:
    """One row of `invite_line` for each line of a basis, without the invite's id."""
    return [_line_row(basis, position, line) for position, line in enumerate(basis.lines, 1)]


def _line_row(basis: Basis, position: int, line: SovLine) -> dict[str, Any]:
    at = basis.positions.get(line.key, LinePosition())

    def minor(value: Decimal) -> int:
        return to_minor(value, basis.currency)

    return {
        "line_key": line.key,
        "position": position,
        "item": line.item,
        "description": line.description,
        "cost_code": line.cost_code,
        "change_order": line.change_order,
        "scheduled_value_minor": minor(line.scheduled_value),
        "retainage_work_ppm": None if line.retainage_work is None else to_ppm(line.retainage_work),
        "retainage_stored_ppm": None if line.retainage_stored is None else to_ppm(line.retainage_stored),
        "retainage_amount_minor": None if line.retainage_amount is None else minor(line.retainage_amount),
        **_measure_values(line, at),
        "work_minor": minor(at.work),
        "stored_minor": minor(at.stored),
        "withheld_work_minor": minor(at.withheld_work),
        "withheld_stored_minor": minor(at.withheld_stored),
        "released_minor": minor(at.released),
        "opening_work_minor": minor(at.opening_work),
        "opening_withheld_work_minor": minor(at.opening_withheld_work),
        "opening_stored_minor": minor(at.opening_stored),
        "opening_withheld_stored_minor": minor(at.opening_withheld_stored),
    }


def _measure_values(line: SovLine, at: LinePosition) -> dict[str, Any]:
    agreed = line.measure
    return {
        "method": line.method,
        "quantity_e4": None if agreed is None else to_scaled(agreed.quantity, QUANTITY_PLACES),
        "unit": "" if agreed is None else agreed.unit,
        "unit_price_e6": None if agreed is None else to_scaled(agreed.unit_price, PRICE_PLACES),
        "remeasured": agreed is not None and agreed.remeasured,
        "quantity_before_e4": to_scaled(at.quantity, QUANTITY_PLACES),
    }


def basis(conn: Connection, invite_id: int) -> Basis:
    """What was frozen when this invite was issued."""
    row = conn.execute(select(t.invite).where(t.invite.c.id == invite_id)).mappings().one()
    query = (
        select(t.invite_line).where(t.invite_line.c.invite_id == invite_id).order_by(t.invite_line.c.position)
    )
    lines = conn.execute(query).mappings().all()
    currency = row["currency"]
    frozen: Mapping[str, Any] = row["basis"]
    names = (
        "company",
        "project",
        "project_name",
        "commitment",
        "commitment_title",
        "vendor",
        "vendor_name",
        "period",
    )
    return Basis(
        **{name: frozen[name] for name in names},
        period_from=date.fromisoformat(frozen["period_from"]),
        period_to=date.fromisoformat(frozen["period_to"]),
        issue=row["issue"],
        kind=row["kind"],
        sov_version=row["sov_version"],
        application_number=row["application_number"],
        currency=currency,
        retainage=rule(terms_of(row), frozen.get("retainage")),
        lines=tuple(
            _sov_line(line, currency, frozen["line_changes"].get(line["line_key"], ())) for line in lines
        ),
        positions={line["line_key"]: _position(line, currency) for line in lines},
        previous_certificates=from_minor(row["previous_certificates_minor"], currency),
        pending_change_orders=tuple(
            PendingChangeOrder(number=n, title=title, amount=number(a))
            for n, title, a in frozen["pending_change_orders"]
        ),
        deductions=tuple(
            Deduction(number=n, description=text, cost_code=code, amount=number(a), reduces_taxable=reduces)
            for n, text, code, a, reduces in frozen["deductions"]
        ),
        rounding=Rounding(frozen["rounding"]),
        asks_materials=frozen["asks_materials"],
        approved_on={number: date.fromisoformat(on) for number, on in frozen["approved_on"].items()},
        stored_mode=StoredMode(frozen["stored_mode"]),
        stored_moved={key: number(amount) for key, amount in frozen["stored_moved"].items()},
        backup=_backup(*frozen["backup"]),
        over_billing=OverBilling(**{name: Policy(word) for name, word in frozen["over_billing"].items()}),
    )


def _backup(policy: str, above: str | None) -> BackupRule:
    return BackupRule(policy=BackupPolicy(policy), above=None if above is None else number(above))


def _sov_line(row: RowMapping, currency: str, changes: Sequence[Sequence[str]]) -> SovLine:
    return SovLine(
        key=row["line_key"],
        item=row["item"],
        description=row["description"],
        cost_code=row["cost_code"],
        scheduled_value=from_minor(row["scheduled_value_minor"], currency),
        change_order=row["change_order"],
        changes=tuple(
            LineChange(key=key, change_order=order, description=text, amount=number(amount))
            for key, order, text, amount in changes
        ),
        method=row["method"],
        measure=measure_of(row),
        **line_terms(row, currency),
    )


def _position(row: RowMapping, currency: str) -> LinePosition:
    names = (
        "work", "stored", "withheld_work", "withheld_stored", "released", "opening_work", "opening_withheld_work",
        "opening_stored", "opening_withheld_stored",
    )  # fmt: skip
    quantity = from_scaled(row["quantity_before_e4"], QUANTITY_PLACES)
    amounts = {name: from_minor(row[f"{name}_minor"], currency) for name in names}
    return LinePosition(**amounts, quantity=quantity)


def open_for(conn: Connection, period_id: int, commitment_id: int) -> bool:
    """Whether a closed period was opened again for this commitment alone."""
    r = t.reopening.c
    query = select(func.count()).where(r.period_id == period_id, r.commitment_id == commitment_id)
    return bool(conn.execute(query).scalar_one())


def open_invites_of(conn: Connection, address: str) -> list[int]:
    """The invites that an address may still answer, each once."""
    waiting = (Invite.QUEUED, Invite.SENT, Invite.ACCEPTED)
    query = (
        select(t.invite_token.c.invite_id)
        .join(t.invite, t.invite.c.id == t.invite_token.c.invite_id)
        .where(func.lower(t.invite_token.c.address) == address.lower(), t.invite.c.state.in_(waiting))
        .distinct()
        .order_by(t.invite_token.c.invite_id)
    )
    return list(conn.execute(query).scalars())


def is_any_contact(conn: Connection, address: str) -> bool:
    """Whether an address is a contact of any commitment."""
    query = select(func.count()).where(func.lower(t.contact.c.address) == address.lower())
    return bool(conn.execute(query).scalar_one())


def next_issue(conn: Connection, period_id: int, commitment_id: int, kind: InviteKind) -> int:
    """The issue number of the next invite of this kind: 1, or one more than the invites that were replaced."""
    i = t.invite.c
    query = select(func.max(i.issue)).where(
        i.period_id == period_id, i.commitment_id == commitment_id, i.kind == kind, i.state == Invite.REPLACED
    )
    return (conn.execute(query).scalar_one() or 0) + 1


def later_invites(conn: Connection, commitment_id: int, period_number: int) -> Rows:
    """The invites of a commitment in later periods that were not replaced."""
    query = _INVITE.where(
        t.invite.c.commitment_id == commitment_id,
        t.billing_period.c.number > period_number,
        t.invite.c.state != Invite.REPLACED,
    )
    return conn.execute(query).mappings().all()


def has_application(conn: Connection, invite_id: int) -> bool:
    """Whether anything was submitted on an invite."""
    query = select(func.count()).where(t.application.c.invite_id == invite_id)
    return bool(conn.execute(query).scalar_one())
