"""Reads of the client contract: the lines and the change orders that count in a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, select

from batch.core.model import ChangeOrderStatus, ClientLine, LinePosition, PendingChangeOrder
from batch.core.money import from_minor, total
from batch.core.states import BILLED_STATES
from batch.edges.store import tables as t
from batch.edges.store.queries_register import line_terms

Rows = Sequence[RowMapping]


def _rows(conn: Connection, contract_id: int) -> Rows:
    line, order = t.client_line.c, t.client_change_order.c
    query = (
        select(t.client_line, order.number.label("order_number"), order.status, order.approved_on)
        .outerjoin(t.client_change_order, order.id == line.client_change_order_id)
        .where(line.client_contract_id == contract_id)
        .order_by(order.number.isnot(None), order.number, line.position, line.id)
    )
    return conn.execute(query).mappings().all()


def _counts(row: RowMapping, until: date) -> bool:
    """Whether a change order counts: approved, and not after the last day of the period."""
    return (
        row["status"] is ChangeOrderStatus.APPROVED
        and row["approved_on"] is not None
        and (row["approved_on"] <= until)
    )


def lines(conn: Connection, contract_id: int, currency: str, until: date) -> tuple[ClientLine, ...]:
    """The schedule of values of a period that ends on `until`: original lines, then those of change orders approved by then."""
    return tuple(
        ClientLine(
            key=row["line_key"],
            item=row["item"],
            description=row["description"],
            cost_code=row["cost_code"],
            scheduled_value=from_minor(row["scheduled_value_minor"], currency),
            change_order=row["order_number"] or "",
            **line_terms(row, currency),
        )
        for row in _rows(conn, contract_id)
        if row["order_number"] is None or _counts(row, until)
    )


def _orders(conn: Connection, contract_id: int) -> Rows:
    o = t.client_change_order.c
    query = select(t.client_change_order).where(o.client_contract_id == contract_id).order_by(o.number)
    return conn.execute(query).mappings().all()


def approved_on(conn: Connection, contract_id: int, until: date) -> dict[str, date]:
    """When each change order that counts was approved, by its number."""
    return {row["number"]: row["approved_on"] for row in _orders(conn, contract_id) if _counts(row, until)}


def pending(conn: Connection, contract_id: int, currency: str, until: date) -> tuple[PendingChangeOrder, ...]:
    """Change orders that do not count yet, pending or approved later, with the total of their lines."""
    found = _rows(conn, contract_id)
    return tuple(
        PendingChangeOrder(
            number=row["number"],
            title=row["title"],
            amount=total(
                (
                    from_minor(line["scheduled_value_minor"], currency)
                    for line in found
                    if line["order_number"] == row["number"]
                ),
                currency,
            ),
        )
        for row in _orders(conn, contract_id)
        if row["status"] is not ChangeOrderStatus.VOID and not _counts(row, until)
    )


def opening(conn: Connection, project_id: int) -> RowMapping | None:
    """Where the client contract of a project stood in all when it joined midway, or None."""
    query = (
        select(t.client_opening)
        .join(t.client_contract, t.client_contract.c.id == t.client_opening.c.client_contract_id)
        .where(t.client_contract.c.project_id == project_id)
    )
    return conn.execute(query).mappings().one_or_none()


def opening_positions(conn: Connection, project_id: int, currency: str) -> dict[str, LinePosition]:
    """Where each line of the client contract stood when it joined midway; that tranche keeps its own retainage."""
    line = t.client_opening_line
    query = (
        select(line)
        .join(t.client_contract, t.client_contract.c.id == line.c.client_contract_id)
        .where(t.client_contract.c.project_id == project_id)
        .order_by(line.c.id)
    )
    return {
        row["line_key"]: LinePosition(
            work=from_minor(row["work_minor"], currency),
            stored=from_minor(row["stored_minor"], currency),
            withheld_work=from_minor(row["withheld_work_minor"], currency),
            withheld_stored=from_minor(row["withheld_stored_minor"], currency),
            released=from_minor(row["released_minor"], currency),
            opening_work=from_minor(row["work_minor"], currency),
            opening_withheld_work=from_minor(row["withheld_work_minor"], currency),
            opening_stored=from_minor(row["stored_minor"], currency),
            opening_withheld_stored=from_minor(row["withheld_stored_minor"], currency),
        )
        for row in conn.execute(query).mappings()
    }


def billed_projects(conn: Connection) -> set[str]:
    """Numbers of the projects whose client was sent an application."""
    query = (
        select(t.project.c.number)
        .join(t.upstream, t.upstream.c.project_id == t.project.c.id)
        .where(t.upstream.c.state.in_(BILLED_STATES))
    )
    return set(conn.execute(query).scalars())
