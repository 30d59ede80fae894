"""Checks of rows that change the value of a line that is there already (column 'Changes line')."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from batch.core.methods import Method
from batch.core.model import ChangeOrderStatus
from batch.core.money import ZERO, plain
from batch.formats.register.measures import measure_of
from batch.formats.register.reading import Reading, Values
from batch.formats.register.sheets import Key

_ITS_LINES = {
    "tax_code": "Its tax is that of the line it changes.",
    "retainage_work": "Its retainage is that of the line it changes.",
    "retainage_stored": "Its retainage is that of the line it changes.",
    "retainage_amount": "Its retainage is that of the line it changes.",
}


def check_line_changes(reading: Reading) -> None:
    """Refuse a row that changes no line that counts, says of it what only that line can say, or turns its sign."""
    for key, row in list(reading.rows["sov_line"].items()):
        if row.values.get("changes_line"):
            for name, sentence, expected in _faults(reading, key, row.values):
                reading.refuse("sov_line", key, name, sentence, expected)
                break
    for key in list(reading.rows["opening_line"]):
        if target := reading.value("sov_line", key, "changes_line"):
            sentence = f"Row {key[1]} changes line {target} and is no line to bill on."
            reading.refuse("opening_line", key, "line_key", sentence, str(target))


def _faults(reading: Reading, key: Key, row: Values) -> Iterator[tuple[str, str, str]]:
    target = row["changes_line"]
    line = reading.values("sov_line", (key[0], target))
    if row.get("change_order") is None:
        yield "changes_line", "Only a change order changes a line; name it in this row.", "a change order"
    elif line is None or target == key[1]:
        yield "changes_line", f"Commitment {key[0]} has no other line {target}.", "the code of another line"
    elif line.get("changes_line"):
        other = str(line["changes_line"])
        yield "changes_line", f"Row {target} changes line {other} itself.", other
    elif _approved(reading, key[0], row) and not _approved(reading, key[0], line):
        yield (
            "changes_line",
            f"Line {target} is of change order {line['change_order']}, which is not approved.",
            "a line that counts",
        )
    elif _never_billed(row, line):
        sentence = (
            f"Line {target} is billed up to its quantity: more of it is a line of its own, at its unit price."
        )
        yield "changes_line", sentence, "a line of its own"
    elif row.get("method") not in (None, Method.AMOUNT, line.get("method")):
        yield "method", "It is billed with the line it changes, as that line is.", str(line.get("method"))
    else:
        yield from _said_of_its_own(row, line)
        yield from _sign(reading, key, line)


def _never_billed(row: Values, line: Values) -> bool:
    """Whether a row adds value to a line whose agreed quantity stays: no quantity would ever bill it. Less is a limit."""
    measure, added = measure_of(line), row.get("scheduled_value")
    if measure is None or measure.remeasured or not isinstance(added, Decimal):
        return False
    return added * measure.sign > 0


def _said_of_its_own(row: Values, line: Values) -> Iterator[tuple[str, str, str]]:
    for name, sentence in _ITS_LINES.items():
        if row.get(name) is not None:
            yield name, sentence, "blank"
    if row.get("cost_code") and row["cost_code"] != line.get("cost_code"):
        yield "cost_code", "Its cost code is that of the line it changes.", str(line.get("cost_code"))


def _sign(reading: Reading, key: Key, line: Values) -> Iterator[tuple[str, str, str]]:
    target = (key[0], reading.value("sov_line", key, "changes_line"))
    value, own = value_of(reading, target), line.get("scheduled_value")
    if isinstance(own, Decimal) and own * value < 0:
        shown = plain(value, str(reading.value("commitment", (key[0],), "currency") or "USD"))
        yield "scheduled_value", f"It would turn the value of line {target[1]} into {shown}.", "0.00 at least"


def value_of(reading: Reading, line: Key) -> Decimal:
    """The value of a line with every approved change of it."""
    own = reading.value("sov_line", line, "scheduled_value")
    changes = (
        values.get("scheduled_value")
        for _key, values in reading.all("sov_line", line[0])
        if values.get("changes_line") == line[1] and _approved(reading, line[0], values)
    )
    return sum((each for each in (own, *changes) if isinstance(each, Decimal)), ZERO)


def _approved(reading: Reading, commitment: object, row: Values) -> bool:
    order = row.get("change_order")
    status = reading.value("change_order", (commitment, order), "status")
    return order is None or status == ChangeOrderStatus.APPROVED
