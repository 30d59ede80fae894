"""Any bytes in, one frozen ParsedMail out. Never raises: what is wrong with a mail is listed in `faults`.

Everything is bounded (see `structure.py` and `attachments.py`), so that one hostile message costs little.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message

from batch.formats.mail import body, headers, structure
from batch.formats.mail.attachments import MailPart, documents_among, parts_of, workbooks_among
from batch.formats.mail.delivery import DeliveryReport, read_report

MAX_REFERENCES = 20

_ID = re.compile(r"<[!-;=?-~]{1,500}>")
# What classify needs to tell a robot from a person.
_AUTOMATIC = (
    "auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-auto-reply",
    "x-progress-billings-loop",
    "list-id", "list-unsubscribe", "list-post", "content-class", "x-failed-recipients", "feedback-id",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ParsedMail:
    """A mail as values. Addresses are lower-case; `return_path` is "" for the null sender, None when absent.

    `text` is what a reader sees as the body (at most 1 MB), quotes of an HTML mail marked with "> ".
    `structure` names the content type of every part that was read, the whole mail's first.
    """

    message_id: str
    from_address: str
    from_name: str
    to_addresses: tuple[str, ...]
    cc_addresses: tuple[str, ...]
    delivered_to: tuple[str, ...]
    return_path: str | None
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    date: datetime | None
    automatic: tuple[tuple[str, str], ...]
    structure: tuple[str, ...]
    report_type: str
    calendar_method: str
    text: str
    parts: tuple[MailPart, ...]
    report: DeliveryReport | None
    faults: tuple[str, ...]

    def mark(self, name: str) -> str:
        """The value of one header that robots set, lower-case name; "" when absent."""
        return next((value for key, value in self.automatic if key == name), "")


def parse(raw: bytes) -> ParsedMail:
    """Read one message as it came from the server (or from a file). Never raises, whatever the bytes are."""
    message, faults = structure.read(raw)
    leaves, more = structure.leaves(message)
    faults = [*faults, *more]
    parts, more = parts_of(leaves)
    faults += more
    text, more = body.visible_text(message, leaves)
    faults += more
    return _mail(message, leaves, parts=parts, text=text, faults=faults)


def workbooks(mail: ParsedMail) -> tuple[MailPart, ...]:
    """The workbooks in a mail, found by content, also in a zip, winmail.dat or forwarded mail; each once."""
    return workbooks_among(mail.parts)


def documents(mail: ParsedMail) -> tuple[MailPart, ...]:
    """The supporting documents in a mail (PDF, photos, other files); logos and signatures are left out."""
    return documents_among(mail.parts)


def texts_of_sent(raw: bytes) -> tuple[str, ...]:
    """The texts of a mail of ours as a reader may quote them: the plain part and the HTML part as text."""
    message, _ = structure.read(raw)
    leaves, _ = structure.leaves(message)
    return body.all_texts(leaves)


def _mail(
    message: Message,
    leaves: Sequence[structure.Leaf],
    *,
    parts: tuple[MailPart, ...],
    text: str,
    faults: Sequence[str],
) -> ParsedMail:
    name, address = headers.first_address(message, "from")
    in_reply_to, references = _thread(message)
    return ParsedMail(
        message_id=_first_id(headers.raw(message, "message-id")),
        from_address=address,
        from_name=name,
        to_addresses=headers.addresses(message, "to"),
        cc_addresses=headers.addresses(message, "cc"),
        delivered_to=_delivered_to(message),
        return_path=headers.return_path(message),
        subject=headers.text(message, "subject"),
        in_reply_to=in_reply_to,
        references=references,
        date=_date(message),
        automatic=_automatic(message),
        structure=tuple(leaf.content_type for leaf in structure.all_parts(message)),
        report_type=headers.parameter(message, "report-type"),
        calendar_method=_calendar_method(leaves),
        text=text,
        parts=parts,
        report=read_report(message, leaves, text=text),
        faults=tuple(faults),
    )


def _thread(message: Message) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References; a second id in In-Reply-To counts as a reference (RFC 5322 3.6.4)."""
    answered = _ids(" ".join(headers.every(message, "in-reply-to")))
    older = _ids(" ".join(headers.every(message, "references")))
    together = tuple(dict.fromkeys((*answered[1:], *older)))
    if len(together) > MAX_REFERENCES:  # the first names the thread, the last are the nearest
        together = (together[0], *together[1 - MAX_REFERENCES :])
    return (answered[0] if answered else ""), together


def _ids(value: str) -> tuple[str, ...]:
    return tuple(_ID.findall(value))


def _first_id(value: str) -> str:
    found = _ids(value)
    return found[0] if found else headers.visible(value)[:200]


def _delivered_to(message: Message) -> tuple[str, ...]:
    names = ("delivered-to", "x-original-to", "envelope-to")
    found = (address for name in names for address in headers.addresses(message, name))
    return tuple(dict.fromkeys(found))


def _automatic(message: Message) -> tuple[tuple[str, str], ...]:
    present = ((name, headers.every(message, name)) for name in _AUTOMATIC)
    return tuple((name, values[0].strip()[:500]) for name, values in present if values)


def _calendar_method(leaves: Sequence[structure.Leaf]) -> str:
    """The method of a calendar part in the mail itself ("REQUEST", "REPLY"), or ""."""
    for leaf in leaves:
        if leaf.nested == 0 and leaf.content_type == "text/calendar":
            return headers.parameter(leaf.part, "method").upper() or "UNKNOWN"
    return ""


def _date(message: Message) -> datetime | None:
    found = headers.date(message)
    if found is None or found.tzinfo is not None:
        return found
    return found.replace(tzinfo=UTC)  # "-0000": the instant is UTC, only the sender's zone is unknown
