"""A register workbook in words: its problems, and what an import would do. For the command line and for
answers by mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from batch.core.money import total
from batch.formats.register.diff import FieldChange, PlannedRow, Refusal, RegisterPlan
from batch.formats.register.frozen import text_of
from batch.formats.register.opening_limits import held
from batch.formats.register.problems import Problem, Weight
from batch.formats.register.read import RegisterRead
from batch.formats.register.reading import Reading
from batch.formats.register.sheets import BY_NAME, IMPORT_ORDER, Key

_MOST_NAMES = 6
_LONGEST = 60
_WEIGHTS = {Weight.ERROR: "Error", Weight.WARNING: "Warning", Weight.INFO: "Note"}


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """Retainage held on one commitment by its opening balance, to tick against the accounting system."""

    vendor: str
    vendor_name: str
    commitment: str
    currency: str
    held: Decimal


def describe_problems(problems: Iterable[Problem]) -> list[str]:
    """One line for each problem, errors first: place, what was found, what to do."""
    order = list(_WEIGHTS)
    return [
        _problem(problem) for problem in sorted(problems, key=lambda problem: order.index(problem.weight))
    ]


def _problem(problem: Problem) -> str:
    place = _place(problem.sheet, problem.cell)
    said = problem.found and problem.found not in problem.sentence
    found = f' (found "{_short(problem.found)}")' if said else ""
    return f"{_WEIGHTS[problem.weight]}{place}: {problem.sentence}{found}"


def _place(sheet: str, cell: str) -> str:
    return f", {sheet} {cell}".rstrip() if sheet else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def describe(plan: RegisterPlan) -> list[str]:
    """What the import does: added rows by sheet, each changed field from old to new, each refused row with
    its reason.
    """
    lines = [*_added(plan.added), *_changed(plan.changed), *(_refused(row) for row in plan.refused)]
    summary = (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {plan.unchanged} unchanged,"
        f" {len(plan.refused)} refused."
    )
    return [*lines, summary]


def _added(rows: Iterable[PlannedRow]) -> Iterator[str]:
    by_sheet: dict[str, list[Key]] = defaultdict(list)
    for row in rows:
        by_sheet[row.sheet].append(row.key)
    for sheet in IMPORT_ORDER:
        if keys := by_sheet.get(sheet.name):
            names = list(dict.fromkeys(_called(key[:1] if sheet.whole else key) for key in keys))
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            yield f"Added, {sheet.title}: {len(keys)} ({', '.join(names[:_MOST_NAMES])}{more})"


def _called(key: Key) -> str:
    return " ".join(_short(text_of(part)) for part in key)


def _changed(rows: Iterable[PlannedRow]) -> Iterator[str]:
    for row in rows:
        for change in row.changes:
            yield f"Changed, {row.title} {row.cell}, {_called(row.key)}: {_change(change)}"


def _change(change: FieldChange) -> str:
    old, new = (_short(text_of(value)) or "(blank)" for value in (change.old, change.new))
    return f"{change.heading} {old} -> {new}"


def _refused(row: Refusal) -> str:
    called = f", {_called(row.key)}" if row.key else ""
    return f"Refused, {row.title} {row.cell}{called}: {row.reason}"


def opening_held(read: RegisterRead) -> tuple[HeldRow, ...]:
    """Retainage held by the opening balances of a file, one row for each commitment, by vendor and
    commitment. Amounts are in the commitment's currency.
    """
    known = Reading(present=read.present, rows={name: dict(rows) for name, rows in read.rows.items()})
    lines: dict[object, list[Decimal]] = defaultdict(list)
    for key, row in read.rows["opening_line"].items():
        lines[key[0]].append(held(row.values))
    rows = [_held_row(known, commitment, amounts) for commitment, amounts in lines.items()]
    return tuple(sorted(rows, key=lambda row: (row.vendor, row.commitment)))


def _held_row(known: Reading, commitment: object, amounts: list[Decimal]) -> HeldRow:
    vendor = known.value("commitment", (commitment,), "vendor")
    currency = str(known.value("commitment", (commitment,), "currency"))
    name = text_of(known.value("vendor", (vendor,), "name"))
    return HeldRow(
        vendor=str(vendor),
        vendor_name=name,
        commitment=str(commitment),
        currency=currency,
        held=total(amounts, currency),
    )


def sheet_title(name: str) -> str:
    """The title people see of a sheet of the store."""
    return BY_NAME[name].title
