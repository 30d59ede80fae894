"""The sheets behind a client application: mapping, exceptions, sources. They name subcontractors and are ours
alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.worksheet.worksheet import Worksheet

from batch.core.findings import CODES
from batch.core.model import CostLine
from batch.core.money import shown, total
from batch.core.upstream import UpstreamResult
from batch.formats import workbook as look
from batch.formats.table import (
    FIRST_ROW,
    Column,
    Table,
    Value,
    added,
    finish,
    put_note,
    put_row,
    put_section,
    put_total,
    start,
)
from batch.formats.upstream.content import ClientApplicationContent
from batch.formats.upstream.layout import EXCHANGE_COLUMN, MAPPING_COLUMNS, SHARE_COLUMN, SOURCE_COLUMNS

Terms = Mapping[str, str]


def write_mapping(sheet: Worksheet, content: ClientApplicationContent, terms: Terms) -> Table:
    """Each client line that has cost, with the lines of approved applications that feed it."""
    result = content.result
    note = "Internal: which approved application feeds which line. Not for the client."
    table = start(sheet, _mapping_columns(result), terms, title="Mapping", note=note)
    row = FIRST_ROW
    for line in result.lines:
        costs = result.sources.get(line.line.key, ())
        again = result.again.get(line.line.key)
        if costs or again:
            put_section(table, row, f"{line.line.item}  {line.line.description}")
            row += 1
        if again:
            gross = result.not_certified(line.line.key)
            values: dict[str, Value] = {"work": again.work, "stored": again.stored, "gross": gross}
            text = "Billed before and not certified: billed again"
            put_total(table, row, text, values, result.currency, ruled=False)
            row += 1
        if costs:
            words = f"Total of {line.line.item}" + (", approved cost" if again else "")
            row = _cost_rows(table, row, costs, words, result.currency)
    if row == FIRST_ROW:
        put_note(table, row, "No approved cost feeds this application.")
    finish(table, freeze="description")
    return table


def _mapping_columns(result: UpstreamResult) -> tuple[Column, ...]:
    costs = [*result.unmatched, *(cost for each in result.sources.values() for cost in each)]
    foreign = any(cost.exchange is not None for cost in costs)
    shared = any(cost.percent is not None for cost in costs)
    return (*MAPPING_COLUMNS, *((SHARE_COLUMN,) if shared else ()), *((EXCHANGE_COLUMN,) if foreign else ()))


def _cost_rows(table: Table, first: int, costs: tuple[CostLine, ...], text: str, currency: str) -> int:
    """Write cost lines from `first` on and their total; gives the next free row."""
    last = first + len(costs) - 1
    for row, cost in enumerate(costs, first):
        put_row(table, row, _cost(cost), currency)
    sums = {
        "work": total((cost.work for cost in costs), currency),
        "stored": total((cost.stored for cost in costs), currency),
        "gross": total((cost.work + cost.stored for cost in costs), currency),
    }
    totals: dict[str, Value] = {key: added(table, key, first, last, value) for key, value in sums.items()}
    put_total(table, last + 1, text, totals, currency)
    return last + 2


def _cost(cost: CostLine) -> dict[str, Value]:
    return {
        "application": cost.application,
        "vendor": cost.vendor_name,
        "commitment_line": cost.line_key,
        "description": cost.description,
        "cost_code": cost.cost_code,
        "earlier": "earlier" if cost.earlier else "this",
        "work": cost.work,
        "stored": cost.stored,
        "gross": cost.work + cost.stored,
        "share": f"{cost.percent:f}%" if cost.percent is not None else "",
        "exchange": cost.exchange.text if cost.exchange is not None else "",
    }


def write_exceptions(sheet: Worksheet, content: ClientApplicationContent, terms: Terms) -> Table:
    """Approved cost that no client line takes, claims that are not approved, the control total, and findings."""
    result, currency = content.result, content.result.currency
    note = "Internal: approved cost that no client line takes, and the control total. Not for the client."
    table = start(sheet, _mapping_columns(result), terms, title="Exceptions", note=note)
    row = FIRST_ROW
    if result.unmatched:
        put_section(table, row, "Approved cost without a line in the client contract: not billed")
        row = _cost_rows(table, row + 1, result.unmatched, "Total not billed", currency)
    else:
        put_note(table, row, "Every approved cost has a line in the client contract.")
        row += 1
    row = _left_out(table, row, content)
    row = _control(table, row + 1, result)
    for finding in result.findings:
        figures = f": {finding.found}" + (f", scheduled value {finding.expected}" if finding.expected else "")
        look.put_text(sheet[f"B{row + 1}"], f"{finding.line}{figures}. {CODES[finding.code]}")
        look.style_plain(sheet[f"B{row + 1}"])
        row += 1
    finish(table, freeze="description")
    return table


def _left_out(table: Table, row: int, content: ClientApplicationContent) -> int:
    """Claims that are not approved, each with its status, and what they add up to; gives the next free row."""
    currency, found = content.result.currency, content.left_out
    if not found:
        put_note(table, row, "Every claim up to this period is approved.")
        return row + 1
    put_section(table, row, "Claimed by subcontractors and not approved: not billed")
    first = row + 1
    for at, one in enumerate(found, first):
        values: dict[str, Value] = {
            "application": one.application,
            "vendor": one.vendor_name,
            "description": one.state
            + ("" if one.gross is not None else ": its amounts are not in this currency or not readable"),
        }
        put_row(table, at, values | ({} if one.gross is None else {"gross": one.gross}), currency)
    last = row + len(found)
    gross = total((one.gross for one in found if one.gross is not None), currency)
    totals: dict[str, Value] = {"gross": added(table, "gross", first, last, gross)}
    put_total(table, last + 1, "Total left out", totals, currency)
    return last + 2


def _control(table: Table, row: int, result: UpstreamResult) -> int:
    control, currency = result.control, result.currency
    put_section(table, row, f"Control total in {currency}: billed + not billed = approved")
    figures = (
        ("Billed in this application", control.matched),
        ("Not billed, for want of a client line", control.unmatched),
        ("Approved by us this period", control.downstream),
    )
    for each, (label, value) in enumerate(figures, row + 1):
        put_total(table, each, label, {"gross": value}, currency, ruled=each == row + len(figures))
    ties = control.matched + control.unmatched == control.downstream
    words = (
        "agrees"
        if ties
        else f"differs by {shown(control.downstream - control.matched - control.unmatched, currency)}"
    )
    cell = table.sheet[table.ref("description", row + 3)]
    look.put_text(cell, words)
    return row + 4


def write_sources(sheet: Worksheet, content: ClientApplicationContent, terms: Terms) -> Table:
    """The approved applications with the hashes of their documents."""
    note = "Internal: the approved applications behind this one. Not for the client."
    foreign = any(source.exchange for source in content.sources)
    columns = (*SOURCE_COLUMNS, EXCHANGE_COLUMN) if foreign else SOURCE_COLUMNS
    table = start(sheet, columns, terms, title="Sources", note=note)
    currency = content.result.currency
    for row, source in enumerate(content.sources, FIRST_ROW):
        values: dict[str, Value] = {
            "application": source.application,
            "commitment": source.commitment,
            "vendor": source.vendor_name,
            "revision": source.revision,
            "state": source.state,
            "gross": source.gross,
            "sha256": source.sha256,
            "exchange": source.exchange,
        }
        put_row(table, row, values, currency)
    last = FIRST_ROW + len(content.sources) - 1
    if content.sources:
        gross = total((source.gross for source in content.sources), currency)
        put_total(
            table, last + 1, "Total", {"gross": added(table, "gross", FIRST_ROW, last, gross)}, currency
        )
    else:
        put_note(table, FIRST_ROW, "No approved application feeds this one.")
    finish(table, freeze="commitment")
    return table
