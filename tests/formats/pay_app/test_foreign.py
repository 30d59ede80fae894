"""Pay applications that come back saved by another program, in another format."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from batch.core.findings import Severity
from batch.core.returned import CellKind, Returned
from batch.core.rules import check
from batch.formats.pay_app.carry import carry
from batch.formats.pay_app.foreign import foreign_kind, read_foreign
from batch.formats.pay_app.read import open_workbook, read
from tests.formats.pay_app.samples import TOKEN, a_basis, a_workbook

FILLED: Mapping[str, Any] = {"D6": 0.5, "E7": 15000, "H7": 4000.55, "E9": "61,001.20"}
CLAIM = {
    "L2": (Decimal("4125.00"), Decimal(0)),
    "L3": (Decimal("15000.00"), Decimal("4000.55")),
    "L5": (Decimal("61001.20"), Decimal(0)),
}
#: File ending, and the program that saves it.
SAVED = {
    "ods by LibreOffice": "ods",
    "xls by LibreOffice": "xls",
    "xlsx by LibreOffice": "xlsx",
    "ods by gnumeric": "ods",
    "xls by gnumeric": "xls",
    "xlsx by gnumeric": "xlsx",
}


def filled() -> bytes:
    """The workbook with three lines filled in, as openpyxl saves it: without results of formulas."""
    book = load_workbook(io.BytesIO(a_workbook()))
    for ref, value in FILLED.items():
        book["Lines"][ref] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_libreoffice(folder: Path, source: Path, ending: str) -> bytes:
    """What LibreOffice saves in another format."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    wanted = (
        f"{ending}:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"
        if ending == "csv"
        else ending
    )
    command = ["soffice", profile, "--headless", "--convert-to", wanted, "--outdir", str(folder / ending)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    found = sorted((folder / ending).iterdir())
    return found[0].read_bytes()


def by_gnumeric(folder: Path, source: Path, ending: str) -> bytes:
    """What gnumeric saves in another format."""
    target = folder / f"gnumeric.{ending}"
    subprocess.run(["ssconvert", str(source), str(target)], check=True, capture_output=True, timeout=120)
    return target.read_bytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The filled workbook as each program saves it."""
    folder = tmp_path_factory.mktemp("saved")
    source = folder / "source.xlsx"
    source.write_bytes(filled())
    savers = {"LibreOffice": by_libreoffice, "gnumeric": by_gnumeric}
    found = {name: savers[name.split()[-1]](folder, source, ending) for name, ending in SAVED.items()}
    found["csv by LibreOffice"] = by_libreoffice(folder, source, "csv")
    return found


def opened(data: bytes) -> Returned:
    """Read by the reader for its kind."""
    returned = read(data)
    return read_foreign(data) if foreign_kind(returned) else returned


def claimed(returned: Returned) -> dict[str, tuple[Decimal, Decimal]]:
    """The lines that were filled in, as work and stored."""
    checked = check(returned, a_basis(), expected_tokens=frozenset({TOKEN}))
    return {key: (at.work, at.stored) for key, at in checked.claim.items() if key in CLAIM}


@pytest.mark.parametrize("name", [*SAVED, "csv by LibreOffice"])
def test_what_another_program_saves_has_the_same_figures(saved: Mapping[str, bytes], name: str) -> None:
    """Every figure that was typed comes back as it was, whatever the program and the format."""
    assert claimed(opened(saved[name])) == CLAIM


@pytest.mark.parametrize("name", SAVED)
def test_the_code_is_found_in_every_format(saved: Mapping[str, bytes], name: str) -> None:
    """The visible code survives every program, and no other is found."""
    assert opened(saved[name]).identity.token_values == {TOKEN}


@pytest.mark.parametrize("name", [name for name, ending in SAVED.items() if ending != "xlsx"])
def test_another_format_is_held_for_a_person_and_never_returned_for_itself(
    saved: Mapping[str, bytes], name: str
) -> None:
    """A format that tells less gives one HOLD; nothing of it is returned to the sender."""
    found = [each for each in opened(saved[name]).findings if each.code == "workbook-reduced"]
    assert [each.severity for each in found] == [Severity.HOLD]


def an_ods(cells: str) -> bytes:
    """A spreadsheet of one table."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        keys = "".join(
            f"<c:table-cell o:value-type='string'><x:p>{key}</x:p></c:table-cell>"
            for key in ("line_key", "item", "work_this_period", "materials_stored")
        )
        archive.writestr(
            "content.xml",
            "<d xmlns:o='o' xmlns:c='c' xmlns:x='x'><c:table c:name='Lines'>"
            f"<c:table-row>{keys}</c:table-row><c:table-row><c:table-cell><x:p>L1</x:p></c:table-cell><c:table-cell/>"
            f"{cells}</c:table-row></c:table></d>",
        )
    return out.getvalue()


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        ("<c:table-cell o:value-type='float' o:value='12.5'><x:p>13</x:p></c:table-cell>", CellKind.NUMBER, "12.5"),
        ("<c:table-cell c:formula='of:=1' o:value-type='float' o:value='0'><x:p>#N</x:p></c:table-cell>", CellKind.ERROR, "#N"),
        ("<c:table-cell c:formula='of:=[.A1]'/>", CellKind.UNCALCULATED, ""),
        ("<c:table-cell><x:p>a<x:s x:c='2'/>b</x:p><x:p>c</x:p></c:table-cell>", CellKind.TEXT, "a  b\nc"),
        ("<c:table-cell><o:annotation><x:p>note</x:p></o:annotation></c:table-cell>", CellKind.BLANK, ""),
        ("<c:table-cell o:value-type='boolean' o:boolean-value='true'/>", CellKind.BOOLEAN, "TRUE"),
    ],
)  # fmt: skip
def test_cells_of_an_opendocument_sheet_stay_apart(cell: str, kind: CellKind, text: str) -> None:
    """An error, a formula never calculated, a comment and a blank are four different things."""
    (line,) = read_foreign(an_ods(cell)).lines
    assert (line.cells["work_this_period"].kind, line.cells["work_this_period"].text) == (kind, text)


def test_a_cell_repeated_a_million_times_ends_at_the_limits() -> None:
    """A repeated cell counts once for each place that we would read, and far ones are passed over."""
    far = "<c:table-cell c:number-columns-repeated='16000' o:value-type='float' o:value='1'/>"
    assert len(read_foreign(an_ods(far)).lines) == 1
    rows = far + "</c:table-row><c:table-row c:number-rows-repeated='1000000'>" + far
    found = read_foreign(an_ods(rows)).findings
    assert [each.code for each in found] == ["workbook-too-large"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"a,b\n1,2\n", b"%PDF-1", bytes(range(256)) * 40])
def test_any_bytes_give_findings_and_no_lines(data: bytes) -> None:
    """The reader never raises, and never gives an application out of nothing."""
    found = read_foreign(data)
    assert not found.lines
    assert found.findings


def test_a_damaged_file_of_each_format_is_named(saved: Mapping[str, bytes]) -> None:
    """A file cut short gives a finding, never an exception and never a part of the figures in silence."""
    for name, data in saved.items():
        found = read_foreign(data[: len(data) // 2])
        codes = {each.code for each in found.findings}
        assert codes & {
            "workbook-unreadable",
            "workbook-reduced",
            "workbook-too-large",
            "table-not-recognised",
        }, name


def test_entries_are_carried_into_our_own_workbook(saved: Mapping[str, bytes]) -> None:
    """What goes back is the issued workbook with every entry in its place, and the finding at its cell there."""
    returned = opened(saved["ods by gnumeric"])
    checked = check(returned, a_basis(), expected_tokens=frozenset({TOKEN}))
    over = next(each for each in checked.findings if each.code == "over-line" and each.line == "L5")
    data, findings = carry(a_workbook(), returned, checked.findings)
    assert claimed(read(data)) == CLAIM
    moved = next(each for each in findings if each.code == "over-line" and each.line == "L5")
    assert (moved.sheet, moved.cell) == (over.sheet, over.cell) == ("Lines", "E9")
    assert [grid.sheet for grid in open_workbook(data).grids] == [
        grid.sheet for grid in open_workbook(a_workbook()).grids
    ]
