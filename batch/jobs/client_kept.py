"""The lines of a client application as they are kept, with every derived column."""

from __future__ import annotations

from decimal import Decimal

from batch.core.billing import billed_line, certified
from batch.core.model import BilledLine, LineAmounts, LinePosition, SovLine
from batch.core.money import from_minor
from batch.edges.store import queries_upstream
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
