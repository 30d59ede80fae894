"""Builders of valid bills. A test spoils one thing of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from batch.core.money import total
from batch.formats.erp import BatchSettings, CanonicalBill, CanonicalDeduction, CanonicalLine, CanonicalTax

SETTINGS = BatchSettings(batch="2026-10-A")


def a_line(
    key: str = "L1", gross: str = "12000.00", retainage: str = "1200.00", **changes: Any
) -> CanonicalLine:
    """Line `key` on cost code 03-3000, 10,000.00 of work and 2,000.00 newly stored, ten per cent withheld."""
    return replace(
        CanonicalLine(
            line_key=key,
            item=key.removeprefix("L"),
            description="Foundations and slab",
            cost_code="03-3000",
            gross=Decimal(gross),
            retainage=Decimal(retainage),
        ),
        **changes,
    )


def a_deduction(amount: str = "650.00", **changes: Any) -> CanonicalDeduction:
    """Backcharge BC-1 on cost code 01-7400."""
    made = CanonicalDeduction(
        number="BC-1", description="Clean-up", cost_code="01-7400", amount=Decimal(amount)
    )
    return replace(made, **changes)


def a_bill(
    lines: tuple[CanonicalLine, ...] | None = None,
    deductions: tuple[CanonicalDeduction, ...] = (),
    currency: str = "USD",
    **changes: Any,
) -> CanonicalBill:
    """A bill of ACME01 on SC-1001 for October 2026 whose totals tie to its lines; `changes` come last and may
    break it.
    """
    lines = (a_line(),) if lines is None else lines
    gross = total((line.gross for line in lines), currency)
    retainage = total((line.retainage for line in lines), currency)
    deducted = total((each.amount for each in deductions), currency)
    bill = CanonicalBill(
        company="Northbridge Builders",
        vendor_number="ACME01",
        vendor_name="Acme Concrete LLC",
        document_number="PA-0007",
        document_revision=1,
        application="SC-1001/7",
        application_number=7,
        commitment="SC-1001",
        project="24-101",
        job="24-101",
        customer="Client A",
        invoice_date=date(2026, 10, 31),
        due_date=date(2026, 11, 30),
        period_from=date(2026, 10, 1),
        period_to=date(2026, 10, 31),
        currency=currency,
        gross=gross,
        retainage=retainage,
        net=gross - retainage,
        deducted=deducted,
        payable=gross - retainage - deducted,
        lines=lines,
        deductions=deductions,
    )
    return replace(bill, **changes)


def a_taxed_bill(**changes: Any) -> CanonicalBill:
    """Work under VAT, and under a reverse charge, with tax withheld and a backcharge: 10,800 + 2,000 - 100 - 650."""
    taxes = (
        CanonicalTax(
            code="VAT20", description="VAT at 20%", rate=Decimal(20), charged=True,
            base=Decimal("10000.00"), amount=Decimal("2000.00"),
        ),
        CanonicalTax(
            code="DRC", description="", rate=Decimal(20), charged=False,
            base=Decimal("800.00"), amount=Decimal("160.00"),
        ),
    )  # fmt: skip
    taxed = {"taxes": taxes, "tax": Decimal("2000.00"), "tax_withheld": Decimal("100.00")}
    made = a_bill(deductions=(a_deduction(),))
    return replace(made, **{**taxed, "payable": Decimal("12050.00"), **changes})


def an_october() -> tuple[CanonicalBill, ...]:
    """Four bills of one batch: work with stored materials and a backcharge, a release, a credit, and awkward
    text.
    """
    return (
        a_bill(
            lines=(a_line(), a_line("L2", "3420.55", "342.06", cost_code="05-1200")),
            deductions=(a_deduction(),),
        ),
        a_bill(
            lines=(a_line("L1", "0.00", "-5000.00"),),
            vendor_number="BEAM02",
            document_number="BEAM-2026-RETENTION-0000417",
            commitment="SC-1002",
            application="SC-1002/9",
            application_number=9,
        ),
        a_bill(
            lines=(a_line("L1", "-2000.00", "-200.00"),),
            vendor_number="CURB03",
            document_number="CM-12",
            commitment="SC-1003",
            application="SC-1003/2",
            application_number=2,
        ),
        a_bill(
            lines=(a_line("L1", "100.10", "0.00", description='=HYPERLINK("x"), Łódź 6" pipe\n±5 ≥ 3'),),
            vendor_number="DÉCO4",
            document_number="-77",
            commitment="PO-7",
            application="PO-7/1",
            application_number=1,
            due_date=None,
        ),
    )
