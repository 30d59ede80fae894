"""Who a mail or a workbook is about, and the figures it shows, as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from batch.core.billing import as_in_workbook, bill
from batch.core.model import Basis, Bill, Permission
from batch.edges.store import queries_periods, queries_register
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import date_text, instant_text, money_text

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class Parties:
    """Everybody and everything around one commitment in one billing period."""

    company: RowMapping
    project: RowMapping
    period: RowMapping
    commitment: RowMapping
    contacts: Sequence[RowMapping]
    contact_text: str

    @property
    def locale(self) -> str:
        """The project's locale: language, and which of the trade's words are used."""
        return str(self.project["locale"])

    def instant(self, instant: datetime) -> str:
        """An instant as people on this project read it."""
        return instant_text(instant, self.project["time_zone"], self.locale)

    @property
    def due(self) -> str:
        """When bills are due."""
        return self.instant(self.period["due_at"])


def parties(conn: Connection, period_id: int, commitment_id: int) -> Parties:
    """Load the parties around one commitment in one period."""
    commitment = queries_register.commitment(conn, commitment_id)
    company = queries_register.company(conn)
    assert company is not None, "a commitment is imported together with the company"
    return Parties(
        company=company,
        project=queries_register.project(conn, commitment["project_id"]),
        period=queries_periods.period(conn, period_id),
        commitment=commitment,
        contacts=queries_register.contacts(conn, commitment_id),
        contact_text=_contact(conn, commitment["project_number"]),
    )


def _contact(conn: Connection, project_number: str) -> str:
    admins = queries_register.admins_who_may(conn, Permission.APPROVE, project_number)
    return f"{admins[0]['name']} ({admins[0]['address']})" if admins else ""


def period_text(period: RowMapping, locale: str) -> str:
    """How a period is called: by its last day's month when it is a whole month, else by its dates."""
    start, end = period["start_on"], period["end_on"]
    if start.day == 1 and (start.year, start.month) == (end.year, end.month) and end.day >= 28:
        return f"{end:%B} {end.year}"
    return f"{date_text(start, locale)} to {date_text(end, locale)}"


def about(who: Parties, basis: Basis, *, recipient: str, note: str = "") -> dict[str, object]:
    """The names that every mail to a subcontractor uses."""
    return {
        "company": basis.company,
        "project": basis.project_name,
        "recipient": recipient,
        "vendor": basis.vendor_name,
        "commitment": basis.commitment,
        "commitment_title": basis.commitment_title,
        "period": period_text(who.period, who.locale),
        "period_from": date_text(basis.period_from, who.locale),
        "period_to": date_text(basis.period_to, who.locale),
        "contact": who.contact_text,
        "note": note,
    }


def invite_figures(who: Parties, basis: Basis) -> dict[str, object]:
    """Where the commitment stands before this period, and when the answer is due."""
    now = as_in_workbook(bill(basis, {}), basis).summary
    return {
        "due": who.due,
        "contract_sum_to_date": money_text(now.contract_sum_to_date, basis.currency),
        "previously_approved": money_text(now.total_completed_and_stored, basis.currency),
        "retainage_held": money_text(now.retainage_total, basis.currency),
        "balance_to_finish": money_text(now.balance_to_finish, basis.currency),
    }


def workbook_name(basis: Basis) -> str:
    """The file name of a pay application: commitment, period's last day; safe on every system."""
    return f"{_UNSAFE.sub('-', basis.commitment)}-{basis.period_to.isoformat()}.xlsx"


def summary_rows(computed: Bill, labels: dict[str, str]) -> list[dict[str, str]]:
    """The summary lines as label and amount, for a mail."""
    return [
        {"label": label, "amount": money_text(getattr(computed.summary, name), computed.currency)}
        for name, label in labels.items()
    ]
