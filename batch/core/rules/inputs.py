"""Rules about what was typed into the input cells."""

from __future__ import annotations

from collections.abc import Iterable

from batch.core.findings import Finding, Severity
from batch.core.model import CellKind
from batch.core.rules.case import INPUTS, Case, text_of


def unreadable_cells(case: Case) -> Iterable[Finding]:
    """RETURN every input cell that is no number, reads in two ways, or disagrees with the other entry of
    its line.
    """
    for entry in case.entries.values():
        yield from entry.troubles


def nothing_entered(case: Case) -> Iterable[Finding]:
    """RETURN a workbook in which nothing was filled in and nothing was ticked: a question, not a zero
    bill.
    """
    filled = case.unknown or any(entry.filled for entry in case.entries.values())
    if not filled and not case.nothing_to_bill:
        yield case.finding(
            "nothing-entered", Severity.RETURN, cell=case.returned.summary.get("nothing_to_bill")
        )


def tick_with_amounts(case: Case) -> Iterable[Finding]:
    """HOLD a workbook that says there is nothing to bill and bills something."""
    cell = case.returned.summary.get("nothing_to_bill")
    if cell is not None and case.nothing_to_bill and case.bill.lines != case.issued.lines:
        yield case.finding(
            "ambiguous-number",
            Severity.HOLD,
            cell=cell,
            found=case.bill.summary.gross_this_period,
            expected=case.issued.summary.gross_this_period,
        )


def formula_in_input(case: Case) -> Iterable[Finding]:
    """NOTE an input cell with a formula; its result was taken."""
    for key, entry in case.entries.items():
        cells = (entry.row.cells.get(column) for column in INPUTS)
        for cell in cells:
            if cell is not None and cell.formula and cell.kind is CellKind.NUMBER:
                yield case.finding(
                    "formula-in-input", Severity.NOTE, cell=cell, line=key, found=text_of(cell)
                )
