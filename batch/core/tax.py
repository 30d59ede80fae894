"""Tax on what a pay application makes due, and tax withheld from its payment.

The base is the net due (current payment due), not the gross: tax on retainage falls due when the retainage is released
and so becomes part of the net due (UK: VATTOS5170, regulation 93 of SI 1995/2518). A credit has negative tax. Under a
reverse charge the tax is worked out and shown, and the buyer accounts for it: it is not added to the payment.

Amounts are in the currency of the bill, rates in percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from batch.core import billing, money
from batch.core.billing import net_movement
from batch.core.model import Bill, Deduction
from batch.core.money import Rounding


class TaxKind(StrEnum):
    """Whether a tax is added to the payment, or shown only because the buyer accounts for it."""

    CHARGED = "charged"
    REVERSE_CHARGE = "reverse charge"


class TaxRounding(StrEnum):
    """Whether tax is rounded on each line and then added up, or worked out once on the total of its code."""

    BY_LINE = "by line"
    ON_TOTAL = "on total"


class DeductionEffect(StrEnum):
    """Whether a deduction leaves tax alone, or is taken off before tax."""

    AFTER_TAX = "after tax"
    REDUCES = "reduces the taxable value"


@dataclass(frozen=True, kw_only=True)
class TaxCode:
    """One kind of tax with its rate in percent."""

    code: str
    rate: Decimal
    kind: TaxKind = TaxKind.CHARGED
    description: str = ""


class CisStatus(StrEnum):
    """What HMRC says of a subcontractor in the UK's Construction Industry Scheme."""

    GROSS = "gross"
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"


@dataclass(frozen=True, kw_only=True)
class CisTerms:
    """The deduction under the Construction Industry Scheme: the subcontractor's status and its rate in percent."""

    status: CisStatus
    rate: Decimal


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """What is withheld of a payment under the Construction Industry Scheme.

    `payment` is the payment without VAT; `materials` the subcontractor's cost of materials in it, None when it was not
    given, and then nothing is taken off; `base` is what the rate is applied to.
    """

    terms: CisTerms
    payment: Decimal
    materials: Decimal | None
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class TaxTerms:
    """How a commitment is taxed: `default` for its lines, `by_line` where a line (by key) has a code of its own.

    A line without either has no tax. `cis`: set where the Construction Industry Scheme applies.
    """

    default: TaxCode | None = None
    by_line: Mapping[str, TaxCode] = field(default_factory=dict)
    rounding: TaxRounding = TaxRounding.ON_TOTAL
    cis: CisTerms | None = None

    @property
    def asks_materials(self) -> bool:
        """Whether the cost of materials in a payment has to be known."""
        return self.cis is not None and self.cis.rate > 0

    def of(self, line_key: str) -> TaxCode | None:
        """The code of one line."""
        return self.by_line.get(line_key, self.default)


@dataclass(frozen=True, kw_only=True)
class TaxPart:
    """What one line, or one deduction that reduces the taxable value, brings to the base of a tax."""

    line: str = ""
    deduction: str = ""
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class TaxLine:
    """The tax of one code on one pay application. `base` is the sum of its parts."""

    code: TaxCode
    base: Decimal
    tax: Decimal
    rounding: TaxRounding
    parts: tuple[TaxPart, ...]

    @property
    def charged(self) -> bool:
        """Whether the tax is added to the payment."""
        return self.code.kind is TaxKind.CHARGED


def tax_lines(
    computed: Bill, deductions: Iterable[Deduction], terms: TaxTerms, mode: Rounding = Rounding.HALF_UP
) -> tuple[TaxLine, ...]:
    """The tax of a bill by code, in the order in which the lines bring them up.

    The bases of all codes and what has no code add up to the current payment due less the deductions that reduce the
    taxable value. Those count under the commitment's own code.
    """
    parts: dict[str, list[TaxPart]] = {}
    codes: dict[str, TaxCode] = {}
    for code, part in _parts(computed, deductions, terms):
        codes[code.code] = code
        parts.setdefault(code.code, []).append(part)
    return tuple(
        tax_line(codes[name], tuple(found), terms.rounding, computed.currency, mode)
        for name, found in parts.items()
    )


def _parts(
    computed: Bill, deductions: Iterable[Deduction], terms: TaxTerms
) -> Iterable[tuple[TaxCode, TaxPart]]:
    for row in computed.lines:
        code, amount = terms.of(row.line.key), net_movement(row)
        if code is not None and amount:
            yield code, TaxPart(line=row.line.key, amount=amount)
    for one in deductions:
        if one.reduces_taxable and terms.default is not None:
            yield terms.default, TaxPart(deduction=one.number, amount=-one.amount)


def tax_line(
    code: TaxCode, parts: Sequence[TaxPart], rounding: TaxRounding, currency: str, mode: Rounding
) -> TaxLine:
    """The tax of one code on its parts: rounded on each of them and added up, or once on their total."""
    base = money.total((part.amount for part in parts), currency)
    if rounding is TaxRounding.BY_LINE:
        each = (money.percent_of(part.amount, code.rate, currency, mode) for part in parts)
        tax = money.total(each, currency)
    else:
        tax = money.percent_of(base, code.rate, currency, mode)
    return TaxLine(code=code, base=base, tax=tax, rounding=rounding, parts=tuple(parts))


def charged(lines: Iterable[TaxLine], currency: str) -> Decimal:
    """The tax that is added to the payment."""
    return money.total((line.tax for line in lines if line.charged), currency)


def taxable_payment(computed: Bill, deductions: Iterable[Deduction], terms: TaxTerms) -> Decimal:
    """The payment before tax: the current payment due less the deductions that reduce the taxable value."""
    reducing = (one.amount for one in deductions if one.reduces_taxable and terms.default is not None)
    return computed.summary.current_payment_due - money.total(reducing, computed.currency)


def withholding(
    payment: Decimal,
    materials: Decimal | None,
    terms: CisTerms,
    currency: str,
    mode: Rounding = Rounding.HALF_UP,
) -> Withholding:
    """The deduction of the Construction Industry Scheme: the rate on the payment without VAT less materials (CIS 340).

    Materials of more than the payment leave nothing to deduct from; they never turn the deduction round. A negative
    payment takes back what was deducted of it.
    """
    nothing = money.zero(currency)
    least, most = min(payment, nothing), max(payment, nothing)
    base = min(max(payment - (materials or nothing), least), most)
    amount = money.percent_of(base, terms.rate, currency, mode)
    return Withholding(terms=terms, payment=payment, materials=materials, base=base, amount=amount)


@dataclass(frozen=True, kw_only=True)
class Taxed:
    """Everything about tax on one pay application, and what is payable with it."""

    lines: tuple[TaxLine, ...] = ()
    withholding: Withholding | None = None
    payable: Decimal


def taxed(
    computed: Bill,
    deductions: Sequence[Deduction],
    terms: TaxTerms,
    mode: Rounding = Rounding.HALF_UP,
    materials: Decimal | None = None,
) -> Taxed:
    """The tax of a bill and what is payable: current payment due + tax charged - tax withheld - all deductions.

    Deductions leave the nine summary lines and the contract sum alone, whether they reduce the taxable value or not.
    `materials`: the cost of materials in this payment, where the Construction Industry Scheme asks for it.
    """
    currency = computed.currency
    lines = tax_lines(computed, deductions, terms, mode)
    held = None
    if terms.cis is not None:
        held = withholding(taxable_payment(computed, deductions, terms), materials, terms.cis, currency, mode)
    before_tax = billing.payable(computed, deductions)
    return Taxed(
        lines=lines,
        withholding=held,
        payable=before_tax + charged(lines, currency) - withheld(held, currency),
    )


def withheld(found: Withholding | None, currency: str) -> Decimal:
    """What is withheld; nothing where nothing has to be."""
    return money.zero(currency) if found is None else found.amount
