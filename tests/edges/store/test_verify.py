"""Events and their proof: every change behind the software's back is found and named."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from batch.edges.store import tables as t
from batch.edges.store.engine import Store
from batch.edges.store.events import (
    StaleRow,
    delete_rows_with_event,
    insert_if_new_with_event,
    insert_rows_with_event,
    record,
    update_rows_with_event,
    update_with_event,
)
from batch.edges.store.proof import proven_tables
from batch.edges.store.verify import verify_amounts, verify_chain
from tests.edges.store.builders import ADMIN, AT, a_filled_store, amounts_of


def faults(store: Store) -> list[str]:
    """All faults of a database."""
    with store.read() as conn:
        return verify_chain(conn) + verify_amounts(conn)


def alter(store: Store, *statements: str) -> None:
    """Changes the database by hand, past triggers, checks and events."""
    with sqlite3.connect(store.file, isolation_level=None) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
    raw.close()


def test_an_untouched_database_has_no_faults(filled: Store) -> None:
    """What the software wrote verifies."""
    assert faults(filled) == []


def test_every_table_with_amounts_is_proven() -> None:
    """Each table with a column of minor units or of a rate must have events for its rows."""
    named = {table.name for table in proven_tables()}
    with_amounts = {
        name
        for name, table in t.metadata.tables.items()
        if any(column.name.endswith(("_minor", "_ppm")) for column in table.columns)
    }
    assert with_amounts <= named
    assert "correction" in named


def test_every_altered_figure_is_found(filled: Store) -> None:
    """One unit more in any amount or rate of any row is found, with table, id and column."""
    for table in proven_tables():
        for column in table.columns:
            with filled.read() as conn:
                rows = conn.execute(select(table.c.id).where(column.is_not(None))).scalars().all()
            if column.name.endswith(("_minor", "_ppm")):
                for row in rows:
                    assert_found(filled, table.name, row, column.name)


def assert_found(store: Store, table: str, row: int, column: str) -> None:
    """One unit more in this place is the one fault; then it is taken back."""
    alter(store, f"UPDATE {table} SET {column} = {column} + 1 WHERE id = {row}")
    found = faults(store)
    assert len(found) == 1
    assert found[0].startswith(f"{table} {row}")
    assert column in found[0]
    alter(store, f"UPDATE {table} SET {column} = {column} - 1 WHERE id = {row}")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "UPDATE application_line SET approved_work_minor = NULL",
            "is empty in the table, 40000 in its last event",
        ),
        ("UPDATE commitment SET currency = 'JPY'", "currency is JPY in the table, USD in its last event"),
        ("UPDATE invite SET basis = replace(basis, '12.50', '12.51')", "basis is sha256:"),
        ("UPDATE line_ledger SET line_key = 'L9' WHERE line_key = 'L2'", "line_key is L9 in the table, L2"),
        ("DELETE FROM invite_line", "an event has the row, but it is not in the table"),
        (
            "INSERT INTO line_ledger SELECT 99, 1, 'L1', 1, 9, 1, 1, 0, at FROM line_ledger LIMIT 1",
            "line_ledger 99 (commitment_id 1, line_key L1, application_id 1, ordinal 9): the row is in",
        ),
    ],
)
def test_other_changes_of_amounts_are_found(filled: Store, statement: str, says: str) -> None:
    """A removed, added, moved or re-labelled amount is found and said in words."""
    alter(filled, statement)
    assert any(says in fault for fault in faults(filled)), faults(filled)


def test_an_address_never_stands_in_a_fault_or_an_event(filled: Store) -> None:
    """The key of an admin is an address: the event has the id only, so that it can be erased."""
    alter(filled, "UPDATE admin SET limit_minor = 1")
    assert faults(filled) == ["admin 1: limit_minor is 1 in the table, 5000000 in its last event"]
    with filled.read() as conn:
        bodies = "".join(conn.execute(select(t.event.c.body)).scalars())
    assert "@" not in bodies
    assert "Concrete" not in bodies


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_altered_byte_of_any_event_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever column of whatever event is changed, the chain does not hold."""
    store = a_filled_store(tmp_path_factory.mktemp("altered"))
    with store.read() as conn:
        seqs = conn.execute(select(t.event.c.id)).scalars().all()
    row = data.draw(st.sampled_from(sorted(seqs)))
    text = data.draw(st.sampled_from(["at", "what", "actor_type", "subject_type", "body", "prev", "hash"]))
    spot = data.draw(st.integers(min_value=1, max_value=5))
    changed = f"substr({text}, 1, {spot - 1}) || '~' || substr({text}, {spot + 1})"
    alter(store, f"UPDATE event SET {text} = {changed} WHERE id = {row}")
    with store.read() as conn:
        assert verify_chain(conn) != []
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor_id = 2 WHERE actor_id = 1 AND seq = 1",
        "UPDATE event SET subject_id = subject_id + 1 WHERE seq = 2",
        "DELETE FROM event WHERE chain = 'project-1' AND seq = 3",
        "DELETE FROM event WHERE chain = 'project-1' AND seq = 1",
        "DELETE FROM event WHERE chain = 'system'",
        "DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE chain = 'project-1')",
        "DELETE FROM chain_head WHERE chain = 'system'",
        "UPDATE chain_head SET seq = seq + 1",
    ],
)
def test_a_cut_or_moved_chain_is_found(filled: Store, statement: str) -> None:
    """An event taken out of the middle or off the end, or another end, is found."""
    alter(filled, statement)
    with filled.read() as conn:
        assert verify_chain(conn) != []


def test_an_event_may_hold_no_float(filled: Store) -> None:
    """A float has no one text, so it cannot be hashed."""
    with pytest.raises(TypeError, match="float"), filled.write() as conn:
        record(
            conn,
            chain="system",
            at=AT,
            what="x",
            actor=ADMIN,
            subject=("vendor", 1),
            body={"a": [{"b": 0.1}]},
        )


def test_chains_go_on_where_they_ended(filled: Store) -> None:
    """Each project and the system have their own sequence without gaps."""
    with filled.write() as conn:
        for chain in ("project-10", "system", "project-2", "system"):
            record(conn, chain=chain, at=AT, what="x", actor=ADMIN, subject=("vendor", 1), body={})
    with filled.read() as conn:
        heads = {row.chain: row.seq for row in conn.execute(select(t.chain_head))}
        found = conn.execute(select(t.event.c.chain).order_by(t.event.c.id)).scalars().all()
        assert verify_chain(conn) == []
    assert heads["project-10"] == heads["project-2"] == 1
    assert found[-4:] == ["system", "system", "project-2", "project-10"]


def test_a_stale_change_is_refused(filled: Store) -> None:
    """A row that is no longer what the writer saw is not changed; a change makes its revision go up."""
    change: dict[str, Any] = {"chain": "project-1", "at": AT, "what": "x", "actor": ADMIN}
    with filled.write() as conn:
        update_with_event(conn, t.sov_line, 1, {"item": "1a"}, expect={"revision": 1}, **change)
    with pytest.raises(StaleRow), filled.write() as conn:
        update_with_event(conn, t.sov_line, 1, {"item": "1b"}, expect={"revision": 1}, **change)
    with filled.read() as conn:
        row = conn.execute(select(t.sov_line).where(t.sov_line.c.id == 1)).mappings().one()
    assert (row["item"], row["revision"]) == ("1a", 2)


def test_many_rows_share_one_event(filled: Store) -> None:
    """Rows are written in order with one event, changed with one and removed with one; all verifies."""
    about: dict[str, Any] = {"chain": "project-1", "at": AT, "what": "x", "actor": ADMIN}
    about["subject"] = ("upstream", 1)
    with filled.write() as conn:
        upstream = insert_rows_with_event(conn, t.upstream, [an_upstream()], **about)[0]
        lines = [
            {
                **amounts_of(t.upstream_line, n),
                "upstream_id": upstream,
                "line_key": f"C{n}",
                "item": "",
                "description": "",
                "change_order": "",
            }
            for n in range(300)
        ]
        ids = insert_rows_with_event(conn, t.upstream_line, lines, **about)
        update_rows_with_event(conn, t.upstream_line, {row: {"work_minor": 5} for row in ids[:2]}, **about)
        delete_rows_with_event(conn, t.upstream_line, ids[10:], **about)
    with filled.read() as conn:
        found = conn.execute(select(t.upstream_line.c.id, t.upstream_line.c.stored_minor)).all()
        assert [tuple(row) for row in found] == [(row, n) for n, row in enumerate(ids[:10])]
    assert faults(filled) == []
    with pytest.raises(StaleRow), filled.write() as conn:
        delete_rows_with_event(conn, t.upstream_line, ids[9:11], **about)


def an_upstream() -> dict[str, object]:
    """A client application in draft."""
    start = {
        "project_id": 1,
        "number": 1,
        "revision_number": 0,
        "period_id": 1,
        "state": "draft",
        "currency": "USD",
        "compiled_at": AT,
    }
    return {**start, **amounts_of(t.upstream, 0)}


def test_a_row_that_is_there_is_not_written_again(filled: Store) -> None:
    """With a taken UNIQUE key nothing is written, no event either; with a free one both are."""
    about: dict[str, Any] = {"chain": "project-1", "at": AT, "what": "x", "actor": ADMIN}
    summary = {**amounts_of(t.application_summary, 1), "application_id": 1, "side": "claimed"}
    deduction = {
        "commitment_id": 1, "number": "D-1", "dated_on": AT.date(), "description": "", "cost_code": "",
        "amount_minor": 5, "evidence": "",
    }  # fmt: skip
    with filled.write() as conn:
        assert insert_if_new_with_event(conn, t.application_summary, summary, **about) is None
        assert insert_if_new_with_event(conn, t.deduction, deduction, **about) == 1
    assert faults(filled) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET what = 'x'",
        "DELETE FROM event",
        "UPDATE line_ledger SET work_minor = 0",
        "DELETE FROM line_ledger",
        "UPDATE invite_line SET item = 'x'",
        "DELETE FROM invite_line",
        "UPDATE invite SET basis = '{}'",
        "DELETE FROM invite",
        "UPDATE application SET received_at = '2024-01-01T00:00:00.000000Z'",
        "UPDATE application_line SET claimed_work_minor = 0",
        "DELETE FROM application_line",
        "UPDATE application_summary SET payable_minor = 0 WHERE side = 'claimed'",
        "UPDATE inbox SET sha256 = ''",
        "DELETE FROM inbox",
    ],
)
def test_the_database_refuses_to_change_what_is_fixed(filled: Store, statement: str) -> None:
    """Ledgers, events, claims and issued documents cannot be changed or removed by an ordinary statement."""
    with sqlite3.connect(filled.file) as raw, pytest.raises(sqlite3.IntegrityError, match="never changed"):
        raw.execute(statement)
    raw.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE application_line SET approved_work_minor = 1",
        "UPDATE application_summary SET payable_minor = 0 WHERE side = 'approved'",
        "UPDATE invite SET state = 'replaced', revision = revision + 1",
        "UPDATE application SET state = 'under review'",
        "UPDATE inbox SET attempts = attempts + 1",
    ],
)
def test_the_database_lets_states_and_approvals_change(filled: Store, statement: str) -> None:
    """What may change can still be changed."""
    with sqlite3.connect(filled.file) as raw:
        assert raw.execute(statement).rowcount > 0
    raw.close()
