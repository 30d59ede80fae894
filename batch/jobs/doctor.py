"""Is this installation fit to work: configuration, database, clock, disk, mail servers, templates, last tick, what waits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from batch.core.states import Incoming, Outgoing
from batch.edges.store import queries_mail, queries_periods, queries_register
from batch.edges.store.verify import verify_chain
from batch.formats.mail.kinds import CONTEXT
from batch.jobs.doctor_mail import Finding, check_imap, check_smtp
from batch.jobs.workbooks import PAY_APPLICATION_TEMPLATE
from batch.jobs.workplace import Workplace

LEAST_FREE_BYTES = 500 * 1024 * 1024
HEALTH_FILE = "health.json"
#: A daemon that has not ticked for so many of its own intervals is not well.
MISSED_TICKS = 5


def doctor(w: Workplace, now: datetime) -> list[Finding]:
    """Look at everything; nothing is changed and no mail is sent."""
    return [finding for check in CHECKS for finding in check(w, now)]


def _database(w: Workplace, now: datetime) -> Iterator[Finding]:
    with w.store.read() as conn:
        faults = verify_chain(conn)
    yield Finding(
        what="database",
        well=not faults,
        sentence=faults[0] if faults else f"{w.store.file.name}, chain whole",
    )


def _register(w: Workplace, now: datetime) -> Iterator[Finding]:
    with w.store.read() as conn:
        company = queries_register.company(conn)
        projects = len(queries_register.projects(conn))
    sentence = (
        f"{projects} projects" if company else "no register yet: billings register template register.xlsx"
    )
    yield Finding(what="register", well=company is not None, sentence=sentence)


def _clock(w: Workplace, now: datetime) -> Iterator[Finding]:
    with w.store.read() as conn:
        coming = [instant for instant in queries_periods.next_instants(conn) if instant > now]
    soon = f"; next planned instant {min(coming).isoformat()}" if coming else ""
    yield Finding(
        what="clock", well=True, sentence=f"now {now.astimezone(UTC).isoformat(timespec='seconds')}{soon}"
    )


def _disk(w: Workplace, now: datetime) -> Iterator[Finding]:
    free = shutil.disk_usage(w.data).free
    sentence = f"{free // 1024**2} MB free" + (
        "" if free >= LEAST_FREE_BYTES else "; make room, mail is kept on the server"
    )
    yield Finding(what="disk", well=free >= LEAST_FREE_BYTES, sentence=sentence)


def _templates(w: Workplace, now: datetime) -> Iterator[Finding]:
    missing = [
        name for kind in CONTEXT for name in (f"{kind}.txt.j2", f"{kind}.html.j2") if not _loads(w, name)
    ]
    try:
        w.template(PAY_APPLICATION_TEMPLATE)
    except FileNotFoundError:
        missing.append(PAY_APPLICATION_TEMPLATE)
    sentence = f"missing: {', '.join(missing)}" if missing else "all found"
    yield Finding(what="templates", well=not missing, sentence=sentence)


def _loads(w: Workplace, name: str) -> bool:
    try:
        w.load_text(name)
    except FileNotFoundError:
        return False
    return True


def _last_tick(w: Workplace, now: datetime) -> Iterator[Finding]:
    file = w.data / HEALTH_FILE
    if not file.exists():
        yield Finding(what="last tick", well=True, sentence="no daemon has run here yet")
        return
    ticked = datetime.fromisoformat(json.loads(file.read_text())["now"])
    late = now - ticked > timedelta(seconds=w.config.daemon.tick_seconds * MISSED_TICKS)
    sentence = f"{ticked.isoformat(timespec='seconds')}" + (
        " is long ago; is the daemon running?" if late else ""
    )
    yield Finding(what="last tick", well=not late, sentence=sentence)


def _waiting(w: Workplace, now: datetime) -> Iterator[Finding]:
    with w.store.read() as conn:
        aside = len(queries_mail.incoming(conn, (Incoming.QUARANTINED,)))
        waiting = len(queries_mail.incoming(conn, (Incoming.WAITING,)))
        unknown = len(queries_mail.outgoing(conn, (Outgoing.UNKNOWN,)))
    sentence = f"{waiting} received mails wait for a person, {aside} were set aside, {unknown} sent mails are uncertain"
    yield Finding(what="waiting", well=aside == 0 and unknown == 0, sentence=sentence)


CHECKS: tuple[Callable[[Workplace, datetime], Iterator[Finding]], ...] = (
    _database,
    _register,
    _clock,
    _disk,
    check_imap,
    check_smtp,
    _templates,
    _last_tick,
    _waiting,
)
