"""Rows of the register about the company and its admins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from batch.core.model import (
    Permission,
)
from batch.formats.register.entries import Entry
from batch.formats.register.kinds import (
    Code,
    Currency,
    Email,
    Kind,
    MaybeAmount,
    MaybeCurrency,
    MaybeDay,
    Name,
    Text,
    Words,
    choose,
    column,
    parts,
    refuse,
)
from batch.formats.register.row import RegisterRow, must
from batch.formats.register.tax_rows import CisRegistered, CisUnregistered

EVERY_PROJECT = "*"


class Locale(StrEnum):
    """Where a project is: decides words and rules, never the currency."""

    US = "en-US"
    UK = "en-GB"
    AUSTRALIA = "en-AU"


LocaleChoice = Annotated[Locale, choose(Locale), Kind.CHOICE]


class CompanyRow(RegisterRow):
    """The company that receives the pay applications. Exactly one row."""

    name: Annotated[
        Name, column("Name", "Your company's name, as it stands on documents.", "Harbour Mechanical Inc.")
    ]
    legal_lines: Annotated[
        Words,
        column(
            "Legal lines",
            "Lines printed under the name, such as registration numbers. Semicolons between.",
            "License 88-1204",
        ),
    ] = Field(default_factory=list)
    address: Annotated[
        Text,
        column("Address", "Postal address. Line breaks are kept.", "12 Quay Street, Chicago, IL 60601"),
    ] = ""
    currency: Annotated[
        Currency, column("Currency", "Currency where nothing else is said, as a three-letter code.", "USD")
    ]
    locale: Annotated[
        LocaleChoice, column("Language", "Words and rules where a project says nothing else.", "en-US")
    ]
    sender_name: Annotated[
        Name,
        column("Sender name", "The name mails come from. Blank: the company's name.", "Harbour Billing"),
    ] = ""
    erp_company: Annotated[
        Code, column("ERP company", "Your company's code in the accounting system.", "01")
    ] = ""
    posting_from: Annotated[
        MaybeDay,
        column(
            "Posting from",
            "First day of the open accounting periods. What belongs to an earlier day is posted on it. Blank: none closed.",
            "2026-02-01",
        ),
    ] = None
    posting_to: Annotated[
        MaybeDay,
        column(
            "Posting to",
            "Last day of the open accounting periods. What belongs to a later day is not exported yet. Blank: none.",
            "2026-03-31",
        ),
    ] = None
    cis_registered: CisRegistered = Decimal(20)
    cis_unregistered: CisUnregistered = Decimal(30)

    @field_validator("posting_to")
    @classmethod
    def _ends_after_it_begins(cls, value: date | None, info: ValidationInfo) -> date | None:
        begins = info.data.get("posting_from")
        must(
            value is None or begins is None or value >= begins,
            "on or after 'Posting from'",
            "Posting ends before it begins.",
        )
        return value


class AdminRow(RegisterRow):
    """A person who may act for the company."""

    address: Annotated[
        Email,
        column("Email", "The address this admin writes from and is written to.", "pat@harbour.example"),
    ]
    name: Annotated[Name, column("Name", "First and last name.", "Pat Ellis")]
    projects: Annotated[
        Words,
        column("Projects", "Project numbers with commas between, or * for every project.", "26-014, 26-020"),
    ]
    may: Annotated[
        list[Permission],
        Kind.LIST,
        column(
            "May", "Any of: enter, approve, export, read. Commas between.", "enter, approve, export, read"
        ),
    ]
    limit: Annotated[
        MaybeAmount,
        column(
            "Approval limit", "Highest payment due this admin may approve. Blank: no limit.", "250,000.00"
        ),
    ] = None
    currency: Annotated[
        MaybeCurrency,
        column(
            "Limit currency",
            "Currency of the limit. Blank: the company's.",
            "USD",
            inherits="company.currency",
        ),
    ] = None

    @field_validator("projects")
    @classmethod
    def _all_or_some(cls, value: list[str]) -> list[str]:
        wide = {EVERY_PROJECT, "all", "all projects", "every project"}
        return [EVERY_PROJECT] if wide & {word.casefold() for word in value} else value

    @field_validator("may", mode="before")
    @classmethod
    def _permissions(cls, value: object) -> object:
        if not isinstance(value, Entry):
            return value
        words = {part.text.casefold() for part in parts(value)}
        unknown = sorted(words - set(Permission))
        if unknown:
            refuse(
                "any of: enter, approve, export, read",
                f'"{unknown[0]}" is none of: enter, approve, export, read.',
            )
        return [member for member in Permission if member.value in words]

    @field_validator("limit")
    @classmethod
    def _not_negative(cls, value: object) -> object:
        must(value is None or value >= 0, "0 or more", "A limit cannot be negative.")  # type: ignore[operator]
        return value
