"""Checks of amounts between rows about the client."""

from __future__ import annotations

from decimal import Decimal

from batch.core.money import ZERO
from batch.formats.register.reading import Reading

_WHOLE = Decimal(100)


def check_shares(reading: Reading) -> None:
    """The rows of one cost code add up to exactly 100 %; or are all 0 %, which takes the mapping back."""
    for project, code in sorted({key[:2] for key in reading.rows["cost_code_map"]}, key=str):
        percents = [
            values["percent"]
            for key, values in reading.all("cost_code_map", project)
            if key[1] == code and isinstance(values["percent"], Decimal)
        ]
        together = sum(percents, ZERO)
        if together not in (ZERO, _WHOLE):
            sentence = (
                f"Cost code {code} goes to its client lines by {together:f} % in all, and must by exactly 100 %;"
                " a line that takes nothing any more gets 0%."
            )
            for key in [key for key in reading.rows["cost_code_map"] if key[:2] == (project, code)]:
                reading.refuse("cost_code_map", key, "percent", sentence, "100% in all rows of the cost code")
