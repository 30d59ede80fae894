"""Every life cycle, as one table each, and the only code that changes a state.

Rules for this file: a table maps state -> {event: next state}; end states are written out as `{}`; a pair that is absent is
refused. The diagrams in `batch/docs.md` are drawn from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar


class IllegalTransition(Exception):
    """The life cycle does not allow this event in this state. Nothing was changed."""


class Application(StrEnum):
    """Life of one revision of one pay application."""

    RECEIVED = "received"
    RETURNED = "returned"
    UNDER_REVIEW = "under review"
    REVISE_AND_RESUBMIT = "revise and resubmit"
    PENDING_CLIENT_APPROVAL = "pending client approval"
    APPROVED = "approved"
    APPROVED_AS_NOTED = "approved as noted"
    SUPERSEDED = "superseded"
    VOID = "void"


class Invite(StrEnum):
    """Life of one invite to bill."""

    PLANNED = "planned"
    NO_CONTACT = "no contact"
    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    BOUNCED = "bounced"
    REPLACED = "replaced"


class Period(StrEnum):
    """Life of one billing period."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    SETTLED = "settled"


class Upstream(StrEnum):
    """Life of one client application."""

    DRAFT = "draft"
    ISSUED = "issued"
    CERTIFIED = "certified"
    VOID = "void"


class Export(StrEnum):
    """Life of one ERP batch."""

    WRITTEN = "written"
    IMPORTED = "imported"
    VOIDED = "voided"
    REVERSED = "reversed"


class Outgoing(StrEnum):
    """Life of one outgoing mail."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class Incoming(StrEnum):
    """Life of one received mail."""

    STORED = "stored"
    PROCESSED = "processed"
    WAITING = "waiting for a person"
    SETTLED = "settled by a person"
    QUARANTINED = "quarantined"


Table = Mapping[StrEnum, Mapping[str, StrEnum]]
State = TypeVar("State", bound=StrEnum)

APPLICATION: Table = {
    Application.RECEIVED: {
        "pass": Application.UNDER_REVIEW,
        "fail": Application.RETURNED,
        "supersede": Application.SUPERSEDED,
    },
    Application.RETURNED: {
        "override": Application.UNDER_REVIEW,
        "supersede": Application.SUPERSEDED,
        "void": Application.VOID,
    },
    Application.UNDER_REVIEW: {
        "approve": Application.APPROVED,
        "note": Application.APPROVED_AS_NOTED,
        "await_client": Application.PENDING_CLIENT_APPROVAL,
        "revise": Application.REVISE_AND_RESUBMIT,
        "supersede": Application.SUPERSEDED,
        "void": Application.VOID,
    },
    Application.REVISE_AND_RESUBMIT: {
        "recall": Application.UNDER_REVIEW,
        "supersede": Application.SUPERSEDED,
        "void": Application.VOID,
    },
    Application.PENDING_CLIENT_APPROVAL: {
        "client_approves": Application.APPROVED,
        "client_cuts": Application.APPROVED_AS_NOTED,
        "reopen": Application.UNDER_REVIEW,
    },
    Application.APPROVED: {"reopen": Application.UNDER_REVIEW},
    Application.APPROVED_AS_NOTED: {"reopen": Application.UNDER_REVIEW},
    Application.SUPERSEDED: {},
    Application.VOID: {},
}

INVITE: Table = {
    Invite.PLANNED: {
        "queue": Invite.QUEUED,
        "no_contact": Invite.NO_CONTACT,
        "lapse": Invite.LAPSED,
        "submit": Invite.ANSWERED,
        "replace": Invite.REPLACED,
    },
    Invite.NO_CONTACT: {
        "queue": Invite.QUEUED,
        "lapse": Invite.LAPSED,
        "submit": Invite.ANSWERED,
        "replace": Invite.REPLACED,
    },
    Invite.QUEUED: {
        "send": Invite.SENT,
        "accept": Invite.ACCEPTED,
        "decline": Invite.DECLINED,
        "submit": Invite.ANSWERED,
        "lapse": Invite.LAPSED,
        "bounce": Invite.BOUNCED,
        "replace": Invite.REPLACED,
    },
    Invite.SENT: {
        "accept": Invite.ACCEPTED,
        "decline": Invite.DECLINED,
        "submit": Invite.ANSWERED,
        "lapse": Invite.LAPSED,
        "bounce": Invite.BOUNCED,
        "replace": Invite.REPLACED,
    },
    Invite.ACCEPTED: {
        "decline": Invite.DECLINED,
        "submit": Invite.ANSWERED,
        "lapse": Invite.LAPSED,
        "bounce": Invite.BOUNCED,
        "replace": Invite.REPLACED,
    },
    Invite.DECLINED: {"accept": Invite.ACCEPTED, "submit": Invite.ANSWERED, "replace": Invite.REPLACED},
    Invite.ANSWERED: {"replace": Invite.REPLACED},
    Invite.LAPSED: {"submit": Invite.ANSWERED, "replace": Invite.REPLACED, "reopen": Invite.SENT},
    Invite.BOUNCED: {
        "queue": Invite.QUEUED,
        "submit": Invite.ANSWERED,
        "lapse": Invite.LAPSED,
        "replace": Invite.REPLACED,
    },
    Invite.REPLACED: {},
}

PERIOD: Table = {
    Period.PLANNED: {"open": Period.OPEN},
    Period.OPEN: {"close": Period.CLOSED},
    Period.CLOSED: {"reopen": Period.OPEN, "settle": Period.SETTLED},
    Period.SETTLED: {"reopen": Period.OPEN, "resume": Period.CLOSED},
}

UPSTREAM: Table = {
    Upstream.DRAFT: {"issue": Upstream.ISSUED, "void": Upstream.VOID},
    Upstream.ISSUED: {"certify": Upstream.CERTIFIED},
    Upstream.CERTIFIED: {"certify": Upstream.CERTIFIED},
    Upstream.VOID: {},
}

EXPORT: Table = {
    Export.WRITTEN: {"confirm": Export.IMPORTED, "void": Export.VOIDED},
    Export.IMPORTED: {"reverse": Export.REVERSED},
    Export.VOIDED: {},
    Export.REVERSED: {},
}

OUTGOING: Table = {
    Outgoing.PENDING: {"take": Outgoing.SENDING, "withdraw": Outgoing.WITHDRAWN},
    Outgoing.SENDING: {
        "deliver": Outgoing.SENT,
        "refuse": Outgoing.REFUSED,
        "defer": Outgoing.PENDING,
        "lose": Outgoing.UNKNOWN,
    },
    Outgoing.UNKNOWN: {"resend": Outgoing.PENDING, "withdraw": Outgoing.WITHDRAWN},
    Outgoing.REFUSED: {"resend": Outgoing.PENDING},
    Outgoing.SENT: {},
    Outgoing.WITHDRAWN: {},
}

INCOMING: Table = {
    Incoming.STORED: {
        "process": Incoming.PROCESSED,
        "wait": Incoming.WAITING,
        "quarantine": Incoming.QUARANTINED,
    },
    Incoming.WAITING: {"settle": Incoming.SETTLED, "put_back": Incoming.STORED},
    Incoming.QUARANTINED: {"put_back": Incoming.STORED, "settle": Incoming.SETTLED},
    Incoming.PROCESSED: {},
    Incoming.SETTLED: {},
}

TABLES: Mapping[str, Table] = {
    "pay application": APPLICATION,
    "invite to bill": INVITE,
    "billing period": PERIOD,
    "client application": UPSTREAM,
    "ERP batch": EXPORT,
    "outgoing mail": OUTGOING,
    "received mail": INCOMING,
}

#: The names people see, which are the reference product's where it has one.
SHOWN: Mapping[StrEnum, str] = {
    Application.RECEIVED: "Received",
    Application.RETURNED: "Returned",
    Application.UNDER_REVIEW: "Under Review",
    Application.REVISE_AND_RESUBMIT: "Revise & Resubmit",
    Application.PENDING_CLIENT_APPROVAL: "Pending Client Approval",
    Application.APPROVED: "Approved",
    Application.APPROVED_AS_NOTED: "Approved as Noted",
    Application.SUPERSEDED: "Superseded",
    Application.VOID: "Void",
    Invite.PLANNED: "Not Invited",
    Invite.NO_CONTACT: "No Invoice Contacts",
    Invite.QUEUED: "Invited",
    Invite.SENT: "Invited",
    Invite.ACCEPTED: "Accepted",
    Invite.DECLINED: "Declined",
    Invite.ANSWERED: "Answered",
    Invite.LAPSED: "Lapsed",
    Invite.BOUNCED: "Bounced",
    Invite.REPLACED: "Replaced",
}

#: States of an application that count as approved: they move previous figures, and can be billed and exported.
#: One that waits for the client does too, though a project may keep its export back until the client has answered.
APPROVED_STATES = frozenset(
    {Application.APPROVED, Application.APPROVED_AS_NOTED, Application.PENDING_CLIENT_APPROVAL}
)
#: States of a client application that went to the client: what it bills counts as billed.
BILLED_STATES = frozenset({Upstream.ISSUED, Upstream.CERTIFIED})
#: States of an application that still stands for its number; the others have been replaced or taken back.
LIVE_STATES = frozenset(set(Application) - {Application.SUPERSEDED, Application.VOID})


def _table_of(state: StrEnum) -> Table:
    for table in TABLES.values():
        if state in table and type(next(iter(table))) is type(state):
            return table
    raise IllegalTransition(f"{state!r} belongs to no life cycle")


def advance(state: State, event: str) -> State:
    """The state that follows `event` in `state`. Raises IllegalTransition when the life cycle does not allow it."""
    try:
        following = _table_of(state)[state][event]
    except KeyError:
        raise IllegalTransition(
            f"{type(state).__name__} in state {state.value!r} does not accept {event!r}"
        ) from None
    assert isinstance(following, type(state))
    return following


def accepts(state: StrEnum, event: str) -> bool:
    """Whether the life cycle allows `event` in `state`."""
    return event in _table_of(state)[state]
