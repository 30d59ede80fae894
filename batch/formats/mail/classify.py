"""What one mail is. Robots first (their mail may quote ours whole), then attachments, then bare words.

`classify` decides nothing about billing: it names what came, with a sentence why. Which request it answers is
found by token, and a workbook is judged by its reader.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from batch.formats.mail import automatic
from batch.formats.mail.contents import claims_workbook
from batch.formats.mail.decisions import Answer, Spoken, spoken
from batch.formats.mail.parse import ParsedMail, documents, workbooks
from batch.formats.mail.quoted import own_words


class Outcome(StrEnum):
    """What a mail is."""

    WORKBOOK = "workbook"
    SUPPORTING_DOCUMENT = "supporting_document"
    ACCEPT = "accept"
    DECLINE = "decline"
    QUESTION = "question"
    EMPTY = "empty"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    OWN_MAIL = "own_mail"
    LIST_MAIL = "list_mail"
    RECEIPT = "receipt"
    CALENDAR = "calendar"


class BounceKind(StrEnum):
    """Permanent: the address does not work. Delayed and success: noted only."""

    PERMANENT = "permanent"
    DELAYED = "delayed"
    SUCCESS = "success"


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What became of a mail of ours. `status` is RFC 3463's ("5.1.1") or ""."""

    kind: BounceKind
    recipient: str
    status: str
    diagnostic: str
    returned_message_id: str


@dataclass(frozen=True, kw_only=True)
class Classification:
    """The outcome, a sentence why, and what was said.

    `decision_reason` is the text beside ACCEPT or DECLINE; `said` is the bare word found in a mail that also
    carries a workbook or document (the attachment decides, the word may contradict it); `answerable` is False
    for mail that must never get an automatic answer; `words` is the person's own text.
    """

    outcome: Outcome
    reason: str
    decision_reason: str = ""
    bounce: Bounce | None = None
    said: Answer | None = None
    answerable: bool = False
    words: str = ""


_FROM_PEOPLE = {
    Outcome.WORKBOOK,
    Outcome.SUPPORTING_DOCUMENT,
    Outcome.ACCEPT,
    Outcome.DECLINE,
    Outcome.QUESTION,
    Outcome.EMPTY,
}
_ACTIONS = {
    "failed": BounceKind.PERMANENT,
    "delayed": BounceKind.DELAYED,
    "delivered": BounceKind.SUCCESS,
    "relayed": BounceKind.SUCCESS,
    "expanded": BounceKind.SUCCESS,
}
_WORST_FIRST = (BounceKind.PERMANENT, BounceKind.DELAYED, BounceKind.SUCCESS)


def classify(
    mail: ParsedMail, *, own_addresses: Collection[str], sent_texts: Sequence[str], loop_id: str
) -> Classification:
    """Name what a mail is.

    `own_addresses`: every address this installation sends from or receives at. `sent_texts`: the texts of our
    mails it may quote (`parse.texts_of_sent`). `loop_id`: this installation's value of the loop header.
    """
    own = frozenset(address.lower() for address in own_addresses)
    robot = _robot(mail, own, loop_id)
    if robot is not None:
        return robot
    words = own_words(mail.text, sent_texts)
    said = spoken(words, mail.subject)
    return _person(mail, words, said, answerable=not automatic.mailing_list(mail))


def _robot(mail: ParsedMail, own: frozenset[str], loop_id: str) -> Classification | None:
    if bounce := bounce_of(mail):
        return Classification(outcome=Outcome.BOUNCE, reason=_bounce_sentence(bounce), bounce=bounce)
    checks: tuple[tuple[Outcome, Callable[[], str]], ...] = (
        (Outcome.RECEIPT, lambda: _read_receipt(mail)),
        (Outcome.OWN_MAIL, lambda: automatic.sent_by_us(mail, own, loop_id)),
        (Outcome.AUTO_REPLY, lambda: automatic.automatic_answer(mail)),
        (Outcome.CALENDAR, lambda: _calendar(mail)),
    )
    for outcome, check in checks:
        if reason := check():
            return Classification(outcome=outcome, reason=reason)
    return None


def _person(mail: ParsedMail, words: str, said: Spoken, *, answerable: bool) -> Classification:
    outcome, reason = _by_attachment(mail) or _by_list(mail) or _by_words(words, said)
    attached = outcome in {Outcome.WORKBOOK, Outcome.SUPPORTING_DOCUMENT}
    decided = outcome in {Outcome.ACCEPT, Outcome.DECLINE}
    return Classification(
        outcome=outcome,
        reason=reason,
        decision_reason=said.reason if decided else "",
        said=said.answer if attached else None,
        answerable=answerable and outcome in _FROM_PEOPLE,
        words=words,
    )


def _by_attachment(mail: ParsedMail) -> tuple[Outcome, str] | None:
    if found := workbooks(mail):
        names = ", ".join(part.name for part in found[:5])
        count = "one workbook" if len(found) == 1 else f"{len(found)} workbooks"
        return Outcome.WORKBOOK, f"The mail carries {count}: {names}."
    others = documents(mail)
    if claimed := [part.name for part in others if claims_workbook(part.name)]:
        return Outcome.QUESTION, f"The file {claimed[0]} is not an Excel workbook, or it is damaged."
    if others:
        names = ", ".join(part.name for part in others[:5])
        return Outcome.SUPPORTING_DOCUMENT, f"The mail carries no workbook, but other files: {names}."
    return None


def _by_list(mail: ParsedMail) -> tuple[Outcome, str] | None:
    reason = automatic.mailing_list(mail)
    return (Outcome.LIST_MAIL, reason) if reason else None


def _by_words(words: str, said: Spoken) -> tuple[Outcome, str]:
    if said.answer == "accept":
        return Outcome.ACCEPT, "The reply says ACCEPT on a line of its own."
    if said.answer == "decline":
        return Outcome.DECLINE, "The reply says DECLINE on a line of its own."
    if not words.strip():
        return Outcome.EMPTY, "The mail has no text of its own and no workbook."
    return Outcome.QUESTION, "The mail has no workbook and no clear ACCEPT or DECLINE; a person must read it."


def bounce_of(mail: ParsedMail) -> Bounce | None:
    """The worst delivery in a report, None for a mail that is no report; we send to one recipient at a time, so
    there is mostly one.
    """
    if mail.report is None:
        return None
    known = [(_ACTIONS[one.action], one) for one in mail.report.deliveries if one.action in _ACTIONS]
    if not known:
        return None
    kind, worst = min(known, key=lambda pair: _WORST_FIRST.index(pair[0]))
    return Bounce(
        kind=kind,
        recipient=worst.recipient,
        status=worst.status,
        diagnostic=worst.diagnostic,
        returned_message_id=mail.report.returned_message_id,
    )


def _bounce_sentence(bounce: Bounce) -> str:
    what = {
        BounceKind.PERMANENT: "could not be delivered",
        BounceKind.DELAYED: "is delayed and is still being tried",
        BounceKind.SUCCESS: "was delivered",
    }[bounce.kind]
    status = f" (status {bounce.status})" if bounce.status else ""
    return f"A mail to {bounce.recipient or 'an unnamed address'} {what}{status}."


def _read_receipt(mail: ParsedMail) -> str:
    if (
        mail.report_type == "disposition-notification"
        or "message/disposition-notification" in mail.structure[:3]
    ):
        return "The mail is a read receipt (RFC 8098)."
    return ""


def _calendar(mail: ParsedMail) -> str:
    content_class = mail.mark("content-class").lower()
    if "calendarmessage" not in content_class and not mail.calendar_method:
        return ""
    return "" if workbooks(mail) else "The mail is a calendar invitation or the answer to one."
