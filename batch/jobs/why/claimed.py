"""What a subcontractor entered on a line, and what the reviewer made of it."""

from __future__ import annotations

from decimal import Decimal

from batch.core.model import BilledLine
from batch.core.review_entries import Place
from batch.core.why import Why
from batch.edges.store import queries_applications
from batch.edges.store.rows import RowMapping
from batch.formats.review.read import read as read_review
from batch.jobs.why.evidence import APPROVALS
from batch.jobs.why.subject import Subject


def input_of(s: Subject, line: BilledLine, what: str, part: str, amount: Decimal) -> Why:
    """A figure that people enter: as claimed, in which cell of which file, and as noted by the reviewer, with the reason.

    `part` is `work`, `stored` or `release` of `LineAmounts`.
    """
    asked = getattr(s.claim[line.line.key], part)
    parts = [_claimed(s, line, part, asked)]
    if amount != asked:
        parts.append(_noted(s, line, amount - asked))
    how = "as claimed" if amount == asked else "as claimed, then noted in the review"
    return Why(what=what, amount=amount, how=how, parts=tuple(parts))


def _claimed(s: Subject, line: BilledLine, part: str, amount: Decimal) -> Why:
    key, found = line.line.key, s.entered
    again = found.claim.get(key)
    told = found.told.get((key, part), "the file does not have this line: nothing was entered")
    return Why(
        what=f"Claimed in {s.name}",
        amount=amount,
        how=told,
        worked_out=getattr(again, part) if again is not None else None,
        evidence=s.sources.claim(s.row["id"]),
        faults=found.faults,
    )


def _noted(s: Subject, line: BilledLine, difference: Decimal) -> Why:
    """What the approval changed: who, in which cell, and why."""
    row = next(
        (
            one
            for one in queries_applications.line_rows(s.conn, s.row["id"])
            if one["line_key"] == line.line.key
        ),
        None,
    )
    reason = row["reason"] if row is not None else ""
    reviews = [
        one
        for one in queries_applications.reviews(s.conn, s.row["id"])
        if one["decision"] in APPROVALS and one["at"] == s.row["approved_at"]
    ]
    review = reviews[-1] if reviews else None
    where = _cell(s, review, line.line.key) if review is not None else None
    cell = f" in {where.sheet}!{where.cell}" if where is not None else ""
    by = review["admin_name"] if review is not None else "a reviewer"
    how = f'by {by}{cell}: "{reason}"' if reason else f"by {by}{cell}"
    return Why(
        what="Noted in the review", amount=difference, how=how, evidence=s.sources.decision(s.row["id"])
    )


def _cell(s: Subject, review: RowMapping, line_key: str) -> Place | None:
    """The approved cell of a line in the review workbook of a decision."""
    if not review["workbook_sha"]:
        return None
    data = s.sources.original(review["workbook_sha"])
    if isinstance(data, str):
        return None
    found = [one for one in read_review(data).decisions if one.application_id == str(s.row["id"])]
    line = found[0].lines.get(line_key) if found else None
    return line.place if line is not None else None
