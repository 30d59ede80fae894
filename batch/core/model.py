"""The nouns of progress billing, as frozen values.

Amounts are `Decimal` at the precision of the commitment's currency. Rates are percent (10 means ten per cent). Dates are
calendar dates of the project; instants are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from batch.core.exchange import Exchanged
from batch.core.line_changes import LineChange
from batch.core.methods import Measure, Method
from batch.core.money import ZERO, Rounding
from batch.core.retainage_terms import RetainageTerms as RetainageTerms  # noqa: PLC0414
from batch.core.settings import BLOCKED, NO_BACKUP, BackupRule, OverBilling, StoredMode


class CommitmentType(StrEnum):
    """What kind of order a commitment is."""

    SUBCONTRACT = "subcontract"
    PURCHASE_ORDER = "purchase order"


class CommitmentStatus(StrEnum):
    """Only approved and complete commitments are invited to bill."""

    DRAFT = "draft"
    APPROVED = "approved"
    COMPLETE = "complete"
    TERMINATED = "terminated"


class BilledBy(StrEnum):
    """Who makes the pay application: the subcontractor on invite, or only we, on its behalf."""

    INVITE = "invite"
    ON_BEHALF = "on behalf"


class ContactRole(StrEnum):
    """What a contact is written to for."""

    BILLS = "bills"
    COPIED = "copied"
    ESCALATION = "escalation"


class InviteKind(StrEnum):
    """Which columns an invite to bill opens."""

    WORK = "work"
    RELEASE = "release"
    BOTH = "both"
    FINAL = "final"

    @property
    def opens_work(self) -> bool:
        """Whether work and stored materials may be billed."""
        return self is not InviteKind.RELEASE

    @property
    def opens_release(self) -> bool:
        """Whether release of retainage may be billed."""
        return self is not InviteKind.WORK


class ChangeOrderStatus(StrEnum):
    """Only approved change orders count in the contract sum."""

    PENDING = "pending"
    APPROVED = "approved"
    VOID = "void"


class Cycle(StrEnum):
    """How a project's billing periods follow each other."""

    MONTHLY = "monthly"
    WEEKLY = "weekly"
    CUSTOM = "custom"


class Permission(StrEnum):
    """What an admin may do on a project."""

    ENTER = "enter"
    APPROVE = "approve"
    EXPORT = "export"
    READ = "read"


@dataclass(frozen=True, kw_only=True)
class SovLine:
    """One line of a schedule of values. `key` never changes and is never used again. `change_order` is its number, or ''.

    `retainage_work` and `retainage_stored` are the line's own rates in percent; None takes the commitment's.
    `retainage_amount` is money instead: withheld from the first work on, never more than was billed. `scheduled_value`
    is that to date, `changes` included: what change orders did to the line without having one of their own. A line by
    unit price has a `measure`, no other has.
    """

    key: str
    item: str
    description: str
    cost_code: str
    scheduled_value: Decimal
    change_order: str = ""
    retainage_work: Decimal | None = None
    retainage_stored: Decimal | None = None
    retainage_amount: Decimal | None = None
    changes: tuple[LineChange, ...] = ()
    method: Method = Method.AMOUNT
    measure: Measure | None = None

    @property
    def changed(self) -> Decimal:
        """What its changes come to."""
        return sum((each.amount for each in self.changes), ZERO)

    @property
    def before_changes(self) -> Decimal:
        """Its value without them."""
        return self.scheduled_value - self.changed


@dataclass(frozen=True, kw_only=True)
class LinePosition:
    """What the ledger holds for one line: the state after the last approved pay application (or the opening balance).

    `withheld_*` are running totals to date, `released` is their own running total; held = withheld - released.
    `opening_*` is the tranche billed before this software took over, whose retainage is never computed again; of stored
    material, as long as just that balance is stored. `quantity` is the approved quantity to date of a unit price line.
    """

    work: Decimal = ZERO
    stored: Decimal = ZERO
    withheld_work: Decimal = ZERO
    withheld_stored: Decimal = ZERO
    released: Decimal = ZERO
    opening_work: Decimal = ZERO
    opening_withheld_work: Decimal = ZERO
    opening_stored: Decimal = ZERO
    opening_withheld_stored: Decimal = ZERO
    quantity: Decimal = ZERO

    @property
    def held(self) -> Decimal:
        """Retainage kept back so far on this line."""
        return self.withheld_work + self.withheld_stored - self.released


@dataclass(frozen=True, kw_only=True)
class LineAmounts:
    """What is billed (or approved) on one line in one pay application.

    `work`: work completed this period, an increment. `stored`: materials presently stored, a balance, not an increment.
    `release`: retainage asked back this period. `quantity`: the quantity to date that `work` follows from, on a line by
    unit price; None where none was entered, so that the one before stands.
    """

    work: Decimal = ZERO
    stored: Decimal = ZERO
    release: Decimal = ZERO
    quantity: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """One line of a pay application with every derived column of the continuation sheet.

    `re_rated` is the part of `withheld_this_period` that a lower rate gives back on earlier work: 0 or against the sign.
    """

    line: SovLine
    work_previous: Decimal
    work_this_period: Decimal
    stored_previous: Decimal
    materials_stored: Decimal
    completed_and_stored: Decimal
    balance_to_finish: Decimal
    withheld_this_period: Decimal
    released_this_period: Decimal
    held_work: Decimal
    held_stored: Decimal
    retainage_held: Decimal
    position: LinePosition
    re_rated: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The nine summary lines and the gross movement. Amounts in the commitment's currency."""

    original_contract_sum: Decimal
    net_change_orders: Decimal
    contract_sum_to_date: Decimal
    total_completed_and_stored: Decimal
    retainage_work: Decimal
    retainage_stored: Decimal
    retainage_total: Decimal
    total_earned_less_retainage: Decimal
    previous_certificates: Decimal
    current_payment_due: Decimal
    balance_to_finish: Decimal
    gross_this_period: Decimal


@dataclass(frozen=True, kw_only=True)
class Bill:
    """A computed pay application: lines in the order of the schedule of values, and the summary."""

    currency: str
    lines: tuple[BilledLine, ...]
    summary: Summary


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What was frozen when an invite was issued; everything a pay application is computed and checked against.

    `lines` are those of the schedule of values at `sov_version`, approved change orders included. `positions` and
    `previous_certificates` come from the ledger, never from a workbook. `asks_materials`: the cost of materials in
    the payment is asked for, because tax is withheld from the rest. `approved_on` is by change order, `stored_moved`
    by line: the stored material that already is in the work of its position (see `core.stored`).
    """

    company: str
    project: str
    project_name: str
    commitment: str
    commitment_title: str
    vendor: str
    vendor_name: str
    period: int
    period_from: date
    period_to: date
    issue: int
    kind: InviteKind
    sov_version: int
    application_number: int
    currency: str
    retainage: RetainageTerms
    lines: tuple[SovLine, ...]
    positions: Mapping[str, LinePosition]
    previous_certificates: Decimal
    pending_change_orders: tuple[PendingChangeOrder, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    over_billing: OverBilling = BLOCKED
    approved_on: Mapping[str, date] = field(default_factory=dict)
    stored_mode: StoredMode = StoredMode.CLASSIC
    stored_moved: Mapping[str, Decimal] = field(default_factory=dict)
    asks_materials: bool = False
    backup: BackupRule = NO_BACKUP

    @property
    def retainage_by_line(self) -> bool:
        """Whether each line's retainage follows from that line's rates, so that a workbook's formulas can say it."""
        return self.retainage.flat and all(line.retainage_amount is None for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class PendingChangeOrder:
    """A change order that is not approved: listed for information, never in the contract sum."""

    number: str
    title: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """A backcharge, apart from the contract sum and from the nine summary lines; taken off what is payable, after tax.

    `reduces_taxable`: it is taken off before tax, so that it also makes the tax smaller.
    """

    number: str
    description: str
    cost_code: str
    amount: Decimal
    reduces_taxable: bool = False


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """One line of the client contract's schedule of values. `key` is stable; `cost_code` may be ''. The rest as in `SovLine`."""

    key: str
    item: str
    description: str
    cost_code: str
    scheduled_value: Decimal
    change_order: str = ""
    retainage_work: Decimal | None = None
    retainage_stored: Decimal | None = None
    retainage_amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """Approved movement on one commitment line, as the client application takes it in.

    `earlier`: it belongs to an earlier period than the client application, and was not billed in it. `exchange`: what it
    was converted from, where its commitment is in a foreign currency. `client_line`, `percent`: the line of the client
    contract that takes it and its percentage, where it is a piece of a cost that is split.
    """

    commitment: str
    vendor_name: str
    application: str
    line_key: str
    description: str
    cost_code: str
    work: Decimal
    stored: Decimal
    earlier: bool = False
    exchange: Exchanged | None = None
    client_line: str = ""
    percent: Decimal | None = None
