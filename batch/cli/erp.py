"""ERP files by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from batch.cli.setting import (
    FAULTS,
    JSON,
    NOW,
    fail,
    instant,
    project_named,
    show_json,
    show_table,
    workplace,
)

if TYPE_CHECKING:
    from batch.edges.store.rows import RowMapping
    from batch.jobs.workplace import Workplace

app = typer.Typer(help="Files for the accounting system.", no_args_is_help=True)


@app.command()
def export(
    project: str = typer.Argument(help="The project's number."),
    target: str = typer.Option("csv", "--target", help="csv, json or quickbooks-iif."),
    period: int = typer.Option(
        0, "--period", help="Only this billing period; else everything not exported yet."
    ),
    now: str = NOW,
) -> None:
    """Write every approved application that this target has not had yet, as a batch with a manifest for each currency."""
    from batch.formats.erp.manifest import TARGETS
    from batch.jobs.erp import export_erp

    if target not in TARGETS:
        fail(f"there is no target {target}; known are: {', '.join(TARGETS)}", 2)
    with workplace() as w:
        batches = export_erp(w, project_named(w, project), target, instant(now), period or None)
    for one in (one for done in batches for one in done.held):
        typer.echo(f"Held: {one.document}: {one.reason}")
    problems = [problem for done in batches for problem in done.problems]
    for problem in problems:
        typer.echo(f"{problem.document or 'Batch'}: {problem.sentence}", err=True)
    written = [done for done in batches if done.folder is not None]
    for done in written:
        typer.echo(f"Written: {done.documents} documents in {done.folder}")
    if not written and not problems and not any(done.held for done in batches):
        typer.echo("Nothing new to export.")
    if problems:
        raise typer.Exit(FAULTS)


@app.command("list")
def list_(as_json: bool = JSON) -> None:
    """Every batch with its totals and state."""
    from batch.core.money import from_minor, plain
    from batch.edges.store import queries_upstream
    from batch.jobs.facts import iso

    with workplace() as w, w.store.read() as conn:
        rows = queries_upstream.batches(conn)
    facts = [
        {
            "batch": row["id"],
            "folder": row["folder"],
            "target": row["target"],
            "posts": row["posts"],
            "state": row["state"].value,
            "reverses": row["reverses_id"],
            "erp_batch": row["erp_number"],
            "documents": row["documents"],
            "currency": row["currency"],
            "total": plain(from_minor(row["total_minor"], row["currency"]), row["currency"]),
            "payable": plain(from_minor(row["payable_minor"], row["currency"]), row["currency"]),
            "created_at": iso(row["created_at"]),
        }
        for row in rows
    ]
    if as_json:
        show_json(facts)
    elif facts:
        show_table("ERP batches", list(facts[0]), [[str(value) for value in one.values()] for one in facts])
    else:
        typer.echo("There is no batch yet.")


@app.command()
def confirm(
    batch: int = typer.Argument(help="The batch's number, from `erp list`."),
    erp_batch: str = typer.Option("", "--erp-batch", help="What the accounting system calls the batch."),
    now: str = NOW,
) -> None:
    """Note that a batch was imported into the accounting system."""
    from batch.core.states import IllegalTransition
    from batch.jobs.erp import confirm_batch

    with workplace() as w:
        try:
            confirm_batch(w, _batch(w, batch), instant(now), erp_batch)
        except IllegalTransition as fault:
            fail(str(fault))
    typer.echo(f"Imported: batch {batch}.")


@app.command()
def void(batch: int = typer.Argument(help="The batch's number, from `erp list`."), now: str = NOW) -> None:
    """Take back a batch that was never imported; its documents may go out again."""
    from batch.core.states import IllegalTransition
    from batch.jobs.erp import void_batch

    with workplace() as w:
        try:
            void_batch(w, _batch(w, batch), instant(now))
        except IllegalTransition as fault:
            fail(str(fault))
    typer.echo(f"Void: batch {batch}; its documents may go out again.")


@app.command()
def reverse(batch: int = typer.Argument(help="The batch's number, from `erp list`."), now: str = NOW) -> None:
    """Take back a batch that was imported: writes a batch of credits; its documents may go out again."""
    from batch.jobs.erp_reversal import NotReversed, reverse_batch

    with workplace() as w:
        try:
            folder = reverse_batch(w, _batch(w, batch), instant(now))
        except NotReversed as fault:
            fail(str(fault))
    typer.echo(f"Reversed: batch {batch}. Import what is in {folder}; its documents may go out again.")


def _batch(w: Workplace, number: int) -> RowMapping:
    from batch.edges.store import queries_upstream

    with w.store.read() as conn:
        found = next((row for row in queries_upstream.batches(conn) if row["id"] == number), None)
    if found is None:
        fail(f"there is no batch {number}")
    return found
