"""The chains of events: what happened, and proof that nothing was changed. Never rebuilt by a migration."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from batch.edges.store.columns import text_column, utc, whole
from batch.edges.store.register_tables import keyed, metadata

#: `body` is canonical JSON text: ids, hashes and amounts; never names, addresses or free text. Append-only.
event = keyed(
    "event",
    text_column("chain"),
    whole("seq"),
    utc("at"),
    text_column("what"),
    text_column("actor_type"),
    whole("actor_id", nullable=True),
    text_column("subject_type"),
    whole("subject_id"),
    text_column("body"),
    text_column("prev"),
    text_column("hash"),
    key=("chain", "seq"),
)

#: The end of each chain: 'system', and 'project-<id>' for each project. Locked last in a transaction.
chain_head = Table(
    "chain_head",
    metadata,
    Column("chain", Text, primary_key=True),
    whole("seq"),
    text_column("hash"),
    info={"key": ("chain",), "private": False},
    sqlite_strict=True,
)
