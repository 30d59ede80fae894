"""Writes the client application: the summary and the lines for the client, and our own sheets behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import percent_complete
from batch.core.model import BilledLine
from batch.core.money import decimals, total
from batch.core.upstream import UpstreamResult
from batch.formats import workbook as look
from batch.formats.figures import date_text
from batch.formats.pay_app.layout import fill
from batch.formats.table import (
    FIRST_ROW,
    Column,
    Formula,
    Table,
    Value,
    added,
    finish,
    put_row,
    put_total,
    start,
)
from batch.formats.upstream.behind import write_exceptions, write_mapping, write_sources
from batch.formats.upstream.box import write_box, write_open, write_tax
from batch.formats.upstream.content import ClientApplicationContent
from batch.formats.upstream.layout import (
    AGAIN_COLUMN,
    EXCEPTIONS,
    LINE_COLUMNS,
    LINES,
    MAPPING,
    SOURCES,
    SUMMARY,
    SUMMARY_LABELS,
    SUMMED,
)

#: The row of the summary's heading; its lines follow.
FIGURES_ROW = 10
Terms = Mapping[str, str]
Cached = dict[str, Decimal | str]


def write(
    content: ClientApplicationContent, *, created: datetime, terms: Terms, locale: str, internal: bool = True
) -> bytes:
    """The workbook's bytes, the same for the same arguments. `created`: an aware instant.

    With `internal` it also holds the sheets that name subcontractors; without them it is the copy for the
    client.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    summary = book.create_sheet(SUMMARY)
    tables = [_lines(book.create_sheet(LINES), content, terms)]
    cached = {SUMMARY: _summary(summary, content, tables[0], terms, locale)}
    if internal:
        tables.append(write_mapping(book.create_sheet(MAPPING), content, terms))
        tables.append(write_exceptions(book.create_sheet(EXCEPTIONS), content, terms))
        tables.append(write_sources(book.create_sheet(SOURCES), content, terms))
    title = f"{look.clean_text(_title(content, terms))} {content.project}"
    look.describe(book, title=title, language=locale)
    cached |= {table.sheet.title: table.cached for table in tables}
    return look.save(book, created=created, cached=cached)


def _title(content: ClientApplicationContent, terms: Terms) -> str:
    return fill(f"{{Client_application}} {content.application_number}", terms)


def _summary(
    sheet: Worksheet, content: ClientApplicationContent, lines: Table, terms: Terms, locale: str
) -> Cached:
    look.set_widths(sheet, {"A": 2, "B": 10, "C": 48, "D": 24, "E": 24})
    look.put_text(sheet["B1"], _title(content, terms))
    look.style_title(sheet["B1"])
    sheet.row_dimensions[1].height = 28
    period = f"{date_text(content.period_from, locale)} to {date_text(content.period_to, locale)}"
    facts = (
        ("To", content.client),
        ("From", content.company),
        ("Project", f"{content.project} {content.project_name}"),
        ("Contract", content.contract or "-"),
        ("Period", period),
    )
    for row, (label, text) in enumerate(facts, 3):
        look.put_text(sheet[f"B{row}"], label)
        look.put_text(sheet[f"C{row}"], text)
        look.style_note(sheet[f"B{row}"])
        look.style_plain(sheet[f"C{row}"], bold=row == 3)
        sheet[f"B{row}"].alignment = Alignment(vertical="center")
        sheet.row_dimensions[row].height = 18
    cached = _figures(sheet, content.result, lines, terms)
    after = write_open(sheet, FIGURES_ROW + len(SUMMARY_LABELS) + 1, content)
    after = write_tax(sheet, after, content, terms)
    after = _dates(sheet, after, content)
    cached |= write_box(sheet, after + 1, content, terms)
    look.print_setup(sheet, landscape=False)
    sheet.sheet_view.showGridLines = False
    return cached


def _dates(sheet: Worksheet, row: int, content: ClientApplicationContent) -> int:
    """The dates of the payment below a blank row; nothing where there are none. Gives the next free row."""
    if not content.dates:
        return row
    for at, (label, day) in enumerate(content.dates, row + 1):
        for letter, text in (("C", label), ("D", day)):
            look.put_text(sheet[f"{letter}{at}"], text)
            look.style_plain(sheet[f"{letter}{at}"])
            side = "left" if letter == "C" else "right"
            sheet[f"{letter}{at}"].alignment = Alignment(horizontal=side, indent=1)
    return row + 1 + len(content.dates)


def _figures(sheet: Worksheet, result: UpstreamResult, lines: Table, terms: Terms) -> Cached:
    look.header_row(sheet, FIGURES_ROW, ["", "", f"Amount in {result.currency}"], first_column=2, height=24)
    at = {key: f"D{row}" for row, key in enumerate(SUMMARY_LABELS, FIGURES_ROW + 1)}
    formulas = _summary_formulas(at, lines, FIRST_ROW + len(result.lines))
    places = str(decimals(result.currency))
    cached: Cached = {}
    for row, (key, (number, label)) in enumerate(SUMMARY_LABELS.items(), FIGURES_ROW + 1):
        value: Decimal = result.earlier_total if key == "earlier_total" else getattr(result.summary, key)
        _figure_row(sheet, row, number, fill(label, terms), result.currency)
        if key in formulas:
            sheet[at[key]].value = formulas[key].replace("places", places)
            cached[at[key]] = value
        else:
            look.put_amount(sheet[at[key]], value, result.currency)
        if key == "current_payment_due":
            _emphasise(sheet, row)
    return cached


def _summary_formulas(at: Mapping[str, str], lines: Table, total_row: int) -> dict[str, str]:
    """What follows from the totals of 'Lines' and from other lines of the summary; the rest is from the
    ledger.
    """

    def rounded(first: str, sign: str, second: str) -> str:
        return f"=ROUND({at[first]}{sign}{at[second]},places)"

    return {
        "contract_sum_to_date": rounded("original_contract_sum", "+", "net_change_orders"),
        "total_completed_and_stored": f"={LINES}!{lines.ref('completed_and_stored', total_row)}",
        "retainage_total": rounded("retainage_work", "+", "retainage_stored"),
        "total_earned_less_retainage": rounded("total_completed_and_stored", "-", "retainage_total"),
        "current_payment_due": rounded("total_earned_less_retainage", "-", "previous_certificates"),
        "balance_to_finish": rounded("contract_sum_to_date", "-", "total_earned_less_retainage"),
        "earlier_total": f"={LINES}!{lines.ref('from_earlier', total_row)}",
    }


def _figure_row(sheet: Worksheet, row: int, number: str, label: str, currency: str) -> None:
    for letter, text in (("B", number), ("C", label), ("D", "")):
        look.put_text(sheet[f"{letter}{row}"], text)
        look.style_locked(sheet[f"{letter}{row}"])
        sheet[f"{letter}{row}"].fill = PatternFill()
        sheet[f"{letter}{row}"].alignment = Alignment(horizontal="left", vertical="center", indent=1)
    sheet[f"D{row}"].number_format = look.amount_format(currency)
    sheet[f"D{row}"].alignment = Alignment(horizontal="right", vertical="center", indent=1)
    sheet.row_dimensions[row].height = 20


def _emphasise(sheet: Worksheet, row: int) -> None:
    for letter in "BCD":
        sheet[f"{letter}{row}"].font = Font(name=look.FONT, size=13, bold=True, color=look.DARK_BLUE)
    sheet.row_dimensions[row].height = 24


def line_columns(result: UpstreamResult) -> tuple[Column, ...]:
    """The columns of 'Lines'; one more where something was not certified before."""
    if not result.again:
        return LINE_COLUMNS
    at = [column.key for column in LINE_COLUMNS].index("from_earlier") + 1
    return (*LINE_COLUMNS[:at], AGAIN_COLUMN, *LINE_COLUMNS[at:])


def _lines(sheet: Worksheet, content: ClientApplicationContent, terms: Terms) -> Table:
    result = content.result
    note = f"{content.project} {content.project_name} · amounts in {result.currency}"
    columns = line_columns(result)
    table = start(sheet, columns, terms, title=_title(content, terms), note=note, white=True)
    for row, line in enumerate(result.lines, FIRST_ROW):
        put_row(table, row, _line(table, row, line, result), result.currency)
    last = FIRST_ROW + len(result.lines) - 1
    totals: dict[str, Value] = {
        key: added(
            table,
            key,
            FIRST_ROW,
            last,
            total((_amounts(line, result)[key] for line in result.lines), result.currency),
        )
        for key in (*SUMMED, "again")
        if key in {column.key for column in columns}
    }
    put_total(table, last + 1, "Total", totals, result.currency)
    finish(table, freeze="scheduled_value", locked=False)
    return table


def _amounts(line: BilledLine, result: UpstreamResult) -> dict[str, Decimal]:
    return {
        "scheduled_value": line.line.scheduled_value,
        "work_previous": line.work_previous,
        "work_this_period": line.work_this_period,
        "materials_stored": line.materials_stored,
        "again": result.not_certified(line.line.key),
        "from_earlier": result.from_earlier(line.line.key),
        "completed_and_stored": line.completed_and_stored,
        "balance_to_finish": line.balance_to_finish,
        "released": line.released_this_period,
        "retainage": line.retainage_held,
    }


def _line(table: Table, row: int, line: BilledLine, result: UpstreamResult) -> dict[str, Value]:
    at = table.at(row)
    done = "=ROUND({work_previous}+{work_this_period}+{materials_stored},{{places}})".format(**at)
    left = "=ROUND({scheduled_value}-{completed_and_stored},{{places}})".format(**at)
    live: dict[str, Value] = {
        "completed_and_stored": Formula(text=done, value=line.completed_and_stored),
        "balance_to_finish": Formula(text=left, value=line.balance_to_finish),
        "percent_complete": percent_complete(line).scaleb(-2),
        "line_key": line.line.key,
        "item": line.line.item,
        "description": line.line.description,
    }
    return _amounts(line, result) | live
