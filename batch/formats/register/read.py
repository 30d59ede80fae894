"""Read a register workbook: bytes to rows and problems, every fault at once.

A faulty row is left out of `rows` and stands in `faulty`; what refers to it is refused later, by the plan
of the import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from batch.formats.register.corrections import read_correction
from batch.formats.register.entries import Entry, typed
from batch.formats.register.exchange_rows import key_part
from batch.formats.register.kinds import Kind, parts
from batch.formats.register.links import check_references
from batch.formats.register.opening_file import UnusableWorkbookError, open_register
from batch.formats.register.problems import Problem, Weight
from batch.formats.register.reading import COMPANY_KEY, FaultyRow, Present, Reading, RowRead
from batch.formats.register.row import RegisterRow
from batch.formats.register.sheets import IMPORT_ORDER, Key, Sheet
from batch.formats.register.tables import RawRow, Table, as_stamp, find_tables
from batch.formats.register.ties import check_ties


@dataclass(frozen=True, kw_only=True)
class RegisterRead:
    """A register workbook as read: good rows by sheet name and key, refused rows, and all problems.

    `present` is what the store had, for what the file does not repeat.
    """

    rows: Mapping[str, Mapping[Key, RowRead]]
    faulty: tuple[FaultyRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    present: Present = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems because of which something is refused."""
        return tuple(problem for problem in self.problems if problem.weight is Weight.ERROR)


def read(data: bytes, present: Present | None = None) -> RegisterRead:
    """Read a register workbook. `present`: what the store has, so that a file may refer to rows it does not
    repeat.

    Amounts come out as Decimal at the precision of their row's currency, rates in percent. Never raises for
    bad input.
    """
    reading = Reading(present=present or {})
    try:
        reading.tables, found = find_tables(open_register(data))
    except UnusableWorkbookError as fault:
        problem = Problem(
            sheet="", cell="", found="", expected="a register workbook (.xlsx)", sentence=str(fault)
        )
        return RegisterRead(rows=reading.rows, problems=(problem,))
    reading.problems.extend(found)
    for sheet in IMPORT_ORDER:
        if sheet.name in reading.tables and reading.tables[sheet.name].usable:
            _read_table(reading, reading.tables[sheet.name])
    return _checked(reading)


def _checked(reading: Reading) -> RegisterRead:
    if reading.tables:
        check_references(reading)
        for key in list(reading.rows["correction"]):
            read_correction(reading, key)
        check_ties(reading)
    return RegisterRead(
        rows=reading.rows,
        faulty=tuple(reading.faulty),
        problems=tuple(reading.problems),
        present=reading.present,
    )


@dataclass(kw_only=True)
class _Repeats:
    """The keys of one sheet that were seen, so that all rows of a repeated key are refused."""

    first: dict[Key, RawRow] = field(default_factory=dict)

    def seen(self, reading: Reading, table: Table, key: Key, raw: RawRow) -> bool:
        earlier = self.first.setdefault(key, raw)
        if earlier is raw:
            return False
        called = " ".join(str(part) for part in key)
        sentence = f"The row of {called} stands twice: it is in row {earlier.number} as well."
        cell = _cell(table, raw)
        expected = "each row once"
        reading.problems.append(
            Problem(sheet=table.title, cell=cell, found=called, expected=expected, sentence=sentence)
        )
        if key in reading.rows[table.sheet.name]:
            reading.drop(
                table.sheet.name,
                key,
                f"The row of {called} stands twice: it is in row {raw.number} as well.",
                _lead(table),
            )
        reading.faulty.append(_faulty(table, key, raw, sentence))
        return True


def _read_table(reading: Reading, table: Table) -> None:
    repeats = _Repeats()
    for raw in table.rows:
        entries = _with_inherited(reading, table, raw)
        key = _key(table.sheet, entries)
        if key is not None and repeats.seen(reading, table, key, raw):
            continue
        made = _validated(reading, table, raw, entries)
        if isinstance(made, str):
            reading.faulty.append(_faulty(table, key or (), raw, made))
        else:
            _keep(reading, table, raw, made)


def _keep(reading: Reading, table: Table, raw: RawRow, made: RegisterRow) -> None:
    values = made.values()
    key = COMPANY_KEY if table.sheet.name == "company" else tuple(values[name] for name in table.sheet.key)
    stamp = as_stamp(raw.stamp)
    if stamp is False:
        sentence = (
            "The hidden first column was changed, so it is not known which version this row was. Export"
            " again."
        )
        cell = raw.stamp.ref if raw.stamp else ""
        problem = Problem(
            sheet=table.title, cell=cell, found="", expected="the row's stamp", sentence=sentence
        )
        reading.problems.append(problem)
        reading.faulty.append(_faulty(table, key, raw, sentence))
        return
    reading.rows[table.sheet.name][key] = RowRead(
        values=values, cells=raw.refs, title=table.title, number=raw.number, revision=stamp,
        given=table.fields,
        checks=made.checks(),
    )  # fmt: skip


def _lead(table: Table) -> str:
    """The field a whole row is shown at: the last of its key, or the company's name."""
    return table.sheet.key[-1] if table.sheet.key else "name"


def _cell(table: Table, raw: RawRow) -> str:
    return raw.refs.get(_lead(table), f"A{raw.number}")


def _faulty(table: Table, key: Key, raw: RawRow, reason: str) -> FaultyRow:
    return FaultyRow(
        sheet=table.sheet.name,
        key=key,
        title=table.title,
        cell=_cell(table, raw),
        reason=reason,
        named=_named(table.sheet, raw),
        cells=raw.refs,
    )


def _named(sheet: Sheet, raw: RawRow) -> dict[str, object]:
    """What a faulty row says in the fields that name other rows, so that those are checked as well."""
    fields = {name for reference in sheet.references for name in reference.fields}
    lists = {column.field for column in sheet.columns if column.kind is Kind.LIST}
    return {
        name: [part.text for part in parts(entry)] if name in lists else entry.text
        for name, entry in raw.entries.items()
        if name in fields
    }


def _key(sheet: Sheet, entries: Mapping[str, Entry]) -> Key | None:
    """The key as far as it can be told before the row is known to be good."""
    if sheet.name == "company":
        return COMPANY_KEY
    texts = [entries[name].text if name in entries else "" for name in sheet.key]
    if sheet.name == "correction" or not all(texts):
        return None  # a correction's key has the value in it, and the same correction twice is harmless
    if sheet.name == "exchange_rate":
        return tuple(
            key_part(entries[name].text, entries[name].day, sheet.column(name).kind) for name in sheet.key
        )
    return tuple(
        _key_part(sheet.column(name).kind, text) for name, text in zip(sheet.key, texts, strict=True)
    )


def _key_part(kind: Kind, text: str) -> object:
    if kind is Kind.INTEGER:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    return text.lower() if kind is Kind.EMAIL else text


def _with_inherited(reading: Reading, table: Table, raw: RawRow) -> dict[str, Entry]:
    entries = dict(raw.entries)
    for column in table.sheet.columns:
        if column.shown.inherits and column.field not in entries:
            sheet, name = column.shown.inherits.split(".")
            key = COMPANY_KEY if sheet == "company" else (entries[sheet].text if sheet in entries else "",)
            value = reading.value(sheet, key, name)
            if value is not None:
                entries[column.field] = typed(str(value))
    return entries


def _currency(reading: Reading, entries: Mapping[str, Entry]) -> object:
    """The currency of a row's amounts: its own, or that of what it belongs to."""
    if "currency" in entries:
        return entries["currency"].text.upper()
    if "commitment" in entries:
        return reading.value("commitment", (entries["commitment"].text,), "currency")
    project = (entries["project"].text if "project" in entries else "",)
    return reading.value("client_contract", project, "currency") or reading.value(
        "project", project, "currency"
    )


def _validated(
    reading: Reading, table: Table, raw: RawRow, entries: Mapping[str, Entry]
) -> RegisterRow | str:
    try:
        return table.sheet.model.model_validate(
            dict(entries), context={"currency": _currency(reading, entries)}
        )
    except ValidationError as fault:
        problems = list(_problems(table, raw, fault))
        reading.problems.extend(problems)
        return problems[0].sentence if problems else "A row it belongs to has a fault."


def _problems(table: Table, raw: RawRow, fault: ValidationError) -> Iterator[Problem]:
    for error in fault.errors(include_url=False):
        name = str(error["loc"][0])
        shown = table.sheet.column(name).shown
        if error["type"] == "missing" and shown.inherits:
            continue  # what it would have come from has a problem of its own
        expected, sentence = _explained(dict(error), shown.heading)
        found = raw.entries[name].text if name in raw.entries else ""
        yield Problem(
            sheet=table.title,
            cell=raw.refs.get(name, f"A{raw.number}"),
            found=found,
            expected=expected,
            sentence=sentence,
        )


def _explained(error: Mapping[str, Any], heading: str) -> tuple[str, str]:
    context = error.get("ctx", {})
    match error["type"]:
        case "cell":
            return context["expected"], f"{heading}: {context['sentence']}"
        case "missing":
            return "something filled in", f"{heading}: this must be filled in."
        case "string_too_long" | "too_long":
            most = context["max_length"]
            return (
                f"at most {most} characters",
                f"{heading}: the text is too long; {most} characters are allowed.",
            )
        case "greater_than_equal":
            return f"{context['ge']} or more", f"{heading}: this must be {context['ge']} or more."
        case "less_than_equal":
            return f"{context['le']} or less", f"{heading}: this must be {context['le']} or less."
    return "", f"{heading}: {error['msg']}."
