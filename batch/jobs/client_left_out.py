"""What subcontractors claimed and a client application leaves out, because nobody approved it."""

from __future__ import annotations

from batch.edges.store import queries_applications, queries_ledger
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import state_shown
from batch.formats.upstream import LeftOut


def left_out_of(conn: Connection, project: RowMapping, period: RowMapping, currency: str) -> list[LeftOut]:
    """Every claim up to this period that does not go in because nobody approved it, with where it stands."""
    found = []
    for row in queries_applications.waiting_or_returned(conn, project["id"], period["number"]):
        claimed = queries_ledger.summary(conn, row["id"], "claimed", row["currency"])
        counts = claimed is not None and row["currency"] == currency
        found.append(
            LeftOut(
                application=queries_applications.name_of(row),
                commitment=row["commitment_number"],
                vendor_name=row["vendor_name"],
                state=state_shown(row["state"], row["locale"]),
                gross=claimed.gross_this_period if claimed is not None and counts else None,
            )
        )
    return found
