"""The figures of a summary: each explained by its rule and its parts. The table is at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from batch.core.money import from_minor, total, zero
from batch.core.retainage import Component
from batch.core.why import Why
from batch.edges.store import queries_ledger, queries_why
from batch.formats.why import retainage as rules
from batch.formats.why.words import name_of
from batch.jobs.why import contract_rules, lines, payees, payment, withheld
from batch.jobs.why.scheduled import change_of, own_value
from batch.jobs.why.subject import Subject
from batch.jobs.why.terms import of_commitment


def explain_summary(s: Subject, key: str) -> Why:
    """One figure of the summary."""
    return SUMMARY_FIGURES[key](s)


def _node(s: Subject, key: str, amount: Decimal, how: str, parts: Iterable[Why]) -> Why:
    return Why(what=name_of(key, s.words), amount=amount, how=how, parts=tuple(parts))


def _of_lines(s: Subject, explain: str) -> list[Why]:
    """A figure of every line that has any, as parts of a figure of the summary."""
    found = [lines.explain_line(s, line, explain) for line in s.bill.lines]
    return [node for node in found if node.amount]


def original_contract_sum(s: Subject) -> Why:
    """L1: the scheduled values of the lines that are of no change order, without what was changed on them."""
    parts = [
        own_value(s, line, lines.titled(s, line, "scheduled_value"))
        for line in s.bill.lines
        if not line.line.change_order and line.line.before_changes
    ]
    how = f"the scheduled values of all lines without a {s.words['change_order']}"
    return _node(s, "original_contract_sum", s.bill.summary.original_contract_sum, how, parts)


def net_change_orders(s: Subject) -> Why:
    """L2: the scheduled values of the lines of approved change orders, and what they changed on other lines."""
    parts = [
        lines.scheduled(s, line)
        for line in s.bill.lines
        if line.line.change_order and line.line.scheduled_value
    ]
    parts += [
        change_of(s, line, change)
        for line in s.bill.lines
        if not line.line.change_order
        for change in line.line.changes
    ]
    order = s.words["change_order"]
    how = f"the scheduled values of the lines of approved {order}s"
    if any(line.line.changes for line in s.bill.lines):
        how += ", and what they changed on other lines"
    return _node(s, "net_change_orders", s.bill.summary.net_change_orders, how, parts)


def contract_sum_to_date(s: Subject) -> Why:
    """L3 = L1 + L2."""
    parts = (original_contract_sum(s), net_change_orders(s))
    return _node(s, "contract_sum_to_date", s.bill.summary.contract_sum_to_date, "L1 + L2", parts)


def total_completed_and_stored(s: Subject) -> Why:
    """L4: completed and stored of all lines."""
    parts = _of_lines(s, "completed_and_stored")
    how = "completed and stored of all lines"
    return _node(s, "total_completed_and_stored", s.bill.summary.total_completed_and_stored, how, parts)


def retainage_work(s: Subject) -> Why:
    """L5a: retainage held on the work of all lines, with the tranches of the contract's steps spelled out."""
    parts = [withheld.on_work(s, line) for line in s.bill.lines if line.held_work]
    told = [*contract_rules.steps(_rules(s)), *_rest(s, Component.WORK)]
    how = f"{s.words['retainage']} held on the work of all lines ({rules.terms_text(s.basis, s.words)})"
    return _node(s, "retainage_work", s.bill.summary.retainage_work, how, (*told, *parts))


def retainage_stored(s: Subject) -> Why:
    """L5b: retainage held on the stored materials of all lines."""
    parts = [withheld.on_stored(s, line) for line in s.bill.lines if line.held_stored]
    told = _rest(s, Component.STORED)
    how = f"{s.words['retainage']} held on the {s.words['stored_materials']} of all lines"
    return _node(s, "retainage_stored", s.bill.summary.retainage_stored, how, (*told, *parts))


def _rules(s: Subject) -> contract_rules.Rules:
    return contract_rules.Rules(told=s.told, basis=s.basis, words=s.words, evidence=s.frozen)


def _rest(s: Subject, which: Component) -> list[Why]:
    """What rounding once for the contract left, and on which line."""
    how, evidence = of_commitment(s, "retainage_rounding")
    return contract_rules.rest_of_rounding(_rules(s), which, how, evidence)


def retainage_total(s: Subject) -> Why:
    """L5 = 5a + 5b, with what a cap took off."""
    parts = (*contract_rules.cap(_rules(s)), retainage_work(s), retainage_stored(s))
    return _node(s, "retainage_total", s.bill.summary.retainage_total, "L5a + L5b", parts)


def total_earned_less_retainage(s: Subject) -> Why:
    """L6 = L4 - L5."""
    parts = (total_completed_and_stored(s), retainage_total(s).less())
    amount = s.bill.summary.total_earned_less_retainage
    return _node(s, "total_earned_less_retainage", amount, "L4 - L5", parts)


def previous_certificates(s: Subject) -> Why:
    """L7: what was certified before: the opening balance, and every approved application's payment due."""
    amount = s.bill.summary.previous_certificates
    if not s.live:
        how = "as it stood when the workbook went out"
        return Why(what=name_of("previous_certificates", s.words), amount=amount, how=how, evidence=s.frozen)
    parts = [*_certified_at_opening(s), *_certified(s)]
    how = "the payments due of all applications certified before this one"
    node = _node(s, "previous_certificates", amount, how, parts)
    return (
        node
        if parts
        else Why(
            what=node.what, amount=amount, how="nothing was certified before this one", evidence=s.frozen
        )
    )


def _certified_at_opening(s: Subject) -> list[Why]:
    row = queries_ledger.opening_commitment(s.conn, s.row["commitment_id"])
    if row is None or not row["certified_minor"]:
        return []
    history = s.sources.history("opening_commitment", row["id"])
    at = history[-1][0] if history else s.row["received_at"]
    place, evidence = s.sources.register("opening_commitment", (s.basis.commitment,), "certified", at)
    what = f"Opening balance: certified up to application {row['last_application_number']}"
    amount = from_minor(row["certified_minor"], s.currency)
    return [Why(what=what, amount=amount, how=f"entered{place} of the register", evidence=evidence)]


def _certified(s: Subject) -> list[Why]:
    found = []
    for one in queries_why.approved_applications(s.conn, s.row["commitment_id"]):
        row = s.sources.application(one["id"])
        if row["id"] == s.row["id"] or (s.approved and row["approved_at"] > s.row["approved_at"]):
            continue
        approved = queries_ledger.summary(s.conn, row["id"], "approved", s.currency)
        amount = approved.current_payment_due if approved is not None else zero(s.currency)
        name = s.sources.name(row["id"])
        how = f"its payment due, approved {s.sources.when(row['approved_at'])} (billings why {name} L8)"
        found.append(Why(what=name, amount=amount, how=how, evidence=s.sources.of_application(row["id"])))
    return found


def current_payment_due(s: Subject) -> Why:
    """L8 = L6 - L7, and the same by what each line adds."""
    due = _due(s)
    by_line = Why(
        what="The same by line",
        amount=due.amount,
        how="what each line adds this period",
        parts=tuple(_of_lines(s, "net_this_period")),
    ).told()
    return replace(due, parts=(*due.parts, by_line)) if by_line.parts else due


def _due(s: Subject) -> Why:
    parts = (total_earned_less_retainage(s), previous_certificates(s).less())
    return _node(s, "current_payment_due", s.bill.summary.current_payment_due, "L6 - L7", parts)


def balance_to_finish(s: Subject) -> Why:
    """L9 = L3 - L6."""
    parts = (contract_sum_to_date(s), total_earned_less_retainage(s).less())
    return _node(s, "balance_to_finish", s.bill.summary.balance_to_finish, "L3 - L6", parts)


def gross_this_period(s: Subject) -> Why:
    """The gross movement of all lines."""
    parts = _of_lines(s, "gross_this_period")
    how = f"work this period of all lines, and what {s.words['stored_materials']} came or went"
    return _node(s, "gross_this_period", s.bill.summary.gross_this_period, how, parts)


def payable(s: Subject) -> Why:
    """What is payable: L8 + tax charged - tax withheld - deductions; and to whom."""
    found = queries_ledger.payable(s.conn, s.row["id"], s.side, s.currency)
    tax, kept, off = (
        payment.tax(s),
        payment.tax_withheld(s),
        payment.deductions(s),
    )
    parts = [_due(s), *(node for node in (tax, kept.less(), off.less()) if node.parts)]
    how = "the current payment due, plus tax, less what is withheld, less deductions"
    if len(parts) == 1:
        how = "the current payment due; there is no tax and no deduction"
    amount = found if found is not None else total((), s.currency)
    return Why(
        what=name_of("payable", s.words),
        amount=amount,
        how=how,
        parts=(*parts, *payees.to_whom(s, amount), *payees.holds(s)),
    )


def tax(s: Subject) -> Why:
    """All tax that is charged."""
    return payment.tax(s)


def tax_withheld(s: Subject) -> Why:
    """What is withheld of the payment."""
    return payment.tax_withheld(s)


#: To explain another figure of a summary, add its key here and its name in `formats.why.words`.
SUMMARY_FIGURES: Mapping[str, Callable[[Subject], Why]] = {
    "original_contract_sum": original_contract_sum,
    "net_change_orders": net_change_orders,
    "contract_sum_to_date": contract_sum_to_date,
    "total_completed_and_stored": total_completed_and_stored,
    "retainage_work": retainage_work,
    "retainage_stored": retainage_stored,
    "retainage_total": retainage_total,
    "total_earned_less_retainage": total_earned_less_retainage,
    "previous_certificates": previous_certificates,
    "current_payment_due": current_payment_due,
    "balance_to_finish": balance_to_finish,
    "gross_this_period": gross_this_period,
    "payable": payable,
    "tax": tax,
    "tax_withheld": tax_withheld,
    "deductions": payment.deductions,
}
