"""Terms of retainage: steps as text, rates that replace others, and which terms need the whole contract."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from batch.core.retainage_terms import (
    CapOf,
    RetainageRounding,
    RetainageStep,
    RetainageTerms,
    StepReach,
    StepsError,
    read_steps,
    steps_text,
)

TERMS = RetainageTerms(work=Decimal(10), stored=Decimal(5))


@pytest.mark.parametrize(
    ("text", "steps", "written"),
    [
        ("", [], ""),
        (" , ;\n", [], ""),
        ("50%: 5%", [("50", "5")], "50%: 5%"),
        ("50.00 % : 5.50%;75%:0.00%", [("50", "5.5"), ("75", "0")], "50%: 5.5%, 75%: 0%"),
        ("0.5%: 100%\n99.9999%: 10%", [("0.5", "100"), ("99.9999", "10")], "0.5%: 100%, 99.9999%: 10%"),
        ("10%: 20%, 20%: 20%", [("10", "20"), ("20", "20")], "10%: 20%, 20%: 20%"),
    ],
)
def test_steps_have_one_text(text: str, steps: list[tuple[str, str]], written: str) -> None:
    """Steps may be written in many ways and are read back from the one they are written in."""
    made = read_steps(text)
    assert [(str(step.past), str(step.rate)) for step in made] == steps
    assert steps_text(made) == written
    assert read_steps(written) == made


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("half", '"half" is not a step such as 50%: 5%'),
        ("50%: 5%, 60: 4% ", '"60: 4%" is not a step such as 50%: 5%'),
        ("0%: 5%", "0% complete is not between 0% and 100%"),
        ("100%: 5%", "100% complete is not between 0% and 100%"),
        ("50%: 100.01%", "100.01% is more than 100%"),
        ("75%: 5%, 50%: 0%", "50% stands after 75%; steps go from low to high"),
        ("50%: 5%, 50%: 0%", "50% stands after 50%; steps go from low to high"),
    ],
)
def test_what_is_wrong_with_steps_is_said(text: str, wording: str) -> None:
    """A person reads in the register what was written, and why it cannot be."""
    with pytest.raises(StepsError) as told:
        read_steps(text)
    assert str(told.value) == wording


@pytest.mark.parametrize(
    ("work", "stored", "rates"),
    [
        (None, None, (10, 5)),
        (Decimal(3), None, (3, 5)),
        (None, Decimal(3), (10, 3)),
        (Decimal(0), Decimal(0), (0, 0)),
    ],
)
def test_own_rates_replace_those_of_the_contract(
    work: Decimal | None, stored: Decimal | None, rates: tuple[int, int]
) -> None:
    """A rate of 0 is a rate; none leaves the one there is, and everything else stays."""
    capped = replace(TERMS, cap_amount=Decimal(7))
    made = capped.with_rates(work, stored)
    assert [made.work, made.stored] == list(rates)
    assert made == replace(capped, work=Decimal(rates[0]), stored=Decimal(rates[1]))


@pytest.mark.parametrize(
    ("more", "capped", "flat"),
    [
        ({}, False, True),
        ({"cap_of": CapOf.REVISED, "reach": StepReach.ALL}, False, True),
        ({"cap_percent": Decimal(0)}, True, False),
        ({"cap_amount": Decimal(0)}, True, False),
        ({"steps": (RetainageStep(past=Decimal(50), rate=Decimal(5)),)}, False, False),
        ({"rounding": RetainageRounding.CONTRACT}, False, False),
        ({"whole_units": True}, False, False),
    ],
)
def test_which_terms_need_the_whole_contract(more: dict[str, Any], capped: bool, flat: bool) -> None:
    """A cap of nothing is a cap; without steps, cap and rounding beyond the currency each line stands alone."""
    made = replace(TERMS, **more)
    assert (made.capped, made.flat) == (capped, flat)
