"""The sheets of the register workbook, in the order people see them, and the order in which an import takes
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from batch.formats.register import (
    client_opening_rows,
    client_rows,
    commitment_rows,
    company_rows,
    exchange_rows,
    money_rows,
    opening_rows,
    payment_rows,
    payment_terms_rows,
    project_rows,
    tax_rows,
)
from batch.formats.register.kinds import Column, Kind
from batch.formats.register.row import RegisterRow, choices_of, columns_of, kind_of

#: Natural key of a row: the values of its sheet's key fields. The company's is ('company',).
Key = tuple[object, ...]
STAMP_HEADING = "Row stamp (leave as it is)"
START_TITLE = "Start here"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Fields of a row that must be the key of a row of another sheet; `field` is where a fault is shown."""

    sheet: str
    fields: tuple[str, ...]

    @property
    def field(self) -> str:
        """The field that a person would correct."""
        return self.fields[-1]


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """One column: the field, what people see, its kind, whether it must be filled in, and the words it
    takes.
    """

    field: str
    shown: Column
    kind: Kind
    required: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet. `name` is the store's; `key` are its natural key fields.

    `whole`: rows with the same first key field and the same `whole` are taken together or not at all,
    because a part of them would give a wrong contract sum or a wrong balance.
    """

    title: str
    name: str
    model: type[RegisterRow]
    key: tuple[str, ...]
    intro: str
    references: tuple[Reference, ...] = ()
    whole: str = ""

    @cached_property
    def columns(self) -> tuple[SheetColumn, ...]:
        """The columns from left to right."""
        return tuple(
            SheetColumn(
                field=name,
                shown=shown,
                kind=kind_of(info),
                # A blank cell may take its value from another sheet; only a person's own entry is "required".
                required=info.is_required() and not shown.inherits,
                choices=choices_of(info),
            )
            for name, shown, info in columns_of(self.model)
        )

    def column(self, field: str) -> SheetColumn:
        """The column of a field. Raises KeyError when the sheet has none."""
        return {column.field: column for column in self.columns}[field]


_PROJECT = Reference(sheet="project", fields=("project",))
_COMMITMENT = Reference(sheet="commitment", fields=("commitment",))
_PAYMENT_TERMS = Reference(sheet="payment_terms", fields=("payment_terms",))
_TAX_CODE = Reference(sheet="tax_code", fields=("tax_code",))

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        title="Company",
        name="company",
        model=company_rows.CompanyRow,
        key=(),
        intro="Your own company. One row.",
    ),
    Sheet(
        title="Admins",
        name="admin",
        model=company_rows.AdminRow,
        key=("address",),
        intro="Who may enter, approve, export or read. One row for each person.",
        references=(Reference(sheet="project", fields=("projects",)),),
    ),
    Sheet(
        title="Projects",
        name="project",
        model=project_rows.ProjectRow,
        key=("number",),
        intro=(
            "One row for each project: where it is, who the client is, and when its billing periods begin"
            " and end."
        ),
        references=(_PAYMENT_TERMS, Reference(sheet="payment_terms", fields=("client_terms",))),
    ),
    Sheet(
        title="Billing periods",
        name="custom_period",
        model=project_rows.CustomPeriodRow,
        key=("project", "number"),
        intro=(
            "Only for projects whose cycle is custom: one row for each billing period. Other projects need"
            " nothing here."
        ),
        references=(_PROJECT,),
    ),
    Sheet(
        title="Tax codes",
        name="tax_code",
        model=tax_rows.TaxCodeRow,
        key=("code",),
        intro="Only where payments are taxed: one row for each tax and rate. Commitments and lines name them.",
    ),
    Sheet(
        title="Payment terms",
        name="payment_terms",
        model=payment_terms_rows.PaymentTermsRow,
        key=("code",),
        intro=(
            "Only where payments have dates to keep: when they are due, answered and paid. Projects and commitments name"
            " them."
        ),
    ),
    Sheet(
        title="Exchange rates",
        name="exchange_rate",
        model=exchange_rows.ExchangeRateRow,
        key=("from_currency", "to_currency", "dated_on"),
        intro=(
            "Only for commitments in another currency than their project: one row for each rate and date. An"
            " approval fixes the newest rate up to its own day."
        ),
    ),
    Sheet(
        title="Vendors",
        name="vendor",
        model=commitment_rows.VendorRow,
        key=("number",),
        intro="Subcontractors and suppliers. One row for each, whatever the number of its commitments.",
    ),
    Sheet(
        title="Commitments",
        name="commitment",
        model=commitment_rows.CommitmentRow,
        key=("number",),
        intro=(
            "Subcontracts and purchase orders. One row for each; the amounts stand in Schedule of values."
        ),
        references=(_PROJECT, Reference(sheet="vendor", fields=("vendor",)), _PAYMENT_TERMS, _TAX_CODE),
    ),
    Sheet(
        title="Contacts",
        name="contact",
        model=commitment_rows.ContactRow,
        key=("commitment", "address"),
        intro=(
            "Who is written to for each commitment. At least one contact who bills, or no invite can go out."
        ),
        references=(_COMMITMENT,),
    ),
    Sheet(
        title="Schedule of values",
        name="sov_line",
        model=money_rows.SovLineRow,
        key=("commitment", "line_key"),
        intro=(
            "The lines of each commitment. A line that names a change order belongs to it and counts once"
            " it is approved."
        ),
        references=(
            _COMMITMENT,
            Reference(sheet="change_order", fields=("commitment", "change_order")),
            _TAX_CODE,
        ),
        whole="schedule",
    ),
    Sheet(
        title="Change orders",
        name="change_order",
        model=money_rows.ChangeOrderRow,
        key=("commitment", "number"),
        intro="One row for each change order. Its amounts are lines of Schedule of values that name it.",
        references=(_COMMITMENT,),
        whole="schedule",
    ),
    Sheet(
        title="Client contract",
        name="client_contract",
        model=client_rows.ClientContractRow,
        key=("project",),
        intro=(
            "Your contract with the client of each project. One row for each project that you bill upward."
        ),
        references=(_PROJECT, _TAX_CODE),
    ),
    Sheet(
        title="Client change orders",
        name="client_change_order",
        model=client_rows.ClientChangeOrderRow,
        key=("project", "number"),
        intro=(
            "One row for each change order of a client contract. Its amounts are lines of Client schedule of"
            " values that name it."
        ),
        references=(Reference(sheet="client_contract", fields=("project",)),),
        whole="client schedule",
    ),
    Sheet(
        title="Client schedule of values",
        name="client_line",
        model=client_rows.ClientLineRow,
        key=("project", "line_key"),
        intro=(
            "The lines your client is billed by. A line that names a client change order counts once that is"
            " approved."
        ),
        references=(
            Reference(sheet="client_contract", fields=("project",)),
            Reference(sheet="client_change_order", fields=("project", "change_order")),
            _TAX_CODE,
        ),
        whole="client schedule",
    ),
    Sheet(
        title="Cost code mapping",
        name="cost_code_map",
        model=client_rows.CostCodeMapRow,
        key=("project", "cost_code", "client_line_key"),
        intro=(
            "Which client line takes the cost of which cost code. Cost without a line is listed as an"
            " exception. A cost code on several lines is split by percent, 100% in all."
        ),
        references=(_PROJECT, Reference(sheet="client_line", fields=("project", "client_line_key"))),
        whole="cost code mapping",
    ),
    Sheet(
        title="Client opening",
        name="client_opening",
        model=client_opening_rows.ClientOpeningRow,
        key=("project",),
        intro=(
            "Only for client contracts that were billed elsewhere before: where each stood. Refused unless it"
            " ties with its lines."
        ),
        references=(Reference(sheet="client_contract", fields=("project",)),),
        whole="client opening",
    ),
    Sheet(
        title="Client opening lines",
        name="client_opening_line",
        model=client_opening_rows.ClientOpeningLineRow,
        key=("project", "line_key"),
        intro="Only with Client opening: where each line of the client stood, to date.",
        references=(
            Reference(sheet="client_contract", fields=("project",)),
            Reference(sheet="client_line", fields=("project", "line_key")),
        ),
        whole="client opening",
    ),
    Sheet(
        title="Deductions",
        name="deduction",
        model=money_rows.DeductionRow,
        key=("commitment", "number"),
        intro="Backcharges. Each is taken off the next payment, apart from the contract sum.",
        references=(_COMMITMENT,),
    ),
    Sheet(
        title="Holds",
        name="hold",
        model=payment_rows.HoldRow,
        key=("number",),
        intro=(
            "What must not be paid now. An open hold keeps approved bills out of the files for the accounting"
            " system."
        ),
        references=(Reference(sheet="vendor", fields=("vendor",)), _COMMITMENT),
    ),
    Sheet(
        title="Joint checks",
        name="joint_check",
        model=payment_rows.JointCheckRow,
        key=("commitment", "number"),
        intro="Agreements to pay a vendor and a supplier of its together, up to an amount.",
        references=(_COMMITMENT,),
    ),
    Sheet(
        title="Opening balances",
        name="opening_commitment",
        model=opening_rows.OpeningCommitmentRow,
        key=("commitment",),
        intro=(
            "Only for commitments that were billed elsewhere before: where each stood. Refused unless it"
            " ties with its lines."
        ),
        references=(_COMMITMENT,),
        whole="opening",
    ),
    Sheet(
        title="Opening lines",
        name="opening_line",
        model=opening_rows.OpeningLineRow,
        key=("commitment", "line_key"),
        intro="Only with Opening balances: where each line stood, to date.",
        references=(_COMMITMENT, Reference(sheet="sov_line", fields=("commitment", "line_key"))),
        whole="opening",
    ),
    Sheet(
        title="Corrections",
        name="correction",
        model=money_rows.CorrectionRow,
        key=("commitment", "sheet", "row_key", "field", "dated_on", "new"),
        intro=(
            "After the first invite, values that decide money change only by a change order, or here with a"
            " date and a reason."
        ),
        references=(_COMMITMENT,),
    ),
)

BY_NAME: Mapping[str, Sheet] = {sheet.name: sheet for sheet in SHEETS}
BY_TITLE: Mapping[str, Sheet] = {sheet.title: sheet for sheet in SHEETS}
#: What a row refers to comes first; projects come before the admins who are given them.
IMPORT_ORDER: tuple[Sheet, ...] = tuple(
    BY_NAME[name]
    for name in (
        "company", "payment_terms", "project", "admin", "custom_period", "tax_code", "exchange_rate",
        "vendor", "commitment", "contact", "change_order",
        "sov_line",
        "client_contract", "client_change_order", "client_line", "cost_code_map", "client_opening",
        "client_opening_line", "deduction", "hold", "joint_check",
        "opening_commitment",
        "opening_line", "correction",
    )
)  # fmt: skip
