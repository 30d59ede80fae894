"""Reads for tracing a figure back: ledger rows of one line, register imports, corrections, and documents by their name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from batch.core.states import Upstream
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def movements(conn: Connection, commitment_id: int, line_key: str) -> Rows:
    """Every row of the line ledger of one line, oldest first."""
    m = t.line_ledger.c
    query = select(t.line_ledger).where(m.commitment_id == commitment_id, m.line_key == line_key)
    return conn.execute(query.order_by(m.id)).mappings().all()


def entries(conn: Connection, commitment_id: int, line_key: str) -> Rows:
    """Every row of the ledger of retainage of one line, oldest first."""
    e = t.retainage_entry.c
    query = select(t.retainage_entry).where(e.commitment_id == commitment_id, e.line_key == line_key)
    return conn.execute(query.order_by(e.id)).mappings().all()


def opening_line(conn: Connection, commitment_id: int, line_key: str) -> RowMapping | None:
    """The opening balance of one line, or None."""
    o = t.opening_line.c
    query = select(t.opening_line).where(o.commitment_id == commitment_id, o.line_key == line_key)
    return conn.execute(query).mappings().one_or_none()


def register_row(conn: Connection, sheet: str, **key: Any) -> RowMapping | None:
    """One row of the register by columns of its key, or None."""
    table: Table = t.metadata.tables[sheet]
    query = select(table).where(*(table.c[name] == value for name, value in key.items()))
    return conn.execute(query).mappings().one_or_none()


def import_at(conn: Connection, at: datetime) -> RowMapping | None:
    """The register import of an instant, with the name of who made it, or None."""
    r = t.register_import.c
    query = (
        select(t.register_import, t.admin.c.name.label("admin_name"))
        .join(t.admin, t.admin.c.id == r.admin_id, isouter=True)
        .where(r.at == at)
        .order_by(r.id)
    )
    return conn.execute(query).mappings().first()


def corrections(conn: Connection, commitment_id: int, at: datetime) -> Rows:
    """The dated corrections of a commitment that were made at an instant."""
    c = t.correction.c
    query = select(t.correction).where(c.commitment_id == commitment_id, c.created_at == at)
    return conn.execute(query.order_by(c.id)).mappings().all()


def approved_applications(conn: Connection, commitment_id: int) -> Rows:
    """The applications of a commitment that stand approved, by the instant of their approval."""
    a = t.application.c
    query = select(a.id).where(a.commitment_id == commitment_id, a.approved_at.isnot(None))
    return conn.execute(query.order_by(a.approved_at, a.id)).mappings().all()


def admin_name(conn: Connection, admin_id: int) -> str:
    """An admin's name and address."""
    row = conn.execute(select(t.admin.c.name, t.admin.c.address).where(t.admin.c.id == admin_id)).one()
    return f"{row[0]} ({row[1]})"


def upstream_named(conn: Connection, name: str) -> RowMapping | None:
    """A client application by what a person writes, project and number: `26-014/2`; one that is void does not count."""
    project, _, number = name.rpartition("/")
    if not project or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    u = t.upstream.c
    query = (
        select(t.upstream, t.project.c.number.label("project_number"))
        .join(t.project, t.project.c.id == u.project_id)
        .where(t.project.c.number == project, u.number == int(number), u.state != Upstream.VOID)
    )
    return conn.execute(query.order_by(u.revision_number.desc())).mappings().first()


def erp_documents(conn: Connection, document: str) -> Rows:
    """Every ERP document of this number with its batch, newest first."""
    d, b = t.erp_document.c, t.erp_batch.c
    query = (
        select(
            t.erp_document,
            b.folder,
            b.posts,
            b.reverses_id,
            b.manifest_sha,
            b.created_at,
            b.state.label("batch_state"),
        )
        .join(t.erp_batch, b.id == d.batch_id)
        .where(d.document == document)
        .order_by(d.live.desc(), d.id.desc())
    )
    return conn.execute(query).mappings().all()
