"""What is withheld to date on every line when the terms are more than a flat rate.

Each rule gives a figure of the whole contract, computed on to-date bases and rounded once. The lines share it:

- Steps are measured on the lines that follow them (no rate or amount of their own): their work to date in
  percent of their scheduled values. Stored materials keep their own rate and do not count.
- Forward steps: the movement of the contract's figure goes to the lines in proportion to their work this
  period, so that a finished line keeps what it withheld.
- A cap: a line keeps what it withheld as far as its own rate still carries it, and what is left below the cap
  goes to the lines in proportion to what each lacks. On a line work comes before stored materials. Lines with
  a negative value stay whole.
- Contract rounding: the difference stays on the last line that is not 0.

No line withholds less than was released on it or, for its opening tranche, than was withheld then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core import money
from batch.core.model import LineAmounts, LinePosition, SovLine
from batch.core.money import HUNDRED, ZERO, Rounding
from batch.core.retainage import position_after, still_the_opening
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageTerms, StepReach
from batch.core.sharing import Bounds, settle, share_out


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One line at its new bases. `work` and `stored` are withheld to date, exact until they are rounded."""

    line: SovLine
    prior: LinePosition
    base: LinePosition
    work: Decimal = ZERO
    stored: Decimal = ZERO

    @property
    def sign(self) -> int:
        return -1 if self.line.scheduled_value < 0 else 1

    @property
    def follows(self) -> bool:
        return self.line.retainage_work is None and self.line.retainage_amount is None

    @property
    def opening(self) -> Decimal:
        """Withheld on work by the opening balance, as far as it counts: an amount of money replaces it."""
        return self.base.opening_withheld_work if self.line.retainage_amount is None else ZERO

    @property
    def most(self) -> Decimal:
        """What retainage on work is withheld from; an amount of money is withheld from stored materials too."""
        return self.base.work + (ZERO if self.line.retainage_amount is None else self.base.stored)


def positions_after(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    amounts: Mapping[str, LineAmounts],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> dict[str, LinePosition]:
    """The position of every line after one more bill. `amounts` has every line, exact in the currency."""
    priors = {line.key: positions.get(line.key, LinePosition()) for line in lines}
    if terms.flat and all(line.retainage_amount is None for line in lines):
        return {
            line.key: position_after(
                priors[line.key], amounts[line.key], terms_of_line(terms, line), currency, rounding
            )
            for line in lines
        }
    contract = _Contract(terms=terms, currency=currency, rounding=rounding)
    return contract.settle(lines, priors, amounts)


def terms_of_line(terms: RetainageTerms, line: SovLine) -> RetainageTerms:
    """The terms with a line's own rates, which go before the contract's."""
    return terms.with_rates(line.retainage_work, line.retainage_stored)


@dataclass(frozen=True, kw_only=True)
class _Contract:
    terms: RetainageTerms
    currency: str
    rounding: Rounding

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

    def _based(self, line: SovLine, prior: LinePosition, amounts: LineAmounts) -> _Row:
        base = replace(
            prior,
            work=prior.work + amounts.work,
            stored=amounts.stored,
            released=prior.released + amounts.release,
        )
        return _Row(line=line, prior=prior, base=base)

    def _position(self, row: _Row) -> LinePosition:
        def exact(value: Decimal) -> Decimal:
            return money.rounded(value, self.currency)

        base = row.base
        return replace(
            base,
            work=exact(base.work),
            stored=exact(base.stored),
            released=exact(base.released),
            withheld_work=exact(row.work),
            withheld_stored=exact(row.stored),
        )

    def _round(self, value: Decimal) -> Decimal:
        if self.terms.whole_units:
            return money.whole(value, self.currency, self.rounding)
        return money.rounded(value, self.currency, self.rounding)

    def _over(self, opening: Decimal, withheld: Decimal) -> Decimal:
        """What is withheld, rounded: an opening tranche stays as it is, unless it has cents where there are to be none."""
        if self._round(opening) != opening:
            return self._round(withheld)
        return opening + self._round(withheld - opening)

    # By rate and step ------------------------------------------------------------------------------------

    def _by_rule(self, rows: Sequence[_Row]) -> list[_Row]:
        following = [row for row in rows if row.follows]
        done, value = _work(following), sum((row.line.scheduled_value for row in following), ZERO)
        rate = self._rate_at(done, value) if self.terms.reach is StepReach.ALL else self.terms.work
        made = [self._by_rate(row, rate) for row in rows]
        if self.terms.steps and self.terms.reach is StepReach.LATER and following:
            by_key = self._by_tranche([row for row in made if row.follows], value)
            made = [replace(row, work=by_key.get(row.line.key, row.work)) for row in made]
        return made

    def _by_rate(self, row: _Row, rate: Decimal) -> _Row:
        fixed = row.line.retainage_amount
        if fixed is not None:
            gross = row.base.work + row.base.stored
            return replace(row, work=min(fixed, max(gross * row.sign, ZERO)) * row.sign, stored=ZERO)
        own = terms_of_line(self.terms, row.line)
        rate = own.work if row.line.retainage_work is not None else rate
        since = row.base.work - row.base.opening_work
        opening = still_the_opening(row.prior, row.base.stored)
        on_work = row.base.opening_withheld_work + _share(since, rate)
        return replace(
            row,
            work=max(on_work * row.sign, ZERO) * row.sign,
            stored=row.base.opening_withheld_stored if opening else _share(row.base.stored, own.stored),
        )

    def _rate_at(self, done: Decimal, value: Decimal) -> Decimal:
        """The rate that holds at this much work: a step counts past its percent, not at it."""
        if value < 0:
            return self._rate_at(-done, -value)
        rate = self.terms.work
        for step in self.terms.steps:
            if value and done > _share(value, step.past):
                rate = step.rate
        return rate

    def _curve(self, done: Decimal, value: Decimal) -> Decimal:
        """Retainage on so much work, each part of it at the rate of its tranche."""
        if value < 0:
            return -self._curve(-done, -value)
        if done < 0:
            return _share(done, self.terms.work)
        found, start, rate = ZERO, ZERO, self.terms.work
        for step in self.terms.steps:
            end = _share(value, step.past)
            found += _share(min(done, end) - min(done, start), rate)
            start, rate = end, step.rate
        return found + _share(done - min(done, start), rate)

    def _by_tranche(self, rows: Sequence[_Row], value: Decimal) -> dict[str, Decimal]:
        """The figure of all tranches, shared by the work of this period; exact to the currency."""
        opening = sum((row.base.opening_work for row in rows), ZERO)
        given = sum((row.base.opening_withheld_work for row in rows), ZERO)
        before, after = sum((row.prior.work for row in rows), ZERO), _work(rows)
        figure = given + self._curve(after, value) - self._curve(opening, value)
        moved = self._curve(after, value) - self._curve(before, value)
        margin = money.ratio(moved, after - before)
        bounds = [self._tranche_bounds(row) for row in rows]
        wanted = [row.prior.withheld_work + (row.base.work - row.prior.work) * margin for row in rows]
        if self.terms.rounding is RetainageRounding.LINE:
            figure = self._over(given, figure)
        shared = share_out(figure, wanted, bounds, self._round)
        return {row.line.key: amount for row, amount in zip(rows, shared, strict=True)}

    def _tranche_bounds(self, row: _Row) -> Bounds:
        """Between what was released (or withheld at the opening) and the highest rate on all its work."""
        highest = max(self.terms.work, *(step.rate for step in self.terms.steps))
        most = row.base.opening_withheld_work + _share(row.base.work - row.base.opening_work, highest)
        # One unit more than rounding gives: many lines that round down leave a rest of the contract's figure.
        ceiling = self._round(most) * row.sign + (
            Decimal(1) if self.terms.whole_units else money.unit(self.currency)
        )
        unreleased = row.prior.released * row.sign - self._round(row.stored) * row.sign
        return _bounds(row, max(unreleased, _kept_of_opening(row), ZERO), ceiling)

    def rate_now(self, rows: Sequence[_Row]) -> Decimal:
        """The rate that the following lines' earlier work bears now: past a step for all work, that step's."""
        if self.terms.reach is StepReach.LATER:
            return self.terms.work
        following = [row for row in rows if row.follows]
        return self._rate_at(_work(following), sum((row.line.scheduled_value for row in following), ZERO))

    def given_back(self, row: _Row, rate: Decimal, noise: Decimal) -> Decimal:
        """What a line's earlier work withholds less at the rate it bears now; 0 up to the noise of rounding."""
        prior, sign, own = row.prior, row.sign, row.line.retainage_work
        since = _share(prior.work - prior.opening_work, rate if own is None else own)
        now = self._over(prior.opening_withheld_work, prior.opening_withheld_work + since)
        least = max(prior.released * sign - prior.withheld_stored * sign, ZERO)
        fall = max(now * sign, least) - prior.withheld_work * sign
        went_on = row.base.work * sign >= prior.work * sign
        return fall * sign if went_on and fall < -noise else ZERO

    def may_be_re_rated(self, row: _Row) -> bool:
        """Whether a line had work withheld on that a rate, and not a tranche or an amount, decides."""
        by_tranche = self.terms.steps and self.terms.reach is StepReach.LATER and row.follows
        return bool(row.prior.withheld_work) and row.line.retainage_amount is None and not by_tranche

    # Rounding, floors, caps ------------------------------------------------------------------------------

    def _rounded(self, rows: Sequence[_Row]) -> list[_Row]:
        given = [row.opening if row.work else ZERO for row in rows]
        works = [self._over(opening, row.work) for opening, row in zip(given, rows, strict=True)]
        stored = [self._round(row.stored) for row in rows]
        if self.terms.rounding is RetainageRounding.CONTRACT:
            on_work, on_stored = _sum(row.work for row in rows), _sum(row.stored for row in rows)
            works = _settled(
                rows, self._over(_sum(given), on_work), works, [row.most for row in rows], on_work=True
            )
            stored = _settled(
                rows, self._round(on_stored), stored, [row.base.stored for row in rows], on_work=False
            )
        return [
            replace(row, work=on_work, stored=on_stored)
            for row, on_work, on_stored in zip(rows, works, stored, strict=True)
        ]

    def _capped(self, rows: Sequence[_Row]) -> list[_Row]:
        limit = self._cap([row.line for row in rows])
        together = sum((row.work + row.stored for row in rows), ZERO)
        if together <= limit:
            return list(rows)
        ups = [row for row in rows if row.sign > 0]
        room = limit - sum((row.work + row.stored for row in rows if row.sign < 0), ZERO)
        bounds = [(min(_least(row), row.work + row.stored), row.work + row.stored) for row in ups]
        wanted = [
            min(row.prior.withheld_work + row.prior.withheld_stored, row.work + row.stored) for row in ups
        ]
        shared = share_out(room, wanted, bounds, self._round)
        by_key = {row.line.key: amount for row, amount in zip(ups, shared, strict=True)}
        return [_split(row, by_key.get(row.line.key)) for row in rows]

    def _cap(self, lines: Sequence[SovLine]) -> Decimal:
        if self.terms.cap_amount is not None:
            return self._round(self.terms.cap_amount)
        original = self.terms.cap_of is CapOf.ORIGINAL
        counted = (
            line.before_changes if original else line.scheduled_value
            for line in lines
            if not (original and line.change_order)
        )
        return max(self._round(_share(sum(counted, ZERO), self.terms.cap_percent or ZERO)), ZERO)


def _work(rows: Sequence[_Row]) -> Decimal:
    return sum((row.base.work for row in rows), ZERO)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _share(base: Decimal, percent: Decimal) -> Decimal:
    return money.ratio(base * percent, HUNDRED)


def _least(row: _Row) -> Decimal:
    """The least a line withholds, counted upwards: what was released, and what its opening balance withheld."""
    opening = _kept_of_opening(row)
    if still_the_opening(row.prior, row.base.stored) and row.line.retainage_amount is None:
        opening += row.base.opening_withheld_stored * row.sign
    return max(row.prior.released * row.sign, opening, ZERO)


def _kept_of_opening(row: _Row) -> Decimal:
    """What the opening tranche withheld on work, counted upwards, unless work was taken back out of it."""
    whole = row.base.work * row.sign >= row.base.opening_work * row.sign
    return row.opening * row.sign if whole else ZERO


def _bounds(row: _Row, floor: Decimal, ceiling: Decimal) -> Bounds:
    top = max(floor, ceiling)
    return (floor, top) if row.sign > 0 else (-top, -floor)


def _settled(
    rows: Sequence[_Row], total: Decimal, made: Sequence[Decimal], billed: Sequence[Decimal], *, on_work: bool
) -> list[Decimal]:
    """The amounts with the rest on the last line that was billed enough to bear it, and beyond its opening balance; on
    any, where there is none.
    """
    rest = total - _sum(made)
    within, beyond = [], []
    for row, each, most in zip(rows, made, billed, strict=True):
        grown = each + rest if abs(each + rest) <= abs(most) else each
        least = min(_kept_of_opening(row), each * row.sign) if on_work else ZERO
        within.append(_bounds(row, least, max(each * row.sign, grown * row.sign)))
        beyond.append(_bounds(row, ZERO, abs(each) + abs(rest)))
    return settle(total, settle(total, list(made), within), beyond)


def _floored(row: _Row, released: Decimal) -> _Row:
    """Neither component below 0, nor both together below what was released."""
    stored = max(row.stored * row.sign, ZERO)
    least = released * row.sign - stored
    return replace(row, work=max(row.work * row.sign, least, ZERO) * row.sign, stored=stored * row.sign)


def _split(row: _Row, together: Decimal | None) -> _Row:
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
        _Row(line=line, prior=positions.get(line.key, LinePosition()), base=after[line.key]) for line in lines
    ]
    rate = contract.rate_now(rows)
    noise = money.unit(currency) * len(rows) if terms.rounding is RetainageRounding.CONTRACT else ZERO
    return {
        row.line.key: contract.given_back(row, rate, noise) if contract.may_be_re_rated(row) else ZERO
        for row in rows
    }
