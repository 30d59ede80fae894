"""Rows of the register about amounts: lines, change orders, deductions, corrections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.methods import Method
from batch.core.model import ChangeOrderStatus
from batch.core.tax import DeductionEffect
from batch.formats.register.kinds import (
    Amount,
    Code,
    Day,
    Kind,
    MaybeAmount,
    MaybeCode,
    MaybeDay,
    MaybeRate,
    MaybeWhole,
    Name,
    Text,
    choose,
    column,
)
from batch.formats.register.method_rows import (
    LineMethod,
    LineQuantity,
    LineRemeasured,
    LineUnit,
    LineUnitPrice,
    fitting,
    fitting_remeasured,
)
from batch.formats.register.row import RegisterRow, must
from batch.formats.register.tax_rows import EffectChoice, LineTaxCode

StatusChoice = Annotated[ChangeOrderStatus, choose(ChangeOrderStatus), Kind.CHOICE]
ORDER = column("Order", "Where the line stands, as a number. Blank: as the rows stand here.", "10", keep=True)


def dated_when_approved(value: date | None, info: ValidationInfo) -> date | None:
    """The date of approval of a change order, which an approved one must have."""
    undated = info.data.get("status") is ChangeOrderStatus.APPROVED and value is None
    must(
        not undated,
        "a date such as 2026-01-31",
        "An approved change order needs the date of its approval.",
    )
    return value


def rate_or_amount(value: Decimal | None, info: ValidationInfo) -> Decimal | None:
    """The amount of retainage of a line, which excludes rates of its own."""
    rated = any(info.data.get(name) is not None for name in ("retainage_work", "retainage_stored"))
    must(value is None or value >= 0, "0 or more", "Retainage is an amount of 0 or more.")
    must(
        value is None or not rated,
        "a rate or an amount",
        "A line has a rate of retainage or an amount, not both.",
    )
    return value


class CorrectedSheet(StrEnum):
    """The sheets whose rows are frozen by the first invite and changed by a correction."""

    LINES = "Schedule of values"
    COMMITMENTS = "Commitments"
    CHANGEORDERS = "Change orders"


class SovLineRow(RegisterRow):
    """One line of a commitment's schedule of values, or of one of its change orders."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    line_key: Annotated[
        Code,
        column(
            "Line",
            "Code of the line, unique in its commitment. It never changes and is never used again.",
            "1",
        ),
    ]
    item: Annotated[Code, column("Item", "Item number as printed. Blank: the line's code.", "1")] = ""
    position: Annotated[MaybeWhole, ORDER] = None
    description: Annotated[Text, column("Description", "What the line is for.", "Rough-in, levels 1 and 2")]
    cost_code: Annotated[
        Code,
        column(
            "Cost code",
            "Your cost code. A line of a change order must have one, unless it changes a line.",
            "26-100",
        ),
    ] = ""
    scheduled_value: Annotated[
        Amount,
        column(
            "Scheduled value", "The line's value. Negative for a deduction from the contract.", "12,000.00"
        ),
    ]
    changes_line: Annotated[
        MaybeCode,
        column(
            "Changes line",
            "Code of the line whose value this row of a change order raises or lowers. Blank: a line of its own.",
        ),
    ] = None
    change_order: Annotated[
        MaybeCode,
        column(
            "Change order",
            "Number of the change order this line belongs to. Blank: original contract.",
            "1",
        ),
    ] = None
    method: LineMethod = Method.AMOUNT
    quantity: LineQuantity = None
    unit: LineUnit = ""
    unit_price: LineUnitPrice = None
    remeasured: LineRemeasured = False
    tax_code: LineTaxCode = None
    retainage_work: Annotated[
        MaybeRate,
        column(
            "Retainage on work",
            "Rate kept back on this line's work. 0% for none. Blank: the commitment's.",
            "0%",
        ),
    ] = None
    retainage_stored: Annotated[
        MaybeRate,
        column(
            "Retainage on stored",
            "Rate kept back on this line's stored materials. 0% for none. Blank: the commitment's.",
            "0%",
        ),
    ] = None
    retainage_amount: Annotated[
        MaybeAmount,
        column(
            "Retainage amount",
            "Instead of a rate: withheld from the first work on, never more than was billed, and no more later.",
        ),
    ] = None

    @field_validator("quantity", "unit", "unit_price")
    @classmethod
    def _fitting(cls, value: object, info: ValidationInfo) -> object:
        fitting(value, info)
        return value

    @field_validator("remeasured")
    @classmethod
    def _fitting_remeasured(cls, value: bool, info: ValidationInfo) -> bool:
        fitting_remeasured(value, info)
        return value

    @field_validator("retainage_amount")
    @classmethod
    def _one_rule(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return rate_or_amount(value, info)

    def values(self) -> dict[str, object]:
        """As for every row; the item is the line's code where none is given."""
        return {**super().values(), "item": self.item or self.line_key}

    @field_validator("change_order")
    @classmethod
    def _with_cost_code(cls, value: str | None, info: ValidationInfo) -> str | None:
        bare = value is not None and not (info.data.get("cost_code", "?") or info.data.get("changes_line"))
        must(
            not bare,
            "a cost code in this row",
            f"A line of change order {value} needs a cost code, or its cost is lost.",
        )
        return value


class ChangeOrderRow(RegisterRow):
    """The header of one change order. Its amounts are lines of the schedule of values that name it."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    number: Annotated[Code, column("Number", "Number of the change order, unique in its commitment.", "1")]
    title: Annotated[Name, column("Title", "What it is for.", "Extra sockets, level 2")]
    status: Annotated[
        StatusChoice, column("Status", "Only approved ones count in the contract sum.", "approved")
    ]
    approved_on: Annotated[
        MaybeDay,
        Field(validate_default=True),
        column(
            "Approved on", "Date of approval. Needed when approved. It counts from that day on.", "2026-01-14"
        ),
    ] = None
    amount: Annotated[
        MaybeAmount,
        column(
            "Amount",
            "A check: where filled in, it must be the sum of the lines that name it.",
            "3,500.00",
            check=True,
        ),
    ] = None

    @field_validator("approved_on")
    @classmethod
    def _dated(cls, value: date | None, info: ValidationInfo) -> date | None:
        return dated_when_approved(value, info)


class DeductionRow(RegisterRow):
    """A backcharge. It is taken off what is payable, and stays apart from the contract sum."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    number: Annotated[Code, column("Number", "Number of the deduction, unique in its commitment.", "BC-1")]
    dated_on: Annotated[Day, column("Date", "Date of the deduction.", "2026-01-20")]
    description: Annotated[
        Text,
        column("Description", "What it is for; the vendor reads this.", "Clean-up of level 2 by others"),
    ]
    cost_code: Annotated[Code, column("Cost code", "Your cost code.", "01-740")] = ""
    amount: Annotated[Amount, column("Amount", "Amount taken off, more than 0.", "650.00")]
    effect: Annotated[
        EffectChoice,
        column(
            "Effect on tax",
            "After tax: tax stays as it is. Reduces the taxable value: it is taken off before tax.",
            "after tax",
        ),
    ] = DeductionEffect.AFTER_TAX
    evidence: Annotated[
        Text, column("Evidence", "Where the proof is, such as a ticket number.", "Site ticket 118")
    ] = ""

    @field_validator("amount")
    @classmethod
    def _positive(cls, value: Decimal) -> Decimal:
        must(value > 0, "more than 0", "A deduction is entered as an amount of more than 0.")
        return value


class CorrectionRow(RegisterRow):
    """A dated correction of a value that the first invite has frozen."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    sheet: Annotated[
        Annotated[CorrectedSheet, choose(CorrectedSheet), Kind.CHOICE],
        column("Sheet", "Sheet that holds the value.", "Schedule of values"),
    ]
    row_key: Annotated[
        Code,
        column("Row", "The line's code or the change order's number. Blank for the sheet Commitments.", "2"),
    ] = ""
    field: Annotated[Name, column("Column", "Heading of the column.", "Scheduled value")]
    new: Annotated[Text, column("New value", "The value from now on.", "12,500.00")]
    dated_on: Annotated[Day, column("Date", "Date of the correction.", "2026-02-03")]
    reason: Annotated[Text, column("Reason", "Why; it is kept for good.", "Signed contract says 12,500.00")]
