"""How lines are billed, in the register: what goes together, and what is refused with its cell and what is expected."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from batch.formats.register.diff import plan
from batch.formats.register.template import HEADING_ROW
from tests.formats.register.builders import Rows, read_rows, rows, sentences, stored, with_opening, workbook

UNIT_PRICE: dict[str, Any] = {
    "Method": "unit price", "Quantity": Decimal(125), "Unit": "LF", "Unit price": Decimal("48.75"),
    "Scheduled value": Decimal("6093.75"),
}  # fmt: skip


#: The letter of each column of the schedule of values, by its heading.
HEADINGS = {
    str(cell.value): str(cell.column_letter)
    for cell in load_workbook(io.BytesIO(workbook(rows())))["Schedule of values"][HEADING_ROW]
    if cell.value
}


def a_register(**cells: Any) -> Rows:
    """A register whose second line is billed at a unit price, with some of its cells other than they should be."""
    found = rows()
    found["Schedule of values"][1] |= {
        **UNIT_PRICE,
        **{name.replace("_", " "): cell for name, cell in cells.items()},
    }
    return found


def test_a_line_by_unit_price_is_read_and_comes_back() -> None:
    """Quantity, unit and price are stored exactly, and the same file again changes nothing."""
    found = read_rows(a_register(Quantity="125.0000", Unit_price="48.750000"))
    assert found.problems == ()
    values = found.rows["sov_line"]["SC-1", "2"].values
    assert (values["quantity"], values["unit_price"], values["unit"]) == (
        Decimal(125),
        Decimal("48.75"),
        "LF",
    )
    present = stored(a_register())
    assert plan(read_rows(a_register(), present), present).empty


@pytest.mark.parametrize(
    ("cells", "cell", "expected", "told"),
    [
        ({"Scheduled_value": Decimal("6093.74")}, "Scheduled value", "6093.75", "125 LF at 48.75 is 6093.75"),
        ({"Quantity": Decimal(126)}, "Scheduled value", "6142.50", "126 LF at 48.75 is 6142.50"),
        ({"Quantity": None}, "Quantity", "a quantity such as 125", "needs a quantity"),
        ({"Unit": None}, "Unit", "a unit such as LF", "needs a unit"),
        ({"Unit_price": None}, "Unit price", "a price such as 48.75", "needs a unit price"),
        ({"Unit_price": Decimal("-48.75")}, "Unit price", "0 or more", "negative quantity"),
        ({"Quantity": "125.00001"}, "Quantity", "a quantity such as 12.5", "more than 4 decimals"),
        ({"Unit_price": "48.7500001"}, "Unit price", "a price such as 48.75", "more than 6 decimals"),
        ({"Quantity": "12,5"}, "Quantity", "a quantity such as 12.5", "more than one way"),
        ({"Quantity": "many"}, "Quantity", "a quantity such as 12.5", "not a number"),
        ({"Quantity": "999999999999"}, "Quantity", "a quantity such as 12.5", "too large"),
        ({"Method": "by feeling"}, "Method", "one of: percent or amount, unit price, milestone", "not one of"),
        ({"Method": "milestone"}, "Quantity", "a blank cell", "Only a line with the method unit price"),
        ({"Method": None}, "Unit", "a blank cell", "Only a line with the method unit price"),
        (
            {"Method": None, "Quantity": None, "Unit": None, "Unit_price": None, "Re-measurable": "yes"},
            "Re-measurable", "no", "can be re-measured",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(
    cells: dict[str, Any], cell: str, expected: str, told: str
) -> None:
    """The fault is told at its cell, with what is expected there."""
    found = read_rows(a_register(**cells))
    assert told in " ".join(sentences(found))
    assert expected in [problem.expected for problem in found.problems]
    place = f"{HEADINGS[cell]}6"
    assert place in [problem.cell for problem in found.problems if problem.expected == expected]
    assert ("SC-1", "2") not in found.rows["sov_line"]


def test_a_deduction_by_quantity_is_negative() -> None:
    """A negative quantity at a price gives a negative value."""
    assert (
        read_rows(a_register(Quantity=-12, Unit_price=Decimal("12.5"), Scheduled_value=-150)).problems == ()
    )


def test_rounding_is_that_of_the_project() -> None:
    """1 at 0.125 is 0.13, and 0.12 where a half goes to the even neighbour."""
    half = a_register(Quantity=1, Unit_price=Decimal("0.125"), Scheduled_value=Decimal("0.12"))
    assert "is 0.13" in " ".join(sentences(read_rows(half)))
    half["Projects"][0]["Rounding"] = "half even"
    assert read_rows(half).problems == ()


def test_agreed_figures_are_corrected_together() -> None:
    """After the first invite quantity and value change by corrections of both; one alone is refused with the reason."""
    present = stored(a_register())

    def corrected(*changes: tuple[str, str]) -> Rows:
        common = {"Commitment": "SC-1", "Sheet": "Schedule of values", "Row": "2", "Date": date(2026, 2, 1)}
        return {
            "Corrections": [
                {**common, "Column": field, "New value": value, "Reason": "Measured anew"}
                for field, value in changes
            ]
        }

    one = plan(read_rows(corrected(("Quantity", "130")), present), present, frozenset({"SC-1"}))
    assert one.empty
    assert "Correct them together" in one.refused[0].reason
    both = read_rows(corrected(("Quantity", "130"), ("Scheduled value", "6337.50")), present)
    (changed,) = plan(both, present, frozenset({"SC-1"})).changed
    assert changed.values["quantity"] == Decimal(130)
    method = a_register(Method=None, Quantity=None, Unit=None, Unit_price=None)
    refused = plan(read_rows(method, present), present, frozenset({"SC-1"})).refused
    assert "can no longer change" in " ".join(each.reason for each in refused)


@pytest.mark.parametrize(
    ("line", "opening", "told"),
    [
        (UNIT_PRICE, {"Work to date": Decimal(3000)}, "its quantity to date is needed"),
        (
            UNIT_PRICE,
            {"Work to date": Decimal(3000), "Quantity to date": 40},
            "40 LF at 48.75 is 1950.00, not 3000",
        ),
        (UNIT_PRICE, {"Work to date": Decimal("6142.50"), "Quantity to date": 126}, "difference"),
        ({}, {"Quantity to date": 40}, "not billed by quantity"),
        ({"Method": "milestone"}, {}, "all of it was billed or nothing"),
    ],
)
def test_an_opening_goes_with_the_method_of_its_line(
    line: dict[str, Any], opening: dict[str, Any], told: str
) -> None:
    """Work to date is the quantity at its price, and a milestone is whole; else the balance is refused."""
    found = with_opening()
    found["Schedule of values"][1] |= line
    found["Opening lines"][0] |= opening
    read_back = read_rows(found)
    assert told in " ".join(sentences(read_back))
    assert not read_back.rows["opening_line"]
