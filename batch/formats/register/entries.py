"""One cell of a register workbook as it was entered: number, text, date, formula, error and blank stay
apart.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from batch.core.returned import Cell, CellKind

# Excel and LibreOffice show 15 digits; anything after them is noise of binary fractions (0.1 + 0.2).
_SHOWN_DIGITS = 15
_QUOTED = re.compile(r'"[^"]*"|\\.')


class EntryKind(StrEnum):
    """What was entered."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "yes or no"
    ERROR = "error"
    FORMULA = "formula"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entered cell. `text` is what a person sees, as exact as it can be; `day` is set for a date only."""

    kind: EntryKind
    text: str = ""
    ref: str = ""
    day: date | None = None
    shown_as_percent: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        return self.kind is EntryKind.BLANK

    def as_cell(self) -> Cell:
        """The same as a core cell, for reading a number."""
        kind = CellKind.NUMBER if self.kind is EntryKind.NUMBER else CellKind.TEXT
        return Cell(sheet="", ref=self.ref, kind=kind, text=self.text, shown_as_percent=self.shown_as_percent)


def typed(text: str, ref: str = "") -> Entry:
    """An entry as if a person had typed `text` into a text cell."""
    cleaned = unicodedata.normalize("NFC", text.replace("\xa0", " ")).strip()
    return Entry(kind=EntryKind.TEXT if cleaned else EntryKind.BLANK, text=cleaned, ref=ref)


def entry_of(cell: Any, ref: str) -> Entry:
    """What stands in a cell of openpyxl, read with formulas (not with their results)."""
    value, data_type = cell.value, cell.data_type
    if value is None:
        return Entry(kind=EntryKind.BLANK, ref=ref)
    if data_type == "f":
        return Entry(kind=EntryKind.FORMULA, text=str(getattr(value, "text", value)), ref=ref)
    if data_type == "e":
        return Entry(kind=EntryKind.ERROR, text=str(value), ref=ref)
    if isinstance(value, bool):
        return Entry(kind=EntryKind.BOOLEAN, text="yes" if value else "no", ref=ref)
    if isinstance(value, int | float):
        percent = "%" in _QUOTED.sub("", str(cell.number_format or ""))
        return Entry(kind=EntryKind.NUMBER, text=number_text(value), ref=ref, shown_as_percent=percent)
    return _moment(value, ref) or typed(str(value), ref)


def _moment(value: object, ref: str) -> Entry | None:
    if isinstance(value, datetime) and value.time() == time(0):
        return Entry(kind=EntryKind.DATE, text=value.date().isoformat(), ref=ref, day=value.date())
    if isinstance(value, time):
        return Entry(kind=EntryKind.TIME, text=value.strftime("%H:%M"), ref=ref)
    return None


def number_text(value: float) -> str:
    """The exact text of a number in a cell, as the person saw it: 9.95, never 9.949999999999999."""
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    digits = Decimal(text).as_tuple().digits
    if len(digits) > _SHOWN_DIGITS:
        text = f"{value:.{_SHOWN_DIGITS}g}"
    made = Decimal(text)
    return text if not made.is_finite() else f"{made.normalize():f}"
