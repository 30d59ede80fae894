"""What each rule of retainage did: the parts of every line add up to what the core withholds, under every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core.billing import bill
from batch.core.model import Basis, InviteKind, LineAmounts, LinePosition, SovLine
from batch.core.retainage_terms import CapOf, RetainageRounding, RetainageTerms, StepReach, read_steps
from batch.core.retainage_told import Step, residuals, told

D = Decimal


def basis(terms: RetainageTerms, **changes: object) -> Basis:
    """A contract of three lines: one follows the contract, one has a rate of its own, one a fixed amount."""
    lines = (
        SovLine(key="1", item="1", description="Footings", cost_code="03", scheduled_value=D("60000.00")),
        SovLine(
            key="2", item="2", description="Frame", cost_code="05", scheduled_value=D("30000.00"),
            retainage_work=D(4),
        ),
        SovLine(
            key="3", item="3", description="Bond", cost_code="01", scheduled_value=D("10000.00"),
            retainage_amount=D("500.00"),
        ),
    )  # fmt: skip
    made = Basis(
        company="C", project="P", project_name="P", commitment="SC-1", commitment_title="T", vendor="V",
        vendor_name="V", period=1, period_from=date(2026, 1, 1), period_to=date(2026, 1, 31), issue=1,
        kind=InviteKind.BOTH, sov_version=1, application_number=1, currency="USD", retainage=terms, lines=lines,
        positions={}, previous_certificates=D("0.00"),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def amounts(first: str, second: str = "0", third: str = "0", stored: str = "0") -> dict[str, LineAmounts]:
    """Work on the three lines, and what is stored for the first."""
    return {
        "1": LineAmounts(work=D(first), stored=D(stored)),
        "2": LineAmounts(work=D(second)),
        "3": LineAmounts(work=D(third)),
    }


def test_a_rate_an_own_rate_and_a_fixed_amount() -> None:
    """Each is told as what it is, with its base; an opening tranche stands apart from the rate."""
    opening = LinePosition(
        work=D("1000.00"), withheld_work=D("70.00"), opening_work=D("1000.00"), opening_withheld_work=D("70.00")
    )  # fmt: skip
    terms = RetainageTerms(work=D(10), stored=D(5))
    found = told(basis(terms, positions={"1": opening}), amounts("2000", "300", "600", "80"))
    assert [(part.step, part.amount) for part in found.work["1"]] == [
        (Step.OPENING, D("70.00")),
        (Step.RATE, D("200.00")),
    ]
    assert [(part.step, part.base, part.rate) for part in found.work["2"]] == [(Step.RATE, D(300), D(4))]
    assert [(part.step, part.amount, part.base) for part in found.work["3"]] == [
        (Step.FIXED, D("500.00"), D("500.00"))
    ]
    assert [(part.step, part.amount) for part in found.stored["1"]] == [(Step.RATE, D("4.00"))]


def test_forward_steps_are_told_by_tranche() -> None:
    """Past half of 60,000 the rate is 5 %: 30,000 at 10 % and 6,000 at 5 %."""
    terms = RetainageTerms(work=D(10), stored=D(10), steps=read_steps("50%: 5%"))
    found = told(basis(terms), amounts("36000")).contract
    assert [(one.rate, one.work, one.amount) for one in found.tranches] == [
        (D(10), D(30000), D(3000)),
        (D(5), D(6000), D(300)),
    ]
    assert (found.done, found.value, found.stepped) == (D(36000), D(60000), D(3300))


def test_what_forward_steps_keep_of_another_value_is_told_apart() -> None:
    """Of 36,000 at half of 60,000 3,300 is withheld; at a value of 100,000 the tranches say 300 more, which is kept off."""
    terms = RetainageTerms(work=D(10), stored=D(10), steps=read_steps("50%: 5%"))
    start = basis(terms)
    first = bill(start, amounts("36000"))
    more = replace(start.lines[0], key="5", item="5", scheduled_value=D("40000.00"))
    now = replace(
        start, lines=(*start.lines, more), positions={row.line.key: row.position for row in first.lines}
    )
    found = told(now, {**amounts("0"), "5": LineAmounts()}).contract
    assert (sum(one.amount for one in found.tranches), found.kept, found.stepped) == tuple(
        map(D, (3600, -300, 3300))
    )


def test_a_step_for_all_work_is_told_as_the_rate_that_holds_now() -> None:
    """At the threshold the old rate holds, a cent past it the new one for all work."""
    terms = RetainageTerms(work=D(10), steps=read_steps("50%: 5%"), reach=StepReach.ALL)
    at, past = (told(basis(terms), amounts(work)) for work in ("30000", "30000.20"))
    assert (at.contract.rate, past.contract.rate) == (D(10), D(5))
    assert [(part.rate, part.amount) for part in past.work["1"]] == [(D(5), D("1500.01"))]


def test_a_cap_says_how_much_it_took_off() -> None:
    """3 % of 100,000 is the most; by the rules 4,300 would be withheld."""
    terms = RetainageTerms(work=D(10), cap_percent=D(3))
    found = told(basis(terms), amounts("40000", "0", "300"))
    rule = found.contract
    assert (rule.by_rules, rule.limit, rule.withheld, rule.cut) == (D(4300), D(3000), D(3000), D(1300))
    cut = [part.amount for parts in found.work.values() for part in parts if part.step is Step.CAP]
    assert sum(cut) == D(-1300)


MONEY = st.decimals(0, 20000, places=2)
TERMS = st.builds(
    RetainageTerms,
    work=st.sampled_from([D(0), D(5), D(10)]),
    stored=st.sampled_from([D(0), D(5), D(10)]),
    steps=st.sampled_from([(), read_steps("20%: 5%"), read_steps("10%: 7%, 30%: 2.5%")]),
    reach=st.sampled_from(StepReach),
    cap_percent=st.sampled_from([None, D(1), D(3)]),
    cap_of=st.sampled_from(CapOf),
    rounding=st.sampled_from(RetainageRounding),
    whole_units=st.booleans(),
)


@given(terms=TERMS, first=st.tuples(MONEY, MONEY, MONEY, MONEY), second=st.tuples(MONEY, MONEY, MONEY, MONEY))
def test_the_parts_always_add_up_to_what_is_withheld(
    terms: RetainageTerms, first: tuple[D, D, D, D], second: tuple[D, D, D, D]
) -> None:
    """Two bills under any terms: on every line, work and stored apart; and the contract's figure is theirs together."""
    start = basis(terms)
    before = bill(start, amounts(*map(str, first)))
    again = replace(start, positions={row.line.key: row.position for row in before.lines})
    entered = amounts(*map(str, second))
    found, after = told(again, entered), bill(again, entered)
    for row in after.lines:
        key = row.line.key
        assert sum((part.amount for part in found.work[key]), D(0)) == row.position.withheld_work
        assert sum((part.amount for part in found.stored[key]), D(0)) == row.position.withheld_stored
    together = sum((row.position.withheld_work + row.position.withheld_stored for row in after.lines), D(0))
    assert found.contract.withheld == together
    assert found.contract.cut >= 0


#: Where a contract joined midway: work and stored materials of before with what was kept back of them, cents and all.
OPENINGS = st.tuples(MONEY, MONEY, MONEY, MONEY)


def joined(terms: RetainageTerms, opening: tuple[D, D, D, D], *, negative: bool) -> Basis:
    """The contract with an opening balance on its first line, and with a negative line that follows the steps."""
    work, stored, on_work, on_stored = opening
    first = LinePosition(
        work=work, stored=stored, opening_work=work, opening_stored=stored,
        withheld_work=min(on_work, work), withheld_stored=min(on_stored, stored),
        opening_withheld_work=min(on_work, work), opening_withheld_stored=min(on_stored, stored),
    )  # fmt: skip
    made = basis(terms, positions={"1": first})
    value = D("-130000.00") if negative else D("-4000.00")
    deduct = SovLine(key="4", item="4", description="Deduct", cost_code="03", scheduled_value=value)
    return replace(made, lines=(*made.lines, deduct))


@given(
    terms=TERMS, opening=OPENINGS, kept=st.booleans(), negative=st.booleans(), cap=st.sampled_from([None, D("612.50")]),
    first=st.tuples(MONEY, MONEY, MONEY, MONEY, MONEY), second=st.tuples(MONEY, MONEY, MONEY, MONEY, MONEY),
)  # fmt: skip
def test_the_parts_add_up_on_openings_of_stored_material_and_negative_lines(
    terms: RetainageTerms, opening: tuple[D, D, D, D], kept: bool, negative: bool, cap: D | None,
    first: tuple[D, D, D, D, D], second: tuple[D, D, D, D, D],
) -> None:  # fmt: skip
    """Under any terms: with what was stored at the opening still there or not, and steps on a sum below zero."""
    now = joined(replace(terms, cap_amount=cap), opening, negative=negative)
    for bill_amounts in (first, second):
        stored = opening[1] if kept else bill_amounts[3]
        entered = amounts(*map(str, (*bill_amounts[:3], stored))) | {"4": LineAmounts(work=-bill_amounts[4])}
        found, after = told(now, entered), bill(now, entered)
        for row in after.lines:
            key = row.line.key
            assert sum((part.amount for part in found.work[key]), D(0)) == row.position.withheld_work
            assert sum((part.amount for part in found.stored[key]), D(0)) == row.position.withheld_stored
        now = replace(now, positions={row.line.key: row.position for row in after.lines})


def test_what_was_stored_at_the_opening_is_told_as_such_while_it_lies_there() -> None:
    """80.00 kept back on 1,000.00 by the paper of before stays; at another balance the rate of today holds."""
    opening = LinePosition(
        stored=D("1000.00"), withheld_stored=D("80.00"), opening_stored=D("1000.00"), opening_withheld_stored=D("80.00")
    )  # fmt: skip
    start = basis(RetainageTerms(work=D(10), stored=D(5)), positions={"1": opening})
    still, gone = (told(start, amounts("0", stored=stored)) for stored in ("1000", "900"))
    assert [(part.step, part.amount, part.base) for part in still.stored["1"]] == [
        (Step.OPENING, D(80), D(1000))
    ]
    assert [(part.step, part.amount) for part in gone.stored["1"]] == [(Step.RATE, D(45))]


def test_contract_rounding_says_which_line_bears_the_rest() -> None:
    """Two lines of 0.05 at 10 % round to 0.01 each, the contract of 0.10 to 0.01: the last of them bears -0.01."""
    lines = tuple(
        SovLine(key=key, item=key, description="Work", cost_code="03", scheduled_value=D("100.00"))
        for key in ("1", "2", "3")
    )
    terms = RetainageTerms(work=D(10), rounding=RetainageRounding.CONTRACT)
    found = residuals(told(basis(terms, lines=lines), amounts("0.05", "0.05")))
    assert {key: one.amount for key, one in found.items()} == {"1": D(0), "2": D("-0.01"), "3": D(0)}
