"""Tax on a client application, and what the client pays."""

from __future__ import annotations

from batch.core.billing import net_movement
from batch.core.money import Rounding, percent_of, shown
from batch.core.tax import TaxLine, TaxPart, TaxRounding, charged, tax_line
from batch.core.why import Evidence, Why
from batch.edges.store import queries_tax, queries_why
from batch.formats.why.payment import tax_name, tax_text
from batch.formats.why.words import name_of
from batch.jobs.why.client import Client


def tax(c: Client) -> Why:
    """All tax of a client application by code: what is charged is added up, reverse charge is shown only."""
    found = queries_tax.client_tax(c.sources.conn, c.row["id"])
    name = c.sources.words["tax"]
    return Why(
        what=name_of("tax", c.sources.words),
        amount=charged(found, c.currency),
        how=f"the {name} of every code" if found else f"nothing here bears {name}",
        parts=tuple(_of_code(c, line) for line in found),
        evidence=c.evidence,
    )


def _of_code(c: Client, line: TaxLine) -> Why:
    rounding = Rounding(c.sources.project["rounding"])
    again = tax_line(line.code, line.parts, line.rounding, c.currency, rounding)
    base = Why(
        what="Taxable value",
        amount=line.base,
        how="what its lines add to the payment due",
        parts=tuple(_part(c, part) for part in line.parts),
    )
    by_line = tuple(
        Why(
            what=_title(c, part),
            amount=percent_of(part.amount, line.code.rate, c.currency, rounding),
            how=f"{line.code.rate:f} % of {shown(part.amount, c.currency)}, rounded",
            evidence=c.evidence,
        )
        for part in line.parts
        if line.rounding is TaxRounding.BY_LINE
    )
    node = Why(
        what=tax_name(line, c.sources.words),
        amount=line.tax,
        how=tax_text(line, c.currency, c.sources.words),
        worked_out=again.tax,
        parts=(base.told(), *by_line),
        evidence=(*_rate(c, line), *c.evidence),
    )
    return node if line.charged else node.told()


def _title(c: Client, part: TaxPart) -> str:
    row = c.lines.get(part.line)
    return f"Line {part.line} {row.line.description}" if row is not None else f"Line {part.line}"


def _part(c: Client, part: TaxPart) -> Why:
    row = c.lines.get(part.line)
    return Why(
        what=_title(c, part),
        amount=part.amount,
        how=f"what it adds to the payment due (billings why {c.name} {part.line} due)",
        worked_out=net_movement(row) if row is not None else None,
        evidence=c.evidence,
    )


def _rate(c: Client, line: TaxLine) -> tuple[Evidence, ...]:
    row = queries_why.register_row(c.sources.conn, "tax_code", code=line.code.code)
    history = c.sources.history("tax_code", row["id"]) if row is not None else []
    earlier = [at for at, _amounts, _by in history if at <= c.frozen_at]
    return c.sources.register("tax_code", (line.code.code,), "rate", earlier[-1])[1] if earlier else ()


def payable(c: Client) -> Why:
    """What the client pays: the current payment due, plus tax that is charged."""
    due = Why(
        what=name_of("current_payment_due", c.sources.words),
        amount=c.summary.current_payment_due,
        how=f"billings why {c.name} L8",
        evidence=c.evidence,
    )
    found = tax(c)
    return Why(
        what=name_of("payable", c.sources.words),
        amount=c.money(c.row["payable_minor"]),
        how="the current payment due, plus tax"
        if found.amount
        else "the current payment due; no tax is added",
        parts=(due, found),
        evidence=c.evidence,
    )
