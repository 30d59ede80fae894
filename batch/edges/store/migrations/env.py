"""Alembic's entry: runs the migrations on the connection that `schema.upgrade_connection` hands over."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True, compare_type=True)
context.run_migrations()
