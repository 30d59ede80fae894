"""Retainage of a line: by the rules that gave it, and by the rows of the ledger, both added up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from batch.core.model import BilledLine, LinePosition
from batch.core.money import from_minor
from batch.core.retainage import Component, EntryKind, RetainageEntry, split_held
from batch.core.retainage_told import follows
from batch.core.why import Why
from batch.edges.store import queries_why
from batch.edges.store.queries_ledger import RELEASED_KINDS
from batch.edges.store.rows import RowMapping
from batch.formats.why.retainage import entry_text, part_text, step_text, worked_out
from batch.jobs.why.subject import Subject
from batch.jobs.why.terms import where_of


def held(s: Subject, line: BilledLine, what: str) -> Why:
    """Retainage held on a line: on work and on stored materials."""
    parts = [on_work(s, line), on_stored(s, line)]
    kept = s.words["retainage"]
    how = f"{kept} withheld to date less {kept} released, on work and on {s.words['stored_materials']}"
    return Why(
        what=what,
        amount=line.retainage_held,
        how=how,
        parts=tuple(part for part in parts if part.amount or part.parts),
        evidence=s.evidence,
    )


def on_work(s: Subject, line: BilledLine) -> Why:
    """Retainage held on the work of a line."""
    return _component(s, line, Component.WORK, line.held_work, line.position.withheld_work)


def on_stored(s: Subject, line: BilledLine) -> Why:
    """Retainage held on the stored materials of a line."""
    return _component(s, line, Component.STORED, line.held_stored, line.position.withheld_stored)


def _component(s: Subject, line: BilledLine, which: Component, amount: Decimal, withheld: Decimal) -> Why:
    base = "work" if which is Component.WORK else s.words["stored_materials"]
    kept = s.words["retainage"]
    title = f"Line {line.line.item or line.line.key}, {kept} held on {base}"
    by_rule = to_date(s, line, which, withheld)
    released = Why(
        what=f"Released to date, taken from {base}", amount=withheld - amount, evidence=s.evidence
    ).less()
    parts = [by_rule, *([released] if released.amount else [])]
    rows = _rows(s, line, which)
    if rows:
        ledger = Why(what="The same in the ledger", amount=amount, how="row by row", parts=tuple(rows)).told()
        parts.append(ledger)
    return Why(what=title, amount=amount, parts=tuple(parts) if amount or withheld or rows else ())


def to_date(s: Subject, line: BilledLine, which: Component, withheld: Decimal) -> Why:
    """What is withheld to date on one base of a line, rule by rule."""
    told = s.told.work if which is Component.WORK else s.told.stored
    parts = tuple(
        Why(
            what=part_text(part, which, s.basis, s.words),
            amount=part.amount,
            how=where_of(s, line, part.step, which)[0],
            worked_out=worked_out(part, s.basis),
            evidence=where_of(s, line, part.step, which)[1],
        )
        for part in told[line.line.key]
    )
    told_steps = steps(s, line) if which is Component.WORK else ()
    evidence = () if parts else s.frozen
    what = "Withheld to date by the rules"
    return Why(what=what, amount=withheld, parts=(*told_steps, *parts), evidence=evidence)


def steps(s: Subject, line: BilledLine) -> tuple[Why, ...]:
    """Where the contract stands between its steps, for a line that follows them."""
    if not (s.basis.retainage.steps and follows(line.line)):
        return ()
    what = step_text(s.told.contract, s.basis.retainage, s.words, s.currency)
    return (Why(what=what, evidence=s.frozen).told(),)


def _rows(s: Subject, line: BilledLine, which: Component) -> list[Why]:
    """The rows of the ledger that make up what is held on a base, those of this application last."""
    if not s.live:
        return []
    rows = queries_why.entries(s.conn, s.row["commitment_id"], line.line.key)
    found = [*opening_rows(s, line, which), *(_entry(s, one) for one in s.before(rows) if _of(one, which))]
    if s.approved:
        return [*found, *(_entry(s, one) for one in s.own(rows) if _of(one, which))]
    return [*found, *(_to_come(s, one) for one in s.pending(line) if one.component is which)]


def _of(row: RowMapping, which: Component) -> bool:
    return bool(row["component"] == which.value)


def _entry(s: Subject, row: RowMapping) -> Why:
    amount = from_minor(row["amount_minor"], s.currency)
    name = s.sources.name(row["application_id"]) if row["application_id"] is not None else "Opening balance"
    text = entry_text(row["kind"], Component(row["component"]), s.words)
    node = Why(
        what=text,
        amount=amount,
        how=f"{name}, entered {s.sources.when(row['at'])}",
        evidence=s.sources.of_application(row["application_id"]) if row["application_id"] else s.frozen,
    )
    return node.less() if row["kind"] in RELEASED_KINDS else node


def _to_come(s: Subject, entry: RetainageEntry) -> Why:
    text = entry_text(entry.kind.value, entry.component, s.words)
    how = f"{s.name}, not in the ledger before it is approved"
    node = Why(what=text, amount=entry.amount, how=how, evidence=s.sources.claim(s.row["id"]))
    return node.less() if entry.effect is EntryKind.RELEASED else node


def from_opening(s: Subject, row: RowMapping, column: str, what: str) -> Why:
    """An amount of the opening balance of a line, with its cell in the register."""
    history = s.sources.history("opening_line", row["id"])
    at = history[-1][0] if history else s.row["received_at"]
    place, evidence = s.sources.register("opening_line", (s.basis.commitment, row["line_key"]), column, at)
    amount = from_minor(row[f"{column}_minor"], s.currency)
    return Why(what=what, amount=amount, how=f"entered{place} of the register", evidence=evidence)


def opening_rows(s: Subject, line: BilledLine, which: Component) -> list[Why]:
    """What the opening balance of a line held on a base: withheld, less its part of what was released."""
    row = queries_why.opening_line(s.conn, s.row["commitment_id"], line.line.key)
    if row is None:
        return []
    column = f"withheld_{which.value}"
    kept = from_opening(s, row, column, entry_text("opening", which, s.words))
    gone = from_opening(s, row, "released", entry_text("released", which, s.words) + " before")
    taken = _taken(row, which, s)
    parts = [kept, Why(what=gone.what, amount=taken, how=gone.how, evidence=gone.evidence).less()]
    return [part for part in parts if part.amount]


def _taken(row: RowMapping, which: Component, s: Subject) -> Decimal:
    def at(name: str) -> Decimal:
        return from_minor(row[f"{name}_minor"], s.currency)

    opening = LinePosition(
        withheld_work=at("withheld_work"), withheld_stored=at("withheld_stored"), released=at("released")
    )
    work, stored = split_held(opening)
    return opening.withheld_work - work if which is Component.WORK else opening.withheld_stored - stored


def this_period(s: Subject, line: BilledLine, what: str) -> Why:
    """What this application withholds on a line: its rows in the ledger, and the rules behind them."""
    rows: Sequence[Why] = []
    if s.approved:
        entries = s.own(queries_why.entries(s.conn, s.row["commitment_id"], line.line.key))
        rows = [_entry(s, one) for one in entries if one["kind"] not in RELEASED_KINDS]
    else:
        rows = [_to_come(s, one) for one in s.pending(line) if one.kind is not EntryKind.RELEASED]
    before, after = s.prior(line.line.key), line.position
    rules = [
        to_date(s, line, which, now)
        for which, now in (
            (Component.WORK, after.withheld_work),
            (Component.STORED, after.withheld_stored),
        )
        if now
    ]
    was = before.withheld_work + before.withheld_stored
    by_rule = Why(
        what="The same by the rules",
        amount=line.withheld_this_period,
        how="withheld to date less withheld before",
        parts=(*rules, Why(what="Withheld before", amount=was, evidence=s.frozen).less()),
    ).told()
    told = (by_rule,) if rules or was else ()
    return Why(what=what, amount=line.withheld_this_period, parts=(*rows, *told), evidence=s.evidence)
