"""Bills as generic CSV (RFC 4180: CRLF, UTF-8, quoted where needed) and as JSON, both with ISO dates.

CSV is opened in spreadsheet programs, which run text as a formula when it starts with certain signs; such
text gets an apostrophe in front (OWASP, "CSV injection"). Amounts are plain numbers and are left alone.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from batch.core.exchange import rate_text
from batch.core.money import MoneyError, amount, plain, total, zero
from batch.formats.erp.canonical import (
    CanonicalBill,
    CanonicalDeduction,
    CanonicalLine,
    CanonicalTax,
    control_of,
)
from batch.formats.erp.payments import (
    PAYMENT_COLUMNS,
    PAYMENTS_CSV,
    any_split,
    payment_object,
    payment_values,
    with_payments,
)
from batch.formats.erp.tables import FileError, Files, ReadDocument, ReadFile

BILLS_CSV = "bills.csv"
LINES_CSV = "bill_lines.csv"
BILLS_JSON = "bills.json"
JSON_FORMAT = "progress-billings bills"
JSON_VERSION = 1
WORK = "work"
DEDUCTION = "deduction"
TAX = "tax"
WITHHELD = "tax withheld"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Row = Mapping[str, str]
Detail = CanonicalLine | CanonicalDeduction

#: Columns of `bills.csv`: one row per document.
BILL_COLUMNS = (
    "batch_id", "company", "side", "type", "document_number", "revision", "reverses", "invoice_date",
    "accounting_date", "due_date", "period_from", "period_to", "vendor", "vendor_name", "vendor_erp",
    "commitment", "application", "application_number", "project", "job", "customer", "currency", "gross",
    "retainage", "net", "tax", "reverse_charge", "tax_withheld", "deductions", "payable", "exchange_currency",
    "exchange_rate", "exchange_dated_on", "exchange_payable",
)  # fmt: skip
#: Columns of `bill_lines.csv`: one row per line, deduction, tax charged or tax withheld, with what it needs of its
#: document repeated.
LINE_COLUMNS = (
    "batch_id", "company", "side", "type", "document_number", "revision", "invoice_date", "accounting_date",
    "due_date", "period_to",
    "vendor", "commitment", "job", "kind", "line", "item", "description", "cost_code", "category",
    "gross", "retainage", "net", "currency",
)  # fmt: skip


def write_csv(bills: Sequence[CanonicalBill], batch: str) -> dict[str, bytes]:
    """`bills.csv` and `bill_lines.csv`, and `payments.csv` where a bill is not paid to its vendor alone. `batch` names
    the batch in each row. The net column of the lines adds up to payable, and so do the payments.
    """
    files = {
        BILLS_CSV: _csv(BILL_COLUMNS, (_bill_row(bill, batch) for bill in bills)),
        LINES_CSV: _csv(LINE_COLUMNS, (row for bill in bills for row in _line_rows(bill, batch))),
    }
    if any_split(bills):
        paid = (values for bill in bills for values in payment_values(bill, batch))
        files[PAYMENTS_CSV] = _csv(PAYMENT_COLUMNS, (_texts(texts) | money for texts, money in paid))
    return files


def read_csv(files: Files) -> tuple[ReadFile, ...]:
    """The documents of the CSV files, each file added up by itself. Raises FileError."""
    bills = _read_bills_csv(files[BILLS_CSV])
    found = (bills, _read_lines_csv(files[LINES_CSV]))
    return (*found, _read_payments(files, bills)) if PAYMENTS_CSV in files else found


def _read_payments(files: Files, bills: ReadFile) -> ReadFile:
    owners = [
        (row["vendor"], row["document_number"]) for row in _rows(BILLS_CSV, files[BILLS_CSV], BILL_COLUMNS)
    ]
    rows = _rows(PAYMENTS_CSV, files[PAYMENTS_CSV], PAYMENT_COLUMNS)
    try:
        documents = with_payments(bills.documents, owners, rows)
    except MoneyError as error:
        raise FileError(PAYMENTS_CSV, f"{error}") from error
    return ReadFile(name=PAYMENTS_CSV, documents=documents, rows=len(rows))


def write_json(bills: Sequence[CanonicalBill], batch: str) -> dict[str, bytes]:
    """`bills.json`: the canonical record as it is, amounts as strings, keys sorted."""
    control = control_of(bills)
    content = {
        "format": JSON_FORMAT,
        "version": JSON_VERSION,
        "batch": batch,
        "company": bills[0].company,
        "side": bills[0].side.value,
        "currency": control.currency,
        "bills": [_bill_object(bill) for bill in bills],
    }
    return {BILLS_JSON: dump_json(content)}


def read_json(files: Files) -> tuple[ReadFile, ...]:
    """The documents of `bills.json`, gross and retainage added up from their lines. Raises FileError."""
    content = load_json(BILLS_JSON, files[BILLS_JSON])
    try:
        bills = content["bills"]
        documents = tuple(_document_of_object(bill, content["currency"]) for bill in bills)
        rows = sum(len(bill["lines"]) + len(bill["deductions"]) for bill in bills)
    except (KeyError, TypeError, AttributeError, MoneyError) as error:
        raise FileError(BILLS_JSON, f"a field is missing or is no amount ({error})") from error
    return (ReadFile(name=BILLS_JSON, documents=documents, rows=rows),)


def dump_json(content: Mapping[str, object]) -> bytes:
    """JSON as UTF-8 bytes, sorted and indented: the same content gives the same bytes."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def load_json(name: str, data: bytes) -> dict[str, Any]:
    """The object in a JSON file. Raises FileError when it is not JSON or not an object."""
    try:
        content = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError) as error:
        raise FileError(name, f"it is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise FileError(name, "it is JSON, but not an object")
    return content


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS_A_FORMULA) else text


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else guarded(str(value)) for name, value in values.items()}


def _shared(bill: CanonicalBill, batch: str) -> dict[str, object]:
    return {
        "batch_id": batch,
        "company": bill.company,
        "side": bill.side.value,
        "type": bill.type,
        "document_number": bill.document_number,
        "revision": bill.document_revision,
        "invoice_date": bill.invoice_date,
        "accounting_date": bill.posted_on,
        "due_date": bill.due_date,
        "period_to": bill.period_to,
        "vendor": bill.vendor_number,
        "commitment": bill.commitment,
        "job": bill.job,
        "currency": bill.currency,
    }


def _bill_row(bill: CanonicalBill, batch: str) -> dict[str, str]:
    texts = _shared(bill, batch) | {
        "reverses": bill.reverses,
        "period_from": bill.period_from,
        "vendor_name": bill.vendor_name,
        "vendor_erp": bill.vendor_erp,
        "application": bill.application,
        "application_number": bill.application_number,
        "project": bill.project,
        "customer": bill.customer,
    }
    return (
        _texts(texts)
        | _money(bill, bill.gross, bill.retainage, bill.net)
        | {
            **_taxes(bill),
            "deductions": plain(bill.deducted, bill.currency),
            "payable": plain(bill.payable, bill.currency),
            **{f"exchange_{name}": text for name, text in _exchange(bill).items()},
        }
    )


def _exchange(bill: CanonicalBill) -> dict[str, str]:
    """The rate fixed at approval, and the payable at it; blanks for a bill in its project's currency."""
    found = bill.exchange
    if found is None:
        return dict.fromkeys(("currency", "rate", "dated_on", "payable"), "")
    return {
        "currency": found.currency,
        "rate": rate_text(found.rate),
        "dated_on": str(found.dated_on),
        "payable": plain(found.payable, found.currency),
    }


def _taxes(bill: CanonicalBill) -> dict[str, str]:
    """Tax that is charged, tax under a reverse charge (no part of payable), and tax withheld."""
    currency = bill.currency
    shown_only = total((each.amount for each in bill.taxes if not each.charged), currency)
    return {
        "tax": plain(bill.tax, currency),
        "reverse_charge": plain(shown_only, currency),
        "tax_withheld": plain(bill.tax_withheld, currency),
    }


def _money(bill: CanonicalBill, gross: Decimal, retainage: Decimal, net: Decimal) -> dict[str, str]:
    currency = bill.currency
    return {
        "gross": plain(gross, currency),
        "retainage": plain(retainage, currency),
        "net": plain(net, currency),
    }


def _line_rows(bill: CanonicalBill, batch: str) -> Iterator[dict[str, str]]:
    shared = _texts(_shared(bill, batch))
    for line in bill.lines:
        texts = {"kind": WORK, "line": line.line_key, "item": line.item, "category": line.category}
        money = _money(bill, line.gross, line.retainage, line.gross - line.retainage)
        yield shared | _texts(texts | _described(line)) | money
    for deduction in bill.deductions:
        texts = {"kind": DEDUCTION, "line": "", "item": deduction.number, "category": ""}
        nothing = zero(bill.currency)
        yield (
            shared | _texts(texts | _described(deduction)) | _money(bill, nothing, nothing, -deduction.amount)
        )
    for kind, code, text, amount_ in _tax_rows(bill):
        texts = {"kind": kind, "line": "", "item": code, "category": "", "description": text, "cost_code": ""}
        nothing = zero(bill.currency)
        yield shared | _texts(texts) | _money(bill, nothing, nothing, amount_)


def _tax_rows(bill: CanonicalBill) -> Iterator[tuple[str, str, str, Decimal]]:
    for each in bill.taxes:
        if each.charged and each.amount:
            yield TAX, each.code, each.description, each.amount
    if bill.tax_withheld:
        yield WITHHELD, "", "Tax withheld", -bill.tax_withheld


def _described(detail: Detail) -> dict[str, str]:
    return {"description": detail.description, "cost_code": detail.cost_code}


def _bill_object(bill: CanonicalBill) -> dict[str, object]:
    currency = bill.currency
    shared = {
        name: str(value) if value is not None else None
        for name, value in _shared(bill, "").items()
        if name not in ("batch_id", "company", "side", "currency", "revision")
    }
    return shared | {
        "revision": bill.document_revision,
        "reverses": bill.reverses,
        "period_from": str(bill.period_from),
        "vendor_name": bill.vendor_name,
        "vendor_erp": bill.vendor_erp,
        "application": bill.application,
        "application_number": bill.application_number,
        "project": bill.project,
        "customer": bill.customer,
        **_money(bill, bill.gross, bill.retainage, bill.net),
        **_taxes(bill),
        "exchange": _exchange(bill) if bill.exchange is not None else None,
        "taxes": [_tax_object(each, currency) for each in bill.taxes],
        "deductions_total": plain(bill.deducted, currency),
        "payable": plain(bill.payable, currency),
        "lines": [_line_object(bill, line) for line in bill.lines],
        "deductions": [
            {"number": each.number, "amount": plain(each.amount, currency), **_described(each)}
            for each in bill.deductions
        ],
        **({"payments": [payment_object(each, bill) for each in bill.payments]} if bill.payments else {}),
    }


def _tax_object(tax: CanonicalTax, currency: str) -> dict[str, object]:
    return {
        "code": tax.code,
        "description": tax.description,
        "rate": f"{tax.rate:f}",
        "charged": tax.charged,
        "base": plain(tax.base, currency),
        "tax": plain(tax.amount, currency),
    }


def _line_object(bill: CanonicalBill, line: CanonicalLine) -> dict[str, object]:
    texts = {"line": line.line_key, "item": line.item, "category": line.category, **_described(line)}
    return {**texts, **_money(bill, line.gross, line.retainage, line.gross - line.retainage)}


def _rows(name: str, data: bytes, columns: Sequence[str]) -> Sequence[Row]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileError(name, f"it is not a CSV file ({error})") from error
    if tuple(reader.fieldnames or ()) != tuple(columns):
        raise FileError(name, "its first row does not hold the columns it was written with")
    if any(None in row or None in row.values() for row in rows):
        raise FileError(name, "a row has more or fewer fields than the heading")
    return rows


def _read_bills_csv(data: bytes) -> ReadFile:
    rows = _rows(BILLS_CSV, data, BILL_COLUMNS)
    try:
        documents = tuple(_document_of_row(row) for row in rows)
    except MoneyError as error:
        raise FileError(BILLS_CSV, f"{error}") from error
    return ReadFile(name=BILLS_CSV, documents=documents, rows=len(rows))


def _read_lines_csv(data: bytes) -> ReadFile:
    rows = _rows(LINES_CSV, data, LINE_COLUMNS)
    grouped = groupby(rows, key=lambda row: (row["vendor"], row["document_number"]))
    try:
        documents = tuple(_document_of_lines(list(group)) for _key, group in grouped)
    except MoneyError as error:
        raise FileError(LINES_CSV, f"{error}") from error
    return ReadFile(name=LINES_CSV, documents=documents, rows=len(rows))


def _document_of_row(row: Row) -> ReadDocument:
    currency = row["currency"]
    return ReadDocument(
        number=unguarded(row["document_number"]),
        gross=amount(row["gross"], currency),
        retainage=amount(row["retainage"], currency),
        deducted=amount(row["deductions"], currency),
        tax=amount(row["tax"], currency),
        tax_withheld=amount(row["tax_withheld"], currency),
        payable=amount(row["payable"], currency),
    )


def _document_of_lines(rows: Sequence[Row]) -> ReadDocument:
    currency = rows[0]["currency"]

    def added(column: str, *kinds: str) -> Decimal:
        return total((amount(row[column], currency) for row in rows if row["kind"] in kinds), currency)

    return ReadDocument(
        number=unguarded(rows[0]["document_number"]),
        gross=added("gross", WORK),
        retainage=added("retainage", WORK),
        deducted=-added("net", DEDUCTION),
        tax=added("net", TAX),
        tax_withheld=-added("net", WITHHELD),
        payable=added("net", WORK, DEDUCTION, TAX, WITHHELD),
    )


def _document_of_object(bill: Mapping[str, Any], currency: str) -> ReadDocument:
    gross = total((amount(line["gross"], currency) for line in bill["lines"]), currency)
    retainage = total((amount(line["retainage"], currency) for line in bill["lines"]), currency)
    deducted = total((amount(each["amount"], currency) for each in bill["deductions"]), currency)
    paid = [each["amount"] for each in bill.get("payments", ())] or [bill["payable"]]
    charged = [each["tax"] for each in bill["taxes"] if each["charged"]]
    return ReadDocument(
        number=bill["document_number"],
        gross=gross,
        retainage=retainage,
        deducted=deducted,
        tax=total((amount(each, currency) for each in charged), currency),
        tax_withheld=amount(bill["tax_withheld"], currency),
        payable=total((amount(each, currency) for each in paid), currency),
    )
