"""A workbook of an issue that we replaced: its entries carried over onto the basis that counts now.

The change was ours, so nothing is returned for it. Entries to date stand; amounts of this period stand too where
nothing moved under them, and are held for the admin where something did. Lines that are newer than the workbook
count in the contract sum and are billed at nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from batch.core.findings import Finding, Severity
from batch.core.model import Basis, LineAmounts, LinePosition
from batch.core.numbers import shown_amount
from batch.core.returned import Cell, Returned, ReturnedLine
from batch.core.rules.case import PERCENT, STORED, WORK, Case
from batch.core.stored import into_this, untouched


def carried_over(was: Case) -> Returned:
    """The workbook as it is read against the newer basis: where a percentage to date was entered it alone counts,
    and a balance of stored materials that is still the pre-filled one counts as not entered.
    """
    return replace(was.returned, lines=tuple(_carried(was, row) for row in was.returned.lines))


def _carried(was: Case, row: ReturnedLine) -> ReturnedLine:
    entry = was.entries.get(row.line_key)
    if entry is None or entry.troubles:
        return row
    dropped = set()
    if _entered(row.cells.get(PERCENT)):
        dropped.add(WORK)
    if shown_amount(row.cells.get(STORED), was.basis.currency) == untouched(was.basis, row.line_key).stored:
        dropped.add(STORED)
    if _filled_in(was, row.line_key, row.cells.get(WORK)):
        dropped.add(WORK)
    return replace(row, cells={name: cell for name, cell in row.cells.items() if name not in dropped})


def _filled_in(was: Case, key: str, cell: Cell | None) -> bool:
    """Whether it is the stored material that was filled in as work, left as it was."""
    moves = into_this(was.basis, key)
    return bool(moves) and shown_amount(cell, was.basis.currency) == moves


def _entered(cell: Cell | None) -> bool:
    return cell is not None and not cell.blank


def newer_lines(was: Case, now: Case) -> dict[str, LineAmounts]:
    """The lines that the replaced workbook could not have: no work, stored materials as they are."""
    old = {line.key for line in was.basis.lines}
    return {line.key: untouched(now.basis, line.key) for line in now.basis.lines if line.key not in old}


def moved(was: Case, now: Case) -> Iterable[Finding]:
    """HOLD the workbook for what we changed after it went out, and what that did to its entries."""
    before, after = (each.issued.summary.contract_sum_to_date for each in (was, now))
    if before == after:
        yield now.finding("issue-rebased", Severity.HOLD)
    else:
        yield now.finding(
            "issue-rebased", Severity.HOLD, found=before, expected=after, difference=after - before
        )
    added = newer_lines(was, now)
    for line in now.basis.lines:
        if line.key in added:
            yield now.finding("line-newer", Severity.HOLD, line=line.key, expected=line.scheduled_value)
        elif line.key in was.entries and _line_moved(was.basis, now.basis, line.key):
            yield from _this_period(was, now, line.key)


def _line_moved(was: Basis, now: Basis, key: str) -> bool:
    lines = ({line.key: (line.scheduled_value, line.measure) for line in basis.lines} for basis in (was, now))
    positions = (basis.positions.get(key, LinePosition()) for basis in (was, now))
    return len({each[key] for each in lines}) > 1 or len(set(positions)) > 1


def _this_period(was: Case, now: Case, key: str) -> Iterable[Finding]:
    cell = was.cell(key, WORK)
    if _filled_in(was, key, cell):
        return
    if cell is not None and not cell.blank and not _entered(was.cell(key, PERCENT)):
        found = shown_amount(cell, now.basis.currency)
        yield now.finding(
            "entry-rebased", Severity.HOLD, cell=cell, line=key, found="" if found is None else found
        )


def not_for_ours(found: Iterable[Finding], was: Iterable[Finding]) -> list[Finding]:
    """Findings against the newer basis: one that returns the workbook is only held when it was none before."""
    before: Mapping[tuple[str, str], Severity] = {(each.code, each.line): each.severity for each in was}
    return [
        each
        if each.severity is not Severity.RETURN or before.get((each.code, each.line)) is Severity.RETURN
        else replace(each, severity=Severity.HOLD)
        for each in found
    ]
