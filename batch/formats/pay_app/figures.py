"""The rows of the table of lines as values: what is written into each, and what its formulas come to now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from batch.core.billing import percent_complete
from batch.core.methods import Method, figure
from batch.core.model import Basis, Bill, BilledLine, LineAmounts, LinePosition, SovLine
from batch.core.money import HUNDRED, ZERO, percent_of, plain
from batch.core.retainage import still_the_opening
from batch.core.retainage_rules import terms_of_line
from batch.core.stored import into_this
from batch.formats.pay_app import layout
from batch.formats.pay_app.formulas import SUMMED

#: Rows of the template that a written row can be made from, as offsets from the first one.
LINE, SECTION, CHANGE, TOTAL = range(4)
#: Columns of retainage, which hold figures and no formula where no formula of one line can say the rule.
RETAINAGE_KEYS = ("retainage", "withheld_by_rate", "withheld_stored", "withheld_work", "retainage_on_work")
Values = Mapping[str, Decimal | str]


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """One row: which row of the template it is made from, what is put in, what its formulas give (by column
    key).

    A Decimal is written as a number, text as text. `moves`: stored material that is filled in as work of this period.
    """

    made_from: int
    moves: Decimal = ZERO
    contents: Values = field(default_factory=dict)
    results: Values = field(default_factory=dict)
    method: Method = Method.AMOUNT
    sent_back: bool = False


def plan_rows(
    basis: Basis, computed: Bill, amounts: Mapping[str, LineAmounts], rejected: Mapping[str, str]
) -> tuple[PlannedRow, ...]:
    """All rows in order: original lines, the heading of change orders, their lines, the totals."""
    lines = [_line(each, basis, amounts.get(each.line.key), rejected) for each in computed.lines]
    return (
        *(row for row in lines if row.made_from == LINE),
        PlannedRow(made_from=SECTION),
        *(row for row in lines if row.made_from == CHANGE),
        PlannedRow(made_from=TOTAL, results=_totals(lines)),
    )


def _line(
    billed: BilledLine, basis: Basis, entered: LineAmounts | None, rejected: Mapping[str, str]
) -> PlannedRow:
    prior = basis.positions.get(billed.line.key, LinePosition())
    reason = rejected.get(billed.line.key, "")
    contents = {
        **_constants(billed, prior, basis),
        **_entries(billed, entered, into_this(basis, billed.line.key)),
        **({"review_note": reason} if reason else {}),
    }
    results = _results(billed, prior, basis)
    words = check_words(billed, results)
    if not basis.retainage_by_line:  # figures in place of the template's formulas
        contents |= {key: results.pop(key) for key in RETAINAGE_KEYS}
    return PlannedRow(
        made_from=CHANGE if billed.line.change_order else LINE,
        contents=contents,
        results={**results, "check": words},
        method=billed.line.method,
        sent_back=billed.line.key in rejected,
        moves=into_this(basis, billed.line.key),
    )


def _constants(billed: BilledLine, prior: LinePosition, basis: Basis) -> dict[str, Decimal | str]:
    return {
        "line_key": billed.line.key,
        "item": billed.line.item,
        "description": billed.line.description,
        "cost_code": billed.line.cost_code,
        "scheduled_value": billed.line.scheduled_value,
        "work_previous": billed.work_previous,
        "stored_previous": billed.stored_previous,
        "retainage_rate_work": terms_of_line(basis.retainage, billed.line).work / HUNDRED,
        "retainage_rate_stored": terms_of_line(basis.retainage, billed.line).stored / HUNDRED,
        "opening_work": prior.opening_work,
        "opening_withheld": prior.opening_withheld_work,
        "released_before": prior.released,
        "stored_withheld_before": _on_unchanged_stored(billed.line, prior, basis),
        **_measure(billed, prior),
    }


def _on_unchanged_stored(line: SovLine, prior: LinePosition, basis: Basis) -> Decimal:
    """What is withheld on the stored materials of before if nothing is built in and nothing comes."""
    if still_the_opening(prior, prior.stored):
        return prior.opening_withheld_stored
    rate = terms_of_line(basis.retainage, line).stored
    return percent_of(prior.stored, rate, basis.currency, basis.rounding)


def _measure(billed: BilledLine, prior: LinePosition) -> dict[str, Decimal | str]:
    """How the line is billed, and what it was agreed at where that is by quantity."""
    measure = billed.line.measure
    if measure is None:
        return {"method": layout.MILESTONE} if billed.line.method is Method.MILESTONE else {}
    return {
        "method": layout.RE_MEASURED if measure.remeasured else layout.BY_QUANTITY,
        "unit_of_measure": measure.unit,
        "contract_quantity": measure.quantity,
        "quantity_previous": prior.quantity,
        "unit_price": measure.unit_price,
    }


def _entries(billed: BilledLine, entered: LineAmounts | None, moves: Decimal) -> dict[str, Decimal | str]:
    """What stands in the yellow cells. A figure of nothing stays blank, which reads the same and shows what
    is open. `moves`: stored material that is filled in as work of this period; there a blank would mean it.
    """
    by_quantity = billed.line.measure is not None
    quantity = entered.quantity if entered is not None else None
    given = {
        "work_this_period": ZERO if by_quantity else entered.work if entered else moves,
        "materials_stored": billed.materials_stored,
        "retainage_release": entered.release if entered else ZERO,
    }
    # Stored materials that went down to nothing must say so: blank would mean unchanged.
    went_down = billed.stored_previous != billed.materials_stored
    told = {"materials_stored": went_down, "work_this_period": bool(moves) and not by_quantity}
    filled: dict[str, Decimal | str] = {
        key: value for key, value in given.items() if value or told.get(key, False)
    }
    return filled if quantity is None or not by_quantity else {"quantity_to_date": quantity, **filled}


def _results(billed: BilledLine, prior: LinePosition, basis: Basis) -> dict[str, Decimal | str]:
    after = billed.position
    if not basis.retainage_by_line:
        return _shared(billed) | _so_far(billed, prior)
    rate = terms_of_line(basis.retainage, billed.line).work
    since = percent_of(after.work - prior.opening_work, rate, basis.currency, basis.rounding)
    return _shared(billed) | {
        "retainage": billed.retainage_held,
        "withheld_by_rate": prior.opening_withheld_work + since,
        "withheld_stored": after.withheld_stored,
        "withheld_work": after.withheld_work,
        "retainage_on_work": billed.held_work,
    }


def _shared(billed: BilledLine) -> dict[str, Decimal | str]:
    return {
        "work_billed": billed.work_this_period,
        "completed_and_stored": billed.completed_and_stored,
        "percent_complete": percent_complete(billed) / HUNDRED,
        "balance_to_finish": billed.balance_to_finish,
    }


def _so_far(billed: BilledLine, prior: LinePosition) -> dict[str, Decimal | str]:
    """Retainage as certified so far. What may be released is not known here: only beyond the line's value is it wrong."""
    return {
        "retainage": billed.retainage_held,
        "withheld_by_rate": billed.line.scheduled_value + prior.released,
        "withheld_stored": ZERO,
        "withheld_work": prior.withheld_work,
        "retainage_on_work": billed.held_work,
    }


def check_words(billed: BilledLine, results: Mapping[str, Decimal | str]) -> str:
    """The words of the check column, as the formula gives them for amounts that can be read."""
    line, after = billed.line, billed.position
    sign = -1 if line.scheduled_value < 0 else 1
    over = sign * (billed.completed_and_stored - line.scheduled_value)
    if line.method is Method.MILESTONE and billed.completed_and_stored not in (ZERO, line.scheduled_value):
        return "All of it or nothing"
    measure = line.measure
    if measure is not None and measure.remeasured and measure.beyond(after.quantity) > 0:
        return "Above the estimate"
    if over > 0:
        return f"Over by {over.normalize():f}"
    if sign * billed.completed_and_stored < 0:
        return "Below zero"
    if sign * billed.work_this_period < 0:
        return "Less than before"
    by_rate = Decimal(results["withheld_by_rate"])
    stored = Decimal(results["withheld_stored"])
    held = by_rate + stored - (after.released - billed.released_this_period)
    return "More than is held" if sign * billed.released_this_period > max(ZERO, sign * held) else ""


def _totals(lines: list[PlannedRow]) -> dict[str, Decimal | str]:
    return {
        key: sum((Decimal(row.results.get(key, row.contents.get(key, ZERO))) for row in lines), ZERO)
        for key in SUMMED
    }


def written(value: Decimal, key: str, currency: str) -> str:
    """The exact text of a number: an amount at the currency's precision; a rate, a quantity, a unit price as it is."""
    as_it_is = key.startswith("retainage_rate") or key in layout.MEASURED_KEYS
    return figure(value) if as_it_is else plain(value, currency)


def is_entry(key: str) -> bool:
    """Whether a column is one a subcontractor fills in with a figure."""
    return key in layout.ENTRY_KEYS
