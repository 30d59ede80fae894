"""The summary of change orders beside the nine lines: additions and deductions, before this period and in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from batch.core import money
from batch.core.model import Basis


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


def change_order_box(basis: Basis) -> ChangeOrderBox:
    """The change orders that count in the contract sum, each with the total of its lines and of its changes to others.

    One approved before the first day of the period counts as before, and so does one without a date.
    """
    values: dict[str, list[Decimal]] = {}
    for line in basis.lines:
        if line.change_order:
            values.setdefault(line.change_order, []).append(line.before_changes)
        for change in line.changes:
            values.setdefault(change.change_order, []).append(change.amount)
    amounts = {number: money.total(each, basis.currency) for number, each in values.items()}
    now = [n for n in amounts if n in basis.approved_on and basis.approved_on[n] >= basis.period_from]

    def added(sign: int, numbers: Iterable[str]) -> Decimal:
        found = (amounts[number] for number in numbers if amounts[number] * sign > 0)
        return money.total(found, basis.currency)

    before = [number for number in amounts if number not in now]
    return ChangeOrderBox(
        additions_before=added(1, before),
        deductions_before=added(-1, before),
        additions_now=added(1, now),
        deductions_now=added(-1, now),
    )
