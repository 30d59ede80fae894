"""Decisions out of the tables 'Applications' and 'Lines'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from batch.core.findings import Finding
from batch.core.model import LineAmounts
from batch.core.money import ZERO
from batch.core.review_entries import Choice, ReviewDecision, ReviewedLine
from batch.core.reviewing import finding_at
from batch.formats.review import layout
from batch.formats.review.rows import Row, amount_of, follows, quantity_of, tick_of

_INPUTS = ("decision", "reason")
_APPROVED = ("approved_work", "approved_stored", "approved_release")
_KEY = "application_id"


def decisions_of(
    applications: Sequence[Row], lines: Sequence[Row]
) -> tuple[tuple[ReviewDecision, ...], tuple[Finding, ...]]:
    """One decision for each application of the table, and findings on rows that belong to none."""
    rows = [row for row in applications if row.is_data(_KEY) and row.text(_KEY)]
    line_rows = [row for row in lines if row.is_data(_KEY) and row.text(_KEY)]
    known = [row.text(_KEY) for row in rows]
    decisions = tuple(
        _decision(row, [line for line in line_rows if line.text(_KEY) == row.text(_KEY)], known)
        for row in rows
    )
    strangers = [line for line in line_rows if line.text(_KEY) not in known]
    added = [
        row for row in applications if row.is_data(_KEY) and not row.text(_KEY) and _filled(row, _INPUTS)
    ]
    added += [row for row in lines if row.is_data(_KEY) and not row.text(_KEY) and _filled(row, _APPROVED)]
    findings = [
        finding_at("line-unknown", row.place(_KEY), found="a row without an application") for row in added
    ]
    findings += [finding_at("line-unknown", row.place(_KEY), found=row.text(_KEY)) for row in strangers]
    return decisions, tuple(findings)


def _filled(row: Row, keys: Sequence[str]) -> bool:
    return any(not row.cells[key].blank for key in keys)


def _decision(row: Row, lines: Sequence[Row], known: Sequence[str]) -> ReviewDecision:
    choice = _choice(row)
    faults = [choice] if isinstance(choice, Finding) else []
    if known.count(row.text(_KEY)) > 1:
        choice = None
        faults.append(finding_at("line-repeated", row.place(_KEY), found=row.text(_KEY), expected="one row"))
    read: dict[str, ReviewedLine] = {}
    for line in lines:
        made, troubles = _line(line, row.text("currency"))
        read[line.text("line_key")] = made
        faults += troubles
    faults += _repeated(lines)
    return ReviewDecision(
        application_id=row.text(_KEY),
        revision=_whole(row.text("revision")),
        choice=None if isinstance(choice, Finding) else choice,
        reason=row.text("reason"),
        lines=read,
        place=row.place("decision"),
        faults=tuple(faults),
    )


def _choice(row: Row) -> Choice | Finding | None:
    word = row.text("decision")
    if not word:
        return None
    try:
        return Choice(" ".join(word.casefold().split()).replace("owner", "client"))
    except ValueError:
        expected = " or ".join(layout.DECISIONS)
        return finding_at("decision-unknown", row.place("decision"), found=word, expected=expected)


def _line(row: Row, currency: str) -> tuple[ReviewedLine, list[Finding]]:
    key = row.text("line_key")
    reject = tick_of(row, "reject", layout.REJECT, key)
    derived = follows(row, "approved_quantity", "approved_work")
    quantity = quantity_of(row, "approved_quantity", key)
    values = [
        ZERO if derived and column == "approved_work" else amount_of(row, column, currency, key)
        for column in _APPROVED
    ]
    troubles = [each for each in (reject, quantity, *values) if isinstance(each, Finding)]
    troubles += [
        finding_at("amount-missing", row.place(column), line=key, expected="an amount, or 0")
        for column, value in zip(_APPROVED, values, strict=True)
        if value is None
    ]
    work, stored, release = (
        ZERO if value is None or isinstance(value, Finding) else value for value in values
    )
    line = ReviewedLine(
        approved=None
        if troubles or isinstance(quantity, Finding)
        else LineAmounts(work=work, stored=stored, release=release, quantity=quantity),
        follows=derived,
        reject=reject is True,
        reason=row.text("line_reason"),
        place=row.place("approved_work"),
    )
    return line, troubles


def _repeated(lines: Sequence[Row]) -> list[Finding]:
    counted = Counter(line.text("line_key") for line in lines)
    return [
        finding_at("line-repeated", line.place("line_key"), line=line.text("line_key"), expected="one row")
        for line in lines
        if counted[line.text("line_key")] > 1
    ]


def _whole(text: str) -> int:
    # A revision that cannot be read is none of ours, so that the row counts as out of date.
    return int(text) if text.isascii() and text.isdigit() else -1
