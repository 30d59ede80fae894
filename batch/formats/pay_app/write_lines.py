"""Writes the planned rows into the sheet of lines, and the figures into the summary.

The template has one row of each sort: an original line, the heading of change orders, a change order line,
the totals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.methods import Method
from batch.core.model import Basis, Summary
from batch.core.money import plain, shown
from batch.formats import workbook as look
from batch.formats.pay_app import figures, layout
from batch.formats.pay_app.figures import PlannedRow
from batch.formats.pay_app.method_cells import CLOSED, tell_methods
from batch.formats.pay_app.stored import let_blank_mean_moved
from batch.formats.pay_app.stretch import Spans, stretch_own, stretch_ranges, stretch_rules

_AMOUNTS = frozenset(column.key for column in layout.COLUMNS if column.kind in ("amount", "input"))
#: Summary lines between which the changes of original lines are moved, and with which sign.
_MOVED: Mapping[str, str] = {"original_contract_sum": "-", "net_change_orders": "+"}
Cached = dict[str, Decimal | str]


@dataclass(frozen=True, kw_only=True)
class _Prototype:
    row: int
    height: float | None
    cells: Mapping[int, tuple[Any, Any]]


def fill_lines(sheet: Worksheet, basis: Basis, rows: Sequence[PlannedRow]) -> tuple[Spans, Cached]:
    """Write all rows. Gives where the template's rows went, and the value of each formula cell."""
    key_row, columns = _keys(sheet)
    prototypes = [_prototype(sheet, key_row + 2 + offset) for offset in range(4)]
    spans = Spans(
        first=key_row + 2,
        originals=sum(row.made_from == figures.LINE for row in rows),
        changes=sum(row.made_from == figures.CHANGE for row in rows),
    )
    cached: Cached = {}
    for row, planned in enumerate(rows, spans.first):
        _copy(sheet, prototypes[planned.made_from], row)
        if planned.moves:
            let_blank_mean_moved(sheet, row, columns, plain(planned.moves, basis.currency))
        _put(sheet, row, planned, columns, basis.currency)
        for key, value in planned.results.items():
            cached[f"{get_column_letter(columns[key])}{row}"] = value
        _lock(sheet, row, planned, columns, basis)
    _stretch_totals(sheet, spans)
    _clear(sheet, spans.first + len(rows), spans.first + len(prototypes))
    stretch_rules(sheet, spans)
    made = (figures.LINE, figures.CHANGE)
    methods = [(at, each.method) for at, each in enumerate(rows, spans.first) if each.made_from in made]
    tell_methods(sheet, columns, methods)
    _widen(sheet, columns, rows, basis.currency)
    _show_columns(sheet, columns, {
        "retainage_release": basis.kind.opens_release,
        "review_note": any(row.sent_back for row in rows),
        **dict.fromkeys(layout.MEASURED_KEYS, any(row.method is Method.UNIT_PRICE for row in rows)),
    })  # fmt: skip
    return spans, cached


def fill_summary(
    sheet: Worksheet, spans: Spans, summary: Summary, currency: str, changed: Decimal = Decimal(0)
) -> Cached:
    """Point the formulas at the rows of the lines, write previous certificates, and give the formulas'
    values. `changed`: what change orders did to original lines, which counts in summary line 2 and not in line 1.
    """
    values: Mapping[str, Decimal] = asdict(summary)
    marks = {str(cell.value): cell.column for row in sheet.iter_rows() for cell in row if cell.value}
    column = marks[layout.SUMMARY_VALUE]
    cached: Cached = {}
    for row in range(1, sheet.max_row + 1):
        key = sheet.cell(row=row, column=marks[layout.SUMMARY_KEY]).value
        cell = sheet.cell(row=row, column=column)
        if key not in values:
            continue
        if cell.data_type == "f":
            cell.value = stretch_ranges(str(cell.value), spans, sheet=True)
            if changed and key in _MOVED:
                cell.value = f"=ROUND({str(cell.value)[1:]}{_MOVED[str(key)]}({plain(changed, currency)}),2)"
            cached[cell.coordinate] = values[str(key)]
        else:
            look.put_number(cell, plain(values[str(key)], currency))
    return cached


def _keys(sheet: Worksheet) -> tuple[int, Mapping[str, int]]:
    for number, row in enumerate(sheet.iter_rows(), 1):
        found = {str(cell.value): column for column, cell in enumerate(row, 1) if cell.value is not None}
        if "line_key" in found:
            return number, found
    raise ValueError("the template has no row of column keys on the sheet of lines")


def _prototype(sheet: Worksheet, row: int) -> _Prototype:
    cells = {column: (look.style_of(cell), cell.value) for column, cell in enumerate(sheet[row], 1)}
    return _Prototype(row=row, height=sheet.row_dimensions[row].height, cells=cells)


def _copy(sheet: Worksheet, prototype: _Prototype, row: int) -> None:
    sheet.row_dimensions[row].height = prototype.height
    for column, (style, value) in prototype.cells.items():
        cell = sheet.cell(row=row, column=column)
        look.give_style(cell, style)
        if isinstance(value, str) and value.startswith("="):
            cell.value = stretch_own(value, prototype.row, row)
        else:
            look.put_text(cell, str(value or ""))


def _stretch_totals(sheet: Worksheet, spans: Spans) -> None:
    for cell in sheet[spans.total]:
        if cell.data_type == "f":
            cell.value = stretch_ranges(str(cell.value), spans)


def _clear(sheet: Worksheet, first: int, end: int) -> None:
    """Take away rows of the template that a short table did not use."""
    for row in range(first, end):
        for cell in sheet[row]:
            cell.value = None
            cell.style = "Normal"


def _put(sheet: Worksheet, row: int, planned: PlannedRow, columns: Mapping[str, int], currency: str) -> None:
    for key, value in planned.contents.items():
        cell = sheet.cell(row=row, column=columns[key])
        if isinstance(value, Decimal):
            look.put_number(cell, figures.written(value, key, currency))
        else:
            look.put_text(cell, value)
    _fit(sheet, row, planned, columns)


def _fit(sheet: Worksheet, row: int, planned: PlannedRow, columns: Mapping[str, int]) -> None:
    """Make a row high enough for its long texts."""
    texts = [
        (str(planned.contents[key]), sheet.column_dimensions[get_column_letter(columns[key])].width)
        for key in ("description", "review_note")
        if key in planned.contents
    ]
    if texts:
        sheet.row_dimensions[row].height = look.height_for(texts)


def _lock(sheet: Worksheet, row: int, planned: PlannedRow, columns: Mapping[str, int], basis: Basis) -> None:
    """Close what this invite does not ask for, and mark a line that was sent back."""
    if planned.made_from not in (figures.LINE, figures.CHANGE):
        return
    for key in layout.ENTRY_KEYS:
        opened = basis.kind.opens_release if key == "retainage_release" else basis.kind.opens_work
        if not opened or key in CLOSED[planned.method]:
            look.style_locked(sheet.cell(row=row, column=columns[key]))
    if planned.sent_back:
        look.mark_wrong(sheet.cell(row=row, column=columns["item"]))
        look.mark_wrong(sheet.cell(row=row, column=columns["description"]))


def _widen(sheet: Worksheet, columns: Mapping[str, int], rows: Sequence[PlannedRow], currency: str) -> None:
    """Make room for large amounts: a number wider than its column shows as ####."""
    for key, column in columns.items():
        found = [
            each for row in rows if isinstance(each := row.results.get(key, row.contents.get(key)), Decimal)
        ]
        longest = max((len(shown(each, currency)) for each in found if key in _AMOUNTS), default=0)
        dimension = sheet.column_dimensions[get_column_letter(column)]
        dimension.width = max(dimension.width, longest + 2)


def _show_columns(sheet: Worksheet, columns: Mapping[str, int], shown: Mapping[str, bool]) -> None:
    for key, is_shown in shown.items():
        sheet.column_dimensions[get_column_letter(columns[key])].hidden = not is_shown


def show_materials(sheet: Worksheet, *, asked: bool) -> None:
    """Hide the row that asks for the materials in the payment where nothing is withheld from the rest."""
    for row in range(1, sheet.max_row + 1):
        if sheet.cell(row=row, column=1).value == "materials_in_payment":
            sheet.row_dimensions[row].hidden = not asked
