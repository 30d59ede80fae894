"""One worksheet as cells by row and column, exactly as stored: number text, formula and last result, error,
percent.

Cells far outside of what a pay application can hold are passed over. A cell that stands twice is refused: one
program shows the first, another the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.core.returned import Cell, CellKind
from batch.formats.pay_app import xml
from batch.formats.pay_app.parts import LONGEST_TEXT
from batch.formats.pay_app.sniff import refusal

MOST_CELLS = 20_000
LAST_ROW = 5_000
LAST_COLUMN = 60
#: Cells of all sorts, blank ones too, of which openpyxl still makes objects without pain.
MANY_CELLS = 100_000
_REF = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_TEXT_TAGS = frozenset({"v", "f", "t"})


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A sheet's name and its non-blank cells by (row, column), both from 1. `elements` counts all cells
    stored.
    """

    sheet: str
    cells: Mapping[tuple[int, int], Cell]
    elements: int

    def at(self, row: int, column: int) -> Cell:
        """The cell at a place; a blank one where nothing is stored."""
        found = self.cells.get((row, column))
        return found or Cell(sheet=self.sheet, ref=f"{letters(column)}{row}", kind=CellKind.BLANK)


def read_grid(
    name: str, content: bytes, *, strings: Sequence[str], percent: frozenset[int], most: int = MOST_CELLS
) -> Grid:
    """Read one worksheet part; `most` cells with content. Raises RefusedError beyond it, and on damage."""
    reader = _Reader(name, strings, percent, most)
    xml.parse(content, start=reader.start, end=reader.end, text=reader.text)
    return Grid(sheet=name, cells=reader.cells, elements=reader.elements)


def letters(column: int) -> str:
    """The letters of a column from 1: 28 is AB."""
    made = ""
    while column:
        column, rest = divmod(column - 1, 26)
        made = chr(ord("A") + rest) + made
    return made


def column_of(text: str) -> int:
    """The number of a column from its letters."""
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


class _Reader:
    """Follows the events of one worksheet part. Positions are counted where the file leaves them out."""

    def __init__(self, name: str, strings: Sequence[str], percent: frozenset[int], most: int) -> None:
        self.cells: dict[tuple[int, int], Cell] = {}
        self.elements = 0
        self._name, self._strings, self._percent, self._most = name, strings, percent, most
        self._row = self._column = 0
        self._kind = "n"
        self._style = 0
        self._has_formula = self._has_value = self._in_cell = False
        self._pieces: dict[str, list[str]] = {}
        self._open = ""
        self._reading = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            self._row = _whole(attributes.get("r"), self._row + 1)
            self._column = 0
        elif tag == "c":
            self._start_cell(attributes)
        elif self._in_cell:
            self._reading += tag == "rPh"
            self._open = tag if tag in _TEXT_TAGS and not self._reading else ""
            self._has_formula = self._has_formula or tag == "f"
            self._has_value = self._has_value or tag == "v"

    def text(self, data: str) -> None:
        if self._open:
            self._pieces.setdefault(self._open, []).append(data)

    def end(self, tag: str) -> None:
        self._open = ""
        if tag == "rPh":
            self._reading -= 1
        elif tag == "c" and self._in_cell:
            self._in_cell = False
            self._keep()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        match = _REF.fullmatch(attributes.get("r", ""))
        if match:
            self._column, self._row = column_of(match[1]), int(match[2])
        else:
            self._column += 1
        self.elements += 1
        self._kind = attributes.get("t", "n")
        self._style = _whole(attributes.get("s"), 0)
        self._has_formula, self._has_value, self._in_cell, self._pieces = False, False, True, {}

    def _keep(self) -> None:
        if self._row > LAST_ROW or self._column > LAST_COLUMN or self._row < 1:
            return
        kind, text = self._content()
        if kind is CellKind.BLANK:
            return
        place = (self._row, self._column)
        ref = f"{letters(self._column)}{self._row}"
        if place in self.cells:
            raise refusal("workbook-hostile", "a cell twice", "each cell once", sheet=self._name, cell=ref)
        if len(self.cells) >= self._most:
            raise refusal("workbook-too-large", f"more than {self._most} cells", "a pay application")
        formula = "".join(self._pieces.get("f", ()))[:LONGEST_TEXT]
        self.cells[place] = Cell(
            sheet=self._name, ref=ref, kind=kind, text=text,
            # A cell that shares the formula of another one stores none of its own.
            formula=(formula or "(shared)") if self._has_formula else "",
            shown_as_percent=kind is CellKind.NUMBER and self._style in self._percent,
        )  # fmt: skip

    def _content(self) -> tuple[CellKind, str]:
        stored = "".join(self._pieces.get("v", ()))[:LONGEST_TEXT]
        if self._kind == "inlineStr":
            text = "".join(self._pieces.get("t", ()))[:LONGEST_TEXT]
            return (CellKind.TEXT, text) if text else (CellKind.BLANK, "")
        if not stored:
            if not self._has_formula:
                return CellKind.BLANK, ""
            # An empty text is a result too.
            return (CellKind.TEXT if self._kind == "str" and self._has_value else CellKind.UNCALCULATED), ""
        return self._typed(stored)

    def _typed(self, stored: str) -> tuple[CellKind, str]:
        if self._kind == "s":
            return self._shared(stored.strip())
        if self._kind == "b":
            return CellKind.BOOLEAN, "TRUE" if stored.strip() in ("1", "true") else "FALSE"
        if self._kind == "e":
            return CellKind.ERROR, stored.strip()
        if self._kind == "n" and _NUMBER.fullmatch(stored.strip()):
            return CellKind.NUMBER, stored.strip()
        return CellKind.TEXT, stored

    def _shared(self, stored: str) -> tuple[CellKind, str]:
        index = _whole(stored, -1)
        if not 0 <= index < len(self._strings):
            return CellKind.ERROR, "#TEXT!"
        text = self._strings[index]
        return (CellKind.TEXT, text) if text else (CellKind.BLANK, "")


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
