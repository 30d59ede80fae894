"""Work on a line that is not billed by percent or amount: a quantity to date at its unit price, or a whole milestone."""

from __future__ import annotations

from batch.core.methods import Method, figure
from batch.core.model import BilledLine
from batch.core.why import Evidence, Why
from batch.edges.store import queries_why
from batch.formats.why.retainage import rounding_text
from batch.jobs.why.subject import Subject


def by_quantity(s: Subject, line: BilledLine) -> tuple[Why, ...]:
    """The quantity to date at the unit price, rounded once, less what was billed before; told beside what was entered."""
    measure, to_date = line.line.measure, line.position.quantity
    if measure is None:
        return ()
    before = s.prior(line.line.key).quantity
    if s.amounts[line.line.key].quantity is None:
        what = f"The quantity to date stays at {figure(before)} {measure.unit}: none was entered"
        return (Why(what=what, evidence=s.evidence).told(),)
    price = f"{figure(to_date)} {measure.unit} to date at the unit price {figure(measure.unit_price)}"
    worth = measure.worth(to_date, s.currency, s.basis.rounding)
    place, evidence = _price(s, line)
    parts = (
        Why(
            what=price,
            amount=worth,
            how=f"{rounding_text(s.basis.rounding)} once; the price as agreed{place}",
            evidence=(*evidence, *s.evidence),
        ),
        Why(
            what=f"Work billed before, when {figure(before)} {measure.unit} were built in",
            amount=line.work_previous,
            how=f"billings why {s.name} {line.line.key} previous",
            evidence=s.frozen,
        ).less(),
    )
    what = f"By quantity: {figure(to_date - before)} {measure.unit} this period"
    return (Why(what=what, amount=line.work_this_period, parts=parts).told(),)


def _price(s: Subject, line: BilledLine) -> tuple[str, tuple[Evidence, ...]]:
    """The cell of the register with the unit price, when the workbook went out."""
    key = line.line.key
    row = queries_why.register_row(s.conn, "sov_line", commitment_id=s.row["commitment_id"], line_key=key)
    history = s.sources.history("sov_line", row["id"]) if row is not None else []
    if not history:
        return "", s.frozen
    earlier = [at for at, _amounts, _by in history if at <= s.row["submitted_at"]] or [history[0][0]]
    return s.sources.register("sov_line", (s.basis.commitment, key), "unit_price", earlier[-1])


def as_milestone(s: Subject, line: BilledLine) -> tuple[Why, ...]:
    """What a milestone is: reached and billed whole, or not reached yet."""
    if line.line.method is not Method.MILESTONE:
        return ()
    reached = "reached" if line.position.work else "not reached yet"
    return (Why(what=f"A milestone, billed whole or not at all: {reached}", evidence=s.frozen).told(),)
