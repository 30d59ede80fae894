"""What the demo made, for the person who ran it. The tables fit 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from batch.demo.story_office import PERIODS, Issued
from batch.demo.story_proof import Batch, Facts, Outcome, approved_in, rows_of

_NONE = Decimal("0.00")
# What the other columns take beside the vendor.
_OTHERS = 56


def show(console: Console, folder: Path, outcome: Outcome, issued: Sequence[Issued]) -> None:
    """Print the commitments, the totals of each project and the folder."""
    for period in PERIODS:
        console.print(_commitments(outcome.status, period, console.width), "")
    console.print(_projects(outcome.status, outcome.batches, issued), "")
    for line in _files(folder):
        console.print(line, soft_wrap=True, highlight=False)


def _table(title: str, *headings: str, amounts: int) -> Table:
    """A table whose last columns are amounts."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for number, heading in enumerate(headings, 1):
        right = number > len(headings) - amounts
        table.add_column(heading, no_wrap=True, justify="right" if right else "left")
    return table


def _commitments(facts: Facts, period: int, width: int) -> Table:
    headings = ("Commitment", "Vendor", "State", "Claimed", "Approved")
    table = _table(f"Pay applications, period {period}", *headings, amounts=2)
    for row in (row for at, row in rows_of(facts) if at["period"] == period):
        amounts = (_amount(row["claimed_this_period"]), _amount(row["approved_this_period"]))
        table.add_row(row["commitment"], _cut(row["vendor"], width - _OTHERS), row["state"], *amounts)
    return table


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 8)] + "…"


def _amount(text: str | None) -> str:
    return f"{Decimal(text):,}" if text is not None else "-"


def _projects(facts: Facts, batches: Sequence[Batch], issued: Sequence[Issued]) -> Table:
    headings = ("Project", "Period", "", "Approved", "In ERP", "To client", "Not mapped", "Held")
    table = _table("Projects", *headings, amounts=5)
    for one in sorted(issued, key=lambda each: (each.project, each.period)):
        own = [each for each in batches if (each.project, each.period) == (one.project, one.period)]
        table.add_row(one.project, str(one.period), *_totals(facts, own, one))
    return table


def _totals(facts: Facts, own: list[Batch], one: Issued) -> list[str]:
    first = [each for each in own if each.target == own[0].target]
    held = [
        Decimal(row["retainage_held"])
        for at, row in rows_of(facts)
        if (at["project"], at["period"]) == (one.project, one.period) and row["retainage_held"] is not None
    ]
    exported = sum((each.gross for each in first), _NONE)
    amounts = (
        approved_in(facts, one.project, one.period),
        exported,
        one.matched,
        one.unmatched,
        sum(held, _NONE),
    )
    return [first[0].currency if first else "", *(f"{amount:,}" for amount in amounts)]


def _files(folder: Path) -> list[str]:
    sent, received = (len(list(folder.glob(f"mail/*-{way}-*.eml"))) for way in ("sent", "received"))
    output = sum(1 for file in (folder / "output").rglob("*") if file.is_file())
    return [
        f"{sent} mails sent and {received} received: {folder / 'mail'}",
        f"{len(list(folder.glob('workbooks/*.xlsx')))} workbooks that went with them: {folder / 'workbooks'}",
        f"{output} files for client and accounting: {folder / 'output'}",
        f"Look further: {_program()} --config {folder / 'billings.yaml'} status",
    ]


def _program() -> str:
    """How the command is called here: by the script of a checkout, or by its name once it is installed."""
    script = Path(__file__).resolve().parents[2] / "run"
    return "./run" if script.is_file() else "billings"
