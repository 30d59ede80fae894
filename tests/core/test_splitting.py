"""Splits of a cost code between client lines: they always tie, and never drift."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core.model import CostLine
from batch.core.money import from_minor
from batch.core.splitting import Piece, Share, so_far, split

CENT = Decimal("0.01")


def cost(work: int, stored: int = 0, code: str = "c") -> CostLine:
    """A movement of a cost code in cents."""
    return CostLine(
        commitment="S", vendor_name="V", application="S-1", line_key="1", description="", cost_code=code,
        work=from_minor(work, "USD"), stored=from_minor(stored, "USD"),
    )  # fmt: skip


@st.composite
def some_shares(draw: st.DrawFn) -> list[Share]:
    """Two to four shares with four decimals of a percent, 100 % in all."""
    count = draw(st.integers(2, 4))
    cuts = draw(st.lists(st.integers(1, 999_999), min_size=count - 1, max_size=count - 1, unique=True))
    edges = [0, *sorted(cuts), 1_000_000]
    return [
        Share(line=f"L{n}", percent=Decimal(edges[n + 1] - edges[n]).scaleb(-4))
        for n in range(len(edges) - 1)
    ]


def pieces(made: list[CostLine]) -> list[Piece]:
    """What a client application keeps of split costs."""
    return [
        Piece(line=one.client_line, percent=one.percent, work=one.work, stored=one.stored) for one in made
    ]


months = st.lists(
    st.lists(st.tuples(st.integers(-50_000, 500_000), st.integers(-9_000, 9_000)), min_size=1, max_size=4),
    min_size=1,
    max_size=8,
)


@given(some_shares(), months)
def test_splits_tie_and_never_drift(shares: list[Share], moved: list[list[tuple[int, int]]]) -> None:
    """Pieces add up to their cost; to date every line has its percentage within half a cent, the last the rest."""
    billed: list[list[Piece]] = []
    for month in moved:
        costs = [cost(work, stored) for work, stored in month]
        made = split(costs, {"c": shares}, {"c": so_far(billed, shares)}, "USD")
        for number, one in enumerate(costs):
            own = made[number * len(shares) : (number + 1) * len(shares)]
            assert sum(each.work for each in own) == one.work
            assert sum(each.stored for each in own) == one.stored
        billed.append(pieces(made))
        to_date = so_far(billed, shares)
        for at in (0, 1):
            whole = sum(amounts[at] for amounts in to_date.values())
            for share in shares[:-1]:
                assert abs(to_date[share.line][at] - whole * share.percent / 100) <= CENT / 2
            rest = to_date[shares[-1].line][at] - whole * shares[-1].percent / 100
            assert abs(rest) <= CENT / 2 * (len(shares) - 1)


@given(some_shares(), some_shares(), months, months)
def test_a_change_of_percentages_moves_only_what_comes_after(
    first: list[Share],
    second: list[Share],
    old: list[list[tuple[int, int]]],
    new: list[list[tuple[int, int]]],
) -> None:
    """After a change the splits are those that a cost code without a past would have."""
    billed = [pieces(split([cost(*one) for one in month], {"c": first}, {}, "USD")) for month in old]
    started: list[list[Piece]] = []
    for month in new:
        costs = [cost(*one) for one in month]
        made = split(costs, {"c": second}, {"c": so_far(billed, second)}, "USD")
        if {each.line: each.percent for each in first} != {each.line: each.percent for each in second}:
            assert made == split(costs, {"c": second}, {"c": so_far(started, second)}, "USD")
        billed.append(pieces(made))
        started.append(pieces(made))


def test_other_cost_codes_stay_whole() -> None:
    """Only a cost code with shares is split."""
    shares = {"c": [Share(line="A", percent=Decimal(60)), Share(line="B", percent=Decimal(40))]}
    made = split([cost(101), cost(101, code="d")], shares, {}, "USD")
    assert [(each.client_line, each.work) for each in made] == [
        ("A", Decimal("0.61")), ("B", Decimal("0.40")), ("", Decimal("1.01")),
    ]  # fmt: skip
