"""Joint checks: each agreement takes what is owed to it, by number, and the split is always the whole payable."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core.money import from_minor
from batch.core.paying import JointCheck, by_number, split, to_vendor_alone


def agreement(number: str, open_: str) -> JointCheck:
    """An agreement with this much still owed."""
    return JointCheck(number=number, payee=f"Supplier {number}", open=Decimal(open_))


def test_s48_two_payments() -> None:
    """9,000.00 with 2,750.00 owed: 2,750.00 together, 6,250.00 alone."""
    (part,) = split(Decimal("9000.00"), [agreement("JC-1", "2750.00")])
    assert part.amount == Decimal("2750.00")
    assert to_vendor_alone(Decimal("9000.00"), [part]) == Decimal("6250.00")


def test_the_lowest_number_is_paid_first() -> None:
    """JC-2 comes before JC-10, whatever order they are given in; what is left goes to the next one."""
    parts = split(Decimal("100.00"), [agreement("JC-10", "80.00"), agreement("JC-2", "70.00")])
    assert [(one.agreement.number, one.amount) for one in parts] == [
        ("JC-2", Decimal("70.00")),
        ("JC-10", Decimal("30.00")),
    ]
    assert sorted(["JC-10", "jc-2", "A", "7"], key=by_number) == ["7", "A", "jc-2", "JC-10"]


def test_nothing_and_a_credit_are_not_split() -> None:
    """Where nothing is payable, or money comes back, no agreement takes part in it."""
    for payable in (Decimal("0.00"), Decimal("-250.00")):
        assert split(payable, [agreement("1", "10.00")]) == ()
        assert to_vendor_alone(payable, ()) == payable


MINOR = st.integers(min_value=0, max_value=10**12).map(lambda minor: from_minor(minor, "USD"))


@given(
    payable=st.integers(min_value=-(10**12), max_value=10**12).map(lambda minor: from_minor(minor, "USD")),
    owed=st.lists(MINOR, max_size=6),
)
def test_the_split_always_adds_up_to_the_payable(payable: Decimal, owed: list[Decimal]) -> None:
    """Parts and rest are the payable; no part is more than is owed or than is left, none is nothing, all in order."""
    agreements = [JointCheck(number=str(n), payee="S", open=amount) for n, amount in enumerate(owed)]
    parts = split(payable, agreements)
    alone = to_vendor_alone(payable, parts)
    assert sum((one.amount for one in parts), alone) == payable
    assert all(0 < one.amount <= one.agreement.open for one in parts)
    assert alone >= min(payable, Decimal(0))
    assert alone <= 0 or all(one.amount == one.agreement.open for one in parts)
    assert [one.agreement.number for one in parts] == sorted(one.agreement.number for one in parts)


@given(payables=st.lists(MINOR, max_size=8), owed=MINOR)
def test_an_agreement_never_takes_more_than_is_owed_in_all(payables: list[Decimal], owed: Decimal) -> None:
    """Over any months: what was taken is the lesser of what is owed and of all that was payable."""
    taken = Decimal(0)
    for payable in payables:
        for part in split(payable, [JointCheck(number="1", payee="S", open=owed - taken)]):
            taken += part.amount
    assert taken == min(owed, sum(payables, Decimal(0)))
