"""What is tracked works on any machine: no package index, no download address, no path of somebody's machine.

All are found by their shape, so that none is named here either.
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ADDRESSES = (
    # A package index: an address whose path is or ends in "simple".
    re.compile(r"\b(?:https?|file)://[^\s\"'<>)]+/simple(?![\w.-])"),
    # A file to be fetched.
    re.compile(
        r"\b(?:https?|ftp)://[^\s\"'<>)]+"
        r"\.(?:whl|zip|tgz|tar|tar\.\w+|deb|rpm|jar|exe|msi|dmg|pkg|AppImage)\b",
        re.IGNORECASE,
    ),
    # An option or variable that names where packages come from.
    re.compile(
        r"(?:index-url|find-links|trusted-host|\bindex|registry|INDEX_URL|FIND_LINKS)[\s=:\"']+https?://",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:UV|PIP)_\w*(?:INDEX|LINKS)\w*=\S"),
    # A line of an apt source list, and a requirement that is an address.
    re.compile(r"^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?https?://", re.MULTILINE),
    re.compile(r"\bgit\+(?:https?|ssh)://"),
    re.compile(r"^[\w.-]+(?:\[[\w,-]+\])?\s*@\s*(?:https?|file)://", re.MULTILINE),
)
# A path that begins at a place where people and machines keep their own files.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~$})-])/(?:home|root|Users|work|opt|tmp|mnt|media)/[\w.-]+|\b[A-Za-z]:\\(?:Users|Documents)[\\\w]|file:///\w"
)


def tracked() -> list[str]:
    """Every file of the project, as git knows it: tracked, or new and not ignored."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """The text of a file, or of every part of a workbook (a program may write its own path into one)."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from texts(f"{name}:{part}", archive.read(part))
    elif b"\0" not in content:
        yield name, content.decode("utf-8", errors="replace")


def faults_in(name: str, text: str) -> list[str]:
    """The addresses and machine paths in `text`; mail may hold addresses, for people send them."""
    patterns = (MACHINE_PATH,) if name.endswith(".eml") else (*ADDRESSES, MACHINE_PATH)
    return [f"{name}: {found.group()}" for pattern in patterns for found in pattern.finditer(text)]


def test_no_tracked_file_holds_an_address_or_a_machine_path() -> None:
    """Nothing says where packages are fetched from, or where somebody's checkout lies."""
    names = tracked()
    assert "pyproject.toml" in names
    parts = (part for name in names for part in texts(name, (ROOT / name).read_bytes()))
    assert [fault for name, text in parts for fault in faults_in(name, text)] == []


def test_lock_files_with_addresses_are_ignored() -> None:
    """uv.lock and pylock.toml record addresses, so git does not take them."""
    ignored = [
        "git",
        "-C",
        str(ROOT),
        "check-ignore",
        "--no-index",
        "uv.lock",
        "pylock.toml",
        "pylock.x.toml",
    ]
    assert subprocess.run(ignored, check=True, capture_output=True, text=True).stdout.split() == ignored[-3:]


@pytest.mark.parametrize(
    "text",
    [
        "https:" + "//packages.example.org/simple",
        "https:" + "//packages.example.org/simple/pandas/",
        "file:" + "///srv/mirror/simple",
        "see https:" + "//example.org/files/thing-1.0-py3-none-any.whl#sha256=0",
        "https:" + "//example.org/thing-1.0.tar.gz",
        "--extra-index-url" + " https://example.org/",
        'index = "' + 'https://example.org/pypi"',
        '"registry": "' + 'https://example.org"',
        "UV_DEFAULT_" + "INDEX=mirror",
        "deb " + "http://example.org/debian stable main",
        "thing @ " + "https://example.org/thing",
        "git" + "+https://example.org/thing",
        "in /" + "home/someone/checkout",
        "'/" + "work/main/run'",
        "-e /" + "root/x",
        'path="/' + 'Users/someone/a.xlsx"',
        "C:" + "\\Users\\someone",
    ],
)
def test_each_shape_is_found(text: str) -> None:
    """Every kind of address and machine path is seen for what it is."""
    assert faults_in("x.md", text) != []


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/docs/simple-steps.html",
        "see https://example.com/work/orders",
        "a simple index of pages",
        "pip install --require-hashes -r requirements/run.txt",
        "$HOME/opt/x and ~/opt/x and ../opt/x",
        "/usr/lib/dovecot/lmtp, /etc/systemd/system, /var/lib/billings",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "unit price / work / tmp",
    ],
)
def test_plain_text_is_let_pass(text: str) -> None:
    """What only resembles an address or a path is no fault."""
    assert faults_in("x.md", text) == []


def test_mail_may_hold_addresses_but_no_machine_path() -> None:
    """A sample message is somebody's words; a path of a machine is a leak even there."""
    assert faults_in("x.eml", "https:" + "//packages.example.org/simple") == []
    assert faults_in("x.eml", "/" + "home/someone") != []
