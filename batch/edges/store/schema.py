"""The present schema: made at once in an empty database, reached with Alembic from an older one.

Alembic takes over a second to import, so it is imported for an upgrade only. A test holds that both ways end
in the same schema.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, select

from batch.edges.store.sqlite import migration_engine
from batch.edges.store.tables import metadata
from batch.edges.store.triggers import create_triggers, drop_triggers

#: The revisions of `migrations/versions`, oldest first.
REVISIONS = ("0001",)
HEAD = REVISIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"
#: As Alembic itself makes it.
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False))


class SchemaUnknown(Exception):
    """The database was made by a newer version, or by another program. Nothing was changed."""


class SchemaBroken(Exception):
    """After an upgrade some rows point to rows that are not there. The upgrade was taken back."""


def revision_of(conn: Connection) -> str | None:
    """The schema's revision; None for an empty database. Raises SchemaUnknown for one that is not ours."""
    there = inspect(conn).get_table_names()
    if not there:
        return None
    if _VERSION.name not in there:
        raise SchemaUnknown("this is the database of another program")
    found = str(conn.execute(select(_VERSION.c.version_num)).scalar_one())
    if found not in REVISIONS:
        raise SchemaUnknown(f"the database has schema {found}; this version knows up to {HEAD}")
    return found


def make(conn: Connection) -> None:
    """Makes the present schema, unless another process did while this one waited for its turn to write."""
    if revision_of(conn) is not None:
        return
    metadata.create_all(conn, checkfirst=False)
    create_triggers(conn)
    _VERSION.metadata.create_all(conn, checkfirst=False)
    conn.execute(_VERSION.insert().values(version_num=HEAD))


def upgrade(engine: Engine, file: Path, found: str) -> Path:
    """Upgrades a database from revision `found`; gives the backup beside it. Raises SchemaBroken."""
    backup = back_up(engine, file.with_name(f"{file.name}.before-{found}-to-{HEAD}"))
    own = migration_engine(str(engine.url))
    try:
        with own.connect() as conn, conn.begin():
            run_migrations(conn)
    finally:
        own.dispose()
    return backup


def run_migrations(conn: Connection) -> None:
    """Runs the missing migrations in the transaction of `conn`. Raises SchemaBroken."""
    from alembic import command  # noqa: PLC0415 - slow to import, and seldom needed
    from alembic.config import Config  # noqa: PLC0415 - the same

    drop_triggers(conn)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    create_triggers(conn)
    lost = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
    if lost:
        raise SchemaBroken(f"{len(lost)} rows point to rows that are not there, the first in {lost[0][0]}")


def back_up(engine: Engine, copy: Path) -> Path:
    """Writes a whole copy of the database to `copy` (mode 0600) and gives its path."""
    part = copy.with_name(copy.name + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    # Past the hooks for transactions: VACUUM runs outside of one only.
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(part),))
    finally:
        raw.close()
    return part.replace(copy)
