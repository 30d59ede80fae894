"""What goes on from approved pay applications: the client application, and the batches of ERP files."""

from __future__ import annotations

from sqlalchemy import Index, text

from batch.core import states
from batch.edges.store.columns import (
    choice,
    json_column,
    minor,
    ref,
    revision,
    text_column,
    utc,
    whole,
    yes_no,
)
from batch.edges.store.register_tables import keyed, table

_LIVE = text("live = 1")

#: The application to the client. `matched`: has a line of the client contract; `downstream`: all approved.
upstream = keyed(
    "upstream",
    ref("project_id", "project"),
    whole("number"),
    whole("revision_number"),
    ref("period_id", "billing_period"),
    choice("state", states.Upstream),
    revision(),
    text_column("currency"),
    text_column("workbook_sha", nullable=True),
    utc("issued_at", nullable=True),
    minor("matched"),
    minor("unmatched"),
    minor("downstream"),
    minor("retainage"),
    minor("net"),
    json_column("dates", proven=True),
    key=("project_id", "number", "revision_number"),
)

upstream_line = keyed(
    "upstream_line",
    ref("upstream_id", "upstream"),
    text_column("line_key"),
    minor("work_previous"),
    minor("work"),
    minor("stored"),
    minor("retainage"),
    minor("retainage_work"),
    key=("upstream_id", "line_key"),
)

#: Where each amount of a client application comes from; no `client_line_key`: the cost is not mapped.
upstream_source = keyed(
    "upstream_source",
    ref("upstream_id", "upstream"),
    ref("application_id", "application"),
    text_column("line_key"),
    text_column("client_line_key", nullable=True),
    minor("work"),
    minor("stored"),
    key=("upstream_id", "application_id", "line_key"),
)

#: One set of files for one ERP target. `posts`: the one target that posts; every other is a copy.
erp_batch = keyed(
    "erp_batch",
    text_column("folder"),
    text_column("target"),
    text_column("company"),
    yes_no("posts"),
    choice("state", states.Export),
    revision(),
    utc("created_at"),
    whole("documents"),
    whole("lines"),
    minor("total"),
    minor("retainage"),
    minor("payable"),
    text_column("currency"),
    text_column("manifest_sha"),
    key=("folder",),
)

#: `live` ends when the batch is voided: then the document may go out again.
erp_document = table(
    "erp_document",
    ref("batch_id", "erp_batch"),
    text_column("target"),
    text_column("company"),
    text_column("side"),
    text_column("party"),
    text_column("document"),
    whole("document_revision"),
    ref("application_id", "application"),
    minor("amount"),
    minor("retainage"),
    minor("payable"),
    text_column("currency"),
    yes_no("live", default=True),
    key=("batch_id", "document", "document_revision"),
)
Index(
    "uq_erp_document_live",
    *(
        erp_document.c[name]
        for name in ("target", "company", "side", "party", "document", "document_revision")
    ),
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)
