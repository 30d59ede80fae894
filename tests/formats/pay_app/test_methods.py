"""A workbook of a contract with all ways of billing: what is open, what is understood, and what is asked about."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from batch.core.methods import Method
from batch.core.returned import Checked
from batch.core.rules import check
from batch.formats.pay_app.layout import LETTER, MEASURED_KEYS
from batch.formats.pay_app.read import read
from tests.formats.pay_app.samples import MIXED, MIXED_ENTRIES, a_basis, a_mixed_basis, a_workbook, money

OPEN = {
    Method.AMOUNT: {"percent_to_date", "work_this_period", "materials_stored"},
    Method.UNIT_PRICE: {"quantity_to_date", "materials_stored"},
    Method.MILESTONE: {"percent_to_date", "work_this_period"},
}
INVITE = a_workbook(a_mixed_basis())


def checked(entries: dict[str, dict[str, Any]]) -> Checked:
    """The empty workbook with these entries, by line and column key, as the rules see it."""
    book = load_workbook(io.BytesIO(INVITE))
    sheet = book["Lines"]
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    for key, values in entries.items():
        for column, value in values.items():
            sheet[f"{LETTER[column]}{rows[key]}"] = value
    out = io.BytesIO()
    book.save(out)
    return check(read(out.getvalue()), a_mixed_basis())


def test_each_line_opens_the_inputs_of_its_method() -> None:
    """Only what a line is billed by is unlocked, and no cell has two rules of what may be entered."""
    sheet = load_workbook(io.BytesIO(INVITE))["Lines"]
    rows = {cell.value: cell.row for cell in sheet["A"] if cell.value}
    inputs = {"percent_to_date", "work_this_period", "quantity_to_date", "materials_stored"}
    for line in MIXED:
        unlocked = {key for key in inputs if not sheet[f"{LETTER[key]}{rows[line.key]}"].protection.locked}
        assert unlocked == OPEN[line.method], line.key
    ruled = [
        cell
        for rule in sheet.data_validations.dataValidation
        for part in rule.sqref.ranges
        for cell in part.cells
    ]
    assert len(ruled) == len(set(ruled))


def test_quantity_columns_are_there_only_where_they_are_needed() -> None:
    """Hidden in a contract without a unit price, shown in one with."""
    plain, mixed = (load_workbook(io.BytesIO(data))["Lines"] for data in (a_workbook(a_basis()), INVITE))
    for key in MEASURED_KEYS:
        assert plain.column_dimensions[LETTER[key]].hidden
        assert not mixed.column_dimensions[LETTER[key]].hidden


def test_what_went_out_comes_back_the_same() -> None:
    """Entries filled in for a resubmission are claimed as those quantities and amounts."""
    found = check(read(a_workbook(a_mixed_basis(), entries=MIXED_ENTRIES)), a_mixed_basis())
    assert dict(found.claim) == MIXED_ENTRIES
    assert [(one.code, one.line) for one in found.findings] == [("over-quantity", "L3")]


@pytest.mark.parametrize(
    ("entries", "line", "work"),
    [
        ({"L1": {"quantity_to_date": 77.5}}, "L1", "1828.13"),
        ({"L1": {"quantity_to_date": "77.5 LF"}}, "L1", "1828.13"),
        ({"L1": {"quantity_to_date": "77.5"}}, "L1", "1828.13"),
        ({"L1": {"quantity_to_date": "1.234,5"}}, "L1", "58231.88"),
        ({"L3": {"quantity_to_date": "8.125"}}, "L3", "10.00"),
        ({"L2": {"percent_to_date": "x"}}, "L2", "9000.00"),
        ({"L2": {"percent_to_date": True}}, "L2", "9000.00"),
        ({"L2": {"percent_to_date": 1}}, "L2", "9000.00"),
        ({"L2": {"percent_to_date": "100%"}}, "L2", "9000.00"),
        ({"L2": {"work_this_period": 9000}}, "L2", "9000.00"),
        ({"C2": {"quantity_to_date": "(6)"}}, "C2", "-75.00"),
    ],
)
def test_what_people_write_is_understood(entries: dict[str, dict[str, Any]], line: str, work: str) -> None:
    """A quantity with its unit or in brackets, and a tick on a milestone, read in one way only."""
    assert checked(entries).claim[line].work == money(work)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"L1": {"percent_to_date": 0.5}}, ("wrong-method", "return", "L1")),
        ({"L1": {"work_this_period": 100}}, ("wrong-method", "return", "L1")),
        ({"L1": {"quantity_to_date": 77.5, "work_this_period": 1828.13}}, ("also-entered", "note", "L1")),
        (
            {"L1": {"quantity_to_date": 77.5, "work_this_period": 1828.12}},
            ("ambiguous-number", "return", "L1"),
        ),
        ({"L1": {"quantity_to_date": 77.5, "percent_to_date": 0.5}}, ("ambiguous-number", "return", "L1")),
        ({"L1": {"quantity_to_date": 40.00005}}, ("quantity-decimals", "return", "L1")),
        ({"L1": {"quantity_to_date": "about 40"}}, ("not-a-number", "return", "L1")),
        ({"L1": {"quantity_to_date": "12,5"}}, ("ambiguous-number", "return", "L1")),
        ({"L1": {"quantity_to_date": "1,234"}}, ("ambiguous-number", "return", "L1")),
        ({"L1": {"quantity_to_date": "40%"}}, ("ambiguous-number", "return", "L1")),
        ({"L1": {"quantity_to_date": 9e12}}, ("not-a-number", "return", "L1")),
        ({"L1": {"quantity_to_date": 126}}, ("over-quantity", "return", "L1")),
        ({"L1": {"quantity_to_date": 39}}, ("negative-work", "hold", "L1")),
        ({"L1": {"quantity_to_date": -1}}, ("under-line", "return", "L1")),
        ({"L1": {"unit_price": 49}}, ("locked-cell-changed", "hold", "L1")),
        ({"L1": {"quantity_previous": 30}}, ("locked-cell-changed", "hold", "L1")),
        ({"L1": {"contract_quantity": 300}}, ("locked-cell-changed", "hold", "L1")),
        ({"L3": {"quantity_to_date": 11}}, ("over-quantity", "hold", "L3")),
        ({"L4": {"quantity_to_date": 7}}, ("wrong-method", "return", "L4")),
        ({"L2": {"percent_to_date": 0.5}}, ("milestone-part", "return", "L2")),
        ({"L2": {"work_this_period": 8999.99}}, ("milestone-part", "return", "L2")),
        ({"L2": {"materials_stored": 1000}}, ("milestone-part", "return", "L2")),
        ({"C2": {"quantity_to_date": -13}}, ("over-quantity", "return", "C2")),
        ({"C2": {"quantity_to_date": 1}}, ("under-line", "return", "C2")),
    ],
)
def test_an_entry_that_is_not_for_its_line_is_a_finding(
    entries: dict[str, dict[str, Any]], expected: tuple[str, str, str]
) -> None:
    """A percentage on a quantity, a part of a milestone, a figure that cannot be read: said at the cell, never guessed."""
    found = checked({"L4": {"work_this_period": 100}, **entries}).findings
    assert expected in [(one.code, str(one.severity.value), one.line) for one in found], found
    assert all(one.cell for one in found if one.line)


def test_disagreeing_quantity_and_amount_name_both_figures() -> None:
    """The quantity gives 1,828.13, the amount says 1,800.00: 28.13 apart, and nothing is averaged."""
    found = checked({"L1": {"quantity_to_date": 77.5, "work_this_period": 1800}}).findings
    one = next(each for each in found if each.code == "ambiguous-number")
    assert (one.found, one.expected, one.difference) == ("1800.00", "1828.13", "-28.13")
    assert "L1" not in checked({"L1": {"quantity_to_date": 77.5, "work_this_period": 1800}}).claim
    assert Decimal(one.expected) + Decimal(one.difference) == Decimal(one.found)
