"""Facts for people and programs: `status` and `show`, as plain values that become JSON or a table.

Amounts are text with the currency's own decimals; instants are ISO-8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from batch.core.billing import bill
from batch.core.change_orders import change_order_box
from batch.core.methods import Method, figure
from batch.core.model import Basis, Bill, BilledLine, InviteKind, LineAmounts, LinePosition
from batch.core.money import from_minor, plain
from batch.core.retainage_terms import RetainageRounding
from batch.core.retainage_told import residuals, told
from batch.core.reviewing import whole
from batch.core.states import APPROVED_STATES, LIVE_STATES, SHOWN, Incoming, Outgoing
from batch.core.stored import movement
from batch.edges.store import (
    queries_applications,
    queries_dates,
    queries_ledger,
    queries_mail,
    queries_paying,
    queries_periods,
    queries_register,
    queries_tax,
    queries_upstream,
)
from batch.edges.store.queries_ledger import SUMMARY_FIELDS
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import state_shown
from batch.jobs.exchanges import exchange_facts
from batch.jobs.final import close_out_facts
from batch.jobs.paying import hold_facts, payee_facts
from batch.jobs.taxes import tax_facts, withheld_facts
from batch.jobs.workplace import Workplace

Facts = dict[str, Any]


def iso(instant: datetime | None) -> str | None:
    """An instant as ISO-8601 text in UTC."""
    return instant.isoformat().replace("+00:00", "Z") if instant is not None else None


def status(w: Workplace, now: datetime) -> Facts:
    """Every period and commitment, where it stands; and how much mail is in which state."""
    with w.store.read() as conn:
        periods = [
            _period(conn, project, period)
            for project in queries_register.projects(conn)
            for period in queries_periods.periods(conn, project["id"])
        ]
        return {
            "as_of": iso(now),
            "periods": periods,
            "inbox": _counts(queries_mail.incoming(conn), Incoming),
            "outbox": _counts(queries_mail.outgoing(conn), Outgoing),
        }


def _counts(rows: Sequence[RowMapping], states: Any) -> dict[str, int]:
    return {state.value: sum(row["state"] is state for row in rows) for state in states}


def _period(conn: Connection, project: RowMapping, period: RowMapping) -> Facts:
    return {
        "project": project["number"],
        "period": period["number"],
        "from": period["start_on"].isoformat(),
        "to": period["end_on"].isoformat(),
        "state": period["state"].value,
        "due": iso(period["due_at"]),
        "closes": iso(period["close_at"]),
        "commitments": [_commitment(conn, row) for row in queries_periods.invites(conn, period["id"])],
    }


def _commitment(conn: Connection, invite: RowMapping) -> Facts:
    revisions = queries_applications.of_invite(conn, invite["id"])
    latest = _standing(revisions)
    facts: Facts = {
        "commitment": invite["commitment_number"],
        "vendor": invite["vendor_name"],
        "invite": SHOWN[invite["state"]],
        "kind": invite["kind"].value,
        "application": None,
        "revision": None,
        "state": SHOWN[invite["state"]],
        "claimed_this_period": None,
        "approved_this_period": None,
        "current_payment_due": None,
        "retainage_held": None,
        "findings": 0,
        "decline_reason": invite["decline_reason"],
        "holds": hold_facts(queries_paying.open_holds(conn, invite["commitment_id"])),
        "dates": {},
    }
    if latest is not None:
        facts |= _application_facts(conn, latest)
    return facts


def _standing(revisions: Sequence[RowMapping]) -> RowMapping | None:
    """The revision that counts: the newest live one. One that was returned does not hide an earlier one that stands."""
    live = [row for row in revisions if row["state"] in LIVE_STATES]
    return next((row for row in reversed(live) if row["number"] is not None), live[-1] if live else None)


def _application_facts(conn: Connection, row: RowMapping) -> Facts:
    currency = row["currency"]
    claimed = queries_ledger.summary(conn, row["id"], "claimed", currency)
    approved = queries_ledger.summary(conn, row["id"], "approved", currency)
    if row["state"] not in APPROVED_STATES:
        approved = None
    shown = approved or claimed
    return {
        "application": queries_applications.name_of(row),
        "revision": row["revision_number"],
        "state": state_shown(row["state"], row["locale"]),
        "claimed_this_period": plain(claimed.gross_this_period, currency) if claimed else None,
        "approved_this_period": plain(approved.gross_this_period, currency) if approved else None,
        "current_payment_due": plain(shown.current_payment_due, currency) if shown else None,
        "retainage_held": plain(shown.retainage_total, currency) if shown else None,
        "findings": len(queries_applications.findings(conn, application_id=row["id"])),
        "dates": _dates(conn, row),
    }


def show(w: Workplace, name: str) -> Facts | None:
    """One application, whole; None when there is none of this name."""
    with w.store.read() as conn:
        row = queries_applications.find(conn, name)
        return None if row is None else _show(conn, row)


def _show(conn: Connection, row: RowMapping) -> Facts:
    basis = queries_periods.basis(conn, row["invite_id"])
    currency = basis.currency
    lines = queries_applications.line_rows(conn, row["id"])
    claimed = whole(queries_applications.claimed(lines, currency), basis)
    approved = queries_applications.approved_amounts(lines, currency)
    final = approved if row["state"] in APPROVED_STATES else claimed
    side = "approved" if row["state"] in APPROVED_STATES else "claimed"
    return {
        "application": queries_applications.name_of(row),
        "commitment": row["commitment_number"],
        "vendor": row["vendor_name"],
        "period": row["period_number"],
        "number": row["number"],
        "revision": row["revision_number"],
        "state": state_shown(row["state"], row["locale"]),
        "currency": currency,
        "invoice_number": row["invoice_number"],
        **_figures(basis, final, _payable(conn, row, side, currency)),
        "claimed": {
            **_figures(basis, claimed, _payable(conn, row, "claimed", currency)),
            "tax": tax_facts(queries_tax.tax_lines(conn, row["id"], "claimed"), currency),
            "tax_withheld": withheld_facts(queries_tax.withholding(conn, row["id"], "claimed"), currency),
        },
        "change_orders": _change_orders(basis),
        "kind": basis.kind.value,
        "close_out": close_out_facts(bill(basis, final)) if basis.kind is InviteKind.FINAL else [],
        "deductions": _deductions(conn, row, basis),
        "payees": _payees(conn, row, currency),
        "holds": hold_facts(queries_paying.open_holds(conn, row["commitment_id"])),
        "tax": tax_facts(queries_tax.tax_lines(conn, row["id"], side), currency),
        "tax_withheld": withheld_facts(queries_tax.withholding(conn, row["id"], side), currency),
        "exchange": exchange_facts(conn, row["id"]),
        "attachments": [
            {name: one[name] for name in ("name", "content_type", "sha256", "message_id")}
            | {"revision": one["revision_number"]}
            for one in queries_applications.attachments(conn, row["invite_id"])
        ],
        "dates": _dates(conn, row),
        "findings": [_finding(one) for one in queries_applications.findings(conn, application_id=row["id"])],
        "facts": {
            "billed_in": queries_upstream.billed_in(conn, row["id"]),
            "exported_in": [
                {
                    "target": one["target"],
                    "folder": one["folder"],
                    "document": one["document"],
                    "accounting_date": one["accounting_on"].isoformat(),
                }
                for one in queries_upstream.exported_in(conn, row["id"])
            ],
            "paid": "unpaid",
        },
        "history": _history(conn, row),
    }


def _dates(conn: Connection, row: RowMapping) -> Facts:
    """The dates of its payment as far as they are fixed, and the terms they were counted by; empty where there are none."""
    found = queries_dates.row_of(conn, row["commitment_id"], row["number"])
    if found is None:
        return {}
    counted = {
        "terms": found["terms"],
        "counted_from": found["counted_from"].value,
        "holidays": found["holidays"],
    }
    return {**counted, **found["dates"]}


def _payable(conn: Connection, row: RowMapping, side: str, currency: str) -> str | None:
    found = queries_ledger.payable(conn, row["id"], side, currency)
    return None if found is None else plain(found, currency)


def _payees(conn: Connection, row: RowMapping, currency: str) -> list[Facts]:
    """Who is paid what, as the approval fixed it; nothing before."""
    payable = queries_ledger.payable(conn, row["id"], "approved", currency)
    if row["state"] not in APPROVED_STATES or payable is None:
        return []
    parts = queries_paying.payments(conn, row["id"], currency)
    return payee_facts(row["vendor_name"], payable, parts, currency)


def _figures(basis: Basis, amounts: Mapping[str, LineAmounts], payable: str | None) -> Facts:
    computed = bill(basis, amounts)
    summary = {name: plain(getattr(computed.summary, name), basis.currency) for name in SUMMARY_FIELDS}
    if payable is not None:
        summary["payable"] = payable
    return {"lines": _with_residuals(_lines(computed, basis), basis, amounts), "summary": summary}


def _lines(computed: Bill, basis: Basis) -> list[Facts]:
    names = (
        "work_previous", "work_this_period", "materials_stored", "completed_and_stored", "balance_to_finish",
        "withheld_this_period", "released_this_period", "retainage_held",
    )  # fmt: skip
    return [
        {
            "line": line.line.key,
            "item": line.line.item,
            "description": line.line.description,
            "change_order": line.line.change_order,
            "scheduled_value": plain(line.line.scheduled_value, computed.currency),
            "changes": [
                {"change_order": each.change_order, "amount": plain(each.amount, computed.currency)}
                for each in line.line.changes
            ],
            **{name: plain(getattr(line, name), computed.currency) for name in names},
            "stored": _stored(line, basis),
            **_measured(line, basis),
        }
        for line in computed.lines
    ]


def _with_residuals(lines: list[Facts], basis: Basis, amounts: Mapping[str, LineAmounts]) -> list[Facts]:
    """The lines, where retainage is rounded once for the contract each with what of the rest of that it bears to date."""
    if basis.retainage.rounding is not RetainageRounding.CONTRACT:
        return lines
    found = residuals(told(basis, amounts))
    return [line | {"rounding_residual": plain(found[line["line"]].amount, basis.currency)} for line in lines]


def _measured(line: BilledLine, basis: Basis) -> Facts:
    """How the line is billed, where that is not by percent or amount; with its quantities where it has a unit price."""
    measure = line.line.measure
    if measure is None:
        return {} if line.line.method is Method.AMOUNT else {"method": line.line.method.value}
    before = basis.positions.get(line.line.key, LinePosition()).quantity
    return {
        "method": line.line.method.value,
        "quantity": figure(measure.quantity),
        "unit": measure.unit,
        "unit_price": figure(measure.unit_price),
        "remeasured": measure.remeasured,
        "quantity_to_date": figure(line.position.quantity),
        "quantity_this_period": figure(line.position.quantity - before),
    }


def _stored(line: BilledLine, basis: Basis) -> Facts:
    """How the stored materials of a line moved, as `core.stored.StoredMovement` says; `change` is the net movement of the
    balance that the bill started from.
    """
    amounts = asdict(movement(line, basis)) | {"change": line.materials_stored - line.stored_previous}
    return {name: plain(amount, basis.currency) for name, amount in amounts.items()}


def _change_orders(basis: Basis) -> Facts:
    """The summary of change orders; deductions are negative, and the net is line 2 of the summary."""
    box, currency = change_order_box(basis), basis.currency
    columns = {
        "before": (box.additions_before, box.deductions_before),
        "this_period": (box.additions_now, box.deductions_now),
        "total": (box.additions, box.deductions),
    }
    shown = {
        name: {"additions": plain(added, currency), "deductions": plain(taken, currency)}
        for name, (added, taken) in columns.items()
    }
    return {**shown, "net": plain(box.net, currency)}


def _deductions(conn: Connection, row: RowMapping, basis: Basis) -> list[Facts]:
    if row["state"] in APPROVED_STATES:
        return [
            {
                "number": one["number"],
                "description": one["description"],
                "cost_code": one["cost_code"],
                "amount": plain(from_minor(one["taken_minor"], basis.currency), basis.currency),
            }
            for one in queries_applications.deductions_taken(conn, row["id"])
        ]
    return [
        {
            "number": one.number,
            "description": one.description,
            "cost_code": one.cost_code,
            "amount": plain(one.amount, basis.currency),
        }
        for one in basis.deductions
    ]


def _finding(one: Any) -> Facts:
    names = ("code", "severity", "sheet", "cell", "line", "found", "expected", "difference")
    return {name: str(getattr(one, name)) for name in names}


def _history(conn: Connection, row: RowMapping) -> list[Facts]:
    """Every revision and decision of this application, oldest first, each back to its mail and file."""
    found: list[Facts] = []
    for one in queries_applications.of_invite(conn, row["invite_id"]):
        mail = queries_mail.mail(conn, one["inbox_id"]) if one["inbox_id"] is not None else None
        lines = queries_applications.line_rows(conn, one["id"])
        reasons = {line["line_key"]: line["reason"] for line in lines if line["reason"]}
        found.append(
            {
                "at": iso(one["submitted_at"]),
                "what": "entered on behalf" if one["entered_by"] is not None else "received",
                "revision": one["revision_number"],
                "state": state_shown(one["state"], row["locale"]),
                "by": one["sender"],
                "message_id": mail["message_id"] if mail is not None else None,
                "mail_sha256": mail["sha256"] if mail is not None else None,
                "workbook_sha256": one["workbook_sha"],
            }
        )
        found += [
            {
                "at": iso(review["at"]),
                "what": review["decision"],
                "revision": one["revision_number"],
                "by": review["admin_name"],
                "reason": review["reason"],
                "line_reasons": reasons,
                "workbook_sha256": review["workbook_sha"],
            }
            for review in queries_applications.reviews(conn, one["id"])
        ]
    return found
