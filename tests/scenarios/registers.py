"""The register of a story: one project with its commitments, as rows of the register workbook; and an exported one, edited."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from batch.demo.registers import fill
from batch.formats.register.template import FIRST_ROW, HEADING_ROW, template

ADMIN = "pat@gc.example"
#: Rows by sheet title, each with its cells by heading.
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Sub:
    """A commitment as a story needs it: lines are (code, cost code, scheduled value) or with a change order's number.

    `terms` are more cells of its row, `line_terms` more cells of a line's row, both by heading.
    """

    number: str
    lines: Sequence[tuple[str, ...]]
    retainage: str = "10"
    stored_retainage: str = ""
    kind: str = "subcontract"
    billed_by: str = "invite"
    invite_for: str = ""
    vendor: str = "V1"
    contact: str = ""
    change_orders: Sequence[tuple[str, str, str]] = ()
    terms: Mapping[str, Any] = field(default_factory=dict)
    line_terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: Further cells by heading: of the commitment, and of its lines by their code.
    cells: Mapping[str, Any] = field(default_factory=dict)
    line_cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.contact or f"{self.number.lower()}@sub.example"


@dataclass(frozen=True, kw_only=True)
class Register:
    """The register of a story: one project with commitments."""

    subs: Sequence[Sub]
    project: Mapping[str, Any] = field(default_factory=dict)
    client: Sequence[tuple[str, str, str]] = ()
    client_retainage: str = "5"
    #: Of the client contract: further cells, cells of its lines by their code, and change orders (number, status, day).
    client_cells: Mapping[str, Any] = field(default_factory=dict)
    client_line_cells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    client_changes: Sequence[tuple[str, str, date | None]] = ()
    #: (cost code, client line), or with a percentage as a third.
    mapping: Sequence[tuple[str, ...]] = ()
    deductions: Sequence[tuple[str, ...]] = ()
    openings: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    admins: Sequence[Mapping[str, Any]] = ()
    #: Further cells by heading: of the company, and of every vendor.
    company_cells: Mapping[str, Any] = field(default_factory=dict)
    vendor_cells: Mapping[str, Any] = field(default_factory=dict)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        project = {
            "Number": "P1", "Name": "Clinic", "Client": "Lakeside Trust", "Location": "Chicago",
            "Time zone": "America/Chicago", "Currency": "USD", "Language": "en-US", "Cycle": "monthly",
            "First period starts": date(2026, 1, 1), "Last day": 31, **self.project,
        }  # fmt: skip
        admin = {"Email": ADMIN, "Name": "Pat Ellis", "Projects": "*", "May": "enter, approve, export, read"}
        vendors = sorted({sub.vendor for sub in self.subs})
        made: dict[str, list[dict[str, Any]]] = {
            "Company": [
                {
                    "Name": "Gibson Construction",
                    "Currency": project["Currency"],
                    "Language": project["Language"],
                    **self.company_cells,
                }
            ],
            "Admins": [admin, *(dict(one) for one in self.admins)],
            "Projects": [project],
            "Vendors": [
                {"Number": vendor, "Name": f"Vendor {vendor}", **self.vendor_cells} for vendor in vendors
            ],
            "Commitments": [self._commitment(sub) for sub in self.subs],
            "Contacts": [self._contact(sub) for sub in self.subs],
            "Schedule of values": [row for sub in self.subs for row in self._lines(sub)],
            "Change orders": [self._change_order(sub, one) for sub in self.subs for one in sub.change_orders],
            "Deductions": [self._deduction(one) for one in self.deductions],
            **{title: [dict(row) for row in rows] for title, rows in self.openings.items()},
        }
        made |= self._client_rows() if self.client else {}
        made["Cost code mapping"] = [
            {
                "Project": "P1",
                "Cost code": cost,
                "Client line": line,
                **({"Percent": Decimal(percent[0]) / 100} if percent else {}),
            }
            for cost, line, *percent in self.mapping
        ]
        return {title: rows for title, rows in made.items() if rows}

    def _client_rows(self) -> dict[str, list[dict[str, Any]]]:
        contract: list[dict[str, Any]] = [
            {
                "Project": "P1", "Number": "CC-1", "Title": "Main contract",
                "Retainage on work": Decimal(self.client_retainage) / 100,
                "Retainage on stored": Decimal(self.client_retainage) / 100, **self.client_cells,
            }
        ]  # fmt: skip
        lines = [
            {
                "Project": "P1",
                "Line": code,
                "Description": f"Client line {code}",
                "Cost code": cost,
                "Scheduled value": Decimal(value),
                **self.client_line_cells.get(code, {}),
            }
            for code, cost, value in self.client
        ]
        changes = [
            {
                "Project": "P1",
                "Number": number,
                "Title": f"Client change {number}",
                "Status": status,
                "Approved on": day,
            }
            for number, status, day in self.client_changes
        ]
        return {
            "Client contract": contract,
            "Client schedule of values": lines,
            "Client change orders": changes,
        }

    @staticmethod
    def _commitment(sub: Sub) -> dict[str, Any]:
        return {
            "Number": sub.number, "Project": "P1", "Vendor": sub.vendor, "Type": sub.kind, "Title": f"Work of {sub.number}",
            "Status": "approved", "Billed by": sub.billed_by, "Retainage on work": Decimal(sub.retainage) / 100,
            "Retainage on stored": Decimal(sub.stored_retainage or sub.retainage) / 100, "Payment days": 30,
            "Invite for": sub.invite_for or None, **sub.terms, **sub.cells, **sub.more,
        }  # fmt: skip

    @staticmethod
    def _contact(sub: Sub) -> dict[str, Any]:
        return {
            "Commitment": sub.number,
            "Email": sub.address,
            "Role": "bills",
            "Name": f"Contact of {sub.number}",
        }

    @staticmethod
    def _lines(sub: Sub) -> list[dict[str, Any]]:
        return [
            {
                "Commitment": sub.number, "Line": code, "Description": f"Line {code}", "Cost code": cost,
                "Scheduled value": Decimal(value), "Change order": order[0] if order else None,
                **sub.line_terms.get(code, {}),
                **sub.line_cells.get(code, {}),
            }
            for code, cost, value, *order in sub.lines
        ]  # fmt: skip

    @staticmethod
    def _change_order(sub: Sub, one: tuple[str, str, str]) -> dict[str, Any]:
        number, status, amount = one
        approved = date(2026, 1, 10) if status == "approved" else None
        return {
            "Commitment": sub.number, "Number": number, "Title": f"Change {number}", "Status": status,
            "Approved on": approved, "Amount": Decimal(amount),
        }  # fmt: skip

    @staticmethod
    def _deduction(one: tuple[str, ...]) -> dict[str, Any]:
        commitment, number, amount, *effect = one
        return {
            "Commitment": commitment, "Number": number, "Date": date(2026, 1, 15), "Description": "Clean-up by others",
            "Cost code": "01-740", "Amount": Decimal(amount), "Evidence": "Site ticket",
            "Effect on tax": effect[0] if effect else None,
        }  # fmt: skip


@lru_cache(maxsize=4)
def _template(created: datetime) -> bytes:
    return template(created)


def register_workbook(rows: Rows, created: datetime) -> bytes:
    """A register workbook with these rows, filled in as a person would."""
    return fill(_template(created), rows, created)


def edited(workbook: bytes, changes: Mapping[tuple[str, str], Mapping[str, Any]]) -> bytes:
    """An exported register with cells changed: {(sheet, key cells joined with '/'): {heading: value}}.

    A key that no row has makes a new row below the last one; it has to name its key cells too.
    """
    book = load_workbook(io.BytesIO(workbook))
    for (title, key), cells in changes.items():
        page = book[title]
        columns = {str(cell.value): int(cell.column or 0) for cell in page[HEADING_ROW] if cell.value}
        row = _row_with(page, key.split("/"))
        for heading, value in cells.items():
            page.cell(row, columns[heading]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row_with(page: Worksheet, key: Sequence[str]) -> int:
    """The row whose first cells, behind the stamp, are these; else the first empty row."""
    row = FIRST_ROW
    while any(page.cell(row, column).value is not None for column in range(2, 8)):
        if [str(page.cell(row, column).value) for column in range(2, 2 + len(key))] == list(key):
            return row
        row += 1
    return row
