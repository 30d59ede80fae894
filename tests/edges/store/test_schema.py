"""The schema: made at once or by the migrations, strict everywhere, and the same on both ways."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.schema import CreateIndex, CreateTable

from batch.edges.store import schema, triggers
from batch.edges.store.engine import Store, migrate, open_store
from batch.edges.store.sqlite import migration_engine
from batch.edges.store.tables import metadata
from tests.edges.store.builders import a_filled_store

FROZEN = schema.MIGRATIONS / "versions" / "r0001_first.sqlite.sql"


def statements(conn: Connection, *kinds: str) -> list[str]:
    """The statements that the database says it was made with, without those of Alembic's own table."""
    found = conn.execute(text("SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"))
    return [sql for kind, sql in found if kind in kinds and "alembic_version" not in sql]


def counts(conn: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: conn.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in metadata.tables
    }


def migrated_from_nothing(folder: Path) -> Store:
    """A database that Alembic made, from the first migration to the last."""
    store = open_store(f"sqlite:///{folder}/migrated.db")
    engine = migration_engine(str(store.engine.url))
    with engine.connect() as conn, conn.begin():
        schema.run_migrations(conn)
    engine.dispose()
    return store


def test_the_frozen_schema_is_there(empty: Store) -> None:
    """The first migration's statements stand in a file. Without it, it is written and this test fails.

    Until the first release, that is how it follows a change of the tables: remove the file and run this test.
    """
    if not FROZEN.exists():
        with empty.read() as conn, FROZEN.open("x", encoding="utf-8") as file:
            # Indexes sorted, after all tables: a table's own come in another order each time.
            made = [*statements(conn, "table"), *sorted(statements(conn, "index"))]
            file.write("".join(f"{sql};\n" for sql in made))
        pytest.fail(f"{FROZEN.name} was missing and has been written: look at it, then run again")


def test_migrations_and_tables_make_the_same_schema(empty: Store, tmp_path: Path) -> None:
    """The migrations make exactly the tables, indexes and triggers that a new database gets at once."""
    migrated = migrated_from_nothing(tmp_path)
    kinds = ("table", "index", "trigger")
    with empty.read() as ours, migrated.read() as theirs:
        assert sorted(statements(theirs, *kinds)) == sorted(statements(ours, *kinds))
        assert schema.revision_of(theirs) == schema.revision_of(ours) == schema.HEAD
    migrated.close()


def test_alembic_sees_nothing_to_do(empty: Store) -> None:
    """Alembic finds no difference between the tables in the code and those in the database."""
    with empty.read() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_revisions_of_the_code_are_those_of_the_migrations() -> None:
    """Each known revision has its module, in order."""
    modules = sorted((schema.MIGRATIONS / "versions").glob("r*.py"))
    assert [module.name[1:5] for module in modules] == list(schema.REVISIONS)


def test_every_table_is_strict(empty: Store) -> None:
    """SQLite refuses text in a number's column in every table."""
    with empty.read() as conn:
        found = conn.exec_driver_sql("SELECT name FROM pragma_table_list WHERE strict = 1").scalars().all()
    assert set(metadata.tables) <= set(found)


def test_every_table_can_be_made_by_postgresql() -> None:
    """Nothing in the tables or indexes is SQLite's alone."""
    dialect = make_url("postgresql://").get_dialect()()
    for table in metadata.tables.values():
        made = str(CreateTable(table).compile(dialect=dialect))
        assert "STRICT" not in made
        for index in table.indexes:
            str(CreateIndex(index).compile(dialect=dialect))


def test_no_row_goes_with_another(empty: Store) -> None:
    """There is no ON DELETE CASCADE: no row ever disappears because another one does."""
    with empty.read() as conn:
        assert not [sql for sql in statements(conn, "table") if "CASCADE" in sql]


def test_a_new_database_needs_no_alembic(tmp_path: Path) -> None:
    """Alembic, which is slow to import, stays out of a start that has nothing to upgrade."""
    code = (
        "import sys\nfrom batch.edges.store.engine import open_store, migrate\n"
        f"migrate(open_store('sqlite:///{tmp_path}/new.db'))\nassert 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(schema.__file__).parents[3])


def test_migrating_twice_changes_nothing(filled: Store) -> None:
    """A database at the present schema is left alone."""
    before = counts_of(filled)
    assert migrate(filled) is None
    assert counts_of(filled) == before


def counts_of(store: Store) -> dict[str, int]:
    """How many rows each table of a database has."""
    with store.read() as conn:
        return counts(conn)


def test_an_upgrade_keeps_rows_and_makes_a_backup(tmp_path: Path) -> None:
    """Before an upgrade the database is copied; afterwards no row is lost and all triggers are there."""
    store = a_filled_store(tmp_path)
    before = counts_of(store)
    # Alembic finds nothing to run at the newest revision, so this is the frame of every upgrade.
    backup = schema.upgrade(store.engine, store.file, schema.HEAD)
    assert counts_of(store) == before
    with store.read() as conn:
        assert len(statements(conn, "trigger")) == len(list(triggers.statements()))
    copy = open_store(f"sqlite:///{backup}")
    assert counts_of(copy) == before
    assert backup.stat().st_mode & 0o777 == 0o600
    store.close()
    copy.close()


def test_an_upgrade_that_would_lose_a_row_is_taken_back(tmp_path: Path) -> None:
    """When a row points to one that is not there, the upgrade is refused and nothing is changed."""
    store = a_filled_store(tmp_path)
    with sqlite3.connect(store.file) as raw:
        raw.execute("DELETE FROM vendor")
    with pytest.raises(schema.SchemaBroken, match="commitment"):
        schema.upgrade(store.engine, store.file, schema.HEAD)
    with store.read() as conn:
        assert len(statements(conn, "trigger")) == len(list(triggers.statements()))
    store.close()


def test_a_newer_database_is_refused(empty: Store) -> None:
    """A database of a newer version is refused and left as it is."""
    with sqlite3.connect(empty.file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(schema.SchemaUnknown, match="9999"):
        migrate(empty)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A file with other tables is refused and left as it is."""
    with sqlite3.connect(tmp_path / "other.db") as raw:
        raw.execute("CREATE TABLE songs (title TEXT)")
    store = open_store(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(schema.SchemaUnknown, match="another program"):
        migrate(store)
    store.close()
