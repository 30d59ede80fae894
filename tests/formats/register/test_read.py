"""Reading a register workbook: values come out exact, and every fault is told at once with its cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from batch.formats.register.problems import Weight
from batch.formats.register.read import read
from batch.formats.register.reading import Present
from tests.formats.register.builders import (
    NOW,
    Rows,
    change_order,
    edited,
    read_rows,
    rows,
    sentences,
    stored,
    workbook,
)


def spoiled(sheet: str, heading: str, value: Any, row: int = 0) -> Rows:
    """A valid register with one cell changed."""
    found = rows()
    found[sheet][row][heading] = value
    return found


def test_a_valid_register_has_no_problem() -> None:
    """Everything a register needs can be said in it, and is read without a word."""
    found = read_rows(rows())
    assert found.problems == ()
    assert found.faulty == ()
    line = found.rows["sov_line"]["SC-1", "1"]
    assert line.values["scheduled_value"] == Decimal("9.95")
    assert line.cell("scheduled_value") == "H5"


def test_blank_cells_take_what_the_sheets_above_say() -> None:
    """A commitment has its project's currency, a project the company's, and every other blank its default."""
    found = read_rows(rows())
    assert found.rows["commitment"]["SC-1",].values["currency"] == "USD"
    project = found.rows["project"]["P1",].values
    assert project["locale"] == "en-US"
    assert project["hold_answers"] is False
    assert project["reminder_offsets"] == [-2, 1]


def test_outside_the_us_answers_are_held_unless_said_otherwise() -> None:
    """Where a return is neither notice nor schedule the clock runs, so a person decides."""
    found = read_rows(spoiled("Projects", "Language", "en-GB"))
    assert found.rows["project"]["P1",].values["hold_answers"] is True
    said = spoiled("Projects", "Language", "en-AU")
    said["Projects"][0]["Hold answers"] = "no"
    assert read_rows(said).rows["project"]["P1",].values["hold_answers"] is False


def test_codes_keep_their_zeros() -> None:
    """A code column is text, so 0123 and 3-1 stay what they are."""
    found = read_rows(spoiled("Schedule of values", "Cost code", "0123"))
    assert found.rows["sov_line"]["SC-1", "1"].values["cost_code"] == "0123"


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("$1,234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("USD 1234.5", "1234.50"),
        ("(500)", "-500.00"),
        (Decimal("1234.1"), "1234.10"),
        (12, "12.00"),
    ],
)
def test_unambiguous_amounts_are_read(typed: object, read_as: str) -> None:
    """Amounts are taken as people type them, exactly, in the commitment's currency."""
    found = read_rows(spoiled("Schedule of values", "Scheduled value", typed))
    assert str(found.rows["sov_line"]["SC-1", "1"].values["scheduled_value"]) == read_as


@pytest.mark.parametrize(
    ("sheet", "heading", "value", "told"),
    [
        ("Schedule of values", "Scheduled value", "1.234", "more than one way"),
        ("Schedule of values", "Scheduled value", "12.345.67", "more than one way"),
        ("Schedule of values", "Scheduled value", "£5", "more than one way"),
        ("Schedule of values", "Scheduled value", "five", "is not a number"),
        ("Schedule of values", "Scheduled value", Decimal("1.005"), "more decimals"),
        ("Schedule of values", "Scheduled value", "9" * 40, "is not a number"),
        ("Schedule of values", "Scheduled value", date(2026, 1, 1), "holds a date"),
        ("Schedule of values", "Description", "x" * 1001, "too long"),
        ("Schedule of values", "Cost code", date(2026, 1, 3), "made a date"),
        ("Commitments", "Retainage on work", "0.1", "with the % sign"),
        ("Commitments", "Retainage on work", "101%", "not from 0 to 100"),
        ("Commitments", "Status", "aproved", 'Did you mean "approved"?'),
        ("Commitments", "Currency", "USB", "not a currency code"),
        ("Commitments", "Payment days", "400", "365 or less"),
        ("Commitments", "Title", None, "must be filled in"),
        ("Contacts", "Email", "ann at baxter", "not an e-mail address"),
        ("Contacts", "Role", "boss", "bills, copied, escalation"),
        ("Projects", "Time zone", "America/Chicargo", 'Did you mean "America/Chicago"?'),
        ("Projects", "Language", "en", "is not one of"),
        ("Projects", "First period starts", "3/4/2026", "2026-01-31"),
        ("Projects", "First period starts", None, "is needed"),
        ("Projects", "Last day", "32", "1 to 31"),
        ("Projects", "Due on day", "-3", "before the last reminder"),
        ("Projects", "Close on day", "1", "comes before"),
        ("Projects", "Invite time", "25:00", "not a time of the day"),
        ("Projects", "Hold answers", "maybe", "neither yes nor no"),
        ("Admins", "May", "approve, fire", "none of: enter, approve, export, read"),
        ("Admins", "Projects", "P9", 'no projects "P9"'),
        ("Commitments", "Project", "P-1", 'Did you mean "P1"?'),
    ],
)
def test_a_wrong_cell_is_told_in_words(sheet: str, heading: str, value: object, told: str) -> None:
    """A cell that cannot be used is an error at that cell, with a sentence, and its row is refused."""
    found = read_rows(spoiled(sheet, heading, value))
    assert told in " ".join(sentences(found))
    assert any(row.title == sheet for row in found.faulty)


def test_every_fault_is_told_at_once() -> None:
    """Two faults in one row and one in another sheet make three problems, each with its own cell."""
    found = spoiled("Schedule of values", "Scheduled value", "five")
    found["Schedule of values"][0]["Description"] = None
    found["Contacts"][0]["Email"] = "nobody"
    told = read_rows(found)
    assert [(problem.sheet, problem.cell) for problem in told.errors] == [
        ("Contacts", "C5"),
        ("Schedule of values", "F5"),
        ("Schedule of values", "H5"),
    ]


def test_a_faulty_row_is_told_once_and_not_for_each_row_that_names_it() -> None:
    """The lines of a commitment with a fault are not reported as lines of an unknown commitment."""
    told = read_rows(spoiled("Commitments", "Status", "sometime"))
    assert len(told.errors) == 1


@pytest.mark.parametrize("formula", ["=1+1", "=SUM(H5:H6)"])
def test_formulas_are_refused_with_advice(formula: str) -> None:
    """A formula is never read as its result."""

    def write(book: Workbook) -> None:
        book["Schedule of values"]["H5"].value = formula

    told = read(edited(workbook(rows()), write))
    assert "holds a formula" in sentences(told)[0]
    assert ("SC-1", "1") not in told.rows["sov_line"]


def test_errors_of_the_spreadsheet_are_refused() -> None:
    """#REF! is an error and never a blank."""

    def write(book: Workbook) -> None:
        book["Schedule of values"]["D5"].value = "#REF!"

    assert "shows the error #REF!" in sentences(read(edited(workbook(rows()), write)))[0]


def test_text_that_looks_like_a_formula_is_text() -> None:
    """A description that begins with = is written and read as a description."""
    found = read_rows(spoiled("Schedule of values", "Description", "=1+1"))
    assert found.rows["sov_line"]["SC-1", "1"].values["description"] == "=1+1"


def test_a_repeated_row_is_refused_in_both_places() -> None:
    """Which of two rows with one key is right cannot be known."""
    found = rows()
    found["Schedule of values"].append(dict(found["Schedule of values"][0]))
    told = read_rows(found)
    assert ["stands twice" in sentence for sentence in sentences(told)] == [True]
    assert [row.cell for row in told.faulty] == ["C5", "C7"]
    assert set(told.rows["sov_line"]) == {("SC-1", "2")}


def test_addresses_are_compared_in_lower_case() -> None:
    """Ann@ and ann@ are one contact."""
    found = rows()
    found["Contacts"].append({**found["Contacts"][0], "Email": "Ann@BAXTER.example"})
    assert "stands twice" in sentences(read_rows(found))[0]


def test_a_change_order_line_without_cost_code_is_an_error() -> None:
    """Its cost would reach no line of the client's application."""
    found = change_order(rows())
    found["Schedule of values"][-1]["Cost code"] = None
    assert "needs a cost code" in sentences(read_rows(found))[0]


def test_a_line_of_an_unknown_change_order_is_an_error() -> None:
    """A line that names a change order needs the change order's own row."""
    found = spoiled("Schedule of values", "Change order", "7")
    assert 'no change order "7" of SC-1' in sentences(read_rows(found))[0]


def test_a_tax_code_needs_a_rate() -> None:
    """A code without a rate is refused at its cell, and so is a commitment that names a code nobody has."""
    found = spoiled("Commitments", "Tax code", "VAT20")
    assert sentences(read_rows(found))[0].endswith('There is no tax code "VAT20" on the sheet Tax codes.')
    found["Tax codes"] = [{"Code": "VAT20"}]
    told = read_rows(found)
    assert sentences(told) == ["Tax codes D5: Rate: this must be filled in."]
    found["Tax codes"] = [{"Code": "VAT20", "Rate": Decimal("0.2"), "Kind": "reverse charge"}]
    assert read_rows(found).problems == ()
    found["Schedule of values"][0]["Tax code"] = "VAT5"
    assert 'no tax code "VAT5"' in sentences(read_rows(found))[0]


def test_a_rate_of_tax_is_a_percentage() -> None:
    """More than 100 % and less than 0 % are refused."""
    for rate in (Decimal("1.2"), Decimal("-0.2")):
        found = rows()
        found["Tax codes"] = [{"Code": "VAT20", "Rate": rate}]
        assert sentences(read_rows(found))[0].startswith("Tax codes D5: Rate: ")


def test_lines_that_do_not_add_up_to_the_contract_sum_are_refused() -> None:
    """Where a sum is said it must be that of the lines: refused at its cell, with the lines; blank is not compared."""
    told = read_rows(spoiled("Commitments", "Original contract sum", Decimal("6010.00")))
    (problem,) = told.problems
    assert (problem.weight, problem.sheet) == (Weight.ERROR, "Commitments")
    assert (problem.found, problem.expected) == ("6010.00", "6009.95")
    assert problem.cell in {row.cell for row in told.faulty if row.sheet == "commitment"}
    assert "difference 0.05" in problem.sentence
    assert {row.sheet for row in told.faulty} == {"commitment", "sov_line"}
    assert read_rows(spoiled("Commitments", "Original contract sum", None)).problems == ()


def test_lines_that_do_not_add_up_to_their_change_order_are_refused() -> None:
    """The change order and its lines stay out; the lines of the contract are good."""
    found = change_order(rows())
    found["Change orders"][0]["Amount"] = Decimal("600.00")
    told = read_rows(found)
    assert [problem.expected for problem in told.problems] == ["500.00"]
    assert {(row.sheet, row.key[-1]) for row in told.faulty} == {("change_order", "1"), ("sov_line", "C1")}


def test_a_line_with_a_fault_of_its_own_is_enough() -> None:
    """What cannot be read is not missed in the sum as well."""
    found = spoiled("Schedule of values", "Scheduled value", "a lot")
    found["Commitments"][0]["Original contract sum"] = Decimal("6009.95")
    assert len(read_rows(found).errors) == 1


def test_a_commitment_without_a_contact_who_bills_is_warned_about() -> None:
    """No invite could go out for it."""
    told = read_rows(spoiled("Contacts", "Role", "copied"))
    assert [problem.weight for problem in told.problems] == [Weight.WARNING]
    on_behalf = spoiled("Contacts", "Role", "copied")
    on_behalf["Commitments"][0]["Billed by"] = "on behalf"
    assert read_rows(on_behalf).problems == ()


def test_a_line_without_a_cost_code_is_warned_about() -> None:
    """It is taken; the warning says where, and what follows from it."""
    told = read_rows(spoiled("Schedule of values", "Cost code", None))
    (problem,) = told.problems
    assert (problem.weight, problem.sheet, told.faulty) == (Weight.WARNING, "Schedule of values", ())
    assert "has no cost code" in problem.sentence


def test_custom_periods_do_not_overlap() -> None:
    """Two billing periods of one project never share a day."""
    found = spoiled("Projects", "Cycle", "custom")
    days = {
        "Billing date": "2026-01-25",
        "Invite on": "2026-01-25",
        "Due on": "2026-01-27",
        "Close on": "2026-01-30",
    }
    found["Billing periods"] = [
        {"Project": "P1", "Period": 1, "From": "2026-01-01", "To": "2026-01-25", **days},
        {"Project": "P1", "Period": 2, "From": "2026-01-25", "To": "2026-02-25", **days},
    ]
    told = read_rows(found)
    assert "before period 1 has ended" in sentences(told)[0]
    assert set(told.rows["custom_period"]) == {("P1", 1)}


def test_unknown_sheets_and_headings_are_told_with_the_nearest() -> None:
    """A slip in a heading is an error, an admin's own column is only mentioned."""

    def write(book: Workbook) -> None:
        book["Vendors"].title = "Vendor"
        book["Contacts"]["E3"].value = "Rôle"
        book["Contacts"]["H3"].value = "Telephone"
        book["Contacts"]["H5"].value = "555 0101"

    told = sentences(read(edited(workbook(rows()), write)))
    assert any('Did you mean "Vendors"?' in sentence for sentence in told)
    assert any('heading "Telephone" is not one of the register' in sentence for sentence in told)


def test_a_sheet_without_a_needed_column_is_not_read() -> None:
    """One problem names the heading; the rows that need the sheet are not reported one by one."""

    def write(book: Workbook) -> None:
        book["Vendors"].delete_cols(3)

    told = read(edited(workbook(rows()), write))
    assert [problem.sentence for problem in told.errors] == [
        'The column "Name" is needed, so the sheet was not read.'
    ]


def test_columns_are_found_by_heading_wherever_they_stand() -> None:
    """Moved columns, a row above the headings and a star after a heading change nothing."""

    def write(book: Workbook) -> None:
        page = book["Vendors"]
        page.insert_rows(1, 3)
        page["J6"].value, page["C6"].value = "name *", None
        page["J8"].value, page["C8"].value = page["C8"].value, None

    told = read(edited(workbook(rows()), write))
    assert told.errors == ()
    assert told.rows["vendor"]["V1",].values["name"] == "Baxter Electric LLC"


def test_a_row_written_over_the_help_is_told() -> None:
    """Nothing typed into the grey row is lost without a word."""

    def write(book: Workbook) -> None:
        book["Vendors"]["B4"].value = "V2"

    assert "written over the row of help" in sentences(read(edited(workbook(rows()), write)))[0]


def test_rows_of_the_store_can_be_named_without_repeating_them() -> None:
    """A file with only new lines refers to commitments that were imported before, in their currency."""
    present: Present = stored(rows())
    line = {
        "Commitment": "SC-1",
        "Line": "3",
        "Description": "More",
        "Cost code": "26-100",
        "Scheduled value": "$10",
    }
    told = read_rows({"Schedule of values": [line]}, present)
    assert told.problems == ()
    assert told.rows["sov_line"]["SC-1", "3"].values["scheduled_value"] == Decimal(10)
    assert "There is no commitment" in sentences(read_rows({"Schedule of values": [line]}))[0]


def test_the_same_rows_give_the_same_bytes() -> None:
    """Workbooks are written the same each time, so that tests and hashes can rely on them."""
    assert workbook(rows()) == workbook(rows())
    assert NOW.tzinfo is not None
