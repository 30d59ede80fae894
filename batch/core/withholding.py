"""What is withheld to date on every line when the terms are more than a flat rate.

Each rule gives a figure of the whole contract, computed on to-date bases and rounded once. The lines share it:

- Steps are measured on the lines that follow them (no rate or amount of their own): their work to date in
  percent of their scheduled values. Stored materials keep their own rate and do not count.
- Forward steps: what was withheld before stays, and the work of this period adds what its tranches say at the
  contract's value of today. So a change order alone moves nothing, and while the value stands the figure is that of
  all tranches to date, rounded once. The movement goes to the lines in proportion to their work this period.
- A cap: a line keeps what it withheld as far as its own rate still carries it, and what is left below the cap
  goes to the lines in proportion to what each lacks. On a line work comes before stored materials. Lines with
  a negative value stay whole.
- Contract rounding: the difference stays on the last line that is not 0.
- Whole units: a cap is rounded down, and so is what would be more than the amount it is withheld from.

No line withholds less than was released on it or, for its opening tranche, than was withheld then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core import money
from batch.core.model import LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO, Rounding, added
from batch.core.retainage import position_after, still_the_opening
from batch.core.retainage_rules import (
    Row,
    Rules,
    bounds_of,
    kept_of_opening,
    share,
    terms_of_line,
    value_of,
    work_of,
)
from batch.core.retainage_terms import RetainageRounding, RetainageTerms, StepReach
from batch.core.sharing import settle, share_out


def positions_after(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    amounts: Mapping[str, LineAmounts],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
    kept: Decimal = ZERO,
) -> dict[str, LinePosition]:
    """The position of every line after one more bill. `amounts` has every line, exact in the currency; `kept` is from
    `kept_of_before`.
    """
    priors = {line.key: positions.get(line.key, LinePosition()) for line in lines}
    if terms.flat and all(line.retainage_amount is None for line in lines):
        return {
            line.key: position_after(
                priors[line.key], amounts[line.key], terms_of_line(terms, line), currency, rounding
            )
            for line in lines
        }
    contract = _Contract(terms=terms, currency=currency, rounding=rounding, kept=kept)
    return contract.settle(lines, priors, amounts)


@dataclass(frozen=True, kw_only=True)
class _Contract(Rules):
    """The rules, applied to all lines together."""

    def settle(
        self,
        lines: Sequence[SovLine],
        priors: Mapping[str, LinePosition],
        amounts: Mapping[str, LineAmounts],
    ) -> dict[str, LinePosition]:
        rows = [self._based(line, priors[line.key], amounts[line.key]) for line in lines]
        rows = self._rounded(self._by_rule(rows))
        rows = [_floored(row, row.prior.released) for row in rows]
        if self.terms.capped:
            rows = self._capped(rows)
        # What is shared does not depend on what this bill releases, so that all that is held can be released.
        rows = [_floored(row, row.base.released) for row in rows]
        return {row.line.key: self._position(row) for row in rows}

    def _based(self, line: SovLine, prior: LinePosition, amounts: LineAmounts) -> Row:
        base = replace(
            prior,
            work=prior.work + amounts.work,
            stored=amounts.stored,
            released=prior.released + amounts.release,
        )
        return Row(line=line, prior=prior, base=base)

    def _position(self, row: Row) -> LinePosition:
        def exact(value: Decimal) -> Decimal:
            return money.rounded(value, self.currency)

        base = row.base
        return replace(
            base,
            work=exact(base.work),
            released=exact(base.released),
            withheld_work=exact(row.work),
            withheld_stored=exact(row.stored),
        )

    # By rate and step ------------------------------------------------------------------------------------

    def _by_rule(self, rows: Sequence[Row]) -> list[Row]:
        rate = self.rate_now(rows)
        made = [self._by_rate(row, rate) for row in rows]
        following = [row for row in made if row.follows]
        if self.terms.steps and self.terms.reach is StepReach.LATER and following:
            by_key = self._by_tranche(following)
            made = [replace(row, work=by_key.get(row.line.key, row.work)) for row in made]
        return made

    def _by_rate(self, row: Row, rate: Decimal) -> Row:
        fixed = row.line.retainage_amount
        if fixed is not None:
            gross = row.base.work + row.base.stored
            return replace(row, work=row.up(min(fixed, max(row.up(gross), ZERO))))
        own = terms_of_line(self.terms, row.line)
        rate = own.work if row.line.retainage_work is not None else rate
        since = row.base.work - row.base.opening_work
        opening = still_the_opening(row.prior, row.base.stored)
        on_work = row.base.opening_withheld_work + share(since, rate)
        return replace(
            row,
            work=row.up(max(row.up(on_work), ZERO)),
            stored=row.base.opening_withheld_stored if opening else share(row.base.stored, own.stored),
        )

    def _by_tranche(self, rows: Sequence[Row]) -> dict[str, Decimal]:
        """The figure of all tranches, shared by the work of this period; exact to the currency."""
        value = value_of(rows)
        opening = added(row.base.opening_work for row in rows)
        given = added(row.base.opening_withheld_work for row in rows)
        before, after = added(row.prior.work for row in rows), work_of(rows)
        figure = given + self._curve(after, value) - self._curve(opening, value)
        moved = self._curve(after, value) - self._curve(before, value)
        margin = money.ratio(moved, after - before)
        wanted = [row.prior.withheld_work + (row.base.work - row.prior.work) * margin for row in rows]
        if self.terms.rounding is RetainageRounding.LINE:
            figure = self._over(given, figure)
        figure += self.kept
        shared = share_out(figure, wanted, self._tranche_bounds(rows, figure), self._round)
        return {row.line.key: amount for row, amount in zip(rows, shared, strict=True)}

    def rate_now(self, rows: Sequence[Row]) -> Decimal:
        """The rate that all work of the following lines bears now: past a step for all work, that step's."""
        following = [row for row in rows if row.follows]
        return self._rate_at(work_of(following), value_of(following))

    def given_back(self, row: Row, rate: Decimal, noise: Decimal) -> Decimal:
        """What a line's earlier work withholds less at the rate it bears now; 0 up to the noise of rounding."""
        prior, own = row.prior, row.line.retainage_work
        since = share(prior.work - prior.opening_work, rate if own is None else own)
        now = self._over(prior.opening_withheld_work, prior.opening_withheld_work + since)
        least = max(row.up(prior.released - prior.withheld_stored), ZERO)
        fall = max(row.up(now), least) - row.up(prior.withheld_work)
        went_on = row.up(row.base.work) >= row.up(prior.work)
        return row.up(fall) if went_on and fall < -noise else ZERO

    def may_be_re_rated(self, row: Row) -> bool:
        """Whether a line had work withheld on that a rate, and not a tranche or an amount, decides."""
        by_tranche = self.terms.steps and self.terms.reach is StepReach.LATER and row.follows
        return bool(row.prior.withheld_work) and row.line.retainage_amount is None and not by_tranche

    # Rounding, floors, caps ------------------------------------------------------------------------------

    def _rounded(self, rows: Sequence[Row]) -> list[Row]:
        given = [row.opening if row.work else ZERO for row in rows]
        works = [
            self._borne(row, self._over(opening, row.work), row.work, row.most)
            for opening, row in zip(given, rows, strict=True)
        ]
        stored = [self._borne(row, self._round(row.stored), row.stored, row.base.stored) for row in rows]
        if self.terms.rounding is RetainageRounding.CONTRACT:
            on_work, on_stored = added(row.work for row in rows), added(row.stored for row in rows)
            on_work, on_stored = self._over(added(given), on_work), self._round(on_stored)
            works = self._settled(rows, on_work, works, [row.most for row in rows], on_work=True)
            stored = self._settled(rows, on_stored, stored, [row.base.stored for row in rows], on_work=False)
        return [
            replace(row, work=on_work, stored=on_stored)
            for row, on_work, on_stored in zip(rows, works, stored, strict=True)
        ]

    def _settled(
        self,
        rows: Sequence[Row],
        total: Decimal,
        made: Sequence[Decimal],
        billed: Sequence[Decimal],
        *,
        on_work: bool,
    ) -> list[Decimal]:
        """The amounts with the rest on the last line that was billed enough to bear it, and beyond its opening balance;
        on any, where there is none: in whole units only as far as was billed.
        """
        rest = total - added(made)
        within, beyond = [], []
        for row, each, most in zip(rows, made, billed, strict=True):
            grown = each + rest if abs(each + rest) <= abs(most) else each
            least = min(kept_of_opening(row), row.up(each)) if on_work else ZERO
            within.append(bounds_of(row, least, max(row.up(each), row.up(grown))))
            top = abs(each) + abs(rest)
            if self._coarse:
                top = max(row.up(each), min(self._limit(row.up(most)), top))
            beyond.append(bounds_of(row, ZERO, top))
        return settle(total, settle(total, list(made), within), beyond)

    def _capped(self, rows: Sequence[Row]) -> list[Row]:
        limit = self.cap([row.line for row in rows])
        ups = [row for row in rows if not row.deducts]
        room = limit - added(row.work + row.stored for row in rows if row.deducts)
        bounds = [(min(_least(row), row.work + row.stored), row.work + row.stored) for row in ups]
        wanted = [
            min(row.prior.withheld_work + row.prior.withheld_stored, row.work + row.stored) for row in ups
        ]
        shared = share_out(room, wanted, bounds, self._round)
        by_key = {row.line.key: amount for row, amount in zip(ups, shared, strict=True)}
        return [_split(row, by_key.get(row.line.key)) for row in rows]


def _least(row: Row) -> Decimal:
    """The least a line withholds, counted upwards: what was released, and what its opening balance withheld."""
    opening = kept_of_opening(row)
    if still_the_opening(row.prior, row.base.stored) and row.line.retainage_amount is None:
        opening += row.up(row.base.opening_withheld_stored)
    return max(row.up(row.prior.released), opening)


def _floored(row: Row, released: Decimal) -> Row:
    """Stored materials not below 0, nor both components together below what was released."""
    stored = max(row.up(row.stored), ZERO)
    least = row.up(released) - stored
    return replace(row, work=row.up(max(row.up(row.work), least)), stored=row.up(stored))


def _split(row: Row, together: Decimal | None) -> Row:
    """A line's share below the cap: work first, then stored materials."""
    if together is None:
        return row
    work = min(row.work, together)
    return replace(row, work=work, stored=together - work)


def re_rated(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    after: Mapping[str, LinePosition],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> dict[str, Decimal]:
    """By line key, the retainage on earlier work that a lower rate gives back (its sign against the line's).

    A retroactive step, a rate after completion or a corrected rate does so; a forward step never does.
    """
    contract = _Contract(terms=terms, currency=currency, rounding=rounding)
    rows = [
        Row(line=line, prior=positions.get(line.key, LinePosition()), base=after[line.key]) for line in lines
    ]
    rate = contract.rate_now(rows)
    noise = money.unit(currency) * len(rows) if terms.rounding is RetainageRounding.CONTRACT else ZERO
    return {
        row.line.key: contract.given_back(row, rate, noise) if contract.may_be_re_rated(row) else ZERO
        for row in rows
    }
