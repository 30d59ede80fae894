"""The arithmetic of a pay application: the continuation columns of every line, and the nine summary lines.

Letters in comments are those of the continuation sheet: C scheduled value, D work from previous
applications, E work this period, F materials presently stored, G completed and stored, H balance to finish,
I retainage. L1 to L9 are summary lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core import money
from batch.core.kept import kept_of_before
from batch.core.model import (
    Basis,
    Bill,
    BilledLine,
    Deduction,
    LineAmounts,
    LinePosition,
    RetainageTerms,
    SovLine,
    Summary,
)
from batch.core.money import ZERO, Rounding
from batch.core.retainage import split_held
from batch.core.stored import moved_to_previous, untouched
from batch.core.withholding import positions_after as positions_after_bill
from batch.core.withholding import re_rated


class IdentityBroken(Exception):
    """A computed application breaks an identity of the forms: our fault, never the sender's."""


class UnknownLineError(ValueError):
    """An amount for a line that is not in the schedule of values."""


@dataclass(frozen=True, kw_only=True)
class LineDifference:
    """What was claimed and what was approved on one line: gross (movement of G) and net of retainage,
    both this period.
    """

    line: SovLine
    claimed_gross: Decimal
    approved_gross: Decimal
    claimed_net: Decimal
    approved_net: Decimal

    @property
    def gross(self) -> Decimal:
        """Claimed less approved, gross."""
        return self.claimed_gross - self.approved_gross

    @property
    def net(self) -> Decimal:
        """Claimed less approved, net of retainage."""
        return self.claimed_net - self.approved_net


def bill(basis: Basis, amounts: Mapping[str, LineAmounts]) -> Bill:
    """Compute a pay application in the commitment's currency from the amounts of its lines.

    A line that is not in `amounts` bills what `stored.untouched` says: no work and its stored materials as they were,
    or these as work where they become work of this period by themselves; and no release. Raises
    UnknownLineError for a key that is not in the schedule of values, and MoneyError for an amount with a
    fraction of a minor unit.
    """
    whole = {**{line.key: untouched(basis, line.key) for line in basis.lines}, **amounts}
    lines = bill_lines(
        basis.lines,
        basis.positions,
        whole,
        basis.retainage,
        basis.currency,
        basis.rounding,
        moved=moved_to_previous(basis),
    )
    return Bill(
        currency=basis.currency,
        lines=lines,
        summary=summarise(lines, basis.previous_certificates, basis.currency),
    )


def bill_lines(
    lines: Sequence[SovLine],
    positions: Mapping[str, LinePosition],
    amounts: Mapping[str, LineAmounts],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding,
    *,
    moved: Mapping[str, Decimal] | None = None,
) -> tuple[BilledLine, ...]:
    """The continuation columns of every line, in the order of the schedule of values. Errors as in `bill`.

    `moved` is the work of each line that was stored material until this application began.
    """
    strangers = set(amounts) - {line.key for line in lines}
    if strangers:
        raise UnknownLineError(f"no line of the schedule of values: {', '.join(sorted(strangers))}")
    whole = {
        line.key: _exact(
            amounts.get(line.key, LineAmounts(stored=positions.get(line.key, LinePosition()).stored)),
            currency,
        )
        for line in lines
    }
    kept = kept_of_before(lines, positions, terms, currency, rounding, moved)
    after = positions_after_bill(lines, positions, whole, terms, currency, rounding, kept)
    after = {key: _measured(each, positions.get(key), whole[key]) for key, each in after.items()}
    given_back = re_rated(lines, positions, after, terms, currency, rounding)
    made = (
        billed_line(line, positions.get(line.key, LinePosition()), whole[line.key], after[line.key], currency)
        for line in lines
    )
    return tuple(replace(row, re_rated=given_back[row.line.key]) for row in made)


def _measured(after: LinePosition, prior: LinePosition | None, amounts: LineAmounts) -> LinePosition:
    before = prior.quantity if prior else ZERO
    return replace(after, quantity=before if amounts.quantity is None else amounts.quantity)


def _exact(amounts: LineAmounts, currency: str) -> LineAmounts:
    return replace(
        amounts,
        work=money.amount(amounts.work, currency),
        stored=money.amount(amounts.stored, currency),
        release=money.amount(amounts.release, currency),
    )


def billed_line(
    line: SovLine, prior: LinePosition, movement: LineAmounts, after: LinePosition, currency: str
) -> BilledLine:
    """One line with every derived column, from where it stood, what moves it, and where it stands then."""
    completed = after.work + after.stored  # G = D + E + F
    held_work, held_stored = split_held(after)
    withheld = (after.withheld_work + after.withheld_stored) - (prior.withheld_work + prior.withheld_stored)
    return BilledLine(
        line=line,
        work_previous=money.rounded(prior.work, currency),
        work_this_period=movement.work,
        stored_previous=money.rounded(prior.stored, currency),
        materials_stored=after.stored,
        completed_and_stored=completed,
        balance_to_finish=money.rounded(line.scheduled_value - completed, currency),  # H = C - G
        withheld_this_period=money.rounded(withheld, currency),
        released_this_period=movement.release,
        held_work=held_work,
        held_stored=held_stored,
        retainage_held=after.held,
        position=after,
    )


def summarise(lines: Sequence[BilledLine], previous_certificates: Decimal, currency: str) -> Summary:
    """The nine summary lines from the continuation sheet. `previous_certificates` comes from the ledger."""

    def added(values: Iterable[Decimal]) -> Decimal:
        return money.total(values, currency)

    original = added(row.line.before_changes for row in lines if not row.line.change_order)
    changes = added(by_change_order(row.line) for row in lines)
    completed = added(row.completed_and_stored for row in lines)
    on_work, on_stored = added(row.held_work for row in lines), added(row.held_stored for row in lines)
    earned = completed - (on_work + on_stored)
    previous = money.rounded(previous_certificates, currency)
    return Summary(
        original_contract_sum=original,
        net_change_orders=changes,
        contract_sum_to_date=original + changes,  # L3 = L1 + L2
        total_completed_and_stored=completed,
        retainage_work=on_work,
        retainage_stored=on_stored,
        retainage_total=on_work + on_stored,  # L5 = 5a + 5b
        total_earned_less_retainage=earned,  # L6 = L4 - L5
        previous_certificates=previous,
        current_payment_due=earned - previous,  # L8 = L6 - L7
        balance_to_finish=original + changes - earned,  # L9 = L3 - L6
        gross_this_period=added(gross_movement(row) for row in lines),
    )


def by_change_order(line: SovLine) -> Decimal:
    """What change orders put into a line's value: all of it where it is their own, else what they changed."""
    return line.scheduled_value if line.change_order else line.changed


def as_in_workbook(computed: Bill, basis: Basis) -> Bill:
    """A bill as the pay application workbook shows it.

    Where no formula of one line can say the rule of retainage, it shows retainage as it was certified before;
    what this bill makes of it is computed by us when it arrives.
    """
    if basis.retainage_by_line:
        return computed
    lines = []
    for row in computed.lines:
        prior = basis.positions.get(row.line.key, LinePosition())
        work, stored = (money.rounded(each, basis.currency) for each in split_held(prior))
        lines.append(replace(row, held_work=work, held_stored=stored, retainage_held=work + stored))
    summary = summarise(lines, basis.previous_certificates, basis.currency)
    return replace(computed, lines=tuple(lines), summary=summary)


def gross_movement(line: BilledLine) -> Decimal:
    """What this period adds to completed and stored on a line: E + F - F of the last application."""
    return line.work_this_period + line.materials_stored - line.stored_previous


def net_movement(line: BilledLine) -> Decimal:
    """What this period adds to what is due on a line: gross movement less withheld plus released."""
    return gross_movement(line) - line.withheld_this_period + line.released_this_period


def percent_complete(line: BilledLine) -> Decimal:
    """G / C as a percentage for display, truncated to two decimals, so that 100.00 means all of it."""
    return money.percent_shown(line.completed_and_stored, line.line.scheduled_value)


def payable(computed: Bill, deductions: Iterable[Deduction]) -> Decimal:
    """Current payment due less backcharges, which leave the nine summary lines and the contract sum alone."""
    taken_off = money.total((deduction.amount for deduction in deductions), computed.currency)
    return computed.summary.current_payment_due - taken_off


def positions_after(computed: Bill) -> dict[str, LinePosition]:
    """The position of every line once this bill is approved: the basis of the next application."""
    return {row.line.key: row.position for row in computed.lines}


def certified(positions: Mapping[str, LinePosition], currency: str) -> Decimal:
    """What the positions of a commitment have certified so far: completed and stored less held (L7 of
    the next bill).
    """
    return money.total((each.work + each.stored - each.held for each in positions.values()), currency)


def differences(claimed: Bill, approved: Bill) -> tuple[LineDifference, ...]:
    """Line by line, what was claimed against what was approved. Both bills are on the same basis."""
    return tuple(
        LineDifference(
            line=asked.line,
            claimed_gross=gross_movement(asked),
            approved_gross=gross_movement(given),
            claimed_net=net_movement(asked),
            approved_net=net_movement(given),
        )
        for asked, given in zip(claimed.lines, approved.lines, strict=True)
    )


def assert_identities(computed: Bill, basis: Basis) -> None:
    """Raise IdentityBroken, naming the first identity a single application breaks; see `_identities` for
    the list.
    """
    assert_follows(computed, basis.positions, basis.previous_certificates)
    for row in computed.lines:
        prior = basis.positions.get(row.line.key, LinePosition())
        _assert_equal(_quantity_identities(row, prior, basis))


def assert_follows(
    computed: Bill, positions: Mapping[str, LinePosition], previous_certificates: Decimal
) -> None:
    """As `assert_identities`, for a bill of any contract that follows from these positions."""
    _assert_equal(_identities(computed, positions, previous_certificates))


_Identity = tuple[str, Decimal, Decimal]


def _assert_equal(identities: Iterable[_Identity]) -> None:
    for name, left, right in identities:
        if left != right:
            raise IdentityBroken(f"{name}: {left} is not {right}")


def _identities(
    computed: Bill, positions: Mapping[str, LinePosition], previous_certificates: Decimal
) -> Iterable[_Identity]:
    lines, summary = computed.lines, computed.summary
    yield (
        "L7 = previous certificates of the ledger",
        summary.previous_certificates,
        previous_certificates,
    )
    known = {row.line.key: positions.get(row.line.key, LinePosition()) for row in lines}
    yield (
        "L7 = L6 of the previous application",
        summary.previous_certificates,
        certified(known, computed.currency),
    )
    adrift = [each for key, each in positions.items() if key not in known and each != LinePosition()]
    yield "every position is on a line of the schedule of values", Decimal(len(adrift)), ZERO
    yield from _summary_identities(computed)
    for row in lines:
        yield from _line_identities(row, known[row.line.key])


def _summary_identities(computed: Bill) -> Iterable[_Identity]:
    lines, found, added = computed.lines, computed.summary, money.added
    yield "sum of C = L3", added(row.line.scheduled_value for row in lines), found.contract_sum_to_date
    yield "L1 + L2 = L3", found.original_contract_sum + found.net_change_orders, found.contract_sum_to_date
    yield "sum of G = L4", added(row.completed_and_stored for row in lines), found.total_completed_and_stored
    yield "sum of line retainage = L5", added(row.retainage_held for row in lines), found.retainage_total
    yield "5a + 5b = L5", found.retainage_work + found.retainage_stored, found.retainage_total
    earned = found.total_completed_and_stored - found.retainage_total
    yield "L6 = L4 - L5", found.total_earned_less_retainage, earned
    yield "L8 = L6 - L7", found.current_payment_due, earned - found.previous_certificates
    yield "L9 = L3 - L6", found.balance_to_finish, found.contract_sum_to_date - earned
    balances = added(row.balance_to_finish for row in lines)
    yield "L9 = sum of H + L5", found.balance_to_finish, balances + found.retainage_total
    yield "gross = E + F - F previous", found.gross_this_period, added(gross_movement(row) for row in lines)
    yield (
        "L8 = gross - withheld + released",
        found.current_payment_due,
        added(net_movement(row) for row in lines),
    )


def _quantity_identities(row: BilledLine, prior: LinePosition, basis: Basis) -> Iterable[_Identity]:
    """Where a line by unit price moves, its work to date is the quantity to date at the price, rounded once."""
    key, measure, after = row.line.key, row.line.measure, row.position
    if measure is None:
        yield f"line {key}: no quantity without a unit price", after.quantity, ZERO
    elif row.work_this_period or after.quantity != prior.quantity:
        worth = measure.worth(after.quantity, basis.currency, basis.rounding)
        yield f"line {key}: work to date = quantity to date x unit price", after.work, worth


def _line_identities(row: BilledLine, prior: LinePosition) -> Iterable[_Identity]:
    key, after = row.line.key, row.position
    yield f"line {key}: D = D + E of the previous application", row.work_previous, prior.work
    in_work = row.work_previous + row.work_this_period
    yield f"line {key}: G = D + E + F", row.completed_and_stored, in_work + row.materials_stored
    yield f"line {key}: H = C - G", row.balance_to_finish, row.line.scheduled_value - row.completed_and_stored
    moved = row.completed_and_stored - (prior.work + prior.stored)
    yield f"line {key}: movement of G = E + F - F previous", gross_movement(row), moved
    yield f"line {key}: held on work + on stored = held", row.held_work + row.held_stored, row.retainage_held
    movement = row.withheld_this_period - row.released_this_period
    yield f"line {key}: held = held before + withheld - released", row.retainage_held, prior.held + movement
    yield f"line {key}: the position holds the same", after.held, row.retainage_held
    wrong_sign = row.retainage_held * row.completed_and_stored < 0
    yield f"line {key}: held has the sign of the line", Decimal(wrong_sign), ZERO
