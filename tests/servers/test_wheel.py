"""The wheel alone is enough: built, installed in an empty environment, its demo run outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# One group: with several workers, one of them builds the environment and runs all three.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("wheel")]


def called(*words: str | Path, cwd: Path) -> str:
    """The output of a program that ends well, started where the checkout cannot be seen."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [str(word) for word in words], check=False, capture_output=True, text=True, cwd=cwd, env=environment
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel. The build backend is the pinned one of this environment: nothing is fetched for it."""
    folder = tmp_path_factory.mktemp("wheel")
    called(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an empty environment that got the pinned requirements and the wheel, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    called(sys.executable, "-m", "venv", folder, cwd=folder)
    install = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    called(*install, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=folder)
    called(*install, "--no-deps", "--no-index", wheel, cwd=folder)
    return folder / "bin"


def test_the_wheel_holds_every_template_and_config(wheel: Path) -> None:
    """Each file of templates/ and config/ is inside, and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        f"batch/_data/{file.relative_to(ROOT).as_posix()}"
        for folder in ("templates", "config")
        for file in (ROOT / folder).rglob("*")
        if file.is_file()
    }
    assert shipped - names == set()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"batch"}


def test_the_demo_of_the_installed_wheel_runs_elsewhere(environment: Path, tmp_path: Path) -> None:
    """`billings demo` from the wheel passes in a folder of its own, and `status` works on what it left."""
    called(environment / "billings", "demo", "--out", tmp_path / "made", cwd=tmp_path)
    config = tmp_path / "made" / "billings.yaml"
    assert '"periods"' in called(
        environment / "billings", "--config", config, "status", "--json", cwd=tmp_path
    )


def test_the_installed_package_finds_its_own_data(environment: Path, tmp_path: Path) -> None:
    """The installed package reads its templates from itself, not from a checkout."""
    code = (
        "import batch.resources as r; print(r.data_root(), len(r.read_text('config/billings.example.yaml')))"
    )
    said = called(environment / "python", "-c", code, cwd=tmp_path)
    assert said.split()[0].endswith("/batch/_data")
    assert str(ROOT) not in said
