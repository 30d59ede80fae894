"""Waiting for mail on a thread and a connection of its own. It only hints: what came is found by the tick."""

import logging
import random
import time
from collections.abc import Callable
from threading import Event

from batch.edges.mailbox import ImapAccount, Mailbox, MailboxUnavailable, Reason

# RFC 2177 says 29 minutes; providers and firewalls cut idle links earlier. Mail that comes just as an IDLE
# begins may be seen only at its end, so the one after a change is short.
_FIRST_IDLE, _LONGEST_IDLE = 1.0, 300.0
_FIRST_PAUSE, _LONGEST_PAUSE, _LOGIN_PAUSE = 1.0, 300.0, 60.0

_log = logging.getLogger(__name__)


def wait_for_mail(account: ImapAccount, folder: str, stop: Event, wake: Callable[[], None]) -> None:
    """Calls `wake` when mail may have come, until `stop` is set. Has its own thread and connection.

    It only hints: the tick looks for itself. So without IDLE on the server it returns at once.
    """
    failures = 0
    while not stop.is_set():
        started = time.monotonic()
        try:
            with Mailbox(account, folder) as mailbox:
                wake()  # mail may have come while nobody listened
                if not mailbox.has_idle:
                    return
                _idle_until(mailbox, stop, wake)
        except MailboxUnavailable as fault:
            # A link that lasted starts the count again; one that is cut at each start does not.
            failures = 1 if time.monotonic() - started > _LONGEST_PAUSE else failures + 1
            _log.warning("%s", fault, extra={"action": "imap-idle-lost", "reason": fault.reason})
            stop.wait(_pause(failures, fault.reason))


def _idle_until(mailbox: Mailbox, stop: Event, wake: Callable[[], None]) -> None:
    seconds = _FIRST_IDLE
    while not stop.is_set():
        if mailbox.wait_in_idle(stop, seconds):
            wake()
            seconds = _FIRST_IDLE
        else:
            seconds = min(seconds * 4, _LONGEST_IDLE)


def _pause(failures: int, reason: Reason) -> float:
    """Seconds before the next try: doubling, with jitter; longer after a refused login."""
    least = _LOGIN_PAUSE if reason == "login" else _FIRST_PAUSE
    pause = min(_LONGEST_PAUSE, least * 2.0 ** min(failures - 1, 20))
    return pause * random.uniform(0.5, 1.0)  # noqa: S311 - only spreads the load
