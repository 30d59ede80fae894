"""What keeps a decision from being written: a state that is gone by, figures that moved, and who may not decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from batch.core.billing import bill
from batch.core.exchange import convert, rate_text, too_large
from batch.core.findings import Finding, Severity
from batch.core.model import LinePosition, Permission
from batch.core.money import from_minor
from batch.core.review_entries import ReviewDecision, ReviewOutcome
from batch.core.states import Application
from batch.core.stored import begun
from batch.edges.store import queries_applications, queries_register
from batch.edges.store.rows import RowMapping
from batch.formats.figures import money_text

if TYPE_CHECKING:
    from batch.jobs.decide import Pending


def _fault(code: str, decision: ReviewDecision, *, found: str = "", expected: str = "") -> Finding:
    place = decision.place
    return Finding(
        code=code, severity=Severity.HOLD, sheet=place.sheet, cell=place.cell, found=found, expected=expected
    )


def not_reviewable(pending: Pending, decision: ReviewDecision) -> Sequence[Finding]:
    """An application that is no longer under review, or whose previous figures have moved since its invite was issued."""
    state = pending.row["state"]
    if decision.choice is not None and state is not Application.UNDER_REVIEW:
        return (_fault("row-stale", decision, found=state.value, expected=Application.UNDER_REVIEW.value),)
    if decision.choice is None or not decision.choice.approves:
        return ()  # sending back and holding move nothing
    if pending.waits_for is not None:
        # Its previous figures are not settled yet: approved first, the earlier one could never be approved.
        first = queries_applications.name_of(pending.waits_for)
        return (_fault("earlier-undecided", decision, found=first),)
    empty = LinePosition()
    keys = [line.key for line in pending.basis.lines]
    begins = begun(pending.positions, pending.basis.stored_mode, pending.basis.lines)
    moved = any(begins.get(k, empty) != pending.basis.positions.get(k, empty) for k in keys)
    return (_fault("figures-moved", decision),) if moved else ()


def no_rate(pending: Pending, outcome: ReviewOutcome, decision: ReviewDecision) -> Sequence[Finding]:
    """An approval fixes the exchange rate of a foreign currency; without one it is not applied."""
    if not outcome.approved or not pending.fixing.needed:
        return ()
    pair = f"{pending.fixing.currency} to {pending.fixing.to_currency}"
    fixed = pending.fixing.rate
    if fixed is not None:
        found = bill(pending.basis, outcome.approved).summary.total_completed_and_stored
        rate = rate_text(fixed.rate)
        return (_fault("exchange-rate-wrong", decision, found=rate),) if too_large(found, fixed.rate) else ()
    return (_fault("exchange-rate-missing", decision, found=pair, expected=f"{pending.fixing.day}"),)


def not_permitted(
    pending: Pending, outcome: ReviewOutcome, admin: RowMapping, decision: ReviewDecision
) -> Sequence[Finding]:
    """Who may decide: a permission on the project, an amount within the admin's limit, and not one's own entry."""
    if decision.choice is None or not outcome.event:
        return ()
    if not queries_register.may(admin, Permission.APPROVE, pending.who.project["number"]):
        return (_fault("not-permitted", decision, expected="an admin who may approve on this project"),)
    if not outcome.approved:
        return ()
    if pending.row["entered_by"] == admin["id"] and len(pending.approvers) > 1:
        return (_fault("own-entry", decision),)
    return _beyond_limit(pending, outcome, admin, decision)


def _beyond_limit(
    pending: Pending, outcome: ReviewOutcome, admin: RowMapping, decision: ReviewDecision
) -> Sequence[Finding]:
    """The limit is on the payment due, so that a release of retainage without new work is bounded too."""
    limit, currency = admin["limit_minor"], admin["currency"] or pending.basis.currency
    if limit is None:
        return ()
    due, own = bill(pending.basis, outcome.approved).summary.current_payment_due, pending.basis.currency
    most, fixed = from_minor(limit, currency), pending.fixing.rate
    if fixed is not None and currency == fixed.to_currency:
        due, own = convert(due, fixed.rate, currency, pending.basis.rounding), currency
    if due <= most and currency == own:
        return ()
    found, expected = money_text(due, own), f"at most {money_text(most, currency)}"
    return (_fault("not-permitted", decision, found=found, expected=expected),)
