"""Replies to the invite in _sent, and what must be found in them, for the sample modules."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from batch.formats.mail.compose import Attachment, compose
from batch.formats.mail.tokens import message_id, token_address
from tests.formats.mail import mail_kinds as kinds
from tests.formats.mail import sample_parts as parts

SAMPLES = kinds.ROOT / "inbox_samples"
TO = token_address(kinds.BILLING, kinds.TOKEN)
SENT_ID = message_id(kinds.TOKEN, "invite", 1, "harborbuild.example")
TAG = f"[PB-{kinds.TOKEN}]"
SUBJECT = f"Re: Invite to bill: Harbor Point Tower, SC-101, March 2026 {TAG}"
HERE = [{"source": "address", "token": kinds.TOKEN}]
FILLED = parts.a_workbook("4000.00")

Expected = dict[str, object]


def the_invite() -> bytes:
    """The mail of ours that the samples answer."""
    path = SAMPLES / "_sent" / "invite.eml"
    if path.exists():
        return path.read_bytes()
    return compose(
        "invite",
        kinds.CONTEXTS["invite"],
        terms=kinds.terms_of(),
        load=kinds.load,
        headers=kinds.an_envelope(),
        attachments=[Attachment(name=kinds.WORKBOOK, content_type=kinds.XLSX, data=parts.a_workbook(""))],
    )


INVITE = the_invite()
_PARSED = message_from_bytes(INVITE, policy=policy.default)
SENT_TEXT = _PARSED.get_body(("plain",)).get_content()  # type: ignore[union-attr]
SENT_HTML = _PARSED.get_body(("html",)).get_content()  # type: ignore[union-attr]


def reply(text: str, **headers: str) -> EmailMessage:
    """A reply to the invite."""
    return parts.a_reply(text, subject=headers.pop("subject", SUBJECT), to=TO, sent_id=SENT_ID, **headers)


def with_file(
    message: EmailMessage, data: bytes, name: str, kind: tuple[str, str] = parts.XLSX, **more: object
) -> EmailMessage:
    """The message with one more file."""
    message.add_attachment(data, *kind, filename=name, **more)  # type: ignore[arg-type]
    return message


def fixed(message: EmailMessage) -> bytes:
    """The bytes, with boundaries that are the same each time."""
    for index, part in enumerate(one for one in message.walk() if one.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_sample_{index}")
    return message.as_bytes(policy=policy.SMTP)


def html_reply(html: str) -> EmailMessage:
    """A reply with an HTML part only."""
    message = reply("")
    message.set_content(html, subtype="html")
    return message


def a_workbook_mail(reason: str = "one workbook", workbooks: int = 1, **more: object) -> Expected:
    """What a mail with a workbook must give."""
    return {
        "outcome": "workbook",
        "reason_contains": reason,
        "workbooks": workbooks,
        "answerable": True,
        "tokens": HERE,
        **more,
    }


def asked(reason: str = "no clear ACCEPT or DECLINE", **more: object) -> Expected:
    """What a mail for a person must give."""
    return {"outcome": "question", "reason_contains": reason, "answerable": True, "tokens": HERE, **more}


def decided(outcome: str, reason: str = "", **more: object) -> Expected:
    """What a bare word must give."""
    return {
        "outcome": outcome,
        "reason_contains": "on a line of its own",
        "decision_reason": reason,
        "answerable": True,
        "tokens": HERE,
        **more,
    }


def robot(outcome: str, reason: str, **more: object) -> Expected:
    """What a robot's mail must give."""
    return {"outcome": outcome, "reason_contains": reason, "answerable": False, "tokens": HERE, **more}
