"""The parts of the documentation that are written from the code: commands, findings, life cycles.

Each part stands between two marks in its page. After a change, `python -m tests.pages` writes all of them anew;
`test_docs.py` fails while one of them is not what the code gives.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from batch.core.findings import CODES
from batch.core.states import SHOWN, TABLES, Table
from batch.formats.findings_text import SENTENCES
from batch.formats.terms import TERMS, capital

ROOT = Path(__file__).parent.parent

#: Headings of the catalogue, and the finding codes below each, in the order a workbook meets them.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "The file": (
        "workbook-unreadable", "workbook-format", "workbook-reduced", "workbook-encrypted", "workbook-too-large",
        "workbook-hostile", "table-not-recognised", "several-workbooks",
    ),
    "Whose workbook it is": (
        "token-missing", "token-conflict", "token-unknown", "wrong-commitment", "wrong-project",
        "wrong-period", "issue-replaced", "issue-rebased", "line-newer", "entry-rebased", "period-closed",
        "already-approved",
    ),
    "What was filled in": (
        "nothing-entered", "not-a-number", "ambiguous-number", "too-many-decimals", "quantity-decimals", "wrong-method",
        "also-entered", "cell-error",
        "formula-uncalculated", "formula-in-input", "line-missing", "line-unknown", "line-repeated",
    ),
    "How much is billed": (
        "over-line", "over-quantity", "quantity-needed", "milestone-part", "under-line", "over-change-order",
        "over-contract", "negative-work", "stored-dropped", "stored-no-backup", "work-no-backup",
        "work-not-invited", "release-not-invited", "release-over-held", "credit-application", "materials-missing",
        "materials-over-payment", "final-incomplete", "final-stored", "final-retainage",
        "final-change-pending", "final-on-hold", "final-approved",
    ),
    "Cells that are not for input": (
        "prior-changed", "locked-cell-changed", "retainage-changed", "total-mismatch",
    ),
    "How it came": (
        "late", "sent-by-other", "answer-after-decline", "accept-with-workbook", "invoice-number-repeated",
    ),
    "Review workbooks": (
        "decision-unknown", "decision-missing", "credit-decision", "client-decision", "client-too-late",
        "amount-missing", "reason-missing", "row-stale",
        "not-permitted", "own-entry", "earlier-undecided", "figures-moved",
        "figures-broken",
        "exchange-rate-missing", "exchange-rate-wrong", "on-behalf-incomplete",
    ),
    "The client application": ("line-not-mapped", "over-client-line"),
}  # fmt: skip

#: Who has to act on a finding, in the words of the catalogue. What is not named here is the sender's.
ADMIN, SENDER, NOBODY = "admin", "sender", "nobody"
SENDER_OR_ADMIN = "sender, or admin"
ACTS: Mapping[str, str] = (
    dict.fromkeys(
        (
            "workbook-reduced", "token-conflict", "token-unknown", "issue-rebased", "line-newer", "entry-rebased", "line-unknown",
            "negative-work", "stored-dropped", "credit-application", "materials-missing", "materials-over-payment",
            "final-change-pending", "final-on-hold", "final-approved",
            *GROUPS["Cells that are not for input"],
            "sent-by-other", "accept-with-workbook", "invoice-number-repeated", *GROUPS["Review workbooks"],
            *GROUPS["The client application"],
        ),
        ADMIN,
    )
    | dict.fromkeys(("formula-in-input", "also-entered", "late", "answer-after-decline"), NOBODY)
    | dict.fromkeys(
        (
            "table-not-recognised", "token-missing", "issue-replaced", "line-missing", "ambiguous-number",
            "over-line", "over-quantity", "under-line", "over-change-order", "over-contract", "stored-no-backup",
            "work-no-backup",
        ),
        SENDER_OR_ADMIN,
    )
)  # fmt: skip


def command_pages() -> str:
    """Every command: how it is typed, what it does, its arguments and options."""
    return "\n\n".join(_command(name, command) for name, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, such as `billings register check`, with Typer's own description of it."""
    typer = importlib.import_module("typer")
    cli = importlib.import_module("batch.cli")
    yield from _below("billings", typer.main.get_command(cli.app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for word, each in command.commands.items():
        yield from _below(f"{name} {word}", each)


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if _is_argument(one)]
    usage = " ".join([name, *map(_placeholder, arguments), *(_needed(one) for one in command.params)]).strip()
    rows = [
        f"| `{_typed(one)}` | {_cell(str(one.help or ''))}{_default(one)} |"
        for one in command.params
        if one.help
    ]
    table = ["", "| argument or option | what it is |", "| --- | --- |", *rows] if rows else []
    return "\n".join([f"### `{name}`", "", f"    {usage}", "", " ".join(command.help.split()), *table])


def _is_argument(parameter: Any) -> bool:
    return not parameter.opts[0].startswith("-")


def _placeholder(argument: Any) -> str:
    word = argument.name.upper().rstrip("S") if argument.nargs == -1 else argument.name.upper()
    return f"{word} ..." if argument.nargs == -1 else word


def _needed(parameter: Any) -> str:
    return "" if _is_argument(parameter) or not parameter.required else _typed(parameter)


def _typed(parameter: Any) -> str:
    if _is_argument(parameter):
        return _placeholder(parameter)
    word = str(parameter.opts[0])
    return word if parameter.is_flag else f"{word} {parameter.metavar or word.lstrip('-').upper()}"


def _default(parameter: Any) -> str:
    shown = not _is_argument(parameter) and not parameter.is_flag and parameter.default
    return f" Default: `{parameter.default}`." if shown else ""


def finding_catalogue() -> str:
    """Every finding code by group: what it means, what the person reads, who has to act."""
    return "\n\n".join(_group(heading, codes) for heading, codes in GROUPS.items())


def _group(heading: str, codes: tuple[str, ...]) -> str:
    rows = [f"| `{code}` | {acts(code)} | {_cell(CODES[code])} | {_cell(_read(code))} |" for code in codes]
    head = ["| code | who acts | what it is | what people read |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {heading}", "", *head, *rows])


def acts(code: str) -> str:
    """Who has to act on a finding of this code: the sender, the admin, nobody."""
    return ACTS.get(code, SENDER)


def _read(code: str) -> str:
    """The fullest sentence of a finding in the words of en-US; what differs from case to case stands as `…`."""
    words = {**TERMS["en-US"], **{capital(key): capital(text) for key, text in TERMS["en-US"].items()}}
    text = SENTENCES[code][0]
    for name in ("found", "expected", "difference", "line", "currency"):
        text = text.replace("{" + name + "}", "…")
    for key, word in words.items():
        text = text.replace("{" + key + "}", word)
    return text


def moves(cycle: str) -> Callable[[], str]:
    """The arrows of one life cycle, one row a state: what can happen in it, and what it becomes."""

    def table() -> str:
        rows = [f"| `{state.name}` | {_accepted(state, TABLES[cycle])} |" for state in TABLES[cycle]]
        return "\n".join(["| in | what can happen -> becomes |", "| --- | --- |", *rows])

    return table


def _accepted(state: Any, table: Table) -> str:
    arrows = [f"{event.replace('_', ' ')} -> `{to.name}`" for event, to in table[state].items()]
    return ", ".join(arrows) or "nothing"


def diagrams() -> str:
    """Every life cycle as a diagram, drawn from its table."""
    return "\n\n".join(_diagram(name, table) for name, table in TABLES.items())


def _diagram(name: str, table: Table) -> str:
    return "\n".join([f"{capital(name)}:", "", "```mermaid", "stateDiagram-v2", *_arrows(table), "```"])


def _arrows(table: Table) -> Iterator[str]:
    yield f"    [*] --> {next(iter(table)).name}"
    for state, accepted in table.items():
        together: dict[str, list[str]] = {}
        for event, following in accepted.items():
            together.setdefault(following.name, []).append(event)
        yield from (f"    {state.name} --> {to}: {', '.join(events)}" for to, events in together.items())
        if not accepted:
            yield f"    {state.name} --> [*]"


def shown(state: Any) -> str:
    """The name of a state that people see: in status, in workbooks, in mail."""
    # States of different life cycles are equal when their texts are; only the type tells them apart.
    own = {name: text for name, text in SHOWN.items() if type(name) is type(state)}
    return own.get(state, str(state.value))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


#: Every written part: its page, the word in its marks, and what writes it.
PARTS: Mapping[tuple[str, str], Callable[[], str]] = {
    ("docs/commands.md", "commands"): command_pages,
    ("docs/findings.md", "findings"): finding_catalogue,
    **{("docs/states.md", name): moves(name) for name in TABLES},
    ("batch/docs.md", "diagrams"): diagrams,
}


def marks(word: str) -> tuple[str, str]:
    """What stands before and after a written part."""
    return f"<!-- {word}: begin -->", f"<!-- {word}: end -->"


def part(text: str, word: str) -> str:
    """What stands between the two marks in the text of a page. ValueError when a mark is missing."""
    begin, end = marks(word)
    return text[text.index(begin) + len(begin) : text.index(end)].strip()


def with_part(text: str, word: str, new: str) -> str:
    """The page with another text between its two marks."""
    begin, end = marks(word)
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n{new}\n{end}{rest.split(end, 1)[1]}"


def main() -> None:
    """Write every part anew into its page."""
    for (page, word), written in PARTS.items():
        file = ROOT / page
        text = file.read_text(encoding="utf-8")
        file.write_text(with_part(text, word, written()), encoding="utf-8")


if __name__ == "__main__":
    main()
