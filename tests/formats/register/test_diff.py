"""What an import would do: nothing twice, deleted, stale, or against what the first invite has frozen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from batch.formats.register.diff import RegisterPlan, plan
from batch.formats.register.read import read
from batch.formats.register.reading import Present, Stored
from batch.formats.register.template import export
from tests.formats.register.builders import (
    NOW,
    Rows,
    change_order,
    edited,
    read_rows,
    rows,
    stored,
    with_opening,
)

INVITED = {"SC-1"}


def planned(found: Rows, present: Present, invited: set[str] | None = None) -> RegisterPlan:
    """The plan of importing these rows over `present`."""
    return plan(read_rows(found, present), present, invited or set())


def fields(found: RegisterPlan) -> list[tuple[str, str, str]]:
    """The changes as (field, old, new)."""
    return [
        (change.field, str(change.old), str(change.new)) for row in found.changed for change in row.changes
    ]


def correction(**changes: Any) -> dict[str, Any]:
    """A correction of the value of line 2."""
    return {
        "Commitment": "SC-1", "Sheet": "Schedule of values", "Row": "2", "Column": "Scheduled value",
        "New value": "6500.00", "Date": "2026-02-03", "Reason": "As signed", **changes,
    }  # fmt: skip


def test_a_first_import_adds_everything_in_an_order_that_can_be_written() -> None:
    """What a row names comes before it."""
    names = [row.sheet for row in planned(change_order(rows()), {}).added]
    order = [
        "company", "project", "admin", "vendor", "commitment", "contact", "change_order", "sov_line",
    ]  # fmt: skip
    assert list(dict.fromkeys(names)) == order


def test_importing_twice_changes_nothing() -> None:
    """The same file over what it made is all unchanged."""
    found = change_order(with_opening(), day="2026-01-10")
    again = planned(found, stored(found))
    assert again.empty
    assert again.refused == ()
    assert again.unchanged > 8


def test_missing_rows_sheets_and_columns_change_nothing() -> None:
    """Only what stands in the file can change."""
    present = stored(rows())

    def cut(book: Workbook) -> None:
        del book["Admins"]
        book["Schedule of values"].delete_rows(6)
        book["Vendors"].delete_cols(4, 2)

    found = plan(read(edited(export(present, stamp=NOW), cut), present), present)
    assert found.empty
    assert found.refused == ()


def test_a_changed_cell_is_shown_with_old_and_new() -> None:
    """Each changed field is listed, with its cell."""
    found = rows()
    found["Vendors"][0]["Name"] = "Baxter Electric Inc."
    change = planned(found, stored(rows()))
    assert fields(change) == [("name", "Baxter Electric LLC", "Baxter Electric Inc.")]
    assert (change.changed[0].title, change.changed[0].cell) == ("Vendors", "C5")


def test_a_new_line_goes_after_the_others_and_the_order_of_old_ones_stays() -> None:
    """A file without an order column moves no line."""
    found = rows()
    found["Schedule of values"].insert(0, {**found["Schedule of values"][0], "Line": "9"})
    change = planned(found, stored(rows()))
    assert [(row.key[1], row.values["position"]) for row in change.added] == [("9", 30)]
    assert change.changed == ()


def test_a_row_changed_since_the_export_is_refused() -> None:
    """The stamp of the export is older than the stored row; other rows are taken."""
    before = stored(rows())

    def edit(book: Workbook) -> None:
        book["Vendors"]["C5"].value = "Mine"
        book["Projects"]["C5"].value = "New clinic"

    data = edited(export(before, stamp=NOW), edit)
    values = {**before["vendor"]["V1",][0], "name": "Theirs"}
    present: Present = {**before, "vendor": {("V1",): Stored(values, 2)}}
    found = plan(read(data, present), present)
    assert [row.reason[:26] for row in found.refused] == ["The row has changed since "]
    assert fields(found) == [("name", "Clinic", "New clinic")]


def test_a_stale_row_that_says_the_same_is_unchanged() -> None:
    """Somebody made the same change before: nothing to refuse."""
    before = stored(rows())
    present: Present = {**before, "vendor": {("V1",): Stored(before["vendor"]["V1",][0], 5)}}
    assert plan(read(export(before, stamp=NOW), present), present).refused == ()


def test_a_changed_stamp_is_refused() -> None:
    """Without its stamp it is not known which version a row was."""

    def edit(book: Workbook) -> None:
        book["Vendors"]["A5"].value = "x"

    present = stored(rows())
    found = plan(read(edited(export(present, stamp=NOW), edit), present), present)
    assert "hidden first column was changed" in found.refused[0].reason


@pytest.mark.parametrize(
    ("sheet", "heading", "value"),
    [
        ("Schedule of values", "Scheduled value", "10.00"),
        ("Schedule of values", "Cost code", "26-999"),
        ("Commitments", "Retainage on work", Decimal("0.05")),
        ("Commitments", "Retainage on stored", Decimal("0.05")),
        ("Commitments", "Currency", "CAD"),
    ],
)
def test_what_decides_money_is_frozen_by_the_first_invite(sheet: str, heading: str, value: object) -> None:
    """Before it the cell changes; after it the row is refused with advice, and nothing else is."""
    found = rows()
    found[sheet][0][heading] = value
    assert len(planned(found, stored(rows())).changed) == 1
    refused = planned(found, stored(rows()), INVITED)
    assert refused.empty
    assert [
        "by a change order, or by a row on the sheet Corrections" in row.reason for row in refused.refused
    ] == [True]


def test_a_description_may_change_after_the_first_invite() -> None:
    """Words are not frozen."""
    found = rows()
    found["Schedule of values"][0]["Description"] = "Rough-in, all levels"
    assert len(planned(found, stored(rows()), INVITED).changed) == 1


def test_a_new_line_after_the_first_invite_needs_a_new_change_order() -> None:
    """The contract sum grows by change orders only."""
    found = rows()
    found["Schedule of values"].append({**found["Schedule of values"][0], "Line": "3"})
    refused = planned(found, stored(rows()), INVITED)
    assert "Put the line under a new change order" in refused.refused[0].reason
    assert [row.sheet for row in planned(change_order(rows()), stored(rows()), INVITED).added] == [
        "change_order",
        "sov_line",
    ]


def test_a_pending_change_order_is_free_and_an_approved_one_is_not() -> None:
    """What counts in the contract sum is frozen."""
    pending = stored(change_order(rows(), status="pending"))
    assert len(planned(change_order(rows(), value="600.00", status="pending"), pending, INVITED).changed) == 1
    approved = planned(change_order(rows(), value="600.00"), pending, INVITED)
    assert {row.sheet for row in approved.changed} == {"change_order", "sov_line"}
    after = stored(change_order(rows()))
    for spoiled in (change_order(rows(), value="600.00"), change_order(rows(), status="pending")):
        assert len(planned(spoiled, after, INVITED).refused) == 1


def test_a_line_never_moves_to_another_change_order_after_the_first_invite() -> None:
    """Not even by a correction."""
    present = stored(change_order(rows(), status="pending"))
    found = change_order(rows(), status="pending")
    found["Schedule of values"][0]["Change order"] = "1"
    assert planned(found, present, INVITED).refused[0].reason.endswith("this can no longer change.")


def test_a_correction_changes_a_frozen_value_and_is_kept() -> None:
    """The row changes, and the correction is added with the old value."""
    found = planned({"Corrections": [correction()]}, stored(rows()), INVITED)
    assert fields(found) == [("scheduled_value", "6000.00", "6500.00")]
    kept = found.added[0].values
    assert (kept["sheet"], kept["field"], kept["old"], kept["new"]) == (
        "sov_line",
        "scheduled_value",
        "6000.00",
        "6500.00",
    )


def test_a_correction_beside_the_whole_register_works_and_is_harmless_again() -> None:
    """In an export with the old value in its row the correction wins; the same file again changes nothing."""
    before = stored(rows())
    found = {**rows(), "Corrections": [correction()]}
    first = planned(found, before, INVITED)
    assert fields(first) == [("scheduled_value", "6000.00", "6500.00")]
    after = stored(first, before)
    again = planned(found, after, INVITED)
    assert again.empty
    assert again.refused == ()


def test_an_old_correction_never_brings_its_value_back() -> None:
    """After a second correction the file of the first one is refused or unchanged, never applied."""
    first = stored(planned({"Corrections": [correction()]}, stored(rows()), INVITED), stored(rows()))
    later = {"New value": "7000.00", "Date": "2026-03-01"}
    second = stored(planned({"Corrections": [correction(**later)]}, first, INVITED), first)
    assert planned({"Corrections": [correction()]}, second, INVITED).empty
    both = {"Corrections": [correction(), correction(**later)]}
    assert planned(both, second, INVITED).empty


def test_a_rate_can_be_corrected() -> None:
    """A correction of a commitment names no row, and takes a rate as people write it."""
    found = correction(Sheet="Commitments", Row=None, Column="Retainage on work", **{"New value": "5%"})
    assert fields(planned({"Corrections": [found]}, stored(rows()), INVITED)) == [
        ("retainage_work", "10", "5")
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Column": "Description"}, "may change: Scheduled value, Cost code"),
        ({"Row": "77"}, 'no row "77"'),
        ({"New value": "lots"}, "is not a number"),
        ({"New value": "6000.00"}, "is 6000.00 already"),
        ({"Reason": None}, "must be filled in"),
        ({"Sheet": "Vendors"}, "is not one of"),
    ],
)
def test_a_correction_that_cannot_be_applied_is_refused(changes: dict[str, Any], told: str) -> None:
    """It names a known value of a known row, a new value of the right kind, and a reason."""
    found = planned({"Corrections": [correction(**changes)]}, stored(rows()), INVITED)
    assert found.empty
    assert told in found.refused[0].reason


def test_a_currency_with_other_decimals_is_refused_while_there_are_amounts() -> None:
    """Stored amounts would be read a hundred times too large; a correction cannot do it either."""
    found = rows()
    found["Commitments"][0]["Currency"] = "JPY"
    found["Schedule of values"] = []
    assert "another number of decimals" in planned(found, stored(rows())).refused[0].reason
    way = correction(Sheet="Commitments", Row=None, Column="Currency", **{"New value": "JPY"})
    assert planned({"Corrections": [way]}, stored(rows()), INVITED).empty


def test_opening_balances_are_closed_by_the_first_invite() -> None:
    """Neither a new one nor a change is taken."""
    assert {row.sheet for row in planned(with_opening(), stored(rows()), INVITED).refused} == {
        "opening_commitment",
        "opening_line",
    }
    changed = with_opening()
    changed["Opening balances"][0]["Invoice numbers used"] = "INV-9"
    assert "can no longer change" in planned(changed, stored(with_opening()), INVITED).refused[0].reason


def test_a_schedule_with_a_fault_is_not_taken_in_part() -> None:
    """One bad line would give a wrong contract sum, so the commitment's other new lines wait as well."""
    found = rows()
    found["Schedule of values"][0]["Scheduled value"] = "five"
    change = planned(found, {})
    assert not [row for row in change.added if row.sheet == "sov_line"]
    assert [row.key for row in change.refused] == [("SC-1", "1"), ("SC-1", "2")]


def test_what_needs_a_refused_row_is_refused_with_it() -> None:
    """No row is written that names one which is not there."""
    found = rows()
    found["Vendors"][0]["Name"] = None
    change = planned(found, {})
    assert {row.sheet for row in change.added} == {"company", "project", "admin"}
    assert {row.sheet for row in change.refused} == {"vendor", "commitment", "contact", "sov_line"}
