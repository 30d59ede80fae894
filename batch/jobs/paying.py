"""Holds and joint checks of a commitment: what an approval is split into, and how people are told of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from batch.core.money import plain
from batch.core.paying import Hold, JointCheck, JointPayment, split, to_vendor_alone
from batch.edges.store import queries_ledger, queries_paying, tables
from batch.edges.store.events import Actor, StaleRow, insert_rows_with_event, update_rows_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.figures import date_text, money_text


@dataclass(frozen=True, kw_only=True)
class Paying:
    """What stands between an approved amount and its payment: open holds, and agreements in force with their ids."""

    holds: Sequence[Hold] = ()
    joint_checks: Sequence[tuple[int, JointCheck]] = ()

    def parts(self, payable: Decimal) -> list[tuple[int, JointPayment]]:
        """What of a payable amount goes to joint payees, each with the id of its agreement."""
        ids = {one.number: key for key, one in self.joint_checks}
        found = split(payable, (one for _key, one in self.joint_checks))
        return [(ids[part.agreement.number], part) for part in found]


def load_paying(conn: Connection, commitment_id: int, currency: str, without: int | None = None) -> Paying:
    """Load it for one commitment; `without`: the id of an application that counts as if it were not approved."""
    return Paying(
        holds=queries_paying.open_holds(conn, commitment_id),
        joint_checks=queries_paying.joint_checks(conn, commitment_id, currency, without),
    )


def save_parts(
    conn: Connection,
    row: RowMapping,
    paying: Paying,
    payable: Decimal,
    chain: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Fix the split of an approval. StaleRow when the agreements have changed since it was worked out."""
    if queries_paying.joint_checks(conn, row["commitment_id"], row["currency"]) != tuple(paying.joint_checks):
        raise StaleRow(f"the joint checks of commitment {row['commitment_number']} have changed")
    insert_rows_with_event(
        conn,
        tables.application_payee,
        queries_paying.payee_rows(row["id"], paying.parts(payable), row["currency"]),
        chain=chain,
        at=now,
        what="payees-fixed",
        actor=actor,
        subject=("application", row["id"]),
    )


def free_parts(conn: Connection, application_id: int, chain: str, actor: Actor, now: datetime) -> None:
    """Give back to the agreements what an approval took, when it is opened again."""
    rows = queries_paying.payees(conn, application_id)
    update_rows_with_event(
        conn,
        tables.application_payee,
        {row["id"]: {"live": False} for row in rows},
        chain=chain,
        at=now,
        what="payees-freed",
        actor=actor,
        subject=("application", application_id),
    )


def hold_facts(holds: Sequence[Hold]) -> list[dict[str, Any]]:
    """Open holds for JSON."""
    return [
        {
            "number": one.number,
            "commitment": one.commitment or None,
            "reason": one.reason,
            "since": one.since.isoformat(),
            "shown_to_vendor": one.shown,
        }
        for one in holds
    ]


def payee_facts(
    vendor: str, payable: Decimal, parts: Sequence[JointPayment], currency: str
) -> list[dict[str, Any]]:
    """Who is paid what, for JSON: the joint payments by number, then the vendor alone. They add up to the payable."""
    found: list[dict[str, Any]] = [
        {
            "joint_check": part.agreement.number,
            "payees": [vendor, part.agreement.payee],
            "amount": plain(part.amount, currency),
        }
        for part in parts
    ]
    alone = to_vendor_alone(payable, parts)
    if alone or not parts:
        found.append({"joint_check": None, "payees": [vendor], "amount": plain(alone, currency)})
    return found


def payee_rows(
    vendor: str, payable: Decimal, parts: Sequence[JointPayment], currency: str
) -> list[dict[str, str]]:
    """The same for a mail, in words; nothing where the vendor is paid alone."""
    if not parts:
        return []
    return [
        {
            "label": f"To {' and '.join(one['payees'])}" + (" together" if one["joint_check"] else " alone"),
            "amount": money_text(Decimal(one["amount"]), currency),
        }
        for one in payee_facts(vendor, payable, parts, currency)
    ]


def review_flags(paying: Paying, vendor: str, payable: Decimal, currency: str, locale: str) -> Iterator[str]:
    """What an admin should know of both before the decision, in sentences."""
    for hold in paying.holds:
        since = date_text(hold.since, locale)
        yield f"On hold {hold.number} since {since}: {hold.reason}. Once approved, it is not exported while that is open."
    for _key, part in paying.parts(payable):
        yield (
            f"Joint check {part.agreement.number}: {money_text(part.amount, currency)} of the payable "
            f"{money_text(payable, currency)} goes to {vendor} and {part.agreement.payee} together."
        )


def payee_faults(conn: Connection, row: RowMapping, name: str) -> Iterator[str]:
    """The split of an approval worked out again from what was owed then: it gives what was stored, within the payable."""
    payable = queries_ledger.payable(conn, row["id"], "approved", row["currency"])
    if payable is None:
        return
    left = payable
    for part in queries_paying.payments(conn, row["id"], row["currency"]):
        due = max(min(part.agreement.open, left), Decimal(0))
        if part.amount != due or due <= 0:
            yield (
                f"application_payee of {name}: {part.agreement.number} takes {part.amount}, "
                f"what was owed and what is payable give {due}"
            )
        left -= part.amount
