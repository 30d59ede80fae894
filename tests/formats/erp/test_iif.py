"""QuickBooks IIF: blocks that add up to zero, text the file can hold, the scenarios' figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.formats.erp import BatchSettings, CanonicalBill, IifSettings, check_batch, check_bills, write_batch
from batch.formats.erp.iif_text import field_text, loses, short_number
from tests.formats.erp.bills import SETTINGS, a_bill, a_deduction, a_line

Block = list[list[str]]


def blocks(bills: tuple[CanonicalBill, ...], settings: BatchSettings = SETTINGS) -> list[Block]:
    """The rows of each block as (kind of row, account, amount, class)."""
    text = write_batch("quickbooks-iif", bills, settings)["bills.iif"].decode("cp1252")
    made: list[Block] = []
    for line in text.split("\r\n")[3:-1]:
        row = line.split("\t")
        if row[0] == "TRNS":
            made.append([])
        if row[0] != "ENDTRNS":
            made[-1].append([row[0], row[2], row[4], row[7], row[6]])
    return made


def test_s50_work_and_retainage() -> None:
    """S50: 10,000 of work and 2,000 stored, 1,200 withheld: -10,800, 12,000 and -1,200."""
    assert blocks((a_bill(),)) == [
        [
            ["TRNS", "BILL", "Accounts Payable", "-10800.00", ""],
            ["SPL", "BILL", "Subcontractors", "12000.00", "03-3000"],
            ["SPL", "BILL", "Retainage Payable", "-1200.00", "03-3000"],
        ]
    ]


def test_s49_release_only() -> None:
    """S49's release: 5,000 of retainage paid out, no work: the liability falls, the vendor is credited."""
    assert blocks((a_bill(lines=(a_line("L1", "0.00", "-5000.00"),)),)) == [
        [
            ["TRNS", "BILL", "Accounts Payable", "-5000.00", ""],
            ["SPL", "BILL", "Retainage Payable", "5000.00", "03-3000"],
        ]
    ]


def test_s52_a_credit_is_a_refund() -> None:
    """S52: 2,000 taken back with its retainage: a BILL REFUND that debits accounts payable with 1,800."""
    assert blocks((a_bill(lines=(a_line("L1", "-2000.00", "-200.00"),)),)) == [
        [
            ["TRNS", "BILL REFUND", "Accounts Payable", "1800.00", ""],
            ["SPL", "BILL REFUND", "Subcontractors", "-2000.00", "03-3000"],
            ["SPL", "BILL REFUND", "Retainage Payable", "200.00", "03-3000"],
        ]
    ]


def test_s36_a_backcharge_is_a_line_of_its_own() -> None:
    """S36: a backcharge of 650 goes to its own account and class, and lowers only what is payable."""
    (block,) = blocks((a_bill(deductions=(a_deduction(),)),))
    assert block[0][3] == "-10150.00"
    assert block[-1] == ["SPL", "BILL", "Backcharges", "-650.00", "01-7400"]


def test_retainage_has_one_line_per_class_or_one_without_classes() -> None:
    """Two lines of one cost code share a retainage line; without classes the whole bill has one."""
    lines = (a_line("L1"), a_line("L2"), a_line("L3", cost_code="05-1200"))
    held = [row for row in blocks((a_bill(lines=lines),))[0] if row[2] == "Retainage Payable"]
    assert [(row[3], row[4]) for row in held] == [("-2400.00", "03-3000"), ("-1200.00", "05-1200")]
    plain = BatchSettings(batch="b", iif=IifSettings(use_classes=False))
    held = [row for row in blocks((a_bill(lines=lines),), plain)[0] if row[2] == "Retainage Payable"]
    assert [(row[3], row[4]) for row in held] == [("-3600.00", "")]


CENTS = st.integers(-(10**9), 10**9).map(lambda minor: Decimal(minor).scaleb(-2))
TEXT = st.text(max_size=30)


@given(
    st.lists(st.tuples(CENTS, CENTS, st.sampled_from(["03-3000", "05-1200"]), TEXT), min_size=1, max_size=6),
    st.lists(CENTS, max_size=2),
    st.booleans(),
)
def test_every_block_adds_up_to_zero_whatever_the_bill(
    lines: list[tuple[Decimal, Decimal, str, str]], deducted: list[Decimal], use_classes: bool
) -> None:
    """For any amounts and any text: TRNS and SPL amounts sum to zero, and the file reads back and ties."""
    made = tuple(
        a_line(f"L{at}", str(gross), str(held), cost_code=code, description=text)
        for at, (gross, held, code, text) in enumerate(lines)
    )
    bill = a_bill(lines=made, deductions=tuple(a_deduction(str(each)) for each in deducted))
    settings = BatchSettings(batch="b", iif=IifSettings(use_classes=use_classes))
    if any(each.code == "nothing-to-post" for each in check_bills("quickbooks-iif", (bill,), settings)):
        return
    (block,) = blocks((bill,), settings)
    assert sum(Decimal(row[3]) for row in block) == 0
    assert check_batch(write_batch("quickbooks-iif", (bill,), settings)) == ()


@given(st.text())
def test_a_field_holds_no_separator_and_can_always_be_encoded(text: str) -> None:
    """Whatever the text, its field is Windows-1252 without TAB, CR, LF or double quote, and stable."""
    field = field_text(text)
    assert not set('\t\r\n"') & set(field)
    field.encode("cp1252")
    assert field_text(field) == field


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Łódź Café – “6” pipe", "Lódz Café – “6” pipe"),
        ('6" pipe\tand\r\nslab', "6 pipe and slab"),
        ("Đurić Ő ș ﬁ ½ €", "Duric O s fi ½ €"),
        ("Иванов", "??????"),
        ("ﾊ\x85\x7f", "?"),
    ],
)
def test_other_letters_become_the_nearest_latin_ones(text: str, written: str) -> None:
    """Letters of Windows-1252 stay, accents it lacks are dropped, another alphabet is told as lost."""
    assert field_text(text) == written
    assert loses(text) == ("?" in written)


def test_long_numbers_are_shortened_so_that_they_stay_apart() -> None:
    """20 characters stay; more become a hash and the end, the same each time, different for different
    numbers.
    """
    assert short_number("X" * 20) == "X" * 20
    first, second = short_number("A-2026-000000000000417"), short_number("B-2026-000000000000417")
    assert len(first) == len(second) == 20
    assert first != second
    assert first.endswith("~0000000000417")
    assert short_number("A-2026-000000000000417") == first


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"vendor_erp": "Acme: Concrete"}, "name-colon"),
        ({"customer": "A:B"}, "name-colon"),
        ({"vendor_erp": "A" * 42}, "name-too-long"),
        ({"job": "J" * 210}, "name-too-long"),
        ({"vendor_erp": "Бетон"}, "name-not-writable"),
        ({"document_number": "счёт 1"}, "number-not-writable"),
        ({"lines": (a_line(cost_code="Ж1"),)}, "name-not-writable"),
    ],
)
def test_names_quickbooks_would_take_for_something_else_hold_the_bill(
    changes: dict[str, Any], code: str
) -> None:
    """A wrong name would silently make a new vendor or job, so the bill is held with a reason."""
    problems = check_bills("quickbooks-iif", (replace(a_bill(), **changes),), SETTINGS)
    assert code in {problem.code for problem in problems}


def test_two_numbers_that_meet_are_refused() -> None:
    """Numbers of one vendor that differ only by letter case or by lost signs are both held."""
    bills = (a_bill(document_number="inv\t1"), a_bill(document_number="INV 1"))
    problems = check_bills("quickbooks-iif", bills, SETTINGS)
    assert [problem.code for problem in problems] == ["number-repeated", "number-repeated"]


def test_accounts_must_be_named_and_differ() -> None:
    """A file whose work and retainage share an account could not be added up again."""
    settings = BatchSettings(batch="b", iif=IifSettings(work="A", retainage="A", deductions=" "))
    codes = {problem.code for problem in check_bills("quickbooks-iif", (a_bill(),), settings)}
    assert codes == {"account-repeated", "account-missing"}


def test_the_whole_number_is_in_the_memo_when_it_was_shortened() -> None:
    """A bookkeeper finds the vendor's own number beside the shortened one."""
    data = write_batch("quickbooks-iif", (a_bill(document_number="N" * 30),), SETTINGS)["bills.iif"]
    assert b"invoice " + b"N" * 30 in data
