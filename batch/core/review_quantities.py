"""Lines by unit price in a review: the quantity to date decides, and the amount follows from it.

So the quantity that the next application starts from is never one that the approved amount does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.model import Basis, LineAmounts, LinePosition, SovLine
from batch.core.review_entries import OnBehalfLine, ReviewDecision, ReviewedLine, UnderReview


def by_quantity(decision: ReviewDecision, case: UnderReview) -> ReviewDecision:
    """The decision with the approved work of each unit price line out of its approved quantity.

    A quantity that is blank, or an amount that was typed over and does not follow, becomes a fault.
    """
    lines, faults = dict(decision.lines), list(decision.faults)
    for line in case.basis.lines:
        entry = decision.lines.get(line.key)
        if line.measure is None or entry is None or entry.approved is None:
            continue
        claimed = case.claim.get(line.key, LineAmounts(stored=_prior(case.basis, line).stored))
        if entry.approved == claimed:
            continue
        settled, fault = _settled(line, entry, entry.approved, claimed, case.basis)
        lines[line.key] = replace(entry, approved=settled)
        faults += [fault] if fault else []
    return replace(decision, lines=lines, faults=tuple(faults))


def _settled(
    line: SovLine, entry: ReviewedLine, approved: LineAmounts, claimed: LineAmounts, basis: Basis
) -> tuple[LineAmounts | None, Finding | None]:
    shown = _prior(basis, line).quantity if claimed.quantity is None else claimed.quantity
    if approved.quantity is None:
        return None, _fault("amount-missing", line, entry, expected="the quantity to date")
    if approved.quantity == shown:
        work, quantity = claimed.work, claimed.quantity
    else:
        work, quantity = work_of(line, approved.quantity, basis), approved.quantity
    if not entry.follows and approved.work not in (work, claimed.work):
        found, expected = f"{approved.work:f}", f"{work:f}"
        return None, _fault("quantity-needed", line, entry, found=found, expected=expected)
    return replace(approved, work=work, quantity=quantity), None


def work_of(line: SovLine, quantity: Decimal, basis: Basis) -> Decimal:
    """Work this period of a unit price line that stands at a quantity to date."""
    assert line.measure is not None, "only a line by unit price has a quantity"
    worth = line.measure.worth(quantity, basis.currency, basis.rounding)
    return worth - _prior(basis, line).work


def entered_by_quantity(lines: Mapping[str, OnBehalfLine], basis: Basis) -> dict[str, OnBehalfLine]:
    """Entries on behalf with the work of each unit price line out of its quantity, where no amount was typed over it."""
    made = dict(lines)
    for line in basis.lines:
        entry = lines.get(line.key)
        if (
            line.measure is not None
            and entry is not None
            and entry.quantity is not None
            and entry.work is None
        ):
            made[line.key] = replace(entry, work=work_of(line, entry.quantity, basis))
    return made


def _prior(basis: Basis, line: SovLine) -> LinePosition:
    return basis.positions.get(line.key, LinePosition())


def _fault(code: str, line: SovLine, entry: ReviewedLine, *, found: str = "", expected: str = "") -> Finding:
    return Finding(
        code=code,
        severity=Severity.HOLD,
        sheet=entry.place.sheet,
        cell=entry.place.cell,
        line=line.key,
        found=found,
        expected=expected,
    )
