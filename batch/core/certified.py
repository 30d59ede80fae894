"""What the client certifies of an issued client application, and what of it comes again in the next one.

A certificate says work of the period and stored materials by line. Retainage follows from them by the client contract's own
rules, so that the next application starts from the certified position. What was billed and not certified is a movement that
the next application bills again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from batch.core import money
from batch.core.billing import assert_follows, bill_lines, certified, summarise
from batch.core.model import Bill, BilledLine, LineAmounts, LinePosition, RetainageTerms, SovLine
from batch.core.money import ZERO, Rounding


class CertificateError(ValueError):
    """It cannot be certified so. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the client certified on one line: work of this period, materials presently stored. None: as issued."""

    work: Decimal | None = None
    stored: Decimal | None = None


def amounts_of(line: BilledLine) -> LineAmounts:
    """What a line bills in its application."""
    return LineAmounts(
        work=line.work_this_period, stored=line.materials_stored, release=line.released_this_period
    )


def certify(
    issued: Sequence[BilledLine],
    lines: Sequence[SovLine],
    before: Mapping[str, LinePosition],
    said: Mapping[str, Said],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
) -> Bill:
    """The bill as certified, from the lines as issued; a line that is not in `said` is certified as issued.

    `lines` are those of `issued` with their own rules of retainage, `before` the positions it was compiled on. Retainage
    that was asked back stays, up to what the certified work leaves to release. Raises CertificateError for a line that is
    not there, an amount not between 0 and what was issued, and rules that no longer give the retainage that was issued.
    """
    strangers = set(said) - {row.line.key for row in issued}
    if strangers:
        raise CertificateError(
            f"the client application has no line {', '.join(sorted(strangers))} that could be certified"
        )
    given = {row.line.key: _within(row, said.get(row.line.key, Said()), currency) for row in issued}
    rows = tuple(issued)
    if given != {row.line.key: amounts_of(row) for row in issued}:
        _assert_same_rules(issued, lines, before, terms, currency, rounding)
        rows = _cut(lines, before, given, terms, currency, rounding)
    previous = certified(before, currency)
    made = Bill(currency=currency, lines=rows, summary=summarise(rows, previous, currency))
    assert_follows(made, before, previous)
    return made


def _within(row: BilledLine, said: Said, currency: str) -> LineAmounts:
    billed = amounts_of(row)
    for what, amount, most in (("work", said.work, billed.work), ("stored", said.stored, billed.stored)):
        if amount is not None and not min(most, ZERO) <= amount <= max(most, ZERO):
            of = "work this period" if what == "work" else "materials stored"
            raise CertificateError(
                f"line {row.line.key}: {money.plain(amount, currency)} is certified as {of},"
                f" and {money.plain(most, currency)} was billed; it must be between 0 and that"
            )
    return replace(
        billed,
        work=billed.work if said.work is None else said.work,
        stored=billed.stored if said.stored is None else said.stored,
    )


def _assert_same_rules(
    issued: Sequence[BilledLine],
    lines: Sequence[SovLine],
    before: Mapping[str, LinePosition],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding,
) -> None:
    """The rules must be those it was issued with, or lines that the client left alone would change."""
    amounts = {row.line.key: amounts_of(row) for row in issued}
    again = {
        row.line.key: row.position for row in bill_lines(lines, before, amounts, terms, currency, rounding)
    }
    for row in issued:
        if again.get(row.line.key) != row.position:
            raise CertificateError(
                f"line {row.line.key}: the register's rules of retainage no longer give what was issued;"
                " put them back, certify, and change them then"
            )


def _cut(
    lines: Sequence[SovLine],
    before: Mapping[str, LinePosition],
    given: Mapping[str, LineAmounts],
    terms: RetainageTerms,
    currency: str,
    rounding: Rounding,
) -> tuple[BilledLine, ...]:
    """The lines at what was certified, with no more released than is then held."""
    unreleased = {key: replace(amounts, release=ZERO) for key, amounts in given.items()}
    held = {
        row.line.key: row.retainage_held
        for row in bill_lines(lines, before, unreleased, terms, currency, rounding)
    }
    amounts = {
        key: replace(one, release=min(max(one.release, min(held[key], ZERO)), max(held[key], ZERO)))
        for key, one in given.items()
    }
    return bill_lines(lines, before, amounts, terms, currency, rounding)


def not_certified(issued: Sequence[BilledLine], standing: Sequence[BilledLine]) -> dict[str, LineAmounts]:
    """By line key, the movement that was billed and not certified; only lines where something is left.

    As a movement: what the next application adds to work of the period, and to the stored materials of before.
    """
    given = {row.line.key: row for row in standing}
    found = {
        row.line.key: LineAmounts(
            work=row.work_this_period - given[row.line.key].work_this_period,
            stored=row.materials_stored - given[row.line.key].materials_stored,
        )
        for row in issued
    }
    return {key: moved for key, moved in found.items() if moved.work or moved.stored}
