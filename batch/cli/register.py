"""The register workbook by hand: template, check, import, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from batch.cli.setting import FAULTS, JSON, NOW, fail, instant, show_json, workplace

if TYPE_CHECKING:
    from batch.jobs.register import RegisterCheck

app = typer.Typer(help="Projects, vendors, commitments and contracts, as one workbook.", no_args_is_help=True)


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        fail(f"there is no file {file}", 2)
    return file.read_bytes()


def _save(file: Path, data: bytes) -> None:
    from batch.edges.folders import write_file

    if file.exists():
        fail(f"{file} is there already; it is not overwritten", 2)
    write_file(file.absolute(), data)
    typer.echo(f"Written: {file}")


@app.command()
def template(file: Path = typer.Argument(help="Where to write it (.xlsx)."), now: str = NOW) -> None:
    """Write an empty register workbook to fill in."""
    from batch.formats.register.template import template as empty

    _save(file, empty(instant(now)))


@app.command()
def check(file: Path = typer.Argument(help="A filled-in register workbook."), as_json: bool = JSON) -> None:
    """Check a register workbook and show what an import would do; nothing is changed. Exit 1 when a row is refused."""
    from batch.formats.register.report import opening_held
    from batch.jobs.register import check_register

    with workplace() as w:
        checked = check_register(w, _bytes(file))
    _report(checked, as_json=as_json)
    if not as_json:
        for row in opening_held(checked.read):
            typer.echo(
                f"Held at the start: {row.vendor} {row.vendor_name}, {row.commitment}: {row.held} {row.currency}"
            )
    if checked.faults:
        raise typer.Exit(FAULTS)


@app.command("import")
def import_(
    file: Path = typer.Argument(help="A filled-in register workbook."),
    yes: bool = typer.Option(False, "--yes", help="Apply without asking."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only show what would be done."),
    by: str = typer.Option("", "--by", metavar="ADDRESS", help="The admin who does it, for the record."),
    now: str = NOW,
    as_json: bool = JSON,
) -> None:
    """Apply a register workbook after showing what it adds, changes and refuses. Exit 1 when a row was refused."""
    from batch.edges.store import queries_register
    from batch.jobs.register import check_register, import_register

    data = _bytes(file)
    with workplace() as w:
        checked = check_register(w, data)
        _report(checked, as_json=as_json)
        if not dry_run and not checked.plan.empty and (yes or typer.confirm("Apply this?")):
            with w.store.read() as conn:
                admin = queries_register.admin_by_address(conn, by) if by else None
            import_register(w, data, instant(now), admin["id"] if admin is not None else None)
            if not as_json:
                typer.echo("Applied.")
    if checked.faults:
        raise typer.Exit(FAULTS)


@app.command()
def export(file: Path = typer.Argument(help="Where to write it (.xlsx)."), now: str = NOW) -> None:
    """Write the register as it stands, each row stamped, to be changed and imported again."""
    from batch.jobs.register import export_register

    with workplace() as w:
        data = export_register(w, instant(now))
    _save(file, data)


def _report(checked: RegisterCheck, *, as_json: bool) -> None:
    from batch.formats.register.report import describe, describe_problems

    if as_json:
        plan = checked.plan
        facts = {
            "added": len(plan.added),
            "changed": len(plan.changed),
            "unchanged": plan.unchanged,
            "refused": [{"sheet": r.title, "cell": r.cell, "reason": r.reason} for r in plan.refused],
            "problems": [
                {
                    "sheet": p.sheet,
                    "cell": p.cell,
                    "found": p.found,
                    "expected": p.expected,
                    "sentence": p.sentence,
                }
                for p in checked.read.problems
            ],
        }
        show_json(facts)
        return
    for line in (*describe_problems(checked.read.problems), *describe(checked.plan)):
        typer.echo(line)
