"""One decision by hand, by the same rules as the review workbook: approved as claimed, rejected, or held."""

from __future__ import annotations

from datetime import datetime

from batch.core.review_entries import Choice, ReviewDecision, ReviewedLine
from batch.edges.store.rows import RowMapping
from batch.jobs.decide import claim_whole, decide, load_pending, write_decision
from batch.jobs.notices import with_notices
from batch.jobs.workbooks import sentences
from batch.jobs.workplace import Workplace


def decide_by_hand(
    w: Workplace, row: RowMapping, choice: str, reason: str, admin: RowMapping, now: datetime
) -> list[str]:
    """Apply one decision (approve, reject or hold); gives why it was refused, in sentences, or nothing."""
    with w.store.read() as conn:
        pending = load_pending(conn, row)
    lines = {key: ReviewedLine(approved=at) for key, at in claim_whole(pending).items()}
    decision = ReviewDecision(
        application_id=str(row["id"]),
        revision=row["revision"],
        choice=Choice(choice),
        reason=reason,
        lines=lines,
    )
    decided = decide(pending, decision, admin, None)
    if decided.outcome.findings:
        return sentences(decided.outcome.findings, pending.who.locale, pending.basis.currency)
    decided = with_notices(w, decided, now)
    with w.store.write() as conn:
        write_decision(conn, decided, now)
    return []
