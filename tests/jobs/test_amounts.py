"""What people do to the workbook itself: text in amounts, rows deleted, doubled, sorted, too much of everything."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.jobs.received import CONCRETE, Hit, changed, hit, invited, text_of
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import Register, Sub
from tests.scenarios.site import Site

ONE = Register(subs=[CONCRETE])
BILL: dict[str, dict[str, Any]] = {"1": {"work_this_period": "1000"}, "2": {"work_this_period": "2500"}}


def _send(job: Site, change: Callable[[Workbook], None], *, changes: bool = True, **entries: Any) -> Hit:
    invite = job.invite(CONCRETE)
    book = filled(workbook_of(invite), {**BILL, **entries})
    return hit(job, reply(invite, changed(book, change), when=job.now), changes=changes)


def _lines(book: Workbook) -> tuple[Any, int, dict[str, int]]:
    """The sheet of lines, the row of its keys, and the column of each key."""
    sheet = book["Lines"]
    for row in sheet.iter_rows(max_row=30):
        keys = {str(cell.value): int(cell.column or 0) for cell in row if isinstance(cell.value, str)}
        if "line_key" in keys:
            return sheet, int(row[0].row or 0), keys
    raise AssertionError("no row of keys")


def _row_of(book: Workbook, line: str) -> int:
    sheet, top, keys = _lines(book)
    return next(r for r in range(top + 1, sheet.max_row + 1) if sheet.cell(r, keys["line_key"]).value == line)


def _put(line: str, column: str, value: object) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        sheet, _top, keys = _lines(book)
        sheet.cell(_row_of(book, line), keys[column]).value = value

    return change


def _codes(job: Site) -> list[str]:
    return [one["code"] for one in job.show(job.standing("SC-1")["application"])["findings"]]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a thousand", "not-a-number"),
        ("see attached", "not-a-number"),
        ("1.234", "ambiguous-number"),
        ("12,50", "ambiguous-number"),
        ("€1,000", "ambiguous-number"),
        ("-", "ambiguous-number"),
        ("#REF!", "cell-error"),
        ("1e309", "not-a-number"),
        ("9" * 400, "not-a-number"),
        ("NaN", "not-a-number"),
        ("٣٠٠", "not-a-number"),
        (True, "not-a-number"),
        (1000.005, "too-many-decimals"),
        ("=IF(TRUE,1000,1)", "formula-uncalculated"),
        ('=HYPERLINK("http://x.example","1000")', "formula-uncalculated"),
    ],
)
def test_what_is_no_amount_is_returned_with_its_cell(tmp_path: Path, typed: object, code: str) -> None:
    """The cell, what stands in it and what to do go back to the sender in the mail and in the marked workbook."""
    job = invited(tmp_path, ONE)
    found = _send(job, _put("1", "work_this_period", typed))
    assert found.outcome == "returned"
    assert code in _codes(job)
    assert job.standing("SC-1")["state"] == "Returned"
    marked = load_workbook(io.BytesIO(workbook_of(found.answers[0])))
    assert marked.sheetnames[0] == "Please correct"
    job.submit(CONCRETE, BILL, answering=found.answers[0])
    job.verify()


@pytest.mark.parametrize("typed", ["$1,000.00", " 1 000 ", "1000.00", "USD 1000", "(0)", "1,000"])
def test_amounts_pasted_as_text_are_read(tmp_path: Path, typed: str) -> None:
    """A currency sign, spaces and grouped thousands are the number they say."""
    job = invited(tmp_path, ONE)
    found = _send(job, _put("1", "work_this_period", typed))
    assert found.outcome == "submission"
    expected = "0.00" if typed == "(0)" else "1000.00"
    assert job.show("SC-1/1")["lines"][0]["work_this_period"] == expected


def test_a_row_deleted_doubled_or_added(tmp_path: Path) -> None:
    """A line that is gone or stands twice is returned; an added one is held for the admin and never billed."""
    job = invited(tmp_path, ONE)

    def delete(book: Workbook) -> None:
        sheet, _top, _keys = _lines(book)
        sheet.delete_rows(_row_of(book, "3"))

    assert _send(job, delete).outcome == "returned"
    assert "line-missing" in _codes(job)

    def double(book: Workbook) -> None:
        sheet, _top, keys = _lines(book)
        at, to = _row_of(book, "1"), sheet.max_row + 1
        for column in keys.values():
            sheet.cell(to, column).value = sheet.cell(at, column).value

    assert _send(job, double).outcome == "returned"
    assert "line-repeated" in _codes(job)

    def add(book: Workbook) -> None:
        sheet, _top, keys = _lines(book)
        to = sheet.max_row + 1
        for column, value in (("line_key", "99"), ("description", "Extra"), ("work_this_period", 5000)):
            sheet.cell(to, keys[column]).value = value

    assert _send(job, add).outcome == "submission"
    assert "line-unknown" in _codes(job)
    assert job.show("SC-1/1")["summary"]["gross_this_period"] == "3500.00"
    job.verify()


def test_rows_sorted_and_sheets_renamed_change_nothing(tmp_path: Path) -> None:
    """Lines are found by their key and tables by theirs, wherever they were moved to and whatever the tabs say."""
    job = invited(tmp_path, ONE)

    def sort(book: Workbook) -> None:
        sheet, _top, keys = _lines(book)
        first, last = _row_of(book, "1"), _row_of(book, "3")
        for column in keys.values():
            a, b = sheet.cell(first, column), sheet.cell(last, column)
            a.value, b.value = b.value, a.value
        for number, page in enumerate(book.worksheets):
            page.title = f"Blatt {number}"

    found = _send(job, sort)
    assert found.outcome == "submission"
    work = {line["line"]: line["work_this_period"] for line in job.show("SC-1/1")["lines"]}
    assert work == {"1": "1000.00", "2": "2500.00", "3": "0.00"}
    job.verify()


def test_keys_and_headings_gone_is_no_pay_application(tmp_path: Path) -> None:
    """Without keys and headings the table is not recognised, and nothing is taken from it."""
    job = invited(tmp_path, ONE)

    def wipe(book: Workbook) -> None:
        sheet, top, keys = _lines(book)
        for column in keys.values():
            for row in (top, top + 1, top + 2):
                sheet.cell(row, column).value = None

    found = _send(job, wipe, changes=False)
    assert (found.waits, found.outcome) == (True, "table-not-recognised")


@pytest.mark.parametrize(
    "amount", ["10000.01", "999999999999.99", "9999999999999.99", "-1", "-99999999999999.99"]
)
def test_amounts_beyond_a_line_are_returned_and_tie(tmp_path: Path, amount: str) -> None:
    """Too much, absurdly much and below zero are each returned or held, and every stored figure still ties."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    entries = {line: {"work_this_period": Decimal(amount)} for line in ("1", "2", "3")}
    found = hit(job, reply(invite, filled(workbook_of(invite), entries), when=job.now), changes=True)
    assert found.outcome in ("returned", "submission")
    job.verify()


def test_a_huge_comment_and_number_are_cut(tmp_path: Path) -> None:
    """Thirty thousand characters fit nowhere; what is kept is short, and the mails that name it can be sent."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    summary = {"comment": "x\n" * 16000, "invoice_number": "INV " * 8000}
    found = hit(job, reply(invite, filled(workbook_of(invite), BILL, summary), when=job.now), changes=True)
    assert found.outcome == "submission"
    shown = job.show("SC-1/1")
    assert len(str(shown)) < 20_000
    assert len(text_of(found.answers[0])) < 5_000


def test_an_invoice_number_used_before_is_flagged_however_long_it_is(tmp_path: Path) -> None:
    """Numbers are compared as they are kept; one from the opening balances is never the application's own."""
    second = Sub(number="SC-9", vendor="V1", lines=[("1", "03-300", "700")])
    job = invited(tmp_path, Register(subs=[CONCRETE, second]))
    number = "2026-" + "7" * 80
    for sub in (CONCRETE, second):
        invite = job.last_mail(sub.address, f"invite to bill: Clinic, {sub.number}")
        data = filled(workbook_of(invite), {"1": {"work_this_period": "10"}}, {"invoice_number": number})
        hit(job, reply(invite, data, when=job.now), changes=True)
    codes = [one["code"] for one in job.show("SC-9/1")["findings"]]
    assert "invoice-number-repeated" in codes
