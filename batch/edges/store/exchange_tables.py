"""What approvals of commitments in a foreign currency fixed: the rate, and the amounts in the project's currency."""

from __future__ import annotations

from batch.edges.store.columns import minor, ref, scaled, text_column
from batch.edges.store.register_tables import keyed

#: One row for each approved application in a foreign currency. Amounts are in `currency`, the project's; `dated_on` is
#: the date of the rate.
application_exchange = keyed(
    "application_exchange",
    ref("application_id", "application"),
    text_column("from_currency", proven=True),
    text_column("currency"),
    scaled("rate"),
    text_column("dated_on", proven=True),
    minor("gross"),
    minor("due"),
    minor("payable"),
    key=("application_id",),
)

#: What each line moved, in the project's currency.
application_exchange_line = keyed(
    "application_exchange_line",
    ref("application_id", "application"),
    text_column("line_key"),
    text_column("currency"),
    minor("work"),
    minor("stored"),
    key=("application_id", "line_key"),
)
