"""ERP files: the approved applications that a target has not had yet, written as one batch with its manifest.

A document goes to a target once: the UNIQUE key on live documents says so. The files are written before the row that names
them; a folder without a row is written again with the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from batch import jsonlog
from batch.core.money import to_minor
from batch.core.posting import free_number
from batch.core.states import Application, Export, IllegalTransition
from batch.edges.folders import write_file
from batch.edges.store import (
    queries_applications,
    queries_paying,
    queries_upstream,
    tables,
)
from batch.edges.store.changes import NOBODY, move
from batch.edges.store.events import SYSTEM, insert_rows_with_event, insert_with_event, update_rows_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.erp.canonical import (
    BatchProblem,
    CanonicalBill,
    control_of,
)
from batch.formats.erp.manifest import TARGETS, BatchSettings, check_bills, write_batch
from batch.formats.erp.posting import not_open
from batch.jobs.erp_documents import canonical
from batch.jobs.workplace import Workplace

SIDE = "payable"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A batch that was written, in one currency: its folder and size. Problems are about documents that were left out."""

    folder: Path | None
    documents: int
    problems: Sequence[BatchProblem]
    held: Sequence[HeldBill] = ()


@dataclass(frozen=True, kw_only=True)
class HeldBill:
    """An approved application that open holds keep out of a batch: its document number, and why."""

    document: str
    reason: str


def export_erp(
    w: Workplace, project: RowMapping, target: str, now: datetime, period: int | None = None
) -> list[Exported]:
    """Write every approved application of a project (or of one period) that `target` has not had. KeyError: unknown target.

    One batch for each currency, so that no total adds up two of them; the project's own comes first.
    """
    TARGETS[target]
    with w.store.read() as conn:
        found = {row["currency"] for row in queries_applications.approved(conn, project["id"])}
    own = project["currency"]
    return [
        _export(w, project, target, now, period, currency)
        for currency in sorted(found, key=lambda one: (one != own, one))
    ]


def _export(
    w: Workplace, project: RowMapping, target: str, now: datetime, period: int | None, currency: str
) -> Exported:
    with w.store.read() as conn:
        done = queries_upstream.exported_ids(conn, target)
        rows = [
            row
            for row in queries_applications.approved(conn, project["id"])
            if row["id"] not in done
            and row["currency"] == currency
            and (period is None or row["period_number"] == period)
            and not (project["client_first"] and row["state"] is Application.PENDING_CLIENT_APPROVAL)
        ]
        held = _held(conn, rows)
        taken = queries_upstream.standing_numbers(conn, target)
        bills = {
            row["id"]: _numbered(one, row["id"], taken)
            for row in rows
            if row["id"] not in held and _is_posted(one := canonical(conn, project, row))
        }
        number = len(queries_upstream.batches(conn)) + 1
        posts = _posts(conn, target)
    kept = tuple(held.values())
    if not bills:
        return Exported(folder=None, documents=0, problems=(), held=kept)
    where = f"period-{period}" if period is not None else "all"
    name = f"{target}-{number}"
    settings = BatchSettings(batch=name, posts=posts, held=tuple((one.document, one.reason) for one in kept))
    problems = [
        *check_bills(target, list(bills.values()), settings),
        *(fault for one in bills.values() for fault in _met_before(one, taken)),
        *(not_open(one) for one in bills.values() if one.accounting_date is None),
    ]
    left_out = {one.document for one in problems}
    good = {key: one for key, one in bills.items() if one.document_number not in left_out}
    if not good or any(not one.document for one in problems):
        return Exported(folder=None, documents=0, problems=problems, held=kept)
    folder = f"{project['number']}/{where}/erp/{name}"
    files = write_batch(target, list(good.values()), settings)
    for file, data in files.items():
        write_file(w.data / "output" / folder / file, data)
    with w.store.write() as conn:
        save_batch(conn, target, folder, good, posts, files["manifest.json"], now)
    jsonlog.info("erp-batch-written", target=target, documents=len(good))
    return Exported(folder=w.data / "output" / folder, documents=len(good), problems=problems, held=kept)


def _held(conn: Connection, rows: Sequence[RowMapping]) -> dict[int, HeldBill]:
    """The applications that an open hold keeps out, by id. They go out with the first batch after its release."""
    found = {}
    for row in rows:
        holds = queries_paying.open_holds(conn, row["commitment_id"])
        if holds:
            reason = "; ".join(f"hold {one.number}: {one.reason}" for one in holds)
            found[row["id"]] = HeldBill(document=row["erp_document"], reason=reason)
    return found


def _is_posted(one: CanonicalBill) -> bool:
    """Whether there is anything to post: a bill of nothing is a pay application with a number, but no document."""
    lines = (amount for line in one.lines for amount in (line.gross, line.retainage))
    return any((one.gross, one.retainage, one.deducted, one.payable, *lines))


def _numbered(
    one: CanonicalBill, application_id: int, taken: Mapping[tuple[str, str, str], Collection[int]]
) -> CanonicalBill:
    """A document whose own earlier one was taken back by a reversal gets a number behind its number."""
    own = {
        number
        for (company, party, number), applications in taken.items()
        if (company, party) == (one.company, one.vendor_number)
    }
    met = taken.get((one.company, one.vendor_number, one.document_number.casefold()), ())
    if application_id not in met:
        return one
    return replace(one, document_number=free_number(one.document_number, own))


def _met_before(one: CanonicalBill, taken: Collection[tuple[str, str, str]]) -> Iterator[BatchProblem]:
    """A vendor's number that stands for another document already: no accounting system keeps the two apart."""
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


def save_batch(
    conn: Connection,
    target: str,
    folder: str,
    bills: Mapping[int, CanonicalBill],
    posts: bool,
    manifest: bytes,
    now: datetime,
    reverses: int | None = None,
) -> None:
    """Write the rows of a batch whose files are there. `reverses`: the id of the batch that it takes back."""
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
        "reverses_id": reverses,
        "erp_number": "",
    }
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
        "accounting_on": one.posted_on,
        "live": not one.reverses,
    }


def void_batch(w: Workplace, row: RowMapping, now: datetime) -> None:
    """Take back a batch that was never imported: its documents may go out again. IllegalTransition when it was imported."""
    if row["reverses_id"] is not None:
        raise IllegalTransition(
            f"Batch {row['id']} takes batch {row['reverses_id']} back; import it, and export the documents again"
        )
    with w.store.write() as conn:
        move(conn, tables.erp_batch, row, "void", chain=SYSTEM, at=now)
        free_documents(conn, row["id"], now)


def free_documents(conn: Connection, batch_id: int, now: datetime) -> None:
    """Let the documents of a batch go out again."""
    update_rows_with_event(
        conn,
        tables.erp_document,
        {key: {"live": False} for key in queries_upstream.document_ids(conn, batch_id)},
        chain=SYSTEM,
        at=now,
        what="erp-documents-freed",
        actor=NOBODY,
        subject=("erp_batch", batch_id),
    )


def confirm_batch(w: Workplace, row: RowMapping, now: datetime, erp_number: str = "") -> None:
    """Note that a batch was imported into the ERP, which calls it `erp_number`. IllegalTransition when it was voided."""
    with w.store.write() as conn:
        move(
            conn,
            tables.erp_batch,
            row,
            "confirm",
            chain=SYSTEM,
            at=now,
            values={"erp_number": erp_number[:100]},
        )
