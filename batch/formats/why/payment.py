"""Tax, what is withheld of a payment, and a sub's entries, in sentences."""

from __future__ import annotations

from batch.core.money import shown
from batch.core.tax import TaxLine, TaxRounding, Withholding
from batch.formats.terms import Terms


def tax_text(line: TaxLine, currency: str, words: Terms) -> str:
    """How the tax of one code came about: rate, base and rounding."""
    rule = "rounded on each line" if line.rounding is TaxRounding.BY_LINE else "rounded once on the total"
    return f"{line.code.rate:f} % of the taxable value {shown(line.base, currency)}, {rule}"


def tax_name(line: TaxLine, words: Terms) -> str:
    """What the tax of one code is called: its description, and whether it is paid."""
    name = line.code.description or f"{words['tax']} {line.code.rate:f} %"
    said = f"{name} (code {line.code.code})"
    return said if line.charged else f"{said}, reverse charge: shown and not paid"


def withheld_text(found: Withholding, currency: str) -> str:
    """How what is withheld under CIS came about."""
    materials = (
        f"less materials {shown(found.materials, currency)}"
        if found.materials is not None
        else "with no materials stated"
    )
    return (
        f"CIS {found.terms.rate:f} % ({found.terms.status.value}) of {shown(found.base, currency)}: the payment before "
        f"tax {shown(found.payment, currency)} {materials}"
    )
