"""The application that is asked about, with everything its figures came from. Loaded once for one question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from batch.core.billing import bill
from batch.core.model import Basis, Bill, BilledLine, Deduction, LineAmounts, LinePosition
from batch.core.money import from_minor
from batch.core.retainage import RetainageEntry, entries_between
from batch.core.retainage_told import Told, told
from batch.core.reviewing import whole
from batch.core.states import APPROVED_STATES, LIVE_STATES
from batch.core.why import Evidence
from batch.edges.store import (
    queries_applications,
    queries_ledger,
    queries_periods,
    queries_register,
    queries_why,
)
from batch.edges.store.rows import Connection, RowMapping
from batch.formats.terms import Terms, state_shown
from batch.jobs.why.cells import Entered, entered
from batch.jobs.why.evidence import Sources
from batch.jobs.workplace import Workplace


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One application. Its figures are the approved ones once it is approved, before that those claimed."""

    sources: Sources
    row: RowMapping
    basis: Basis
    claim: Mapping[str, LineAmounts]
    amounts: Mapping[str, LineAmounts]
    bill: Bill

    @property
    def conn(self) -> Connection:
        """The read transaction of the question."""
        return self.sources.conn

    @property
    def words(self) -> Terms:
        """The words of the project's locale."""
        return self.sources.words

    @property
    def currency(self) -> str:
        """The currency of every amount."""
        return self.basis.currency

    @property
    def name(self) -> str:
        """What people call it."""
        return queries_applications.name_of(self.row)

    @property
    def state(self) -> str:
        """Its state, as people know it."""
        return state_shown(self.row["state"], self.row["locale"])

    @property
    def approved(self) -> bool:
        """Whether its figures are approved."""
        return self.row["state"] in APPROVED_STATES

    @property
    def live(self) -> bool:
        """Whether it counts. Of one that does not, the figures of before are told as they were frozen."""
        return self.row["state"] in LIVE_STATES

    @property
    def side(self) -> str:
        """Which of its figures are told."""
        return "approved" if self.approved else "claimed"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What it rests on: its claim, and its approval."""
        return self.sources.of_application(self.row["id"])

    @property
    def frozen(self) -> tuple[Evidence, ...]:
        """The workbook with which its basis was frozen."""
        return (self.sources.issued(self.row["invite_id"]),)

    @cached_property
    def entered(self) -> Entered:
        """Its claim, read again from the original."""
        return entered(self.sources, self.row, self.basis)

    @cached_property
    def told(self) -> Told:
        """Its retainage, rule by rule."""
        return told(self.basis, self.amounts)

    @cached_property
    def deductions(self) -> tuple[Deduction, ...]:
        """The deductions it took, or would take."""
        if not self.approved:
            return self.basis.deductions
        rows = queries_applications.deductions_taken(self.conn, self.row["id"])
        return tuple(
            replace(
                queries_register.deduction_of(row, self.currency),
                amount=from_minor(row["taken_minor"], self.currency),
            )
            for row in rows
        )

    @cached_property
    def ledger(self) -> Mapping[str, LinePosition]:
        """Where the ledger stands now."""
        return queries_ledger.positions(self.conn, self.row["commitment_id"], self.currency)

    def line(self, key: str) -> BilledLine | None:
        """A line by its key, or by its item number where only one has it."""
        found = [one for one in self.bill.lines if one.line.key == key]
        found = found or [one for one in self.bill.lines if one.line.item == key]
        return found[0] if len(found) == 1 else None

    def prior(self, key: str) -> LinePosition:
        """Where a line stood when this application began."""
        return self.basis.positions.get(key, LinePosition())

    def pending(self, line: BilledLine) -> tuple[RetainageEntry, ...]:
        """What the ledger of retainage would get for a line if this application were approved as claimed."""
        key = line.line.key
        before = self.ledger.get(key, LinePosition()) if self.live else self.prior(key)
        return entries_between(key, before, line.position, line.re_rated)

    def before(self, rows: queries_why.Rows) -> list[RowMapping]:
        """The rows of a ledger that stood before this application."""
        return [row for row in rows if row["application_id"] != self.row["id"] and self._counts(row)]

    def own(self, rows: queries_why.Rows) -> list[RowMapping]:
        """The rows of a ledger that this application wrote."""
        return [row for row in rows if row["application_id"] == self.row["id"]]

    def _counts(self, row: RowMapping) -> bool:
        return not self.approved or bool(row["at"] <= self.row["approved_at"])


def load(w: Workplace, conn: Connection, row: RowMapping) -> Subject:
    """Load an application for a question about it."""
    basis = queries_periods.basis(conn, row["invite_id"])
    rows = queries_applications.line_rows(conn, row["id"])
    claim = whole(queries_applications.claimed(rows, basis.currency), basis)
    approved = queries_applications.approved_amounts(rows, basis.currency)
    amounts = approved if row["state"] in APPROVED_STATES else claim
    return Subject(
        sources=Sources(w, conn, queries_register.project(conn, row["project_id"])),
        row=row,
        basis=basis,
        claim=claim,
        amounts=amounts,
        bill=bill(basis, amounts),
    )
