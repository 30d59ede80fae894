"""A client application and the figures of its lines, back to the pay applications they were compiled from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from batch.core.model import ClientLine, LinePosition
from batch.core.money import Rounding, from_minor, percent_of, shown
from batch.core.retainage import split_held
from batch.core.retainage_terms import RetainageTerms
from batch.core.states import BILLED_STATES, SHOWN, Upstream
from batch.core.why import Evidence, EvidenceKind, Why
from batch.edges.store import queries_client, queries_periods, queries_register, queries_upstream, queries_why
from batch.edges.store.rows import RowMapping
from batch.formats.terms import capital
from batch.formats.why.retainage import rate_text
from batch.jobs.client_kept import standing_lines
from batch.jobs.why.evidence import Sources

ZERO_POSITION = LinePosition()


@dataclass(frozen=True, kw_only=True)
class Client:
    """One client application as it was written, with where each line stood before it."""

    sources: Sources
    row: RowMapping
    contract: RowMapping
    lines: Mapping[str, ClientLine]
    rows: Mapping[str, RowMapping]
    before: Mapping[str, LinePosition]

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return str(self.row["currency"])

    @property
    def name(self) -> str:
        """What people call it: the project's number and its own."""
        return f"{self.row['project_number']}/{self.row['number']}"

    @property
    def state(self) -> str:
        """Its state, as people know it."""
        return SHOWN.get(self.row["state"], str(self.row["state"].value))

    @property
    def terms(self) -> RetainageTerms:
        """The retainage of the client contract."""
        return queries_register.terms_of(self.contract)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The client application itself, as it was compiled or issued."""
        issued = self.row["issued_at"]
        at = f", issued {self.sources.when(issued)}" if issued is not None else ", a draft"
        name = capital(self.sources.words["client_application"])
        text = f"{name} {self.row['number']} of {self.row['project_number']}{at}"
        return (Evidence(kind=EvidenceKind.ISSUED, text=text, sha256=self.row["workbook_sha"] or ""),)

    def amount(self, key: str, column: str) -> Decimal:
        """One amount of a line as it was written; nothing on a line it does not have."""
        row = self.rows.get(key)
        return from_minor(row[f"{column}_minor"] if row is not None else 0, self.currency)

    def position(self, key: str) -> LinePosition:
        """Where a line stands after it, as it was written."""
        prior = self.before.get(key, ZERO_POSITION)
        return (
            queries_upstream.position_of(self.rows[key], prior, self.currency) if key in self.rows else prior
        )

    def title(self, key: str, figure: str) -> str:
        """How a figure of a line is headed."""
        line = self.lines.get(key)
        return f"Line {key} {line.description if line is not None else ''}, {figure}"


def load_client(sources: Sources, row: RowMapping) -> Client | None:
    """Load a client application; None when its project has no client contract any more."""
    conn, currency = sources.conn, row["currency"]
    contract = queries_register.client_contract(conn, row["project_id"])
    if contract is None:
        return None
    period = queries_periods.period(conn, row["period_id"])
    lines = queries_client.lines(conn, contract["id"], currency, period["end_on"])
    return Client(
        sources=sources,
        row=row,
        contract=contract,
        lines={line.key: line for line in lines},
        rows={one["line_key"]: one for one in queries_upstream.lines(conn, row["id"])},
        before=queries_upstream.client_positions(conn, row["project_id"], currency, before=row["number"]),
    )


def earlier_than(sources: Sources, row: RowMapping) -> list[RowMapping]:
    """The client applications that were issued before this one."""
    found = queries_upstream.upstreams(sources.conn, row["project_id"])
    return [one for one in found if one["state"] in BILLED_STATES and one["number"] < row["number"]]


def _cost(c: Client, key: str, column: str) -> list[Why]:
    """The pay applications behind a movement of a line, and their lines."""
    return [
        source_of(c, one, column)
        for one in queries_upstream.sources(c.sources.conn, c.row["id"])
        if one["client_line_key"] == key and one[f"{column}_minor"]
    ]


def source_of(c: Client, one: RowMapping, column: str) -> Why:
    """One line of a pay application as a part of what is billed to the client."""
    application = c.sources.application(one["application_id"])
    earlier = application["period_id"] != c.row["period_id"]
    basis = queries_periods.basis(c.sources.conn, application["invite_id"])
    code = next((line.cost_code for line in basis.lines if line.key == one["line_key"]), "")
    name = c.sources.name(one["application_id"])
    of = f"{c.sources.words['cost_code']} {code}, approved and not billed before"
    if earlier:
        of += f", of {c.sources.words['billing_period']} {application['period_number']}"
    return Why(
        what=f"{name}, line {one['line_key']}, {application['vendor_name']}",
        amount=from_minor(one[f"{column}_minor"], c.currency),
        how=f"{of} (billings why {name} {one['line_key']} gross)",
        evidence=c.sources.of_application(one["application_id"]),
    )


def _previous(c: Client, key: str, column: str) -> Why:
    base = "work" if column == "work" else c.sources.words["stored_materials"]
    started = queries_client.opening_positions(c.sources.conn, c.row["project_id"], c.currency)
    at_start = getattr(started.get(key, ZERO_POSITION), column)
    opening = (Why(what=f"Client opening: {base} billed before", amount=at_start),) if at_start else ()
    parts = opening + tuple(
        Why(
            what=f"{capital(c.sources.words['client_application'])} {one['number']}",
            amount=amount,
            how=f"{base} {'certified' if one['state'] is Upstream.CERTIFIED else 'billed'} in it",
            evidence=(issued(c, one),),
        )
        for one in earlier_than(c.sources, c.row)
        if (amount := _moved_in(c, one, key, column))
    )
    prior = c.before.get(key, ZERO_POSITION)
    amount = c.amount(key, "work_previous") if column == "work" else prior.stored
    return Why(what=c.title(key, f"{base} billed before"), amount=amount, parts=parts, evidence=c.evidence)


def issued(c: Client, one: RowMapping) -> Evidence:
    """An earlier client application as evidence."""
    text = f"{capital(c.sources.words['client_application'])} {one['number']}"
    at = f", issued {c.sources.when(one['issued_at'])}" if one["issued_at"] is not None else ""
    return Evidence(kind=EvidenceKind.ISSUED, text=text + at, sha256=one["workbook_sha"] or "")


def _moved_in(c: Client, upstream: RowMapping, key: str, column: str) -> Decimal:
    """What an earlier client application moved on a line: as certified, else as issued."""
    for line in standing_lines(c.sources.conn, c.row["project_id"], upstream):
        if line.line.key == key:
            stored = line.materials_stored - line.stored_previous
            return line.work_this_period if column == "work" else stored
    return from_minor(0, c.currency)


def not_certified_before(c: Client, key: str, column: str) -> list[Why]:
    """What of a movement was billed before and not certified."""
    amount = c.amount(key, f"again_{column}")
    if not amount:
        return []
    last = earlier_than(c.sources, c.row)[-1]
    name = f"{capital(c.sources.words['client_application'])} {last['number']}"
    return [Why(what=f"{name}: not certified before", amount=amount, evidence=(issued(c, last),))]


def work(c: Client, key: str) -> Why:
    """Work this period on a client line: the approved cost that was not billed before."""
    parts = (*_cost(c, key, "work"), *not_certified_before(c, key, "work"))
    how = "work of approved pay applications that was not billed before"
    return Why(
        what=c.title(key, "work this period"),
        amount=c.amount(key, "work"),
        how=how,
        parts=parts,
        evidence=c.evidence,
    )


def stored(c: Client, key: str) -> Why:
    """Stored materials on a client line: the balance of before and what moved."""
    name = c.sources.words["stored_materials"]
    parts = (
        _previous(c, key, "stored"),
        *_cost(c, key, "stored"),
        *not_certified_before(c, key, "stored"),
    )
    return Why(
        what=c.title(key, f"{name} presently there"),
        amount=c.amount(key, "stored"),
        parts=parts,
        evidence=c.evidence,
    )


def completed(c: Client, key: str) -> Why:
    """Completed and stored on a client line."""
    parts = (_previous(c, key, "work"), work(c, key), stored(c, key))
    how = "billed before, this period, and what is stored"
    return Why(what=c.title(key, "completed and stored"), amount=_done(c, key), how=how, parts=parts)


def _done(c: Client, key: str) -> Decimal:
    return c.amount(key, "work_previous") + c.amount(key, "work") + c.amount(key, "stored")


def scheduled(c: Client, key: str) -> Why:
    """The scheduled value of a client line, in the register."""
    line, conn = c.lines[key], c.sources.conn
    row = queries_why.register_row(conn, "client_line", client_contract_id=c.contract["id"], line_key=key)
    place, evidence = "", c.evidence
    if row is not None and (history := c.sources.history("client_line", row["id"])):
        name = (c.row["project_number"], key)
        place, evidence = c.sources.register("client_line", name, "scheduled_value", history[-1][0])
    how = f"entered{place} of the register"
    return Why(what=c.title(key, "scheduled value"), amount=line.scheduled_value, how=how, evidence=evidence)


def held(c: Client, key: str) -> Why:
    """Retainage that the client holds on a line."""
    on_work, on_stored = held_on(c, key, "work"), held_on(c, key, "stored")
    parts = tuple(one for one in (on_work, on_stored) if one.amount)
    name = c.sources.words["retainage"]
    return Why(
        what=c.title(key, f"{name} held"),
        amount=c.position(key).held,
        how=f"{name} on work and on {c.sources.words['stored_materials']}, at the client's own rates",
        parts=parts,
        evidence=c.evidence,
    )


def held_on(c: Client, key: str, column: str) -> Why:
    """Retainage that the client holds on the work, or on the stored materials, of a line."""
    at, of_work = c.position(key), column == "work"
    withheld = at.withheld_work if of_work else at.withheld_stored
    amount = split_held(at)[0 if of_work else 1]
    base = c.amount(key, "work_previous") + c.amount(key, "work") if column == "work" else None
    base = base if base is not None else c.amount(key, "stored")
    rate = c.terms.work if column == "work" else c.terms.stored
    name = "work completed to date" if column == "work" else c.sources.words["stored_materials"]
    how = f"on {shown(base, c.currency)}, at the rates the client contract had when it was compiled"
    if percent_of(base, rate, c.currency, Rounding(c.sources.project["rounding"])) == withheld:
        how = (
            f"{rate_text(rate)} of {name} {shown(base, c.currency)}, as the register has the client contract"
        )
    if withheld != amount:
        how += f": {shown(withheld, c.currency)}, less what was released"
    return Why(
        what=c.title(key, f"{c.sources.words['retainage']} held on {name}"),
        amount=amount,
        how=how,
        evidence=c.evidence,
    )


def line_gross(c: Client, key: str) -> Why:
    """What a client line adds this period."""
    parts = (
        *_cost(c, key, "work"),
        *_cost(c, key, "stored"),
        *not_certified_before(c, key, "work"),
        *not_certified_before(c, key, "stored"),
    )
    before = c.before.get(key, ZERO_POSITION).stored
    amount = c.amount(key, "work") + c.amount(key, "stored") - before
    return Why(what=c.title(key, "gross of this period"), amount=amount, parts=parts, evidence=c.evidence)


#: To explain another figure of a line of a client application, add it here.
CLIENT_LINE_FIGURES: Mapping[str, Callable[[Client, str], Why]] = {
    "scheduled_value": scheduled,
    "work_previous": lambda c, key: _previous(c, key, "work"),
    "work_this_period": work,
    "materials_stored": stored,
    "completed_and_stored": completed,
    "retainage_held": held,
    "gross_this_period": line_gross,
}
