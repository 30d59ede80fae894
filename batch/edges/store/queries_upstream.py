"""Reads of client applications and ERP batches: what was billed to the client, what was exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from batch.core.model import LinePosition
from batch.core.money import from_minor
from batch.core.states import BILLED_STATES, Export, Upstream
from batch.edges.store import queries_certificates, queries_client
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def upstreams(conn: Connection, project_id: int) -> Rows:
    """The client applications of a project, by number."""
    u = t.upstream.c
    query = select(t.upstream).where(u.project_id == project_id).order_by(u.number, u.revision_number)
    return conn.execute(query).mappings().all()


def of_period(conn: Connection, period_id: int) -> RowMapping | None:
    """The client application of a period that was not voided, or None."""
    u = t.upstream.c
    query = select(t.upstream).where(u.period_id == period_id, u.state != Upstream.VOID)
    return conn.execute(query).mappings().one_or_none()


def sources(conn: Connection, upstream_id: int) -> Rows:
    """Where each amount of a client application comes from."""
    query = select(t.upstream_source).where(t.upstream_source.c.upstream_id == upstream_id)
    return conn.execute(query.order_by(t.upstream_source.c.id)).mappings().all()


def lines(conn: Connection, upstream_id: int) -> Rows:
    """The lines of a client application."""
    query = select(t.upstream_line).where(t.upstream_line.c.upstream_id == upstream_id)
    return conn.execute(query.order_by(t.upstream_line.c.id)).mappings().all()


def billed_in(conn: Connection, application_id: int) -> list[int]:
    """The numbers of the issued client applications that an application was billed in; one that only lists it does not count."""
    u, s = t.upstream.c, t.upstream_source.c
    query = (
        select(u.number)
        .join(t.upstream_source, s.upstream_id == u.id)
        .where(s.application_id == application_id, u.state.in_(BILLED_STATES), s.client_line_key.isnot(None))
        .distinct()
        .order_by(u.number)
    )
    return list(conn.execute(query).scalars())


def billed_movement(conn: Connection, project_id: int) -> dict[tuple[int, str], tuple[int, int]]:
    """Work and stored movement billed to the client in issued applications, in minor units, by application id and line key.

    What had no line in the client contract was not billed, so it comes again until it is mapped.
    """
    u, s = t.upstream.c, t.upstream_source.c
    query = (
        select(s.application_id, s.line_key, func.sum(s.work_minor), func.sum(s.stored_minor))
        .join(t.upstream, u.id == s.upstream_id)
        .where(u.project_id == project_id, u.state.in_(BILLED_STATES), s.client_line_key.isnot(None))
        .group_by(s.application_id, s.line_key)
    )
    return {(key, line): (int(work), int(stored)) for key, line, work, stored in conn.execute(query)}


def approved_movement(conn: Connection, application_id: int) -> dict[str, tuple[int, int]]:
    """Work and stored movement of an application by line key, in minor units, as the ledger has it after any correction."""
    ledger = t.line_ledger.c
    query = (
        select(ledger.line_key, func.sum(ledger.work_minor), func.sum(ledger.stored_minor))
        .where(ledger.application_id == application_id)
        .group_by(ledger.line_key)
        .order_by(func.min(ledger.id))
    )
    return {line: (int(work), int(stored)) for line, work, stored in conn.execute(query)}


def client_positions(
    conn: Connection, project_id: int, currency: str, before: int | None = None
) -> dict[str, LinePosition]:
    """Where each line of the client contract stands after the last issued client application, or after those with a number
    below `before`: as certified where the client answered, else as issued. Before
    the first one it stands where it stood when the contract joined midway.
    """
    found = queries_client.opening_positions(conn, project_id, currency)
    for row in upstreams(conn, project_id):
        if row["state"] in BILLED_STATES and (before is None or row["number"] < before):
            for line in queries_certificates.standing_lines(conn, row["id"], lines(conn, row["id"])):
                key = line["line_key"]
                found[key] = position_of(line, found.get(key, LinePosition()), currency)
    return found


def position_of(line: Mapping[Any, Any], prior: LinePosition, currency: str) -> LinePosition:
    """Where a line stands after a client application, by its row; `prior` is where it stood before."""
    return replace(
        prior,
        work=from_minor(line["work_previous_minor"] + line["work_minor"], currency),
        stored=from_minor(line["stored_minor"], currency),
        withheld_work=from_minor(line["retainage_work_minor"], currency),
        withheld_stored=from_minor(line["retainage_minor"] - line["retainage_work_minor"], currency),
        released=from_minor(line["released_minor"], currency),
    )


def releases(conn: Connection, period_id: int, currency: str) -> dict[str, Decimal | None]:
    """Retainage to be asked back in a period's client application: by line, '' in total; None for all that is held."""
    r = t.client_release.c
    query = select(t.client_release).where(r.period_id == period_id).order_by(r.line_key)
    return {
        row["line_key"]: None if row["amount_minor"] is None else from_minor(row["amount_minor"], currency)
        for row in conn.execute(query).mappings()
    }


def release(conn: Connection, period_id: int, line_key: str) -> RowMapping | None:
    """What was asked before on one line ('' in total) of a period, or None."""
    r = t.client_release.c
    query = select(t.client_release).where(r.period_id == period_id, r.line_key == line_key)
    return conn.execute(query).mappings().one_or_none()


def issued_later(conn: Connection, project_id: int, period_number: int) -> RowMapping | None:
    """A client application that was issued for a later period of the project, or None."""
    u, p = t.upstream.c, t.billing_period.c
    query = (
        select(t.upstream)
        .join(t.billing_period, p.id == u.period_id)
        .where(u.project_id == project_id, u.state.in_(BILLED_STATES), p.number > period_number)
        .order_by(p.number)
    )
    return conn.execute(query).mappings().first()


def is_done(conn: Connection, period: RowMapping) -> bool:
    """Whether a period's client application was issued, or its project has no client contract."""
    contract = select(t.client_contract.c.id).where(t.client_contract.c.project_id == period["project_id"])
    if conn.execute(contract).first() is None:
        return True
    found = of_period(conn, period["id"])
    return found is not None and found["state"] in BILLED_STATES


def exported_in(conn: Connection, application_id: int) -> Rows:
    """The live ERP documents of an application, with their batch's folder and target."""
    d = t.erp_document.c
    query = (
        select(t.erp_document, t.erp_batch.c.folder, t.erp_batch.c.posts)
        .join(t.erp_batch, t.erp_batch.c.id == d.batch_id)
        .where(d.application_id == application_id, d.live.is_(True))
        .order_by(d.id)
    )
    return conn.execute(query).mappings().all()


def exported_ids(conn: Connection, target: str) -> set[int]:
    """The applications that have a live document for a target."""
    d = t.erp_document.c
    return set(conn.execute(select(d.application_id).where(d.target == target, d.live.is_(True))).scalars())


def standing_numbers(conn: Connection, target: str) -> dict[tuple[str, str, str], set[int]]:
    """Company, vendor and document number (case folded) of all that a target ever had and that was not voided, with the
    applications each stands for. A reversal takes a document back, but not out of the accounting system.
    """
    d = t.erp_document.c
    query = (
        select(d.company, d.party, d.document, d.application_id)
        .join(t.erp_batch, t.erp_batch.c.id == d.batch_id)
        .where(d.target == target, t.erp_batch.c.state != Export.VOIDED)
    )
    found: dict[tuple[str, str, str], set[int]] = {}
    for company, party, number, application in conn.execute(query):
        found.setdefault((company, party, number.casefold()), set()).add(application)
    return found


def batches(conn: Connection) -> Rows:
    """All ERP batches, oldest first."""
    return conn.execute(select(t.erp_batch).order_by(t.erp_batch.c.id)).mappings().all()


def document_ids(conn: Connection, batch_id: int) -> list[int]:
    """The ids of a batch's documents."""
    query = (
        select(t.erp_document.c.id).where(t.erp_document.c.batch_id == batch_id).order_by(t.erp_document.c.id)
    )
    return list(conn.execute(query).scalars())


def documents(conn: Connection, batch_id: int) -> Rows:
    """The documents of a batch."""
    query = select(t.erp_document).where(t.erp_document.c.batch_id == batch_id).order_by(t.erp_document.c.id)
    return conn.execute(query).mappings().all()


def named_originals(conn: Connection) -> list[tuple[str, str]]:
    """Every original in the archive that some row names: table and sha256."""
    columns = (
        t.inbox.c.sha256,
        t.outbox.c.sha256,
        t.attachment.c.sha256,
        t.invite.c.workbook_sha,
        t.invite_token.c.workbook_sha,
        t.application.c.workbook_sha,
        t.review_sheet.c.workbook_sha,
        t.review.c.workbook_sha,
        t.upstream.c.workbook_sha,
    )
    return [
        (column.table.name, str(sha))
        for column in columns
        for sha in conn.execute(
            select(column).where(column.isnot(None)).distinct().order_by(column)
        ).scalars()
    ]
