"""What people do with the workbooks and mails they get: fill them in by column key, and send them back."""

from __future__ import annotations

import email.policy
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def body(mail: EmailMessage) -> str:
    """The text of a mail, without its line breaks."""
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def workbook_of(mail: EmailMessage) -> bytes:
    """The workbook attached to a mail."""
    found = [part for part in mail.iter_attachments() if str(part.get_filename()).endswith(".xlsx")]
    assert len(found) == 1, [part.get_filename() for part in mail.iter_attachments()]
    content: bytes = found[0].get_content()
    return content


def reply(
    mail: EmailMessage,
    workbook: bytes | None,
    *,
    when: datetime,
    sender: str = "",
    text: str = "Please find our bill attached.",
    name: str = "bill.xlsx",
    extra: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """A reply as a mail program writes it: to Reply-To, in the thread, with the original quoted below."""
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = sender or str(mail["To"])
    made["To"] = str(mail["Reply-To"])
    made["Subject"] = "Re: " + str(mail["Subject"])
    made["Message-ID"] = (
        f"<{abs(hash((str(mail['Message-ID']), when, workbook, text, sender, name))):x}@sub.example>"
    )
    made["In-Reply-To"] = str(mail["Message-ID"])
    made["References"] = str(mail["Message-ID"])
    made["Date"] = when
    body = mail.get_body(("plain",))
    quoted = "\n".join("> " + line for line in (body.get_content() if body else "").splitlines())
    made.set_content(f"{text}\n\nOn {when:%d %b %Y} {mail['From']} wrote:\n{quoted}\n")
    if workbook is not None:
        made.add_attachment(workbook, maintype=XLSX[0], subtype=XLSX[1], filename=name)
    for other, data in extra:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=other)
    return made.as_bytes()


def _columns(sheet: Worksheet, needed: str) -> tuple[int, dict[str, int]]:
    """The hidden row of column keys of a table, and the column of each key."""
    for row in sheet.iter_rows(max_row=40):
        found = {str(cell.value): int(cell.column) for cell in row if isinstance(cell.value, str)}
        if needed in found and len(found) > 3:
            return int(row[0].row or 0), found
    raise AssertionError(f"no row of column keys with {needed} on {sheet.title}")


def filled(
    workbook: bytes, entries: Mapping[str, Mapping[str, Any]], summary: Mapping[str, str] | None = None
) -> bytes:
    """A pay application with amounts typed in: {line key: {column key: value}}; summary fields by key."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book["Lines"]
    key_row, columns = _columns(sheet, "line_key")
    rows = {str(sheet.cell(r, columns["line_key"]).value): r for r in range(key_row + 1, sheet.max_row + 1)}
    for key, values in entries.items():
        for column, value in values.items():
            typed = value if not isinstance(value, str) or not _is_number(value) else Decimal(value)
            if column == "percent_to_date" and isinstance(typed, Decimal):
                typed /= 100  # what a program stores when a person types 20 into a cell shown as a percentage
            sheet.cell(rows[key], columns[column]).value = typed
    for name, text in (summary or {}).items():
        _put_summary(book["Summary"], name, text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_number(text: str) -> bool:
    return text.replace("-", "", 1).replace(".", "", 1).isdigit()


def _put_summary(sheet: Worksheet, name: str, text: str) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == name:
                _key_row, columns = _columns_of_summary(sheet)
                sheet.cell(int(cell.row), columns).value = text
                return
    raise AssertionError(f"no summary field {name}")


def _columns_of_summary(sheet: Worksheet) -> tuple[int, int]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "#summary_value":
                return int(cell.row), int(cell.column)
    raise AssertionError("the summary has no key row")


def reviewed(workbook: bytes, decisions: Mapping[str, Mapping[str, Any]]) -> bytes:
    """A review workbook filled in.

    By commitment: `decision`, `reason`, and `lines` ({line key: {column key: value}}); or `on_behalf` (reason) with `lines`.
    """
    book = load_workbook(io.BytesIO(workbook))
    for commitment, wanted in decisions.items():
        if "on_behalf" in wanted:
            _fill_on_behalf(book, commitment, wanted)
        else:
            _fill_decision(book, commitment, wanted)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_decision(book: Any, commitment: str, wanted: Mapping[str, Any]) -> None:
    sheet = book["Applications"]
    key_row, columns = _columns(sheet, "decision")
    row = _row_of(sheet, key_row, columns["commitment"], commitment)
    identity = sheet.cell(row, columns["application_id"]).value
    sheet.cell(row, columns["decision"]).value = wanted.get("decision")
    sheet.cell(row, columns["reason"]).value = wanted.get("reason")
    lines = book["Lines"]
    line_row, keys = _columns(lines, "approved_work")
    for r in range(line_row + 1, lines.max_row + 1):
        values = wanted.get("lines", {}).get(str(lines.cell(r, keys["line_key"]).value))
        if values and lines.cell(r, keys["application_id"]).value == identity:
            for column, value in values.items():
                lines.cell(r, keys[column]).value = Decimal(value) if _is_number(str(value)) else value


def _fill_on_behalf(book: Any, commitment: str, wanted: Mapping[str, Any]) -> None:
    sheet = book["Not answered"]
    key_row, columns = _columns(sheet, "bill_on_behalf")
    row = _row_of(sheet, key_row, columns["commitment"], commitment)
    identity = sheet.cell(row, columns["invite_id"]).value
    sheet.cell(row, columns["bill_on_behalf"]).value = "Yes"
    sheet.cell(row, columns["reason"]).value = wanted["on_behalf"]
    lines = book["On behalf"]
    line_row, keys = _columns(lines, "work_this_period")
    for r in range(line_row + 1, lines.max_row + 1):
        values = wanted["lines"].get(str(lines.cell(r, keys["line_key"]).value))
        if values and lines.cell(r, keys["invite_id"]).value == identity:
            for column, value in values.items():
                lines.cell(r, keys[column]).value = Decimal(value)


def _row_of(sheet: Worksheet, key_row: int, column: int, value: str) -> int:
    for r in range(key_row + 1, sheet.max_row + 1):
        if str(sheet.cell(r, column).value) == value:
            return r
    raise AssertionError(f"{value} is not on {sheet.title}")
