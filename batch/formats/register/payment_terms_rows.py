"""Rows of the register about the dates of payments."""

from __future__ import annotations

from typing import Annotated

from pydantic import ValidationInfo, field_validator

from batch.core.payment_terms import CountedFrom, DaysError, read_days
from batch.formats.register.calendars import CALENDARS
from batch.formats.register.kinds import Code, Kind, MaybeCode, Text, choose, column, nearest, refuse
from batch.formats.register.row import RegisterRow, must

CountedFromChoice = Annotated[CountedFrom, choose(CountedFrom), Kind.CHOICE]
ProjectPaymentTerms = Annotated[
    MaybeCode,
    column("Payment terms", "Dates of payments to vendors: a code of the sheet Payment terms.", "JCT"),
]
ClientPaymentTerms = Annotated[
    MaybeCode,
    column(
        "Client payment terms", "Dates of the client's payments: a code of the sheet Payment terms.", "JCT"
    ),
]
CommitmentPaymentTerms = Annotated[
    MaybeCode,
    column("Payment terms", "As on the sheet Projects, for this commitment. Blank: the project's.", "JCT"),
]


class PaymentTermsRow(RegisterRow):
    """How the dates of a payment are counted. A change counts for what is received from then on.

    Days are calendar days; with the word business, weekends and holidays do not count.
    """

    code: Annotated[Code, column("Code", "Code of the terms. It never changes.", "JCT")]
    description: Annotated[Text, column("Description", "What they follow, for you.", "JCT 2016, 14 days")] = (
        ""
    )
    counted_from: Annotated[
        CountedFromChoice,
        column(
            "Counted from", "The day that all is counted from. Received: the first receipt.", "period end"
        ),
    ]
    due: Annotated[Text, column("Due after", "Days to the due date. Blank: there is none.", "7")] = ""
    notice: Annotated[
        Text,
        column(
            "Answer within",
            "Days for the payment notice or schedule, from the due date (without one, from the day counted from).",
            "10 business",
        ),
    ] = ""
    final: Annotated[
        Text,
        column("Pay within", "Days to the final date for payment, counted like the answer.", "14"),
    ] = ""
    pay_less: Annotated[
        Text,
        column("Pay less before", "Days before the final date by which a pay less notice is due.", "5"),
    ] = ""
    holidays: Annotated[
        Text,
        column(
            "Holidays", "Calendar of holidays, such as GB-ENG, AU-NSW or US. Blank: weekends only.", "GB-ENG"
        ),
    ] = ""

    @field_validator("due", "notice", "final", "pay_less")
    @classmethod
    def _days(cls, value: str) -> str:
        try:
            return str(read_days(value)) if value else ""
        except DaysError as fault:
            refuse("days such as 7 or 10 business", f"{fault}.")

    @field_validator("pay_less")
    @classmethod
    def _before_final(cls, value: str, info: ValidationInfo) -> str:
        must(
            not value or bool(info.data.get("final")),
            "days in Pay within",
            "A pay less notice is counted back from the final date, and there is none.",
        )
        return value

    @field_validator("holidays")
    @classmethod
    def _calendar(cls, value: str) -> str:
        code = value.upper()
        if code and code not in CALENDARS:
            refuse(
                "a calendar such as GB-ENG",
                f'"{value}" is not a calendar of holidays, such as GB-ENG, AU-NSW or US.{nearest(code, CALENDARS)}',
            )
        return code
