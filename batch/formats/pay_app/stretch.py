"""Moves what names a row of the template to the rows that were made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from batch.formats.pay_app import figures

_RANGE = re.compile(r"(?<![A-Z])(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?(?![\d(])")
_SHEET_RANGE = re.compile(r"(Lines!\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?")


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Where the four rows of the template went. `first` is the template's row of an original line."""

    first: int
    originals: int
    changes: int

    @property
    def total(self) -> int:
        """The row of the totals."""
        return self.first + self.originals + 1 + self.changes

    def span(self, row: int) -> tuple[int, int]:
        """First and last row made of a row of the template; other rows stay where they are.

        Of no lines at all the heading of change orders stands in: it holds no figures, and adds up to
        nothing.
        """
        section = self.first + self.originals
        ends = {
            figures.LINE: (
                self.first if self.originals else section,
                section - 1 if self.originals else section,
            ),
            figures.SECTION: (section, section),
            figures.CHANGE: (section + bool(self.changes), section + self.changes),
            figures.TOTAL: (self.total, self.total),
        }
        return ends.get(row - self.first, (row, row))

    def has_lines(self, row: int) -> bool:
        """Whether any row was made of this row of the template."""
        counts = {figures.LINE: self.originals, figures.CHANGE: self.changes}
        return bool(counts.get(row - self.first, 1))


def stretch_own(formula: str, made_from: int, row: int) -> str:
    """The formula of a line's row: it names only cells of its own row."""
    return _RANGE.sub(
        lambda found: f"{found[1]}{row}" if int(found[2]) == made_from and not found[3] else found[0], formula
    )


def stretch_ranges(text: str, spans: Spans, *, sheet: bool = False) -> str:
    """A formula or range that names rows of the template. `sheet`: only with the sheet's name."""

    def move(found: re.Match[str]) -> str:
        start = spans.span(int(found[2]))[0]
        if not found[3]:
            return f"{found[1]}{start}"
        return f"{found[1]}{start}:{found[3]}{spans.span(int(found[4]))[1]}"

    return (_SHEET_RANGE if sheet else _RANGE).sub(move, text)


def stretch_rules(sheet: Worksheet, spans: Spans) -> None:
    """Validations, conditional formats and the print area."""
    for rule in sheet.data_validations.dataValidation:
        kept = [each for each in str(rule.sqref).split() if spans.has_lines(_row_of(each))]
        rule.sqref = MultiCellRange(" ".join(stretch_ranges(_as_range(each), spans) for each in kept))
    rules = [(str(each.sqref), each.rules) for each in sheet.conditional_formatting]
    sheet.conditional_formatting = ConditionalFormattingList()
    for where, found in rules:
        for rule in found:
            sheet.conditional_formatting.add(stretch_ranges(_as_range(where), spans), rule)
    if sheet.print_area:
        area = str(sheet.print_area).rpartition("!")[2]
        sheet.print_area = stretch_ranges(area, spans).replace("$", "")


def _row_of(where: str) -> int:
    return range_boundaries(where)[1] or 0


def _as_range(where: str) -> str:
    return where if ":" in where else f"{where}:{where}"
