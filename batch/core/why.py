"""How a figure came about, as a tree: each figure with the rule that made it and the parts that add up to it.

The tree is checked by the code that shows it: parts are added up again, and a rule's result is compared with the figure.
What does not tie is said; it is never left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from batch.core.money import ZERO


class Counts(StrEnum):
    """What a part does to the figure above it. Told: it explains the figure and is no summand."""

    ADDS = "adds"
    TAKES_OFF = "takes off"
    TOLD = "told"


class EvidenceKind(StrEnum):
    """What a figure may rest on in the end."""

    MESSAGE = "message"
    PERSON = "person"
    REGISTER = "register"
    ISSUED = "issued"
    BATCH = "batch"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A thing outside the arithmetic: a message with its workbook, a decision, a register file. `sha256`: its original."""

    kind: EvidenceKind
    text: str
    sha256: str = ""


@dataclass(frozen=True, kw_only=True)
class Why:
    """One figure. `how` is its rule in words, `worked_out` what that rule gives when it is applied again.

    `faults` are sentences about evidence that could not be read. Amounts are in one currency throughout a tree.
    """

    what: str
    amount: Decimal | None = None
    how: str = ""
    parts: tuple[Why, ...] = ()
    counts: Counts = Counts.ADDS
    worked_out: Decimal | None = None
    evidence: tuple[Evidence, ...] = ()
    faults: tuple[str, ...] = ()

    def less(self) -> Why:
        """The same figure as a part that is taken off."""
        return replace(self, counts=Counts.TAKES_OFF)

    def told(self) -> Why:
        """The same figure as an explanation that is no summand."""
        return replace(self, counts=Counts.TOLD)


def summands(node: Why) -> list[Decimal]:
    """The amounts of the parts that count, with their sign in the sum."""
    return [
        -part.amount if part.counts is Counts.TAKES_OFF else part.amount
        for part in node.parts
        if part.counts is not Counts.TOLD and part.amount is not None
    ]


def faults(node: Why) -> Iterator[str]:
    """Every place of a tree where it does not tie, as a sentence; none for a tree that does."""
    yield from node.faults
    counted = summands(node)
    if node.amount is not None and counted and (found := sum(counted, ZERO)) != node.amount:
        yield f"{node.what}: its parts add up to {found:,f}, not to {node.amount:,f}."
    if node.amount is not None and node.worked_out is not None and node.worked_out != node.amount:
        yield f"{node.what}: the rule gives {node.worked_out:,f}, not {node.amount:,f}."
    for part in node.parts:
        yield from faults(part)


def loose_ends(node: Why) -> Iterator[Why]:
    """Figures that are not zero and rest on nothing: no parts that count, and no evidence."""
    if node.amount and not node.evidence and not summands(node):
        yield node
    for part in node.parts:
        yield from loose_ends(part)


def all_evidence(node: Why) -> Iterator[Evidence]:
    """Everything a figure rests on, each as often as it is named, from the top down."""
    yield from node.evidence
    for part in node.parts:
        yield from all_evidence(part)
