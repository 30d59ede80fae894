"""Which inputs are open on a line by the way it is billed, and what a spreadsheet program says beside the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.methods import Method
from batch.formats.pay_app import layout

#: Inputs that are closed on a line, by how it is billed.
CLOSED: Mapping[Method, frozenset[str]] = {
    Method.AMOUNT: frozenset({"quantity_to_date"}),
    Method.UNIT_PRICE: frozenset({"percent_to_date", "work_this_period"}),
    Method.MILESTONE: frozenset({"quantity_to_date", "materials_stored"}),
}
#: Rows of the sheet, each with how its line is billed.
Methods = Sequence[tuple[int, Method]]


def tell_methods(sheet: Worksheet, columns: Mapping[str, int], methods: Methods) -> None:
    """Take the rule of an input off the lines where it is closed, and say beside it what is entered there instead."""
    if all(method is Method.AMOUNT for _row, method in methods):
        return
    own: dict[str, set[int]] = {}
    for row, method in methods:
        told = CLOSED[method] | ({"percent_to_date"} if method is Method.MILESTONE else set())
        for key in told:
            own.setdefault(get_column_letter(columns[key]), set()).add(row)
    _leave_out(sheet, own)
    percent, work = (get_column_letter(columns[key]) for key in ("percent_to_date", "work_this_period"))
    by_quantity = [row for row, method in methods if method is Method.UNIT_PRICE]
    milestones = [row for row, method in methods if method is Method.MILESTONE]
    closed = DataValidation(type="custom", formula1="FALSE", allow_blank=True)
    cells = [f"{letter}{row}" for letter in (percent, work) for row in by_quantity]
    _add(sheet, closed, "By quantity", layout.CLOSED_PROMPT, cells)
    whole = DataValidation(type="list", formula1='"100%,0%"', allow_blank=True)
    _add(sheet, whole, "Milestone", layout.MILESTONE_PROMPT, [f"{percent}{row}" for row in milestones])


def _add(sheet: Worksheet, rule: DataValidation, title: str, text: str, cells: Sequence[str]) -> None:
    if not cells:
        return
    rule.showInputMessage = rule.showErrorMessage = True
    rule.promptTitle = rule.errorTitle = title
    rule.prompt = rule.error = text
    rule.sqref = MultiCellRange(" ".join(cells))
    sheet.add_data_validation(rule)


def _leave_out(sheet: Worksheet, own: Mapping[str, set[int]]) -> None:
    """A cell may have one rule only: what has its own is taken out of the ranges of the others."""
    for rule in list(sheet.data_validations.dataValidation):
        kept = [part for each in str(rule.sqref).split() for part in _without(each, own)]
        if kept:
            rule.sqref = MultiCellRange(" ".join(kept))
        else:
            sheet.data_validations.dataValidation.remove(rule)


def _without(where: str, own: Mapping[str, set[int]]) -> Iterator[str]:
    column, first, _last_column, last = range_boundaries(where)
    letter = get_column_letter(column or 1)
    if not own.get(letter):
        yield where
        return
    start = None
    for row in range(first or 1, (last or 1) + 2):
        inside = row <= (last or 1) and row not in own[letter]
        if inside and start is None:
            start = row
        elif not inside and start is not None:
            yield f"{letter}{start}:{letter}{row - 1}"
            start = None
