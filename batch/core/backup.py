"""Documents that back a pay application: delivery tickets, photos, invoices for what is stored or for much work."""

from __future__ import annotations

from collections.abc import Iterator

from batch.core.findings import Finding, Severity
from batch.core.model import Basis, Bill
from batch.core.money import plain
from batch.core.settings import BackupPolicy

#: Findings that a document settles, whenever it comes.
SETTLED_BY_A_DOCUMENT = ("stored-no-backup", "work-no-backup")
_SEVERITIES = {BackupPolicy.BLOCK: Severity.RETURN, BackupPolicy.WARN: Severity.HOLD}


def without_backup(computed: Bill, basis: Basis) -> Iterator[Finding]:
    """What a bill that came without any document needs one for: each line with stored materials, and each with more work
    this period than the rule's amount. `found` is the amount, `expected` the limit on work. Nothing where the rule is off.
    """
    severity = _SEVERITIES.get(basis.backup.policy)
    if severity is None:
        return
    above, currency = basis.backup.above, basis.currency
    for row in computed.lines:
        if row.materials_stored:
            found = plain(row.materials_stored, currency)
            yield Finding(code="stored-no-backup", severity=severity, line=row.line.key, found=found)
        if above is not None and abs(row.work_this_period) > above:
            yield Finding(
                code="work-no-backup",
                severity=severity,
                line=row.line.key,
                found=plain(row.work_this_period, currency),
                expected=plain(above, currency),
            )
