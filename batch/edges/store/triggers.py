"""What the database itself refuses to change: ledgers, decisions, claims, and everything that was issued.

One list; the triggers are dropped before a migration and made again after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, text

from batch.edges.store import tables as t
from batch.edges.store.amounts import MINOR, SCALED

_ISSUED = "OLD.issued_at IS NOT NULL"
_FIXED = (
    "OLD.side = 'claimed' OR (SELECT approved_at FROM application WHERE id = OLD.application_id) IS NOT NULL"
)
_APPROVED = "(SELECT approved_at FROM application WHERE id = OLD.application_id) IS NOT NULL"
_ISSUED_PARENT = "(SELECT issued_at FROM upstream WHERE id = OLD.upstream_id) IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Refuses changes to rows of a table: to `columns` (all, when empty) while the row meets `when`.

    `keeps`: rows may not be removed either (under the same condition).
    """

    table: Table
    says: str
    columns: tuple[str, ...] = ()
    when: str = "1 = 1"
    keeps: bool = True


def _append_only(table: Table) -> Guard:
    return Guard(table=table, says=f"rows of {table.name} are never changed or removed")


def _amounts(table: Table, prefix: str = "") -> tuple[str, ...]:
    return tuple(
        column.name
        for column in table.columns
        if column.name.endswith((MINOR, *SCALED)) and column.name.startswith(prefix)
    )


GUARDS: tuple[Guard, ...] = (
    *map(_append_only, (t.event, t.retainage_entry, t.line_ledger, t.review, t.correction, t.reopening)),
    *map(_append_only, (t.certificate, t.certificate_line, t.certificate_tax)),
    _append_only(t.invite_line),
    Guard(
        table=t.invite,
        says="an issued invite is never changed",
        columns=(
            "period_id", "commitment_id", "kind", "issue", "application_number", "sov_version", "currency",
            "previous_certificates_minor", "retainage_work_ppm", "retainage_stored_ppm", "basis",
            "workbook_sha", "issued_at",
        ),
        when=_ISSUED,
    ),
    Guard(
        table=t.application,
        says="what was received is never changed",
        columns=("commitment_id", "currency", "claim_sha", "received_at"),
    ),
    Guard(
        table=t.application_line,
        says="what was claimed is never changed",
        columns=("application_id", "line_key", *_amounts(t.application_line, "claimed_")),
    ),
    Guard(
        table=t.application_payee,
        says="the split of an approval is never changed",
        columns=(
            "application_id", "joint_check_id", "ordinal", "payee", "currency",
            *_amounts(t.application_payee),
        ),
    ),
    Guard(table=t.application_summary, says="what was claimed is never changed", when="OLD.side = 'claimed'"),
    *(
        Guard(table=table, says="tax is fixed at submission and at approval", when=_FIXED)
        for table in (t.application_tax, t.application_withholding)
    ),
    *(
        Guard(table=table, says="the exchange rate is fixed at approval", when=_APPROVED)
        for table in (t.application_exchange, t.application_exchange_line)
    ),
    Guard(
        table=t.upstream,
        says="an issued client application is never changed",
        columns=(
            "project_id", "number", "revision_number", "currency", "workbook_sha", "issued_at",
            *_amounts(t.upstream),
        ),
        when=_ISSUED,
    ),
    Guard(table=t.upstream_line, says="an issued client application is never changed", when=_ISSUED_PARENT),
    Guard(table=t.upstream_tax, says="an issued client application is never changed", when=_ISSUED_PARENT),
    Guard(table=t.upstream_source, says="an issued client application is never changed", when=_ISSUED_PARENT),
    Guard(
        table=t.erp_batch,
        says="what was exported is never changed",
        columns=("target", "company", "folder", "currency", "manifest_sha", *_amounts(t.erp_batch)),
    ),
    Guard(
        table=t.erp_document,
        says="what was exported is never changed",
        columns=(
            "batch_id", "application_id", "party", "document", "document_revision", "currency",
            *_amounts(t.erp_document),
        ),
    ),
    Guard(
        table=t.outbox,
        says="a mail that was made is never changed",
        columns=(
            "purpose", "subject_type", "subject_id", "subject_revision", "recipient", "ordinal", "message_id",
            "sha256",
        ),
    ),
    Guard(
        table=t.inbox,
        says="a mail that was received is never changed",
        columns=("account", "folder", "uidvalidity", "uid", "sha256", "received_at"),
    ),
)  # fmt: skip


def create_triggers(conn: Connection) -> None:
    """Makes all triggers; there must be none of them."""
    for statement in statements():
        conn.exec_driver_sql(statement)


def drop_triggers(conn: Connection) -> None:
    """Removes every trigger of ours that is there, whatever version made it."""
    found = conn.execute(
        text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'")
    )
    for name in found.scalars().all():
        conn.exec_driver_sql(f"DROP TRIGGER {name}")


def statements() -> Iterator[str]:
    """The SQLite statements that make the triggers."""
    for guard in GUARDS:
        yield _trigger(
            guard, "update", "UPDATE OF " + ", ".join(guard.columns) if guard.columns else "UPDATE"
        )
        if guard.keeps:
            yield _trigger(guard, "delete", "DELETE")


def _trigger(guard: Guard, kind: str, operation: str) -> str:
    name = guard.table.name
    return (
        f"CREATE TRIGGER guard_{name}_{kind} BEFORE {operation} ON {name} WHEN {guard.when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.says}'); END"
    )
