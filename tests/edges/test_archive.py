"""The archive of originals."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import batch
from batch.edges.archive import Archive, ArchiveDamaged

DATA = b"an original"
SHA = hashlib.sha256(DATA).hexdigest()


def names(folder: Path) -> list[str]:
    """The names of everything in a folder, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def test_put_gives_the_hash_and_get_the_bytes(tmp_path: Path) -> None:
    """What was put is found under its sha256, in a private file in a private folder."""
    archive = Archive(tmp_path / "data" / "archive")
    assert archive.put(DATA) == SHA
    assert archive.get(SHA) == DATA
    path = tmp_path / "data" / "archive" / SHA[:2] / SHA
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in list(path.parents)[:3]} == {0o700}


def test_putting_twice_changes_nothing(tmp_path: Path) -> None:
    """The second time the file on the disk is the same one."""
    archive = Archive(tmp_path)
    archive.put(DATA)
    before = (tmp_path / SHA[:2] / SHA).stat()
    assert archive.put(DATA) == SHA
    after = (tmp_path / SHA[:2] / SHA).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert names(tmp_path / SHA[:2]) == [SHA]


def test_put_repairs_a_damaged_original(tmp_path: Path) -> None:
    """A file that lost its end is whole again when its content comes once more."""
    archive = Archive(tmp_path)
    archive.put(DATA)
    (tmp_path / SHA[:2] / SHA).write_bytes(DATA[:3])
    archive.put(DATA)
    assert archive.get(SHA) == DATA


@pytest.mark.parametrize("sha", [SHA, "", "../../etc/passwd", SHA.upper(), "0" * 64])
def test_get_refuses_what_is_not_there(tmp_path: Path, sha: str) -> None:
    """A missing original, and a name that is no hash, are ArchiveDamaged."""
    with pytest.raises(ArchiveDamaged):
        Archive(tmp_path).get(sha)


def test_get_notices_a_changed_byte(tmp_path: Path) -> None:
    """An original whose content has changed is not given out."""
    archive = Archive(tmp_path)
    archive.put(DATA)
    (tmp_path / SHA[:2] / SHA).write_bytes(DATA + b"!")
    with pytest.raises(ArchiveDamaged, match="changed"):
        archive.get(SHA)


def test_verify_names_every_fault(tmp_path: Path) -> None:
    """A changed file, one in the wrong place and a foreign one are named; good ones and leftovers are not."""
    archive = Archive(tmp_path)
    archive.put(b"good")
    archive.put(DATA)
    assert list(archive.verify()) == []
    (tmp_path / SHA[:2] / SHA).write_bytes(b"changed")
    (tmp_path / "readme.txt").write_bytes(b"foreign")
    (tmp_path / SHA[:2] / ".x.part").write_bytes(b"left by a crash")
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / SHA).write_bytes(DATA)
    faults = list(archive.verify())
    assert len(faults) == 3
    assert [fault for fault in faults if SHA in fault and "changed" in fault]


def test_an_empty_archive_has_no_faults(tmp_path: Path) -> None:
    """Before the first original there is no folder, and that is fine."""
    assert list(Archive(tmp_path / "archive").verify()) == []


@pytest.mark.parametrize("point", [1, 2])
def test_a_kill_leaves_all_or_nothing(tmp_path: Path, point: int) -> None:
    """Killed before or after the rename, the archive verifies, and putting again succeeds."""
    program = (
        "import sys, pathlib; from batch.edges.archive import Archive; "
        "Archive(pathlib.Path(sys.argv[1])).put(b'an original')"
    )
    root = Path(batch.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root), "BILLINGS_CRASH_AT": str(point)}
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    archive = Archive(tmp_path)
    assert list(archive.verify()) == []
    assert (tmp_path / SHA[:2] / SHA).exists() == (point == 2)
    assert archive.put(DATA) == SHA
    assert archive.get(SHA) == DATA
