"""Rules about lines that are billed by quantity, or whole as a milestone; and how far they go before a person is asked.

The contract sum stays as agreed when a re-measured line passes its quantity, so what is left to bill may go below
zero. That is never silent: the quantity has a finding of its own, and so has a sum that it carries beyond its value.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.methods import Method, figure
from batch.core.model import BilledLine
from batch.core.money import ZERO
from batch.core.numbers import Trouble, read_exact
from batch.core.returned import Cell
from batch.core.rules.case import PERCENT, QUANTITY, STORED, WORK, Case, sign_of, text_of
from batch.core.settings import OverBilling, Policy

#: Locked columns of a unit price line: key, and how many decimals its figure may have.
_LOCKED = (("contract_quantity", 4), ("quantity_previous", 4), ("unit_price", 6))


def over_quantity(case: Case) -> Iterable[Finding]:
    """A quantity to date beyond the agreed one, by the policy; never returned where the line is re-measured, since the
    agreed quantity is an estimate there.
    """
    for row in case.billed:
        measure = row.line.measure
        beyond = quantity_beyond(row)
        if measure is None or beyond <= 0:
            continue
        grew = beyond > measure.beyond(case.prior(row.line.key).quantity)
        severity = by_policy(case.basis.over_billing.quantity, grew=grew)
        if measure.remeasured and severity is Severity.RETURN:
            severity = Severity.HOLD
        yield case.finding(
            "over-quantity",
            severity,
            cell=case.entered(row.line.key, QUANTITY),
            line=row.line.key,
            found=_shown(row.position.quantity, measure.unit),
            expected=_shown(measure.quantity, measure.unit),
            difference=_shown(beyond * measure.sign, measure.unit),
        )


def quantity_needed(case: Case) -> Iterable[Finding]:
    """RETURN work on a unit price line that is not what its quantity to date gives."""
    for row in case.billed:
        measure, prior = row.line.measure, case.prior(row.line.key)
        moved = bool(row.work_this_period) or row.position.quantity != prior.quantity
        if measure is None:
            worth = row.position.work if row.position.quantity == prior.quantity else ZERO
        else:
            worth = measure.worth(row.position.quantity, case.basis.currency, case.basis.rounding)
        if moved and worth != row.position.work:
            yield case.finding(
                "quantity-needed",
                Severity.RETURN,
                cell=case.entered(row.line.key, QUANTITY, WORK, PERCENT),
                line=row.line.key,
                found=row.work_this_period,
                expected=worth - row.work_previous,
                difference=row.position.work - worth,
            )


def milestone_part(case: Case) -> Iterable[Finding]:
    """RETURN a part of a milestone, or materials stored for one: it is reached or it is not."""
    for row in case.billed:
        if row.line.method is not Method.MILESTONE:
            continue
        to_date = row.work_previous + row.work_this_period
        # What the ledger has already is no fault of this entry.
        part = bool(row.work_this_period) and to_date not in (ZERO, row.line.scheduled_value)
        if part or row.materials_stored != row.stored_previous:
            key, columns = row.line.key, (PERCENT, WORK) if part else (STORED,)
            yield case.finding(
                "milestone-part",
                Severity.RETURN,
                cell=case.entered(key, *columns),
                line=key,
                found=row.work_this_period if part else row.materials_stored,
                expected=row.line.scheduled_value - row.work_previous,
            )


def agreement_changed(case: Case) -> Iterable[Finding]:
    """HOLD a changed figure of what a unit price line was agreed at, or of its quantity before; ours is used."""
    for key in case.entries:
        for cell, found, expected in _changed(case, key):
            yield case.finding(
                "locked-cell-changed",
                Severity.HOLD,
                cell=cell,
                line=key,
                found=found,
                expected=figure(expected),
            )


def measured_as_issued(case: Case, key: str) -> bool:
    """Whether what the formulas of a unit price line start from is what was issued."""
    return not list(_changed(case, key))


def _changed(case: Case, key: str) -> Iterable[tuple[Cell, str, Decimal]]:
    entry = case.entries[key]
    measure = entry.line.measure
    if measure is None:
        return
    ours = {
        "contract_quantity": measure.quantity,
        "quantity_previous": entry.prior.quantity,
        "unit_price": measure.unit_price,
    }
    for column, places in _LOCKED:
        cell = entry.row.cells.get(column)
        if cell is None or cell.blank:
            continue
        read = read_exact(cell, places)
        if isinstance(read, Trouble) or read != ours[column]:
            yield cell, text_of(cell) if isinstance(read, Trouble) else figure(read), ours[column]


def quantity_beyond(row: BilledLine) -> Decimal:
    """By how much the quantity to date of a line passes the agreed one; 0 on any other line."""
    return row.line.measure.beyond(row.position.quantity) if row.line.measure else ZERO


def by_policy(policy: Policy, *, grew: bool) -> Severity:
    """The severity of going beyond a limit. What was so before is no fault of this application: never returned."""
    return Severity.HOLD if policy is Policy.BLOCK and not grew else policy.severity


def limit_of(row: BilledLine) -> Decimal:
    """Up to where a line may be completed before it is over its value: the work itself where its quantity is beyond
    the agreed one, which has a finding of its own.
    """
    value = row.line.scheduled_value
    sign = sign_of(row.line)
    return max(value * sign, row.position.work * sign) * sign if quantity_beyond(row) > 0 else value


def policy_of(row: BilledLine, over: OverBilling) -> Policy:
    """The policy by which a line that is over has been told of."""
    return over.quantity if quantity_beyond(row) > 0 else over.line


def softened(severity: Severity, rows: Iterable[BilledLine], beyond: Decimal) -> Severity:
    """The severity for a sum beyond its value: held and not returned where re-measured lines alone explain it."""
    explained = sum((excess(row) for row in rows if _remeasured_over(row)), ZERO)
    return Severity.HOLD if severity is Severity.RETURN and beyond <= explained else severity


def excess(row: BilledLine) -> Decimal:
    """By how much a line is beyond its value, in the direction of its sign; 0 or less when it is not."""
    return (row.completed_and_stored - row.line.scheduled_value) * sign_of(row.line)


def _remeasured_over(row: BilledLine) -> bool:
    return row.line.measure is not None and row.line.measure.remeasured and quantity_beyond(row) > 0


def _shown(quantity: Decimal, unit: str) -> str:
    return f"{figure(quantity)} {unit}".strip()
