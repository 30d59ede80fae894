"""Tax on the net due: bases, rounding, reverse charge, credits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from batch.core import money
from batch.core.billing import bill
from batch.core.model import Basis, Bill, Deduction, LineAmounts
from batch.core.money import ZERO, Rounding
from batch.core.tax import (
    CisStatus,
    CisTerms,
    TaxCode,
    TaxKind,
    TaxRounding,
    TaxTerms,
    charged,
    tax_lines,
    taxable_payment,
    taxed,
    withholding,
)
from tests.core.builders import a_basis, a_line, after, amounts, terms
from tests.core.test_properties import RATES, STEPS, movement

VAT = TaxCode(code="VAT20", rate=Decimal(20))
LOW = TaxCode(code="VAT5", rate=Decimal(5))
GST = TaxCode(code="GST", rate=Decimal(10))
REVERSE = TaxCode(code="DRC", rate=Decimal(20), kind=TaxKind.REVERSE_CHARGE)
LINES = (a_line("L1", "98765.43"), a_line("C1", "-4321.99", change_order="CO-1"))


def billed(values: Mapping[str, LineAmounts], retainage: str = "0", **changes: object) -> tuple[Basis, Bill]:
    """A bill on lines that are worth a million each."""
    lines = tuple(a_line(key, "1000000.00") for key in values)
    basis = a_basis(lines=lines, retainage=terms(retainage), **changes)
    return basis, bill(basis, values)


def backcharge(amount: str, *, reduces: bool) -> Deduction:
    """A deduction, with or without an effect on tax."""
    return Deduction(
        number="BC-1", description="Clean-up", cost_code="", amount=Decimal(amount), reduces_taxable=reduces
    )


def test_by_line_and_on_total_differ_by_a_penny() -> None:
    """299.33, 179.33 and 99.34 at 20 % (S45): 115.61 by line, 115.60 on the total."""
    _, made = billed({"1": amounts("299.33"), "2": amounts("179.33"), "3": amounts("99.34")})
    found = {
        rounding: tax_lines(made, (), TaxTerms(default=VAT, rounding=rounding))[0] for rounding in TaxRounding
    }
    assert found[TaxRounding.BY_LINE].tax == Decimal("115.61")
    assert found[TaxRounding.ON_TOTAL].tax == Decimal("115.60")
    assert found[TaxRounding.BY_LINE].base == Decimal("578.00")


def test_the_base_is_what_is_due_not_the_gross() -> None:
    """10 % of 1,000.00 is held, so 20 % tax is on 900.00; the release of it is taxed when it is due."""
    basis, first = billed({"1": amounts("1000.00")}, "10")
    (line,) = tax_lines(first, (), TaxTerms(default=VAT))
    assert (line.base, line.tax) == (Decimal("900.00"), Decimal("180.00"))
    released = bill(after(basis, first), {"1": amounts(release="100.00")})
    (line,) = tax_lines(released, (), TaxTerms(default=VAT))
    assert (line.base, line.tax) == (Decimal("100.00"), Decimal("20.00"))


def test_gst_on_the_net() -> None:
    """45,000.00 at 10 % (S44): 4,500.00 of tax, 49,500.00 to pay."""
    _, made = billed({"1": amounts("50000.00")}, "10")
    lines = tax_lines(made, (), TaxTerms(default=GST))
    assert charged(lines, "USD") == Decimal("4500.00")
    assert taxed(made, (), TaxTerms(default=GST)).payable == Decimal("49500.00")


def test_reverse_charge_is_shown_and_not_added() -> None:
    """72,500.00 due at 20 % (S41): 14,500.00 is shown; 87,000.00 with ordinary tax, 72,500.00 without."""
    _, made = billed({"1": amounts("72500.00")})
    ordinary, reverse = (taxed(made, (), TaxTerms(default=code)) for code in (VAT, REVERSE))
    assert ordinary.payable == Decimal("87000.00")
    assert reverse.lines[0].tax == Decimal("14500.00")
    assert charged(reverse.lines, "USD") == 0
    assert reverse.payable == Decimal("72500.00")


def test_a_credit_has_negative_tax() -> None:
    """Work taken back takes its tax back, rounded the same way."""
    _, made = billed({"1": amounts("-33.33")})
    (line,) = tax_lines(made, (), TaxTerms(default=VAT))
    assert line.tax == Decimal("-6.67")


def test_each_line_by_its_own_code() -> None:
    """A line with a code of its own is left out of the commitment's; without any code nothing is taxed."""
    _, made = billed({"1": amounts("100.00"), "2": amounts("200.00"), "3": amounts("50.00")})
    found = tax_lines(made, (), TaxTerms(default=VAT, by_line={"2": LOW, "3": REVERSE}))
    assert [(one.code.code, one.base, one.tax, one.charged) for one in found] == [
        ("VAT20", Decimal("100.00"), Decimal("20.00"), True),
        ("VAT5", Decimal("200.00"), Decimal("10.00"), True),
        ("DRC", Decimal("50.00"), Decimal("10.00"), False),
    ]
    assert tax_lines(made, (), TaxTerms()) == ()
    assert tax_lines(made, (), TaxTerms(by_line={"2": LOW}))[0].base == Decimal("200.00")


def test_a_deduction_is_after_tax_unless_it_reduces_the_taxable_value() -> None:
    """650.00 off 8,600.00: tax on 8,600.00 or on 7,950.00; what is payable loses 650.00 once in both cases."""
    _, made = billed({"1": amounts("8600.00")})
    after_tax, before_tax = (backcharge("650.00", reduces=reduces) for reduces in (False, True))
    whole, less = (taxed(made, (one,), TaxTerms(default=VAT)) for one in (after_tax, before_tax))
    assert (whole.lines[0].base, whole.payable) == (Decimal("8600.00"), Decimal("9670.00"))
    assert (less.lines[0].base, less.payable) == (Decimal("7950.00"), Decimal("9540.00"))
    assert taxable_payment(made, (before_tax,), TaxTerms(default=VAT)) == Decimal("7950.00")


def test_a_currency_without_cents_has_tax_without_cents() -> None:
    """33 % of 123,457 yen is 40,741."""
    _, made = billed({"1": amounts("123457")}, currency="JPY")
    assert tax_lines(made, (), TaxTerms(default=TaxCode(code="T", rate=Decimal(33))))[0].tax == Decimal(40741)


@given(
    steps=st.lists(STEPS, min_size=1, max_size=6),
    rate=RATES,
    held=RATES,
    rounding=st.sampled_from(TaxRounding),
    mode=st.sampled_from(Rounding),
    kind=st.sampled_from(TaxKind),
    off=st.integers(min_value=0, max_value=5_000_000),
)
def test_tax_ties_for_any_sequence_of_bills(
    steps: list[list[tuple[int, int, int]]],
    rate: Decimal,
    held: Decimal,
    rounding: TaxRounding,
    mode: Rounding,
    kind: TaxKind,
    off: int,
) -> None:
    """Bases add up to what is due, tax is within half a cent a part of the exact one, and payable is made of its parts."""
    terms_of_tax = TaxTerms(default=TaxCode(code="T", rate=rate, kind=kind), rounding=rounding)
    deduction = Deduction(
        number="1", description="", cost_code="", amount=money.from_minor(off, "USD"), reduces_taxable=True
    )
    basis = a_basis(lines=LINES, retainage=terms(str(held)), rounding=mode)
    bases = ZERO
    for shares in steps:
        made = bill(basis, movement(basis, shares, release=True))
        result = taxed(made, (deduction,), terms_of_tax, mode)
        lines = result.lines
        base = money.total((one.base for one in lines), "USD")
        assert base == taxable_payment(made, (deduction,), terms_of_tax)
        bases += base + deduction.amount
        for one in lines:
            exact = Fraction(one.base) * Fraction(rate) / 100
            parts = len(one.parts) if rounding is TaxRounding.BY_LINE else 1
            assert abs(Fraction(one.tax) - exact) <= Fraction(parts, 200)
        added = charged(lines, "USD")
        assert added == (sum((one.tax for one in lines), ZERO) if kind is TaxKind.CHARGED else 0)
        due = made.summary.current_payment_due
        assert result.payable == due + added - deduction.amount
        basis = after(basis, made)
    assert bases == basis.previous_certificates


def cis(payment: str, materials: str | None, rate: str = "20") -> tuple[Decimal, Decimal]:
    """Base and deduction of a payment with so much of materials in it."""
    found = withholding(
        Decimal(payment),
        None if materials is None else Decimal(materials),
        CisTerms(status=CisStatus.REGISTERED, rate=Decimal(rate)),
        "GBP",
    )
    return found.base, found.amount


def test_cis_is_on_the_payment_less_materials() -> None:
    """72,500.00 with 22,500.00 of materials at 20 % (S41): 10,000.00 of 50,000.00; without the figure, of all of it."""
    assert cis("72500.00", "22500.00") == (Decimal("50000.00"), Decimal("10000.00"))
    assert cis("72500.00", "22500.00", "30") == (Decimal("50000.00"), Decimal("15000.00"))
    assert cis("72500.00", "22500.00", "0") == (Decimal("50000.00"), Decimal("0.00"))
    assert cis("72500.00", None) == (Decimal("72500.00"), Decimal("14500.00"))


def test_materials_never_turn_the_deduction_round() -> None:
    """Materials above the payment leave nothing to deduct from; a credit takes back what was deducted of it."""
    assert cis("100.00", "100.01") == (Decimal("0.00"), Decimal("0.00"))
    assert cis("-100.00", None) == (Decimal("-100.00"), Decimal("-20.00"))
    assert cis("33.33", "0.01") == (Decimal("33.32"), Decimal("6.66"))


@given(
    payment=st.integers(min_value=-(10**9), max_value=10**9),
    materials=st.none() | st.integers(min_value=0, max_value=10**9),
    rate=RATES,
)
def test_cis_never_deducts_more_than_its_rate(payment: int, materials: int | None, rate: Decimal) -> None:
    """The deduction has the sign of the payment and is at most the rate on it, to half a penny."""
    due = money.from_minor(payment, "GBP")
    spent = None if materials is None else money.from_minor(materials, "GBP")
    found = withholding(due, spent, CisTerms(status=CisStatus.UNREGISTERED, rate=rate), "GBP")
    assert found.amount * due >= 0
    assert abs(Fraction(found.amount)) <= abs(Fraction(due)) * Fraction(rate) / 100 + Fraction(1, 200)


def test_vat_and_cis_of_one_payment() -> None:
    """S41: 62,500.00 in cash under reverse charge; under ordinary VAT 14,500.00 more. VAT is on the whole payment."""
    _, made = billed({"1": amounts("72500.00")}, currency="GBP")
    terms_of_cis = CisTerms(status=CisStatus.REGISTERED, rate=Decimal(20))
    cash = {
        code.code: taxed(made, (), TaxTerms(default=code, cis=terms_of_cis), materials=Decimal("22500.00"))
        for code in (VAT, REVERSE)
    }
    assert cash["DRC"].payable == Decimal("62500.00")
    assert cash["VAT20"].payable == Decimal("77000.00")
    assert cash["DRC"].lines[0].tax == Decimal("14500.00")
