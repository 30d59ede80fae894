"""Reads a returned pay application: any bytes in, cells and findings out. It never raises, and decides
nothing about money.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from batch.core.findings import Finding, Severity
from batch.core.returned import CellKind, Returned, ReturnedIdentity
from batch.formats.pay_app import identity
from batch.formats.pay_app.grid import MOST_CELLS, Grid, read_grid
from batch.formats.pay_app.package import Package, open_package
from batch.formats.pay_app.parts import (
    Contents,
    read_contents,
    read_percent_styles,
    read_properties,
    read_strings,
)
from batch.formats.pay_app.sniff import RefusedError
from batch.formats.pay_app.table import find_lines, find_summary


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A workbook as cells, with its defined names and custom properties as (name, text)."""

    grids: tuple[Grid, ...]
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]


def read(data: bytes) -> Returned:
    """The cells of a returned workbook, its identity, and the faults of reading. Any bytes at all are taken.

    A file that is no workbook, or holds neither code nor table, gives findings and never an empty
    application. What the code and the cells mean is for the rules in core.
    """
    try:
        opened = open_workbook(data)
    except RefusedError as refused:
        return Returned(identity=ReturnedIdentity(), lines=(), findings=(refused.finding,))
    return returned_of(opened)


def returned_of(opened: Opened) -> Returned:
    """What an opened workbook says, whatever program saved it: lines, summary, identity, faults of reading."""
    lines, findings = find_lines(opened.grids)
    found = _identity(opened)
    if not found.tokens and not lines:
        findings = (_no_token(), *findings)
    return Returned(identity=found, lines=lines, summary=find_summary(opened.grids), findings=findings)


def open_workbook(data: bytes) -> Opened:
    """Open any .xlsx or .xlsm within limits. Raises RefusedError with the finding for anything else."""
    package = open_package(data)
    contents = read_contents(package)
    return Opened(
        grids=tuple(_grids(package, contents)),
        names=tuple(contents.names.items()),
        properties=tuple(read_properties(package).items()),
    )


def _grids(package: Package, contents: Contents) -> Iterator[Grid]:
    strings = read_strings(package, contents.strings_part)
    percent = read_percent_styles(package, contents.styles_part)
    left = MOST_CELLS
    for sheet in contents.sheets:
        content = package.read(sheet.part)
        if content is not None:
            grid = read_grid(sheet.name, content, strings=strings, percent=percent, most=left)
            left -= len(grid.cells)
            yield grid


def _identity(opened: Opened) -> ReturnedIdentity:
    hidden = next((grid for grid in opened.grids if _mark(grid)), None)
    fields = _fields(hidden) if hidden else {}
    visible = [grid for grid in opened.grids if grid is not hidden]
    found = (
        *_carried(identity.CELL, [cell.text for grid in visible for cell in grid.cells.values()]),
        *_carried(identity.NAME, [text for _name, text in opened.names]),
        *_carried(identity.SHEET, [fields.get("token", "")]),
        *_carried(identity.PROPERTY, [text for _name, text in opened.properties]),
    )
    wanted = {key: fields.get(key, "") for key in identity.FIELDS if key != "token"}
    return ReturnedIdentity(tokens=found, **wanted)


def _mark(grid: Grid) -> tuple[int, int] | None:
    return next((place for place, cell in grid.cells.items() if cell.text == identity.SHEET_MARK), None)


def _fields(grid: Grid) -> dict[str, str]:
    place = _mark(grid)
    if place is None:
        return {}
    row, column = place
    rows = range(row + 1, row + 1 + 2 * len(identity.FIELDS))
    found = {grid.at(each, column).text.strip(): grid.at(each, column + 1) for each in rows}
    return {
        key: cell.text.strip()
        for key, cell in found.items()
        if key in identity.FIELDS and cell.kind is not CellKind.ERROR
    }


def _carried(carrier: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    tokens = dict.fromkeys(token for text in texts for token in identity.tokens_in(text))
    return [(carrier, token) for token in tokens]


def _no_token() -> Finding:
    return Finding(
        code="token-missing",
        severity=Severity.RETURN,
        found="a workbook without our code",
        expected="the workbook that came with our invite",
    )
