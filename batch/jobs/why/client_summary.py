"""The summary of a client application: each figure by its rule and its parts. The table is at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from batch.core.money import from_minor, total
from batch.core.states import Upstream
from batch.core.why import Why
from batch.edges.store import queries_certificates, queries_client, queries_upstream
from batch.edges.store.rows import RowMapping
from batch.formats.terms import capital
from batch.formats.why.words import name_of
from batch.jobs.why.client import (
    Client,
    completed,
    earlier_than,
    held_on,
    issued,
    not_certified_before,
    scheduled,
    source_of,
)


def _sum(c: Client, key: str, of: Callable[[Client, str], Why], how: str) -> Why:
    parts = tuple(node for line in c.lines if (node := of(c, line)).amount)
    amount = total((node.amount for node in parts if node.amount is not None), c.currency)
    return Why(what=name_of(key, c.sources.words), amount=amount, how=how, parts=parts, evidence=c.evidence)


def _difference(c: Client, key: str, how: str, first: Why, *off: Why) -> Why:
    amount = (first.amount or Decimal(0)) - sum((one.amount or Decimal(0) for one in off), Decimal(0))
    parts = (first, *(one.less() for one in off))
    return Why(what=name_of(key, c.sources.words), amount=amount, how=how, parts=parts)


def contract_sum(c: Client) -> Why:
    """L1: the scheduled values of the client contract."""
    return _sum(c, "original_contract_sum", scheduled, "the scheduled values of the client contract")


def change_orders(c: Client) -> Why:
    """L2: none here; every line of the client contract is in L1."""
    what = name_of("net_change_orders", c.sources.words)
    return Why(what=what, amount=total((), c.currency), how="every line of the client contract is in L1")


def contract_sum_to_date(c: Client) -> Why:
    """L3 = L1 + L2."""
    first = contract_sum(c)
    what = name_of("contract_sum_to_date", c.sources.words)
    return Why(what=what, amount=first.amount, how="L1 + L2", parts=(first, change_orders(c)))


def total_completed(c: Client) -> Why:
    """L4."""
    return _sum(c, "total_completed_and_stored", completed, "completed and stored of all lines")


def retainage_work(c: Client) -> Why:
    """L5a."""
    how = f"{c.sources.words['retainage']} on the work of all lines"
    return _sum(c, "retainage_work", lambda one, key: held_on(one, key, "work"), how)


def retainage_stored(c: Client) -> Why:
    """L5b."""
    how = f"{c.sources.words['retainage']} on the {c.sources.words['stored_materials']} of all lines"
    return _sum(c, "retainage_stored", lambda one, key: held_on(one, key, "stored"), how)


def retainage_total(c: Client) -> Why:
    """L5, as it was written."""
    parts = (retainage_work(c), retainage_stored(c))
    amount = from_minor(c.row["retainage_minor"], c.currency)
    return Why(what=name_of("retainage_total", c.sources.words), amount=amount, how="L5a + L5b", parts=parts)


def earned(c: Client) -> Why:
    """L6 = L4 - L5."""
    return _difference(c, "total_earned_less_retainage", "L4 - L5", total_completed(c), retainage_total(c))


def previous(c: Client) -> Why:
    """L7: what the client applications before were issued for."""
    started = queries_client.opening(c.sources.conn, c.row["project_id"])
    opening: tuple[Why, ...] = ()
    if started is not None:
        what = f"Client opening: certified up to application {started['last_application_number']}"
        opening = (Why(what=what, amount=from_minor(started["certified_minor"], c.currency)),)
    parts = opening + tuple(
        Why(
            what=f"{capital(c.sources.words['client_application'])} {one['number']}",
            amount=from_minor(_due_of(c, one), c.currency),
            how=(
                f"its payment due{' as certified' if one['state'] is Upstream.CERTIFIED else ''} "
                f"(billings why {c.row['project_number']}/{one['number']} L8)"
            ),
            evidence=(issued(c, one),),
        )
        for one in earlier_than(c.sources, c.row)
    )
    amount = total((at.work + at.stored - at.held for at in c.before.values()), c.currency)
    how = "what was billed before, less retainage" if parts else "nothing was billed before"
    return Why(what=name_of("previous_certificates", c.sources.words), amount=amount, how=how, parts=parts)


def _due_of(c: Client, one: RowMapping) -> int:
    certificate = queries_certificates.of(c.sources.conn, one["id"])
    return int((certificate or one)["net_minor"])


def due(c: Client) -> Why:
    """L8 = L6 - L7, as it was written."""
    amount = from_minor(c.row["net_minor"], c.currency)
    parts = (earned(c), previous(c).less())
    return Why(
        what=name_of("current_payment_due", c.sources.words), amount=amount, how="L6 - L7", parts=parts
    )


def balance(c: Client) -> Why:
    """L9 = L3 - L6."""
    return _difference(c, "balance_to_finish", "L3 - L6", contract_sum_to_date(c), earned(c))


def gross(c: Client) -> Why:
    """What is billed this period before retainage: the control total that found a client line."""
    parts = tuple(
        source_of(c, one, column)
        for one in queries_upstream.sources(c.sources.conn, c.row["id"])
        if one["client_line_key"] is not None
        for column in ("work", "stored")
        if one[f"{column}_minor"]
    )
    again = tuple(
        part
        for key in c.rows
        for column in ("work", "stored")
        for part in not_certified_before(c, key, column)
    )
    billed_again = total((one.amount for one in again if one.amount is not None), c.currency)
    amount = from_minor(c.row["matched_minor"], c.currency) + billed_again
    how = "everything approved that has a client line and was not billed before"
    return Why(
        what=name_of("gross_this_period", c.sources.words),
        amount=amount,
        how=how,
        parts=(*parts, *again),
        evidence=c.evidence,
    )


#: To explain another figure of a client application, add it here.
CLIENT_FIGURES: Mapping[str, Callable[[Client], Why]] = {
    "original_contract_sum": contract_sum,
    "net_change_orders": change_orders,
    "contract_sum_to_date": contract_sum_to_date,
    "total_completed_and_stored": total_completed,
    "retainage_work": retainage_work,
    "retainage_stored": retainage_stored,
    "retainage_total": retainage_total,
    "total_earned_less_retainage": earned,
    "previous_certificates": previous,
    "current_payment_due": due,
    "balance_to_finish": balance,
    "gross_this_period": gross,
}
