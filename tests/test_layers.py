"""Imports point down only, one library has one home, and nothing grows too long.

The rules are tables below; the checks are small functions over parsed source, proved on examples at the end.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What a part may import of ours. A part is the first name below `batch`.
SETTINGS = {
    "config",
    "config_faults",
    "config_oauth",
    "config_places",
    "config_secret",
    "resources",
    "clock",
    "crashpoints",
    "jsonlog",
}
BELOW = {
    "core": {"core"},
    "formats": {"formats", "core"},
    "edges": {"edges", "core", *SETTINGS},
    "jobs": {"jobs", "formats", "edges", "core", *SETTINGS},
    "daemon": {"daemon", "jobs", "formats", "edges", "core", *SETTINGS},
    "demo": {"demo", "jobs", "formats", "edges", "core", *SETTINGS},
    "cli": {"cli", "daemon", "demo", "jobs", "formats", "edges", "core", *SETTINGS},
    "__main__": {"cli"},
    "__init__": set(),
    "config_example": {"config", "config_faults", "config_secret"},
} | dict.fromkeys(SETTINGS, SETTINGS)

# A library and the only places that may import it; a folder ends with a slash. The demo is exempt.
HOMES = {
    "sqlalchemy": ("edges/store/", "edges/store.py"),
    "alembic": ("edges/store/", "edges/store.py"),
    "sqlite3": ("edges/store/", "edges/store.py"),
    "imapclient": ("edges/mailbox.py",),
    "holidays": ("edges/holiday_calendars.py",),
    "imaplib": ("edges/mailbox.py",),
    "smtplib": ("edges/postman.py",),
    "msal": ("edges/oauth.py",),
    "google": ("edges/oauth.py",),
    "google_auth_oauthlib": ("edges/oauth.py",),
    "openpyxl": ("formats/",),
    "pandas": ("formats/",),
    "jinja2": ("formats/",),
    "apscheduler": ("daemon.py",),
    "yaml": ("config_places.py",),
    "typer": ("cli.py", "cli/"),
    "aiosmtpd": (),
    "pymap": (),
}

# Standard library that would let the pure layers see the world: files, network, processes, clock, chance.
IMPURE = {
    "asyncio", "ftplib", "getpass", "glob", "http", "imaplib", "logging", "mailbox", "multiprocessing", "os",
    "pathlib", "platform", "poplib", "pwd", "random", "secrets", "select", "shutil", "signal", "smtplib",
    "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid",
}  # fmt: skip
IMPURE_CALLS = {"open", "input", "print", "now", "today", "utcnow", "make_msgid", "localtime"}

VAGUE_NAMES = {"manager", "service", "util", "utils", "helper", "helpers", "common", "base"}

LONGEST_FUNCTION = 60
LONGEST_MODULE = 400


def part_of(path: str) -> str:
    """The part that a module belongs to: `core/money.py` to core, `daemon.py` to daemon."""
    first = path.split("/", maxsplit=1)[0].removesuffix(".py")
    return "cli" if first.startswith("cli_") else first


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module with its line, also those inside functions and behind TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            # `from batch import config` names the part only in what it imports.
            deeper = module == "batch" or node.level
            yield from ((node.lineno, f"{module}.{alias.name}" if deeper else module) for alias in node.names)


def ours(module: str) -> str | None:
    """The part of ours that an imported name lies in, or None for a library."""
    names = module.split(".")
    if names[0] != "batch":
        return None
    return part_of(names[1]) if len(names) > 1 and names[1] != "__version__" else "__init__"


def upward_imports(path: str, tree: ast.AST) -> list[str]:
    """Imports of ours that point up or sideways, and relative ones, which hide where they point."""
    part = part_of(path)
    if part not in BELOW:
        return [f"{path}:1: {part} is in no layer; give it one in tests/test_layers.py"]
    found = []
    for line, module in imports_of(tree):
        target = ours(module)
        if module.startswith(".") or (target not in (None, "__init__") and target not in BELOW[part]):
            found.append(f"{path}:{line}: {part} imports {module}")
    return found


def homeless_imports(path: str, tree: ast.AST) -> list[str]:
    """Libraries that are imported outside their home."""
    found = []
    for line, module in imports_of(tree):
        homes = HOMES.get(module.split(".")[0])
        at_home = homes is None or part_of(path) == "demo" or any(_is_at(path, home) for home in homes)
        if not at_home:
            found.append(
                f"{path}:{line}: {module} has its home elsewhere: {', '.join(homes or ()) or 'the demo'}"
            )
    return found


def _is_at(path: str, home: str) -> bool:
    return path.startswith(home) if home.endswith("/") else path == home


def impure_code(path: str, tree: ast.AST) -> list[str]:
    """In core and formats: what looks at the world. In core also any library."""
    part = part_of(path)
    if part not in ("core", "formats"):
        return []
    found = []
    for line, module in imports_of(tree):
        first = module.split(".")[0]
        is_library = first not in sys.stdlib_module_names and ours(module) is None
        if first in IMPURE or module in IMPURE or (part == "core" and is_library):
            found.append(f"{path}:{line}: {part} imports {module}")
    found += [
        f"{path}:{line}: {part} calls {name}()" for line, name in calls_of(tree) if name in IMPURE_CALLS
    ]
    return found


def calls_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every called name with its line; of `datetime.now()` the `now`, of a method named open nothing."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            yield node.lineno, node.func.id
        elif isinstance(node.func, ast.Attribute) and node.func.attr not in ("open", "input", "print"):
            yield node.lineno, node.func.attr


def demo_people_imports(path: str, tree: ast.AST) -> list[str]:
    """The simulated people know only the mail they got: standard library and openpyxl."""
    if path != "demo/people.py":
        return []
    known = {*sys.stdlib_module_names, "openpyxl"}
    return [
        f"{path}:{line}: {module}" for line, module in imports_of(tree) if module.split(".")[0] not in known
    ]


def long_code(path: str, source: str, tree: ast.AST) -> list[str]:
    """Modules and functions over their limit; of a function the docstring does not count."""
    lines = len(source.splitlines())
    found = [f"{path}: {lines} lines, {LONGEST_MODULE} are allowed"] if lines > LONGEST_MODULE else []
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    long = ((node, _length(node)) for node in functions if _length(node) > LONGEST_FUNCTION)
    return found + [f"{path}:{node.lineno}: {node.name} has {length} lines" for node, length in long]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    return whole - ((first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) else 0)


def vague_names(path: str) -> list[str]:
    """File and folder names that say nothing about what is inside."""
    words = {word for name in path.removesuffix(".py").split("/") for word in name.split("_")}
    return [f"{path}: {word} says nothing" for word in sorted(words & VAGUE_NAMES)]


def faults_in(path: str, source: str) -> list[str]:
    """Every fault of one module; `path` counts from the package folder."""
    tree = ast.parse(source)
    return [
        *upward_imports(path, tree),
        *homeless_imports(path, tree),
        *impure_code(path, tree),
        *demo_people_imports(path, tree),
        *long_code(path, source, tree),
        *vague_names(path),
    ]


def modules(folder: Path) -> Iterator[tuple[str, str]]:
    """The path from `folder`, with forward slashes, and the source of every Python file below it."""
    for file in sorted(folder.rglob("*.py")):
        yield file.relative_to(folder).as_posix(), file.read_text(encoding="utf-8")


def test_the_package_keeps_every_rule() -> None:
    """No module imports upwards or sideways, uses a library away from its home, or is too long."""
    assert [fault for path, source in modules(ROOT / "batch") for fault in faults_in(path, source)] == []


def test_tests_are_short_too() -> None:
    """Test modules and functions keep the same lengths, and have names that say something."""
    tests = list(modules(ROOT / "tests"))
    assert [fault for path, source in tests for fault in long_code(path, source, ast.parse(source))] == []
    assert [fault for path, _ in tests for fault in vague_names(path)] == []


def test_every_test_says_what_holds() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{path}:{node.lineno}: {node.name}"
        for path, source in modules(ROOT / "tests")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/money.py", "from batch.formats import register"),
        ("core/money.py", "import batch.edges.store"),
        ("core/money.py", "from batch import config"),
        ("core/money.py", "from batch.clock import real_clock"),
        ("core/money.py", "import pydantic"),
        ("core/money.py", "import os"),
        ("core/money.py", "from pathlib import Path"),
        ("core/money.py", "from datetime import datetime\nx = datetime.now()"),
        ("core/money.py", "def f():\n    import random"),
        ("core/money.py", "x = open('a')"),
        ("core/money.py", "from . import model"),
        ("core/money.py", "from .model import Line"),
        ("core/money.py", "if TYPE_CHECKING:\n    from batch.jobs import invite"),
        ("formats/review.py", "from batch.edges.store import tables"),
        ("formats/review.py", "from batch.resources import read_bytes"),
        ("formats/review.py", "import urllib.request"),
        ("formats/mail/compose.py", "from email.utils import make_msgid\nx = make_msgid()"),
        ("edges/mailbox.py", "from batch.formats.mail import parse"),
        ("edges/mailbox.py", "import sqlalchemy"),
        ("edges/mailbox.py", "from openpyxl import load_workbook"),
        ("edges/postman.py", "import imapclient"),
        ("jobs/invite.py", "from batch import cli"),
        ("jobs/invite.py", "from batch.demo import story"),
        ("jobs/invite.py", "from sqlalchemy import text"),
        ("jobs/invite.py", "import apscheduler.schedulers.background"),
        ("daemon.py", "from batch.cli import app"),
        ("cli.py", "import sqlite3"),
        ("cli.py", "import pymap"),
        ("config.py", "from batch.core import money"),
        ("demo/people.py", "from batch.core import money"),
        ("demo/people.py", "import pandas"),
        ("novelty.py", ""),
        ("core/helpers.py", ""),
        ("formats/base/x.py", ""),
        ("edges/mail_util.py", ""),
        ("core/money.py", "\n" * 401),
        ("core/money.py", "def f():\n" + "    x = 1\n" * 60),
    ],
)
def test_the_checker_finds_what_is_forbidden(path: str, source: str) -> None:
    """Each example breaks one rule and is found."""
    assert faults_in(path, source) != []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/retainage.py", "from batch.core.money import Money\nfrom zoneinfo import ZoneInfo"),
        ("core/periods.py", "def due(now: datetime) -> bool:\n    return now > x"),
        ("formats/register.py", "import openpyxl, pydantic, zipfile\nfrom batch.core import model"),
        ("formats/archive.py", "import zipfile\nx = zipfile.ZipFile(b).open('a')"),
        (
            "edges/store/tables.py",
            "import sqlalchemy\nfrom batch.core.model import Project\nimport batch.clock",
        ),
        ("jobs/invite.py", "from batch.formats import register\nfrom batch.edges import mailbox\nimport os"),
        ("daemon.py", "import apscheduler\nfrom batch.jobs import tick\nfrom batch import jsonlog"),
        ("demo/servers.py", "import pymap, aiosmtpd, imapclient\nfrom batch.jobs import tick"),
        ("demo/people.py", "import openpyxl, email, re"),
        (
            "cli.py",
            "import typer\nfrom batch import __version__, config, daemon\nfrom batch.demo import story",
        ),
        ("cli/register.py", "import typer\nfrom batch.jobs import register"),
        ("__main__.py", "from batch.cli import main"),
        ("core/money.py", "def f():\n    '''One.\n" + "\n" * 80 + "    '''\n" + "    x = 1\n" * 50),
    ],
)
def test_the_checker_lets_pass_what_is_allowed(path: str, source: str) -> None:
    """Each example keeps every rule."""
    assert faults_in(path, source) == []
