"""Files written whole, watched folders, moves that never overwrite."""

import os
import stat
from pathlib import Path

import pytest

from batch.edges.folders import move_into, settled_files, write_file

SECOND = 1_000_000_000


def a_file(folder: Path, name: str = "review.xlsx", data: bytes = b"data") -> Path:
    """A file as another program leaves it."""
    path = folder / name
    path.write_bytes(data)
    return path


def names(folder: Path) -> list[str]:
    """The names of everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def after(path: Path, seconds: float) -> int:
    """The time `seconds` after the file was last touched, in nanoseconds."""
    return path.stat().st_ctime_ns + int(seconds * SECOND)


def test_write_makes_private_files_and_folders(tmp_path: Path) -> None:
    """Missing folders are made 0700, the file is 0600 and nothing else is left."""
    path = tmp_path / "output" / "north" / "bill.csv"
    write_file(path, b"1,2\n")
    assert path.read_bytes() == b"1,2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (
        stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700
    )
    assert names(path.parent) == ["bill.csv"]


def test_write_replaces_and_keeps_a_folders_mode(tmp_path: Path) -> None:
    """A second write wins; a folder that was there keeps the mode its owner gave it."""
    tmp_path.chmod(0o750)
    write_file(tmp_path / "health.json", b"old and longer")
    write_file(tmp_path / "health.json", b"new")
    assert (tmp_path / "health.json").read_bytes() == b"new"
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When the target cannot be replaced, it stays as it was and no temporary file is left."""
    folder_in_the_way = tmp_path / "bill.csv"
    folder_in_the_way.mkdir()
    with pytest.raises(OSError):
        write_file(folder_in_the_way, b"data")
    assert names(tmp_path) == ["bill.csv"]


def test_a_file_is_taken_once_it_has_settled(tmp_path: Path) -> None:
    """Ten seconds after the last change it is listed, before that it is not."""
    path = a_file(tmp_path)
    assert settled_files(tmp_path, after(path, 9.9), 10) == []
    assert settled_files(tmp_path, after(path, 10), 10) == [path]


def test_a_kept_modification_time_does_not_settle_a_file(tmp_path: Path) -> None:
    """A copy that brings its old modification time along still waits its ten seconds."""
    path = a_file(tmp_path)
    os.utime(path, (0, 0))
    assert settled_files(tmp_path, after(path, 9), 10) == []


@pytest.mark.parametrize(
    "name",
    [
        "~$review.xlsx",
        ".review.xlsx",
        ".~lock.review.xlsx#",
        "a.tmp",
        "A.TMP",
        "a.part",
        "a.crdownload",
        "a~",
    ],
)
def test_unfinished_files_are_left_out(tmp_path: Path, name: str) -> None:
    """Lock files, dot files and temporary files are never taken."""
    path = a_file(tmp_path, name)
    assert settled_files(tmp_path, after(path, 100), 10) == []


def test_only_plain_files_are_listed_by_name(tmp_path: Path) -> None:
    """Folders and links are left out; the order is that of the names."""
    second, first = a_file(tmp_path, "b.xlsx"), a_file(tmp_path, "a.xlsx")
    (tmp_path / "done").mkdir()
    (tmp_path / "c.xlsx").symlink_to(first)
    assert settled_files(tmp_path, after(first, 100), 10) == [first, second]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A watched folder that went away is not the same as an empty one."""
    with pytest.raises(FileNotFoundError):
        settled_files(tmp_path / "in", 0, 10)


def test_move_makes_the_folder_and_keeps_the_name(tmp_path: Path) -> None:
    """The file is in the new folder with its content and no longer in the old one."""
    path = a_file(tmp_path)
    target = move_into(path, tmp_path / "done")
    assert target == tmp_path / "done" / "review.xlsx"
    assert target.read_bytes() == b"data"
    assert not path.exists()


def test_move_never_overwrites(tmp_path: Path) -> None:
    """Files of the same name get numbers and all contents are kept."""
    moved = [move_into(a_file(tmp_path, data=data), tmp_path / "done") for data in (b"1", b"2", b"3")]
    assert [path.name for path in moved] == ["review.xlsx", "review (2).xlsx", "review (3).xlsx"]
    assert [path.read_bytes() for path in moved] == [b"1", b"2", b"3"]


def test_move_uses_the_place_of_an_interrupted_one(tmp_path: Path) -> None:
    """The empty file that a killed move leaves is filled by the next one."""
    (tmp_path / "done").mkdir()
    a_file(tmp_path / "done", data=b"")
    assert move_into(a_file(tmp_path), tmp_path / "done").name == "review.xlsx"
    assert names(tmp_path / "done") == ["review.xlsx"]


def test_moving_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A file that a person took away meanwhile is told to the caller, and no empty file is left."""
    with pytest.raises(FileNotFoundError):
        move_into(tmp_path / "gone.xlsx", tmp_path / "done")
    assert names(tmp_path / "done") == []
