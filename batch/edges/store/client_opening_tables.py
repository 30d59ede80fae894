"""Client contracts that joined midway: where each stood, from the register."""

from __future__ import annotations

from batch.edges.store.columns import minor, ref, revision, text_column, whole
from batch.edges.store.register_tables import keyed

#: Where a client contract stood when it joined midway, and each of its lines.
client_opening = keyed(
    "client_opening",
    ref("client_contract_id", "client_contract"),
    revision(),
    whole("last_application_number"),
    minor("certified"),
    key=("client_contract_id",),
)

client_opening_line = keyed(
    "client_opening_line",
    ref("client_contract_id", "client_contract"),
    text_column("line_key"),
    revision(),
    minor("work"),
    minor("stored"),
    minor("withheld_work"),
    minor("withheld_stored"),
    minor("released"),
    key=("client_contract_id", "line_key"),
)
