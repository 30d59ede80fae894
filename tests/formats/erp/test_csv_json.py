"""Generic CSV and JSON: safe text, plain amounts."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.formats.erp import write_batch
from batch.formats.erp.csv_json import guarded, unguarded
from tests.formats.erp.bills import SETTINGS, a_bill, a_line, an_october


def rows(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file as the standard library reads them."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\tx", "\rx", "\nx"])
def test_text_that_starts_a_formula_is_guarded_and_amounts_are_not(text: str) -> None:
    """A spreadsheet program sees an apostrophe before text that would run, and a negative amount stays a
    number.
    """
    bill = a_bill(lines=(a_line("L1", "-2000.00", "-200.00", description=text),), document_number=text + "9")
    files = write_batch("csv", (bill,), SETTINGS)
    (row,) = rows(files["bill_lines.csv"])
    assert row["description"] == f"'{text}"
    assert row["document_number"] == f"'{text}9"
    assert (row["gross"], row["retainage"], row["net"]) == ("-2000.00", "-200.00", "-1800.00")


@given(st.text(max_size=12))
def test_a_guard_is_taken_off_again_and_nothing_else(text: str) -> None:
    """Text comes back as it was, and nothing guarded begins like a formula."""
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.startswith("'"):
        assert unguarded(guarded(text)) == text


def test_the_net_of_the_detail_rows_adds_up_to_payable() -> None:
    """Work rows and deduction rows of bill_lines.csv together give the payable of bills.csv."""
    files = write_batch("csv", an_october(), SETTINGS)
    net = sum(Decimal(row["net"]) for row in rows(files["bill_lines.csv"]))
    assert net == sum(Decimal(row["payable"]) for row in rows(files["bills.csv"]))


def test_lines_end_as_rfc_4180_says_and_text_is_utf_8() -> None:
    """Every row ends with CRLF; a line break inside text is quoted; there is no byte order mark."""
    data = write_batch("csv", an_october(), SETTINGS)["bill_lines.csv"]
    assert data.count(b"\r\n") == 7
    assert data.endswith(b"\r\n")
    assert "Łódź".encode() in data
    assert not data.startswith(b"\xef\xbb\xbf")


def test_json_keeps_text_as_it_is_and_amounts_as_strings() -> None:
    """The canonical record has no guard, no float and an empty due date as null."""
    content = json.loads(write_batch("json", an_october(), SETTINGS)["bills.json"])
    bill = content["bills"][3]
    assert bill["lines"][0]["description"] == '=HYPERLINK("x"), Łódź 6" pipe\n±5 ≥ 3'
    assert bill["document_number"] == "-77"
    assert bill["due_date"] is None
    assert bill["gross"] == "100.10"
