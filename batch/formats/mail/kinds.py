"""Every mail we send, and the names its templates may use. All values are text that is already formatted.

CONTEXT is the contract between the jobs and the templates: `compose` refuses a missing or an unknown name.
Amounts carry their currency ("$12,500.00"), instants their zone ("April 25, 2026, 5:00 PM CDT"). A name that
has nothing to say is "" (or an empty list). Names that are not plain text are in LISTS, FLAGS and CHOICES.
"""

Names = tuple[str, ...]

# Who is written to, and about what. `recipient` is the person's name or ""; `contact` says whom to ask.
ABOUT: Names = (
    "company", "project", "recipient", "vendor", "commitment", "commitment_title",
    "period", "period_from", "period_to", "contact", "note",
)  # fmt: skip
_ADMIN: Names = ("company", "project", "recipient")

CONTEXT: dict[str, Names] = {
    # To a subcontractor.
    "invite": (
        *ABOUT, "invite_kind", "due", "contract_sum_to_date", "previously_approved", "retainage_held",
        "balance_to_finish", "workbook_name",
    ),
    # time_left: "3 days left" or "2 days overdue".
    "reminder": (*ABOUT, "ordinal", "due", "time_left", "overdue", "workbook_name"),
    # figures: the summary as we read it; remarks: one sentence per hold or note.
    "receipt": (
        *ABOUT, "application_number", "revision", "received", "workbook_name", "figures", "payment_due", "tax",
        "dates", "remarks",
    ),
    "refusal": (*ABOUT, "due", "workbook_name", "findings"),
    # problem: see PROBLEMS; files: names of what came; said: what they wrote, cut short.
    "question": (*ABOUT, "problem", "files", "said", "due"),
    "declined": (*ABOUT, "due", "reason"),
    # lines: only those that were cut; reason: the reviewer's about the whole application.
    "revise_and_resubmit": (
        *ABOUT, "application_number", "revision", "due", "workbook_name", "reason", "lines",
    ),
    # lines: only those approved other than claimed. reason is about the whole application. corrects: "" or
    # what the notice replaces ("our notice of April 28, 2026"). Claimed, approved, difference: totals of this
    # period. awaits: "owner" or "client" while that one still has to agree, else "".
    # payees: who is paid together, or nothing; holds: why it is not paid yet.
    "approval": (
        *ABOUT, "application_number", "revision", "as_noted", "awaits", "corrects", "claimed", "approved", "difference",
        "reason", "lines", "summary", "retainage_held", "deductions", "tax", "payable", "payees",
        "holds", "dates", "record",
    ),
    "period_closed": (*ABOUT, "closed", "due"),
    # To an admin.
    "review_ready": (
        *_ADMIN, "period", "waiting", "not_answered", "declined", "exceptions", "totals", "applications",
        "workbook_name", "folder", "record",
    ),
    # notices_leave: when the notices to the subcontractors go out, or "".
    "decision_report": (
        *_ADMIN, "period", "workbook_name", "applied", "refused", "totals", "notices_leave", "record",
    ),
    # confirm: how to apply the changes that were only shown, or "" when they were applied.
    "register_report": (*_ADMIN, "workbook_name", "added", "changed", "refused", "confirm"),
    "held_notice": (*_ADMIN, "workbook_name", "received", "folder"),
    # problem: a sentence; done: what was done with the mail; said: what it says, cut short.
    "exception_notice": (*_ADMIN, "sender", "subject_line", "received", "problem", "done", "said", "files"),
}  # fmt: skip

_AMOUNTS: Names = ("label", "amount")
_FINDING: Names = ("sheet", "cell", "found", "expected", "sentence")
_ROW: Names = ("sheet", "row", "sentence")

# Lists: of mappings with exactly these keys, or of plain texts where the keys are ().
LISTS: dict[tuple[str, str], Names] = {
    ("receipt", "figures"): _AMOUNTS,
    ("receipt", "tax"): _AMOUNTS,
    ("receipt", "dates"): ("label", "day"),
    ("receipt", "remarks"): (),
    ("refusal", "findings"): _FINDING,
    ("question", "files"): (),
    ("revise_and_resubmit", "lines"): ("line", "description", "claimed", "allowed", "reason"),
    ("approval", "lines"): ("line", "description", "claimed", "approved", "difference", "reason"),
    ("approval", "summary"): _AMOUNTS,
    ("approval", "deductions"): _AMOUNTS,
    ("approval", "tax"): _AMOUNTS,
    ("approval", "payees"): _AMOUNTS,
    ("approval", "holds"): (),
    ("approval", "dates"): ("label", "day"),
    ("review_ready", "totals"): _AMOUNTS,
    ("review_ready", "applications"): ("commitment", "vendor", "claimed", "payment_due", "remarks"),
    ("decision_report", "totals"): _AMOUNTS,
    ("decision_report", "applied"): ("commitment", "vendor", "decision", "claimed", "approved"),
    ("decision_report", "refused"): ("commitment", "vendor", "sentence"),
    ("register_report", "added"): _ROW,
    ("register_report", "changed"): _ROW,
    ("register_report", "refused"): _FINDING,
    ("exception_notice", "files"): (),
}

# True or False.
FLAGS: frozenset[tuple[str, str]] = frozenset({("reminder", "overdue"), ("approval", "as_noted")})

# Whole numbers, counted and shown.
COUNTS: frozenset[tuple[str, str]] = frozenset(
    {
        ("reminder", "ordinal"),
        ("review_ready", "waiting"),
        ("review_ready", "not_answered"),
        ("review_ready", "declined"),
        ("review_ready", "exceptions"),
    }
)

PROBLEMS: Names = (
    "no_workbook", "several_workbooks", "not_a_workbook", "empty", "not_filled_in", "not_understood",
    "wrong_period", "replaced", "already_approved", "other_workbook", "too_large", "unknown",
)  # fmt: skip

CHOICES: dict[tuple[str, str], Names] = {
    ("invite", "invite_kind"): ("work", "release", "both", "final"),
    ("question", "problem"): PROBLEMS,
}

# The trade's words in the reader's country, one file per locale in templates/email/wording.
TERMS: Names = (
    "lang", "pay_application", "a_pay_application", "pay_applications", "retainage", "retainage_release",
    "change_orders", "subcontract", "schedule_of_values", "client", "contractor", "billing_period",
    "previous_certificates", "completed_and_stored", "stored_materials", "deductions", "contract_sum_to_date",
    "balance_to_finish",
)  # fmt: skip
