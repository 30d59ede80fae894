"""What is agreed on a contract, and where its lines stand: integers in minor units, and fractions for rates."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

NOTHING = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the schedule of values. `since` is the first period it counts in; own terms where not None."""

    key: str
    value: int
    change_order: bool = False
    since: int = 1
    work_rate: Fraction | None = None
    stored_rate: Fraction | None = None
    amount: int | None = None

    @property
    def sign(self) -> int:
        """-1 for a deduction."""
        return -1 if self.value < 0 else 1

    @property
    def follows(self) -> bool:
        """Whether the contract's rate of work, and so its steps, are this line's."""
        return self.work_rate is None and self.amount is None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Terms of retainage. `steps`: (past, rate), low to high. `cap_of` is original, revised or money."""

    work: Fraction
    stored: Fraction
    steps: tuple[tuple[Fraction, Fraction], ...] = ()
    retroactive: bool = False
    cap_of: str = ""
    cap: Fraction = NOTHING
    by_contract: bool = False
    whole_units: bool = False


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """`unit`: minor units that make a whole one (100 for cents)."""

    unit: int = 100
    half_even: bool = False

    def over(self, given: int, exact: Fraction, step: int) -> int:
        """Rounded without touching what is given, unless that has cents where there shall be none."""
        return self.to(given + exact, step) if given % step else given + self.to(exact, step)

    def to(self, exact: Fraction, step: int) -> int:
        """The nearest multiple of `step` minor units; a half away from zero, or to the even one."""
        steps, rest = divmod(abs(exact), step)
        twice = 2 * rest
        up = twice > step or (twice == step and (not self.half_even or steps % 2 == 1))
        return (-1 if exact < 0 else 1) * (int(steps) + up) * step


@dataclass(kw_only=True)
class State:
    """Where one line stands: work, stored, released to date, and what an opening balance brought.

    `before_*` is what the ledger says of the application before: only a change of the contract's value makes what was
    withheld then count for more than the work of then.
    """

    work: int = 0
    stored: int = 0
    released: int = 0
    opening_work: int = 0
    opening_withheld: int = 0
    opening_stored: int = 0
    opening_on_stored: int = 0
    before_work: int = 0
    before_stored: int = 0
    before_released: int = 0
    before_on_work: int = 0
    before_on_stored: int = 0
