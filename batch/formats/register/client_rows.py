"""Rows of the register about the client: the contract, its change orders and lines, and what goes to which line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.retainage_terms import CapOf, RetainageRounding, StepReach
from batch.formats.register.commitment_rows import (
    CapChoice,
    ReachChoice,
    RetainageRoundingChoice,
    one_cap,
)
from batch.formats.register.kinds import (
    Amount,
    Code,
    Currency,
    MaybeAmount,
    MaybeCode,
    MaybeDay,
    MaybeRate,
    MaybeWhole,
    Name,
    Rate,
    Steps,
    Text,
    YesNo,
    column,
)
from batch.formats.register.money_rows import ORDER, StatusChoice, dated_when_approved, rate_or_amount
from batch.formats.register.row import RegisterRow
from batch.formats.register.tax_rows import ClientLineTaxCode, ClientTaxCode


class ClientContractRow(RegisterRow):
    """The contract with the client of one project."""

    project: Annotated[Code, column("Project", "Number of the project.", "26-014")]
    number: Annotated[Code, column("Number", "Number of the contract.", "LHT-2025-88")]
    title: Annotated[Name, column("Title", "What it is for.", "Mechanical and electrical works")]
    retainage_work: Annotated[
        Rate, column("Retainage on work", "Rate the client keeps back on work completed.", "5%")
    ]
    retainage_stored: Annotated[
        Rate, column("Retainage on stored", "Rate the client keeps back on stored materials.", "5%")
    ]
    retainage_steps: Annotated[
        Steps,
        column(
            "Retainage steps",
            "Rates on work past a percent complete (more than it). Blank: one rate throughout.",
            "50%: 2.5%",
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
            "The client withholds until this much of the contract's value was withheld to date. Blank: no cap.",
            "3%",
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
    tax_code: ClientTaxCode = None
    currency: Annotated[
        Currency,
        column(
            "Currency",
            "Currency of the contract. Blank: the project's.",
            "USD",
            inherits="project.currency",
        ),
    ]
    contract_sum: Annotated[
        MaybeAmount,
        column(
            "Contract sum",
            "A check: where filled in, it must be the sum of the lines that belong to no change order.",
            "1,250,000.00",
            check=True,
        ),
    ] = None

    @field_validator("retainage_cap_amount")
    @classmethod
    def _one_cap(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return one_cap(value, info)


class ClientChangeOrderRow(RegisterRow):
    """A change order of the client contract. Its amounts are lines of the client schedule of values that name it."""

    project: Annotated[Code, column("Project", "Number of the project.", "26-014")]
    number: Annotated[
        Code, column("Number", "Number of the change order, unique in its project. It never changes.", "1")
    ]
    title: Annotated[Name, column("Title", "What it is for.", "Emergency power, level 2")]
    status: Annotated[
        StatusChoice,
        column(
            "Status", "Only approved ones count in the contract sum; pending ones are listed.", "approved"
        ),
    ]
    approved_on: Annotated[
        MaybeDay,
        Field(validate_default=True),
        column(
            "Approved on",
            "Date of approval. Needed when approved. It counts from the period that has this date.",
            "2026-01-14",
        ),
    ] = None
    amount: Annotated[
        MaybeAmount,
        column(
            "Amount",
            "A check: where filled in, it must be the sum of the lines that name it.",
            "12,000.00",
            check=True,
        ),
    ] = None

    @field_validator("approved_on")
    @classmethod
    def _dated(cls, value: date | None, info: ValidationInfo) -> date | None:
        return dated_when_approved(value, info)


class ClientLineRow(RegisterRow):
    """One line of the client contract's schedule of values."""

    project: Annotated[Code, column("Project", "Number of the project.", "26-014")]
    line_key: Annotated[
        Code, column("Line", "Code of the line, unique in its project. It never changes.", "A10")
    ]
    item: Annotated[Code, column("Item", "Item number as printed. Blank: the line's code.", "A10")] = ""
    position: Annotated[MaybeWhole, ORDER] = None
    description: Annotated[Text, column("Description", "What the line is for.", "Electrical")]
    cost_code: Annotated[
        Code,
        column(
            "Cost code",
            "Cost of this code goes to this line, unless the cost code mapping says otherwise.",
            "26-000",
        ),
    ] = ""
    scheduled_value: Annotated[
        Amount,
        column(
            "Scheduled value", "The line's value. Negative for a deduction from the contract.", "310,000.00"
        ),
    ]
    change_order: Annotated[
        MaybeCode,
        column(
            "Change order",
            "Number of the client change order this line belongs to. Blank: original contract.",
            "1",
        ),
    ] = None
    tax_code: ClientLineTaxCode = None
    retainage_work: Annotated[
        MaybeRate,
        column(
            "Retainage on work",
            "Rate the client keeps back on this line's work. 0% for none. Blank: the contract's.",
            "0%",
        ),
    ] = None
    retainage_stored: Annotated[
        MaybeRate,
        column(
            "Retainage on stored",
            "Rate the client keeps back on this line's stored materials. 0% for none. Blank: the contract's.",
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

    @field_validator("retainage_amount")
    @classmethod
    def _one_rule(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        return rate_or_amount(value, info)

    def values(self) -> dict[str, object]:
        """As for every row; the item is the line's code where none is given."""
        return {**super().values(), "item": self.item or self.line_key}


class CostCodeMapRow(RegisterRow):
    """A client line that takes the cost of one cost code, or a part of it."""

    project: Annotated[Code, column("Project", "Number of the project.", "26-014")]
    cost_code: Annotated[Code, column("Cost code", "A cost code of the schedules of values.", "26-100")]
    client_line_key: Annotated[
        Code, column("Client line", "Line of the client schedule of values that takes it.", "A10")
    ]
    percent: Annotated[
        Rate,
        column(
            "Percent",
            "Of the cost code, what this line takes. All its rows add up to 100%. Blank: 100%. 0%: no more.",
            "100%",
        ),
    ] = Decimal(100)
