"""Our reader against two others: openpyxl and calamine see the same cells."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from batch.core.model import InviteKind, LineAmounts
from batch.core.returned import CellKind
from batch.formats.pay_app.read import open_workbook
from tests.formats.pay_app.samples import A_DEDUCTION, a_basis, a_workbook, money

WORKBOOKS = {
    "invite": a_workbook(),
    "both": a_workbook(
        a_basis(kind=InviteKind.BOTH, deductions=(A_DEDUCTION,)),
        locale="en-AU",
        entries={"L4": LineAmounts(work=money("90000.00"), release=money("200.00"))},
    ),
}


def same(kind: CellKind, text: str, value: object) -> bool:
    """Whether another reader's value is ours."""
    if kind is CellKind.NUMBER:
        return isinstance(value, int | float) and abs(Decimal(text) - Decimal(repr(value))) < Decimal("1e-9")
    return (value or "") == text


@pytest.mark.parametrize("name", WORKBOOKS)
def test_openpyxl_agrees(name: str) -> None:
    """Every cell openpyxl sees has our value and formula, and we see no other."""
    data = WORKBOOKS[name]
    values, formulas = load_workbook(io.BytesIO(data), data_only=True), load_workbook(io.BytesIO(data))
    for grid in open_workbook(data).grids:
        seen = 0
        for row in formulas[grid.sheet].iter_rows():
            for cell in row:
                if cell.value is not None:
                    seen += 1
                    ours = grid.at(cell.row, cell.column)
                    assert same(ours.kind, ours.text, values[grid.sheet][cell.coordinate].value), (
                        cell.coordinate
                    )
                    assert ours.formula == (str(cell.value)[1:] if cell.data_type == "f" else "")
        assert seen == len(grid.cells)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_calamine_agrees(name: str) -> None:
    """Every cell calamine sees has our value."""
    data = WORKBOOKS[name]
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for grid in open_workbook(data).grids:
        for number, row in enumerate(book.get_sheet_by_name(grid.sheet).to_python(skip_empty_area=False), 1):
            for column, value in enumerate(row, 1):
                ours = grid.at(number, column)
                assert same(ours.kind, ours.text, value), ours.ref
