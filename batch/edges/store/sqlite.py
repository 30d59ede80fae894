"""Engines for SQLite: one that writes, one that only reads.

WAL with synchronous FULL, so that what was committed survives a power cut. BEGIN IMMEDIATE for writing: a
transaction that first reads and then writes would fail at once, without waiting, if another had written.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from batch.edges.store import chain

#: Waiting comes first: the switch to WAL itself may have to wait for another process.
_WAIT = "busy_timeout = 5000"
_PRAGMAS = (_WAIT, "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def write_engine(url: str) -> Engine:
    """The engine for `Store.write`. A savepoint that is rolled back takes its events with it."""
    engine = _engine(url, "BEGIN IMMEDIATE", *_PRAGMAS)
    event.listen(engine, "savepoint", lambda conn, _name: chain.savepoint_set(conn))
    event.listen(engine, "release_savepoint", lambda conn, _name, _context: chain.savepoint_kept(conn))
    event.listen(engine, "rollback_savepoint", lambda conn, _name, _context: chain.savepoint_undone(conn))
    return engine


def read_engine(url: str) -> Engine:
    """The engine for `Store.read`: it refuses to write, and sees one moment in each transaction."""
    return _engine(url, "BEGIN", *_PRAGMAS, "query_only = ON")


def migration_engine(url: str) -> Engine:
    """The engine for migrations: foreign keys are unchecked, which SQLite takes only before a transaction."""
    return _engine(url, "BEGIN IMMEDIATE", _WAIT, "synchronous = FULL", "foreign_keys = OFF")


def _engine(url: str, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def set_up(dbapi: Any, _record: object) -> None:
        # Else the driver begins transactions by itself, later and weaker than ours.
        dbapi.isolation_level = None
        for pragma in pragmas:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine
