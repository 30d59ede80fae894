"""Builders of a review: two applications, one commitment that did not answer, one message that waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from batch.core.model import (
    Basis,
    CommitmentType,
    Deduction,
    InviteKind,
    LinePosition,
    RetainageTerms,
    SovLine,
)
from batch.formats.review import (
    NotAnswered,
    ReviewApplication,
    ReviewContent,
    ReviewControl,
    ReviewException,
)
from tests.core.builders import amounts

CREATED = datetime(2026, 4, 27, 12, 0, tzinfo=UTC)
STAMP = "mzxw6ytboi2dgnjt"


def sov(*rows: tuple[str, str, str, str, str]) -> tuple[SovLine, ...]:
    """Lines from (key, description, cost code, value, change order)."""
    return tuple(
        SovLine(
            key=key,
            item=key.removeprefix("L"),
            description=description,
            cost_code=code,
            scheduled_value=Decimal(value),
            change_order=change,
        )
        for key, description, code, value, change in rows
    )


def a_position(work: str, stored: str = "0.00", released: str = "0.00") -> LinePosition:
    """A position at ten per cent on both."""
    return LinePosition(
        work=Decimal(work),
        stored=Decimal(stored),
        withheld_work=(Decimal(work) / 10).quantize(Decimal("0.01")),
        withheld_stored=(Decimal(stored) / 10).quantize(Decimal("0.01")),
        released=Decimal(released),
    )


def a_basis(**changes: Any) -> Basis:
    """Application 2 on SC-1001: concrete, three lines and a change order, ten per cent retainage."""
    basis = Basis(
        company="Northbridge Builders",
        project="24-101",
        project_name="Lakeside Clinic",
        commitment="SC-1001",
        commitment_title="Concrete",
        vendor="ACME01",
        vendor_name="Acme Concrete LLC",
        period=2,
        period_from=date(2026, 4, 1),
        period_to=date(2026, 4, 30),
        issue=1,
        kind=InviteKind.BOTH,
        sov_version=2,
        application_number=2,
        currency="USD",
        retainage=RetainageTerms(work=Decimal(10), stored=Decimal(10)),
        lines=sov(
            ("L1", "Footings and foundation walls", "03-3000", "48000.00", ""),
            ("L2", "Slab on grade, level 1", "03-3100", "36500.00", ""),
            ("L3", "Reinforcing steel, delivered and placed", "03-2000", "22750.00", ""),
            ("L4", "CO-1 Thicker slab at the scanner room", "03-3100", "4200.00", "CO-1"),
        ),
        positions={"L1": a_position("24000.00"), "L3": a_position("5000.00", "8000.00")},
        previous_certificates=Decimal("33300.00"),
        deductions=(
            Deduction(number="BC-1", description="Clean-up", cost_code="01-7400", amount=Decimal("650.00")),
        ),
    )
    return replace(basis, **changes)


def a_steel_basis(**changes: Any) -> Basis:
    """Application 1 on SC-1002: steel, two lines."""
    given = {
        "commitment": "SC-1002",
        "commitment_title": "Structural steel",
        "vendor": "BEAM02",
        "vendor_name": "Beam & Sons Steel Erectors",
        "application_number": 1,
        "lines": sov(
            ("L1", "Columns and beams", "05-1200", "88000.00", ""),
            ("L2", "Metal deck", "05-3100", "19400.00", ""),
        ),
        "positions": {},
        "previous_certificates": Decimal("0.00"),
        "deductions": (),
        "kind": InviteKind.WORK,
    }
    return a_basis(**(given | changes))


def an_application(**changes: Any) -> ReviewApplication:
    """The concrete application: work on two lines, less steel stored, a release, a finding."""
    application = ReviewApplication(
        application_id="SC-1001/2",
        revision=1,
        commitment_type=CommitmentType.SUBCONTRACT,
        basis=a_basis(),
        claim={
            "L1": amounts("12000.00", release="500.00"),
            "L2": amounts("9125.00", "2400.00"),
            "L3": amounts("6000.00", "2000.00"),
        },
        status="Under Review",
        received_at=datetime(2026, 4, 25, 21, 14, tzinfo=UTC),
        invoice_number="INV-2043",
        flags=("Work billed before on line 1 was changed from 24,000.00 to 26,500.00; ours was used.",),
        comment="Slab poured on the 23rd.",
    )
    return replace(application, **changes)


def a_steel_application(**changes: Any) -> ReviewApplication:
    """The steel application: its first, late."""
    given = {
        "application_id": "SC-1002/1",
        "revision": 3,
        "basis": a_steel_basis(),
        "claim": {"L1": amounts("17600.00", "30000.00")},
        "late": True,
        "invoice_number": "",
        "flags": (),
        "comment": "",
    }
    return an_application(**(given | changes))


def a_silent_one(**changes: Any) -> NotAnswered:
    """A purchase order without an answer, with stored materials from before."""
    basis = a_basis(
        commitment="PO-7",
        commitment_title="Doors",
        vendor="DOOR04",
        vendor_name="Door & Hardware Supply",
        lines=sov(
            ("L1", "Hollow metal doors", "08-1100", "12600.00", ""),
            ("L2", "Hardware", "08-7100", "3900.00", ""),
        ),
        positions={"L1": a_position("0.00", "4200.00")},
        previous_certificates=Decimal("3780.00"),
        deductions=(),
    )
    given = NotAnswered(
        invite_id="24-101/2/PO-7",
        commitment_type=CommitmentType.PURCHASE_ORDER,
        basis=basis,
        state="Accepted",
        due_at=datetime(2026, 4, 25, 22, 0, tzinfo=UTC),
        note="Accepted on 2026-04-21; two reminders sent.",
    )
    return replace(given, **changes)


def a_review(**changes: Any) -> ReviewContent:
    """April at the Lakeside Clinic."""
    content = ReviewContent(
        project="24-101",
        project_name="Lakeside Clinic",
        period="April 2026 (2026-04-01 to 2026-04-30)",
        company="Northbridge Builders",
        currency="USD",
        time_zone="America/Chicago",
        applications=(an_application(), a_steel_application()),
        not_answered=(a_silent_one(),),
        exceptions=(
            ReviewException(
                number="M-18",
                received_at=datetime(2026, 4, 24, 15, 2, tzinfo=UTC),
                sender="pat@curbandpave.example",
                subject="Re: Invite to bill, April",
                what="The mail holds no workbook, and its text is neither an acceptance nor a decline.",
            ),
        ),
        controls=(
            ReviewControl(
                label="Certified before, by the ledger and by the applications",
                found=Decimal("33300.00"),
                expected=Decimal("33300.00"),
                currency="USD",
            ),
        ),
    )
    return replace(content, **changes)
