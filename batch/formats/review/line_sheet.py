"""The sheet 'Lines': claimed beside approved, line by line, and what the other sheets add up from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import bill, gross_movement
from batch.core.model import BilledLine
from batch.core.money import plain, total, zero
from batch.core.settings import Policy
from batch.core.stored import movement
from batch.formats import workbook as look
from batch.formats.review import layout
from batch.formats.review.content import ReviewApplication, ReviewContent
from batch.formats.table import (
    FIRST_ROW,
    Formula,
    Table,
    Value,
    added,
    finish,
    offer,
    put_note,
    put_row,
    put_section,
    put_total,
    start,
)

#: Columns added up for each application.
SUMMED = (
    "scheduled_value", "work_previous", "claimed_work", "claimed_stored", "claimed_release", "approved_work",
    "approved_stored", "approved_release", "difference", "approved_to_date", "retainage_held",
    "stored_before", "stored_new", "stored_built_in", "stored_gone",
)  # fmt: skip
_APPROVED = "ROUND(SUM({approved_work},{approved_stored})-{stored_previous},{{places}})"
_TO_DATE = "ROUND({work_previous}+SUM({approved_work},{approved_stored}),{{places}})"
_CHANGED = (
    "IF({approved_work}<>{claimed_work},1,IF({approved_stored}<>{claimed_stored},1,"
    "IF({approved_release}<>{claimed_release},1,0)))"
)
_BY_QUANTITY = (
    "IF({approved_quantity}={claimed_quantity},{claimed_work},"
    "ROUND(ROUND({approved_quantity}*{unit_price},{{places}})-{work_previous},{{places}}))"
)
_OVER = "IF({scheduled_value}>=0,{approved_to_date}>{scheduled_value},{approved_to_date}<{scheduled_value})"
_NO_NUMBER = "COUNT({approved_work},{approved_stored},{approved_release})<3"
_NOT_OVER = f"IF({_NO_NUMBER},1,0)"
_BLOCKED = f"IF({_NO_NUMBER},1,IF({_OVER},1,0))"
# Whether a line is changed, rejected, touched at all, and whether it lacks its reason: 1 or 0.
_FLAGS = {
    "changed": _CHANGED,
    "rejected": 'IF({reject}="",0,1)',
    "touched": 'IF({changed}+{rejected}>0,1,IF({line_reason}="",0,1))',
    "changed_bare": 'IF({changed}=0,0,IF({line_reason}="",1,0))',
    "rejected_bare": 'IF({rejected}=0,0,IF({line_reason}="",1,0))',
}
# The first condition that holds gives the words.
_CHECKS = (
    ("{rejected}>0", 'IF({line_reason}="","Rejected: give a reason","Rejected")'),
    (_NO_NUMBER, '"Enter every amount, or 0"'),
    (_OVER, '"Over by "&FIXED(ABS({approved_to_date}-{scheduled_value}),{{places}})'),
    ("{changed}>0", 'IF({line_reason}="","Changed: give a reason","Changed")'),
)


@dataclass(frozen=True, kw_only=True)
class LineRows:
    """Where the lines stand, for formulas of other sheets."""

    table: Table
    last: int

    def summed(self, column: str, key: str) -> str:
        """A formula's part: the sum of a column over the lines of the application whose id stands in cell
        `key`.
        """
        return f"SUMIF({self._range('application_id')},{key},{self._range(column)})"

    def approved(self, key: str, value: Decimal) -> Formula:
        """The approved gross of the application whose id stands in cell `key`; `value` as claimed."""
        return Formula(text=f"=ROUND({self.summed('approved_gross', key)},{{places}})", value=value)

    def approved_of(self, application_ids: Sequence[str], value: Decimal) -> Formula:
        """The approved gross of several applications."""
        parts = (self.summed("approved_gross", '"' + key.replace('"', '""') + '"') for key in application_ids)
        return Formula(text=f"=ROUND({'+'.join(parts)},{{places}})", value=value)

    def _range(self, column: str) -> str:
        letter = self.table.letter(column)
        return f"{layout.LINES}!${letter}${FIRST_ROW}:${letter}${self.last}"


def write_lines(sheet: Worksheet, content: ReviewContent, terms: Mapping[str, str]) -> tuple[Table, LineRows]:
    """Every line of every application under review, by application; approved starts as claimed."""
    note = "Yellow: change APPROVED figures, up or down, or reject a line, and give a reason."
    measured = any(line.measure for one in content.applications for line in one.basis.lines)
    columns = [each for each in layout.LINE_COLUMNS if measured or each.key not in layout.MEASURED]
    table = start(sheet, columns, terms, title="Lines of the applications under review", note=note)
    row = FIRST_ROW
    for application in content.applications:
        row = _application(table, row, application)
    if not content.applications:
        put_note(table, row, "No application is under review.")
    last = max(FIRST_ROW, row - 1)
    words = (layout.REJECT,)
    offer(
        table,
        "reject",
        FIRST_ROW,
        last,
        words,
        title="Reject line",
        prompt="Sends the application back with your reason.",
    )
    _colours(table, last)
    finish(table, freeze="scheduled_value")
    return table, LineRows(table=table, last=last)


def _application(table: Table, row: int, application: ReviewApplication) -> int:
    """Write one application from `row` on; gives the next free row."""
    basis, currency = application.basis, application.basis.currency
    lines = bill(basis, application.claim).lines
    text = (
        f"{basis.commitment}  {basis.vendor_name}  ·  application {basis.application_number}  ·  {currency}"
    )
    put_section(table, row, text)
    closed: tuple[str, ...] = () if basis.kind.opens_release else ("approved_release",)
    closed += () if basis.kind.opens_work else ("approved_work", "approved_stored", "approved_quantity")
    first = row + 1
    for at, line in enumerate(lines, first):
        own = ("approved_quantity",) if line.line.measure is None else ("approved_work",)
        put_row(table, at, _line(table, at, application, line), currency, closed=(*closed, *own))
    end = first + len(lines)
    totals: dict[str, Value] = {
        key: added(
            table, key, first, end - 1, total((_figures(application, line)[key] for line in lines), currency)
        )
        for key in SUMMED
    }
    put_total(table, end, f"Total {basis.commitment}", totals, currency)
    return end + 1


def _figures(application: ReviewApplication, line: BilledLine) -> dict[str, Decimal]:
    currency = application.basis.currency
    prior = application.basis.positions.get(line.line.key)
    moved = movement(line, application.basis)
    return {
        "scheduled_value": line.line.scheduled_value,
        "work_previous": line.work_previous,
        "claimed_work": line.work_this_period,
        "claimed_stored": line.materials_stored,
        "claimed_release": line.released_this_period,
        "approved_work": line.work_this_period,
        "approved_stored": line.materials_stored,
        "approved_release": line.released_this_period,
        "stored_previous": line.stored_previous,
        "claimed_gross": gross_movement(line),
        "approved_to_date": line.completed_and_stored,
        "difference": zero(currency),
        "retainage_held": prior.held if prior else zero(currency),
        "stored_before": moved.before,
        "stored_new": moved.newly_stored,
        "stored_built_in": moved.built_in,
        "stored_gone": moved.gone,
    }


def _line(table: Table, row: int, application: ReviewApplication, line: BilledLine) -> dict[str, Value]:
    at = table.at(row)
    gross, over = gross_movement(line), _over_now(line, application.basis.currency)
    blocks = _blocks(application, line)
    formulas: dict[str, Value] = {
        "approved_gross": Formula(text=_formula(_APPROVED, at), value=gross),
        "approved_to_date": Formula(text=_formula(_TO_DATE, at), value=line.completed_and_stored),
        "difference": Formula(
            text=_formula("ROUND({approved_gross}-{claimed_gross},{{places}})", at),
            value=zero(application.basis.currency),
        ),
        "blocked": Formula(
            text=_formula(_BLOCKED if blocks else _NOT_OVER, at), value=Decimal(1 if over and blocks else 0)
        ),
        "check": Formula(text=_formula(_check(), at), value=over),
    }
    formulas |= {key: Formula(text=_formula(text, at), value=Decimal(0)) for key, text in _FLAGS.items()}
    texts: dict[str, Value] = {
        "application_id": application.application_id,
        "line_key": line.line.key,
        "item": line.line.item,
        "description": line.line.description,
        "cost_code": line.line.cost_code,
    }
    return texts | _figures(application, line) | formulas | _measured(line, at)


def _blocks(application: ReviewApplication, line: BilledLine) -> bool:
    """Whether being over its value keeps a line from being approved; beyond a re-measured quantity it never does."""
    over, measure = application.basis.over_billing, line.line.measure
    if measure is None:
        return over.line is Policy.BLOCK
    return over.quantity is Policy.BLOCK and not measure.remeasured


def _measured(line: BilledLine, at: Mapping[str, str]) -> dict[str, Value]:
    """The cells of a unit price line: its approved work follows from the approved quantity."""
    measure = line.line.measure
    if measure is None:
        return {}
    quantity = line.position.quantity
    return {
        "unit": measure.unit,
        "unit_price": measure.unit_price,
        "claimed_quantity": quantity,
        "approved_quantity": quantity,
        "approved_work": Formula(text=_formula(_BY_QUANTITY, at), value=line.work_this_period),
    }


def _formula(pattern: str, at: Mapping[str, str]) -> str:
    return "=" + pattern.format(**at)


def _check() -> str:
    written = '""'
    for condition, words in reversed(_CHECKS):
        written = f"IF({condition},{words},{written})"
    return written


def _over_now(line: BilledLine, currency: str) -> str:
    value, done = line.line.scheduled_value, line.completed_and_stored
    over = done > value if value >= 0 else done < value
    return f"Over by {plain(abs(done - value), currency)}" if over else ""


def _colours(table: Table, last: int) -> None:
    pale = PatternFill("solid", bgColor=look.PALE_RED)
    check = table.letter("check")
    at = f"${check}{FIRST_ROW}"
    wrong = f'IF({at}="",FALSE,IF({at}="Changed",FALSE,{at}<>"Rejected"))'
    rule = FormulaRule(formula=[wrong], fill=pale)  # type: ignore[no-untyped-call]
    table.sheet.conditional_formatting.add(f"{check}{FIRST_ROW}:{check}{last}", rule)
