"""The open database: its transactions, and how it comes to the present schema."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url

from batch.crashpoints import crash_point
from batch.edges.store import chain, schema
from batch.edges.store.sqlite import read_engine, write_engine


@dataclass(frozen=True, kw_only=True)
class Store:
    """An open database: one engine that writes, one that only reads."""

    engine: Engine
    read_engine: Engine

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back by any exception.

        Events recorded in it are written last. No network, child process or file write belongs inside.
        """
        with self.engine.connect() as conn, conn.begin() as transaction:
            chain.begin(conn)
            yield conn
            chain.flush(conn)
            _still_open(conn)
            crash_point("store-before-commit")
            transaction.commit()
        crash_point("store-after-commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: all is seen as of one moment. Writing raises an OperationalError."""
        with self.read_engine.connect() as conn, conn.begin():
            yield conn

    @property
    def file(self) -> Path:
        """The database file."""
        return Path(str(self.engine.url.database))

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()
        self.read_engine.dispose()


def open_store(url: str) -> Store:
    """Opens the database at `sqlite:///path`; an empty one is made (mode 0600) when there is none.

    Raises ValueError for another kind of database or one in memory, FileNotFoundError without its folder.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise ValueError("the database must be a SQLite file, such as sqlite:///path/to/billings.db")
    # Made here and not by SQLite, so that nobody else can read it for a moment; its log takes over the mode.
    os.close(os.open(str(parsed.database), os.O_RDWR | os.O_CREAT, 0o600))
    return Store(engine=write_engine(url), read_engine=read_engine(url))


def migrate(store: Store) -> Path | None:
    """Brings the database to the present schema; gives the backup made before an upgrade, None without one.

    Must run under the work lock. Raises `schema.SchemaUnknown` for a database that a newer version made,
    `schema.SchemaBroken` when the upgrade would lose rows (it is taken back).
    """
    with store.read() as conn:
        found = schema.revision_of(conn)
    if found == schema.HEAD:
        return None
    if found is not None:
        return schema.upgrade(store.engine, store.file, found)
    with store.engine.connect() as conn, conn.begin():
        schema.make(conn)
    return None


def _still_open(conn: Connection) -> None:
    # On a full disk SQLite rolls back by itself. Had somebody swallowed that error, what came after it would
    # be half of a transaction, and the commit would do nothing, silently.
    if not getattr(conn.connection.dbapi_connection, "in_transaction", True):
        raise RuntimeError("the database has given up this transaction; nothing of it is kept")
