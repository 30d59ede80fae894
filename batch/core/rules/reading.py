"""Reading a returned workbook into a `Case`, once. What cannot be read becomes findings of its line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from batch.core import money
from batch.core.billing import bill
from batch.core.findings import Finding, Severity
from batch.core.model import Basis, LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO, MoneyError
from batch.core.numbers import Trouble, read_number, read_percent
from batch.core.returned import Cell, Returned, ReturnedIdentity, ReturnedLine
from batch.core.rules.case import INPUTS, PERCENT, RELEASE, STORED, WORK, Case, Entry, plain, text_of
from batch.core.stored import into_this, untouched


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
    troubles: list[Finding] = []
    work = _read_work(row, line, prior, basis, troubles)
    stored = _read_amount(row, STORED, line, basis, troubles)
    release = _read_amount(row, RELEASE, line, basis, troubles)
    nothing = untouched(basis, line.key)
    amounts = LineAmounts(
        work=nothing.work if work is None else work,
        stored=nothing.stored if stored is None else stored,
        release=release or ZERO,
    )
    changed = amounts.stored != nothing.stored or amounts.release != 0
    return Entry(
        line=line,
        prior=prior,
        row=row,
        amounts=None if troubles else amounts,
        troubles=tuple(troubles),
        filled=work is not None or changed or bool(troubles),
    )


def _read_work(
    row: ReturnedLine, line: SovLine, prior: LinePosition, basis: Basis, troubles: list[Finding]
) -> Decimal | None:
    """Work this period, from the amount or from the percentage; None when neither was entered.

    The percentage is of work completed to date (D + E) in the scheduled value, stored materials not
    counted: the work to date it gives is rounded once, and what was billed before is taken off (domain
    rule: never round increments).
    """
    direct = _read_amount(row, WORK, line, basis, troubles)
    if direct and direct == into_this(basis, line.key):
        direct = None  # stored material that was filled in as work, left as it was: nothing was entered
    from_percent = _read_percentage(row, line, prior, basis, troubles)
    if direct is None or from_percent is None or direct == from_percent:
        return from_percent if direct is None else direct
    troubles.append(
        _trouble(
            row.cells[WORK],
            "ambiguous-number",
            line,
            found=plain(direct, basis.currency),
            expected=plain(from_percent, basis.currency),
            difference=plain(direct - from_percent, basis.currency),
        )
    )
    return None


def _read_percentage(
    row: ReturnedLine, line: SovLine, prior: LinePosition, basis: Basis, troubles: list[Finding]
) -> Decimal | None:
    cell = row.cells.get(PERCENT)
    if cell is None or cell.blank:
        return None
    percent = read_percent(cell)
    if isinstance(percent, Trouble):
        troubles.append(_trouble(cell, percent.code, line))
        return None
    try:
        to_date = money.percent_of(line.scheduled_value, percent, basis.currency, basis.rounding)
        return money.amount(to_date - prior.work, basis.currency)
    except (MoneyError, ArithmeticError):  # a percentage far beyond any contract
        troubles.append(_trouble(cell, "not-a-number", line))
        return None


def _read_amount(
    row: ReturnedLine, column: str, line: SovLine, basis: Basis, troubles: list[Finding]
) -> Decimal | None:
    cell = row.cells.get(column)
    if cell is None or cell.blank:
        return None
    value = read_number(cell, basis.currency)
    if isinstance(value, Trouble):
        troubles.append(_trouble(cell, value.code, line))
        return None
    return value


def _trouble(
    cell: Cell, code: str, line: SovLine, *, found: str = "", expected: str = "", difference: str = ""
) -> Finding:
    return Finding(
        code=code,
        severity=Severity.RETURN,
        sheet=cell.sheet,
        cell=cell.ref,
        line=line.key,
        found=found or text_of(cell),
        expected=expected,
        difference=difference,
    )
