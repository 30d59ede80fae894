"""A received mail with what was found out about it, and what happens when a person has to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from batch.jobs import answers
from batch.jobs.case import Case, Incoming
from batch.jobs.effects import Effects
from batch.jobs.workplace import Workplace


@dataclass(frozen=True, kw_only=True)
class Found:
    """A mail with all that was found out about it without changing anything.

    `proved`: the mail carries a token of the case's invite. Without one the case is only guessed from the sender's address,
    which anybody can write, so it may be spoken of to that address and nothing more.
    """

    incoming: Incoming
    case: Case | None
    proved: bool

    @property
    def invite_id(self) -> int | None:
        """The invite it is about, if that is known."""
        return self.case.invite["id"] if self.case is not None else None


def person_looks(
    w: Workplace, found: Found, problem: str, outcome: str, reason: str, now: datetime
) -> Effects:
    """A person has to look: filed for review, the sender asked where that is safe, the admins told.

    `problem` is one of `kinds.PROBLEMS`, or '' when the sender gets no answer.
    """
    incoming, case = found.incoming, found.case
    effects = Effects(outcome=outcome, reason=reason, waits=True, folder="review", invite_id=found.invite_id)
    names = [part.name for part in incoming.mail.parts]
    effects.letters += answers.question(w, incoming, case, problem, names, now)
    effects.letters += answers.exception(
        w, incoming, case, reason, "It waits for you. Nothing was recorded.", now
    )
    return effects
