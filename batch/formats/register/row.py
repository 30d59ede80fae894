"""What every row model of the register has: columns in order, and plain values for the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from batch.formats.register.kinds import Column, Kind


class RegisterRow(BaseModel):
    """One row of a sheet. Its fields are the sheet's columns, from left to right, and the columns of the
    store's table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def values(self) -> dict[str, object]:
        """The row as the store takes it: plain text, dates, Decimal amounts and percentages, lists. Checks
        are left out.
        """
        return {
            name: _plain(getattr(self, name)) for name, shown, _ in columns_of(type(self)) if not shown.check
        }

    def checks(self) -> dict[str, object]:
        """The columns that are compared and not stored."""
        return {name: getattr(self, name) for name, shown, _ in columns_of(type(self)) if shown.check}


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def columns_of(model: type[RegisterRow]) -> Iterator[tuple[str, Column, FieldInfo]]:
    """Field name, what people see of it, and what pydantic knows of it, from left to right."""
    for name, info in model.model_fields.items():
        yield name, next(part for part in info.metadata if isinstance(part, Column)), info


def kind_of(info: FieldInfo) -> Kind:
    """The kind of column a field is."""
    return next(part for part in info.metadata if isinstance(part, Kind))


def choices_of(info: FieldInfo) -> tuple[str, ...]:
    """The words a field takes, in order; none when it takes anything of its kind."""
    for kind in (info.annotation, *get_args(info.annotation)):
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return tuple(member.value for member in kind)
    return ("yes", "no") if kind_of(info) is Kind.YES_NO else ()


def must(condition: bool, expected: str, sentence: str) -> None:
    """Refuse the field at hand unless `condition` holds."""
    if not condition:
        raise PydanticCustomError("cell", "{sentence}", {"expected": expected, "sentence": sentence})


def in_order(field: str, info: Any, value: date | int | None, *before: str) -> None:
    """Refuse a date or an offset that comes before one of the fields it has to follow."""
    for name in before:
        earlier = info.data.get(name)
        if value is not None and earlier is not None and value < earlier:
            must(
                False,
                f"{earlier} or later",
                f"{field} ({value}) comes before {name.replace('_', ' ')} ({earlier}).",
            )
