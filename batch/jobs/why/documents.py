"""An ERP document: which pay application it is of, which figures went out in it, and in which batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from batch.core.money import from_minor, total
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
    if row["reverses_id"] is not None:
        posts += ", takes another document back"
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
    return _written(s, row, "amount", replace(node, what="Amount: gross of this period"))


def _retainage(s: Subject, row: RowMapping) -> Why:
    """What the document keeps back: withheld less released, line by line."""
    kept = [lines.withheld_this_period(s, line) for line in s.bill.lines if line.withheld_this_period]
    gone = [lines.released_this_period(s, line) for line in s.bill.lines if line.released_this_period]
    parts = (*kept, *(node.less() for node in gone))
    name = s.words["retainage"]
    node = Why(
        what=f"{name} of this document".capitalize(),
        amount=total(
            (line.withheld_this_period - line.released_this_period for line in s.bill.lines), s.currency
        ),
        how=f"{name} withheld this period less {name} released",
        parts=parts,
    )
    return _written(s, row, "retainage", node)


def _payable(s: Subject, row: RowMapping) -> Why:
    return _written(s, row, "payable", replace(summary.payable(s), what="Payable"))


def _written(s: Subject, row: RowMapping, column: str, node: Why) -> Why:
    """An amount of a document out of the figure of the application: the same, turned round where it takes a bill back, or
    what was written then, where the application has other figures by now.
    """
    amount = from_minor(row[f"{column}_minor"], s.currency)
    if row["reverses_id"] is not None and amount == -(node.amount or 0):
        how = f"takes back what went out before: {node.how}"
        turned = replace(node, how="as it went out").less()
        return Why(what=node.what, amount=amount, how=how, parts=(turned,), evidence=s.evidence)
    if amount != node.amount:
        how = "as it was written then; the application has other figures by now"
        return Why(what=node.what, amount=amount, how=how, evidence=(_evidence(s, row),))
    return replace(node, amount=amount, evidence=s.evidence)
