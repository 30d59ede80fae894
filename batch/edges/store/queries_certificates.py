"""Reads of what the client certified of an issued client application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from batch.core.tax import TaxLine
from batch.edges.store import tables as t
from batch.edges.store.queries_tax import tax_line_of

Rows = Sequence[RowMapping]
#: Columns that a certificate says anew of a line of its client application.
CERTIFIED = ("work_minor", "stored_minor", "retainage_minor", "retainage_work_minor", "released_minor")


def all_of(conn: Connection, upstream_id: int) -> Rows:
    """Every certificate of a client application, the first one first; the last one counts."""
    c = t.certificate.c
    query = select(t.certificate).where(c.upstream_id == upstream_id).order_by(c.ordinal)
    return conn.execute(query).mappings().all()


def of(conn: Connection, upstream_id: int) -> RowMapping | None:
    """The certificate that counts, or None while the client has not answered."""
    found = all_of(conn, upstream_id)
    return found[-1] if found else None


def lines(conn: Connection, certificate_id: int) -> dict[str, RowMapping]:
    """The lines of a certificate by line key."""
    c = t.certificate_line.c
    query = select(t.certificate_line).where(c.certificate_id == certificate_id).order_by(c.id)
    return {row["line_key"]: row for row in conn.execute(query).mappings()}


def tax(conn: Connection, certificate_id: int) -> tuple[TaxLine, ...]:
    """The tax on what was certified, by code."""
    c = t.certificate_tax.c
    query = select(t.certificate_tax).where(c.certificate_id == certificate_id).order_by(c.id)
    return tuple(tax_line_of(row) for row in conn.execute(query).mappings())


def standing_lines(
    conn: Connection, upstream_id: int, issued: Sequence[Mapping[Any, Any]]
) -> list[Mapping[Any, Any]]:
    """The lines of a client application with what was certified in place of what was issued; as issued without an answer."""
    found = of(conn, upstream_id)
    return list(issued) if found is None else with_lines(conn, found, issued)


def with_lines(
    conn: Connection, certificate: RowMapping, issued: Sequence[Mapping[Any, Any]]
) -> list[Mapping[Any, Any]]:
    """The lines of a client application with what one certificate says of them in place of what was issued."""
    told = lines(conn, certificate["id"])
    return [{**line, **{name: told[line["line_key"]][name] for name in CERTIFIED}} for line in issued]
