"""Rules of a final bill: every line complete, nothing stored, all retainage asked back. Compared in money, never in percent."""

from __future__ import annotations

from collections.abc import Iterable

from batch.core.findings import Finding, Severity
from batch.core.model import InviteKind
from batch.core.money import ZERO
from batch.core.rules.case import PERCENT, RELEASE, STORED, WORK, Case
from batch.core.rules.release import beyond_held, releasable


def final_incomplete(case: Case) -> Iterable[Finding]:
    """RETURN a line of a final bill that is not billed to its value.

    `difference` is the change order that would close the line out, should the rest not be done.
    """
    if case.basis.kind is not InviteKind.FINAL:
        return
    for row in case.billed:
        if row.balance_to_finish:
            yield case.finding(
                "final-incomplete",
                Severity.RETURN,
                cell=case.entered(row.line.key, PERCENT, WORK) or case.cell(row.line.key, WORK),
                line=row.line.key,
                found=row.completed_and_stored,
                expected=row.line.scheduled_value,
                difference=-row.balance_to_finish,
            )


def final_stored(case: Case) -> Iterable[Finding]:
    """RETURN stored materials on a final bill: what is part of the work by then is billed as work."""
    if case.basis.kind is not InviteKind.FINAL:
        return
    for row in case.billed:
        if row.materials_stored:
            yield case.finding(
                "final-stored",
                Severity.RETURN,
                cell=case.cell(row.line.key, STORED),
                line=row.line.key,
                found=row.materials_stored,
                expected=ZERO,
                difference=row.materials_stored,
            )


def final_retainage(case: Case) -> Iterable[Finding]:
    """RETURN a line of a final bill on which anything stays held. What this very bill withholds is asked back too."""
    if case.basis.kind is not InviteKind.FINAL:
        return
    for row in case.billed:
        if row.retainage_held and not beyond_held(case, row):
            yield case.finding(
                "final-retainage",
                Severity.RETURN,
                cell=case.cell(row.line.key, RELEASE),
                line=row.line.key,
                found=row.released_this_period,
                expected=releasable(case, row),
                difference=-row.retainage_held,
            )
