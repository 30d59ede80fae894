"""The client application by hand."""

from __future__ import annotations

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

app = typer.Typer(help="The application to the client.", no_args_is_help=True)

PROJECT = typer.Argument(help="The project's number.")
PERIOD = typer.Argument(help="The billing period's number.")


@app.command("compile")
def compile_(project: str = PROJECT, period: int = PERIOD, now: str = NOW, as_json: bool = JSON) -> None:
    """Compile the client application of a period from everything approved and not billed yet; a draft, again at will."""
    from batch.jobs.client_application import NothingToCompile, compile_client_application, path_of
    from batch.jobs.client_facts import facts_of

    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        try:
            compiled = compile_client_application(w, row, which, instant(now))
        except NothingToCompile as fault:
            fail(str(fault))
        file = path_of(w, row, which, compiled.number, "draft")
    facts = facts_of(compiled)
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


@app.command()
def show(project: str = PROJECT, period: int = PERIOD, as_json: bool = JSON) -> None:
    """One client application as it is kept: lines, summary, change orders, retainage by line, sources."""
    from batch.jobs.client_facts import facts_of_period

    with workplace() as w:
        row = project_named(w, project)
        found = facts_of_period(w, row, period_numbered(w, row, period))
    if found is None:
        fail("there is no client application of this period; compile one first")
    if as_json:
        show_json(found)
        return
    typer.echo(f"Client application {found['number']}, {found['state']}, in {found['currency']}")
    for name, value in found["summary"].items():
        typer.echo(f"{name.replace('_', ' ')}: {value}")
    if found["certified"] is not None:
        typer.echo(
            f"certified: {found['certified']['summary']['current_payment_due']}, "
            f"not certified: {found['certified']['not_certified']['total']} before retainage"
        )


@app.command()
def release(
    project: str = PROJECT,
    period: int = PERIOD,
    amount: str = typer.Option("", help="Amount to ask back; 0 takes back what was asked. Blank: see --all."),
    everything: bool = typer.Option(False, "--all", help="Ask back all that is held."),
    line: str = typer.Option(
        "", help="Line of the client contract. Blank: in total, shared by what each holds."
    ),
    by: str = BY,
    now: str = NOW,
) -> None:
    """Ask retainage back from the client in a period's client application; compile it afterwards."""
    from batch.jobs.client_release import ReleaseRefused, ask_release

    if everything == bool(amount):
        fail("give an amount with --amount, or --all, and not both")
    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        try:
            ask_release(w, row, which, line, None if everything else amount, admin_named(w, by), instant(now))
        except ReleaseRefused as fault:
            fail(str(fault))
    typer.echo("Asked back. It goes into the client application when it is compiled.")


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
def certify(
    project: str = PROJECT,
    period: int = PERIOD,
    line: list[str] = typer.Option(
        [], help="LINE=AMOUNT: work of this period that the client certified on a line. Else as issued."
    ),
    stored: list[str] = typer.Option(
        [], help="LINE=AMOUNT: stored materials that the client certified on a line. Else as issued."
    ),
    reason: str = typer.Option("", help="What the client said."),
    by: str = BY,
    now: str = NOW,
) -> None:
    """Note what the client certified of an issued client application; all of it when no line is named."""
    from batch.jobs.client_certificate import CertificateRefused, certify_client_application

    work, on_stored = _by_line(line), _by_line(stored)
    with workplace() as w:
        row = project_named(w, project)
        which = period_numbered(w, row, period)
        admin = admin_named(w, by)
        try:
            made = certify_client_application(
                w, row, which, work, on_stored, reason.strip(), admin, instant(now)
            )
        except CertificateRefused as fault:
            fail(str(fault))
    due = made.bill.summary.current_payment_due
    typer.echo(f"Certified: client application {made.number} of project {project}, due {due}")


def _by_line(said: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in said:
        key, equals, amount = one.rpartition("=")
        if not equals or not key.strip() or key.strip() in found:
            fail(f'"{one}" is not a line of its own with an amount, such as A10=1500.00', 2)
        found[key.strip()] = amount.strip()
    return found


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
