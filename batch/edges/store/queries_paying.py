"""Reads about how approved amounts are paid: open holds, joint checks in force, and what an approval was split into."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, or_, select

from batch.core.money import from_minor, to_minor
from batch.core.paying import Hold, JointCheck, JointPayment, by_number
from batch.edges.store import tables as t


def open_holds(conn: Connection, commitment_id: int) -> tuple[Hold, ...]:
    """The holds on a commitment or on its vendor that are not released, by number."""
    vendor = select(t.commitment.c.vendor_id).where(t.commitment.c.id == commitment_id).scalar_subquery()
    query = (
        select(t.hold, t.commitment.c.number.label("commitment_number"))
        .outerjoin(t.commitment, t.commitment.c.id == t.hold.c.commitment_id)
        .where(or_(t.hold.c.commitment_id == commitment_id, t.hold.c.vendor_id == vendor))
        .where(t.hold.c.released_on.is_(None))
    )
    found = (
        Hold(
            number=row["number"],
            commitment=row["commitment_number"] or "",
            reason=row["reason"],
            since=row["since"],
            shown=row["shown"],
        )
        for row in conn.execute(query).mappings()
    )
    return tuple(sorted(found, key=lambda one: by_number(one.number)))


def joint_checks(
    conn: Connection, commitment_id: int, currency: str, without: int | None = None
) -> tuple[tuple[int, JointCheck], ...]:
    """The agreements in force, each with its id and what live approvals have left of what is owed.

    `without`: the id of an application that does not count, so that what it took is owed still.
    """
    p, c = t.application_payee.c, t.joint_check.c
    left_out = -1 if without is None else without  # no id is negative
    taken = {
        row["joint_check_id"]: int(row["taken"])
        for row in conn.execute(
            select(p.joint_check_id, func.sum(p.amount_minor).label("taken"))
            .where(p.live.is_(True), p.application_id != left_out)
            .group_by(p.joint_check_id)
        ).mappings()
    }
    query = select(t.joint_check).where(c.commitment_id == commitment_id, c.ended_on.is_(None))
    return tuple(
        (
            row["id"],
            JointCheck(
                number=row["number"],
                payee=row["payee"],
                open=from_minor(max(row["owed_minor"] - taken.get(row["id"], 0), 0), currency),
            ),
        )
        for row in sorted(conn.execute(query).mappings(), key=lambda row: by_number(row["number"]))
    )


def payees(conn: Connection, application_id: int) -> Sequence[RowMapping]:
    """The joint payments of a live approval with the number of their agreement, in their order."""
    p = t.application_payee.c
    query = (
        select(t.application_payee, t.joint_check.c.number)
        .join(t.joint_check, t.joint_check.c.id == p.joint_check_id)
        .where(p.application_id == application_id, p.live.is_(True))
        .order_by(p.ordinal)
    )
    return conn.execute(query).mappings().all()


def payments(conn: Connection, application_id: int, currency: str) -> tuple[JointPayment, ...]:
    """What an approval was split into, as it was fixed then."""
    return tuple(
        JointPayment(
            agreement=JointCheck(
                number=row["number"], payee=row["payee"], open=from_minor(row["open_minor"], currency)
            ),
            amount=from_minor(row["amount_minor"], currency),
        )
        for row in payees(conn, application_id)
    )


def payee_rows(
    application_id: int, parts: Sequence[tuple[int, JointPayment]], currency: str
) -> list[dict[str, object]]:
    """The rows of a split; each part with the id of its agreement."""
    return [
        {
            "application_id": application_id,
            "joint_check_id": agreement_id,
            "ordinal": ordinal,
            "payee": part.agreement.payee,
            "open_minor": to_minor(part.agreement.open, currency),
            "amount_minor": to_minor(part.amount, currency),
            "currency": currency,
            "live": True,
        }
        for ordinal, (agreement_id, part) in enumerate(parts, 1)
    ]
