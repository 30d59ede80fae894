"""How a line is billed: by percent or amount, by quantity at a unit price, or whole as a milestone.

Quantities are exact to four decimals, unit prices to six; the database keeps both as scaled integers (`*_e4`, `*_e6`).
What a quantity to date is worth is rounded once; what is billed is the difference to what was billed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from batch.core.money import MoneyError, Rounding, number, times

QUANTITY_PLACES = 4
PRICE_PLACES = 6
#: Far above any quantity or price of a contract, and within 64 bits when scaled.
LARGEST = Decimal(10) ** 11


class Method(StrEnum):
    """What the sender enters on a line: percent or amount as it likes, the quantity to date, or all of it at once."""

    AMOUNT = "percent or amount"
    UNIT_PRICE = "unit price"
    MILESTONE = "milestone"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What a unit price line was agreed at. `quantity` is negative on a deduction, `unit_price` never is.

    `remeasured`: the quantity is an estimate, and what was built in the end counts, also beyond it.
    """

    quantity: Decimal
    unit: str
    unit_price: Decimal
    remeasured: bool = False

    def worth(self, quantity: Decimal, currency: str, rounding: Rounding) -> Decimal:
        """What a quantity to date is worth in the currency, rounded once."""
        return times(quantity, self.unit_price, currency, rounding)

    @property
    def sign(self) -> int:
        """-1 where the agreed quantity is a deduction, else 1."""
        return -1 if self.quantity < 0 else 1

    def beyond(self, quantity: Decimal) -> Decimal:
        """By how much a quantity to date passes the agreed one, in its direction; 0 or less where it does not."""
        return (quantity - self.quantity) * self.sign


def to_scaled(value: Decimal, places: int) -> int:
    """A quantity or price as an integer (77.5 at four places is 775000). Raises MoneyError on more decimals, or too large."""
    made = number(value)
    whole = made.scaleb(places)
    if whole != whole.to_integral_value() or abs(made) > LARGEST:
        raise MoneyError(f"{value} has more than {places} decimals, or is too large")
    return int(whole)


def from_scaled(scaled: int, places: int) -> Decimal:
    """The quantity or price of a scaled integer (775000 at four places is 77.5)."""
    made = Decimal(scaled).scaleb(-places)
    return made.to_integral_value() if made == made.to_integral_value() else made.normalize()


def figure(value: Decimal) -> str:
    """A quantity or a unit price as plain text without needless zeros: 77.5."""
    return f"{value.normalize() + 0:f}"
