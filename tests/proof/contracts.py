"""Random contracts and what is billed on them: realistic ones and nasty ones, the same for the same seed.

To add a way of billing a line, put a function into `METHODS`; to add a kind of terms, one into `TERMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from tests.proof.agreed import NOTHING, Line, Rounding, State, Terms

#: Currencies by what matters of them: minor units that make a whole one.
CURRENCIES = {"USD": 100, "JPY": 1, "KWD": 1000, "EUR": 100}
PERIODS = 12
PPM = 1_000_000
_RATES = (0, 25_000, 30_000, 50_000, 75_000, 100_000, 100_000, 150_000, 333_333, 1_000_000)


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What is agreed: lines, terms, opening balances; `after` is the period of practical completion and the rate then."""

    seed: int
    currency: str
    rounding: Rounding
    lines: tuple[Line, ...]
    terms: Terms
    moves_stored: bool
    after: tuple[int, Fraction] | None
    openings: dict[str, State]
    releases: str
    methods: dict[str, Method]

    def terms_in(self, period: int) -> Terms:
        """The terms of a period: from practical completion on one rate for all, and no steps."""
        if self.after is None or period < self.after[0]:
            return self.terms
        return replace(self.terms, work=self.after[1], stored=self.after[1], steps=())


#: Takes chance, the line, where it stands, and the rounding; gives work this period and the stored balance.
Method = Callable[[Random, Line, State, Rounding], tuple[int, int]]


def _share(chance: Random, amount: int) -> int:
    """Some of an amount: often none or all, else any part."""
    drawn = chance.random()
    if drawn < 0.15:
        return 0
    if drawn < 0.25:
        return amount
    return int(amount * chance.random() * chance.random())


def by_percent(chance: Random, line: Line, state: State, rounding: Rounding) -> tuple[int, int]:
    """Percent to date, up to four decimals of a percent: to date first, rounded, then what was billed is taken off."""
    done = Fraction(state.work, line.value) if line.value else NOTHING
    ppm = min(PPM, int(done * PPM) + chance.choice((0, 1, 33_333, 50_000, 123_457, 250_000, 333_333)))
    to_date = rounding.to(Fraction(ppm, PPM) * line.value, 1)
    work = to_date - state.work if to_date * line.sign >= state.work * line.sign else 0
    return work, _stored(chance, line, state, work)


def by_amount(chance: Random, line: Line, state: State, rounding: Rounding) -> tuple[int, int]:
    """An amount this period."""
    work = _share(chance, line.value - state.work)
    return work, _stored(chance, line, state, work)


def with_corrections(chance: Random, line: Line, state: State, rounding: Rounding) -> tuple[int, int]:
    """An amount, at times a negative one that takes back what was billed, at times more than there is."""
    drawn = chance.random()
    if drawn < 0.2:
        work = -_share(chance, state.work)
    elif drawn < 0.25:
        work = _share(chance, line.value) + line.sign
    else:
        work = _share(chance, line.value - state.work)
    return work, _stored(chance, line, state, work)


def _stored(chance: Random, line: Line, state: State, work: int) -> int:
    """The balance of stored materials: built in, kept, or new, within the line."""
    left = (line.value - state.work - work) * line.sign
    if left <= 0:
        return 0
    kept = min(state.stored * line.sign, left)
    drawn = chance.random()
    if drawn < 0.5:
        return kept * line.sign
    if drawn < 0.7:
        return _share(chance, kept) * line.sign
    return _share(chance, left) * line.sign


METHODS: list[Method] = [by_percent, by_amount, with_corrections]


def _rate(chance: Random) -> Fraction:
    return Fraction(chance.choice(_RATES) if chance.random() < 0.7 else chance.randrange(300_000), PPM)


def flat(chance: Random) -> Terms:
    """One rate on work and one on stored materials."""
    work = _rate(chance)
    return Terms(work=work, stored=work if chance.random() < 0.5 else _rate(chance))


def stepped(chance: Random) -> Terms:
    """One to three steps, for later work or for all."""
    pasts = sorted(chance.sample(range(1, 100), chance.randint(1, 3)))
    steps = tuple((Fraction(past, 100), _rate(chance)) for past in pasts)
    return replace(flat(chance), steps=steps, retroactive=chance.random() < 0.5)


def capped(chance: Random) -> Terms:
    """Withholding stops at a part of a value, or at an amount (to be scaled to the contract)."""
    cap = Fraction(chance.choice((10_000, 25_000, 50_000, 50_000, 33_333, 0)), PPM)
    return replace(flat(chance), cap_of=chance.choice(("original", "revised", "money")), cap=cap)


def everything(chance: Random) -> Terms:
    """Steps and a cap together."""
    cap = capped(chance)
    return replace(stepped(chance), cap_of=cap.cap_of, cap=cap.cap)


TERMS: list[Callable[[Random], Terms]] = [flat, flat, stepped, capped, everything]


def _value(chance: Random, unit: int) -> int:
    """A scheduled value in minor units: round, odd, tiny or large."""
    drawn = chance.random()
    if drawn < 0.3:
        return chance.randint(1, 400) * 500 * unit
    if drawn < 0.4:
        return chance.randint(1, 30)
    if drawn < 0.45:
        return chance.randint(10**10, 10**12)
    return chance.randint(100, 50_000_000)


def _line(chance: Random, number: int, unit: int, spare: int, *, added: bool) -> Line:
    """One line; a deduction is within `spare`, which is part of the contract so far."""
    value, drawn = _value(chance, unit), chance.random()
    line = Line(key=f"L{number}", value=value)
    if added:
        deducted = chance.random() < 0.4
        value = -min(value, spare) if deducted and spare else value
        line = replace(line, change_order=True, since=chance.randint(1, 9), value=value)
    if drawn < 0.1:
        return replace(line, work_rate=_rate(chance), stored_rate=_rate(chance) if drawn < 0.05 else None)
    if drawn < 0.15:
        return replace(line, work_rate=NOTHING, stored_rate=NOTHING)
    if drawn < 0.22 and line.value > 0:
        return replace(line, amount=chance.randint(0, line.value))
    return line


def _opening(chance: Random, line: Line, rate: Fraction) -> State:
    """Work, stored, and what was withheld and released elsewhere, at a rate of that time."""
    work = _share(chance, line.value)
    stored = _share(chance, line.value - work) if chance.random() < 0.5 else 0
    kept = min(work, int(work * rate) + chance.randint(0, 2))
    on_stored = int(stored * rate)
    released = _share(chance, kept + on_stored) if chance.random() < 0.5 else 0
    return State(
        work=work,
        stored=stored,
        released=released,
        opening_work=work,
        opening_withheld=kept,
        opening_stored=stored,
        opening_on_stored=on_stored,
    )


def contract(seed: int) -> Contract:
    """The contract of a seed."""
    chance = Random(seed)
    currency = chance.choice(list(CURRENCIES))
    unit = CURRENCIES[currency]
    lines: tuple[Line, ...] = ()
    for number in range(1, chance.choice((1, 2, 3, 4, 6)) + 1):
        spare = max(0, sum(line.value for line in lines)) // 3
        lines += (_line(chance, number, unit, spare, added=number > 1 and chance.random() < 0.3),)
    terms = replace(
        chance.choice(TERMS)(chance),
        by_contract=chance.random() < 0.25,
        whole_units=chance.random() < 0.15,
    )
    if terms.cap_of == "money":
        most = sum(line.value for line in lines if line.value > 0)
        terms = replace(terms, cap=Fraction(int(terms.cap * most)))
    joined = chance.random() < 0.2
    return Contract(
        seed=seed,
        currency=currency,
        rounding=Rounding(unit=unit, half_even=chance.random() < 0.5),
        lines=lines,
        terms=terms,
        moves_stored=chance.random() < 0.25,
        after=(chance.randint(2, PERIODS), _rate(chance)) if chance.random() < 0.25 else None,
        openings={
            line.key: _opening(chance, line, _rate(chance) / 4)
            for line in lines
            if line.since == 1 and line.value > 0
        }
        if joined
        else {},
        releases=chance.choice(("never", "never", "at the end", "at times", "often")),
        methods={line.key: chance.choice(METHODS) for line in lines},
    )


def asks_back(contract: Contract, period: int, chance: Random) -> bool:
    """Whether this period's invite is for a release as well."""
    odds = {"never": 0.0, "at the end": float(period == PERIODS), "at times": 0.15, "often": 0.6}
    return chance.random() < odds[contract.releases]


def asked_back(chance: Random, held: Sequence[int]) -> list[int]:
    """What is asked back of what is held: all on all lines, or something on each."""
    if chance.random() < 0.3:
        return list(held)
    return [_share(chance, amount) for amount in held]
