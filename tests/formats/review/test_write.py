"""The review workbook as it is written."""

from __future__ import annotations

import difflib
import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.model import InviteKind
from batch.formats.review import ReviewContent, ReviewControl, read, write
from batch.formats.terms import TERMS
from tests.core.builders import amounts
from tests.formats.review.reviews import (
    CREATED,
    STAMP,
    a_basis,
    a_review,
    a_silent_one,
    a_steel_application,
    an_application,
)

GOLDEN = Path(__file__).parent / "golden"


def written(content: ReviewContent | None = None, locale: str = "en-US") -> bytes:
    """The bytes of a review."""
    return write(content or a_review(), created=CREATED, terms=TERMS[locale], stamp=STAMP)


def dump(data: bytes) -> str:
    """Every cell with content, its cached result, and whether it is open for input."""
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    results = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    lines = []
    for sheet in formulas.worksheets:
        lines.append(f"== {sheet.title} ({sheet.sheet_state})")
        for row in sheet.iter_rows():
            for cell in row:
                open_cell = not cell.protection.locked
                if cell.value is None and not open_cell:
                    continue
                result = results[sheet.title][cell.coordinate].value
                shown = f" -> {result!r}" if str(cell.value).startswith("=") else ""
                lines.append(f"{cell.coordinate}{' [input]' if open_cell else ''} {cell.value!r}{shown}")
    return "\n".join(lines) + "\n"


def sheet_of(data: bytes, title: str) -> Worksheet:
    """A sheet of a written workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))[title]
    assert isinstance(sheet, Worksheet)
    return sheet


def column(sheet: Worksheet, key: str) -> str:
    """The letter of a column by its hidden key."""
    return next(str(cell.column_letter) for cell in sheet[3] if cell.value == key)


@pytest.mark.parametrize("locale", ["en-US", "en-GB"])
def test_the_workbook_is_the_golden_one(locale: str) -> None:
    """Every cell of a review with two applications, a silent commitment and a message is as in the dump."""
    golden = GOLDEN / f"review-{locale}.txt"
    made = dump(written(locale=locale))
    if not golden.exists():
        golden.open("x", encoding="utf-8").write(made)
    kept = golden.read_text(encoding="utf-8")
    assert made == kept, "".join(difflib.unified_diff(kept.splitlines(True), made.splitlines(True)))


def test_the_same_review_gives_the_same_bytes() -> None:
    """Bytes depend on the arguments alone; another instant gives other bytes."""
    assert written() == written()
    later = write(a_review(), created=CREATED + timedelta(days=1), terms=TERMS["en-US"], stamp=STAMP)
    assert later != written()


def test_an_empty_review_says_so_on_each_sheet() -> None:
    """Without applications, silent commitments or messages there is a workbook with nothing to read."""
    data = written(ReviewContent(project="P", project_name="", period="1", company="", currency="USD"))
    assert "No application is under review." in dump(data)
    found = read(data)
    assert (found.decisions, found.on_behalf, found.findings) == ((), (), ())


def test_text_from_outside_never_becomes_a_formula() -> None:
    """A description, comment or subject that begins with = stays text."""
    basis = a_basis(vendor_name="=1+1")
    data = written(a_review(applications=(an_application(basis=basis, comment="=cmd()", flags=("+1",)),)))
    sheet = sheet_of(data, "Applications")
    for key in ("vendor", "comment", "flags"):
        assert sheet[f"{column(sheet, key)}5"].data_type == "s"


def test_release_is_open_only_where_the_invite_asks_for_it() -> None:
    """On an invite for work the release column is locked, on one for release the work columns are."""
    release_only = an_application(
        basis=a_basis(kind=InviteKind.RELEASE), claim={"L1": amounts(release="1.00")}
    )
    data = written(a_review(applications=(a_steel_application(), release_only)))
    sheet = sheet_of(data, "Lines")
    locked = [
        [
            sheet[f"{column(sheet, key)}{row}"].protection.locked
            for key in ("approved_work", "approved_release")
        ]
        for row in (6, 10)
    ]
    assert locked == [[False, True], [True, False]]


def test_currencies_are_added_up_apart() -> None:
    """Two currencies have no common total on 'Applications' and a row each on 'Control totals'."""
    yen = a_steel_application(
        application_id="J",
        basis=a_basis(
            currency="JPY", deductions=(), lines=(), positions={}, previous_certificates=Decimal(0)
        ),
        claim={},
    )
    text = dump(written(a_review(applications=(an_application(), yen))))
    assert "Several currencies" in text
    assert "A5 'JPY'" in text
    assert "A6 'USD'" in text


def test_a_control_that_differs_is_called_wrong() -> None:
    """Figures that must agree and do not are told in words, with the difference."""
    control = ReviewControl(label="Ledger", found=Decimal("1.00"), expected=Decimal("3.50"), currency="USD")
    text = dump(written(a_review(controls=(control,))))
    assert "'WRONG'" in text
    assert "Ledger: 1.00 and 3.50 USD, differs by -2.50" in text


def test_a_silent_commitment_starts_with_its_last_stored_balance() -> None:
    """On 'On behalf' work and release are blank and stored materials are what they were."""
    (entry,) = read(written(a_review(not_answered=(a_silent_one(),)))).on_behalf
    assert entry.lines["L1"].stored == Decimal("4200.00")
    assert (entry.lines["L1"].work, entry.lines["L1"].release) == (None, None)
