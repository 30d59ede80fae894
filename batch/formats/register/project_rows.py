"""Rows of the register about projects and their billing periods."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.model import (
    Cycle,
    InviteKind,
)
from batch.core.money import Rounding
from batch.core.settings import AfterChange, BackupPolicy, Policy
from batch.core.tax import TaxRounding
from batch.formats.register.company_rows import Locale, LocaleChoice
from batch.formats.register.kinds import (
    Clock,
    Code,
    Currency,
    Day,
    Days,
    Kind,
    MaybeAmount,
    MaybeDay,
    MaybeYesNo,
    Name,
    Offsets,
    Text,
    Whole,
    Zone,
    choose,
    column,
)
from batch.formats.register.payment_terms_rows import ClientPaymentTerms, ProjectPaymentTerms
from batch.formats.register.row import RegisterRow, in_order, must
from batch.formats.register.tax_rows import TaxRoundingChoice

CycleChoice = Annotated[Cycle, choose(Cycle), Kind.CHOICE]
RoundingChoice = Annotated[Rounding, choose(Rounding), Kind.CHOICE]
AfterChangeChoice = Annotated[AfterChange, choose(AfterChange), Kind.CHOICE]
BackupChoice = Annotated[BackupPolicy, choose(BackupPolicy), Kind.CHOICE]
PolicyChoice = Annotated[Policy, choose(Policy), Kind.CHOICE]
InviteKindChoice = Annotated[InviteKind, choose(InviteKind), Kind.CHOICE]


class ProjectRow(RegisterRow):
    """A project: its client, its place and how its billing periods are planned.

    Offsets are days from the last day of the period: -7 is a week before it, 2 is two days after it.
    """

    number: Annotated[Code, column("Number", "Your number of the project. It never changes.", "26-014")]
    name: Annotated[Name, column("Name", "The project's name.", "Lakeside Clinic")]
    client_name: Annotated[Name, column("Client", "Who you bill.", "Lakeside Health Trust")]
    location: Annotated[Text, column("Location", "Where the site is.", "Chicago, IL")] = ""
    time_zone: Annotated[Zone, column("Time zone", "IANA name of the site's time zone.", "America/Chicago")]
    currency: Annotated[
        Currency,
        column(
            "Currency",
            "Currency of the client contract. Blank: the company's.",
            "USD",
            inherits="company.currency",
        ),
    ]
    locale: Annotated[
        LocaleChoice,
        column("Language", "Words and rules. Blank: the company's.", "en-US", inherits="company.locale"),
    ]
    rounding: Annotated[
        RoundingChoice,
        column("Rounding", "How half a cent is rounded; half up is away from zero.", "half up"),
    ] = Rounding.HALF_UP
    tax_rounding: Annotated[
        TaxRoundingChoice,
        column(
            "Tax rounding", "By line: tax is rounded on each line. On total: once for each code.", "on total"
        ),
    ] = TaxRounding.ON_TOTAL
    cycle: Annotated[
        CycleChoice,
        column(
            "Cycle",
            "How billing periods follow each other. Custom: see the sheet Billing periods.",
            "monthly",
        ),
    ] = Cycle.MONTHLY
    first_start: Annotated[
        MaybeDay,
        Field(validate_default=True),
        column(
            "First period starts",
            "First day of the first billing period. Needed unless the cycle is custom.",
            "2026-01-01",
        ),
    ] = None
    end_day: Annotated[
        Whole,
        Field(validate_default=True),
        column(
            "Last day",
            "Monthly: 1 to 31, where 31 is the last day of any month. Weekly: 1 is Monday, 7 is Sunday.",
            "31",
        ),
    ] = 31
    invite_offset: Annotated[
        Whole,
        column("Invite on day", "Days from the last day of the period. -7 is a week before it.", "-7"),
    ] = -7
    reminder_offsets: Annotated[
        Offsets,
        Field(validate_default=True),
        column(
            "Remind on days",
            "Days from the last day of the period, commas between. A minus is before it.",
            "-2, 1",
        ),
    ] = Field(default_factory=lambda: [-2, 1])
    due_offset: Annotated[
        Whole,
        Field(validate_default=True),
        column("Due on day", "Days from the last day of the period.", "2"),
    ] = 2
    close_offset: Annotated[
        Whole,
        Field(validate_default=True),
        column("Close on day", "Days from the last day of the period. Later replies wait for you.", "5"),
    ] = 5
    invite_time: Annotated[
        Clock, column("Invite time", "Local time invites and reminders go out.", "08:00")
    ] = "08:00"
    due_time: Annotated[
        Clock, column("Due time", "Local time on the due day, and on the closing day.", "17:00")
    ] = "17:00"
    hold_answers: Annotated[
        MaybeYesNo,
        column(
            "Hold answers",
            "Yes: every answer to a pay application waits for you. Blank: no in en-US, else yes.",
            "no",
        ),
    ] = None
    client_first: Annotated[
        MaybeYesNo,
        column(
            "Client first",
            "Yes: what waits for the client's approval is not payable and not exported. Blank: yes in en-US, else no.",
            "no",
        ),
    ] = None
    payment_terms: ProjectPaymentTerms = None
    client_terms: ClientPaymentTerms = None
    default_invite_kind: Annotated[
        InviteKindChoice,
        column(
            "Invite for",
            "What an invite asks for: work, release of retainage, or both. Final is for single commitments.",
            "work",
        ),
    ] = InviteKind.WORK
    after_change: Annotated[
        AfterChangeChoice,
        column(
            "After a change",
            "When a change order or a correction comes after the invite: issue again, or re-base the reply.",
            "issue again",
        ),
    ] = AfterChange.ISSUE_AGAIN
    over_line: Annotated[
        PolicyChoice,
        column(
            "Over a line",
            "A line billed beyond its value: block sends it back, warn leaves it to you, allow only notes it.",
            "block",
        ),
    ] = Policy.BLOCK
    over_change_order: Annotated[
        PolicyChoice,
        column(
            "Over a change order",
            "The lines of a change order billed beyond its value. Says more only where it is stricter than a line's.",
            "block",
        ),
    ] = Policy.BLOCK
    over_contract: Annotated[
        PolicyChoice, column("Over the contract", "The total beyond the contract sum to date.", "block")
    ] = Policy.BLOCK
    over_quantity: Annotated[
        PolicyChoice,
        column(
            "Over a quantity",
            "A unit price line beyond its quantity. On a re-measurable line block leaves it to you, as warn does.",
            "block",
        ),
    ] = Policy.BLOCK
    backup: Annotated[
        BackupChoice,
        column(
            "Backup",
            "Stored materials without a document in the mail: block sends it back, warn leaves it to you.",
            "warn",
        ),
    ] = BackupPolicy.OFF
    backup_above: Annotated[
        MaybeAmount,
        column(
            "Backup above",
            "Work of a line in one period that needs a document too, when it is above this. Blank: none does.",
            "25,000.00",
        ),
    ] = None

    @field_validator("default_invite_kind")
    @classmethod
    def _not_the_last(cls, value: InviteKind) -> InviteKind:
        must(
            value is not InviteKind.FINAL,
            "work, release or both",
            "A final bill is asked of one commitment, on the sheet Commitments, not of a whole project.",
        )
        return value

    def values(self) -> dict[str, object]:
        """As for every row; where nothing is said, answers are held outside the US, and there the client's approval
        stops no payment.
        """
        held = self.locale is not Locale.US if self.hold_answers is None else self.hold_answers
        first = self.locale is Locale.US if self.client_first is None else self.client_first
        return {**super().values(), "hold_answers": held, "client_first": first}

    @field_validator("first_start")
    @classmethod
    def _needed(cls, value: date | None, info: ValidationInfo) -> date | None:
        custom = info.data.get("cycle") is Cycle.CUSTOM
        must(
            custom or value is not None,
            "a date such as 2026-01-01",
            "The first day of the first period is needed.",
        )
        return value

    @field_validator("end_day")
    @classmethod
    def _day_of_cycle(cls, value: int, info: ValidationInfo) -> int:
        cycle = info.data.get("cycle")
        if cycle is Cycle.WEEKLY:
            must(
                1 <= value <= 7,
                "1 (Monday) to 7 (Sunday)",
                "A weekly cycle ends on day 1 (Monday) to 7 (Sunday).",
            )
        must(1 <= value <= 31, "1 to 31", "A monthly cycle ends on day 1 to 31.")
        return value

    @field_validator("reminder_offsets")
    @classmethod
    def _after_invite(cls, value: list[int], info: ValidationInfo) -> list[int]:
        for offset in value:
            in_order("Remind on days", info, offset, "invite_offset")
        return value

    @field_validator("due_offset")
    @classmethod
    def _due_last(cls, value: int, info: ValidationInfo) -> int:
        in_order("Due on day", info, value, "invite_offset")
        latest = max(info.data.get("reminder_offsets") or [value])
        must(value >= latest, f"{latest} or later", "The due day comes before the last reminder.")
        return value

    @field_validator("close_offset")
    @classmethod
    def _close_last(cls, value: int, info: ValidationInfo) -> int:
        in_order("Close on day", info, value, "due_offset")
        return value


class CustomPeriodRow(RegisterRow):
    """One billing period of a project whose cycle is custom."""

    project: Annotated[Code, column("Project", "Number of the project.", "26-031")]
    number: Annotated[Whole, Field(ge=1), column("Period", "1 for the first, then 2, 3 and so on.", "1")]
    start_on: Annotated[Day, column("From", "First day of the period.", "2026-01-01")]
    end_on: Annotated[Day, column("To", "Last day of the period.", "2026-01-25")]
    billing_on: Annotated[
        Day, column("Billing date", "The date pay applications of this period carry.", "2026-01-25")
    ]
    invite_on: Annotated[Day, column("Invite on", "Day the invites go out.", "2026-01-20")]
    due_on: Annotated[Day, column("Due on", "Day pay applications are due.", "2026-01-27")]
    close_on: Annotated[Day, column("Close on", "Day after which replies wait for you.", "2026-01-30")]
    reminders: Annotated[
        Days, column("Remind on", "Days of reminders, commas between.", "2026-01-23, 2026-01-26")
    ] = Field(default_factory=list)

    @field_validator("end_on", "invite_on", "due_on", "close_on")
    @classmethod
    def _follows(cls, value: date, info: ValidationInfo) -> date:
        before = {
            "end_on": "start_on",
            "due_on": "invite_on",
            "close_on": "due_on",
            "invite_on": "start_on",
        }
        in_order(
            str(info.field_name).replace("_", " ").capitalize(), info, value, before[str(info.field_name)]
        )
        return value
