"""How lines share a figure of the whole contract, to its smallest unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from batch.core import money
from batch.core.sharing import Bounds, settle, share_out


def cents(value: Decimal) -> Decimal:
    """Rounded to cents, half up."""
    return money.rounded(value, "USD")


def numbers(*texts: str) -> list[Decimal]:
    """Exact numbers."""
    return [Decimal(text) for text in texts]


def between(*pairs: str) -> list[Bounds]:
    """Bounds written as `least..most`."""
    ends = [pair.split("..") for pair in pairs]
    return [(Decimal(low), Decimal(high)) for low, high in ends]


THREE = between("0..20", "0..60", "0..30")


@pytest.mark.parametrize(
    ("total", "wanted", "bounds", "shares"),
    [
        # Nothing is missing: each has what it wants.
        ("60", ("10", "20", "30"), THREE, ("10", "20", "30")),
        # 40 more: the rooms are 10, 40 and none, so 8 and 32.
        ("100", ("10", "20", "30"), THREE, ("18", "52", "30")),
        # Half a dollar more goes by the rooms too, 0.10 and 0.40.
        ("60.50", ("10", "20", "30"), THREE, ("10.10", "20.40", "30")),
        # 10 less: above their least are 5, 20 and none, so 2 and 8.
        ("50", ("10", "20", "30"), between("5..12", "0..60", "30..30"), ("8", "12", "30")),
        # Never beyond the bounds, whatever the total.
        ("1000", ("10", "20", "30"), THREE, ("20", "60", "30")),
        ("-5", ("10", "20", "30"), between("5..20", "0..60", "30..30"), ("5", "0", "30")),
        # What is wanted beyond the bounds counts as what they allow.
        ("40", ("50", "-10"), between("0..20", "10..30"), ("20", "20")),
        # A deduction takes its part below 0.
        ("8", ("10", "-5"), between("0..20", "-10..0"), ("12", "-4")),
        # The cent that rounding leaves is on the last.
        ("10.00", ("3.33", "3.33", "3.33"), between("0..5", "0..5", "0..5"), ("3.33", "3.33", "3.34")),
        # Two lines want half a cent more than they can have, which the last gives back.
        ("0.01", ("0.005", "0.005"), between("0..1", "0..1"), ("0.01", "0.00")),
        # Rounding leaves no share beyond its bounds.
        ("1.009", ("0.50", "0.50"), between("0..0.504", "0..0.509"), ("0.50", "0.509")),
        ("0", (), [], ()),
        ("5", (), [], ()),
    ],
)
def test_shares(total: str, wanted: tuple[str, ...], bounds: list[Bounds], shares: tuple[str, ...]) -> None:
    """Each gets near to what it wants, in proportion to its room, within its bounds, and all get the total."""
    assert share_out(Decimal(total), numbers(*wanted), bounds, cents) == numbers(*shares)


def test_every_share_has_its_bounds() -> None:
    """Shares without bounds, or bounds without a share, are a mistake of the caller."""
    with pytest.raises(ValueError, match="shorter"):
        share_out(Decimal(1), numbers("1", "1"), between("0..1"), cents)


@pytest.mark.parametrize(
    ("total", "made", "bounds", "settled"),
    [
        ("6", ("3", "3", "0"), THREE, ("3", "3", "0")),
        # On the last that is not 0, upwards or downwards.
        ("10", ("3", "3", "0"), THREE, ("3", "7", "0")),
        ("5", ("3", "3", "0"), THREE, ("3", "2", "0")),
        # What it cannot bear is on the one before it.
        ("10", ("3", "3", "0"), between("0..9", "0..4", "0..9"), ("6", "4", "0")),
        ("1", ("3", "3"), between("0..9", "2..9"), ("0", "2")),
        # Then on those that are 0, the last of them first; the bounds go before the total.
        ("8", ("3", "0", "0"), between("0..4", "0..2", "0..3"), ("4", "1", "3")),
        ("99", ("3", "0", "0"), between("0..4", "0..2", "0..3"), ("4", "2", "3")),
        ("3", ("0", "0"), between("0..9", "0..9"), ("0", "3")),
        ("7", (), [], ()),
    ],
)
def test_the_rest(total: str, made: tuple[str, ...], bounds: list[Bounds], settled: tuple[str, ...]) -> None:
    """The rest to the total is on the last that is not 0, then before it, then where there is nothing yet."""
    assert settle(Decimal(total), numbers(*made), bounds) == numbers(*settled)
