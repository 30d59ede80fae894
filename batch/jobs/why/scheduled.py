"""The scheduled value of a line, back to the register: its row as it was first imported, each correction of it, and
every change order that changes it without having a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from batch.core.line_changes import LineChange
from batch.core.methods import figure
from batch.core.model import BilledLine
from batch.core.money import from_minor
from batch.core.why import Why
from batch.edges.store import queries_periods, queries_why
from batch.formats.figures import date_text
from batch.formats.terms import capital
from batch.jobs.why.subject import Subject


def scheduled_value(s: Subject, line: BilledLine, what: str) -> Why:
    """The scheduled value of a line as this application counts it, with what change orders changed on it."""
    if not line.line.changes:
        return own_value(s, line, what)
    own = own_value(s, line, f"Line {line.line.item or line.line.key} before its changes")
    how = f"its own value, and what {s.words['change_order']}s changed on it"
    parts = (own, *(change_of(s, line, change) for change in line.line.changes))
    return Why(what=what, amount=line.line.scheduled_value, how=how, parts=parts)


def own_value(s: Subject, line: BilledLine, what: str) -> Why:
    """The value of a line without what change orders changed on it: its row of the register."""
    parts = tuple(_parts(s, line.line.key))
    how = "as the register has it"
    if order := line.line.change_order:
        how = f"of {s.words['change_order']} {order}{_approved(s, order)}"
    if (measure := line.line.measure) is not None:
        how = (
            f"{how}: {figure(measure.quantity)} {measure.unit} at the unit price {figure(measure.unit_price)}"
        )
    evidence = () if parts else s.frozen
    return Why(what=what, amount=line.line.before_changes, how=how, parts=parts, evidence=evidence)


def change_of(s: Subject, line: BilledLine, change: LineChange) -> Why:
    """What one change order changed on a line: its own row of the register."""
    parts = tuple(_parts(s, change.key))
    name = f"{capital(s.words['change_order'])} {change.change_order} changes line"
    return Why(
        what=f"{name} {line.line.item or line.line.key}: {change.description}".rstrip(": "),
        amount=change.amount,
        how=f"row {change.key} of the {s.words['schedule_of_values']}{_approved(s, change.change_order)}",
        parts=parts,
        evidence=() if parts else s.frozen,
    )


def _approved(s: Subject, order: str) -> str:
    on = s.basis.approved_on.get(order)
    return f", approved on {date_text(on, s.sources.locale)}" if on is not None else ""


def _parts(s: Subject, key: str) -> Iterator[Why]:
    commitment_id = s.row["commitment_id"]
    row = queries_why.register_row(s.conn, "sov_line", commitment_id=commitment_id, line_key=key)
    if row is None:
        return
    before, until = None, _frozen_at(s)
    for at, amounts, by in s.sources.history("sov_line", row["id"]):
        value = amounts.get("scheduled_value_minor")
        if value is None or (until is not None and at > until):
            continue
        if before is None:
            yield _first(s, key, value, at)
        elif value != before:
            yield _change(s, key, value - before, at, by)
        before = value


def _frozen_at(s: Subject) -> datetime | None:
    invite = queries_periods.invite(s.conn, s.row["invite_id"])
    found = invite["issued_at"] or s.row["submitted_at"]
    return found if isinstance(found, datetime) else None


def _first(s: Subject, key: str, value: int, at: datetime) -> Why:
    place, evidence = s.sources.register("sov_line", (s.basis.commitment, key), "scheduled_value", at)
    return Why(
        what=capital(s.words["schedule_of_values"]),
        amount=from_minor(value, s.currency),
        how=f"entered{place} of the register",
        evidence=evidence,
    )


def _change(s: Subject, key: str, value: int, at: datetime, by: str) -> Why:
    _place, evidence = s.sources.register("sov_line", (s.basis.commitment, key), "scheduled_value", at)
    found = [one for one in queries_why.corrections(s.conn, s.row["commitment_id"], at) if _about(one, key)]
    reason = f'correction dated {found[0]["dated_on"]}: "{found[0]["reason"]}"' if found else "changed"
    return Why(
        what="Changed in the register",
        amount=from_minor(value, s.currency),
        how=reason if by == "system" else f"{reason}, by {by}",
        evidence=evidence,
    )


def _about(correction: Any, key: str) -> bool:
    return bool(correction["row_key"] == key and correction["field"] == "scheduled_value")
