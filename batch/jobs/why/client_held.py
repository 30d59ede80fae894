"""Retainage that the client keeps: by the rules of the client contract where they give what was frozen, and released."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from batch.core.model import Basis, LinePosition
from batch.core.money import shown
from batch.core.retainage import Component, split_held
from batch.core.retainage_told import Part, Step
from batch.core.why import Evidence, EvidenceKind, Why
from batch.edges.store import queries_upstream, queries_why
from batch.formats.why.retainage import part_text, worked_out
from batch.jobs.why.client import Client, earlier_than, issued

Where = tuple[str, tuple[Evidence, ...]]
#: The columns of the client contract that a rule stands in.
_COLUMNS = {
    Step.SHARE: "retainage_steps",
    Step.CAP: "retainage_cap",
    Step.WHOLE_UNITS: "retainage_whole",
    Step.CONTRACT_ROUNDING: "retainage_rounding",
}


def held(c: Client, key: str) -> Why:
    """Retainage that the client holds on a line."""
    row = c.lines[key]
    parts = tuple(one for one in (held_on(c, key, which) for which in Component) if one.amount or one.parts)
    name, stored = c.sources.words["retainage"], c.sources.words["stored_materials"]
    return Why(
        what=c.title(key, f"{name} held"),
        amount=row.retainage_held,
        how=f"{name} withheld to date less {name} released, on work and on {stored}",
        parts=parts,
        evidence=c.evidence,
    )


def held_on(c: Client, key: str, which: Component) -> Why:
    """Retainage that the client holds on the work, or on the stored materials, of a line."""
    row = c.lines[key]
    amount = row.held_work if which is Component.WORK else row.held_stored
    withheld = _withheld(row.position, which)
    base = "work" if which is Component.WORK else c.sources.words["stored_materials"]
    parts = [withheld_to_date(c, key, which)] if withheld else []
    if withheld != amount:
        parts.append(_released_to_date(c, key, which, withheld - amount).less())
    name = c.sources.words["retainage"]
    return Why(
        what=c.title(key, f"{name} held on {base}"), amount=amount, parts=tuple(parts), evidence=c.evidence
    )


def _withheld(at: LinePosition, which: Component) -> Decimal:
    return at.withheld_work if which is Component.WORK else at.withheld_stored


def withheld_to_date(c: Client, key: str, which: Component) -> Why:
    """What is withheld to date on one base of a line: rule by rule, or as it was frozen."""
    amount = _withheld(c.lines[key].position, which)
    base = "work" if which is Component.WORK else c.sources.words["stored_materials"]
    what, rules = f"Withheld to date on {base}", c.rules
    if rules is None:
        how = "as it was written; the register has other terms by now"
        return Why(what=what, amount=amount, how=how, evidence=c.evidence)
    basis, found = rules
    made = found.work[key] if which is Component.WORK else found.stored[key]
    parts = tuple(_part(c, key, part, which, basis) for part in made)
    return Why(what=what, amount=amount, how="by the client's own rules", parts=parts, evidence=c.evidence)


def _part(c: Client, key: str, part: Part, which: Component, basis: Basis) -> Why:
    how, evidence = where_of(c, key, part.step, which)
    words = {**c.sources.words, "pay_application": c.sources.words["client_application"]}
    return Why(
        what=part_text(part, which, basis, words),
        amount=part.amount,
        how=how,
        worked_out=worked_out(part, basis),
        evidence=(*evidence, *c.evidence),
    )


def where_of(c: Client, key: str, step: Step, which: Component) -> Where:
    """The cell of the register that says a rule of the client contract, and the file."""
    line = next((one for one in c.rules[0].lines if one.key == key), None) if c.rules is not None else None
    if step is Step.FIXED:
        return _of_line(c, key, "retainage_amount")
    if line is not None and step is Step.RATE:
        own = line.retainage_work if which is Component.WORK else line.retainage_stored
        name = f"retainage_{which.value}"
        return _of_line(c, key, name) if own is not None else of_contract(c, name)
    column = _COLUMNS.get(step)
    return of_contract(c, column) if column is not None else ("", ())


def of_contract(c: Client, name: str) -> Where:
    """The cell of the sheet of client contracts, as it was when the application was compiled."""
    if name == "retainage_cap" and c.terms.cap_amount is not None:
        name = "retainage_cap_amount"
    return _place(c, "client_contract", c.contract["id"], (c.row["project_number"],), name)


def _of_line(c: Client, key: str, name: str) -> Where:
    row = queries_why.register_row(
        c.sources.conn, "client_line", client_contract_id=c.contract["id"], line_key=key
    )
    return (
        ("", ()) if row is None else _place(c, "client_line", row["id"], (c.row["project_number"], key), name)
    )


def _place(c: Client, sheet: str, row_id: int, key: tuple[str, ...], name: str) -> Where:
    since, value = None, None
    for at, amounts, _by in c.sources.history(sheet, row_id):
        found = amounts.get(f"{name}_ppm", amounts.get(f"{name}_minor", amounts.get(name)))
        if at <= c.frozen_at and (since is None or found != value):
            since, value = at, found
    if since is None:
        return "", ()
    place, evidence = c.sources.register(sheet, key, name, since)
    return (f"as{place} of the register" if place else ""), evidence


def withheld_this_period(c: Client, key: str) -> Why:
    """What a client application withholds on a line: withheld to date less withheld before."""
    row, before = c.lines[key], c.prior(key)
    parts = [withheld_to_date(c, key, which) for which in Component if _withheld(row.position, which)]
    was = before.withheld_work + before.withheld_stored
    if was:
        earlier = tuple(issued(c, one) for one in earlier_than(c.sources, c.row))
        parts.append(Why(what="Withheld before", amount=was, evidence=earlier or c.evidence).less())
    name = c.sources.words["retainage"]
    return Why(
        what=c.title(key, f"{name} withheld this period"),
        amount=row.withheld_this_period,
        how="withheld to date less withheld before",
        parts=tuple(parts),
        evidence=c.evidence,
    )


def released_this_period(c: Client, key: str) -> Why:
    """Retainage asked back in a client application on a line: who asked for it, by line or in total."""
    how, evidence = _asked(c, key)
    name = c.sources.words["retainage"]
    amount = c.lines[key].released_this_period
    return Why(
        what=c.title(key, f"{name} released this period"),
        amount=amount,
        how=how if amount else "nothing is asked back on this line",
        evidence=(*evidence, *c.evidence) if amount else c.evidence,
    )


def _asked(c: Client, key: str) -> Where:
    """What was asked on a line, or else in total, as it stood when the application was frozen."""
    for line, said in ((key, "asked on this line"), ("", "this line's share of what was asked in total")):
        row = queries_upstream.release(c.sources.conn, c.row["period_id"], line)
        history = c.sources.history("client_release", row["id"]) if row is not None else []
        earlier = [(at, by) for at, _amounts, by in history if at <= c.frozen_at]
        if row is not None and earlier:
            return f"{said}: {_wanted(c, row['amount_minor'])}", (_who(c, *earlier[-1]),)
    return "", ()


def _wanted(c: Client, minor: int | None) -> str:
    return "all that is held" if minor is None else shown(c.money(minor), c.currency)


def _who(c: Client, at: datetime, by: str) -> Evidence:
    text = f"Asked back by {by}, {c.sources.when(at)} (billings upstream release)"
    return Evidence(kind=EvidenceKind.PERSON, text=text)


def _released_to_date(c: Client, key: str, which: Component, amount: Decimal) -> Why:
    """What was released to date out of one base: in the applications before, and in this one."""
    base = "work" if which is Component.WORK else c.sources.words["stored_materials"]
    row, prior = c.lines[key], c.prior(key)
    before, now = _taken(prior, which), _taken(row.position, which)
    node = released_this_period(c, key)
    parts = (
        Why(
            what="Released in the applications before",
            amount=before,
            evidence=tuple(issued(c, one) for one in earlier_than(c.sources, c.row)) or c.evidence,
        ),
        Why(what="Released in this one", amount=now - before, how=node.how, evidence=node.evidence),
    )
    what = f"Released to date, taken from {base}"
    return Why(what=what, amount=amount, parts=tuple(one for one in parts if one.amount))


def _taken(at: LinePosition, which: Component) -> Decimal:
    work, stored = split_held(at)
    return at.withheld_work - work if which is Component.WORK else at.withheld_stored - stored
