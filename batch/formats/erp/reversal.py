"""The document that takes another one back: the same with every amount turned round, a number and a date of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from batch.core.posting import REVERSAL, free_number
from batch.formats.erp.canonical import CanonicalBill


def reversal_of(bill: CanonicalBill, posted_on: date, taken: set[str]) -> CanonicalBill:
    """A credit for a bill, and a bill for a credit, dated `posted_on`. `taken`: numbers of the vendor, case folded, that its
    own number must not be one of.
    """
    return replace(
        bill,
        document_number=free_number(bill.document_number + REVERSAL, taken),
        reverses=bill.document_number,
        invoice_date=posted_on,
        accounting_date=posted_on,
        due_date=None,
        gross=-bill.gross,
        retainage=-bill.retainage,
        net=-bill.net,
        deducted=-bill.deducted,
        tax=-bill.tax,
        tax_withheld=-bill.tax_withheld,
        payable=-bill.payable,
        lines=tuple(replace(each, gross=-each.gross, retainage=-each.retainage) for each in bill.lines),
        deductions=tuple(replace(each, amount=-each.amount) for each in bill.deductions),
        taxes=tuple(replace(each, base=-each.base, amount=-each.amount) for each in bill.taxes),
        exchange=replace(bill.exchange, payable=-bill.exchange.payable)
        if bill.exchange is not None
        else None,
        payments=tuple(replace(each, amount=-each.amount) for each in bill.payments),
    )
