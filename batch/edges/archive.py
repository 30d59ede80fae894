"""Originals, kept under the hash of their content: archive/ab/<sha256>.

The file is on the disk before the row that names it is committed. A file without a row is harmless; a row
without a file must not be possible.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from batch.edges.folders import sync_folder, write_durably

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ArchiveDamaged(Exception):
    """An original is missing, cannot be read, or no longer has the content its name stands for."""

    def __init__(self, sha: str, fault: str) -> None:
        super().__init__(f"archive {sha}: {fault}")
        self.sha = sha
        self.fault = fault


class Archive:
    """The folder of originals. Files are 0600 and never change."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes) -> str:
        """Keeps `data` and gives its sha256 (hex); OSError when the disk refuses.

        Storing it twice changes nothing; a damaged copy is repaired.
        """
        sha = hashlib.sha256(data).hexdigest()
        path = self._path(sha)
        if _holds(path, data):
            # An earlier try may have ended between the rename and the flush of the folder.
            sync_folder(path.parent)
        else:
            write_durably(path, data, "archive-before-rename", "archive-after-rename")
        return sha

    def get(self, sha: str) -> bytes:
        """The original with this sha256 (hex). ArchiveDamaged when it is missing or has changed."""
        if not _SHA256.fullmatch(sha):
            raise ArchiveDamaged(sha, "is not a sha256")
        try:
            data = self._path(sha).read_bytes()
        except OSError as error:
            raise ArchiveDamaged(sha, f"cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != sha:
            raise ArchiveDamaged(sha, "its content has changed")
        return data

    def has(self, sha: str) -> bool:
        """Whether there is an original with this sha256 (hex); its content is not looked at."""
        return bool(_SHA256.fullmatch(sha)) and self._path(sha).is_file()

    def verify(self) -> Iterator[str]:
        """Reads every original; one sentence for each fault, in the order of the names."""
        for path in sorted(self._root.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield from self._faults(path)

    def _faults(self, path: Path) -> Iterator[str]:
        if not _SHA256.fullmatch(path.name) or path != self._path(path.name):
            yield f"archive: {path.relative_to(self._root)} is not the name of an original"
            return
        try:
            self.get(path.name)
        except ArchiveDamaged as damage:
            yield str(damage)

    def _path(self, sha: str) -> Path:
        return self._root / sha[:2] / sha


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
