"""The script `run`, the pinned requirements, and the programs that tests call."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUN = ROOT / "run"

PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
# "package  # program, program: why"
PACKAGE = re.compile(r"^([a-z][a-z0-9.+-]*) +# ([^:]+): \S")
# Part of every Debian (package-wise essential, or what runs the tests itself).
ALWAYS_THERE = {"sh", "bash", "dash", "cp", "mv", "rm", "kill", "sleep", "true", "false", "cat", "python3"}
# Calls with a list that begins with a program, and calls with a program as their first argument.
LIST_CALLERS = {"run", "Popen", "call", "check_call", "check_output"}
WORD_CALLERS = {"which", "execv", "execvp", "create_subprocess_exec"}


def pins(name: str) -> dict[str, str]:
    """Each pinned package of a requirements file: name and marker -> version."""
    found = (
        PIN.match(line) for line in (ROOT / "requirements" / name).read_text(encoding="ascii").splitlines()
    )
    return {match[1] + (match[3] or ""): match[2] for match in found if match}


def programs_of_packages() -> dict[str, set[str]]:
    """requirements/apt.txt: package -> the programs that the tests call of it."""
    lines = (ROOT / "requirements" / "apt.txt").read_text(encoding="ascii").splitlines()
    found = (PACKAGE.match(line) for line in lines)
    return {match[1]: set(match[2].split(", ")) for match in found if match}


def programs_in(source: str) -> Iterator[str]:
    """The literal programs that Python source calls: `run(["git", ...])`, `which("soffice")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            yield from _program(_name(node.func), node.args[0])


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _program(caller: str, argument: ast.expr) -> Iterator[str]:
    first = argument if caller in WORD_CALLERS else None
    if caller in LIST_CALLERS and isinstance(argument, ast.List | ast.Tuple) and argument.elts:
        first = argument.elts[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value


def test_run_is_a_portable_shell_script() -> None:
    """`run` can be executed, is POSIX sh without bash's own words, and stops at the first failure."""
    text = RUN.read_text(encoding="ascii")
    assert text.startswith("#!/bin/sh\n")
    assert os.access(RUN, os.X_OK)
    assert re.search(r"^set -eu$", text, re.MULTILINE)
    assert re.findall(r"\[\[|\bfunction \w|\blocal \w|<<<|\$'|\bsource \b|&>|==", text) == []
    subprocess.run(["sh", "-n", str(RUN)], check=True)


def test_run_never_changes_folder() -> None:
    """A relative --out or --config means what it says where it was typed."""
    code = [
        line for line in RUN.read_text(encoding="ascii").splitlines() if not line.lstrip().startswith("#")
    ]
    assert [line for line in code if re.search(r"\b(cd|pushd|chdir)\b", line)] == []


def test_run_writes_the_stamp_last() -> None:
    """In the build the stamp is written after the install, so that a killed install never looks finished."""
    text = RUN.read_text(encoding="ascii")
    build = text[text.index("\nbuild() {") : text.index("\nmissing_packages() {")]
    assert build.index("install_with_pip") < build.index('>"$venv/stamp-$1"')
    assert build.index('rm -f "$venv/stamp-run"') < build.index("install_with_uv")


def test_run_says_what_is_missing_without_python(tmp_path: Path) -> None:
    """On a machine without a new enough Python, one line says what to install; nothing is left behind."""
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("dirname", "readlink", "sha256sum", "cut"):
        found = next(
            Path(folder, program) for folder in ("/usr/bin", "/bin") if Path(folder, program).exists()
        )
        (bare / program).symlink_to(found)
    (bare / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    (bare / "python3").chmod(0o755)
    checkout = tmp_path / "checkout"
    (checkout / "requirements").mkdir(parents=True)
    (checkout / "run").write_bytes(RUN.read_bytes())
    (checkout / "requirements" / "run.txt").touch()
    tried = subprocess.run(
        ["/bin/sh", str(checkout / "run"), "status"],
        check=False, capture_output=True, text=True, env={"PATH": str(bare)},
    )  # fmt: skip
    assert tried.returncode == 1
    assert tried.stderr.startswith("run: Python 3.11 or newer is needed")
    assert tried.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("name", ["run.txt", "test.txt"])
def test_requirements_hold_pins_and_hashes_and_nothing_else(name: str) -> None:
    """Each line is a pin or one of its hashes: no address, no option, no comment that says who made it."""
    lines = (ROOT / "requirements" / name).read_text(encoding="ascii").splitlines()
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []


def test_the_test_pins_hold_every_run_pin() -> None:
    """One environment serves both: what the tests run on is exactly what a user gets."""
    assert pins("run.txt").items() <= pins("test.txt").items()


def test_every_dependency_of_the_project_is_pinned() -> None:
    """pyproject.toml asks for nothing that the requirements files do not hold."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {_canonical(need) for need in project["dependencies"]}
    tested = {_canonical(need) for need in project["optional-dependencies"]["test"]}
    assert wanted <= {key.split(" ")[0] for key in pins("run.txt")}
    assert wanted | tested <= {key.split(" ")[0] for key in pins("test.txt")}


def test_every_imported_library_is_a_declared_dependency() -> None:
    """The package imports no library that only comes along with another one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_canonical(need) for need in project["dependencies"]}
    homes = importlib.metadata.packages_distributions()
    files = sorted((ROOT / "batch").rglob("*.py"))
    foreign = {name for file in files for name in _libraries(file.read_text(encoding="utf-8"))}
    assert {name for name in foreign if declared.isdisjoint(map(_canonical, homes.get(name, ())))} == set()


def _libraries(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from ({name.split(".", maxsplit=1)[0] for name in names} - sys.stdlib_module_names - {"batch"})


def _canonical(requirement: str) -> str:
    name = re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_program_that_is_called_has_its_package() -> None:
    """What tests and package call by name is installed by requirements/apt.txt."""
    known = ALWAYS_THERE.union(*programs_of_packages().values())
    unknown = [
        f"{file.relative_to(ROOT)}: {program}"
        for folder in ("tests", "batch")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for program in programs_in(file.read_text(encoding="utf-8"))
        if program not in known and Path(program).name not in ALWAYS_THERE
    ]
    assert unknown == []


def test_every_line_of_the_package_list_is_understood() -> None:
    """Each package names its programs, in the form that `run` reads too."""
    lines = (ROOT / "requirements" / "apt.txt").read_text(encoding="ascii").splitlines()
    assert [line for line in lines if line and not line.startswith("#") and not PACKAGE.match(line)] == []


@pytest.mark.parametrize(
    ("source", "programs"),
    [
        ('subprocess.run(["git", "status"], check=True)', ["git"]),
        ('shutil.which("soffice")', ["soffice"]),
        ('Popen(("/usr/sbin/dovecot", "-F"))', ["/usr/sbin/dovecot"]),
        ('subprocess.run([sys.executable, "-m", "batch"])', []),
        ("anyio.run(main)", []),
        ('sandbox.run("operator:add", 1, 2)', []),
    ],
)
def test_called_programs_are_found(source: str, programs: list[str]) -> None:
    """The search sees programs called by a literal name, and only those."""
    assert list(programs_in(source)) == programs
