"""Writes the review workbook: what an admin decides on, pre-filled with what was claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from batch.core.billing import bill, gross_movement
from batch.core.exchange import convert, rate_text, too_large
from batch.core.money import percent_shown, shown, total
from batch.core.tax import charged, taxed, withheld
from batch.formats import workbook as look
from batch.formats.pay_app.layout import fill
from batch.formats.review import layout
from batch.formats.review.content import ReviewApplication, ReviewContent, ReviewException
from batch.formats.review.entry_sheets import write_not_answered, write_on_behalf
from batch.formats.review.line_sheet import LineRows, write_lines
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
    put_total,
    start,
)
from batch.formats.terms import approver, owners

Terms = Mapping[str, str]
Figures = dict[str, Decimal]
_REASON = '"Give a reason"'
_OPEN = '"Not decided yet"'


def write(content: ReviewContent, *, created: datetime, terms: Terms, stamp: str) -> bytes:
    """The review workbook's bytes, the same for the same arguments.

    `created`: an aware instant. `terms`: the words of a locale. `stamp`: the token of this review, by which a
    returned workbook is known; the workbook also carries the revision of every application and the issue of
    every invite.
    """
    book = Workbook()
    figures = [figures_of(application) for application in content.applications]
    book.remove(book.worksheets[0])
    sheets: list[Worksheet] = [book.create_sheet(title) for title in _TITLES]
    lines, rows = write_lines(sheets[1], content, terms)
    tables = [
        _applications(sheets[0], content, figures, rows, terms, stamp),
        lines,
        write_not_answered(sheets[2], content, terms),
        write_on_behalf(sheets[3], content, terms),
        _exceptions(sheets[4], content, terms),
        _controls(sheets[5], content, figures, rows, terms),
    ]
    _help(sheets[6], content, terms, stamp)
    _stamp(book.create_sheet(layout.STAMP_TITLE), content, stamp)
    look.describe(book, title=f"Review {content.project} {content.period}", language=content.language)
    return look.save(book, created=created, cached={table.sheet.title: table.cached for table in tables})


_TITLES = (
    layout.APPLICATIONS,
    layout.LINES,
    layout.NOT_ANSWERED,
    layout.ON_BEHALF,
    layout.EXCEPTIONS,
    layout.CONTROLS,
    layout.HELP,
)


def figures_of(application: ReviewApplication) -> Figures:
    """The amounts of an application as claimed, by column key. In the commitment's currency."""
    made = bill(application.basis, application.claim)
    found, currency = made.summary, made.currency
    basis = application.basis
    tax = taxed(made, basis.deductions, application.taxing, basis.rounding, application.materials)
    return {
        "original_contract_sum": found.original_contract_sum,
        "net_change_orders": found.net_change_orders,
        "contract_sum_to_date": found.contract_sum_to_date,
        "work_previous": total((row.work_previous for row in made.lines), currency),
        "work_this_period": total((row.work_this_period for row in made.lines), currency),
        "materials_stored": total((row.materials_stored for row in made.lines), currency),
        "completed_and_stored": found.total_completed_and_stored,
        "gross_this_period": found.gross_this_period,
        "withheld": total((row.withheld_this_period for row in made.lines), currency),
        "released": total((row.released_this_period for row in made.lines), currency),
        "held": found.retainage_total,
        "current_payment_due": found.current_payment_due,
        "deductions": total((each.amount for each in application.basis.deductions), currency),
        "tax": charged(tax.lines, currency),
        "tax_withheld": withheld(tax.withholding, currency),
        "payable": tax.payable,
        "balance_to_finish": found.balance_to_finish,
    }


def _applications(
    sheet: Worksheet,
    content: ReviewContent,
    figures: Sequence[Figures],
    rows: LineRows,
    terms: Terms,
    stamp: str,
) -> Table:
    note = f"{content.company} · {content.period} · decide in the yellow columns; line by line on 'Lines'"
    title = f"Review of {content.project} {content.project_name}"
    foreign = any(_exchange(one) for one in content.applications)
    columns = (*layout.APPLICATION_COLUMNS, layout.EXCHANGE_COLUMN) if foreign else layout.APPLICATION_COLUMNS
    table = start(sheet, columns, terms, title=title, note=note)
    for row, (application, amounts) in enumerate(zip(content.applications, figures, strict=True), FIRST_ROW):
        put_row(
            table,
            row,
            _application(table, row, content, application, amounts, rows),
            application.basis.currency,
        )
    last = FIRST_ROW + len(figures) - 1
    if not figures:
        put_note(table, FIRST_ROW, "No application is under review.")
    else:
        _offer_decisions(table, content)
        _application_totals(table, content, figures, last)
    finish(table, freeze="decision", pages_wide=2)
    return table


def _offer_decisions(table: Table, content: ReviewContent) -> None:
    """The words of each row: those that decide, or the client's answers. Rows that wait for the client are the last."""
    pending = sum(application.pending for application in content.applications)
    reviewed = len(content.applications) - pending
    for first, count, words in (
        (FIRST_ROW, reviewed, layout.DECISIONS),
        (FIRST_ROW + reviewed, pending, layout.ANSWERS),
    ):
        if count:
            offered = tuple(_in_words(word, content) for word in words)
            prompt = "Blank: no change now."
            offer(table, "decision", first, first + count - 1, offered, title="Decision", prompt=prompt)


def _in_words(text: str, content: ReviewContent) -> str:
    return owners(text) if approver(content.language) == "owner" else text


def _application(
    table: Table,
    row: int,
    content: ReviewContent,
    application: ReviewApplication,
    amounts: Figures,
    rows: LineRows,
) -> dict[str, Value]:
    basis = application.basis
    texts: dict[str, Value] = {
        "application_id": application.application_id,
        "revision": str(application.revision),
        "currency": basis.currency,
        "vendor": basis.vendor_name,
        "commitment": basis.commitment,
        "application_number": str(basis.application_number),
        "flags": "\n".join(application.flags),
        "answer_by": application.answer_by.isoformat() if application.answer_by is not None else "",
        "attachments": "\n".join(application.attachments),
        "type": application.commitment_type.value,
        "status": application.status + (", late" if application.late else ""),
        "invoice_number": application.invoice_number,
        "received_at": instant(application.received_at, content.time_zone),
        "comment": application.comment,
        "exchange": _exchange(application),
        "percent": percent_shown(amounts["completed_and_stored"], amounts["contract_sum_to_date"]).scaleb(-2),
        "outcome": (_answer if application.pending else _outcome)(table, row, rows, content),
        "approved_gross": rows.approved(table.ref("application_id", row), amounts["gross_this_period"]),
    }
    return texts | amounts


def _exchange(application: ReviewApplication) -> str:
    """What the claim comes to in the project's currency at the rate that counts now; '' where none is needed."""
    fixing = application.fixing
    if fixing is None or not fixing.needed:
        return ""
    if fixing.rate is None:
        return f"No rate from {fixing.currency} to {fixing.to_currency}: add one before approving"
    rate, currency, mode = fixing.rate.rate, fixing.to_currency, application.basis.rounding
    lines = bill(application.basis, application.claim).lines
    if too_large(total((gross_movement(line) for line in lines), fixing.currency), rate):
        return f"At {rate_text(rate)} of {fixing.rate.dated_on} it is too large: correct the rate"
    claimed = total((convert(gross_movement(line), rate, currency, mode) for line in lines), currency)
    return f"{currency} {shown(claimed, currency)} claimed, at {rate_text(rate)} of {fixing.rate.dated_on}"


def _answer(table: Table, row: int, rows: LineRows, content: ReviewContent) -> Formula:
    """What the client's answer comes to as it stands."""
    at = table.at(row)
    decision, reason = at["decision"], at["reason"]
    flags = ("changed", "touched", "blocked", "changed_bare")
    changed, touched, blocked, bare = (rows.summed(flag, at["application_id"]) for flag in flags)
    agrees, cuts = (_in_words(word, content) for word in layout.ANSWERS[:2])
    noted = f'IF({reason}<>"","Approved as Noted",IF({bare}>0,{_REASON},"Approved as Noted"))'
    fewer = f'IF({changed}=0,"Enter the lower figures on Lines",{noted})'
    choices = (
        (f'{decision}=""', f'IF({reason}<>"",{_OPEN},IF({touched}>0,{_OPEN},"No change"))'),
        (f'{decision}="Reopen"', f'IF({reason}="",{_REASON},"Under Review")'),
        (f'{decision}="{agrees}"', f'IF({changed}>0,"Figures changed: choose {cuts}","Approved")'),
        (f'{decision}="{cuts}"', f'IF({blocked}>0,"Cannot be applied: see Lines",{fewer})'),
    )
    return _first_that_holds(choices)


def _first_that_holds(choices: Sequence[tuple[str, str]]) -> Formula:
    text = '"Unknown decision"'
    for condition, words in reversed(choices):
        text = f"IF({condition},{words},{text})"
    return Formula(text=f"={text}", value="No change")


def _outcome(table: Table, row: int, rows: LineRows, content: ReviewContent) -> Formula:
    """What the decision comes to as it stands, in the words of `core.reviewing.settle`."""
    at = table.at(row)
    decision, reason = at["decision"], at["reason"]
    flags = ("changed", "rejected", "touched", "blocked", "changed_bare", "rejected_bare")
    changed, rejected, touched, blocked, changed_bare, rejected_bare = (
        rows.summed(flag, at["application_id"]) for flag in flags
    )
    revise = f'IF({reason}<>"","Revise & Resubmit",IF({rejected_bare}>0,{_REASON},"Revise & Resubmit"))'
    noted = f'IF({reason}<>"","Approved as Noted",IF({changed_bare}>0,{_REASON},"Approved as Noted"))'
    due = at["current_payment_due"]
    # With other figures than claimed the net due is not known here; the answer tells.
    as_claimed = f'IF({due}<0,"A credit: choose Approve credit","Approved")'
    as_credit = f'IF({due}<0,"Approved as a credit","No credit: choose Approve")'
    approved, credited = (
        f'IF({blocked}>0,"Cannot be applied: see Lines",IF({changed}>0,{noted},{unchanged}))'
        for unchanged in (as_claimed, as_credit)
    )
    waits = _in_words(layout.DECISIONS[2], content)
    shown_as = waits.title()
    bare = f'IF({reason}<>"","{shown_as}",IF({changed_bare}>0,{_REASON},"{shown_as}"))'
    owed = f'IF({due}<0,"A credit: choose Approve credit","{shown_as}")'
    awaiting = f'IF({blocked}>0,"Cannot be applied: see Lines",IF({changed}>0,{bare},{owed}))'
    choices = (
        (f'{decision}=""', f'IF({reason}<>"",{_OPEN},IF({touched}>0,{_OPEN},"No change"))'),
        (f'{decision}="Hold"', f'IF({reason}="",{_REASON},"Stays under review")'),
        (f'{decision}="Reject"', f'IF({rejected}>0,{revise},IF({reason}="",{_REASON},"Revise & Resubmit"))'),
        (f'{decision}="Approve"', f"IF({rejected}>0,{revise},{approved})"),
        (f'{decision}="Approve credit"', f"IF({rejected}>0,{revise},{credited})"),
        (f'{decision}="{waits}"', f"IF({rejected}>0,{revise},{awaiting})"),
    )
    return _first_that_holds(choices)


def _application_totals(table: Table, content: ReviewContent, figures: Sequence[Figures], last: int) -> None:
    currencies = {application.basis.currency for application in content.applications}
    if len(currencies) > 1:
        put_note(table, last + 1, "Several currencies: the totals are on 'Control totals'.")
        return
    (currency,) = currencies
    sums = _sums(figures, currency)
    totals: dict[str, Value] = {
        key: added(table, key, FIRST_ROW, last, value)
        for key, value in (sums | {"approved_gross": sums["gross_this_period"]}).items()
    }
    put_total(table, last + 1, f"Total {currency}", totals, currency)


def _sums(figures: Sequence[Figures], currency: str) -> Figures:
    return {key: total((each[key] for each in figures), currency) for key in figures[0]}


def _exceptions(sheet: Worksheet, content: ReviewContent, terms: Terms) -> Table:
    note = "Messages that a person has to look at. This sheet is for reading."
    table = start(sheet, layout.EXCEPTION_COLUMNS, terms, title="Exceptions", note=note)
    for row, each in enumerate(content.exceptions, FIRST_ROW):
        put_row(table, row, _exception(each, content), content.currency)
    if not content.exceptions:
        put_note(table, FIRST_ROW, "No message waits for a person.")
    finish(table, freeze="received_at")
    return table


def _exception(each: ReviewException, content: ReviewContent) -> dict[str, Value]:
    return {
        "number": each.number,
        "received_at": instant(each.received_at, content.time_zone),
        "sender": each.sender,
        "subject": each.subject,
        "what": each.what,
    }


def _controls(
    sheet: Worksheet, content: ReviewContent, figures: Sequence[Figures], rows: LineRows, terms: Terms
) -> Table:
    note = "What this workbook adds up to, by currency, and figures that must agree."
    table = start(sheet, layout.TOTAL_COLUMNS, terms, title="Control totals", note=note)
    currencies = sorted({application.basis.currency for application in content.applications})
    for row, currency in enumerate(currencies, FIRST_ROW):
        own = [each for at, each in enumerate(figures) if content.applications[at].basis.currency == currency]
        sums = _sums(own, currency)
        keys = [a.application_id for a in content.applications if a.basis.currency == currency]
        values: dict[str, Value] = {
            "currency": currency,
            "applications": len(own),
            "approved_gross": rows.approved_of(keys, sums["gross_this_period"]),
        }
        put_row(table, row, values | sums, currency)
    if not currencies:
        put_note(table, FIRST_ROW, "No application is under review.")
    _agreements(table, content, FIRST_ROW + max(1, len(currencies)) + 1)
    finish(table, freeze="applications")
    return table


def _agreements(table: Table, content: ReviewContent, row: int) -> None:
    sheet = table.sheet
    for each in content.controls:
        differs = each.found - each.expected
        result = f"differs by {shown(differs, each.currency)}" if differs else "agrees"
        look.put_text(sheet[f"A{row}"], "WRONG" if differs else "OK")
        (look.style_warning if differs else look.style_plain)(sheet[f"A{row}"])
        figures = (
            f"{shown(each.found, each.currency)} and {shown(each.expected, each.currency)} {each.currency}"
        )
        look.put_text(sheet[f"B{row}"], f"{each.label}: {figures}, {result}")
        look.style_plain(sheet[f"B{row}"], bold=bool(differs))
        row += 1


def _help(sheet: Worksheet, content: ReviewContent, terms: Terms, stamp: str) -> None:
    look.put_text(sheet["A1"], "Help")
    look.style_title(sheet["A1"])
    look.set_widths(sheet, {"A": 26, "B": 96})
    row = 3
    for row, (question, answer) in enumerate(layout.HELP_TEXTS, 3):
        text = fill(answer, terms)
        look.put_text(sheet[f"A{row}"], _in_words(fill(question, terms), content))
        look.put_text(sheet[f"B{row}"], text)
        look.style_plain(sheet[f"A{row}"], bold=True, wrap=True)
        look.style_plain(sheet[f"B{row}"], wrap=True)
        sheet.row_dimensions[row].height = 16 * (1 + len(text) // 96) + 6
    look.put_text(sheet[f"A{row + 2}"], f"Code - do not change: {layout.CODE_PREFIX}{stamp}")
    look.style_note(sheet[f"A{row + 2}"])
    sheet[f"A{row + 2}"].alignment = Alignment(vertical="center")
    look.protect(sheet)
    look.print_setup(sheet)
    sheet.sheet_view.showGridLines = False


def _stamp(sheet: Worksheet, content: ReviewContent, stamp: str) -> None:
    sheet.sheet_state = "veryHidden"
    rows = zip(layout.STAMP_ROWS, (layout.CODE_PREFIX + stamp, content.project, content.period), strict=True)
    look.put_text(sheet["A1"], layout.STAMP_MARK)
    for row, (key, value) in enumerate(rows, 2):
        look.put_text(sheet[f"A{row}"], key)
        look.put_text(sheet[f"B{row}"], value)


def instant(when: datetime, time_zone: str) -> str:
    """An instant as the project's clocks showed it; text that sorts by time."""
    return f"{when.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
