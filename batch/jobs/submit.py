"""One returned workbook: which invite it answers, what is wrong with it, and what follows from that."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from batch.core.backup import without_backup
from batch.core.billing import UnknownLineError, bill
from batch.core.findings import Finding, Severity
from batch.core.matching import Match
from batch.core.model import Basis, Bill
from batch.core.money import MoneyError, amount
from batch.core.returned import Checked, Returned
from batch.core.rules import check, check_rebased
from batch.core.states import APPROVED_STATES, Application, Invite
from batch.edges.store import queries_applications, queries_ledger, queries_periods
from batch.edges.store.rows import Connection
from batch.formats.mail.attachments import MailPart
from batch.jobs import answers
from batch.jobs.applications import Claim, save_claim
from batch.jobs.case import Case, Incoming, find_invite, newest_case
from batch.jobs.effects import Effects
from batch.jobs.invoice_numbers import repeated_number
from batch.jobs.open_workbook import in_our_format, open_returned
from batch.jobs.workplace import Workplace

#: Findings that say that the file is no pay application at all, with nothing to mark in it; and what to tell its sender.
UNREAD = {
    "workbook-unreadable": "not_a_workbook",
    "workbook-format": "not_a_workbook",
    "workbook-encrypted": "not_a_workbook",
    "workbook-too-large": "too_large",
    "workbook-hostile": "not_a_workbook",
    "table-not-recognised": "other_workbook",
}
#: Findings that say that it is a workbook, but not the one that is asked for.
ANOTHER_WORKBOOK = ("wrong-commitment", "wrong-project", "token-conflict")
#: States in which the same file again changes nothing.
STANDS = (Application.UNDER_REVIEW, *APPROVED_STATES)


def submit(w: Workplace, incoming: Incoming, part: MailPart, now: datetime) -> Effects:
    """What one workbook of one mail causes. Never raises for anything that stands in the workbook."""
    returned = open_returned(w, part)
    with w.store.read() as conn:
        found = find_invite(conn, incoming.tokens, returned)
        case = newest_case(conn, int(found.invite_id)) if found.invite_id is not None else None
        outrun = case is not None and _outrun(conn, case)
    if case is None:
        return _unplaced(w, incoming, part, returned, found, now)
    refused = _refused_whole(w, incoming, part, case, returned, now, outrun=outrun)
    return refused or _judged(w, incoming, part, case, returned, now)


def _unplaced(
    w: Workplace, incoming: Incoming, part: MailPart, returned: Returned, found: Match, now: datetime
) -> Effects:
    """No invite, or two: nothing changes, a person looks. The sender is told where that is safe."""
    with w.store.read() as conn:
        known = queries_periods.is_any_contact(conn, incoming.mail.from_address)
    problem, reason = _why_unplaced(part, returned, found)
    effects = Effects(
        outcome="workbook-not-placed", reason=reason, waits=True, folder="review", findings=returned.findings
    )
    # A stranger is not answered: the address may be forged, and an answer would go to somebody who never wrote.
    effects.letters += answers.question(w, incoming, None, problem if known else "", [part.name], now)
    effects.letters += answers.exception(w, incoming, None, reason, "Nothing was recorded.", now)
    return effects


def _why_unplaced(part: MailPart, returned: Returned, found: Match) -> tuple[str, str]:
    if unread := _unread(part, returned.findings):
        return unread
    if found.conflict:
        return "other_workbook", "The mail and the workbook belong to different invites."
    return "unknown", "The workbook carries no code of an invite that is known here."


def _unread(part: MailPart, findings: Sequence[Finding]) -> tuple[str, str] | None:
    """What to tell the sender of a file that cannot be read, and the admins; None for one that can."""
    found = next((one for one in findings if one.code in UNREAD), None)
    if found is None:
        return None
    what = f": {found.found}" if found.found else ""
    return UNREAD[found.code], f"The file {part.name} cannot be read{what}."


def _refused_whole(
    w: Workplace,
    incoming: Incoming,
    part: MailPart,
    case: Case,
    returned: Returned,
    now: datetime,
    *,
    outrun: bool,
) -> Effects | None:
    """What stops a submission before its lines are looked at."""
    sha = hashlib.sha256(part.data).hexdigest()
    same = next((row for row in case.earlier if row["workbook_sha"] == sha and row["state"] in STANDS), None)
    if same is not None:
        return Effects(
            outcome="duplicate",
            reason=f"The same workbook was received before, as {queries_applications.name_of(same)}.",
            invite_id=case.invite["id"],
            duplicate_of=same["inbox_id"],
        )
    if unread := _unread(part, returned.findings):
        problem, reason = unread
        return _stopped(w, incoming, part, case, returned.findings, problem, reason, now)
    if case.invite["state"] is Invite.REPLACED or outrun:
        finding = _finding("issue-replaced", expected="the newest workbook")
        return _stopped(w, incoming, part, case, (finding,), "replaced", "The workbook was replaced.", now)
    if (approved := case.approved) is not None:
        finding = _finding("already-approved", found=queries_applications.name_of(approved))
        reason = "The application was approved already; nothing was changed."
        return _stopped(w, incoming, part, case, (finding,), "already_approved", reason, now)
    if not case.period_open:
        finding = _finding("period-closed", found=str(case.basis.period))
        return _stopped(
            w, incoming, part, case, (finding,), "wrong_period", "The billing period is closed.", now
        )
    return None


def _finding(
    code: str, *, found: str = "", expected: str = "", severity: Severity = Severity.RETURN
) -> Finding:
    return Finding(code=code, severity=severity, found=found, expected=expected)


def _stopped(
    w: Workplace,
    incoming: Incoming,
    part: MailPart,
    case: Case,
    findings: Sequence[Finding],
    problem: str,
    reason: str,
    now: datetime,
) -> Effects:
    hostile = any(one.code == "workbook-hostile" for one in findings)
    effects = Effects(
        outcome=findings[0].code,
        reason=reason,
        waits=True,
        folder="failed" if hostile else "review",
        invite_id=case.invite["id"],
        findings=tuple(findings),
    )
    effects.letters += answers.question(w, incoming, case, problem, [part.name], now)
    effects.letters += answers.exception(w, incoming, case, reason, "Nothing was recorded.", now)
    return effects


def _judged(
    w: Workplace, incoming: Incoming, part: MailPart, case: Case, returned: Returned, now: datetime
) -> Effects:
    checked = _checked(case, returned)
    circumstances = (*_circumstances(incoming, case, checked), *_backup(w, incoming, case, checked))
    checked = replace(checked, findings=(*checked.findings, *circumstances))
    returns = [one for one in checked.findings if one.severity is Severity.RETURN]
    if any(one.code in ANOTHER_WORKBOOK for one in returns):
        reason = "The workbook is not the one that belongs to this invite."
        return _stopped(w, incoming, part, case, returns, "other_workbook", reason, now)
    if any(one.code in ("wrong-period", "issue-replaced") for one in returns):
        problem = "wrong_period" if returns[0].code == "wrong-period" else "replaced"
        return _stopped(w, incoming, part, case, returns, problem, "The workbook is for another period.", now)
    if any(one.code == "nothing-entered" for one in returns):
        return _not_filled_in(w, incoming, part, case, checked, now)
    computed = checked.bill or _bill_anyway(case.basis, checked)
    held = bool(returns) and bool(case.who.project["hold_answers"])
    if held and computed is None:
        reason = "The workbook could not be read in full, and answers on this project wait for an admin."
        return _stopped(w, incoming, part, case, checked.findings, "", reason, now)
    return _recorded(
        w, incoming, part, case, returned, checked, computed, passes=not returns or held, now=now
    )


def _checked(case: Case, returned: Returned) -> Checked:
    """The findings of the rules; a workbook of an issue that was replaced is carried over onto the newest."""
    if case.replaced is None:
        return check(returned, case.basis, expected_tokens=frozenset(row["token"] for row in case.tokens))
    tokens = frozenset(row["token"] for row in case.replaced_tokens)
    return check_rebased(returned, case.replaced, case.basis, expected_tokens=tokens)


def _outrun(conn: Connection, case: Case) -> bool:
    """Whether a workbook of an old issue comes after one of the newest issue: then that one counts."""
    if case.replaced is None:
        return False
    last = next((row for row in reversed(case.earlier) if row["state"] in STANDS), None)
    if last is None:
        return False
    codes = {one.code for one in queries_applications.findings(conn, application_id=last["id"])}
    return last["state"] is Application.UNDER_REVIEW and "issue-rebased" not in codes


def _bill_anyway(basis: Basis, checked: Checked) -> Bill | None:
    """The figures of a claim that is wrong but readable, so that people can see what was claimed."""
    if set(checked.claim) != {line.key for line in basis.lines}:
        return None
    try:
        made = bill(basis, checked.claim)
        # Each line is within the bounds of money; their sums may not be, and then there is nothing that can be kept.
        for name in queries_ledger.SUMMARY_FIELDS:
            amount(getattr(made.summary, name), basis.currency)
    except (MoneyError, UnknownLineError):
        return None
    return made


def _circumstances(incoming: Incoming, case: Case, checked: Checked) -> list[Finding]:
    """Findings that the workbook alone does not show."""
    found: list[Finding] = []
    hold, note = Severity.HOLD, Severity.NOTE
    if incoming.row["received_at"] > case.who.period["due_at"]:
        found.append(
            _finding(
                "late",
                found=case.who.instant(incoming.row["received_at"]),
                expected=case.who.due,
                severity=note,
            )
        )
    if not answers.is_contact(case.who, incoming.mail.from_address):
        found.append(_finding("sent-by-other", found=incoming.mail.from_address, severity=hold))
    if case.invite["state"] is Invite.DECLINED:
        found.append(_finding("answer-after-decline", severity=note))
    if incoming.classified.said == "decline":
        found.append(_finding("accept-with-workbook", found="DECLINE", severity=hold))
    found += case.matters
    found += repeated_number(checked.invoice_number, case.used_numbers, case.invite, case.earlier)
    return found


def _backup(w: Workplace, incoming: Incoming, case: Case, checked: Checked) -> Sequence[Finding]:
    """What needs a document and came without any, in this mail or with an earlier revision."""
    with w.store.read() as conn:
        kept = queries_applications.attachments(conn, case.invite["id"])
    computed = checked.bill or _bill_anyway(case.basis, checked)
    if incoming.documents or kept or computed is None:
        return ()
    return tuple(without_backup(computed, case.basis))


def _not_filled_in(
    w: Workplace, incoming: Incoming, part: MailPart, case: Case, checked: Checked, now: datetime
) -> Effects:
    """A question, not a zero bill: nothing is recorded but that it came."""
    effects = Effects(
        outcome="nothing-entered",
        reason="The workbook came back with nothing filled in.",
        invite_id=case.invite["id"],
        findings=checked.findings,
    )
    effects.letters += answers.question(w, incoming, case, "not_filled_in", [part.name], now)
    return effects


def _recorded(
    w: Workplace,
    incoming: Incoming,
    part: MailPart,
    case: Case,
    returned: Returned,
    checked: Checked,
    computed: Bill | None,
    *,
    passes: bool,
    now: datetime,
) -> Effects:
    claim = Claim(
        invite_id=case.invite["id"],
        basis=case.basis,
        amounts=checked.claim,
        bill=computed,
        passes=passes,
        findings=checked.findings,
        invoice_number=checked.invoice_number,
        comment=checked.comment,
        sender=incoming.mail.from_address,
        inbox_id=incoming.row["id"],
        workbook_sha=w.archive.put(part.data),
        received_at=incoming.row["received_at"],
        documents=incoming.documents,
        materials=checked.materials,
    )
    effects = Effects(
        outcome="submission" if passes else "returned",
        reason="A pay application was taken into review."
        if passes
        else "The workbook was returned with its faults.",
        invite_id=case.invite["id"],
        counts_as_submission=True,
    )
    effects.writes.append(lambda conn: _write_claim(conn, claim, effects, now))
    if passes:
        effects.letters += answers.receipt(w, incoming, case, part.name, checked, computed, now)
    else:
        ours, marked = in_our_format(w, case, part, returned, checked)
        effects.letters += answers.refusal(w, incoming, case, ours, marked, now)
    return effects


def _write_claim(conn: Connection, claim: Claim, effects: Effects, now: datetime) -> None:
    effects.application_id = save_claim(conn, claim, now)
