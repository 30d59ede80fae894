"""Beyond the nine lines: tax with its base, what is withheld of the payment, and deductions."""

from __future__ import annotations

from batch.core.billing import net_movement
from batch.core.model import Deduction
from batch.core.money import percent_of, shown, total
from batch.core.tax import TaxLine, TaxPart, TaxRounding, tax_line, withheld, withholding
from batch.core.why import Evidence, Why
from batch.edges.store import queries_tax, queries_why
from batch.formats.terms import capital
from batch.formats.why.payment import tax_name, tax_text, withheld_text
from batch.formats.why.words import name_of
from batch.jobs.why.subject import Subject


def tax(s: Subject) -> Why:
    """All tax of an application by code: what is charged is added up, reverse charge is shown only."""
    found = queries_tax.tax_lines(s.conn, s.row["id"], s.side)
    parts = tuple(_tax_of_code(s, line) for line in found)
    amount = total((line.tax for line in found if line.charged), s.currency)
    how = f"the {s.words['tax']} of every code" if parts else f"nothing here bears {s.words['tax']}"
    return Why(what=name_of("tax", s.words), amount=amount, how=how, parts=parts)


def _tax_of_code(s: Subject, line: TaxLine) -> Why:
    again = tax_line(line.code, line.parts, line.rounding, s.currency, s.basis.rounding)
    by_line = line.rounding is TaxRounding.BY_LINE
    parts = tuple(_part(s, part) for part in line.parts)
    base = Why(what="Taxable value", amount=line.base, how="what its lines and deductions add", parts=parts)
    node = Why(
        what=tax_name(line, s.words),
        amount=line.tax,
        how=tax_text(line, s.currency, s.words),
        worked_out=again.tax,
        parts=(base.told(), *(_by_line(s, line, part) for part in line.parts if by_line)),
        evidence=(*_rate(s, line), *s.evidence),
    )
    return node if line.charged else node.told()


def _by_line(s: Subject, line: TaxLine, part: TaxPart) -> Why:
    amount = percent_of(part.amount, line.code.rate, s.currency, s.basis.rounding)
    how = f"{line.code.rate:f} % of {shown(part.amount, s.currency)}, rounded"
    return Why(what=_name(s, part), amount=amount, how=how, evidence=s.evidence)


def _name(s: Subject, part: TaxPart) -> str:
    if part.line:
        line = s.line(part.line)
        return (
            f"Line {line.line.item or line.line.key} {line.line.description}"
            if line is not None
            else part.line
        )
    return f"{capital(s.words['deduction'])} {part.deduction}"


def _part(s: Subject, part: TaxPart) -> Why:
    line = s.line(part.line) if part.line else None
    if line is not None:
        return Why(
            what=_name(s, part),
            amount=part.amount,
            how=f"what it adds to the payment due (billings why {s.name} {part.line} due)",
            worked_out=net_movement(line),
            evidence=s.evidence,
        )
    found = next((one for one in s.deductions if one.number == part.deduction), None)
    evidence = _deduction(s, found).evidence if found is not None else s.frozen
    how = "it reduces the taxable value"
    return Why(what=_name(s, part), amount=part.amount, how=how, evidence=evidence)


def _rate(s: Subject, line: TaxLine) -> tuple[Evidence, ...]:
    row = queries_why.register_row(s.conn, "tax_code", code=line.code.code)
    if row is None:
        return ()
    until = s.row["approved_at"] or s.row["submitted_at"]
    history = [at for at, _amounts, _by in s.sources.history("tax_code", row["id"]) if at <= until]
    return s.sources.register("tax_code", (line.code.code,), "rate", history[-1])[1] if history else ()


def tax_withheld(s: Subject) -> Why:
    """What is withheld under the Construction Industry Scheme: the rate on the payment less materials."""
    found = queries_tax.withholding(s.conn, s.row["id"], s.side)
    what = name_of("tax_withheld", s.words)
    if found is None:
        return Why(what=what, amount=withheld(None, s.currency), how="nothing is withheld from this payment")
    again = withholding(found.payment, found.materials, found.terms, s.currency, s.basis.rounding)
    materials = found.materials if found.materials is not None else total((), s.currency)
    payment = Why(what="Payment before tax", amount=found.payment, parts=_before_tax(s))
    parts = [payment]
    if materials:
        parts.append(
            Why(
                what="Materials",
                amount=materials,
                how="as the subcontractor stated them, or as decided",
                evidence=s.evidence,
            ).less()
        )
    if found.base != found.payment - materials:
        bound = Why(
            what="Materials of more than the payment leave nothing",
            amount=found.base - (found.payment - materials),
            evidence=s.evidence,
        )
        parts.append(bound)
    base = Why(what="What the rate is applied to", amount=found.base, parts=tuple(parts)).told()
    return Why(
        what=what,
        amount=found.amount,
        how=withheld_text(found, s.currency),
        worked_out=again.amount,
        parts=(base,),
        evidence=s.evidence,
    )


def _before_tax(s: Subject) -> tuple[Why, ...]:
    taxable = queries_tax.terms(s.conn, s.row["commitment_id"]).default is not None
    reducing = [_deduction(s, one).less() for one in s.deductions if one.reduces_taxable and taxable]
    due = Why(
        what=name_of("current_payment_due", s.words),
        amount=s.bill.summary.current_payment_due,
        how=f"billings why {s.name} L8",
        evidence=s.evidence,
    )
    return (due, *reducing)


def deductions(s: Subject) -> Why:
    """All deductions that are taken off what is payable."""
    parts = tuple(_deduction(s, one) for one in s.deductions)
    amount = total((one.amount for one in s.deductions), s.currency)
    how = "apart from the contract sum and from the nine lines" if parts else "there are none"
    return Why(what=name_of("deductions", s.words), amount=amount, how=how, parts=parts)


def deduction(s: Subject, number: str) -> Why | None:
    """One deduction by its number, or None."""
    return next((_deduction(s, one) for one in s.deductions if one.number == number), None)


def _deduction(s: Subject, one: Deduction) -> Why:
    row = queries_why.register_row(
        s.conn, "deduction", commitment_id=s.row["commitment_id"], number=one.number
    )
    place, evidence, dated = "", s.frozen, ""
    if row is not None:
        history = s.sources.history("deduction", row["id"])
        at = history[-1][0] if history else s.row["received_at"]
        place, evidence = s.sources.register("deduction", (s.basis.commitment, one.number), "amount", at)
        dated = f", dated {row['dated_on'].isoformat()}, evidence: {row['evidence']}"
    effect = "it reduces the taxable value" if one.reduces_taxable else "taken off after tax"
    return Why(
        what=f"{capital(s.words['deduction'])} {one.number} {one.description}",
        amount=one.amount,
        how=f"{effect}; entered{place} of the register{dated}",
        evidence=evidence,
    )
