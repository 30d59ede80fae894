"""Puts what came back in another format into the workbook that was issued, so that the answer is that workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as BookCell

from batch.core.findings import Finding
from batch.core.returned import Cell, CellKind, Returned, ReturnedLine
from batch.formats import workbook as look
from batch.formats.pay_app.read import open_workbook
from batch.formats.pay_app.table import find_lines, find_summary

_Place = tuple[str, str]


def carry(
    issued: bytes, returned: Returned, findings: Sequence[Finding]
) -> tuple[bytes, tuple[Finding, ...]]:
    """The issued workbook with the entries of the returned one, and the findings at the cells they have there.

    `issued` is a workbook of ours. A finding about a row or a cell that it does not have keeps its place.
    """
    opened = open_workbook(issued)
    book = load_workbook(io.BytesIO(issued))
    places: dict[_Place, _Place] = {}
    for came, ours in _pairs(returned, find_lines(opened.grids)[0], find_summary(opened.grids)):
        places[came.sheet, came.ref] = (ours.sheet, ours.ref)
        cell = book[ours.sheet][ours.ref]
        if isinstance(cell, BookCell) and not cell.protection.locked:
            _enter(cell, came)
    out = io.BytesIO()
    book.save(out)
    moved = (_moved(each, places) for each in findings)
    return out.getvalue(), tuple(moved)


def _pairs(
    returned: Returned, lines: Sequence[ReturnedLine], summary: Mapping[str, Cell]
) -> Iterator[tuple[Cell, Cell]]:
    """Every cell that came back beside ours of the same line and column."""
    ours = {line.line_key: line.cells for line in lines}
    for line in returned.lines:
        for column, cell in line.cells.items():
            if column in ours.get(line.line_key, {}):
                yield cell, ours[line.line_key][column]
    for key, cell in returned.summary.items():
        if key in summary:
            yield cell, summary[key]


def _enter(cell: BookCell, came: Cell) -> None:
    if came.blank:
        cell.value = None
    elif came.kind is CellKind.NUMBER:
        cell.value = _number(came.text)
    else:
        look.put_text(cell, came.text)


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _moved(finding: Finding, places: Mapping[_Place, _Place]) -> Finding:
    sheet, cell = places.get((finding.sheet, finding.cell), (finding.sheet, finding.cell))
    return replace(finding, sheet=sheet, cell=cell)
