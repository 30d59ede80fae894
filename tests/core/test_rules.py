"""Rules about the workbook, its rows and its inputs, each by one workbook with one fault."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.core import findings as catalogue
from batch.core.findings import Finding, Severity
from batch.core.model import Basis
from batch.core.returned import Cell, CellKind, Checked, Returned, ReturnedIdentity, ReturnedLine
from batch.core.rules import RULES, check
from tests.core.builders import (
    S02_AMOUNTS,
    S02_ENTRIES,
    SECOND,
    TOKEN,
    a_basis,
    a_cell,
    a_line,
    a_position,
    a_return,
    amounts,
    codes,
    lines_of,
    terms,
    the,
    words,
)

EXPECTED = frozenset({TOKEN})


def test_a_good_workbook_has_no_finding() -> None:
    """Amounts, percentages and text are read, the bill is computed, and nothing is found."""
    said = {"invoice_number": words(" INV-7 "), "comment": words("Thanks")}
    checked = check(
        a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS, summary=said), SECOND, expected_tokens=EXPECTED
    )
    assert checked.findings == ()
    assert checked.claim == S02_AMOUNTS
    assert checked.bill is not None
    assert checked.bill.summary.total_completed_and_stored == Decimal("28000.00")
    assert (checked.invoice_number, checked.comment) == ("INV-7", "Thanks")


def test_a_workbook_without_calculated_values_is_as_good() -> None:
    """Formulas that were not calculated are passed over: the figures are ours anyway."""
    assert check(a_return(SECOND, S02_ENTRIES), SECOND, expected_tokens=EXPECTED).findings == ()


def test_a_workbook_that_was_not_calculated_again_is_as_good() -> None:
    """Formulas that still show what was issued are passed over: a phone saved the entries and no results."""
    stale = a_return(SECOND, S02_ENTRIES, shows={})
    assert check(stale, SECOND, expected_tokens=EXPECTED).findings == ()


def test_percent_is_of_work_without_stored_materials() -> None:
    """Eighty per cent of 25,000.00 is 20,000.00 of work to date, whatever is stored."""
    checked = check(a_return(SECOND, {"L2": {"percent_to_date": "80", "materials_stored": "100.00"}}), SECOND)
    assert checked.claim["L2"] == amounts("10000.00", "100.00")


@pytest.mark.parametrize(
    ("identity", "code", "found", "expected"),
    [
        ({"project": "P-200"}, "wrong-project", "P-200", "P-100"),
        ({"commitment": "SC-2"}, "wrong-commitment", "SC-2", "SC-1"),
        ({"period": "2"}, "wrong-period", "2", "1"),
    ],
)
def test_another_workbook_is_returned_for_that_alone(
    identity: dict[str, str], code: str, found: str, expected: str
) -> None:
    """S30: a workbook of something else is returned, nothing is taken from it, and its lines are not
    picked at.
    """
    checked = check(a_return(SECOND, {"L1": {"work_this_period": "lots"}}, identity=identity), SECOND)
    assert codes(checked) == [code]
    assert (the(checked, code).found, the(checked, code).expected) == (found, expected)
    assert (the(checked, code).severity, checked.bill, checked.claim) == (Severity.RETURN, None, {})


def test_lost_carriers_and_number_formats_do_not_disagree() -> None:
    """A lost carrier of identity, and a period that became 1.0, are no fault."""
    lost = a_return(SECOND, S02_ENTRIES, identity={"project": "", "period": "1.0", "issue": " 1 "})
    assert check(lost, SECOND, expected_tokens=EXPECTED).findings == ()


@pytest.mark.parametrize(
    ("tokens", "code"),
    [
        ((), "token-missing"),
        ((("cell", "zzzz"),), "token-unknown"),
        ((("cell", TOKEN), ("name", "zzzz")), "token-conflict"),
    ],
)
def test_tokens_in_doubt_are_held(tokens: tuple[tuple[str, str], ...], code: str) -> None:
    """A code that is gone, strange or mixed is for a person; the claim is read."""
    good = a_return(SECOND, S02_ENTRIES)
    returned = replace(good, identity=replace(good.identity, tokens=tokens))
    checked = check(returned, SECOND, expected_tokens=EXPECTED)
    assert codes(checked) == [code]
    assert the(checked, code).severity is Severity.HOLD
    assert checked.bill is not None


def test_tokens_of_two_contacts_of_one_invite_agree() -> None:
    """Each address has its own token; sheets of colleagues may be mixed."""
    good = a_return(SECOND, S02_ENTRIES)
    both = replace(good, identity=replace(good.identity, tokens=(("cell", TOKEN), ("name", "bbbb"))))
    assert check(both, SECOND, expected_tokens=EXPECTED | {"bbbb"}).findings == ()


def test_an_outdated_workbook_is_held_and_never_returned_for_our_change() -> None:
    """S13: lines that are newer than the workbook enter at 0.00 and count in the contract sum."""
    newer = replace(
        SECOND, sov_version=2, lines=(*SECOND.lines, a_line("C1", "8500.00", change_order="CO-1"))
    )
    old = a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS)
    checked = check(old, newer)
    assert codes(checked) == ["issue-replaced", "line-missing"]
    assert {finding.severity for finding in checked.findings} == {Severity.HOLD}
    assert checked.bill is not None
    assert checked.bill.summary.contract_sum_to_date == Decimal("58500.00")
    assert checked.bill.lines[-1].completed_and_stored == 0


def test_a_workbook_without_lines_is_returned_once() -> None:
    """A workbook without a table is returned, once, also when the reader said so before."""
    empty = Returned(identity=ReturnedIdentity(), lines=())
    assert codes(check(empty, SECOND)) == ["table-not-recognised"]
    said = Finding(code="workbook-encrypted", severity=Severity.RETURN)
    assert codes(check(replace(empty, findings=(said,)), SECOND)) == ["workbook-encrypted"]


def test_every_unreadable_cell_is_told_at_once() -> None:
    """All cells that cannot be read are told in one answer, each with its place and its text."""
    spoiled: dict[str, dict[str, str | Cell]] = {
        "L1": {"work_this_period": words("lots"), "materials_stored": a_cell("#REF!", kind=CellKind.ERROR)},
        "L2": {"percent_to_date": "0.45"},
        "L3": {"work_this_period": a_cell("", kind=CellKind.UNCALCULATED, formula="=SUM(A1)")},
    }
    checked = check(a_return(SECOND, spoiled), SECOND)
    assert codes(checked) == ["not-a-number", "cell-error", "ambiguous-number", "formula-uncalculated"]
    assert [finding.found for finding in checked.findings] == ["lots", "#REF!", "0.45", "=SUM(A1)"]
    assert [finding.line for finding in checked.findings] == ["L1", "L1", "L2", "L3"]
    assert all(finding.cell and finding.sheet == "Lines" for finding in checked.findings)
    assert (checked.claim, checked.bill) == ({}, None)


def test_s27_percent_and_amount_that_disagree() -> None:
    """S27: a percentage and an amount that are a cent or more apart are a question."""
    basis = a_basis(
        lines=lines_of("18400.00"), positions={"L1": a_position("5000.00", on_work="500.00")},
        previous_certificates=Decimal("4500.00"),
    )  # fmt: skip
    checked = check(a_return(basis, {"L1": {"percent_to_date": "45", "work_this_period": "3300.00"}}), basis)
    finding = the(checked, "ambiguous-number")
    assert (finding.found, finding.expected, finding.difference) == ("3300.00", "3280.00", "20.00")
    agreed = a_return(basis, {"L1": {"percent_to_date": "45", "work_this_period": "3280.00"}})
    assert check(agreed, basis).findings == ()


def test_s06_percentages_never_drift() -> None:
    """S06: to-date amounts are rounded, and this period is their difference."""
    to_date, made = Decimal("0.00"), []
    for percent in ("33.333", "66.667", "100"):
        basis = a_basis(
            lines=lines_of("1000.00"), positions={"L1": a_position(str(to_date))}, retainage=terms("0")
        )
        made.append(check(a_return(basis, {"L1": {"percent_to_date": percent}}), basis).claim["L1"].work)
        to_date += made[-1]
    assert made == [Decimal("333.33"), Decimal("333.34"), Decimal("333.33")]


def test_nothing_entered_is_a_question() -> None:
    """A workbook that came back as it went out is a question, not a zero bill."""
    checked = check(a_return(SECOND), SECOND)
    assert codes(checked) == ["nothing-entered"]
    assert (the(checked, "nothing-entered").sheet, checked.bill) == ("Summary", None)


@pytest.mark.parametrize("tick", [words("x"), words("Yes"), a_cell("1", kind=CellKind.BOOLEAN), words(" X ")])
def test_s16_a_tick_is_a_zero_bill(tick: Cell) -> None:
    """S16: with the tick, a workbook without entries is a zero bill."""
    checked = check(a_return(SECOND, summary={"nothing_to_bill": tick}), SECOND)
    assert checked.findings == ()
    assert checked.bill is not None
    assert checked.bill.summary.current_payment_due == 0


def test_s16_zeros_are_a_zero_bill() -> None:
    """S16: zeros that were typed are an answer."""
    zeros = {key: {"work_this_period": "0"} for key in ("L1", "L2", "L3")}
    assert check(a_return(SECOND, zeros), SECOND).findings == ()


def test_a_tick_beside_amounts_is_held() -> None:
    """A workbook that says there is nothing to bill and bills something is for the admin."""
    checked = check(a_return(SECOND, S02_ENTRIES, summary={"nothing_to_bill": words("x")}), SECOND)
    assert codes(checked) == ["ambiguous-number"]
    assert the(checked, "ambiguous-number").severity is Severity.HOLD
    assert the(checked, "ambiguous-number").found == "15500.00"


def test_a_formula_in_an_input_is_noted() -> None:
    """The result of a formula in an input cell is taken, and noted."""
    formula = a_cell("4000", formula="=2000*2")
    checked = check(a_return(SECOND, {"L1": {"work_this_period": formula}}), SECOND)
    assert [(f.code, f.severity) for f in checked.findings] == [("formula-in-input", Severity.NOTE)]
    assert checked.claim["L1"].work == Decimal("4000.00")


def without_line(returned: Returned, key: str) -> Returned:
    """The same workbook with a row deleted."""
    return replace(returned, lines=tuple(row for row in returned.lines if row.line_key != key))


def test_a_missing_line_is_returned_and_its_totals_are_not() -> None:
    """A deleted row is told once; the totals that miss it are not told again."""
    checked = check(without_line(a_return(SECOND, S02_ENTRIES, shows=S02_AMOUNTS), "L1"), SECOND)
    assert codes(checked) == ["line-missing"]
    assert the(checked, "line-missing").line == "L1"


def test_a_missing_line_without_value_is_nothing() -> None:
    """A line of 0.00 that was never billed may be left out of a workbook."""
    basis = replace(SECOND, lines=(*SECOND.lines, a_line("L4", "0.00")))
    assert check(without_line(a_return(basis, S02_ENTRIES), "L4"), basis).findings == ()


def test_an_added_row_is_held_and_its_amount_is_kept() -> None:
    """A row that is no line of ours is for the admin, with its amount, and is not billed."""
    extra = ReturnedLine(
        line_key="",
        row=20,
        cells={
            "description": words("Extra doors"),
            "work_this_period": a_cell("1,200", "E20", kind=CellKind.TEXT),
        },
    )
    good = a_return(SECOND, S02_ENTRIES)
    checked = check(replace(good, lines=(*good.lines, extra)), SECOND)
    finding = the(checked, "line-unknown")
    assert codes(checked) == ["line-unknown"]
    assert (finding.severity, finding.cell, finding.line, finding.found) == (
        Severity.HOLD, "E20", "Extra doors", "1200.00",
    )  # fmt: skip
    assert checked.claim == S02_AMOUNTS


def test_an_added_row_without_amounts_is_nothing() -> None:
    """A remark in a row of its own, or an empty spare row, is no finding."""
    remark = ReturnedLine(
        line_key="", row=20, cells={"description": words("see drawing"), "scheduled_value": a_cell("")}
    )
    good = a_return(SECOND, S02_ENTRIES)
    assert check(replace(good, lines=(*good.lines, remark)), SECOND).findings == ()


def test_a_doubled_line_is_returned_and_not_billed() -> None:
    """A line that stands twice is a question."""
    good = a_return(SECOND, S02_ENTRIES)
    checked = check(replace(good, lines=(*good.lines, good.lines[0])), SECOND)
    assert codes(checked) == ["line-repeated"]
    assert "L1" not in checked.claim


def test_findings_come_in_order_of_importance_then_row() -> None:
    """What the sender must do comes first, then what the admin must decide, each by row, the whole
    document before.
    """
    entries: dict[str, dict[str, str | Cell]] = {
        "L1": {"work_this_period": a_cell("5", formula="=5"), "scheduled_value": "1"},
        "L2": {"work_this_period": "lots"},
        "L3": {"work_this_period": "20000"},
    }
    checked = check(a_return(SECOND, entries, identity={"issue": "9"}), SECOND)
    assert codes(checked) == [
        "not-a-number",
        "over-line",
        "issue-replaced",
        "locked-cell-changed",
        "formula-in-input",
    ]


def test_every_code_is_in_the_catalogue_and_every_rule_says_what_it_does() -> None:
    """No rule is without a sentence of its own, and no rule stands twice."""
    assert all(rule.__doc__ for rule in RULES)
    assert len(set(RULES)) == len(RULES)
    found = check(a_return(SECOND, {"L1": {"work_this_period": "lots"}}), SECOND).findings
    assert {finding.code for finding in found} <= set(catalogue.CODES)


ANY_CELL = st.builds(
    Cell,
    sheet=st.just("Lines"),
    ref=st.sampled_from(["A1", "B12", ""]),
    kind=st.sampled_from(CellKind),
    text=st.one_of(
        st.text(max_size=8), st.sampled_from(["1E12", "-5", "10000000000000", "x", "0.5", "999999"])
    ),
    formula=st.sampled_from(["", "=1"]),
    shown_as_percent=st.booleans(),
)
COLUMNS = st.sampled_from(
    [
        "percent_to_date", "work_this_period", "materials_stored", "retainage_release", "scheduled_value",
        "work_previous", "completed_and_stored", "balance_to_finish", "retainage",
    ]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["nothing_to_bill", "total_completed_and_stored", "previous_certificates", "comment"]
)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["L1", "L2", "", "?"]), st.dictionaries(COLUMNS, ANY_CELL)), max_size=5
    ),
    summary=st.dictionaries(FIELDS, ANY_CELL),
    tokens=st.lists(st.tuples(st.just("cell"), st.sampled_from([TOKEN, "", "x"])), max_size=2),
    words_of=st.text(max_size=4),
)
def test_no_workbook_makes_a_rule_raise(
    rows: list[tuple[str, dict[str, Cell]]],
    summary: dict[str, Cell],
    tokens: list[tuple[str, str]],
    words_of: str,
) -> None:
    """Whatever a workbook holds, the outcome is findings of the catalogue, and a bill only when none
    returns it.
    """
    lines = tuple(ReturnedLine(line_key=key, row=n, cells=cells) for n, (key, cells) in enumerate(rows))
    returned = Returned(
        identity=ReturnedIdentity(tokens=tuple(tokens), issue=words_of), lines=lines, summary=summary
    )
    checked = check(returned, SECOND, expected_tokens=EXPECTED)
    assert set(codes(checked)) <= set(catalogue.CODES)
    assert (checked.bill is None) == any(f.severity is Severity.RETURN for f in checked.findings)


def test_materials_in_the_payment_are_read_only_where_they_are_asked_for() -> None:
    """Blank is held, words are returned, an amount within the payment is taken; without the question nothing is said."""
    entered = {"L1": {"work_this_period": "1000.00"}}
    asked, other = a_basis(asks_materials=True), a_basis()

    def checked(basis: Basis, text: str) -> Checked:
        cell = words(text) if text and not text[0].isdigit() else text
        return check(a_return(basis, entered, summary={"materials_in_payment": cell}), basis)

    assert the(checked(asked, ""), "materials-missing").severity is Severity.HOLD
    assert the(checked(asked, "about half"), "not-a-number").severity is Severity.RETURN
    assert the(checked(asked, "5000"), "materials-over-payment").expected == "900.00"
    assert checked(asked, "400").materials == 400
    assert checked(other, "about half").materials is None
    assert not {"materials-missing", "not-a-number"} & set(codes(checked(other, "about half")))
