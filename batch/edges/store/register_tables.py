"""What the register workbook says: who and what there is to bill.

Each row has a natural key, and a revision that goes up with each change.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, Table, UniqueConstraint

from batch.core.methods import Method
from batch.core.model import (
    BilledBy,
    ChangeOrderStatus,
    CommitmentStatus,
    CommitmentType,
    ContactRole,
    Cycle,
    InviteKind,
)
from batch.core.money import Rounding
from batch.core.retainage_terms import CapOf, RetainageRounding, StepReach
from batch.core.settings import AfterChange, BackupPolicy, Policy, StoredMode
from batch.core.tax import CisStatus, DeductionEffect, TaxKind, TaxRounding
from batch.edges.store.columns import (
    choice,
    day,
    json_column,
    minor,
    ppm,
    quantity,
    ref,
    revision,
    row_id,
    scaled,
    text_column,
    unit_price,
    utc,
    whole,
    words,
    yes_no,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def table(name: str, *parts: Any, key: tuple[str, ...], private: bool = False) -> Table:
    """A STRICT table with `id` first. `key`: the columns that name a row to a person and in the dump.

    `private`: the key is somebody's address, which must not stand in an event.
    """
    info = {"key": key, "private": private}
    return Table(name, metadata, row_id(), *parts, info=info, sqlite_strict=True)


def keyed(name: str, *parts: Any, key: tuple[str, ...], private: bool = False) -> Table:
    """As `table`, with the natural key unique."""
    return table(name, *parts, UniqueConstraint(*key), key=key, private=private)


company = keyed(
    "company",
    words("key", "company"),
    revision(),
    text_column("name"),
    json_column("legal_lines"),
    text_column("address"),
    text_column("currency"),
    text_column("locale"),
    text_column("sender_name"),
    text_column("erp_company"),
    day("posting_from", nullable=True),
    day("posting_to", nullable=True),
    ppm("cis_registered", default=200_000),
    ppm("cis_unregistered", default=300_000),
    key=("key",),
)

admin = keyed(
    "admin",
    text_column("address"),
    revision(),
    text_column("name"),
    json_column("projects"),
    json_column("may"),
    minor("limit", nullable=True),
    text_column("currency", nullable=True),
    key=("address",),
    private=True,
)

project = keyed(
    "project",
    text_column("number"),
    revision(),
    text_column("name"),
    text_column("client_name"),
    text_column("location"),
    text_column("time_zone"),
    text_column("currency"),
    text_column("locale"),
    choice("rounding", Rounding),
    choice("tax_rounding", TaxRounding, default=TaxRounding.ON_TOTAL),
    choice("cycle", Cycle),
    day("first_start", nullable=True),
    whole("end_day", nullable=True),
    whole("invite_offset", nullable=True),
    json_column("reminder_offsets"),
    whole("due_offset", nullable=True),
    whole("close_offset", nullable=True),
    text_column("invite_time"),
    text_column("due_time"),
    yes_no("hold_answers"),
    yes_no("client_first"),
    ref("payment_terms_id", "payment_terms", nullable=True),
    ref("client_terms_id", "payment_terms", nullable=True),
    choice("default_invite_kind", InviteKind),
    choice("after_change", AfterChange),
    choice("over_line", Policy),
    choice("over_change_order", Policy),
    choice("over_contract", Policy),
    choice("over_quantity", Policy, default=Policy.BLOCK),
    choice("backup", BackupPolicy, default=BackupPolicy.OFF),
    minor("backup_above", nullable=True),
    key=("number",),
)

custom_period = keyed(
    "custom_period",
    ref("project_id", "project"),
    whole("number"),
    revision(),
    day("start_on"),
    day("end_on"),
    day("billing_on"),
    day("invite_on"),
    day("due_on"),
    day("close_on"),
    json_column("reminders"),
    key=("project_id", "number"),
)

tax_code = keyed(
    "tax_code",
    text_column("code"),
    revision(),
    text_column("description"),
    ppm("rate"),
    choice("kind", TaxKind),
    key=("code",),
)

exchange_rate = keyed(
    "exchange_rate",
    text_column("from_currency"),
    text_column("to_currency"),
    day("dated_on"),
    revision(),
    scaled("rate"),
    key=("from_currency", "to_currency", "dated_on"),
)

vendor = keyed(
    "vendor",
    text_column("number"),
    revision(),
    text_column("name"),
    text_column("address"),
    text_column("erp_vendor"),
    choice("cis_status", CisStatus, nullable=True),
    key=("number",),
)

commitment = keyed(
    "commitment",
    text_column("number"),
    revision(),
    ref("project_id", "project"),
    ref("vendor_id", "vendor"),
    choice("kind", CommitmentType),
    text_column("title"),
    choice("status", CommitmentStatus),
    choice("billed_by", BilledBy),
    text_column("currency"),
    ppm("retainage_work"),
    ppm("retainage_stored"),
    text_column("retainage_steps", proven=True, default=""),
    choice("retainage_reach", StepReach, default=StepReach.LATER),
    ppm("retainage_cap", nullable=True),
    choice("retainage_cap_of", CapOf, default=CapOf.ORIGINAL),
    minor("retainage_cap_amount", nullable=True),
    choice("retainage_rounding", RetainageRounding, default=RetainageRounding.LINE),
    yes_no("retainage_whole"),
    day("completed_on", nullable=True),
    ppm("retainage_completed", nullable=True),
    ref("tax_code_id", "tax_code", nullable=True),
    ref("payment_terms_id", "payment_terms", nullable=True),
    whole("payment_days", nullable=True),
    choice("invite_kind", InviteKind, nullable=True),
    choice("stored_mode", StoredMode),
    choice("over_line", Policy, nullable=True),
    choice("over_change_order", Policy, nullable=True),
    choice("over_contract", Policy, nullable=True),
    choice("over_quantity", Policy, nullable=True),
    choice("backup", BackupPolicy, nullable=True),
    minor("backup_above", nullable=True),
    whole("sov_version", default=1),
    utc("first_invited_at", nullable=True),
    key=("number",),
)

contact = keyed(
    "contact",
    ref("commitment_id", "commitment"),
    text_column("address"),
    revision(),
    choice("role", ContactRole),
    text_column("name"),
    key=("commitment_id", "address"),
    private=True,
)

change_order = keyed(
    "change_order",
    ref("commitment_id", "commitment"),
    text_column("number"),
    revision(),
    text_column("title"),
    choice("status", ChangeOrderStatus),
    day("approved_on", nullable=True),
    key=("commitment_id", "number"),
)

sov_line = keyed(
    "sov_line",
    ref("commitment_id", "commitment"),
    text_column("line_key"),
    revision(),
    text_column("item"),
    whole("position"),
    text_column("description"),
    text_column("cost_code"),
    minor("scheduled_value"),
    text_column("changes_line", nullable=True),
    ref("change_order_id", "change_order", nullable=True),
    ppm("retainage_work", nullable=True),
    ppm("retainage_stored", nullable=True),
    minor("retainage_amount", nullable=True),
    choice("method", Method, default=Method.AMOUNT, proven=True),
    quantity("quantity", nullable=True),
    text_column("unit", proven=True, default=""),
    unit_price("unit_price", nullable=True),
    yes_no("remeasured"),
    ref("tax_code_id", "tax_code", nullable=True),
    key=("commitment_id", "line_key"),
)

client_contract = keyed(
    "client_contract",
    ref("project_id", "project"),
    revision(),
    text_column("number"),
    text_column("title"),
    ppm("retainage_work"),
    ppm("retainage_stored"),
    text_column("retainage_steps", proven=True, default=""),
    choice("retainage_reach", StepReach, default=StepReach.LATER),
    ppm("retainage_cap", nullable=True),
    choice("retainage_cap_of", CapOf, default=CapOf.ORIGINAL),
    minor("retainage_cap_amount", nullable=True),
    choice("retainage_rounding", RetainageRounding, default=RetainageRounding.LINE),
    yes_no("retainage_whole"),
    day("completed_on", nullable=True),
    ppm("retainage_completed", nullable=True),
    ref("tax_code_id", "tax_code", nullable=True),
    text_column("currency"),
    key=("project_id",),
)

client_change_order = keyed(
    "client_change_order",
    ref("client_contract_id", "client_contract"),
    text_column("number"),
    revision(),
    text_column("title"),
    choice("status", ChangeOrderStatus),
    day("approved_on", nullable=True),
    key=("client_contract_id", "number"),
)

client_line = keyed(
    "client_line",
    ref("client_contract_id", "client_contract"),
    text_column("line_key"),
    revision(),
    text_column("item"),
    whole("position"),
    text_column("description"),
    text_column("cost_code"),
    minor("scheduled_value"),
    ref("client_change_order_id", "client_change_order", nullable=True),
    ref("tax_code_id", "tax_code", nullable=True),
    ppm("retainage_work", nullable=True),
    ppm("retainage_stored", nullable=True),
    minor("retainage_amount", nullable=True),
    key=("client_contract_id", "line_key"),
)

cost_code_map = keyed(
    "cost_code_map",
    ref("project_id", "project"),
    text_column("cost_code"),
    revision(),
    text_column("client_line_key"),
    ppm("percent", default=1_000_000),
    key=("project_id", "cost_code", "client_line_key"),
)

deduction = keyed(
    "deduction",
    ref("commitment_id", "commitment"),
    text_column("number"),
    revision(),
    day("dated_on"),
    text_column("description"),
    text_column("cost_code"),
    minor("amount"),
    choice("effect", DeductionEffect, default=DeductionEffect.AFTER_TAX),
    text_column("evidence"),
    key=("commitment_id", "number"),
)

opening_commitment = keyed(
    "opening_commitment",
    ref("commitment_id", "commitment"),
    revision(),
    whole("last_application_number"),
    day("last_date", nullable=True),
    minor("certified"),
    json_column("invoice_numbers"),
    json_column("change_orders_by_month", proven=True),
    key=("commitment_id",),
)

opening_line = keyed(
    "opening_line",
    ref("commitment_id", "commitment"),
    text_column("line_key"),
    revision(),
    quantity("quantity", nullable=True),
    minor("work"),
    minor("stored"),
    minor("withheld_work"),
    minor("withheld_stored"),
    minor("released"),
    key=("commitment_id", "line_key"),
)

#: Dated corrections after the first invite, with their reason. Append-only.
correction = table(
    "correction",
    ref("commitment_id", "commitment"),
    text_column("sheet"),
    text_column("row_key"),
    text_column("field"),
    text_column("old", proven=True),
    text_column("new", proven=True),
    day("dated_on"),
    text_column("reason"),
    ref("admin_id", "admin", nullable=True),
    utc("created_at"),
    key=("commitment_id", "sheet", "row_key", "field", "created_at"),
    private=True,
)

register_import = table(
    "register_import",
    text_column("sha256"),
    ref("admin_id", "admin", nullable=True),
    utc("at"),
    whole("added"),
    whole("changed"),
    whole("refused"),
    key=("sha256", "at"),
)
