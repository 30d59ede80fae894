"""What a target's reader gives back from its own files, so that the batch can be added up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from batch.core.money import ZERO

Files = Mapping[str, bytes]


class FileError(ValueError):
    """A file cannot be read as what it is named; the text says where and why, in a sentence."""

    def __init__(self, file: str, sentence: str) -> None:
        super().__init__(f"{file}: {sentence}")
        self.file = file
        self.sentence = sentence


@dataclass(frozen=True, kw_only=True)
class ReadDocument:
    """One document as it stands in a written file. `number` is as written there, which may be a shortened
    form.
    """

    number: str
    gross: Decimal
    retainage: Decimal
    deducted: Decimal
    payable: Decimal
    tax: Decimal = ZERO
    tax_withheld: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """The documents of one file, in order, and how many detail rows it has."""

    name: str
    documents: tuple[ReadDocument, ...]
    rows: int
