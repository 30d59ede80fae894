"""Finds the table of lines and the summary in the cells of a workbook, wherever they were moved to.

Columns are known by the hidden row of keys, else by their headings. Lines are known by their key, never by
position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from batch.core.findings import Finding, Severity
from batch.core.model import Summary
from batch.core.returned import Cell, ReturnedLine
from batch.formats.pay_app import layout
from batch.formats.pay_app.arithmetic import settled
from batch.formats.pay_app.grid import Grid

_KEYS = frozenset(column.key for column in layout.COLUMNS)
_HEADINGS = layout.headings()
_LABELS = layout.labels()
_SUMMARY_KEYS = frozenset(Summary.__dataclass_fields__) | frozenset(layout.ENTRY_LABELS)
#: So many keys or headings in one row make it a table's; fewer may be a chance.
_ENOUGH = 4
#: Without these a table cannot be used.
_NEEDED = frozenset({"line_key"})
#: A row with something in one of these, and without a key, was added by hand.
_ADDED = ("item", "description", *layout.ENTRY_KEYS, "scheduled_value")
_EXPECTED = "the sheet 'Lines' with its headings and its hidden first column"


@dataclass(frozen=True, kw_only=True)
class _Table:
    grid: Grid
    row: int
    columns: Mapping[str, int]
    doubled: tuple[str, ...]


def find_lines(grids: Sequence[Grid]) -> tuple[tuple[ReturnedLine, ...], tuple[Finding, ...]]:
    """The lines of every table found, and a finding when there is none that can be used."""
    tables = [table for grid in grids for table in _tables(grid, by_key=True)]
    tables = tables or [table for grid in grids for table in _tables(grid, by_key=False)]
    findings = tuple(finding for table in tables for finding in _faults(table))
    lines = tuple(line for table in tables if table.columns.keys() >= _NEEDED for line in _lines(table))
    if not lines and not findings:
        findings = (_not_recognised("no table of lines"),)
    return lines, findings


def find_summary(grids: Sequence[Grid]) -> Mapping[str, Cell]:
    """The cells of the summary by key: by the hidden column of keys, else by the labels on the left."""
    for grid in grids:
        marks = {cell.text: place for place, cell in grid.cells.items() if cell.text.startswith("#summary_")}
        if layout.SUMMARY_KEY in marks and layout.SUMMARY_VALUE in marks:
            return _keyed_summary(grid, marks[layout.SUMMARY_KEY][1], marks[layout.SUMMARY_VALUE][1])
    return next((found for grid in grids if len(found := _labelled_summary(grid)) >= _ENOUGH), {})


def _keyed_summary(grid: Grid, key_column: int, value_column: int) -> Mapping[str, Cell]:
    return {
        cell.text: grid.at(row, value_column)
        for (row, column), cell in sorted(grid.cells.items(), reverse=True)
        if column == key_column and cell.text in _SUMMARY_KEYS
    }


def _labelled_summary(grid: Grid) -> Mapping[str, Cell]:
    found: dict[str, Cell] = {}
    for (row, column), cell in sorted(grid.cells.items()):
        key = _LABELS.get(layout.normal(cell.text))
        if key:
            found.setdefault(key, grid.at(row, column + 1))
    return found


def _tables(grid: Grid, *, by_key: bool) -> Iterator[_Table]:
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in sorted(grid.cells.items()):
        text = layout.normal(cell.text)
        key = text if by_key and text in _KEYS else "" if by_key else _HEADINGS.get(text, "")
        if key:
            rows.setdefault(row, {})[column] = key
    for row, found in rows.items():
        columns = {key: column for column, key in sorted(found.items(), reverse=True)}
        if len(columns) >= _ENOUGH:
            doubled = tuple(key for key in columns if list(found.values()).count(key) > 1)
            yield _Table(grid=grid, row=row, columns=columns, doubled=doubled)


def _faults(table: _Table) -> Iterator[Finding]:
    if not table.columns.keys() >= _NEEDED:
        yield _not_recognised("no column of line keys", sheet=table.grid.sheet)
    for key in table.doubled:
        yield _not_recognised(f"the column {key!r} twice", sheet=table.grid.sheet)


def _lines(table: _Table) -> Iterator[ReturnedLine]:
    last = max((row for row, _column in table.grid.cells), default=0)
    for row in range(table.row + 1, last + 1):
        cells = {key: table.grid.at(row, column) for key, column in table.columns.items()}
        cells |= {key: settled(cells[key], table.grid) for key in layout.ENTRY_KEYS if key in cells}
        key = cells["line_key"].text.strip()
        if key.startswith("#"):
            continue
        if key or any(not cells[each].blank for each in _ADDED if each in cells):
            yield ReturnedLine(line_key=key, row=row, cells=cells)


def _not_recognised(found: str, *, sheet: str = "") -> Finding:
    return Finding(
        code="table-not-recognised", severity=Severity.RETURN, sheet=sheet, found=found, expected=_EXPECTED
    )
