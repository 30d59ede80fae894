"""What the client certified of an issued client application, entered by an admin; and what follows for the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch import jsonlog
from batch.core.certified import CertificateError, Said, certify, not_certified
from batch.core.model import Bill, BilledLine, LineAmounts, SovLine
from batch.core.money import MoneyError, Rounding, amount, from_minor, number, to_minor, total
from batch.core.states import BILLED_STATES, Upstream
from batch.core.tax import Taxed, TaxLine, TaxTerms, taxed
from batch.core.upstream import schedule
from batch.edges.store import (
    queries_certificates,
    queries_client,
    queries_register,
    queries_tax,
    queries_upstream,
    tables,
)
from batch.edges.store.changes import move
from batch.edges.store.events import Actor, insert_rows_with_event, insert_with_event, project_chain
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.client_kept import kept_lines, standing_lines
from batch.jobs.workplace import Workplace


class CertificateRefused(Exception):
    """It cannot be certified so. The text says why."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """What the client applications before one left open: not certified, so billed again; and not answered yet."""

    again: Mapping[str, LineAmounts]
    uncertified: Decimal


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate as worked out: the bill as certified and its tax."""

    number: int
    bill: Bill
    taxed: Taxed


def before_this(conn: Connection, project: RowMapping, there: RowMapping | None) -> Before:
    """What the issued client applications before one (a kept one, or the next when None) left open."""
    earlier = [
        row
        for row in queries_upstream.upstreams(conn, project["id"])
        if row["state"] in BILLED_STATES and (there is None or row["number"] < there["number"])
    ]
    again: Mapping[str, LineAmounts] = {}
    if earlier:
        lines, _ = kept_lines(conn, project["id"], earlier[-1])
        again = not_certified(lines, standing_lines(conn, project["id"], earlier[-1]))
    open_ones: list[RowMapping] = []
    for row in earlier:
        open_ones = [] if row["state"] is Upstream.CERTIFIED else [*open_ones, row]
    nets = [from_minor(row["net_minor"], row["currency"]) for row in open_ones]
    return Before(again=again, uncertified=total(nets, open_ones[0]["currency"]) if open_ones else Decimal(0))


def certify_client_application(
    w: Workplace,
    project: RowMapping,
    period: RowMapping,
    work: Mapping[str, str],
    stored: Mapping[str, str],
    reason: str,
    admin: RowMapping,
    now: datetime,
) -> Certificate:
    """Note what the client certified of a period's client application; a line that is not named is certified as issued.

    `work` and `stored` are amounts as entered, by client line key: work of this period and materials stored. The issued
    document stays. Entering it again corrects it. Raises CertificateRefused.
    """
    with w.store.read() as conn:
        row = _issued(conn, period)
        made = _certificate(conn, project, period, row, _said(work, stored, row["currency"]))
        _refuse_moving_later(conn, project, period, row, made)
        ordinal = len(queries_certificates.all_of(conn, row["id"])) + 1
    chain, actor = project_chain(project["id"]), ("admin", admin["id"])
    with w.store.write() as conn:
        _save(conn, row, made, ordinal, reason, chain, actor, now)
        move(conn, tables.upstream, row, "certify", chain=chain, at=now, actor=actor)
    jsonlog.info("client-application-certified", project=project["id"], number=row["number"])
    return made


def _issued(conn: Connection, period: RowMapping) -> RowMapping:
    row = queries_upstream.of_period(conn, period["id"])
    if row is None or row["state"] not in BILLED_STATES:
        raise CertificateRefused(
            "the client application of this period is not issued; the client certifies what was issued"
        )
    return row


def _said(work: Mapping[str, str], stored: Mapping[str, str], currency: str) -> dict[str, Said]:
    return {
        key: Said(work=_entered(work.get(key), currency), stored=_entered(stored.get(key), currency))
        for key in (*work, *stored)
    }


def _entered(said: str | None, currency: str) -> Decimal | None:
    if said is None:
        return None
    try:
        return amount(number(said), currency)
    except (MoneyError, ValueError) as fault:
        raise CertificateRefused(f'"{said}" is not an amount in {currency}: {fault}') from None


def _certificate(
    conn: Connection,
    project: RowMapping,
    period: RowMapping,
    row: RowMapping,
    said: Mapping[str, Said],
) -> Certificate:
    currency = row["currency"]
    issued, _ = kept_lines(conn, project["id"], row)
    contract = queries_register.client_contract(conn, project["id"])
    assert contract is not None, "nothing is issued without a client contract"
    before = queries_upstream.client_positions(conn, project["id"], currency, before=row["number"])
    lines = schedule(queries_client.lines(conn, contract["id"], currency, period["end_on"]))
    terms = queries_register.commitment_terms(contract, period["end_on"])
    rounding = Rounding(project["rounding"])
    try:
        bill = certify(issued, _as_issued(issued, lines), before, said, terms, currency, rounding)
    except CertificateError as fault:
        raise CertificateRefused(str(fault)) from None
    return Certificate(
        number=row["number"],
        bill=bill,
        taxed=taxed(bill, (), _tax_terms(conn, contract, row), rounding),
    )


def _as_issued(issued: Sequence[BilledLine], lines: Sequence[SovLine]) -> tuple[SovLine, ...]:
    """The issued lines, their values as issued, with the rules of retainage that the register has for them."""
    own = {line.key: line for line in lines}
    return tuple(
        SovLine(
            key=row.line.key,
            item=row.line.item,
            description=row.line.description,
            cost_code="",
            scheduled_value=row.line.scheduled_value,
            change_order=row.line.change_order,
            retainage_work=own[row.line.key].retainage_work if row.line.key in own else None,
            retainage_stored=own[row.line.key].retainage_stored if row.line.key in own else None,
            retainage_amount=own[row.line.key].retainage_amount if row.line.key in own else None,
        )
        for row in issued
    )


def _tax_terms(conn: Connection, contract: RowMapping, row: RowMapping) -> TaxTerms:
    """The codes and rates it was issued with; of the register where the issue had none for a line."""
    terms = queries_tax.client_terms(conn, contract)
    kept = queries_tax.client_tax(conn, row["id"])
    fixed = {line.code.code: line.code for line in kept}
    by_line = {key: fixed.get(code.code, code) for key, code in terms.by_line.items()}
    by_line |= {part.line: line.code for line in kept for part in line.parts}
    default = terms.default and fixed.get(terms.default.code, terms.default)
    return TaxTerms(
        default=default,
        by_line=by_line,
        rounding=kept[0].rounding if kept else terms.rounding,
        cis=None,
    )


def _refuse_moving_later(
    conn: Connection, project: RowMapping, period: RowMapping, row: RowMapping, made: Certificate
) -> None:
    """A later client application stands on this one: what it stands on may be confirmed then, and not moved."""
    later = queries_upstream.issued_later(conn, project["id"], period["number"])
    standing = standing_lines(conn, project["id"], row)
    if later is None or [one.position for one in standing] == [one.position for one in made.bill.lines]:
        return
    so_far = "certified" if row["state"] is Upstream.CERTIFIED else "issued"
    raise CertificateRefused(
        f"client application {later['number']} was issued already and stands on what was {so_far} in number "
        f"{row['number']}; certify less in number {later['number']} instead"
    )


def _save(
    conn: Connection,
    row: RowMapping,
    made: Certificate,
    ordinal: int,
    reason: str,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    currency, summary = row["currency"], made.bill.summary
    values = {
        "upstream_id": row["id"],
        "ordinal": ordinal,
        "certified_at": now,
        "reason": reason,
        "retainage_minor": to_minor(summary.retainage_total, currency),
        "net_minor": to_minor(summary.current_payment_due, currency),
        "payable_minor": to_minor(made.taxed.payable, currency),
        "currency": currency,
    }
    what = "client-certificate"
    certificate = insert_with_event(
        conn, tables.certificate, values, chain=chain, at=now, what=what, actor=actor
    )
    for table, rows in (
        (tables.certificate_line, [_line_row(certificate, line, currency) for line in made.bill.lines]),
        (tables.certificate_tax, [_tax_row(certificate, line, currency) for line in made.taxed.lines]),
    ):
        insert_rows_with_event(
            conn,
            table,
            rows,
            chain=chain,
            at=now,
            what=what,
            actor=actor,
            subject=("certificate", certificate),
        )


def _line_row(certificate: int, line: BilledLine, currency: str) -> dict[str, Any]:
    at = line.position
    return {
        "certificate_id": certificate,
        "line_key": line.line.key,
        "work_minor": to_minor(line.work_this_period, currency),
        "stored_minor": to_minor(line.materials_stored, currency),
        "retainage_minor": to_minor(at.withheld_work + at.withheld_stored, currency),
        "retainage_work_minor": to_minor(at.withheld_work, currency),
        "released_minor": to_minor(at.released, currency),
    }


def _tax_row(certificate: int, line: TaxLine, currency: str) -> dict[str, Any]:
    values = queries_tax.client_values(line, 0, currency)
    return {
        "certificate_id": certificate,
        **{name: value for name, value in values.items() if name != "upstream_id"},
    }
