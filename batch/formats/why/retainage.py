"""The rules of retainage in sentences: what each did on a line, the tranches, the cap, and the rows of the ledger."""

from __future__ import annotations

from decimal import Decimal

from batch.core.model import Basis
from batch.core.money import Rounding, percent_of, percent_shown, rounded, shown
from batch.core.retainage import Component
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageTerms, StepReach
from batch.core.retainage_told import ContractRule, Part, Step, Tranche
from batch.formats.terms import Terms, capital

_ENTRIES = {
    "opening": "Opening balance: {retainage} kept back on {base} before",
    "withheld": "{Retainage} withheld on {base}",
    "moved": "{Retainage} moved with materials that were built in ({base})",
    "re-rated": "{Retainage} on earlier {base} given back at a lower rate",
    "released": "{Retainage} released, taken from what was held on {base}",
}


def rate_text(rate: Decimal) -> str:
    """A rate as people write it: `10 %`."""
    return f"{rate:f} %"


def rounding_text(mode: Rounding) -> str:
    """How halves are rounded."""
    return "rounded half up" if mode is Rounding.HALF_UP else "rounded half to even"


def part_text(part: Part, component: Component, basis: Basis, terms: Terms) -> str:
    """What one rule did on a line, as a sentence without its result."""

    def money(value: Decimal) -> str:
        return shown(rounded(value, basis.currency), basis.currency)

    retainage, base = terms["retainage"], _base(component, terms)
    if part.step is Step.RATE:
        since = "since the opening balance" if part.since_opening else "to date"
        what = f"{rate_text(part.rate)} of {base} {since} {money(part.base)}"
        if component is Component.STORED:
            what = f"{rate_text(part.rate)} of {base} presently there {money(part.base)}"
        return f"{what}, {rounding_text(basis.rounding)} on each line"
    match part.step:
        case Step.OPENING:
            until = " while just this is stored" if component is Component.STORED else ""
            return (
                f"Withheld on the opening balance of {money(part.base)}, which is never computed again{until}"
            )
        case Step.FIXED:
            return f"A fixed amount of {money(part.base)} on this line, never more than was billed on it"
        case Step.BEFORE:
            return f"Withheld on {base} before this {terms['pay_application']}"
        case Step.SHARE:
            return (
                f"This line's share of what the tranches of the contract add, for its {base} of "
                f"{money(part.base)} this period"
            )
        case Step.BOUNDS:
            return f"Kept within bounds: never below 0, nor below what was released or opened with as {retainage}"
        case Step.WHOLE_UNITS:
            return "Rounded to whole units, without decimals"
        case Step.CONTRACT_ROUNDING:
            return f"Rounded once for the contract; the difference to {retainage} rounded by line stays here"
        case Step.CAP:
            return f"The cap on {retainage} takes this much off this line"
    return part.step.value


def _base(component: Component, terms: Terms) -> str:
    return "work completed" if component is Component.WORK else terms["stored_materials"]


def tranche_text(tranche: Tranche, currency: str) -> str:
    """One tranche of the steps as a sentence without its result."""

    def money(value: Decimal) -> str:
        return shown(rounded(value, currency), currency)

    span = f"from {money(tranche.start)} to {money(tranche.end)}" if tranche.end is not None else ""
    span = span or (f"past {money(tranche.start)}" if tranche.start else "from the first on")
    return f"{rate_text(tranche.rate)} of the work {span}, of which {money(tranche.work)} is done"


def step_text(rule: ContractRule, terms: RetainageTerms, words: Terms, currency: str) -> str:
    """Where the contract stands between its steps, as a sentence."""

    def money(value: Decimal) -> str:
        return shown(rounded(value, currency), currency)

    done = f"work to date is {money(rule.done)} of {money(rule.value)}, {percent(rule.done, rule.value)} complete"
    steps = ", ".join(f"past {step.past:f} % complete {step.rate:f} %" for step in terms.steps)
    if terms.reach is StepReach.ALL:
        return f"Steps for all work ({rate_text(terms.work)}, {steps}): {done}, so all work bears {rate_text(rule.rate)}"
    return f"Steps for later work ({rate_text(terms.work)}, {steps}): {done}; each tranche keeps its own rate"


def percent(part: Decimal, whole: Decimal) -> str:
    """How much of a whole, cut off after two decimals, so that 100.00 % means all of it."""
    return f"{percent_shown(part, whole):f} %"


def cap_text(rule: ContractRule, basis: Basis, words: Terms) -> str:
    """The cap as a sentence without its result."""
    terms, money = basis.retainage, basis.currency
    if terms.cap_amount is not None or terms.cap_percent is None:
        return f"The cap on {words['retainage']} withheld to date is an amount of money in the register"
    which = "original" if terms.cap_of is CapOf.ORIGINAL else "revised"
    return (
        f"{rate_text(terms.cap_percent)} of the {which} contract sum {shown(rule.cap_base, money)} is the cap on "
        f"{words['retainage']} withheld to date"
    )


def terms_text(basis: Basis, words: Terms) -> str:
    """The terms of retainage of a contract in one sentence."""
    terms = basis.retainage
    said = [
        f"{rate_text(terms.work)} on work",
        f"{rate_text(terms.stored)} on {words['stored_materials']}",
    ]
    if terms.steps:
        said.append("in steps")
    if terms.capped:
        said.append("up to a cap")
    if terms.rounding is RetainageRounding.CONTRACT:
        said.append("rounded once for the contract")
    if terms.whole_units:
        said.append("in whole units")
    return ", ".join(said)


def entry_text(kind: str, component: Component, words: Terms) -> str:
    """What a row of the ledger of retainage did, as a sentence without its amount."""
    base = "work" if component is Component.WORK else words["stored_materials"]
    reversed_ = kind.startswith("reversed ")
    pattern = _ENTRIES.get(kind.removeprefix("reversed "), "{Retainage}: " + kind + " ({base})")
    text = pattern.format(retainage=words["retainage"], Retainage=capital(words["retainage"]), base=base)
    return f"Taken back by a reopening: {text[:1].lower()}{text[1:]}" if reversed_ else text


def worked_out(part: Part, basis: Basis) -> Decimal | None:
    """What a rate gives when it is applied again, or None for a part that is no rate."""
    if part.step is not Step.RATE:
        return None
    return percent_of(part.base, part.rate, basis.currency, basis.rounding)
