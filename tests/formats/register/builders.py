"""A small valid register; each test spoils one thing of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook

from batch.demo.registers import fill
from batch.formats.register.diff import RegisterPlan, plan
from batch.formats.register.read import RegisterRead, read
from batch.formats.register.reading import Present, Stored
from batch.formats.register.sheets import Key
from batch.formats.register.template import template

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]

_ROWS: Rows = {
    "Company": [{"Name": "Harbour Mechanical Inc.", "Currency": "USD", "Language": "en-US"}],
    "Admins": [
        {"Email": "pat@harbour.example", "Name": "Pat Ellis", "Projects": "*", "May": "approve, enter"}
    ],
    "Projects": [
        {
            "Number": "P1",
            "Name": "Clinic",
            "Client": "Trust",
            "Time zone": "America/Chicago",
            "First period starts": date(2026, 1, 1),
        }
    ],
    "Vendors": [{"Number": "V1", "Name": "Baxter Electric LLC"}],
    "Commitments": [
        {
            "Number": "SC-1",
            "Project": "P1",
            "Vendor": "V1",
            "Type": "subcontract",
            "Title": "Electrical",
            "Status": "approved",
            "Retainage on work": Decimal("0.1"),
            "Retainage on stored": Decimal("0.1"),
        }
    ],
    "Contacts": [{"Commitment": "SC-1", "Email": "ann@baxter.example", "Role": "bills"}],
    "Schedule of values": [
        {
            "Commitment": "SC-1",
            "Line": "1",
            "Description": "Rough-in",
            "Cost code": "26-100",
            "Scheduled value": Decimal("9.95"),
        },
        {
            "Commitment": "SC-1",
            "Line": "2",
            "Description": "Trim",
            "Cost code": "26-200",
            "Scheduled value": Decimal("6000.00"),
        },
    ],
}
OPENING: Rows = {
    "Opening balances": [
        {
            "Commitment": "SC-1",
            "Last application": 2,
            "Last date": date(2025, 12, 31),
            "Certified to date": Decimal("3600.00"),
        }
    ],
    "Opening lines": [
        {
            "Commitment": "SC-1",
            "Line": "2",
            "Work to date": Decimal("3000.00"),
            "Stored": Decimal("1000.00"),
            "Withheld on work": Decimal("300.00"),
            "Withheld on stored": Decimal("100.00"),
            "Released": Decimal("0.00"),
        }
    ],
}


def rows() -> Rows:
    """A valid register as rows by sheet title, free to be changed."""
    return deepcopy(_ROWS)


def with_opening() -> Rows:
    """The same, its commitment having joined midway."""
    return {**rows(), **deepcopy(OPENING)}


def change_order(
    found: Rows, number: str = "1", value: str = "500.00", status: str = "approved", day: str = "2026-01-10"
) -> Rows:
    """Add a change order with one line to a register."""
    header = {"Commitment": "SC-1", "Number": number, "Title": "Extra", "Status": status}
    if status == "approved":
        header["Approved on"] = day
    line = {"Commitment": "SC-1", "Line": f"C{number}", "Description": "Extra", "Cost code": "26-100"}
    found.setdefault("Change orders", []).append(header)
    found["Schedule of values"].append({**line, "Scheduled value": Decimal(value), "Change order": number})
    return found


def workbook(found: Rows) -> bytes:
    """The register workbook with these rows."""
    return fill(template(NOW), found, NOW)


def edited(data: bytes, edit: Callable[[Workbook], object]) -> bytes:
    """A workbook after somebody has worked on it with openpyxl."""
    book = load_workbook(io.BytesIO(data))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_rows(found: Rows, present: Present | None = None) -> RegisterRead:
    """Read the workbook with these rows."""
    return read(workbook(found), present)


def sentences(found: RegisterRead) -> list[str]:
    """The problems as `Sheet B5: sentence`."""
    return [f"{problem.sheet} {problem.cell}: {problem.sentence}".strip() for problem in found.problems]


def stored(found: Rows | RegisterPlan, present: Present | None = None, revision: int = 1) -> Present:
    """What the store has after an import of these rows (or of this plan) into `present`."""
    done = found if isinstance(found, RegisterPlan) else plan(read_rows(found, present), present or {})
    after: dict[str, dict[Key, tuple[Mapping[str, object], int]]] = {
        sheet: dict(kept) for sheet, kept in (present or {}).items()
    }
    for row in (*done.added, *done.changed):
        before = after.setdefault(row.sheet, {}).get(row.key)
        after[row.sheet][row.key] = Stored(row.values, before[1] + 1 if before else revision)
    return after
