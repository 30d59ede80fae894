"""Who is paid an approved amount: holds that stop a payment, and joint checks that split it.

A joint check is made out to the subcontractor and a supplier of its together, up to what the supplier is owed under
the agreement. Each agreement takes what is still owed to it, in the order of their numbers, and never more than is
left of the payable; the rest goes to the subcontractor alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from batch.core.money import ZERO


@dataclass(frozen=True, kw_only=True)
class Hold:
    """An open hold. `commitment` is '' where all of the vendor's are held; `shown`: the vendor is told."""

    number: str
    commitment: str
    reason: str
    since: date
    shown: bool


@dataclass(frozen=True, kw_only=True)
class JointCheck:
    """An agreement in force. `open` is what is still owed to the joint payee, in the commitment's currency."""

    number: str
    payee: str
    open: Decimal


@dataclass(frozen=True, kw_only=True)
class JointPayment:
    """What one agreement takes of a payable amount: paid to both together."""

    agreement: JointCheck
    amount: Decimal


def split(payable: Decimal, agreements: Iterable[JointCheck]) -> tuple[JointPayment, ...]:
    """What each agreement takes, by number, only those that take something. A payable of 0 or less is not split."""
    left, found = payable, []
    for one in sorted(agreements, key=lambda each: by_number(each.number)):
        amount = min(one.open, left)
        if amount > 0:
            found.append(JointPayment(agreement=one, amount=amount))
            left -= amount
    return tuple(found)


def to_vendor_alone(payable: Decimal, parts: Sequence[JointPayment]) -> Decimal:
    """What is left of the payable for the vendor alone; with the parts it adds up to the payable."""
    return payable - sum((part.amount for part in parts), ZERO)


def by_number(number: str) -> tuple[tuple[int, int, str], ...]:
    """A key that puts JC-2 before JC-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", number.casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
