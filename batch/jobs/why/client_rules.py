"""The client contract's rules of retainage applied again to a client application as it was frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from batch.core.model import Basis, BilledLine, InviteKind, LineAmounts, LinePosition, SovLine
from batch.core.money import Rounding, zero
from batch.core.retainage_told import Part, Told, told
from batch.edges.store import queries_client, queries_periods, queries_register
from batch.edges.store.rows import Connection, RowMapping


def rules_of(
    conn: Connection,
    row: RowMapping,
    contract: RowMapping,
    lines: Mapping[str, BilledLine],
    before: Mapping[str, LinePosition],
    rounding: Rounding,
) -> tuple[Basis, Told] | None:
    """The retainage of a client application, rule by rule; None where the register of now gives other figures than were
    frozen: then the terms have changed since, and what was written stands by itself.
    """
    basis = _basis(conn, row, contract, lines, before, rounding)
    amounts = {
        key: LineAmounts(
            work=each.work_this_period, stored=each.materials_stored, release=each.released_this_period
        )
        for key, each in lines.items()
    }
    found = told(basis, amounts)
    return (basis, found) if all(_same(found, each) for each in lines.values()) else None


def _same(found: Told, row: BilledLine) -> bool:
    key, at = row.line.key, row.position
    return (_sum(found.work[key]), _sum(found.stored[key])) == (at.withheld_work, at.withheld_stored)


def _sum(parts: tuple[Part, ...]) -> Decimal:
    return sum((part.amount for part in parts), Decimal(0))


def _basis(
    conn: Connection,
    row: RowMapping,
    contract: RowMapping,
    lines: Mapping[str, BilledLine],
    before: Mapping[str, LinePosition],
    rounding: Rounding,
) -> Basis:
    """The client contract as a basis of retainage: the frozen lines, with the rates that the register has for them."""
    period = queries_periods.period(conn, row["period_id"])
    return Basis(
        company="",
        project="",
        project_name="",
        commitment="",
        commitment_title="",
        vendor="",
        vendor_name="",
        period=period["number"],
        period_from=period["start_on"],
        period_to=period["end_on"],
        issue=0,
        kind=InviteKind.BOTH,
        sov_version=0,
        application_number=row["number"],
        currency=row["currency"],
        retainage=queries_register.commitment_terms(contract, period["end_on"]),
        lines=_with_rates(conn, contract, lines, period["end_on"]),
        positions=before,
        previous_certificates=zero(row["currency"]),
        rounding=rounding,
    )


def _with_rates(
    conn: Connection, contract: RowMapping, lines: Mapping[str, BilledLine], until: date
) -> tuple[SovLine, ...]:
    found = queries_client.lines(conn, contract["id"], contract["currency"], until)
    known = {line.key: line for line in found}
    return tuple(
        SovLine(
            key=key,
            item=row.line.item,
            description=row.line.description,
            cost_code="",
            scheduled_value=row.line.scheduled_value,
            change_order=row.line.change_order,
            retainage_work=known[key].retainage_work if key in known else None,
            retainage_stored=known[key].retainage_stored if key in known else None,
            retainage_amount=known[key].retainage_amount if key in known else None,
        )
        for key, row in lines.items()
    )
