"""The pay application as it is sent."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from batch.core.billing import bill
from batch.core.model import InviteKind, LineAmounts, PendingChangeOrder
from batch.formats.pay_app.layout import LETTER
from batch.formats.pay_app.template import build
from tests.formats.pay_app.dump import dump
from tests.formats.pay_app.samples import A_DEDUCTION, LINES, TOKEN, a_basis, a_workbook, money

HERE = Path(__file__).parent
ENTRIES = {
    "L2": LineAmounts(work=money("12000.00")),
    "L3": LineAmounts(work=money("15000.00"), stored=money("4000.55")),
    "L4": LineAmounts(work=money("90000.00"), release=money("200.00")),
    "C2": LineAmounts(work=money("-1750.00")),
}


def compared(name: str, text: str) -> None:
    """Compare with a golden file. A missing one is written, and the test fails so that it is looked at."""
    golden = HERE / name
    if not golden.exists():
        golden.write_text(text)
        raise AssertionError(f"{name} was written; look at it, then run again")
    assert text == golden.read_text()


def test_invite_golden() -> None:
    """The workbook of an ordinary invite has the cells, formulas, results and locks of the golden text."""
    compared("invite.txt", dump(a_workbook()))


def test_resubmission_golden() -> None:
    """A British resubmission for work and release, with a deduction and a refused line, is as golden."""
    basis = a_basis(kind=InviteKind.BOTH, deductions=(A_DEDUCTION,))
    made = a_workbook(
        basis, locale="en-GB", entries=ENTRIES, rejected={"L4": "At most 80% was seen on site."}
    )
    compared("resubmission.txt", dump(made))


def test_same_bytes() -> None:
    """The same arguments give the same bytes."""
    assert a_workbook() == a_workbook()


def test_template_is_built() -> None:
    """The shipped template is what its build script makes."""
    shipped = HERE.parents[2] / "templates" / "xlsx" / "pay_application.xlsx"
    assert dump(shipped.read_bytes()) == dump(build())


def test_results_are_those_of_core() -> None:
    """The values beside the formulas are those of the billing arithmetic, to the cent."""
    basis = a_basis(kind=InviteKind.BOTH)
    book = load_workbook(io.BytesIO(a_workbook(basis, entries=ENTRIES)), data_only=True)
    computed = bill(basis, ENTRIES)
    rows = {cell.value: cell.row for cell in book["Lines"]["A"]}
    for line in computed.lines:
        row = rows[line.line.key]
        assert money(str(book["Lines"][f"{LETTER['retainage']}{row}"].value)) == line.retainage_held
        assert (
            money(str(book["Lines"][f"{LETTER['completed_and_stored']}{row}"].value))
            == line.completed_and_stored
        )
    assert money(str(book["Summary"]["D31"].value)) == computed.summary.current_payment_due


@pytest.mark.parametrize("originals", [0, 1, 6])
@pytest.mark.parametrize("changes", [0, 1, 2])
def test_totals_cover_all_lines(originals: int, changes: int) -> None:
    """Totals and summary name every line, whether there are many, one or none of a sort."""
    lines = (*LINES[:originals], *LINES[6 : 6 + changes])
    basis = a_basis(lines=lines, positions={}, previous_certificates=money("0.00"))
    book = load_workbook(io.BytesIO(a_workbook(basis)))
    rows = {cell.value: cell.row for cell in book["Lines"]["A"] if cell.value}
    value = LETTER["scheduled_value"]
    formula = book["Lines"][f"{value}{rows['#total']}"].value
    first, last = formula.removeprefix(f"=ROUND(SUM({value}").removesuffix("),2)").split(f":{value}")
    assert int(first) <= min([rows[line.key] for line in lines], default=10**6)
    assert max([rows[line.key] for line in lines], default=0) <= int(last) < rows["#total"]
    assert f"{value}{rows['#section']}:{value}{rows['#total'] - 1}" in book["Summary"]["D23"].value


@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        (InviteKind.WORK, {"percent_to_date", "work_this_period", "materials_stored", "comment"}),
        (InviteKind.RELEASE, {"retainage_release", "comment"}),
        (
            InviteKind.BOTH,
            {"percent_to_date", "work_this_period", "materials_stored", "retainage_release", "comment"},
        ),
    ],
)
def test_open_columns(kind: InviteKind, opened: set[str]) -> None:
    """Only what the kind of invite asks for is unlocked, and nothing unlocked is in a hidden column."""
    sheet = load_workbook(io.BytesIO(a_workbook(a_basis(kind=kind))))["Lines"]
    visible = {key for key, letter in LETTER.items() if not sheet.column_dimensions[letter].hidden}
    unlocked = {key for key, letter in LETTER.items() if not sheet[f"{letter}5"].protection.locked}
    assert unlocked & visible == opened
    assert unlocked - visible <= {"retainage_release"}


def test_release_column_is_locked_when_hidden() -> None:
    """A release column that is not asked for is hidden and locked."""
    sheet = load_workbook(io.BytesIO(a_workbook()))["Lines"]
    letter = LETTER["retainage_release"]
    assert sheet.column_dimensions[letter].hidden
    assert sheet[f"{letter}5"].protection.locked


def test_text_never_becomes_a_formula() -> None:
    """A description that begins like a formula stays text, and its braces are not filled in."""
    evil = replace(LINES[0], description='=HYPERLINK("x") {due}', item="+1")
    sheet = load_workbook(io.BytesIO(a_workbook(a_basis(lines=(evil, *LINES[1:])))))["Lines"]
    assert (sheet["C5"].value, sheet["C5"].data_type) == ('=HYPERLINK("x") {due}', "s")
    assert (sheet["B5"].value, sheet["B5"].data_type) == ("+1", "s")


def test_yen_has_no_decimals() -> None:
    """Formats and roundings follow the currency's own decimals."""
    lines = tuple(replace(line, scheduled_value=line.scheduled_value.quantize(Decimal(1))) for line in LINES)
    basis = a_basis(currency="JPY", lines=lines, positions={}, previous_certificates=money("0"))
    sheet = load_workbook(io.BytesIO(a_workbook(basis)))["Lines"]
    assert sheet[f"{LETTER['scheduled_value']}5"].number_format == "#,##0"
    assert ",2)" not in sheet[f"{LETTER['work_billed']}5"].value
    assert ",0)" in sheet[f"{LETTER['work_billed']}5"].value


def test_pending_change_orders_are_apart() -> None:
    """A pending change order is listed and is not in the total."""
    pending = PendingChangeOrder(number="CO-9", title="Later", amount=money("999.00"))
    sheet = load_workbook(io.BytesIO(a_workbook(a_basis(pending_change_orders=(pending,)))))["Change orders"]
    texts = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert texts[2][:4] == ["CO-9", "Later", 999, "Pending: cannot be billed yet"]
    assert texts[3][:3] == ["Total approved", None, 700]


def test_large_amounts_have_room() -> None:
    """A column is as wide as its longest amount."""
    big = replace(LINES[0], scheduled_value=money("1234567890123.45"))
    sheet = load_workbook(io.BytesIO(a_workbook(a_basis(lines=(big, *LINES[1:])))))["Lines"]
    assert sheet.column_dimensions["K"].width >= len("1,234,567,890,123.45")


def test_code_is_in_sight() -> None:
    """The code stands on the first sheet, where a CSV or a printed page keeps it."""
    sheet = load_workbook(io.BytesIO(a_workbook())).worksheets[0]
    assert any(
        cell.value == f"Code - do not change: PB1.{TOKEN}" for row in sheet.iter_rows() for cell in row
    )
