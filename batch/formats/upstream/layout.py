"""Sheets and columns of the client application. Headings hold `{words}` of `formats/terms.py`."""

from __future__ import annotations

from batch.formats.table import Column

SUMMARY, LINES, MAPPING, EXCEPTIONS, SOURCES = "Summary", "Lines", "Mapping", "Exceptions", "Sources"


def _column(key: str, heading: str, width: float, kind: str = "text", *, hidden: bool = False) -> Column:
    return Column(key=key, heading=heading, width=width, kind=kind, hidden=hidden)


LINE_COLUMNS = (
    _column("line_key", "#heading", 10, hidden=True),
    _column("item", "Item", 8),
    _column("description", "Description", 38, "wrap"),
    _column("scheduled_value", "Scheduled value", 15, "amount"),
    _column("work_previous", "Work billed before", 15, "amount"),
    _column("work_this_period", "Work this period", 15, "amount"),
    _column("materials_stored", "{Stored_materials} now", 15, "amount"),
    _column("from_earlier", "Billed now for earlier periods", 15, "amount"),
    _column("completed_and_stored", "Total to date", 15, "amount"),
    _column("percent_complete", "% of value", 10, "percent"),
    _column("balance_to_finish", "Left to bill", 15, "amount"),
    _column("released", "{Retainage} released now", 15, "amount"),
    _column("retainage", "{Retainage} held", 15, "amount"),
)
MAPPING_COLUMNS = (
    _column("line_key", "#heading", 10, hidden=True),
    _column("application", "Application", 16),
    _column("vendor", "Vendor", 30, "wrap"),
    _column("commitment_line", "Line", 9),
    _column("description", "Description", 40, "wrap"),
    _column("cost_code", "{Cost_code}", 13),
    _column("earlier", "Period", 10),
    _column("work", "Work this period", 15, "amount"),
    _column("stored", "Change of {stored_materials}", 17, "amount"),
    _column("gross", "Billed this period", 15, "amount"),
)
SOURCE_COLUMNS = (
    _column("application", "Application", 16),
    _column("commitment", "Commitment", 14),
    _column("vendor", "Vendor", 32, "wrap"),
    _column("revision", "Revision", 10, "number"),
    _column("state", "Status", 20),
    _column("gross", "Billed this period", 15, "amount"),
    _column("sha256", "SHA-256 of the document", 70),
)
#: Only where something was converted from a foreign currency.
EXCHANGE_COLUMN = _column("exchange", "Converted from", 44)
#: Only where a cost code is split between client lines.
SHARE_COLUMN = _column("share", "Share of the line", 16)
#: Only where an earlier client application billed more than the client certified.
AGAIN_COLUMN = _column("again", "Not certified before", 15, "amount")
#: The lines of the summary by key: number shown in front, and label. Own wording, none of a published form.
SUMMARY_LABELS = {
    "original_contract_sum": ("1", "Original contract"),
    "net_change_orders": ("2", "Approved {change_order}s"),
    "contract_sum_to_date": ("3", "Contract to date (1 + 2)"),
    "total_completed_and_stored": ("4", "Work and {stored_materials} to date"),
    "retainage_work": ("5a", "{Retainage} on work"),
    "retainage_stored": ("5b", "{Retainage} on {stored_materials}"),
    "retainage_total": ("5", "{Retainage} held (5a + 5b)"),
    "total_earned_less_retainage": ("6", "Earned after {retainage} (4 - 5)"),
    "previous_certificates": ("7", "Certified before"),
    "current_payment_due": ("8", "Payment due now (6 - 7)"),
    "balance_to_finish": ("9", "Left to pay, {retainage} included"),
    "gross_this_period": ("", "Billed this period before {retainage}"),
    "earlier_total": ("", "Of that, for earlier periods"),
}
#: Columns of 'Lines' that are added up.
SUMMED = (
    "scheduled_value",
    "work_previous",
    "work_this_period",
    "materials_stored",
    "from_earlier",
    "completed_and_stored",
    "balance_to_finish",
    "released",
    "retainage",
)
