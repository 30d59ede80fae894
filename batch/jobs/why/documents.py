"""An ERP document: which pay application it is of, which figures went out in it, and in which batch."""

from __future__ import annotations

from collections.abc import Sequence

from batch.core.money import from_minor
from batch.core.why import Evidence, EvidenceKind, Why
from batch.edges.store.rows import RowMapping
from batch.jobs.why import lines, summary
from batch.jobs.why.subject import Subject


def explain_document(s: Subject, found: Sequence[RowMapping]) -> Why:
    """The newest batch of a document of an application; `s` is that application, `found` newest first."""
    return Why(
        what=f"Document {found[0]['document']} is {s.name} of {s.row['vendor_name']}",
        how="once in every batch it went out in",
        parts=tuple(_in_batch(s, row).told() for row in found if row["application_id"] == s.row["id"]),
    )


def _in_batch(s: Subject, row: RowMapping) -> Why:
    batch = _evidence(s, row)
    state = row["batch_state"].value
    posts = "it posts" if row["posts"] else "a copy"
    return Why(
        what=f"In {row['folder']}",
        how=f"{row['target']}, {posts}, {state}, written {s.sources.when(row['created_at'])}",
        parts=tuple(node.told() for node in (_gross(s, row), _retainage(s, row), _payable(s, row))),
        evidence=(batch,),
    )


def _evidence(s: Subject, row: RowMapping) -> Evidence:
    text = f"Manifest of {row['folder']}, sha256 {row['manifest_sha']}"
    return Evidence(kind=EvidenceKind.BATCH, text=text)


def _gross(s: Subject, row: RowMapping) -> Why:
    node = summary.gross_this_period(s)
    return Why(
        what="Amount: gross of this period",
        amount=from_minor(row["amount_minor"], s.currency),
        how=node.how,
        parts=node.parts,
        evidence=s.evidence,
    )


def _retainage(s: Subject, row: RowMapping) -> Why:
    """What the document keeps back: withheld less released, line by line."""
    kept = [lines.withheld_this_period(s, line) for line in s.bill.lines if line.withheld_this_period]
    gone = [lines.released_this_period(s, line) for line in s.bill.lines if line.released_this_period]
    name = s.words["retainage"]
    return Why(
        what=f"{name} of this document".capitalize(),
        amount=from_minor(row["retainage_minor"], s.currency),
        how=f"{name} withheld this period less {name} released",
        parts=(*kept, *(node.less() for node in gone)),
        evidence=s.evidence,
    )


def _payable(s: Subject, row: RowMapping) -> Why:
    amount = from_minor(row["payable_minor"], s.currency)
    node = summary.payable(s)
    return Why(what="Payable", amount=amount, how=node.how, parts=node.parts, evidence=s.evidence)
