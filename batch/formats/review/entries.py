"""Entries on behalf out of the tables 'Not answered' and 'On behalf'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from batch.core.findings import Finding
from batch.core.review_entries import OnBehalfEntry, OnBehalfLine
from batch.core.reviewing import finding_at
from batch.formats.review import layout
from batch.formats.review.rows import Row, amount_of, quantity_of, tick_of

_KEY = "invite_id"
_AMOUNTS = ("work_this_period", "materials_stored", "retainage_release")


def entries_of(
    not_answered: Sequence[Row], lines: Sequence[Row]
) -> tuple[tuple[OnBehalfEntry, ...], tuple[Finding, ...]]:
    """One entry for each commitment of the table, wanted or not, and findings on rows that belong to none."""
    rows = [row for row in not_answered if row.is_data(_KEY) and row.text(_KEY)]
    line_rows = [row for row in lines if row.is_data(_KEY) and row.text(_KEY)]
    known = [row.text(_KEY) for row in rows]
    entries = tuple(
        _entry(row, [line for line in line_rows if line.text(_KEY) == row.text(_KEY)], known) for row in rows
    )
    strangers = [line for line in line_rows if line.text(_KEY) not in known]
    added = [row for row in lines if row.is_data(_KEY) and not row.text(_KEY) and _filled(row)]
    findings = [
        finding_at("line-unknown", row.place(_KEY), found="a row without a commitment") for row in added
    ]
    findings += [finding_at("line-unknown", row.place(_KEY), found=row.text(_KEY)) for row in strangers]
    return entries, tuple(findings)


def _filled(row: Row) -> bool:
    return any(not row.cells[key].blank for key in _AMOUNTS if not row.cells[key].formula)


def _entry(row: Row, lines: Sequence[Row], known: Sequence[str]) -> OnBehalfEntry:
    wanted = tick_of(row, "bill_on_behalf", layout.YES)
    faults = [wanted] if isinstance(wanted, Finding) else []
    if known.count(row.text(_KEY)) > 1:
        faults.append(finding_at("line-repeated", row.place(_KEY), found=row.text(_KEY), expected="one row"))
    read: dict[str, OnBehalfLine] = {}
    for line in lines:
        made, troubles = _line(line, row.text("currency"))
        read[line.text("line_key")] = made
        faults += troubles
    counted = Counter(line.text("line_key") for line in lines)
    for key in (key for key, count in counted.items() if count > 1):
        faults.append(finding_at("line-repeated", row.place(_KEY), line=key, expected="one row"))
    issue = row.text("issue")
    return OnBehalfEntry(
        invite_id=row.text(_KEY),
        issue=int(issue) if issue.isascii() and issue.isdigit() else -1,
        wanted=wanted is True,
        reason=row.text("reason"),
        invoice_number=row.text("invoice_number"),
        lines=read,
        place=row.place("bill_on_behalf"),
        faults=tuple(faults),
    )


def _line(row: Row, currency: str) -> tuple[OnBehalfLine, list[Finding]]:
    key = row.text("line_key")
    # On a line by unit price the work is the workbook's own formula; the quantity is what was entered.
    derived = row.text("unit_price") != "" if "unit_price" in row.cells else False
    derived = derived and bool(row.cells["work_this_period"].formula)
    values = [
        None if derived and column == "work_this_period" else amount_of(row, column, currency, key)
        for column in _AMOUNTS
    ]
    values.append(quantity_of(row, "quantity_to_date", key))
    work, stored, release, quantity = (None if isinstance(value, Finding) else value for value in values)
    line = OnBehalfLine(
        work=work, stored=stored, release=release, quantity=quantity, place=row.place("work_this_period")
    )
    return line, [each for each in values if isinstance(each, Finding)]
