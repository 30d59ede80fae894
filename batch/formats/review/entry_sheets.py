"""The sheets 'Not answered' and 'On behalf': commitments without an application, and what an admin enters for
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import bill
from batch.core.model import BilledLine
from batch.core.money import zero
from batch.formats.review import layout
from batch.formats.review.content import NotAnswered, ReviewContent
from batch.formats.table import (
    FIRST_ROW,
    Formula,
    Table,
    Value,
    finish,
    offer,
    put_note,
    put_row,
    put_section,
    start,
)

_TO_DATE = "=ROUND({work_previous}+SUM({work_this_period},{materials_stored}),{{places}})"
_BY_QUANTITY = (
    '=IF({quantity_to_date}="",0,'
    "ROUND(ROUND({quantity_to_date}*{unit_price},{{places}})-{work_previous},{{places}}))"
)
_CHECK = (
    "=IF(COUNTA({work_this_period},{materials_stored},{retainage_release})>"
    'COUNT({work_this_period},{materials_stored},{retainage_release}),"Not a number",'
    "IF(IF({scheduled_value}>=0,{to_date}>{scheduled_value},{to_date}<{scheduled_value}),"
    '"Over by "&FIXED(ABS({to_date}-{scheduled_value}),{{places}}),""))'
)


def write_not_answered(sheet: Worksheet, content: ReviewContent, terms: Mapping[str, str]) -> Table:
    """One row for each commitment without an application, with the entry that bills on its behalf."""
    note = "To bill on behalf: choose Yes, give a reason, and enter the lines on 'On behalf'."
    table = start(sheet, layout.NOT_ANSWERED_COLUMNS, terms, title="Not answered", note=note)
    for row, each in enumerate(content.not_answered, FIRST_ROW):
        put_row(table, row, _commitment(each, content), each.basis.currency)
    last = FIRST_ROW + len(content.not_answered) - 1
    if content.not_answered:
        prompt = "Yes makes an application from the lines on 'On behalf'."
        offer(table, "bill_on_behalf", FIRST_ROW, last, (layout.YES,), title="Bill on behalf", prompt=prompt)
    else:
        put_note(table, FIRST_ROW, "Every commitment has answered.")
    finish(table, freeze="state")
    return table


def write_on_behalf(sheet: Worksheet, content: ReviewContent, terms: Mapping[str, str]) -> Table:
    """One row for each line of those commitments. Stored materials start with the last balance."""
    note = "Only for a commitment with Yes on 'Not answered'. Blank: no work on the line, no release."
    measured = any(line.measure for each in content.not_answered for line in each.basis.lines)
    columns = [each for each in layout.ON_BEHALF_COLUMNS if measured or each.key not in layout.MEASURED]
    table = start(sheet, columns, terms, title="On behalf", note=note)
    row = FIRST_ROW
    for each in content.not_answered:
        basis = each.basis
        put_section(table, row, f"{basis.commitment}  {basis.vendor_name}  ·  {basis.currency}")
        closed: tuple[str, ...] = () if basis.kind.opens_release else ("retainage_release",)
        closed += (
            () if basis.kind.opens_work else ("work_this_period", "materials_stored", "quantity_to_date")
        )
        for line in bill(basis, {}).lines:
            row += 1
            own = ("quantity_to_date",) if line.line.measure is None else ("work_this_period",)
            put_row(table, row, _line(table, row, each, line), basis.currency, closed=(*closed, *own))
        row += 1
    if not content.not_answered:
        put_note(table, FIRST_ROW, "Every commitment has answered.")
    finish(table, freeze="scheduled_value")
    return table


def _commitment(each: NotAnswered, content: ReviewContent) -> dict[str, Value]:
    found = bill(each.basis, {}).summary
    return {
        "invite_id": each.invite_id,
        "issue": str(each.basis.issue),
        "currency": each.basis.currency,
        "vendor": each.basis.vendor_name,
        "commitment": each.basis.commitment,
        "state": each.state,
        "note": each.note,
        "due_at": f"{each.due_at.astimezone(ZoneInfo(content.time_zone)):%Y-%m-%d %H:%M}",
        "contract_sum_to_date": found.contract_sum_to_date,
        "completed_and_stored": found.total_completed_and_stored,
        "retainage_held": found.retainage_total,
        "type": each.commitment_type.value,
    }


def _line(table: Table, row: int, each: NotAnswered, line: BilledLine) -> dict[str, Value]:
    at = table.at(row)
    prior = each.basis.positions.get(line.line.key)
    return {
        "invite_id": each.invite_id,
        "line_key": line.line.key,
        "item": line.line.item,
        "description": line.line.description,
        "cost_code": line.line.cost_code,
        "scheduled_value": line.line.scheduled_value,
        "work_previous": line.work_previous,
        **({"work_this_period": line.work_this_period} if line.work_this_period else {}),
        "materials_stored": line.materials_stored,
        "retainage_held": prior.held if prior else zero(each.basis.currency),
        "to_date": Formula(text=_TO_DATE.format(**at), value=line.completed_and_stored),
        "check": Formula(text=_CHECK.format(**at), value=""),
        **_measured(line, at, each.basis.currency),
    }


def _measured(line: BilledLine, at: Mapping[str, str], currency: str) -> dict[str, Value]:
    """The cells of a unit price line: its work follows from the quantity to date."""
    measure = line.line.measure
    if measure is None:
        return {}
    return {
        "unit": measure.unit,
        "unit_price": measure.unit_price,
        "quantity_previous": line.position.quantity,
        "work_this_period": Formula(text=_BY_QUANTITY.format(**at), value=zero(currency)),
    }
