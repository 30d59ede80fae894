"""Works out the simple formulas that people type into input cells: =1200+350.50, =E7*0.5, =SUM(E5:E9), =ROUND(E7/3,2).

A result that a program stored may be stale, and some programs store none. What is beyond this small language is
left alone, to be asked about; nothing is guessed. Everything is bounded: length, depth, and cells looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Context, Decimal, DecimalException

from batch.core.returned import Cell, CellKind
from batch.formats.pay_app.grid import Grid, column_of

_LONGEST, _DEEPEST, _MOST_CELLS = 500, 20, 2_000
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d{1,2})?|\.\d+)|(?P<name>SUM|ROUND)(?=\()"
    r"|(?P<cell>\$?[A-Z]{1,2}\$?[1-9]\d{0,3})|(?P<mark>[-+*/%(),:;]))"
)
_EXACT = Context(prec=30)
#: Doubles have 15 good digits; results that agree to them are the same.
_DIGITS = Context(prec=14)
#: The least difference that matters, whatever the size: far below any minor unit.
_NOTHING = Decimal("1e-6")


class _BeyondError(Exception):
    """The formula says more than this language can."""


def settled(cell: Cell, grid: Grid) -> Cell:
    """The cell with the result of its formula, where that can be worked out.

    A formula without a result gets it. One with another result than it has now is given back as never calculated:
    which of the two its sender saw is not known.
    """
    if not cell.formula or cell.kind not in (CellKind.NUMBER, CellKind.UNCALCULATED):
        return cell
    found = worked_out(cell.formula, grid)
    if found is None:
        return cell
    if cell.kind is CellKind.UNCALCULATED:
        return replace(cell, kind=CellKind.NUMBER, text=f"{_DIGITS.plus(found):f}")
    return cell if _same(found, cell.text) else replace(cell, kind=CellKind.UNCALCULATED, text="")


def worked_out(formula: str, grid: Grid) -> Decimal | None:
    """The value of a formula over the cells of its sheet; None when it is not simple, or has none."""
    try:
        return _Formula(grid, iter(range(_MOST_CELLS))).value(formula)
    except (_BeyondError, DecimalException):
        return None


def _same(found: Decimal, stored: str) -> bool:
    try:
        return abs(_DIGITS.plus(Decimal(stored)) - _DIGITS.plus(found)) <= _NOTHING
    except DecimalException:
        return False


class _Formula:
    """Reads one formula from left to right; cells it names are worked out in turn."""

    def __init__(self, grid: Grid, cells_left: Iterator[int], *, depth: int = 0) -> None:
        self._grid, self._cells_left, self._depth = grid, cells_left, depth
        self._tokens: list[tuple[str, str]] = []

    def value(self, formula: str) -> Decimal:
        self._tokens = list(_tokens(formula.strip().removeprefix("=").removeprefix("+")))[::-1]
        found = self._sum()
        if self._tokens:
            raise _BeyondError
        return found

    def _next(self, *wanted: str) -> str:
        """The next mark when it is one of these; else '' and nothing is taken."""
        if self._tokens and self._tokens[-1][0] == "mark" and self._tokens[-1][1] in wanted:
            return self._tokens.pop()[1]
        return ""

    def _sum(self) -> Decimal:
        found = self._product()
        while mark := self._next("+", "-"):
            other = self._product()
            found = _EXACT.add(found, other if mark == "+" else -other)
        return found

    def _product(self) -> Decimal:
        found = self._signed()
        while mark := self._next("*", "/"):
            other = self._signed()
            found = _EXACT.multiply(found, other) if mark == "*" else _EXACT.divide(found, other)
        return found

    def _signed(self) -> Decimal:
        minus = False
        while mark := self._next("+", "-"):
            minus ^= mark == "-"
        found = self._value()
        while self._next("%"):
            found = _EXACT.divide(found, Decimal(100))
        return -found if minus else found

    def _value(self) -> Decimal:
        if self._next("("):
            found = self._sum()
            self._close()
            return found
        kind, text = self._tokens.pop() if self._tokens else ("", "")
        if kind == "number":
            return Decimal(text)
        if kind == "cell":
            return self._cell(text)
        if kind == "name" and self._next("("):
            return self._total() if text == "SUM" else self._rounded()
        raise _BeyondError

    def _close(self) -> None:
        if not self._next(")"):
            raise _BeyondError

    def _total(self) -> Decimal:
        found = self._argument()
        while self._next(",", ";"):
            found = _EXACT.add(found, self._argument())
        self._close()
        return found

    def _argument(self) -> Decimal:
        """A range of cells, or a value."""
        ahead = self._tokens[-3:][::-1]
        if len(ahead) == 3 and ahead[0][0] == ahead[2][0] == "cell" and ahead[1] == ("mark", ":"):
            first, _colon, last = self._tokens.pop(), self._tokens.pop(), self._tokens.pop()
            return sum((self._cell(ref) for ref in _between(first[1], last[1])), Decimal(0))
        return self._sum()

    def _rounded(self) -> Decimal:
        found = self._sum()
        if not self._next(",", ";"):
            raise _BeyondError
        places = self._sum()
        self._close()
        if places not in range(7):
            raise _BeyondError
        # As the programs do: half away from zero.
        half = Decimal("0.5").scaleb(-int(places))
        unit = Decimal(1).scaleb(-int(places))
        return _EXACT.multiply(_EXACT.divide_int(_EXACT.add(found, half.copy_sign(found)), unit), unit)

    def _cell(self, ref: str) -> Decimal:
        row, column = _place(ref)
        cell = self._grid.at(row, column)
        if next(self._cells_left, None) is None or self._depth > _DEEPEST:
            raise _BeyondError
        if cell.kind is CellKind.BLANK:
            return Decimal(0)
        if cell.formula:
            return _Formula(self._grid, self._cells_left, depth=self._depth + 1).value(cell.formula)
        if cell.kind is not CellKind.NUMBER:
            raise _BeyondError
        return Decimal(cell.text)


def _tokens(formula: str) -> Iterator[tuple[str, str]]:
    if len(formula) > _LONGEST or formula.count("(") > _DEEPEST:
        raise _BeyondError
    at, text = 0, formula.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _BeyondError
        at = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]


def _place(ref: str) -> tuple[int, int]:
    plain = ref.replace("$", "")
    letters = plain.rstrip("0123456789")
    return int(plain[len(letters) :]), column_of(letters)


def _between(first: str, last: str) -> Iterator[str]:
    (top, left), (bottom, right) = _place(first), _place(last)
    if not (top <= bottom and left == right):
        raise _BeyondError
    letters = first.replace("$", "").rstrip("0123456789")
    return (f"{letters}{row}" for row in range(top, bottom + 1))
