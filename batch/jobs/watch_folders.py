"""The watched folders, one per admin: a review or register workbook put into `in` is applied and moved away with a report.

The reviewer is the owner of the folder, never a name typed into a cell.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from datetime import datetime
from glob import escape
from pathlib import Path

from batch import jsonlog
from batch.core.model import Permission
from batch.edges.folders import keep_place, move_to, settled_files, write_file
from batch.edges.store import queries_register, queries_reviews, tables
from batch.edges.store.events import SYSTEM, StaleRow, insert_if_new_with_event
from batch.edges.store.rows import RowMapping
from batch.formats.mail.attachments import safe_name
from batch.formats.register.report import describe, describe_problems
from batch.formats.workbook_kind import WorkbookKind, kind_of
from batch.jobs.letters import Letter, Subject, post
from batch.jobs.register import check_register, import_register
from batch.jobs.reports import register_report
from batch.jobs.review import apply_review
from batch.jobs.review_sheets import folder_of
from batch.jobs.workplace import Workplace

NOT_OURS = "This is neither a review workbook nor a register workbook. Nothing was changed."
TOO_LARGE = (
    "The file is larger than a workbook of this program can be. It was not opened; nothing was changed."
)
APPLIED_BEFORE = "This file was applied before."
NOT_YOURS = (
    "You may not change the register: that takes an admin who may enter on all projects. Nothing was changed; this is"
    " what the file would do."
)
#: In bytes; the report's name gets a suffix.
LONGEST_NAME = 240
DAMAGED = (
    "The file could not be worked on. Nothing was changed. Export the workbook again and repeat your entries."
)


def watch_folders(w: Workplace, now: datetime) -> int:
    """Take every settled file of every admin's folder; gives how many. One bad file never stops the others."""
    with w.store.read() as conn:
        admins = queries_register.admins(conn)
    return sum(
        _taken(w, admin, file, now)
        for admin in admins
        for file in _waiting_files(folder_of(w, admin) / "in", w.config.daemon.settle_seconds)
    )


def _waiting_files(folder: Path, settle_seconds: float) -> list[Path]:
    return settled_files(folder, time.time_ns(), settle_seconds) if folder.is_dir() else []


def _taken(w: Workplace, admin: RowMapping, file: Path, now: datetime) -> bool:
    """Take one file. One that cannot be read or moved (gone again, locked, a name too long) stays where it is."""
    try:
        _take(w, admin, file, now)
    except OSError as fault:
        jsonlog.error(
            "folder-file-stuck", admin=admin["id"], error=f"{type(fault).__name__}: {fault.strerror}"
        )
        return False
    return True


def _take(w: Workplace, admin: RowMapping, file: Path, now: datetime) -> None:
    if file.stat().st_size > w.config.limits.workbook_bytes:
        _finish(admin, file, [TOO_LARGE], applied=False)
        return
    data = file.read_bytes()
    with w.store.read() as conn:
        before = queries_reviews.taken_file(conn, hashlib.sha256(data).hexdigest(), admin["id"])
    if before is not None:
        applied, lines = before["state"] == "applied", before["report"].splitlines()
        # Without a report it was cut off before it was moved away: then its own report is what is wanted.
        reported = any(file.parent.parent.glob(f"*/{escape(safe_name(file.name))}.txt"))
        if reported or before["name"] != safe_name(file.name) or not lines:
            lines = [APPLIED_BEFORE, *lines]
    else:
        # The name on the disk may be any bytes; what is kept and shown is a text.
        applied, lines = _apply(w, admin, safe_name(file.name), data, now)
    _finish(admin, file, lines, applied=applied)


def _finish(admin: RowMapping, file: Path, lines: list[str], *, applied: bool) -> None:
    """Move the file away, with the report beside it. The report first: nobody comes back for a file that is gone."""
    place = keep_place(file, file.parent.parent / ("done" if applied else "refused"))
    # A file name has at most 255 bytes on the usual file systems, and the report's must fit too.
    name = os.fsdecode(os.fsencode(place.name)[:LONGEST_NAME]) + ".txt"
    write_file(place.with_name(name), ("\n".join(lines) + "\n").encode())
    move_to(file, place)
    jsonlog.info("folder-file-taken", admin=admin["id"], applied=applied)


def _apply(w: Workplace, admin: RowMapping, name: str, data: bytes, now: datetime) -> tuple[bool, list[str]]:
    """Apply one file; gives whether anything of it was applied, and the report."""
    kind = kind_of(data)
    try:
        if kind is WorkbookKind.REVIEW:
            return _apply_review(w, admin, name, data, now)
        if kind is WorkbookKind.REGISTER:
            return _apply_register(w, admin, name, data, now)
    except Exception as fault:  # noqa: BLE001 - one bad file must not stop the others
        jsonlog.error("folder-file-failed", admin=admin["id"], error=f"{type(fault).__name__}: {fault}")
        _note(w, admin, name, data, "refused", [DAMAGED], now)
        return False, [DAMAGED]
    _note(w, admin, name, data, "refused", [NOT_OURS], now)
    return False, [NOT_OURS]


def _apply_review(
    w: Workplace, admin: RowMapping, name: str, data: bytes, now: datetime
) -> tuple[bool, list[str]]:
    try:
        result = apply_review(w, data, admin, name, now)
    except StaleRow:
        # Somebody decided at the same moment: look again at what stands now.
        result = apply_review(w, data, admin, name, now)
    return bool(result.decided or result.claims), result.lines()


def _apply_register(
    w: Workplace, admin: RowMapping, name: str, data: bytes, now: datetime
) -> tuple[bool, list[str]]:
    """A register that an admin puts into the folder is applied: putting it there is the confirmation.

    The register is the whole company's, and it says who may do what: so only by one who may enter on all projects.
    """
    may = Permission.ENTER in admin["may"] and "*" in admin["projects"]
    checked = import_register(w, data, now, admin["id"]) if may else check_register(w, data)
    applied = may and not checked.plan.empty
    lines = [*describe_problems(checked.read.problems), *describe(checked.plan)]
    lines = lines if may else [NOT_YOURS, *lines]
    subject = Subject(type=f"register-{checked.sha256[:16]}", id=admin["id"])
    letter = register_report(w, checked, admin, name, subject, applied=may, now=now)
    _note(w, admin, name, data, "applied" if applied else "refused", lines, now, [letter])
    return applied, lines


def _note(
    w: Workplace,
    admin: RowMapping,
    name: str,
    data: bytes,
    state: str,
    lines: list[str],
    now: datetime,
    letters: Sequence[Letter] = (),
) -> None:
    sha = w.archive.put(data)
    values = {
        "sha256": sha,
        "admin_id": admin["id"],
        "name": name[:200],
        "state": state,
        "report": "\n".join(lines)[:8000],
        "at": now,
    }
    with w.store.write() as conn:
        insert_if_new_with_event(
            conn,
            tables.watched_file,
            values,
            chain=SYSTEM,
            at=now,
            what="folder-file-noted",
            actor=("admin", admin["id"]),
            body={"sha256": sha, "state": state},
        )
        post(conn, letters, now)
