"""The figures of a line of a client application, each by its rule and its parts. The table is at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from batch.core.billing import gross_movement, net_movement
from batch.core.model import LinePosition
from batch.core.states import Upstream
from batch.core.why import Why
from batch.edges.store import queries_client, queries_periods, queries_why
from batch.edges.store.rows import RowMapping
from batch.formats.figures import date_text
from batch.formats.terms import capital
from batch.jobs.client_kept import standing_lines
from batch.jobs.why.client import Client, cost, earlier_than, issued
from batch.jobs.why.client_held import held, released_this_period, withheld_this_period


def scheduled(c: Client, key: str) -> Why:
    """The scheduled value of a client line, as it was frozen, with the cell of the register that gave it."""
    line, conn = c.lines[key].line, c.sources.conn
    row = queries_why.register_row(conn, "client_line", client_contract_id=c.contract["id"], line_key=key)
    place, evidence = "", c.evidence
    at = next(
        (
            at
            for at, amounts, _by in reversed(c.sources.history("client_line", row["id"]))
            if at <= c.frozen_at and amounts.get("scheduled_value_minor") is not None
        ),
        None,
    ) if row is not None else None  # fmt: skip
    if at is not None:
        name = (c.row["project_number"], key)
        place, evidence = c.sources.register("client_line", name, "scheduled_value", at)
    of = f"of {c.sources.words['change_order']} {line.change_order}{_approved(c, line.change_order)}, "
    how = f"{of if line.change_order else ''}entered{place} of the register"
    return Why(
        what=c.title(key, "scheduled value"),
        amount=line.scheduled_value,
        how=how,
        evidence=(*evidence, *c.evidence) if evidence != c.evidence else evidence,
    )


def _approved(c: Client, order: str) -> str:
    until: date = queries_periods.period(c.sources.conn, c.row["period_id"])["end_on"]
    on = queries_client.approved_on(c.sources.conn, c.contract["id"], until).get(order)
    return f", approved on {date_text(on, c.sources.locale)}" if on is not None else ""


def previous(c: Client, key: str, column: str) -> Why:
    """Work billed before, or the balance of stored materials of before: by the client applications it was billed in."""
    base = "work" if column == "work" else c.sources.words["stored_materials"]
    started = queries_client.opening_positions(c.sources.conn, c.row["project_id"], c.currency)
    at_start: Decimal = getattr(started.get(key, LinePosition()), column)
    opening = Why(what=f"Client opening: {base} billed before", amount=at_start, evidence=c.evidence)
    parts = tuple(
        Why(
            what=f"{capital(c.sources.words['client_application'])} {one['number']}",
            amount=amount,
            how=f"{base} {'certified' if one['state'] is Upstream.CERTIFIED else 'billed'} in it",
            evidence=(issued(c, one),),
        )
        for one in earlier_than(c.sources, c.row)
        if (amount := _moved_in(c, one, key, column))
    )
    parts = (opening, *parts) if at_start else parts
    row = c.lines[key]
    amount = row.work_previous if column == "work" else row.stored_previous
    return Why(what=c.title(key, f"{base} billed before"), amount=amount, parts=parts, evidence=c.evidence)


def _moved_in(c: Client, upstream: RowMapping, key: str, column: str) -> Decimal:
    """What an earlier client application moved on a line: as certified, else as issued."""
    for line in standing_lines(c.sources.conn, c.row["project_id"], upstream):
        if line.line.key == key:
            stored = line.materials_stored - line.stored_previous
            return line.work_this_period if column == "work" else stored
    return c.money(0)


def work(c: Client, key: str) -> Why:
    """Work this period on a client line: the approved cost that was not billed before."""
    return Why(
        what=c.title(key, "work this period"),
        amount=c.lines[key].work_this_period,
        how="work of approved pay applications that was not billed before",
        parts=tuple(cost(c, key, "work")),
        evidence=c.evidence,
    )


def stored(c: Client, key: str) -> Why:
    """Stored materials on a client line: the balance of before and what moved."""
    name = c.sources.words["stored_materials"]
    return Why(
        what=c.title(key, f"{name} presently there"),
        amount=c.lines[key].materials_stored,
        parts=(previous(c, key, "stored"), *cost(c, key, "stored")),
        evidence=c.evidence,
    )


def completed(c: Client, key: str) -> Why:
    """Completed and stored on a client line: D + E + F."""
    parts = (previous(c, key, "work"), work(c, key), stored(c, key))
    how = "billed before, this period, and what is stored"
    amount = c.lines[key].completed_and_stored
    return Why(what=c.title(key, "completed and stored"), amount=amount, how=how, parts=parts)


def balance(c: Client, key: str) -> Why:
    """Balance to finish of a client line: C - G."""
    parts = (scheduled(c, key), completed(c, key).less())
    how = "the scheduled value less what is completed and stored"
    amount = c.lines[key].balance_to_finish
    return Why(what=c.title(key, "balance to finish"), amount=amount, how=how, parts=parts)


def line_gross(c: Client, key: str) -> Why:
    """What a client line adds this period."""
    parts = (*cost(c, key, "work"), *cost(c, key, "stored"))
    amount = gross_movement(c.lines[key])
    return Why(what=c.title(key, "gross of this period"), amount=amount, parts=parts, evidence=c.evidence)


def net(c: Client, key: str) -> Why:
    """What a client line adds to what is due: gross less withheld plus released."""
    parts = (line_gross(c, key), withheld_this_period(c, key).less(), released_this_period(c, key))
    kept = c.sources.words["retainage"]
    how = f"gross of this period less {kept} withheld, plus {kept} released"
    return Why(what=c.title(key, "due this period"), amount=net_movement(c.lines[key]), how=how, parts=parts)


#: To explain another figure of a line of a client application, add it here.
CLIENT_LINE_FIGURES: Mapping[str, Callable[[Client, str], Why]] = {
    "scheduled_value": scheduled,
    "work_previous": lambda c, key: previous(c, key, "work"),
    "work_this_period": work,
    "materials_stored": stored,
    "completed_and_stored": completed,
    "balance_to_finish": balance,
    "withheld_this_period": withheld_this_period,
    "released_this_period": released_this_period,
    "retainage_held": held,
    "gross_this_period": line_gross,
    "net_this_period": net,
}
