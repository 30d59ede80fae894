"""Rows of the register about commitments that joined midway: where each stood, and each of its lines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.money import amount, plain
from batch.formats.register.entries import Entry, EntryKind, typed
from batch.formats.register.kinds import (
    Amount,
    Code,
    Day,
    Kind,
    Whole,
    Words,
    amount_in,
    column,
    refuse,
)
from batch.formats.register.method_rows import OpeningQuantity
from batch.formats.register.row import RegisterRow

_MONTH = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))\s*[:=]\s*(.+)")


LastApplication = Annotated[
    Whole,
    Field(ge=1),
    column("Last application", "Number of the last pay application before this software.", "3"),
]
OpeningCertified = Annotated[
    Amount,
    column(
        "Certified to date",
        "All certificates together: work and stored, less retainage held.",
        "19,400.00",
    ),
]
OpeningWork = Annotated[
    Amount, column("Work to date", "Work completed, without stored materials.", "20,000.00")
]
OpeningStored = Annotated[Amount, column("Stored", "Materials presently stored.", "0.00")]
OpeningWithheldWork = Annotated[
    Amount, column("Withheld on work", "Retainage ever kept back on work, before releases.", "600.00")
]
OpeningWithheldStored = Annotated[
    Amount, column("Withheld on stored", "Retainage ever kept back on stored materials.", "0.00")
]
OpeningReleased = Annotated[Amount, column("Released", "Retainage paid out so far.", "0.00")]


class OpeningCommitmentRow(RegisterRow):
    """Where a commitment stood when it joined midway: the totals. The lines stand in Opening lines."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-020-02")]
    last_application_number: LastApplication
    last_date: Annotated[Day, column("Last date", "Last day that application covered.", "2025-12-31")]
    certified: OpeningCertified
    invoice_numbers: Annotated[
        Words,
        column("Invoice numbers used", "So that none is used twice. Commas between.", "INV-301, INV-322"),
    ] = Field(default_factory=list)
    change_orders_by_month: Annotated[
        dict[str, str],
        Kind.LIST,
        column(
            "Change orders by month",
            "Approved change orders up to the last date, by month of approval. Semicolons between.",
            "2025-11: 1500.00",
        ),
    ] = Field(default_factory=dict)

    @field_validator("change_orders_by_month", mode="before")
    @classmethod
    def _months(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Entry):
            return value
        if value.kind is not EntryKind.TEXT:
            refuse("months and amounts as text", "Write month and amount as text: 2025-11: 1500.00")
        months: dict[str, str] = {}
        for part in re.split(r"[;\n]", value.text):
            _take_month(months, part.strip(), info)
        return dict(sorted(months.items()))


def _take_month(months: dict[str, str], part: str, info: ValidationInfo) -> None:
    if not part:
        return
    found = _MONTH.fullmatch(part)
    if found is None or found[1] in months:
        refuse(
            "each month once, such as 2025-11: 1500.00",
            f'"{part}" is not a month of its own with an amount.',
        )
    value, currency = amount_in(typed(found[2]), info)
    months[found[1]] = plain(amount(value, currency), currency)


class OpeningLineRow(RegisterRow):
    """Where one line stood when its commitment joined midway. All amounts are to date."""

    commitment: Annotated[Code, column("Commitment", "Number of the commitment.", "SC-020-02")]
    line_key: Annotated[Code, column("Line", "Code of the line in the schedule of values.", "1")]
    work: OpeningWork
    quantity: OpeningQuantity = None
    stored: OpeningStored = Decimal(0)
    withheld_work: OpeningWithheldWork = Decimal(0)
    withheld_stored: OpeningWithheldStored = Decimal(0)
    released: OpeningReleased = Decimal(0)
