"""The one way a state changes in the database: guarded by the state and revision that the writer saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table

from batch.core.states import advance
from batch.edges.store.events import Actor, update_with_event

#: Who did it, when nobody in particular did.
NOBODY: Actor = ("system", None)


def move(
    conn: Connection,
    table: Table,
    row: RowMapping,
    event: str,
    *,
    chain: str,
    at: datetime,
    actor: Actor = NOBODY,
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Advance a row's life cycle by `event` and write the event in the same transaction; its revision goes up by one.

    `values` are other columns set with it; `facts` (ids, hashes, codes; no names) go into the event's body. Raises
    IllegalTransition when the life cycle refuses, StaleRow when the row changed since it was loaded.
    """
    following = advance(row["state"], event)
    update_with_event(
        conn,
        table,
        row["id"],
        {"state": following, **(values or {})},
        chain=chain,
        at=at,
        what=f"{table.name}-{event}",
        actor=actor,
        expect={"state": row["state"], "revision": row["revision"]},
        body={"event": event, "from": row["state"].value, "to": following.value, **(facts or {})},
    )
