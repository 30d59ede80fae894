"""Find the register's tables in a workbook: sheets by their titles, columns by their headings, never by
position.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from batch.formats.register.entries import Entry, EntryKind
from batch.formats.register.kinds import nearest
from batch.formats.register.opening_file import MOST_ROWS, RawSheet
from batch.formats.register.problems import Problem, Weight
from batch.formats.register.sheets import BY_TITLE, STAMP_HEADING, START_TITLE, Sheet, SheetColumn

#: Headings stand among the first rows, below a title.
_HEADING_ROWS = 20
_STAMP = "stamp"


@dataclass(frozen=True, kw_only=True)
class RawRow:
    """One row of a table: its entries by field (blank ones are left out), and where each field's cell is."""

    number: int
    entries: Mapping[str, Entry]
    refs: Mapping[str, str]
    stamp: Entry | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One sheet of the register as found. `fields` are those that have a column; `usable` is False without
    a needed one.
    """

    sheet: Sheet
    title: str
    fields: frozenset[str]
    rows: tuple[RawRow, ...]
    usable: bool = True


def find_tables(book: Iterable[RawSheet]) -> tuple[dict[str, Table], list[Problem]]:
    """The tables by the store's sheet name, and what is wrong with sheets and headings."""
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for raw in book:
        sheet = _sheet_of(raw, tables, problems)
        if sheet is not None and raw.rows:
            found = _table(sheet, raw, problems)
            if found is not None:
                tables[sheet.name] = found
    if not tables and not problems:
        expected = "the sheets of the register template"
        problems.append(
            _problem(
                "", "", "", expected, "The workbook has no sheet of the register in it, or only empty ones."
            )
        )
    return tables, problems


def _problem(
    sheet: str, cell: str, found: str, expected: str, sentence: str, weight: Weight = Weight.ERROR
) -> Problem:
    return Problem(sheet=sheet, cell=cell, found=found, expected=expected, sentence=sentence, weight=weight)


def _sheet_of(raw: RawSheet, tables: Mapping[str, Table], problems: list[Problem]) -> Sheet | None:
    titles = {_plain(title): sheet for title, sheet in BY_TITLE.items()}
    sheet = titles.get(_plain(raw.title))
    if sheet is None:
        if raw.rows and _plain(raw.title) != _plain(START_TITLE):
            problems.append(_unknown("sheet", raw.title, "", raw.title, BY_TITLE))
        return None
    if sheet.name in tables:
        problems.append(
            _problem(
                raw.title,
                "",
                raw.title,
                "each sheet once",
                f'The sheet "{sheet.title}" stands twice in the file.',
            )
        )
        return None
    return sheet


def _unknown(what: str, sheet: str, cell: str, name: str, known: Iterable[str]) -> Problem:
    hint = nearest(name, known)
    # A near miss is a slip whose data would be lost; anything else is probably the admin's own note.
    weight = Weight.ERROR if hint else Weight.WARNING
    sentence = f'The {what} "{name}" is not one of the register and was not read.{hint}'
    return _problem(sheet, cell, name, f"a {what} of the register", sentence, weight)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[*:\s_]+", " ", text).casefold().split())


def _table(sheet: Sheet, raw: RawSheet, problems: list[Problem]) -> Table | None:
    known: dict[str, SheetColumn | str] = {_plain(column.shown.heading): column for column in sheet.columns}
    known[_plain(STAMP_HEADING)] = _STAMP
    at = _heading_row(raw, known)
    if at is None:
        headings = ", ".join(column.shown.heading for column in sheet.columns)
        problems.append(
            _problem(
                raw.title, "", "", headings, "The row of headings was not found, so the sheet was not read."
            )
        )
        return None
    columns = _columns(sheet, raw, at, known, problems)
    usable = _needed_are_there(sheet, raw, at, columns, problems)
    rows = [
        row
        for number in sorted(raw.rows)
        if number > at and (row := _row(sheet, raw, number, columns, problems))
    ]
    if raw.too_long:
        problems.append(
            _problem(
                raw.title,
                f"A{MOST_ROWS}",
                "",
                f"at most {MOST_ROWS:,} rows",
                "The sheet has too many rows.",
            )
        )
    fields = frozenset(column.field for column in columns.values() if isinstance(column, SheetColumn))
    return Table(
        sheet=sheet, title=raw.title, fields=fields, rows=tuple(rows), usable=usable and not raw.too_long
    )


def _heading_row(raw: RawSheet, known: Mapping[str, object]) -> int | None:
    scores = {
        number: sum(_plain(entry.text) in known for entry in cells.values())
        for number, cells in raw.rows.items()
        if number <= _HEADING_ROWS
    }
    best = max(scores, key=lambda number: (scores[number], -number), default=0)
    return best if scores.get(best, 0) >= 2 else None


def _columns(
    sheet: Sheet, raw: RawSheet, at: int, known: Mapping[str, SheetColumn | str], problems: list[Problem]
) -> dict[int, SheetColumn | str]:
    columns: dict[int, SheetColumn | str] = {}
    for column, entry in raw.rows[at].items():
        found = known.get(_plain(entry.text))
        if found is None:
            headings = [other.shown.heading for other in sheet.columns]
            problems.append(_unknown("heading", raw.title, entry.ref, entry.text, headings))
        elif found in columns.values():
            problems.append(
                _problem(
                    raw.title,
                    entry.ref,
                    entry.text,
                    "each heading once",
                    f'The heading "{entry.text}" stands twice.',
                )
            )
        else:
            columns[column] = found
    return columns


def _needed_are_there(
    sheet: Sheet, raw: RawSheet, at: int, columns: Mapping[int, SheetColumn | str], problems: list[Problem]
) -> bool:
    missing = [
        column.shown.heading for column in sheet.columns if column.required and column not in columns.values()
    ]
    for heading in missing:
        sentence = f'The column "{heading}" is needed, so the sheet was not read.'
        problems.append(_problem(raw.title, f"A{at}", "", heading, sentence))
    return not missing


def _row(
    sheet: Sheet,
    raw: RawSheet,
    number: int,
    columns: Mapping[int, SheetColumn | str],
    problems: list[Problem],
) -> RawRow | None:
    cells = raw.rows[number]
    fields = {at: column for at, column in columns.items() if isinstance(column, SheetColumn)}
    entries = {column.field: cells[at] for at, column in fields.items() if at in cells}
    if not entries or _is_help(sheet, raw, entries, problems):
        return None
    refs = {column.field: raw.ref(number, at) for at, column in fields.items()}
    stamp = next((cells.get(at) for at, column in columns.items() if column == _STAMP), None)
    return RawRow(number=number, entries=entries, refs=refs, stamp=stamp)


def help_text(column: SheetColumn) -> str:
    """What stands below a heading: help and an example. A reader knows the help row by it."""
    example = f"\nExample: {column.shown.example}" if column.shown.example else ""
    return f"{column.shown.help}{example}"


def _is_help(sheet: Sheet, raw: RawSheet, entries: Mapping[str, Entry], problems: list[Problem]) -> bool:
    helps = {column.field: _plain(help_text(column)) for column in sheet.columns}
    own = [
        entry
        for field, entry in entries.items()
        if entry.kind is not EntryKind.TEXT or _plain(entry.text) != helps[field]
    ]
    if len(own) == len(entries):
        return False
    for entry in own:
        sentence = "This was written over the row of help, which is not read. Write it in a row below."
        problems.append(_problem(raw.title, entry.ref, entry.text, "the help text", sentence))
    return True


def as_stamp(entry: Entry | None) -> int | bool | None:
    """The revision a row was exported with; None without a stamp; False when the stamp is not one."""
    if entry is None:
        return None
    return int(entry.text) if entry.text.isascii() and entry.text.isdigit() else False
