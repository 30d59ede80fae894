"""Writes the pre-filled pay application of one invite to bill, from the template's bytes.

Formulas are live, and the figures they give now stand beside them, because a preview on a phone calculates
nothing.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import as_in_workbook, bill
from batch.core.model import Basis, InviteKind, LineAmounts
from batch.core.money import decimals, shown
from batch.core.retainage_rules import terms_of_line
from batch.core.settings import BackupPolicy, StoredMode
from batch.formats import workbook as look
from batch.formats.figures import date_text
from batch.formats.pay_app import identity, layout
from batch.formats.pay_app.figures import plan_rows
from batch.formats.pay_app.final_sheet import add_final_sheet, final_note
from batch.formats.pay_app.movements import add_movements
from batch.formats.pay_app.tables import fill_box, fill_change_orders, fill_deductions
from batch.formats.pay_app.write_lines import fill_lines, fill_summary, show_materials
from batch.formats.terms import Terms, capital

#: Characters of a line of the summary that a phone shows, and points a line takes.
_WIDE, _LINE_HEIGHT = 55, 16
_STEPS: Mapping[InviteKind, str] = {
    InviteKind.WORK: "Sheet 'Lines': fill in the yellow cells, % complete to date OR amount of this period.",
    InviteKind.RELEASE: "Sheet 'Lines': enter the {retainage} to release in the yellow cells.",
    InviteKind.BOTH: "Sheet 'Lines': fill in the yellow cells: % OR amount, and {retainage} to release.",
    InviteKind.FINAL: "Sheet 'Lines': bill every line in full, and all {retainage} back. Sheet 'Final' lists it.",
}
_LINES_STEPS: Mapping[InviteKind, str] = {
    InviteKind.WORK: "Fill in yellow: % OR amount. Nothing done: leave blank.",
    InviteKind.RELEASE: "Fill in yellow: the {retainage} to release now.",
    InviteKind.BOTH: "Fill in yellow: % OR amount, and {retainage} to release.",
    InviteKind.FINAL: "Fill in yellow: 100% and all {retainage} to release, so that nothing is left.",
}


def render(
    template: bytes,
    basis: Basis,
    *,
    token: str,
    terms: Terms,
    created: datetime,
    locale: str,
    due: str,
    company: str,
    contact: str,
    rejected: Mapping[str, str] | None = None,
    entries: Mapping[str, LineAmounts] | None = None,
) -> bytes:
    """The workbook's bytes, the same for the same arguments.

    `basis`: what was frozen at the invite; amounts in its currency. `token`: 16 characters of lower-case
    base32. `terms`: the locale's words. `created`: the instant of issue. `locale`: BCP 47. `due`, `company`,
    `contact`: texts for a person ('Tue 4 March 2025, 17:00', the name that asks, who answers questions).
    `rejected`: the reviewer's reason by line key, when the application was sent back. `entries`: amounts to
    fill in again by line key; a line that is not there is left blank, with its stored materials as they were.
    Raises UnknownLineError and MoneyError as `core.billing.bill`.
    """
    book = load_workbook(io.BytesIO(template))
    refused, amounts = dict(rejected or {}), dict(entries or {})
    computed = as_in_workbook(bill(basis, amounts), basis)
    texts = _texts(basis, terms, locale) | {
        "due": due,
        "project": f"{basis.project_name} ({basis.project}), for {company}",
        "contact": contact,
        "code": identity.code_of(token),
        "sent_back": _sent_back(refused),
    }
    _fill_texts(book, texts)
    rows = plan_rows(basis, computed, amounts, refused)
    spans, values = fill_lines(book[layout.LINES], basis, rows)
    cached = {
        layout.LINES: values,
        layout.SUMMARY: fill_summary(
            book[layout.SUMMARY], spans, computed.summary, basis.currency, _changed(basis)
        ),
    }
    placed = {str(row.contents.get("line_key")): at for at, row in enumerate(rows, spans.first)}
    title, moved = add_movements(book, basis, computed, placed, terms)
    if title:
        cached[title] = moved
    show_materials(book[layout.SUMMARY], asked=basis.asks_materials)
    fill_change_orders(book[layout.CHANGE_ORDERS], basis)
    cached[f"{capital(terms['change_order'])}s"] = fill_box(book[layout.CHANGE_ORDERS], basis)
    fill_deductions(book, basis)
    add_final_sheet(book, basis, terms)
    _set_currency(book, basis.currency)
    for sheet in book.worksheets:
        sheet.page_setup.paperSize = look.LETTER if locale == "en-US" else look.A4
    _stamp(book, basis, token)
    book[layout.CHANGE_ORDERS].title = capital(terms["change_order"]) + "s"
    look.describe(book, title=f"{texts['title']}, {texts['vendor']}", language=locale, creator=company)
    return look.save(book, created=created, cached=cached)


def _changed(basis: Basis) -> Decimal:
    """What change orders did to original lines."""
    return sum((line.changed for line in basis.lines if not line.change_order), Decimal(0))


def _texts(basis: Basis, terms: Terms, locale: str) -> dict[str, str]:
    named = terms["pay_application"]
    title = f"{_kind_word(basis)}{named if _kind_word(basis) else capital(named)} {basis.application_number}"
    period = f"{date_text(basis.period_from, locale)} to {date_text(basis.period_to, locale)}"
    return {
        **terms,
        "title": title,
        "vendor": basis.vendor_name,
        "commitment": f"{basis.commitment}: {basis.commitment_title}",
        "period": f"{capital(terms['billing_period'])}: {period}",
        "step_lines": layout.fill(_STEPS[basis.kind], terms),
        "print_header": f"{basis.project_name}, {period}",
        "lines_step": layout.fill(_LINES_STEPS[basis.kind], terms)
        + _method_note(basis)
        + _moved_note(basis, terms),
        "change_orders_heading": _change_orders_heading(basis, terms),
        "currency": basis.currency,
        "rate_work": _rate(basis, "work"),
        "rate_stored": _rate(basis, "stored"),
        "deductions_note": _notes(basis, terms),
    }


def _kind_word(basis: Basis) -> str:
    return "Final " if basis.kind is InviteKind.FINAL else ""


def _notes(basis: Basis, terms: Terms) -> str:
    """What a sender has to know beside the figures: what ends the contract, proof, retainage, and what is deducted."""
    notes = (final_note(basis, terms), _backup_note(basis, terms), _deductions_note(basis, terms))
    deducted = " ".join(note for note in notes if note)
    if basis.retainage_by_line:
        return deducted
    shown_as = (
        f"{capital(terms['retainage'])} is worked out by the rules of your {terms['subcontract']} when this"
        " comes back. Until then it stands here as certified so far."
    )
    return f"{shown_as} {deducted}".strip()


def _rate(basis: Basis, component: str) -> str:
    """The rate that all lines have, or `by line`; `so far` where it is shown as certified so far."""
    if not basis.retainage_by_line:
        return layout.RATE_SO_FAR
    rates = {getattr(terms_of_line(basis.retainage, line), component) for line in basis.lines}
    return f"{rates.pop().normalize():f}%" if len(rates) == 1 else layout.RATE_BY_LINE


def _sent_back(rejected: Mapping[str, str]) -> str:
    if not rejected:
        return ""
    lines = "1 line was" if len(rejected) == 1 else f"{len(rejected)} lines were"
    return f"{lines} sent back: see 'Sent back because' on the sheet 'Lines', and correct."


def _change_orders_heading(basis: Basis, terms: Terms) -> str:
    word = capital(terms["change_order"]) + "s"
    return (
        word if any(line.change_order or line.changes for line in basis.lines) else f"{word}: none approved"
    )


def _deductions_note(basis: Basis, terms: Terms) -> str:
    if not basis.deductions:
        return ""
    total = sum((deduction.amount for deduction in basis.deductions), Decimal(0))
    word = capital(terms["deduction"]) + "s"
    return f"{word} of {shown(total, basis.currency)} will be taken off: see the sheet '{layout.DEDUCTIONS}'."


def _backup_note(basis: Basis, terms: Terms) -> str:
    """What has to come with the workbook."""
    if basis.backup.policy is BackupPolicy.OFF or not basis.kind.opens_work:
        return ""
    above = basis.backup.above
    work = f", and of work above {shown(above, basis.currency)} on a line" if above is not None else ""
    return f"Attach a ticket, photo or invoice of {terms['stored_materials']}{work} to the same mail."


def _method_note(basis: Basis) -> str:
    """Where lines are billed by quantity: what is entered on them instead."""
    if basis.kind.opens_work and any(line.measure is not None for line in basis.lines):
        return " Lines with a unit: the quantity to date."
    return ""


def _moved_note(basis: Basis, terms: Terms) -> str:
    """Where stored materials become work by themselves: say so, and that only new ones are entered."""
    if basis.stored_mode is StoredMode.CLASSIC:
        return ""
    moved = sum(basis.stored_moved.values(), Decimal(0))
    if basis.stored_mode is StoredMode.TO_THIS:
        where = "is filled in as work of this period: add your other work to it."
    else:
        where = "is now in 'Billed before'."
    told = f" {shown(moved, basis.currency)} stored before {where}" if moved else ""
    except_measured = any(line.measure is not None for line in basis.lines)
    apart = " (lines with a unit: all that is stored)" if except_measured else ""
    return f"{told} {capital(terms['stored_materials'])}: enter new ones only{apart}."


def _fill_texts(book: Workbook, texts: Mapping[str, str]) -> None:
    """Put the texts into every `{name}` of the template; a row whose only text is then empty is hidden."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.data_type == "s" and "{" in cell.value:
                    look.put_text(cell, layout.fill(cell.value, texts))
                    if sheet.title == layout.SUMMARY:
                        _fit_row(sheet, cell.row or 1, str(cell.value or ""))
        header = cast(Any, sheet.oddHeader).right
        if header.text:
            # A header has codes that begin with an ampersand.
            header.text = layout.fill(header.text, texts).replace("&", "&&")


def _fit_row(sheet: Worksheet, row: int, text: str) -> None:
    if not text:
        sheet.row_dimensions[row].hidden = True
    else:
        least = sheet.row_dimensions[row].height or _LINE_HEIGHT
        sheet.row_dimensions[row].height = look.height_for([(text, _WIDE)], least=least)


def _set_currency(book: Workbook, currency: str) -> None:
    """Give amounts and roundings the currency's own number of decimals."""
    if decimals(currency) == 2:
        return
    written, wanted = look.amount_format(""), look.amount_format(currency)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.number_format == written:
                    cell.number_format = wanted
                if cell.data_type == "f":
                    cell.value = str(cell.value).replace(",2)", f",{decimals(currency)})")


def _stamp(book: Workbook, basis: Basis, token: str) -> None:
    """Write the identity into the three hidden carriers; the visible one is a text of the template."""
    sheet = book.create_sheet(identity.SHEET_TITLE)
    sheet.sheet_state = "veryHidden"
    look.put_text(sheet["A1"], identity.SHEET_MARK)
    for row, (key, value) in enumerate(identity.identity_values(basis, token).items(), 2):
        look.put_text(sheet.cell(row=row, column=1), key)
        look.put_text(sheet.cell(row=row, column=2), value)
    code = identity.code_of(token)
    book.defined_names[identity.TOKEN_NAME] = DefinedName(
        identity.TOKEN_NAME, attr_text=f'"{code}"', hidden=True
    )  # The types for openpyxl leave custom properties out.
    cast(Any, book).custom_doc_props.append(StringProperty(name=identity.TOKEN_NAME, value=code))
