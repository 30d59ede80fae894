"""The watched folders, one per admin: a review or register workbook put into `in` is applied and moved away with a report.

The reviewer is the owner of the folder, never a name typed into a cell.
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from pathlib import Path

from batch import jsonlog
from batch.edges.folders import move_into, settled_files, write_file
from batch.edges.store import queries_register, queries_reviews, tables
from batch.edges.store.events import SYSTEM, StaleRow, insert_if_new_with_event
from batch.edges.store.rows import RowMapping
from batch.formats.register.report import describe, describe_problems
from batch.formats.workbook_kind import WorkbookKind, kind_of
from batch.jobs.letters import Subject, post
from batch.jobs.register import import_register
from batch.jobs.reports import register_report
from batch.jobs.review import apply_review
from batch.jobs.review_sheets import folder_of
from batch.jobs.workplace import Workplace

NOT_OURS = "This is neither a review workbook nor a register workbook. Nothing was changed."
DAMAGED = (
    "The file could not be worked on. Nothing was changed. Export the workbook again and repeat your entries."
)


def watch_folders(w: Workplace, now: datetime) -> int:
    """Take every settled file of every admin's folder; gives how many. One bad file never stops the others."""
    with w.store.read() as conn:
        admins = queries_register.admins(conn)
    taken = 0
    for admin in admins:
        folder = folder_of(w, admin)
        if not (folder / "in").is_dir():
            continue
        for file in settled_files(folder / "in", time.time_ns(), w.config.daemon.settle_seconds):
            _take(w, admin, folder, file, now)
            taken += 1
    return taken


def _take(w: Workplace, admin: RowMapping, folder: Path, file: Path, now: datetime) -> None:
    data = file.read_bytes()
    with w.store.read() as conn:
        before = queries_reviews.taken_file(conn, hashlib.sha256(data).hexdigest(), admin["id"])
    if before is not None:
        applied, lines = (
            before["state"] == "applied",
            before["report"].splitlines() or ["This file was applied before."],
        )
    else:
        applied, lines = _apply(w, admin, file.name, data, now)
    target = folder / ("done" if applied else "refused")
    moved = move_into(file, target)
    write_file(moved.with_name(moved.name + ".txt"), ("\n".join(lines) + "\n").encode())
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
    """A register that an admin puts into the folder is applied: putting it there is the confirmation."""
    checked = import_register(w, data, now, admin["id"])
    lines = [*describe_problems(checked.read.problems), *describe(checked.plan)]
    subject = Subject(type=f"register-{checked.sha256[:16]}", id=admin["id"])
    letter = register_report(w, checked, admin, name, subject, applied=True, now=now)
    _note(w, admin, name, data, "applied" if not checked.plan.empty else "refused", lines, now)
    with w.store.write() as conn:
        post(conn, [letter], now)
    return not checked.plan.empty, lines


def _note(
    w: Workplace, admin: RowMapping, name: str, data: bytes, state: str, lines: list[str], now: datetime
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
