"""Figures of a bill beyond the stories of the trade: other currencies, what a workbook shows, and how identities break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from batch.core import billing
from batch.core.billing import UnknownLineError, assert_identities, bill
from batch.core.line_changes import LineChange
from batch.core.model import Bill, BilledLine, Deduction, LineAmounts, LinePosition
from batch.core.money import MoneyError, Rounding
from batch.core.settings import StoredMode
from tests.core.builders import (
    S02_AMOUNTS,
    SECOND,
    a_basis,
    a_line,
    a_position,
    amounts,
    lines_of,
    terms,
)

COLUMNS = (
    "work_previous",
    "work_this_period",
    "stored_previous",
    "materials_stored",
    "completed_and_stored",
    "balance_to_finish",
    "withheld_this_period",
    "released_this_period",
    "held_work",
    "held_stored",
    "retainage_held",
)
CAPPED = replace(terms(), cap_amount=Decimal(1000))


def columns(row: BilledLine) -> list[str]:
    """The columns of a line as text, in the order of the sheet."""
    return [str(getattr(row, name)) for name in COLUMNS]


def texts(made: Bill) -> list[str]:
    """The summary as text, L1 to L9 and the gross movement."""
    return [str(each) for each in vars(made.summary).values()]


@pytest.mark.parametrize(
    ("currency", "row", "summary"),
    [
        (
            "USD",
            "400.00 100.00 50.00 30.00 530.00 470.00 8.00 5.00 45.00 3.00 48.00",
            "1000.00 0.00 1000.00 530.00 45.00 3.00 48.00 482.00 405.00 77.00 518.00 80.00",
        ),
        ("JPY", "400 100 50 30 530 470 8 5 45 3 48", "1000 0 1000 530 45 3 48 482 405 77 518 80"),
        (
            "KWD",
            "400.000 100.000 50.000 30.000 530.000 470.000 8.000 5.000 45.000 3.000 48.000",
            "1000.000 0.000 1000.000 530.000 45.000 3.000 48.000 482.000 405.000 77.000 518.000 80.000",
        ),
    ],
)
def test_every_figure_has_the_decimals_of_its_currency(currency: str, row: str, summary: str) -> None:
    """Columns and summary lines are written with no, two or three decimals, whatever they came in with."""
    basis = a_basis(
        currency=currency,
        lines=(replace(a_line("L1", "1000.00"), scheduled_value=Decimal(1000)),),
        positions={"L1": a_position("400.00", "50.00", "40.00", "5.00")},
        previous_certificates=Decimal("405.0000"),
    )
    made = bill(basis, {"L1": LineAmounts(work=Decimal(100), stored=Decimal(30), release=Decimal(5))})
    assert_identities(made, basis)
    assert columns(made.lines[0]) == row.split()
    assert texts(made) == summary.split()
    assert str(billing.certified(billing.positions_after(made), currency)) == texts(made)[7]
    assert str(billing.payable(made, [])) == texts(made)[9]
    assert str(billing.certified({}, currency)) == texts(made)[1]


def test_half_a_cent_goes_as_the_project_says() -> None:
    """Ten per cent of 100.05 is 10.01, or 10.00 to even."""
    for rounding, expected in ((Rounding.HALF_UP, "10.01"), (Rounding.HALF_EVEN, "10.00")):
        made = bill(a_basis(rounding=rounding), {"L1": amounts("100.05")})
        assert str(made.summary.retainage_total) == expected


def test_lines_that_are_not_named() -> None:
    """A line without amounts keeps its stored materials, or bills them where they become work of this period."""
    at = {"L2": a_position(stored="700.00", on_stored="70.00")}
    basis = a_basis(positions=at, previous_certificates=Decimal("630.00"))
    assert columns(bill(basis, {}).lines[1])[:5] == ["0.00", "0.00", "700.00", "700.00", "700.00"]
    to_this = replace(basis, stored_mode=StoredMode.TO_THIS, stored_moved={"L2": Decimal("700.00")})
    assert columns(bill(to_this, {}).lines[1])[:5] == ["0.00", "700.00", "700.00", "0.00", "700.00"]
    rows = billing.bill_lines(basis.lines, at, {}, terms(), "USD", Rounding.HALF_UP)
    assert [str(row.materials_stored) for row in rows] == ["0.00", "700.00", "0.00"]
    assert [row.line.key for row in rows] == ["L1", "L2", "L3"]


def test_every_line_that_does_not_exist_is_named() -> None:
    """All unknown keys are in the sentence, in their order."""
    with pytest.raises(UnknownLineError) as told:
        bill(a_basis(), {"L9": amounts(), "L1": amounts(), "L8": amounts()})
    assert str(told.value) == "no line of the schedule of values: L8, L9"


@pytest.mark.parametrize(
    "given",
    [
        {"work": Decimal("1.005")},
        {"stored": Decimal("1.005")},
        {"release": Decimal("1.005")},
        {"work": Decimal("1E14")},
    ],
)
def test_no_fraction_of_a_cent_is_billed(given: dict[str, Decimal]) -> None:
    """Work, stored materials and releases are exact in the currency, or refused."""
    with pytest.raises(MoneyError):
        bill(a_basis(), {"L1": LineAmounts(**given)})


@pytest.mark.parametrize(
    ("before", "given", "expected"),
    [(None, None, "0"), ("4.5", None, "4.5"), ("4.5", "6.25", "6.25"), ("4.5", "0", "0")],
)
def test_the_quantity_to_date_is_kept(before: str | None, given: str | None, expected: str) -> None:
    """A quantity that is not entered stands as it was; one that is entered replaces it, 0 too."""
    at = {} if before is None else {"L1": LinePosition(quantity=Decimal(before))}
    entered = LineAmounts(quantity=None if given is None else Decimal(given))
    made = bill(a_basis(positions=at), {"L1": entered})
    assert made.lines[0].position.quantity == Decimal(expected)


def test_the_contract_sum_and_its_changes() -> None:
    """A change order's own line, and what change orders did to another line, are net changes; the rest is original."""
    change = LineChange(key="X1", change_order="2", description="", amount=Decimal("-150.00"))
    lines = (
        replace(a_line("L1", "850.00"), changes=(change,)),
        a_line("L2", "500.00"),
        a_line("C1", "200.00", change_order="1"),
    )
    made = bill(a_basis(lines=lines), {})
    assert texts(made)[:3] == ["1500.00", "50.00", "1550.00"]
    assert [str(billing.by_change_order(line)) for line in lines] == ["-150.00", "0", "200.00"]


def test_a_workbook_shows_retainage_by_contract_as_certified() -> None:
    """Under a cap a workbook shows what was held before, on lines and in L5 to L9; the work is that of now."""
    at = {"L1": a_position("1000.00", "200.00", "100.00", "20.00", "110.00")}
    basis = a_basis(retainage=CAPPED, positions=at, previous_certificates=Decimal("1190.00"))
    made = bill(basis, {"L1": amounts("500.00", "200.00"), "L2": amounts("700.00")})
    shown = billing.as_in_workbook(made, basis)
    assert [columns(row)[8:] for row in made.lines] == [
        ["40.00", "20.00", "60.00"],
        ["70.00", "0.00", "70.00"],
        ["0.00", "0.00", "0.00"],
    ]
    assert [columns(row)[8:] for row in shown.lines] == [
        ["0.00", "10.00", "10.00"],
        ["0.00", "0.00", "0.00"],
        ["0.00", "0.00", "0.00"],
    ]
    assert [columns(row)[:8] for row in shown.lines] == [columns(row)[:8] for row in made.lines]
    assert texts(shown)[3:] == [
        "2400.00", "0.00", "10.00", "10.00", "2390.00", "1190.00", "1200.00", "47610.00", "1200.00",
    ]  # fmt: skip
    assert shown.currency == "USD"


def test_a_workbook_without_cents_shows_none() -> None:
    """In yen what was certified is shown in whole yen, on a line that was never billed too."""
    at = {"L1": LinePosition(work=Decimal(1000), withheld_work=Decimal(100))}
    basis = a_basis(
        currency="JPY",
        lines=lines_of("10000", "10000"),
        retainage=CAPPED,
        positions=at,
        previous_certificates=Decimal(900),
    )
    shown = billing.as_in_workbook(bill(basis, {"L1": amounts("10", "0", "0")}), basis)
    assert [columns(row)[8:] for row in shown.lines] == [["100", "0", "100"], ["0", "0", "0"]]
    assert texts(shown)[4:7] == ["100", "0", "100"]


def test_a_workbook_computes_flat_rates_itself() -> None:
    """Where each line's rates say its retainage, the workbook shows the bill as it is."""
    made = bill(SECOND, S02_AMOUNTS)
    assert billing.as_in_workbook(made, SECOND) is made


@pytest.mark.parametrize(
    ("currency", "charges", "expected"),
    [("USD", ["0.01", "650.00"], "8149.99"), ("JPY", ["10", "20"], "8770")],
)
def test_deductions_leave_what_is_payable(currency: str, charges: list[str], expected: str) -> None:
    """All deductions are taken off the payment due."""
    taken = [Deduction(number=each, description="", cost_code="", amount=Decimal(each)) for each in charges]
    basis = a_basis(currency=currency, lines=lines_of("50000"), retainage=terms("0"))
    made = bill(basis, {"L1": LineAmounts(work=Decimal(8800))})
    assert str(billing.payable(made, taken)) == expected


def test_differences_are_by_line() -> None:
    """Each line has what was claimed and approved, gross and net of what is withheld and released."""
    claimed = bill(SECOND, S02_AMOUNTS)
    approved = bill(SECOND, {**S02_AMOUNTS, "L1": amounts("3000.00", "100.00", "50.00")})
    cut = billing.differences(claimed, approved)
    assert [one.line.key for one in cut] == ["L1", "L2", "L3"]
    first = cut[0]
    assert [str(each) for each in (first.claimed_gross, first.approved_gross, first.gross)] == [
        "4000.00",
        "3100.00",
        "900.00",
    ]
    # Withheld are 400.00, and 310.00 less the 50.00 asked back.
    assert [str(each) for each in (first.claimed_net, first.approved_net, first.net)] == [
        "3600.00",
        "2840.00",
        "760.00",
    ]
    assert [each for one in cut[1:] for each in (one.gross, one.net)] == [0, 0, 0, 0]


def test_differences_need_the_same_lines() -> None:
    """Bills of different schedules of values are not compared."""
    with pytest.raises(ValueError, match="shorter"):
        billing.differences(bill(a_basis(), {}), bill(a_basis(lines=lines_of("1.00")), {}))


@pytest.mark.parametrize(
    ("given", "line", "expected"),
    [
        (LineAmounts(work=Decimal("10000.00")), 0, "100.00"),
        (LineAmounts(work=Decimal("9999.99")), 0, "99.99"),
        (LineAmounts(), 0, "0.00"),
    ],
)
def test_percent_complete(given: LineAmounts, line: int, expected: str) -> None:
    """A line is shown as finished when it is, and not a cent before."""
    assert str(billing.percent_complete(bill(a_basis(), {"L1": given}).lines[line])) == expected


def test_amounts_stay_as_they_were_given() -> None:
    """A bill takes what it is given and changes none of it."""
    given: Mapping[str, LineAmounts] = {"L1": amounts("1.00")}
    bill(a_basis(), given)
    assert given == {"L1": amounts("1.00")}
