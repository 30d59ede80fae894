"""Files on disk: written whole or not at all, listed when they are settled, moved without overwriting.

Every write goes to a temporary file in the same folder, is flushed to the disk and renamed into place, so
that a reader or a crash sees the old file or the new one, never half of one.
"""

import os
import stat
import tempfile
from itertools import count
from pathlib import Path

from batch.crashpoints import crash_point

# What programs leave beside a file while they write it: Excel (~$), LibreOffice (.~lock), browsers.
_UNFINISHED_STARTS = (".", "~$")
_UNFINISHED_ENDS = (".tmp", ".part", ".partial", ".crdownload", "~")


def write_file(path: Path, data: bytes) -> None:
    """Writes `data` as `path`, replacing what was there; the file is 0600, folders that it makes are 0700.

    After it returns, the file survives a power cut. OSError when the disk refuses.
    """
    write_durably(path, data, "file-before-rename", "file-after-rename")


def write_durably(path: Path, data: bytes, before_rename: str, after_rename: str) -> None:
    """`write_file` with the two crash points named by the caller."""
    make_private_folder(path.parent)
    temporary = _write_temporary(path.parent, data)
    try:
        crash_point(before_rename)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    crash_point(after_rename)


def _write_temporary(folder: Path, data: bytes) -> Path:
    # mkstemp makes the file 0600; the leading dot hides it from listings, ours and other people's.
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def make_private_folder(folder: Path) -> None:
    """Makes `folder` and its missing parents, each 0700; one that exists keeps its mode."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Flushes a folder's own entries: a rename is only durable once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settled_files(folder: Path, now_ns: int, settle_seconds: float) -> list[Path]:
    """The plain files in `folder` that have not changed for `settle_seconds`, by name.

    `now_ns` is the real time in nanoseconds since 1970 (`time.time_ns()`): it is compared with the file
    system's times, not with billing dates. Lock files (`~$*`), dot files, temporary files and links are left
    out. OSError when the folder cannot be read.
    """
    limit_ns = now_ns - int(settle_seconds * 1_000_000_000)
    return sorted(
        path for path in folder.iterdir() if not _is_unfinished(path.name) and _is_older(path, limit_ns)
    )


def _is_unfinished(name: str) -> bool:
    return name.startswith(_UNFINISHED_STARTS) or name.lower().endswith(_UNFINISHED_ENDS)


def _is_older(path: Path, limit_ns: int) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False  # it was moved away since the listing
    # The change time moves with every change of size or modification time, and a copy that keeps the
    # original's modification time cannot set it back.
    return stat.S_ISREG(found.st_mode) and found.st_ctime_ns <= limit_ns


def move_into(path: Path, folder: Path) -> Path:
    """Renames `path` into `folder` (same file system) and gives its new path; never overwrites.

    A name that is taken gets a number: `review (2).xlsx`. OSError when the disk refuses.
    """
    return move_to(path, keep_place(path, folder))


def keep_place(path: Path, folder: Path) -> Path:
    """Keeps a free name like `path`'s in `folder` for `move_to`, with an empty file; OSError when the disk refuses.

    Asked again after an interruption, it gives the same place.
    """
    make_private_folder(folder)
    for number in count(1):
        name = path.name if number == 1 else f"{path.stem} ({number}){path.suffix}"
        if _take_name(folder / name):
            return folder / name
    raise AssertionError  # count() does not end


def move_to(path: Path, place: Path) -> Path:
    """Renames `path` to a place that `keep_place` kept, and gives it; OSError when the disk refuses."""
    crash_point("file-before-rename")
    try:
        path.replace(place)
    except OSError:
        place.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)
    sync_folder(path.parent)
    crash_point("file-after-rename")
    return place


def _take_name(target: Path) -> bool:
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        # An empty file is the place that an interrupted move kept; nothing is lost by using it.
        found = target.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == 0
    return True
