"""Mails as the software sends them, with a real workbook inside, and people who get them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from batch.core.model import Basis
from batch.core.returned import Checked
from batch.core.rules import check
from batch.demo.people import Person, Program, open_letter
from batch.demo.people_scripts import Answer, Habit, Script, react, write
from batch.formats.mail.classify import Classification, classify
from batch.formats.mail.compose import Attachment, compose
from batch.formats.mail.parse import ParsedMail, parse, texts_of_sent, workbooks
from batch.formats.mail.tokens import message_id, token_address
from batch.formats.pay_app.read import read
from tests.formats.mail.mail_kinds import BILLING, CONTEXTS, LOOP_ID, XLSX, an_envelope, load, terms_of
from tests.formats.pay_app.samples import TOKEN, a_basis, a_workbook

PERSON = Person(
    address="maria@lopezconcrete.example", name="Maria Lopez", company="Lopez & Sons Concrete LLC"
)
COMMITMENT = "SC-2041-07"


def a_sent_mail(
    kind: str = "invite",
    *,
    workbook: bytes | None = None,
    locale: str = "en-US",
    period: str = "March 2026",
    commitment: str = COMMITMENT,
    **changes: Any,
) -> bytes:
    """One mail of a kind about the commitment, with a workbook when one is given."""
    names = {"commitment": commitment, "period": period}
    context = {
        **CONTEXTS[kind],
        **{name: text for name, text in names.items() if name in CONTEXTS[kind]},
    }
    files = [Attachment(name=f"{commitment}.xlsx", content_type=XLSX, data=workbook)] if workbook else []
    headers = an_envelope(
        kind,
        token=TOKEN,
        reply_to=token_address(BILLING, TOKEN),
        message_id=message_id(TOKEN, kind, 1, "harborbuild.example"),
        **changes,
    )
    return compose(kind, context, terms=terms_of(locale), load=load, headers=headers, attachments=files)


def an_invite(basis: Basis | None = None, *, locale: str = "en-US", **changes: Any) -> bytes:
    """An invite to bill with its pre-filled workbook."""
    return a_sent_mail(workbook=a_workbook(basis, locale=locale), locale=locale, **changes)


def a_script(*habits: Habit, program: Program = Program.OUTLOOK) -> Script:
    """Maria, with her habits by period."""
    person = replace(PERSON, program=program)
    return Script(person=person, commitment=COMMITMENT, habits=habits, delay=timedelta(hours=5))


def answers_to(script: Script, *raws: bytes) -> tuple[Answer, ...]:
    """What a person does about the last of these mails."""
    letters = [open_letter(raw) for raw in raws]
    return react(script, letters[-1], letters[:-1])


def written(script: Script, answer: Answer) -> ParsedMail:
    """An answer as it arrives, parsed by the software."""
    return parse(write(script.person, answer, answer.letter.date + answer.after))


def classified(mail: ParsedMail, sent: bytes) -> Classification:
    """What the software takes an answer for; `sent` is the mail that it quotes."""
    return classify(mail, own_addresses={BILLING}, sent_texts=texts_of_sent(sent), loop_id=LOOP_ID)


def checked(mail: ParsedMail, basis: Basis | None = None) -> Checked:
    """What the rules say about the workbook in an answer."""
    (part,) = workbooks(mail)
    return check(read(part.data), basis or a_basis(), expected_tokens=frozenset({TOKEN}))
