"""What a user can type, meet or set is in docs/: every command, config key, finding code and state."""

from __future__ import annotations

import enum
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.config import Config
from batch.config_example import all_keys

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def documentation() -> str:
    """All pages for users, as one text."""
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))


def unmentioned(names: list[str]) -> list[str]:
    """The names that stand nowhere in docs/ between backticks."""
    quoted = set(re.findall(r"`([^`\n]+)`", documentation()))
    return [name for name in names if name not in quoted]


def commands() -> Iterator[str]:
    """Every command as it is typed, such as `billings register check`."""
    typer = importlib.import_module("typer")
    cli = importlib.import_module("batch.cli")
    yield from _below(typer.main.get_command(cli.app), "billings")


def _below(command: object, name: str) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name
        return
    for word, each in below.items():
        yield from _below(each, f"{name} {word}")


def states() -> list[str]:
    """The members of every enumeration in core/states.py that is a life cycle's states."""
    module = importlib.import_module("batch.core.states")
    found = (each for each in vars(module).values() if isinstance(each, type) and issubclass(each, enum.Enum))
    own = (each for each in found if each.__module__ == module.__name__)
    return sorted({member.name for each in own if not each.__name__.endswith("Event") for member in each})


def test_every_command_is_documented() -> None:
    """Each command stands in docs/ between backticks, alone or at the start of a longer line."""
    quoted = re.findall(
        r"`(billings [^`\n]+)`|^\s*(?:\./run|billings) ([a-z][^\n]*)$", documentation(), re.MULTILINE
    )
    typed = [first or f"billings {second}" for first, second in quoted]
    missing = [name for name in commands() if not any(f"{line} ".startswith(f"{name} ") for line in typed)]
    assert missing == []


def test_no_page_names_a_command_that_is_not_there() -> None:
    """What a page says to type can be typed: its first word is a command."""
    there = {name.split()[1] for name in commands()}
    quoted = set(re.findall(r"(?:`|^ {4})(?:billings|\./run) ([a-z]+)", documentation(), re.MULTILINE))
    assert quoted - there - {"test", "sweep"} == set()


def test_every_config_key_is_documented() -> None:
    """Each key stands in docs/ with its dotted name."""
    assert unmentioned([key for key, _ in all_keys(Config)]) == []


def test_every_finding_code_is_documented() -> None:
    """Each finding that a sender or an admin can meet is explained under its code."""
    findings = importlib.import_module("batch.core.findings")
    assert unmentioned(sorted(findings.CODES)) == []


def test_every_state_is_documented() -> None:
    """Each state of every life cycle is explained."""
    assert unmentioned(states()) == []


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md")))]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """A link to a file of ours names one that is there."""
    file = ROOT / page
    targets = LINK.findall(file.read_text(encoding="utf-8"))
    assert [link for link in targets if "://" not in link and not (file.parent / link).exists()] == []
