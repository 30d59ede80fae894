"""Pay application workbooks: made from a basis, read from bytes, marked where they are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from batch.core.findings import Finding
from batch.core.model import Basis, LineAmounts
from batch.formats.findings_text import sentence
from batch.formats.pay_app.annotate import annotate
from batch.formats.pay_app.write import render
from batch.formats.terms import TERMS, Terms
from batch.jobs.about import Parties
from batch.jobs.workplace import Workplace

PAY_APPLICATION_TEMPLATE = "xlsx/pay_application.xlsx"


def terms_for(locale: str) -> Terms:
    """The trade's words of a locale for workbooks; US words where a locale has none of its own."""
    return TERMS.get(locale, TERMS["en-US"])


def pay_application(
    w: Workplace,
    who: Parties,
    basis: Basis,
    *,
    token: str,
    created: datetime,
    entries: Mapping[str, LineAmounts] | None = None,
    rejected: Mapping[str, str] | None = None,
) -> bytes:
    """The pre-filled workbook of one contact. `entries` and `rejected` (reasons by line) are for a resubmission."""
    return render(
        w.template(PAY_APPLICATION_TEMPLATE),
        basis,
        token=token,
        terms=terms_for(who.locale),
        created=created,
        locale=who.locale,
        due=who.due,
        company=basis.company,
        contact=who.contact_text,
        entries=entries,
        rejected=rejected,
    )


def sentences(findings: Sequence[Finding], locale: str, currency: str) -> list[str]:
    """One plain sentence for each finding, in the reader's terms."""
    return [sentence(one, terms_for(locale), currency) for one in findings]


def marked(original: bytes, findings: Sequence[Finding], locale: str, currency: str) -> bytes:
    """The sub's own workbook with the wrong cells marked and a list in front; entries are kept."""
    return annotate(original, findings, sentences(findings, locale, currency))
