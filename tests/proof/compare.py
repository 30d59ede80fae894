"""Plays one random contract through `batch.core` and through the form, and says where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from batch.core import money
from batch.core.billing import assert_identities, bill
from batch.core.model import Basis, Bill, BilledLine, InviteKind, LineAmounts, LinePosition, SovLine
from batch.core.money import Rounding
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageStep, RetainageTerms, StepReach
from batch.core.settings import StoredMode
from batch.core.stored import begun, moved
from tests.proof import agreed, contracts
from tests.proof.contracts import PERIODS, Contract
from tests.proof.sheet import Book, Sheet

Claim = dict[str, tuple[int, int, int]]
Rows = dict[str, BilledLine]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One figure that differs: the contract's seed, the period, which figure, and both values in minor units."""

    seed: int
    period: int
    figure: str
    by_form: str
    by_core: str


@dataclass
class Game:
    """A contract on both sides."""

    contract: Contract
    book: Book
    positions: dict[str, LinePosition]
    certified: Decimal
    paid: Decimal = Decimal(0)

    def minor(self, amount: Decimal) -> int:
        """Minor units of an amount."""
        return money.to_minor(amount, self.contract.currency)

    def amount(self, minor: int) -> Decimal:
        """The amount of minor units."""
        return money.from_minor(minor, self.contract.currency)


def percent(rate: Fraction) -> Decimal:
    """A rate as the core has it: percent."""
    return money.from_ppm(int(rate * contracts.PPM))


def _maybe(rate: Fraction | None) -> Decimal | None:
    return None if rate is None else percent(rate)


def core_terms(terms: agreed.Terms, currency: str) -> RetainageTerms:
    """The same terms as the core has them."""
    in_money = terms.cap_of == "money"
    return RetainageTerms(
        work=percent(terms.work),
        stored=percent(terms.stored),
        steps=tuple(RetainageStep(past=percent(past), rate=percent(rate)) for past, rate in terms.steps),
        reach=StepReach.ALL if terms.retroactive else StepReach.LATER,
        cap_percent=percent(terms.cap) if terms.cap_of and not in_money else None,
        cap_of=CapOf.REVISED if terms.cap_of == "revised" else CapOf.ORIGINAL,
        cap_amount=money.from_minor(int(terms.cap), currency) if in_money else None,
        rounding=RetainageRounding.CONTRACT if terms.by_contract else RetainageRounding.LINE,
        whole_units=terms.whole_units,
    )


def core_line(line: agreed.Line, currency: str) -> SovLine:
    """The same line as the core has it."""
    return SovLine(
        key=line.key,
        item=line.key,
        description=line.key,
        cost_code="1",
        scheduled_value=money.from_minor(line.value, currency),
        change_order=line.key if line.change_order else "",
        retainage_work=_maybe(line.work_rate),
        retainage_stored=_maybe(line.stored_rate),
        retainage_amount=None if line.amount is None else money.from_minor(line.amount, currency),
    )


def start(contract: Contract) -> Game:
    """Both sides with the opening balances."""
    book = Book(lines=contract.lines, rounding=contract.rounding, moves_stored=contract.moves_stored)
    game = Game(contract=contract, book=book, positions={}, certified=Decimal(0))
    for key, state in contract.openings.items():
        book.states[key] = agreed.State(**vars(state))
        game.positions[key] = LinePosition(
            work=game.amount(state.work),
            stored=game.amount(state.stored),
            withheld_work=game.amount(state.opening_withheld),
            withheld_stored=game.amount(state.opening_on_stored),
            released=game.amount(state.released),
            opening_work=game.amount(state.opening_work),
            opening_withheld_work=game.amount(state.opening_withheld),
            opening_stored=game.amount(state.opening_stored),
            opening_withheld_stored=game.amount(state.opening_on_stored),
        )
        held = state.opening_withheld + state.opening_on_stored - state.released
        game.certified += game.amount(state.work + state.stored - held)
    game.paid = game.certified
    return game


def remember(game: Game) -> None:
    """What the ledger says of the application before, which earlier work keeps under forward steps."""
    for key, at in game.positions.items():
        state = game.book.states[key]
        state.before_work, state.before_released = state.work, state.released
        state.before_stored = state.stored if game.contract.moves_stored else 0
        state.before_on_work = game.minor(at.withheld_work)
        state.before_on_stored = game.minor(at.withheld_stored)


def basis(game: Game, period: int) -> Basis:
    """What the core bills on in a period."""
    contract = game.contract
    mode = StoredMode.TO_PREVIOUS if contract.moves_stored else StoredMode.CLASSIC
    return Basis(
        company="", project="", project_name="", commitment="", commitment_title="", vendor="", vendor_name="",
        period=period, period_from=date(2025, 1, 1), period_to=date(2025, 1, 31), issue=1, kind=InviteKind.BOTH,
        sov_version=1, application_number=period, currency=contract.currency,
        retainage=core_terms(contract.terms_in(period), contract.currency),
        lines=tuple(core_line(line, contract.currency) for line in game.book.present(period)),
        positions=begun(game.positions, mode),
        stored_mode=mode,
        stored_moved=moved(game.positions, mode),
        previous_certificates=game.certified,
        rounding=Rounding.HALF_EVEN if contract.rounding.half_even else Rounding.HALF_UP,
    )  # fmt: skip


def amounts(game: Game, claim: Claim) -> dict[str, LineAmounts]:
    """A claim as the core has it."""
    return {
        key: LineAmounts(work=game.amount(work), stored=game.amount(stored), release=game.amount(release))
        for key, (work, stored, release) in claim.items()
    }


def claimed(game: Game, period: int, on: Basis, chance: Random) -> Claim:
    """What is billed this period; what is asked back is some of what the core then holds, checked afterwards."""
    contract, book = game.contract, game.book
    claim: Claim = {}
    for line in book.present(period):
        method = contract.methods[line.key]
        claim[line.key] = (*method(chance, line, book.states[line.key], book.rounding), 0)
    if contracts.asks_back(contract, period, chance):
        held = [game.minor(row.retainage_held) for row in bill(on, amounts(game, claim)).lines]
        for key, back in zip(claim, contracts.asked_back(chance, held), strict=True):
            claim[key] = (*claim[key][:2], back)
    return claim


def play(contract: Contract) -> tuple[Difference, ...]:
    """All periods of a contract; the first period with differences ends it."""
    chance, game = Random(-1 - contract.seed), start(contract)
    for period in range(1, PERIODS + 1):
        if chance.random() < 0.1:
            continue
        remember(game)
        game.book.begin(period)
        on = basis(game, period)
        claim = claimed(game, period, on, chance)
        made = bill(on, amounts(game, claim))
        sheet = game.book.bill(period, claim, contract.terms_in(period))
        game.paid += made.summary.current_payment_due
        found = tuple(_differences(game, period, made, sheet))
        if found:
            return found
        assert_identities(made, on)
        game.positions = {row.line.key: row.position for row in made.lines}
        game.certified = made.summary.total_earned_less_retainage
    return ()


def _differences(game: Game, period: int, made: Bill, sheet: Sheet) -> Iterator[Difference]:
    seed = game.contract.seed
    pairs = (*_columns(game, made, sheet), *_nine(game, made, sheet), *_retainage(game, period, made, sheet))
    for figure, by_form, by_core in pairs:
        if by_form != by_core:
            yield Difference(
                seed=seed, period=period, figure=figure, by_form=str(by_form), by_core=str(by_core)
            )


_Pair = tuple[str, object, object]


def _columns(game: Game, made: Bill, sheet: Sheet) -> Iterator[_Pair]:
    for row in made.lines:
        key = row.line.key
        yield f"{key} D", sheet.previous[key], game.minor(row.work_previous)
        yield f"{key} G", sheet.completed[key], game.minor(row.completed_and_stored)
        yield f"{key} H", sheet.to_finish[key], game.minor(row.balance_to_finish)


def _nine(game: Game, made: Bill, sheet: Sheet) -> Iterator[_Pair]:
    summary, minor = made.summary, game.minor
    held = minor(summary.retainage_total)
    previous = minor(game.certified)
    yield "L1", sheet.original, minor(summary.original_contract_sum)
    yield "L2", sheet.changes, minor(summary.net_change_orders)
    yield "L3", sheet.original + sheet.changes, minor(summary.contract_sum_to_date)
    yield "L4", sheet.earned, minor(summary.total_completed_and_stored)
    yield "L5", held, minor(summary.retainage_work) + minor(summary.retainage_stored)
    if sheet.held[0] == sheet.held[1]:
        yield "L5 held", sheet.held[0], held
    else:
        yield "L5 between", True, sheet.held[0] <= held <= sheet.held[1]
    yield "L6", sheet.earned - held, minor(summary.total_earned_less_retainage)
    yield "L7", previous, minor(summary.previous_certificates)
    yield "L8", sheet.earned - held - previous, minor(summary.current_payment_due)
    yield "L9", sheet.original + sheet.changes - sheet.earned + held, minor(summary.balance_to_finish)
    yield "gross", sheet.gross, minor(summary.gross_this_period)
    yield "sum of L8", sheet.earned - held, minor(game.paid)


def _retainage(game: Game, period: int, made: Bill, sheet: Sheet) -> Iterator[_Pair]:
    for line, row in zip(game.book.present(period), made.lines, strict=True):
        key, state = line.key, game.book.states[line.key]
        held, on_work = game.minor(row.retainage_held), game.minor(row.held_work)
        yield f"{key} held work + stored", held, on_work + game.minor(row.held_stored)
        yield f"{key} held in its sign", True, held * line.sign >= 0
        own = sheet.figure.lines.get(key)
        if own is not None:
            before = game.positions.get(key, LinePosition())
            withheld = game.minor(before.withheld_work) + game.minor(before.withheld_stored)
            yield f"{key} held", own.all - state.released, held
            yield f"{key} withheld now", own.all - withheld, game.minor(row.withheld_this_period)
            most = max(line.sign * (own.work - state.released), 0)
            yield f"{key} held on work", line.sign * most, on_work
        else:
            withheld = held + state.released
            most = max(sheet.completed[key] * line.sign, state.released * line.sign)
            most += max(state.opening_withheld, 0)  # work taken back out of the opening tranche
            rest = contracts.CURRENCIES[game.contract.currency] * len(made.lines)
            yield f"{key} within what was billed", True, withheld * line.sign <= most + rest
