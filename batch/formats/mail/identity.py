"""Which mail is the same mail again: its content without what servers add on the way."""

from __future__ import annotations

import hashlib
import re

#: Headers that servers add or change in transit (RFC 5321 section 4.4, RFC 8601, RFC 8617); `X-` headers too.
_TRACE = re.compile(
    rb"(?:received|delivered-to|return-path|authentication-results|arc-[^:]*|x-[^:]*|status|lines)\s*:",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


def content_hash(raw: bytes) -> str:
    """SHA-256 of a message without its trace headers: equal for a message delivered twice or copied back by a person."""
    cut = _BLANK_LINE.search(raw)
    head, body = (raw[: cut.start()], raw[cut.end() :]) if cut else (raw, b"")
    kept = [header for header in _headers(head) if not _TRACE.match(header)]
    lines = body.replace(b"\r\n", b"\n").rstrip(b"\n")
    return hashlib.sha256(b"\n".join(kept) + b"\n\n" + lines).hexdigest()


def _headers(head: bytes) -> list[bytes]:
    """The headers, each with its continuation lines (RFC 5322 section 2.2.3)."""
    # Gathered in lists and joined once: a header of a million lines costs no more than its length.
    unfolded: list[list[bytes]] = []
    for line in head.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and unfolded:
            unfolded[-1].append(line.strip())
        else:
            unfolded.append([line.rstrip()])
    return [b" ".join(lines) for lines in unfolded]
