"""What happens in a billing period: invites, pay applications and the ledgers."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint, text

from batch.core import states
from batch.core.findings import Severity
from batch.core.methods import Method
from batch.core.model import ContactRole, InviteKind
from batch.core.payment_terms import CountedFrom
from batch.core.states import LIVE_STATES
from batch.edges.store.columns import (
    choice,
    day,
    json_column,
    minor,
    ppm,
    quantity,
    ref,
    revision,
    text_column,
    unit_price,
    utc,
    whole,
    words,
    yes_no,
)
from batch.edges.store.register_tables import keyed, metadata, table

_LIVE_APPLICATION = text("state IN (" + ", ".join(f"'{state.value}'" for state in sorted(LIVE_STATES)) + ")")
_LIVE = text("live = 1")

billing_period = keyed(
    "billing_period",
    ref("project_id", "project"),
    whole("number"),
    day("start_on"),
    day("end_on"),
    day("billing_on"),
    utc("invite_at"),
    utc("due_at"),
    utc("close_at"),
    choice("state", states.Period),
    revision(),
    key=("project_id", "number"),
)

period_reminder = keyed(
    "period_reminder",
    ref("period_id", "billing_period"),
    whole("ordinal"),
    utc("at"),
    utc("sent_at", nullable=True),
    key=("period_id", "ordinal"),
)

#: `commitment_id` is empty when the period was opened again for all.
reopening = table(
    "reopening",
    ref("period_id", "billing_period"),
    ref("commitment_id", "commitment", nullable=True),
    text_column("reason"),
    ref("admin_id", "admin"),
    utc("at"),
    key=("period_id", "commitment_id", "at"),
)

#: `basis` holds the parts of `model.Basis` that are no line amounts. Frozen from `issued_at` on.
invite = keyed(
    "invite",
    ref("period_id", "billing_period"),
    ref("commitment_id", "commitment"),
    choice("kind", InviteKind),
    whole("issue"),
    choice("state", states.Invite),
    revision(),
    whole("application_number"),
    whole("sov_version"),
    text_column("currency"),
    minor("previous_certificates"),
    ppm("retainage_work"),
    ppm("retainage_stored"),
    json_column("basis", proven=True),
    text_column("workbook_sha", nullable=True),
    utc("issued_at", nullable=True),
    text_column("decline_reason", nullable=True),
    key=("period_id", "commitment_id", "kind", "issue"),
)

#: `change_order` is its number as it was issued, or ''. Rows never change.
invite_line = keyed(
    "invite_line",
    ref("invite_id", "invite"),
    text_column("line_key"),
    whole("position"),
    text_column("item"),
    text_column("description"),
    text_column("cost_code"),
    text_column("change_order"),
    minor("scheduled_value"),
    ppm("retainage_work", nullable=True),
    ppm("retainage_stored", nullable=True),
    minor("retainage_amount", nullable=True),
    choice("method", Method, default=Method.AMOUNT, proven=True),
    quantity("quantity", nullable=True),
    text_column("unit", proven=True, default=""),
    unit_price("unit_price", nullable=True),
    yes_no("remeasured"),
    quantity("quantity_before", default=0),
    minor("work"),
    minor("stored"),
    minor("withheld_work"),
    minor("withheld_stored"),
    minor("released"),
    minor("opening_work"),
    minor("opening_withheld_work"),
    minor("opening_stored"),
    minor("opening_withheld_stored"),
    key=("invite_id", "line_key"),
)

#: One token per invite and address, with the workbook that carries it; it is what a reply is matched by.
invite_token = Table(
    "invite_token",
    metadata,
    Column("token", Text, primary_key=True),
    ref("invite_id", "invite"),
    text_column("address"),
    choice("role", ContactRole),
    text_column("workbook_sha"),
    UniqueConstraint("invite_id", "address"),
    info={"key": ("token",), "private": True},
    sqlite_strict=True,
)

#: One revision of one pay application. `received_at` is the first receipt and stays through all revisions.
#: The number is given at the first valid submission: a claim that was returned before has none yet.
application = keyed(
    "application",
    ref("commitment_id", "commitment"),
    whole("number", nullable=True),
    whole("revision_number"),
    ref("period_id", "billing_period"),
    ref("invite_id", "invite"),
    choice("state", states.Application),
    revision(),
    text_column("currency"),
    ref("inbox_id", "inbox", nullable=True),
    text_column("workbook_sha", nullable=True),
    text_column("claim_sha"),
    text_column("invoice_number"),
    text_column("comment"),
    ref("entered_by", "admin", nullable=True),
    text_column("sender"),
    utc("received_at"),
    utc("submitted_at"),
    utc("approved_at", nullable=True),
    text_column("erp_document", nullable=True),
    key=("invite_id", "revision_number"),
)
Index(
    "uq_application_live",
    application.c.commitment_id,
    application.c.number,
    unique=True,
    sqlite_where=_LIVE_APPLICATION,
    postgresql_where=_LIVE_APPLICATION,
)

#: The dates of the payment of one application, all revisions of it: fixed once, whatever the register says later. `dates` maps
#: the fields of `core.payment_terms.PaymentDates` to days.
payment_date = keyed(
    "payment_date",
    ref("commitment_id", "commitment"),
    whole("number"),
    text_column("terms"),
    choice("counted_from", CountedFrom),
    text_column("holidays"),
    json_column("dates", proven=True),
    key=("commitment_id", "number"),
)

#: Claimed and approved are kept apart; what was claimed never changes. Approved is empty until a decision.
application_line = keyed(
    "application_line",
    ref("application_id", "application"),
    text_column("line_key"),
    minor("claimed_work"),
    minor("claimed_stored"),
    minor("claimed_release"),
    quantity("claimed_quantity", nullable=True),
    minor("approved_work", nullable=True),
    minor("approved_stored", nullable=True),
    minor("approved_release", nullable=True),
    quantity("approved_quantity", nullable=True),
    text_column("reason"),
    key=("application_id", "line_key"),
)

#: The fields of `model.Summary`, as they were at submission and at approval.
application_summary = keyed(
    "application_summary",
    ref("application_id", "application"),
    words("side", "claimed", "approved"),
    minor("original_contract_sum"),
    minor("net_change_orders"),
    minor("contract_sum_to_date"),
    minor("total_completed_and_stored"),
    minor("retainage_work"),
    minor("retainage_stored"),
    minor("retainage_total"),
    minor("total_earned_less_retainage"),
    minor("previous_certificates"),
    minor("current_payment_due"),
    minor("balance_to_finish"),
    minor("gross_this_period"),
    minor("payable"),
    key=("application_id", "side"),
)

finding = table(
    "finding",
    ref("application_id", "application", nullable=True),
    ref("inbox_id", "inbox", nullable=True),
    whole("ordinal"),
    text_column("code"),
    choice("severity", Severity),
    text_column("sheet"),
    text_column("cell"),
    text_column("line"),
    text_column("found"),
    text_column("expected"),
    text_column("difference"),
    key=("application_id", "inbox_id", "ordinal"),
)

#: Each decision on an application. Append-only.
review = table(
    "review",
    ref("application_id", "application"),
    text_column("decision"),
    ref("admin_id", "admin"),
    text_column("workbook_sha", nullable=True),
    text_column("reason"),
    utc("at"),
    key=("application_id", "at"),
)

#: Each review workbook made for an admin. `content_key` stands for what it shows: it is not made twice.
review_sheet = keyed(
    "review_sheet",
    ref("period_id", "billing_period"),
    ref("admin_id", "admin"),
    text_column("content_key"),
    whole("ordinal"),
    text_column("workbook_sha"),
    utc("at"),
    key=("period_id", "admin_id", "content_key"),
)

#: Ledger of retainage; `application_id` is empty for opening balances. Append-only.
retainage_entry = table(
    "retainage_entry",
    ref("commitment_id", "commitment"),
    text_column("line_key"),
    ref("application_id", "application", nullable=True),
    text_column("kind"),
    words("component", "work", "stored"),
    minor("amount"),
    text_column("currency"),
    utc("at"),
    key=("commitment_id", "line_key", "application_id"),
)

#: Ledger of work and stored materials per line, and of the quantity of a unit price line: increments, written at
#: approval. Append-only.
line_ledger = table(
    "line_ledger",
    ref("commitment_id", "commitment"),
    text_column("line_key"),
    ref("application_id", "application", nullable=True),
    whole("ordinal"),
    minor("work"),
    minor("stored"),
    quantity("quantity", default=0),
    utc("at"),
    key=("commitment_id", "line_key", "application_id", "ordinal"),
)

#: `live` ends when the application is opened again; a deduction is taken by one live application only.
application_deduction = table(
    "application_deduction",
    ref("application_id", "application"),
    ref("deduction_id", "deduction"),
    minor("amount"),
    text_column("currency"),
    yes_no("live", default=True),
    key=("application_id", "deduction_id"),
)
Index(
    "uq_application_deduction_live",
    application_deduction.c.deduction_id,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)

attachment = table(
    "attachment",
    ref("application_id", "application", nullable=True),
    ref("inbox_id", "inbox"),
    text_column("sha256"),
    text_column("name"),
    text_column("content_type"),
    key=("inbox_id", "sha256", "name"),
)
