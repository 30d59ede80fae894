"""The reference of the register's sheets and columns, as Markdown.

`python -m batch.formats.register.reference` writes what stands between the two marks in `docs/register.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from batch.formats.register.kinds import Kind
from batch.formats.register.sheets import SHEETS, Sheet, SheetColumn


def reference() -> str:
    """Every sheet and column in plain words."""
    return "\n\n".join("\n".join(_sheet(sheet)) for sheet in SHEETS)


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield f"### {sheet.title}"
    yield ""
    yield sheet.intro
    yield ""
    yield "| column | takes | needed | what it is | example |"
    yield "| --- | --- | --- | --- | --- |"
    for column in sheet.columns:
        needed = "yes" if column.required else ""
        said = [_cell(text) for text in (column.shown.help, column.shown.example)]
        yield "| " + " | ".join([column.shown.heading, _takes(column), needed, *said]) + " |"


def _takes(column: SheetColumn) -> str:
    if column.kind in (Kind.CHOICE, Kind.YES_NO):
        return " / ".join(column.choices)
    return column.kind.value


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    sys.stdout.write(reference() + "\n")
