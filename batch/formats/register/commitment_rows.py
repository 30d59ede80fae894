"""Rows of the register about vendors, commitments and the people who bill them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.model import (
    BilledBy,
    CommitmentStatus,
    CommitmentType,
    ContactRole,
    InviteKind,
)
from batch.core.retainage_terms import CapOf, RetainageRounding, StepReach
from batch.core.settings import BackupPolicy, Policy, StoredMode
from batch.formats.register.kinds import (
    Code,
    Currency,
    Email,
    Kind,
    MaybeAmount,
    MaybeDay,
    MaybeRate,
    MaybeWhole,
    Name,
    Rate,
    Steps,
    Text,
    YesNo,
    choose,
    column,
)
from batch.formats.register.payment_terms_rows import CommitmentPaymentTerms
from batch.formats.register.row import RegisterRow, must
from batch.formats.register.tax_rows import CommitmentTaxCode, MaybeCisStatus

MaybeInviteKind = Annotated[InviteKind | None, choose(InviteKind), Kind.CHOICE]
MaybeBackup = Annotated[BackupPolicy | None, choose(BackupPolicy), Kind.CHOICE]
MaybePolicy = Annotated[Policy | None, choose(Policy), Kind.CHOICE]
StoredModeChoice = Annotated[StoredMode, choose(StoredMode), Kind.CHOICE]
TypeChoice = Annotated[CommitmentType, choose(CommitmentType), Kind.CHOICE]
StatusChoice = Annotated[CommitmentStatus, choose(CommitmentStatus), Kind.CHOICE]
BilledByChoice = Annotated[BilledBy, choose(BilledBy), Kind.CHOICE]
ReachChoice = Annotated[StepReach, choose(StepReach), Kind.CHOICE]
CapChoice = Annotated[CapOf, choose(CapOf), Kind.CHOICE]
RetainageRoundingChoice = Annotated[RetainageRounding, choose(RetainageRounding), Kind.CHOICE]
RoleChoice = Annotated[ContactRole, choose(ContactRole), Kind.CHOICE]


def one_cap(value: Decimal | None, info: ValidationInfo) -> Decimal | None:
    """The cap of retainage as an amount, which excludes one in percent."""
    must(value is None or value >= 0, "0 or more", "A cap of retainage is an amount of 0 or more.")
    must(
        value is None or info.data.get("retainage_cap") is None,
        "one cap",
        "There is a cap in percent too. Give one of the two.",
    )
    return value


class VendorRow(RegisterRow):
    """A subcontractor or supplier."""

    number: Annotated[Code, column("Number", "Your number of the vendor. It never changes.", "V-1001")]
    name: Annotated[
        Name, column("Name", "The vendor's name, as it stands on documents.", "Baxter Electric LLC")
    ]
    address: Annotated[
        Text, column("Address", "Postal address. Line breaks are kept.", "4 Mill Road, Joliet, IL 60432")
    ] = ""
    erp_vendor: Annotated[
        Code,
        column("ERP vendor", "The vendor's code in the accounting system. Blank: the number.", "BAXTER"),
    ] = ""
    cis_status: MaybeCisStatus = None


class CommitmentRow(RegisterRow):
    """A subcontract or a purchase order. Its amounts stand in the schedule of values."""

    number: Annotated[
        Code,
        column(
            "Number",
            "Your number of the commitment, unique across all projects. It never changes.",
            "SC-014-01",
        ),
    ]
    project: Annotated[Code, column("Project", "Number of the project.", "26-014")]
    vendor: Annotated[Code, column("Vendor", "Number of the vendor.", "V-1001")]
    kind: Annotated[TypeChoice, column("Type", "Subcontract or purchase order.", "subcontract")]
    title: Annotated[Name, column("Title", "What it is for.", "Electrical installation")]
    status: Annotated[
        StatusChoice,
        column("Status", "Only approved and complete commitments are invited to bill.", "approved"),
    ]
    billed_by: Annotated[
        BilledByChoice,
        column(
            "Billed by",
            "Invite: the vendor bills by mail. On behalf: only you enter its applications.",
            "invite",
        ),
    ] = BilledBy.INVITE
    currency: Annotated[
        Currency,
        column(
            "Currency", "Currency of its amounts. Blank: the project's.", "USD", inherits="project.currency"
        ),
    ]
    retainage_work: Annotated[
        Rate, column("Retainage on work", "Rate kept back on work completed. 0% for none.", "10%")
    ]
    retainage_stored: Annotated[
        Rate, column("Retainage on stored", "Rate kept back on stored materials. 0% for none.", "10%")
    ]
    retainage_steps: Annotated[
        Steps,
        column(
            "Retainage steps",
            "Rates on work past a percent complete (more than it). Blank: one rate throughout.",
            "50%: 5%",
        ),
    ] = ""
    retainage_reach: Annotated[
        ReachChoice,
        column(
            "Steps apply to",
            "Later work: earlier work keeps its rate. All work: earlier work gets the new rate too.",
            "later work",
        ),
    ] = StepReach.LATER
    retainage_cap: Annotated[
        MaybeRate,
        column(
            "Retainage cap",
            "Withhold until this much of the contract's value was withheld to date. Blank: no cap.",
            "5%",
        ),
    ] = None
    retainage_cap_of: Annotated[
        CapChoice,
        column("Cap of", "Which value the cap is of: without or with change orders.", "original value"),
    ] = CapOf.ORIGINAL
    retainage_cap_amount: Annotated[
        MaybeAmount,
        column("Cap amount", "The cap as an amount, instead of a percentage."),
    ] = None
    retainage_rounding: Annotated[
        RetainageRoundingChoice,
        column(
            "Retainage rounded by",
            "Line, or contract: once in all, with the difference on the last line that is not 0.",
            "line",
        ),
    ] = RetainageRounding.LINE
    retainage_whole: Annotated[
        YesNo, column("Retainage in whole units", "Yes: retainage has no cents.", "no")
    ] = False
    completed_on: Annotated[
        MaybeDay,
        column(
            "Practical completion",
            "From the period that ends on or after this date, the rate after completion counts.",
            "2026-09-30",
        ),
    ] = None
    retainage_completed: Annotated[
        MaybeRate,
        column(
            "Retainage after completion",
            "Rate from practical completion on, for all work and stored materials. Lines with a rate of their own keep it.",
            "2.5%",
        ),
    ] = None
    tax_code: CommitmentTaxCode = None
    payment_terms: CommitmentPaymentTerms = None
    payment_days: Annotated[
        MaybeWhole,
        Field(ge=0, le=365),
        column("Payment days", "Days from approval to payment, for the ERP files.", "30"),
    ] = None
    invite_kind: Annotated[
        MaybeInviteKind,
        column(
            "Invite for",
            "As on the sheet Projects, for this commitment only; final asks for the last bill. Blank: the project's.",
            "work",
        ),
    ] = None
    stored_mode: Annotated[
        StoredModeChoice,
        column(
            "Stored materials",
            "Classic: a balance the vendor moves into the work. Auto: it becomes work, of before or of now, by itself.",
            "classic",
        ),
    ] = StoredMode.CLASSIC
    over_line: Annotated[
        MaybePolicy,
        column("Over a line", "As on the sheet Projects, for this commitment. Blank: the project's.", "warn"),
    ] = None
    over_change_order: Annotated[
        MaybePolicy,
        column(
            "Over a change order",
            "As on the sheet Projects, for this commitment. Blank: the project's.",
            "block",
        ),
    ] = None
    over_contract: Annotated[
        MaybePolicy,
        column(
            "Over the contract",
            "As on the sheet Projects, for this commitment. Blank: the project's.",
            "block",
        ),
    ] = None
    over_quantity: Annotated[
        MaybePolicy,
        column(
            "Over a quantity",
            "As on the sheet Projects, for this commitment. Blank: the project's.",
            "warn",
        ),
    ] = None
    backup: Annotated[
        MaybeBackup,
        column("Backup", "As on the sheet Projects, for this commitment. Blank: the project's.", "block"),
    ] = None
    backup_above: Annotated[
        MaybeAmount,
        column("Backup above", "As on the sheet Projects, for this commitment. Blank: the project's."),
    ] = None
    contract_sum: Annotated[
        MaybeAmount,
        column(
            "Original contract sum",
            "A check: where filled in, it must be the sum of the lines that belong to no change order.",
            "48,000.00", check=True,
        ),
    ] = None  # fmt: skip

    @field_validator("retainage_cap_amount")
    @classmethod
    def _one_cap(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return one_cap(value, info)


class ContactRow(RegisterRow):
    """A person of the vendor. Several per commitment; those who bill get the invites and may reply."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    address: Annotated[Email, column("Email", "One address.", "ann@baxter-electric.example")]
    role: Annotated[
        RoleChoice,
        column(
            "Role",
            "Bills: gets the invite. Copied: is told the outcome. Escalation: is written to when late.",
            "bills",
        ),
    ]
    name: Annotated[Name, column("Name", "First and last name.", "Ann Baxter")] = ""
