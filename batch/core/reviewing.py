"""What a review comes to: a decision as it was entered, against the application as it stands now.

An application is settled whole or not at all. Nothing is decided by a row that is out of date, by an unknown
word, or by figures that do not pass the checks a claim has to pass. Who may decide, and up to which amount,
is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from batch.core.findings import Finding, Severity
from batch.core.model import Basis, LineAmounts, LinePosition
from batch.core.money import ZERO, MoneyError, amount
from batch.core.review_entries import (
    HOLD_EVENT,
    Choice,
    OnBehalfEntry,
    OnBehalfLine,
    OnBehalfOutcome,
    Place,
    ReviewDecision,
    ReviewOutcome,
    UnderReview,
)
from batch.core.review_quantities import by_quantity, entered_by_quantity
from batch.core.rules import check_amounts
from batch.core.stored import into_this, untouched

_DECISIONS = "Approve, Approve credit, Pending client approval, Reject or Hold"
_ANSWERS = "Client approves, Client cuts or Reopen"


def settle(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    """What the decision does to the application; findings say what keeps it from being applied.

    Approve with every figure as claimed gives `approve`; other figures, up or down, give `note` and need a
    reason each, which the reason of the whole application may stand in for. Reject, or any rejected line,
    gives `revise` and needs a reason. Hold needs a reason too. Pending client approval is an approval that
    the client still has to agree to; on such a one only the client's answer, or a reopening, is taken.
    """
    if decision.revision != case.revision:
        return _stale(decision, case)
    decision = by_quantity(decision, case)
    decided = _answered if case.pending else _decided
    outcome = _undecided(decision, case) if decision.choice is None else decided(decision, case)
    return _refused(case, outcome.findings) if outcome.findings else outcome


def on_behalf(entry: OnBehalfEntry, basis: Basis) -> OnBehalfOutcome:
    """What an entry on behalf claims. It needs a reason, something entered, and figures that pass the checks
    of a claim.
    """
    nothing = OnBehalfOutcome(invite_id=entry.invite_id)
    entry = replace(entry, lines=entered_by_quantity(entry.lines, basis))
    if not (entry.wanted or _bills(entry, basis) or entry.faults):
        return nothing
    claim = {line.key: _entered_amounts(entry, line.key, basis) for line in basis.lines}
    findings = (*_entry_faults(entry, basis), *entry.faults)
    checked = (
        () if findings else _checked(claim, basis, {key: line.place for key, line in entry.lines.items()})
    )
    findings = (*findings, *_blocking(checked))
    if findings:
        return OnBehalfOutcome(invite_id=entry.invite_id, findings=findings)
    return OnBehalfOutcome(
        invite_id=entry.invite_id,
        wanted=True,
        claim=claim,
        reason=entry.reason,
        invoice_number=entry.invoice_number,
        warnings=checked,
    )


def whole(amounts: Mapping[str, LineAmounts], basis: Basis) -> dict[str, LineAmounts]:
    """Amounts of every line of the schedule of values: one that is missing bills what nothing entered on it does."""
    return {
        line.key: amounts[line.key] if line.key in amounts else untouched(basis, line.key)
        for line in basis.lines
    }


def _refused(case: UnderReview, findings: tuple[Finding, ...]) -> ReviewOutcome:
    return ReviewOutcome(application_id=case.application_id, findings=findings)


def _stale(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    # A row without a decision asks for nothing, so it is not refused either.
    if decision.choice is None and not _commented(decision):
        return _refused(case, ())
    found, expected = str(decision.revision), str(case.revision)
    return _refused(case, (finding_at("row-stale", decision.place, found=found, expected=expected),))


def _undecided(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    findings = decision.faults
    if not findings and (_commented(decision) or _changed(decision, case)):
        findings = (
            finding_at("decision-missing", decision.place, expected=_ANSWERS if case.pending else _DECISIONS),
        )
    return _refused(case, findings)


def _commented(decision: ReviewDecision) -> bool:
    return bool(decision.reason) or any(line.reject or line.reason for line in decision.lines.values())


def _changed(decision: ReviewDecision, case: UnderReview) -> list[str]:
    claimed = whole(case.claim, case.basis)
    return [key for key, line in decision.lines.items() if line.approved not in (None, claimed.get(key))]


def _decided(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    if decision.choice is None or decision.choice.answers:
        return _unfit(decision, case, _DECISIONS)
    rejected = tuple(key for key, line in decision.lines.items() if line.reject)
    if decision.choice is Choice.HOLD:
        return _with_reason(decision, HOLD_EVENT, rejected)
    if decision.choice is Choice.REJECT or rejected:
        return _with_reason(decision, "revise", rejected)
    return _approval(decision, case)


def _answered(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    """The client's answer: as we approved it, or with other figures and a reason each. Or it is taken back to be reviewed."""
    if decision.choice is Choice.REOPEN:
        return _with_reason(decision, "reopen", ())
    if decision.choice is None or not decision.choice.answers or _rejects(decision):
        return _unfit(decision, case, _ANSWERS)
    agreed = decision.choice is Choice.CLIENT_APPROVES
    if agreed is bool(_changed(decision, case)):
        expected = "Client cuts" if agreed else "Client approves, or other figures"
        return _refused(case, (finding_at("client-decision", decision.place, expected=expected),))
    if agreed:
        return ReviewOutcome(
            application_id=case.application_id,
            event="client_approves",
            approved=whole(case.claim, case.basis),
            reason=decision.reason,
        )
    return replace(_approval(decision, case), event="client_cuts")


def _rejects(decision: ReviewDecision) -> bool:
    return any(line.reject for line in decision.lines.values())


def _unfit(decision: ReviewDecision, case: UnderReview, expected: str) -> ReviewOutcome:
    found = decision.choice.value if decision.choice is not None else ""
    return _refused(case, (finding_at("decision-unknown", decision.place, found=found, expected=expected),))


def _with_reason(decision: ReviewDecision, event: str, rejected: tuple[str, ...]) -> ReviewOutcome:
    reasons = _reasons(decision)
    by_line = event != HOLD_EVENT and bool(rejected) and all(key in reasons for key in rejected)
    explained = bool(decision.reason) or by_line
    if not explained:
        place = next((decision.lines[key].place for key in rejected if key not in reasons), decision.place)
        missing = finding_at("reason-missing", place, expected="a reason")
        return ReviewOutcome(application_id=decision.application_id, findings=(missing,))
    return ReviewOutcome(
        application_id=decision.application_id,
        event=event,
        reason=decision.reason,
        line_reasons=reasons,
        rejected=rejected,
    )


def _approval(decision: ReviewDecision, case: UnderReview) -> ReviewOutcome:
    findings = (*decision.faults, *_lines_at_odds(decision, case.basis))
    if findings:
        return _refused(case, findings)
    approved = {key: line.approved for key, line in decision.lines.items() if line.approved is not None}
    changed = _changed(decision, case)
    checked = _checked(approved, case.basis, {key: line.place for key, line in decision.lines.items()})
    return ReviewOutcome(
        application_id=case.application_id,
        event=_approving(decision, changed),
        approved=whole(approved, case.basis),
        reason=decision.reason,
        line_reasons=_reasons(decision) | {key: _reason_of(decision, key) for key in changed},
        findings=(
            *_unexplained(decision, changed),
            *_blocking(checked),
            *_not_as_credit(decision, checked),
        ),
        warnings=checked,
    )


def _approving(decision: ReviewDecision, changed: list[str]) -> str:
    if decision.choice is Choice.AWAIT_CLIENT:
        return "await_client"
    return "note" if changed else "approve"


def _not_as_credit(decision: ReviewDecision, checked: tuple[Finding, ...]) -> Iterator[Finding]:
    """A negative payment due has to be approved in so many words; and nothing else may be."""
    credit = next((each for each in checked if each.code == "credit-application"), None)
    if (credit is None) is (decision.choice is not Choice.APPROVE_CREDIT):
        return
    found = credit.found if credit is not None else ""
    expected = "Approve credit" if credit is not None else "Approve"
    yield finding_at("credit-decision", decision.place, found=found, expected=expected)


def _checked(
    amounts: Mapping[str, LineAmounts], basis: Basis, places: Mapping[str, Place]
) -> tuple[Finding, ...]:
    """What the checks of a claim say of figures an admin entered, each at its row of the workbook."""
    inexact = tuple(_inexact(amounts, basis, places))
    found = inexact or check_amounts(amounts, basis)
    at = {key: places.get(key, Place()) for key in ("", *amounts)}
    return tuple(replace(each, sheet=at[each.line].sheet, cell=at[each.line].cell) for each in found)


def _inexact(
    amounts: Mapping[str, LineAmounts], basis: Basis, places: Mapping[str, Place]
) -> Iterator[Finding]:
    for key, made in amounts.items():
        for value in (made.work, made.stored, made.release):
            try:
                amount(value, basis.currency)
            except MoneyError:
                place = places.get(key, Place())
                unread = finding_at("too-many-decimals", place, line=key, found=str(value))
                yield replace(unread, severity=Severity.RETURN)


def _blocking(found: tuple[Finding, ...]) -> Iterator[Finding]:
    return (each for each in found if each.severity is Severity.RETURN)


def prior_of(basis: Basis, key: str) -> LinePosition:
    """What the ledger holds for a line before this application."""
    return basis.positions.get(key, LinePosition())


def finding_at(code: str, place: Place, *, line: str = "", found: str = "", expected: str = "") -> Finding:
    """A finding for the admin about one place in a workbook."""
    return Finding(
        code=code,
        severity=Severity.HOLD,
        sheet=place.sheet,
        cell=place.cell,
        line=line,
        found=found,
        expected=expected,
    )


def _reasons(decision: ReviewDecision) -> dict[str, str]:
    return {key: line.reason for key, line in decision.lines.items() if line.reason}


def _reason_of(decision: ReviewDecision, key: str) -> str:
    return decision.lines[key].reason or decision.reason


def _lines_at_odds(decision: ReviewDecision, basis: Basis) -> Iterator[Finding]:
    ours = {line.key for line in basis.lines}
    for key in sorted(ours - set(decision.lines)):
        yield finding_at("line-missing", decision.place, line=key)
    for key in sorted(set(decision.lines) - ours):
        yield finding_at("line-unknown", decision.lines[key].place, line=key)
    for key, line in decision.lines.items():
        if line.approved is None and not decision.faults:
            yield finding_at("amount-missing", line.place, line=key, expected="every amount, or 0")


def _unexplained(decision: ReviewDecision, changed: list[str]) -> Iterator[Finding]:
    for key in changed:
        if not _reason_of(decision, key):
            yield finding_at("reason-missing", decision.lines[key].place, line=key, expected="a reason")


def _bills(entry: OnBehalfEntry, basis: Basis) -> bool:
    return any(
        line.release is not None
        or line.work not in (None, into_this(basis, key) or None)
        or line.stored not in (None, untouched(basis, key).stored)
        for key, line in entry.lines.items()
    )


def _entered_amounts(entry: OnBehalfEntry, key: str, basis: Basis) -> LineAmounts:
    line, nothing = entry.lines.get(key, OnBehalfLine()), untouched(basis, key)
    return LineAmounts(
        work=nothing.work if line.work is None else line.work,
        stored=nothing.stored if line.stored is None else line.stored,
        release=line.release or ZERO,
        quantity=line.quantity,
    )


def _entry_faults(entry: OnBehalfEntry, basis: Basis) -> Iterator[Finding]:
    if entry.issue != basis.issue:
        yield finding_at("row-stale", entry.place, found=str(entry.issue), expected=str(basis.issue))
    if not entry.wanted:
        yield finding_at("on-behalf-incomplete", entry.place, expected="Yes")
    if not entry.reason:
        yield finding_at("reason-missing", entry.place, expected="a reason")
    if not _bills(entry, basis):
        yield finding_at(
            "nothing-entered", entry.place, expected="an amount, or 0 on a line when there is nothing to bill"
        )
    for key in sorted(set(entry.lines) - {line.key for line in basis.lines}):
        yield finding_at("line-unknown", entry.lines[key].place, line=key)
