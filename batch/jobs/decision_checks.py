"""What keeps a decision from being written: a state that is gone by, figures that moved, and who may not decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from batch.core.billing import IdentityBroken, assert_identities, bill
from batch.core.exchange import convert, rate_text, too_large
from batch.core.findings import Finding, Severity
from batch.core.model import Basis, Bill, LinePosition, Permission
from batch.core.money import from_minor
from batch.core.review_entries import Choice, ReviewDecision, ReviewOutcome
from batch.core.states import Application, accepts
from batch.core.stored import begun
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_upstream,
)
from batch.edges.store.rows import Connection, RowMapping
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
    answers = decision.choice is not None and decision.choice.answers
    expected = Application.PENDING_CLIENT_APPROVAL if answers else Application.UNDER_REVIEW
    if decision.choice is not None and state is not expected:
        return (_fault("row-stale", decision, found=state.value, expected=expected.value),)
    if answers and decision.choice is not Choice.CLIENT_APPROVES:
        closed = pending.awaiting.closed if pending.awaiting is not None else ""
        return (_fault("client-too-late", decision, found=closed),) if closed else ()
    if decision.choice is None or not decision.choice.approves:
        return ()  # sending back and holding move nothing
    if pending.waits_for is not None:
        # Its previous figures are not settled yet: approved first, the earlier one could never be approved.
        first = queries_applications.name_of(pending.waits_for)
        return (_fault("earlier-undecided", decision, found=first),)
    empty = LinePosition()
    keys = [line.key for line in pending.basis.lines]
    basis = pending.basis
    begins = begun(pending.positions, basis.stored_mode, basis.lines, basis.kind)
    moved = any(begins.get(k, empty) != pending.basis.positions.get(k, empty) for k in keys)
    return (_fault("figures-moved", decision),) if moved else ()


def not_tied(computed: Bill, basis: Basis, decision: ReviewDecision) -> tuple[Finding, ...]:
    """A bill that breaks an identity of the forms is never approved: the admin is told which, and the rest goes on."""
    try:
        assert_identities(computed, basis)
    except IdentityBroken as fault:
        return (_fault("figures-broken", decision, found=str(fault)),)
    return ()


def why_not_reopened(conn: Connection, row: RowMapping) -> str:
    """Why the figures of an approved application stand for good, in a sentence with what to do instead; or ''."""
    last = queries_ledger.last_approved(conn, row["commitment_id"])
    if last is None or last["id"] != row["id"]:
        return "a later application of this commitment is approved; correct it with a line in the next one"
    posted = [one["folder"] for one in queries_upstream.exported_in(conn, row["id"]) if one["posts"]]
    if posted:
        return f"it is posted to the ERP in {posted[0]}; void that batch if it was never imported, reverse it if it was"
    for invite in queries_periods.later_invites(conn, row["commitment_id"], row["period_number"]):
        if not accepts(invite["state"], "replace") or queries_periods.has_application(conn, invite["id"]):
            return "a later application of this commitment has come in already; correct it with a line there"
    return ""


def no_rate(pending: Pending, outcome: ReviewOutcome, decision: ReviewDecision) -> Sequence[Finding]:
    """An approval fixes the exchange rate of a foreign currency; without one it is not applied.

    What the client agrees to keeps the rate that it was approved at; what the client cuts is approved anew.
    """
    if not outcome.approved or not pending.fixing.needed or outcome.event == "client_approves":
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
