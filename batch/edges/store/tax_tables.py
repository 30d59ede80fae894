"""Tax on pay applications, as it was worked out at submission and at approval."""

from __future__ import annotations

from batch.core.tax import CisStatus, TaxKind, TaxRounding
from batch.edges.store.columns import choice, json_column, minor, ppm, ref, text_column, words
from batch.edges.store.register_tables import keyed

#: One row for each code. `parts` are [line key, deduction number, minor units]: what each brings to the base.
application_tax = keyed(
    "application_tax",
    ref("application_id", "application"),
    words("side", "claimed", "approved"),
    text_column("code"),
    text_column("description"),
    choice("kind", TaxKind),
    ppm("rate"),
    choice("rounding", TaxRounding),
    minor("base"),
    minor("tax"),
    text_column("currency"),
    json_column("parts", proven=True),
    key=("application_id", "side", "code"),
)

#: Tax withheld under the Construction Industry Scheme. `materials` is empty when the figure was not given.
application_withholding = keyed(
    "application_withholding",
    ref("application_id", "application"),
    words("side", "claimed", "approved"),
    choice("status", CisStatus),
    ppm("rate"),
    minor("payment"),
    minor("materials", nullable=True),
    minor("base"),
    minor("amount"),
    text_column("currency"),
    key=("application_id", "side"),
)
