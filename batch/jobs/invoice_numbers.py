"""A vendor's invoice number that stands for another application already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from batch.core.findings import Finding, Severity
from batch.edges.store.rows import RowMapping

#: `applications` keeps so much of an invoice number.
LONGEST_INVOICE_NUMBER = 60
#: By number in lower case: commitment id and application number (None: from the opening balances).
UsedNumbers = Mapping[str, AbstractSet[tuple[int, int | None]]]


def repeated_number(
    invoice_number: str, used: UsedNumbers, invite: RowMapping, earlier: Sequence[RowMapping]
) -> list[Finding]:
    """A finding when the number was used for another application; revisions of the same one (`earlier`) may repeat it."""
    # Kept numbers are cut, so a longer one has to be cut before it is compared.
    number = invoice_number[:LONGEST_INVOICE_NUMBER].lower()
    own = {(invite["commitment_id"], row["number"]) for row in earlier if row["number"] is not None}
    # A number from the opening balances stands for no application, so it is never one's own.
    if not number or not used.get(number, set()) - own:
        return []
    return [Finding(code="invoice-number-repeated", severity=Severity.HOLD, found=invoice_number)]
