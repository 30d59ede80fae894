"""The lines of a client application as they are kept, with every derived column."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from batch.core.billing import billed_line, certified, net_movement
from batch.core.model import BilledLine, LineAmounts, LinePosition, SovLine
from batch.core.money import Rounding, from_minor, plain, total
from batch.core.tax import charged, tax_line
from batch.edges.store import queries_tax, queries_upstream
from batch.edges.store.rows import Connection, RowMapping


def kept_lines(conn: Connection, project_id: int, row: RowMapping) -> tuple[tuple[BilledLine, ...], Decimal]:
    """The lines of a kept client application, and what was certified before it."""
    currency = row["currency"]
    before = queries_upstream.client_positions(conn, project_id, currency, before=row["number"])
    lines = tuple(
        _billed(line, before.get(line["line_key"], LinePosition()), currency)
        for line in queries_upstream.lines(conn, row["id"])
    )
    return lines, certified(before, currency)


def _billed(line: RowMapping, prior: LinePosition, currency: str) -> BilledLine:
    after = queries_upstream.position_of(line, prior, currency)
    moved = LineAmounts(
        work=from_minor(line["work_minor"], currency),
        stored=after.stored,
        release=after.released - prior.released,
    )
    return billed_line(_sov(line, currency), prior, moved, after, currency)


def _sov(line: RowMapping, currency: str) -> SovLine:
    return SovLine(
        key=line["line_key"],
        item=line["item"],
        description=line["description"],
        cost_code="",
        scheduled_value=from_minor(line["scheduled_value_minor"], currency),
        change_order=line["change_order"],
    )


def tax_faults(
    conn: Connection, project: RowMapping, row: RowMapping, lines: tuple[BilledLine, ...]
) -> Iterator[str]:
    """What is wrong with the tax of a kept client application, worked out again from its lines; a sentence each."""
    currency = row["currency"]
    net = {line.line.key: net_movement(line) for line in lines}
    found = queries_tax.client_tax(conn, row["id"])
    for line in found:
        again = tax_line(line.code, line.parts, line.rounding, currency, Rounding(project["rounding"]))
        if (again.base, again.tax) != (line.base, line.tax):
            yield f"its tax {line.code.code} is {plain(line.tax, currency)}, its parts give {plain(again.tax, currency)}"
        if any(net.get(part.line) != part.amount for part in line.parts):
            yield f"its tax {line.code.code} is not on what its lines move"
    payable = total(net.values(), currency) + charged(found, currency)
    if payable != from_minor(row["payable_minor"], currency):
        yield f"its payable is not what its lines and tax give, {plain(payable, currency)}"
