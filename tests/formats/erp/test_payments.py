"""Joint checks in the files of a batch: they add up to what is payable, and a target that cannot say them says so."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from batch.formats.erp.canonical import CanonicalPayment, problems_of
from batch.formats.erp.manifest import BatchSettings, check_batch, write_batch
from tests.formats.erp.bills import a_bill

SPLIT = (CanonicalPayment(amount=Decimal("2750.00"), joint_check="JC-1", joint_payee="=Lakeside Supply"),)


def split_bill() -> tuple[CanonicalPayment, ...]:
    """A bill whose payments are its payable."""
    bill = a_bill()
    rest = bill.payable - SPLIT[0].amount
    return (SPLIT[0], CanonicalPayment(amount=rest))


@pytest.mark.parametrize("target", ["csv", "json", "quickbooks-iif"])
def test_a_split_bill_is_written_and_read_again(target: str) -> None:
    """Every target ties with its manifest, which lists the payments of the bill."""
    bill = a_bill(payments=split_bill())
    other = a_bill(document_number="OTHER-1")
    files = write_batch(
        target, [bill, other], BatchSettings(batch="B-1", held=(("H-9", "hold H-1: No papers"),))
    )
    assert check_batch(files) == ()
    manifest = json.loads(files["manifest.json"])
    assert [one["joint_check"] for one in manifest["documents"][0]["payments"]] == ["JC-1", None]
    assert "payments" not in manifest["documents"][1]
    assert manifest["held"] == [{"document_number": "H-9", "reason": "hold H-1: No papers"}]
    assert ("joint_checks" in manifest) is (target == "quickbooks-iif")


def test_the_file_of_payments_has_every_document_and_guards_its_texts() -> None:
    """One row for a bill to the vendor alone, two for the split one; a formula in a name is text."""
    bill = a_bill(payments=split_bill())
    files = write_batch("csv", [bill, a_bill(document_number="OTHER-1")], BatchSettings(batch="B-1"))
    rows = files["payments.csv"].decode().splitlines()
    assert len(rows) == 4
    assert "'=Lakeside Supply,JC-1,2750.00" in rows[1]
    alone = write_batch("csv", [a_bill()], BatchSettings(batch="B-1"))
    assert set(alone) == {"bills.csv", "bill_lines.csv", "manifest.json"}


@pytest.mark.parametrize(
    ("target", "file", "before", "after"),
    [("csv", "payments.csv", b"2750.00", b"2750.01"), ("json", "bills.json", b'"2750.00"', b'"2750.01"')],
)
def test_a_payment_that_was_altered_is_found(target: str, file: str, before: bytes, after: bytes) -> None:
    """The payments no longer add up to what the manifest has as payable."""
    files = write_batch(target, [a_bill(payments=split_bill())], BatchSettings(batch="B-1"))
    files[file] = files[file].replace(before, after, 1)
    codes = [problem.code for problem in check_batch(files)]
    assert codes == ["file-changed", "document-differs"]


def test_payments_that_are_not_the_payable_stop_the_bill() -> None:
    """A bill whose payments add up to something else is a fault of that bill."""
    bill = a_bill(payments=(SPLIT[0],))
    (problem,) = problems_of(bill)
    assert problem.code == "total-mismatch"
    assert "its payments add up to 2750.00" in problem.sentence
