"""What commands share: opening the data folder, the instant, printing facts, ending with the right code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from batch.config import Config
    from batch.edges.store.rows import RowMapping
    from batch.jobs.workplace import Workplace

FAULTS, TRY_LATER, CONFIGURATION = 1, 75, 78

NOW = typer.Option("", "--now", metavar="ISO-8601", help="Work as of this instant instead of the clock's.")
JSON = typer.Option(False, "--json", help="Print facts as JSON.")
BY = typer.Option(
    "", "--by", metavar="ADDRESS", help="The admin who does it; may be left out when there is only one."
)


def fail(sentence: str, code: int = FAULTS) -> NoReturn:
    """End with a sentence on standard error."""
    typer.echo(f"billings: {sentence}", err=True)
    raise typer.Exit(code)


def configuration() -> Config:
    """The configuration, or an end with every fault of it."""
    from batch.config import find, load
    from batch.config_secret import ConfigError

    file = find()
    if not file.exists():
        fail(
            f"there is no configuration {file}; make one (docs/getting-started.md) or name it with --config FILE",
            CONFIGURATION,
        )
    try:
        return load(file)
    except ConfigError as fault:
        for problem in fault.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(CONFIGURATION) from None


@contextmanager
def workplace() -> Iterator[Workplace]:
    """The data folder, open for work; closed at the end."""
    from batch.config_secret import ConfigError
    from batch.jobs.workplace import open_workplace

    opened = open_workplace(configuration())
    try:
        yield opened
    except ConfigError as fault:
        fail("; ".join(fault.problems), CONFIGURATION)
    finally:
        opened.store.close()


def instant(now: str) -> datetime:
    """The instant of `--now`, else the clock's."""
    from batch.clock import clock_from_environment, parse_instant

    if not now:
        return clock_from_environment()()
    try:
        return parse_instant(now)
    except ValueError as fault:
        fail(str(fault), 2)


def show_json(facts: Any) -> None:
    """Print facts as JSON."""
    typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))


def show_table(title: str, headings: list[str], rows: list[list[str]]) -> None:
    """Print a table for a person; plain and unbroken lines when the output is no terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def project_named(w: Workplace, number: str) -> RowMapping:
    """The project of this number, or an end."""
    from batch.edges.store import queries_register

    with w.store.read() as conn:
        found = queries_register.project_by_number(conn, number)
        known = ", ".join(row["number"] for row in queries_register.projects(conn))
    if found is None:
        fail(f"there is no project {number}; known are: {known or 'none, import a register first'}")
    return found


def period_numbered(w: Workplace, project: RowMapping, number: int) -> RowMapping:
    """The billing period of this number, or an end."""
    from batch.edges.store import queries_periods

    with w.store.read() as conn:
        found = queries_periods.period_by_number(conn, project["id"], number)
    if found is None:
        fail(f"project {project['number']} has no billing period {number}")
    return found


def admin_named(w: Workplace, address: str) -> RowMapping:
    """The admin of this address; without one, the only admin there is. Else an end."""
    from batch.edges.store import queries_register

    with w.store.read() as conn:
        admins = queries_register.admins(conn)
        found = queries_register.admin_by_address(conn, address) if address else None
    if not address and len(admins) == 1:
        return admins[0]
    if found is None:
        known = ", ".join(row["address"] for row in admins) or "none, import a register first"
        fail(f"say which admin decides with --by; known are: {known}")
    return found


def application_named(w: Workplace, name: str) -> RowMapping:
    """The application that a person calls so, or an end."""
    from batch.edges.store import queries_applications

    with w.store.read() as conn:
        found = queries_applications.find(conn, name)
    if found is None:
        fail(f"there is no application {name}")
    return found
