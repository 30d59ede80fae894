"""The names of figures, in the words of the project's locale, and what a person may call them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from batch.formats.terms import Terms, capital

#: The figures of a summary: the key in JSON, the line of the form, and the name.
SUMMARY: Mapping[str, tuple[str, str]] = {
    "original_contract_sum": ("L1", "original contract sum"),
    "net_change_orders": ("L2", "net change by {change_order}s"),
    "contract_sum_to_date": ("L3", "contract sum to date"),
    "total_completed_and_stored": ("L4", "total completed and stored to date"),
    "retainage_work": ("L5a", "{retainage} held on work"),
    "retainage_stored": ("L5b", "{retainage} held on {stored_materials}"),
    "retainage_total": ("L5", "{retainage} held"),
    "total_earned_less_retainage": ("L6", "total earned less {retainage}"),
    "previous_certificates": ("L7", "{previous_certificates}"),
    "current_payment_due": ("L8", "current payment due"),
    "balance_to_finish": ("L9", "balance to finish, {retainage} included"),
    "gross_this_period": ("", "gross of this period"),
    "payable": ("", "payable"),
    "tax": ("", "{tax}"),
    "tax_withheld": ("", "tax withheld from the payment"),
    "deductions": ("", "{deduction}s"),
}
#: The figures of a line.
LINE: Mapping[str, str] = {
    "scheduled_value": "scheduled value",
    "work_previous": "work billed before",
    "work_this_period": "work this period",
    "materials_stored": "{stored_materials} presently there",
    "completed_and_stored": "completed and stored",
    "balance_to_finish": "balance to finish",
    "withheld_this_period": "{retainage} withheld this period",
    "released_this_period": "{retainage} released this period",
    "retainage_held": "{retainage} held",
    "gross_this_period": "gross of this period",
    "net_this_period": "due this period",
}
#: Figures of a commitment in a foreign currency, in the project's currency; asked with that currency behind them.
EXCHANGED: Mapping[str, tuple[str, ...]] = {
    "exchanged_gross": ("gross", "gross_this_period", "gross_of_this_period"),
    "exchanged_due": ("due", "current_payment_due", "l8"),
    "exchanged_payable": ("payable",),
}
EXCHANGED_LINE: Mapping[str, tuple[str, ...]] = {
    "exchanged_work": ("work", "work_this_period"),
    "exchanged_stored": ("stored", "materials_stored", "materials"),
    "exchanged_gross": ("gross", "gross_this_period", "gross_of_this_period"),
}
#: Short words for the figures of a line.
_SHORT = {
    "value": "scheduled_value",
    "previous": "work_previous",
    "work": "work_this_period",
    "stored": "materials_stored",
    "materials": "materials_stored",
    "completed": "completed_and_stored",
    "balance": "balance_to_finish",
    "withheld": "withheld_this_period",
    "released": "released_this_period",
    "release": "released_this_period",
    "retainage": "retainage_held",
    "retention": "retainage_held",
    "held": "retainage_held",
    "gross": "gross_this_period",
    "due": "net_this_period",
    "net": "net_this_period",
}
_SHORT_SUMMARY = {
    "gross": "gross_this_period",
    "retainage": "retainage_total",
    "retention": "retainage_total",
    "held": "retainage_total",
    "retainage_held": "retainage_total",
    "retention_held": "retainage_total",
    "due": "current_payment_due",
    "previously_certified": "previous_certificates",
    "change_orders": "net_change_orders",
    "variations": "net_change_orders",
    "vat": "tax",
    "gst": "tax",
    "cis": "tax_withheld",
    "withheld": "tax_withheld",
    "backcharges": "deductions",
    "contra_charges": "deductions",
}


def name_of(key: str, terms: Terms, *, line: bool = False) -> str:
    """What a figure is called in a locale: `L5 Retention held`; a figure of a line without a number in front."""
    number, name = ("", LINE[key]) if line else SUMMARY[key]
    return f"{number} {capital(name.format_map(terms))}".strip()


def summary_key(asked: str, terms: Terms) -> str | None:
    """The figure of a summary that a person means: `L5`, `retainage held`, `current_payment_due`; None for none."""
    word = _plain(asked)
    for key, (number, name) in SUMMARY.items():
        if word in (key, _plain(number) or key, _plain(name.format_map(terms))):
            return key
    return _SHORT_SUMMARY.get(word)


def line_key(asked: str, terms: Terms) -> str | None:
    """The figure of a line that a person means: `work`, `work this period`; None for none."""
    word = _plain(asked)
    for key, name in LINE.items():
        if word in (key, _plain(name.format_map(terms))):
            return key
    return _SHORT.get(word)


def exchanged_key(asked: str, currency: str, *, line: bool = False) -> str | None:
    """The figure in the project's currency that a person means: `payable USD`, of a line `work USD`; None for none."""
    word, names = _plain(asked), EXCHANGED_LINE if line else EXCHANGED
    own, _, behind = word.rpartition("_")
    if behind != currency.casefold():
        return word if word in names else None
    return next((key for key, known in names.items() if own in (key, *known)), None)


def _plain(text: str) -> str:
    return re.sub(r"[\s_,-]+", "_", text.strip().casefold())
