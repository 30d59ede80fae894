"""The life of two commitments, played at random: whatever is billed, cut, released, changed, reopened or corrected, in
whatever order it is approved, the identities of the form hold and the ledger gives the positions.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from batch.core import money
from batch.core.billing import bill, certified
from batch.core.model import LineAmounts, LinePosition, SovLine
from batch.core.money import ZERO, Rounding
from batch.core.retainage import opening_entries, rebuild, reversal_of
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageStep, RetainageTerms, StepReach
from batch.core.settings import StoredMode
from tests.core.lives import Commitment

RATES = st.integers(0, 3_000).map(lambda hundredths: Decimal(hundredths) / 100)
STEPS = st.lists(st.tuples(st.integers(1, 99), RATES), max_size=3, unique_by=lambda each: each[0]).map(
    lambda found: tuple(RetainageStep(past=Decimal(past), rate=rate) for past, rate in sorted(found))
)
TERMS = st.builds(
    RetainageTerms,
    work=RATES,
    stored=RATES,
    steps=STEPS,
    reach=st.sampled_from(StepReach),
    cap_percent=st.none() | RATES,
    cap_of=st.sampled_from(CapOf),
    rounding=st.sampled_from(RetainageRounding),
    whole_units=st.booleans(),
)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
NAMES = st.sampled_from(["A", "B"])
SHARES = st.lists(st.integers(0, 100), min_size=8, max_size=8)


#: How stored materials are carried on in these lives.
MODES = (StoredMode.CLASSIC, StoredMode.TO_PREVIOUS)


class Life(RuleBasedStateMachine):
    """Two commitments on one project."""

    commitments: dict[str, Commitment]

    @initialize(
        currencies=st.tuples(CURRENCIES, CURRENCIES),
        rounding=st.sampled_from(Rounding),
        modes=st.tuples(st.sampled_from(MODES), st.sampled_from(MODES)),
        terms=st.tuples(TERMS, TERMS),
        own=st.tuples(st.none() | RATES, st.integers(0, 100)),
        joined=st.none() | SHARES,
    )
    def begin(
        self,
        currencies: tuple[str, str],
        rounding: Rounding,
        modes: tuple[StoredMode, StoredMode],
        terms: tuple[RetainageTerms, RetainageTerms],
        own: tuple[Decimal | None, int],
        joined: list[int] | None,
    ) -> None:
        """Contracts of four lines: plain, with an own rate, with a fixed amount, and a deduction."""
        self.commitments = {}
        for name, currency, mode, rule_of in zip("AB", currencies, modes, terms, strict=True):
            one = Commitment(currency=currency, rounding=rounding, mode=mode, terms=rule_of, lines=())
            one.lines = (
                self._line(one, "L1", 8_888_889),
                replace(self._line(one, "L2", 777_777), retainage_work=own[0], retainage_stored=own[0]),
                replace(
                    self._line(one, "L3", 500_000), retainage_amount=money.from_minor(own[1] * 100, currency)
                ),
                self._line(one, "C1", -120_001, change_order="1"),
            )
            self.commitments[name] = one
            if joined:
                self._open(one, joined)

    @staticmethod
    def _line(one: Commitment, key: str, minor: int, change_order: str = "") -> SovLine:
        return SovLine(
            key=key,
            item=key,
            description=key,
            cost_code="1",
            scheduled_value=money.from_minor(minor, one.currency),
            change_order=change_order,
        )

    @staticmethod
    def _open(one: Commitment, shares: list[int]) -> None:
        """An opening balance on the first line, withheld at a rate of its own and partly released."""
        value = one.lines[0].scheduled_value
        work, stored = one.amount(value, shares[0] // 2), one.amount(value, shares[1] // 4)
        on_work, on_stored = one.amount(work, shares[2] // 5), one.amount(stored, shares[3] // 5)
        opening = LinePosition(
            work=work,
            stored=stored,
            withheld_work=on_work,
            withheld_stored=on_stored,
            released=one.amount(on_work, shares[4]),
            opening_work=work,
            opening_withheld_work=on_work,
            opening_stored=stored,
            opening_withheld_stored=on_stored,
        )
        one.openings = {"L1": opening}
        one.rows["L1"] = list(opening_entries("L1", opening))

    # What can happen -------------------------------------------------------------------------------------

    @rule(name=NAMES, shares=SHARES, release=st.booleans())
    def submit(self, name: str, shares: list[int], release: bool) -> None:
        """A claim comes in, or a newer one in place of it; nothing counts before it is approved."""
        one = self.commitments[name]
        if not one.closed:
            one.waiting = one.claim(shares, release=release)

    @rule(name=NAMES)
    def approve(self, name: str) -> None:
        """The claim that waits is approved, in whatever order of the two commitments; no more released than is held now."""
        one = self.commitments[name]
        if one.waiting is not None:
            waiting = {line.key: one.waiting.get(line.key, LineAmounts()) for line in one.lines}
            one.approve(one.within_what_is_held(waiting))

    @rule(name=NAMES, key=st.sampled_from(["L1", "L2", "L3"]))
    def cut(self, name: str, key: str) -> None:
        """The admin approves nothing of one line's work, with stored materials as before, and nothing of its release."""
        one = self.commitments[name]
        if one.waiting is not None:
            prior = one.basis.positions.get(key, LinePosition())
            one.waiting = {**one.waiting, key: LineAmounts(stored=prior.stored)}

    @rule(name=NAMES)
    def skip(self, name: str) -> None:
        """A period goes by without an application."""
        self.commitments[name].period += 1

    @rule(name=NAMES, minor=st.integers(-300_000, 900_000).filter(bool), number=st.integers(2, 4))
    def change_order(self, name: str, minor: int, number: int) -> None:
        """A change order is approved: added, deducted; a claim that came in before bills nothing on it."""
        one = self.commitments[name]
        key = f"C{number}"
        if not one.closed and key not in {line.key for line in one.lines}:
            one.lines = (*one.lines, self._line(one, key, minor, str(number)))

    @rule(name=NAMES, rate=RATES)
    def practical_completion(self, name: str, rate: Decimal) -> None:
        """From here on one rate holds, for what is billed already too, and steps are over."""
        one = self.commitments[name]
        one.terms = replace(one.terms.with_rates(rate, rate), steps=())
        one.waiting = None

    @rule(name=NAMES, back=st.integers(1, 100))
    def take_back(self, name: str, back: int) -> None:
        """A credit: part of the work is taken back, and stored materials go."""
        one = self.commitments[name]
        if not one.closed:
            one.approve(
                {
                    line.key: LineAmounts(
                        work=-one.amount(one.basis.positions.get(line.key, LinePosition()).work, back)
                    )
                    for line in one.lines
                }
            )

    @precondition(lambda self: any(one.approved for one in self.commitments.values()))
    @rule(name=NAMES)
    def reopen(self, name: str) -> None:
        """The latest approval is reopened: its rows are reversed, and everything is as before it."""
        one = self.commitments[name]
        if one.approved:
            last = one.approved.pop()
            one.write({key: reversal_of(rows) for key, rows in last.entries.items()})
            one.waiting, one.closed = None, False

    @precondition(lambda self: any(one.approved for one in self.commitments.values()))
    @rule(name=NAMES)
    def reopen_and_approve_anew(self, name: str) -> None:
        """What is reopened and approved as it was is as it was, if nothing changed in between."""
        one = self.commitments[name]
        if not one.approved:
            return
        before = one.approved[-1]
        self.reopen(name)
        one.period = before.basis.period
        if one.basis == before.basis:
            assert one.approve(before.amounts) == before.bill

    @rule(name=NAMES)
    def close_out(self, name: str) -> None:
        """The final bill: everything built, nothing stored, all retainage released. L6 = L3, nothing held, L9 = 0."""
        one = self.commitments[name]
        everything = {
            line.key: LineAmounts(
                work=line.scheduled_value - one.basis.positions.get(line.key, LinePosition()).work
            )
            for line in one.lines
        }
        held = {row.line.key: row.retainage_held for row in bill(one.basis, everything).lines}
        made = one.approve(
            {key: replace(each, release=held[key]) for key, each in everything.items()}
        ).summary
        one.closed = True
        assert made.total_earned_less_retainage == made.contract_sum_to_date
        assert (made.retainage_total, made.balance_to_finish) == (ZERO, ZERO)

    # What always holds -----------------------------------------------------------------------------------

    @invariant()
    def payments_add_up(self) -> None:
        """The sum of L8 is the latest L6, from the opening balance on."""
        for one in getattr(self, "commitments", {}).values():
            paid = certified(one.openings, one.currency)
            for each in one.approved:
                paid += each.bill.summary.current_payment_due
            assert paid == certified(one.positions, one.currency)

    @invariant()
    def held_is_withheld_less_released(self) -> None:
        """Held has the sign of its line; per contract nothing but deductions is below 0."""
        for one in getattr(self, "commitments", {}).values():
            for each in one.approved[-1:]:
                for row in each.bill.lines:
                    assert row.retainage_held * row.line.scheduled_value >= 0
                up = [row.retainage_held for row in each.bill.lines if row.line.scheduled_value > 0]
                assert sum(up, ZERO) >= 0

    @invariant()
    def the_ledger_gives_the_positions(self) -> None:
        """Rows of the ledger, reversed ones too, and the approved movements add up to what is stored of each line."""
        for one in getattr(self, "commitments", {}).values():
            for key, at in one.positions.items():
                opening = one.openings.get(key, LinePosition())
                movements = [
                    LineAmounts(
                        work=each.amounts[key].work + each.moved.get(key, ZERO),
                        stored=each.amounts[key].stored,
                    )
                    for each in one.approved
                    if key in each.amounts
                ]
                made = rebuild(
                    one.rows.get(key, []), movements, opening_work=opening.work, opening_stored=opening.stored
                )
                for name in ("work", "stored", "released"):
                    assert getattr(made, name) == getattr(at, name), name
                assert made.held == at.held

    @invariant()
    def each_goes_on_where_the_last_one_ended(self) -> None:
        """D = D + E of before (and F, where it moves by itself), whatever was skipped or reopened between."""
        for one in getattr(self, "commitments", {}).values():
            for before, later in zip(one.approved, one.approved[1:], strict=False):
                ended = {row.line.key: row.position for row in before.bill.lines}
                for row in later.bill.lines:
                    at = ended.get(row.line.key, LinePosition())
                    assert row.work_previous == at.work + later.moved.get(row.line.key, ZERO)
                assert (
                    later.bill.summary.previous_certificates
                    == before.bill.summary.total_earned_less_retainage
                )

    def teardown(self) -> None:
        """Each bill comes out the same on its frozen basis, whatever happened later and to the other commitment."""
        for one in getattr(self, "commitments", {}).values():
            for each in one.approved:
                assert bill(each.basis, each.amounts) == each.bill


TestLife = Life.TestCase
# `--hypothesis-profile life` plays many more and longer lives; docs/proof.md has its figures.
if settings.get_current_profile_name() != "life":
    TestLife.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
