"""Tax of a pay application: written when it is submitted and when it is approved, shown as facts and in mails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch.core.billing import net_movement
from batch.core.model import Basis, Bill
from batch.core.money import ZERO, from_minor, plain, total
from batch.core.tax import (
    Taxed,
    TaxLine,
    TaxTerms,
    Withholding,
    charged,
    tax_line,
    taxed,
    withheld,
    withholding,
)
from batch.edges.store import queries_applications, queries_ledger, queries_tax, tables
from batch.edges.store.events import Actor, delete_rows_with_event, insert_rows_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import money_text
from batch.formats.terms import capital, terms_for

#: The UK's Construction Industry Scheme, as people there call it.
SCHEME = "CIS"


def tax_now(
    conn: Connection, commitment_id: int, computed: Bill, basis: Basis, materials: Decimal | None
) -> Taxed:
    """The tax of a claim by the codes and rates that the register has now."""
    terms = queries_tax.terms(conn, commitment_id)
    return taxed(computed, basis.deductions, terms, basis.rounding, materials)


def save_tax(
    conn: Connection,
    application_id: int,
    side: str,
    found: Taxed,
    currency: str,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write the tax of an application, and what is withheld, as claimed or as approved."""
    held = found.withholding
    kept = [] if held is None else [queries_tax.withholding_values(held, application_id, side, currency)]
    lines = [queries_tax.line_values(line, application_id, side, currency) for line in found.lines]
    for table, rows in ((tables.application_tax, lines), (tables.application_withholding, kept)):
        insert_rows_with_event(
            conn,
            table,
            rows,
            chain=chain,
            at=now,
            what=f"application-{side}-tax",
            actor=actor,
            subject=("application", application_id),
        )


def remove_approved_tax(
    conn: Connection, application_id: int, chain: str, actor: Actor, now: datetime
) -> None:
    """Take the tax of an approval back when the application is opened again; the events keep it."""
    for table, ids in (
        (tables.application_tax, queries_tax.row_ids(conn, application_id, "approved")),
        (tables.application_withholding, queries_tax.withholding_ids(conn, application_id, "approved")),
    ):
        delete_rows_with_event(
            conn,
            table,
            ids,
            chain=chain,
            at=now,
            what="application-tax-removed",
            actor=actor,
            subject=("application", application_id),
        )


def tax_facts(lines: Sequence[TaxLine], currency: str) -> list[dict[str, Any]]:
    """The tax of an application for `show --json`: amounts as text, rates in percent."""
    return [
        {
            "code": line.code.code,
            "description": line.code.description,
            "kind": line.code.kind.value,
            "rate": f"{line.code.rate:f}",
            "rounding": line.rounding.value,
            "base": plain(line.base, currency),
            "tax": plain(line.tax, currency),
            "charged": line.charged,
        }
        for line in lines
    ]


def withheld_facts(found: Withholding | None, currency: str) -> list[dict[str, Any]]:
    """What is withheld of an application for `show --json`; `materials` is null when the figure was not given."""
    if found is None:
        return []
    return [
        {
            "scheme": SCHEME,
            "status": found.terms.status.value,
            "rate": f"{found.terms.rate:f}",
            "payment": plain(found.payment, currency),
            "materials": None if found.materials is None else plain(found.materials, currency),
            "base": plain(found.base, currency),
            "withheld": plain(found.amount, currency),
        }
    ]


def claimed_tax(
    computed: Bill, basis: Basis, terms: TaxTerms, materials: Decimal | None, locale: str
) -> list[dict[str, str]]:
    """The tax of a claim for a receipt, and at the end what is applied for with it; nothing where nothing is taxed."""
    found = taxed(computed, basis.deductions, terms, basis.rounding, materials)
    rows = tax_rows(found, basis.currency, locale)
    if not rows:
        return []
    added = charged(found.lines, basis.currency) - withheld(found.withholding, basis.currency)
    due = computed.summary.current_payment_due + added
    label = f"With {_word(locale)}" if found.withholding is None else f"After {_word(locale)} and {SCHEME}"
    return [*rows, {"label": label, "amount": money_text(due, basis.currency)}]


def tax_rows(found: Taxed, currency: str, locale: str) -> list[dict[str, str]]:
    """The tax of an application for a mail, in the locale's words: one row for each code, then what is withheld."""
    rows = [
        {"label": _label(line, _word(locale), currency), "amount": money_text(line.tax, currency)}
        for line in found.lines
    ]
    held = found.withholding
    if held is not None:
        label = f"{SCHEME} {held.terms.rate:f}% withheld on {money_text(held.base, currency)}"
        rows.append({"label": label, "amount": money_text(-held.amount, currency)})
    return rows


def _word(locale: str) -> str:
    return terms_for(locale)["tax"]


def _label(line: TaxLine, word: str, currency: str) -> str:
    name = line.code.description or f"{capital(word)} {line.code.rate:f}%"
    base = money_text(line.base, currency)
    return f"{name} on {base}" if line.charged else f"{name} on {base}, reverse charge: not paid to you"


def tax_faults(conn: Connection, row: RowMapping, name: str, computed: Bill, basis: Basis) -> Iterator[str]:
    """What is wrong with the tax of an approved application, worked out again from its lines; a sentence each."""
    currency = basis.currency
    net = {line.line.key: net_movement(line) for line in computed.lines}
    found = queries_tax.tax_lines(conn, row["id"], "approved")
    taken = queries_applications.deductions_taken(conn, row["id"])
    amounts = {one["number"]: from_minor(one["taken_minor"], currency) for one in taken}
    for line in found:
        again = tax_line(line.code, line.parts, line.rounding, currency, basis.rounding)
        if (again.base, again.tax) != (line.base, line.tax):
            yield (
                f"application_tax of {name}: {line.code.code} is {plain(line.tax, currency)} on "
                f"{plain(line.base, currency)}, its parts give {plain(again.tax, currency)} on "
                f"{plain(again.base, currency)}"
            )
        for part in line.parts:
            expected = (
                net.get(part.line) if part.line else -amounts.get(part.deduction, from_minor(0, currency))
            )
            if part.amount != expected:
                yield f"application_tax of {name}: {line.code.code} taxes {part.amount} of {part.line or part.deduction}"
    held = queries_tax.withholding(conn, row["id"], "approved")
    if held is not None:
        before = sum((part.amount for line in found for part in line.parts if part.deduction), ZERO)
        payment = computed.summary.current_payment_due + before
        again_held = withholding(payment, held.materials, held.terms, currency, basis.rounding)
        if again_held != held:
            yield (
                f"application_withholding of {name}: {plain(held.amount, currency)} on "
                f"{plain(held.base, currency)} is withheld, its payment and materials give "
                f"{plain(again_held.amount, currency)} on {plain(again_held.base, currency)}"
            )
    off = total(amounts.values(), currency)
    due = computed.summary.current_payment_due + charged(found, currency) - withheld(held, currency) - off
    stored = queries_ledger.payable(conn, row["id"], "approved", currency)
    if stored != due:
        yield f"application_summary of {name}: payable is {stored}, its lines, tax and deductions give {due}"
