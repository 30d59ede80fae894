"""A second opinion: LibreOffice calculates our formulas to our figures, and what it saves still reads."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from batch.core.billing import bill
from batch.core.line_changes import LineChange
from batch.core.model import InviteKind, LineAmounts, RetainageTerms
from batch.core.retainage_terms import RetainageRounding, StepReach, read_steps
from batch.core.returned import CellKind
from batch.core.rules import check
from batch.core.settings import StoredMode
from batch.formats.pay_app.layout import LETTER
from batch.formats.pay_app.read import open_workbook, read
from tests.formats.pay_app.samples import (
    LINES,
    MIXED_ENTRIES,
    TOKEN,
    a_basis,
    a_mixed_basis,
    a_workbook,
    money,
)

ENTRIES = {
    "L2": LineAmounts(work=money("12000.35")),
    "L3": LineAmounts(work=money("15000.00"), stored=money("4000.55")),
    "L4": LineAmounts(work=money("90000.00"), release=money("200.00")),
    "C2": LineAmounts(work=money("-1750.05")),
}
WHOLE = tuple(replace(line, scheduled_value=line.scheduled_value.quantize(Decimal(1))) for line in LINES)
#: Lines with rates of their own: none on the first, less on the second.
RATED = (
    replace(LINES[0], retainage_work=money("0"), retainage_stored=money("0")),
    replace(LINES[1], retainage_work=money("2.5")),
    *LINES[2:],
)
#: A rule that no formula of one line can say.
CAPPED = RetainageTerms(work=money("10"), stored=money("5"), cap_percent=money("2"))
NEW = {"positions": {}, "previous_certificates": money("0.00")}
#: Stored material is filled in as work of this period.
MOVING = a_basis(stored_mode=StoredMode.TO_THIS, stored_moved={"L3": money("15000.00")})
#: A change order that raised an original line, and one that lowered a line of another.
CHANGED = (
    *LINES[:5],
    replace(
        LINES[5],
        changes=(LineChange(key="X", change_order="CO-004", description="More", amount=money("849.50")),),
    ),
    replace(
        LINES[6],
        changes=(LineChange(key="Y", change_order="CO-005", description="Less", amount=money("-200.00")),),
    ),
    LINES[7],
)
OURS: Mapping[str, bytes] = {
    "invite": a_workbook(),
    "entries": a_workbook(a_basis(kind=InviteKind.BOTH), entries=ENTRIES, rejected={"L4": "Too much."}),
    "few": a_workbook(a_basis(lines=LINES[:2], **NEW)),
    "only changes": a_workbook(a_basis(lines=LINES[6:], **NEW)),
    "rates by line": a_workbook(a_basis(lines=RATED, kind=InviteKind.BOTH), entries=ENTRIES),
    "capped": a_workbook(a_basis(retainage=CAPPED, kind=InviteKind.BOTH), entries=ENTRIES),
    "stored becomes work": a_workbook(MOVING),
    "stored is not all built in": a_workbook(MOVING, entries=ENTRIES),
    "changed lines": a_workbook(a_basis(lines=CHANGED), entries=ENTRIES),
    "mixed": a_workbook(a_mixed_basis(), entries=MIXED_ENTRIES),
    "mixed, empty": a_workbook(a_mixed_basis()),
    "yen": a_workbook(a_basis(lines=WHOLE, currency="JPY", **NEW)),
}


def without_results(data: bytes, changes: Mapping[str, float]) -> bytes:
    """The workbook with cells of 'Lines' filled, saved by openpyxl: it keeps formulas and drops results."""
    book = load_workbook(io.BytesIO(data))
    for ref, value in changes.items():
        book["Lines"][ref] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Every workbook after LibreOffice calculated and saved it; 'filled' has entries put in before."""
    folder = tmp_path_factory.mktemp("libreoffice")
    (folder / "in").mkdir()
    sources = {name: without_results(data, {}) for name, data in OURS.items()}
    sources["filled"] = without_results(OURS["invite"], {"D6": 0.5, "E7": 15000, "H7": 4000.55, "E9": 61001})
    for name, data in sources.items():
        (folder / "in" / f"{name}.xlsx").write_bytes(data)
    _convert(folder, [folder / "in" / f"{name}.xlsx" for name in sources])
    return {name: (folder / "out" / f"{name}.xlsx").read_bytes() for name in sources}


def _convert(folder: Path, files: list[Path]) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=120)


@pytest.mark.parametrize("name", OURS)
def test_formulas_give_our_figures(name: str, saved: Mapping[str, bytes]) -> None:
    """The results we write beside the formulas are those LibreOffice works out."""
    theirs = {grid.sheet: grid for grid in open_workbook(saved[name]).grids}
    compared = 0
    for grid in open_workbook(OURS[name]).grids:
        for place, cell in grid.cells.items():
            if cell.formula:
                compared += 1
                other = theirs[grid.sheet].at(*place)
                if cell.kind is CellKind.NUMBER:
                    assert abs(Decimal(cell.text) - Decimal(other.text)) < Decimal("1e-9"), (cell, other)
                else:
                    assert cell.text == other.text, (cell, other)
    assert compared > 30


@pytest.mark.parametrize("name", OURS)
def test_saved_workbook_reads_the_same(name: str, saved: Mapping[str, bytes]) -> None:
    """Code, identity and lines survive, on all four carriers."""
    before, after = read(OURS[name]), read(saved[name])
    assert after.findings == ()
    assert after.identity == before.identity
    assert after.identity.token_values == {TOKEN}
    assert [line.line_key for line in after.lines] == [line.line_key for line in before.lines]
    assert after.summary.keys() == before.summary.keys()


def test_filled_and_saved(saved: Mapping[str, bytes]) -> None:
    """Entries calculated by LibreOffice are claimed to the cent; the words beside a line fit the rule."""
    found = read(saved["filled"])
    checked = check(found, a_basis())
    assert [each.code for each in checked.findings] == ["over-line"]
    assert checked.claim["L2"].work == money("4125.00")
    assert checked.claim["L3"] == LineAmounts(work=money("15000.00"), stored=money("4000.55"))
    words = {line.line_key: line.cells["check"].text for line in found.lines}
    assert words == dict.fromkeys(words, "") | {"L5": "Over by 1"}


RULES = {
    "cap": CAPPED,
    "step": RetainageTerms(work=money("10"), stored=money("5"), steps=read_steps("20%: 5%")),
    "step for all": RetainageTerms(
        work=money("10"), stored=money("5"), steps=read_steps("20%: 5%"), reach=StepReach.ALL
    ),
    "by contract": RetainageTerms(work=money("10"), stored=money("5"), rounding=RetainageRounding.CONTRACT),
    "whole units": RetainageTerms(work=money("10"), stored=money("5"), whole_units=True),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_without_a_formula_raises_no_alarm(name: str) -> None:
    """Retainage that stands as certified so far is not taken for a changed cell, and we compute what the rule makes of it."""
    basis = a_basis(retainage=RULES[name])
    claim = {**ENTRIES, "L4": LineAmounts(work=money("60000.00"))}
    checked = check(read(a_workbook(basis, entries=claim)), basis)
    codes = {each.code for each in checked.findings}
    assert not codes & {"retainage-changed", "total-mismatch", "prior-changed", "locked-cell-changed"}
    assert checked.bill is not None
    assert checked.bill.summary == bill(basis, checked.claim).summary


def test_a_changed_figure_is_still_found() -> None:
    """A figure of retainage that was typed over is held for the admin, also where it stands as certified so far."""
    basis = a_basis(retainage=CAPPED)
    column = LETTER["retainage"]
    book = load_workbook(io.BytesIO(a_workbook(basis)))
    assert book["Lines"][f"{column}5"].value == 1250
    book["Lines"][f"{column}5"] = 1
    out = io.BytesIO()
    book.save(out)
    found = [each for each in check(read(out.getvalue()), basis).findings if each.code == "retainage-changed"]
    assert [(each.cell, each.found, each.expected) for each in found] == [(f"{column}5", "1.00", "1250.00")]
