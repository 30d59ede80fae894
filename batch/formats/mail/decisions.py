"""ACCEPT or DECLINE in a person's own words: one bare keyword on a line of its own, or it is a question.

A misread answer costs more than a question, so everything with a doubt in it is left to a person: a negation
or a condition before the keyword (or after ACCEPT), a question mark, both words, a keyword inside a sentence.
"""

import re
from dataclasses import dataclass
from typing import Literal

Answer = Literal["accept", "decline"]

_WORDS: dict[str, Answer] = {
    "accept": "accept",
    "accepted": "accept",
    "acepto": "accept",
    "aceptado": "accept",
    "decline": "decline",
    "declined": "decline",
    "rechazo": "decline",
    "rechazado": "decline",
}
_ANY_KEYWORD = re.compile(r"\b(accept\w*|acept\w*|declin\w*|rechaz\w*)\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:no|not|never|nor|cannot|can't|can\u2019t|don't|don\u2019t|won't|won\u2019t|isn't|unable|but|except|unless|if"
    r"|until|however|instead|only|wait|pero|si|sino|nunca|salvo|excepto|todav\u00eda|cuando)\b|\?",
    re.IGNORECASE,
)
# Where a signature or a company's disclaimer begins; a disclaimer is full of "not" and "if".
_SIGNATURE = re.compile(
    r"(?:--\s*|[-_]{2,}"
    r"|(?:sent from|enviado desde|envoy\u00e9 de|gesendet von|get outlook for|obtener outlook)\b.*"
    r"|\W{0,3}(?:confidential|disclaimer|legal notice|notice:|this e-?mail\b|this message\b|aviso\b"
    r"|este (?:correo|mensaje)\b).*)",
    re.IGNORECASE,
)
_REASON = re.compile(r"(?:reason|motivo|note|comment)s?\s*:\s*", re.IGNORECASE)
_BUTTON_HINT = re.compile(r"\(.{0,200}\)")
_MAX_REASON = 1000
_MAX_AFTER_ACCEPT = 300


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What the words say. `answer` is None when they give no clear answer; `reason` is the text beside it."""

    answer: Answer | None
    reason: str


def spoken(words: str, subject: str) -> Spoken:
    """Read the answer out of a reply's own words (see `quoted.own_words`).

    `subject` counts only against: one of our buttons fills it with its word, and the body must agree with it.
    """
    lines = _without_signature([line.strip() for line in words.splitlines()])
    keywords = [(index, word) for index, line in enumerate(lines) if (word := _keyword(line))]
    if len({word for _, word in keywords}) != 1:
        return Spoken(answer=None, reason="")
    at, answer = keywords[0]
    before = " ".join(lines[:at])
    after = _reason([line for line in lines[at + 1 :] if not _keyword(line)])
    if _doubtful(answer, before, after) or _button_word(subject) not in (None, answer):
        return Spoken(answer=None, reason="")
    return Spoken(answer=answer, reason=after[:_MAX_REASON])


def _keyword(line: str) -> Answer | None:
    return _WORDS.get(line.strip(" \t*_.!\"'\u201c\u201d\u00a1\u00a0").casefold())


def _button_word(subject: str) -> Answer | None:
    """The word a button of ours put in front of the subject; an answer to another mail begins with Re:."""
    return _WORDS.get(subject.partition(" ")[0].strip(":").casefold())


def _without_signature(lines: list[str]) -> list[str]:
    for index, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line):
            return lines[:index]
    return lines


def _reason(lines: list[str]) -> str:
    kept = [line for line in lines if line and not _BUTTON_HINT.fullmatch(line)]
    return _REASON.sub("", "\n".join(kept), count=1).strip()


def _doubtful(answer: Answer, before: str, after: str) -> bool:
    if _DOUBT.search(before) or _ANY_KEYWORD.search(before):
        return True
    if answer == "accept":
        return bool(_DOUBT.search(after) or _ANY_KEYWORD.search(after)) or len(after) > _MAX_AFTER_ACCEPT
    return any(_WORDS_STEM[found[0].lower()[:4]] == "accept" for found in _ANY_KEYWORD.finditer(after))


_WORDS_STEM: dict[str, Answer] = {"acce": "accept", "acep": "accept", "decl": "decline", "rech": "decline"}
