"""Header fields of a message that may be broken in any way: decoded, bounded, and never raising."""

import re
import unicodedata
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

MAX_HEADER_VALUE = 8 * 1024
MAX_ADDRESSES = 100

_BARE_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,255}")
# Addresses that an answer can be sent to: a dot-atom and a host name in ASCII (RFC 5321 4.1.2).
_SENDABLE = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(?:\.[\w-]+)*", re.ASCII)
_FACTORY: Any = policy.default.header_factory
# What the standard library's header parser was seen to raise on odd input.
_PARSER_FAULTS = (
    MessageError, ValueError, TypeError, IndexError, KeyError, AttributeError, LookupError, AssertionError,
    RecursionError, StopIteration,
)  # fmt: skip


def every(message: Message, name: str) -> tuple[str, ...]:
    """All raw values of a header, unfolded; bytes above 127 are read as UTF-8."""
    return tuple(_unfolded(value) for key, value in message.raw_items() if key.lower() == name)


def raw(message: Message, name: str) -> str:
    """The first raw value of a header, or ""."""
    return next(iter(every(message, name)), "")


def text(message: Message, name: str) -> str:
    """A header as a person reads it (RFC 2047 decoded, one line, no control characters)."""
    value = raw(message, name)
    try:
        decoded = str(_FACTORY(name, value))
    except _PARSER_FAULTS:
        decoded = value
    return visible(decoded).strip()


def addresses(message: Message, name: str) -> tuple[str, ...]:
    """The lower-case addresses of a header, in order, each once, at most 100."""
    found = (address for value in every(message, name) for _, address in _pairs(name, value))
    return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]


def first_address(message: Message, name: str) -> tuple[str, str]:
    """Display name and lower-case address of the first mailbox in a header; ("", "") when there is none."""
    return next(iter(_pairs(name, raw(message, name))), ("", ""))


def return_path(message: Message) -> str | None:
    """The envelope sender the last server noted: "" for the null sender, None when not noted."""
    value = raw(message, "return-path").strip()
    if not value:
        return None
    match = _BARE_ADDRESS.search(value)
    return match[0].lower() if match else ""


def date(message: Message) -> datetime | None:
    """The Date header, or None when it is absent or no date."""
    value = raw(message, "date")
    try:
        found = _FACTORY("date", value).datetime if value else None
    except (*_PARSER_FAULTS, OverflowError):
        return None
    return found if isinstance(found, datetime) else None


def parameter(part: Message, name: str) -> str:
    """A parameter of Content-Type, lower-case; "" when there is none."""
    try:
        value = part.get_param(name, "", unquote=True)
        return collapse_rfc2231_value(value).strip().lower() if value else ""
    except _PARSER_FAULTS:
        return ""


def file_name(part: Message) -> str:
    """The file name a part claims (RFC 2231 and, as many programs do, RFC 2047), not yet safe."""
    try:
        claimed = part.get_filename("") or ""
        return str(_FACTORY("subject", _unfolded(claimed))) if "=?" in claimed else _unfolded(claimed)
    except _PARSER_FAULTS:
        return ""


def visible(value: str) -> str:
    """Without control, bidirectional and other invisible characters (a name must read as what it is)."""
    kept = (
        c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else " " for c in value
    )
    return " ".join("".join(kept).split())


def _pairs(name: str, value: str) -> list[tuple[str, str]]:
    try:
        parsed = _FACTORY("to" if name != "from" else "from", value).addresses
        found = [(visible(one.display_name or ""), one.addr_spec.lower()) for one in parsed]
    except _PARSER_FAULTS:
        found = []
    good = [(shown, address) for shown, address in found if _is_sendable(address)]
    return good or [("", match.lower()) for match in _BARE_ADDRESS.findall(value) if _is_sendable(match)]


def _is_sendable(address: str) -> bool:
    return len(address) <= 320 and bool(_SENDABLE.fullmatch(address))


def _unfolded(value: str) -> str:
    line = "".join(str(value).splitlines())[:MAX_HEADER_VALUE]
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
