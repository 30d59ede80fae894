"""Where the register says a rate, an amount, the steps or the cap of retainage."""

from __future__ import annotations

from datetime import date

from batch.core.model import BilledLine
from batch.core.money import to_ppm
from batch.core.retainage import Component
from batch.core.retainage_told import Step
from batch.core.why import Evidence
from batch.edges.store import queries_periods, queries_why
from batch.formats.figures import date_text
from batch.jobs.why.subject import Subject

Where = tuple[str, tuple[Evidence, ...]]
#: The columns of a commitment that the other rules stand in; a cap may stand in either of two.
_COLUMNS = {
    Step.SHARE: "retainage_steps",
    Step.CAP: "retainage_cap",
    Step.WHOLE_UNITS: "retainage_whole",
    Step.CONTRACT_ROUNDING: "retainage_rounding",
}


def where_of(s: Subject, line: BilledLine, step: Step, which: Component) -> Where:
    """A sentence that names the cell of the register, and the file; what was frozen where it is no rule of the register."""
    if step is Step.FIXED:
        return _of_line(s, line, "retainage_amount")
    if step is Step.RATE:
        name = f"retainage_{which.value}"
        own = line.line.retainage_work if which is Component.WORK else line.line.retainage_stored
        return _of_line(s, line, name) if own is not None else _of_contract(s, name)
    column = _COLUMNS.get(step)
    return of_commitment(s, column) if column is not None else ("", s.frozen)


def _of_contract(s: Subject, name: str) -> Where:
    """The commitment's rate; after practical completion its rate of then."""
    row = queries_why.register_row(s.conn, "commitment", id=s.row["commitment_id"])
    done, on = ("retainage_completed_ppm", "completed_on")
    if row is None or row[on] is None or row[done] is None or name != "retainage_work":
        return of_commitment(s, name)
    if row[on] > s.basis.period_to or row[done] != to_ppm(s.basis.retainage.work):
        return of_commitment(s, name)
    place, evidence = of_commitment(s, "retainage_completed")
    return f"after practical completion on {_day(s, row[on])}; {place}".rstrip("; "), evidence


def _day(s: Subject, on: date) -> str:
    return date_text(on, s.sources.locale)


def of_commitment(s: Subject, name: str) -> Where:
    """The cell of the sheet Commitments that says a rule, as a sentence, and the file."""
    if name == "retainage_cap" and s.basis.retainage.cap_amount is not None:
        name = "retainage_cap_amount"
    return _where(s, "commitment", s.row["commitment_id"], (s.basis.commitment,), name)


def _of_line(s: Subject, line: BilledLine, name: str) -> Where:
    key = line.line.key
    row = queries_why.register_row(s.conn, "sov_line", commitment_id=s.row["commitment_id"], line_key=key)
    return (
        ("", s.frozen) if row is None else _where(s, "sov_line", row["id"], (s.basis.commitment, key), name)
    )


def _where(s: Subject, sheet: str, row_id: int, key: tuple[str, ...], name: str) -> Where:
    """The import that gave the value that was frozen: the last change of it before the workbook went out."""
    invite = queries_periods.invite(s.conn, s.row["invite_id"])
    until = invite["issued_at"] or s.row["submitted_at"]
    since, value = None, None
    for at, amounts, _by in s.sources.history(sheet, row_id):
        found = amounts.get(f"{name}_ppm", amounts.get(f"{name}_minor", amounts.get(name)))
        if at <= until and (since is None or found != value):
            since, value = at, found
    if since is None:
        return "", s.frozen
    place, evidence = s.sources.register(sheet, key, name, since)
    return (f"as{place} of the register" if place else ""), (*evidence, *s.frozen)
