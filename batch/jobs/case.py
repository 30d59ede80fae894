"""A received mail on its way in, and the case it is judged by: the invite it answers with everything around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from batch.core.findings import Finding
from batch.core.matching import Match, match
from batch.core.model import Basis
from batch.core.returned import Returned
from batch.core.states import APPROVED_STATES, Application, Period
from batch.core.tax import TaxTerms
from batch.edges.store import queries_applications, queries_ledger, queries_periods, queries_tax
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.mail.classify import Classification
from batch.formats.mail.parse import ParsedMail
from batch.formats.mail.tokens import FoundToken
from batch.jobs.about import Parties, parties
from batch.jobs.final import final_matters
from batch.jobs.invoice_numbers import UsedNumbers
from batch.jobs.payment_dates import local_date


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One mail on its way in: its row, its values, what it is, and the tokens found in it."""

    row: RowMapping
    mail: ParsedMail
    classified: Classification
    tokens: Sequence[FoundToken]
    documents: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A workbook together with the invite it answers, as the database stands now.

    `replaced` is the invite it was issued with, when a newer issue (which is `invite`) took that one's place.
    """

    invite: RowMapping
    who: Parties
    basis: Basis
    tokens: Sequence[RowMapping]
    earlier: Sequence[RowMapping]
    used_numbers: UsedNumbers
    period_open: bool
    taxing: TaxTerms
    replaced: Basis | None = None
    replaced_tokens: Sequence[RowMapping] = ()
    matters: Sequence[Finding] = ()

    @property
    def approved(self) -> RowMapping | None:
        """The revision that was approved, if one was; a later one that was returned does not hide it."""
        return next((row for row in self.earlier if row["state"] in APPROVED_STATES), None)


def find_invite(conn: Connection, tokens: Sequence[FoundToken], returned: Returned | None) -> Match:
    """Which invite a mail, or a workbook in it, answers."""

    def lookup(token: str) -> str | None:
        row = queries_periods.invite_of_token(conn, token)
        return None if row is None else str(row["invite_id"])

    def same_vendor(one: str, other: str) -> bool:
        vendors = {queries_periods.invite(conn, int(each))["vendor_number"] for each in (one, other)}
        return len(vendors) == 1

    carried = returned.identity.tokens if returned is not None else ()
    found = [(one.source, one.token) for one in tokens]
    return match(found, [(carrier, token) for carrier, token in carried], lookup, same_vendor=same_vendor)


def load_case(conn: Connection, invite_id: int) -> Case:
    """Everything a submission on this invite is judged by."""
    return _case_of(conn, queries_periods.invite(conn, invite_id))


def newest_case(conn: Connection, invite_id: int) -> Case:
    """As `load_case`, but of the newest issue where this invite was replaced."""
    old = queries_periods.invite(conn, invite_id)
    case = _case_of(conn, queries_periods.newest_issue(conn, old))
    if case.invite["id"] == invite_id:
        return case
    basis, tokens = queries_periods.basis(conn, invite_id), queries_periods.tokens(conn, invite_id)
    return replace(case, replaced=basis, replaced_tokens=tokens)


def _case_of(conn: Connection, row: RowMapping) -> Case:
    invite_id = row["id"]
    who = parties(conn, row["period_id"], row["commitment_id"])
    earlier = queries_applications.of_invite(conn, invite_id)
    issued_on = local_date(row["issued_at"], who.project)
    return Case(
        invite=row,
        who=who,
        basis=queries_periods.basis(conn, invite_id),
        tokens=queries_periods.tokens(conn, invite_id),
        earlier=earlier,
        taxing=queries_tax.terms(conn, row["commitment_id"]),
        matters=final_matters(conn, row["kind"], row["commitment_id"], row["currency"], issued_on),
        used_numbers=queries_ledger.invoice_numbers_used(conn, who.commitment["vendor_id"]),
        # An application that we sent back may be corrected after the period has closed: we asked for it.
        period_open=who.period["state"] is Period.OPEN
        or any(one["state"] is Application.REVISE_AND_RESUBMIT for one in earlier)
        or queries_periods.open_for(conn, row["period_id"], row["commitment_id"]),
    )
