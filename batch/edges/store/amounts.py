"""Between the columns `*_minor`, `*_ppm`, `*_e4`, `*_e6` and `*_e8`, which hold integers, and exact `Decimal` values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from batch.core.exchange import RATE_DECIMALS
from batch.core.methods import PRICE_PLACES, QUANTITY_PLACES, from_scaled, to_scaled
from batch.core.money import from_minor, from_ppm, to_minor, to_ppm

MINOR = "_minor"
PPM = "_ppm"
#: Quantities, unit prices and exchange rates: the ending of the column, and the decimals of its scale.
SCALED = {"_e4": QUANTITY_PLACES, "_e6": PRICE_PLACES, "_e8": RATE_DECIMALS}


def read_amounts(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The amounts of a row by name without `_minor`, in `currency`; a NULL stays None."""
    return {
        name.removesuffix(MINOR): None if value is None else from_minor(value, currency)
        for name, value in row.items()
        if name.endswith(MINOR)
    }


def amount_columns(amounts: Mapping[str, Decimal | None], currency: str) -> dict[str, int | None]:
    """Column values `*_minor` of amounts in `currency`. Raises MoneyError on a fraction of a minor unit."""
    return {
        name + MINOR: None if value is None else to_minor(value, currency) for name, value in amounts.items()
    }


def decoded(row: Mapping[str, Any], currency: str | None) -> dict[str, Any]:
    """A whole row with amounts as Decimal in `currency` and rates as percent, under names without endings."""
    return dict(_decoded_field(name, value, currency) for name, value in row.items())


def encoded(values: Mapping[str, Any], columns: frozenset[str], currency: str | None) -> dict[str, Any]:
    """The reverse of `decoded`, for a table with these `columns`.

    Raises KeyError for a name the table does not have, MoneyError for an amount or rate that is not exact.
    """
    return dict(_encoded_field(name, value, columns, currency) for name, value in values.items())


def _decoded_field(name: str, value: Any, currency: str | None) -> tuple[str, Any]:
    if name.endswith(MINOR):
        return name.removesuffix(MINOR), None if value is None else from_minor(value, _needed(currency))
    if name.endswith(PPM):
        return name.removesuffix(PPM), None if value is None else from_ppm(value)
    for ending, places in SCALED.items():
        if name.endswith(ending):
            return name.removesuffix(ending), None if value is None else from_scaled(value, places)
    return name, value


def _encoded_field(name: str, value: Any, columns: frozenset[str], currency: str | None) -> tuple[str, Any]:
    if name + MINOR in columns:
        return name + MINOR, None if value is None else to_minor(value, _needed(currency))
    if name + PPM in columns:
        return name + PPM, None if value is None else to_ppm(value)
    for ending, places in SCALED.items():
        if name + ending in columns:
            return name + ending, None if value is None else to_scaled(value, places)
    if name not in columns:
        raise KeyError(name)
    return name, value


def _needed(currency: str | None) -> str:
    if currency is None:
        raise ValueError("an amount needs a currency")
    return currency
