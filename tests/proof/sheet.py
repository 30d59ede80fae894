"""The continuation sheet once more: a contract that is billed on period by period, in integers of minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.proof.agreed import Line, Rounding, State, Terms
from tests.proof.form import Figure, withheld


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One application by the form: the columns of each line, and the nine lines without retainage."""

    previous: Mapping[str, int]
    completed: Mapping[str, int]
    to_finish: Mapping[str, int]
    original: int
    changes: int
    earned: int
    gross: int
    figure: Figure
    held: tuple[int, int]


@dataclass
class Book:
    """A contract that is billed on, period by period."""

    lines: tuple[Line, ...]
    rounding: Rounding
    moves_stored: bool = False
    states: dict[str, State] = field(default_factory=dict)

    def present(self, period: int) -> list[Line]:
        """The lines of the schedule of values in a period."""
        return [line for line in self.lines if line.since <= period]

    def begin(self, period: int) -> None:
        """The next application begins: new lines stand at nothing, stored materials become work where that is agreed."""
        for line in self.present(period):
            state = self.states.setdefault(line.key, State())
            if self.moves_stored:
                state.work, state.stored = state.work + state.stored, 0
                state.opening_stored = state.opening_on_stored = 0

    def bill(self, period: int, claim: Mapping[str, tuple[int, int, int]], terms: Terms) -> Sheet:
        """Bill E (an increment), F (a balance) and a release on each line, and give the sheet."""
        rows = self.present(period)
        before = {line.key: self.states[line.key].work for line in rows}
        earlier = sum(self.states[line.key].stored for line in rows) + sum(before.values())
        for line in rows:
            state = self.states[line.key]
            work, stored, release = claim[line.key]
            state.work, state.stored, state.released = state.work + work, stored, state.released + release
        figure = withheld(rows, self.states, terms, self.rounding)
        completed = {line.key: self.states[line.key].work + self.states[line.key].stored for line in rows}
        released = sum(self.states[line.key].released for line in rows)
        return Sheet(
            previous=before,
            completed=completed,
            to_finish={line.key: line.value - completed[line.key] for line in rows},
            original=sum(line.value for line in rows if not line.change_order),
            changes=sum(line.value for line in rows if line.change_order),
            earned=sum(completed.values()),
            gross=sum(completed.values()) - earlier,
            figure=figure,
            held=(figure.least - released, figure.most - released),
        )
