"""The formulas of the pay application, written for the rows of the template.

Only SUM, IF, ROUND, ABS, MIN and MAX: every spreadsheet program and phone has them. Each amount is rounded to
two decimals; the writer puts the currency's own number there. The arithmetic is that of `core/billing.py` and
`core/retainage.py`. What comes back is computed again there, so a formula that was changed changes no figure
of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from batch.formats.pay_app.layout import BY_QUANTITY, LETTER, LINES, MILESTONE, RE_MEASURED

#: Rows of the template: keys, headings, an original line, the heading of change orders, a change order line,
#: totals.
KEY_ROW, HEADING_ROW, LINE_ROW, SECTION_ROW, CHANGE_ROW, TOTAL_ROW = 3, 4, 5, 6, 7, 8
#: Columns that are added up.
SUMMED = (
    "work_billed",
    "scheduled_value",
    "work_previous",
    "completed_and_stored",
    "balance_to_finish",
    "retainage",
    "stored_previous",
    "retainage_on_work",
)
_STORED = 'IF({materials_stored}="",{stored_previous},{materials_stored})'
_FROM_QUANTITY = "ROUND(ROUND({quantity_to_date}*{unit_price},2)-{work_previous},2)"
_FROM_PERCENT = "ROUND(ROUND({scheduled_value}*{percent_to_date},2)-{work_previous},2)"
_SINCE_OPENING = "({work_previous}+{work_billed}-{opening_work})"
_RELEASED = "({released_before}+{retainage_release})"
_RELEASED_FROM_WORK = "ROUND(" + _RELEASED + "-{withheld_stored},2)"
_LEFT_ON_WORK = "ROUND({withheld_work}-" + _RELEASED + ",2)"

_LINE: Mapping[str, str] = {
    "work_billed": (
        'IF({quantity_to_date}="",IF({percent_to_date}="",ROUND({work_this_period},2),'
        + _FROM_PERCENT
        + "),"
        + _FROM_QUANTITY
        + ")"
    ),
    "completed_and_stored": "ROUND({work_previous}+{work_billed}+" + _STORED + ",2)",
    # Truncated to a hundredth of a percent, so that 100.00 % means all of it: a hair under a half is taken
    # off.
    "percent_complete": (
        "IF({scheduled_value}=0,0,IF({completed_and_stored}=0,0,"
        "ROUND({completed_and_stored}/{scheduled_value}-0.0000499999,4)))"
    ),
    "balance_to_finish": "ROUND({scheduled_value}-{completed_and_stored},2)",
    # The opening tranche is never worked out again; unchanged stored materials keep what was withheld on
    # them.
    "withheld_by_rate": "ROUND({opening_withheld}+ROUND({retainage_rate_work}*" + _SINCE_OPENING + ",2),2)",
    "withheld_stored": (
        f"IF(ROUND({_STORED}-{{stored_previous}},2)=0,{{stored_withheld_before}},"
        f"ROUND({{retainage_rate_stored}}*{_STORED},2))"
    ),
    # Never less than was released. A deductive line holds less than nothing, so there the signs turn round.
    "withheld_work": (
        "IF({scheduled_value}>=0,"
        f"MAX(0,{{withheld_by_rate}},{_RELEASED_FROM_WORK}),MIN(0,{{withheld_by_rate}},{_RELEASED_FROM_WORK}))"
    ),
    "retainage": "ROUND({withheld_work}+{withheld_stored}-" + _RELEASED + ",2)",
    # A release takes work retainage first.
    "retainage_on_work": f"IF({{scheduled_value}}>=0,MAX(0,{_LEFT_ON_WORK}),MIN(0,{_LEFT_ON_WORK}))",
}
_ENTERED = (
    "percent_to_date",
    "work_this_period",
    "quantity_to_date",
    "materials_stored",
    "retainage_release",
)
_BY_QUANTITY = f'IF({{method}}="{BY_QUANTITY}",TRUE,{{method}}="{RE_MEASURED}")'
_QUANTITY = 'IF({quantity_to_date}="",{quantity_previous},{quantity_to_date})'
_BLANK = 'IF({percent_to_date}="",{work_this_period}="",FALSE)'
_MOST_RELEASED = "ROUND({withheld_by_rate}+{withheld_stored}-{released_before},2)"
# The first condition that holds gives the words. SUM of a cell with text is 0, which is not that text: the
# one test for a number that these functions allow.
_CHECKS: tuple[tuple[str, str], ...] = (
    *((f"SUM({{{key}}})<>{{{key}}}", '"Not a number"') for key in _ENTERED),
    (
        (
            'IF({percent_to_date}="",FALSE,IF({work_this_period}="",FALSE,'
            "ROUND({work_billed}-{work_this_period},2)<>0))"
        ),
        '"% and amount differ"',
    ),
    (f"IF({_BY_QUANTITY},IF({_BLANK},FALSE,TRUE),FALSE)", '"Enter the quantity"'),
    (f'IF({_BY_QUANTITY},FALSE,{{quantity_to_date}}<>"")', '"Not by quantity"'),
    (
        (
            f'IF({{method}}="{MILESTONE}",IF({{completed_and_stored}}=0,FALSE,'
            "{completed_and_stored}<>{scheduled_value}),FALSE)"
        ),
        '"All of it or nothing"',
    ),
    (
        (
            f'IF({{method}}="{RE_MEASURED}",IF({{contract_quantity}}>=0,'
            f"{_QUANTITY}>{{contract_quantity}},{_QUANTITY}<{{contract_quantity}}),FALSE)"
        ),
        '"Above the estimate"',
    ),
    (
        "IF({scheduled_value}>=0,{completed_and_stored}>{scheduled_value},{completed_and_stored}<{scheduled_value})",
        '"Over by "&ROUND(ABS({completed_and_stored}-{scheduled_value}),2)',
    ),
    ("IF({scheduled_value}>=0,{completed_and_stored}<0,{completed_and_stored}>0)", '"Below zero"'),
    ("IF({scheduled_value}>=0,{work_billed}<0,{work_billed}>0)", '"Less than before"'),
    (
        (
            "IF({scheduled_value}>=0,"
            f"{{retainage_release}}>MAX(0,{_MOST_RELEASED}),{{retainage_release}}<MIN(0,{_MOST_RELEASED}))"
        ),
        '"More than is held"',
    ),
)


def line_formulas(row: int) -> Mapping[str, str]:
    """The formulas of one line by column key."""
    at = {key: f"{letter}{row}" for key, letter in LETTER.items()}
    written = {key: "=" + pattern.format(**at) for key, pattern in _LINE.items()}
    return written | {"check": "=" + _check().format(**at)}


def total_formulas() -> Mapping[str, str]:
    """The formulas of the totals row by column key."""
    summed = {key: f"=SUM({LETTER[key]}{LINE_ROW}:{LETTER[key]}{CHANGE_ROW})" for key in SUMMED}
    return {key: f"=ROUND({formula[1:]},2)" for key, formula in summed.items()}


def summary_formulas(at: Mapping[str, str]) -> Mapping[str, str]:
    """The formulas of the summary by key. `at` gives the cell of each summary line ('D20')."""
    value = LETTER["scheduled_value"]
    total = {key: f"{LINES}!{letter}{TOTAL_ROW}" for key, letter in LETTER.items()}
    gross = f"{total['completed_and_stored']}-{total['work_previous']}-{total['stored_previous']}"
    return {
        "original_contract_sum": f"=ROUND(SUM({LINES}!{value}{LINE_ROW}:{value}{LINE_ROW}),2)",
        "net_change_orders": f"=ROUND(SUM({LINES}!{value}{SECTION_ROW}:{value}{CHANGE_ROW}),2)",
        "contract_sum_to_date": _difference(at, "original_contract_sum", "+", "net_change_orders"),
        "total_completed_and_stored": f"=ROUND({total['completed_and_stored']},2)",
        "retainage_work": f"=ROUND({total['retainage_on_work']},2)",
        "retainage_stored": f"=ROUND({total['retainage']}-{total['retainage_on_work']},2)",
        "retainage_total": _difference(at, "retainage_work", "+", "retainage_stored"),
        "total_earned_less_retainage": _difference(at, "total_completed_and_stored", "-", "retainage_total"),
        "current_payment_due": _difference(at, "total_earned_less_retainage", "-", "previous_certificates"),
        "balance_to_finish": _difference(at, "contract_sum_to_date", "-", "total_earned_less_retainage"),
        "gross_this_period": f"=ROUND({gross},2)",
    }


def _difference(at: Mapping[str, str], first: str, sign: str, second: str) -> str:
    return f"=ROUND({at[first]}{sign}{at[second]},2)"


def _check() -> str:
    written = '""'
    for condition, words in reversed(_CHECKS):
        written = f"IF({condition},{words},{written})"
    return written
