"""Rules about release of retainage, and about what the kind of invite opens."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from batch.core.findings import Finding, Severity
from batch.core.model import BilledLine
from batch.core.money import ZERO
from batch.core.rules.case import PERCENT, QUANTITY, RELEASE, STORED, WORK, Case, sign_of


def release_not_invited(case: Case) -> Iterable[Finding]:
    """RETURN a release on an invite that does not ask for one."""
    if case.basis.kind.opens_release:
        return
    for row in case.billed:
        if row.released_this_period:
            yield case.finding(
                "release-not-invited",
                Severity.RETURN,
                cell=case.entered(row.line.key, RELEASE),
                line=row.line.key,
                found=row.released_this_period,
                expected=ZERO,
                difference=row.released_this_period,
            )


def work_not_invited(case: Case) -> Iterable[Finding]:
    """RETURN work, or a change of stored materials, on an invite for release of retainage only."""
    if case.basis.kind.opens_work:
        return
    for row in case.billed:
        moved = row.materials_stored - row.stored_previous
        if not row.work_this_period and not moved:
            continue
        columns = (WORK, PERCENT, QUANTITY) if row.work_this_period else (STORED,)
        yield case.finding(
            "work-not-invited",
            Severity.RETURN,
            cell=case.entered(row.line.key, *columns),
            line=row.line.key,
            found=row.work_this_period or row.materials_stored,
            expected=ZERO if row.work_this_period else row.stored_previous,
            difference=row.work_this_period or moved,
        )


def release_over_held(case: Case) -> Iterable[Finding]:
    """RETURN a release beyond what is held once this period is withheld, or one against the sign of its
    line.

    The last application may bill the last work and ask all retainage back, so this period's own withholding
    counts.
    """
    if not case.basis.kind.opens_release:
        return
    for row in case.billed:
        limit, asked = releasable(case, row), row.released_this_period
        if beyond_held(case, row):
            yield case.finding(
                "release-over-held",
                Severity.RETURN,
                cell=case.entered(row.line.key, RELEASE),
                line=row.line.key,
                found=asked,
                expected=limit,
                difference=asked - limit,
            )


def releasable(case: Case, row: BilledLine) -> Decimal:
    """The most that can be asked back on a line: what would be held after this period without a release."""
    return case.held_unreleased[row.line.key]


def beyond_held(case: Case, row: BilledLine) -> bool:
    """Whether a line's release cannot be taken from what is held on it."""
    sign = sign_of(row.line)
    asked = row.released_this_period * sign
    return asked < 0 or asked > max(releasable(case, row) * sign, ZERO)
