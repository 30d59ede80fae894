"""Tax on bills in ERP files."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

from batch.core.money import total
from batch.formats.erp import check_batch, check_bills, write_batch
from tests.formats.erp.bills import SETTINGS, a_bill, a_taxed_bill


def test_csv_and_json_carry_tax_and_add_up() -> None:
    """Tax, reverse charge and tax withheld stand in both, the rows still add up to payable, and the batch ties."""
    bills = (a_taxed_bill(), a_bill(vendor_number="BEAM02"))
    for target in ("csv", "json"):
        assert check_batch(write_batch(target, bills, SETTINGS)) == ()
    files = write_batch("csv", bills, SETTINGS) | write_batch("json", bills, SETTINGS)
    first = next(csv.DictReader(io.StringIO(files["bills.csv"].decode(), newline="")))
    names = ("net", "tax", "reverse_charge", "tax_withheld", "deductions", "payable")
    assert [first[name] for name in names] == [
        "10800.00", "2000.00", "160.00", "100.00", "650.00", "12050.00",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(files["bill_lines.csv"].decode(), newline="")))
    mine = [row for row in rows if row["vendor"] == "ACME01"]
    assert [(row["kind"], row["item"], row["net"]) for row in mine] == [
        ("work", "1", "10800.00"), ("deduction", "BC-1", "-650.00"), ("tax", "VAT20", "2000.00"),
        ("tax withheld", "", "-100.00"),
    ]  # fmt: skip
    assert total((Decimal(row["net"]) for row in mine), "USD") == Decimal("12050.00")
    bill = json.loads(files["bills.json"])["bills"][0]
    assert bill["taxes"][1] == {
        "code": "DRC", "description": "", "rate": "20", "charged": False, "base": "800.00", "tax": "160.00",
    }  # fmt: skip


def test_a_bill_whose_tax_does_not_tie_is_held() -> None:
    """Tax that is not what its taxes add up to, and a payable that leaves it out, are named."""
    wrong = a_taxed_bill(tax=Decimal("1999.00"))
    assert [one.code for one in check_bills("csv", [wrong], SETTINGS)] == ["total-mismatch", "total-mismatch"]
    left_out = a_taxed_bill(payable=Decimal("10150.00"))
    (problem,) = check_bills("json", [left_out], SETTINGS)
    assert problem.expected == "12050.00"


def test_iif_holds_a_bill_with_tax() -> None:
    """QuickBooks would not know it for tax, so the bill is held with what to do instead; others go out."""
    (problem,) = check_bills("quickbooks-iif", [a_taxed_bill(), a_bill(vendor_number="BEAM02")], SETTINGS)
    assert problem.code == "tax-not-writable"
    assert problem.document == "PA-0007"
    assert "csv or json" in problem.sentence
