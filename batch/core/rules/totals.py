"""Rules about the totals of a workbook: each one is added up again from what the same sheet shows.

So a total that is wrong only because an entry, a previous figure or a rate is wrong is not reported a
second time, and one planted figure is reported where it stands, not in every line that is calculated from
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from batch.core import money
from batch.core.billing import gross_movement
from batch.core.findings import Finding, Severity
from batch.core.model import BilledLine
from batch.core.numbers import shown_amount
from batch.core.returned import Cell
from batch.core.rules.case import Case
from batch.core.rules.locked import untouched


def line_totals(case: Case) -> Iterable[Finding]:
    """HOLD a line whose completed and stored, or balance to finish, does not follow from its own cells."""
    issued = {row.line.key: row for row in case.issued.lines}
    for row in case.billed:
        key = row.line.key
        if key not in case.entries or not untouched(case, key):
            continue
        for column in ("completed_and_stored", "balance_to_finish"):
            computed: Decimal = getattr(row, column)
            follows = computed if column == "completed_and_stored" else _balance(case, row)
            cell = case.cell(key, column)
            yield from _mismatch(case, cell, (computed, follows), getattr(issued[key], column), key)


def _balance(case: Case, row: BilledLine) -> Decimal:
    """H = C - G, from the G the sheet shows."""
    return row.line.scheduled_value - _own(case, row, "completed_and_stored", row.completed_and_stored)


def summary_totals(case: Case) -> Iterable[Finding]:
    """HOLD a summary line that does not follow from the lines of the sheet or from the summary lines
    before it.
    """
    if case.disturbed or not case.entries:
        return
    shown: dict[str, Decimal] = {}
    followed: dict[str, Decimal] = {}
    for (field, from_shown), (_same, from_lines) in zip(
        _links(case, shown), _links(case, followed), strict=True
    ):
        cell = case.returned.summary.get(field)
        value = shown_amount(cell, case.basis.currency)
        shown[field] = from_shown if value is None else value
        followed[field] = from_lines
        yield from _mismatch(case, cell, (from_lines, from_shown), getattr(case.sheet_issued.summary, field))


def _links(case: Case, shown: dict[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Each summary line with what it has to be, given the summary lines before it, which the caller
    fills in.
    """
    rows = case.sheet.lines
    values = [(row.line, _own(case, row, "scheduled_value", row.line.scheduled_value)) for row in rows]
    original = (value - line.changed for line, value in values if not line.change_order)
    yield "original_contract_sum", _sum(case, original)
    changes = (value if line.change_order else line.changed for line, value in values)
    yield "net_change_orders", _sum(case, changes)
    yield "contract_sum_to_date", shown["original_contract_sum"] + shown["net_change_orders"]
    completed = (_own(case, row, "completed_and_stored", row.completed_and_stored) for row in rows)
    yield "total_completed_and_stored", _sum(case, completed)
    held = (_own(case, row, "retainage", row.retainage_held) for row in rows)
    yield "retainage_total", _sum(case, held)
    yield "total_earned_less_retainage", shown["total_completed_and_stored"] - shown["retainage_total"]
    previous = shown_amount(case.returned.summary.get("previous_certificates"), case.basis.currency)
    previous = case.bill.summary.previous_certificates if previous is None else previous
    yield "current_payment_due", shown["total_earned_less_retainage"] - previous
    yield "balance_to_finish", shown["contract_sum_to_date"] - shown["total_earned_less_retainage"]
    if all(untouched(case, key) for key in case.entries):
        yield "gross_this_period", _sum(case, (gross_movement(row) for row in rows))


def _own(case: Case, row: BilledLine, column: str, computed: Decimal) -> Decimal:
    """What the sheet shows for a line, or the computed amount where it shows none."""
    value = shown_amount(case.cell(row.line.key, column), case.basis.currency)
    return computed if value is None else value


def _sum(case: Case, values: Iterable[Decimal]) -> Decimal:
    return money.total(values, case.basis.currency)


def _mismatch(
    case: Case, cell: Cell | None, either: tuple[Decimal, Decimal], issued: Decimal, line: str = ""
) -> Iterable[Finding]:
    """A finding when a cell shows neither what the entries give nor what follows from the cells before it."""
    expected, follows = either
    value = case.departs(cell, expected, issued)
    if value is not None and case.departs(cell, follows, issued) is not None:
        yield case.finding(
            "total-mismatch",
            Severity.HOLD,
            cell=cell,
            line=line,
            found=value,
            expected=expected,
            difference=value - expected,
        )
