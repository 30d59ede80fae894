"""Retainage asked back from the client: shared exactly, never more than is held, never withheld again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import positions_after
from batch.core.client_release import ReleaseError, released_by_line
from batch.core.model import ClientLine, CostLine, LinePosition, RetainageTerms
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageStep, StepReach
from batch.core.upstream import UpstreamResult, compile_lines

KEYS = ("K1", "K2", "K3")
CLIENT = tuple(
    ClientLine(
        key=key, item=key, description=key, cost_code=key, scheduled_value=money.amount("1000.00", "USD")
    )
    for key in KEYS
)
CENTS = st.integers(0, 30_000).map(lambda cents: money.from_minor(cents, "USD"))
TERMS = st.builds(
    RetainageTerms,
    work=st.integers(0, 100).map(Decimal),
    stored=st.integers(0, 100).map(Decimal),
    steps=st.sampled_from([(), (RetainageStep(past=Decimal(50), rate=Decimal(5)),)]),
    reach=st.sampled_from(StepReach),
    cap_percent=st.sampled_from([None, Decimal(3)]),
    cap_of=st.sampled_from(CapOf),
    rounding=st.sampled_from(RetainageRounding),
    whole_units=st.booleans(),
)


def a_cost(key: str, work: Decimal) -> CostLine:
    """Approved work that goes to one client line."""
    return CostLine(
        commitment="SC-A",
        vendor_name="Acme",
        application="SC-A/1",
        line_key="1",
        description="Walls",
        cost_code=key,
        work=work,
        stored=money.zero("USD"),
    )


def compiled(
    works: list[Decimal],
    terms: RetainageTerms,
    previous: dict[str, LinePosition],
    share: Decimal | None,
) -> UpstreamResult:
    """A client application that releases a share (0 to 1) of what it holds; the identities hold or it raises."""
    costs = tuple(a_cost(key, work) for key, work in zip(KEYS, works, strict=True))
    plain = compile_lines(costs, CLIENT, {}, terms, previous, "USD")
    if share is None:
        return plain
    asked = money.rounded(plain.summary.retainage_total * share, "USD")
    made = compile_lines(costs, CLIENT, {}, terms, previous, "USD", releases={"": asked})
    assert sum(row.released_this_period for row in made.lines) == asked
    assert made.summary.retainage_total == plain.summary.retainage_total - asked
    return made


@given(
    TERMS,
    st.lists(
        st.tuples(
            st.lists(CENTS, min_size=3, max_size=3),
            st.sampled_from([None, Decimal(0), Decimal("0.3"), Decimal(1)]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_payments_add_up_and_nothing_is_clawed_back(
    terms: RetainageTerms, months: list[tuple[list[Decimal], Decimal | None]]
) -> None:
    """For every rule: the sum of all payments due is what is earned at last, and held never falls below 0."""
    positions: dict[str, LinePosition] = {}
    paid = Decimal(0)
    for works, share in months:
        made = compiled(works, terms, positions, share)
        assert compiled(works, terms, positions, share) == made
        assert all(row.retainage_held >= 0 for row in made.lines)
        paid += made.summary.current_payment_due
        positions = positions_after(made.bill)
    assert paid == made.summary.total_earned_less_retainage


@pytest.mark.parametrize(
    "asked", [{"": Decimal("60.01")}, {"K1": Decimal("30.01")}, {"K9": None}, {"": Decimal(-1)}]
)
def test_more_than_is_held_is_refused(asked: dict[str, Decimal | None]) -> None:
    """Of a line, in total, of no line, or below 0."""
    terms = RetainageTerms(work=Decimal(10), stored=Decimal(10))
    works = [Decimal("300.00"), Decimal("200.00"), Decimal("100.00")]
    made = compiled(works, terms, {}, None)
    with pytest.raises(ReleaseError):
        released_by_line(made.lines, asked, "USD")


def test_a_line_that_is_named_leaves_the_rest_to_the_others() -> None:
    """All of one line and a part in total: the total is shared by the lines that are not named."""
    terms = RetainageTerms(work=Decimal(10), stored=Decimal(10))
    works = [Decimal("300.00"), Decimal("200.00"), Decimal("100.00")]
    made = compiled(works, terms, {}, None)
    found = released_by_line(made.lines, {"K1": None, "": Decimal("1.00")}, "USD")
    assert found == {"K1": Decimal("30.00"), "K2": Decimal("0.67"), "K3": Decimal("0.33")}
