"""Reading and writing the register by sheet and natural key, as the register workbook has it.

Fields are the table's columns, with three differences: amounts are Decimal and go without `_minor`, rates are
percent and go without `_ppm`, and references go by natural key: `project`, `commitment`, `vendor` and
`change_order` are numbers. Lists (`projects`, `reminders`) are lists of text; dates in them are ISO text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, exists, select

from batch.core.money import decimals
from batch.edges.store.amounts import decoded, encoded
from batch.edges.store.columns import JsonText, canonical_json
from batch.edges.store.events import (
    SYSTEM,
    Actor,
    StaleRow,
    insert_with_event,
    project_chain,
    update_with_event,
)
from batch.edges.store.register_sheets import SHEETS, Key, Sheet

Values = dict[str, Any]
Parents = Mapping[str, RowMapping]


class Written(StrEnum):
    """What an upsert did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class UnknownReference(Exception):
    """A row names another one (a project, a vendor) that the register does not have."""


class CurrencyInUse(Exception):
    """A currency with another number of decimals cannot be set while there are amounts in the present one."""


def rows(conn: Connection, sheet: str) -> dict[Key, Values]:
    """All rows of a sheet by natural key, in the order they were added; each with its `revision`.

    The values hold the key's fields too. Raises KeyError for a sheet that is not in `register_sheets.SHEETS`.
    """
    return {_key(SHEETS[sheet], values): values for values in _by_id(conn, SHEETS[sheet]).values()}


def upsert(
    conn: Connection,
    sheet: str,
    key: Key,
    values: Mapping[str, Any],
    *,
    at: datetime,
    actor: Actor,
    revision: int | None = None,
) -> Written:
    """Adds the row with this natural key, or changes those of its fields that `values` gives and that differ.

    A change makes its revision go up and writes an event. `revision`: the one the row must still have. Raises
    StaleRow when it has another, UnknownReference, CurrencyInUse, MoneyError for an amount that is not exact,
    KeyError for an unknown field.
    """
    into = SHEETS[sheet]
    given = {**values, **dict(zip(into.key, key, strict=True))}
    parents = _parents(conn, into, key, given)
    there = find(conn, sheet, key)
    columns = _columns(into, given, parents, there)
    chain = _chain(into, parents)
    if there is None:
        insert_with_event(
            conn, into.table, columns, chain=chain, at=at, what=f"register-{sheet}-added", actor=actor
        )
        return Written.ADDED
    changed = {name: value for name, value in columns.items() if there[name] != value}
    _refuse_stale(into, there, revision)
    _refuse_currency(conn, into, there, changed)
    if not changed:
        return Written.UNCHANGED
    update_with_event(
        conn,
        into.table,
        there["id"],
        changed,
        chain=chain,
        at=at,
        what=f"register-{sheet}-changed",
        actor=actor,
        expect={"revision": there["revision"]},
        body={"changed": sorted(changed)},
    )
    return Written.CHANGED


def find(conn: Connection, sheet: str, key: Key) -> RowMapping | None:
    """The stored row with this natural key, or None. Raises UnknownReference when the key names no row."""
    into = SHEETS[sheet]
    conditions = []
    for name, value in zip(into.key, key, strict=True):
        if name in into.refs:
            column, target = into.refs[name]
            conditions.append(
                into.table.c[column] == _needed(conn, target, into.target_key(name, value, key))["id"]
            )
        else:
            conditions.append(into.table.c[name] == value)
    return conn.execute(select(into.table).where(*conditions)).mappings().one_or_none()


def _needed(conn: Connection, sheet: str, key: Key) -> RowMapping:
    row = find(conn, sheet, key)
    if row is None:
        raise UnknownReference(f"{sheet} {key[-1]!r} is not in the register")
    return row


def _parents(conn: Connection, sheet: Sheet, key: Key, given: Mapping[str, Any]) -> Parents:
    return {
        name: _needed(conn, target, sheet.target_key(name, given[name], key))
        for name, (_column, target) in sheet.refs.items()
        if given.get(name) not in {None, ""}
    }


def _columns(sheet: Sheet, given: Mapping[str, Any], parents: Parents, there: RowMapping | None) -> Values:
    references = {
        column: parents[name]["id"] if name in parents else None
        for name, (column, _target) in sheet.refs.items()
        if name in given
    }
    plain = {name: value for name, value in given.items() if name not in sheet.refs}
    names = frozenset(sheet.table.columns.keys()) - {"id", "revision"}
    currency = _currency(sheet, {**(there or {}), **plain}, parents)
    stored = encoded(plain, names, currency)
    return {**references, **{name: _as_stored(sheet.table.c[name], value) for name, value in stored.items()}}


def _as_stored(column: Column[Any], value: Any) -> Any:
    # A tuple comes back from the database as a list; as one it compares equal.
    return json.loads(canonical_json(value)) if isinstance(column.type, JsonText) else value


def _currency(sheet: Sheet, row: Mapping[Any, Any], parents: Parents) -> str | None:
    found = parents[sheet.parent]["currency"] if sheet.parent else row.get("currency")
    return None if found is None else str(found)


def _chain(sheet: Sheet, parents: Parents) -> str:
    for name, row in parents.items():
        if sheet.refs[name][1] == "project":
            return project_chain(row["id"])
        if "project_id" in row:
            return project_chain(row["project_id"])
    return SYSTEM


def _refuse_stale(sheet: Sheet, there: RowMapping, revision: int | None) -> None:
    if revision is not None and there["revision"] != revision:
        raise StaleRow(f"{sheet.name} {there['id']} is at revision {there['revision']}, not {revision}")


def _refuse_currency(conn: Connection, sheet: Sheet, there: RowMapping, changed: Mapping[str, Any]) -> None:
    if "currency" not in changed or decimals(changed["currency"] or "") == decimals(there["currency"] or ""):
        return
    for other in SHEETS.values():
        column, target = other.refs.get(other.parent, ("", ""))
        if (
            target == sheet.name
            and conn.execute(select(exists().where(other.table.c[column] == there["id"]))).scalar_one()
        ):
            raise CurrencyInUse(f"{sheet.name} has amounts in {there['currency']} on sheet {other.name}")


def _by_id(conn: Connection, sheet: Sheet) -> dict[int, Values]:
    pointed = {name: (column, _by_id(conn, SHEETS[target])) for name, (column, target) in sheet.refs.items()}
    found = conn.execute(select(sheet.table).order_by(sheet.table.c.id)).mappings()
    return {row["id"]: _readable(sheet, row, pointed) for row in found}


def _readable(sheet: Sheet, row: RowMapping, pointed: Mapping[str, tuple[str, dict[int, Values]]]) -> Values:
    parents = {name: values.get(row[column], {}) for name, (column, values) in pointed.items()}
    currency = parents[sheet.parent]["currency"] if sheet.parent else row.get("currency")
    references = {
        name: _key(SHEETS[sheet.refs[name][1]], values)[-1] if values else None
        for name, values in parents.items()
    }
    columns = {column for column, _target in sheet.refs.values()} | {"id"}
    own = {name: value for name, value in row.items() if name not in columns}
    return {**references, **decoded(own, currency)}


def _key(sheet: Sheet, values: Mapping[str, Any]) -> Key:
    return tuple(values[name] for name in sheet.key)
