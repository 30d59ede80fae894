"""What a client application is compiled from: the cost of every approved application that the client was not billed for.

And what it leaves out, because nobody approved it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from batch.core.exchange import Exchanged
from batch.core.model import CostLine
from batch.core.money import from_minor, total
from batch.edges.store import (
    queries_applications,
    queries_exchange,
    queries_ledger,
    queries_periods,
    queries_upstream,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import state_shown
from batch.formats.upstream import ClientSource, LeftOut
from batch.jobs.exchanges import exchanged


def costs_to_bill(
    conn: Connection, project: RowMapping, period: RowMapping, currency: str
) -> tuple[list[CostLine], list[ClientSource], dict[str, int], list[str]]:
    """What every application approved up to this period still has to be billed for, and those left out.

    Left out is what is neither in the client contract's currency nor was converted to it at its approval.
    """
    billed = queries_upstream.billed_movement(conn, project["id"])
    costs: list[CostLine] = []
    sources: list[ClientSource] = []
    ids: dict[str, int] = {}
    apart: list[str] = []
    for row in queries_applications.approved(conn, project["id"]):
        if row["period_number"] > period["number"]:
            continue  # billed to the client with its own period
        name = queries_applications.name_of(row)
        fixed = queries_exchange.exchange(conn, row["id"])
        if currency not in (row["currency"], fixed["currency"] if fixed is not None else ""):
            apart.append(name)
            continue
        earlier = row["period_number"] < period["number"]
        lines = exchanged(conn, row, fixed) if fixed is not None else None
        found = [
            replace(one, earlier=earlier) for one in _cost_lines(conn, row, name, billed, currency, lines)
        ]
        if found:
            ids[name] = row["id"]
            costs += found
            sources.append(_source(row, name, found, currency))
    return costs, sources, ids, apart


def left_out_of(conn: Connection, project: RowMapping, period: RowMapping, currency: str) -> list[LeftOut]:
    """Every claim up to this period that does not go in because nobody approved it, with where it stands."""
    found = []
    for row in queries_applications.waiting_or_returned(conn, project["id"], period["number"]):
        claimed = queries_ledger.summary(conn, row["id"], "claimed", row["currency"])
        counts = claimed is not None and row["currency"] == currency
        found.append(
            LeftOut(
                application=queries_applications.name_of(row),
                commitment=row["commitment_number"],
                vendor_name=row["vendor_name"],
                state=state_shown(row["state"], row["locale"]),
                gross=claimed.gross_this_period if claimed is not None and counts else None,
            )
        )
    return found


def _cost_lines(
    conn: Connection,
    row: RowMapping,
    name: str,
    billed: dict[tuple[int, str], tuple[int, int]],
    currency: str,
    converted: Mapping[str, tuple[tuple[int, int], Exchanged]] | None,
) -> Sequence[CostLine]:
    lines = {line.key: line for line in queries_periods.basis(conn, row["invite_id"]).lines}
    found = []
    movement = (
        queries_upstream.approved_movement(conn, row["id"])
        if converted is None
        else {key: moved for key, (moved, _exchange) in converted.items()}
    )
    for key, (work, stored) in movement.items():
        work_before, stored_before = billed.get((row["id"], key), (0, 0))
        if work != work_before or stored != stored_before:
            line = lines[key]
            found.append(
                CostLine(
                    commitment=row["commitment_number"],
                    vendor_name=row["vendor_name"],
                    application=name,
                    line_key=key,
                    description=line.description,
                    cost_code=line.cost_code,
                    work=from_minor(work - work_before, currency),
                    stored=from_minor(stored - stored_before, currency),
                    exchange=None if converted is None else converted[key][1],
                )
            )
    return found


def _source(row: RowMapping, name: str, costs: Sequence[CostLine], currency: str) -> ClientSource:
    return ClientSource(
        application=name,
        commitment=row["commitment_number"],
        vendor_name=row["vendor_name"],
        revision=row["revision_number"],
        state=state_shown(row["state"], row["locale"]),
        gross=total((one.work + one.stored for one in costs), currency),
        sha256=row["workbook_sha"] or "",
        exchange=next((one.exchange.source for one in costs if one.exchange is not None), ""),
    )
