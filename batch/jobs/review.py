"""Review workbooks: made for each admin when there is something to decide, applied when they come back filled in.

Everything a returned workbook decides is written in one transaction: decisions, ledgers, notices, the note that this file was
taken, and the report. A row that is out of date is refused alone; the others go through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from batch import jsonlog
from batch.core.billing import bill
from batch.core.findings import Finding, Severity
from batch.core.model import Basis, Permission
from batch.core.review_entries import OnBehalfEntry, OnBehalfOutcome, ReviewDecision
from batch.core.reviewing import on_behalf
from batch.core.states import accepts
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    tables,
)
from batch.edges.store.events import SYSTEM, insert_if_new_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.review.read import read
from batch.jobs.applications import Claim, save_claim
from batch.jobs.client_answers import write_any
from batch.jobs.decide import Decided, decide, load_pending
from batch.jobs.invoice_numbers import repeated_number
from batch.jobs.letters import Letter, post
from batch.jobs.notices import with_notices
from batch.jobs.reports import decision_report, decision_word
from batch.jobs.workbooks import sentences
from batch.jobs.workplace import Workplace


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Something in a review workbook that was not applied, and why, in sentences."""

    commitment: str
    vendor: str
    sentences: Sequence[str]


@dataclass(kw_only=True)
class ReviewResult:
    """What a review workbook came to."""

    decided: list[Decided] = field(default_factory=list)
    claims: list[tuple[Claim, RowMapping]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    report: Sequence[Letter] = ()

    def lines(self) -> list[str]:
        """The result as short lines for a person."""
        done = [f"{_name(one)}: {decision_word(one, WORDS)}" for one in self.decided]
        entered = [
            f"{claim.basis.commitment}: entered on behalf, now under review" for claim, _row in self.claims
        ]
        refused = [
            f"{one.commitment or 'Workbook'}: not applied. {' '.join(one.sentences)}" for one in self.refused
        ]
        return [*done, *entered, *refused] or ["Nothing was decided in this workbook."]


WORDS: Mapping[str, str] = {
    "approve": "Approved",
    "note": "Approved as Noted",
    "await_client": "Pending Client Approval",
    "client_approves": "Approved by the client",
    "client_cuts": "Approved as Noted, as the client cut it",
    "reopen": "Under Review again",
    "revise": "Revise & Resubmit",
    "hold": "Held",
}


def _name(decided: Decided) -> str:
    return queries_applications.name_of(decided.pending.row)


def apply_review(w: Workplace, data: bytes, admin: RowMapping, name: str, now: datetime) -> ReviewResult:
    """Apply a filled-in review workbook as this admin. The same file a second time changes nothing.

    Raises StaleRow when something changed between loading and writing; the caller tries again.
    """
    sha = hashlib.sha256(data).hexdigest()
    found = read(data)
    result = ReviewResult()
    with w.store.read() as conn:
        for decision in found.decisions:
            _consider(conn, decision, admin, sha, now, result)
        for entry in found.on_behalf:
            _enter(conn, entry, admin, sha, now, result)
    if found.findings:
        result.refused.append(
            Refused(commitment="", vendor="", sentences=sentences(found.findings, "en-US", "USD"))
        )
    result.decided = [with_notices(w, one, now) for one in result.decided]
    w.archive.put(data)
    result.report = decision_report(w, result, admin, sha, name, now)
    with w.store.write() as conn:
        if not _take_file(conn, admin, sha, name, result, now):
            return ReviewResult(
                refused=[Refused(commitment="", vendor="", sentences=["This file was applied before."])]
            )
        for one in result.decided:
            write_any(conn, one, now)
        for claim, _row in result.claims:
            save_claim(conn, claim, now)
        post(conn, result.report, now)
    jsonlog.info(
        "review-applied",
        admin=admin["id"],
        decided=len(result.decided),
        entered=len(result.claims),
        refused=len(result.refused),
    )
    return result


def _take_file(
    conn: Connection, admin: RowMapping, sha: str, name: str, result: ReviewResult, now: datetime
) -> bool:
    values = {
        "sha256": sha,
        "admin_id": admin["id"],
        "name": name[:200],
        "state": "applied" if result.decided or result.claims else "refused",
        "report": "\n".join(result.lines())[:8000],
        "at": now,
    }
    made = insert_if_new_with_event(
        conn,
        tables.watched_file,
        values,
        chain=SYSTEM,
        at=now,
        what="review-workbook-taken",
        actor=("admin", admin["id"]),
        body={"sha256": sha},
    )
    return made is not None


def _consider(
    conn: Connection,
    decision: ReviewDecision,
    admin: RowMapping,
    sha: str,
    now: datetime,
    result: ReviewResult,
) -> None:
    row = queries_applications.find(conn, f"#{decision.application_id}")
    if row is None:
        fault = _finding("row-stale", found=decision.application_id)
        result.refused.append(_refused("", "", (fault,), "en-US", "USD"))
        return
    decided = decide(load_pending(conn, row, now), decision, admin, sha)
    if decided.outcome.findings:
        who = decided.pending.who
        result.refused.append(
            _refused(
                row["commitment_number"],
                row["vendor_name"],
                decided.outcome.findings,
                who.locale,
                row["currency"],
            )
        )
    elif decided.outcome.event:
        result.decided.append(decided)


def _enter(
    conn: Connection, entry: OnBehalfEntry, admin: RowMapping, sha: str, now: datetime, result: ReviewResult
) -> None:
    """An application entered for a subcontractor who did not answer: it goes under review like any other."""
    invite = queries_periods.find_invite(conn, entry.invite_id)
    if invite is None:
        fault = _finding("row-stale", found=entry.invite_id)
        result.refused.append(_refused("", "", (fault,), "en-US", "USD"))
        return
    basis = queries_periods.basis(conn, invite["id"])
    outcome = on_behalf(entry, basis)
    findings = (*outcome.findings, *(_entry_faults(conn, invite, admin) if outcome.wanted else ()))
    if findings:
        locale = queries_register.project(conn, invite["project_id"])["locale"]
        result.refused.append(
            _refused(invite["commitment_number"], invite["vendor_name"], findings, locale, basis.currency)
        )
    elif outcome.wanted:
        claim = _claim(outcome, invite, basis, admin, sha, now)
        result.claims.append((replace(claim, findings=_number_findings(conn, outcome, invite)), invite))


def _entry_faults(conn: Connection, invite: RowMapping, admin: RowMapping) -> Sequence[Finding]:
    project = queries_register.project(conn, invite["project_id"])
    if not queries_register.may(admin, Permission.ENTER, project["number"]):
        return (_finding("not-permitted", expected="an admin who may enter applications on this project"),)
    if not accepts(invite["state"], "submit"):
        return (_finding("row-stale", found=invite["state"].value, expected="no application yet"),)
    return ()


def _number_findings(conn: Connection, outcome: OnBehalfOutcome, invite: RowMapping) -> Sequence[Finding]:
    vendor = queries_register.commitment(conn, invite["commitment_id"])["vendor_id"]
    used = queries_ledger.invoice_numbers_used(conn, vendor)
    earlier = queries_applications.of_invite(conn, invite["id"])
    return repeated_number(outcome.invoice_number, used, invite, earlier)


def _claim(
    outcome: OnBehalfOutcome, invite: RowMapping, basis: Basis, admin: RowMapping, sha: str, now: datetime
) -> Claim:
    return Claim(
        invite_id=invite["id"],
        basis=basis,
        amounts=outcome.claim,
        bill=bill(basis, outcome.claim),
        passes=True,
        findings=(_finding("materials-missing"),) if basis.asks_materials else (),
        invoice_number=outcome.invoice_number,
        comment=outcome.reason,
        sender=admin["address"],
        workbook_sha=sha,
        entered_by=admin["id"],
        received_at=now,
    )


def _finding(code: str, *, found: str = "", expected: str = "") -> Finding:
    return Finding(code=code, severity=Severity.HOLD, found=found, expected=expected)


def _refused(
    commitment: str, vendor: str, findings: Sequence[Finding], locale: str, currency: str
) -> Refused:
    return Refused(commitment=commitment, vendor=vendor, sentences=sentences(findings, locale, currency))
