"""Change orders that move the value of a line that is there already, instead of having a line of their own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """What an approved change order adds to a line's scheduled value; negative when it takes something off.

    `key` is that of its own row in the register, `change_order` the number of the change order.
    """

    key: str
    change_order: str
    description: str
    amount: Decimal
