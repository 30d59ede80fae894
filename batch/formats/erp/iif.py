"""Bills for QuickBooks Desktop as an IIF file (File > Utilities > Import > IIF).

Rules, from Intuit's IIF help and from published exporters: TAB between fields, CRLF, Windows-1252, no
quoting, rows follow the columns named by the `!` rows; debit is positive and credit negative, and every block
adds up to 0.00. A bill credits accounts payable with what is to be paid; each line debits the cost account;
retainage is a line of its own that credits a liability. The same arithmetic with the signs turned round is a
BILL REFUND, which is how a credit is entered. IIF says nothing of the currency, and QuickBooks does not
notice when the same file is imported twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from batch.core.money import plain, zero
from batch.formats.erp.canonical import BatchProblem, CanonicalBill, fault
from batch.formats.erp.iif_text import ENCODING, field_text, loses, short_number

BILLS_IIF = "bills.iif"
#: The longest vendor name, customer:job and class that QuickBooks keeps (qbXML schema, US edition).
LONGEST_VENDOR, LONGEST_JOB, LONGEST_CLASS = 41, 209, 159
LONGEST_MEMO = 4095
TRNS = (
    "TRNSID", "TRNSTYPE", "DATE", "ACCNT", "NAME", "CLASS", "AMOUNT", "DOCNUM", "MEMO", "CLEAR", "TOPRINT",
    "DUEDATE", "TERMS",
)  # fmt: skip
SPL = ("SPLID", "TRNSTYPE", "DATE", "ACCNT", "NAME", "CLASS", "AMOUNT", "DOCNUM", "MEMO", "CLEAR", "REIMBEXP")
BILL, REFUND = "BILL", "BILL REFUND"


@dataclass(frozen=True, kw_only=True)
class IifSettings:
    """Account names as they stand in the company file. They must differ, so that a file can be added up
    again.

    `use_classes`: write the cost code as the class of each line. `two_digit_year`: write dates as MM/DD/YY.
    """

    accounts_payable: str = "Accounts Payable"
    work: str = "Subcontractors"
    retainage: str = "Retainage Payable"
    deductions: str = "Backcharges"
    terms: str = ""
    use_classes: bool = True
    two_digit_year: bool = False

    @property
    def accounts(self) -> dict[str, str]:
        """The accounts by what they are for, as the file writes them."""
        return {
            "accounts_payable": field_text(self.accounts_payable),
            "work": field_text(self.work),
            "retainage": field_text(self.retainage),
            "deductions": field_text(self.deductions),
        }


@dataclass(frozen=True, kw_only=True)
class _Split:
    account: str
    cost_code: str
    amount: Decimal
    memo: str


def write_iif(bills: Sequence[CanonicalBill], settings: IifSettings) -> dict[str, bytes]:
    """`bills.iif` with one block per bill. The bills must have passed `problems_for_iif`."""
    rows = [("!TRNS", *TRNS), ("!SPL", *SPL), ("!ENDTRNS",)]
    for bill in bills:
        rows.extend(_block(bill, settings))
    text = "".join("\t".join(row) + "\r\n" for row in rows)
    return {BILLS_IIF: text.encode(ENCODING)}


def written_number(bill: CanonicalBill) -> str:
    """The document number as the file has it: at most 20 characters, none that IIF cannot hold."""
    return short_number(bill.document_number)


def problems_for_iif(bills: Sequence[CanonicalBill], settings: IifSettings) -> tuple[BatchProblem, ...]:
    """What QuickBooks would refuse or take for something else: names too long or not writable, numbers that
    meet after shortening, accounts that are missing or the same.
    """
    return (
        *_account_faults(settings),
        *(
            each
            for bill in bills
            for each in (*_tax_faults(bill), *_currency_faults(bill), *_name_faults(bill))
        ),
        *_meeting(bills),
    )


def vendor_of(bill: CanonicalBill) -> str:
    """The vendor's name in QuickBooks: its name in the ERP, else its number."""
    return bill.vendor_erp.strip() or bill.vendor_number


def job_of(bill: CanonicalBill) -> str:
    """The job as QuickBooks names it: `customer:job`, or the job alone when there is no customer."""
    return f"{bill.customer}:{bill.job}" if bill.customer.strip() else bill.job


def _block(bill: CanonicalBill, settings: IifSettings) -> Iterator[tuple[str, ...]]:
    kind = REFUND if bill.is_credit else BILL
    day = _date(bill.posted_on, settings)
    due = _date(bill.due_date, settings) if bill.due_date else ""
    number = written_number(bill)
    account, vendor = field_text(settings.accounts_payable), field_text(vendor_of(bill))
    owed = plain(-bill.payable, bill.currency)
    terms = field_text(settings.terms)
    yield (
        "TRNS",
        "",
        kind,
        day,
        account,
        vendor,
        "",
        owed,
        number,
        _memo(_about(bill)),
        "N",
        "N",
        due,
        terms,
    )
    for split in _splits(bill, settings):
        cost_class = field_text(split.cost_code) if settings.use_classes else ""
        value, job = plain(split.amount, bill.currency), field_text(job_of(bill))
        account, memo = field_text(split.account), _memo(split.memo)
        # NOTHING keeps the cost from being billed to the customer once more.
        yield ("SPL", "", kind, day, account, job, cost_class, value, number, memo, "N", "NOTHING")
    yield ("ENDTRNS",)


def _splits(bill: CanonicalBill, settings: IifSettings) -> Iterator[_Split]:
    for line in bill.lines:
        if line.gross:
            memo = f"{bill.commitment} line {line.item} {line.description}"
            yield _Split(account=settings.work, cost_code=line.cost_code, amount=line.gross, memo=memo)
    for cost_code, retainage in _retainage_by_class(bill, settings).items():
        if retainage:
            released = "Retainage taken back" if bill.gross < 0 else "Retainage released"
            memo = "Retainage withheld" if retainage > 0 else released
            yield _Split(account=settings.retainage, cost_code=cost_code, amount=-retainage, memo=memo)
    for each in bill.deductions:
        memo = f"Deduction {each.number} {each.description}"
        yield _Split(account=settings.deductions, cost_code=each.cost_code, amount=-each.amount, memo=memo)


def _retainage_by_class(bill: CanonicalBill, settings: IifSettings) -> dict[str, Decimal]:
    # One retainage line per class, or reports by class would not show what is held; one in all without
    # classes.
    held: dict[str, Decimal] = {}
    for line in bill.lines:
        key = line.cost_code if settings.use_classes else ""
        held[key] = held.get(key, zero(bill.currency)) + line.retainage
    return held


def _about(bill: CanonicalBill) -> str:
    memo = f"{bill.commitment} pay application {bill.application_number}"
    if bill.reverses:
        memo = f"Reversal of {bill.reverses}: {memo}"
    if written_number(bill) != bill.document_number:
        memo = f"{memo}, invoice {bill.document_number}"
    return "; ".join((memo, *_joint(bill)))


def _joint(bill: CanonicalBill) -> Iterator[str]:
    """A bill has one vendor, and a check to two payees is made out by hand: the memo says which."""
    for each in bill.payments:
        if each.joint_payee:
            amount = plain(each.amount, bill.currency)
            yield f"joint check {each.joint_check}: {amount} with {each.joint_payee}"


def _memo(text: str) -> str:
    return field_text(text)[:LONGEST_MEMO]


def _date(day: date, settings: IifSettings) -> str:
    return day.strftime("%m/%d/%y" if settings.two_digit_year else "%m/%d/%Y")


def _account_faults(settings: IifSettings) -> Iterator[BatchProblem]:
    for purpose, count in Counter(settings.accounts.values()).items():
        if not purpose:
            yield BatchProblem(code="account-missing", sentence="An account name for QuickBooks is empty.")
        elif count > 1:
            sentence = f"The account {purpose} is set for {count} purposes; each needs an account of its own."
            yield BatchProblem(code="account-repeated", sentence=sentence, found=purpose)


def _name_faults(bill: CanonicalBill) -> Iterator[BatchProblem]:
    classes = {*(line.cost_code for line in bill.lines), *(each.cost_code for each in bill.deductions)}
    names = [
        ("vendor name", vendor_of(bill), LONGEST_VENDOR),
        ("customer and job", job_of(bill), LONGEST_JOB),
    ]
    names += [("class (cost code)", code, LONGEST_CLASS) for code in sorted(classes)]
    for what, name, longest in names:
        if len(field_text(name)) > longest:
            sentence = f"The {what} {name} has more than the {longest} characters QuickBooks keeps."
            yield fault(bill, "name-too-long", sentence, str(len(name)), str(longest))
        if loses(name):
            sentence = f"The {what} {name} has letters an IIF file cannot hold; give its name in the ERP."
            yield fault(bill, "name-not-writable", sentence, name)
    for what, name in (("vendor name", vendor_of(bill)), ("customer name", bill.customer)):
        if ":" in name:
            sentence = f"The {what} {name} has a colon, which QuickBooks reads as a level of a list."
            yield fault(bill, "name-colon", sentence, name)
    if loses(bill.document_number):
        sentence = f"The document number {bill.document_number} has letters an IIF file cannot hold."
        yield fault(bill, "number-not-writable", sentence, bill.document_number)


def _tax_faults(bill: CanonicalBill) -> Iterator[BatchProblem]:
    """An IIF bill has no column for tax: as a plain line it would be in no tax return, so it is not written."""
    if bill.tax_withheld or any(each.amount for each in bill.taxes):
        sentence = (
            f"The bill {bill.document_number} carries tax, which an IIF file cannot say. "
            "Export it as csv or json, and enter it with its tax code."
        )
        yield fault(bill, "tax-not-writable", sentence, plain(bill.tax, bill.currency))


def _currency_faults(bill: CanonicalBill) -> Iterator[BatchProblem]:
    """IIF has no column for the currency: QuickBooks would post foreign amounts as if they were its own."""
    if bill.exchange is not None:
        sentence = (
            f"The bill {bill.document_number} is in {bill.currency}, its project in {bill.exchange.currency}, and an "
            "IIF file cannot say the currency. Export it as csv or json, and enter it by hand."
        )
        yield fault(bill, "currency-not-writable", sentence, bill.currency, bill.exchange.currency)


def _meeting(bills: Sequence[CanonicalBill]) -> Iterator[BatchProblem]:
    # QuickBooks tells neither letter case nor our other columns apart when a person looks for a number.
    seen = Counter((vendor_of(bill).casefold(), written_number(bill).casefold()) for bill in bills)
    for bill in bills:
        number = written_number(bill)
        if seen[vendor_of(bill).casefold(), number.casefold()] > 1:
            sentence = f"Two bills of {vendor_of(bill)} would have the number {number}."
            yield fault(bill, "number-repeated", sentence, number)
