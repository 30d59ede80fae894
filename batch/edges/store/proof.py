"""What an event says about a row: its table, its key, and every figure in it; for writing and for verifying.

The figures are the columns `*_minor`, `*_ppm`, `*_e4`, `*_e6`, `*_e8`, `currency`, and a hash of each column marked as proven
(text or JSON that holds amounts). All are taken as the database stores them, so that an altered byte shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Table, Text, type_coerce

from batch.edges.store.amounts import MINOR, PPM, SCALED
from batch.edges.store.columns import BoolInt, WholeNumber
from batch.edges.store.tables import metadata


def is_proven(table: Table) -> bool:
    """Whether rows of this table hold figures, so that each must be written together with an event."""
    return any(_is_figure(column) for column in table.columns)


def proven_tables() -> tuple[Table, ...]:
    """Every table with figures, by name."""
    return tuple(
        metadata.tables[name] for name in sorted(metadata.tables) if is_proven(metadata.tables[name])
    )


def proof_columns(table: Table) -> list[ColumnElement[Any]]:
    """What to select (or to have returned) of a row, as stored, for `facts`; `id` first."""
    names = ["id", *key_names(table), *figure_names(table)]
    return [_raw(table.c[name]) for name in dict.fromkeys(names)]


def facts(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What an event says about one row: `id`, `key` and `amounts`; the last two are empty without figures."""
    amounts = {name: _said(table.c[name], row[name]) for name in figure_names(table)}
    return {"id": row["id"], "key": {name: row[name] for name in key_names(table)}, "amounts": amounts}


def key_names(table: Table) -> tuple[str, ...]:
    """The columns of the key that an event carries; none when the key has an address in it."""
    key: tuple[str, ...] = table.info["key"]
    return key if is_proven(table) and not table.info["private"] else ()


def figure_names(table: Table) -> list[str]:
    """The columns whose values an event must carry; none for a table without figures."""
    if not is_proven(table):
        return []
    return [column.name for column in table.columns if _is_figure(column) or column.name == "currency"]


def _is_figure(column: Column[Any]) -> bool:
    return column.name.endswith((MINOR, PPM, *SCALED)) or _is_hashed(column)


def _is_hashed(column: Column[Any]) -> bool:
    return bool(column.info.get("proven"))


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    whole = isinstance(column.type, WholeNumber | BoolInt | Integer) or column.primary_key
    stored: Integer | Text = Integer() if whole or column.foreign_keys else Text()
    return type_coerce(column, stored).label(column.name)


def _said(column: Column[Any], value: Any) -> Any:
    if value is None or not _is_hashed(column):
        return value
    return "sha256:" + hashlib.sha256(str(value).encode()).hexdigest()
