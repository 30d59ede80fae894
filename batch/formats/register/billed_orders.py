"""Change orders that were billed: they stay approved, or what was billed would stand on no line of the schedule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from batch.core.model import ChangeOrderStatus
from batch.formats.register.reading import Present
from batch.formats.register.sheets import Key

#: Commitment and line of every line on which something is billed, opening balances included.
BilledLines = Collection[Key]


class _Change(Protocol):
    @property
    def field(self) -> str: ...
    @property
    def old(self) -> object: ...


def stays_approved(present: Present, key: Key, changes: Sequence[_Change], worked: BilledLines) -> str:
    """Why an approved change order cannot take another status: one of its lines, or a line that it changes, is billed."""
    if not any(one.field == "status" and one.old == ChangeOrderStatus.APPROVED for one in changes):
        return ""
    for line, (values, _revision) in present.get("sov_line", {}).items():
        billed = values.get("changes_line") or line[1]
        if line[0] == key[0] and values.get("change_order") == key[1] and (key[0], billed) in worked:
            return (
                f"Line {billed} is billed already, so change order {key[1]} stays approved. Reverse it by a"
                " deductive change order."
            )
    return ""
