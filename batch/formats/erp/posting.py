"""What is said of a document whose accounting period is not open yet."""

from __future__ import annotations

from batch.formats.erp.canonical import BatchProblem, CanonicalBill


def not_open(bill: CanonicalBill) -> BatchProblem:
    """Why a bill without an accounting date is left out, and what lets it in."""
    sentence = (
        f"The accounting period of {bill.period_to} is not open yet for {bill.document_number}; "
        "the register's sheet Company says until when posting is open."
    )
    return BatchProblem(
        code="period-not-open", sentence=sentence, document=bill.document_number, found=str(bill.period_to)
    )
