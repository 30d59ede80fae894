"""Proof of the client applications of a project, and of what the client certified of them."""

from __future__ import annotations

from collections.abc import Iterator

from batch.core.billing import IdentityBroken, assert_follows, certified, summarise
from batch.core.model import Bill, LineAmounts, LinePosition
from batch.core.money import ZERO, from_minor, plain, to_minor
from batch.core.states import BILLED_STATES, Upstream
from batch.edges.store import queries_certificates, queries_tax, queries_upstream
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.client_certificate import before_this
from batch.jobs.client_kept import certified_lines, kept_lines, tax_faults


def client_faults(conn: Connection, project: RowMapping) -> Iterator[str]:
    """Everything wrong with the client applications of a project, a sentence each.

    A client application bills exactly what its sources moved: matched and not matched add up to downstream. Its lines
    are what its sources and what was not certified before give, and so are those of every certificate.
    """
    for row in queries_upstream.upstreams(conn, project["id"]):
        if row["state"] is Upstream.VOID:
            continue
        name = f"client application {project['number']}/{row['number']}"
        sources = queries_upstream.sources(conn, row["id"])
        moved = sum(one["work_minor"] + one["stored_minor"] for one in sources)
        matched = sum(
            one["work_minor"] + one["stored_minor"] for one in sources if one["client_line_key"] is not None
        )
        if row["matched_minor"] + row["unmatched_minor"] != row["downstream_minor"]:
            yield f"{name}: matched and unmatched do not add up to downstream"
        if moved != row["downstream_minor"] or matched != row["matched_minor"]:
            yield f"{name}: its sources add up to {moved} minor units, its control total says {row['downstream_minor']}"
        if row["state"] is not Upstream.DRAFT or _up_to_date(conn, project, row):
            yield from _client_lines(conn, project, row, name)
            yield from _movements(conn, project, row, name)
        for one in queries_certificates.all_of(conn, row["id"]):
            yield from _certificate(conn, project, row, one, f"certificate {one['ordinal']} of {name}")


def _up_to_date(conn: Connection, project: RowMapping, draft: RowMapping) -> bool:
    """Whether nothing was issued or certified since a draft was compiled; else it has to be compiled again anyway."""
    earlier = [
        one
        for one in queries_upstream.upstreams(conn, project["id"])
        if one["state"] in BILLED_STATES and one["number"] < draft["number"]
    ]
    moved = [one["issued_at"] for one in earlier]
    moved += [
        each["certified_at"] for one in earlier for each in queries_certificates.all_of(conn, one["id"])
    ]
    return all(at < draft["compiled_at"] for at in moved)


def _movements(conn: Connection, project: RowMapping, row: RowMapping, name: str) -> Iterator[str]:
    """Each line moves by what its sources move and what was billed before and not certified; nothing else."""
    currency, open_before = row["currency"], before_this(conn, project, row)
    before = queries_upstream.client_positions(conn, project["id"], currency, before=row["number"])
    moved: dict[str, tuple[int, int]] = {}
    for one in queries_upstream.sources(conn, row["id"]):
        work, stored = moved.get(one["client_line_key"] or "", (0, 0))
        moved[one["client_line_key"] or ""] = (work + one["work_minor"], stored + one["stored_minor"])
    # An answer that came later confirms what an issued one was built on, and changes nothing in it.
    stale = from_minor(row["uncertified_minor"], currency) != open_before.uncertified
    if stale and row["state"] is Upstream.DRAFT:
        yield f"{name}: what was billed and not certified before it is {plain(open_before.uncertified, currency)}"
    for line in queries_upstream.lines(conn, row["id"]):
        key = line["line_key"]
        again = open_before.again.get(key, LineAmounts())
        if (again.work, again.stored) != (
            from_minor(line["again_work_minor"], currency),
            from_minor(line["again_stored_minor"], currency),
        ):
            yield f"{name}: line {key} does not bill again what was not certified before"
        work, stored = moved.get(key, (0, 0))
        prior = to_minor(before.get(key, LinePosition()).stored, currency)
        found = (line["work_minor"], line["stored_minor"] - prior)
        if found != (work + line["again_work_minor"], stored + line["again_stored_minor"]):
            yield f"{name}: line {key} does not move by what its sources move"


def _certificate(
    conn: Connection, project: RowMapping, row: RowMapping, one: RowMapping, name: str
) -> Iterator[str]:
    """A certificate follows from the one before, keeps every identity, is within what was issued, and gives its totals."""
    currency = row["currency"]
    lines = certified_lines(conn, project["id"], row, one)
    before = queries_upstream.client_positions(conn, project["id"], currency, before=row["number"])
    previous = certified(before, currency)
    summary = summarise(lines, previous, currency)
    try:
        assert_follows(Bill(currency=currency, lines=lines, summary=summary), before, previous)
    except IdentityBroken as fault:
        yield f"{name}: {fault}"
    yield from (
        f"{name}: {fault}"
        for fault in tax_faults(project, one, lines, queries_certificates.tax(conn, one["id"]))
    )
    for what, found in (("retainage", summary.retainage_total), ("net", summary.current_payment_due)):
        if from_minor(one[f"{what}_minor"], currency) != found:
            yield f"{name}: its {what} is not what its lines give, {plain(found, currency)}"
    issued, _ = kept_lines(conn, project["id"], row)
    for billed, given in zip(issued, lines, strict=True):
        for most, amount in (
            (billed.work_this_period, given.work_this_period),
            (billed.materials_stored, given.materials_stored),
        ):
            if not min(most, ZERO) <= amount <= max(most, ZERO):
                yield f"{name}: line {billed.line.key} certifies more than was issued"


def _client_lines(conn: Connection, project: RowMapping, row: RowMapping, name: str) -> Iterator[str]:
    """The lines of a client application follow from the one before, keep every identity, and give its totals."""
    currency = row["currency"]
    lines, previous = kept_lines(conn, project["id"], row)
    before = queries_upstream.client_positions(conn, project["id"], currency, before=row["number"])
    summary, tax = summarise(lines, previous, currency), queries_tax.client_tax(conn, row["id"])
    try:
        assert_follows(Bill(currency=currency, lines=lines, summary=summary), before, previous)
    except IdentityBroken as fault:
        yield f"{name}: {fault}"
    yield from (f"{name}: {fault}" for fault in tax_faults(project, row, lines, tax))
    for what, found in (("retainage", summary.retainage_total), ("net", summary.current_payment_due)):
        if from_minor(row[f"{what}_minor"], currency) != found:
            yield f"{name}: its {what} is not what its lines give, {plain(found, currency)}"
