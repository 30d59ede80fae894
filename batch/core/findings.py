"""What a check has to say about one place in one document.

A finding carries no sentence: `formats/` renders it in the reader's language and terms. Severity says who acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """RETURN: the sender must correct it. HOLD: the admin must decide. NOTE: nobody has to act."""

    RETURN = "return"
    HOLD = "hold"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault. `found`, `expected` and `difference` are already plain text ('12500.00', '' when there is none)."""

    code: str
    severity: Severity
    sheet: str = ""
    cell: str = ""
    line: str = ""
    found: str = ""
    expected: str = ""
    difference: str = ""


#: Every finding code and what it means, in a sentence for the catalogue in the docs.
CODES: Mapping[str, str] = {
    "workbook-unreadable": "The file is not a workbook that can be opened: damaged, empty, or something else with its name.",
    "workbook-format": "The file is of a format that is not read, such as a Numbers document or a web page.",
    "workbook-reduced": "The workbook was saved as .ods, .xls, .xlsb or .csv: only its figures could be read.",
    "workbook-encrypted": "The workbook is locked with a password.",
    "workbook-too-large": "The file is larger, or unpacks to more, than a pay application can be.",
    "workbook-hostile": "The workbook holds parts no pay application has, such as a document type declaration.",
    "table-not-recognised": "The table of lines could not be found: its column keys and headings are gone.",
    "token-missing": "The code of the pay application is not in the workbook.",
    "token-conflict": "The codes in the workbook belong to different pay applications.",
    "token-unknown": "The code in the workbook is not one that was issued.",
    "wrong-commitment": "The workbook is that of another commitment.",
    "wrong-project": "The workbook is that of another project.",
    "wrong-period": "The workbook is that of another billing period.",
    "period-closed": "The billing period is closed for submissions.",
    "issue-replaced": "The workbook has been replaced by a newer issue.",
    "issue-rebased": "The workbook is of an issue that was replaced; its entries were carried over onto the newest one.",
    "line-newer": "A line is newer than the workbook: it counts in the contract sum and is billed at nothing.",
    "entry-rebased": "Work of this period was entered on a workbook that was replaced, and its line has moved since.",
    "already-approved": "The application has been approved already.",
    "late": "The reply came after the due date.",
    "nothing-entered": "Nothing was filled in, and nothing says that there is nothing to bill.",
    "line-missing": "A line of the schedule of values is not in the workbook.",
    "line-unknown": "A row was added that is not a line of the schedule of values.",
    "line-repeated": "A line stands twice in the workbook.",
    "not-a-number": "A cell for an amount does not hold a number.",
    "too-many-decimals": "An amount has more decimals than the currency.",
    "quantity-decimals": "A quantity has more than four decimals.",
    "ambiguous-number": "A number can be read in two ways.",
    "cell-error": "A cell shows an error of the spreadsheet program.",
    "formula-uncalculated": "A cell holds a formula without a result.",
    "formula-in-input": "An input cell holds a formula; its result was taken.",
    "over-line": "More is billed on a line than its scheduled value.",
    "over-quantity": "The quantity to date of a line is more than the agreed one.",
    "quantity-needed": "Work on a line by unit price is not what its quantity to date gives.",
    "milestone-part": "A part of a milestone is billed, or materials stored for one; it is billed whole or not at all.",
    "wrong-method": "An entry stands in a column that is not for this line's way of billing.",
    "also-entered": "An entry in a column that is not for this line says the same as the one that counts.",
    "under-line": "The total to date of a line falls below zero.",
    "over-change-order": "More is billed on the lines of a change order than its value.",
    "over-contract": "More is billed than the contract sum to date.",
    "negative-work": "Work completed this period is negative.",
    "stored-dropped": "Stored materials went down without work on the line.",
    "stored-no-backup": "Stored materials are billed, and no document came that shows them.",
    "work-no-backup": "Work above the amount that needs a document is billed, and none came.",
    "release-not-invited": "Release of retainage was entered, but this invite does not ask for it.",
    "work-not-invited": "Work was entered, but this invite asks for release of retainage only.",
    "release-over-held": "More retainage is asked back than is held.",
    "final-incomplete": "A line of a final bill is not billed to its value; what would close it out is proposed.",
    "final-stored": "A final bill has stored materials.",
    "final-retainage": "A final bill leaves retainage held.",
    "final-change-pending": "A change order is pending while a final bill is decided.",
    "final-on-hold": "A hold is open while a final bill is decided.",
    "final-approved": "The final bill of the commitment is approved already.",
    "prior-changed": "The work from previous applications was changed.",
    "locked-cell-changed": "A cell that is not for input was changed.",
    "retainage-changed": "The retainage in the workbook is not what the contract's rate gives.",
    "total-mismatch": "A total in the workbook does not follow from its lines.",
    "credit-application": "The payment due is negative.",
    "materials-missing": "The cost of materials in the payment was not given, though tax is withheld (UK, CIS).",
    "materials-over-payment": "The cost of materials is more than the payment, or below zero (UK, CIS).",
    "invoice-number-repeated": "The invoice number was used before by this vendor.",
    "sent-by-other": "The workbook was sent from an address that was not invited.",
    "answer-after-decline": "The invite had been declined before.",
    "several-workbooks": "The mail holds more than one workbook for the same application.",
    "accept-with-workbook": "The text of the mail says something else than the workbook with it.",
    "line-not-mapped": "Approved cost has no line in the client contract.",
    "over-client-line": "More is billed to the client on a line than its scheduled value.",
    "reason-missing": "Other figures than claimed, a rejection, a hold or an entry on behalf has no reason.",
    "decision-unknown": "The decision is not one of the list.",
    "decision-missing": "Something was entered on an application, but no decision was made on it.",
    "credit-decision": "A negative payment due was not approved as a credit, or something else was.",
    "client-decision": "The client's answer does not fit the figures beside it.",
    "client-too-late": "What the client left out can no longer be taken off this application.",
    "amount-missing": "An approved amount was left blank.",
    "row-stale": "The application has changed since the review workbook was made.",
    "not-permitted": "The reviewer may not do this, or not at this amount.",
    "own-entry": "Whoever entered an application on behalf may not approve it while another admin can.",
    "earlier-undecided": "An earlier application of the commitment has to be decided first.",
    "figures-moved": "The figures of earlier applications have moved since the invite was issued.",
    "figures-broken": "The figures of an application do not tie with what is billed.",
    "exchange-rate-missing": "There is no exchange rate from the commitment's currency to its project's.",
    "exchange-rate-wrong": "At its exchange rate the amount is larger than any that is kept.",
    "on-behalf-incomplete": "An entry on behalf cannot be used as it is.",
}
