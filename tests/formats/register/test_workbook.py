"""The workbook people see: template, export, report, documentation, and the store's tables behind it."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from batch.demo.register_rows import ROWS
from batch.demo.registers import demo_register
from batch.edges.store import tables
from batch.formats.register.diff import plan
from batch.formats.register.entries import number_text
from batch.formats.register.kinds import Kind
from batch.formats.register.read import read
from batch.formats.register.reading import as_present
from batch.formats.register.reference import reference
from batch.formats.register.report import describe, describe_problems, opening_held
from batch.formats.register.sheets import IMPORT_ORDER, SHEETS, START_TITLE, Sheet
from batch.formats.register.template import FIRST_ROW, export, template
from tests.formats.register.builders import NOW, change_order, read_rows, rows, stored, with_opening, workbook

DOCS = Path(__file__).parents[3] / "docs" / "register.md"


def test_the_template_has_every_sheet_and_reads_as_empty() -> None:
    """An untouched template has no row, and the help rows are not taken for rows."""
    data = template(NOW)
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == [START_TITLE, *(sheet.title for sheet in SHEETS)]
    found = read(data, as_present({"company": {("company",): {"name": "X"}}}))
    assert found.problems == ()
    assert not any(found.rows.values())


def test_the_template_has_no_formula_and_code_columns_are_text() -> None:
    """0123 typed into an empty row stays 0123, because the whole column is formatted as text."""
    book = load_workbook(io.BytesIO(template(NOW)))
    for sheet in SHEETS:
        page = book[sheet.title]
        assert page.freeze_panes
        assert not [cell for row in page for cell in row if cell.data_type == "f"]
        for at, column in enumerate(sheet.columns, 2):
            if column.kind is Kind.CODE:
                assert page.column_dimensions[get_column_letter(at)].number_format == "@"


def test_choices_are_offered_in_the_cell() -> None:
    """Each column of words has them as a list, short enough for a list inside the rule."""
    book = load_workbook(io.BytesIO(template(NOW)))
    for sheet in SHEETS:
        offered = {rule.formula1 for rule in book[sheet.title].data_validations.dataValidation}
        assert offered == {f'"{",".join(column.choices)}"' for column in sheet.columns if column.choices}
        assert all(len(rule) < 255 for rule in offered)


def test_examples_of_the_template_are_valid() -> None:
    """What the grey row shows can be typed as it stands: each example passes its own column."""
    found = {sheet.title: [_examples(sheet)] for sheet in SHEETS}
    told = describe_problems(read_rows(found).problems)
    others = ("There is no", "add up", "custom")  # the examples of two sheets are not of one story
    assert [line for line in told if not any(word in line for word in others)] == []


def _examples(sheet: Sheet) -> dict[str, str]:
    return {column.shown.heading: column.shown.example for column in sheet.columns if column.shown.example}


def test_an_export_comes_back_unchanged() -> None:
    """Export and import of the same state is nothing, with stamps, corrections and all kinds of values."""
    present = stored(change_order(with_opening()))
    first = {"Commitment": "SC-1", "Sheet": "Commitments", "Column": "Retainage on work", "New value": "5%"}
    row = {**first, "Date": "2026-02-01", "Reason": "As signed"}
    change = plan(read_rows({"Corrections": [row]}, present), present, {"SC-1"})
    after = stored(change, present)
    data = export(after, stamp=NOW)
    assert data == export(after, stamp=NOW)
    again = plan(read(data, after), after, {"SC-1"})
    assert (again.empty, again.refused) == (True, ())
    assert again.unchanged == sum(len(kept) for kept in after.values())


def test_an_export_shows_the_instant_and_hides_the_stamps() -> None:
    """The first sheet says of when it is; the hidden first column of the others holds the revisions."""
    book = load_workbook(io.BytesIO(export(stored(rows(), revision=7), stamp=NOW)))
    assert "2026-01-05 at 09:00 UTC" in str(book[START_TITLE]["B2"].value)
    page = book["Vendors"]
    assert page.column_dimensions["A"].hidden
    assert page.cell(FIRST_ROW, 1).value == 7


def test_the_report_is_short_and_names_cells() -> None:
    """Added by sheet, changes from old to new, refusals with their reason, and one line of totals."""
    found = change_order(rows())
    found["Vendors"][0]["Name"] = "Baxter Inc."
    found["Schedule of values"][0]["Scheduled value"] = "10.00"
    present = stored(rows())
    frozen = (
        "Billing of this commitment has begun, so this changes only by a change order, or by a row on the"
    )
    assert describe(plan(read_rows(found, present), present, {"SC-1"})) == [
        "Added, Change orders: 1 (SC-1)",
        "Added, Schedule of values: 1 (SC-1)",
        "Changed, Vendors C5, V1: Name Baxter Electric LLC -> Baxter Inc.",
        f"Refused, Schedule of values H5, SC-1 1: {frozen} sheet Corrections with a date and a reason.",
        "2 added, 1 changed, 6 unchanged, 1 refused.",
    ]


def test_problems_are_one_line_each_errors_first() -> None:
    """A person reads what stops the import before what is only good to know."""
    found = rows()
    found["Contacts"][0]["Role"] = "copied"
    found["Vendors"][0]["Name"] = None
    told = describe_problems(read_rows(found).problems)
    assert told[0] == "Error, Vendors C5: Name: this must be filled in."
    assert told[1].startswith("Warning, Commitments B5: Commitment SC-1 is billed by invite")


def test_retainage_held_at_the_opening_is_listed_by_vendor() -> None:
    """The list is ticked against the accounting system."""
    held = opening_held(read_rows(with_opening()))
    assert [(row.vendor, row.vendor_name, row.commitment, row.held) for row in held] == [
        ("V1", "Baxter Electric LLC", "SC-1", Decimal("400.00"))
    ]


def test_fields_are_the_columns_of_the_store() -> None:
    """Each value of each sheet has a column of its own in the store's table, and the other way round."""
    ours = {"id", "revision", "key", "sov_version", "first_invited_at", "old", "admin_id", "created_at"}
    parents = {"client_contract": "project", "client_change_order": "change_order"}
    for sheet in IMPORT_ORDER:
        columns = {
            re.sub(r"_(minor|ppm|e4|e6|e8|id)$", "", name)
            for name in [column.name for column in tables.metadata.tables[sheet.name].columns]
            if name not in ours
        }
        fields = {column.field for column in sheet.columns if not column.shown.check}
        assert fields == {
            parents.get(name, name)
            if sheet.name.startswith("client_") and sheet.name != "client_contract"
            else name
            for name in columns
        }


def test_every_sheet_and_column_is_documented() -> None:
    """docs/register.md has the reference as the models give it."""
    text = DOCS.read_text(encoding="utf-8")
    begin, end = "<!-- sheets: begin -->", "<!-- sheets: end -->"
    assert text[text.index(begin) + len(begin) : text.index(end)].strip() == reference()


def test_the_demo_register_has_no_problem() -> None:
    """Three projects, twelve commitments, all that the demo's story needs, read without a word."""
    data = demo_register(NOW)
    found = read(data)
    assert found.problems == ()
    assert len(found.rows["project"]) == 3
    assert len(found.rows["commitment"]) == 12
    assert {len(lines) for lines in _lines_by_commitment().values()} <= set(range(4, 13))
    assert plan(found, {}).refused == ()
    assert sum(row.held for row in opening_held(found)) == Decimal("1085.00")


def _lines_by_commitment() -> dict[object, list[object]]:
    lines: dict[object, list[object]] = {}
    for line in ROWS["Schedule of values"]:
        lines.setdefault(line["Commitment"], []).append(line["Line"])
    return lines


def test_the_demo_leaves_one_cost_code_without_a_client_line() -> None:
    """The exception of the client application is on purpose, and the only one."""
    mapped = {line["Cost code"] for line in ROWS["Cost code mapping"]}
    assert {line["Cost code"] for line in ROWS["Schedule of values"]} - mapped == {"21-900"}


def test_libreoffice_saves_a_register_that_reads_the_same(tmp_path: Path) -> None:
    """A register that went through another spreadsheet program has the same rows."""
    data = workbook(change_order(with_opening()))
    (tmp_path / "in.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, str(tmp_path / "in.xlsx")], check=True, capture_output=True, timeout=120)
    saved = read((tmp_path / "out" / "in.xlsx").read_bytes())
    assert saved.problems == ()
    assert _values(saved.rows) == _values(read(data).rows)


def _values(found: object) -> dict[str, dict[object, object]]:
    assert isinstance(found, dict)
    return {sheet: {key: row.values for key, row in kept.items()} for sheet, kept in found.items()}


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_survive_the_double_of_a_spreadsheet(value: Decimal) -> None:
    """The text of a number cell is the amount that was typed, to the cent."""
    assert Decimal(number_text(float(value))) == value


def test_the_instant_of_an_export_may_be_in_any_zone() -> None:
    """The file shows UTC."""
    there = datetime.fromisoformat("2026-01-05T03:00:00-06:00")
    assert export({}, stamp=there) == export({}, stamp=there.astimezone(UTC))
