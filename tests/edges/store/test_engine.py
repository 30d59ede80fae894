"""Transactions: durable settings, whole or not at all, and several processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from batch.edges.store import tables as t
from batch.edges.store.chain import NotWriting, record
from batch.edges.store.engine import Store, open_store
from batch.edges.store.register_rows import UnknownReference, upsert
from batch.edges.store.verify import verify_amounts, verify_chain
from tests.edges.store.builders import AT, SYSTEM, add, fill_register

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from datetime import UTC, datetime
from sqlalchemy import select
from batch.edges.store import tables as t
from batch.edges.store.engine import open_store
from batch.edges.store.events import update_with_event
store = open_store(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.write() as conn:
        line = conn.execute(select(t.sov_line).where(t.sov_line.c.id == 1)).mappings().one()
        update_with_event(
            conn, t.sov_line, 1, {"scheduled_value_minor": line["scheduled_value_minor"] + 1},
            chain="project-1", at=datetime(2024, 3, 1, tzinfo=UTC), what="counted", actor=("system", None),
            expect={"revision": line["revision"]},
        )
"""


def test_what_is_committed_survives_a_power_cut(empty: Store) -> None:
    """Both engines use the write-ahead log and wait; the writing one syncs fully and checks references."""
    with empty.write() as conn:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked] == ["wal", 2, 1, 5000]
    with empty.read() as conn:
        assert conn.exec_driver_sql("PRAGMA query_only").scalar_one() == 1


def test_only_its_owner_reads_the_database(empty: Store) -> None:
    """The file and its log have mode 0600."""
    with empty.read():
        files = list(empty.file.parent.glob("billings.db*"))
    assert files
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://db/billings"])
def test_other_databases_are_refused(url: str) -> None:
    """Only a SQLite file is taken, since each of two engines would see its own memory."""
    with pytest.raises(ValueError, match="SQLite file"):
        open_store(url)


def test_a_missing_folder_is_said_at_once(tmp_path: Path) -> None:
    """A database in a folder that is not there is not made somewhere else."""
    with pytest.raises(FileNotFoundError):
        open_store(f"sqlite:///{tmp_path}/nowhere/billings.db")


def test_a_failed_transaction_leaves_nothing(empty: Store) -> None:
    """An exception takes back all rows and events of its transaction."""
    with pytest.raises(UnknownReference), empty.write() as conn:
        fill_and_fail(conn)
    with empty.read() as conn:
        for table in (t.sov_line, t.event, t.chain_head):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0


def fill_and_fail(conn: Connection) -> None:
    """Many rows, and then one that is refused before it reaches the database."""
    fill_register(conn)
    upsert(conn, "sov_line", ("SC-9", "L1"), {}, at=AT, actor=SYSTEM)


def test_reading_cannot_write(filled: Store) -> None:
    """The reading engine refuses a change."""
    with pytest.raises(OperationalError, match="readonly"), filled.read() as conn:
        conn.execute(update(t.vendor).values(name="x"))


def test_an_event_outside_of_a_write_is_refused(filled: Store) -> None:
    """An event that no transaction would write is an error, not a silence."""
    with filled.read() as conn, pytest.raises(NotWriting):
        record(conn, chain="system", at=AT, what="x", actor=SYSTEM, subject=("vendor", 1), body={})


def test_a_savepoint_takes_its_events_with_it(filled: Store) -> None:
    """When a savepoint is rolled back, the events noted since are not written either; those before it are."""
    with filled.write() as conn:
        before = add(conn, t.line_ledger, a_row(1))
        undone = conn.begin_nested()
        add(conn, t.line_ledger, a_row(2))
        undone.rollback()
        with conn.begin_nested():
            add(conn, t.line_ledger, a_row(3))
    with filled.read() as conn:
        assert verify_amounts(conn) == verify_chain(conn) == []
        found = conn.execute(select(t.line_ledger.c.work_minor).where(t.line_ledger.c.id >= before)).scalars()
        assert list(found) == [1, 3]


def a_row(work: int) -> dict[str, object]:
    """A row of the ledger that can be told by its amount."""
    return {
        "commitment_id": 1,
        "line_key": "L1",
        "ordinal": work,
        "work_minor": work,
        "stored_minor": 0,
        "at": AT,
    }


def test_a_taken_key_ends_the_transaction(filled: Store) -> None:
    """The second row with the same natural key is refused by the database."""
    with pytest.raises(IntegrityError, match="UNIQUE"), filled.write() as conn:
        add(conn, t.vendor, {"number": "V-1", "name": "", "address": "", "erp_vendor": ""})


def test_a_transaction_that_sqlite_gave_up_is_not_committed(filled: Store) -> None:
    """When SQLite has rolled back by itself and the error was swallowed, the end says so."""
    with pytest.raises(RuntimeError, match="given up"), filled.write() as conn:
        conn.exec_driver_sql("ROLLBACK")


def test_processes_that_write_at_once_lose_nothing(filled: Store) -> None:
    """Two processes that read, add one and write back wait for each other: every step counts."""
    command = [sys.executable, "-c", WRITER, str(filled.engine.url), "60"]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    with filled.read() as conn:
        value = conn.execute(
            select(t.sov_line.c.scheduled_value_minor).where(t.sov_line.c.id == 1)
        ).scalar_one()
        assert value == 100_000 + 120
        assert verify_chain(conn) == verify_amounts(conn) == []
