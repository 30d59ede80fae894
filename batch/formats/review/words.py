"""Findings of a review as sentences for the admin who made it."""

from __future__ import annotations

from collections.abc import Mapping

from batch.core.findings import CODES, Finding

_SENTENCES: Mapping[str, str] = {
    "reason-missing": "A reason is missing: it is needed for other figures, for a rejection and for a hold.",
    "decision-unknown": "'{found}' is not understood here; please choose {expected}.",
    "decision-missing": "Something was entered, but no decision was made. Please choose {expected}.",
    "credit-decision": "A payment due below zero is a credit, and only one is. Please choose {expected} if that is meant.",
    "client-decision": "The client's answer does not fit the APPROVED figures. Please choose {expected}.",
    "client-too-late": "The cut cannot be made here any more: {found}.",
    "amount-missing": "What is approved was left blank. Please enter {expected}.",
    "row-stale": "It has changed since this workbook was made "
    "(revision {found} here, {expected} now). A new workbook follows.",
    "not-a-number": "'{found}' is not a number.",
    "ambiguous-number": "'{found}' can be read in two ways. Please enter it as a plain number.",
    "too-many-decimals": "{found} has more decimals than the currency.",
    "cell-error": "The cell shows the error {found}.",
    "formula-uncalculated": "The cell holds a formula without a result. "
    "Please save the file with a spreadsheet program.",
    "over-line": "The line would be over its scheduled value by {difference}; "
    "at most {expected} of work can be approved this period.",
    "over-quantity": "The quantity to date would be {found}, {difference} over the agreed {expected}.",
    "quantity-needed": "The line is billed by quantity, so its amount follows: please change the quantity to date. "
    "{found} is not the {expected} that it gives.",
    "quantity-decimals": "The quantity {found} has more than four decimals.",
    "milestone-part": "A milestone is approved whole or not at all: {expected}, or 0. {found} is a part of it.",
    "under-line": "The total of the line would fall below zero, to {found}.",
    "over-change-order": "The change order's total of {found} would be over its value of {expected}.",
    "over-contract": "The total of {found} would be over the contract sum of {expected}.",
    "release-not-invited": "A release of {found} cannot be approved: the invite did not ask for one.",
    "release-over-held": "A release of {found} is more than the {expected} that is held.",
    "line-missing": "The row of this line is gone from 'Lines'. Please take a fresh copy of the workbook.",
    "line-unknown": "There is a row that is not of this workbook ({found}).",
    "line-repeated": "The row stands twice.",
    "nothing-entered": "Yes was chosen, but no amount was entered. Please enter {expected}.",
    "on-behalf-incomplete": "Amounts were entered, but 'Bill on behalf?' does not say {expected}.",
    "table-not-recognised": "The table '{expected}' was not found as it was sent ({found}).",
    "token-missing": "The code of the review is gone from the workbook, so nothing can be applied.",
    "token-conflict": "The workbook holds the codes of several reviews ({found}).",
}  # fmt: skip


def in_words(finding: Finding) -> str:
    """One sentence with its place: `Lines J8, line 3: A reason is missing ...`. Plain text, for any finding
    code.
    """
    sentence = _SENTENCES.get(finding.code, CODES.get(finding.code, finding.code))
    values = {"found": finding.found, "expected": finding.expected, "difference": finding.difference}
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", value)
    place = " ".join(each for each in (finding.sheet, finding.cell) if each)
    where = ", ".join(each for each in (place, f"line {finding.line}" if finding.line else "") if each)
    return f"{where}: {sentence}" if where else sentence
