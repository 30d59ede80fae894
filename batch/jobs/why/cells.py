"""What was entered for a claim, read again from the original: the cells of each line, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from batch.core.methods import figure
from batch.core.model import Basis, LineAmounts
from batch.core.money import percent_of, rounded, shown, zero
from batch.core.numbers import Trouble, read_number, read_percent
from batch.core.returned import Cell, Returned
from batch.core.review_entries import OnBehalfLine, Place
from batch.core.review_quantities import entered_by_quantity
from batch.core.rules import check, check_rebased
from batch.core.rules.case import PERCENT, QUANTITY, RELEASE, STORED, WORK
from batch.core.stored import into_this, untouched
from batch.edges.store import queries_periods
from batch.edges.store.rows import RowMapping
from batch.formats.review.read import read as read_review
from batch.formats.why.retainage import rate_text, rounding_text
from batch.jobs.open_workbook import open_original
from batch.jobs.why.evidence import Sources

#: Which columns of a returned workbook say what of a line, in the order in which they are told.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "work": (PERCENT, QUANTITY, WORK),
    "stored": (STORED,),
    "release": (RELEASE,),
}
#: A percentage beyond this is shown as it was entered; no amount is made of it.
_FAR = 1_000_000
_BLANK = {
    "work": "left blank: no work this period",
    "stored": "left blank: unchanged",
    "release": "left blank: nothing asked back",
}


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A claim read again: its amounts, and by line key and part (work, stored, release) what was entered where."""

    claim: Mapping[str, LineAmounts] = field(default_factory=dict)
    told: Mapping[tuple[str, str], str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def entered(sources: Sources, row: RowMapping, basis: Basis) -> Entered:
    """Read the original of a claim again, from the archive."""
    if not row["workbook_sha"]:
        return Entered()
    data = sources.original(row["workbook_sha"])
    if isinstance(data, str):
        return Entered(faults=(data,))
    return _on_behalf(data, row, basis) if row["inbox_id"] is None else _returned(sources, data, row, basis)


def _returned(sources: Sources, data: bytes, row: RowMapping, basis: Basis) -> Entered:
    returned = open_original(data)
    first = {line.line_key: line.cells for line in reversed(returned.lines)}
    told = {
        (key, part): _cells_text(first[key], part, basis, key)
        for key in (line.key for line in basis.lines)
        if key in first
        for part in COLUMNS
    }
    old = _issue_of(sources, returned, row["invite_id"])
    if old is None:
        return Entered(claim=check(returned, basis).claim, told=told)
    was = queries_periods.basis(sources.conn, old)
    return Entered(claim=check_rebased(returned, was, basis).claim, told=told)


def _issue_of(sources: Sources, returned: Returned, invite_id: int) -> int | None:
    """The invite that a workbook was issued with, when that is not the one it counts for."""
    for token in sorted(returned.identity.token_values):
        found = queries_periods.invite_of_token(sources.conn, token)
        if found is not None and found["invite_id"] != invite_id:
            return int(found["invite_id"])
    return None


def _cells_text(cells: Mapping[str, Cell], part: str, basis: Basis, key: str) -> str:
    said = [
        _WORDED.get(column, _plainly)(cell, basis, key)
        for column in COLUMNS[part]
        if (cell := cells.get(column)) is not None and not cell.blank
    ]
    if said:
        return "; ".join(said)
    cell = next((cells[column] for column in reversed(COLUMNS[part]) if column in cells), None)
    blank = _blank(part, basis, key)
    return f"{_place(cell)} was {blank}" if cell is not None else blank


def _blank(part: str, basis: Basis, key: str) -> str:
    """What a blank means on a line."""
    moves = into_this(basis, key)
    if part == "work" and moves:
        return (
            f"left as it was filled in: {shown(moves, basis.currency)} of what was stored before becomes work"
        )
    if part == "stored" and moves:
        return "left blank: nothing is stored any more, since what was there becomes work of this period"
    return _BLANK[part]


def _place(cell: Cell) -> str:
    return f"{cell.sheet}!{cell.ref}"


def _plainly(cell: Cell, basis: Basis, key: str) -> str:
    return f"{cell.text.strip()} was entered in {_place(cell)}"


def _percentage(cell: Cell, basis: Basis, key: str) -> str:
    percent = read_percent(cell)
    line = next(line for line in basis.lines if line.key == key)
    if isinstance(percent, Trouble) or abs(percent) > _FAR:
        return _plainly(cell, basis, key)
    before = basis.positions[key].work if key in basis.positions else zero(basis.currency)
    to_date = percent_of(line.scheduled_value, percent, basis.currency, basis.rounding)
    return (
        f"{rate_text(percent.normalize() + 0)} complete to date was entered in {_place(cell)}: of "
        f"{shown(line.scheduled_value, basis.currency)} that is {shown(to_date, basis.currency)}, "
        f"{rounding_text(basis.rounding)}, less the work before {shown(rounded(before, basis.currency), basis.currency)}"
    )


def _quantity(cell: Cell, basis: Basis, key: str) -> str:
    measure = next(line.measure for line in basis.lines if line.key == key)
    if measure is None:
        return _plainly(cell, basis, key)
    price = figure(measure.unit_price)
    return (
        f"{cell.text.strip()} {measure.unit} to date was entered in {_place(cell)}, at the unit price {price} "
        f"{rounding_text(basis.rounding)}"
    )


def _work(cell: Cell, basis: Basis, key: str) -> str:
    """An amount of work; where stored materials become work by themselves, whether it is what was filled in."""
    moves, found = into_this(basis, key), read_number(cell, basis.currency)
    if not moves or isinstance(found, Trouble) or found != moves:
        return _plainly(cell, basis, key)
    return f"{_place(cell)} was {_blank('work', basis, key)}"


#: How a column is worded that is not simply an amount.
_WORDED: Mapping[str, Callable[[Cell, Basis, str], str]] = {
    PERCENT: _percentage,
    QUANTITY: _quantity,
    WORK: _work,
}


def _on_behalf(data: bytes, row: RowMapping, basis: Basis) -> Entered:
    found = next((one for one in read_review(data).on_behalf if one.invite_id == str(row["invite_id"])), None)
    if found is None:
        return Entered(faults=("The review workbook has no entry for this application.",))
    entries = {line.key: found.lines.get(line.key, OnBehalfLine()) for line in basis.lines}
    lines = entered_by_quantity(entries, basis)
    claim = {key: _amounts(lines[key], basis, key) for key in lines}
    told = {
        (key, part): _entry_text(value, one.place, part, basis, key)
        for key, one in entries.items()
        for part, value in (("work", one.work), ("stored", one.stored), ("release", one.release))
    } | {
        (key, "work"): _quantity_text(one, basis, key)
        for key, one in entries.items()
        if one.quantity is not None and one.work is None
    }
    return Entered(claim=claim, told=told)


def _amounts(line: OnBehalfLine, basis: Basis, key: str) -> LineAmounts:
    nothing = untouched(basis, key)
    return LineAmounts(
        work=nothing.work if line.work is None else line.work,
        stored=nothing.stored if line.stored is None else line.stored,
        release=line.release if line.release is not None else zero(basis.currency),
        quantity=line.quantity,
    )


def _entry_text(value: Decimal | None, place: Place, part: str, basis: Basis, key: str) -> str:
    where = f"{place.sheet}!{place.cell}" if part == "work" else f"{place.sheet}, row {_row(place)},"
    if value is None:
        return f"{where} was {_blank(part, basis, key)}"
    return f"{shown(value, basis.currency)} was entered in {where}".rstrip(",")


def _quantity_text(line: OnBehalfLine, basis: Basis, key: str) -> str:
    measure = next(each.measure for each in basis.lines if each.key == key)
    assert measure is not None, "only a line by unit price has a quantity"
    assert line.quantity is not None, "it is worded where one was entered"
    said = f"{figure(line.quantity)} {measure.unit} to date was entered in {line.place.sheet}"
    return f"{said}, row {_row(line.place)}, at the unit price {figure(measure.unit_price)}"


def _row(place: Place) -> str:
    return "".join(letter for letter in place.cell if letter.isdigit())
