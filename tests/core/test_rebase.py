"""A workbook of an issue that was replaced, carried over onto what counts now."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from batch.core.billing import certified
from batch.core.findings import Severity
from batch.core.model import Basis
from batch.core.rules import check, check_rebased
from tests.core.builders import (
    S02_AMOUNTS,
    S02_ENTRIES,
    SECOND,
    Entries,
    a_basis,
    a_line,
    a_position,
    a_return,
    codes,
    lines_of,
    the,
)


def moved(**changes: object) -> Basis:
    """The next issue of the second application, with something changed by us."""
    return replace(SECOND, issue=2, sov_version=2, **changes)  # type: ignore[arg-type]


def test_a_new_line_counts_and_is_billed_at_nothing() -> None:
    """S13: the base lines are as entered, the change order is in the claim at nothing; two holds say so."""
    newer = moved(lines=(*SECOND.lines, a_line("C1", "8500.00", change_order="CO-1")))
    checked = check_rebased(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS), SECOND, newer)
    assert codes(checked) == ["issue-rebased", "line-newer"]
    assert the(checked, "issue-rebased").difference == "8500.00"
    assert checked.bill is not None
    assert checked.bill.summary.contract_sum_to_date == Decimal("58500.00")
    assert set(checked.claim) == {"L1", "L2", "L3", "C1"}
    assert checked.claim["C1"].work == 0


def test_a_percentage_follows_and_an_amount_is_shown_where_the_line_moved() -> None:
    """80 % of 30,000 less 10,000 before; 4,000 entered on a line whose past moved is taken and shown."""
    lines = (SECOND.lines[0], replace(SECOND.lines[1], scheduled_value=Decimal("30000.00")), SECOND.lines[2])
    positions = {**SECOND.positions, "L1": a_position("3000.00", on_work="300.00")}
    newer = moved(lines=lines, positions=positions, previous_certificates=certified(positions, "USD"))
    checked = check_rebased(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS), SECOND, newer)
    assert (checked.claim["L1"].work, checked.claim["L2"].work) == (Decimal("4000.00"), Decimal("14000.00"))
    assert [(one.code, one.line) for one in checked.findings] == [
        ("issue-rebased", ""),
        ("entry-rebased", "L1"),
    ]


def test_a_pre_filled_balance_is_no_entry() -> None:
    """Stored materials that stand as they were issued follow the ledger; a changed balance stands."""
    positions = {**SECOND.positions, "L2": a_position("10000.00", "900.00", "1000.00", "90.00")}
    newer = moved(positions=positions, previous_certificates=certified(positions, "USD"))
    untouched = check_rebased(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS), SECOND, newer)
    assert untouched.claim["L2"].stored == Decimal("900.00")
    entries = {**S02_ENTRIES, "L2": {"percent_to_date": "80", "materials_stored": "200.00"}}
    assert check_rebased(a_return(SECOND, entries), SECOND, newer).claim["L2"].stored == Decimal("200.00")


def test_the_senders_own_faults_are_still_returned() -> None:
    """Words for a number, and a line that was over its value before our change and is over it after."""
    newer = moved(lines=(*SECOND.lines, a_line("C1", "8500.00", change_order="CO-1")))
    wrong: Entries = {"L1": {"work_this_period": "9000.00"}, "L3": {"work_this_period": "a lot"}}
    checked = check_rebased(a_return(SECOND, wrong), SECOND, newer)
    returned = {one.code for one in checked.findings if one.severity is Severity.RETURN}
    assert {"over-line"} <= returned
    assert checked.bill is None


CENTS = st.integers(min_value=0, max_value=2_000_000).map(lambda cents: Decimal(cents).scaleb(-2))


@given(
    values=st.lists(st.tuples(CENTS, CENTS, CENTS, CENTS), min_size=1, max_size=4),
    entered=st.lists(st.tuples(st.booleans(), st.integers(0, 100)), min_size=4, max_size=4),
)
def test_nothing_is_returned_for_a_change_of_ours(
    values: list[tuple[Decimal, Decimal, Decimal, Decimal]], entered: list[tuple[bool, int]]
) -> None:
    """Values and what was billed before may go anywhere: what was right on the workbook as it went out is never returned."""
    old = a_basis(
        lines=lines_of(*(str(value) for value, *_rest in values)),
        positions={
            f"L{n}": a_position(str(min(done, value))) for n, (value, done, *_rest) in enumerate(values, 1)
        },
    )
    old = replace(old, previous_certificates=certified(old.positions, "USD"))
    new = replace(
        old,
        issue=2,
        sov_version=2,
        lines=(
            *lines_of(*(str(value) for *_rest, value, _done in values)),
            a_line("C9", "10.00", change_order="9"),
        ),
        positions={f"L{n}": a_position(str(done)) for n, (*_rest, done) in enumerate(values, 1)},
    )
    new = replace(new, previous_certificates=certified(new.positions, "USD"))
    entries: Entries = {
        line.key: {"percent_to_date": str(share)}
        if by_percent and line.scheduled_value
        else {"work_this_period": "0"}
        for line, (by_percent, share) in zip(old.lines, entered, strict=False)
    }
    returned = a_return(old, entries)
    before = {one.code for one in check(returned, old).findings if one.severity is Severity.RETURN}
    after = {
        one.code for one in check_rebased(returned, old, new).findings if one.severity is Severity.RETURN
    }
    assert after <= before
