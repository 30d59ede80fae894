"""What the first invite to bill freezes, and what a dated correction may change.

After a commitment's first invite, the values that decide money change only by a change order or by a
correction with a date and a reason; otherwise an earlier invite would say one thing and the register
another.
"""

from __future__ import annotations

from collections.abc import Mapping

from batch.core.model import ChangeOrderStatus
from batch.formats.register.reading import Present, Values
from batch.formats.register.sheets import Key

#: The date of practical completion is not among them: it comes while the work is billed.
RETAINAGE_RULE = (
    "retainage_steps", "retainage_reach", "retainage_cap", "retainage_cap_of", "retainage_cap_amount",
    "retainage_rounding", "retainage_whole", "retainage_completed",
)  # fmt: skip
#: What a unit price line was agreed at; with its scheduled value it is corrected together.
AGREEMENT = ("quantity", "unit", "unit_price", "remeasured")
#: Fields that a correction may change, by sheet.
FROZEN: Mapping[str, tuple[str, ...]] = {
    "commitment": ("currency", "retainage_work", "retainage_stored", *RETAINAGE_RULE),
    "sov_line": (
        "scheduled_value",
        "cost_code",
        "retainage_work",
        "retainage_stored",
        "retainage_amount",
        *AGREEMENT,
    ),
    "change_order": ("status", "approved_on"),
}
#: What may never change once billing has begun: the periods and the ledger hang on it.
FIXED: Mapping[str, tuple[str, ...]] = {
    "commitment": ("project",),
    "sov_line": ("change_order", "changes_line", "method"),
}
OPENING_SHEETS = ("opening_commitment", "opening_line")
CLIENT_OPENING_SHEETS = ("client_opening", "client_opening_line")


def in_contract_sum(present: Present, commitment: object, change_order: object) -> bool:
    """Whether lines of this change order (None: of the original contract) count in the contract sum
    already.
    """
    if change_order is None:
        return True
    stored = present.get("change_order", {}).get((commitment, change_order))
    return stored is not None and stored[0].get("status") == ChangeOrderStatus.APPROVED


def frozen_fields(present: Present, sheet: str, key: Key, old: Values) -> tuple[str, ...]:
    """The frozen fields of a stored row of an invited commitment; a change order that is not approved is
    still free.
    """
    order = old.get("change_order") if sheet == "sov_line" else key[-1] if sheet == "change_order" else None
    return FROZEN.get(sheet, ()) if in_contract_sum(present, key[0], order) else ()


def text_of(value: object) -> str:
    """The one text of a value, for the history of corrections and for reports: 12500.00, 10, 2026-01-31."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text_of(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {part}" for name, part in value.items())
    return str(getattr(value, "value", value))
