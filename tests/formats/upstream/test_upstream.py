"""The client application as a workbook."""

from __future__ import annotations

import difflib
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from batch.core.model import ClientLine, CostLine, LinePosition, RetainageTerms
from batch.core.upstream import UpstreamResult, compile_lines
from batch.formats.terms import TERMS
from batch.formats.upstream import ClientApplicationContent, ClientSource, write

GOLDEN = Path(__file__).parent / "golden"
CREATED = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)


def a_client_line(key: str, description: str, code: str, value: str) -> ClientLine:
    """One line of the client contract."""
    return ClientLine(
        key=key,
        item=key.removeprefix("C"),
        description=description,
        cost_code=code,
        scheduled_value=Decimal(value),
    )


def a_cost(commitment: str, vendor: str, code: str, work: str, stored: str = "0.00") -> CostLine:
    """Approved movement on a commitment's first line."""
    return CostLine(
        commitment=commitment,
        vendor_name=vendor,
        application=f"{commitment}/1",
        line_key="L1",
        description=f"Work on {code}",
        cost_code=code,
        work=Decimal(work),
        stored=Decimal(stored),
    )


LINES = (
    a_client_line("C1", "Cast-in-place concrete", "03-300", "120000.00"),
    a_client_line("C2", "Structural steel", "05-120", "88000.00"),
    a_client_line("C3", "Doors and hardware", "08-100", "16500.00"),
)
#: S38: A 6,000 and B 2,500 on 03-300, C 4,000 on 05-120, D 750 on 09-900, which has no client line.
COSTS = (
    a_cost("SC-A", "Acme Concrete LLC", "03-300", "6000.00"),
    a_cost("SC-B", "=Boulder Pumping", "03-300", "2500.00"),
    a_cost("SC-C", "Beam & Sons Steel Erectors", "05-120", "4000.00"),
    a_cost("SC-D", "Dash Painting", "09-900", "750.00"),
)


def s38(
    costs: tuple[CostLine, ...] = COSTS, previous: dict[str, LinePosition] | None = None
) -> UpstreamResult:
    """S38 compiled: the owner keeps back 5 %."""
    terms = RetainageTerms(work=Decimal(5), stored=Decimal(5))
    return compile_lines(costs, LINES, {}, terms, previous or {}, "USD")


def a_content(result: UpstreamResult | None = None) -> ClientApplicationContent:
    """Application 1 to the client."""
    result = result or s38()
    return ClientApplicationContent(
        project="24-101",
        project_name="Lakeside Clinic",
        company="Northbridge Builders",
        client="Lakeside Health Trust",
        contract="LHT-2026-04",
        application_number=1,
        period_from=date(2026, 4, 1),
        period_to=date(2026, 4, 30),
        result=result,
        sources=tuple(
            ClientSource(
                application=cost.application,
                commitment=cost.commitment,
                vendor_name=cost.vendor_name,
                revision=1,
                state="Approved",
                gross=cost.work + cost.stored,
                sha256=f"{number:064x}",
            )
            for number, cost in enumerate(
                (*(c for costs in result.sources.values() for c in costs), *result.unmatched)
            )
        ),
    )


def written(
    content: ClientApplicationContent | None = None, locale: str = "en-US", *, internal: bool = True
) -> bytes:
    """The bytes of a client application."""
    return write(
        content or a_content(), created=CREATED, terms=TERMS[locale], locale=locale, internal=internal
    )


def dump(data: bytes) -> str:
    """Every cell with content, and the cached result of formulas."""
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    results = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    lines = []
    for sheet in formulas.worksheets:
        lines.append(f"== {sheet.title}")
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            live = cell.data_type == "f"
            result = f" -> {results[sheet.title][cell.coordinate].value!r}" if live else ""
            lines.append(f"{cell.coordinate} {cell.value!r}{result}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("locale", ["en-US", "en-AU"])
def test_s38_is_the_golden_workbook(locale: str) -> None:
    """S38: 8,500 and 4,000 billed, 750 listed, 12,500 + 750 = 13,250, retainage 625, net 11,875."""
    golden = GOLDEN / f"s38-{locale}.txt"
    made = dump(written(locale=locale))
    if not golden.exists():
        golden.open("x", encoding="utf-8").write(made)
    kept = golden.read_text(encoding="utf-8")
    assert made == kept, "".join(difflib.unified_diff(kept.splitlines(True), made.splitlines(True)))


def test_cached_results_are_what_the_compilation_says() -> None:
    """Every summary line shows the compiled figure before any program calculates it."""
    result = s38()
    book = openpyxl.load_workbook(io.BytesIO(written(a_content(result))), data_only=True)
    shown = [book["Summary"][f"D{row}"].value for row in range(11, 23)]
    assert [Decimal(str(value)) for value in shown] == list(vars(result.summary).values())
    assert result.summary.current_payment_due == Decimal("11875.00")


def test_the_copy_for_the_client_names_no_subcontractor() -> None:
    """Without the internal sheets only summary and lines are left, and no vendor stands in them."""
    data = written(internal=False)
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["Summary", "Lines"]
    assert "Acme" not in dump(data)
    assert "Acme" in dump(written())


def test_the_same_application_gives_the_same_bytes() -> None:
    """Bytes depend on the arguments alone."""
    assert written() == written()


def test_text_from_outside_never_becomes_a_formula() -> None:
    """A vendor or a client whose name begins with = stays text."""
    data = written(replace(a_content(), client="=1+1"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    formulas = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"
    ]
    assert not [formula for formula in formulas if "Boulder" in str(formula) or "1+1" in str(formula)]


def test_a_period_without_cost_says_so() -> None:
    """Nothing approved: nothing mapped, nothing unmatched, no sources, and the previous figures stand."""
    previous = {"C1": LinePosition(work=Decimal("1000.00"), withheld_work=Decimal("50.00"))}
    text = dump(written(a_content(s38((), previous))))
    assert "No approved cost feeds this application." in text
    assert "Every approved cost has a line in the client contract." in text
    assert "No approved application feeds this one." in text


def test_more_than_the_client_line_allows_is_told_on_exceptions() -> None:
    """An overrun of a client line is billed and listed, with the figure and its limit."""
    over = (*COSTS, a_cost("SC-E", "Door Supply", "08-100", "16500.01"))
    text = dump(written(a_content(s38(over))))
    assert "C3: 16500.01, scheduled value 16500.00." in text
