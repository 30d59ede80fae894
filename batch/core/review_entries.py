"""What an admin enters in a review, and what it comes to: frozen values, no rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from batch.core.findings import Finding
from batch.core.model import Basis, LineAmounts

HOLD_EVENT = "hold"


class Choice(StrEnum):
    """What the decision column offers. A blank cell is no choice: nothing changes.

    A negative payment due is approved only as a credit, so that nobody approves one without seeing it.
    """

    APPROVE = "approve"
    APPROVE_CREDIT = "approve credit"
    AWAIT_CLIENT = "pending client approval"
    REJECT = "reject"
    HOLD = "hold"
    CLIENT_APPROVES = "client approves"
    CLIENT_CUTS = "client cuts"
    REOPEN = "reopen"

    @property
    def approves(self) -> bool:
        """Whether it approves."""
        return self in (Choice.APPROVE, Choice.APPROVE_CREDIT, Choice.AWAIT_CLIENT)

    @property
    def answers(self) -> bool:
        """Whether it settles an application that waits for the client, and none that is under review."""
        return self in (Choice.CLIENT_APPROVES, Choice.CLIENT_CUTS, Choice.REOPEN)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands in a workbook, for findings about it."""

    sheet: str = ""
    cell: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewedLine:
    """One line as reviewed. `approved` is None when one of its cells could not be read.

    `follows`: its work is the workbook's own formula of the quantity, and not read.
    """

    approved: LineAmounts | None
    reject: bool = False
    reason: str = ""
    follows: bool = False
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, kw_only=True)
class ReviewDecision:
    """One application as reviewed. `revision` is the one the workbook was made of; `lines` are by line key.

    `faults` are what was wrong with its cells; any of them keeps it from being approved.
    """

    application_id: str
    revision: int
    choice: Choice | None
    reason: str
    lines: Mapping[str, ReviewedLine]
    place: Place = field(default_factory=Place)
    faults: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnderReview:
    """The application as it stands now. `claim` is by line key; a line it lacks claims no work.

    Of one that waits for the client (`pending`), `claim` is what we approved and the client was asked for.
    """

    application_id: str
    revision: int
    basis: Basis
    claim: Mapping[str, LineAmounts]
    pending: bool = False


@dataclass(frozen=True, kw_only=True)
class ReviewOutcome:
    """What a decision comes to. With findings nothing is applied and `event` is ''.

    `event`: events of the application's life cycle, such as `approve`, `note` and `revise`; `hold` keeps its
    state; '' changes nothing. `approved` holds every line of the schedule of values where figures are
    approved, else nothing. `warnings` are findings on approved figures that do not stop them.
    """

    application_id: str
    event: str = ""
    approved: Mapping[str, LineAmounts] = field(default_factory=dict)
    reason: str = ""
    line_reasons: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnBehalfLine:
    """What an admin entered for one line. None is a blank: no work, stored unchanged, no release.

    `quantity`: the quantity to date of a unit price line, out of which its work follows.
    """

    work: Decimal | None = None
    stored: Decimal | None = None
    release: Decimal | None = None
    quantity: Decimal | None = None
    place: Place = field(default_factory=Place)

    @property
    def entered(self) -> bool:
        """Whether anything that bills was entered. Stored materials come pre-filled, so they alone say
        nothing.
        """
        return self.work is not None or self.release is not None or self.quantity is not None


@dataclass(frozen=True, kw_only=True)
class OnBehalfEntry:
    """An application an admin enters for a subcontractor who did not answer. `issue`: of the invite it was
    made on.
    """

    invite_id: str
    issue: int
    wanted: bool
    reason: str
    invoice_number: str
    lines: Mapping[str, OnBehalfLine]
    place: Place = field(default_factory=Place)
    faults: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OnBehalfOutcome:
    """`claim` has every line of the schedule of values when the entry is wanted and usable; else `wanted` is
    False.
    """

    invite_id: str
    wanted: bool = False
    claim: Mapping[str, LineAmounts] = field(default_factory=dict)
    reason: str = ""
    invoice_number: str = ""
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
