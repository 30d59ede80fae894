"""The register workbook: checked, shown as a plan, applied on confirmation, exported with a stamp."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from batch import jsonlog
from batch.edges.store import queries_client, queries_ledger, queries_register, tables
from batch.edges.store.changes import NOBODY
from batch.edges.store.events import SYSTEM, Actor, insert_with_event, project_chain, update_with_event
from batch.edges.store.register_rows import rows, upsert
from batch.edges.store.register_sheets import SHEETS
from batch.edges.store.rows import Connection
from batch.formats.register.diff import PlannedRow, RegisterPlan, plan
from batch.formats.register.problems import Weight
from batch.formats.register.read import RegisterRead, read
from batch.formats.register.reading import Present, as_present
from batch.formats.register.sheets import BY_NAME
from batch.formats.register.template import export
from batch.jobs.workplace import Workplace

#: Sheets whose changes make a new version of a commitment's schedule of values.
VERSIONED = ("sov_line", "change_order")


@dataclass(frozen=True, kw_only=True)
class RegisterCheck:
    """A register workbook against what the database holds."""

    sha256: str
    read: RegisterRead
    plan: RegisterPlan

    @property
    def faults(self) -> int:
        """How many rows cannot be taken, and faults of the whole file."""
        errors = sum(one.weight is Weight.ERROR for one in self.read.problems)
        # A refused row that is faulty by itself is among the problems too.
        return max(len(self.plan.refused), errors)


def present(conn: Connection) -> Present:
    """The register as it stands."""
    found = {name: rows(conn, name) for name in SHEETS}
    keys = BY_NAME["correction"].key
    corrections = {tuple(row[name] for name in keys): row for row in queries_register.corrections(conn)}
    return as_present({**found, "correction": corrections})


def check_register(w: Workplace, data: bytes) -> RegisterCheck:
    """Read a register workbook and plan its import; nothing is written."""
    with w.store.read() as conn:
        there = present(conn)
        invited = queries_register.invited_commitments(conn)
        billed = queries_client.billed_projects(conn)
        worked = queries_ledger.billed_lines(conn)
    found = read(data, there)
    return RegisterCheck(
        sha256=hashlib.sha256(data).hexdigest(), read=found, plan=plan(found, there, invited, billed, worked)
    )


def import_register(w: Workplace, data: bytes, now: datetime, admin_id: int | None = None) -> RegisterCheck:
    """Apply what a register workbook adds and changes, in one transaction. What is refused is left out, the rest is taken."""
    checked = check_register(w, data)
    if checked.plan.empty:
        return checked
    w.archive.put(data)
    actor: Actor = ("admin", admin_id) if admin_id is not None else NOBODY
    with w.store.write() as conn:
        for row in (*checked.plan.added, *checked.plan.changed):
            _write(conn, row, admin_id, actor, now)
        _new_versions(conn, checked.plan, actor, now)
        _note(conn, checked, admin_id, actor, now)
    jsonlog.info("register-imported", added=len(checked.plan.added), changed=len(checked.plan.changed))
    return checked


def _write(conn: Connection, row: PlannedRow, admin_id: int | None, actor: Actor, now: datetime) -> None:
    if row.sheet != "correction":
        upsert(conn, row.sheet, row.key, row.values, at=now, actor=actor, revision=row.revision or None)
        return
    commitment = queries_register.commitment_by_number(conn, str(row.values["commitment"]))
    assert commitment is not None, "the plan holds corrections of known commitments only"
    columns = ("sheet", "row_key", "field", "old", "new", "dated_on", "reason")
    values = {name: row.values[name] for name in columns}
    insert_with_event(
        conn,
        tables.correction,
        {**values, "commitment_id": commitment["id"], "admin_id": admin_id, "created_at": now},
        chain=SYSTEM,
        at=now,
        what="correction-made",
        actor=actor,
    )


def _new_versions(conn: Connection, done: RegisterPlan, actor: Actor, now: datetime) -> None:
    """A commitment whose lines or change orders changed after its first invite gets a new version of its schedule."""
    touched = {str(row.key[0]) for row in (*done.added, *done.changed) if row.sheet in VERSIONED}
    for number in sorted(touched & queries_register.invited_commitments(conn)):
        row = queries_register.commitment_by_number(conn, number)
        assert row is not None, "it was invited, so it is there"
        update_with_event(
            conn,
            tables.commitment,
            row["id"],
            {"sov_version": row["sov_version"] + 1},
            chain=project_chain(row["project_id"]),
            at=now,
            what="schedule-of-values-changed",
            actor=actor,
        )


def _note(
    conn: Connection, checked: RegisterCheck, admin_id: int | None, actor: Actor, now: datetime
) -> None:
    done = checked.plan
    values = {
        "sha256": checked.sha256,
        "admin_id": admin_id,
        "at": now,
        "added": len(done.added),
        "changed": len(done.changed),
        "refused": len(done.refused),
    }
    insert_with_event(
        conn,
        tables.register_import,
        values,
        chain=SYSTEM,
        at=now,
        what="register-imported",
        actor=actor,
        body={"sha256": checked.sha256},
    )


def export_register(w: Workplace, now: datetime) -> bytes:
    """The register as a workbook, each row stamped with its revision."""
    with w.store.read() as conn:
        return export(present(conn), stamp=now)
