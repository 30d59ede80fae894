"""The figures of a whole contract behind its lines: steps by tranche, the cap, and the rest of rounding it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from batch.core.model import Basis
from batch.core.money import rounded, total
from batch.core.retainage import Component
from batch.core.retainage_terms import RetainageRounding, StepReach
from batch.core.retainage_told import Residual, Told, residuals
from batch.core.why import Evidence, Why
from batch.formats.terms import Terms
from batch.formats.why import retainage as rules


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Retainage of a contract taken apart, with the words and the evidence to tell it."""

    told: Told
    basis: Basis
    words: Terms
    evidence: tuple[Evidence, ...]


def steps(r: Rules) -> list[Why]:
    """Where the contract stands between its steps; nothing where it has none."""
    rule, terms, currency = r.told.contract, r.basis.retainage, r.basis.currency
    if not terms.steps:
        return []
    what = rules.step_text(rule, terms, r.words, currency)
    if terms.reach is StepReach.ALL:
        return [Why(what=what, evidence=r.evidence).told()]
    return [Why(what=what, amount=rule.stepped, parts=tuple(_tranches(r)), evidence=r.evidence).told()]


def _tranches(r: Rules) -> Iterator[Why]:
    """The tranches of forward steps, and what keeps the lines together from their plain sum."""
    rule, currency = r.told.contract, r.basis.currency
    left = rule.stepped
    for one in rule.tranches:
        amount = rounded(one.amount, currency)
        left -= amount
        yield Why(what=rules.tranche_text(one, currency), amount=amount, evidence=r.evidence)
    opening = rounded(rule.opening, currency)
    if opening:
        left -= opening
        yield Why(what="Opening balances keep what was withheld then", amount=opening, evidence=r.evidence)
    if rule.kept:
        left -= rule.kept
        what = "Earlier work keeps what was withheld on it when the contract had another value"
        yield Why(what=what, amount=rule.kept, evidence=r.evidence)
    if left:
        what = f"Rounding, and lines that keep what was released or opened with as {r.words['retainage']}"
        yield Why(what=what, amount=left, evidence=r.evidence)


def cap(r: Rules) -> list[Why]:
    """What the cap is and what it takes off; nothing where there is none."""
    rule = r.told.contract
    if rule.limit is None:
        return []
    kept = r.words["retainage"]
    by_rules = Why(
        what=f"{kept} withheld to date before the cap".capitalize(), amount=rule.by_rules, evidence=r.evidence
    )
    cut = Why(what="The cap takes off", amount=rule.cut, evidence=r.evidence).less()
    withheld_now = Why(
        what=f"{kept} withheld to date, after the cap".capitalize(),
        amount=rule.withheld,
        parts=(by_rules, cut),
    )
    limit = Why(what=rules.cap_text(rule, r.basis, r.words), amount=rule.limit, evidence=r.evidence)
    return [limit.told(), withheld_now.told()]


def rest_of_rounding(r: Rules, which: Component, how: str, evidence: tuple[Evidence, ...]) -> list[Why]:
    """The rest between the contract's figure and the lines rounded each, with the lines that bear it; no summand.

    `how` and `evidence`: where the register says so. Nothing where retainage is rounded by line.
    """
    if r.basis.retainage.rounding is not RetainageRounding.CONTRACT:
        return []
    found = {line: rest for line, one in residuals(r.told).items() if (rest := _borne(one, which))}
    base = "work" if which is Component.WORK else r.words["stored_materials"]
    parts = tuple(
        Why(what=f"Line {line} bears", amount=rest, how="in what it withholds to date", evidence=evidence)
        for line, rest in found.items()
    )
    said = "the figure of the contract less the lines rounded each" if parts else "no line bears any"
    node = Why(
        what=f"Rest of rounding once for the contract ({base}, to date)",
        amount=total(found.values(), r.basis.currency),
        how=f"{said}; {how}".rstrip("; "),
        parts=parts,
        evidence=evidence,
    )
    return [node.told()]


def _borne(one: Residual, which: Component) -> Decimal:
    return one.work if which is Component.WORK else one.stored
