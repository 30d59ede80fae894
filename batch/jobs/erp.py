"""ERP files: the approved applications that a target has not had yet, written as one batch with its manifest.

A document goes to a target once: the UNIQUE key on live documents says so. The files are written before the row that names
them; a folder without a row is written again with the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from batch import jsonlog
from batch.core.billing import bill, gross_movement
from batch.core.model import BilledLine
from batch.core.money import from_minor, to_minor, total
from batch.core.states import Application, Export
from batch.core.tax import TaxLine, charged, withheld
from batch.edges.folders import write_file
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_tax,
    queries_upstream,
    tables,
)
from batch.edges.store.changes import NOBODY, move
from batch.edges.store.events import SYSTEM, insert_rows_with_event, insert_with_event, update_rows_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.erp.canonical import (
    BatchProblem,
    CanonicalBill,
    CanonicalDeduction,
    CanonicalLine,
    CanonicalTax,
    control_of,
)
from batch.formats.erp.manifest import TARGETS, BatchSettings, check_bills, write_batch
from batch.jobs.workplace import Workplace

SIDE = "payable"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A batch that was written: its folder and what it adds up to. Problems are about documents that were left out."""

    folder: Path | None
    documents: int
    problems: Sequence[BatchProblem]


def export_erp(
    w: Workplace, project: RowMapping, target: str, now: datetime, period: int | None = None
) -> Exported:
    """Write every approved application of a project (or of one period) that `target` has not had. KeyError: unknown target."""
    TARGETS[target]
    with w.store.read() as conn:
        done = queries_upstream.exported_ids(conn, target)
        rows = [
            row
            for row in queries_applications.approved(conn, project["id"])
            if row["id"] not in done
            and (period is None or row["period_number"] == period)
            and not (project["client_first"] and row["state"] is Application.PENDING_CLIENT_APPROVAL)
        ]
        bills = {row["id"]: one for row in rows if _is_posted(one := canonical(conn, project, row))}
        taken = queries_upstream.live_numbers(conn, target)
        number = len(queries_upstream.batches(conn)) + 1
        posts = _posts(conn, target)
    if not bills:
        return Exported(folder=None, documents=0, problems=())
    where = f"period-{period}" if period is not None else "all"
    name = f"{target}-{number}"
    settings = BatchSettings(batch=name, posts=posts)
    problems = [
        *check_bills(target, list(bills.values()), settings),
        *(fault for one in bills.values() for fault in _met_before(one, taken)),
    ]
    left_out = {one.document for one in problems}
    good = {key: one for key, one in bills.items() if one.document_number not in left_out}
    if not good or any(not one.document for one in problems):
        return Exported(folder=None, documents=0, problems=problems)
    folder = f"{project['number']}/{where}/erp/{name}"
    files = write_batch(target, list(good.values()), settings)
    for file, data in files.items():
        write_file(w.data / "output" / folder / file, data)
    _save(w, target, folder, good, posts, files["manifest.json"], now)
    jsonlog.info("erp-batch-written", target=target, documents=len(good))
    return Exported(folder=w.data / "output" / folder, documents=len(good), problems=problems)


def _is_posted(one: CanonicalBill) -> bool:
    """Whether there is anything to post: a bill of nothing is a pay application with a number, but no document."""
    lines = (amount for line in one.lines for amount in (line.gross, line.retainage))
    return any((one.gross, one.retainage, one.deducted, one.payable, *lines))


def _met_before(one: CanonicalBill, taken: Collection[tuple[str, str, str]]) -> Iterator[BatchProblem]:
    """A vendor's number that stands for another live document already: no accounting system keeps the two apart."""
    if (one.company, one.vendor_number, one.document_number.casefold()) in taken:
        sentence = (
            f"Vendor {one.vendor_number} has a document {one.document_number} in an earlier batch already; "
            f"{one.application} needs a number of its own."
        )
        yield BatchProblem(code="number-repeated", sentence=sentence, document=one.document_number)


def _posts(conn: Connection, target: str) -> bool:
    """One target posts for the company; every other one is a copy and says so in its manifest."""
    posting = {
        row["target"]
        for row in queries_upstream.batches(conn)
        if row["posts"] and row["state"] is not Export.VOIDED
    }
    return not posting - {target}


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
    )


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


def _save(
    w: Workplace,
    target: str,
    folder: str,
    bills: dict[int, CanonicalBill],
    posts: bool,
    manifest: bytes,
    now: datetime,
) -> None:
    control = control_of(list(bills.values()))
    currency = control.currency
    company = next(iter(bills.values())).company
    values = {
        "folder": folder,
        "target": target,
        "company": company,
        "posts": posts,
        "state": Export.WRITTEN,
        "created_at": now,
        "documents": control.documents,
        "lines": control.lines,
        "total_minor": to_minor(control.gross, currency),
        "retainage_minor": to_minor(control.retainage, currency),
        "payable_minor": to_minor(control.payable, currency),
        "currency": currency,
        "manifest_sha": hashlib.sha256(manifest).hexdigest(),
    }
    with w.store.write() as conn:
        batch = insert_with_event(
            conn, tables.erp_batch, values, chain=SYSTEM, at=now, what="erp-batch-written", actor=NOBODY
        )
        rows = [_document(batch, target, key, one) for key, one in bills.items()]
        insert_rows_with_event(
            conn,
            tables.erp_document,
            rows,
            chain=SYSTEM,
            at=now,
            what="erp-documents-written",
            actor=NOBODY,
            subject=("erp_batch", batch),
        )


def _document(batch: int, target: str, application_id: int, one: CanonicalBill) -> dict[str, Any]:
    return {
        "batch_id": batch,
        "target": target,
        "company": one.company,
        "side": SIDE,
        "party": one.vendor_number,
        "document": one.document_number,
        "document_revision": one.document_revision,
        "application_id": application_id,
        "amount_minor": to_minor(one.gross, one.currency),
        "retainage_minor": to_minor(one.retainage, one.currency),
        "payable_minor": to_minor(one.payable, one.currency),
        "currency": one.currency,
        "live": True,
    }


def void_batch(w: Workplace, row: RowMapping, now: datetime) -> None:
    """Take back a batch that was never imported: its documents may go out again. IllegalTransition when it was imported."""
    with w.store.read() as conn:
        ids = queries_upstream.document_ids(conn, row["id"])
    with w.store.write() as conn:
        move(conn, tables.erp_batch, row, "void", chain=SYSTEM, at=now)
        update_rows_with_event(
            conn,
            tables.erp_document,
            {key: {"live": False} for key in ids},
            chain=SYSTEM,
            at=now,
            what="erp-documents-freed",
            actor=NOBODY,
            subject=("erp_batch", row["id"]),
        )


def confirm_batch(w: Workplace, row: RowMapping, now: datetime) -> None:
    """Note that a batch was imported into the ERP. IllegalTransition when it was voided."""
    with w.store.write() as conn:
        move(conn, tables.erp_batch, row, "confirm", chain=SYSTEM, at=now)
