"""What forward steps keep of what was withheld while the contract had another value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from batch.core.model import LinePosition, SovLine
from batch.core.money import ZERO, Rounding, added
from batch.core.retainage_rules import Row, Rules, share, terms_of_line, value_of, work_of
from batch.core.retainage_terms import RetainageRounding, RetainageTerms, StepReach


def kept_of_before(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
    moved: Mapping[str, Decimal] | None = None,
) -> Decimal:
    """Under forward steps, what was withheld before less what the tranches of today's value give for the work of then.

    0 while the contract's value stands. `moved` is the work of each line that was stored material before.
    """
    if not terms.steps or terms.reach is not StepReach.LATER:
        return ZERO
    contract = _Kept(terms=terms, currency=currency, rounding=rounding)
    rows = [
        contract.unmoved(line, positions.get(line.key, LinePosition()), (moved or {}).get(line.key, ZERO))
        for line in lines
    ]
    return contract.kept_of(rows, loose=bool(moved))


class _Kept(Rules):
    """The ledger held against the tranches of today."""

    def unmoved(self, line: SovLine, at: LinePosition, moved: Decimal) -> Row:
        """A line as it stood before so much of its stored materials became work."""
        now = Row(line=line, prior=at, base=at, work=at.withheld_work, stored=at.withheld_stored)
        exact = share(moved, terms_of_line(self.terms, line).stored)
        on_stored = self._borne(now, self._round(exact), exact, moved)
        before = replace(at, work=at.work - moved)
        return replace(now, base=before, work=now.work - on_stored, stored=now.stored + on_stored)

    def kept_of(self, rows: Sequence[Row], *, loose: bool) -> Decimal:
        """What the lines that follow the steps withheld, less the figure of all tranches for the same work.

        0 where that is a matter of rounding, of the opening balance, or of a cap that was reached.
        """
        following = [row for row in rows if row.follows]
        withheld = added(row.work + row.stored for row in rows)
        if self.terms.capped and withheld >= self.cap([row.line for row in rows]):
            return ZERO
        if all(row.base.work == row.base.opening_work for row in following):
            return ZERO
        value = value_of(following)
        given = added(row.base.opening_withheld_work for row in following)
        opening = added(row.base.opening_work for row in following)
        figure = given + self._curve(work_of(following), value) - self._curve(opening, value)
        figure = self._over(given, figure)
        bounds = [self._tranche_bound(row, self._up) for row in following]
        low, high = added(low for low, _ in bounds), added(high for _, high in bounds)
        kept = added(row.work for row in following) - min(max(figure, low), high)
        return self._round(kept) if abs(kept) > self._noise(rows, loose=loose) else ZERO

    def _noise(self, rows: Sequence[Row], *, loose: bool) -> Decimal:
        """How much rounding alone may make: with rounding by contract what is left is on any line, and an opening
        balance or a release may have cents where there shall be none.
        """
        if self.terms.rounding is RetainageRounding.CONTRACT:
            loose = loose or any(not row.follows or row.prior.released for row in rows)
        elif self.terms.whole_units:
            parts = ((row.base.opening_withheld_work, row.prior.released) for row in rows)
            loose = any(self._round(each) != each for part in parts for each in part)
        else:
            return ZERO
        return self._unit * len(rows) if loose else ZERO
