"""The canonical dump: blind to what an interruption may change, and to nothing else."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import select

from batch.edges.store import tables as t
from batch.edges.store.dump import canonical_dump
from batch.edges.store.engine import Store
from batch.edges.store.events import record
from tests.edges.store.builders import ADMIN, AT, a_mail, add, an_empty_store, fill_billing, fill_register


def dump(store: Store) -> str:
    """The dump of a database."""
    with store.read() as conn:
        return canonical_dump(conn)


def written(folder: Path, mails: list[tuple[str, int]]) -> Store:
    """A filled database that got these mails (hash, number on the server), each with an event about it."""
    folder.mkdir()
    store = an_empty_store(folder)
    with store.write() as conn:
        fill_register(conn)
        fill_billing(conn)
    for sha256, uid in mails:
        with store.write() as conn:
            mail = add(conn, t.inbox, {**a_mail(sha256, uid), "attempts": uid})
            about: dict[str, Any] = {"chain": "project-1", "at": AT, "what": "mail-read", "actor": ADMIN}
            record(conn, **about, subject=("inbox", mail), body={"inbox_id": mail, "invite_id": 1})
    return store


def test_order_ids_and_server_numbers_make_no_difference(tmp_path: Path) -> None:
    """Two databases in which the same happened in another order have the same dump."""
    one = written(tmp_path / "one", [("a1", 8), ("b2", 9)])
    other = written(tmp_path / "other", [("b2", 11), ("a1", 10)])
    assert dump(one) == dump(other)
    one.close()
    other.close()


def test_any_other_difference_shows(tmp_path: Path) -> None:
    """One changed amount, state or text makes another dump."""
    store = written(tmp_path / "one", [])
    seen = {dump(store)}
    for change in (
        "UPDATE application_line SET approved_work_minor = 1",
        "UPDATE application SET state = 'void'",
        "UPDATE vendor SET name = 'x'",
        "UPDATE inbox SET outcome = 'x'",
        "DELETE FROM attachment WHERE 1 = 1; UPDATE project SET hold_answers = 1",
    ):
        with sqlite3.connect(store.file) as raw:
            raw.executescript(change)
        raw.close()
        assert dump(store) not in seen
        seen.add(dump(store))
    store.close()


def test_rows_are_named_by_their_keys(filled: Store) -> None:
    """Rows and the rows they point to go by natural key; each line is readable by itself."""
    lines = dump(filled).splitlines()
    assert lines == sorted(lines)
    line = next(line for line in lines if line.startswith("invite_line "))
    shown = json.loads(line.removeprefix("invite_line "))
    assert shown["invite_id"] == "invite(billing_period(project(P-1)/1)/commitment(SC-1)/work/1)"


def test_the_dump_has_every_row(filled: Store) -> None:
    """Each row of each table but the ends of the chains is one line."""
    with filled.read() as conn:
        tables = [table for table in t.metadata.tables.values() if table is not t.chain_head]
        rows = sum(len(conn.execute(select(table)).all()) for table in tables)
    assert len(dump(filled).splitlines()) == rows
