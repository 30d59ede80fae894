"""Columns of the register about how a line is billed, and what they refuse in one row."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, ValidationInfo

from batch.core.methods import Method
from batch.core.money import ZERO
from batch.formats.register.kinds import Kind, MaybeQuantity, MaybeUnitPrice, Text, YesNo, choose, column
from batch.formats.register.row import must

LineMethod = Annotated[
    Annotated[Method, choose(Method), Kind.CHOICE],
    column(
        "Method",
        "How the line is billed: by percent or amount, by quantity at a unit price, or whole as a milestone.",
        "unit price",
    ),
]
LineQuantity = Annotated[
    MaybeQuantity,
    Field(validate_default=True),
    column(
        "Quantity",
        "Only for a unit price: the agreed quantity, with up to four decimals. Negative for a deduction.",
        "125",
    ),
]
LineUnit = Annotated[
    Text,
    Field(validate_default=True, max_length=20),
    column("Unit", "Only for a unit price: what is counted, such as LF, m3 or each.", "LF"),
]
LineUnitPrice = Annotated[
    MaybeUnitPrice,
    Field(validate_default=True),
    column(
        "Unit price",
        "Only for a unit price: with up to six decimals. Quantity x unit price is the scheduled value.",
        "96",
    ),
]
LineRemeasured = Annotated[
    YesNo,
    column(
        "Re-measurable",
        "Only for a unit price: yes where the agreed quantity is an estimate, and what is built in the end counts.",
        "yes",
    ),
]
OpeningQuantity = Annotated[
    MaybeQuantity,
    column("Quantity to date", "Only for a line by unit price: work to date is this at its price.", "40"),
]
_CALLED = {"quantity": "a quantity", "unit": "a unit", "unit_price": "a unit price"}
_EXAMPLES = {
    "quantity": "a quantity such as 125",
    "unit": "a unit such as LF",
    "unit_price": "a price such as 48.75",
}


def fitting(value: object, info: ValidationInfo) -> None:
    """Refuse what does not go with the row's method: a unit price line has quantity, unit and price, no other has one."""
    method, name = info.data.get("method"), str(info.field_name)
    if method is None:  # it has a fault of its own
        return
    blank, by_quantity = value in (None, ""), method is Method.UNIT_PRICE
    only = f"Only a line with the method unit price has {_CALLED[name]}."
    must(by_quantity or blank, "a blank cell", only)
    needed = f"A line with the method unit price needs {_CALLED[name]}."
    must(not (by_quantity and blank), _EXAMPLES[name], needed)
    if name == "unit_price" and isinstance(value, Decimal):
        must(value >= ZERO, "0 or more", "A unit price is 0 or more; a deduction has a negative quantity.")


def fitting_remeasured(value: bool, info: ValidationInfo) -> None:
    """Refuse re-measuring on a line that has no quantity."""
    by_quantity = info.data.get("method") in (None, Method.UNIT_PRICE)
    must(by_quantity or not value, "no", "Only a line with the method unit price can be re-measured.")
