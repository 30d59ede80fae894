"""Amounts of a commitment in a foreign currency as the approval converted them: gross, due, payable, and by line.

These trees are in the project's currency; the amounts they were converted from are told in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from batch.core.exchange import Carried, Moved, convert, converted, from_scaled, rate_text
from batch.core.money import from_minor, shown
from batch.core.why import Evidence, Why
from batch.edges.store import queries_exchange, queries_ledger, queries_why
from batch.edges.store.rows import RowMapping
from batch.formats.why.retainage import rounding_text
from batch.jobs.why.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """An approval's rate, with what each line moved and had stored before, in both currencies."""

    s: Subject
    row: RowMapping
    moved: Mapping[str, Moved]
    before: Mapping[str, Carried]

    @property
    def currency(self) -> str:
        """The project's currency, that of every amount here."""
        return str(self.row["currency"])

    @property
    def rate(self) -> Decimal:
        """The rate that the approval fixed."""
        return from_scaled(self.row["rate_e8"])

    @property
    def at(self) -> str:
        """The rate in words."""
        return f"at {rate_text(self.rate)} of {self.row['dated_on']}"

    @property
    def rounded(self) -> str:
        """How halves are rounded."""
        return rounding_text(self.s.basis.rounding)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The cell of the rate, and the approval that fixed it."""
        return (*_of_rate(self)[1], *self.s.evidence)

    def own(self, amount: Decimal) -> str:
        """An amount of the commitment's currency in words."""
        return f"{self.s.currency} {shown(amount, self.s.currency)}"


def load_fixed(s: Subject) -> Fixed | None:
    """The exchange of an application, or None: it is not approved, or in its project's currency."""
    row = queries_exchange.exchange(s.conn, s.row["id"])
    if row is None:
        return None
    moved = queries_exchange.moved(s.conn, s.row["id"], s.currency)
    return Fixed(s=s, row=row, moved=moved, before=_before(s, row))


def _before(s: Subject, row: RowMapping) -> dict[str, Carried]:
    """What was stored when this approval converted: what the approvals before it moved."""
    found: dict[str, Carried] = {}
    for one in queries_exchange.in_order(s.conn, s.row["commitment_id"]):
        if one["id"] >= row["id"]:
            break
        values = queries_exchange.converted_movement(s.conn, one["application_id"])
        for key, each in queries_exchange.moved(s.conn, one["application_id"], s.currency).items():
            was = found.get(key, Carried())
            value = from_minor(values.get(key, (0, 0))[1], one["currency"])
            found[key] = Carried(amount=was.amount + each.stored, value=was.value + value)
    return found


def _of_rate(f: Fixed) -> tuple[str, tuple[Evidence, ...]]:
    day = date.fromisoformat(f.row["dated_on"])
    key = {"from_currency": f.row["from_currency"], "to_currency": f.currency, "dated_on": day}
    row = queries_why.register_row(f.s.conn, "exchange_rate", **key)
    approved = f.s.row["approved_at"]
    history = f.s.sources.history("exchange_rate", row["id"]) if row is not None else []
    at = next((at for at, _amounts, _by in reversed(history) if at <= approved), None)
    if at is None:
        return "", ()
    return f.s.sources.register("exchange_rate", tuple(key.values()), "rate", at)


def gross(f: Fixed) -> Why:
    """The gross of this period: each line converted once, then added up."""
    return Why(
        what=f"Gross of this period in {f.currency}",
        amount=from_minor(f.row["gross_minor"], f.currency),
        how=f"the gross of each line converted once, {f.at}",
        parts=tuple(line_gross(f, key) for key in f.moved),
        evidence=f.evidence,
    )


def due(f: Fixed) -> Why:
    """The current payment due, converted as one amount."""
    amount = f.s.bill.summary.current_payment_due
    return _whole(f, "Current payment due", "due", amount, "L8")


def payable(f: Fixed) -> Why:
    """What is payable, converted as one amount."""
    amount = queries_ledger.payable(f.s.conn, f.s.row["id"], "approved", f.s.currency) or Decimal(0)
    return _whole(f, "Payable", "payable", amount, "payable")


def _whole(f: Fixed, name: str, column: str, amount: Decimal, figure: str) -> Why:
    place, _evidence = _of_rate(f)
    fixed = f"the approval fixed the rate, entered{place} of the register"
    return Why(
        what=f"{name} in {f.currency}",
        amount=from_minor(f.row[f"{column}_minor"], f.currency),
        how=f"{f.own(amount)} {f.at}, {f.rounded}; {fixed} (billings why {f.s.name} {figure})",
        worked_out=convert(amount, f.rate, f.currency, f.s.basis.rounding),
        evidence=f.evidence,
    )


def _kept(f: Fixed, key: str) -> Moved:
    work, stored = queries_exchange.converted_movement(f.s.conn, f.s.row["id"]).get(key, (0, 0))
    return Moved(work=from_minor(work, f.currency), stored=from_minor(stored, f.currency))


def _again(f: Fixed, key: str) -> Moved:
    before = f.before.get(key, Carried())
    return converted(f.moved.get(key, Moved()), before, f.rate, f.currency, f.s.basis.rounding)


def line_gross(f: Fixed, key: str) -> Why:
    """The gross of a line: converted once."""
    amount = f.moved.get(key, Moved()).gross
    return Why(
        what=f"Line {key}, gross of this period in {f.currency}",
        amount=_kept(f, key).gross,
        how=f"{f.own(amount)} {f.at}, {f.rounded} (billings why {f.s.name} {key} gross)",
        worked_out=convert(amount, f.rate, f.currency, f.s.basis.rounding),
        evidence=f.evidence,
    )


def line_stored(f: Fixed, key: str) -> Why:
    """The change of stored materials: what comes in at the rate of now, what leaves at the value it came in with."""
    moved, before = f.moved.get(key, Moved()).stored, f.before.get(key, Carried())
    how = f"{f.own(moved)} {f.at}, {f.rounded}"
    if moved * before.amount < 0:
        how = (
            f"{f.own(moved)}: of {f.own(before.amount)} that came in at "
            f"{shown(before.value, f.currency)}, what leaves takes its part of that along"
        )
        if abs(moved) > abs(before.amount):
            how += f"; what goes beyond it is converted {f.at}"
    return Why(
        what=f"Line {key}, change of {f.s.words['stored_materials']} in {f.currency}",
        amount=_kept(f, key).stored,
        how=how,
        worked_out=_again(f, key).stored,
        evidence=f.evidence,
    )


def line_work(f: Fixed, key: str) -> Why:
    """Work: the rest of the gross, so that no balance is left of materials that are built in."""
    return Why(
        what=f"Line {key}, work this period in {f.currency}",
        amount=_kept(f, key).work,
        how=f"the gross of the line less the change of its {f.s.words['stored_materials']}",
        parts=(line_gross(f, key), line_stored(f, key).less()),
    )


#: To explain another converted figure, add it here and its name in `formats.why.words`.
EXCHANGED: Mapping[str, Callable[[Fixed], Why]] = {
    "exchanged_gross": gross,
    "exchanged_due": due,
    "exchanged_payable": payable,
}
EXCHANGED_LINE: Mapping[str, Callable[[Fixed, str], Why]] = {
    "exchanged_work": line_work,
    "exchanged_stored": line_stored,
    "exchanged_gross": line_gross,
}
