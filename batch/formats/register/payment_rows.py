"""Rows of the register about how an approved amount is paid: holds and joint checks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import ValidationInfo, field_validator

from batch.formats.register.kinds import (
    Amount,
    Code,
    Day,
    MaybeCode,
    MaybeDay,
    Name,
    YesNo,
    column,
)
from batch.formats.register.row import RegisterRow, must

_RELEASED = column("Released on", "Date it was lifted. Blank: it is open.", "2026-03-12")
_ENDED = column("Ended on", "Date the agreement ended. Blank: it is in force.", "2026-08-31")


class HoldRow(RegisterRow):
    """A hold on what is paid to a vendor, or under one commitment. It keeps approved bills out of the ERP files."""

    number: Annotated[Code, column("Number", "Number of the hold, unique in the register.", "H-3")]
    vendor: Annotated[
        MaybeCode, column("Vendor", "Number of the vendor; holds all its commitments. Blank: one commitment.")
    ] = None
    commitment: Annotated[
        MaybeCode,
        column("Commitment", "Number of the commitment. Blank: all of the vendor's.", "SC-014-01"),
    ] = None
    reason: Annotated[
        Name, column("Reason", "Why; the vendor reads it if it is shown.", "Insurance certificate expired")
    ]
    since: Annotated[Day, column("From", "Date it began.", "2026-02-03")]
    released_on: Annotated[MaybeDay, _RELEASED] = None
    shown: Annotated[
        YesNo, column("Show to vendor", "Yes: the approval notice says so, with the reason.", "no")
    ] = False

    @field_validator("released_on")
    @classmethod
    def _after_it_began(cls, value: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        must(
            value is None or since is None or value >= since,
            f"{since} or later",
            "A hold is not released before it began.",
        )
        return value


class JointCheckRow(RegisterRow):
    """A joint check agreement: up to an amount, what is paid goes to the vendor and a supplier of its together."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-014-01")]
    number: Annotated[
        Code,
        column(
            "Number", "Number of the agreement, unique in its commitment. The lowest is paid first.", "JC-1"
        ),
    ]
    payee: Annotated[
        Name, column("Joint payee", "Who is paid together with the vendor.", "Lakeside Electrical Supply")
    ]
    owed: Annotated[Amount, column("Amount owed", "What is owed to the joint payee in all.", "2,750.00")]
    agreed_on: Annotated[Day, column("Agreement date", "Date of the agreement.", "2026-01-20")]
    ended_on: Annotated[MaybeDay, _ENDED] = None

    @field_validator("owed")
    @classmethod
    def _positive(cls, value: Decimal) -> Decimal:
        must(value > 0, "more than 0", "What is owed to a joint payee is an amount of more than 0.")
        return value
