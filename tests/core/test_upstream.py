from __future__ import annotations

from decimal import Decimal

import pytest

from batch.core import money
from batch.core.model import ClientLine, CostLine, LinePosition, RetainageTerms
from batch.core.upstream import UpstreamResult, compile_lines
from tests.core.builders import a_position, terms


def cost(code: str, work: str, stored: str = "0.00", *, commitment: str = "SC-A") -> CostLine:
    """Approved movement of one commitment line."""
    return CostLine(
        commitment=commitment,
        vendor_name="Acme",
        application="SC-A-1",
        line_key="L1",
        description="Walls",
        cost_code=code,
        work=money.amount(work, "USD"),
        stored=money.amount(stored, "USD"),
    )


def client(key: str, code: str, value: str = "100000.00") -> ClientLine:
    """One line of the client contract."""
    return ClientLine(
        key=key, item=key, description=key, cost_code=code, scheduled_value=money.amount(value, "USD")
    )


CLIENT = (client("K1", "03-300"), client("K2", "05-120"))
DOWNSTREAM = (
    cost("03-300", "6000.00"),
    cost("03-300", "2500.00", commitment="SC-B"),
    cost("05-120", "4000.00", commitment="SC-C"),
    cost("09-900", "750.00", commitment="SC-D"),
)


def compiled(
    costs: tuple[CostLine, ...] = DOWNSTREAM,
    lines: tuple[ClientLine, ...] = CLIENT,
    mapping: dict[str, str] | None = None,
    previous: dict[str, LinePosition] | None = None,
    retainage: RetainageTerms | None = None,
) -> UpstreamResult:
    """Compile at the owner's five per cent."""
    return compile_lines(costs, lines, mapping or {}, retainage or terms("5"), previous or {}, "USD")


def test_s38_roll_up() -> None:
    """S38: matched cost is billed with the owner's retainage, unmatched cost is listed, and the control
    ties.
    """
    made = compiled()
    assert [row.work_this_period for row in made.lines] == [Decimal("8500.00"), Decimal("4000.00")]
    assert (made.control.matched, made.control.unmatched) == (Decimal("12500.00"), Decimal("750.00"))
    assert made.control.downstream == Decimal("13250.00")
    assert made.summary.retainage_total == Decimal("625.00")
    assert made.summary.current_payment_due == Decimal("11875.00")
    assert [line.commitment for line in made.unmatched] == ["SC-D"]
    assert [(f.code, f.line, f.found) for f in made.findings] == [("line-not-mapped", "SC-D L1", "750.00")]
    assert [line.commitment for line in made.sources["K1"]] == ["SC-A", "SC-B"]


def test_an_explicit_mapping_goes_first() -> None:
    """A mapped cost code goes where the mapping says, also when a client line has the same code."""
    made = compiled(mapping={"03-300": "K2", "09-900": "K1"})
    assert [row.work_this_period for row in made.lines] == [Decimal("750.00"), Decimal("12500.00")]
    assert made.unmatched == ()


@pytest.mark.parametrize(
    ("lines", "mapping"),
    [
        ((client("K1", "03-300"), client("K2", "03-300")), {}),
        ((client("K1", ""),), {}),
        ((client("K1", "03-300"),), {"03-300": "gone"}),
    ],
)
def test_cost_without_one_line_is_never_guessed(
    lines: tuple[ClientLine, ...], mapping: dict[str, str]
) -> None:
    """Two client lines of one code, none, or a mapping to a line that is not there leave the cost
    unmatched.
    """
    made = compiled((cost("03-300", "10.00"),), lines, mapping)
    assert made.control.unmatched == Decimal("10.00")
    assert made.summary.current_payment_due == 0


def test_previous_applications_carry_forward() -> None:
    """Work and stored materials continue from the last issued client application; material built in moves."""
    previous = {"K1": a_position("1000.00", "400.00", "50.00", "20.00")}
    made = compiled((cost("03-300", "300.00", "-300.00"),), previous=previous)
    row = made.lines[0]
    assert (row.work_previous, row.materials_stored) == (Decimal("1000.00"), Decimal("100.00"))
    assert row.completed_and_stored == Decimal("1400.00")
    assert made.summary.previous_certificates == Decimal("1330.00")
    assert made.summary.current_payment_due == 0
    assert made.control.downstream == 0


def test_beyond_a_client_line_is_told() -> None:
    """More than a client line's scheduled value is compiled and told to the admin, also on a deductive
    line.
    """
    made = compiled(
        (cost("03-300", "150.00"), cost("05-120", "-60.00")),
        (client("K1", "03-300", "100.00"), client("K2", "05-120", "-50.00")),
    )
    assert [(f.code, f.line, f.difference) for f in made.findings] == [
        ("over-client-line", "K1", "50.00"),
        ("over-client-line", "K2", "-10.00"),
    ]
