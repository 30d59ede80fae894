"""Columns of the review workbook. Keys never change; headings hold `{words}` of `formats/terms.py`."""

from __future__ import annotations

from batch.formats.table import Column

APPLICATIONS, LINES, NOT_ANSWERED, ON_BEHALF = "Applications", "Lines", "Not answered", "On behalf"
EXCEPTIONS, CONTROLS, HELP = "Exceptions", "Control totals", "Help"
#: The very hidden sheet of the stamp, the text of its first cell, and its rows.
STAMP_TITLE, STAMP_MARK, STAMP_ROWS = "pb", "#review", ("token", "project", "period")
#: The visible code begins with this; RV1 is its version.
CODE_PREFIX = "RV1."
DECISIONS = ("Approve", "Approve credit", "Pending client approval", "Reject", "Hold")
#: Of an application that waits for the client. The owner takes the client's place where that is the word.
ANSWERS = ("Client approves", "Client cuts", "Reopen")
REJECT, YES = "Reject", "Yes"


def _key(key: str) -> Column:
    return Column(key=key, heading="#heading", width=10, hidden=True)


def _amount(key: str, heading: str, kind: str = "amount", *, hidden: bool = False) -> Column:
    return Column(key=key, heading=heading, width=14, kind=kind, hidden=hidden)


def _quantity(key: str, heading: str, kind: str = "quantity") -> Column:
    return Column(key=key, heading=heading, width=17, kind=kind)


def _text(key: str, heading: str, width: float, kind: str = "text") -> Column:
    return Column(key=key, heading=heading, width=width, kind=kind)


APPLICATION_COLUMNS = (
    _key("application_id"),
    _key("revision"),
    _key("currency"),
    _text("vendor", "Vendor", 23, "wrap"),
    _text("commitment", "Commitment", 13),
    _text("application_number", "No.", 5),
    _text("decision", "DECISION", 16, "input wrap"),
    _text("reason", "Reason", 26, "input wrap"),
    _text("answer_by", "{Answer_by}", 12),
    _text("outcome", "What will happen", 19, "wrap"),
    _amount("gross_this_period", "Claimed this period"),
    _amount("approved_gross", "Approved this period"),
    _amount("current_payment_due", "Net due as claimed"),
    _text("flags", "Findings", 46, "wrap"),
    _amount("deductions", "{Deduction}s"),
    _amount("tax", "{Tax} to pay"),
    _amount("tax_withheld", "Tax withheld"),
    _amount("payable", "Payable as claimed"),
    _amount("withheld", "{Retainage} withheld"),
    _amount("released", "{Retainage} released"),
    _amount("held", "{Retainage} held after"),
    _amount("work_previous", "Work billed before"),
    _amount("work_this_period", "Work this period"),
    _amount("materials_stored", "{Stored_materials} now"),
    _amount("completed_and_stored", "Total to date"),
    _text("percent", "% of contract", 10, "percent"),
    _amount("balance_to_finish", "Left to pay"),
    _amount("contract_sum_to_date", "Contract to date"),
    _amount("original_contract_sum", "Original contract"),
    _amount("net_change_orders", "Approved {change_order}s"),
    _text("type", "Type", 15),
    _text("status", "Status", 14),
    _text("invoice_number", "Invoice number", 14),
    _text("received_at", "Received", 17),
    _text("comment", "Comment of the {subcontractor}", 30, "wrap"),
    _text("attachments", "Documents", 30, "wrap"),
)
#: Only where an application is in a foreign currency.
EXCHANGE_COLUMN = _text("exchange", "In the project's currency", 46, "wrap")
LINE_COLUMNS = (
    _key("application_id"),
    _key("line_key"),
    _text("item", "Item", 7),
    _text("description", "Description", 27, "wrap"),
    _amount("scheduled_value", "Scheduled value"),
    _amount("work_previous", "Work billed before"),
    _text("unit", "Unit", 8),
    _quantity("unit_price", "Unit price"),
    _quantity("claimed_quantity", "CLAIMED quantity to date"),
    _amount("claimed_work", "CLAIMED work this period"),
    _amount("claimed_stored", "CLAIMED {stored_materials}"),
    _amount("claimed_release", "CLAIMED release"),
    _quantity("approved_quantity", "APPROVED quantity to date", "input quantity"),
    _amount("approved_work", "APPROVED work this period", "input amount"),
    _amount("approved_stored", "APPROVED {stored_materials}", "input amount"),
    _amount("approved_release", "APPROVED release", "input amount"),
    _text("reject", "Reject line", 9, "input"),
    _text("line_reason", "Reason", 28, "input wrap"),
    _text("check", "Check", 22, "wrap"),
    _amount("difference", "Approved less claimed"),
    _amount("approved_to_date", "Total to date as approved"),
    _amount("retainage_held", "{Retainage} held before"),
    _text("cost_code", "{Cost_code}", 12),
    _amount("stored_before", "{Stored_materials} before"),
    _amount("stored_new", "Newly stored, as claimed"),
    _amount("stored_built_in", "Stored and built in, as claimed"),
    _amount("stored_gone", "Stored and gone without work"),
    _amount("stored_previous", "Stored before", hidden=True),
    _amount("claimed_gross", "Claimed gross", hidden=True),
    _amount("approved_gross", "Approved gross", hidden=True),
    Column(key="changed", heading="Changed", width=9, kind="number", hidden=True),
    Column(key="rejected", heading="Rejected", width=9, kind="number", hidden=True),
    Column(key="touched", heading="Touched", width=9, kind="number", hidden=True),
    Column(key="blocked", heading="Blocked", width=9, kind="number", hidden=True),
    Column(key="changed_bare", heading="Changed, no reason", width=9, kind="number", hidden=True),
    Column(key="rejected_bare", heading="Rejected, no reason", width=9, kind="number", hidden=True),
)
#: Columns that are there only where a line is billed by quantity.
MEASURED = frozenset(
    {
        "unit",
        "unit_price",
        "claimed_quantity",
        "approved_quantity",
        "quantity_previous",
        "quantity_to_date",
    }
)
NOT_ANSWERED_COLUMNS = (
    _key("invite_id"),
    _key("issue"),
    _key("currency"),
    _text("vendor", "Vendor", 26, "wrap"),
    _text("commitment", "Commitment", 13),
    _text("state", "Answer", 16),
    _text("note", "What is known", 36, "wrap"),
    _text("bill_on_behalf", "Bill on behalf?", 11, "input"),
    _text("invoice_number", "Invoice number", 16, "input"),
    _text("reason", "Reason", 34, "input wrap"),
    _text("due_at", "Was due", 17),
    _amount("contract_sum_to_date", "Contract to date"),
    _amount("completed_and_stored", "Billed to date"),
    _amount("retainage_held", "{Retainage} held"),
    _text("type", "Type", 15),
)
ON_BEHALF_COLUMNS = (
    _key("invite_id"),
    _key("line_key"),
    _text("item", "Item", 7),
    _text("description", "Description", 30, "wrap"),
    _amount("scheduled_value", "Scheduled value"),
    _amount("work_previous", "Work billed before"),
    _text("unit", "Unit", 8),
    _quantity("unit_price", "Unit price"),
    _quantity("quantity_previous", "Quantity before"),
    _quantity("quantity_to_date", "Quantity to date", "input quantity"),
    _amount("work_this_period", "Work this period", "input amount"),
    _amount("materials_stored", "{Stored_materials} now", "input amount"),
    _amount("retainage_release", "{Retainage} to release", "input amount"),
    _text("check", "Check", 20, "wrap"),
    _amount("to_date", "Total to date"),
    _amount("retainage_held", "{Retainage} held before"),
    _text("cost_code", "{Cost_code}", 12),
)
EXCEPTION_COLUMNS = (
    _text("number", "Message", 12),
    _text("received_at", "Received", 18),
    _text("sender", "From", 34, "wrap"),
    _text("subject", "Subject", 44, "wrap"),
    _text("what", "What is wrong", 60, "wrap"),
)
TOTAL_COLUMNS = (
    _text("currency", "Currency", 10),
    Column(key="applications", heading="Applications", width=13, kind="number"),
    _amount("contract_sum_to_date", "Contract to date"),
    _amount("completed_and_stored", "Total to date"),
    _amount("gross_this_period", "Claimed this period"),
    _amount("approved_gross", "Approved this period"),
    _amount("withheld", "{Retainage} withheld"),
    _amount("released", "{Retainage} released"),
    _amount("held", "{Retainage} held after"),
    _amount("current_payment_due", "Net due as claimed"),
    _amount("deductions", "{Deduction}s"),
    _amount("tax", "{Tax} to pay"),
    _amount("tax_withheld", "Tax withheld"),
    _amount("payable", "Payable as claimed"),
)
HELP_TEXTS = (
    (
        "Decide",
        ("On 'Applications' choose a decision in the yellow column. Blank means: no change now."),
    ),
    (
        "Approve",
        (
            "The application is approved with the APPROVED figures on 'Lines', which start as they "
            "were claimed."
        ),
    ),
    (
        "Approve credit",
        (
            "Where the net due falls below zero, choose this instead of Approve. It becomes a credit, "
            "never a negative bill."
        ),
    ),
    (
        "Approve other figures",
        (
            "Change APPROVED figures on 'Lines', up or down, and give a reason beside each. The "
            "application is then approved as noted, and the {subcontractor} gets the reasons."
        ),
    ),
    (
        "Lines by quantity",
        (
            "Change the APPROVED quantity to date, and the amount follows. An amount alone is refused, so that the "
            "quantity of the next application is right."
        ),
    ),
    (
        "Reject",
        (
            "The {subcontractor} is asked to revise and resubmit, and gets your reasons. Rejecting "
            "one line on 'Lines' does the same."
        ),
    ),
    (
        "Pending client approval",
        (
            "You approve it, and the {client} still has to agree. The figures stand as approved and go into the "
            "{client_application}."
        ),
    ),
    (
        "The {client} answers",
        (
            "An application that waits for the {client} stands at the end of the list; its CLAIMED figures are those you "
            "approved. Choose whether the {client} approves it, or cuts it: then enter the lower APPROVED figures on "
            "'Lines' with a reason each. Reopen takes your approval back; say why."
        ),
    ),
    ("Hold", "The application stays under review. Say why."),
    (
        "Whole or not at all",
        (
            "An application is applied as a whole. If something about it does not fit, nothing of it "
            "is applied, and the answer says what and where; the others go on."
        ),
    ),
    (
        "Not answered",
        (
            "To bill for a {subcontractor} that did not answer, choose Yes on 'Not answered', give a "
            "reason, and enter its lines on 'On behalf'. A line left blank has no work. Enter 0 to "
            "bill nothing on purpose."
        ),
    ),
    (
        "Yellow cells",
        ("Only yellow cells are read. Rows may be sorted or hidden, but please do not delete or add any."),
    ),
    (
        "Newer figures",
        (
            "If an application was replaced after this workbook was made, your decision on it is "
            "refused and you get a new workbook. The others are applied."
        ),
    ),
    (
        "Giving it back",
        (
            "Save the workbook as .xlsx and put it into your watched folder, or have it applied with "
            "'billings review apply'."
        ),
    ),
)
