"""Small filled databases for the tests of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table

from batch.core import states
from batch.core.model import InviteKind
from batch.edges.store import tables as t
from batch.edges.store.engine import Store, migrate, open_store
from batch.edges.store.events import Actor, insert_rows_with_event, insert_with_event
from batch.edges.store.register_rows import upsert

AT = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
ADMIN: Actor = ("admin", 1)
SYSTEM: Actor = ("system", None)

SOME_TERMS: dict[str, Any] = {
    "description": "JCT",
    "counted_from": "period end",
    "due": "7",
    "notice": "5",
    "final": "14",
    "pay_less": "5",
    "holidays": "GB-ENG",
}
A_PROJECT: dict[str, Any] = {
    "name": "Harbour House",
    "client_name": "Harbour Estates",
    "location": "Pier 1",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "locale": "en-US",
    "rounding": "half up",
    "cycle": "monthly",
    "first_start": date(2024, 1, 1),
    "end_day": 31,
    "invite_offset": -5,
    "reminder_offsets": [-1, 1],
    "due_offset": 2,
    "close_offset": 5,
    "invite_time": "08:00",
    "due_time": "17:00",
    "hold_answers": False,
    "client_first": True,
    "default_invite_kind": "work",
    "after_change": "issue again",
    "over_line": "block",
    "over_change_order": "block",
    "over_contract": "block",
    "backup": "off",
    "backup_above": None,
}
A_COMMITMENT: dict[str, Any] = {
    "project": "P-1",
    "vendor": "V-1",
    "kind": "subcontract",
    "title": "Concrete",
    "status": "approved",
    "billed_by": "invite",
    "currency": "USD",
    "retainage_work": Decimal(10),
    "retainage_stored": Decimal("7.5"),
    "payment_days": 30,
    "invite_kind": None,
    "stored_mode": "classic",
    "over_line": None,
    "over_change_order": None,
    "over_contract": None,
    "backup": None,
    "backup_above": None,
}
A_LINE: dict[str, Any] = {
    "item": "1",
    "position": 1,
    "description": "Footings",
    "cost_code": "03-100",
    "scheduled_value": Decimal("1000.00"),
    "change_order": None,
}


def an_empty_store(folder: Path) -> Store:
    """A database with the present schema and no rows."""
    store = open_store(f"sqlite:///{folder}/billings.db")
    migrate(store)
    return store


def a_filled_store(folder: Path) -> Store:
    """A database with a project, a commitment of two lines, an issued invite and an approved application."""
    store = an_empty_store(folder)
    with store.write() as conn:
        fill_register(conn)
        fill_billing(conn)
    return store


def fill_register(conn: Connection) -> None:
    """One project, vendor, admin and commitment with two lines; the second belongs to a change order."""
    for sheet, key, values in (
        ("admin", ("ann@example.com",), an_admin()),
        ("payment_terms", ("JCT",), SOME_TERMS),
        ("project", ("P-1",), A_PROJECT),
        ("tax_code", ("VAT20",), {"description": "VAT", "rate": Decimal(20), "kind": "charged"}),
        ("exchange_rate", ("EUR", "USD", date(2024, 2, 1)), {"rate": Decimal("1.0835")}),
        ("vendor", ("V-1",), {"name": "Concrete Brothers", "address": "1 Mill Road", "erp_vendor": "20100"}),
        ("commitment", ("SC-1",), A_COMMITMENT),
        (
            "change_order",
            ("SC-1", "CO-1"),
            {"title": "Ramp", "status": "approved", "approved_on": date(2024, 2, 1)},
        ),
        ("sov_line", ("SC-1", "L1"), A_LINE),
        ("sov_line", ("SC-1", "L2"), {**A_LINE, "item": "2", "position": 2, "change_order": "CO-1"}),
    ):
        upsert(conn, sheet, key, values, at=AT, actor=ADMIN)


def an_admin() -> dict[str, Any]:
    """An admin who may approve up to a limit on one project."""
    return {
        "name": "Ann",
        "projects": ["P-1"],
        "may": ["approve", "read"],
        "limit": Decimal("50000.00"),
        "currency": "USD",
    }


def fill_billing(conn: Connection) -> None:
    """A period, an issued invite with its line, a mail, and the approved application with its ledger rows."""
    period = add(conn, t.billing_period, a_period())
    invite = add(conn, t.invite, an_invite(period))
    add(conn, t.invite_line, an_invite_line(invite))
    mail = add(conn, t.inbox, a_mail())
    application = add(conn, t.application, an_application(period, invite, mail))
    add(conn, t.application_line, a_claim(application))
    add(conn, t.application_summary, a_summary(application, "claimed"))
    add(conn, t.application_summary, a_summary(application, "approved"))
    insert_rows_with_event(
        conn,
        t.line_ledger,
        [a_movement(application, key) for key in ("L1", "L2")],
        chain="project-1",
        at=AT,
        what="ledger",
        actor=ADMIN,
        subject=("application", application),
    )


def add(conn: Connection, table: Table, values: dict[str, Any]) -> int:
    """One row with its event in the project's chain."""
    return insert_with_event(
        conn, table, values, chain="project-1", at=AT, what=f"{table.name}-added", actor=SYSTEM
    )


def a_period() -> dict[str, Any]:
    """The first period of the project."""
    days = {name: date(2024, 1, 31) for name in ("end_on", "billing_on")}
    instants = dict.fromkeys(("invite_at", "due_at", "close_at"), AT)
    start = {"project_id": 1, "number": 1, "start_on": date(2024, 1, 1), "state": states.Period.OPEN}
    return {**start, **days, **instants}


def an_invite(period: int) -> dict[str, Any]:
    """An issued invite of the commitment."""
    return {
        "period_id": period,
        "commitment_id": 1,
        "kind": InviteKind.WORK,
        "issue": 1,
        "state": states.Invite.ANSWERED,
        "application_number": 1,
        "sov_version": 1,
        "currency": "USD",
        "previous_certificates_minor": 0,
        "retainage_work_ppm": 100_000,
        "retainage_stored_ppm": 75_000,
        "basis": {"deductions": [["D-1", "12.50"]]},
        "workbook_sha": "ab" * 32,
        "issued_at": AT,
    }


def an_invite_line(invite: int) -> dict[str, Any]:
    """The first line as it was issued."""
    text = {
        "line_key": "L1",
        "item": "1",
        "description": "Footings",
        "cost_code": "03-100",
        "change_order": "",
    }
    return {
        **text,
        **amounts_of(t.invite_line, 0),
        "invite_id": invite,
        "position": 1,
        "scheduled_value_minor": 100_000,
    }


def a_mail(sha256: str = "cd" * 32, uid: int = 7) -> dict[str, Any]:
    """A received mail that was processed."""
    return {
        "account": "billing",
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid": uid,
        "sha256": sha256,
        "content_sha": sha256,
        "size": 100,
        "received_at": AT,
        "state": states.Incoming.PROCESSED,
        "sender": "carla@example.com",
        "subject": "Re: invite",
        "message_id": "<1@example.com>",
    }


def an_application(period: int, invite: int, mail: int | None) -> dict[str, Any]:
    """The first application of the commitment, approved."""
    return {
        "commitment_id": 1,
        "number": 1,
        "revision_number": 0,
        "period_id": period,
        "invite_id": invite,
        "state": states.Application.APPROVED,
        "currency": "USD",
        "inbox_id": mail,
        "claim_sha": "ef" * 32,
        "invoice_number": "INV-1",
        "comment": "",
        "sender": "carla@example.com",
        "received_at": AT,
        "submitted_at": AT,
        "approved_at": AT,
    }


def a_claim(application: int) -> dict[str, Any]:
    """What was claimed and approved on the first line."""
    return {
        **amounts_of(t.application_line, 40_000),
        "application_id": application,
        "line_key": "L1",
        "reason": "",
    }


def a_summary(application: int, side: str) -> dict[str, Any]:
    """A summary with the same figure everywhere."""
    return {**amounts_of(t.application_summary, 36_000), "application_id": application, "side": side}


def a_movement(application: int, line_key: str) -> dict[str, Any]:
    """A row of the ledger of work and stored materials."""
    return {
        "commitment_id": 1,
        "line_key": line_key,
        "application_id": application,
        "ordinal": 1,
        "work_minor": 40_000,
        "stored_minor": 0,
        "at": AT,
    }


def amounts_of(table: Table, minor: int) -> dict[str, int]:
    """The same amount in every amount column of a table."""
    return {column.name: minor for column in table.columns if column.name.endswith("_minor")}
