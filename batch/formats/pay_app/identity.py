"""Which pay application a workbook belongs to, written in several places because each program keeps only some
of them.

Excel keeps all four. LibreOffice keeps all but makes the very hidden sheet merely hidden; gnumeric loses the
property; a CSV or PDF export keeps only the visible cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from batch.core.model import Basis

#: Carriers of the code, in the order they are trusted.
CELL, NAME, SHEET, PROPERTY = "cell", "name", "sheet", "property"
#: The hidden defined name, and the custom document property.
TOKEN_NAME = "PB_TOKEN"
#: The very hidden sheet, and the text of its first cell, by which it is found under any name.
SHEET_TITLE = "pb"
SHEET_MARK = "#identity"
#: The rows of the hidden sheet: key in the first column, value in the second.
FIELDS = ("token", "project", "commitment", "period", "issue", "sov_version")
# PB1 is the version of the code; the token is 80 bits in base32 (RFC 4648), 16 characters.
_CODE = re.compile(r"\bPB1\.([a-z2-7]{16})(?![a-z0-9])", re.IGNORECASE)


def code_of(token: str) -> str:
    """The visible code of a token: `PB1.abcdefghijklmnop`."""
    return f"PB1.{token}"


def tokens_in(text: str) -> list[str]:
    """Every token whose code stands in `text`, in lower case, in order."""
    return [match.lower() for match in _CODE.findall(text)]


def identity_values(basis: Basis, token: str) -> Mapping[str, str]:
    """What the hidden sheet says, by field."""
    return {
        "token": code_of(token),
        "project": basis.project,
        "commitment": basis.commitment,
        "period": str(basis.period),
        "issue": str(basis.issue),
        "sov_version": str(basis.sov_version),
    }
