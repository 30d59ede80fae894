"""The first schema. Its statements stand in a file for each kind of database, and never change."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes all tables and indexes."""
    conn = op.get_bind()
    script = Path(__file__).with_name(f"r0001_first.{conn.dialect.name}.sql")
    for statement in script.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            conn.exec_driver_sql(statement)
