"""Numbers as people type them into a spreadsheet.

A cell either reads in one way only, or it is trouble with a finding code: nothing is guessed. Separators
follow the English-speaking countries (1,234.50); 1.234,50 is taken too, since with both separators it reads
in one way only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Context, Decimal

from batch.core import money
from batch.core.money import HUNDRED, MoneyError
from batch.core.returned import Cell, CellKind

#: Significant digits a spreadsheet program shows of a double; what is beyond them is noise of binary
#: arithmetic.
_DOUBLE = Context(prec=15)
#: What is left over when a formula subtracts two equal sums, far below any minor unit.
_NOISE = Decimal("1e-8")
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "’": "'"})
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ",. '"}
_BODY = re.compile(r"[\d.,' ]*\d[\d.,' ]*")
_SIGN_CURRENCIES = {"£": ("GBP",), "€": ("EUR",), "¥": ("JPY", "CNY")}
_DOLLARS = ("ARS", "CLP", "COP", "MXN", "UYU")
_CURRENCY_WORD = re.compile(r"([A-Za-z]{0,3})([$£€¥])|([A-Za-z]{3})(?![A-Za-z])")
_KIND_TROUBLE = {
    CellKind.ERROR: "cell-error",
    CellKind.UNCALCULATED: "formula-uncalculated",
    CellKind.BOOLEAN: "not-a-number",
    CellKind.BLANK: "not-a-number",
}


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a cell cannot be read. `code` is a finding code."""

    code: str


class _TroubleError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_number(cell: Cell, currency: str) -> Decimal | Trouble:
    """Read a cell as an amount of `currency`, exact at its own decimals; or say what is wrong with the
    cell.

    Taken: currency signs and codes of this currency, spaces, grouped thousands, brackets or a minus before
    or after for a negative. Asked about: a lone dash, a percentage, another currency, '1.234' or '12,50' as
    text. A blank cell is the caller's to tell apart before (`cell.blank`); here it is `not-a-number`.
    """
    try:
        if cell.kind is CellKind.NUMBER:
            return _exact(_number_cell(cell), currency)
        return _exact(_typed_amount(_text_of(cell), currency), currency)
    except _TroubleError as trouble:
        return Trouble(code=trouble.code)


def read_exact(cell: Cell, places: int, unit: str = "") -> Decimal | Trouble:
    """Read a cell as a quantity or a unit price with at most so many decimals; or say what is wrong with the cell.

    Taken: spaces, grouped thousands, brackets or a minus for a negative, and the unit it is measured in. Asked about:
    what `read_number` asks about, but for '1.234', since a quantity may have three decimals; more decimals are
    `quantity-decimals`.
    """
    try:
        value = _number_cell(cell) if cell.kind is CellKind.NUMBER else _typed_quantity(_text_of(cell), unit)
    except _TroubleError as trouble:
        return Trouble(code=trouble.code)
    nearest = money.at_places(value, places)
    return Trouble(code="quantity-decimals") if abs(value - nearest) > _NOISE else nearest


def read_percent(cell: Cell) -> Decimal | Trouble:
    """Read a cell as a percentage: 45, '45%' and 0.45 shown as a percentage are all 45.

    A bare number above 0 and up to 1 is asked about, because 1 may mean one per cent or all of it.
    Percentages have no limit of decimals: the amount they give is rounded once.
    """
    try:
        if cell.kind is CellKind.NUMBER:
            value = _number_cell(cell, percent=True)
            return _DOUBLE.multiply(value, HUNDRED) if cell.shown_as_percent else _bare(value)
        return _typed_percent(_text_of(cell))
    except _TroubleError as trouble:
        return Trouble(code=trouble.code)


def shown_amount(cell: Cell | None, currency: str) -> Decimal | None:
    """What a calculated cell shows, rounded to the currency; None when it shows no number (blank, error,
    uncalculated).
    """
    if cell is None or cell.blank:
        return None
    if cell.kind is CellKind.NUMBER:
        try:
            return money.rounded(_DOUBLE.plus(money.number(cell.text)), currency)
        except MoneyError:
            return None
    value = read_number(cell, currency)
    return None if isinstance(value, Trouble) else value


def _text_of(cell: Cell) -> str:
    if cell.kind in _KIND_TROUBLE:
        raise _TroubleError(_KIND_TROUBLE[cell.kind])
    text = "".join(map(_ordinary, cell.text)).translate(_MINUS).strip()
    if text == "-":  # nothing, or zero: accountants write it for both
        raise _TroubleError("ambiguous-number")
    if not any(letter.isdigit() for letter in text):
        raise _TroubleError("not-a-number")
    return text


def _ordinary(letter: str) -> str:
    """One kind of space, and full-width digits as the usual ones; a raised 2 stays what it is, and is no
    digit.
    """
    if letter.isspace():
        return " "
    wide = unicodedata.decomposition(letter).startswith("<wide>")
    return unicodedata.normalize("NFKC", letter) if wide else letter


def _number_cell(cell: Cell, *, percent: bool = False) -> Decimal:
    """The number a numeric cell stores, without the noise of the double (1234.5600000000001 is 1234.56)."""
    if cell.shown_as_percent and not percent:
        raise _TroubleError("ambiguous-number")
    try:
        return _DOUBLE.plus(money.number(cell.text))
    except MoneyError:
        raise _TroubleError("not-a-number") from None


def _exact(value: Decimal, currency: str) -> Decimal:
    nearest = money.rounded(value, currency)
    if abs(value - nearest) > _NOISE:
        raise _TroubleError("too-many-decimals")
    return nearest


def _bare(value: Decimal) -> Decimal:
    if 0 < abs(value) <= 1:
        raise _TroubleError("ambiguous-number")
    return value


def _typed_percent(text: str) -> Decimal:
    said = text.endswith("%")
    negative, body = _unsigned(text.removesuffix("%").strip())
    value = _plain_digits(body, decimals=None)
    signed = -value if negative else value
    return signed if said else _bare(signed)


def _typed_quantity(text: str, unit: str) -> Decimal:
    if "%" in text:
        raise _TroubleError("ambiguous-number")
    measured = unit and text.casefold().endswith(unit.casefold())
    negative, body = _unsigned(text[: -len(unit)].strip() if measured else text)
    value = _plain_digits(body, decimals=3)
    return -value if negative else value


def _typed_amount(text: str, currency: str) -> Decimal:
    if "%" in text:
        raise _TroubleError("ambiguous-number")
    negative, body = _unsigned(text, currency)
    value = _plain_digits(body, decimals=money.decimals(currency))
    return -value if negative else value


def _unsigned(text: str, currency: str = "") -> tuple[bool, str]:
    """Take the sign off: brackets, or one minus before or after, inside or outside the currency."""
    bracketed = text.startswith("(") and text.endswith(")")
    body = text[1:-1].strip() if bracketed else text
    marks = int(bracketed)
    for _turn in range(2):  # '-$5', '$-5', '5-USD' and '5 USD-' are all written
        body, found = _without_minus(body)
        marks += found
        body = _without_currency(body, currency)
    if marks > 1:
        raise _TroubleError("not-a-number")
    return marks == 1, body.removeprefix("+").strip()


def _without_minus(body: str) -> tuple[str, int]:
    if body.startswith("-"):
        return body[1:].strip(), 1
    if body.endswith("-"):
        return body[:-1].strip(), 1
    return body, 0


def _without_currency(body: str, currency: str) -> str:
    """Take off one currency sign or code. Another currency than the commitment's is a question."""
    word = _CURRENCY_WORD.match(body) or re.search(f"(?:{_CURRENCY_WORD.pattern})$", body)
    if word is None or not currency:
        return body
    letters, sign, code = word.groups()
    if not _is_currency(letters or "", sign or "", code or "", currency):
        raise _TroubleError("ambiguous-number" if sign or (code or "").isupper() else "not-a-number")
    return (body[: word.start()] + body[word.end() :]).strip()


def _is_currency(letters: str, sign: str, code: str, currency: str) -> bool:
    if code:
        return code.upper() == currency
    if not currency.startswith(letters.upper()):  # US$, A$, NZ$
        return False
    if sign == "$":
        return currency.endswith("D") or currency in _DOLLARS
    return currency in _SIGN_CURRENCIES[sign]


def _plain_digits(body: str, decimals: int | None) -> Decimal:
    """Digits with separators to a number. `decimals` None is a percentage, where a point is always the
    decimal point.
    """
    if not body.isascii() or not _BODY.fullmatch(body):
        raise _TroubleError("not-a-number")
    body = _ungrouped(_ungrouped(body, " "), "'")
    if "," in body and "." in body:
        return _both_separators(body)
    if "," in body:
        return _only_commas(body, decimals)
    return _only_points(body, decimals)


def _ungrouped(body: str, mark: str) -> str:
    """Take out a mark between thousands, also before a decimal part; other uses of it are no number."""
    if mark not in body:
        return body
    whole, point, rest = _split_last(body)
    if not _GROUPED[mark].fullmatch(whole) or mark in rest:
        raise _TroubleError("not-a-number" if mark in " '" else "ambiguous-number")
    return whole.replace(mark, "") + point + rest


def _split_last(body: str) -> tuple[str, str, str]:
    at = max(body.rfind("."), body.rfind(","))
    return (body, "", "") if at < 0 else (body[:at], body[at], body[at + 1 :])


def _both_separators(body: str) -> Decimal:
    whole, point, rest = _split_last(body)
    other = "," if point == "." else "."
    if point in whole or not _GROUPED[other].fullmatch(whole):
        raise _TroubleError("ambiguous-number")
    return _made(f"{whole.replace(other, '')}.{rest or '0'}")


def _only_commas(body: str, decimals: int | None) -> Decimal:
    single_of_three = (
        decimals == 3 and body.count(",") == 1
    )  # 1,234 Kuwaiti dinars may be one dinar and 234 fils
    if single_of_three or not _GROUPED[","].fullmatch(body):
        raise _TroubleError("ambiguous-number")
    return _made(body.replace(",", ""))


def _only_points(body: str, decimals: int | None) -> Decimal:
    if body.count(".") > 1:
        return _made(_ungrouped_points(body))
    whole, _point, rest = body.partition(".")
    looks_grouped = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    if looks_grouped and decimals is not None and decimals < 3:
        raise _TroubleError("ambiguous-number")
    return _made(f"{whole or '0'}.{rest or '0'}")


def _ungrouped_points(body: str) -> str:
    if not _GROUPED["."].fullmatch(body):
        raise _TroubleError("ambiguous-number")
    return body.replace(".", "")


def _made(digits: str) -> Decimal:
    try:
        return money.number(digits)
    except MoneyError:
        raise _TroubleError("not-a-number") from None
