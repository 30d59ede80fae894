"""An approved application as the one record that every ERP file is written from."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from batch.core.billing import bill, gross_movement
from batch.core.exchange import from_scaled
from batch.core.model import BilledLine
from batch.core.money import from_minor, total
from batch.core.paying import to_vendor_alone
from batch.core.posting import accounting_date
from batch.core.tax import TaxLine, charged, withheld
from batch.edges.store import (
    queries_applications,
    queries_exchange,
    queries_ledger,
    queries_paying,
    queries_periods,
    queries_register,
    queries_tax,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.erp.canonical import (
    CanonicalBill,
    CanonicalDeduction,
    CanonicalExchange,
    CanonicalLine,
    CanonicalPayment,
    CanonicalTax,
)

SIDE = "payable"


def canonical(conn: Connection, project: RowMapping, row: RowMapping) -> CanonicalBill:
    """An approved application as the one record that every ERP file is written from."""
    company = queries_register.company(conn)
    assert company is not None, "an application is approved long after the company was imported"
    basis = queries_periods.basis(conn, row["invite_id"])
    lines = queries_applications.line_rows(conn, row["id"])
    computed = bill(basis, queries_applications.approved_amounts(lines, row["currency"]))
    commitment = queries_register.commitment(conn, row["commitment_id"])
    deductions = [
        CanonicalDeduction(
            number=one["number"],
            description=one["description"],
            cost_code=one["cost_code"],
            amount=from_minor(one["taken_minor"], row["currency"]),
        )
        for one in queries_applications.deductions_taken(conn, row["id"])
    ]
    taxes = queries_tax.tax_lines(conn, row["id"], "approved")
    payable = queries_ledger.payable(conn, row["id"], "approved", row["currency"])
    assert payable is not None, "an approved application has an approved summary"
    billing_on = queries_periods.period(conn, row["period_id"])["billing_on"]
    days = commitment["payment_days"]
    return CanonicalBill(
        company=company["erp_company"] or company["name"],
        vendor_number=row["vendor_number"],
        vendor_name=row["vendor_name"],
        vendor_erp=row["erp_vendor"],
        document_number=row["erp_document"],
        document_revision=row["revision_number"],
        application=f"{row['commitment_number']}/{row['number']}",
        application_number=row["number"],
        commitment=row["commitment_number"],
        project=project["number"],
        job=project["number"],
        customer=project["client_name"],
        invoice_date=billing_on,
        due_date=billing_on + timedelta(days=days) if days is not None else None,
        period_from=basis.period_from,
        period_to=basis.period_to,
        currency=row["currency"],
        gross=computed.summary.gross_this_period,
        retainage=total((_retained(line) for line in computed.lines), row["currency"]),
        net=computed.summary.current_payment_due,
        deducted=total((one.amount for one in deductions), row["currency"]),
        payable=payable,
        lines=tuple(_line(line) for line in computed.lines if gross_movement(line) or _retained(line)),
        deductions=tuple(deductions),
        tax=charged(taxes, row["currency"]),
        tax_withheld=withheld(queries_tax.withholding(conn, row["id"], "approved"), row["currency"]),
        taxes=tuple(_tax(line) for line in taxes),
        accounting_date=accounting_date(basis.period_to, company["posting_from"], company["posting_to"]),
        exchange=_exchange(queries_exchange.exchange(conn, row["id"])),
        payments=_payments(conn, row, payable),
    )


def _exchange(fixed: RowMapping | None) -> CanonicalExchange | None:
    if fixed is None:
        return None
    return CanonicalExchange(
        currency=fixed["currency"],
        rate=from_scaled(fixed["rate_e8"]),
        dated_on=date.fromisoformat(fixed["dated_on"]),
        payable=from_minor(fixed["payable_minor"], fixed["currency"]),
    )


def _payments(conn: Connection, row: RowMapping, payable: Decimal) -> tuple[CanonicalPayment, ...]:
    """The joint payments and the rest for the vendor alone; nothing where the vendor is paid alone."""
    parts = queries_paying.payments(conn, row["id"], row["currency"])
    if not parts:
        return ()
    joint = tuple(
        CanonicalPayment(
            amount=part.amount, joint_check=part.agreement.number, joint_payee=part.agreement.payee
        )
        for part in parts
    )
    alone = to_vendor_alone(payable, parts)
    return (*joint, CanonicalPayment(amount=alone)) if alone else joint


def _tax(line: TaxLine) -> CanonicalTax:
    return CanonicalTax(
        code=line.code.code,
        description=line.code.description,
        rate=line.code.rate,
        charged=line.charged,
        base=line.base,
        amount=line.tax,
    )


def _retained(line: BilledLine) -> Any:
    """What this application keeps back on a line; negative when retainage is released."""
    return line.withheld_this_period - line.released_this_period


def _line(line: BilledLine) -> CanonicalLine:
    return CanonicalLine(
        line_key=line.line.key,
        item=line.line.item,
        description=line.line.description,
        cost_code=line.line.cost_code,
        gross=gross_movement(line),
        retainage=_retained(line),
    )
