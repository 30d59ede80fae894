"""Work this period of one line out of its entries, by the way the line is billed.

Whatever is entered, the work to date comes first: it is rounded once, and what was billed before is taken off (domain
rule: never round increments).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from batch.core import money
from batch.core.findings import Finding, Severity
from batch.core.methods import QUANTITY_PLACES, Method
from batch.core.model import Basis, LinePosition, SovLine
from batch.core.money import HUNDRED, ZERO, MoneyError
from batch.core.numbers import Trouble, read_exact, read_number, read_percent
from batch.core.returned import Cell, CellKind, ReturnedLine
from batch.core.rules.case import PERCENT, QUANTITY, WORK, plain, text_of
from batch.core.stored import into_this

#: How people tick a milestone that is reached, in lower case; a bare 1 can only mean all of it.
_REACHED = frozenset({"x", "yes", "y", "true", "1", "done", "✓", "✔"})


@dataclass(frozen=True, kw_only=True)
class LineReader:
    """Reads the entries of one line. What cannot be read, or disagrees, goes into `troubles`."""

    row: ReturnedLine
    line: SovLine
    prior: LinePosition
    basis: Basis
    troubles: list[Finding] = field(default_factory=list)

    def work(self) -> tuple[Decimal | None, Decimal | None]:
        """Work this period, and the quantity to date it follows from; None where nothing was entered."""
        if self.line.method is Method.UNIT_PRICE:
            return self._by_quantity()
        self._closed(QUANTITY, None)
        direct, from_percent = self.amount(WORK), self._by_percentage()
        if direct and direct == into_this(self.basis, self.line.key):
            direct = None  # stored material that was filled in as work, left as it was: nothing was entered
        if direct is not None and from_percent is not None and direct != from_percent:
            self._disagree(self.row.cells[WORK], direct, from_percent)
            return None, None
        return from_percent if direct is None else direct, None

    def amount(self, column: str) -> Decimal | None:
        """The amount in a column; None for a blank, and for one that is a trouble."""
        cell = self._filled(column)
        if cell is None:
            return None
        value = read_number(cell, self.basis.currency)
        if isinstance(value, Trouble):
            self._trouble(cell, value.code)
            return None
        return value

    def _filled(self, column: str) -> Cell | None:
        cell = self.row.cells.get(column)
        return None if cell is None or cell.blank else cell

    def _by_quantity(self) -> tuple[Decimal | None, Decimal | None]:
        cell, measure = self._filled(QUANTITY), self.line.measure
        quantity = None
        work = None
        if cell is not None and measure is not None:
            read = read_exact(cell, QUANTITY_PLACES, measure.unit)
            if isinstance(read, Trouble):
                self._trouble(cell, read.code)
            else:
                quantity, work = read, self._since(cell, read)
        self._closed(PERCENT, work)
        self._closed(WORK, work)
        return work, quantity

    def _since(self, cell: Cell, quantity: Decimal) -> Decimal | None:
        assert self.line.measure is not None, "a line by unit price has a measure"
        try:
            worth = self.line.measure.worth(quantity, self.basis.currency, self.basis.rounding)
            return money.amount(worth - self.prior.work, self.basis.currency)
        except (MoneyError, ArithmeticError):  # a quantity far beyond any contract
            self._trouble(cell, "not-a-number")
            return None

    def _by_percentage(self) -> Decimal | None:
        """The percentage is of work completed to date (D + E) in the scheduled value, stored materials not counted."""
        cell = self._filled(PERCENT)
        if cell is None:
            return None
        percent = self._reached(cell) or read_percent(cell)
        if isinstance(percent, Trouble):
            self._trouble(cell, percent.code)
            return None
        try:
            value = self.line.scheduled_value
            to_date = money.percent_of(value, percent, self.basis.currency, self.basis.rounding)
            return money.amount(to_date - self.prior.work, self.basis.currency)
        except (MoneyError, ArithmeticError):  # a percentage far beyond any contract
            self._trouble(cell, "not-a-number")
            return None

    def _reached(self, cell: Cell) -> Decimal | None:
        ticked = cell.kind in (CellKind.TEXT, CellKind.BOOLEAN, CellKind.NUMBER)
        milestone = self.line.method is Method.MILESTONE and ticked
        return HUNDRED if milestone and cell.text.strip().casefold() in _REACHED else None

    def _closed(self, column: str, work: Decimal | None) -> None:
        """An entry in a column that is not for this line: only noted where it says the same to the cent."""
        cell = self._filled(column)
        if cell is None:
            return
        said = self._said(column, cell)
        if said == ZERO or (work is not None and said == work):
            self._trouble(cell, "also-entered", severity=Severity.NOTE)
        elif work is not None and said is not None:
            self._disagree(cell, said, work)
        else:
            self._trouble(cell, "wrong-method", expected=self._wanted())

    def _said(self, column: str, cell: Cell) -> Decimal | None:
        """The work this period that an entry comes to; a quantity says none where there is no price."""
        if column == QUANTITY:
            read = read_exact(cell, QUANTITY_PLACES)
            return ZERO if read == ZERO else None
        read = read_percent(cell) if column == PERCENT else read_number(cell, self.basis.currency)
        if isinstance(read, Trouble):
            return None
        if column == WORK:
            return read
        try:
            value = self.line.scheduled_value
            return money.percent_of(value, read, self.basis.currency, self.basis.rounding) - self.prior.work
        except ArithmeticError:
            return None

    def _wanted(self) -> str:
        return (
            "the quantity to date" if self.line.method is Method.UNIT_PRICE else "a percentage or an amount"
        )

    def _disagree(self, cell: Cell, said: Decimal, other: Decimal) -> None:
        self._trouble(
            cell,
            "ambiguous-number",
            found=self._plain(said),
            expected=self._plain(other),
            difference=self._plain(said - other),
        )

    def _plain(self, value: Decimal) -> str:
        return plain(value, self.basis.currency)

    def _trouble(
        self,
        cell: Cell,
        code: str,
        *,
        severity: Severity = Severity.RETURN,
        found: str = "",
        expected: str = "",
        difference: str = "",
    ) -> None:
        self.troubles.append(
            Finding(
                code=code,
                severity=severity,
                sheet=cell.sheet,
                cell=cell.ref,
                line=self.line.key,
                found=found or text_of(cell),
                expected=expected,
                difference=difference,
            )
        )
