"""The client application by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    workplace,
)

if TYPE_CHECKING:
    from batch.jobs.client_application import Compiled

app = typer.Typer(help="The application to the client.", no_args_is_help=True)

PROJECT = typer.Argument(help="The project's number.")
PERIOD = typer.Argument(help="The billing period's number.")


@app.command("compile")
def compile_(project: str = PROJECT, period: int = PERIOD, now: str = NOW, as_json: bool = JSON) -> None:
    """Compile the client application of a period from everything approved and not billed yet; a draft, again at will."""
    from batch.jobs.client_application import NothingToCompile, compile_client_application, path_of

    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        try:
            compiled = compile_client_application(w, row, which, instant(now))
        except NothingToCompile as fault:
            fail(str(fault))
        file = path_of(w, row, which, compiled.number, "draft")
    facts = _facts(compiled)
    if as_json:
        show_json(facts)
        return
    typer.echo(f"Written: {file}")
    typer.echo(
        f"Client application {facts['number']}: matched {facts['matched']}, not mapped {facts['unmatched']}, "
        f"downstream {facts['downstream']}; due {facts['current_payment_due']} {facts['currency']}"
    )
    for one in facts["findings"]:
        typer.echo(f"Look at: {one['code']} {one['line']} {one['found']}")
    for one in facts["left_out"]["items"]:
        typer.echo(f"Left out, {one['status']}: {one['application']} {one['amount'] or 'amount not read'}")
    for name in compiled.other_currency:
        typer.echo(f"Left out, in another currency: {name}")


def _facts(compiled: Compiled) -> dict[str, Any]:
    from dataclasses import fields

    from batch.core.money import plain

    result, currency = compiled.result, compiled.result.currency
    summary = {f.name: plain(getattr(result.summary, f.name), currency) for f in fields(result.summary)}
    return {
        "number": compiled.number,
        "currency": currency,
        "matched": plain(result.control.matched, currency),
        "unmatched": plain(result.control.unmatched, currency),
        "downstream": plain(result.control.downstream, currency),
        "current_payment_due": summary["current_payment_due"],
        "summary": summary,
        "lines": [
            {
                "line": line.line.key,
                "work_this_period": plain(line.work_this_period, currency),
                "from_earlier_periods": plain(result.from_earlier(line.line.key), currency),
                "completed_and_stored": plain(line.completed_and_stored, currency),
                "retainage_held": plain(line.retainage_held, currency),
            }
            for line in result.lines
        ],
        "from_earlier_periods": {
            "total": plain(result.earlier_total, currency),
            "items": [
                {
                    "application": one.application,
                    "line": one.line_key,
                    "cost_code": one.cost_code,
                    "amount": plain(one.work + one.stored, currency),
                }
                for one in result.earlier_items
            ],
        },
        "not_mapped": [
            {
                "commitment": one.commitment,
                "line": one.line_key,
                "cost_code": one.cost_code,
                "amount": plain(one.work + one.stored, currency),
            }
            for one in result.unmatched
        ],
        "dates": _days(compiled),
        "left_out": _left_out(compiled),
        "findings": [{"code": one.code, "line": one.line, "found": one.found} for one in compiled.findings],
    }


def _days(compiled: Compiled) -> dict[str, str]:
    """The dates of the client's payment as far as they are known before it is issued."""
    from batch.edges.store.queries_dates import to_json

    return {} if compiled.dates is None else to_json(compiled.dates)


def _left_out(compiled: Compiled) -> dict[str, Any]:
    """Claims that did not go in, each with its status; a null amount could not be read, or is in another currency."""
    from batch.core.money import plain, total

    currency = compiled.result.currency
    read = (one.gross for one in compiled.left_out if one.gross is not None)
    return {
        "total": plain(total(read, currency), currency),
        "items": [
            {
                "application": one.application,
                "commitment": one.commitment,
                "status": one.state,
                "amount": None if one.gross is None else plain(one.gross, currency),
            }
            for one in compiled.left_out
        ],
    }


@app.command()
def issue(project: str = PROJECT, period: int = PERIOD, by: str = BY, now: str = NOW) -> None:
    """Issue the draft: it is frozen, and what it bills counts as billed to the client."""
    from batch.edges.store import queries_upstream
    from batch.jobs.client_application import NothingToCompile, issue_client_application

    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        try:
            number = issue_client_application(w, row, which, admin_named(w, by), instant(now))
        except NothingToCompile as fault:
            fail(str(fault))
        with w.store.read() as conn:
            issued = queries_upstream.of_period(conn, which["id"])
    typer.echo(f"Issued: client application {number} of project {project}")
    for name, day in (issued["dates"] if issued is not None else {}).items():
        typer.echo(f"{name.removesuffix('_on').replace('_', ' ')}: {day}")


@app.command()
def void(project: str = PROJECT, period: int = PERIOD, by: str = BY, now: str = NOW) -> None:
    """Take back a draft that should not be there. An issued client application is never taken back."""
    from batch.jobs.client_application import NothingToCompile, void_client_application

    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        try:
            number = void_client_application(w, which, admin_named(w, by), instant(now))
        except NothingToCompile as fault:
            fail(str(fault))
    typer.echo(f"Void: client application {number} of project {project}")
