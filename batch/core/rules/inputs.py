"""Rules about what was typed into the input cells."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.money import ZERO
from batch.core.numbers import Trouble, read_number
from batch.core.returned import CellKind
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


def materials_in_payment(case: Case) -> Iterable[Finding]:
    """About the cost of materials, from which no tax is withheld (UK, CIS): HOLD when it is missing or more than the
    payment, RETURN when it cannot be read. Nothing where it is not asked for, or nothing is due.
    """
    due = case.bill.summary.current_payment_due
    if not case.basis.asks_materials or not due:
        return
    cell, read = case.returned.summary.get("materials_in_payment"), materials_of(case)
    if read is None:
        yield case.finding("materials-missing", Severity.HOLD, cell=cell, expected="an amount, or 0")
    elif isinstance(read, Trouble):
        text = text_of(cell) if cell is not None else ""
        yield case.finding(read.code, Severity.RETURN, cell=cell, found=text, expected="an amount, or 0")
    elif not 0 <= read <= max(due, ZERO):
        yield case.finding("materials-over-payment", Severity.HOLD, cell=cell, found=read, expected=due)


def materials_of(case: Case) -> Decimal | Trouble | None:
    """The cost of materials as it was entered; None when it is blank or not asked for."""
    cell = case.returned.summary.get("materials_in_payment")
    if cell is None or cell.blank or not case.basis.asks_materials:
        return None
    return read_number(cell, case.basis.currency)
