"""A commitment as the store keeps it, for playing its life: contract, ledger, and what counts of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from batch.core import money
from batch.core.billing import assert_identities, bill, certified
from batch.core.model import Basis, Bill, LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO, Rounding
from batch.core.retainage import RetainageEntry, entries_between
from batch.core.retainage_terms import RetainageTerms
from batch.core.settings import StoredMode
from batch.core.stored import begun, moved
from tests.core.builders import a_basis

_BEGAN = date(2025, 1, 31)


@dataclass(kw_only=True)
class Approval:
    """One approved bill, as the store keeps it: what was billed, what stored materials moved, and the ledger's rows."""

    basis: Basis
    bill: Bill
    amounts: dict[str, LineAmounts]
    moved: dict[str, Decimal]
    entries: dict[str, tuple[RetainageEntry, ...]]


@dataclass(kw_only=True)
class Commitment:
    """A contract with its ledger. Rows are only added; `approved` has what counts."""

    currency: str
    rounding: Rounding
    mode: StoredMode
    terms: RetainageTerms
    lines: tuple[SovLine, ...]
    openings: dict[str, LinePosition] = field(default_factory=dict)
    approved: list[Approval] = field(default_factory=list)
    rows: dict[str, list[RetainageEntry]] = field(default_factory=dict)
    waiting: dict[str, LineAmounts] | None = None
    period: int = 1
    closed: bool = False

    @property
    def positions(self) -> dict[str, LinePosition]:
        """The last approved position of each line, else the opening."""
        if not self.approved:
            return self.openings
        return {row.line.key: row.position for row in self.approved[-1].bill.lines}

    @property
    def basis(self) -> Basis:
        """What the next bill is computed on."""
        return a_basis(
            currency=self.currency,
            rounding=self.rounding,
            retainage=self.terms,
            lines=self.lines,
            positions=begun(self.positions, self.mode),
            previous_certificates=certified(self.positions, self.currency),
            period=self.period,
            period_to=_BEGAN + timedelta(days=30 * self.period),
            stored_mode=self.mode,
            stored_moved=moved(self.positions, self.mode),
        )

    def amount(self, base: Decimal, percent: int) -> Decimal:
        """A part of an amount, in the currency."""
        return money.percent_of(base, Decimal(percent), self.currency, self.rounding)

    def claim(self, shares: list[int], *, release: bool) -> dict[str, LineAmounts]:
        """Part of what is left on each line; with a release, part of what is then held."""
        basis, made = self.basis, {}
        for number, line in enumerate(basis.lines):
            prior = basis.positions.get(line.key, LinePosition())
            left = line.scheduled_value - prior.work
            work = self.amount(left, shares[number % 8])
            stored = self.amount(left - work, shares[(number + 3) % 8])
            if line.scheduled_value * left < 0:  # billed above a value that a change order made smaller
                work, stored = left, money.zero(self.currency)
            made[line.key] = LineAmounts(work=work, stored=stored)
        return self.released(made, shares) if release else made

    def released(self, made: dict[str, LineAmounts], shares: list[int]) -> dict[str, LineAmounts]:
        """The claim with part of what is then held asked back."""
        held = {row.line.key: row.retainage_held for row in bill(self.basis, made).lines}
        return {
            key: replace(each, release=self.amount(held[key], shares[(at + 5) % 8]))
            for at, (key, each) in enumerate(made.items())
        }

    def within_what_is_held(self, claim: dict[str, LineAmounts]) -> dict[str, LineAmounts]:
        """The claim as an admin may approve it: a cut or a change order since may have left less to release."""
        held = self._held(claim)
        return {
            key: replace(each, release=min(each.release, held[key], key=abs)) for key, each in claim.items()
        }

    def _held(self, claim: dict[str, LineAmounts]) -> dict[str, Decimal]:
        unreleased = {key: replace(each, release=ZERO) for key, each in claim.items()}
        return {row.line.key: row.retainage_held for row in bill(self.basis, unreleased).lines}

    def approve(self, amounts: dict[str, LineAmounts]) -> Bill:
        """Compute, prove and write one approval."""
        basis = self.basis
        made = bill(basis, amounts)
        assert made == bill(basis, amounts), "the same bill computed twice is the same"
        assert_identities(made, basis)
        entries = {
            row.line.key: entries_between(
                row.line.key, basis.positions.get(row.line.key, LinePosition()), row.position, row.re_rated
            )
            for row in made.lines
        }
        self._check_claw_back(basis, made)
        self.approved.append(
            Approval(
                basis=basis,
                bill=made,
                amounts=amounts,
                moved=moved(self.positions, self.mode),
                entries=entries,
            )
        )
        self.write(self.approved[-1].entries)
        self.waiting, self.period = None, self.period + 1
        return made

    def _check_claw_back(self, basis: Basis, made: Bill) -> None:
        """What was released stays released, and a release changes nothing of what the contract withholds to date."""
        unreleased = bill(basis, {row.line.key: self._as_billed(row.line.key, made) for row in made.lines})
        for row in made.lines:
            prior = basis.positions.get(row.line.key, LinePosition())
            assert row.position.released == prior.released + row.released_this_period
        assert self._withheld(made) == self._withheld(unreleased)

    @staticmethod
    def _withheld(made: Bill) -> Decimal:
        return sum((row.position.withheld_work + row.position.withheld_stored for row in made.lines), ZERO)

    @staticmethod
    def _as_billed(key: str, made: Bill) -> LineAmounts:
        row = next(row for row in made.lines if row.line.key == key)
        return LineAmounts(work=row.work_this_period, stored=row.materials_stored)

    def write(self, entries: dict[str, tuple[RetainageEntry, ...]]) -> None:
        """Add rows to the ledger."""
        for key, rows in entries.items():
            self.rows.setdefault(key, []).extend(rows)
