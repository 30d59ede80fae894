"""A batch that was imported is taken back: a batch of credits with every amount turned round, in an open accounting period.

Its documents may then go out again, under numbers of their own, and their applications may be opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from batch import jsonlog
from batch.core.money import to_minor
from batch.core.posting import accounting_date
from batch.core.states import APPROVED_STATES, SHOWN, Export, accepts
from batch.edges.folders import write_file
from batch.edges.store import queries_applications, queries_register, queries_upstream, tables
from batch.edges.store.changes import move
from batch.edges.store.events import SYSTEM
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.erp.canonical import CanonicalBill
from batch.formats.erp.manifest import BatchSettings, check_bills, write_batch
from batch.formats.erp.reversal import reversal_of
from batch.jobs.erp import free_documents, save_batch
from batch.jobs.erp_documents import canonical
from batch.jobs.workplace import Workplace


class NotReversed(Exception):
    """The batch cannot be taken back; the text says why, and what to do instead."""


def reverse_batch(w: Workplace, row: RowMapping, now: datetime) -> Path:
    """Write the batch that takes back an imported one; gives its folder. Raises NotReversed with a sentence.

    The documents are made again from what is approved and held against what was exported, so that a credit never has
    other figures than the bill it takes back.
    """
    _refuse(row)
    with w.store.read() as conn:
        bills = _reversals(conn, row)
        number = len(queries_upstream.batches(conn)) + 1
    name = f"{row['target']}-{number}"
    settings = BatchSettings(batch=name, posts=row["posts"], reverses=PurePosixPath(row["folder"]).name)
    problems = check_bills(row["target"], list(bills.values()), settings)
    if problems:
        raise NotReversed(" ".join(one.sentence for one in problems))
    folder = str(PurePosixPath(row["folder"]).with_name(name))
    files = write_batch(row["target"], list(bills.values()), settings)
    for file, data in files.items():
        write_file(w.data / "output" / folder / file, data)
    with w.store.write() as conn:
        move(conn, tables.erp_batch, row, "reverse", chain=SYSTEM, at=now)
        free_documents(conn, row["id"], now)
        save_batch(
            conn, row["target"], folder, bills, row["posts"], files["manifest.json"], now, reverses=row["id"]
        )
    jsonlog.info("erp-batch-reversed", target=row["target"], documents=len(bills))
    return w.data / "output" / folder


def _refuse(row: RowMapping) -> None:
    if row["reverses_id"] is not None:
        raise NotReversed(
            f"Batch {row['id']} takes batch {row['reverses_id']} back itself; export the documents again instead."
        )
    if row["state"] is Export.WRITTEN:
        raise NotReversed(
            f"Batch {row['id']} is not known to be imported. Void it if it never was; confirm it first if it was."
        )
    if not accepts(row["state"], "reverse"):
        raise NotReversed(f"Batch {row['id']} is {row['state'].value} already.")


def _reversals(conn: Connection, row: RowMapping) -> Mapping[int, CanonicalBill]:
    company = queries_register.company(conn)
    assert company is not None, "a batch is exported long after the company was imported"
    taken = {
        number
        for key, party, number in queries_upstream.standing_numbers(conn, row["target"])
        if key == row["company"]
    }
    found: dict[int, CanonicalBill] = {}
    for document in queries_upstream.documents(conn, row["id"]):
        day = accounting_date(document["accounting_on"], company["posting_from"], company["posting_to"])
        if day is None:
            raise NotReversed(
                f"The accounting period of {document['accounting_on']} is not open; "
                "the register's sheet Company says until when posting is open."
            )
        made = reversal_of(_exported(conn, document), day, taken)
        taken.add(made.document_number.casefold())
        found[document["application_id"]] = made
    return found


def _exported(conn: Connection, document: RowMapping) -> CanonicalBill:
    """The bill as it was exported, from its application; refused where that says something else by now."""
    application = queries_applications.application(conn, document["application_id"])
    name = queries_applications.name_of(application)
    if application["state"] not in APPROVED_STATES:
        raise NotReversed(f"{name} is {SHOWN[application['state']]} again; decide it first.")
    project = queries_register.project(conn, application["project_id"])
    made = canonical(conn, project, application)
    for column, amount in (
        ("amount", made.gross),
        ("retainage", made.retainage),
        ("payable", made.payable),
    ):
        if to_minor(amount, made.currency) != document[f"{column}_minor"]:
            raise NotReversed(
                f"{name} has been approved with other figures since this batch was written; "
                "take it back in the accounting system by hand."
            )
    return replace(
        made,
        company=document["company"],
        vendor_number=document["party"],
        document_number=document["document"],
    )
