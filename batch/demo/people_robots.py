"""Mail that nobody writes: the out-of-office note of a person's mail program, and a mail system's bounce."""

from __future__ import annotations

import email.policy
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime

from batch.demo.people import Letter, Person, begun, finish, message_id

_UNKNOWN = "Recipient address rejected: User unknown"


def away_note(person: Person, letter: Letter, words: str, *, when: datetime) -> bytes:
    """The automatic reply of somebody who is away (RFC 3834), as Exchange writes it."""
    subject = f"Automatic reply: {letter.subject}"
    message = begun(person, letter, subject, when, message_id(person, letter, "away"))
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "auto_reply"
    message.set_content(f"{words}\n\n{person.name}\n{person.company}\n")
    return finish(message)


def bounce(sender: str, recipient: str, raw: bytes, *, when: datetime) -> bytes:
    """A delivery status report (RFC 3464) that `recipient` does not exist, about the mail `raw`."""
    host = recipient.partition("@")[2]
    returned = BytesParser(policy=email.policy.SMTP).parsebytes(raw, headersonly=True)
    message = EmailMessage(policy=email.policy.SMTP)
    message["Return-Path"] = "<>"
    message["From"] = f"Mail Delivery System <MAILER-DAEMON@{host}>"
    message["To"] = sender
    message["Subject"] = "Undelivered Mail Returned to Sender"
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<bounce.{when:%Y%m%d%H%M%S}.{recipient.partition('@')[0]}@{host}>"
    message["Auto-Submitted"] = "auto-replied"
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/report; report-type=delivery-status"
    message.set_payload([_for_people(recipient, host), _status(recipient, host), _headers_of(returned)])
    return finish(message)


def _for_people(recipient: str, host: str) -> Message:
    part = EmailMessage(policy=email.policy.SMTP)
    part.set_content(
        f"This is the mail system at host {host}.\n\nYour message could not be delivered.\n\n"
        f"<{recipient}>: host {host} said: 550 5.1.1 <{recipient}>: {_UNKNOWN}\n"
    )
    return part


def _status(recipient: str, host: str) -> Message:
    whole, one = Message(), Message()
    whole["Reporting-MTA"] = f"dns; {host}"
    one["Final-Recipient"] = f"rfc822; {recipient}"
    one["Action"] = "failed"
    one["Status"] = "5.1.1"
    one["Diagnostic-Code"] = f"smtp; 550 5.1.1 <{recipient}>: {_UNKNOWN}"
    part = Message()
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([whole, one])
    return part


def _headers_of(returned: Message) -> Message:
    part = Message()
    part["Content-Type"] = "text/rfc822-headers"
    kept = ("From", "To", "Subject", "Date", "Message-ID")
    part.set_payload("".join(f"{name}: {' '.join(str(returned[name] or '').split())}\n" for name in kept))
    return part
