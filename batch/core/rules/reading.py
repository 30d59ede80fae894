"""Reading a returned workbook into a `Case`, once. What cannot be read becomes findings of its line."""

from __future__ import annotations

from collections.abc import Mapping

from batch.core.billing import bill
from batch.core.findings import Severity
from batch.core.model import Basis, LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO
from batch.core.returned import Returned, ReturnedIdentity, ReturnedLine
from batch.core.rules.case import INPUTS, RELEASE, STORED, Case, Entry
from batch.core.rules.entered import LineReader
from batch.core.stored import untouched


def read_case(returned: Returned, basis: Basis, expected_tokens: frozenset[str]) -> Case:
    """Read the lines of a returned workbook against its basis. Never raises for what is in the workbook."""
    lines = {line.key: line for line in basis.lines}
    first: dict[str, ReturnedLine] = {}
    repeated, unknown = [], []
    for row in returned.lines:
        if row.line_key not in lines:
            unknown.append(row)
        elif row.line_key in first:
            repeated.append(row)
        else:
            first[row.line_key] = row
    entries = {key: _read_line(row, lines[key], basis) for key, row in first.items()}
    twice = {row.line_key for row in repeated}
    claim = {key: e.amounts for key, e in entries.items() if e.amounts is not None and key not in twice}
    return Case(
        returned=returned,
        basis=basis,
        expected_tokens=expected_tokens,
        entries=entries,
        repeated=tuple(repeated),
        unknown=tuple(row for row in unknown if _has_amounts(row)),
        missing=tuple(line for line in basis.lines if line.key not in entries and _matters(line, basis)),
        claim=claim,
        bill=bill(basis, claim),
        issued=bill(basis, {}),
    )


def claim_case(claim: Mapping[str, LineAmounts], basis: Basis) -> Case:
    """A case without a workbook: amounts an admin entered or approved, to be held against the limits."""
    return Case(
        returned=Returned(identity=ReturnedIdentity(), lines=()),
        basis=basis,
        expected_tokens=frozenset(),
        entries={},
        repeated=(),
        unknown=(),
        missing=(),
        claim=claim,
        bill=bill(basis, claim),
        issued=bill(basis, {}),
    )


def _has_amounts(row: ReturnedLine) -> bool:
    """Whether a row holds anything in a column of amounts, readable or not, other than a zero."""
    cells = (row.cells.get(column) for column in ("scheduled_value", *INPUTS))
    return any(cell is not None and not cell.blank and cell.text.strip() != "0" for cell in cells)


def _matters(line: SovLine, basis: Basis) -> bool:
    """A line without value and without history may be left out of a workbook."""
    return bool(line.scheduled_value) or basis.positions.get(line.key, LinePosition()) != LinePosition()


def _read_line(row: ReturnedLine, line: SovLine, basis: Basis) -> Entry:
    prior = basis.positions.get(line.key, LinePosition())
    reader = LineReader(row=row, line=line, prior=prior, basis=basis)
    work, quantity = reader.work()
    stored, release = reader.amount(STORED), reader.amount(RELEASE)
    nothing = untouched(basis, line.key)
    amounts = LineAmounts(
        work=nothing.work if work is None else work,
        stored=nothing.stored if stored is None else stored,
        release=release or ZERO,
        quantity=quantity,
    )
    changed = amounts.stored != nothing.stored or amounts.release != 0
    wrong = any(each.severity is Severity.RETURN for each in reader.troubles)
    return Entry(
        line=line,
        prior=prior,
        row=row,
        amounts=None if wrong else amounts,
        troubles=tuple(reader.troubles),
        filled=work is not None or changed or bool(reader.troubles),
    )
