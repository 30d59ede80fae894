"""Reads about tax: how a commitment is taxed today, and the tax of an application as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from batch.core.model import CommitmentType
from batch.core.money import from_minor, from_ppm, to_minor, to_ppm
from batch.core.tax import CisStatus, CisTerms, TaxCode, TaxLine, TaxPart, TaxTerms, Withholding
from batch.edges.store import tables as t

Rows = Sequence[RowMapping]
#: Columns of `application_tax` that the tax of a client application has not.
_ONLY_OURS = ("application_id", "side")


def terms(conn: Connection, commitment_id: int) -> TaxTerms:
    """How the register taxes a commitment now. Rates are fixed when a pay application is approved."""
    codes = {row["id"]: _code(row) for row in conn.execute(select(t.tax_code)).mappings()}
    commitment = conn.execute(
        select(
            t.commitment.c.tax_code_id, t.commitment.c.kind, t.project.c.tax_rounding, t.vendor.c.cis_status
        )
        .join(t.project, t.project.c.id == t.commitment.c.project_id)
        .join(t.vendor, t.vendor.c.id == t.commitment.c.vendor_id)
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
        # A purchase order buys materials, which are no construction operations.
        cis=_cis(conn, commitment.cis_status) if commitment.kind is CommitmentType.SUBCONTRACT else None,
    )


def _cis(conn: Connection, status: CisStatus | None) -> CisTerms | None:
    if status is None:
        return None
    company = conn.execute(select(t.company.c.cis_registered_ppm, t.company.c.cis_unregistered_ppm)).one()
    rates = {
        CisStatus.GROSS: 0,
        CisStatus.REGISTERED: company.cis_registered_ppm,
        CisStatus.UNREGISTERED: company.cis_unregistered_ppm,
    }
    return CisTerms(status=status, rate=from_ppm(rates[status]))


def _withholding(conn: Connection, application_id: int, side: str) -> RowMapping | None:
    w = t.application_withholding.c
    query = select(t.application_withholding).where(w.application_id == application_id, w.side == side)
    return conn.execute(query).mappings().one_or_none()


def withholding(conn: Connection, application_id: int, side: str) -> Withholding | None:
    """What is withheld of an application as claimed or as approved, or None where nothing had to be."""
    row = _withholding(conn, application_id, side)
    if row is None:
        return None
    currency, materials = row["currency"], row["materials_minor"]
    return Withholding(
        terms=CisTerms(status=row["status"], rate=from_ppm(row["rate_ppm"])),
        payment=from_minor(row["payment_minor"], currency),
        materials=None if materials is None else from_minor(materials, currency),
        base=from_minor(row["base_minor"], currency),
        amount=from_minor(row["amount_minor"], currency),
    )


def withholding_ids(conn: Connection, application_id: int, side: str) -> list[int]:
    """The id of the row of `withholding`, if there is one."""
    row = _withholding(conn, application_id, side)
    return [] if row is None else [row["id"]]


def withholding_values(found: Withholding, application_id: int, side: str, currency: str) -> dict[str, Any]:
    """The columns of one row of `application_withholding`."""
    return {
        "application_id": application_id,
        "side": side,
        "status": found.terms.status,
        "rate_ppm": to_ppm(found.terms.rate),
        "payment_minor": to_minor(found.payment, currency),
        "materials_minor": None if found.materials is None else to_minor(found.materials, currency),
        "base_minor": to_minor(found.base, currency),
        "amount_minor": to_minor(found.amount, currency),
        "currency": currency,
    }


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
    return tuple(tax_line_of(row) for row in _rows(conn, application_id, side))


def row_ids(conn: Connection, application_id: int, side: str) -> list[int]:
    """The ids of the rows of `tax_lines`."""
    return [row["id"] for row in _rows(conn, application_id, side)]


def tax_line_of(row: RowMapping) -> TaxLine:
    """The tax of one code, by its row."""
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


def client_terms(conn: Connection, contract: RowMapping) -> TaxTerms:
    """How the register taxes what the client pays now. Rates are fixed when a client application is issued."""
    codes = {row["id"]: _code(row) for row in conn.execute(select(t.tax_code)).mappings()}
    project = select(t.project.c.tax_rounding).where(t.project.c.id == contract["project_id"])
    line = t.client_line.c
    own = select(line.line_key, line.tax_code_id).where(
        line.client_contract_id == contract["id"], line.tax_code_id.isnot(None)
    )
    return TaxTerms(
        default=codes.get(contract["tax_code_id"]),
        by_line={key: codes[code] for key, code in conn.execute(own)},
        rounding=conn.execute(project).scalar_one(),
    )


def client_rows(conn: Connection, upstream_id: int) -> Rows:
    """The rows of the tax of a client application."""
    u = t.upstream_tax.c
    return (
        conn.execute(select(t.upstream_tax).where(u.upstream_id == upstream_id).order_by(u.id))
        .mappings()
        .all()
    )


def client_tax(conn: Connection, upstream_id: int) -> tuple[TaxLine, ...]:
    """The tax of a client application by code, as it is kept."""
    return tuple(tax_line_of(row) for row in client_rows(conn, upstream_id))


def client_values(line: TaxLine, upstream_id: int, currency: str) -> dict[str, Any]:
    """The columns of one row of `upstream_tax`."""
    values = line_values(line, 0, "", currency)
    return {"upstream_id": upstream_id, **{name: values[name] for name in values if name not in _ONLY_OURS}}
