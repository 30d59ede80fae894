"""The column types of every table, and short makers of columns.

Only types that SQLite's STRICT tables and PostgreSQL both have are used: integers and text. Amounts are
integer minor units in columns named `*_minor`, rates are integer parts per million in `*_ppm`; `amounts.py`
turns them into `Decimal` and back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Dialect, ForeignKey, Integer, Text
from sqlalchemy.types import TypeDecorator

_INTEGER = BigInteger().with_variant(Integer(), "sqlite")


class WholeNumber(TypeDecorator[int]):
    """An integer of 64 bits. It refuses all but `int`: a float or a Decimal here is a wrong unit."""

    impl = _INTEGER
    cache_ok = True

    def process_bind_param(self, value: int | None, _dialect: Dialect) -> int | None:
        """The number as it is. Raises TypeError for anything but an int."""
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise TypeError(f"{value!r} is not a whole number")
        return value


class Minor(WholeNumber):
    """An amount in minor units of the row's (or its parent's) currency."""

    cache_ok = True


class Ppm(WholeNumber):
    """A rate in parts per million: 100000 is 10 per cent."""

    cache_ok = True


class Scaled(WholeNumber):
    """A quantity or a unit price as an integer: 775000 is 77.5 at four decimals (`*_e4`); prices have six (`*_e6`)."""

    cache_ok = True


class UtcText(TypeDecorator[datetime]):
    """An aware instant as `2024-03-01T09:00:00.000000Z`; six decimals, so that text order is time order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """The instant's text in UTC. Raises TypeError for an instant without a zone."""
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        """The instant, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class DateText(TypeDecorator[date]):
    """A calendar date of the project as `2024-03-31`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, _dialect: Dialect) -> str | None:
        """The date's text. Raises TypeError for an instant, which is not a calendar date."""
        if isinstance(value, datetime):
            raise TypeError(f"{value!r} is an instant, not a date")
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> date | None:
        """The date."""
        return None if value is None else date.fromisoformat(value)


class BoolInt(TypeDecorator[bool]):
    """Yes or no as 1 or 0."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, _dialect: Dialect) -> int | None:
        """1 for yes, 0 for no."""
        return None if value is None else int(bool(value))

    def process_result_value(self, value: int | None, _dialect: Dialect) -> bool | None:
        """Whether it is yes."""
        return None if value is None else bool(value)


class JsonText(TypeDecorator[Any]):
    """A list or a mapping as canonical JSON text. Amounts inside it are strings or integers, never floats."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """The canonical text. Raises TypeError for a float."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """The value."""
        return None if value is None else json.loads(value)


class EnumText(TypeDecorator[StrEnum]):
    """The value of a StrEnum; `choice` adds the CHECK that refuses any other."""

    impl = Text
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: StrEnum | str | None, _dialect: Dialect) -> str | None:
        """The word. Raises ValueError for one that is not of the enumeration."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """The member."""
        return None if value is None else self.enum(value)


def utc_text(instant: datetime) -> str:
    """An aware instant as text in UTC that sorts by time. Raises TypeError for an instant without a zone."""
    if instant.tzinfo is None:
        raise TypeError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces. Raises TypeError for a float: it has no exact text."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; write amounts as integers or text")
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)


def row_id() -> Column[int]:
    """The primary key `id`."""
    return Column("id", _INTEGER, primary_key=True)


def ref(name: str, table: str, *, nullable: bool = False, **key: Any) -> Column[int]:
    """A reference to the `id` of another table, such as `ref("project_id", "project")`."""
    return Column(name, _INTEGER, ForeignKey(f"{table}.id", **key), nullable=nullable, index=True)


def text_column(
    name: str,
    *,
    nullable: bool = False,
    unique: bool = False,
    proven: bool = False,
    default: str | None = None,
) -> Column[str]:
    """Text; '' when there is none, NULL where `nullable` tells that apart. `proven`: see `json_column`."""
    return Column(name, Text, nullable=nullable, unique=unique, info={"proven": proven}, default=default)


def whole(name: str, *, nullable: bool = False, default: int | None = None) -> Column[int]:
    """A whole number that is no amount."""
    return Column(name, WholeNumber, nullable=nullable, default=default)


def revision() -> Column[int]:
    """The row's revision: starts at 1 and goes up with each change, so that a stale writer is refused."""
    return whole("revision", default=1)


def minor(name: str, *, nullable: bool = False) -> Column[int]:
    """An amount in minor units; `name` is without the ending `_minor`."""
    return Column(f"{name}_minor", Minor, nullable=nullable)


def ppm(name: str, *, nullable: bool = False, default: int | None = None) -> Column[int]:
    """A rate in parts per million; `name` is without the ending `_ppm`."""
    return Column(f"{name}_ppm", Ppm, nullable=nullable, default=default)


def scaled(name: str) -> Column[int]:
    """An exchange rate in hundred-millionths; `name` is without the ending `_e8`."""
    return Column(f"{name}_e8", WholeNumber, nullable=False)


def quantity(name: str, *, nullable: bool = False, default: int | None = None) -> Column[int]:
    """A quantity with four decimals as an integer; `name` is without the ending `_e4`."""
    return Column(f"{name}_e4", Scaled, nullable=nullable, default=default)


def unit_price(name: str, *, nullable: bool = False) -> Column[int]:
    """A unit price with six decimals as an integer; `name` is without the ending `_e6`."""
    return Column(f"{name}_e6", Scaled, nullable=nullable)


def utc(name: str, *, nullable: bool = False) -> Column[datetime]:
    """An instant in UTC."""
    return Column(name, UtcText, nullable=nullable)


def day(name: str, *, nullable: bool = False) -> Column[date]:
    """A calendar date of the project."""
    return Column(name, DateText, nullable=nullable)


def yes_no(name: str, *, default: bool = False) -> Column[bool]:
    """Yes or no."""
    return Column(name, BoolInt, _among(name, ("0", "1")), nullable=False, default=default)


def json_column(name: str, *, proven: bool = False) -> Column[Any]:
    """A list or mapping. `proven`: it holds amounts, so that its hash goes into the events."""
    return Column(name, JsonText, nullable=False, info={"proven": proven})


def choice(
    name: str,
    enum: type[StrEnum],
    *,
    nullable: bool = False,
    default: StrEnum | None = None,
    proven: bool = False,
) -> Column[StrEnum]:
    """One word of an enumeration of the core, checked by the database as well. `proven`: see `json_column`."""
    check = _among(name, _quoted([member.value for member in enum]))
    return Column(name, EnumText(enum), check, nullable=nullable, default=default, info={"proven": proven})


def words(name: str, *allowed: str) -> Column[str]:
    """One of a few words that only the store knows, checked by the database."""
    return Column(name, Text, _among(name, _quoted(allowed)), nullable=False)


def _quoted(values: Sequence[str]) -> tuple[str, ...]:
    return tuple("'" + value.replace("'", "''") + "'" for value in values)


def _among(name: str, values: Sequence[str]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(values)})", name=name)
