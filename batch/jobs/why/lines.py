"""The figures of a line of a pay application: each explained by its rule and its parts. The table is at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from batch.core.billing import gross_movement, net_movement
from batch.core.model import BilledLine
from batch.core.money import from_minor
from batch.core.settings import StoredMode
from batch.core.why import Why
from batch.edges.store import queries_why
from batch.edges.store.rows import RowMapping
from batch.formats.why.words import name_of
from batch.jobs.why import measured, withheld
from batch.jobs.why.claimed import input_of
from batch.jobs.why.scheduled import scheduled_value
from batch.jobs.why.subject import Subject
from batch.jobs.why.terms import of_commitment


def of_line(line: BilledLine, figure: str) -> str:
    """How the figure of a line is headed: `Line 3 Walls, work this period`."""
    return f"Line {line.line.item or line.line.key} {line.line.description}, {figure}"


def titled(s: Subject, line: BilledLine, key: str) -> str:
    """The name of a figure of a line, with the line."""
    name = name_of(key, s.words, line=True)
    return of_line(line, name[:1].lower() + name[1:])


def _sum(s: Subject, line: BilledLine, key: str, amount: Decimal, how: str, parts: Iterable[Why]) -> Why:
    return Why(what=titled(s, line, key), amount=amount, how=how, parts=tuple(parts))


def explain_line(s: Subject, line: BilledLine, key: str) -> Why:
    """One figure of one line."""
    return LINE_FIGURES[key](s, line)


def work_previous(s: Subject, line: BilledLine) -> Why:
    """Work of before: the ledger, application by application, and the opening balance."""
    how = "the work in the ledger when this one began"
    return _of_ledger(s, line, "work_previous", "work", line.work_previous, how)


def _stored_previous(s: Subject, line: BilledLine) -> Why:
    name = f"{s.words['stored_materials']} of before"
    how = "the balance in the ledger when this one began"
    return _of_ledger(s, line, name, "stored", line.stored_previous, how)


def _of_ledger(s: Subject, line: BilledLine, name: str, column: str, amount: Decimal, how: str) -> Why:
    what = titled(s, line, name) if name in LINE_FIGURES else of_line(line, name)
    if not s.live:
        return Why(what=what, amount=amount, how="as it stood when the workbook went out", evidence=s.frozen)
    parts = [*_opening(s, line, column), *_moved(s, line, column)]
    rows = queries_why.movements(s.conn, s.row["commitment_id"], line.line.key)
    parts += [_movement(s, row, column) for row in s.before(rows) if row[f"{column}_minor"]]
    return Why(
        what=what, amount=amount, how=how, parts=tuple(parts), evidence=() if parts or amount else s.frozen
    )


def _opening(s: Subject, line: BilledLine, column: str) -> list[Why]:
    row = queries_why.opening_line(s.conn, s.row["commitment_id"], line.line.key)
    if row is None or not row[f"{column}_minor"]:
        return []
    base = "work" if column == "work" else s.words["stored_materials"]
    return [withheld.from_opening(s, row, column, f"Opening balance: {base} billed before")]


def _moved(s: Subject, line: BilledLine, column: str) -> list[Why]:
    """Materials that became work by themselves when this application began; the ledger has it with its approval."""
    amount = s.basis.stored_moved.get(line.line.key)
    if not amount or s.basis.stored_mode is not StoredMode.TO_PREVIOUS:
        return []
    what = f"{s.words['stored_materials']} of before that count as work from this one on".capitalize()
    how = "they move by themselves on this commitment"
    place, evidence = of_commitment(s, "stored_mode")
    node = Why(what=what, amount=amount, how=f"{how}; {place}".rstrip("; "), evidence=evidence)
    return [node if column == "work" else node.less()]


def _movement(s: Subject, row: RowMapping, column: str) -> Why:
    base = "work" if column == "work" else s.words["stored_materials"]
    amount = from_minor(row[f"{column}_minor"], s.currency)
    name = s.sources.name(row["application_id"])
    how = f"{base} entered in the ledger {s.sources.when(row['at'])}"
    if row["ordinal"] > 1:
        how += ", taken back by a reopening" if row["ordinal"] % 2 == 0 else ", once more after a reopening"
    return Why(what=name, amount=amount, how=how, evidence=s.sources.of_application(row["application_id"]))


def work_this_period(s: Subject, line: BilledLine) -> Why:
    """Work this period: what was claimed in which cell, and what the reviewer made of it."""
    node = input_of(s, line, titled(s, line, "work_this_period"), "work", line.work_this_period)
    return replace(node, parts=(*node.parts, *measured.by_quantity(s, line), *measured.as_milestone(s, line)))


def materials_stored(s: Subject, line: BilledLine) -> Why:
    """The balance of stored materials: what was claimed, and what the reviewer made of it."""
    return input_of(s, line, titled(s, line, "materials_stored"), "stored", line.materials_stored)


def released_this_period(s: Subject, line: BilledLine) -> Why:
    """Retainage released: what was asked back, and what the reviewer made of it."""
    return input_of(s, line, titled(s, line, "released_this_period"), "release", line.released_this_period)


def completed_and_stored(s: Subject, line: BilledLine) -> Why:
    """Completed and stored: D + E + F."""
    parts = (work_previous(s, line), work_this_period(s, line), materials_stored(s, line))
    how = f"work before, work this period and {s.words['stored_materials']} presently there"
    return _sum(s, line, "completed_and_stored", line.completed_and_stored, how, parts)


def balance_to_finish(s: Subject, line: BilledLine) -> Why:
    """Balance to finish: C - G."""
    parts = (scheduled(s, line), completed_and_stored(s, line).less())
    how = "the scheduled value less what is completed and stored"
    return _sum(s, line, "balance_to_finish", line.balance_to_finish, how, parts)


def scheduled(s: Subject, line: BilledLine) -> Why:
    """The scheduled value: the register, with its corrections and change orders."""
    return scheduled_value(s, line, titled(s, line, "scheduled_value"))


def gross_this_period(s: Subject, line: BilledLine) -> Why:
    """What this period adds to completed and stored: E + F - F of before."""
    parts = (work_this_period(s, line), materials_stored(s, line), _stored_previous(s, line).less())
    how = (
        f"work this period, and what {s.words['stored_materials']} came to or went from the balance of before"
    )
    return _sum(s, line, "gross_this_period", gross_movement(line), how, parts)


def net_this_period(s: Subject, line: BilledLine) -> Why:
    """What a line adds to what is due: gross less withheld plus released."""
    parts = [
        gross_this_period(s, line),
        withheld_this_period(s, line).less(),
        released_this_period(s, line),
    ]
    kept = s.words["retainage"]
    how = f"gross of this period less {kept} withheld, plus {kept} released"
    return _sum(s, line, "net_this_period", net_movement(line), how, parts)


def withheld_this_period(s: Subject, line: BilledLine) -> Why:
    """Retainage withheld this period: the ledger's rows, and the rules that gave what is withheld to date."""
    return withheld.this_period(s, line, titled(s, line, "withheld_this_period"))


def retainage_held(s: Subject, line: BilledLine) -> Why:
    """Retainage held: on work and on stored materials."""
    return withheld.held(s, line, titled(s, line, "retainage_held"))


#: To explain another figure of a line, add its key here and its name in `formats.why.words`.
LINE_FIGURES: Mapping[str, Callable[[Subject, BilledLine], Why]] = {
    "scheduled_value": scheduled,
    "work_previous": work_previous,
    "work_this_period": work_this_period,
    "materials_stored": materials_stored,
    "completed_and_stored": completed_and_stored,
    "balance_to_finish": balance_to_finish,
    "withheld_this_period": withheld_this_period,
    "released_this_period": released_this_period,
    "retainage_held": retainage_held,
    "gross_this_period": gross_this_period,
    "net_this_period": net_this_period,
}
