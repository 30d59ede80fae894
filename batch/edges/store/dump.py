"""All tables as one sorted text, the same whenever the same things happened, however often interrupted.

Left out is what a restart may change without harm: ids, attempts, the mail server's numbers, and the order of
events. A row is named by its natural key, and so is each row it points to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, select

from batch.edges.store.columns import canonical_json, utc_text
from batch.edges.store.tables import metadata

Row = Mapping[Any, Any]

_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "event": frozenset({"seq", "prev", "hash", "chain"}),
    "inbox": frozenset({"uid", "uidvalidity", "attempts", "next_try_at"}),
    "outbox": frozenset({"attempts", "next_try_at"}),
    "quarantine": frozenset({"attempts"}),
}
#: Its rows are the ends of the chains, which follow from the order of events.
_NO_ROWS = frozenset({"chain_head"})
#: Where the natural key has something in it that is left out.
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "event": ("at", "what"),
    "inbox": ("account", "folder", "sha256"),
}
#: An id whose table stands in another column of the row.
_TYPED: Mapping[str, str] = {"subject_id": "subject_type", "item_id": "item_type", "actor_id": "actor_type"}


def canonical_dump(conn: Connection) -> str:
    """The whole database as text: one line a row, `table {column: value, …}`, sorted."""
    rows = {name: _rows(conn, table) for name, table in metadata.tables.items()}
    names = _Names(rows)
    lines = [
        f"{name} {canonical_json(_shown(metadata.tables[name], row, names))}"
        for name, found in rows.items()
        if name not in _NO_ROWS
        for row in found.values()
    ]
    return "".join(line + "\n" for line in sorted(lines))


def _rows(conn: Connection, table: Table) -> dict[Any, Row]:
    first = next(iter(table.primary_key.columns))
    raw = select(*(column.label(column.name) for column in table.columns)).order_by(first)
    return {row[first.name]: row for row in conn.execute(raw).mappings()}


class _Names:
    """Natural names of rows, such as `sov_line(commitment(SC-1)/L10)`."""

    def __init__(self, rows: Mapping[str, Mapping[Any, Row]]) -> None:
        self.rows = rows
        self.known: dict[tuple[str, Any], str] = {}

    def of(self, table: str, row_id: Any) -> str | None:
        """The name of a row, or None for no row. An id that is not there keeps its number, and so shows."""
        if row_id is None:
            return None
        if (table, row_id) not in self.known:
            self.known[table, row_id] = self._made(table, row_id)
        return self.known[table, row_id]

    def _made(self, name: str, row_id: Any) -> str:
        row = self.rows.get(name, {}).get(row_id)
        if row is None:
            return f"{name}#{row_id}"
        table = metadata.tables[name]
        columns = _NAMED_BY.get(name, table.info["key"])
        return f"{name}({'/'.join(str(_value(table.c[column], row, self)) for column in columns)})"


def _shown(table: Table, row: Row, names: _Names) -> dict[str, Any]:
    out = _LEFT_OUT.get(table.name, frozenset()) | {"id"}
    shown = {column.name: _value(column, row, names) for column in table.columns if column.name not in out}
    if table.name == "event":
        shown["body"] = _without_ids(json.loads(row["body"]), names)
    return shown


def _value(column: Column[Any], row: Row, names: _Names) -> Any:
    value = row[column.name]
    for key in column.foreign_keys:
        return names.of(key.column.table.name, value)
    if column.name in _TYPED:
        return names.of(row[_TYPED[column.name]], value)
    if isinstance(value, datetime):
        return utc_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _without_ids(value: Any, names: _Names, table: str = "") -> Any:
    """The body of an event with row ids turned into names; `table` is the one that `rows` in it belong to."""
    if isinstance(value, list):
        return [_without_ids(part, names, table) for part in value]
    if not isinstance(value, dict):
        return value
    within = value.get("table", table)
    return dict(_named(name, part, names, within) for name, part in value.items())


def _named(name: str, value: Any, names: _Names, table: str) -> tuple[str, Any]:
    if name == "id":
        return name, names.of(table, value)
    if name == "removed":
        return name, len(value)
    if name in _POINTS_TO and not isinstance(value, dict | list):
        return name, names.of(_POINTS_TO[name], value)
    return name, _without_ids(value, names, table)


def _points_to() -> Iterator[tuple[str, str]]:
    for table in metadata.tables.values():
        for column in table.columns:
            for key in column.foreign_keys:
                yield column.name, key.column.table.name


#: What an id in an event's body points to, by the name it has as a column: `invite_id` an invite.
_POINTS_TO: Mapping[str, str] = dict(_points_to())
