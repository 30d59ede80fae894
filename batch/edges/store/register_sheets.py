"""How the sheets of the register are stored: their tables, their keys, and the names of their references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from batch.edges.store import tables as t

Key = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet. `key`: field names of the natural key. `refs`: field name -> (column, sheet it points to).

    `parent`: the field whose row has the currency of this sheet's amounts; '' when the row has its own.
    `within`: references by a number that is unique only within the row's own commitment.
    """

    name: str
    key: tuple[str, ...]
    refs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    within: frozenset[str] = frozenset()
    parent: str = ""

    def target_key(self, field_name: str, value: Any, key: Key) -> Key:
        """The natural key of the row that a reference points to; `key` is that of the row itself."""
        return (key[0], value) if field_name in self.within else (value,)

    @property
    def table(self) -> Table:
        """Its table."""
        return t.metadata.tables[self.name]


_PROJECT = {"project": ("project_id", "project")}
_COMMITMENT = {"commitment": ("commitment_id", "commitment")}
_PAYMENT_TERMS = {"payment_terms": ("payment_terms_id", "payment_terms")}
_TAX_CODE = {"tax_code": ("tax_code_id", "tax_code")}

#: In an order in which each row finds what it points to.
SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(name="company", key=("key",)),
        Sheet(name="admin", key=("address",)),
        Sheet(name="payment_terms", key=("code",)),
        Sheet(
            name="project",
            key=("number",),
            refs={**_PAYMENT_TERMS, "client_terms": ("client_terms_id", "payment_terms")},
        ),
        Sheet(name="custom_period", key=("project", "number"), refs=_PROJECT),
        Sheet(name="tax_code", key=("code",)),
        Sheet(name="exchange_rate", key=("from_currency", "to_currency", "dated_on")),
        Sheet(name="vendor", key=("number",)),
        Sheet(
            name="commitment",
            key=("number",),
            refs={**_PROJECT, "vendor": ("vendor_id", "vendor"), **_TAX_CODE, **_PAYMENT_TERMS},
        ),
        Sheet(name="contact", key=("commitment", "address"), refs=_COMMITMENT),
        Sheet(name="change_order", key=("commitment", "number"), refs=_COMMITMENT),
        Sheet(
            name="sov_line",
            key=("commitment", "line_key"),
            refs={**_COMMITMENT, "change_order": ("change_order_id", "change_order"), **_TAX_CODE},
            within=frozenset({"change_order"}),
            parent="commitment",
        ),
        Sheet(name="client_contract", key=("project",), refs={**_PROJECT, **_TAX_CODE}),
        Sheet(
            name="client_change_order",
            key=("project", "number"),
            refs={"project": ("client_contract_id", "client_contract")},
        ),
        Sheet(
            name="client_line",
            key=("project", "line_key"),
            refs={
                "project": ("client_contract_id", "client_contract"),
                "change_order": ("client_change_order_id", "client_change_order"),
                **_TAX_CODE,
            },
            within=frozenset({"change_order"}),
            parent="project",
        ),
        Sheet(name="cost_code_map", key=("project", "cost_code", "client_line_key"), refs=_PROJECT),
        Sheet(
            name="client_opening",
            key=("project",),
            refs={"project": ("client_contract_id", "client_contract")},
            parent="project",
        ),
        Sheet(
            name="client_opening_line",
            key=("project", "line_key"),
            refs={"project": ("client_contract_id", "client_contract")},
            parent="project",
        ),
        Sheet(name="deduction", key=("commitment", "number"), refs=_COMMITMENT, parent="commitment"),
        Sheet(
            name="hold",
            key=("number",),
            refs={"vendor": ("vendor_id", "vendor"), **_COMMITMENT},
        ),
        Sheet(name="joint_check", key=("commitment", "number"), refs=_COMMITMENT, parent="commitment"),
        Sheet(name="opening_commitment", key=("commitment",), refs=_COMMITMENT, parent="commitment"),
        Sheet(name="opening_line", key=("commitment", "line_key"), refs=_COMMITMENT, parent="commitment"),
    )
}
