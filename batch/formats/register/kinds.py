"""The kinds of columns of the register workbook, each as a pydantic type that reads an `Entry`.

A type takes an `Entry` (or a value that is typed already) and gives a plain value, or refuses it with what
was expected and a sentence. Blank cells never come here: they are left out, so that defaults and "missing"
work.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from batch.core.exchange import RateError, checked_rate
from batch.core.methods import LARGEST, PRICE_PLACES, QUANTITY_PLACES, figure
from batch.core.money import HUNDRED, MoneyError, amount
from batch.core.numbers import Trouble, read_exact, read_number, read_percent
from batch.core.retainage_terms import StepsError, read_steps, steps_text
from batch.core.returned import Cell
from batch.formats.register.currencies import CURRENCIES
from batch.formats.register.entries import Entry, EntryKind, typed

CODE_LENGTH = 40
NAME_LENGTH = 200
TEXT_LENGTH = 1000
_AN_AMOUNT = "an amount such as 1234.50"
_A_RATE = "a rate such as 10%"
_AN_EXCHANGE_RATE = "a rate such as 1.0835"
_NO_NUMBER = '"{text}" is not a number.'
_AMOUNT_TROUBLE = {
    "ambiguous-number": (
        '"{text}" can be read in more than one way as an amount in {currency}. Write it like 1234.50.'
    ),
    "too-many-decimals": "{text} has more decimals than an amount in {currency} can have.",
}
_RATE_TROUBLE = {
    "ambiguous-number": '"{text}" may be a part of one or a percentage. Write it with the % sign.'
}
_NUMBER_TROUBLE = {"ambiguous-number": '"{text}" can be read in more than one way. Write it like 1234.5.'}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(:00)?")
_SEPARATOR = re.compile(r"[,;\n]")
_E = TypeVar("_E", bound=StrEnum)


class Kind(StrEnum):
    """What a column takes."""

    TEXT = "text"
    CODE = "code"
    CHOICE = "choice"
    AMOUNT = "amount"
    RATE = "rate"
    NUMBER = "number"
    EXCHANGE_RATE = "exchange rate"
    DATE = "date"
    INTEGER = "whole number"
    YES_NO = "yes or no"
    EMAIL = "e-mail address"
    TIME = "time"
    LIST = "list"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column as people see it. `inherits` names (sheet, field) a blank cell takes its value from.

    A `check` column is compared and not stored; `keep` means that a blank cell leaves what is there.
    """

    heading: str
    help: str
    example: str = ""
    inherits: str = ""
    check: bool = False
    keep: bool = False


def column(heading: str, help: str, example: str = "", **flags: Any) -> Column:
    """A column's description: heading, one sentence of help, an example."""
    return Column(heading=heading, help=help, example=example, **flags)


def refuse(expected: str, sentence: str) -> NoReturn:
    """Refuse a cell: what was expected, and a sentence that a person can act on."""
    raise PydanticCustomError("cell", "{sentence}", {"expected": expected, "sentence": sentence})


def nearest(word: str, among: Iterable[str]) -> str:
    """' Did you mean "x"?' for the closest of the known words, or ''."""
    known = {name.casefold(): name for name in among}
    close = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return f' Did you mean "{known[close[0]]}"?' if close else ""


def _reader(read: Callable[[Entry, ValidationInfo], object]) -> BeforeValidator:
    def validate(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Entry):
            return value
        if value.kind is EntryKind.FORMULA:
            refuse("a value", "The cell holds a formula. Put its result there: copy, then paste as values.")
        if value.kind is EntryKind.ERROR:
            refuse("a value", f"The cell shows the error {value.text}. Put the value itself there.")
        return read(value, info)

    return BeforeValidator(validate)


def _text(entry: Entry, info: ValidationInfo) -> str:
    if entry.kind in (EntryKind.DATE, EntryKind.TIME):
        refuse(
            "text",
            "Your spreadsheet program has made a date or time of this. Format the cell as text and type it"
            " again.",
        )
    if _CONTROL.search(entry.text):
        refuse("text", "The text holds characters that cannot be shown. Type it again.")
    return entry.text


def _code(entry: Entry, info: ValidationInfo) -> str:
    text = _text(entry, info)
    if entry.kind is EntryKind.BOOLEAN:
        refuse(
            "a code",
            "Your spreadsheet program has made TRUE or FALSE of this. Format the cell as text and type it"
            " again.",
        )
    if entry.kind is EntryKind.NUMBER and not text.lstrip("-").isdigit():
        refuse(
            "a code as text",
            "A code was entered as a number, so zeros at its end may be lost. Format the cell as text.",
        )
    if "\n" in text:
        refuse("a code on one line", "The code has a line break in it.")
    return text


def amount_in(entry: Entry, info: ValidationInfo) -> tuple[Decimal, str]:
    """The amount of an entry, and the currency of its row (from pydantic's context) in which it is exact."""
    # Without a currency the row is refused for that reason; dollars then stand in, so that other faults
    # are seen too.
    currency = (info.context or {}).get("currency") or "USD"
    read = read_number(_numeric(entry, _AN_AMOUNT), currency)
    if isinstance(read, Trouble):
        refuse(
            _AN_AMOUNT,
            _AMOUNT_TROUBLE.get(read.code, _NO_NUMBER).format(text=entry.text, currency=currency),
        )
    try:
        return amount(read, currency), currency
    except MoneyError:
        refuse(_AN_AMOUNT, f"{entry.text} is too large for an amount.")


def _amount(entry: Entry, info: ValidationInfo) -> Decimal:
    return amount_in(entry, info)[0]


def _numeric(entry: Entry, expected: str) -> Cell:
    if entry.kind not in (EntryKind.NUMBER, EntryKind.TEXT):
        refuse(expected, f"The cell holds a {entry.kind.value}. Write {expected}.")
    return entry.as_cell()


def _rate(entry: Entry, info: ValidationInfo) -> Decimal:
    if entry.text == "0":
        return Decimal(0)
    read = read_percent(_numeric(entry, _A_RATE))
    if isinstance(read, Trouble):
        refuse(_A_RATE, _RATE_TROUBLE.get(read.code, _NO_NUMBER).format(text=entry.text))
    if not 0 <= read <= HUNDRED or read != round(read, 4):
        refuse("a rate from 0% to 100%", f"{read:f} % is not from 0 to 100 with at most four decimals.")
    return read.normalize() + 0


def _exchange_rate(entry: Entry, info: ValidationInfo) -> Decimal:
    text, number = entry.text, entry.kind in (EntryKind.NUMBER, EntryKind.TEXT)
    if not number or entry.shown_as_percent or not re.fullmatch(r"-?\d{1,12}(\.\d{1,20})?", text, re.ASCII):
        refuse(_AN_EXCHANGE_RATE, f'"{text}" is not a rate without doubt. Write it with a point: 1.0835.')
    try:
        return checked_rate(Decimal(text))
    except RateError as fault:
        refuse(_AN_EXCHANGE_RATE, f"{text} cannot be used: {fault}.")


def _number_at(places: int, expected: str) -> BeforeValidator:
    def read(entry: Entry, info: ValidationInfo) -> Decimal:
        found = read_exact(_numeric(entry, expected), places)
        if isinstance(found, Trouble):
            told = {"quantity-decimals": f"{{text}} has more than {places} decimals.", **_NUMBER_TROUBLE}
            refuse(expected, told.get(found.code, _NO_NUMBER).format(text=entry.text))
        if abs(found) > LARGEST:
            refuse(expected, f"{entry.text} is too large.")
        return Decimal(figure(found))

    return _reader(read)


def _steps(entry: Entry, info: ValidationInfo) -> str:
    try:
        return steps_text(read_steps(_text(entry, info)))
    except StepsError as fault:
        refuse("steps such as 50%: 5%, 75%: 0%", f"{fault}.")


def _day(entry: Entry, info: ValidationInfo) -> date:
    if entry.day is not None:
        return entry.day
    try:
        return date.fromisoformat(
            entry.text if entry.kind is EntryKind.TEXT and len(entry.text) == 10 else ""
        )
    except ValueError:
        refuse(
            "a date such as 2026-01-31",
            f'"{entry.text}" is not a date without doubt. Write year-month-day: 2026-01-31.',
        )


def _whole(entry: Entry, info: ValidationInfo) -> int:
    if entry.kind not in (EntryKind.NUMBER, EntryKind.TEXT) or not re.fullmatch(r"[+-]?\d{1,9}", entry.text):
        refuse("a whole number", f'"{entry.text}" is not a whole number.')
    return int(entry.text)


def _yes_no(entry: Entry, info: ValidationInfo) -> bool:
    word = entry.text.casefold()
    if word in ("yes", "y", "x", "true", "1"):
        return True
    if word in ("no", "n", "false", "0"):
        return False
    refuse("yes or no", f'"{entry.text}" is neither yes nor no.')


def _email(entry: Entry, info: ValidationInfo) -> str:
    try:
        # Whether the domain can receive mail is not asked: the same file must read the same on every day.
        found = validate_email(
            entry.text, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as fault:
        refuse("one e-mail address", f'"{entry.text}" is not an e-mail address. {fault}')
    return found.normalized.lower()


def _clock(entry: Entry, info: ValidationInfo) -> str:
    match = _CLOCK.fullmatch(entry.text)
    if match is None:
        refuse(
            "a time such as 08:00",
            f'"{entry.text}" is not a time of the day. Write hours and minutes: 08:00.',
        )
    return f"{int(match[1]):02}:{match[2]}"


def _currency(entry: Entry, info: ValidationInfo) -> str:
    code = entry.text.upper()
    if code not in CURRENCIES:
        refuse(
            "a currency code such as USD",
            f'"{entry.text}" is not a currency code of ISO 4217, such as USD or GBP.',
        )
    return code


def _zone(entry: Entry, info: ValidationInfo) -> str:
    try:
        ZoneInfo(entry.text)
    except (ValueError, OSError, LookupError):  # not found is a KeyError; a folder's name is an OSError
        hint = nearest(entry.text, available_timezones())
        refuse(
            "a time zone such as America/Chicago",
            f'"{entry.text}" is not a time zone of the IANA list.{hint}',
        )
    return entry.text


def parts(entry: Entry) -> list[Entry]:
    """The parts of a list cell: between commas, semicolons or line breaks."""
    return [made for text in _SEPARATOR.split(entry.text) if not (made := typed(text, entry.ref)).blank]


def _words(entry: Entry, info: ValidationInfo) -> list[str]:
    _text(entry, info)
    return list(dict.fromkeys(part.text for part in parts(entry)))


def _offsets(entry: Entry, info: ValidationInfo) -> list[int]:
    return sorted({_whole(part, info) for part in parts(entry)})


def _days(entry: Entry, info: ValidationInfo) -> list[str]:
    days = [entry] if entry.day else parts(entry)
    return sorted({_day(part, info).isoformat() for part in days})


def choose(enum: type[_E]) -> BeforeValidator:
    """A reader of one word of an enumeration; upper case, hyphens and double spaces do not matter."""
    words = {_plain(member.value): member for member in enum}

    def read(entry: Entry, info: ValidationInfo) -> object:
        found = words.get(_plain(entry.text))
        if found is None:
            listed = ", ".join(member.value for member in enum)
            refuse(f"one of: {listed}", f'"{entry.text}" is not one of: {listed}.{nearest(entry.text, enum)}')
        return found

    return _reader(read)


def _plain(word: str) -> str:
    return " ".join(re.sub(r"[-_\s]+", " ", word).casefold().split())


_Code = _reader(_code)
Code = Annotated[str, _Code, StringConstraints(max_length=CODE_LENGTH), Kind.CODE]
MaybeCode = Annotated[str | None, _Code, StringConstraints(max_length=CODE_LENGTH), Kind.CODE]
Name = Annotated[str, _reader(_text), StringConstraints(max_length=NAME_LENGTH), Kind.TEXT]
Text = Annotated[str, _reader(_text), StringConstraints(max_length=TEXT_LENGTH), Kind.TEXT]
Amount = Annotated[Decimal, _reader(_amount), Kind.AMOUNT]
MaybeAmount = Annotated[Decimal | None, _reader(_amount), Kind.AMOUNT]
MaybeQuantity = Annotated[Decimal | None, _number_at(QUANTITY_PLACES, "a quantity such as 12.5"), Kind.NUMBER]
MaybeUnitPrice = Annotated[Decimal | None, _number_at(PRICE_PLACES, "a price such as 48.75"), Kind.NUMBER]
Rate = Annotated[Decimal, _reader(_rate), Kind.RATE]
ExchangeRateValue = Annotated[Decimal, _reader(_exchange_rate), Kind.EXCHANGE_RATE]
Steps = Annotated[str, _reader(_steps), Kind.TEXT]
MaybeRate = Annotated[Decimal | None, _reader(_rate), Kind.RATE]
Day = Annotated[date, _reader(_day), Kind.DATE]
MaybeDay = Annotated[date | None, _reader(_day), Kind.DATE]
Whole = Annotated[int, _reader(_whole), Kind.INTEGER]
MaybeWhole = Annotated[int | None, _reader(_whole), Kind.INTEGER]
YesNo = Annotated[bool, _reader(_yes_no), Kind.YES_NO]
MaybeYesNo = Annotated[bool | None, _reader(_yes_no), Kind.YES_NO]
Email = Annotated[str, _reader(_email), StringConstraints(max_length=254), Kind.EMAIL]
Clock = Annotated[str, _reader(_clock), Kind.TIME]
Currency = Annotated[str, _reader(_currency), Kind.CODE]
MaybeCurrency = Annotated[str | None, _reader(_currency), Kind.CODE]
Zone = Annotated[str, _reader(_zone), Kind.TEXT]
Words = Annotated[list[str], _reader(_words), Kind.LIST]
Offsets = Annotated[list[int], _reader(_offsets), Kind.LIST]
Days = Annotated[list[str], _reader(_days), Kind.LIST]
