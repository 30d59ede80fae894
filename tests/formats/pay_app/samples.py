"""A valid basis of each sort, and a workbook rendered from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from batch.core.billing import certified
from batch.core.methods import Measure, Method
from batch.core.model import (
    Basis,
    Deduction,
    InviteKind,
    LineAmounts,
    LinePosition,
    PendingChangeOrder,
    RetainageTerms,
    SovLine,
)
from batch.formats.pay_app.template import build
from batch.formats.pay_app.write import render
from batch.formats.terms import terms_for

TOKEN = "abcdefgh234567aa"
CREATED = datetime(2025, 2, 20, 8, tzinfo=UTC)
TEMPLATE = build()


def money(text: str) -> Decimal:
    """An amount."""
    return Decimal(text)


def a_line(key: str, item: str, description: str, value: str, *, code: str = "", change: str = "") -> SovLine:
    """A line of the schedule of values."""
    return SovLine(
        key=key,
        item=item,
        description=description,
        cost_code=code,
        scheduled_value=money(value),
        change_order=change,
    )


LINES = (
    a_line("L1", "1", "Mobilization and temporary power", "12500.00", code="26-0100"),
    a_line("L2", "2", "Underground conduit and duct bank", "48250.00", code="26-0530"),
    a_line("L3", "3", "Switchgear and panelboards, supply", "96400.50", code="26-2400"),
    a_line(
        "L4",
        "4",
        "Branch wiring, level 1 to level 3, including devices and cover plates",
        "88000.00",
        code="26-2700",
    ),
    a_line("L5", "5", "Lighting fixtures", "61000.00", code="26-5100"),
    a_line("L6", "6", "Testing and closeout", "9849.50", code="26-0800"),
    a_line("C1", "CO1", "Added receptacles at lobby", "4200.00", code="26-2700", change="CO-001"),
    a_line("C2", "CO2", "Credit: deleted site lighting", "-3500.00", code="26-5100", change="CO-002"),
)
POSITIONS = {
    "L1": LinePosition(work=money("12500.00"), withheld_work=money("1250.00")),
    "L2": LinePosition(work=money("20000.00"), withheld_work=money("2000.00")),
    "L3": LinePosition(
        work=money("10000.00"), stored=money("15000.00"),
        withheld_work=money("1000.00"), withheld_stored=money("750.00"),
    ),
    "L4": LinePosition(
        work=money("8000.00"), withheld_work=money("650.00"), released=money("100.00"),
        opening_work=money("6000.00"), opening_withheld_work=money("450.00"),
    ),
}  # fmt: skip


def a_basis(**changes: Any) -> Basis:
    """Application 3 of an electrical subcontract: lines begun, two change orders, an opening tranche."""
    made = Basis(
        company="Granite Peak Builders",
        project="P-2041",
        project_name="Riverside Medical Office Building",
        commitment="SC-2041-07",
        commitment_title="Electrical work",
        vendor="V-118",
        vendor_name="Harbor Electric LLC",
        period=3,
        period_from=date(2025, 2, 1),
        period_to=date(2025, 2, 28),
        issue=1,
        kind=InviteKind.WORK,
        sov_version=2,
        application_number=3,
        currency="USD",
        retainage=RetainageTerms(work=money("10"), stored=money("5")),
        lines=LINES,
        positions=POSITIONS,
        previous_certificates=certified(POSITIONS, "USD"),
        pending_change_orders=(
            PendingChangeOrder(
                number="CO-003", title="Emergency generator connection", amount=money("7800.00")
            ),
        ),
    )
    return replace(made, **changes)


#: The lines with other ways of billing: by quantity, re-measured and beyond its quantity, a milestone, a deduction.
MIXED = (
    replace(
        LINES[0], scheduled_value=money("6093.75"), method=Method.UNIT_PRICE,
        measure=Measure(quantity=money("125"), unit="LF", unit_price=money("48.75")),
    ),
    replace(LINES[1], scheduled_value=money("9000.00"), method=Method.MILESTONE),
    replace(
        LINES[2], scheduled_value=money("800.00"), method=Method.UNIT_PRICE,
        measure=Measure(quantity=money("10"), unit="m3", unit_price=money("80"), remeasured=True),
    ),
    LINES[3],
    replace(
        LINES[7], scheduled_value=money("-150.00"), method=Method.UNIT_PRICE,
        measure=Measure(quantity=money("-12"), unit="each", unit_price=money("12.5")),
    ),
)  # fmt: skip
MIXED_POSITIONS = {
    "L1": LinePosition(work=money("1950.00"), withheld_work=money("195.00"), quantity=money("40")),
    "L3": LinePosition(work=money("640.00"), withheld_work=money("64.00"), quantity=money("8")),
}
MIXED_ENTRIES = {
    "L1": LineAmounts(work=money("1828.13"), quantity=money("77.5")),
    "L2": LineAmounts(work=money("9000.00")),
    "L3": LineAmounts(work=money("320.00"), quantity=money("12")),
    "L4": LineAmounts(work=money("100.00")),
    "C2": LineAmounts(work=money("-75.00"), quantity=money("-6")),
}


def a_mixed_basis(**changes: Any) -> Basis:
    """The same contract with all four ways of billing."""
    certified_before = certified(MIXED_POSITIONS, "USD")
    return a_basis(lines=MIXED, positions=MIXED_POSITIONS, previous_certificates=certified_before, **changes)


A_DEDUCTION = Deduction(
    number="BC-01", description="Clean-up by others, January", cost_code="01-7400", amount=money("350.00")
)


def a_workbook(
    basis: Basis | None = None,
    *,
    locale: str = "en-US",
    entries: Mapping[str, LineAmounts] | None = None,
    **more: Any,
) -> bytes:
    """A rendered workbook; `more` goes to the renderer."""
    return render(
        TEMPLATE,
        basis or a_basis(),
        token=TOKEN,
        terms=terms_for(locale),
        created=CREATED,
        locale=locale,
        due="Tuesday, March 4, 2025, 5:00 PM",
        company="Granite Peak Builders",
        contact="Dana Ruiz, billing@granitepeak.example",
        entries=entries,
        **more,
    )
