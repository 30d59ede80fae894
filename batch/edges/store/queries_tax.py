"""Reads about tax: how a commitment is taxed today, and the tax of an application as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from batch.core.money import from_minor, from_ppm, to_minor, to_ppm
from batch.core.tax import TaxCode, TaxLine, TaxPart, TaxTerms
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]


def terms(conn: Connection, commitment_id: int) -> TaxTerms:
    """How the register taxes a commitment now. Rates are fixed when a pay application is approved."""
    codes = {row["id"]: _code(row) for row in conn.execute(select(t.tax_code)).mappings()}
    commitment = conn.execute(
        select(t.commitment.c.tax_code_id, t.project.c.tax_rounding)
        .join(t.project, t.project.c.id == t.commitment.c.project_id)
        .where(t.commitment.c.id == commitment_id)
    ).one()
    line = t.sov_line.c
    own = select(line.line_key, line.tax_code_id).where(
        line.commitment_id == commitment_id, line.tax_code_id.isnot(None)
    )
    return TaxTerms(
        default=codes.get(commitment.tax_code_id),
        by_line={key: codes[code] for key, code in conn.execute(own)},
        rounding=commitment.tax_rounding,
    )


def _code(row: RowMapping) -> TaxCode:
    return TaxCode(
        code=row["code"], rate=from_ppm(row["rate_ppm"]), kind=row["kind"], description=row["description"]
    )


def _rows(conn: Connection, application_id: int, side: str) -> Rows:
    a = t.application_tax.c
    query = select(t.application_tax).where(a.application_id == application_id, a.side == side)
    return conn.execute(query.order_by(a.id)).mappings().all()


def tax_lines(conn: Connection, application_id: int, side: str) -> tuple[TaxLine, ...]:
    """The tax of an application by code, as claimed or as approved."""
    return tuple(_line(row) for row in _rows(conn, application_id, side))


def row_ids(conn: Connection, application_id: int, side: str) -> list[int]:
    """The ids of the rows of `tax_lines`."""
    return [row["id"] for row in _rows(conn, application_id, side)]


def _line(row: RowMapping) -> TaxLine:
    currency = row["currency"]
    return TaxLine(
        code=_code(row),
        base=from_minor(row["base_minor"], currency),
        tax=from_minor(row["tax_minor"], currency),
        rounding=row["rounding"],
        parts=tuple(
            TaxPart(line=line, deduction=deduction, amount=from_minor(amount, currency))
            for line, deduction, amount in row["parts"]
        ),
    )


def line_values(line: TaxLine, application_id: int, side: str, currency: str) -> dict[str, Any]:
    """The columns of one row of `application_tax`."""
    return {
        "application_id": application_id,
        "side": side,
        "code": line.code.code,
        "description": line.code.description,
        "kind": line.code.kind,
        "rate_ppm": to_ppm(line.code.rate),
        "rounding": line.rounding,
        "base_minor": to_minor(line.base, currency),
        "tax_minor": to_minor(line.tax, currency),
        "currency": currency,
        "parts": [[one.line, one.deduction, to_minor(one.amount, currency)] for one in line.parts],
    }
