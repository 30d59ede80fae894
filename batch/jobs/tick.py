"""One pass of everything that is due, in an order in which each step finds the work of the one before it.

Every step may run twice; what was done is not done again. The daemon, `billings tick` and the demo all come here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from batch import jsonlog
from batch.config import Imap
from batch.edges.mailbox import Mailbox, MailboxUnavailable
from batch.edges.store import queries_mail, queries_periods
from batch.jobs.accounts import imap_account
from batch.jobs.fetch_mail import fetch_mail, file_mail
from batch.jobs.invite import open_periods
from batch.jobs.plan_periods import plan_periods
from batch.jobs.process_mail import process_mail
from batch.jobs.reissue import issue_moved_again
from batch.jobs.remind import close_periods, remind, settle_periods
from batch.jobs.review_sheets import send_reviews
from batch.jobs.send_mail import resend_hints, send_mail, settle_interrupted
from batch.jobs.watch_folders import watch_folders
from batch.jobs.workplace import Workplace


@dataclass(frozen=True, kw_only=True)
class Tick:
    """What one pass did. `unreachable` says why the mailbox could not be used, or ''."""

    done: int
    unreachable: str = ""

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return self.done == 0 and not self.unreachable


def first_steps(w: Workplace, now: datetime) -> None:
    """What has to be settled once when a process starts: mail that a killed one left half sent."""
    settle_interrupted(w, now)


def tick(w: Workplace, now: datetime) -> Tick:
    """Everything due at `now`. A closed period's last mail is taken in before it closes."""
    done = plan_periods(w, now)
    fetched, unreachable = _mailbox_pass(w, now)
    done += fetched
    done += issue_moved_again(w, now)  # first, so that a reply is carried over onto what counts now
    done += process_mail(w, now)
    done += watch_folders(w, now)
    done += issue_moved_again(w, now)  # a register may have come through a folder
    done += sum(step(w, now) for step in STEPS)
    resend_hints(w, now)
    done += send_mail(w, now)
    filed, lost = _file(w, now)
    return Tick(done=done + filed, unreachable=unreachable or lost)


#: Steps that need nothing but the database, in order.
STEPS: tuple[Callable[[Workplace, datetime], int], ...] = (
    close_periods,
    open_periods,
    remind,
    settle_periods,
    send_reviews,
)


def _mailbox_pass(w: Workplace, now: datetime) -> tuple[int, str]:
    imap = w.config.mail.imap
    return (
        (0, "") if imap is None else _with_mailbox(w, imap, lambda mailbox: fetch_mail(w, imap, mailbox, now))
    )


def _file(w: Workplace, now: datetime) -> tuple[int, str]:
    imap = w.config.mail.imap
    if imap is None:
        return 0, ""
    with w.store.read() as conn:
        if not queries_mail.anything_to_file(conn):
            return 0, ""
    return _with_mailbox(w, imap, lambda mailbox: file_mail(w, imap, mailbox, now))


def _with_mailbox(w: Workplace, imap: Imap, work: Callable[[Mailbox], int]) -> tuple[int, str]:
    """Work on the mailbox; a server that cannot be reached stops nothing else."""
    try:
        with Mailbox(imap_account(w.config, imap), imap.folder) as mailbox:
            return work(mailbox), ""
    except MailboxUnavailable as fault:
        jsonlog.warning("mailbox-unavailable", reason=fault.reason, error=str(fault))
        return 0, fault.reason


def next_due(w: Workplace, now: datetime) -> datetime | None:
    """The next instant after `now` at which something is planned: openings, reminders, closings, held-back mail."""
    with w.store.read() as conn:
        instants = [*queries_periods.next_instants(conn), *queries_mail.next_send_instants(conn)]
    return min((instant for instant in instants if instant > now), default=None)
