"""Valid values of the core; each test spoils one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from batch.core import money
from batch.core.billing import bill, positions_after
from batch.core.findings import Finding
from batch.core.model import (
    Basis,
    Bill,
    BilledLine,
    InviteKind,
    LineAmounts,
    LinePosition,
    RetainageTerms,
    SovLine,
)
from batch.core.returned import Cell, CellKind, Checked, Returned, ReturnedIdentity, ReturnedLine

TOKEN = "aaaaaaaaaaaaaaaa"
#: What is put into a workbook: cells, or number texts, by line key and column.
Entries = Mapping[str, Mapping[str, str | Cell]]
CALCULATED = ("completed_and_stored", "balance_to_finish", "retainage")


def terms(work: str = "10", stored: str | None = None) -> RetainageTerms:
    """Rates in percent; stored as work unless it is given."""
    return RetainageTerms(work=money.number(work), stored=money.number(work if stored is None else stored))


def a_line(key: str, value: str, *, change_order: str = "", cost_code: str = "03-300") -> SovLine:
    """One line of a schedule of values."""
    return SovLine(
        key=key,
        item=key,
        description=f"Line {key}",
        cost_code=cost_code,
        scheduled_value=money.amount(value, "USD"),
        change_order=change_order,
    )


def lines_of(*values: str) -> tuple[SovLine, ...]:
    """Lines L1, L2, ... with these scheduled values."""
    return tuple(a_line(f"L{number}", value) for number, value in enumerate(values, 1))


def a_position(
    work: str = "0.00",
    stored: str = "0.00",
    on_work: str = "0.00",
    on_stored: str = "0.00",
    released: str = "0.00",
) -> LinePosition:
    """A position of the ledger."""
    made = [money.amount(text, "USD") for text in (work, stored, on_work, on_stored, released)]
    return LinePosition(
        work=made[0], stored=made[1], withheld_work=made[2], withheld_stored=made[3], released=made[4]
    )


def a_basis(**changes: Any) -> Basis:
    """The basis of S01: three lines, 10 % retainage, nothing billed."""
    given = Basis(
        company="General Builders",
        project="P-100",
        project_name="Library",
        commitment="SC-1",
        commitment_title="Concrete",
        vendor="V-1",
        vendor_name="Acme Concrete",
        period=1,
        period_from=date(2025, 4, 1),
        period_to=date(2025, 4, 30),
        issue=1,
        kind=InviteKind.WORK,
        sov_version=1,
        application_number=1,
        currency="USD",
        retainage=terms(),
        lines=lines_of("10000.00", "25000.00", "15000.00"),
        positions={},
        previous_certificates=Decimal("0.00"),
    )
    return replace(given, **changes)


def after(basis: Basis, approved: Bill, **changes: Any) -> Basis:
    """The basis of the next application, once a bill is approved."""
    return replace(
        basis,
        period=basis.period + 1,
        application_number=basis.application_number + 1,
        positions=positions_after(approved),
        previous_certificates=approved.summary.total_earned_less_retainage,
        **changes,
    )


def amounts(work: str = "0.00", stored: str = "0.00", release: str = "0.00") -> LineAmounts:
    """What is billed on one line."""
    return LineAmounts(work=Decimal(work), stored=Decimal(stored), release=Decimal(release))


def a_cell(text: str, ref: str = "A1", **changes: Any) -> Cell:
    """A numeric cell; other kinds through `kind`."""
    kind = changes.pop("kind", CellKind.NUMBER if text else CellKind.BLANK)
    return Cell(sheet=changes.pop("sheet", "Lines"), ref=ref, kind=kind, text=text, **changes)


def words(text: str, ref: str = "A1") -> Cell:
    """A text cell."""
    return a_cell(text, ref, kind=CellKind.TEXT)


def a_return(
    basis: Basis,
    entries: Entries | None = None,
    *,
    summary: Mapping[str, str | Cell] | None = None,
    shows: Mapping[str, LineAmounts] | None = None,
    identity: Mapping[str, str] | None = None,
) -> Returned:
    """A workbook as a spreadsheet program saves it: what was entered, and every formula calculated for
    `shows`.

    `entries` puts cells by line key and column over those of the workbook; `shows` is none for a workbook
    whose formulas were not calculated.
    """
    computed = None if shows is None else bill(basis, shows)
    rows = tuple(
        _row(basis, line, number, dict((entries or {}).get(line.key, {})), computed)
        for number, line in enumerate(basis.lines, 10)
    )
    said = ReturnedIdentity(
        tokens=(("cell", TOKEN),),
        **{
            "project": basis.project,
            "commitment": basis.commitment,
            "period": str(basis.period),
            "issue": str(basis.issue),
            "sov_version": str(basis.sov_version),
            **(identity or {}),
        },
    )
    return Returned(identity=said, lines=rows, summary=_summary(computed, dict(summary or {})))


def _row(
    basis: Basis, line: SovLine, number: int, entered: dict[str, str | Cell], computed: Bill | None
) -> ReturnedLine:
    prior = basis.positions.get(line.key, LinePosition())
    cells: dict[str, str | Cell] = {
        "line_key": words(line.key),
        "description": words(line.description),
        "scheduled_value": str(line.scheduled_value),
        "work_previous": str(prior.work),
        "materials_stored": str(prior.stored),
    }
    billed = next((row for row in computed.lines if row.line.key == line.key), None) if computed else None
    cells |= _calculated(billed) | entered
    placed = {
        column: replace(value, ref=f"{chr(65 + place)}{number}")
        if isinstance(value, Cell)
        else a_cell(value, f"{chr(65 + place)}{number}")
        for place, (column, value) in enumerate(cells.items())
    }
    return ReturnedLine(line_key=line.key, row=number, cells=placed)


def _calculated(billed: BilledLine | None) -> dict[str, str | Cell]:
    if billed is None:
        return {column: a_cell("", kind=CellKind.UNCALCULATED, formula="=1") for column in CALCULATED}
    shown = (billed.completed_and_stored, billed.balance_to_finish, billed.retainage_held)
    return {column: a_cell(str(value), formula="=1") for column, value in zip(CALCULATED, shown, strict=True)}


def _summary(computed: Bill | None, given: dict[str, str | Cell]) -> dict[str, Cell]:
    cells: dict[str, str | Cell] = {}
    if computed:
        fields = computed.summary.__dataclass_fields__
        cells = {field: a_cell(str(getattr(computed.summary, field)), formula="=1") for field in fields}
    cells = {"nothing_to_bill": "", "invoice_number": "", "comment": ""} | cells | given
    return {
        field: replace(value, sheet="Summary", ref=f"C{row}")
        if isinstance(value, Cell)
        else a_cell(value, f"C{row}", sheet="Summary")
        for row, (field, value) in enumerate(cells.items(), 1)
    }


def codes(found: Checked | tuple[Finding, ...]) -> list[str]:
    """The codes of findings, in their order."""
    return [finding.code for finding in (found.findings if isinstance(found, Checked) else found)]


def the(found: Checked | tuple[Finding, ...], code: str) -> Finding:
    """The only finding of a code."""
    (finding,) = (f for f in (found.findings if isinstance(found, Checked) else found) if f.code == code)
    return finding


#: The basis of S02 with materials stored on the second line, what is entered on it, and what that means.
SECOND = a_basis(
    positions={
        "L1": a_position("2000.00", on_work="200.00"),
        "L2": a_position("10000.00", "500.00", "1000.00", "50.00"),
    },
    previous_certificates=Decimal("11250.00"),
)
S02_ENTRIES: Entries = {
    "L1": {"work_this_period": "4000.00"},
    "L2": {"percent_to_date": "80"},
    "L3": {"work_this_period": words("$1,500.00")},
}
S02_AMOUNTS = {
    "L1": amounts("4000.00"),
    "L2": amounts("10000.00", "500.00"),
    "L3": amounts("1500.00"),
}
