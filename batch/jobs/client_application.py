"""The client application: everything approved and not billed to the client yet, compiled, written, issued.

It is a true-up: what each approved application moved according to the ledger, less what was billed of it before. So a later
correction comes out by itself, as a difference, and what was left out for want of a client line comes in once it is mapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from batch import jsonlog
from batch.core.change_orders import box_of
from batch.core.client_release import ReleaseError
from batch.core.model import ClientLine, CostLine, LineAmounts, LinePosition
from batch.core.money import Rounding
from batch.core.states import BILLED_STATES, Upstream
from batch.core.tax import taxed
from batch.core.upstream import UpstreamResult, compile_lines
from batch.edges.folders import write_file
from batch.edges.store import queries_client, queries_register, queries_tax, queries_upstream, tables
from batch.edges.store.changes import move
from batch.edges.store.events import Actor, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.upstream import ClientApplicationContent, write
from batch.jobs.client_certificate import before_this
from batch.jobs.client_draft import Compiled, differs, save_draft
from batch.jobs.client_sources import costs_to_bill, left_out_of
from batch.jobs.client_splits import mapped
from batch.jobs.payment_dates import client_dates, date_rows, dates_json
from batch.jobs.workbooks import terms_for
from batch.jobs.workplace import Workplace


class NothingToCompile(Exception):
    """There is no client contract, or the period's client application was issued already. The text says which."""


def compile_client_application(
    w: Workplace, project: RowMapping, period: RowMapping, now: datetime
) -> Compiled:
    """Compile the client application of a period and keep it as a draft; a draft is compiled again at will."""
    with w.store.read() as conn:
        there = queries_upstream.of_period(conn, period["id"])
        compiled = _compiled_as_kept(conn, w, project, period, there, now)
    sha = w.archive.put(compiled.workbook)
    with w.store.write() as conn:
        save_draft(conn, project, period, there, compiled, sha)
    write_file(path_of(w, project, period, compiled.number, "draft"), compiled.workbook)
    jsonlog.info("client-application-compiled", project=project["id"], number=compiled.number)
    return compiled


def _compiled_as_kept(
    conn: Connection,
    w: Workplace,
    project: RowMapping,
    period: RowMapping,
    there: RowMapping | None,
    now: datetime,
) -> Compiled:
    """Compiled as of the draft that is kept, when it says nothing new, so that its bytes stay as well; else as of now."""
    if there is None or there["state"] is not Upstream.DRAFT:
        return _compile(conn, w, project, period, now)
    kept = _compile(conn, w, project, period, there["compiled_at"])
    same = hashlib.sha256(kept.workbook).hexdigest() == there["workbook_sha"]
    return kept if same and not differs(conn, there, kept) else _compile(conn, w, project, period, now)


def path_of(w: Workplace, project: RowMapping, period: RowMapping, number: int, state: str) -> Any:
    """Where the workbook of a client application lies for people."""
    folder = w.data / "output" / str(project["number"]) / f"period-{period['number']}"
    return folder / f"client-application-{number}{'' if state == 'issued' else '-' + state}.xlsx"


def _compile(
    conn: Connection, w: Workplace, project: RowMapping, period: RowMapping, now: datetime
) -> Compiled:
    there = queries_upstream.of_period(conn, period["id"])
    contract = _open_contract(conn, project, period, there)
    currency = contract["currency"]
    costs, sources, ids, apart = costs_to_bill(conn, project, period, currency)
    result = _rolled_up(conn, project, period, contract, costs)
    approved_on = queries_client.approved_on(conn, contract["id"], period["end_on"])
    uncertified = before_this(conn, project, there).uncertified
    box = box_of([row.line for row in result.lines], approved_on, period["start_on"], currency)
    pending = queries_client.pending(conn, contract["id"], currency, period["end_on"])
    tax = taxed(result.bill, (), queries_tax.client_terms(conn, contract), Rounding(project["rounding"]))
    number = there["number"] if there is not None else _next_number(conn, project["id"])
    company = queries_register.company(conn)
    assert company is not None, "a project is imported together with the company"
    left_out = left_out_of(conn, project, period, currency)
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
        box=box,
        pending=pending,
        taxed=tax,
        left_out=tuple(left_out),
        dates=tuple((row["label"], row["day"]) for row in date_rows(dates, project["locale"])),
        uncertified=uncertified,
    )
    data = write(content, created=now, terms=terms_for(project["locale"]), locale=project["locale"])
    return Compiled(
        number=number,
        at=now,
        result=result,
        box=box,
        pending=pending,
        taxed=tax,
        uncertified=uncertified,
        sources=sources,
        application_ids=ids,
        other_currency=apart,
        workbook=data,
        left_out=left_out,
        dates=dates,
    )


def _open_contract(
    conn: Connection, project: RowMapping, period: RowMapping, there: RowMapping | None
) -> RowMapping:
    """The client contract, when a client application of this period may be compiled."""
    contract = queries_register.client_contract(conn, project["id"])
    if contract is None:
        raise NothingToCompile(f"project {project['number']} has no client contract in the register")
    if there is not None and there["state"] in BILLED_STATES:
        raise NothingToCompile(
            f"the client application of this period was issued already, as number {there['number']}"
        )
    later = queries_upstream.issued_later(conn, project["id"], period["number"])
    if later is not None:
        raise NothingToCompile(
            f"the client application of a later period was issued already, as number {later['number']}; "
            "what is left of this period goes into the next one"
        )
    return contract


def _rolled_up(
    conn: Connection, project: RowMapping, period: RowMapping, contract: RowMapping, costs: Sequence[CostLine]
) -> UpstreamResult:
    currency = contract["currency"]
    lines = queries_client.lines(conn, contract["id"], currency, period["end_on"])
    positions = queries_upstream.client_positions(conn, project["id"], currency)
    again = before_this(conn, project, queries_upstream.of_period(conn, period["id"])).again
    _refuse_gone(positions, again, lines)
    taken = mapped(conn, project, costs, lines, currency)
    try:
        return compile_lines(
            taken.costs,
            lines,
            taken.mapping,
            queries_register.commitment_terms(contract, period["end_on"]),
            positions,
            currency,
            Rounding(project["rounding"]),
            queries_upstream.releases(conn, period["id"], currency),
            again,
        )
    except ReleaseError as fault:
        raise NothingToCompile(str(fault)) from None


def _refuse_gone(
    positions: Mapping[str, LinePosition], again: Mapping[str, LineAmounts], lines: Sequence[ClientLine]
) -> None:
    moved = {key for key, position in positions.items() if position != LinePosition()} | set(again)
    gone = sorted(moved - {line.key for line in lines})
    if gone:
        raise NothingToCompile(
            f"what was billed on line {', '.join(gone)} belongs to a change order that does not count in this period"
            " any more; approve it again, and take it back with a change order of its own"
        )


def _next_number(conn: Connection, project_id: int) -> int:
    started = queries_client.opening(conn, project_id)
    before = int(started["last_application_number"]) if started is not None else 0
    return max([before, *(int(row["number"]) for row in queries_upstream.upstreams(conn, project_id))]) + 1


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
        fresh = _compile(conn, w, project, period, draft["compiled_at"])
        if differs(conn, draft, fresh):
            raise NothingToCompile(
                "something was approved, corrected or certified since the draft was compiled; compile it again"
            )
        dates = client_dates(conn, project, period, now)
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
