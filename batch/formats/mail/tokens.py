"""Tokens: 80 random bits that tie a reply to the request it answers.

A token is 16 characters of lower-case base32 (a-z, 2-7), because mail programs turn the local part of an
address into lower case. It stands in four places of every mail of ours: the plus address of Reply-To, the
Message-ID, the subject tag and the body's marker line. The sender's address is never proof of who wrote.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from batch.formats.mail.parse import ParsedMail

Source = Literal["address", "references", "subject", "body"]

TOKEN = re.compile(r"[a-z2-7]{16}")
_TAG = re.compile(r"\bPB-([a-z2-7]{16})\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<pb\.([a-z2-7]{16})\.[^<>\s]{1,200}>", re.IGNORECASE)
_PLUS_ADDRESS = re.compile(r"\+([a-z2-7]{16})@", re.IGNORECASE)
_SAFE_KIND = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class FoundToken:
    """A token found in a mail, and the most trustworthy place it was found in."""

    source: Source
    token: str


def token_from(bits: bytes) -> str:
    """Give the token for 10 random bytes. Raises ValueError on any other length."""
    if len(bits) != 10:
        raise ValueError("a token is made from exactly 10 bytes (80 bits)")
    return base64.b32encode(bits).decode("ascii").lower()


def token_address(address: str, token: str) -> str:
    """Give the plus address (RFC 5233) of `address` for `token`: billing+<token>@host."""
    local, at, host = address.rpartition("@")
    if not (local and at and host):
        raise ValueError(f"not a mail address: {address!r}")
    return f"{local}+{_checked(token)}@{host}"


def message_id(token: str, kind: str, ordinal: int, domain: str) -> str:
    """Give the Message-ID of the `ordinal`-th mail of this kind for a token, angle brackets included."""
    if not _SAFE_KIND.fullmatch(kind):
        raise ValueError(f"not a mail kind: {kind!r}")
    return f"<pb.{_checked(token)}.{kind}.{ordinal}@{domain}>"


def subject_tag(token: str) -> str:
    """Give the tag that ends a subject: [PB-<token>]."""
    return f"[PB-{_checked(token)}]"


def tokens_in(mail: ParsedMail, own_address: str) -> tuple[FoundToken, ...]:
    """Give every token in a mail once, in order of trust: address, references, subject, body.

    `own_address` is our plain address; a plus address counts only on that mailbox.
    """
    found: dict[str, FoundToken] = {}
    for source, token in _candidates(mail, own_address):
        found.setdefault(token, FoundToken(source=source, token=token))
    return tuple(found.values())


def _candidates(mail: ParsedMail, own_address: str) -> Iterator[tuple[Source, str]]:
    for address in (*mail.to_addresses, *mail.cc_addresses, *mail.delivered_to):
        if token := _token_in_address(address, own_address):
            yield "address", token
    returned = mail.report.returned_message_id if mail.report else ""
    for reference in (mail.in_reply_to, *mail.references, returned):
        if match := _MESSAGE_ID.fullmatch(reference):
            yield "references", match[1].lower()
    for match in _TAG.finditer(mail.subject):
        yield "subject", match[1].lower()
    for pattern in (_TAG, _PLUS_ADDRESS, _MESSAGE_ID):
        for match in pattern.finditer(mail.text):
            yield "body", match[1].lower()


def _token_in_address(address: str, own_address: str) -> str:
    local, _, host = address.lower().rpartition("@")
    own_local, _, own_host = own_address.lower().rpartition("@")
    name, _, detail = local.rpartition("+")
    ours = (name, host) == (own_local, own_host)
    return detail if ours and TOKEN.fullmatch(detail) else ""


def _checked(token: str) -> str:
    if not TOKEN.fullmatch(token):
        raise ValueError(f"not a token (16 characters of a-z and 2-7): {token!r}")
    return token
