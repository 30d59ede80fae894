"""Retainage withheld to date once more, from the form's definitions, with plain fractions.

Written from what the form and the terms of retainage say, not from `batch.core`, and importing nothing of it: two
calculations that agree were wrong in the same way only by chance. Amounts are integers in minor units, rates are
fractions (1/10 is ten per cent). Where the terms give one figure of the contract and leave open how its lines share
it, `Figure` says the figure and, per line, only the bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from tests.proof.agreed import NOTHING, Line, Rounding, State, Terms


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """Retainage withheld to date on one line, where its own terms alone say it."""

    work: int
    stored: int

    @property
    def all(self) -> int:
        """On work and on stored materials."""
        return self.work + self.stored


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Withheld to date on the contract: `least` and `most` differ only where the terms leave something open.

    `lines` has the lines whose figure is their own.
    """

    least: int
    most: int
    lines: Mapping[str, Withheld] = field(default_factory=dict)


def _bounded(amount: int, sign: int, floor: int = 0) -> int:
    """In the line's sign, and never below a floor in that sign."""
    return sign * max(sign * amount, sign * floor, 0)


def rate_at(terms: Terms, done: int, value: int) -> Fraction:
    """The rate of work past the last step that is behind: more than it, not at it."""
    rate = terms.work
    for past, later in terms.steps:
        if value and Fraction(done, value) > past:
            rate = later
    return rate


def by_tranche(terms: Terms, done: int, value: int) -> Fraction:
    """Retainage on the first `done` of `value`: each tranche at its own rate up to and including its threshold."""
    if value < 0:
        return -by_tranche(terms, -done, -value)
    if done < 0:
        return terms.work * done
    found, start, rate = NOTHING, NOTHING, terms.work
    for past, later in terms.steps:
        edge = max(past * value, NOTHING)
        if done <= edge:
            break
        found, start, rate = found + rate * (edge - start), edge, later
    return found + rate * (done - start)


def _on_work(line: Line, state: State, rate: Fraction) -> tuple[int, Fraction]:
    """What is certain already and what a rate adds to it, before rounding."""
    if line.amount is not None:
        billed = line.sign * (state.work + state.stored)
        return 0, Fraction(line.sign * min(abs(line.amount), max(billed, 0)))
    adds = (rate if line.work_rate is None else line.work_rate) * (state.work - state.opening_work)
    if line.sign * (state.opening_withheld + adds) < 0:  # work taken back out of the opening tranche
        return 0, NOTHING
    return state.opening_withheld, adds


def _on_stored(line: Line, state: State, terms: Terms) -> Fraction:
    if line.amount is not None:
        return NOTHING
    if state.opening_stored and state.stored == state.opening_stored:
        return Fraction(state.opening_on_stored)
    return (terms.stored if line.stored_rate is None else line.stored_rate) * state.stored


def withheld(lines: Iterable[Line], states: Mapping[str, State], terms: Terms, rounding: Rounding) -> Figure:
    """Retainage withheld to date by the terms, on to-date bases, each figure rounded once."""
    rows = list(lines)
    figure = _without_cap(rows, states, terms, rounding)
    if terms.cap_of:
        figure = _capped(figure, rows, states, terms, rounding)
    if terms.whole_units and any(_has_cents(states[line.key], rounding.unit) for line in rows):
        # Nothing less than what was released or what an opening balance withheld, which may have cents.
        slack = rounding.unit * len(rows)
        slack = slack if len(figure.lines) < len(rows) else 0
        figure = replace(figure, least=figure.least - slack, most=figure.most + slack)
    return figure


def _has_cents(state: State, unit: int) -> bool:
    return any(
        each % unit
        for each in (state.released, state.before_released, state.opening_withheld, state.opening_on_stored)
    )


def _without_cap(rows: list[Line], states: Mapping[str, State], terms: Terms, rounding: Rounding) -> Figure:
    step = rounding.unit if terms.whole_units else 1
    following = [line for line in rows if line.follows]
    value = sum(line.value for line in following)
    done = sum(states[line.key].work for line in following)
    rate = rate_at(terms, done, value) if terms.retroactive else terms.work
    exact = {
        line.key: (*_on_work(line, states[line.key], rate), _on_stored(line, states[line.key], terms))
        for line in rows
    }
    if terms.retroactive or not terms.steps or not following:
        return _by_line(rows, states, exact, rounding, step, by_contract=terms.by_contract)
    before = sum(states[line.key].opening_work for line in following)
    in_common = by_tranche(terms, done, value) - by_tranche(terms, before, value)
    return _by_group(rows, states, exact, in_common, terms, rounding)


#: By line: what is certain on work, what the rate adds, and what is withheld on stored materials; not rounded.
_Exact = Mapping[str, tuple[int, Fraction, Fraction]]


def _floored(line: Line, state: State, work: int, stored: int) -> Withheld:
    """Each in the line's sign, and together never less than was released."""
    on_work, on_stored = _bounded(work, line.sign), _bounded(stored, line.sign)
    missing = max(0, line.sign * (state.released - on_work - on_stored))
    return Withheld(work=on_work + line.sign * missing, stored=on_stored)


def _by_line(
    rows: list[Line],
    states: Mapping[str, State],
    exact: _Exact,
    rounding: Rounding,
    step: int,
    *,
    by_contract: bool,
) -> Figure:
    works = {
        line.key: _borne(
            line, rounding.over(given, adds, step), given + adds, _base(line, states[line.key]), step
        )
        for line in rows
        for given, adds, _ in (exact[line.key],)
    }
    stored = {
        line.key: _borne(line, rounding.to(balance, step), balance, states[line.key].stored, step)
        for line in rows
        for _, _, balance in (exact[line.key],)
    }
    if by_contract:
        given, adds = (
            sum(each[0] for each in exact.values()),
            sum((each[1] for each in exact.values()), NOTHING),
        )
        on_work = rounding.over(given, adds, step)
        on_stored = rounding.to(sum((each[2] for each in exact.values()), NOTHING), step)
        billed = {line.key: _base(line, states[line.key]) for line in rows}
        balance = {line.key: states[line.key].stored for line in rows}
        kept = {line.key: _opening_kept(line, states[line.key]) for line in rows}
        settled = _with_the_rest(works, on_work, billed, kept)
        if not (settled and _with_the_rest(stored, on_stored, balance, dict.fromkeys(kept, 0))):
            # In whole units no line bears more of the rest than was billed on it, so that some of it may be left.
            left = 2 * step * len(rows) if step > 1 else 0  # on work and on stored materials
            return _open(rows, states, exact, step, on_work + on_stored - left, on_work + on_stored + left)
    made = {line.key: _floored(line, states[line.key], works[line.key], stored[line.key]) for line in rows}
    total = sum(each.all for each in made.values())
    return Figure(least=total, most=total, lines=made)


def _base(line: Line, state: State) -> int:
    """What retainage on work is withheld from."""
    return state.work + (0 if line.amount is None else state.stored)


def _borne(line: Line, rounded: int, exact: Fraction | int, base: int, step: int) -> int:
    """Whole units are rounded down where up would be more than what they are withheld from."""
    if step == 1 or line.sign * rounded <= line.sign * base:
        return rounded
    return line.sign * floor(Fraction(line.sign * exact) / step) * step


def _with_the_rest(
    made: dict[str, int], total: int, billed: Mapping[str, int], kept: Mapping[str, int]
) -> bool:
    """Put the difference to the contract's figure on the last line that is not 0; False where it does not fit there."""
    last = next((key for key in reversed(made) if made[key]), None)
    rest = total - sum(made.values())
    if rest == 0:
        return True
    if last is None or abs(made[last]) < abs(rest) or abs(made[last] + rest) > abs(billed[last]):
        return False
    if abs(made[last] + rest) < abs(kept[last]):
        return False
    made[last] += rest
    return True


def _open(
    rows: list[Line], states: Mapping[str, State], exact: _Exact, step: int, least: int, most: int
) -> Figure:
    """A contract's figure that its lines share: a line of which more was released than its own figure adds to it."""
    ends = [least, most]
    for line in rows:
        released = line.sign * states[line.key].released
        given, adds, stored = exact[line.key]
        short = released - max(line.sign * (given + adds + stored), NOTHING) + step
        if released and short > 0:
            ends[line.sign > 0] += line.sign * ceil(short)
    return Figure(least=ends[0], most=ends[1])


def _group_bounds(
    line: Line, state: State, stored: int, highest: Fraction, rounding: Rounding, step: int
) -> tuple[int, int]:
    """What a line that follows forward steps withholds on work at least and at most."""
    least = max(line.sign * (state.released - stored), line.sign * _opening_kept(line, state), 0)
    ceiling = line.sign * (state.opening_withheld + highest * (state.work - state.opening_work))
    top = ceil(ceiling / step) * step  # rounded up where the contract's figure needs it
    if step > 1 and top > line.sign * state.work:
        top = floor(ceiling / step) * step
    top = max(top, least)
    return (least, top) if line.sign > 0 else (-top, -least)


def _by_group(
    rows: list[Line],
    states: Mapping[str, State],
    exact: _Exact,
    in_common: Fraction,
    terms: Terms,
    rounding: Rounding,
) -> Figure:
    """Forward steps: one figure of the lines that follow them; the other lines have their own."""
    step = rounding.unit if terms.whole_units else 1
    following = [line for line in rows if line.follows]
    apart = [line for line in rows if not line.follows]
    given = sum(states[line.key].opening_withheld for line in following)
    stored = {
        line.key: _borne(line, rounding.to(balance, step), balance, states[line.key].stored, step)
        for line in following
        for balance in (exact[line.key][2],)
    }
    highest = max(terms.work, *(rate for _, rate in terms.steps))

    low, high = _group_ends(following, states, stored, highest, rounding, step)
    kept = _kept_of_before(rows, states, terms, rounding)
    if not terms.by_contract:
        figure = min(max(rounding.over(given, in_common, step) + kept, low), high)
        rest = _by_line(apart, states, exact, rounding, step, by_contract=False)
        add = rest.least + sum(_bounded(stored[line.key], line.sign) for line in following)
        # How much of what a cap had left was on materials that are work by now is open, and so what it leaves to keep.
        materials = sum(abs(states[line.key].before_stored) for line in rows) if terms.cap_of else 0
        return Figure(least=figure + add - materials, most=figure + add + materials, lines=rest.lines)
    all_given = given + sum(exact[line.key][0] for line in apart)
    others = sum((exact[line.key][1] for line in apart), NOTHING)
    on_stored = rounding.to(sum((each[2] for each in exact.values()), NOTHING), step)
    exactly = min(max(given + in_common + kept, Fraction(low)), Fraction(high))
    figure = rounding.over(all_given, exactly - given + others, step) + on_stored
    # Where a release bounds a line, it depends on the line's share of stored materials, which is open by a unit; so does
    # what was withheld before, where it does not say itself what the tranches give.
    free = exactly == given + in_common and not any(states[line.key].released for line in following)
    # In whole units no line bears more of the rest than was billed on it, so that some of it may be left.
    slack = 0 if free and step == 1 else 2 * step * len(rows)
    slack += sum(abs(states[line.key].before_stored) for line in rows) if terms.cap_of else 0
    return _open(apart, states, exact, step, figure - slack, figure + slack)


def _group_ends(
    following: list[Line],
    states: Mapping[str, State],
    stored: Mapping[str, int],
    highest: Fraction,
    rounding: Rounding,
    step: int,
) -> tuple[int, int]:
    """What all lines that follow forward steps withhold on work at least and at most."""
    bounds = [
        _group_bounds(line, states[line.key], stored[line.key], highest, rounding, step) for line in following
    ]
    return sum(low for low, _ in bounds), sum(high for _, high in bounds)


def _kept_of_before(rows: list[Line], states: Mapping[str, State], terms: Terms, rounding: Rounding) -> int:
    """Earlier work keeps what was withheld on it: by how much that is not what today's tranches give for it."""
    step = rounding.unit if terms.whole_units else 1
    following = [line for line in rows if line.follows]
    at = {line.key: states[line.key] for line in rows}
    ledger = sum(at[line.key].before_on_work for line in following)
    in_all = sum(each.before_on_work + each.before_on_stored for each in at.values())
    if terms.cap_of and in_all >= cap_of(terms, rows, rounding):
        return 0  # the cap said what was withheld
    if all(at[line.key].before_work == at[line.key].opening_work for line in following):
        return 0
    value = sum(line.value for line in following)
    done = by_tranche(terms, sum(at[line.key].before_work for line in following), value)
    done -= by_tranche(terms, sum(at[line.key].opening_work for line in following), value)
    then = {
        key: replace(each, work=each.before_work, released=each.before_released) for key, each in at.items()
    }
    on_stored = {key: each.before_on_stored for key, each in at.items()}
    highest = max(terms.work, *(rate for _, rate in terms.steps))
    low, high = _group_ends(following, then, on_stored, highest, rounding, step)
    given = sum(at[line.key].opening_withheld for line in following)
    kept = ledger - min(max(rounding.over(given, done, step), low), high)
    return rounding.to(Fraction(kept), step) if abs(kept) > _noise(rows, then, terms, rounding) else 0


def _noise(rows: list[Line], states: Mapping[str, State], terms: Terms, rounding: Rounding) -> int:
    """What rounding alone may leave between the ledger and the tranches; by contract, the figure is left open by it."""
    cents = any(
        states[line.key].released % rounding.unit or states[line.key].opening_withheld % rounding.unit
        for line in rows
    )
    return rounding.unit * len(rows) if terms.whole_units and cents and not terms.by_contract else 0


def _opening_kept(line: Line, state: State) -> int:
    """What the opening balance withheld on work, which stays unless work is taken back out of it."""
    whole = line.sign * state.work >= line.sign * state.opening_work
    return state.opening_withheld if whole and line.amount is None else 0


def cap_of(terms: Terms, rows: list[Line], rounding: Rounding) -> int:
    """The most that is ever withheld on the contract."""
    step = rounding.unit if terms.whole_units else 1
    if terms.cap_of == "money":
        return floor(terms.cap / step) * step
    value = sum(line.value for line in rows if terms.cap_of == "revised" or not line.change_order)
    exact = terms.cap * value
    return max(floor(exact / step) * step if terms.whole_units else rounding.to(exact, step), 0)


def _kept(line: Line, state: State) -> int:
    """What no cap takes from a line: what was released on it, and what its opening balance withheld."""
    before = _opening_kept(line, state)
    if line.amount is None and state.opening_stored and state.opening_stored == state.stored:
        before += state.opening_on_stored
    return max(state.released, before)


def _capped(
    figure: Figure, rows: list[Line], states: Mapping[str, State], terms: Terms, rounding: Rounding
) -> Figure:
    cap = cap_of(terms, rows, rounding)
    if figure.most <= cap:
        return figure
    kept = sum(_kept(line, states[line.key]) for line in rows if line.sign > 0)
    downs = [line for line in rows if line.sign < 0]
    lines = {line.key: figure.lines[line.key] for line in downs if line.key in figure.lines}
    known = kept + sum(each.all for each in lines.values())
    # How much a deduction holds of a figure that it shares is open, within what was released and billed.
    shared = [states[line.key] for line in downs if line.key not in lines]
    unit = rounding.unit if terms.whole_units else 1
    least = known + sum(min(each.work + each.stored, each.released) - unit for each in shared)
    most = known + sum(each.released for each in shared)
    return Figure(
        least=min(figure.least, max(cap, least)), most=min(figure.most, max(cap, most)), lines=lines
    )
