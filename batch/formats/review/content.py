"""What a review workbook is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from batch.core.exchange import Fixing
from batch.core.model import Basis, CommitmentType, LineAmounts
from batch.core.tax import TaxTerms


@dataclass(frozen=True, kw_only=True)
class ReviewApplication:
    """One application under review. Its figures are computed from `basis` and `claim`.

    `status` is the name people see. `received_at` is an aware instant. `flags` are its findings, each a
    sentence. `pending`: it waits for the client, and `claim` is what we approved. `answer_by`: the day
    by which it has to be answered, where there is one.
    `taxing`: how it would be taxed if it were approved now, with
    `materials` in the payment where tax is withheld from the rest. `fixing`: the exchange rate
    that an approval now would fix, where the commitment is in a foreign currency.
    """

    application_id: str
    revision: int
    commitment_type: CommitmentType
    basis: Basis
    claim: Mapping[str, LineAmounts]
    status: str
    received_at: datetime
    late: bool = False
    invoice_number: str = ""
    comment: str = ""
    flags: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    taxing: TaxTerms = field(default_factory=TaxTerms)
    materials: Decimal | None = None
    fixing: Fixing | None = None
    pending: bool = False
    answer_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class NotAnswered:
    """One commitment without an application. `state` is the invite's name people see; `note` what is known of
    it.
    """

    invite_id: str
    commitment_type: CommitmentType
    basis: Basis
    state: str
    due_at: datetime
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewException:
    """A message that waits for a person. `what` says in a sentence why."""

    number: str
    received_at: datetime
    sender: str
    subject: str
    what: str


@dataclass(frozen=True, kw_only=True)
class ReviewControl:
    """Two figures that must be the same, such as the ledger's certified sum and that of the applications."""

    label: str
    found: Decimal
    expected: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class ReviewContent:
    """Everything in one review workbook: one project, one billing period.

    `period` names the period for a reader; `time_zone` is the project's, for instants; `language` is a BCP 47
    tag.
    """

    project: str
    project_name: str
    period: str
    company: str
    currency: str
    time_zone: str = "UTC"
    language: str = "en-US"
    applications: tuple[ReviewApplication, ...] = ()
    not_answered: tuple[NotAnswered, ...] = ()
    exceptions: tuple[ReviewException, ...] = ()
    controls: tuple[ReviewControl, ...] = ()
