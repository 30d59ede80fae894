"""Looking without touching: status, show, why, verify, doctor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from batch.cli.setting import FAULTS, JSON, NOW, fail, instant, show_json, show_table, workplace


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("status")(status)
    app.command("show")(show)
    app.command("why")(why)
    app.command("verify")(verify)
    app.command("doctor")(doctor)


def status(now: str = NOW, as_json: bool = JSON) -> None:
    """Every billing period and commitment, and where it stands."""
    from batch.jobs.facts import status as facts_of

    with workplace() as w:
        facts = facts_of(w, instant(now))
    if as_json:
        show_json(facts)
        return
    headings = [
        "Commitment",
        "Vendor",
        "Invite",
        "Application",
        "State",
        "Claimed",
        "Approved",
        "Payment due",
        "Held",
        "Findings",
    ]
    for period in facts["periods"]:
        if not period["commitments"]:
            continue
        names = (
            "commitment", "vendor", "invite", "application", "state", "claimed_this_period", "approved_this_period",
            "current_payment_due", "retainage_held", "findings",
        )  # fmt: skip
        rows = [
            ["" if one[name] is None else str(one[name]) for name in names] for one in period["commitments"]
        ]
        span = f"{period['from']} to {period['to']}"
        title = (
            f"{period['project']}, period {period['period']} ({span}), {period['state']}, due {period['due']}"
        )
        show_table(title, headings, rows)
    if not any(period["commitments"] for period in facts["periods"]):
        typer.echo("Nobody has been invited yet. What is planned: billings period list")
    typer.echo(f"Mail in: {_counted(facts['inbox'])}")
    typer.echo(f"Mail out: {_counted(facts['outbox'])}")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) or "none"


def show(
    application: str = typer.Argument(help="SC-101/3, or SC-101/3.2 for its second revision, or #12."),
    as_json: bool = JSON,
) -> None:
    """One pay application, whole: lines, summary, findings, history."""
    from batch.jobs.facts import show as facts_of

    with workplace() as w:
        facts = facts_of(w, application)
    if facts is None:
        fail(f"there is no application {application}")
    if as_json:
        show_json(facts)
        return
    names = (
        "item", "description", "scheduled_value", "work_previous", "work_this_period", "materials_stored",
        "completed_and_stored", "balance_to_finish", "retainage_held",
    )  # fmt: skip
    headings = [name.replace("_", " ").capitalize() for name in names]
    title = f"{facts['application']}  {facts['vendor']}  {facts['state']}  {facts['currency']}"
    show_table(title, headings, [[str(line[name]) for name in names] for line in facts["lines"]])
    show_table(
        "Summary",
        ["", "Amount"],
        [[n.replace("_", " ").capitalize(), v] for n, v in facts["summary"].items()],
    )
    for one in facts["findings"]:
        typer.echo(
            f"{one['severity']}: {one['code']} {one['sheet']} {one['cell']} found {one['found']} expected {one['expected']}"
        )
    for one in facts["history"]:
        typer.echo(
            f"{one['at']}  {one['what']}  revision {one['revision']}  by {one['by']}  {one.get('reason') or ''}"
        )


def why(
    name: str = typer.Argument(
        help="SC-101/3 (a pay application), 26-014/2 (project and number of a client application), "
        "erp:INV-7 (a document for accounting), or inbox:12 (a received mail)."
    ),
    figure: list[str] = typer.Argument(
        None,
        help="L1 to L9, gross, payable, tax, or a name such as retainage held; a line and a figure of it: 3 work; of a "
        "commitment in a foreign currency also with the project's behind it: payable USD; "
        "a deduction's number. Nothing: the state, who, when and why.",
    ),
    everything: bool = typer.Option(False, "--all", help="Show the parts of every part, however many."),
    as_json: bool = JSON,
) -> None:
    """How a figure or a state came about, back to messages, cells, the register and people; exit 1 if it does not tie."""
    from batch.jobs.why import NotKnown
    from batch.jobs.why import why as answer_to

    with workplace() as w:
        try:
            answer = answer_to(w, name, figure or ())
        except NotKnown as fault:
            fail(str(fault))
    if as_json:
        show_json(answer.facts())
    elif answer.root is not None:
        typer.echo("\n".join(answer.lines(everything=everything)))
    else:
        _show_steps(answer.steps)
    if not answer.ties:
        raise typer.Exit(FAULTS)


def _show_steps(steps: Sequence[Mapping[str, Any]]) -> None:
    for step in steps:
        rest = {
            key: value
            for key, value in step.items()
            if key not in ("at", "what") and value not in (None, "", [])
        }
        lists = {key: value for key, value in rest.items() if isinstance(value, list)}
        typer.echo(f"{step['at']}  {step['what']}")
        typer.echo("    " + ", ".join(f"{key} {value}" for key, value in rest.items() if key not in lists))
        for line in (line for lines in lists.values() for line in lines):
            typer.echo(f"      {line}")


def verify(as_json: bool = JSON) -> None:
    """Prove that nothing was altered and that all totals tie; exit 1 on a fault."""
    from batch.jobs.verify import verify as faults_of

    with workplace() as w:
        faults = faults_of(w)
    if as_json:
        show_json({"faults": faults})
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(FAULTS)
    if not as_json:
        typer.echo("Everything ties.")


def doctor(now: str = NOW, as_json: bool = JSON) -> None:
    """Check configuration, database, clock, disk, mail servers, templates, last tick and what waits; exit 1 on a fault."""
    from batch.jobs.doctor import doctor as look_at

    with workplace() as w:
        findings = look_at(w, instant(now))
    if as_json:
        show_json([{"what": one.what, "well": one.well, "sentence": one.sentence} for one in findings])
    else:
        for one in findings:
            typer.echo(f"{'ok   ' if one.well else 'FAULT'} {one.what}: {one.sentence}")
    if not all(one.well for one in findings):
        raise typer.Exit(FAULTS)
