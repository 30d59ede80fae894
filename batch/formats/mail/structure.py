"""The MIME tree of a message, within bounds: depth 20, 100 parts, 64 KB of headers, 3 mails inside a mail.

The standard library's parser recurses once per level and compares every line with every open boundary, so a
message with too many boundaries is not given to it: only its headers are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32
from typing import Any

MAX_DEPTH = 20
MAX_PARTS = 100
MAX_HEADER_BYTES = 64 * 1024
MAX_NESTED_MAILS = 3
# More than any honest mail has, and few enough for the parser's recursion.
_MAX_BOUNDARIES = 200
# Lines times boundaries: what the parser compares at worst, a few seconds' work.
_MAX_COMPARISONS = 24_000_000

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NESTING = re.compile(rb"boundary\s*\*?\d*\*?=|message/(?:rfc822|global)", re.IGNORECASE)
_CHUNK = 8 * 1024


class _Bounded(Compat32):
    """The tolerant policy of the standard library, with each header value cut at 8 KB while it is read."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_CHUNK]


_POLICY: Any = _Bounded()


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A part without parts. `nested` counts the mails it is inside of (0: the mail itself)."""

    part: Message
    content_type: str
    depth: int
    nested: int
    alternative: bool


def read(raw: bytes) -> tuple[Message, list[str]]:
    """Give the message and what had to be left out. Never raises."""
    raw, faults = _short_headers(raw)
    boundaries = sum(1 for _ in _NESTING.finditer(raw))
    if boundaries > _MAX_BOUNDARIES or (boundaries + 1) * raw.count(b"\n") > _MAX_COMPARISONS:
        return _headers_only(raw), [
            *faults,
            "The mail has too many nested parts; only its headers were read.",
        ]
    try:
        return BytesParser(policy=_POLICY).parsebytes(raw), faults
    except Exception:  # noqa: BLE001 -- any bytes may come; whatever the parser trips over, the headers remain
        return _headers_only(raw), [
            *faults,
            "The mail's structure cannot be read; only its headers were read.",
        ]


def leaves(message: Message) -> tuple[tuple[Leaf, ...], list[str]]:
    """Give the parts that hold content, in order, and what was left out."""
    found: list[Leaf] = []
    faults: list[str] = []
    for leaf in _walk(message, faults):
        if leaf.part.is_multipart() and leaf.content_type != "message/delivery-status":
            continue
        if len(found) == MAX_PARTS:
            faults.append(f"The mail has more than {MAX_PARTS} parts; the rest was not read.")
            break
        found.append(leaf)
    return tuple(found), faults


def all_parts(message: Message) -> tuple[Leaf, ...]:
    """Give every part that was read, containers included, the whole message first (at most 200)."""
    found: list[Leaf] = []
    for leaf in _walk(message, []):
        found.append(leaf)
        if len(found) == 2 * MAX_PARTS:
            break
    return tuple(found)


def _walk(message: Message, faults: list[str]) -> Iterator[Leaf]:
    stack = [Leaf(part=message, content_type=_type(message), depth=0, nested=0, alternative=False)]
    while stack:
        leaf = stack.pop()
        yield leaf
        if not leaf.part.is_multipart() or leaf.content_type == "message/delivery-status":
            continue
        nested = leaf.nested + (leaf.content_type.startswith("message/"))
        if leaf.depth >= MAX_DEPTH or nested > MAX_NESTED_MAILS:
            faults.append("Parts lie too deep inside the mail; they were not read.")
            continue
        stack.extend(reversed(_children(leaf, nested)))


def _children(leaf: Leaf, nested: int) -> list[Leaf]:
    payload = leaf.part.get_payload()
    inside: Sequence[object] = payload if isinstance(payload, list) else ()
    alternative = leaf.alternative or leaf.content_type == "multipart/alternative"
    return [
        Leaf(
            part=part,
            content_type=_type(part),
            depth=leaf.depth + 1,
            nested=nested,
            alternative=alternative and nested == leaf.nested,
        )
        for part in inside[: 2 * MAX_PARTS]
        if isinstance(part, Message)
    ]


def _type(part: Message) -> str:
    return str(part.get_content_type())


def _short_headers(raw: bytes) -> tuple[bytes, list[str]]:
    end = _BLANK_LINE.search(raw)
    length = end.start() if end else len(raw)
    if length <= MAX_HEADER_BYTES:
        return raw, []
    kept = raw[:MAX_HEADER_BYTES].rpartition(b"\n")[0] or raw[:MAX_HEADER_BYTES]
    rest = raw[end.end() :] if end else b""
    return kept + b"\n\n" + rest, ["The mail's headers are longer than 64 KB; the rest of them was not read."]


def _headers_only(raw: bytes) -> Message:
    end = _BLANK_LINE.search(raw[:MAX_HEADER_BYTES])
    head = raw[: end.start() if end else MAX_HEADER_BYTES]
    message: Message = BytesHeaderParser(policy=_POLICY).parsebytes(head + b"\n\n")
    # Without its body a multipart would claim parts that are not there.
    del message["content-type"]
    return message
