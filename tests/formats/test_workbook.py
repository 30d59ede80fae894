"""What all our workbooks share."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.formats import workbook as look

WHEN = datetime(2025, 3, 1, 12, 30, tzinfo=UTC)


def a_sheet() -> tuple[Workbook, Worksheet]:
    """A workbook and its first sheet."""
    book = Workbook()
    return book, book.create_sheet("Data", 0)


def again(data: bytes, *, results: bool = False) -> Worksheet:
    """The first sheet of a saved workbook."""
    return load_workbook(io.BytesIO(data), data_only=results).worksheets[0]


@given(st.text(max_size=60))
def test_any_text_stays_text(text: str) -> None:
    """Whatever comes in is stored as text, never as a formula, without characters a workbook cannot hold."""
    book, sheet = a_sheet()
    look.put_text(sheet["A1"], text)
    cell = again(look.save(book, created=WHEN))["A1"]
    assert cell.data_type in ("s", "n")
    assert (cell.value or "") == look.clean_text(text).replace("_x", "_x") or "_x" in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_formula_look_alikes_are_quoted(text: str) -> None:
    """Text that begins like a formula keeps its quote mark, so that editing the cell does not make it one."""
    _book, sheet = a_sheet()
    look.put_text(sheet["A1"], text)
    assert sheet["A1"].quotePrefix


@pytest.mark.parametrize("amount", ["9.95", "0.10", "-1234.56", "9999999999999.99", "0.00"])
def test_amounts_are_exact(amount: str) -> None:
    """An amount is stored by its exact digits."""
    book, sheet = a_sheet()
    look.put_amount(sheet["A1"], Decimal(amount), "USD")
    with zipfile.ZipFile(io.BytesIO(look.save(book, created=WHEN))) as archive:
        assert f"<v>{amount}</v>" in archive.read("xl/worksheets/sheet1.xml").decode()


def test_dates_are_dates() -> None:
    """A date is stored as a date and shown as year-month-day."""
    book, sheet = a_sheet()
    look.put_date(sheet["A1"], date(2025, 2, 28))
    cell = again(look.save(book, created=WHEN))["A1"]
    assert (cell.value, cell.number_format) == (datetime(2025, 2, 28), "yyyy-mm-dd")  # noqa: DTZ001


def test_results_stand_beside_formulas() -> None:
    """A formula has the result that was given for it, a number or a text; without one it has none."""
    book, sheet = a_sheet()
    sheet["A1"], sheet["A2"], sheet["A3"] = "=1+1", '=IF(1<2,"a<b","")', "=3"
    data = look.save(book, created=WHEN, cached={"Data": {"A1": Decimal("2.00"), "A2": "a<b"}})
    assert [again(data, results=True)[ref].value for ref in ("A1", "A2", "A3")] == [2, "a<b", None]
    assert again(data)["A2"].value == '=IF(1<2,"a<b","")'


def test_bytes_are_the_same_each_time() -> None:
    """The same content and instant give the same bytes; another instant gives others."""

    def made(when: datetime) -> bytes:
        book, sheet = a_sheet()
        look.put_text(sheet["A1"], "x")
        return look.save(book, created=when)

    assert made(WHEN) == made(WHEN)
    assert made(WHEN) != made(WHEN.replace(hour=13))


@pytest.mark.parametrize(
    ("currency", "wanted"), [("USD", "#,##0.00"), ("JPY", "#,##0"), ("KWD", "#,##0.000")]
)
def test_amount_format(currency: str, wanted: str) -> None:
    """Amounts are shown with the currency's own number of decimals."""
    assert look.amount_format(currency) == wanted
