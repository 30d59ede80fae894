"""Invites to bill: everything a pay application is computed from is frozen, the workbook rendered, the mail queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch import jsonlog
from batch.core.model import Basis, BilledBy, CommitmentStatus, ContactRole, InviteKind, LineAmounts
from batch.core.money import Rounding, to_minor, to_ppm, total
from batch.core.states import SHOWN, Invite, Period, accepts
from batch.core.stored import begun, moved
from batch.edges.store import (
    queries_applications,
    queries_final,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_tax,
    tables,
)
from batch.edges.store.changes import NOBODY, move
from batch.edges.store.events import (
    insert_if_new_with_event,
    insert_rows_with_event,
    project_chain,
    update_with_event,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.compose import Attachment
from batch.jobs.about import Parties, about, invite_figures, parties, workbook_name
from batch.jobs.letters import XLSX, Letter, Subject, post, seal
from batch.jobs.payment_dates import local_date
from batch.jobs.workbooks import pay_application
from batch.jobs.workplace import Workplace

#: Commitments that may bill, and contacts that an invite is written to.
BILLABLE = (CommitmentStatus.APPROVED, CommitmentStatus.COMPLETE)
WRITTEN_TO = (ContactRole.BILLS, ContactRole.COPIED)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """One contact's own copy of an invite: its token, its workbook in the archive, its mail."""

    token: str
    address: str
    role: ContactRole
    workbook_sha: str
    letter: Letter


def open_periods(w: Workplace, now: datetime) -> int:
    """Open the periods whose invite instant has come, and invite every commitment that may bill; gives how many."""
    with w.store.read() as conn:
        planned = queries_periods.periods_in(conn, Period.PLANNED)
    for period in planned:
        if period["invite_at"] <= now:
            with w.store.write() as conn:
                chain = project_chain(period["project_id"])
                move(conn, tables.billing_period, period, "open", chain=chain, at=now)
            jsonlog.info("period-opened", period=period["id"])
    with w.store.read() as conn:
        waiting = [
            (period["id"], commitment["id"])
            for period in queries_periods.periods_in(conn, Period.OPEN)
            # After a standstill a period may be past its closing before anybody was invited: nobody is asked then.
            if now < period["close_at"]
            for commitment in _to_invite(conn, period, now)
        ]
    return sum(invite(w, period_id, commitment_id, now) for period_id, commitment_id in waiting)


def _to_invite(conn: Connection, period: RowMapping, now: datetime) -> list[RowMapping]:
    """Commitments without an invite in this period. One whose last application is undecided waits for its decision,
    and one whose final bill is approved has no more to bill.
    """
    invited = {row["commitment_id"] for row in queries_periods.invites(conn, period["id"])}
    today = local_date(now, queries_register.project(conn, period["project_id"]))
    return [
        row
        for row in queries_register.commitments(conn, period["project_id"])
        if row["id"] not in invited
        and row["status"] in BILLABLE
        and queries_applications.undecided(conn, row["id"]) is None
        and queries_final.final_approved(conn, row["id"]) is None
        and queries_register.sov_lines(conn, row["id"], row["currency"], today)
    ]


def invite(
    w: Workplace, period_id: int, commitment_id: int, now: datetime, kind: InviteKind | None = None
) -> bool:
    """Invite one commitment in one period; gives False when it was invited already."""
    with w.store.read() as conn:
        who = parties(conn, period_id, commitment_id)
        wanted = kind or who.commitment["invite_kind"] or who.project["default_invite_kind"]
        issue = queries_periods.next_issue(conn, period_id, commitment_id, wanted)
        basis = basis_now(conn, who, wanted, now, issue)
    state, copies = copies_for(w, who, basis, now)
    with w.store.write() as conn:
        made = write_invite(conn, who, basis, state, copies, now)
    if made:
        jsonlog.info("invite-" + state.replace(" ", "-"), period=period_id, commitment=commitment_id)
    return made


def copies_for(
    w: Workplace, who: Parties, basis: Basis, now: datetime, note: str = ""
) -> tuple[Invite, Sequence[Invited]]:
    """The copy of each contact that is written to, and the state of an invite that starts with them.

    No copies where nobody could answer, or where only we bill.
    """
    if who.commitment["billed_by"] is not BilledBy.INVITE:
        return Invite.PLANNED, ()
    contacts = [row for row in who.contacts if row["role"] in WRITTEN_TO]
    if not any(row["role"] is ContactRole.BILLS for row in contacts):
        return Invite.NO_CONTACT, ()
    return Invite.QUEUED, [_copy_for(w, who, basis, contact, now, note) for contact in contacts]


def basis_now(conn: Connection, who: Parties, kind: InviteKind, now: datetime, issue: int = 1) -> Basis:
    """What a pay application of this commitment is computed from, as the register and the ledgers stand now.

    A change order that is approved from a later day on is still pending today.
    """
    commitment, period, project = who.commitment, who.period, who.project
    currency, mode = commitment["currency"], commitment["stored_mode"]
    today = local_date(now, project)
    positions = queries_ledger.positions(conn, commitment["id"], currency)
    lines = queries_register.sov_lines(conn, commitment["id"], currency, today)
    return Basis(
        company=who.company["name"],
        project=project["number"],
        project_name=project["name"],
        commitment=commitment["number"],
        commitment_title=commitment["title"],
        vendor=commitment["vendor_number"],
        vendor_name=commitment["vendor_name"],
        period=period["number"],
        period_from=period["start_on"],
        period_to=period["end_on"],
        issue=issue,
        kind=kind,
        sov_version=commitment["sov_version"],
        application_number=queries_ledger.next_application_number(conn, commitment["id"]),
        currency=currency,
        retainage=queries_register.commitment_terms(commitment, period["end_on"]),
        lines=lines,
        positions=begun(positions, mode, lines, kind),
        previous_certificates=queries_ledger.previous_certificates(conn, commitment["id"], currency),
        pending_change_orders=queries_register.pending_change_orders(conn, commitment["id"], currency, today),
        deductions=tuple(
            one for _id, one in queries_register.deductions_open(conn, commitment["id"], currency)
        ),
        rounding=Rounding(project["rounding"]),
        asks_materials=queries_tax.terms(conn, commitment["id"]).asks_materials,
        over_billing=queries_register.over_billing_of(project, commitment),
        backup=queries_register.backup_of(project, commitment),
        stored_mode=mode,
        stored_moved=moved(positions, mode, kind, lines),
        approved_on=queries_register.approved_on(conn, commitment["id"], today),
    )


def _copy_for(
    w: Workplace, who: Parties, basis: Basis, contact: RowMapping, now: datetime, note: str = ""
) -> Invited:
    token = w.token("invite", basis.commitment, basis.period, basis.kind, basis.issue, contact["address"])
    workbook = pay_application(w, who, basis, token=token, created=now)
    name = workbook_name(basis)
    context = {
        **about(who, basis, recipient=contact["name"], note=note),
        **invite_figures(who, basis),
        "invite_kind": basis.kind.value,
        "workbook_name": name,
    }
    subject = Subject(type="invite-copy", id=who.period["id"], revision=basis.issue)
    letter = seal(
        w,
        "invite",
        context,
        locale=who.locale,
        to=contact["address"],
        subject=subject,
        now=now,
        token=token,
        attachments=[Attachment(name=name, content_type=XLSX, data=workbook)],
    )
    return Invited(
        token=token,
        address=contact["address"],
        role=contact["role"],
        workbook_sha=w.archive.put(workbook),
        letter=letter,
    )


def write_invite(
    conn: Connection,
    who: Parties,
    basis: Basis,
    state: Invite,
    copies: Sequence[Invited],
    now: datetime,
    *,
    mailed: bool = True,
) -> bool:
    """Write an invite with its frozen lines and copies; `mailed`: its mails are queued. False: it is there already."""
    chain = project_chain(who.project["id"])
    values = _invite_values(who, basis, state, copies, now)
    made = insert_if_new_with_event(
        conn, tables.invite, values, chain=chain, at=now, what="invite-made", actor=NOBODY
    )
    if made is None:
        return False
    lines = [{**row, "invite_id": made} for row in queries_periods.line_values(basis)]
    insert_rows_with_event(
        conn,
        tables.invite_line,
        lines,
        chain=chain,
        at=now,
        what="invite-frozen",
        actor=NOBODY,
        subject=("invite", made),
    )
    _save_copies(conn, made, copies, now, mailed=mailed)
    if copies and who.commitment["first_invited_at"] is None:
        first = {"first_invited_at": now}
        update_with_event(
            conn,
            tables.commitment,
            who.commitment["id"],
            first,
            chain=chain,
            at=now,
            what="commitment-first-invited",
            actor=NOBODY,
        )
    return True


class NothingToInvite(Exception):
    """The invite cannot go out again; the text says why, and what to do first."""


def invite_again(w: Workplace, invite: RowMapping, now: datetime) -> int:
    """Send an invite that reached nobody to the contacts that the register has now; gives how many mails.

    It stays the same invite, frozen as it was; each new address gets a token of its own. Raises NothingToInvite.
    """
    if not accepts(invite["state"], "queue"):
        raise NothingToInvite(f"it is {SHOWN[invite['state']]}; only one that reached nobody goes out again")
    with w.store.read() as conn:
        who = parties(conn, invite["period_id"], invite["commitment_id"])
        basis = queries_periods.basis(conn, invite["id"])
        known = {row["address"] for row in queries_periods.tokens(conn, invite["id"])}
    contacts = [row for row in who.contacts if row["role"] in WRITTEN_TO and row["address"] not in known]
    if not any(row["role"] is ContactRole.BILLS for row in contacts):
        raise NothingToInvite("the register has no new address that bills; correct the contact first")
    copies = [_copy_for(w, who, basis, contact, now) for contact in contacts]
    with w.store.write() as conn:
        _save_copies(conn, invite["id"], copies, now)
        chain = project_chain(who.project["id"])
        move(conn, tables.invite, invite, "queue", chain=chain, at=now)
    jsonlog.info("invite-queued-again", invite=invite["id"], mails=len(copies))
    return len(copies)


def _save_copies(
    conn: Connection, invite_id: int, copies: Sequence[Invited], now: datetime, *, mailed: bool = True
) -> None:
    for copy in copies:
        row = {
            "token": copy.token,
            "invite_id": invite_id,
            "address": copy.address,
            "role": copy.role,
            "workbook_sha": copy.workbook_sha,
        }
        conn.execute(tables.invite_token.insert().values(row))
    if mailed:
        post(conn, [about_invite(copy.letter, invite_id) for copy in copies], now)


def about_invite(letter: Letter, invite_id: int) -> Letter:
    """The letter as one about an invite, whose id is known only once its row is written."""
    return Letter(values={**letter.values, "subject_type": "invite", "subject_id": invite_id})


def _invite_values(
    who: Parties, basis: Basis, state: Invite, copies: Sequence[Invited], now: datetime
) -> Mapping[str, Any]:
    return {
        "period_id": who.period["id"],
        "commitment_id": who.commitment["id"],
        "kind": basis.kind,
        "issue": basis.issue,
        "state": state,
        "application_number": basis.application_number,
        "sov_version": basis.sov_version,
        "currency": basis.currency,
        "previous_certificates_minor": to_minor(basis.previous_certificates, basis.currency),
        "retainage_work_ppm": to_ppm(basis.retainage.work),
        "retainage_stored_ppm": to_ppm(basis.retainage.stored),
        "basis": queries_periods.basis_values(basis),
        "workbook_sha": copies[0].workbook_sha if copies else None,
        "issued_at": now,
    }


def nothing_billed(basis: Basis) -> dict[str, LineAmounts]:
    """An empty claim: no work, stored materials unchanged."""
    zero = total((), basis.currency)
    positions = basis.positions
    return {
        line.key: LineAmounts(
            work=zero, stored=positions[line.key].stored if line.key in positions else zero, release=zero
        )
        for line in basis.lines
    }
