"""The summary of a client application: each figure by its rule and its parts. The table is at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from batch.core.money import total
from batch.core.retainage import Component
from batch.core.states import Upstream
from batch.core.why import Why
from batch.edges.store import queries_certificates, queries_client, queries_upstream
from batch.edges.store.rows import RowMapping
from batch.formats.terms import capital
from batch.formats.why.words import name_of
from batch.jobs.why import contract_rules
from batch.jobs.why.client import Client, earlier_than, issued, not_certified_before, source_of
from batch.jobs.why.client_held import held_on, of_contract
from batch.jobs.why.client_lines import completed, net, scheduled
from batch.jobs.why.client_tax import payable, tax


def _node(c: Client, key: str, amount: Decimal, how: str, parts: Iterable[Why]) -> Why:
    made = tuple(parts)
    return Why(what=name_of(key, c.sources.words), amount=amount, how=how, parts=made, evidence=c.evidence)


def _of_lines(c: Client, of: Callable[[Client, str], Why], *, ours: bool | None = None) -> list[Why]:
    """A figure of every line that has any. `ours`: only the lines of change orders, or only the others."""
    keys = [key for key, row in c.lines.items() if ours is None or bool(row.line.change_order) is ours]
    return [node for key in keys if (node := of(c, key)).amount]


def contract_sum(c: Client) -> Why:
    """L1: the scheduled values of the client contract as it was made."""
    how = f"the scheduled values of all lines without a {c.sources.words['change_order']}"
    parts = _of_lines(c, scheduled, ours=False)
    return _node(c, "original_contract_sum", c.summary.original_contract_sum, how, parts)


def change_orders(c: Client) -> Why:
    """L2: the scheduled values of the change orders that were approved by the end of the period."""
    how = (
        f"the scheduled values of the lines of {c.sources.words['change_order']}s approved by the end of the "
        f"{c.sources.words['billing_period']}"
    )
    parts = _of_lines(c, scheduled, ours=True)
    return _node(c, "net_change_orders", c.summary.net_change_orders, how, parts)


def contract_sum_to_date(c: Client) -> Why:
    """L3 = L1 + L2."""
    parts = (contract_sum(c), change_orders(c))
    return _node(c, "contract_sum_to_date", c.summary.contract_sum_to_date, "L1 + L2", parts)


def total_completed(c: Client) -> Why:
    """L4."""
    how = "completed and stored of all lines"
    parts = _of_lines(c, completed)
    return _node(c, "total_completed_and_stored", c.summary.total_completed_and_stored, how, parts)


def _rules(c: Client) -> contract_rules.Rules | None:
    if c.rules is None:
        return None
    basis, told = c.rules
    return contract_rules.Rules(told=told, basis=basis, words=c.sources.words, evidence=c.evidence)


def _rest(c: Client, rules: contract_rules.Rules, which: Component) -> list[Why]:
    how, evidence = of_contract(c, "retainage_rounding")
    return contract_rules.rest_of_rounding(rules, which, how, evidence or c.evidence)


def retainage_work(c: Client) -> Why:
    """L5a, with the tranches of the client contract's steps spelled out."""
    rules = _rules(c)
    told = [*contract_rules.steps(rules), *_rest(c, rules, Component.WORK)] if rules is not None else []
    parts = _of_lines(c, lambda one, key: held_on(one, key, Component.WORK))
    how = f"{c.sources.words['retainage']} held on the work of all lines"
    return _node(c, "retainage_work", c.summary.retainage_work, how, (*told, *parts))


def retainage_stored(c: Client) -> Why:
    """L5b."""
    rules = _rules(c)
    told = _rest(c, rules, Component.STORED) if rules is not None else []
    parts = _of_lines(c, lambda one, key: held_on(one, key, Component.STORED))
    how = f"{c.sources.words['retainage']} held on the {c.sources.words['stored_materials']} of all lines"
    return _node(c, "retainage_stored", c.summary.retainage_stored, how, (*told, *parts))


def retainage_total(c: Client) -> Why:
    """L5, as it was written; with what a cap took off."""
    rules = _rules(c)
    told = contract_rules.cap(rules) if rules is not None else []
    parts = (*told, retainage_work(c), retainage_stored(c))
    return _node(c, "retainage_total", c.money(c.row["retainage_minor"]), "L5a + L5b", parts)


def earned(c: Client) -> Why:
    """L6 = L4 - L5."""
    parts = (total_completed(c), retainage_total(c).less())
    amount = c.summary.total_earned_less_retainage
    return _node(c, "total_earned_less_retainage", amount, "L4 - L5", parts)


def previous(c: Client) -> Why:
    """L7: what the client applications before were issued for."""
    parts = tuple(
        Why(
            what=f"{capital(c.sources.words['client_application'])} {one['number']}",
            amount=c.money(_due_of(c, one)),
            how=f"its payment due{_as_certified(one)} (billings why {c.row['project_number']}/{one['number']} L8)",
            evidence=(issued(c, one),),
        )
        for one in earlier_than(c.sources, c.row)
    )
    started = queries_client.opening_positions(c.sources.conn, c.row["project_id"], c.currency).values()
    before = total((at.work + at.stored - at.held for at in started), c.currency)
    if before:
        parts = (Why(what="Client opening: certified before", amount=before, evidence=c.evidence), *parts)
    how = "what was billed before, less retainage" if parts else "nothing was billed before"
    return _node(c, "previous_certificates", c.summary.previous_certificates, how, parts)


def _due_of(c: Client, one: RowMapping) -> int:
    certificate = queries_certificates.of(c.sources.conn, one["id"])
    return int((certificate or one)["net_minor"])


def _as_certified(one: RowMapping) -> str:
    return " as certified" if one["state"] is Upstream.CERTIFIED else ""


def due(c: Client) -> Why:
    """L8 = L6 - L7, as it was written; and the same by what each line adds."""
    amount = c.money(c.row["net_minor"])
    by_line = Why(
        what="The same by line",
        amount=amount,
        how="what each line adds this period",
        parts=tuple(_of_lines(c, net)),
    ).told()
    told = (by_line,) if by_line.parts else ()
    return _node(c, "current_payment_due", amount, "L6 - L7", (earned(c), previous(c).less(), *told))


def balance(c: Client) -> Why:
    """L9 = L3 - L6."""
    parts = (contract_sum_to_date(c), earned(c).less())
    return _node(c, "balance_to_finish", c.summary.balance_to_finish, "L3 - L6", parts)


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
        for key in c.lines
        for column in ("work", "stored")
        for part in not_certified_before(c, key, column)
    )
    billed_again = total((one.amount for one in again if one.amount is not None), c.currency)
    how = "everything approved that has a client line and was not billed before"
    amount = c.money(c.row["matched_minor"]) + billed_again
    return _node(c, "gross_this_period", amount, how, (*parts, *again))


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
    "tax": tax,
    "payable": payable,
}
