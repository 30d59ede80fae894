"""What goes on from approved pay applications: the client application, and the batches of ERP files."""

from __future__ import annotations

from sqlalchemy import Index, text

from batch.core import states
from batch.core.tax import TaxKind, TaxRounding
from batch.edges.store.columns import (
    choice,
    day,
    json_column,
    minor,
    ppm,
    ref,
    revision,
    text_column,
    utc,
    whole,
    yes_no,
)
from batch.edges.store.register_tables import keyed, table

_LIVE = text("live = 1")

#: The application to the client. `matched`: has a line of the client contract; `downstream`: all approved; `uncertified`: of
#: what was billed before, what the client had not answered when it was compiled.
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
    utc("compiled_at"),
    utc("issued_at", nullable=True),
    minor("matched"),
    minor("unmatched"),
    minor("downstream"),
    minor("retainage"),
    minor("net"),
    minor("payable"),
    json_column("dates", proven=True),
    minor("uncertified"),
    key=("project_id", "number", "revision_number"),
)

#: `again_*`: of its work and stored materials, what an earlier client application billed and the client did not certify.
upstream_line = keyed(
    "upstream_line",
    ref("upstream_id", "upstream"),
    text_column("line_key"),
    text_column("item"),
    text_column("description"),
    text_column("change_order"),
    minor("scheduled_value"),
    minor("work_previous"),
    minor("work"),
    minor("stored"),
    minor("retainage"),
    minor("retainage_work"),
    minor("released"),
    minor("again_work"),
    minor("again_stored"),
    key=("upstream_id", "line_key"),
)

#: What the client certified of an issued client application; the highest ordinal counts, a lower one was corrected.
certificate = keyed(
    "certificate",
    ref("upstream_id", "upstream"),
    whole("ordinal"),
    utc("certified_at"),
    text_column("reason"),
    minor("retainage"),
    minor("net"),
    minor("payable"),
    text_column("currency"),
    key=("upstream_id", "ordinal"),
)

#: Each line of a certificate: certified work of the period, stored materials, and the retainage that follows from them.
certificate_line = keyed(
    "certificate_line",
    ref("certificate_id", "certificate"),
    text_column("line_key"),
    minor("work"),
    minor("stored"),
    minor("retainage"),
    minor("retainage_work"),
    minor("released"),
    key=("certificate_id", "line_key"),
)

#: Tax on what was certified, as in `upstream_tax`.
certificate_tax = keyed(
    "certificate_tax",
    ref("certificate_id", "certificate"),
    text_column("code"),
    text_column("description"),
    choice("kind", TaxKind),
    ppm("rate"),
    choice("rounding", TaxRounding),
    minor("base"),
    minor("tax"),
    text_column("currency"),
    json_column("parts", proven=True),
    key=("certificate_id", "code"),
)

#: Tax on a client application by code, as in `application_tax`; its rates are fixed when it is issued.
upstream_tax = keyed(
    "upstream_tax",
    ref("upstream_id", "upstream"),
    text_column("code"),
    text_column("description"),
    choice("kind", TaxKind),
    ppm("rate"),
    choice("rounding", TaxRounding),
    minor("base"),
    minor("tax"),
    text_column("currency"),
    json_column("parts", proven=True),
    key=("upstream_id", "code"),
)

#: Retainage to be asked back in the client application of a period: of one line, or '' in total; no amount: all that is held.
client_release = keyed(
    "client_release",
    ref("project_id", "project"),
    ref("period_id", "billing_period"),
    text_column("line_key"),
    revision(),
    minor("amount", nullable=True),
    text_column("currency"),
    key=("period_id", "line_key"),
)

#: Where each amount of a client application comes from; no `client_line_key`: the cost is not mapped. `share`:
#: the percentage that the line takes of it, where it is split.
upstream_source = keyed(
    "upstream_source",
    ref("upstream_id", "upstream"),
    ref("application_id", "application"),
    text_column("line_key"),
    text_column("client_line_key", nullable=True),
    text_column("cost_code"),
    ppm("share", nullable=True),
    minor("work"),
    minor("stored"),
    key=("upstream_id", "application_id", "line_key", "client_line_key"),
)

#: One set of files for one ERP target. `posts`: the one target that posts; every other is a copy. `reverses_id`: the batch
#: that this one takes back. `erp_number`: what the accounting system calls the batch.
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
    ref("reverses_id", "erp_batch", nullable=True),
    text_column("erp_number"),
    key=("folder",),
)

#: `live` ends when the batch is voided or reversed: then the document may go out again. What takes another document back
#: is never live.
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
    day("accounting_on"),
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
