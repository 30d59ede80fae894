"""Accounting dates in open periods, and numbers of documents that follow one that was taken back."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from batch.core.posting import accounting_date, free_number

DAYS = st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 12, 31))
ENDS = st.none() | DAYS


@given(day=DAYS, opens=ENDS, closes=ENDS)
def test_an_accounting_date_is_the_day_or_the_first_open_one(
    day: date, opens: date | None, closes: date | None
) -> None:
    """Never before posting opens, never moved but to its first day, and none at all after it closes."""
    found = accounting_date(day, opens, closes)
    if closes is not None and day > closes:
        assert found is None
    else:
        assert found == max(day, opens or day)


@given(
    number=st.sampled_from(["A", "a-2", "INV-7"]),
    taken=st.sets(st.sampled_from(["a", "a-2", "a-3", "inv-7", "a-2-2"])),
)
def test_a_free_number_is_free(number: str, taken: set[str]) -> None:
    """It is the number itself where nothing stands in its way, and never one that stands for something else."""
    found = free_number(number, taken)
    assert found.casefold() not in taken
    assert found.startswith(number)
    assert (found == number) is (number.casefold() not in taken)
