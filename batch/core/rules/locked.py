"""Rules about cells that are not for input. The ledger's figure is used in every case; the change is for
the admin.

A cell without a number (blank, not calculated, an error) says nothing and is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.numbers import shown_amount
from batch.core.returned import Cell, CellKind
from batch.core.rules.case import Case, text_of
from batch.core.rules.measured import measured_as_issued
from batch.core.rules.release import beyond_held


def prior_changed(case: Case) -> Iterable[Finding]:
    """HOLD a changed figure of previous applications, on a line or as previous certificates; the ledger
    wins.
    """
    for key, entry in case.entries.items():
        yield from _changed(case, "prior-changed", case.cell(key, "work_previous"), entry.prior.work, key)
    cell = case.returned.summary.get("previous_certificates")
    yield from _changed(case, "prior-changed", cell, case.bill.summary.previous_certificates)


def scheduled_value_changed(case: Case) -> Iterable[Finding]:
    """HOLD a changed scheduled value."""
    for key, entry in case.entries.items():
        cell = case.cell(key, "scheduled_value")
        yield from _changed(case, "locked-cell-changed", cell, entry.line.scheduled_value, key)


def _changed(
    case: Case, code: str, cell: Cell | None, expected: Decimal, line: str = ""
) -> Iterable[Finding]:
    if cell is None or cell.blank:
        return
    value = shown_amount(cell, case.basis.currency)
    if value is None and cell.kind in {CellKind.TEXT, CellKind.BOOLEAN}:
        yield case.finding(code, Severity.HOLD, cell=cell, line=line, found=text_of(cell), expected=expected)
    elif value is not None and value != expected:
        yield case.finding(
            code,
            Severity.HOLD,
            cell=cell,
            line=line,
            found=value,
            expected=expected,
            difference=value - expected,
        )


def untouched(case: Case, key: str) -> bool:
    """Whether what the workbook's own formulas of a line start from is what was issued."""
    entry = case.entries[key]
    pairs = (("work_previous", entry.prior.work), ("scheduled_value", entry.line.scheduled_value))
    shown = ((shown_amount(case.cell(key, column), case.basis.currency), issued) for column, issued in pairs)
    as_issued = all(value is None or value == issued for value, issued in shown)
    return as_issued and measured_as_issued(case, key)


def retainage_changed(case: Case) -> Iterable[Finding]:
    """HOLD retainage that is not what the contract's rate gives; lines first, the two summary lines only
    if none differs.
    """
    found = list(_line_retainage(case))
    yield from found
    if found or case.disturbed or not all(untouched(case, key) for key in case.entries):
        return
    for field in ("retainage_work", "retainage_stored"):
        expected, issued = getattr(case.sheet.summary, field), getattr(case.sheet_issued.summary, field)
        cell = case.returned.summary.get(field)
        yield from _departure(case, cell, expected, issued)


def _line_retainage(case: Case) -> Iterable[Finding]:
    issued = {row.line.key: row.retainage_held for row in case.sheet_issued.lines}
    for row in (row for row in case.sheet.lines if row.line.key in case.claim):
        key = row.line.key
        if untouched(case, key) and not beyond_held(case, row):
            yield from _departure(case, case.cell(key, "retainage"), row.retainage_held, issued[key], key)


def _departure(
    case: Case, cell: Cell | None, expected: Decimal, issued: Decimal, line: str = ""
) -> Iterable[Finding]:
    value = case.departs(cell, expected, issued)
    if value is not None:
        yield case.finding(
            "retainage-changed",
            Severity.HOLD,
            cell=cell,
            line=line,
            found=value,
            expected=expected,
            difference=value - expected,
        )
