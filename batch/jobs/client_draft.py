"""The draft of a client application in the store: its totals, lines and sources, written only where they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch.core.change_orders import ChangeOrderBox
from batch.core.findings import Finding
from batch.core.model import CostLine, LineAmounts, PendingChangeOrder
from batch.core.money import to_minor, to_ppm
from batch.core.payment_terms import PaymentDates
from batch.core.states import Upstream
from batch.core.tax import Taxed
from batch.core.upstream import UpstreamResult
from batch.edges.store import queries_tax, queries_upstream, tables
from batch.edges.store.changes import NOBODY
from batch.edges.store.events import (
    delete_rows_with_event,
    insert_rows_with_event,
    insert_with_event,
    project_chain,
    update_with_event,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.upstream import ClientSource, LeftOut
from batch.jobs.payment_dates import dates_json


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A client application as it would be, or was, written. `at`: when what it says was compiled for the first time.
    `uncertified`: of what was billed before, what the client has not answered.
    """

    number: int
    at: datetime
    result: UpstreamResult
    box: ChangeOrderBox
    pending: Sequence[PendingChangeOrder]
    taxed: Taxed
    uncertified: Decimal
    sources: Sequence[ClientSource]
    application_ids: dict[str, int]
    other_currency: Sequence[str]
    workbook: bytes
    left_out: Sequence[LeftOut] = ()
    dates: PaymentDates | None = None

    @property
    def findings(self) -> Sequence[Finding]:
        """What an admin should look at before it is issued."""
        return self.result.findings


def differs(conn: Connection, there: RowMapping, compiled: Compiled) -> bool:
    """Whether a stored draft says anything else than what was compiled; its document apart."""
    if any(there[name] != value for name, value in _kept(compiled).items()):
        return True
    return any(_changed(old, new) for _, old, new in _parts(conn, there["id"], compiled))


def save_draft(
    conn: Connection,
    project: RowMapping,
    period: RowMapping,
    there: RowMapping | None,
    compiled: Compiled,
    sha: str,
) -> None:
    """Keep what was compiled as the draft of a period; of a draft that is there, only what changed is written."""
    chain, now = project_chain(project["id"]), compiled.at
    values = {**_kept(compiled), "workbook_sha": sha, "compiled_at": now}
    if there is None:
        key = {
            "project_id": project["id"],
            "number": compiled.number,
            "revision_number": 1,
            "period_id": period["id"],
            "state": Upstream.DRAFT,
            "currency": compiled.result.currency,
        }
        upstream = insert_with_event(
            conn,
            tables.upstream,
            {**key, **values},
            chain=chain,
            at=now,
            what="upstream-compiled",
            actor=NOBODY,
        )
    else:
        upstream = there["id"]
        if any(there[name] != value for name, value in values.items()):
            expect = {"state": there["state"], "revision": there["revision"]}
            update_with_event(
                conn,
                tables.upstream,
                upstream,
                values,
                chain=chain,
                at=now,
                what="upstream-compiled",
                actor=NOBODY,
                expect=expect,
            )
    _replace_rows(conn, upstream, compiled, chain, now)


def _kept(compiled: Compiled) -> dict[str, Any]:
    return {**_totals(compiled), "dates": dates_json(compiled.dates)}


def _totals(compiled: Compiled) -> dict[str, int]:
    result = compiled.result
    currency = result.currency
    return {
        "matched_minor": to_minor(result.control.matched, currency),
        "unmatched_minor": to_minor(result.control.unmatched, currency),
        "downstream_minor": to_minor(result.control.downstream, currency),
        "retainage_minor": to_minor(result.summary.retainage_total, currency),
        "net_minor": to_minor(result.summary.current_payment_due, currency),
        "payable_minor": to_minor(compiled.taxed.payable, currency),
        "uncertified_minor": to_minor(compiled.uncertified, currency),
    }


_Part = tuple[Any, Sequence[Mapping[Any, Any]], list[dict[str, Any]]]


def _parts(conn: Connection, upstream: int, compiled: Compiled) -> list[_Part]:
    currency = compiled.result.currency
    return [
        (tables.upstream_line, queries_upstream.lines(conn, upstream), _line_rows(upstream, compiled)),
        (
            tables.upstream_tax,
            queries_tax.client_rows(conn, upstream),
            [queries_tax.client_values(line, upstream, currency) for line in compiled.taxed.lines],
        ),
        (tables.upstream_source, queries_upstream.sources(conn, upstream), _source_rows(upstream, compiled)),
    ]


def _changed(old: Sequence[Mapping[Any, Any]], new: Sequence[dict[str, Any]]) -> bool:
    return [{name: value for name, value in row.items() if name != "id"} for row in old] != list(new)


def _replace_rows(conn: Connection, upstream: int, compiled: Compiled, chain: str, now: datetime) -> None:
    subject = ("upstream", upstream)
    for table, old, new in _parts(conn, upstream, compiled):
        if not _changed(old, new):
            continue
        gone = [row["id"] for row in old]
        delete_rows_with_event(
            conn, table, gone, chain=chain, at=now, what="upstream-recompiled", actor=NOBODY, subject=subject
        )
        insert_rows_with_event(
            conn, table, new, chain=chain, at=now, what="upstream-compiled", actor=NOBODY, subject=subject
        )


def _line_rows(upstream: int, compiled: Compiled) -> list[dict[str, Any]]:
    currency, again = compiled.result.currency, compiled.result.again
    return [
        {
            "upstream_id": upstream,
            "line_key": line.line.key,
            "item": line.line.item,
            "description": line.line.description,
            "change_order": line.line.change_order,
            "scheduled_value_minor": to_minor(line.line.scheduled_value, currency),
            "work_previous_minor": to_minor(line.work_previous, currency),
            "work_minor": to_minor(line.work_this_period, currency),
            "stored_minor": to_minor(line.materials_stored, currency),
            "retainage_minor": to_minor(
                line.position.withheld_work + line.position.withheld_stored, currency
            ),
            "retainage_work_minor": to_minor(line.position.withheld_work, currency),
            "released_minor": to_minor(line.position.released, currency),
            "again_work_minor": to_minor(again.get(line.line.key, LineAmounts()).work, currency),
            "again_stored_minor": to_minor(again.get(line.line.key, LineAmounts()).stored, currency),
        }
        for line in compiled.result.lines
    ]


def _source_rows(upstream: int, compiled: Compiled) -> list[dict[str, Any]]:
    currency = compiled.result.currency
    matched = [(key, cost) for key, costs in compiled.result.sources.items() for cost in costs]
    apart: list[tuple[str | None, CostLine]] = [(None, cost) for cost in compiled.result.unmatched]
    return [
        {
            "upstream_id": upstream,
            "application_id": compiled.application_ids[cost.application],
            "line_key": cost.line_key,
            "client_line_key": key,
            "cost_code": cost.cost_code,
            "share_ppm": None if cost.percent is None else to_ppm(cost.percent),
            "work_minor": to_minor(cost.work, currency),
            "stored_minor": to_minor(cost.stored, currency),
        }
        for key, cost in [*matched, *apart]
    ]
