"""What is wrong with a register workbook: place, value, expectation and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """ERROR: the row is refused. WARNING: taken, but probably not what was meant. INFO: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault. `sheet` is the sheet's title and `cell` its cell (B14); both are '' when the whole file is
    meant.
    """

    sheet: str
    cell: str
    found: str
    expected: str
    sentence: str
    weight: Weight = Weight.ERROR
