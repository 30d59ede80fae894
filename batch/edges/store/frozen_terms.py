"""The terms of retainage as an invite keeps them: beyond the two rates, as plain text in its frozen basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from batch.core.money import number
from batch.core.retainage_terms import (
    CapOf,
    RetainageRounding,
    RetainageTerms,
    StepReach,
    read_steps,
    steps_text,
)


def rule_values(terms: RetainageTerms) -> dict[str, Any]:
    """What the terms have beyond their two rates, as plain text."""
    return {
        "steps": steps_text(terms.steps),
        "reach": terms.reach.value,
        "cap_percent": None if terms.cap_percent is None else str(terms.cap_percent),
        "cap_of": terms.cap_of.value,
        "cap_amount": None if terms.cap_amount is None else str(terms.cap_amount),
        "rounding": terms.rounding.value,
        "whole_units": terms.whole_units,
    }


def rule(rates: RetainageTerms, frozen: Mapping[str, Any] | None) -> RetainageTerms:
    """The terms that an invite was issued with: its two rates, and what `rule_values` kept of the rest."""
    if frozen is None:  # issued before there was more than two rates
        return rates
    percent, amount = frozen["cap_percent"], frozen["cap_amount"]
    return replace(
        rates,
        steps=read_steps(frozen["steps"]),
        reach=StepReach(frozen["reach"]),
        cap_percent=None if percent is None else number(percent),
        cap_of=CapOf(frozen["cap_of"]),
        cap_amount=None if amount is None else number(amount),
        rounding=RetainageRounding(frozen["rounding"]),
        whole_units=frozen["whole_units"],
    )
