"""Billing periods by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from batch.cli.setting import (
    BY,
    JSON,
    NOW,
    admin_named,
    fail,
    instant,
    period_numbered,
    project_named,
    show_json,
    show_table,
    workplace,
)

if TYPE_CHECKING:
    from batch.edges.store.rows import RowMapping
    from batch.jobs.workplace import Workplace

app = typer.Typer(help="Billing periods.", no_args_is_help=True)

PROJECT = typer.Argument(help="The project's number.")
PERIOD = typer.Argument(help="The billing period's number.")


@app.command("list")
def list_(now: str = NOW, as_json: bool = JSON) -> None:
    """Every billing period with its instants and state."""
    from batch.jobs.facts import status

    with workplace() as w:
        facts = status(w, instant(now))["periods"]
    names = ("project", "period", "from", "to", "state", "due", "closes")
    if as_json:
        show_json([{name: one[name] for name in names} for one in facts])
    else:
        show_table("Billing periods", list(names), [[str(one[name]) for name in names] for one in facts])


@app.command()
def close(project: str = PROJECT, period: int = PERIOD, now: str = NOW) -> None:
    """Close a period now instead of at its planned instant; the next tick tells those who have not answered."""
    from batch.jobs.reopen import close_period

    with workplace() as w:
        row = period_numbered(w, project_named(w, project), period)
        close_period(w, row, instant(now))
    typer.echo(f"Period {period} of {project} closes with the next tick.")


@app.command()
def reopen(
    project: str = PROJECT,
    period: int = PERIOD,
    commitment: str = typer.Option(
        "", "--commitment", metavar="NUMBER", help="Only for this commitment; else for all."
    ),
    reason: str = typer.Option(..., "--reason", help="Why; it is kept."),
    until: str = typer.Option(
        "", "--until", metavar="ISO-8601", help="When it closes again, for all; default a week."
    ),
    by: str = BY,
    now: str = NOW,
) -> None:
    """Open a closed period again, for one commitment or for all. What was sent and exported stays as it is."""
    from batch.core.states import IllegalTransition
    from batch.edges.store import queries_register
    from batch.jobs.reopen import reopen_period

    with workplace() as w:
        admin = admin_named(w, by)
        row = period_numbered(w, project_named(w, project), period)
        with w.store.read() as conn:
            one = queries_register.commitment_by_number(conn, commitment) if commitment else None
        if commitment and one is None:
            fail(f"there is no commitment {commitment}")
        try:
            reopen_period(w, row, one, admin, reason, instant(now), instant(until) if until else None)
        except IllegalTransition as fault:
            fail(str(fault))
    typer.echo(f"Open again: period {period} of {project}{', for ' + commitment if commitment else ''}.")


def invite(
    project: str = PROJECT,
    period: int = PERIOD,
    commitment: str = typer.Argument(help="The commitment's number."),
    kind: str = typer.Option(
        "", "--for", help="work, release, both or final: invite for that, in place of an unanswered invite."
    ),
    now: str = NOW,
) -> None:
    """Send an invite that reached nobody again, to the contacts that the register has now; or invite for something else."""
    from batch.edges.store import queries_periods
    from batch.jobs.invite import NothingToInvite, invite_again

    with workplace() as w:
        row = period_numbered(w, project_named(w, project), period)
        if kind:
            typer.echo(_invited_for(w, row, commitment, kind, now))
            return
        with w.store.read() as conn:
            invites = queries_periods.invites(conn, row["id"])
        found = next((one for one in invites if one["commitment_number"] == commitment), None)
        if found is None:
            fail(f"{commitment} has no invite in period {period} of {project}")
        try:
            count = invite_again(w, found, instant(now))
        except NothingToInvite as fault:
            fail(str(fault))
    typer.echo(f"Invited: {commitment}, {count} mail{'s' if count > 1 else ''}.")


def _invited_for(w: Workplace, period: RowMapping, commitment: str, kind: str, now: str) -> str:
    """Invite for one kind of bill; gives what to say."""
    from batch.core.model import InviteKind
    from batch.edges.store import queries_register
    from batch.jobs.invite import NothingToInvite
    from batch.jobs.invite_kind import invite_for

    if kind not in list(InviteKind):
        fail(f"there is no invite for {kind}; known are: {', '.join(InviteKind)}", 2)
    with w.store.read() as conn:
        row = queries_register.commitment_by_number(conn, commitment)
    if row is None or row["project_id"] != period["project_id"]:
        fail(f"there is no commitment {commitment} in this project", 2)
    try:
        count = invite_for(w, period, row, InviteKind(kind), instant(now))
    except NothingToInvite as fault:
        fail(f"{commitment} cannot be invited: {fault}")
    return f"Invited for {kind}: {commitment}, {count} mail{'' if count == 1 else 's'}."
