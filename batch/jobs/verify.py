"""Proof that nothing was changed and that everything ties: event chains, amounts, identities, ledgers, files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from batch.core.billing import IdentityBroken, assert_identities, bill
from batch.core.methods import figure
from batch.core.model import LinePosition
from batch.core.money import MoneyError, from_minor, plain, total
from batch.core.states import Export
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_upstream,
)
from batch.edges.store.queries_ledger import SUMMARY_FIELDS
from batch.edges.store.rows import Connection, RowMapping
from batch.edges.store.verify import verify_amounts, verify_chain
from batch.formats.erp.manifest import check_batch
from batch.jobs.client_proof import client_faults
from batch.jobs.exchanges import exchange_faults
from batch.jobs.paying import payee_faults
from batch.jobs.taxes import tax_faults
from batch.jobs.workplace import Workplace


def verify(w: Workplace) -> list[str]:
    """Every fault found, each a sentence that names the table or file and the key; empty when all ties."""
    with w.store.read() as conn:
        faults = [*verify_chain(conn), *verify_amounts(conn)]
        for project in queries_register.projects(conn):
            faults += _approvals(conn, project)
            faults += _ledgers(conn, project)
            faults += client_faults(conn, project)
        batches = [row for row in queries_upstream.batches(conn) if row["state"] is not Export.VOIDED]
        faults += _archive_rows(conn, w)
    faults += [fault for row in batches for fault in _batch(w, row)]
    faults += list(w.archive.verify())
    return faults


def _approvals(conn: Connection, project: RowMapping) -> Iterator[str]:
    """Each approved application computed again from its frozen basis gives what was stored, and its identities hold."""
    approved = queries_applications.approved(conn, project["id"])
    yield from exchange_faults(conn, project, {row["id"]: row for row in approved})
    for row in approved:
        name = queries_applications.name_of(row)
        basis = queries_periods.basis(conn, row["invite_id"])
        amounts = queries_applications.approved_amounts(
            queries_applications.line_rows(conn, row["id"]), row["currency"]
        )
        try:
            computed = bill(basis, amounts)
            assert_identities(computed, basis)
        except (IdentityBroken, MoneyError, ValueError) as fault:
            yield f"application {name}: {fault}"
            continue
        stored = queries_ledger.summary(conn, row["id"], "approved", row["currency"])
        for field in SUMMARY_FIELDS:
            found = getattr(stored, field) if stored is not None else None
            if found != getattr(computed.summary, field):
                yield f"application_summary of {name}: {field} is {found}, its lines give {getattr(computed.summary, field)}"
        yield from tax_faults(conn, row, name, computed, basis)
        yield from payee_faults(conn, row, name)


def _ledgers(conn: Connection, project: RowMapping) -> Iterator[str]:
    """What the ledgers add up to is what the last approved application of each commitment says."""
    for commitment in queries_register.commitments(conn, project["id"]):
        last = queries_ledger.last_approved(conn, commitment["id"])
        if last is None:
            continue
        currency = commitment["currency"]
        summary = queries_ledger.summary(conn, last["id"], "approved", currency)
        if summary is None:
            yield f"commitment {commitment['number']}: its last approved application has no summary"
            continue
        positions = queries_ledger.positions(conn, commitment["id"], currency).values()
        held = total((one.held for one in positions), currency)
        done = total((one.work + one.stored for one in positions), currency)
        yield from _differs(commitment, "retainage held", held, summary.retainage_total, currency)
        yield from _differs(
            commitment, "completed and stored", done, summary.total_completed_and_stored, currency
        )
        paid = queries_ledger.certified_in_all(conn, commitment["id"], currency)
        earned = summary.total_earned_less_retainage
        yield from _differs(commitment, "sum of all current payments due", paid, earned, currency)
        yield from _quantities(conn, commitment, last)


def _quantities(conn: Connection, commitment: RowMapping, last: RowMapping) -> Iterator[str]:
    """The quantity of each unit price line in the ledger is what the last approved application says."""
    basis, currency = queries_periods.basis(conn, last["invite_id"]), commitment["currency"]
    measured = [line.key for line in basis.lines if line.measure is not None]
    if not measured:
        return
    rows = queries_applications.line_rows(conn, last["id"])
    approved = queries_applications.approved_amounts(rows, currency)
    ledger = queries_ledger.positions(conn, commitment["id"], currency)
    for key in measured:
        before, after = basis.positions.get(key, LinePosition()), ledger.get(key, LinePosition())
        said = approved[key].quantity if key in approved else None
        expected = before.quantity if said is None else said
        if after.quantity != expected:
            yield (
                f"commitment {commitment['number']}: the quantity of line {key} is {figure(after.quantity)} in the "
                f"ledger, {figure(expected)} in its last approved application"
            )


def _differs(
    commitment: RowMapping, what: str, found: Decimal, expected: Decimal, currency: str
) -> Iterator[str]:
    if found != expected:
        yield (
            f"commitment {commitment['number']}: {what} is {plain(found, currency)} in the ledger, "
            f"{plain(expected, currency)} in its last approved application"
        )


def _batch(w: Workplace, row: RowMapping) -> Iterator[str]:
    """The files of a batch are those that were written, and add up to what the database says of it."""
    folder = w.data / "output" / row["folder"]
    files = {file.name: file.read_bytes() for file in sorted(folder.glob("*")) if file.is_file()}
    manifest = files.get("manifest.json", b"")
    if hashlib.sha256(manifest).hexdigest() != row["manifest_sha"]:
        yield f"ERP batch {row['folder']}: its manifest is missing or was changed"
        return
    for problem in check_batch(files):
        yield f"ERP batch {row['folder']}: {problem.sentence}"
    with w.store.read() as conn:
        documents = queries_upstream.documents(conn, row["id"])
        taken_back = [one for one in queries_upstream.batches(conn) if one["id"] == row["reverses_id"]]
    for original in taken_back:
        names = ("total_minor", "retainage_minor", "payable_minor", "documents")
        if [original[name] for name in names] != [-row[name] for name in names[:3]] + [row["documents"]]:
            yield f"ERP batch {row['folder']}: it does not take back what batch {original['folder']} holds"
    for column in ("amount", "retainage", "payable"):
        stated = row["total_minor"] if column == "amount" else row[f"{column}_minor"]
        found = sum(one[f"{column}_minor"] for one in documents)
        if found != stated:
            amount = plain(from_minor(found, row["currency"]), row["currency"])
            yield f"ERP batch {row['folder']}: its documents add up to {amount} for {column}, not to its total"


def _archive_rows(conn: Connection, w: Workplace) -> Iterator[str]:
    """Every row that names an original has it: a row without its file must not be possible."""
    for table, sha in queries_upstream.named_originals(conn):
        if not w.archive.has(sha):
            yield f"{table}: the original {sha} is not in the archive"
