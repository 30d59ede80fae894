"""The record every ERP file is made from: one bill per approved pay application.

Gross and retainage are both kept, so that a target may show them its own way: as a column beside the gross,
or as a negative line under it. Retainage is negative when more is released than withheld.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from batch.core.money import ZERO, MoneyError, amount, plain, total

#: The cost code hash keeps this many digits, as the entry hash of an ACH file does (Nacha rules, file control
#: record).
HASH_DIGITS = 10


class Side(StrEnum):
    """Which ledger a document goes to. Only bills of vendors are written so far."""

    PAYABLE = "payable"


@dataclass(frozen=True, kw_only=True)
class CanonicalLine:
    """One commitment line of a bill. `gross`: work this period plus the change in stored materials.
    `retainage`: withheld less released this period. `category` is the ERP's cost type, '' when there is none.
    """

    line_key: str
    item: str
    description: str
    cost_code: str
    gross: Decimal
    retainage: Decimal
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class CanonicalDeduction:
    """One backcharge, with a cost code of its own. `amount` is positive: it is taken off what is payable."""

    number: str
    description: str
    cost_code: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CanonicalTax:
    """The tax of one code. `charged`: it is part of payable; else it is a reverse charge, which the buyer accounts for.

    `rate` is in percent; `base` is what it was worked out on.
    """

    code: str
    description: str
    rate: Decimal
    charged: bool
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CanonicalExchange:
    """The rate that was fixed at approval, for a bill in another currency than its project's: one unit of the bill's
    currency is `rate` units of `currency`. `payable` is what that makes of the payable.
    """

    currency: str
    rate: Decimal
    dated_on: date
    payable: Decimal


@dataclass(frozen=True, kw_only=True)
class CanonicalPayment:
    """One payment of a bill: to the vendor and a joint payee together, or ('' twice) to the vendor alone.

    `joint_check` is the number of the agreement.
    """

    amount: Decimal
    joint_check: str = ""
    joint_payee: str = ""


@dataclass(frozen=True, kw_only=True)
class CanonicalBill:
    """One document to post. Amounts in `currency`; dates are calendar dates of the project.

    `payments`: how payable is split where a joint check takes part of it; () where the vendor is paid alone.
    `net` is the current payment due (gross less retainage); `deducted` the total of the deductions; `tax`
    what is charged of the `taxes`; `payable` is net plus tax less what is withheld as tax, less deducted.
    They are stated by the approved application and compared with the lines by `problems_of`. `vendor_erp` is
    the vendor's name or number in the ERP, '' when it is the same as ours. `customer` is the client's name,
    used by programs that file a job under its customer. `reverses` is the number of the document that this one takes
    back, '' for any other.
    """

    company: str
    vendor_number: str
    vendor_name: str
    vendor_erp: str = ""
    document_number: str
    document_revision: int
    application: str
    application_number: int
    commitment: str
    project: str
    job: str
    customer: str = ""
    invoice_date: date
    due_date: date | None = None
    period_from: date
    period_to: date
    currency: str
    gross: Decimal
    retainage: Decimal
    net: Decimal
    deducted: Decimal
    payable: Decimal
    lines: tuple[CanonicalLine, ...]
    deductions: tuple[CanonicalDeduction, ...] = ()
    tax: Decimal = ZERO
    tax_withheld: Decimal = ZERO
    taxes: tuple[CanonicalTax, ...] = ()
    exchange: CanonicalExchange | None = None
    payments: tuple[CanonicalPayment, ...] = ()
    side: Side = Side.PAYABLE
    accounting_date: date | None = None
    reverses: str = ""

    @property
    def posted_on(self) -> date:
        """The accounting date; that of the document where no other was set."""
        return self.accounting_date or self.invoice_date

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit transaction: it takes something off what is owed. Never written as a negative bill."""
        return self.payable < 0 or (self.payable == 0 and bool(self.reverses))

    @property
    def type(self) -> str:
        """`bill` or `credit`."""
        return "credit" if self.is_credit else "bill"


@dataclass(frozen=True, kw_only=True)
class Control:
    """What a batch adds up to. Amounts in `currency`.

    `cost_code_hash`: the digits of each line's cost code read as one number, added up, last ten digits. A
    line that went to another code changes it although no amount did.
    """

    currency: str
    documents: int
    lines: int
    gross: Decimal
    retainage: Decimal
    net: Decimal
    deducted: Decimal
    tax: Decimal
    tax_withheld: Decimal
    payable: Decimal
    cost_code_hash: str


@dataclass(frozen=True, kw_only=True)
class BatchProblem:
    """Why a document or a file cannot be used. `document` or `file` says which; `sentence` is for the
    bookkeeper.
    """

    code: str
    sentence: str
    document: str = ""
    file: str = ""
    found: str = ""
    expected: str = ""


def document_number(invoice_number: str, commitment: str, application_number: int) -> str:
    """The number a bill is posted under: the vendor's own invoice number, else commitment and application
    number.
    """
    return invoice_number.strip() or f"{commitment}-{application_number}"


def control_of(bills: Sequence[CanonicalBill]) -> Control:
    """The control totals of bills of one currency. Raises ValueError for none or for several."""
    currencies = {bill.currency for bill in bills}
    if len(currencies) != 1:
        raise ValueError(f"control totals need one currency, not {sorted(currencies)}")
    (currency,) = currencies
    return Control(
        currency=currency,
        documents=len(bills),
        lines=sum(len(bill.lines) for bill in bills),
        gross=total((bill.gross for bill in bills), currency),
        retainage=total((bill.retainage for bill in bills), currency),
        net=total((bill.net for bill in bills), currency),
        deducted=total((bill.deducted for bill in bills), currency),
        tax=total((bill.tax for bill in bills), currency),
        tax_withheld=total((bill.tax_withheld for bill in bills), currency),
        payable=total((bill.payable for bill in bills), currency),
        cost_code_hash=cost_code_hash(line.cost_code for bill in bills for line in bill.lines),
    )


def cost_code_hash(codes: Iterable[str]) -> str:
    """The sum of the codes' digits read as numbers ('03-3000' is 33000), its last ten digits, with leading
    zeros.
    """
    figures = (int("".join(sign for sign in code if sign in "0123456789") or "0") for code in codes)
    return f"{sum(figures) % 10**HASH_DIGITS:0{HASH_DIGITS}d}"


def problems_of(bill: CanonicalBill) -> tuple[BatchProblem, ...]:
    """Everything that stops one bill from being posted, whatever the target; () when it is fine."""
    inexact = tuple(_inexact(bill))
    sums = () if inexact else tuple(_sums(bill))
    return (*_missing(bill), *inexact, *sums, *_dates(bill), *_line_faults(bill))


def problems_between(bills: Sequence[CanonicalBill]) -> tuple[BatchProblem, ...]:
    """What stops bills from standing in one batch: none at all, several companies or currencies, a document
    twice.
    """
    return (*_mixed(bills), *_repeated(bills))


def fault(bill: CanonicalBill, code: str, sentence: str, found: str = "", expected: str = "") -> BatchProblem:
    """A problem of one bill, named by its document number."""
    return BatchProblem(
        code=code, sentence=sentence, document=bill.document_number, found=found, expected=expected
    )


def _missing(bill: CanonicalBill) -> Iterator[BatchProblem]:
    needed = {
        "company": bill.company,
        "vendor number": bill.vendor_number,
        "document number": bill.document_number,
        "commitment": bill.commitment,
        "project": bill.project,
        "job": bill.job,
    }
    for name, value in needed.items():
        if not value.strip():
            yield fault(bill, "field-missing", f"The bill has no {name}.", expected=name)


def _amounts(bill: CanonicalBill) -> Iterator[tuple[str, Decimal]]:
    yield from (
        ("gross", bill.gross),
        ("retainage", bill.retainage),
        ("net", bill.net),
        ("deductions", bill.deducted),
        ("tax", bill.tax),
        ("tax withheld", bill.tax_withheld),
        ("payable", bill.payable),
    )
    for line in bill.lines:
        yield from (
            (f"gross of line {line.item}", line.gross),
            (f"retainage of line {line.item}", line.retainage),
        )
    yield from ((f"deduction {deduction.number}", deduction.amount) for deduction in bill.deductions)
    yield from ((f"tax {tax.code}", tax.amount) for tax in bill.taxes)
    yield from ((f"payment {each.joint_check}", each.amount) for each in bill.payments)


def _inexact(bill: CanonicalBill) -> Iterator[BatchProblem]:
    for name, value in _amounts(bill):
        try:
            amount(value, bill.currency)
        except MoneyError as error:
            yield fault(
                bill,
                "amount-inexact",
                f"The {name} is not an amount in {bill.currency}: {error}.",
                str(value),
            )


def _sums(bill: CanonicalBill) -> Iterator[BatchProblem]:
    """Bills whose own figures do not tie. Recomputed from the lines, as a reader of the file would."""
    gross = total((line.gross for line in bill.lines), bill.currency)
    retainage = total((line.retainage for line in bill.lines), bill.currency)
    deducted = total((deduction.amount for deduction in bill.deductions), bill.currency)
    charged = total((tax.amount for tax in bill.taxes if tax.charged), bill.currency)
    payable = bill.net + bill.tax - bill.tax_withheld - bill.deducted
    paid = total((each.amount for each in bill.payments), bill.currency)
    checks = (
        ("gross", bill.gross, gross, "its lines add up to"),
        ("retainage", bill.retainage, retainage, "its lines add up to"),
        ("net", bill.net, bill.gross - bill.retainage, "gross less retainage is"),
        ("total of deductions", bill.deducted, deducted, "its deductions add up to"),
        ("tax", bill.tax, charged, "its taxes add up to"),
        ("payable amount", bill.payable, payable, "net and tax less deductions are"),
        *([("payable amount", bill.payable, paid, "its payments add up to")] if bill.payments else ()),
    )
    for name, stated, computed, why in checks:
        if stated != computed:
            found, expected = plain(stated, bill.currency), plain(computed, bill.currency)
            yield fault(
                bill, "total-mismatch", f"The {name} is {found}, but {why} {expected}.", found, expected
            )


def _dates(bill: CanonicalBill) -> Iterator[BatchProblem]:
    if bill.due_date is not None and bill.due_date < bill.invoice_date:
        yield fault(
            bill, "dates", "The bill is due before its own date.", str(bill.due_date), str(bill.invoice_date)
        )
    if bill.period_to < bill.period_from:
        yield fault(
            bill, "dates", "The period ends before it begins.", str(bill.period_to), str(bill.period_from)
        )


def _line_faults(bill: CanonicalBill) -> Iterator[BatchProblem]:
    for key, count in Counter(line.line_key for line in bill.lines).items():
        if count > 1:
            yield fault(bill, "line-repeated", f"Line {key} stands in the bill {count} times.", key)
    for line in bill.lines:
        if not line.cost_code.strip():
            yield fault(bill, "cost-code-missing", f"Line {line.item} ({line.description}) has no cost code.")
    if not any((*(line.gross or line.retainage for line in bill.lines), bill.deducted)):
        yield fault(bill, "nothing-to-post", "Every amount of the bill is zero, so there is nothing to post.")


def _mixed(bills: Sequence[CanonicalBill]) -> Iterator[BatchProblem]:
    if not bills:
        yield BatchProblem(code="batch-empty", sentence="There is no bill to write.")
    for name, values in (
        ("company", sorted({bill.company for bill in bills})),
        ("currency", sorted({bill.currency for bill in bills})),
    ):
        if len(values) > 1:
            sentence = f"One batch is of one {name}; these bills have {', '.join(values)}."
            yield BatchProblem(
                code="batch-mixed", sentence=sentence, found=", ".join(values), expected=f"one {name}"
            )


def _repeated(bills: Sequence[CanonicalBill]) -> Iterator[BatchProblem]:
    """A document number twice for one vendor; as against earlier batches, whatever its case."""
    seen = Counter((bill.vendor_number, bill.document_number.casefold()) for bill in bills)
    first = {
        (bill.vendor_number, bill.document_number.casefold()): bill.document_number
        for bill in reversed(bills)
    }
    for (vendor, folded), count in seen.items():
        if count > 1:
            number = first[vendor, folded]
            sentence = f"Vendor {vendor} has {count} bills with the number {number} in this batch."
            yield BatchProblem(
                code="document-repeated", sentence=sentence, document=number, found=str(count), expected="1"
            )
