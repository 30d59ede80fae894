"""Formulas in input cells: worked out when they are simple, asked about otherwise."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from batch.core.returned import Cell, CellKind
from batch.core.rules import check
from batch.formats.pay_app.arithmetic import settled, worked_out
from batch.formats.pay_app.grid import Grid
from batch.formats.pay_app.read import read
from tests.formats.pay_app.samples import TOKEN, a_basis, a_workbook


def a_grid(**cells: str) -> Grid:
    """A sheet with numbers, or formulas that begin with '='."""
    made = {}
    for ref, text in cells.items():
        row, column = int(ref[1:]), ord(ref[0]) - 64
        formula = text[1:] if text.startswith("=") else ""
        kind = CellKind.UNCALCULATED if formula else CellKind.NUMBER
        if not formula and not text.replace(".", "").replace("-", "").isdigit():
            kind = CellKind.TEXT
        made[row, column] = Cell(
            sheet="Lines", ref=ref, kind=kind, text="" if formula else text, formula=formula
        )
    return Grid(sheet="Lines", cells=made, elements=len(made))


SHEET = a_grid(A1="10", A2="0.25", A3="=A1*2", A4="word", A5="=A6", A6="=A5")


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1200+350.50", "1550.50"),
        ("=1200+350.50", "1550.50"),
        ("2*(3+4)-1", "13"),
        ("-5+-3", "-8"),
        ("A1*50%", "5.0"),
        ("$A$1+A3", "30"),
        ("SUM(A1:A3)", "30.25"),
        ("SUM(A1,A2;5)", "15.25"),
        ("ROUND(10/3,2)", "3.33"),
        ("ROUND(-2.345,2)", "-2.35"),
        ("A9+1", "1"),
        ("1/8", "0.125"),
        (" 7 ", "7"),
    ],
)
def test_a_simple_formula_has_its_value(formula: str, value: str) -> None:
    """Sums, products, percentages, cells of the sheet, SUM and ROUND, as the programs calculate them."""
    assert worked_out(formula, SHEET) == Decimal(value)


@pytest.mark.parametrize(
    "formula",
    [
        "", "1+", "(1", "1)", "1/0", "A4", "A4+1", "A5", "VLOOKUP(1,A1:A2,1)", "Other!A1", "IF(1,2,3)", "SUM(A1:B2)",
        "ROUND(1,99)", "ROUND(1)", "SUM", "1 2", '"text"', 'HYPERLINK("x","1")', "A3:A1", "1+" * 400 + "1", "2^3",
        "SUM(A3:A1)", "((((((((((1", "(shared)", "(" * 240 + "1" + ")" * 240,
    ],
)  # fmt: skip
def test_what_is_not_simple_is_left_alone(formula: str) -> None:
    """No guess at a formula that says more, goes in a circle, divides by nothing, or never ends."""
    assert worked_out(formula, SHEET) is None


def test_cells_that_name_each_other_twice_end_soon() -> None:
    """A chain in which every cell is named twice is not worked out over and over."""
    chain = a_grid(**{f"B{row}": f"=B{row + 1}+B{row + 1}" for row in range(1, 20)}, B20="1")
    assert worked_out("B1", chain) is None
    assert worked_out("B15", chain) == 32


@given(st.text(alphabet="A1()+-*/%,:;SUMROND.$ 9=", max_size=60))
def test_no_formula_raises(formula: str) -> None:
    """Any text is a value or nothing."""
    found = worked_out(formula, SHEET)
    assert found is None or isinstance(found, Decimal)


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=6))
def test_a_sum_is_the_sum(amounts: list[Decimal]) -> None:
    """Amounts added up in a cell are exactly their sum."""
    formula = "+".join(f"({each})" for each in amounts)
    assert worked_out(formula, SHEET) == sum(amounts)


def test_a_stored_result_that_is_not_the_formulas_is_asked_about() -> None:
    """A stale result is neither taken nor replaced: the cell counts as never calculated."""
    stale = Cell(sheet="Lines", ref="C1", kind=CellKind.NUMBER, text="99", formula="A1*2")
    fresh = Cell(sheet="Lines", ref="C1", kind=CellKind.NUMBER, text="20.000000000000004", formula="A1*2")
    unknown = Cell(sheet="Lines", ref="C1", kind=CellKind.NUMBER, text="99", formula="NOW()*0+99")
    assert settled(stale, SHEET).kind is CellKind.UNCALCULATED
    assert settled(fresh, SHEET) == fresh
    assert settled(unknown, SHEET) == unknown


def test_an_uncalculated_sum_in_a_workbook_is_billed() -> None:
    """A workbook saved by a program that calculates nothing still bills what was typed as a sum."""
    book = load_workbook(io.BytesIO(a_workbook()))
    book["Lines"]["E7"] = "=1000+250.25"
    book["Lines"]["E9"] = "=IF(1,2,3)"
    out = io.BytesIO()
    book.save(out)
    checked = check(read(out.getvalue()), a_basis(), expected_tokens=frozenset({TOKEN}))
    assert checked.claim["L3"].work == Decimal("1250.25")
    asked = [(each.code, each.cell) for each in checked.findings if each.code == "formula-uncalculated"]
    assert asked == [("formula-uncalculated", "E9")]
