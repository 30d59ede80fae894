"""Checks between rows: what a row names must be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from batch.formats.register.company_rows import EVERY_PROJECT
from batch.formats.register.kinds import nearest
from batch.formats.register.problems import Problem
from batch.formats.register.reading import Reading, Values
from batch.formats.register.sheets import BY_NAME, SHEETS, Key, Reference, Sheet

Known = Mapping[str, set[Key]]


def check_references(reading: Reading) -> None:
    """Refuse every row that names a row which is neither in the file nor in the store.

    Rows that are refused already are checked as well, so that a person hears of everything at once.
    """
    known = {sheet.name: reading.keys(sheet.name) for sheet in SHEETS}
    faulty = list(reading.faulty)
    for sheet in SHEETS:
        for key, row in list(reading.rows[sheet.name].items()):
            told = list(_told(reading, sheet, row.values, known))
            for field, sentence, expected in told:
                reading.note(row, field, sentence, expected=expected)
            if told:
                reading.drop(sheet.name, key, told[0][1], told[0][0])
    for refused in faulty:
        for field, sentence, expected in _told(reading, BY_NAME[refused.sheet], refused.named, known):
            cell = refused.cells.get(field, refused.cell)
            reading.problems.append(
                Problem(sheet=refused.title, cell=cell, found="", expected=expected, sentence=sentence)
            )


def _told(reading: Reading, sheet: Sheet, values: Values, known: Known) -> Iterator[tuple[str, str, str]]:
    """Field, sentence and expectation for each row that is named and not there."""
    wrong: set[str] = set()
    for reference in sheet.references:
        # Of an unknown commitment no change order can be known: the first fault is enough.
        if reading.unread(reference.sheet) or wrong & set(reference.fields[:-1]):
            continue
        for missing in named_keys(values, reference):
            if missing not in known[reference.sheet]:
                wrong.add(reference.field)
                yield reference.field, *_sentence(sheet, reference, missing, known[reference.sheet])


def named_keys(values: Values, reference: Reference) -> Iterator[Key]:
    """The keys a row's values name by a reference: none for a blank, several for a list."""
    value = values.get(reference.field)
    lead = tuple(values.get(name) for name in reference.fields[:-1])
    for one in value if isinstance(value, list) else [value]:
        if one not in (None, "", EVERY_PROJECT):
            yield (*lead, one)


def _sentence(sheet: Sheet, reference: Reference, missing: Key, known: set[Key]) -> tuple[str, str]:
    title = BY_NAME[reference.sheet].title
    alike = [str(other[-1]) for other in known if other[:-1] == missing[:-1]]
    of = f" of {missing[0]}" if len(missing) > 1 else ""
    heading = sheet.column(reference.field).shown.heading.lower()
    sentence = f'There is no {heading} "{missing[-1]}"{of} on the sheet {title}.'
    return f"{sentence}{nearest(str(missing[-1]), alike)}", f"a row of the sheet {title}"
