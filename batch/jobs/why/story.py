"""How a figure or a state came about: every event about a thing and what it came from, back to the mail and the cell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from batch.core.exchange import from_scaled, rate_text
from batch.core.money import from_minor, plain
from batch.core.returned import CellKind
from batch.edges.archive import ArchiveDamaged
from batch.edges.store import queries_applications, queries_events, queries_mail
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.facts import Facts, iso
from batch.jobs.open_workbook import open_original
from batch.jobs.workplace import Workplace

#: Columns of a returned workbook that a claim is read from.
ENTRY_COLUMNS = (
    "percent_to_date",
    "work_this_period",
    "quantity_to_date",
    "materials_stored",
    "retainage_release",
)


def mail_story(w: Workplace, conn: Connection, name: str) -> Facts | None:
    """The story of a received mail (inbox:12), or None."""
    key = name.removeprefix("inbox:")
    mail = queries_mail.mail(conn, int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else None
    if mail is None:
        return None
    return {"name": name, "steps": [_mail_step(mail), *_events(conn, [("inbox", mail["id"])], "")]}


def application_steps(conn: Connection, w: Workplace, row: RowMapping) -> list[Facts]:
    """Every event about an application, its invite and its mails, in the order they happened."""
    subjects: list[tuple[str, int]] = [("invite", row["invite_id"])]
    steps: list[Facts] = []
    for one in queries_applications.of_invite(conn, row["invite_id"]):
        subjects.append(("application", one["id"]))
        if one["inbox_id"] is not None and (mail := queries_mail.mail(conn, one["inbox_id"])) is not None:
            steps.append(_mail_step(mail))
            steps.append(_workbook_step(w, one))
    steps += _events(conn, subjects, row["currency"])
    # The sort is stable: what came at the same instant stays in the order it was found in.
    return sorted(steps, key=lambda step: str(step["at"]))


def _mail_step(mail: RowMapping) -> Facts:
    return {
        "at": iso(mail["received_at"]),
        "what": "mail received",
        "sender": mail["sender"],
        "subject": mail["subject"],
        "message_id": mail["message_id"],
        "sha256": mail["sha256"],
        "outcome": mail["outcome"],
        "reason": mail["reason"],
    }


def _workbook_step(w: Workplace, application: RowMapping) -> Facts:
    """The cells that a claim was read from, out of the kept original."""
    sha = application["workbook_sha"]
    step = {"at": iso(application["submitted_at"]), "what": "workbook read", "sha256": sha}
    try:
        returned = open_original(w.archive.get(sha))
    except ArchiveDamaged as fault:
        return {**step, "cells": [], "fault": str(fault)}
    cells = [
        f"line {line.line_key}: {cell.sheet}!{cell.ref} {column} = {cell.text}"
        for line in returned.lines
        for column in ENTRY_COLUMNS
        if (cell := line.cells.get(column)) is not None and cell.kind is not CellKind.BLANK
    ]
    return {**step, "cells": cells}


def _events(conn: Connection, subjects: list[tuple[str, int]], currency: str) -> list[Facts]:
    return [
        {
            "at": iso(row["at"]),
            "what": row["what"],
            "by": queries_events.actor_name(conn, row),
            "proof": f"{row['chain']}#{row['seq']}",
            **_told(json.loads(row["body"]), currency),
        }
        for row in queries_events.about(conn, subjects)
    ]


def _told(body: Mapping[str, Any], currency: str) -> Facts:
    """What an event says; amounts in the currency, nothing that is zero or not there."""
    told = {key: value for key, value in body.items() if key not in ("rows", "table")}
    amounts = [text for row in body.get("rows", ()) if (text := ", ".join(_amounts(row, currency)))]
    return {**told, "amounts": amounts} if amounts else told


def _amounts(row: Mapping[str, Any], currency: str) -> Iterator[str]:
    found: Mapping[str, Any] = row.get("amounts", {})
    own = found.get("currency") or currency
    foreign = f" {own}" if own != currency else ""
    shown = [
        f"{name.removesuffix('_minor')} {plain(from_minor(value, own), own)}{foreign}"
        for name, value in found.items()
        if name.endswith("_minor") and value
    ]
    if "rate_e8" in found:
        shown.append(f"rate {rate_text(from_scaled(found['rate_e8']))}")
    line = row.get("key", {}).get("line_key") if isinstance(row.get("key"), Mapping) else None
    if shown:
        yield (f"line {line}: " if line else "") + " ".join(shown)
