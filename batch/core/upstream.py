"""The client application from approved cost: which line of the client contract each cost goes to, and what
it then bills.

The client's retainage has its own rates; what is held from subcontractors plays no part. Cost without a
client line is never dropped: it is listed, and the control total ties what is billed and what is not to
what was approved.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from batch.core import money
from batch.core.billing import IdentityBroken, assert_follows, bill_lines, certified, summarise
from batch.core.client_release import Asked, released_by_line
from batch.core.findings import Finding, Severity
from batch.core.model import (
    Bill,
    BilledLine,
    ClientLine,
    CostLine,
    LineAmounts,
    LinePosition,
    RetainageTerms,
    SovLine,
    Summary,
)
from batch.core.money import Rounding


@dataclass(frozen=True, kw_only=True)
class ControlTotal:
    """Gross movement of all approved cost: what found a client line, what did not, and both together."""

    matched: Decimal
    unmatched: Decimal
    downstream: Decimal


@dataclass(frozen=True, kw_only=True)
class UpstreamResult:
    """A compiled client application. `lines` are in the client contract's order, their `line.key` is the
    client line key.

    `sources` are the cost lines behind each client line, `unmatched` those without one; `findings` are for
    the admin. `again`: by client line, work and stored materials that an earlier client application billed and the
    client did not certify.
    """

    currency: str
    lines: tuple[BilledLine, ...]
    summary: Summary
    sources: Mapping[str, tuple[CostLine, ...]]
    unmatched: tuple[CostLine, ...]
    control: ControlTotal
    findings: tuple[Finding, ...]
    again: Mapping[str, LineAmounts] = field(default_factory=dict)

    def from_earlier(self, line_key: str) -> Decimal:
        """What of a client line's gross movement belongs to earlier periods: approved or corrected after they were
        billed, or mapped since.
        """
        costs = self.sources.get(line_key, ())
        return money.total((_gross(cost) for cost in costs if cost.earlier), self.currency)

    def not_certified(self, line_key: str) -> Decimal:
        """What of a client line's gross movement was billed before, and not certified."""
        moved = self.again.get(line_key, LineAmounts())
        return money.rounded(moved.work + moved.stored, self.currency)

    @property
    def not_certified_total(self) -> Decimal:
        """What of all that is billed was billed before, and not certified."""
        return money.total((self.not_certified(key) for key in self.again), self.currency)

    @property
    def bill(self) -> Bill:
        """Lines and summary as a bill: what tax and the identities are worked out on."""
        return Bill(currency=self.currency, lines=self.lines, summary=self.summary)

    @property
    def earlier_total(self) -> Decimal:
        """What of all that is billed belongs to earlier periods."""
        return money.total((self.from_earlier(key) for key in self.sources), self.currency)

    @property
    def earlier_items(self) -> tuple[CostLine, ...]:
        """The cost lines of earlier periods that are billed now, by client line."""
        return tuple(cost for costs in self.sources.values() for cost in costs if cost.earlier)


def compile_lines(
    cost_lines: Sequence[CostLine],
    client_lines: Sequence[ClientLine],
    mapping: Mapping[str, str],
    retainage: RetainageTerms,
    previous: Mapping[str, LinePosition],
    currency: str,
    rounding: Rounding = Rounding.HALF_UP,
    releases: Asked | None = None,
    again: Mapping[str, LineAmounts] | None = None,
) -> UpstreamResult:
    """Compile a client application in the project's currency.

    Of a `CostLine`, `work` and `stored` are both movements since the last issued client application
    (`stored` may be negative: material built in). `mapping` is cost code -> client line key and goes before
    an equal cost code, which counts only when exactly one client line has it. `previous` are the positions
    after the last issued client application. `releases`: retainage asked back, see `client_release`, whose
    ReleaseError is raised. `again`: movements by client line that the client did not certify, see `certified`.
    """
    sources, unmatched = _match(cost_lines, client_lines, mapping)
    again = {key: moved for key, moved in (again or {}).items() if moved.work or moved.stored}
    amounts = {
        line.key: _amounts(
            sources[line.key], previous.get(line.key, LinePosition()), again.get(line.key, LineAmounts())
        )
        for line in client_lines
    }
    lines = bill_lines(schedule(client_lines), previous, amounts, retainage, currency, rounding)
    if releases:
        given = released_by_line(lines, releases, currency, rounding)
        amounts |= {key: replace(amounts[key], release=amount) for key, amount in given.items()}
        lines = bill_lines(schedule(client_lines), previous, amounts, retainage, currency, rounding)
    bill = Bill(
        currency=currency, lines=lines, summary=summarise(lines, certified(previous, currency), currency)
    )
    assert_follows(bill, previous, certified(previous, currency))
    return UpstreamResult(
        currency=currency,
        lines=lines,
        summary=bill.summary,
        sources=sources,
        unmatched=unmatched,
        control=_control(cost_lines, sources, unmatched, currency),
        findings=(*_not_mapped(unmatched, currency), *_over_client_line(lines, currency)),
        again=again,
    )


def _match(
    cost_lines: Sequence[CostLine], client_lines: Sequence[ClientLine], mapping: Mapping[str, str]
) -> tuple[dict[str, tuple[CostLine, ...]], tuple[CostLine, ...]]:
    by_code = _unique_codes(client_lines)
    found: dict[str, list[CostLine]] = {line.key: [] for line in client_lines}
    unmatched: list[CostLine] = []
    for cost in cost_lines:
        key = cost.client_line or mapping.get(cost.cost_code) or by_code.get(cost.cost_code)
        found.get(key or "", unmatched).append(cost)
    return {key: tuple(costs) for key, costs in found.items()}, tuple(unmatched)


def _unique_codes(client_lines: Sequence[ClientLine]) -> dict[str, str]:
    used = Counter(line.cost_code for line in client_lines)
    return {line.cost_code: line.key for line in client_lines if line.cost_code and used[line.cost_code] == 1}


def _amounts(costs: Sequence[CostLine], prior: LinePosition, again: LineAmounts) -> LineAmounts:
    return LineAmounts(
        work=sum((cost.work for cost in costs), again.work),
        stored=sum((cost.stored for cost in costs), prior.stored + again.stored),
    )


def schedule(client_lines: Sequence[ClientLine]) -> tuple[SovLine, ...]:
    """The lines of the client contract as a schedule of values with their own rules of retainage."""
    return tuple(
        SovLine(
            key=line.key,
            item=line.item,
            description=line.description,
            cost_code=line.cost_code,
            scheduled_value=line.scheduled_value,
            change_order=line.change_order,
            retainage_work=line.retainage_work,
            retainage_stored=line.retainage_stored,
            retainage_amount=line.retainage_amount,
        )
        for line in client_lines
    )


def _control(
    cost_lines: Sequence[CostLine],
    sources: Mapping[str, tuple[CostLine, ...]],
    unmatched: Sequence[CostLine],
    currency: str,
) -> ControlTotal:
    matched = money.total((_gross(cost) for costs in sources.values() for cost in costs), currency)
    apart = money.total((_gross(cost) for cost in unmatched), currency)
    downstream = money.total((_gross(cost) for cost in cost_lines), currency)
    if matched + apart != downstream:
        raise IdentityBroken(f"matched + unmatched = downstream: {matched} + {apart} is not {downstream}")
    return ControlTotal(matched=matched, unmatched=apart, downstream=downstream)


def _gross(cost: CostLine) -> Decimal:
    return cost.work + cost.stored


def _not_mapped(unmatched: Sequence[CostLine], currency: str) -> list[Finding]:
    return [
        Finding(
            code="line-not-mapped",
            severity=Severity.HOLD,
            line=f"{cost.commitment} {cost.line_key}",
            found=money.plain(_gross(cost), currency),
        )
        for cost in unmatched
    ]


def _over_client_line(lines: Sequence[BilledLine], currency: str) -> list[Finding]:
    over = [row for row in lines if _beyond(row.completed_and_stored, row.line.scheduled_value)]
    return [
        Finding(
            code="over-client-line",
            severity=Severity.HOLD,
            line=row.line.key,
            found=money.plain(row.completed_and_stored, currency),
            expected=money.plain(row.line.scheduled_value, currency),
            difference=money.plain(row.completed_and_stored - row.line.scheduled_value, currency),
        )
        for row in over
    ]


def _beyond(completed: Decimal, limit: Decimal) -> bool:
    return completed < limit if limit < 0 else completed > limit
