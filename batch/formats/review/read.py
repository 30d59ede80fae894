"""Reads a returned review workbook: any bytes in, decisions and findings out. It decides nothing and never
raises.

Rows are known by their hidden keys. A table whose keys are gone is a finding; so is one that stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from batch.core.findings import Finding
from batch.core.returned import CellKind
from batch.core.review_entries import OnBehalfEntry, Place, ReviewDecision
from batch.core.reviewing import finding_at
from batch.formats.pay_app.grid import Grid, read_grid
from batch.formats.pay_app.package import open_package
from batch.formats.pay_app.parts import read_contents, read_percent_styles, read_strings
from batch.formats.pay_app.sniff import RefusedError
from batch.formats.review import layout
from batch.formats.review.decisions import decisions_of
from batch.formats.review.entries import entries_of
from batch.formats.review.rows import Row

#: A project with 200 commitments of 100 lines each; far beyond it the file is not ours.
MOST_CELLS = 600_000
_TOKEN = re.compile(r"\bRV1\.([A-Za-z0-9]+)\b")
#: What a table has besides where a line is billed by quantity.
OPTIONAL: Mapping[str, frozenset[str]] = {
    layout.LINES: frozenset({"approved_quantity", "unit", "unit_price"}),
    layout.ON_BEHALF: frozenset({"quantity_to_date", "unit", "unit_price"}),
}
#: What a table must have to be known as it. No two tables share all of theirs.
TABLES: Mapping[str, frozenset[str]] = {
    layout.APPLICATIONS: frozenset({"application_id", "revision", "currency", "decision", "reason"}),
    layout.LINES: frozenset(
        {
            "application_id",
            "line_key",
            "approved_work",
            "approved_stored",
            "approved_release",
            "reject",
            "line_reason",
        }
    ),
    layout.NOT_ANSWERED: frozenset(
        {"invite_id", "issue", "currency", "bill_on_behalf", "invoice_number", "reason"}
    ),
    layout.ON_BEHALF: frozenset(
        {"invite_id", "line_key", "work_this_period", "materials_stored", "retainage_release"}
    ),
}


@dataclass(frozen=True, kw_only=True)
class ReviewRead:
    """What a review workbook says. `token` is the one it was stamped with, '' when it is lost or they differ.

    `findings` are about the workbook as a whole; faults of one application are with its decision, and come
    out of `core.reviewing.settle`.
    """

    token: str = ""
    project: str = ""
    period: str = ""
    decisions: tuple[ReviewDecision, ...] = ()
    on_behalf: tuple[OnBehalfEntry, ...] = ()
    findings: tuple[Finding, ...] = ()


def read(data: bytes) -> ReviewRead:
    """Decisions and entries of a returned review workbook, amounts exact; nothing is applied here."""
    try:
        grids = tuple(_grids(data))
    except RefusedError as refused:
        return ReviewRead(findings=(refused.finding,))
    stamp = _stamp(grids)
    tables: dict[str, list[Row]] = {}
    findings = [*_stamp_findings(grids)]
    for title in TABLES:
        found = list(_tables(grids, title))
        if len(found) != 1:
            what = "no such table" if not found else "the table twice"
            findings.append(
                finding_at("table-not-recognised", Place(sheet=title), found=what, expected=title)
            )
        tables[title] = found[0] if len(found) == 1 else []
    decisions, strangers = decisions_of(tables[layout.APPLICATIONS], tables[layout.LINES])
    entries, unknown = entries_of(tables[layout.NOT_ANSWERED], tables[layout.ON_BEHALF])
    return ReviewRead(
        token=_only(_tokens(grids)),
        project=stamp.get("project", ""),
        period=stamp.get("period", ""),
        decisions=decisions,
        on_behalf=entries,
        findings=(*findings, *strangers, *unknown),
    )


def _grids(data: bytes) -> Iterator[Grid]:
    package = open_package(data)
    contents = read_contents(package)
    strings = read_strings(package, contents.strings_part)
    percent = read_percent_styles(package, contents.styles_part)
    for sheet in contents.sheets:
        content = package.read(sheet.part)
        if content is not None:
            yield read_grid(sheet.name, content, strings=strings, percent=percent, most=MOST_CELLS)


def _tables(grids: Sequence[Grid], title: str) -> Iterator[list[Row]]:
    needed = TABLES[title]
    for grid in grids:
        for row, columns in _key_rows(grid, needed, OPTIONAL.get(title, frozenset())):
            last = max(number for number, _column in grid.cells)
            yield [
                Row(number=number, cells={key: grid.at(number, column) for key, column in columns.items()})
                for number in range(row + 1, last + 1)
            ]


def _key_rows(
    grid: Grid, needed: frozenset[str], optional: frozenset[str]
) -> Iterator[tuple[int, dict[str, int]]]:
    rows: dict[int, dict[str, int]] = {}
    for (row, column), cell in sorted(grid.cells.items(), reverse=True):
        if cell.kind is CellKind.TEXT:
            rows.setdefault(row, {})[cell.text.strip()] = column
    for row, columns in rows.items():
        if needed <= columns.keys():
            yield row, {key: columns[key] for key in (needed | optional) & columns.keys()}


def _stamp(grids: Sequence[Grid]) -> dict[str, str]:
    for grid in grids:
        if grid.at(1, 1).text == layout.STAMP_MARK:
            rows = range(2, 2 + len(layout.STAMP_ROWS))
            return {grid.at(row, 1).text: grid.at(row, 2).text for row in rows}
    return {}


def _tokens(grids: Sequence[Grid]) -> set[str]:
    texts = (cell.text for grid in grids for cell in grid.cells.values() if layout.CODE_PREFIX in cell.text)
    return {token for text in texts for token in _TOKEN.findall(text)}


def _only(tokens: set[str]) -> str:
    return next(iter(tokens)) if len(tokens) == 1 else ""


def _stamp_findings(grids: Sequence[Grid]) -> Iterator[Finding]:
    tokens = _tokens(grids)
    if len(tokens) != 1:
        code = "token-conflict" if tokens else "token-missing"
        yield finding_at(code, Place(), found=", ".join(sorted(tokens)), expected="the code of one review")
