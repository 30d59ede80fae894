"""The command line: every job by hand. Each command imports what it needs when it runs, so that `--help` is quick.

`--config FILE` may stand before or after the command's name. Exit codes: 0, 1 findings or faults, 2 usage, 75 try later or
already running, 78 configuration.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from batch import __version__
from batch.cli import erp, look, mail, periods, register, review, upstream, work

CONFIG_VARIABLE = "BILLINGS_CONFIG"

app = typer.Typer(
    name="billings",
    help="Construction progress billing on nothing but email and Excel.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for part in (work, look, mail):
    part.add_to(app)
app.command("invite")(periods.invite)
app.command("decide")(review.decide)
app.add_typer(register.app, name="register")
app.add_typer(periods.app, name="period")
app.add_typer(review.app, name="review")
app.add_typer(upstream.app, name="upstream")
app.add_typer(erp.app, name="erp")


@app.callback(invoke_without_command=True)
def _options(
    config: str = typer.Option(
        "", "--config", metavar="FILE", help="The configuration; default ./billings.yaml or $BILLINGS_CONFIG."
    ),
    version: bool = typer.Option(False, "--version", help="Show the version and stop."),
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command. `--config` is taken out of the arguments wherever it stands."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    app(args=_without_config(words), prog_name="billings")


def _without_config(words: list[str]) -> list[str]:
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return [*kept, word, *rest]
        name, given, value = word.partition("=")
        if name != "--config":
            kept.append(word)
        elif given:
            os.environ[CONFIG_VARIABLE] = value
        elif (following := next(rest, None)) is not None:
            os.environ[CONFIG_VARIABLE] = following
        else:
            kept.append(word)
    return kept
