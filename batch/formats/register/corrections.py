"""Dated corrections: read against the row they correct, and laid over that row when an import is planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from batch.formats.register.entries import typed
from batch.formats.register.frozen import FROZEN, text_of
from batch.formats.register.kinds import nearest
from batch.formats.register.reading import Present, Reading, RowRead, Values
from batch.formats.register.sheets import BY_NAME, BY_TITLE, Key, Sheet


def read_correction(reading: Reading, key: Key) -> None:
    """Check one correction against the row it corrects; put the store's names and the typed value in its
    place.
    """
    row = reading.rows["correction"][key]
    sheet = BY_TITLE[str(row.values["sheet"])]
    target = _target(sheet, row)
    field = _field(sheet, str(row.values["field"]))
    if field is None:
        headings = [sheet.column(name).shown.heading for name in FROZEN[sheet.name]]
        hint = nearest(str(row.values["field"]), headings)
        sentence = f"A correction on the sheet {sheet.title} may change: {', '.join(headings)}.{hint}"
        reading.refuse("correction", key, "field", sentence, ", ".join(headings))
    elif target not in reading.keys(sheet.name):
        sentence = f'There is no row "{target[-1]}" of {target[0]} on the sheet {sheet.title}.'
        reading.refuse("correction", key, "row_key", sentence, f"a row of the sheet {sheet.title}")
    else:
        _take_value(reading, key, sheet, field)


def _target(sheet: Sheet, row: RowRead) -> Key:
    commitment = row.values["commitment"]
    return (commitment,) if sheet.name == "commitment" else (commitment, row.values["row_key"])


def _field(sheet: Sheet, heading: str) -> str | None:
    for name in FROZEN[sheet.name]:
        if sheet.column(name).shown.heading.casefold() == heading.casefold():
            return name
    return None


def _take_value(reading: Reading, key: Key, sheet: Sheet, field: str) -> None:
    row = reading.rows["correction"][key]
    currency = reading.value("commitment", (key[0],), "currency")
    info = sheet.model.model_fields[field]
    kind: Any = Annotated[info.annotation, *info.metadata]
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        value = adapter.validate_python(typed(str(row.values["new"])), context={"currency": currency})
    except ValidationError as fault:
        first = fault.errors()[0]
        reading.refuse("correction", key, "new", first["msg"], str(first.get("ctx", {}).get("expected", "")))
        return
    named = {"sheet": sheet.name, "field": field, "new": text_of(value)}
    values = {**row.values, **named}
    new_key = tuple(values[name] for name in BY_NAME["correction"].key)
    del reading.rows["correction"][key]
    reading.rows["correction"][new_key] = RowRead(
        values=values, cells=row.cells, title=row.title, number=row.number, revision=row.revision,
        given=row.given,
        checks={"value": getattr(value, "value", value), "target": _target(sheet, row)},
    )  # fmt: skip


def target_of(row: RowRead) -> Key:
    """The key of the row that a correction corrects."""
    target = row.checks["target"]
    return target if isinstance(target, tuple) else ()


def stored_corrections(present: Present) -> set[Key]:
    """The corrections that were imported before, so that the same file again changes nothing."""
    names = BY_NAME["correction"].key
    stored = present.get("correction", {}).values()
    return {tuple(values[name] for name in names) for values, _ in stored}


def corrected_values(rows: Mapping[Key, RowRead], present: Present) -> dict[tuple[str, Key], Values]:
    """The values that the corrections of a file give, by sheet and row; new ones win over stored, then
    later over earlier.

    A stored correction counts only while its value still stands: it must not bring an old value back.
    """
    stored = stored_corrections(present)
    found: dict[tuple[str, Key], Values] = {}
    for key, row in sorted(
        rows.items(), key=lambda item: (item[0] not in stored, str(item[1].values["dated_on"]))
    ):
        target = (str(row.values["sheet"]), target_of(row))
        name, value = str(row.values["field"]), row.checks["value"]
        there = present.get(target[0], {}).get(target[1])
        if key not in stored or (there is not None and there[0].get(name) == value):
            found[target] = {**found.get(target, {}), name: value}
    return found
