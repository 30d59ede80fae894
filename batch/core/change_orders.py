"""The summary of change orders beside the nine lines: additions and deductions, before this period and in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from batch.core import money
from batch.core.model import Basis, SovLine
from batch.core.money import ZERO


@dataclass(frozen=True, kw_only=True)
class ChangeOrderBox:
    """Approved change orders by when they were approved, in the commitment's currency. Deductions are negative."""

    additions_before: Decimal
    deductions_before: Decimal
    additions_now: Decimal
    deductions_now: Decimal

    @property
    def additions(self) -> Decimal:
        """All that was added."""
        return self.additions_before + self.additions_now

    @property
    def deductions(self) -> Decimal:
        """All that was taken off."""
        return self.deductions_before + self.deductions_now

    @property
    def net(self) -> Decimal:
        """The net change: line 2 of the summary."""
        return self.additions + self.deductions


#: No change orders at all.
NO_CHANGES = ChangeOrderBox(
    additions_before=ZERO, deductions_before=ZERO, additions_now=ZERO, deductions_now=ZERO
)


def change_order_box(basis: Basis) -> ChangeOrderBox:
    """The change orders that count in the contract sum, each with the total of its lines and of its changes to others.

    One approved before the first day of the period counts as before, and so does one without a date.
    """
    return box_of(basis.lines, basis.approved_on, basis.period_from, basis.currency)


def box_of(
    lines: Sequence[SovLine], approved_on: Mapping[str, date], period_from: date, currency: str
) -> ChangeOrderBox:
    """As `change_order_box`, for the lines of any contract. `approved_on` is by the number of the change order."""
    values: dict[str, list[Decimal]] = {}
    for line in lines:
        if line.change_order:
            values.setdefault(line.change_order, []).append(line.before_changes)
        for change in line.changes:
            values.setdefault(change.change_order, []).append(change.amount)
    amounts = {number: money.total(each, currency) for number, each in values.items()}
    now = [n for n in amounts if n in approved_on and approved_on[n] >= period_from]

    def added(sign: int, numbers: Iterable[str]) -> Decimal:
        found = (amounts[number] for number in numbers if amounts[number] * sign > 0)
        return money.total(found, currency)

    before = [number for number in amounts if number not in now]
    return ChangeOrderBox(
        additions_before=added(1, before),
        deductions_before=added(-1, before),
        additions_now=added(1, now),
        deductions_now=added(-1, now),
    )
