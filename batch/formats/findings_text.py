"""One plain sentence for every finding, in the reader's terms. Where sheet and cell are shown, they stand
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from batch.core.findings import Finding
from batch.core.money import MoneyError, decimals, number, shown
from batch.formats.terms import Terms, capital

#: By code: sentences, of which the first is taken whose values the finding has; the last needs none.
#: `{Words}` begin with a capital.
SENTENCES: Mapping[str, tuple[str, ...]] = {
    "workbook-unreadable": (
        "The attached file is {found}; please send {expected}.",
        "The attached file cannot be opened; please send the Excel workbook again.",
    ),
    "workbook-format": (
        "The attached file is {found}; please save it as {expected} and send it again.",
        "The attached file is not an Excel workbook; please save it as .xlsx and send it again.",
    ),
    "workbook-reduced": (
        "The workbook came back as {found}: its figures were read, but not its formulas; {expected} tells us more.",
        "The workbook came back in another format: its figures were read, but not its formulas.",
    ),
    "workbook-encrypted": (
        "The workbook is locked with a password; please take the password off and send it again.",
    ),
    "workbook-too-large": (
        "The attached file is too large: {found}, where we take {expected}.",
        "The attached file is too large; please send only the workbook that came with our invite.",
    ),
    "workbook-hostile": (
        "The workbook was not opened because it holds {found}; please use the one that came with our invite.",
        "The workbook was not opened, for safety; please use the one that came with our invite.",
    ),
    "table-not-recognised": (
        "The table of lines could not be found ({found}); please use the workbook that came with our invite.",
        "The table of lines could not be found; please use the workbook that came with our invite.",
    ),
    "token-missing": ("The workbook does not hold our code; please use the one that came with our invite.",),
    "token-conflict": (
        "The workbook has codes of several {pay_application}s ({found}): sheets were copied together.",
        "The workbook has codes of several {pay_application}s: sheets were copied together.",
    ),
    "token-unknown": (
        "The code in the workbook ({found}) is not that of this {pay_application}.",
        "The code in the workbook is not that of this {pay_application}.",
    ),
    "wrong-commitment": (
        "The workbook is that of {subcontract} {found}, where {expected} was asked for.",
        "The workbook is that of another {subcontract}.",
    ),
    "wrong-project": (
        "The workbook is that of project {found}, where {expected} was asked for.",
        "The workbook is that of another project.",
    ),
    "wrong-period": (
        "The workbook is that of {billing_period} {found}, where {expected} was asked for.",
        "The workbook is that of another {billing_period}.",
    ),
    "period-closed": (
        "The {billing_period} was closed at {expected}; please talk to us before you send it again.",
        "The {billing_period} is closed; please talk to us before you send it again.",
    ),
    "issue-replaced": (
        "This is issue {found} of the workbook, and {expected} is the latest one.",
        "The workbook has been replaced by a newer one.",
    ),
    "issue-rebased": (
        "The contract went from {found} to {expected} after this workbook went out; its entries were carried over.",
        "Our records changed after this workbook went out; its entries were carried over.",
    ),
    "line-newer": (
        "Line {line}, of {expected}, is newer than this workbook: it counts in the contract, nothing is billed on it.",
        "A line is newer than this workbook: it counts in the contract, nothing is billed on it.",
    ),
    "entry-rebased": (
        "Line {line} has changed since this workbook went out; {found} was taken as its work this period.",
        "A line has changed since this workbook went out; its work this period was taken as entered.",
    ),
    "already-approved": ("This {pay_application} has been approved already, so nothing was changed.",),
    "late": (
        "The reply came at {found}, after the due time {expected}.",
        "The reply came after the due time.",
    ),
    "nothing-entered": (
        "Nothing was filled in; if there is nothing to bill, please choose Yes on the sheet 'Summary'.",
    ),
    "line-missing": (
        "Line {line}, of {expected}, is missing; please use the workbook that came with our invite.",
        "A line is missing; please use the workbook that came with our invite.",
    ),
    "line-unknown": (
        "The added line {line} ({found}) is not part of the {schedule_of_values}, and is not billed.",
        "A line was added that is not part of the {schedule_of_values}; it is not billed.",
    ),
    "line-repeated": (
        "Line {line} stands in the workbook twice; please keep one of them.",
        "A line stands in the workbook twice; please keep one of them.",
    ),
    "not-a-number": (
        "'{found}' is not a number; please enter an amount or a percentage without words.",
        "This cell does not hold a number; please enter an amount or a percentage.",
    ),
    "too-many-decimals": (
        "{found} has more decimals than {currency} has; please round it.",
        "The amount has more decimals than {currency} has; please round it.",
    ),
    "quantity-decimals": (
        "The quantity {found} has more than four decimals; please round it.",
        "The quantity has more than four decimals; please round it.",
    ),
    "ambiguous-number": (
        "{found} and {expected} do not agree; please enter one of the two.",
        "'{found}' can be read in two ways; please enter it as a plain number, such as 1234.50 or 45%.",
        "The number can be read in two ways; please enter it plainly, such as 1234.50 or 45%.",
    ),
    "cell-error": (
        "The cell shows the error {found}; please enter the number itself.",
        "The cell shows an error; please enter the number itself.",
    ),
    "formula-uncalculated": ("The cell holds a formula without a result; please enter the number itself.",),
    "formula-in-input": (
        "The cell holds a formula; its result {found} was taken.",
        "The cell holds a formula; its result was taken.",
    ),
    "over-line": (
        "Line {line} comes to {found} in all, {difference} too much; at most {expected} is left to bill.",
        "More is billed on a line than its value.",
    ),
    "over-quantity": (
        "Line {line} comes to a quantity of {found}, {difference} more than the agreed {expected}.",
        "The quantity to date of a line is more than the agreed one.",
    ),
    "quantity-needed": (
        "Line {line} is billed by quantity: {found} this period is not the {expected} that its quantity to date gives.",
        "A line is billed by its quantity to date, and the amount does not follow from it.",
    ),
    "milestone-part": (
        "Line {line} is a milestone: {found} is a part of it; bill {expected} when it is reached, or leave it blank.",
        "A milestone is billed whole when it is reached, or not at all.",
    ),
    "wrong-method": (
        "Line {line} is not billed by this column; please enter {expected}.",
        "An entry stands in a column that is not for this line.",
    ),
    "also-entered": (
        "Line {line} is not billed by this column; its {found} says the same as what counts.",
        "An entry in a closed column says the same as what counts.",
    ),
    "under-line": (
        "Line {line} falls to {found} in all, which is below zero.",
        "The total of a line falls below zero.",
    ),
    "over-change-order": (
        "{Change_order} {line} comes to {found}, {difference} more than its value of {expected}.",
        "More is billed on a {change_order} than its value.",
    ),
    "over-contract": (
        "All lines come to {found}, {difference} more than the contract of {expected}.",
        "More is billed than the contract.",
    ),
    "negative-work": (
        "Work of {found} on line {line} takes back what was billed before.",
        "Work of this period is below zero.",
    ),
    "stored-dropped": (
        "{Stored_materials} on line {line} went from {expected} to {found}, with less work than that.",
        "{Stored_materials} went down without as much work.",
    ),
    "stored-no-backup": (
        "Line {line} bills {found} of {stored_materials}; please reply with a delivery ticket, a photo or an invoice.",
        "{Stored_materials} are billed; please reply with a delivery ticket, a photo or an invoice.",
    ),
    "work-no-backup": (
        "Line {line} bills work of {found}; above {expected} please reply with a document that shows it.",
        "Much work is billed; please reply with a document that shows it.",
    ),
    "release-not-invited": (
        "{found} of {retainage} was asked back on line {line}, which this invite does not open.",
        "{Retainage} was asked back, which this invite does not open.",
    ),
    "work-not-invited": (
        "{found} was entered on line {line}, but this invite is for {retainage} only.",
        "Work was entered, but this invite is for {retainage} only.",
    ),
    "release-over-held": (
        "{found} of {retainage} was asked back on line {line}, where {expected} is held.",
        "More {retainage} is asked back than is held.",
    ),
    "final-incomplete": (
        "Line {line} is billed to {found} of {expected}; if no more is done, a {change_order} of {difference} closes it out.",
        "A final {pay_application} bills every line in full.",
    ),
    "final-stored": (
        "Line {line} has {stored_materials} of {found}; on a final {pay_application} that is billed as work.",
        "A final {pay_application} has no {stored_materials}.",
    ),
    "final-retainage": (
        "{found} of {retainage} was asked back on line {line}; a final {pay_application} asks back all, {expected}.",
        "A final {pay_application} asks all {retainage} back.",
    ),
    "final-change-pending": (
        "{Change_order} {line} of {found} is pending; settle it first, or approve with a reason.",
        "A {change_order} is pending; settle it first, or approve with a reason.",
    ),
    "final-on-hold": (
        "Hold {line} is open ({found}); release it first, or approve with a reason.",
        "A hold is open; release it first, or approve with a reason.",
    ),
    "final-approved": (
        "The final {pay_application} {found} is approved; open that again first.",
        "The final {pay_application} is approved; open that again first.",
    ),
    "prior-changed": (
        "What was billed before was changed to {found}; our record, {expected}, is used.",
        "What was billed before was changed; our record is used.",
    ),
    "locked-cell-changed": (
        "A locked cell was changed to {found}; our record, {expected}, is used.",
        "A locked cell was changed; our record is used.",
    ),
    "retainage-changed": (
        "{Retainage} shows {found}, where the contract's rate gives {expected}.",
        "{Retainage} is not what the contract's rate gives.",
    ),
    "total-mismatch": (
        "The total shows {found}, where its lines give {expected}.",
        "A total does not follow from its lines.",
    ),
    "materials-missing": (
        "Materials in this payment were not given, so tax is withheld from the whole payment.",
    ),
    "materials-over-payment": (
        "Materials in this payment are {found}, where {expected} is due.",
        "Materials in this payment do not fit the payment due.",
    ),
    "credit-application": (
        "The payment due is {found}, below zero.",
        "The payment due is below zero.",
    ),
    "invoice-number-repeated": (
        "Invoice number {found} was used before, for {expected}.",
        "The invoice number was used before.",
    ),
    "sent-by-other": (
        "The workbook came from {found}, which is not an address we invited.",
        "The workbook came from an address we did not invite.",
    ),
    "answer-after-decline": ("The invite had been declined before; this answer counts now.",),
    "several-workbooks": (
        "The mail holds {found} workbooks for one {pay_application}; please send the one that counts.",
        "The mail holds several workbooks for one {pay_application}; please send the one that counts.",
    ),
    "accept-with-workbook": (
        "The mail says '{found}' and also brings a workbook; the workbook was taken.",
        "The mail says something else than the workbook with it.",
    ),
    "line-not-mapped": (
        "Approved cost of {found} under {cost_code} {line} has no line in the {client}'s contract.",
        "Approved cost has no line in the {client}'s contract.",
    ),
    "over-client-line": (
        "Line {line} of the {client}'s contract comes to {found}, {difference} over its value of {expected}.",
        "More is billed to the {client} on a line than its value.",
    ),
    "reason-missing": (
        "{found} was approved where {expected} was claimed, without a reason; please give one.",
        "A reason is missing: other figures, a rejection, a hold and an entry on behalf each need one.",
    ),
    "decision-unknown": (
        "'{found}' is not a decision; please choose one of the list: {expected}.",
        "The decision is not one of the list; please choose one.",
    ),
    "decision-missing": ("Something was entered on this {pay_application}, but no decision was chosen.",),
    "credit-decision": (
        "The payment due would be {found}: please choose '{expected}' if that is meant.",
        "The payment due is not negative, so this is no credit: please choose Approve.",
    ),
    "amount-missing": ("An approved amount was left blank; please enter it, 0 for nothing.",),
    "client-decision": (
        "The answer of the client and the approved figures do not fit: as approved, or other figures with a reason each.",
    ),
    "client-too-late": (
        "What the client left out cannot be taken off here any more: {found}.",
        "What the client left out cannot be taken off here any more; correct it in the next {pay_application}.",
    ),
    "row-stale": (
        "The {pay_application} has changed since this review workbook was made, so this row was not used.",
    ),
    "not-permitted": (
        "{found} is beyond what you may approve, {expected}.",
        "You are not registered to do this.",
    ),
    "own-entry": ("You entered this {pay_application} yourself, so another admin has to approve it.",),
    "earlier-undecided": (
        "{found} of the same commitment has to be decided first.",
        "An earlier {pay_application} of the same commitment has to be decided first.",
    ),
    "figures-moved": (
        "What was approved before has moved since the invite was issued; reject it, so that it is billed anew.",
    ),
    "figures-broken": (
        "The figures do not tie ({found}), so nothing was approved.",
        "The figures do not tie, so nothing was approved.",
    ),
    "exchange-rate-missing": (
        "There is no exchange rate from {found} of {expected} or before: add it on the register's sheet Exchange rates.",
        "There is no exchange rate: add it on the register's sheet Exchange rates.",
    ),
    "exchange-rate-wrong": (
        "At the exchange rate of {found} the amount is larger than any that is kept: please correct the rate.",
        "At its exchange rate the amount is larger than any that is kept: please correct the rate.",
    ),
    "on-behalf-incomplete": (
        "The entry on behalf cannot be used: {found}.",
        "The entry on behalf cannot be used as it is.",
    ),
}
_NAME = re.compile(r"\{(\w+)\}")
_VALUES = ("found", "expected", "difference", "line")


def sentence(finding: Finding, terms: Terms, currency: str) -> str:
    """What is wrong, in one sentence for the person who must act. Amounts are shown with thousands
    separators.

    `terms`: the locale's words. `currency`: the currency of the finding's amounts. Raises KeyError for a code
    that is not in the catalogue.
    """
    values = {name: shown_text(getattr(finding, name), currency) for name in _VALUES}
    candidates = SENTENCES[finding.code]
    chosen = next((each for each in candidates if _has_all(each, values)), candidates[-1])
    words = {**terms, **values, "currency": currency}
    return capital(_NAME.sub(lambda match: _word(match.group(1), words), chosen))


def shown_text(text: str, currency: str) -> str:
    """An amount of the currency ('12500.00') with thousands separators; any other text as it is."""
    places = decimals(currency)
    pattern = rf"-?\d+\.\d{{{places}}}" if places else r"-?\d{4,}"
    if not re.fullmatch(pattern, text):
        return text
    try:
        return shown(number(text), currency)
    except MoneyError:
        return text


def _has_all(text: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name, "-") for name in _NAME.findall(text))


def _word(name: str, words: Mapping[str, str]) -> str:
    if name in words:
        return words[name]
    return capital(words[name[:1].lower() + name[1:]])
