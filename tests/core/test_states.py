from __future__ import annotations

from enum import StrEnum

import pytest

from batch.core import states
from batch.core.states import Application, IllegalTransition, Invite, Table, advance

STARTS: dict[str, StrEnum] = {
    "pay application": states.Application.RECEIVED,
    "invite to bill": states.Invite.PLANNED,
    "billing period": states.Period.PLANNED,
    "client application": states.Upstream.DRAFT,
    "ERP batch": states.Export.WRITTEN,
    "outgoing mail": states.Outgoing.PENDING,
    "received mail": states.Incoming.STORED,
}
TABLES = sorted(states.TABLES.items())
EVENTS = sorted({event for table in states.TABLES.values() for arrows in table.values() for event in arrows})


def reachable(table: Table, start: StrEnum) -> set[StrEnum]:
    """Every state that some order of events leads to."""
    seen, todo = {start}, [start]
    while todo:
        following = set(table[todo.pop()].values()) - seen
        seen |= following
        todo.extend(following)
    return seen


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_state_is_in_its_table_and_reachable(name: str, table: Table) -> None:
    """No life cycle has a state that nothing leads to, or one without a row."""
    start = STARTS[name]
    assert set(table) == set(type(start))
    assert reachable(table, start) == set(table)


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_advance_follows_the_table_and_refuses_every_other_pair(name: str, table: Table) -> None:
    """`advance` gives exactly what the table says, and refuses each pair that is absent."""
    for state, arrows in table.items():
        for event in (*EVENTS, "no such event"):
            assert states.accepts(state, event) is (event in arrows)
            if event in arrows:
                assert advance(state, event) is arrows[event]
            else:
                with pytest.raises(IllegalTransition):
                    advance(state, event)


def test_same_word_in_two_life_cycles_stays_apart() -> None:
    """A state belongs to its own life cycle, also when another one has a state of the same name."""
    assert advance(Invite.SENT, "accept") is Invite.ACCEPTED
    with pytest.raises(IllegalTransition):
        advance(states.Outgoing.SENT, "accept")


def test_a_foreign_state_is_refused() -> None:
    """A word that is no state of ours is refused, not looked up by its text."""

    class Other(StrEnum):
        SENT = "sent"

    with pytest.raises(IllegalTransition):
        advance(Other.SENT, "accept")


def test_approved_applications_only_reopen() -> None:
    """What was approved can be changed only by reopening it; the client answers what waits for it, once."""
    only = {s for s in Application if set(states.APPLICATION[s]) == {"reopen"}}
    assert only | {Application.PENDING_CLIENT_APPROVAL} == set(states.APPROVED_STATES)
    assert set(states.APPLICATION[Application.PENDING_CLIENT_APPROVAL]) == {
        "client_approves",
        "client_cuts",
        "reopen",
    }
