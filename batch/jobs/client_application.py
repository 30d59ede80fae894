"""The client application: everything approved and not billed to the client yet, compiled, written, issued.

It is a true-up: what each approved application moved according to the ledger, less what was billed of it before. So a later
correction comes out by itself, as a difference, and what was left out for want of a client line comes in once it is mapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from batch import jsonlog
from batch.core.findings import Finding
from batch.core.model import CostLine
from batch.core.money import Rounding, from_minor, to_minor, total
from batch.core.payment_terms import PaymentDates
from batch.core.states import Upstream
from batch.core.upstream import UpstreamResult, compile_lines
from batch.edges.folders import write_file
from batch.edges.store import (
    queries_applications,
    queries_periods,
    queries_register,
    queries_upstream,
    tables,
)
from batch.edges.store.changes import NOBODY, move
from batch.edges.store.events import (
    Actor,
    delete_rows_with_event,
    insert_rows_with_event,
    insert_with_event,
    project_chain,
    update_with_event,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import state_shown
from batch.formats.upstream import ClientApplicationContent, ClientSource, LeftOut, write
from batch.jobs.client_left_out import left_out_of
from batch.jobs.payment_dates import client_dates, date_rows, dates_json
from batch.jobs.workbooks import terms_for
from batch.jobs.workplace import Workplace


class NothingToCompile(Exception):
    """There is no client contract, or the period's client application was issued already. The text says which."""


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A client application as it would be, or was, written."""

    number: int
    result: UpstreamResult
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


def compile_client_application(
    w: Workplace, project: RowMapping, period: RowMapping, now: datetime
) -> Compiled:
    """Compile the client application of a period and keep it as a draft; a draft is compiled again at will."""
    with w.store.read() as conn:
        compiled = _compile(conn, w, project, period, now)
        there = queries_upstream.of_period(conn, period["id"])
    sha = w.archive.put(compiled.workbook)
    with w.store.write() as conn:
        _save(conn, project, period, there, compiled, sha, now)
    write_file(path_of(w, project, period, compiled.number, "draft"), compiled.workbook)
    jsonlog.info("client-application-compiled", project=project["id"], number=compiled.number)
    return compiled


def path_of(w: Workplace, project: RowMapping, period: RowMapping, number: int, state: str) -> Any:
    """Where the workbook of a client application lies for people."""
    folder = w.data / "output" / str(project["number"]) / f"period-{period['number']}"
    return folder / f"client-application-{number}{'' if state == 'issued' else '-' + state}.xlsx"


def _compile(
    conn: Connection, w: Workplace, project: RowMapping, period: RowMapping, now: datetime
) -> Compiled:
    contract = queries_register.client_contract(conn, project["id"])
    if contract is None:
        raise NothingToCompile(f"project {project['number']} has no client contract in the register")
    there = queries_upstream.of_period(conn, period["id"])
    if there is not None and there["state"] is Upstream.ISSUED:
        raise NothingToCompile(
            f"the client application of this period was issued already, as number {there['number']}"
        )
    later = queries_upstream.issued_later(conn, project["id"], period["number"])
    if later is not None:
        raise NothingToCompile(
            f"the client application of a later period was issued already, as number {later['number']}; "
            "what is left of this period goes into the next one"
        )
    costs, sources, ids, apart = _costs(conn, project, period, contract["currency"])
    result = compile_lines(
        costs,
        queries_register.client_lines(conn, contract["id"], contract["currency"]),
        queries_register.cost_code_map(conn, project["id"]),
        queries_register.terms_of(contract),
        queries_upstream.client_positions(conn, project["id"], contract["currency"]),
        contract["currency"],
        Rounding(project["rounding"]),
    )
    number = there["number"] if there is not None else _next_number(conn, project["id"])
    company = queries_register.company(conn)
    assert company is not None, "a project is imported together with the company"
    left_out = left_out_of(conn, project, period, contract["currency"])
    dates = client_dates(conn, project, period)
    content = ClientApplicationContent(
        project=project["number"],
        project_name=project["name"],
        company=company["name"],
        client=project["client_name"],
        contract=contract["number"],
        application_number=number,
        period_from=period["start_on"],
        period_to=period["end_on"],
        result=result,
        sources=tuple(sources),
        left_out=tuple(left_out),
        dates=tuple((row["label"], row["day"]) for row in date_rows(dates, project["locale"])),
    )
    data = write(content, created=now, terms=terms_for(project["locale"]), locale=project["locale"])
    return Compiled(
        number=number,
        result=result,
        sources=sources,
        application_ids=ids,
        other_currency=apart,
        workbook=data,
        left_out=left_out,
        dates=dates,
    )


def _next_number(conn: Connection, project_id: int) -> int:
    return max((row["number"] for row in queries_upstream.upstreams(conn, project_id)), default=0) + 1


def _costs(
    conn: Connection, project: RowMapping, period: RowMapping, currency: str
) -> tuple[list[CostLine], list[ClientSource], dict[str, int], list[str]]:
    """What every application approved up to this period still has to be billed for; and those in another currency, left out."""
    billed = queries_upstream.billed_movement(conn, project["id"])
    costs: list[CostLine] = []
    sources: list[ClientSource] = []
    ids: dict[str, int] = {}
    apart: list[str] = []
    for row in queries_applications.approved(conn, project["id"]):
        if row["period_number"] > period["number"]:
            continue  # billed to the client with its own period
        name = queries_applications.name_of(row)
        if row["currency"] != currency:
            apart.append(name)
            continue
        earlier = row["period_number"] < period["number"]
        found = [replace(one, earlier=earlier) for one in _cost_lines(conn, row, name, billed, currency)]
        if found:
            ids[name] = row["id"]
            costs += found
            sources.append(_source(row, name, found, currency))
    return costs, sources, ids, apart


def _cost_lines(
    conn: Connection,
    row: RowMapping,
    name: str,
    billed: dict[tuple[int, str], tuple[int, int]],
    currency: str,
) -> Sequence[CostLine]:
    lines = {line.key: line for line in queries_periods.basis(conn, row["invite_id"]).lines}
    found = []
    for key, (work, stored) in queries_upstream.approved_movement(conn, row["id"]).items():
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
    )


def _save(
    conn: Connection,
    project: RowMapping,
    period: RowMapping,
    there: RowMapping | None,
    compiled: Compiled,
    sha: str,
    now: datetime,
) -> None:
    chain, result = project_chain(project["id"]), compiled.result
    values = {**_totals(result), "workbook_sha": sha, "dates": dates_json(compiled.dates)}
    if there is None:
        key = {
            "project_id": project["id"],
            "number": compiled.number,
            "revision_number": 1,
            "period_id": period["id"],
            "state": Upstream.DRAFT,
            "currency": result.currency,
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


def _totals(result: UpstreamResult) -> dict[str, int]:
    currency = result.currency
    return {
        "matched_minor": to_minor(result.control.matched, currency),
        "unmatched_minor": to_minor(result.control.unmatched, currency),
        "downstream_minor": to_minor(result.control.downstream, currency),
        "retainage_minor": to_minor(result.summary.retainage_total, currency),
        "net_minor": to_minor(result.summary.current_payment_due, currency),
    }


def _replace_rows(conn: Connection, upstream: int, compiled: Compiled, chain: str, now: datetime) -> None:
    subject = ("upstream", upstream)
    for table, old, new in (
        (tables.upstream_line, queries_upstream.lines(conn, upstream), _line_rows(upstream, compiled)),
        (tables.upstream_source, queries_upstream.sources(conn, upstream), _source_rows(upstream, compiled)),
    ):
        gone = [row["id"] for row in old]
        delete_rows_with_event(
            conn, table, gone, chain=chain, at=now, what="upstream-recompiled", actor=NOBODY, subject=subject
        )
        insert_rows_with_event(
            conn, table, new, chain=chain, at=now, what="upstream-compiled", actor=NOBODY, subject=subject
        )


def _line_rows(upstream: int, compiled: Compiled) -> list[dict[str, Any]]:
    currency = compiled.result.currency
    return [
        {
            "upstream_id": upstream,
            "line_key": line.line.key,
            "work_previous_minor": to_minor(line.work_previous, currency),
            "work_minor": to_minor(line.work_this_period, currency),
            "stored_minor": to_minor(line.materials_stored, currency),
            "retainage_minor": to_minor(
                line.position.withheld_work + line.position.withheld_stored, currency
            ),
            "retainage_work_minor": to_minor(line.position.withheld_work, currency),
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
            "work_minor": to_minor(cost.work, currency),
            "stored_minor": to_minor(cost.stored, currency),
        }
        for key, cost in [*matched, *apart]
    ]


def issue_client_application(
    w: Workplace, project: RowMapping, period: RowMapping, admin: RowMapping, now: datetime
) -> int:
    """Issue the draft of a period: it is frozen, and what it bills counts as billed. Gives its number.

    Raises NothingToCompile when there is no draft, or when something was approved since it was compiled.
    """
    with w.store.read() as conn:
        draft = queries_upstream.of_period(conn, period["id"])
        if draft is None or draft["state"] is not Upstream.DRAFT:
            raise NothingToCompile(_no_draft(draft))
        fresh = _compile(conn, w, project, period, now)
        stored = [dict(row) for row in queries_upstream.sources(conn, draft["id"])]
        dates = client_dates(conn, project, period, now)
    if _differs(stored, _source_rows(draft["id"], fresh)):
        raise NothingToCompile(
            "something was approved or corrected since the draft was compiled; compile it again"
        )
    data = w.archive.get(draft["workbook_sha"])
    write_file(path_of(w, project, period, draft["number"], "issued"), data)
    actor: Actor = ("admin", admin["id"])
    chain = project_chain(project["id"])
    with w.store.write() as conn:
        move(
            conn,
            tables.upstream,
            draft,
            "issue",
            chain=chain,
            at=now,
            actor=actor,
            values={"issued_at": now, "dates": dates_json(dates)},
        )
    jsonlog.info("client-application-issued", project=project["id"], number=draft["number"])
    return int(draft["number"])


def _differs(stored: Sequence[dict[str, Any]], fresh: Sequence[dict[str, Any]]) -> bool:
    names = ("application_id", "line_key", "client_line_key", "work_minor", "stored_minor")
    return sorted([str(row[name]) for name in names] for row in stored) != sorted(
        [str(row[name]) for name in names] for row in fresh
    )


def _no_draft(found: RowMapping | None) -> str:
    if found is not None:
        return f"the client application of this period was issued already, as number {found['number']}"
    return "there is no draft for this period; compile one first"


def void_client_application(w: Workplace, period: RowMapping, admin: RowMapping, now: datetime) -> int:
    """Take back the draft of a period; gives its number, which is not used again. NothingToCompile without a draft."""
    with w.store.read() as conn:
        draft = queries_upstream.of_period(conn, period["id"])
    if draft is None or draft["state"] is not Upstream.DRAFT:
        raise NothingToCompile(_no_draft(draft))
    with w.store.write() as conn:
        chain = project_chain(period["project_id"])
        move(conn, tables.upstream, draft, "void", chain=chain, at=now, actor=("admin", admin["id"]))
    return int(draft["number"])
