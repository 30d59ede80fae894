"""Who is paid what of a bill, in the canonical files: one row per payment, joint checks by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from batch.core.money import ZERO, amount, plain
from batch.formats.erp.canonical import CanonicalBill, CanonicalPayment
from batch.formats.erp.tables import FileError, ReadDocument

PAYMENTS_CSV = "payments.csv"
#: Columns of `payments.csv`: one row per payment of every document of the batch. They add up to what is payable.
PAYMENT_COLUMNS = (
    "batch_id", "company", "side", "document_number", "vendor", "commitment", "payee", "joint_payee", "joint_check",
    "amount", "currency",
)  # fmt: skip


def any_split(bills: Sequence[CanonicalBill]) -> bool:
    """Whether any bill is paid to more than its vendor alone: only then there is a file of payments."""
    return any(bill.payments for bill in bills)


def payment_values(bill: CanonicalBill, batch: str) -> Iterator[tuple[dict[str, object], dict[str, str]]]:
    """The texts and the amount of each payment of a bill."""
    shared: dict[str, object] = {
        "batch_id": batch,
        "company": bill.company,
        "side": bill.side.value,
        "document_number": bill.document_number,
        "vendor": bill.vendor_number,
        "commitment": bill.commitment,
        "payee": bill.vendor_name,
        "currency": bill.currency,
    }
    for each in bill.payments or (CanonicalPayment(amount=bill.payable),):
        texts = {"joint_payee": each.joint_payee, "joint_check": each.joint_check}
        yield shared | texts, {"amount": plain(each.amount, bill.currency)}


def payment_object(each: CanonicalPayment, bill: CanonicalBill) -> dict[str, object]:
    """One payment as JSON: its payees in order, and the number of the agreement or null."""
    payees = [bill.vendor_name, each.joint_payee] if each.joint_payee else [bill.vendor_name]
    return {
        "joint_check": each.joint_check or None,
        "payees": payees,
        "amount": plain(each.amount, bill.currency),
    }


def with_payments(
    documents: Sequence[ReadDocument], owners: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, str]]
) -> tuple[ReadDocument, ...]:
    """The documents with what their payments add up to as payable. `owners`: vendor and number of each document as the
    files have them. Raises FileError for a payment of no document, and MoneyError for what is no amount.
    """
    paid: dict[tuple[str, str], Decimal] = dict.fromkeys(owners, ZERO)
    for row in rows:
        owner = (row["vendor"], row["document_number"])
        if owner not in paid:
            raise FileError(
                PAYMENTS_CSV, f"it pays {owner[1]} of {owner[0]}, which is no document of the batch"
            )
        paid[owner] += amount(row["amount"], row["currency"])
    return tuple(
        replace(document, payable=paid[owner]) for document, owner in zip(documents, owners, strict=True)
    )
