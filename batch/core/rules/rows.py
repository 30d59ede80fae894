"""Rules about the rows of the continuation table."""

from __future__ import annotations

from collections.abc import Iterable

from batch.core.findings import Finding, Severity
from batch.core.numbers import shown_amount
from batch.core.returned import Cell, ReturnedLine
from batch.core.rules.case import PERCENT, QUANTITY, RELEASE, STORED, WORK, Case, text_of


def line_missing(case: Case) -> Iterable[Finding]:
    """RETURN a workbook that lost a line; HOLD it when the workbook is outdated, since the line may be
    newer than it.
    """
    severity = Severity.HOLD if case.outdated else Severity.RETURN
    for line in case.missing:
        yield case.finding("line-missing", severity, line=line.key, expected=line.scheduled_value)


def line_unknown(case: Case) -> Iterable[Finding]:
    """HOLD a row that was added, such as an unapproved change order: its amount is kept here and is not
    billed.
    """
    for row in case.unknown:
        cell = _telling_cell(row)
        amount = shown_amount(cell, case.basis.currency)
        found = amount if amount is not None else text_of(cell) if cell else ""
        yield case.finding("line-unknown", Severity.HOLD, cell=cell, line=_name_of(row), found=found)


def _telling_cell(row: ReturnedLine) -> Cell | None:
    cells = (
        row.cells.get(column) for column in (WORK, QUANTITY, STORED, PERCENT, RELEASE, "scheduled_value")
    )
    return next((cell for cell in cells if cell is not None and not cell.blank), None)


def _name_of(row: ReturnedLine) -> str:
    cells = (row.cells.get(column) for column in ("item", "description"))
    return row.line_key or next((text_of(cell) for cell in cells if cell is not None and not cell.blank), "")


def line_repeated(case: Case) -> Iterable[Finding]:
    """RETURN a workbook in which a line stands twice: which of the two counts is not ours to guess."""
    for row in case.repeated:
        yield case.finding(
            "line-repeated",
            Severity.RETURN,
            cell=_telling_cell(row) or row.cells.get("line_key"),
            line=row.line_key,
        )
