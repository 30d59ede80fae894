"""Reads of the ledgers: where each line stands, what was certified, which number comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, func, or_, select, union

from batch.core.methods import QUANTITY_PLACES, from_scaled
from batch.core.model import LinePosition, Summary
from batch.core.money import from_minor, zero
from batch.core.states import APPROVED_STATES
from batch.edges.store import tables as t

RELEASED_KINDS = ("released", "reversed released")
SUMMARY_FIELDS = tuple(field.name for field in fields(Summary))


def positions(
    conn: Connection, commitment_id: int, currency: str, without: int | None = None
) -> dict[str, LinePosition]:
    """Where every line of a commitment stands: opening balance and all ledger rows added up. Absent means nothing billed.

    `without`: the id of an application whose rows are left out, for where the lines stood before it.
    """
    work = _sums(conn, commitment_id, without)
    keys = set(work) | set(_openings(conn, commitment_id))
    return {key: _position(conn, commitment_id, key, currency, work) for key in sorted(keys)}


def billed_lines(conn: Connection) -> set[tuple[str, str]]:
    """Commitment number and line of every line on which something is billed, opening balances included."""
    ledger, entry, opening = t.line_ledger.c, t.retainage_entry.c, t.opening_line.c
    moved = (
        select(ledger.commitment_id, ledger.line_key)
        .group_by(ledger.commitment_id, ledger.line_key)
        .having(
            or_(
                func.sum(ledger.work_minor) != 0,
                func.sum(ledger.stored_minor) != 0,
                func.sum(ledger.quantity_e4) != 0,
            )
        )
    )
    held = (
        select(entry.commitment_id, entry.line_key)
        .group_by(entry.commitment_id, entry.line_key, entry.kind, entry.component)
        .having(func.sum(entry.amount_minor) != 0)
    )
    amounts = ("work_minor", "stored_minor", "withheld_work_minor", "withheld_stored_minor", "released_minor")
    joined = select(opening.commitment_id, opening.line_key).where(
        or_(*(opening[one] != 0 for one in amounts))
    )
    found = union(moved, held, joined).subquery()
    query = select(t.commitment.c.number, found.c.line_key).join(
        t.commitment, t.commitment.c.id == found.c.commitment_id
    )
    return {(number, key) for number, key in conn.execute(query)}


def _openings(conn: Connection, commitment_id: int) -> dict[str, RowMapping]:
    query = select(t.opening_line).where(t.opening_line.c.commitment_id == commitment_id)
    return {row["line_key"]: row for row in conn.execute(query).mappings()}


def _sums(conn: Connection, commitment_id: int, without: int | None) -> dict[str, dict[str, int]]:
    """Sums in minor units by line key and kind of movement. Integers, so SQL may add them."""
    found: dict[str, dict[str, int]] = {}
    left_out = -1 if without is None else without  # no id is negative; rows of opening balances have none
    ledger = t.line_ledger.c
    movements = (
        select(
            ledger.line_key,
            func.sum(ledger.work_minor),
            func.sum(ledger.stored_minor),
            func.sum(ledger.quantity_e4),
        )
        .where(ledger.commitment_id == commitment_id, ledger.application_id.is_distinct_from(left_out))
        .group_by(ledger.line_key)
    )
    for key, work, stored, quantity in conn.execute(movements):
        found[key] = {"work": int(work), "stored": int(stored), "quantity": int(quantity)}
    entry = t.retainage_entry.c
    retainage = (
        select(entry.line_key, entry.kind, entry.component, func.sum(entry.amount_minor))
        .where(entry.commitment_id == commitment_id, entry.application_id.is_distinct_from(left_out))
        .group_by(entry.line_key, entry.kind, entry.component)
    )
    for key, kind, component, amount in conn.execute(retainage):
        name = "released" if kind in RELEASED_KINDS else f"withheld_{component}"
        sums = found.setdefault(key, {})
        sums[name] = sums.get(name, 0) + int(amount)
    return found


def _position(
    conn: Connection, commitment_id: int, key: str, currency: str, sums: Mapping[str, Mapping[str, int]]
) -> LinePosition:
    opening = _openings(conn, commitment_id).get(key)
    moved = sums.get(key, {})

    def started(name: str) -> int:
        return opening[f"{name}_minor"] if opening is not None else 0

    def at(name: str) -> Decimal:
        return from_minor(started(name) + moved.get(name, 0), currency)

    return LinePosition(
        work=at("work"),
        stored=at("stored"),
        withheld_work=at("withheld_work"),
        withheld_stored=at("withheld_stored"),
        released=at("released"),
        opening_work=from_minor(started("work"), currency),
        opening_withheld_work=from_minor(started("withheld_work"), currency),
        opening_stored=from_minor(started("stored"), currency),
        opening_withheld_stored=from_minor(started("withheld_stored"), currency),
        quantity=from_scaled(
            ((opening["quantity_e4"] or 0) if opening is not None else 0) + moved.get("quantity", 0),
            QUANTITY_PLACES,
        ),
    )


def last_approved(conn: Connection, commitment_id: int) -> RowMapping | None:
    """The approved application with the highest number, or None."""
    a = t.application.c
    query = select(t.application).where(a.commitment_id == commitment_id, a.state.in_(APPROVED_STATES))
    return conn.execute(query.order_by(a.number.desc()).limit(1)).mappings().one_or_none()


def previous_certificates(conn: Connection, commitment_id: int, currency: str) -> Decimal:
    """What was certified so far: earned less retainage of the last approved application, else the opening balance's."""
    last = last_approved(conn, commitment_id)
    if last is not None:
        approved = summary(conn, last["id"], "approved", currency)
        assert approved is not None, "an approved application has an approved summary"
        return approved.total_earned_less_retainage
    opening = opening_commitment(conn, commitment_id)
    return from_minor(opening["certified_minor"], currency) if opening is not None else zero(currency)


def opening_commitment(conn: Connection, commitment_id: int) -> RowMapping | None:
    """The opening balance of a commitment that was joined midway, or None."""
    query = select(t.opening_commitment).where(t.opening_commitment.c.commitment_id == commitment_id)
    return conn.execute(query).mappings().one_or_none()


def next_application_number(conn: Connection, commitment_id: int) -> int:
    """One more than the highest number given so far, opening balance included. Numbers are never used again."""
    query = select(func.max(t.application.c.number)).where(t.application.c.commitment_id == commitment_id)
    highest = conn.execute(query).scalar_one()
    opening = opening_commitment(conn, commitment_id)
    return max(highest or 0, opening["last_application_number"] if opening is not None else 0) + 1


def summary(conn: Connection, application_id: int, side: str, currency: str) -> Summary | None:
    """The summary of an application as claimed or as approved, or None."""
    s = t.application_summary.c
    query = select(t.application_summary).where(s.application_id == application_id, s.side == side)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return Summary(**{name: from_minor(row[f"{name}_minor"], currency) for name in SUMMARY_FIELDS})


def payable(conn: Connection, application_id: int, side: str, currency: str) -> Decimal | None:
    """What is payable of an application as claimed or as approved, deductions taken off; None before there is one."""
    s = t.application_summary.c
    query = select(s.payable_minor).where(s.application_id == application_id, s.side == side)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else from_minor(found, currency)


def invoice_numbers_used(conn: Connection, vendor_id: int) -> dict[str, set[tuple[int, int | None]]]:
    """Invoice numbers a vendor has used, in lower case: the commitments and application numbers each stands for."""
    a = t.application.c
    query = (
        select(a.invoice_number, a.commitment_id, a.number)
        .join(t.commitment, t.commitment.c.id == a.commitment_id)
        .where(t.commitment.c.vendor_id == vendor_id, a.invoice_number != "", a.number.isnot(None))
    )
    used: dict[str, set[tuple[int, int | None]]] = {}
    for row in conn.execute(query):
        used.setdefault(row[0].lower(), set()).add((row[1], row[2]))
    openings = (
        select(t.opening_commitment.c.invoice_numbers, t.opening_commitment.c.commitment_id)
        .join(t.commitment, t.commitment.c.id == t.opening_commitment.c.commitment_id)
        .where(t.commitment.c.vendor_id == vendor_id)
    )
    for numbers, commitment_id in conn.execute(openings):
        for number in numbers:
            used.setdefault(str(number).lower(), set()).add((commitment_id, None))
    return used


def next_ordinal(conn: Connection, application_id: int) -> int:
    """The ordinal of the next ledger rows of an application: 1 at its first approval, more after it was opened again."""
    query = select(func.max(t.line_ledger.c.ordinal)).where(t.line_ledger.c.application_id == application_id)
    return (conn.execute(query).scalar_one() or 0) + 1


def certified_in_all(conn: Connection, commitment_id: int, currency: str) -> Decimal:
    """Everything certified for payment: the opening balance and every approved application's current payment due."""
    a, s = t.application.c, t.application_summary.c
    query = (
        select(func.sum(s.current_payment_due_minor))
        .join(t.application, a.id == s.application_id)
        .where(a.commitment_id == commitment_id, a.state.in_(APPROVED_STATES), s.side == "approved")
    )
    opening = opening_commitment(conn, commitment_id)
    started = opening["certified_minor"] if opening is not None else 0
    return from_minor(started + int(conn.execute(query).scalar_one() or 0), currency)


def summary_id(conn: Connection, application_id: int, side: str) -> int | None:
    """The id of the summary of an application as claimed or as approved, or None."""
    s = t.application_summary.c
    query = select(s.id).where(s.application_id == application_id, s.side == side)
    return conn.execute(query).scalar_one_or_none()


def entries_of(conn: Connection, application_id: int) -> Sequence[RowMapping]:
    """Every retainage entry that an application wrote, oldest first."""
    e = t.retainage_entry.c
    query = select(t.retainage_entry).where(e.application_id == application_id).order_by(e.id)
    return conn.execute(query).mappings().all()


def movements_of(conn: Connection, application_id: int) -> Sequence[RowMapping]:
    """Every row of the line ledger that an application wrote, oldest first."""
    m = t.line_ledger.c
    query = select(t.line_ledger).where(m.application_id == application_id).order_by(m.id)
    return conn.execute(query).mappings().all()


def deduction_rows(conn: Connection, application_id: int) -> list[int]:
    """The ids of the live deductions of an application."""
    d = t.application_deduction.c
    return list(
        conn.execute(select(d.id).where(d.application_id == application_id, d.live.is_(True))).scalars()
    )
