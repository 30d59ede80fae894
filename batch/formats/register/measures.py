"""Checks of how lines are billed against their amounts: quantity x unit price, and where such a line joined midway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from batch.core.methods import Measure, Method, figure
from batch.core.money import ZERO, Rounding, plain
from batch.formats.register.reading import Reading, Values

#: One value of a row of the register: sheet, key, field.
Lookup = Callable[[str, tuple[object, ...], str], object]


def check_measures(reading: Reading) -> None:
    """Refuse each line by unit price whose scheduled value is not its quantity x unit price, rounded by its project."""
    for key, row in list(reading.rows["sov_line"].items()):
        stored = reading.present.get("sov_line", {}).get(key)
        there = stored[0] if stored else {}
        values = {
            name: value if name in row.given else there.get(name, value) for name, value in row.values.items()
        }
        worth = expected_value(values, reading.value)
        if worth is not None and worth != values.get("scheduled_value"):
            reading.refuse("sov_line", key, "scheduled_value", *not_worth(values, worth, reading.value))


def expected_value(values: Values, lookup: Lookup) -> Decimal | None:
    """What the quantity of a row of the schedule of values is worth at its price; None where it has none."""
    measure = measure_of(values)
    if measure is None:
        return None
    currency, rounding = money_of(values, lookup)
    return measure.worth(measure.quantity, currency, rounding)


def not_worth(values: Values, worth: Decimal, lookup: Lookup) -> tuple[str, str]:
    """The sentence about a scheduled value that does not follow, and what it has to be."""
    shown = plain(worth, money_of(values, lookup)[0])
    measure = measure_of(values)
    agreed = "" if measure is None else _agreed(measure, measure.quantity)
    said = values.get("scheduled_value")
    return f"Line {values.get('line_key')}: {agreed} is {shown}, and the scheduled value says {said}.", shown


def _agreed(measure: Measure, quantity: Decimal) -> str:
    return f"{figure(quantity)} {measure.unit} at {figure(measure.unit_price)}"


def measure_of(values: Mapping[str, object]) -> Measure | None:
    """What a row of the schedule of values says of quantity and price; None on a line that is billed otherwise."""
    quantity, price = values.get("quantity"), values.get("unit_price")
    if values.get("method") != Method.UNIT_PRICE or not isinstance(quantity, Decimal):
        return None
    if not isinstance(price, Decimal):
        return None
    unit, remeasured = str(values.get("unit") or ""), values.get("remeasured") is True
    return Measure(quantity=quantity, unit=unit, unit_price=price, remeasured=remeasured)


def money_of(values: Values, lookup: Lookup) -> tuple[str, Rounding]:
    """The currency of a line's commitment and the rounding of its project."""
    commitment = (values.get("commitment"),)
    currency = lookup("commitment", commitment, "currency") or "USD"
    rounding = lookup("project", (lookup("commitment", commitment, "project"),), "rounding")
    return str(currency), Rounding(str(rounding or Rounding.HALF_UP.value))


def check_opening_line(
    reading: Reading, key: tuple[object, ...], values: Values
) -> tuple[str, str, str] | None:
    """Field, sentence and expectation where an opening line does not go with the method of its line; else None."""
    line = reading.values("sov_line", key) or {}
    measure, method = measure_of(line), line.get("method")
    quantity, work = values.get("quantity"), values.get("work")
    if measure is None:
        if quantity is not None:
            return "quantity", f"Line {key[1]} is not billed by quantity.", "a blank cell"
        part = work not in (ZERO, line.get("scheduled_value")) or values.get("stored") != ZERO
        if method == Method.MILESTONE and part:
            whole = f"0 or {line.get('scheduled_value')}"
            return (
                "work",
                f"Line {key[1]} is a milestone: all of it was billed or nothing, and nothing stored.",
                whole,
            )
        return None
    if not isinstance(quantity, Decimal):
        return (
            "quantity",
            f"Line {key[1]} is billed by quantity, so its quantity to date is needed.",
            "a quantity",
        )
    currency, rounding = money_of({"commitment": key[0]}, reading.value)
    worth = measure.worth(quantity, currency, rounding)
    if work != worth:
        shown = plain(worth, currency)
        sentence = f"Line {key[1]}: {_agreed(measure, quantity)} is {shown}, not {work}."
        return "work", sentence, shown
    return None
