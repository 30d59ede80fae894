"""The lines of a client application as they are kept, with every derived column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from batch.core.billing import billed_line, certified, net_movement
from batch.core.model import BilledLine, LineAmounts, LinePosition, SovLine
from batch.core.money import Rounding, from_minor, plain, total
from batch.core.tax import TaxLine, charged, tax_line
from batch.edges.store import queries_certificates, queries_upstream
from batch.edges.store.rows import Connection, RowMapping


def kept_lines(conn: Connection, project_id: int, row: RowMapping) -> tuple[tuple[BilledLine, ...], Decimal]:
    """The lines of a kept client application, and what was certified before it."""
    currency = row["currency"]
    before = queries_upstream.client_positions(conn, project_id, currency, before=row["number"])
    return _all(queries_upstream.lines(conn, row["id"]), before, currency), certified(before, currency)


def standing_lines(conn: Connection, project_id: int, row: RowMapping) -> tuple[BilledLine, ...]:
    """The lines of a kept client application as the client certified them; as issued while it has not answered."""
    before = queries_upstream.client_positions(conn, project_id, row["currency"], before=row["number"])
    issued = queries_upstream.lines(conn, row["id"])
    return _all(queries_certificates.standing_lines(conn, row["id"], issued), before, row["currency"])


def certified_lines(
    conn: Connection, project_id: int, row: RowMapping, certificate: RowMapping
) -> tuple[BilledLine, ...]:
    """The lines of a kept client application as one certificate has them, also one that was corrected later."""
    before = queries_upstream.client_positions(conn, project_id, row["currency"], before=row["number"])
    issued = queries_upstream.lines(conn, row["id"])
    told = queries_certificates.with_lines(conn, certificate, issued)
    return _all(told, before, row["currency"])


def _all(
    rows: Sequence[Mapping[Any, Any]], before: Mapping[str, LinePosition], currency: str
) -> tuple[BilledLine, ...]:
    return tuple(_billed(row, before.get(row["line_key"], LinePosition()), currency) for row in rows)


def _billed(line: Mapping[Any, Any], prior: LinePosition, currency: str) -> BilledLine:
    after = queries_upstream.position_of(line, prior, currency)
    moved = LineAmounts(
        work=from_minor(line["work_minor"], currency),
        stored=after.stored,
        release=after.released - prior.released,
    )
    return billed_line(_sov(line, currency), prior, moved, after, currency)


def _sov(line: Mapping[Any, Any], currency: str) -> SovLine:
    return SovLine(
        key=line["line_key"],
        item=line["item"],
        description=line["description"],
        cost_code="",
        scheduled_value=from_minor(line["scheduled_value_minor"], currency),
        change_order=line["change_order"],
    )


def tax_faults(
    project: RowMapping, row: RowMapping, lines: Sequence[BilledLine], found: Sequence[TaxLine]
) -> Iterator[str]:
    """What is wrong with the tax of a kept client application (or certificate), worked out again from its lines; a
    sentence each.
    """
    currency = row["currency"]
    net = {line.line.key: net_movement(line) for line in lines}
    for line in found:
        again = tax_line(line.code, line.parts, line.rounding, currency, Rounding(project["rounding"]))
        if (again.base, again.tax) != (line.base, line.tax):
            yield f"its tax {line.code.code} is {plain(line.tax, currency)}, its parts give {plain(again.tax, currency)}"
        if any(net.get(part.line) != part.amount for part in line.parts):
            yield f"its tax {line.code.code} is not on what its lines move"
    payable = total(net.values(), currency) + charged(found, currency)
    if payable != from_minor(row["payable_minor"], currency):
        yield f"its payable is not what its lines and tax give, {plain(payable, currency)}"
