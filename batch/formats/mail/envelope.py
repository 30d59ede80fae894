"""Who a mail of ours is from and to, and all else about it that must be the same each time it is made."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Literal

from batch.formats.mail.automatic import LOOP_HEADER

MAX_REFERENCES = 10

_ID = re.compile(r"<[!-;=?-~]{1,500}>")


class HeaderRefused(ValueError):
    """A value for a header holds a line break, so it could add headers of its own."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """The headers of one mail to one recipient.

    `date` is aware. `token` makes the subject tag ("" for none). `boundary_seed` makes the MIME boundaries:
    the same seed gives the same bytes. `loop_id` names this installation. `automatic` is RFC 3834's:
    "generated" for a mail we send on our own account, "replied" for an answer to a mail.
    """

    from_name: str
    from_address: str
    to_address: str
    reply_to: str
    message_id: str
    date: datetime
    boundary_seed: str
    loop_id: str
    token: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: Literal["generated", "replied"] = "generated"

    def __post_init__(self) -> None:
        """Refuse what could not be sent: a line break in any text, a date without a zone."""
        for text in self._texts():
            refuse_line_breaks(text)
        if self.date.tzinfo is None:
            raise ValueError("the date of a mail needs a time zone")

    def _texts(self) -> Iterator[str]:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                yield value
        yield from self.references


class _Policy(EmailPolicy):
    """As the standard library folds headers, but for two things that it does badly.

    Message ids are written whole, one a line (one of 80 characters would be encoded and answer nothing), and
    an ASCII subject is broken between words (it would begin with an empty line).
    """

    def fold(self, name: str, value: Any) -> str:
        """Give the header as text, line ends included."""
        return self._folded(name, str(value)) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Give the header as bytes, line ends included."""
        folded = self._folded(name, str(value))
        return folded.encode("ascii") if folded else super().fold_binary(name, value)

    def _folded(self, name: str, value: str) -> str:
        if name.lower() in {"references", "in-reply-to", "message-id"}:
            lines = value.split()
        elif name.lower() == "subject" and value.isascii():
            lines = textwrap.wrap(value, 66, break_long_words=False, break_on_hyphens=False)
        else:
            return ""
        return f"{name}: " + f"{self.linesep} ".join(lines) + self.linesep


POLICY = _Policy(linesep="\r\n")


def addressed(envelope: Envelope, subject: str) -> EmailMessage:
    """Give a message without a body, with every header of the envelope."""
    refuse_line_breaks(subject)
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(display_name=envelope.from_name, addr_spec=envelope.from_address)
    message["To"] = Address(addr_spec=envelope.to_address)
    message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    message["Subject"] = subject
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = envelope.message_id
    if _ID.fullmatch(envelope.in_reply_to):
        message["In-Reply-To"] = envelope.in_reply_to
    if references := _references(envelope):
        message["References"] = " ".join(references)
    message["Auto-Submitted"] = f"auto-{envelope.automatic}"
    # Asks Exchange to send no out-of-office and no automatic answers; delivery reports stay wanted.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message[LOOP_HEADER] = envelope.loop_id
    return message


def refuse_line_breaks(text: str) -> None:
    """Raise HeaderRefused when a header value holds CR, LF or another character that ends a line."""
    if len(text.splitlines()) > 1 or text.endswith(("\r", "\n")) or "\0" in text:
        raise HeaderRefused(f"a line break in a mail header: {text[:80]!r}")


def _references(envelope: Envelope) -> tuple[str, ...]:
    """At most 10: the first, which names the thread, and the last ones. What is no id answers nothing."""
    ids = tuple(dict.fromkeys((*envelope.references, envelope.in_reply_to)))
    known = tuple(one for one in ids if _ID.fullmatch(one))
    if len(known) <= MAX_REFERENCES:
        return known
    return (known[0], *known[1 - MAX_REFERENCES :])
