"""One valid context for every kind of mail, so that a test spoils one thing at a time."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from batch.formats.mail.compose import Attachment, compose
from batch.formats.mail.envelope import Envelope
from batch.formats.mail.tokens import message_id, token_address

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates" / "email"
TOKEN = "kx3v7qk2m5t6wz4a"
BILLING = "billing@harborbuild.example"
LOOP_ID = "harborbuild-1"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ABOUT: dict[str, object] = {
    "company": "Harbor Builders Inc.",
    "project": "Harbor Point Tower",
    "recipient": "Maria Lopez",
    "vendor": "Lopez & Sons Concrete LLC",
    "commitment": "SC-101",
    "commitment_title": "Cast-in-place concrete",
    "period": "March 2026",
    "period_from": "March 1, 2026",
    "period_to": "March 31, 2026",
    "contact": "Dana Price, +1 555 0100",
    "note": "",
}
ADMIN: dict[str, object] = {
    "company": "Harbor Builders Inc.",
    "project": "Harbor Point Tower",
    "recipient": "Dana Price",
}
WORKBOOK = "SC-101 March 2026.xlsx"
SUMMARY = [
    {"label": "1. Original contract sum", "amount": "$50,000.00"},
    {"label": "2. Net change by change orders", "amount": "$0.00"},
    {"label": "3. Contract sum to date", "amount": "$50,000.00"},
    {"label": "4. Total completed and stored to date", "amount": "$27,500.00"},
    {"label": "5. Retainage", "amount": "$2,750.00"},
    {"label": "6. Total earned less retainage", "amount": "$24,750.00"},
    {"label": "7. Less previous certificates for payment", "amount": "$10,800.00"},
    {"label": "8. Current payment due", "amount": "$13,950.00"},
    {"label": "9. Balance to finish, including retainage", "amount": "$25,250.00"},
]
RECORD = "7f3a9c21d4e8"

CONTEXTS: dict[str, dict[str, object]] = {
    "invite": {
        **ABOUT,
        "invite_kind": "work",
        "due": "April 5, 2026, 5:00 PM CDT",
        "contract_sum_to_date": "$50,000.00",
        "previously_approved": "$12,000.00",
        "retainage_held": "$1,200.00",
        "balance_to_finish": "$39,200.00",
        "workbook_name": WORKBOOK,
    },
    "reminder": {
        **ABOUT,
        "ordinal": 2,
        "due": "April 5, 2026, 5:00 PM CDT",
        "time_left": "2 days overdue",
        "overdue": True,
        "workbook_name": WORKBOOK,
    },
    "receipt": {
        **ABOUT,
        "application_number": "2",
        "revision": "1",
        "received": "April 2, 2026, 9:14 AM CDT",
        "workbook_name": WORKBOOK,
        "figures": SUMMARY,
        "payment_due": "$13,950.00",
        "dates": [],
        "tax": [
            {"label": "Sales tax at 5% on $13,950.00", "amount": "$697.50"},
            {"label": "With tax", "amount": "$14,647.50"},
        ],
        "remarks": [
            "Line 3: the previous work was changed from $0.00 to $500.00. We use our own figure.",
            "The workbook arrived after the due date.",
        ],
    },
    "refusal": {
        **ABOUT,
        "due": "April 5, 2026, 5:00 PM CDT",
        "workbook_name": WORKBOOK,
        "findings": [
            {
                "sheet": "Continuation",
                "cell": "G14",
                "found": "twelve thousand",
                "expected": "an amount, for example 12000.00",
                "sentence": "Line 2, work this period: this is text, not an amount.",
            },
            {
                "sheet": "Continuation",
                "cell": "G15",
                "found": "$12,500.00",
                "expected": "at most $9,000.00",
                "sentence": "Line 3: $12,500.00 billed, but only $9,000.00 is left on this line.",
            },
        ],
    },
    "question": {
        **ABOUT,
        "problem": "no_workbook",
        "files": ["march-invoice.pdf"],
        "said": "Hi Dana, here is our invoice for March. Please pay by the 15th. Thanks, Maria",
        "due": "April 5, 2026, 5:00 PM CDT",
    },
    "declined": {**ABOUT, "due": "April 5, 2026, 5:00 PM CDT", "reason": "No crew on site in March."},
    "revise_and_resubmit": {
        **ABOUT,
        "application_number": "2",
        "revision": "",
        "due": "April 9, 2026, 5:00 PM CDT",
        "workbook_name": WORKBOOK,
        "reason": "",
        "lines": [
            {
                "line": "2",
                "description": "Slab on grade, levels 1 to 3",
                "claimed": "$10,000.00",
                "allowed": "$6,500.00",
                "reason": "Level 3 is not poured yet; the site walk of March 28 shows levels 1 and 2 only.",
            }
        ],
    },
    "approval": {
        **ABOUT,
        "application_number": "2",
        "revision": "1",
        "as_noted": True,
        "awaits": "",
        "corrects": "",
        "claimed": "$15,500.00",
        "approved": "$14,500.00",
        "difference": "-$1,000.00",
        "reason": "",
        "lines": [
            {
                "line": "2",
                "description": "Slab on grade, levels 1 to 3",
                "claimed": "$2,500.00",
                "approved": "$1,500.00",
                "difference": "-$1,000.00",
                "reason": "Level 3 is not poured yet.",
            }
        ],
        "summary": SUMMARY,
        "retainage_held": "$2,750.00",
        "deductions": [{"label": "Clean-up of level 1, March 12", "amount": "-$650.00"}],
        "dates": [{"label": "To be paid by", "day": "May 5, 2026"}],
        "tax": [{"label": "Sales tax at 5% on $13,950.00", "amount": "$697.50"}],
        "payable": "$13,997.50",
        "payees": [
            {"label": "To Acme Concrete and Lakeside Supply together", "amount": "$2,750.00"},
            {"label": "To Acme Concrete alone", "amount": "$11,247.50"},
        ],
        "holds": ["Insurance certificate expired"],
        "record": RECORD,
    },
    "period_closed": {
        **ABOUT,
        "closed": "April 8, 2026, 5:00 PM CDT",
        "due": "April 5, 2026, 5:00 PM CDT",
    },
    "review_ready": {
        **ADMIN,
        "period": "March 2026",
        "waiting": 2,
        "not_answered": 1,
        "declined": 1,
        "exceptions": 0,
        "totals": [
            {"label": "Claimed this period", "amount": "$24,500.00"},
            {"label": "Retainage withheld this period", "amount": "$2,450.00"},
            {"label": "Payment due", "amount": "$22,050.00"},
        ],
        "applications": [
            {
                "commitment": "SC-101",
                "vendor": "Lopez & Sons Concrete LLC",
                "claimed": "$15,500.00",
                "payment_due": "$13,950.00",
                "remarks": "Prior amount changed on line 3",
            },
            {
                "commitment": "SC-102",
                "vendor": "Bayline Electric",
                "claimed": "$9,000.00",
                "payment_due": "$8,100.00",
                "remarks": "",
            },
        ],
        "workbook_name": "Review Harbor Point Tower March 2026.xlsx",
        "folder": "review/dana/in",
        "record": RECORD,
    },
    "decision_report": {
        **ADMIN,
        "period": "March 2026",
        "workbook_name": "Review Harbor Point Tower March 2026.xlsx",
        "applied": [
            {
                "commitment": "SC-101",
                "vendor": "Lopez & Sons Concrete LLC",
                "decision": "Approved as noted",
                "claimed": "$15,500.00",
                "approved": "$14,500.00",
            }
        ],
        "refused": [
            {
                "commitment": "SC-102",
                "vendor": "Bayline Electric",
                "sentence": "A newer revision arrived after this workbook was made; use the new one.",
            }
        ],
        "totals": [
            {"label": "Claimed this period", "amount": "$15,500.00"},
            {"label": "Approved this period", "amount": "$14,500.00"},
            {"label": "Payable", "amount": "$13,300.00"},
        ],
        "notices_leave": "April 9, 2026, 3:30 PM CDT",
        "record": RECORD,
    },
    "register_report": {
        **ADMIN,
        "workbook_name": "register.xlsx",
        "added": [{"sheet": "Vendors", "row": "7", "sentence": "Bayline Electric (V-007)"}],
        "changed": [{"sheet": "Contacts", "row": "4", "sentence": "Mail address of Maria Lopez"}],
        "refused": [
            {
                "sheet": "Commitments",
                "cell": "F9",
                "found": "10 %",
                "expected": "5 %",
                "sentence": "SC-101 was invited already; its retainage changes only by a dated correction.",
            }
        ],
        "confirm": "To apply the changes, run: billings register import register.xlsx --confirm",
    },
    "held_notice": {
        **ADMIN,
        "workbook_name": "Review Harbor Point Tower March 2026.xlsx",
        "received": "April 9, 2026, 2:10 PM CDT",
        "folder": "review/dana/in",
    },
    "exception_notice": {
        **ADMIN,
        "sender": "office@lopezconcrete.example",
        "subject_line": "Re: Invite to bill: Harbor Point Tower, SC-101, March 2026",
        "received": "April 2, 2026, 9:14 AM CDT",
        "problem": "A subcontractor asks something that the program cannot answer.",
        "done": "It is kept in the inbox under Review. No answer was sent.",
        "said": "Can we bill the stored rebar this month or only when it is tied?",
        "files": [],
    },
}


def terms_of(locale: str = "en-US") -> dict[str, str]:
    """The wording of one locale."""
    loaded = yaml.safe_load((TEMPLATES / "wording" / f"{locale}.yaml").read_text(encoding="utf-8"))
    return {str(key): str(value) for key, value in loaded.items()}


def load(name: str) -> str:
    """The text of one mail template."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def an_envelope(kind: str = "invite", **changes: object) -> Envelope:
    """An envelope to the subcontractor of CONTEXTS, the same each time."""
    values: dict[str, object] = {
        "from_name": "Harbor Builders Billing",
        "from_address": BILLING,
        "to_address": "maria@lopezconcrete.example",
        "reply_to": token_address(BILLING, TOKEN),
        "message_id": message_id(TOKEN, kind, 1, "harborbuild.example"),
        "date": datetime(2026, 3, 25, 14, 0, tzinfo=UTC),
        "boundary_seed": f"{kind}-1",
        "loop_id": LOOP_ID,
        "token": TOKEN,
    }
    return Envelope(**{**values, **changes})  # type: ignore[arg-type]


def a_mail(
    kind: str, context: Mapping[str, object] | None = None, *, locale: str = "en-US", **changes: object
) -> bytes:
    """The bytes of one mail of a kind; `changes` are fields of its envelope."""
    attachments = [Attachment(name=WORKBOOK, content_type=XLSX, data=b"not read here")]
    return compose(
        kind,
        {**CONTEXTS[kind], **(context or {})},
        terms=terms_of(locale),
        load=load,
        headers=an_envelope(kind, **changes),
        attachments=attachments if kind == "invite" else [],
    )
