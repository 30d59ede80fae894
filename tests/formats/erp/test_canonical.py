"""The canonical bill: what it must be before any file is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.formats.erp.canonical import (
    CanonicalBill,
    control_of,
    cost_code_hash,
    document_number,
    problems_between,
    problems_of,
)
from tests.formats.erp.bills import a_bill, a_deduction, a_line, an_october


def test_a_bill_that_ties_has_no_problem() -> None:
    """A valid bill with lines and a backcharge passes every check."""
    assert problems_of(a_bill(deductions=(a_deduction(),))) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gross": Decimal("12000.01")}, "total-mismatch"),
        ({"retainage": Decimal("1199.99")}, "total-mismatch"),
        ({"net": Decimal("10800.01")}, "total-mismatch"),
        ({"deducted": Decimal("1.00")}, "total-mismatch"),
        ({"payable": Decimal("0.00")}, "total-mismatch"),
        ({"gross": Decimal("12000.005")}, "amount-inexact"),
        ({"vendor_number": " "}, "field-missing"),
        ({"document_number": ""}, "field-missing"),
        ({"due_date": date(2026, 10, 30)}, "dates"),
        ({"period_to": date(2026, 9, 30)}, "dates"),
    ],
)
def test_one_spoilt_field_is_named(changes: dict[str, Any], code: str) -> None:
    """Each field that does not tie or is missing gives its own problem, with the document's number."""
    problems = problems_of(replace(a_bill(), **changes))
    assert code in {problem.code for problem in problems}
    assert all(problem.document == changes.get("document_number", "PA-0007") for problem in problems)


@pytest.mark.parametrize(
    ("bill", "code"),
    [
        (a_bill(lines=(a_line(), a_line())), "line-repeated"),
        (a_bill(lines=(a_line(cost_code=" "),)), "cost-code-missing"),
        (a_bill(lines=(a_line("L1", "0.00", "0.00"),)), "nothing-to-post"),
    ],
)
def test_lines_that_cannot_be_posted_are_named(bill: CanonicalBill, code: str) -> None:
    """A repeated line, a line without a cost code and a bill of zeros are each refused."""
    assert [problem.code for problem in problems_of(bill)] == [code]


def test_a_batch_is_of_one_company_and_one_currency_and_names_each_document_once() -> None:
    """Two companies, two currencies, the same number twice and no bill at all are problems of the batch."""
    bills = (a_bill(), a_bill(), a_bill(company="Other", currency="JPY", lines=(a_line("L1", "5", "1"),)))
    assert [problem.code for problem in problems_between(bills)] == [
        "batch-mixed",
        "batch-mixed",
        "document-repeated",
    ]
    assert [problem.code for problem in problems_between(())] == ["batch-empty"]


def test_a_document_number_is_met_again_whatever_its_case() -> None:
    """inv-1 and INV-1 of one vendor are the same document in one batch, as they are between batches."""
    bills = (
        a_bill(document_number="inv-1"),
        a_bill(document_number="INV-1"),
        a_bill(document_number="INV-2"),
    )
    (problem,) = problems_between(bills)
    assert (problem.code, problem.document, problem.found) == ("document-repeated", "inv-1", "2")


def test_the_control_adds_up_every_amount() -> None:
    """The control totals of four bills are their sums, and payable follows from them."""
    control = control_of(an_october())
    assert (control.documents, control.lines, control.cost_code_hash) == (4, 5, "0000183200")
    assert control.gross == Decimal("13520.65")
    assert control.retainage == Decimal("-3657.94")
    assert control.net == control.gross - control.retainage
    assert control.payable == control.net - control.deducted == Decimal("16528.59")


def test_a_line_moved_to_another_cost_code_changes_the_hash_though_no_amount_did() -> None:
    """The hash of cost code digits tells two batches of equal totals apart."""
    assert cost_code_hash(["03-3000", "05-1200"]) == "0000084200"
    assert cost_code_hash(["03-3000", "05-1300"]) != cost_code_hash(["03-3000", "05-1200"])
    assert cost_code_hash(["no digits", "9999999999", "2"]) == "0000000001"


def test_the_document_number_is_the_invoice_number_else_commitment_and_application() -> None:
    """A vendor's own number wins; a blank one gives way to ours."""
    assert document_number(" INV-9 ", "SC-1", 3) == "INV-9"
    assert document_number("  ", "SC-1", 3) == "SC-1-3"


CENTS = st.integers(-(10**9), 10**9).map(lambda minor: Decimal(minor).scaleb(-2))


@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=8), st.lists(CENTS, max_size=3))
def test_controls_tie_to_the_lines_whatever_the_amounts(
    amounts: list[tuple[Decimal, Decimal]], deducted: list[Decimal]
) -> None:
    """For any lines and deductions: payable = sum of gross - sum of retainage - sum of deductions."""
    lines = tuple(a_line(f"L{at}", str(gross), str(held)) for at, (gross, held) in enumerate(amounts))
    bill = a_bill(lines=lines, deductions=tuple(a_deduction(str(each)) for each in deducted))
    assert {problem.code for problem in problems_of(bill)} <= {"nothing-to-post"}
    control = control_of((bill, replace(bill, document_number="2")))
    assert control.payable == 2 * (sum(g - h for g, h in amounts) - sum(deducted))
