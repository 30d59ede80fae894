"""A final bill around its figures: what would close its commitment out, told in JSON and in the review workbook."""

from __future__ import annotations

from typing import Any

from batch.core.final import close_out
from batch.core.model import Bill
from batch.core.money import plain


def close_out_facts(computed: Bill) -> list[dict[str, Any]]:
    """The change orders that would make this bill complete, line by line; none for a complete one."""
    lines = {row.line.key: row.line for row in computed.lines}
    return [
        {
            "line": one.line_key,
            "description": lines[one.line_key].description,
            "amount": plain(one.amount, computed.currency),
        }
        for one in close_out(computed)
    ]
