"""Simulated people, as far as their mail programs go: opening a mail, and answering it as the program would.

They know nothing but the mail they were sent: standard library and openpyxl only. What they enter in a
workbook is in `people_workbook.py`, what makes them tick in `people_scripts.py`.
"""

from __future__ import annotations

import email.policy
import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from enum import StrEnum

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Long lines: programs of today do not fold message ids, and the standard library would encode them.
_POLICY = email.policy.SMTP.clone(max_line_length=998)


class Kind(StrEnum):
    """What a person takes a mail for, by the beginning of its subject."""

    INVITE = "Invite to bill"
    REMINDER = "Reminder"
    REFUSAL = "Please correct"
    QUESTION = "Please check your reply"
    REVISE = "Revise and resubmit"
    REVIEW = "Review"
    OTHER = ""


class Program(StrEnum):
    """The mail program a person uses: how the answer looks, and how it quotes."""

    OUTLOOK = "Outlook"
    GMAIL = "Gmail"
    IPHONE = "iPhone"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that is attached; `content_type` is "type/subtype"."""

    name: str
    data: bytes
    content_type: str = XLSX


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail as its reader sees it. `date` is aware; `workbooks` are the .xlsx files that came with it."""

    kind: Kind
    subject: str
    sender: Address
    recipient: str
    reply_to: str
    message_id: str
    references: tuple[str, ...]
    date: datetime
    text: str
    workbooks: tuple[File, ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a mail address."""

    address: str
    name: str
    company: str
    program: Program = Program.OUTLOOK


def open_letter(raw: bytes) -> Letter:
    """Open a received mail."""
    message = BytesParser(policy=email.policy.default).parsebytes(raw)
    subject = " ".join(str(message["Subject"] or "").split())
    name, address = parseaddr(str(message["From"] or ""))
    body = message.get_body(("plain",))
    return Letter(
        kind=next((kind for kind in Kind if kind and subject.startswith(f"{kind}:")), Kind.OTHER),
        subject=subject,
        sender=Address(display_name=name, addr_spec=address),
        recipient=parseaddr(str(message["To"] or ""))[1],
        reply_to=parseaddr(str(message["Reply-To"] or message["From"] or ""))[1],
        message_id=str(message["Message-ID"] or "").strip(),
        references=tuple(str(message["References"] or "").split()),
        date=parsedate_to_datetime(str(message["Date"])),
        text=body.get_content() if body is not None else "",
        workbooks=tuple(_workbooks(message)),
    )


def _workbooks(message: EmailMessage) -> list[File]:
    found = []
    for part in message.iter_attachments():
        name, data = part.get_filename() or "", part.get_payload(decode=True)
        if name.endswith(".xlsx") and isinstance(data, bytes):
            found.append(File(name=name, data=data))
    return found


def reply(person: Person, letter: Letter, words: str, *, when: datetime, files: Sequence[File] = ()) -> bytes:
    """The bytes of an answer to a mail: to its Reply-To, in its thread, with its text quoted.

    `words` come first, as programs have it. `when` is the instant of sending, in the zone the person is in.
    """
    message = _addressed(person, letter, "RE: " if person.program is Program.OUTLOOK else "Re: ", when, files)
    _STYLES[person.program](message, person, letter, words, files)
    return finish(message)


def finish(message: EmailMessage) -> bytes:
    """The bytes of a message, the same each time: boundaries come from its Message-ID."""
    digest = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:20]
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(f"--=_{number}_{digest}")
    return message.as_bytes(policy=_POLICY)


def message_id(person: Person, letter: Letter, *marks: object) -> str:
    """A Message-ID of this person's own mail system, the same for the same answer to the same mail."""
    seed = "\n".join([person.address, letter.message_id, *map(str, marks)])
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{person.address.partition('@')[2]}>"


def begun(person: Person, letter: Letter, subject: str, when: datetime, identity: str) -> EmailMessage:
    """A message with its headers and no body, addressed to whoever wrote the letter."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(display_name=person.name, addr_spec=person.address)
    message["To"] = Address(display_name=letter.sender.display_name, addr_spec=letter.reply_to)
    message["Subject"] = subject
    message["Date"] = format_datetime(when)
    message["Message-ID"] = identity
    message["In-Reply-To"] = letter.message_id
    message["References"] = " ".join((*letter.references, letter.message_id))
    return message


def _addressed(
    person: Person, letter: Letter, mark: str, when: datetime, files: Sequence[File]
) -> EmailMessage:
    identity = message_id(person, letter, when.isoformat(), *(file.name for file in files))
    message = begun(person, letter, mark + letter.subject, when, identity)
    if person.program is Program.IPHONE:
        message["X-Mailer"] = "iPhone Mail (21F90)"
    elif person.program is Program.OUTLOOK:
        message["Thread-Topic"] = letter.subject
        message["X-Mailer"] = "Microsoft Outlook 16.0"
    return message


def _outlook(
    message: EmailMessage, person: Person, letter: Letter, words: str, files: Sequence[File]
) -> None:
    """Words, a rule, a block of headers, and the quoted mail without marks."""
    day = letter.date
    block = [
        ("From", f"{letter.sender.display_name} <{letter.sender.addr_spec}>"),
        ("Sent", f"{day:%A}, {day:%B} {day.day}, {day.year} {day:%I:%M %p}"),
        ("To", f"{person.name} <{person.address}>"),
        ("Subject", letter.subject),
    ]
    own = f"{words}\n\n{person.name}\n{person.company}\n"
    lines = "\n".join(f"{name}: {value}" for name, value in block)
    message.set_content(f"{own}\n{'_' * 32}\n{lines}\n\n{letter.text}")
    shown = "<br>".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in block)
    rest = f'<hr><div id="divRplyFwdMsg" dir="ltr">{shown}</div>{_paragraphs(letter.text)}'
    message.add_alternative(f"<html><body>{_paragraphs(own)}{rest}</body></html>", subtype="html")
    _attach(message, files, "attachment")


def _gmail(message: EmailMessage, person: Person, letter: Letter, words: str, files: Sequence[File]) -> None:
    """Words, an "On ... wrote:" line, and the quoted mail with marks."""
    day = letter.date
    stamp = f"{day:%a}, {day:%b} {day.day}, {day.year} at {day:%I:%M %p}"
    wrote = f"On {stamp} {letter.sender.display_name} <{letter.sender.addr_spec}> wrote:"
    own = f"{words}\n\n-- \n{person.name}\n{person.company}\n"
    message.set_content(f"{own}\n{wrote}\n\n{_quoted(letter.text)}\n")
    quote = f'<div class="gmail_quote"><div>{html.escape(wrote)}</div><blockquote>{_paragraphs(letter.text)}'
    page = f'<div dir="ltr">{_paragraphs(own)}</div>{quote}</blockquote></div>'
    message.add_alternative(page, subtype="html")
    _attach(message, files, "attachment")


def _iphone(message: EmailMessage, person: Person, letter: Letter, words: str, files: Sequence[File]) -> None:
    """Text only, files inside the text, the quote below."""
    day = letter.date
    stamp = f"{day:%b} {day.day}, {day.year}, at {day:%I:%M %p}"
    wrote = f"On {stamp}, {letter.sender.display_name} <{letter.sender.addr_spec}> wrote:"
    message.set_content(f"{words}\n\nSent from my iPhone\n\n> {wrote}\n>\n{_quoted(letter.text)}\n")
    _attach(message, files, "inline")


_STYLES = {Program.OUTLOOK: _outlook, Program.GMAIL: _gmail, Program.IPHONE: _iphone}


def _attach(message: EmailMessage, files: Sequence[File], disposition: str) -> None:
    for file in files:
        maintype, _, subtype = file.content_type.partition("/")
        message.add_attachment(
            file.data, maintype=maintype, subtype=subtype, filename=file.name, disposition=disposition
        )


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line) or '&nbsp;'}</p>" for line in text.splitlines())
