"""The terms of retainage: rates, steps, caps, a rate after completion, and how it is rounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from batch.core.money import HUNDRED, ZERO


class CapOf(StrEnum):
    """What a cap in percent is measured on: the original contract sum, or the one with approved change orders."""

    ORIGINAL = "original value"
    REVISED = "revised value"


class StepReach(StrEnum):
    """What a step changes: the rate of work from there on, or of all work billed so far too."""

    LATER = "later work"
    ALL = "all work"


class RetainageRounding(StrEnum):
    """Where retainage is rounded: on each line, or once for the contract with the rest on the last line."""

    LINE = "line"
    CONTRACT = "contract"


class StepsError(ValueError):
    """A list of steps that cannot be read; the text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class RetainageStep:
    """Past this percent complete (more than it, not at it) work bears this rate; both in percent."""

    past: Decimal
    rate: Decimal


@dataclass(frozen=True, kw_only=True)
class RetainageTerms:
    """The terms of one contract. Rates in percent: on work completed and on stored materials, rounded apart.

    `steps` change the rate on work, lowest first, for later work or for all. `cap_percent` (of `cap_of`) or
    `cap_amount` (money) bounds what is withheld to date on the whole contract. `whole_units`: retainage has
    no cents.
    """

    work: Decimal = ZERO
    stored: Decimal = ZERO
    steps: tuple[RetainageStep, ...] = ()
    reach: StepReach = StepReach.LATER
    cap_percent: Decimal | None = None
    cap_of: CapOf = CapOf.ORIGINAL
    cap_amount: Decimal | None = None
    rounding: RetainageRounding = RetainageRounding.LINE
    whole_units: bool = False

    @property
    def capped(self) -> bool:
        """Whether withholding stops at a cap."""
        return self.cap_percent is not None or self.cap_amount is not None

    @property
    def flat(self) -> bool:
        """Whether each line's retainage follows from that line's rates alone, rounded to the currency."""
        by_contract = self.steps or self.capped or self.rounding is RetainageRounding.CONTRACT
        return not by_contract and not self.whole_units

    def with_rates(self, work: Decimal | None, stored: Decimal | None) -> RetainageTerms:
        """These terms with other rates; None keeps the one there is."""
        if work is None and stored is None:
            return self
        return replace(
            self, work=self.work if work is None else work, stored=self.stored if stored is None else stored
        )


_STEP = re.compile(r"\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*:\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*")


def read_steps(text: str) -> tuple[RetainageStep, ...]:
    """The steps that a text such as `50%: 5%, 75%: 0%` names; none for a blank one.

    Raises StepsError for what cannot be read, for a rate over 100 % and for steps out of order.
    """
    steps = tuple(_step(part) for part in re.split(r"[,;\n]", text) if part.strip())
    for before, after in pairwise(steps):
        if after.past <= before.past:
            raise StepsError(f"{after.past:f}% stands after {before.past:f}%; steps go from low to high")
    return steps


def _step(part: str) -> RetainageStep:
    found = _STEP.fullmatch(part)
    if found is None:
        raise StepsError(f'"{part.strip()}" is not a step such as 50%: 5%')
    past, rate = Decimal(found[1]), Decimal(found[2])
    if not 0 < past < HUNDRED:
        raise StepsError(f"{past:f}% complete is not between 0% and 100%")
    if rate > HUNDRED:
        raise StepsError(f"{rate:f}% is more than 100%")
    return RetainageStep(past=past.normalize() + 0, rate=rate.normalize() + 0)


def steps_text(steps: Sequence[RetainageStep]) -> str:
    """The one text of steps, which `read_steps` reads back."""
    return ", ".join(f"{step.past:f}%: {step.rate:f}%" for step in steps)
