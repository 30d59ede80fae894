"""Reports about mail of ours: delivery status (RFC 3464) first, then the dialects flufl.bounce knows."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any

from flufl.bounce import all_failures

from batch.formats.mail import body, headers
from batch.formats.mail.structure import Leaf

_ID = re.compile(r"^[> ]{0,4}message-id:[ \t]{0,20}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_OUR_ID = re.compile(r"<pb\.[^<>\s]{1,300}>")
_DAEMONS = ("mailer-daemon", "postmaster", "mail-daemon", "maildelivery", "microsoftexchange")
_SEARCHED = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One recipient in a report. `action` is RFC 3464's: failed, delayed, delivered, relayed, expanded."""

    recipient: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """A report, and the Message-ID of the mail it is about ("" when the report does not say)."""

    deliveries: tuple[Delivery, ...]
    returned_message_id: str


def read_report(message: Message, leaves: Sequence[Leaf], *, text: str) -> DeliveryReport | None:
    """Give the report a mail is, or None for a mail that is no report.

    A report inside a forwarded mail does not count. Dialects without a status part are tried only on mail
    that comes from a mail system (null return path, mailer-daemon), because they match on ordinary words.
    """
    status = next((one.part for one in leaves if _is_status(one)), None)
    if status is not None:
        deliveries = _standard(status)
    elif _from_a_mail_system(message):
        deliveries = _dialects(message)
    else:
        return None
    return DeliveryReport(deliveries=deliveries, returned_message_id=_returned_id(leaves, message, text))


def _from_a_mail_system(message: Message) -> bool:
    sender = headers.first_address(message, "from")[1]
    return headers.return_path(message) == "" or sender.partition("@")[0].startswith(_DAEMONS)


def _is_status(leaf: Leaf) -> bool:
    return leaf.nested == 0 and leaf.content_type in {
        "message/delivery-status",
        "message/global-delivery-status",
    }


def _standard(status: Message) -> tuple[Delivery, ...]:
    """The per-recipient blocks (RFC 3464 2.3); the first block is about the mail as a whole."""
    payload = status.get_payload()
    blocks: list[Message] = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    return tuple(_delivery(block) for block in blocks[:100] if headers.raw(block, "action"))


def _delivery(block: Message) -> Delivery:
    recipient = headers.raw(block, "final-recipient") or headers.raw(block, "original-recipient")
    return Delivery(
        recipient=recipient.rpartition(";")[2].strip(" <>").lower()[:320],
        action=headers.raw(block, "action").split("(")[0].strip().lower(),
        status=headers.raw(block, "status").split("(")[0].strip()[:20],
        diagnostic=headers.visible(headers.raw(block, "diagnostic-code"))[:500],
    )


def _dialects(message: Message) -> tuple[Delivery, ...]:
    search: Callable[[Message], Any] = all_failures
    try:
        temporary, permanent = search(message)
    except Exception:  # noqa: BLE001 -- some of its detectors raise on odd addresses
        return ()
    return (*_found(permanent, "failed"), *_found(temporary, "delayed"))


def _found(addresses: Iterable[bytes | str], action: str) -> list[Delivery]:
    plain = sorted(one.decode("ascii", "replace") if isinstance(one, bytes) else one for one in addresses)
    return [Delivery(recipient=one.lower(), action=action, status="", diagnostic="") for one in plain]


def _returned_id(leaves: Sequence[Leaf], message: Message, text: str) -> str:
    """The Message-ID in the returned mail or its headers; else one of ours in the text."""
    for part in _returned(leaves, message):
        found = _ID.search(part)
        if found:
            return found[1]
    ours = _OUR_ID.search(text[:_SEARCHED]) or _ID.search(text[:_SEARCHED])
    return ours[ours.lastindex or 0] if ours else ""


def _returned(leaves: Sequence[Leaf], message: Message) -> list[str]:
    texts = [
        body.payload(leaf.part)[:_SEARCHED].decode("utf-8", "replace")
        for leaf in leaves
        if leaf.content_type in {"text/rfc822-headers", "message/global-headers"}
    ]
    inner = (part.get_payload(0) for part in message.walk() if _is_mail(part))
    first = [one for one in inner if isinstance(one, Message)][:1]
    return [*texts, *(f"Message-ID: {headers.raw(one, 'message-id').strip()}" for one in first)]


def _is_mail(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822" and part.is_multipart()
