"""A client application as it was frozen, back to the pay applications that it was compiled from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from batch.core.billing import summarise
from batch.core.model import Basis, BilledLine, LinePosition, Summary
from batch.core.money import Rounding, from_minor
from batch.core.retainage_terms import RetainageTerms
from batch.core.retainage_told import Told
from batch.core.states import BILLED_STATES, SHOWN
from batch.core.why import Evidence, EvidenceKind, Why
from batch.edges.store import (
    queries_exchange,
    queries_periods,
    queries_register,
    queries_upstream,
)
from batch.edges.store.rows import RowMapping
from batch.formats.terms import capital
from batch.jobs.client_kept import kept_lines
from batch.jobs.exchanges import exchanged
from batch.jobs.why.client_rules import rules_of
from batch.jobs.why.evidence import Sources


@dataclass(frozen=True, kw_only=True)
class Client:
    """One client application as it was written: its frozen lines, and where each stood before it."""

    sources: Sources
    row: RowMapping
    contract: RowMapping
    lines: Mapping[str, BilledLine]
    before: Mapping[str, LinePosition]
    summary: Summary

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
        """The retainage that the register has for the client contract."""
        return queries_register.terms_of(self.contract)

    @property
    def frozen_at(self) -> datetime:
        """When what it says was compiled."""
        found = self.row["compiled_at"]
        assert isinstance(found, datetime), "a client application is compiled at an instant"
        return found

    @cached_property
    def rules(self) -> tuple[Basis, Told] | None:
        """Its retainage rule by rule, where the register still gives what was frozen."""
        rounding = Rounding(self.sources.project["rounding"])
        return rules_of(self.sources.conn, self.row, self.contract, self.lines, self.before, rounding)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The client application itself, as it was compiled or issued."""
        issued_at = self.row["issued_at"]
        at = f", issued {self.sources.when(issued_at)}" if issued_at is not None else ", a draft"
        name = capital(self.sources.words["client_application"])
        text = f"{name} {self.row['number']} of {self.row['project_number']}{at}"
        return (Evidence(kind=EvidenceKind.ISSUED, text=text, sha256=self.row["workbook_sha"] or ""),)

    def money(self, minor: int) -> Decimal:
        """An amount of so many minor units."""
        return from_minor(minor, self.currency)

    def prior(self, key: str) -> LinePosition:
        """Where a line stood before."""
        return self.before.get(key, LinePosition())

    def title(self, key: str, figure: str) -> str:
        """How a figure of a line is headed."""
        return f"Line {key} {self.lines[key].line.description}, {figure}"


def load_client(sources: Sources, row: RowMapping) -> Client | None:
    """Load a client application; None when its project has no client contract any more."""
    conn, currency = sources.conn, row["currency"]
    contract = queries_register.client_contract(conn, row["project_id"])
    if contract is None:
        return None
    lines, previous = kept_lines(conn, row["project_id"], row)
    return Client(
        sources=sources,
        row=row,
        contract=contract,
        lines={line.line.key: line for line in lines},
        before=queries_upstream.client_positions(conn, row["project_id"], currency, before=row["number"]),
        summary=summarise(lines, previous, currency),
    )


def earlier_than(sources: Sources, row: RowMapping) -> list[RowMapping]:
    """The client applications that were issued before this one."""
    found = queries_upstream.upstreams(sources.conn, row["project_id"])
    return [one for one in found if one["state"] in BILLED_STATES and one["number"] < row["number"]]


def issued(c: Client, one: RowMapping) -> Evidence:
    """An earlier client application as evidence."""
    text = f"{capital(c.sources.words['client_application'])} {one['number']}"
    at = f", issued {c.sources.when(one['issued_at'])}" if one["issued_at"] is not None else ""
    return Evidence(kind=EvidenceKind.ISSUED, text=text + at, sha256=one["workbook_sha"] or "")


def cost(c: Client, key: str, column: str) -> list[Why]:
    """The pay applications behind a movement of a line, and their lines; then what was billed before and not certified."""
    found = [
        source_of(c, one, column)
        for one in queries_upstream.sources(c.sources.conn, c.row["id"])
        if one["client_line_key"] == key and one[f"{column}_minor"]
    ]
    return [*found, *not_certified_before(c, key, column)]


def not_certified_before(c: Client, key: str, column: str) -> list[Why]:
    """What of a movement was billed before and not certified."""
    rows = queries_upstream.lines(c.sources.conn, c.row["id"])
    minor = next((row[f"again_{column}_minor"] for row in rows if row["line_key"] == key), 0)
    if not minor:
        return []
    last = earlier_than(c.sources, c.row)[-1]
    name = f"{capital(c.sources.words['client_application'])} {last['number']}"
    return [Why(what=f"{name}: not certified before", amount=c.money(minor), evidence=(issued(c, last),))]


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
        how=f"{of}{_converted(c, application, one['line_key'])}",
        evidence=c.sources.of_application(one["application_id"]),
    )


def _converted(c: Client, application: RowMapping, line_key: str) -> str:
    """Where the movement of a line was converted from, and where to read on."""
    name = c.sources.name(application["id"])
    asked = f"billings why {name} {line_key} gross"
    fixed = queries_exchange.exchange(c.sources.conn, application["id"])
    found = exchanged(c.sources.conn, application, fixed).get(line_key) if fixed is not None else None
    return f" ({asked})" if found is None else f", out of {found[1].text} ({asked} {c.currency})"
