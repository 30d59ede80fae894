"""Choices a project or a commitment makes where the trade leaves one. They stand in the register."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from batch.core.findings import Severity


class AfterChange(StrEnum):
    """What happens to a workbook that is out when the schedule of values moves and nothing came in yet.

    Either way a workbook of the old issue that comes back is taken over onto the new schedule.
    """

    ISSUE_AGAIN = "issue again"
    REBASE = "re-base"


class Policy(StrEnum):
    """What billing beyond a limit does: the sender gets it back, the admin decides, or it is only noted."""

    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"

    @property
    def severity(self) -> Severity:
        """Of a finding about it."""
        return _SEVERITIES[self]

    @property
    def strictness(self) -> int:
        """0 for the most lenient."""
        return (Policy.ALLOW, Policy.WARN, Policy.BLOCK).index(self)


_SEVERITIES = {
    Policy.BLOCK: Severity.RETURN,
    Policy.WARN: Severity.HOLD,
    Policy.ALLOW: Severity.NOTE,
}


@dataclass(frozen=True, kw_only=True)
class OverBilling:
    """What is done about more than a line's value, a change order's value, the contract sum to date, and the quantity
    of a unit price line.
    """

    line: Policy = Policy.BLOCK
    change_order: Policy = Policy.BLOCK
    contract: Policy = Policy.BLOCK
    quantity: Policy = Policy.BLOCK


BLOCKED = OverBilling()


class BackupPolicy(StrEnum):
    """What happens to a pay application without a document that backs it: it goes back, the admin decides, or nothing."""

    BLOCK = "block"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class BackupRule:
    """Stored materials need a document with them, and so does work of this period on a line above an amount, if any."""

    policy: BackupPolicy = BackupPolicy.OFF
    above: Decimal | None = None


NO_BACKUP = BackupRule()


class StoredMode(StrEnum):
    """What becomes of the balance of stored materials when the next application begins.

    Classic: it stays until the subcontractor bills it as work and lowers it. To previous: it counts as work of before,
    and what is entered is newly stored material only. To this period: it is filled in as work of this period, to
    which other work is added, and what is entered as stored is new.
    """

    CLASSIC = "classic"
    TO_PREVIOUS = "auto to previous"
    TO_THIS = "auto to this period"
