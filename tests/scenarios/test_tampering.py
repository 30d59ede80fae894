"""Any stored amount altered by hand is found: `verify` ends with 1 and names the table and the key of the row."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from batch.edges.store.tables import metadata
from tests.scenarios.site import (
    ADMIN,
    AFTER_DUE,
    AFTER_DUE_2,
    INVITED,
    INVITED_2,
    Register,
    Site,
    Sub,
    site,
)
from tests.scenarios.test_cis import billed, under_cis
from tests.scenarios.test_client_openings import opened
from tests.scenarios.test_foreign_currency import RATES, first_month
from tests.scenarios.test_foreign_currency import register as in_euros

#: Every column that holds an amount, as table and column.
AMOUNTS = [
    (table.name, column.name)
    for table in sorted(metadata.tables.values(), key=lambda table: table.name)
    for column in table.columns
    if column.name.endswith(("_minor", "_e4", "_e6"))
]
#: Rates, and texts that hold amounts: they are no amounts of a row, but decide some.
OTHERS = [
    (table.name, column.name)
    for table in sorted(metadata.tables.values(), key=lambda table: table.name)
    for column in table.columns
    if column.name.endswith(("_ppm", "_e8")) or column.info.get("proven")
]

#: Tables that only a story with tax fills.
TAX_TABLES = ("tax_code", "application_tax", "application_withholding")

#: Tables that only a story in a foreign currency fills.
#: Written where the client contract was joined midway and the client answered with less.
CLIENT_TABLES = ("certificate", "client_opening", "cost_code_map")
EXCHANGE_TABLES = ("exchange_rate", "application_exchange", "application_exchange_line")

FRESH = Sub(number="SC-1", lines=[("1", "03-300", "50000"), ("C1", "03-310", "1000", "1")],
            change_orders=[("1", "approved", "1000")], invite_for="both", cells={"Payment terms": "NET"})  # fmt: skip
MIDWAY = Sub(number="SC-2", lines=[("1", "05-120", "20000")], vendor="V2")
#: Invited, and not billed: between them their terms have every rule of retainage.
RULED = (
    Sub(
        number="SC-3", lines=[("1", "05-120", "2000")], vendor="V2",
        terms={"Retainage cap": "5%", "Retainage steps": "50%: 5%", "Retainage after completion": "2%"},
        line_terms={"1": {"Retainage on work": "4%", "Retainage on stored": "3%"}},
    ),
    Sub(
        number="SC-4", lines=[("1", "05-120", "2000")], vendor="V2",
        terms={"Cap amount": 100, "Backup above": 25000}, line_terms={"1": {"Retainage amount": 50}},
    ),
)  # fmt: skip
#: Billed by quantity, and joined midway.
MEASURED = Sub(
    number="SC-5", lines=[("1", "33-100", "6093.75")], vendor="V2",
    line_cells={"1": {"Method": "unit price", "Quantity": 125, "Unit": "LF", "Unit price": Decimal("48.75")}},
)  # fmt: skip
OPENING: dict[str, list[dict[str, Any]]] = {
    "Opening balances": [
        {
            "Commitment": "SC-2", "Last application": 2, "Last date": date(2025, 12, 31),
            "Certified to date": Decimal(9150),
        },
        {
            "Commitment": "SC-5", "Last application": 1, "Last date": date(2025, 12, 31),
            "Certified to date": Decimal(1755),
        },
    ],
    "Tax codes": [{"Code": "T8", "Description": "Sales tax", "Kind": "charged", "Rate": "8%"}],
    "Payment terms": [{"Code": "NET", "Counted from": "received", "Pay within": "30"}],
    "Joint checks": [
        {
            "Commitment": "SC-1", "Number": "JC-1", "Joint payee": "Lakeside Supply", "Amount owed": Decimal(500),
            "Agreement date": date(2026, 1, 5),
        }
    ],
    "Opening lines": [
        {
            "Commitment": "SC-2", "Line": "1", "Work to date": Decimal(9000), "Stored": Decimal(1000),
            "Withheld on work": Decimal(900), "Withheld on stored": Decimal(50), "Released": Decimal(100),
        },
        {
            "Commitment": "SC-5", "Line": "1", "Work to date": Decimal(1950), "Quantity to date": Decimal(40),
            "Withheld on work": Decimal(195),
        },
    ],
}  # fmt: skip

CORRECTION = {
    "Commitment": "SC-2", "Sheet": "Schedule of values", "Row": "1", "Column": "Scheduled value",
    "New value": "21000.00", "Date": date(2026, 2, 4), "Reason": "Signed contract",
}  # fmt: skip


def story(job: Site) -> None:
    """Two months in which every kind of amount is written: bills, a cut, a release, the client, the ERP, a correction."""
    job.tick(INVITED)
    job.submit(
        FRESH,
        {"1": {"work_this_period": "20000", "materials_stored": "500"}, "C1": {"percent_to_date": "50"}},
    )
    job.submit(MIDWAY, {"1": {"work_this_period": "3000"}})
    job.submit(MEASURED, {"1": {"quantity_to_date": "77.5"}})
    job.tick(AFTER_DUE)
    cut = {"1": {"approved_work": "19000", "line_reason": "Axis 4 is missing"}}
    job.review({"SC-1": {"decision": "Approve", "lines": cut}, "SC-2": {"decision": "Approve"}})
    job.approve("SC-5")
    job.at("upstream", "compile", "P1", "1")
    job.at("upstream", "issue", "P1", "1", "--by", ADMIN)
    job.at("erp", "export", "P1", "--target", "quickbooks-iif")
    job.edit_register({("Corrections", "new"): CORRECTION})
    job.tick(INVITED_2)
    job.submit(FRESH, {"1": {"retainage_release": "400"}})
    job.tick(AFTER_DUE_2)
    job.approve("SC-1")
    job.at("upstream", "release", "P1", "2", "--amount", "10", "--by", ADMIN)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The installation after its story, with the triggers dropped that would refuse a change by hand."""
    register = Register(
        subs=[FRESH, MIDWAY, MEASURED, *RULED],
        project={"Backup above": 90000},
        client=[("10", "03-300", "60000"), ("20", "05-120", "30000"), ("30", "03-310", "5000")],
        client_cells={"Retainage cap": "5%", "Retainage after completion": "2%", "Tax code": "T8"},
        client_line_cells={
            "10": {"Retainage on work": "4%", "Retainage on stored": "3%"},
            "30": {"Retainage amount": 50},
        },
        deductions=[("SC-1", "BC-1", "650")],
        openings=OPENING,
        admins=[
            {
                "Email": "lee@gc.example",
                "Name": "Lee",
                "Projects": "*",
                "May": "approve",
                "Approval limit": 10,
            }
        ],
    )
    with site(tmp_path_factory.mktemp("told"), register) as job:
        story(job)
        job.verify()
        drop_triggers(job)
        yield job


@pytest.fixture(scope="module")
def taxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation that approved a bill with tax charged and tax withheld, its triggers dropped."""
    sub, register = under_cis("registered")
    register = replace(register, client=[("10", "03-300", "60000")], client_cells={"Cap amount": 100})
    with site(tmp_path_factory.mktemp("taxed"), register) as job:
        billed(job, sub, materials_in_payment="22500")
        job.verify()
        drop_triggers(job)
        yield job


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation that approved a bill in a foreign currency, its triggers dropped."""
    with site(tmp_path_factory.mktemp("foreign"), in_euros(RATES)) as job:
        first_month(job)
        job.approve("SC-1", "SC-2")
        job.verify()
        drop_triggers(job)
        yield job


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation with a client contract that was joined midway, a cost code on two lines, and a certificate that cuts."""
    register = opened()
    codes = [{"Code": "T8", "Description": "Sales tax", "Kind": "charged", "Rate": "8%"}]
    register = replace(
        register,
        client_cells={"Tax code": "T8"},
        mapping=[("03-300", "10", "60"), ("03-300", "20", "40")],
        openings={**register.openings, "Tax codes": codes},
    )
    with site(tmp_path_factory.mktemp("answered"), register) as job:
        job.tick(INVITED)
        job.submit(register.subs[0], {"1": {"work_this_period": "10000", "materials_stored": "500"}})
        job.tick(AFTER_DUE)
        job.approve("A")
        job.at("upstream", "compile", "P1", "1")
        job.at("upstream", "issue", "P1", "1", "--by", ADMIN)
        job.at("upstream", "certify", "P1", "1", "--line", "10=5000", "--reason", "Not done", "--by", ADMIN)
        job.verify()
        drop_triggers(job)
        yield job


def drop_triggers(job: Site) -> None:
    """Take away what would refuse a change by hand."""
    with closing(sqlite3.connect(job.folder / "billings.db")) as db:
        triggers = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            db.execute(f"DROP TRIGGER {name}")
    assert triggers


def altered(job: Site, table: str, column: str, change: str) -> tuple[str, int]:
    """Alter the last row that has a value, take `verify`, and put the value back; gives what it said, and the row's id."""
    file = job.folder / "billings.db"
    with closing(sqlite3.connect(file)) as db:
        found = db.execute(
            f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()
        assert found is not None, f"the story writes no {table}.{column}"
        row, value = found
        db.execute("PRAGMA ignore_check_constraints = ON")
        with db:
            db.execute(f"UPDATE {table} SET {column} = {change} WHERE id = ?", (row,))
        try:
            facts = json.loads(job.cli("verify", "--json", code=1))
        finally:
            with db:
                db.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, row))
    return "\n".join(facts["faults"]), row


@pytest.mark.parametrize(("table", "column"), AMOUNTS + OTHERS)
def test_an_amount_altered_by_one_unit_is_found(
    told: Site, taxed: Site, foreign: Site, answered: Site, table: str, column: str
) -> None:
    """One cent, a millionth of a rate or a blank in a text is named with its table, its key and its column."""
    of_taxed = table in TAX_TABLES or (table, column) == ("client_contract", "retainage_cap_amount_minor")
    of_answered = table.startswith(CLIENT_TABLES) or column == "share_ppm"
    job = taxed if of_taxed else foreign if table in EXCHANGE_TABLES else answered if of_answered else told
    figures = ("_minor", "_ppm", "_e4", "_e6", "_e8")
    change = f"{column} + 1" if column.endswith(figures) else f"{column} || ' '"
    said, row = altered(job, table, column, change)
    assert f"{table} {row} (" in said or f"{table} {row}:" in said
    assert f"{column} is " in said


def test_a_row_added_or_removed_is_found(told: Site) -> None:
    """A ledger row that no event has, and an event whose row is gone, are both named."""
    file = told.folder / "billings.db"
    columns = "commitment_id, line_key, application_id, kind, component, amount_minor, currency, at"
    statements = (
        f"INSERT INTO retainage_entry ({columns}) SELECT {columns} FROM retainage_entry LIMIT 1",
        "DELETE FROM retainage_entry WHERE id = (SELECT max(id) FROM retainage_entry)",
        "UPDATE event SET body = replace(body, '1', '2') WHERE seq = 5",
        "DELETE FROM event WHERE id = (SELECT max(id) FROM event)",
    )
    with closing(sqlite3.connect(file)) as db, closing(sqlite3.connect(":memory:")) as kept:
        db.backup(kept)
        for statement in statements:
            with db:
                db.execute(statement)
            try:
                faults = json.loads(told.cli("verify", "--json", code=1))["faults"]
            finally:
                kept.backup(db)
            table = "retainage_entry" if "retainage_entry" in statement else "chain"
            assert any(table in one for one in faults), statement


def test_a_file_of_the_erp_or_of_the_archive_changed_by_hand_is_found(told: Site) -> None:
    """A batch file, its manifest, or an original that was altered or removed is named."""
    batch = next((told.folder / "output").glob("**/bills.iif"))
    original = max((told.folder / "archive").glob("*/*"), key=lambda file: file.stat().st_size)
    for file in (batch, batch.with_name("manifest.json"), original):
        kept = shutil.copy(file, told.folder / "kept")
        file.chmod(0o600)
        file.write_bytes(file.read_bytes().replace(b"0", b"1", 1) + b" ")
        faults = json.loads(told.cli("verify", "--json", code=1))["faults"]
        assert any(file.name in one or batch.parent.name in one for one in faults), faults
        shutil.copy(kept, file)
    assert hashlib.sha256(original.read_bytes()).hexdigest() in original.name + original.parent.name
