"""Reads back an IIF file of bills and adds up each block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from batch.core.money import MoneyError, amount, plain, total
from batch.formats.erp.iif import BILL, BILLS_IIF, REFUND, SPL, TRNS
from batch.formats.erp.iif_text import ENCODING
from batch.formats.erp.tables import FileError, Files, ReadDocument, ReadFile

Row = dict[str, str]


def read_iif(files: Files, accounts: Mapping[str, str], currency: str) -> tuple[ReadFile, ...]:
    """The documents of `bills.iif`. `accounts` are those it was written with, by purpose. Raises FileError
    when a row does not follow the columns, a block does not add up to zero, or an account is none of ours.
    """
    blocks = list(_blocks(_rows(files[BILLS_IIF])))
    try:
        documents = tuple(_document(block, accounts, currency) for block in blocks)
    except MoneyError as error:
        raise FileError(BILLS_IIF, f"{error}") from error
    return (ReadFile(name=BILLS_IIF, documents=documents, rows=sum(len(block) - 1 for block in blocks)),)


def _rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise FileError(BILLS_IIF, f"it is not {ENCODING} text") from error
    rows = [line.split("\t") for line in text.split("\r\n")]
    if rows[:3] != [["!TRNS", *TRNS], ["!SPL", *SPL], ["!ENDTRNS"]] or rows.pop() != [""]:
        raise FileError(BILLS_IIF, "its heading rows or its last line end are not those of a file of bills")
    return rows[3:]


def _blocks(rows: Sequence[Sequence[str]]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for number, row in enumerate(rows, 4):
        columns = {"TRNS": TRNS, "SPL": SPL, "ENDTRNS": ()}.get(row[0])
        if columns is None or len(row) != len(columns) + 1 or (row[0] == "TRNS") != (not block):
            raise FileError(BILLS_IIF, f"row {number} does not follow the columns")
        if row[0] != "ENDTRNS":
            block.append(dict(zip(columns, row[1:], strict=True)))
            continue
        yield block
        block = []
    if block:
        raise FileError(BILLS_IIF, "its last document has no end")


def _document(block: Sequence[Row], accounts: Mapping[str, str], currency: str) -> ReadDocument:
    head, *splits = block
    number = head["DOCNUM"]
    values = [amount(row["AMOUNT"], currency) for row in block]
    if total(values, currency) != 0:
        difference = plain(total(values, currency), currency)
        raise FileError(BILLS_IIF, f"document {number} does not add up to zero; it is {difference} apart")
    _expect(block, accounts)

    def booked(purpose: str) -> Decimal:
        return total(
            (amount(row["AMOUNT"], currency) for row in splits if row["ACCNT"] == accounts[purpose]), currency
        )

    return ReadDocument(
        number=number,
        gross=booked("work"),
        retainage=-booked("retainage"),
        deducted=-booked("deductions"),
        payable=-values[0],
    )


def _expect(block: Sequence[Row], accounts: Mapping[str, str]) -> None:
    """Every row of a block is of one kind, day and number, and on an account of ours."""
    head, *splits = block
    number = head["DOCNUM"]
    if head["TRNSTYPE"] not in (BILL, REFUND) or head["ACCNT"] != accounts["accounts_payable"]:
        raise FileError(BILLS_IIF, f"document {number} is no bill on accounts payable")
    ours = {accounts[purpose] for purpose in ("work", "retainage", "deductions")}
    same = ("TRNSTYPE", "DATE", "DOCNUM")
    for row in splits:
        if row["ACCNT"] not in ours or any(row[name] != head[name] for name in same):
            raise FileError(
                BILLS_IIF, f"document {number} has a line of another account, kind, day or number"
            )
