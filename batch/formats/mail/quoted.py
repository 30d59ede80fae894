"""What a person wrote in a reply, without what we wrote and what they quoted.

We know the text we sent, so it is subtracted instead of guessed. The reply is cut at the first line that is
certainly not theirs (our marker, a line of our own text, a block of mail headers), and then the cut climbs
over quote marks and over "On ... wrote:" lines. When nothing is left above the cut, the person wrote below
the quote, and the lines after it count that are neither quoted nor ours.

Every pattern here is anchored or a plain search, and the input is capped, so time grows with length only.
"""

import re
from collections.abc import Iterable, Sequence

MARKER = "Reply above this line"

MAX_BYTES = 32 * 1024
MAX_LINES = 800
_MAX_SENT = 128 * 1024
_EXACT, _WITHIN = 16, 40

_SPACES = re.compile(r"\s+")
_QUOTE = re.compile(r"[>|\s]*[>|]")
_HEADER_NAMES = (
    "from|sent|date|to|cc|bcc|subject|reply-to|importance|attachments"
    "|de|enviado|enviado el|enviada em|fecha|para|asunto|assunto|data"
    "|von|gesendet|datum|an|betreff|envoy\u00e9|envoy\u00e9 le|\u00e0|objet"
    "|da|inviato|a|oggetto|od|wys\u0142ano|do|temat|van|verzonden|aan|onderwerp"
)
_HEADER = re.compile(rf"\W{{0,4}}(?:{_HEADER_NAMES})\W{{0,3}}:", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"\W{2,}\s*(?:original message|forwarded message|mensaje original|mensagem original|message d'origine"
    r"|urspr\u00fcngliche nachricht|messaggio originale|wiadomo\u015b\u0107 oryginalna)\s*\W{2,}",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"\W*begin forwarded message\W*", re.IGNORECASE)
_OPENER = re.compile(r"\W{0,4}(?:on|el|le|am|em|il|op|w dniu|den|dnia)\b", re.IGNORECASE)
_WROTE = re.compile(
    r"(?:wrote|escribi\u00f3|a \u00e9crit|schrieb|escreveu|ha scritto|napisa\u0142|schreef|skrev)",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s*[_\-=\u2500]{5,}\s*")


def own_words(text: str, sent_texts: Sequence[str]) -> str:
    """Give the new text of a reply; "" when there is none.

    `sent_texts` are the texts of our own mails in this thread (plain part and the HTML part as text). At most
    32 KB or 800 lines of the reply are read.
    """
    lines = _capped(text)
    ours = _SentText(sent_texts)
    cut = _first_foreign(lines, ours)
    above = _without_quotes(lines[: _climb(lines, cut)])
    return above or _without_quotes(_below(lines[cut:], ours))


class _SentText:
    """Our own words, ready to be compared with a line."""

    def __init__(self, texts: Sequence[str]) -> None:
        joined = "\n".join(texts)[:_MAX_SENT]
        self._lines = {_plain(line) for line in joined.splitlines()}
        self._whole = _plain(joined)

    def has_line(self, line: str) -> bool:
        """Whole lines of ours, or a long passage of ours that was wrapped anew."""
        plain = _plain(line)
        if len(plain) < _EXACT:
            return False
        return plain in self._lines or (len(plain) >= _WITHIN and plain in self._whole)

    def has_passage(self, line: str) -> bool:
        """Below the cut even a short line of ours is not theirs."""
        plain = _plain(line)
        return plain in self._lines or (len(plain) >= _EXACT and plain in self._whole)


def _capped(text: str) -> list[str]:
    data = text.encode("utf-8", "replace")[:MAX_BYTES]
    return data.decode("utf-8", "ignore").splitlines()[:MAX_LINES]


def _plain(line: str) -> str:
    bare = _SPACES.sub(" ", line.replace("\u00a0", " ")).strip(" >|*\t")
    return bare.casefold()


def _first_foreign(lines: Sequence[str], ours: _SentText) -> int:
    for index, line in enumerate(lines):
        if MARKER.casefold() in line.casefold() or ours.has_line(line):
            return index
        if _ORIGINAL.fullmatch(line.strip()) or _FORWARD.fullmatch(line.strip()):
            return index
        if _header_block(lines, index) or _attribution(lines, index):
            return index
    return len(lines)


def _header_block(lines: Sequence[str], index: int) -> bool:
    """Three header lines in a row (blank ones between) are a quoted mail; one alone may be a note."""
    if not _HEADER.match(lines[index]):
        return False
    window = [line for line in lines[index : index + 8] if line.strip()][:3]
    return len(window) == 3 and all(_HEADER.match(line) for line in window)


def _attribution(lines: Sequence[str], index: int) -> bool:
    """An "On ... wrote:" line, at most three lines long, directly above a quote."""
    if not _OPENER.match(lines[index]):
        return False
    for end in range(index, min(index + 3, len(lines))):
        if _ends_attribution(lines[end]):
            rest = [line for line in lines[end + 1 : end + 4] if line.strip()]
            return bool(rest) and bool(_QUOTE.match(rest[0]))
    return False


def _ends_attribution(line: str) -> bool:
    bare = line.rstrip(" *\u00a0")
    return bare.endswith(":") and bool(_WROTE.search(bare) or "@" in bare)


def _climb(lines: Sequence[str], cut: int) -> int:
    if cut == len(lines):
        return cut
    while cut > 0:
        line = lines[cut - 1]
        if _is_frame(line) or _is_header_of_quote(lines, cut - 1):
            cut -= 1
        elif _ends_attribution(line):
            cut = _attribution_start(lines, cut - 1)
        else:
            break
    return cut


def _is_frame(line: str) -> bool:
    return bool(
        not line.strip()
        or _QUOTE.match(line)
        or _RULE.fullmatch(line)
        or _ORIGINAL.fullmatch(line.strip())
        or _FORWARD.fullmatch(line.strip())
    )


def _is_header_of_quote(lines: Sequence[str], index: int) -> bool:
    """With an address, or beside another header; "From: my notes" alone is a person's line."""
    beside = [line for line in (*lines[max(index - 1, 0) : index], *lines[index + 1 : index + 2]) if line]
    return bool(
        _HEADER.match(lines[index]) and ("@" in lines[index] or any(_HEADER.match(line) for line in beside))
    )


def _attribution_start(lines: Sequence[str], end: int) -> int:
    for start in range(end, max(end - 3, -1), -1):
        if _OPENER.match(lines[start]):
            return start
    return end


def _below(lines: Sequence[str], ours: _SentText) -> list[str]:
    """What was written under a quote or between its lines; only where every quoted line bears a mark.

    A quote without marks that was wrapped anew cannot be told from a person's words, so nothing is taken from
    it, unless our own marker shows where it begins; then only what follows its last line counts.
    """
    marked = any(_QUOTE.match(line) for line in lines)
    if not marked and not any(MARKER.casefold() in line.casefold() for line in lines):
        return []
    foreign = [bool(line.strip()) and bool(_QUOTE.match(line) or ours.has_passage(line)) for line in lines]
    last = max((index for index, is_foreign in enumerate(foreign) if is_foreign), default=-1)
    after = [line for line in lines[last + 1 :] if line.strip()]
    if after or not marked:
        return after
    pairs = zip(lines, foreign, strict=True)
    return [line for line, is_foreign in pairs if not is_foreign and not _is_introduction(line)]


def _is_introduction(line: str) -> bool:
    return bool(
        _HEADER.match(line) or _OPENER.match(line) or _ends_attribution(line) or _RULE.fullmatch(line)
    )


def _without_quotes(lines: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for line in lines if not _QUOTE.match(line)).strip()
