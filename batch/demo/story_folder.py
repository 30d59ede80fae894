"""The demo's folder, its configuration, and how commands are run in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import batch
from batch.clock import CLOCK_FILE
from batch.demo.servers import PASSWORD, USER, EmbeddedMail
from batch.edges.folders import make_private_folder, write_file
from batch.jobs.workplace import SEED_VARIABLE

MARKER = ".billings-demo"
#: Longest that one command may take, in seconds.
_LONGEST = 180

_CONFIG = """\
# Made by `billings demo`. The mail servers named here lived only as long as the demo did.
mail:
  address: billing@harbour-mechanical.example
  name: Harbour Mechanical Billing
  imap:
    host: 127.0.0.1
    port: {imap_port}
    security: none
    user: {user}
    password: {{file: imap-password}}
  smtp:
    host: 127.0.0.1
    port: {smtp_port}
    security: none
    per_minute: 6000
daemon:
  tick_seconds: 1
  idle: true
  settle_seconds: 0
notices:
  delay_minutes: 60
"""

# Takes lists of words and runs each as a command of its own would run.
_ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from batch.cli import main
done = []
for words in json.load(sys.stdin):
    said, code = io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main(["--config", sys.argv[1], *words])
        except SystemExit as end:
            code = int(end.code or 0)
    done.append((words, code, said.getvalue()))
json.dump(done, sys.stdout)
"""


class StoryFailed(Exception):
    """The demo did not come out as it has to. Its text is a sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How one command ended: its words, its exit code, and what it printed."""

    words: tuple[str, ...]
    code: int
    said: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """The folder of one demo. `folder` is absolute."""

    folder: Path
    seed: int

    @property
    def config(self) -> Path:
        """The demo's own configuration."""
        return self.folder / "billings.yaml"

    @property
    def clock(self) -> Path:
        """The file that the stepped clock is read from."""
        return self.folder / "clock"

    @property
    def environment(self) -> Mapping[str, str]:
        """What commands are run with: the stepped clock, the seed, and this very package."""
        path = [str(Path(batch.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(part for part in path if part),
            CLOCK_FILE: str(self.clock),
            SEED_VARIABLE: str(self.seed),
        }

    def command(self, *words: str) -> list[str]:
        """One command of ours as a child process is given it."""
        return [sys.executable, "-m", "batch", "--config", str(self.config), *words]

    def run(self, *words: str) -> str:
        """Run one command to its end and give what it prints. Raises StoryFailed when it does not end well."""
        return self._finish(self.command(*words), f"billings {' '.join(words)}", "")

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[Done]:
        """Run several commands in one child, which saves starting an interpreter for each; give how each ended."""
        program = [sys.executable, "-c", _ONE_AFTER_THE_OTHER, str(self.config)]
        said = json.loads(self._finish(program, "commands of the office", json.dumps(commands)))
        return [Done(words=tuple(words), code=code, said=text) for words, code, text in said]

    def _finish(self, program: Sequence[str], name: str, typed: str) -> str:
        done = subprocess.run(
            program,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise StoryFailed(f"`{name}` ended with {done.returncode}: {said}")
        return done.stdout


def prepare(out: Path, seed: int) -> Place:
    """Make an empty folder, or empty one that an earlier demo made. Raises StoryFailed for anybody else's."""
    folder = out.absolute()
    if folder.exists() and not _is_ours(folder):
        raise StoryFailed(
            f"{folder} is there already and was not made by a demo; name another folder with --out"
        )
    if folder.exists():
        shutil.rmtree(folder)
    make_private_folder(folder)
    write_file(folder / MARKER, b"Made by `billings demo`, which empties this folder when it runs again.\n")
    return Place(folder=folder, seed=seed)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARKER).is_file() or not any(folder.iterdir()))


def configure(place: Place, mail: EmbeddedMail) -> None:
    """Write the configuration for the mail servers that run now."""
    text = _CONFIG.format(imap_port=mail.imap_port, smtp_port=mail.smtp_port, user=USER)
    write_file(place.folder / "imap-password", PASSWORD.encode())
    write_file(place.config, text.encode())
