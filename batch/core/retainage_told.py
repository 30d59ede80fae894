"""What each rule of retainage did to one pay application: the figure of every line taken apart, rule by rule.

The same rules are applied again with one of them more each time; what a rule did is the difference it made. So the parts
of a line always add up to what is withheld on it, and a rule that is not known here shows as the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from batch.core import money
from batch.core.kept import kept_of_before
from batch.core.model import Basis, LineAmounts, LinePosition, SovLine
from batch.core.money import HUNDRED, ZERO
from batch.core.retainage import still_the_opening
from batch.core.retainage_rules import Rules, terms_of_line
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageTerms, StepReach
from batch.core.stored import moved_to_previous
from batch.core.withholding import positions_after


class Step(StrEnum):
    """One rule, in the order in which they are applied."""

    OPENING = "opening"
    RATE = "rate"
    FIXED = "fixed amount"
    BEFORE = "withheld before"
    SHARE = "share of the steps"
    BOUNDS = "bounds"
    WHOLE_UNITS = "whole units"
    CONTRACT_ROUNDING = "contract rounding"
    CAP = "cap"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one rule did on one line: `amount` in money. `base` and `rate` (percent) where it is a rate.

    `since_opening`: the base is without the opening balance, whose retainage is never computed again.
    """

    step: Step
    amount: Decimal
    base: Decimal = ZERO
    rate: Decimal = ZERO
    since_opening: bool = False


@dataclass(frozen=True, kw_only=True)
class Tranche:
    """Work between two thresholds and the rate it bears; `end` is None for the last. Amounts in money."""

    start: Decimal
    end: Decimal | None
    rate: Decimal
    work: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class ContractRule:
    """The figures of the whole contract behind its lines.

    `done` of `value` is the work of the lines that follow the steps; `rate` the one that holds now for all work, where
    steps reach back. `stepped` is what the following lines withhold by the steps, `opening` what of it comes from opening
    balances beyond their own tranches, `kept` what was withheld
    under another value. `by_rules` is withheld to date before the cap, `limit` the cap, `withheld` what is
    withheld.
    """

    done: Decimal
    value: Decimal
    rate: Decimal
    tranches: tuple[Tranche, ...] = ()
    stepped: Decimal = ZERO
    opening: Decimal = ZERO
    kept: Decimal = ZERO
    by_rules: Decimal = ZERO
    cap_base: Decimal = ZERO
    limit: Decimal | None = None
    withheld: Decimal = ZERO

    @property
    def cut(self) -> Decimal:
        """What the cap took off."""
        return self.by_rules - self.withheld


@dataclass(frozen=True, kw_only=True)
class Told:
    """By line key the parts of what is withheld to date on work and on stored materials, and the contract's figures."""

    work: Mapping[str, tuple[Part, ...]]
    stored: Mapping[str, tuple[Part, ...]]
    contract: ContractRule


@dataclass(frozen=True, kw_only=True)
class Residual:
    """What a line bears of the difference between the contract's figure, rounded once, and the lines rounded each."""

    line: str
    work: Decimal = ZERO
    stored: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """On work and on stored materials together."""
        return self.work + self.stored


def residuals(found: Told) -> dict[str, Residual]:
    """By line key what contract rounding left on each line, 0 on most; it is part of what the line withholds to date."""

    def borne(parts: Sequence[Part]) -> Decimal:
        return sum((part.amount for part in parts if part.step is Step.CONTRACT_ROUNDING), ZERO)

    return {
        key: Residual(line=key, work=borne(found.work[key]), stored=borne(found.stored[key]))
        for key in found.work
    }


Positions = Mapping[str, LinePosition]
LINE = RetainageRounding.LINE


def told(basis: Basis, amounts: Mapping[str, LineAmounts]) -> Told:
    """Take apart what is withheld to date after a bill. `amounts` has every line of the schedule of values."""
    rate = _rate_now(basis, amounts)
    alone = replace(_uncapped(basis.retainage), work=rate, steps=(), rounding=LINE, whole_units=False)
    first, stages = _after(basis, amounts, alone), _stages(basis, amounts, alone)
    work = {line.key: _work(line, basis, first, stages, rate) for line in basis.lines}
    stored = {line.key: _stored(line, basis, first, stages) for line in basis.lines}
    return Told(work=work, stored=stored, contract=_contract(basis, amounts, rate, first, stages))


def _stages(
    basis: Basis, amounts: Mapping[str, LineAmounts], alone: RetainageTerms
) -> list[tuple[Step, Positions]]:
    """The positions after each rule that the contract has beyond rates, one rule more each time."""
    terms, now, found = basis.retainage, alone, []
    if terms.steps and terms.reach is StepReach.LATER:
        now = replace(now, work=terms.work, steps=terms.steps)
        found.append((Step.SHARE, _after(basis, amounts, now)))
    if terms.whole_units:
        now = replace(now, whole_units=True)
        found.append((Step.WHOLE_UNITS, _after(basis, amounts, now)))
    if terms.rounding is not LINE:
        now = replace(now, rounding=terms.rounding)
        found.append((Step.CONTRACT_ROUNDING, _after(basis, amounts, now)))
    if terms.capped:
        now = replace(now, cap_percent=terms.cap_percent, cap_amount=terms.cap_amount)
        found.append((Step.CAP, _after(basis, amounts, now)))
    # What the whole of the rules gives beyond the single ones: a release that keeps a line from falling, for instance.
    found.append((Step.BOUNDS, _after(basis, amounts, terms)))
    return found


def _after(basis: Basis, amounts: Mapping[str, LineAmounts], terms: RetainageTerms) -> Positions:
    return positions_after(
        basis.lines, basis.positions, amounts, terms, basis.currency, basis.rounding, kept(basis)
    )


def kept(basis: Basis) -> Decimal:
    """What forward steps keep of what was withheld before, beyond the tranches of today's value."""
    moved = moved_to_previous(basis)
    return kept_of_before(
        basis.lines, basis.positions, basis.retainage, basis.currency, basis.rounding, moved
    )


def follows(line: SovLine) -> bool:
    """Whether a line follows the contract's steps: it has no rate on work and no amount of its own."""
    return line.retainage_work is None and line.retainage_amount is None


def _progress(basis: Basis, amounts: Mapping[str, LineAmounts]) -> tuple[Decimal, Decimal]:
    lines = [line for line in basis.lines if follows(line)]
    done = sum((_prior(basis, line.key).work + amounts[line.key].work for line in lines), ZERO)
    return done, sum((line.scheduled_value for line in lines), ZERO)


def _rate_now(basis: Basis, amounts: Mapping[str, LineAmounts]) -> Decimal:
    """The rate of all work: where steps reach back, that of the last step passed."""
    rate = basis.retainage.work
    if basis.retainage.reach is StepReach.ALL:
        done, value = _progress(basis, amounts)
        sign = -1 if value < 0 else 1
        for step in basis.retainage.steps:
            if value and done * sign > money.ratio(value * sign * step.past, HUNDRED):
                rate = step.rate
    return rate


def _prior(basis: Basis, key: str) -> LinePosition:
    return basis.positions.get(key, LinePosition())


def _work(
    line: SovLine, basis: Basis, first: Positions, stages: Sequence[tuple[Step, Positions]], rate: Decimal
) -> tuple[Part, ...]:
    prior, now = _prior(basis, line.key), first[line.key].withheld_work
    if line.retainage_amount is not None:
        made = [Part(step=Step.FIXED, amount=now, base=line.retainage_amount)]
        return (*made, *_later(line.key, "withheld_work", now, stages))
    if stages and stages[0][0] is Step.SHARE and follows(line):
        now = stages[0][1][line.key].withheld_work
        made = [
            Part(step=Step.BEFORE, amount=prior.withheld_work),
            Part(
                step=Step.SHARE,
                amount=now - prior.withheld_work,
                base=first[line.key].work - prior.work,
            ),
        ]
        return (*_told(made), *_later(line.key, "withheld_work", now, stages[1:]))
    own = line.retainage_work if line.retainage_work is not None else rate
    since = first[line.key].work - prior.opening_work
    by_rate = money.percent_of(since, own, basis.currency, basis.rounding)
    made = [
        Part(step=Step.OPENING, amount=prior.opening_withheld_work, base=prior.opening_work),
        Part(
            step=Step.RATE,
            amount=by_rate,
            base=since,
            rate=own,
            since_opening=bool(prior.opening_work),
        ),
        Part(step=Step.BOUNDS, amount=now - prior.opening_withheld_work - by_rate),
    ]
    return (*_told(made), *_later(line.key, "withheld_work", now, stages))


def _stored(
    line: SovLine, basis: Basis, first: Positions, stages: Sequence[tuple[Step, Positions]]
) -> tuple[Part, ...]:
    prior, after = _prior(basis, line.key), first[line.key]
    if line.retainage_amount is not None:
        return tuple(_later(line.key, "withheld_stored", after.withheld_stored, stages))
    if still_the_opening(prior, after.stored):
        made = [Part(step=Step.OPENING, amount=prior.opening_withheld_stored, base=prior.opening_stored)]
    else:
        rate = terms_of_line(basis.retainage, line).stored
        by_rate = money.percent_of(after.stored, rate, basis.currency, basis.rounding)
        made = [Part(step=Step.RATE, amount=by_rate, base=after.stored, rate=rate)]
    made.append(Part(step=Step.BOUNDS, amount=after.withheld_stored - made[0].amount))
    return (*_told(made), *_later(line.key, "withheld_stored", after.withheld_stored, stages))


def _told(parts: Sequence[Part]) -> list[Part]:
    """Parts without those that did nothing; a rate is told also where it comes to nothing."""
    return [part for part in parts if part.amount or (part.step is Step.RATE and part.base)]


def _later(
    key: str, name: str, before: Decimal, stages: Sequence[tuple[Step, Positions]]
) -> tuple[Part, ...]:
    found = []
    for step, positions in stages:
        now = getattr(positions[key], name)
        if now != before:
            # Steps change other lines only through rounding and bounds.
            found.append(Part(step=Step.BOUNDS if step is Step.SHARE else step, amount=now - before))
        before = now
    return tuple(found)


def _contract(
    basis: Basis,
    amounts: Mapping[str, LineAmounts],
    rate: Decimal,
    first: Positions,
    stages: Sequence[tuple[Step, Positions]],
) -> ContractRule:
    done, value = _progress(basis, amounts)
    last = stages[-1][1]
    uncapped = [positions for step, positions in stages if step not in (Step.CAP, Step.BOUNDS)]
    following = [line.key for line in basis.lines if follows(line)]
    stepped = next((positions for step, positions in stages if step is Step.SHARE), first)
    tranches = tuple(_tranches(basis, done, value)) if basis.retainage.steps else ()
    base = _cap_base(basis)
    return ContractRule(
        done=done,
        value=value,
        rate=rate,
        tranches=tranches,
        stepped=sum((stepped[key].withheld_work for key in following), ZERO),
        opening=_opening(basis, following, value) if tranches else ZERO,
        kept=kept(basis),
        by_rules=_withheld(uncapped[-1] if uncapped else first),
        cap_base=base,
        limit=_limit(basis),
        withheld=_withheld(last),
    )


def _opening(basis: Basis, keys: Sequence[str], value: Decimal) -> Decimal:
    """What was withheld on opening balances, less what the tranches count for the same work."""
    given = sum((_prior(basis, key).opening_withheld_work for key in keys), ZERO)
    work = sum((_prior(basis, key).opening_work for key in keys), ZERO)
    return given - sum((one.amount for one in _tranches(basis, work, value)), ZERO)


def _uncapped(terms: RetainageTerms) -> RetainageTerms:
    return replace(terms, cap_percent=None, cap_amount=None)


def _withheld(positions: Positions) -> Decimal:
    return sum((each.withheld_work + each.withheld_stored for each in positions.values()), ZERO)


def _cap_base(basis: Basis) -> Decimal:
    original = basis.retainage.cap_of is CapOf.ORIGINAL
    lines = (line for line in basis.lines if not (original and line.change_order))
    return sum((line.before_changes if original else line.scheduled_value for line in lines), ZERO)


def _limit(basis: Basis) -> Decimal | None:
    terms = basis.retainage
    rules = Rules(terms=terms, currency=basis.currency, rounding=basis.rounding)
    return money.rounded(rules.cap(basis.lines), basis.currency) if terms.capped else None


def _tranches(basis: Basis, done: Decimal, value: Decimal) -> list[Tranche]:
    """The tranches of the contract up to the work that is done, each at its rate; mirrored for a value below zero."""
    if value < 0:
        return [_mirrored(one) for one in _tranches(basis, -done, -value)]
    start, rate, found = ZERO, basis.retainage.work, []
    ends: list[tuple[Decimal | None, Decimal]] = [
        (max(money.ratio(value * step.past, HUNDRED), ZERO), step.rate) for step in basis.retainage.steps
    ]
    for end, following in [*ends, (None, ZERO)]:
        top = done if end is None else min(done, end)
        work = top - min(done, start)
        found.append(
            Tranche(start=start, end=end, rate=rate, work=work, amount=money.ratio(work * rate, HUNDRED))
        )
        start, rate = end or ZERO, following
    return [tranche for tranche in found if tranche.work]


def _mirrored(one: Tranche) -> Tranche:
    end = None if one.end is None else -one.end
    return replace(one, start=-one.start, end=end, work=-one.work, amount=-one.amount)
