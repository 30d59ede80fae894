"""A final bill around its figures: what would close its commitment out, and what of ours stands in its way.

A pending change order and an open hold are for the admin: a reason for the whole application goes over them. That
its lines are complete, nothing is stored and nothing stays held is a rule on its figures, which no reason goes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from batch.core.final import close_out
from batch.core.findings import Finding, Severity
from batch.core.model import Bill, InviteKind
from batch.core.money import plain
from batch.core.review_entries import Choice, ReviewDecision
from batch.edges.store import queries_applications, queries_final, queries_paying, queries_register
from batch.edges.store.rows import Connection

CHANGE_PENDING, ON_HOLD, APPROVED = "final-change-pending", "final-on-hold", "final-approved"
FINAL_MATTERS = (CHANGE_PENDING, ON_HOLD, APPROVED)


def close_out_facts(computed: Bill) -> list[dict[str, Any]]:
    """The change orders that would make this bill complete, line by line; none for a complete one."""
    lines = {row.line.key: row.line for row in computed.lines}
    return [
        {
            "line": one.line_key,
            "description": lines[one.line_key].description,
            "amount": plain(one.amount, computed.currency),
        }
        for one in close_out(computed)
    ]


def final_matters(
    conn: Connection,
    kind: InviteKind,
    commitment_id: int,
    currency: str,
    today: date,
    application_id: int | None = None,
) -> tuple[Finding, ...]:
    """What stands in the way of the end of a commitment as the register is now; nothing for other kinds of bills.

    A change order that is approved from a day after `today` on is pending.
    For every kind: that its final bill is approved, if that is not this application.
    """
    last = queries_final.final_approved(conn, commitment_id)
    found = []
    if last is not None and last["id"] != application_id:
        found.append(_matter(APPROVED, found=queries_applications.name_of(last)))
    if kind is InviteKind.FINAL:
        changes = queries_register.pending_change_orders(conn, commitment_id, currency, today)
        found += [
            _matter(CHANGE_PENDING, line=one.number, found=plain(one.amount, currency)) for one in changes
        ]
        holds = queries_paying.open_holds(conn, commitment_id)
        found += [_matter(ON_HOLD, line=one.number, found=one.reason) for one in holds]
    return tuple(found)


def not_final(matters: Sequence[Finding], decision: ReviewDecision) -> Iterable[Finding]:
    """What keeps an approval from being written: each matter of ours, unless a reason goes over it.

    A cut by the client is an approval anew; what the client agrees to was approved before.
    """
    choice = decision.choice
    if choice is None or not (choice.approves or choice is Choice.CLIENT_CUTS):
        return
    for one in matters:
        if one.code == APPROVED or not decision.reason.strip():
            yield replace(one, sheet=decision.place.sheet, cell=decision.place.cell)


def _matter(code: str, *, line: str = "", found: str = "") -> Finding:
    return Finding(code=code, severity=Severity.HOLD, line=line, found=found)
