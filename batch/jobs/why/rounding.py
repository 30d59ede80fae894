"""Retainage that is rounded once for the contract: its figure, the lines rounded each, and which line bears the rest."""

from __future__ import annotations

from decimal import Decimal

from batch.core.money import total
from batch.core.retainage import Component
from batch.core.retainage_terms import RetainageRounding
from batch.core.retainage_told import Residual, residuals
from batch.core.why import Why
from batch.jobs.why.subject import Subject
from batch.jobs.why.terms import of_commitment


def by_contract(s: Subject) -> bool:
    """Whether the rest of a rounding stays on a line."""
    return s.basis.retainage.rounding is RetainageRounding.CONTRACT


def contract_rounding(s: Subject, which: Component) -> Why:
    """The rest between the contract's figure and the lines rounded each, with the lines that bear it; told, no summand."""
    found = {line: rest for line, one in residuals(s.told).items() if (rest := _borne(one, which))}
    base = "work" if which is Component.WORK else s.words["stored_materials"]
    how, evidence = of_commitment(s, "retainage_rounding")
    parts = tuple(
        Why(what=f"Line {line} bears", amount=rest, how="in what it withholds to date", evidence=evidence)
        for line, rest in found.items()
    )
    said = "no line bears a rest" if not parts else "the figure of the contract less the lines rounded each"
    return Why(
        what=f"Rest of rounding once for the contract ({base}, to date)",
        amount=total(found.values(), s.currency),
        how=f"{said}; {how}".rstrip("; "),
        parts=parts,
        evidence=evidence,
    ).told()


def _borne(one: Residual, which: Component) -> Decimal:
    return one.work if which is Component.WORK else one.stored
