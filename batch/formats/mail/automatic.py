"""Telling robots from people by what the mail says about itself; each answer is a sentence, or ""."""

import re

from batch.formats.mail.parse import ParsedMail

LOOP_HEADER = "X-Progress-Billings-Loop"

_ROBOT_NAMES = (
    "mailer-daemon",
    "postmaster",
    "mail-daemon",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
)
_BULK = {"bulk", "list", "junk"}
# Beginnings of subjects that vacation programs write when they set no header.
_AWAY = re.compile(
    r"(?:automatic reply|auto[- ]?reply|autoreply|auto:|out of (?:the )?office|ooo\b|on vacation"
    r"|vacation reply"
    r"|abwesenheit\w*|automatische antwort|respuesta autom\u00e1tica|respuesta automatica"
    r"|fuera de (?:la )?oficina"
    r"|r\u00e9ponse automatique|absence du bureau|risposta automatica|resposta autom\u00e1tica"
    r"|automatisch antwoord"
    r"|automatisk svar|autosvar|odpowied\u017a automatyczna)",
    re.IGNORECASE,
)


def sent_by_us(mail: ParsedMail, own_addresses: frozenset[str], loop_id: str) -> str:
    """Our own mail come back: a copy to self, a Sent folder, a loop. `own_addresses` are lower-case."""
    loop = mail.mark("x-progress-billings-loop")
    if loop:
        whose = "this installation" if loop == loop_id else "another installation of this software"
        return f"The mail was sent by {whose}."
    if mail.from_address in own_addresses or _without_detail(mail.from_address) in own_addresses:
        return "The mail comes from our own address."
    return ""


def automatic_answer(mail: ParsedMail) -> str:
    """An out-of-office note or another automatic mail (RFC 3834). X-Auto-Response-Suppress says nothing here:
    people's Outlook sets it too.
    """
    submitted = mail.mark("auto-submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return f"The mail says it is automatic (Auto-Submitted: {submitted[:40]})."
    if mail.mark("x-autoreply") or mail.mark("x-autorespond") or mail.mark("x-auto-reply"):
        return "The mail says it is an automatic reply."
    if mail.mark("precedence").lower() in {"auto_reply", "auto-reply"}:
        return "The mail says it is an automatic reply."
    if _AWAY.match(mail.subject):
        return "The subject is that of an out-of-office note."
    if mail.return_path == "":
        return "The mail has no sender to answer to (null return path)."
    if mail.from_address.partition("@")[0] in _ROBOT_NAMES:
        return f"The mail comes from an address nobody reads ({mail.from_address})."
    return ""


def mailing_list(mail: ParsedMail) -> str:
    """A mailing list or bulk mail (RFC 2369, RFC 2919)."""
    if mail.mark("list-id") or mail.mark("list-unsubscribe") or mail.mark("list-post"):
        return "The mail came through a mailing list."
    precedence = mail.mark("precedence").lower()
    return f"The mail is bulk mail (Precedence: {precedence})." if precedence in _BULK else ""


def _without_detail(address: str) -> str:
    local, at, host = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{host}"
