"""A client application as facts for people and programs: as it was compiled, and as it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from batch.core.billing import summarise
from batch.core.certified import not_certified
from batch.core.change_orders import ChangeOrderBox, box_of
from batch.core.model import BilledLine, CostLine, Summary
from batch.core.money import ZERO, from_minor, from_ppm, plain, total
from batch.core.upstream import UpstreamResult
from batch.edges.store import (
    queries_applications,
    queries_certificates,
    queries_client,
    queries_register,
    queries_tax,
    queries_upstream,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.upstream import LeftOut
from batch.jobs.client_draft import Compiled
from batch.jobs.client_kept import certified_lines, kept_lines
from batch.jobs.client_sources import left_out_of
from batch.jobs.facts import iso
from batch.jobs.payment_dates import dates_json
from batch.jobs.taxes import tax_facts
from batch.jobs.workplace import Workplace


def facts_of(compiled: Compiled) -> dict[str, Any]:
    """What was compiled, with everything an admin should look at. Amounts are text with the currency's decimals."""
    result, currency = compiled.result, compiled.result.currency
    summary = _summary(result.summary, currency)
    return {
        "number": compiled.number,
        "currency": currency,
        "matched": plain(result.control.matched, currency),
        "unmatched": plain(result.control.unmatched, currency),
        "downstream": plain(result.control.downstream, currency),
        "current_payment_due": summary["current_payment_due"],
        "summary": summary,
        "tax": tax_facts(compiled.taxed.lines, currency),
        "payable": plain(compiled.taxed.payable, currency),
        "change_orders": {
            **_box(compiled.box, currency),
            "pending": [
                {"number": one.number, "title": one.title, "amount": plain(one.amount, currency)}
                for one in compiled.pending
            ],
        },
        "lines": [
            {
                **_line(line, currency),
                "from_earlier_periods": plain(result.from_earlier(line.line.key), currency),
            }
            for line in result.lines
        ],
        "from_earlier_periods": {
            "total": plain(result.earlier_total, currency),
            "items": [
                {
                    "application": one.application,
                    "line": one.line_key,
                    "cost_code": one.cost_code,
                    "amount": _gross(one, currency),
                }
                for one in result.earlier_items
            ],
        },
        "not_certified_before": {
            "total": plain(result.not_certified_total, currency),
            "lines": _again({key: (one.work, one.stored) for key, one in result.again.items()}, currency),
        },
        "splits": _splits(result, currency),
        "billed_not_certified": plain(compiled.uncertified, currency),
        "not_mapped": [
            {
                "commitment": one.commitment,
                "line": one.line_key,
                "cost_code": one.cost_code,
                "amount": _gross(one, currency),
            }
            for one in result.unmatched
        ],
        "dates": dates_json(compiled.dates),
        "left_out": _left_out(compiled.left_out, currency),
        "findings": [{"code": one.code, "line": one.line, "found": one.found} for one in compiled.findings],
    }


def facts_of_period(w: Workplace, project: RowMapping, period: RowMapping) -> dict[str, Any] | None:
    """The client application of a period as it is kept, draft or issued; None when there is none."""
    with w.store.read() as conn:
        row = queries_upstream.of_period(conn, period["id"])
        return None if row is None else _kept(conn, project, period, row)


def _kept(conn: Connection, project: RowMapping, period: RowMapping, row: RowMapping) -> dict[str, Any]:
    currency = row["currency"]
    lines, previous = kept_lines(conn, project["id"], row)
    contract = queries_register.client_contract(conn, project["id"])
    assert contract is not None, "nothing is compiled without a client contract"
    approved_on = queries_client.approved_on(conn, contract["id"], period["end_on"])
    box = box_of([line.line for line in lines], approved_on, period["start_on"], currency)
    return {
        "number": row["number"],
        "period": period["number"],
        "state": row["state"],
        "currency": currency,
        "summary": _summary(summarise(lines, previous, currency), currency),
        "tax": tax_facts(queries_tax.client_tax(conn, row["id"]), currency),
        "payable": plain(from_minor(row["payable_minor"], currency), currency),
        "change_orders": _box(box, currency),
        "lines": [_line(line, currency) for line in lines],
        "splits": _kept_splits(conn, row),
        "not_certified_before": _kept_again(conn, row),
        "billed_not_certified": plain(from_minor(row["uncertified_minor"], currency), currency),
        "certified": certified_facts(conn, project, row),
        "dates": dict(row["dates"]),
        "left_out": _left_out(left_out_of(conn, project, period, currency), currency),
    }


def _left_out(found: Sequence[LeftOut], currency: str) -> dict[str, Any]:
    """Claims that nobody has approved yet, with their status; a null amount was not read, or is in another currency."""
    read = (one.gross for one in found if one.gross is not None)
    return {
        "total": plain(total(read, currency), currency),
        "items": [
            {
                "application": one.application,
                "commitment": one.commitment,
                "status": one.state,
                "amount": None if one.gross is None else plain(one.gross, currency),
            }
            for one in found
        ],
    }


def _splits(result: UpstreamResult, currency: str) -> list[dict[str, str]]:
    return [
        _split(one.application, one.line_key, one.cost_code, key, one.percent, one.work, one.stored, currency)
        for key, costs in result.sources.items()
        for one in costs
        if one.percent is not None
    ]


def _split(
    application: str,
    line: str,
    code: str,
    client_line: str,
    percent: Decimal,
    work: Decimal,
    stored: Decimal,
    currency: str,
) -> dict[str, str]:
    return {
        "application": application,
        "line": line,
        "cost_code": code,
        "client_line": client_line,
        "percent": f"{percent:f}",
        "work": plain(work, currency),
        "stored": plain(stored, currency),
    }


def _kept_splits(conn: Connection, row: RowMapping) -> list[dict[str, str]]:
    """Every piece of a cost that was split between client lines."""
    currency = row["currency"]
    return [
        _split(
            queries_applications.name_of(queries_applications.application(conn, one["application_id"])),
            one["line_key"],
            one["cost_code"],
            one["client_line_key"],
            from_ppm(one["share_ppm"]),
            from_minor(one["work_minor"], currency),
            from_minor(one["stored_minor"], currency),
            currency,
        )
        for one in queries_upstream.sources(conn, row["id"])
        if one["share_ppm"] is not None
    ]


def certified_facts(conn: Connection, project: RowMapping, row: RowMapping) -> dict[str, Any] | None:
    """What the client certified of a kept client application, with the lines where it differs; None without an answer."""
    one = queries_certificates.of(conn, row["id"])
    if one is None:
        return None
    currency = row["currency"]
    issued, previous = kept_lines(conn, project["id"], row)
    lines = certified_lines(conn, project["id"], row, one)
    left = {key: (moved.work, moved.stored) for key, moved in not_certified(issued, lines).items()}
    return {
        "certificate": one["ordinal"],
        "certified_at": iso(one["certified_at"]),
        "reason": one["reason"],
        "summary": _summary(summarise(lines, previous, currency), currency),
        "tax": tax_facts(queries_certificates.tax(conn, one["id"]), currency),
        "payable": plain(from_minor(one["payable_minor"], currency), currency),
        "lines": [_line(line, currency) for line in lines],
        "not_certified": {
            "total": plain(total((sum(each, ZERO) for each in left.values()), currency), currency),
            "lines": _again(left, currency),
        },
    }


def _again(moved: Mapping[str, tuple[Decimal, Decimal]], currency: str) -> list[dict[str, str]]:
    return [
        {"line": key, "work": plain(work, currency), "stored": plain(stored, currency)}
        for key, (work, stored) in moved.items()
    ]


def _kept_again(conn: Connection, row: RowMapping) -> dict[str, Any]:
    currency = row["currency"]
    moved = {
        line["line_key"]: (
            from_minor(line["again_work_minor"], currency),
            from_minor(line["again_stored_minor"], currency),
        )
        for line in queries_upstream.lines(conn, row["id"])
        if line["again_work_minor"] or line["again_stored_minor"]
    }
    all_of_them = total((sum(each, ZERO) for each in moved.values()), currency)
    return {"total": plain(all_of_them, currency), "lines": _again(moved, currency)}


def _summary(found: Summary, currency: str) -> dict[str, str]:
    return {field.name: plain(getattr(found, field.name), currency) for field in fields(found)}


def _box(box: ChangeOrderBox, currency: str) -> dict[str, Any]:
    names = (
        "additions_before", "deductions_before", "additions_now", "deductions_now", "additions", "deductions", "net",
    )  # fmt: skip
    return {name: plain(getattr(box, name), currency) for name in names}


def _line(line: BilledLine, currency: str) -> dict[str, Any]:
    amounts: dict[str, Decimal] = {
        "scheduled_value": line.line.scheduled_value,
        "work_previous": line.work_previous,
        "work_this_period": line.work_this_period,
        "materials_stored": line.materials_stored,
        "completed_and_stored": line.completed_and_stored,
        "balance_to_finish": line.balance_to_finish,
        "withheld_this_period": line.withheld_this_period,
        "released_this_period": line.released_this_period,
        "retainage_held": line.retainage_held,
    }
    told = {
        "line": line.line.key,
        "description": line.line.description,
        "change_order": line.line.change_order,
    }
    return {**told, **{name: plain(value, currency) for name, value in amounts.items()}}


def _gross(cost: CostLine, currency: str) -> str:
    return plain(cost.work + cost.stored, currency)
