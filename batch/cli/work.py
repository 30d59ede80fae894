"""The service and its single passes: daemon, tick, demo."""

from __future__ import annotations

from pathlib import Path

import typer

from batch.cli.setting import JSON, NOW, TRY_LATER, configuration, fail, instant, show_json, workplace


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("daemon")(daemon)
    app.command("tick")(tick)
    app.command("demo")(demo)


def daemon(debug: bool = typer.Option(False, "--debug", help="Log more than ids and counts.")) -> None:
    """Run the service: ticks at intervals, woken by mail, until it is told to stop."""
    from batch import jsonlog
    from batch.daemon import serve
    from batch.edges.lock import AlreadyRunning

    jsonlog.configure(debug=debug)
    try:
        serve(configuration())
    except AlreadyRunning as other:
        fail(f"another daemon or tick is at work here (process {other.pid})", TRY_LATER)


def tick(now: str = NOW, as_json: bool = JSON) -> None:
    """Do everything that is due once, and stop. For cron, and for working from files alone."""
    from batch import jsonlog
    from batch.edges.lock import AlreadyRunning, WorkLock
    from batch.jobs.tick import first_steps
    from batch.jobs.tick import tick as one_pass

    jsonlog.configure()
    at = instant(now)
    with workplace() as w:
        try:
            with WorkLock(w.data / "daemon.lock"):
                first_steps(w, at)
                done = one_pass(w, at)
        except AlreadyRunning as other:
            fail(f"another daemon or tick is at work here (process {other.pid})", TRY_LATER)
    if as_json:
        show_json({"done": done.done, "unreachable": done.unreachable})
    if done.unreachable:
        fail(f"the mailbox could not be used ({done.unreachable})", TRY_LATER)


def demo(
    out: Path = typer.Option(
        Path("billings-demo"), "--out", metavar="DIR", help="Folder for everything it makes."
    ),
    seed: int = typer.Option(1, "--seed", help="The same number makes the same story."),
) -> None:
    """Run the whole cycle on an embedded mail server, with three example projects over two billing periods."""
    from batch.demo.story import run

    raise typer.Exit(run(out, seed))
