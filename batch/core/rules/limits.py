"""Rules about how much may be billed. On a deductive line every limit is the mirror image.

What the sender did is returned. What was so before, or came from a change of ours, is held for the admin.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from batch.core.billing import gross_movement
from batch.core.findings import Finding, Severity
from batch.core.model import BilledLine
from batch.core.money import ZERO
from batch.core.returned import Cell
from batch.core.rules.case import PERCENT, QUANTITY, STORED, WORK, Case, sign_of
from batch.core.rules.measured import by_policy, excess, limit_of, policy_of, softened


def over_line(case: Case) -> Iterable[Finding]:
    """A line billed beyond its scheduled value (G against C), by the policy; HOLD where that blocks and it was
    beyond before and did not grow.

    `found` is G, `expected` the largest work this period that the line still allows, `difference` what is
    over.
    """
    for row in case.billed:
        sign, value = sign_of(row.line), row.line.scheduled_value
        limit = limit_of(row)
        if (row.completed_and_stored - limit) * sign <= 0:
            continue
        left = (value - row.work_previous - row.materials_stored) * sign
        yield case.finding(
            "over-line",
            by_policy(case.basis.over_billing.line, grew=gross_movement(row) * sign > 0),
            cell=_entered(case, row),
            line=row.line.key,
            found=row.completed_and_stored,
            expected=max(left, ZERO) * sign,
            difference=row.completed_and_stored - limit,
        )


def _entered(case: Case, row: BilledLine) -> Cell | None:
    key = row.line.key
    work = case.entered(key, PERCENT, WORK, QUANTITY) if row.work_this_period else None
    return work or case.entered(key, STORED, PERCENT, WORK, QUANTITY)


def under_line(case: Case) -> Iterable[Finding]:
    """RETURN a line whose total, work to date or stored materials fall below zero (above zero on a
    deductive line).
    """
    for row in case.billed:
        sign = sign_of(row.line)
        work_to_date = row.work_previous + row.work_this_period
        lowest = min(row.completed_and_stored * sign, work_to_date * sign, row.materials_stored * sign)
        if lowest >= 0:
            continue
        fell = row.work_this_period * sign < 0 or row.materials_stored * sign < row.stored_previous * sign
        yield case.finding(
            "under-line",
            Severity.RETURN if fell else Severity.HOLD,
            cell=_entered(case, row),
            line=row.line.key,
            found=lowest * sign,
            expected=ZERO,
            difference=lowest * sign,
        )


def over_change_order(case: Case) -> Iterable[Finding]:
    """The lines of a change order billed beyond their value together, by the policy, where the policy for a single
    line is more lenient. Additions and deductions of one change order are measured apart.

    `line` is the number of the change order.
    """
    over = case.basis.over_billing
    policy = over.change_order
    groups: dict[tuple[str, int], list[BilledLine]] = {}
    for row in case.billed:
        if row.line.change_order:
            groups.setdefault((row.line.change_order, sign_of(row.line)), []).append(row)
    for (number, sign), rows in groups.items():
        done = sum((row.completed_and_stored for row in rows), ZERO)
        value = sum((row.line.scheduled_value for row in rows), ZERO)
        beyond = (done - value) * sign
        # A sum is beyond only where a line is; where that is told as strictly, the line says so.
        told = all(policy_of(row, over).strictness >= policy.strictness for row in rows if excess(row) > 0)
        if beyond > 0 and not told:
            grew = sum((gross_movement(row) for row in rows), ZERO) * sign > 0
            yield case.finding(
                "over-change-order",
                softened(by_policy(policy, grew=grew), rows, beyond),
                cell=next((cell for row in rows if (cell := _entered(case, row)) is not None), None),
                line=number,
                found=done,
                expected=value,
                difference=done - value,
            )


def over_contract(case: Case) -> Iterable[Finding]:
    """L4 beyond L3, by the policy, by more than the findings on single lines explain; HOLD where that blocks and
    nothing was added.

    It happens when a deductive change order is not yet taken: every line is within its value, and their sum
    is not. Lines explain nothing where the policy for them is more lenient than that for the contract.
    """
    summary, over = case.bill.summary, case.basis.over_billing
    beyond = summary.total_completed_and_stored - summary.contract_sum_to_date
    if beyond > _explained(case):
        severity = by_policy(over.contract, grew=summary.gross_this_period > 0)
        yield case.finding(
            "over-contract",
            softened(severity, case.billed, beyond),
            cell=case.returned.summary.get("total_completed_and_stored"),
            found=summary.total_completed_and_stored,
            expected=summary.contract_sum_to_date,
            difference=beyond,
        )


def _explained(case: Case) -> Decimal:
    over = case.basis.over_billing
    told = (
        row
        for row in case.billed
        if excess(row) > 0
        and sign_of(row.line) > 0
        and policy_of(row, over).strictness >= over.contract.strictness
    )
    return sum((excess(row) for row in told), ZERO)


def negative_work(case: Case) -> Iterable[Finding]:
    """HOLD work this period that goes backwards on its line."""
    for row in case.billed:
        if row.work_this_period * sign_of(row.line) < 0:
            cell = case.entered(row.line.key, WORK, PERCENT, QUANTITY)
            yield case.finding(
                "negative-work", Severity.HOLD, cell=cell, line=row.line.key, found=row.work_this_period
            )


def stored_dropped(case: Case) -> Iterable[Finding]:
    """HOLD stored materials that fall by more than the work on the line: material is built in, returned
    or lost.
    """
    for row in case.billed:
        sign = sign_of(row.line)
        drop = (row.stored_previous - row.materials_stored) * sign
        if drop > 0 and row.work_this_period * sign < drop:
            yield case.finding(
                "stored-dropped",
                Severity.HOLD,
                cell=case.entered(row.line.key, STORED),
                line=row.line.key,
                found=row.materials_stored,
                expected=row.stored_previous,
                difference=row.materials_stored - row.stored_previous,
            )


def credit_application(case: Case) -> Iterable[Finding]:
    """HOLD a negative payment due: it needs a person, and becomes a credit."""
    summary = case.bill.summary
    if summary.current_payment_due < 0:
        cell = case.returned.summary.get("current_payment_due")
        yield case.finding(
            "credit-application", Severity.HOLD, cell=cell, found=summary.current_payment_due, expected=ZERO
        )
