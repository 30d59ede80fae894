"""A returned pay application workbook: its cells as they came back, and what the rules made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from batch.core.findings import Finding
from batch.core.model import Bill, LineAmounts


class CellKind(StrEnum):
    """What a spreadsheet cell holds, so that error, formula, text and blank stay apart."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    ERROR = "error"
    UNCALCULATED = "uncalculated"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as it stands in a file. `text` is the exact number text, the string, or the error code; never a float.

    A formula with a cached value has the kind of that value and keeps its `formula`; without one it is UNCALCULATED.
    `shown_as_percent` tells that the number format shows 0.45 as 45 %.
    """

    sheet: str
    ref: str
    kind: CellKind
    text: str = ""
    formula: str = ""
    shown_as_percent: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        return self.kind is CellKind.BLANK or (self.kind is CellKind.TEXT and not self.text.strip())


@dataclass(frozen=True, kw_only=True)
class ReturnedLine:
    """One row of a returned continuation sheet: its line key ('' when it has none) and its cells by column key."""

    line_key: str
    row: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, kw_only=True)
class ReturnedIdentity:
    """What a returned workbook says it is. Empty where a carrier was lost; `tokens` holds every carrier found."""

    tokens: tuple[tuple[str, str], ...] = ()
    project: str = ""
    commitment: str = ""
    period: str = ""
    issue: str = ""
    sov_version: str = ""

    @property
    def token_values(self) -> frozenset[str]:
        """The distinct tokens; more than one means that sheets of two applications were mixed."""
        return frozenset(value for _carrier, value in self.tokens)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A returned pay application workbook, as read: cells, not yet figures.

    `summary` maps the field names of `Summary` and `invoice_number`, `nothing_to_bill`, `comment` to cells. `findings` are
    faults of reading. `entered` are the lines of the table, also those whose key we do not know.
    """

    identity: ReturnedIdentity
    lines: tuple[ReturnedLine, ...]
    summary: Mapping[str, Cell] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the rules made of a returned workbook: the claim by line key, the sub's invoice number, and all findings.

    `claim` holds only lines that could be read; with a RETURN finding present it must not be used for billing.
    """

    claim: Mapping[str, LineAmounts]
    invoice_number: str
    comment: str
    findings: tuple[Finding, ...]
    bill: Bill | None = None
    materials: Decimal | None = None
