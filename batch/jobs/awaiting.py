"""What an application that waits for the client's answer was approved with by us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.core.model import LineAmounts
from batch.core.paying import JointPayment
from batch.core.tax import Taxed
from batch.edges.store import queries_applications, queries_ledger, queries_paying, queries_tax
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.decision_checks import why_not_reopened


@dataclass(frozen=True, kw_only=True)
class Awaiting:
    """What an application that waits for the client was approved with; `closed` says why it cannot be cut any more, or ''."""

    approved: Mapping[str, LineAmounts]
    reasons: Mapping[str, str]
    tax: Taxed
    parts: Sequence[JointPayment]
    closed: str


def load_awaiting(conn: Connection, row: RowMapping) -> Awaiting:
    """Load the approval of an application that waits for the client."""
    lines, currency = queries_applications.line_rows(conn, row["id"]), row["currency"]
    payable = queries_ledger.payable(conn, row["id"], "approved", currency)
    assert payable is not None, "what waits for the client has an approved summary"
    return Awaiting(
        approved=queries_applications.approved_amounts(lines, currency),
        reasons={line["line_key"]: line["reason"] for line in lines if line["reason"]},
        tax=Taxed(
            lines=tuple(queries_tax.tax_lines(conn, row["id"], "approved")),
            withholding=queries_tax.withholding(conn, row["id"], "approved"),
            payable=payable,
        ),
        parts=queries_paying.payments(conn, row["id"], currency),
        closed=why_not_reopened(conn, row),
    )
