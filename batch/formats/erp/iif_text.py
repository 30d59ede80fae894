"""Text as an IIF file can hold it: Windows-1252, one line, no TAB and no double quote, document numbers of 20
characters.
"""

from __future__ import annotations

import hashlib
import unicodedata

ENCODING = "cp1252"
#: The longest document number of a bill; Intuit states it for the same field in qbXML.
LONGEST_NUMBER = 20
#: Hexadecimal digits of the hash that tells two shortened numbers apart.
HASH_LENGTH = 6
UNKNOWN = "?"
# Letters that Unicode does not take apart into a plain letter and a mark, and signs people paste from
# elsewhere.
_PLAIN = {
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "Ŧ": "T", "ŧ": "t", "Ŋ": "N",
    "ŋ": "n", "ẞ": "SS", "−": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "′": "'", "″": "", "≤": "<=",
    "≥": ">=", "⌀": "dia. ", "\u200b": "",
}  # fmt: skip


def field_text(text: str) -> str:
    """`text` for one field: white space folded, double quotes gone, other letters written with the nearest
    Latin one.

    What has no near letter becomes `?`; `loses` tells beforehand.
    """
    folded = " ".join(text.replace('"', "").split())
    return "".join(_written(sign) for sign in unicodedata.normalize("NFC", folded)).strip()


def loses(text: str) -> bool:
    """Whether a letter of `text` would become `?`."""
    return field_text(text).count(UNKNOWN) > text.count(UNKNOWN)


def short_number(number: str) -> str:
    """A document number of at most 20 characters.

    A longer one keeps its last 13, which differ from invoice to invoice, after six digits of the hash of the
    whole: the same number is always shortened alike, and two that end alike stay apart.
    """
    text = field_text(number)
    if len(text) <= LONGEST_NUMBER:
        return text
    digest = hashlib.sha256(number.encode()).hexdigest()[:HASH_LENGTH]
    return f"{digest}~{text[HASH_LENGTH + 1 - LONGEST_NUMBER :]}"


def _written(sign: str) -> str:
    if sign in _PLAIN:
        return _PLAIN[sign]
    if not sign.isprintable():
        return ""
    if _encodable(sign):
        return sign
    parts = unicodedata.normalize("NFKD", sign)
    kept = "".join(part for part in parts if not unicodedata.combining(part))
    return kept if kept and _encodable(kept) else UNKNOWN


def _encodable(text: str) -> bool:
    try:
        text.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True
