"""The one place that knows where `templates/` and `config/` are.

In an installed wheel they lie in `batch/_data/`, in a checkout beside the package. A user's own folder wins
over both. Core and formats never come here: a job reads the bytes and passes them on.
"""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FOLDERS = ("templates", "config")


def data_root() -> Traversable:
    """The folder that holds `templates/` and `config/`.

    Keyed on the package's own folder: an editable install copies `_data` elsewhere, where it would grow old.
    """
    package = importlib.resources.files("batch") / "_data"
    return package if package.is_dir() else Path(__file__).resolve().parent.parent


def read_bytes(name: str, own: Path | None = None) -> bytes:
    """The bytes of the file called `name`, such as `templates/email/invite.txt.j2`.

    `own`: the user's data folder; a file of the same name in it wins. Raises FileNotFoundError when it is
    nowhere, ValueError when `name` points outside `templates/` and `config/`.
    """
    parts = _parts(name)
    if own is not None and (file := own.joinpath(*parts)).is_file():
        return file.read_bytes()
    return data_root().joinpath(*parts).read_bytes()


def read_text(name: str, own: Path | None = None) -> str:
    """As `read_bytes`, decoded as UTF-8."""
    return read_bytes(name, own).decode()


def names(folder: str, own: Path | None = None) -> list[str]:
    """The names of all files below `folder` (such as `templates/email`), ours and the user's, sorted."""
    parts = _parts(folder)
    roots: list[Traversable] = [data_root()] if own is None else [data_root(), own]
    found = {name for root in roots for name in _walk(root.joinpath(*parts), folder)}
    return sorted(found)


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    if parts[0] not in FOLDERS or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{name!r} is not a file of {' or '.join(FOLDERS)}")
    return parts


def _walk(folder: Traversable, name: str) -> list[str]:
    if not folder.is_dir():
        return []
    return [
        found
        for entry in folder.iterdir()
        for found in (_walk(entry, f"{name}/{entry.name}") if entry.is_dir() else [f"{name}/{entry.name}"])
    ]
