"""The register by sheet and natural key."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from batch.core.money import MoneyError
from batch.edges.store import tables as t
from batch.edges.store.engine import Store
from batch.edges.store.events import StaleRow
from batch.edges.store.register_rows import CurrencyInUse, UnknownReference, Written, rows, upsert
from batch.edges.store.register_sheets import SHEETS
from batch.edges.store.verify import verify_amounts, verify_chain
from tests.edges.store.builders import A_LINE, A_PROJECT, ADMIN, AT, an_admin

MORE: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "company": (
        ("company",),
        {
            "name": "Main Builders", "legal_lines": ["Main Builders Inc."], "address": "1 Road",
            "currency": "USD", "locale": "en-US", "sender_name": "Billing", "erp_company": "10",
        },
    ),
    "custom_period": (
        ("P-1", 1),
        {
            **dict.fromkeys(("start_on", "end_on", "billing_on"), date(2024, 1, 31)),
            **dict.fromkeys(("invite_on", "due_on", "close_on"), date(2024, 1, 31)),
            "reminders": ["2024-01-20"],
        },
    ),
    "contact": (("SC-1", "carla@example.com"), {"role": "bills", "name": "Carla"}),
    "client_contract": (
        ("P-1",),
        {
            "number": "CC-1", "title": "Main contract", "currency": "USD",
            "retainage_work": Decimal("2.5"), "retainage_stored": Decimal(0),
        },
    ),
    "client_change_order": (
        ("P-1", "CC1"),
        {"title": "More", "status": "approved", "approved_on": date(2024, 1, 9)},
    ),
    "client_line": (
        ("P-1", "C1"),
        {
            "item": "1", "position": 1, "description": "Concrete", "cost_code": "03",
            "scheduled_value": Decimal("9000.00"),
        },
    ),
    "cost_code_map": (("P-1", "03-100", "C1"), {"percent": Decimal(60)}),
    "client_opening": (("P-1",), {"last_application_number": 2, "certified": Decimal("95.00")}),
    "client_opening_line": (
        ("P-1", "C1"),
        {
            "work": Decimal("100.00"), "stored": Decimal("0.00"), "withheld_work": Decimal("5.00"),
            "withheld_stored": Decimal("0.00"), "released": Decimal("0.00"),
        },
    ),
    "deduction": (
        ("SC-1", "D-1"),
        {
            "dated_on": date(2024, 2, 2), "description": "Cleaning", "cost_code": "01", "evidence": "",
            "amount": Decimal("12.50"),
        },
    ),
    "hold": (
        ("H-1",),
        {
            "vendor": None, "commitment": "SC-1", "reason": "Insurance expired", "since": date(2024, 2, 3),
            "released_on": None, "shown": True,
        },
    ),
    "joint_check": (
        ("SC-1", "JC-1"),
        {
            "payee": "Lakeside Supply", "owed": Decimal("2750.00"), "agreed_on": date(2024, 1, 20), "ended_on": None,
        },
    ),
    "opening_commitment": (
        ("SC-1",),
        {
            "last_application_number": 3, "last_date": date(2023, 12, 31), "certified": Decimal("0.10"),
            "invoice_numbers": ["A", "B"], "change_orders_by_month": {"2023-12": "100.00"},
        },
    ),
    "opening_line": (
        ("SC-1", "L1"),
        dict.fromkeys(("work", "stored", "withheld_work", "withheld_stored", "released"), Decimal("1.00")),
    ),
}  # fmt: skip


def put(store: Store, sheet: str, key: tuple[Any, ...], values: dict[str, Any], **more: Any) -> Written:
    """One upsert in a transaction of its own."""
    with store.write() as conn:
        return upsert(conn, sheet, key, values, at=AT, actor=ADMIN, **more)


def read(store: Store, sheet: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows of a sheet."""
    with store.read() as conn:
        return rows(conn, sheet)


def events(store: Store) -> int:
    """How many events there are."""
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(t.event)).scalar_one())


def fill_all(store: Store) -> None:
    """Puts one row on every sheet that the filled database has none on."""
    for sheet in SHEETS:
        if sheet in MORE:
            assert put(store, sheet, *MORE[sheet]) is Written.ADDED


def test_every_sheet_comes_back_as_it_was_put(filled: Store) -> None:
    """Each sheet gives back what was written, under its natural key, at revision 1."""
    fill_all(filled)
    for sheet, (key, values) in MORE.items():
        found = read(filled, sheet)[key]
        assert {name: found[name] for name in values} == values, sheet
        assert found["revision"] == 1
    with filled.read() as conn:
        assert verify_amounts(conn) == verify_chain(conn) == []


def test_every_sheet_can_be_put_again_without_change(filled: Store) -> None:
    """Writing back what was read changes no row and writes no event, on every sheet."""
    fill_all(filled)
    before = events(filled)
    for sheet in SHEETS:
        found = read(filled, sheet)
        assert found, sheet
        for key, values in found.items():
            given = {name: value for name, value in values.items() if name != "revision"}
            assert put(filled, sheet, key, given) is Written.UNCHANGED
    assert events(filled) == before


def test_references_are_natural_keys(filled: Store) -> None:
    """A line names its commitment and change order by number."""
    lines = read(filled, "sov_line")
    assert list(lines) == [("SC-1", "L1"), ("SC-1", "L2")]
    assert (lines["SC-1", "L1"]["change_order"], lines["SC-1", "L2"]["change_order"]) == (None, "CO-1")
    assert read(filled, "commitment")[("SC-1",)]["vendor"] == "V-1"


def test_a_change_goes_up_by_one_revision_and_says_which_fields(filled: Store) -> None:
    """Only the given fields that differ change; the event names the fields, never their text."""
    assert (
        put(filled, "vendor", ("V-1",), {"name": "Concrete Sisters", "address": "1 Mill Road"})
        is Written.CHANGED
    )
    found = read(filled, "vendor")[("V-1",)]
    assert (found["name"], found["address"], found["revision"]) == ("Concrete Sisters", "1 Mill Road", 2)
    with filled.read() as conn:
        body = conn.execute(select(t.event.c.body).order_by(t.event.c.id.desc())).scalars().first()
    assert '"changed":["name"]' in str(body)
    assert "Sisters" not in str(body)


def test_a_row_changed_meanwhile_is_refused(filled: Store) -> None:
    """A writer who saw an older revision is refused."""
    put(filled, "vendor", ("V-1",), {"name": "x"}, revision=1)
    with pytest.raises(StaleRow):
        put(filled, "vendor", ("V-1",), {"name": "y"}, revision=1)


def test_a_reference_to_nothing_is_refused(filled: Store) -> None:
    """A line of an unknown commitment or change order is refused, naming it."""
    with pytest.raises(UnknownReference, match="SC-9"):
        put(filled, "sov_line", ("SC-9", "L1"), A_LINE)
    with pytest.raises(UnknownReference, match="CO-9"):
        put(filled, "sov_line", ("SC-1", "L3"), {**A_LINE, "change_order": "CO-9"})


def test_an_unknown_field_is_refused(filled: Store) -> None:
    """A field that the sheet does not have is an error of the caller."""
    with pytest.raises(KeyError):
        put(filled, "vendor", ("V-1",), {"nme": "x"})


def test_an_inexact_amount_is_refused(filled: Store) -> None:
    """An amount with a fraction of a cent is refused, not rounded."""
    with pytest.raises(MoneyError):
        put(filled, "sov_line", ("SC-1", "L1"), {"scheduled_value": Decimal("1.005")})


def test_a_currency_with_other_decimals_is_refused_while_amounts_stand(filled: Store) -> None:
    """100000 cents must not become 100000 yen."""
    with pytest.raises(CurrencyInUse, match="sov_line"):
        put(filled, "commitment", ("SC-1",), {"currency": "JPY"})
    assert put(filled, "commitment", ("SC-1",), {"currency": "EUR"}) is Written.CHANGED


def test_amounts_of_other_currencies_are_exact(filled: Store) -> None:
    """A limit in yen has no decimals, and comes back as it was."""
    put(filled, "admin", ("bob@example.com",), {**an_admin(), "limit": Decimal(70000), "currency": "JPY"})
    assert read(filled, "admin")[("bob@example.com",)]["limit"] == Decimal(70000)
    put(filled, "admin", ("eve@example.com",), {**an_admin(), "limit": None, "currency": None})
    assert read(filled, "admin")[("eve@example.com",)]["limit"] is None


def test_events_go_to_the_chain_of_the_project(filled: Store) -> None:
    """What belongs to a project is in its chain, the rest in that of the system."""
    put(filled, "project", ("P-2",), A_PROJECT)
    put(filled, "cost_code_map", ("P-2", "1", "C"), {"percent": Decimal(100)})
    with filled.read() as conn:
        found = conn.execute(
            select(t.event.c.chain, t.event.c.what).order_by(t.event.c.id.desc()).limit(2)
        ).all()
    assert [tuple(row) for row in found] == [
        ("project-2", "register-cost_code_map-added"),
        ("system", "register-project-added"),
    ]
