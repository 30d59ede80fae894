"""The trade's words per locale: what an American calls retainage is retention in Britain and Australia.

Workbooks and mails take one of these dictionaries as an argument and never test the locale themselves. Words
are in lower case, in the singular; `capital` gives the form that starts a sentence or a heading.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from batch.core.states import SHOWN, Application

Terms = Mapping[str, str]

#: Words by locale (BCP 47) and key. Every locale has the same keys.
TERMS: Mapping[str, Terms] = {
    "en-US": {
        "pay_application": "pay application",
        "retainage": "retainage",
        "change_order": "change order",
        "schedule_of_values": "schedule of values",
        "subcontract": "subcontract",
        "purchase_order": "purchase order",
        "subcontractor": "subcontractor",
        "client": "owner",
        "client_application": "owner application",
        "main_contractor": "general contractor",
        "billing_period": "billing period",
        "cost_code": "cost code",
        "stored_materials": "stored materials",
        "previous_certificates": "previous certificates",
        "deduction": "backcharge",
        "tax": "tax",
        "answer_by": "answer by",
    },
    "en-GB": {
        "pay_application": "application for payment",
        "retainage": "retention",
        "change_order": "variation",
        "schedule_of_values": "contract sum analysis",
        "subcontract": "subcontract",
        "purchase_order": "purchase order",
        "subcontractor": "subcontractor",
        "client": "client",
        "client_application": "client application",
        "main_contractor": "main contractor",
        "billing_period": "valuation period",
        "cost_code": "cost code",
        "stored_materials": "materials on site",
        "previous_certificates": "previously certified",
        "deduction": "contra charge",
        "tax": "VAT",
        "answer_by": "payment notice by",
    },
    "en-AU": {
        "pay_application": "progress claim",
        "retainage": "retention",
        "change_order": "variation",
        "schedule_of_values": "schedule of values",
        "subcontract": "subcontract",
        "purchase_order": "purchase order",
        "subcontractor": "subcontractor",
        "client": "principal",
        "client_application": "head contract claim",
        "main_contractor": "head contractor",
        "billing_period": "claim period",
        "cost_code": "cost code",
        "stored_materials": "unfixed materials",
        "previous_certificates": "previously certified",
        "deduction": "back charge",
        "tax": "GST",
        "answer_by": "payment schedule by",
    },
}


def terms_for(locale: str) -> Terms:
    """The words of a locale; those of en-US for one that is not listed."""
    return TERMS.get(locale, TERMS["en-US"])


def approver(locale: str) -> str:
    """Whose approval is waited for, as the state and the decisions name it: the owner in the US, else the client."""
    return "owner" if terms_for(locale)["client"] == "owner" else "client"


def state_shown(state: StrEnum, locale: str) -> str:
    """The name of a state as people of a locale know it: `SHOWN`, but Pending Owner Approval in the US."""
    if state is Application.PENDING_CLIENT_APPROVAL:
        return f"Pending {approver(locale).title()} Approval"
    return SHOWN[state]


def owners(text: str) -> str:
    """`text` with the owner in place of the client."""
    return text.replace("client", "owner").replace("Client", "Owner")


def capital(text: str) -> str:
    """`text` with its first letter in upper case: 'Change order'."""
    return text[:1].upper() + text[1:]
