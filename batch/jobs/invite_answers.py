"""What a subcontractor's own words do to an invite: accept, decline, and documents that come without a workbook."""

from __future__ import annotations

from datetime import datetime

from batch.core.backup import SETTLED_BY_A_DOCUMENT
from batch.core.findings import Severity
from batch.core.states import Application, Invite, accepts
from batch.edges.store import queries_applications, tables
from batch.edges.store.changes import move
from batch.edges.store.events import Actor, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.attachments import MailPart
from batch.jobs import answers
from batch.jobs.applications import REPLACEABLE, save_documents
from batch.jobs.case import Case, Incoming
from batch.jobs.effects import Effects
from batch.jobs.letters import XLSX
from batch.jobs.submit import submit
from batch.jobs.waiting import Found, person_looks
from batch.jobs.workplace import Workplace

_CONTACT: Actor = ("contact", None)
#: What to tell a person whose answer comes when the invite takes none any more; '' for states that say nothing to them.
_TOO_LATE = {Invite.LAPSED: "wrong_period", Invite.REPLACED: "replaced"}


def accept(w: Workplace, found: Found, case: Case, now: datetime) -> Effects:
    """The reply says ACCEPT. Nothing changes when the invite was accepted or answered already."""
    state = case.invite["state"]
    if doubt := _doubt(found, case):
        return person_looks(w, found, "", "accept-not-proved", doubt, now)
    if state in (Invite.ACCEPTED, Invite.ANSWERED):
        return _noted("accept", f"The invite is already {state.value}; nothing changes.", case)
    if not accepts(state, "accept"):
        reason = f"The invite was accepted, but it is {state.value}."
        return person_looks(w, found, _TOO_LATE.get(state, ""), "accept-too-late", reason, now)
    effects = _noted("accept", found.incoming.classified.reason, case)
    chain = project_chain(case.who.project["id"])
    effects.writes.append(
        lambda conn: move(conn, tables.invite, case.invite, "accept", chain=chain, at=now, actor=_CONTACT)
    )
    return effects


def decline(w: Workplace, found: Found, case: Case, now: datetime) -> Effects:
    """The reply says DECLINE. After a pay application has come, what is meant is for a person."""
    state = case.invite["state"]
    if doubt := _doubt(found, case):
        return person_looks(w, found, "", "decline-not-proved", doubt, now)
    if state is Invite.DECLINED:
        return _noted("decline", "The invite was declined before.", case)
    if not accepts(state, "decline"):
        reason = "The invite was declined after a pay application had come, or after its period had closed."
        problem = "not_understood" if state is Invite.ANSWERED else _TOO_LATE.get(state, "")
        return person_looks(w, found, problem, "decline-after-answer", reason, now)
    return _declined(w, found, case, now)


def _declined(w: Workplace, found: Found, case: Case, now: datetime) -> Effects:
    classified = found.incoming.classified
    said = classified.decision_reason
    effects = _noted("decline", classified.reason, case)
    chain = project_chain(case.who.project["id"])
    values = {"decline_reason": said[:1000]}
    effects.writes.append(
        lambda conn: move(
            conn, tables.invite, case.invite, "decline", chain=chain, at=now, actor=_CONTACT, values=values
        )
    )
    effects.letters += answers.declined(w, found.incoming, case, said, now)
    return effects


def _noted(outcome: str, reason: str, case: Case) -> Effects:
    return Effects(outcome=outcome, reason=reason, invite_id=case.invite["id"])


def _doubt(found: Found, case: Case) -> str:
    """Why words alone decide nothing here; '' when they may. A workbook can be checked line by line, a word cannot."""
    sender = found.incoming.mail.from_address
    if not found.proved:
        return "The mail carries no code of an invite; its sender's address alone proves nothing."
    invited = {row["address"].lower() for row in case.tokens}
    if sender.lower() in invited or answers.is_contact(case.who, sender):
        return ""
    return "The answer comes from an address that was not invited."


def documents(w: Workplace, found: Found, case: Case, now: datetime) -> Effects:
    """Supporting documents go with the application that is open; without one, the workbook is still missing."""
    incoming = found.incoming
    opened = next((row for row in reversed(case.earlier) if row["state"] in REPLACEABLE), None)
    if case.approved is not None:
        reason = f"Documents came after {queries_applications.name_of(case.approved)} was approved."
        return person_looks(w, found, "already_approved", "supporting_document", reason, now)
    if opened is None:
        reason = "Documents came, but no workbook that they belong to."
        return person_looks(w, found, "no_workbook", "supporting_document", reason, now)
    if incoming.classified.said is not None:
        reason = f"The mail says {incoming.classified.said.upper()} and brings documents, but no workbook."
        return person_looks(w, found, "not_understood", "supporting_document", reason, now)
    if _waits_for_it(w, opened):
        # It went back for want of a document alone: with it, the workbook that came before is taken.
        data = w.archive.get(opened["workbook_sha"])
        sent = MailPart(name=f"{queries_applications.name_of(opened)}.xlsx", content_type=XLSX, data=data,
                        sha256=opened["workbook_sha"])  # fmt: skip
        return submit(w, incoming, sent, now)
    effects = _noted("supporting_document", f"Kept with {queries_applications.name_of(opened)}.", case)
    effects.application_id = opened["id"]
    effects.writes.append(lambda conn: _keep(conn, incoming, opened))
    return effects


def _keep(conn: Connection, incoming: Incoming, opened: RowMapping) -> None:
    """Keep documents with an application, and take away what was only found for want of one."""
    save_documents(conn, incoming.documents, incoming.row["id"], opened["id"])
    finding = tables.finding.c
    conn.execute(
        tables.finding.delete().where(
            finding.application_id == opened["id"], finding.code.in_(SETTLED_BY_A_DOCUMENT)
        )
    )


def _waits_for_it(w: Workplace, opened: RowMapping) -> bool:
    """Whether an application was returned for want of a document and for nothing else."""
    if opened["state"] is not Application.RETURNED or opened["workbook_sha"] is None:
        return False
    with w.store.read() as conn:
        found = queries_applications.findings(conn, application_id=opened["id"])
    returns = {one.code for one in found if one.severity is Severity.RETURN}
    return bool(returns) and returns <= set(SETTLED_BY_A_DOCUMENT)
