"""What is known while a register workbook is read: its good rows, its faulty ones, and what the store has
already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from batch.formats.register.problems import Problem, Weight
from batch.formats.register.sheets import BY_NAME, Key
from batch.formats.register.tables import Table

Values = Mapping[str, object]
COMPANY_KEY: Key = ("company",)


class Stored(NamedTuple):
    """A row as the store has it."""

    values: Values
    revision: int


#: The present register: by the store's sheet name and natural key.
Present = Mapping[str, Mapping[Key, tuple[Values, int]]]


def as_present(rows: Mapping[str, Mapping[Key, Values]]) -> Present:
    """The present register from rows whose values hold their own `revision`, as the store gives them."""
    return {
        sheet: {key: Stored(values, _revision(values)) for key, values in found.items()}
        for sheet, found in rows.items()
    }


def _revision(values: Values) -> int:
    found = values.get("revision")
    return found if isinstance(found, int) else 1


@dataclass(frozen=True, kw_only=True)
class RowRead:
    """One good row: its values for the store, and where each field's cell is.

    `revision` is the stamp of the export it comes from. `given` are the fields that have a column in the
    file. `checks` are values that are compared and not stored; for a correction it holds the new value,
    typed, as `value`.
    """

    values: Values
    cells: Mapping[str, str]
    title: str
    number: int
    revision: int | None
    given: frozenset[str]
    checks: Values = field(default_factory=dict)

    def cell(self, name: str = "") -> str:
        """The cell of a field, or the row's first one."""
        return self.cells.get(name) or next(iter(self.cells.values()), f"A{self.number}")


@dataclass(frozen=True, kw_only=True)
class FaultyRow:
    """A row that is refused because of a fault in the workbook. `key` is as good as it could be read;
    `named` and `cells` are what it says of other rows, and where.
    """

    sheet: str
    key: Key
    title: str
    cell: str
    reason: str
    named: Values = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Reading:
    """Gathers rows and problems. Looks a value up first among the file's good rows, then in the store."""

    present: Present
    rows: dict[str, dict[Key, RowRead]] = field(default_factory=lambda: {name: {} for name in BY_NAME})
    faulty: list[FaultyRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def note(
        self, row: RowRead, name: str, sentence: str, *, expected: str = "", weight: Weight = Weight.ERROR
    ) -> None:
        """Record a problem at a field of a row."""
        found = row.values.get(name, row.checks.get(name))
        self.problems.append(
            Problem(
                sheet=row.title, cell=row.cell(name), found="" if found is None else str(found),
                expected=expected, sentence=sentence, weight=weight,
            )
        )  # fmt: skip

    def refuse(self, sheet: str, key: Key, name: str, sentence: str, expected: str = "") -> None:
        """Record a problem at a field of a row, and refuse the row."""
        row = self.rows[sheet][key]
        self.note(row, name, sentence, expected=expected)
        self.drop(sheet, key, sentence, name)

    def drop(self, sheet: str, key: Key, reason: str, name: str = "") -> None:
        """Refuse a row whose problem is recorded elsewhere."""
        row = self.rows[sheet].pop(key)
        self.faulty.append(
            FaultyRow(sheet=sheet, key=key, title=row.title, cell=row.cell(name), reason=reason)
        )

    def values(self, sheet: str, key: Key) -> Values | None:
        """The values of a row, from the file or else from the store."""
        row = self.rows[sheet].get(key)
        if row is not None:
            return row.values
        stored = self.present.get(sheet, {}).get(key)
        return None if stored is None else stored[0]

    def value(self, sheet: str, key: Key, name: str) -> object:
        """One value of a row, or None."""
        return (self.values(sheet, key) or {}).get(name)

    def keys(self, sheet: str) -> set[Key]:
        """Every key of a sheet that may be referred to: also those of faulty rows, whose own problem is
        enough.
        """
        return {
            *self.rows[sheet],
            *self.present.get(sheet, {}),
            *(row.key for row in self.faulty if row.sheet == sheet),
        }

    def all(self, sheet: str, first: object = None) -> Iterator[tuple[Key, Values]]:
        """Every row of a sheet that will be there after an import, by key; only those whose key starts with
        `first`.
        """
        wanted = [
            (key, row[0])
            for key, row in self.present.get(sheet, {}).items()
            if first is None or key[0] == first
        ]
        ours = [
            (key, row.values) for key, row in self.rows[sheet].items() if first is None or key[0] == first
        ]
        return iter(dict(wanted + ours).items())

    def unread(self, sheet: str) -> bool:
        """Whether the sheet is in the file but could not be read, so that its rows are not known."""
        return sheet in self.tables and not self.tables[sheet].usable
