"""Why an application is in the state it is in: what came, who decided what and when, and for which reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from batch.core.findings import Severity
from batch.core.states import SHOWN
from batch.core.why import Why
from batch.edges.store import queries_applications, queries_periods, queries_upstream
from batch.edges.store.rows import RowMapping
from batch.jobs.why import summary
from batch.jobs.why.subject import Subject


def explain_state(s: Subject) -> Why:
    """The state of an application: every step to it in order, and its main figures."""
    steps = sorted(_steps(s), key=lambda step: step[0])
    figures = [summary.explain_summary(s, key) for key in ("current_payment_due", "payable")]
    by_name = [Why(what=node.what, amount=node.amount, how=node.how, evidence=s.evidence) for node in figures]
    return Why(
        what=f"{s.name} of {s.row['vendor_name']} is {s.state}",
        parts=tuple(node.told() for node in (*(node for _at, node in steps), *by_name)),
    )


def _steps(s: Subject) -> Iterator[tuple[datetime, Why]]:
    invite = queries_periods.invite(s.conn, s.row["invite_id"])
    if invite["issued_at"] is not None:
        yield (
            invite["issued_at"],
            Why(what=f"Invited {s.sources.when(invite['issued_at'])}", evidence=s.frozen),
        )
    for row in queries_applications.of_invite(s.conn, s.row["invite_id"]):
        yield row["submitted_at"], _came(s, row)
        for one in queries_applications.reviews(s.conn, row["id"]):
            yield one["at"], _decided(s, row, one)
    for one in queries_upstream.exported_in(s.conn, s.row["id"]):
        at = next(
            batch["created_at"]
            for batch in queries_upstream.batches(s.conn)
            if batch["id"] == one["batch_id"]
        )
        how = f"as document {one['document']} (billings why erp:{one['document']})"
        yield at, Why(what=f"Written to {one['folder']} {s.sources.when(at)}", how=how)


def _came(s: Subject, row: RowMapping) -> Why:
    findings = queries_applications.findings(s.conn, application_id=row["id"])
    wrong = sorted({one.code for one in findings if one.severity is not Severity.NOTE})
    what = "entered on behalf" if row["entered_by"] is not None else "received"
    name = queries_applications.name_of(row)
    how = f"now {SHOWN[row['state']]}"
    return Why(
        what=f"{name} {what} {s.sources.when(row['submitted_at'])}",
        how=f"{how}; findings: {', '.join(wrong)}" if wrong else how,
        evidence=s.sources.claim(row["id"]),
    )


def _decided(s: Subject, row: RowMapping, one: RowMapping) -> Why:
    reason = f'because "{one["reason"]}"' if one["reason"] else ""
    evidence = s.sources.review(row, one)
    return Why(
        what=evidence.text.split(f': "{one["reason"]}"')[0] if reason else evidence.text,
        how=reason,
        evidence=(evidence,),
    )
