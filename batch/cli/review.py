"""Review workbooks by hand."""

from __future__ import annotations

from pathlib import Path

import typer

from batch.cli.setting import (
    BY,
    FAULTS,
    NOW,
    admin_named,
    application_named,
    fail,
    instant,
    period_numbered,
    project_named,
    workplace,
)

DECISIONS = (
    "approve", "approve-credit", "pending-client-approval", "reject", "hold", "client-approves", "client-cuts", "reopen",
    "override", "recall", "void",
)  # fmt: skip

app = typer.Typer(help="What waits for an admin's decision, as a workbook.", no_args_is_help=True)


@app.command()
def export(
    project: str = typer.Argument(help="The project's number."),
    period: int = typer.Argument(help="The billing period's number."),
    now: str = NOW,
) -> None:
    """Make the review workbooks of a period as it stands now: into each admin's folder, and by mail."""
    from batch.jobs.review_sheets import deliver, wanted_for

    with workplace() as w:
        row = period_numbered(w, project_named(w, project), period)
        with w.store.read() as conn:
            wanted = wanted_for(conn, w, row, instant(now), only_new=False)
        if not wanted:
            fail("there is nothing to decide in this period, or no admin who may approve")
        for one in wanted:
            typer.echo(f"Written: {deliver(w, one, instant(now))}")


@app.command()
def apply(
    file: Path = typer.Argument(help="A review workbook with decisions filled in."),
    by: str = BY,
    now: str = NOW,
) -> None:
    """Apply the decisions of a review workbook as one admin. Exit 1 when something was refused."""
    from batch.edges.store.events import StaleRow
    from batch.jobs.review import apply_review

    if not file.is_file():
        fail(f"there is no file {file}", 2)
    with workplace() as w:
        admin = admin_named(w, by)
        try:
            result = apply_review(w, file.read_bytes(), admin, file.name, instant(now))
        except StaleRow:
            fail("something was changed at the same moment; nothing was applied, try again", 75)
    for line in result.lines():
        typer.echo(line)
    if result.refused:
        raise typer.Exit(FAULTS)


def decide(
    application: str = typer.Argument(help="SC-101/3, or #12."),
    decision: str = typer.Argument(
        help="approve (as claimed), approve-credit (a payment due below zero), reject, hold; "
        "pending-client-approval (approved by us, the client has to agree), then client-approves or client-cuts; "
        "reopen an approved one; override a returned one; "
        "recall one sent to be revised; void."
    ),
    reason: str = typer.Option(
        "",
        "--reason",
        help="Why; needed for everything but an approval as claimed, by you or by the client.",
    ),
    materials: str = typer.Option(
        "",
        "--materials",
        help="UK, CIS: cost of materials in the payment, where the subcontractor gave none.",
    ),
    work: list[str] = typer.Option(
        [],
        "--work",
        help="Approved work this period of a line that the client cut: LINE=AMOUNT. May be repeated.",
    ),
    stored: list[str] = typer.Option(
        [],
        "--stored",
        help="Approved stored materials of a line that the client cut: LINE=AMOUNT. May be repeated.",
    ),
    by: str = BY,
    now: str = NOW,
) -> None:
    """One decision by hand, by the same rules as the review workbook. Exit 1 when it is refused."""
    from batch.formats.terms import state_shown
    from batch.jobs.by_hand import MOVES, Figures, decide_by_hand, move_by_hand
    from batch.jobs.reopen_application import NotReopened, reopen_application

    if decision not in DECISIONS:
        fail(f"there is no decision {decision}; known are: {', '.join(DECISIONS)}", 2)
    with workplace() as w:
        admin, at = admin_named(w, by), instant(now)
        row = application_named(w, application)
        refused: list[str] = []
        try:
            if decision == "reopen":
                reopen_application(w, row, admin, reason, at)
            elif decision in MOVES:
                refused = move_by_hand(w, row, decision, reason, admin, at)
            else:
                refused = decide_by_hand(
                    w, row, decision, reason, admin, at, materials, Figures(work=work, stored=stored)
                )
        except NotReopened as fault:
            fail(str(fault))
        state = state_shown(application_named(w, f"#{row['id']}")["state"], row["locale"])
    for sentence in refused:
        typer.echo(sentence, err=True)
    typer.echo(f"{application}: {state}")
    if refused:
        raise typer.Exit(FAULTS)
