"""Who is paid what: the joint checks that split what is payable, and the holds that stop it; each with its cell."""

from __future__ import annotations

from decimal import Decimal

from batch.core.money import shown
from batch.core.paying import Hold, JointPayment, to_vendor_alone
from batch.core.why import Evidence, Why
from batch.edges.store import queries_paying, queries_why
from batch.formats.figures import date_text
from batch.jobs.paying import load_paying
from batch.jobs.why.subject import Subject


def to_whom(s: Subject, payable: Decimal) -> tuple[Why, ...]:
    """What is payable by payee, as the approval fixed it, or as one would now; nothing where the vendor is paid alone."""
    split = _split(s, payable)
    if not split:
        return ()
    vendor = str(s.row["vendor_name"])
    alone = Why(
        what=f"To {vendor} alone",
        amount=to_vendor_alone(payable, split),
        how="what is left of the payable",
        evidence=s.evidence,
    )
    how = "as the approval fixed it" if s.approved else "as it would be split today; the approval fixes it"
    parts = (*(_joint(s, vendor, part) for part in split), alone)
    return (Why(what="The same by payee", amount=payable, how=how, parts=parts).told(),)


def _split(s: Subject, payable: Decimal) -> tuple[JointPayment, ...]:
    if s.approved:
        return queries_paying.payments(s.conn, s.row["id"], s.currency)
    if not s.live:
        return ()
    parts = load_paying(s.conn, s.row["commitment_id"], s.currency).parts(payable)
    return tuple(part for _id, part in parts)


def _joint(s: Subject, vendor: str, part: JointPayment) -> Why:
    number = part.agreement.number
    place, evidence = _cell(s, number)
    return Why(
        what=f"To {vendor} and {part.agreement.payee} together: joint check {number}",
        amount=part.amount,
        how=f"{shown(part.agreement.open, s.currency)} was still owed under it; all that is owed: entered{place} of the register",
        evidence=(*evidence, *s.evidence),
    )


def _cell(s: Subject, number: str) -> tuple[str, tuple[Evidence, ...]]:
    found = queries_why.register_row(
        s.conn, "joint_check", commitment_id=s.row["commitment_id"], number=number
    )
    history = s.sources.history("joint_check", found["id"]) if found is not None else []
    until = s.row["approved_at"] or s.row["submitted_at"]
    at = next(
        (at for at, _amounts, _by in reversed(history) if at <= until), history[0][0] if history else None
    )
    if at is None:
        return "", s.frozen
    return s.sources.register("joint_check", (s.basis.commitment, number), "owed", at)


def holds(s: Subject) -> tuple[Why, ...]:
    """The holds that are open today: they take nothing off, and keep the bill out of the ERP files."""
    if not s.live:
        return ()
    return tuple(_hold(s, one) for one in queries_paying.open_holds(s.conn, s.row["commitment_id"]))


def _hold(s: Subject, one: Hold) -> Why:
    row = queries_why.register_row(s.conn, "hold", number=one.number)
    history = s.sources.history("hold", row["id"]) if row is not None else []
    place, evidence = (
        s.sources.register("hold", (one.number,), "reason", history[-1][0]) if history else ("", ())
    )
    return Why(
        what=f"On hold {one.number} since {date_text(one.since, s.sources.locale)}: {one.reason}",
        how=f"it is not exported while that is open; entered{place} of the register",
        evidence=evidence,
    ).told()
