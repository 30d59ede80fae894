"""Samples of mail that is not as it should be."""

from tests.formats.mail import mail_kinds as kinds
from tests.formats.mail import sample_parts as parts
from tests.formats.mail.sample_replies import (
    FILLED,
    SENT_ID,
    SENT_TEXT,
    TO,
    Expected,
    a_workbook_mail,
    asked,
    decided,
    fixed,
    reply,
    with_file,
)

# Rows 4, 17 and 18: mail that is not as it should be.
plain = f"To: {TO}\r\nFrom: maria@lopezconcrete.example\r\n".encode()
many = "".join(f"<id-{n}@mail.lopezconcrete.example>,\r\n " for n in range(300))
broken = fixed(with_file(reply("See attached.\n"), FILLED, "SC-101.xlsx"))
cut = broken.replace(b"\r\n\r\nUEsDB", b"\r\n\r\n!!UEs*DB", 1)
nul = plain + b"Subject: NUL\0here\r\n\r\nDECLINE\0\r\nbroken\0pump\r\n"
eight = plain + "Subject: R\u00e9ponse fran\u00e7aise\r\n\r\nAccept\r\n".encode()
CASES: dict[str, tuple[bytes, Expected]] = {
    "no-message-id": (
        plain + f"In-Reply-To: {SENT_ID}\r\nIn-Reply-To: <other@x.example>\r\n\r\nAccept\r\n".encode(),
        decided("accept", references=["<other@x.example>"]),
    ),
    "references-many-with-commas": (
        plain + f"References: {many}{SENT_ID}\r\nSubject: Re: x\r\n\r\nAccept\r\n".encode(),
        decided("accept"),
    ),
    "base64-broken": (cut, a_workbook_mail()),
    "charset-unknown": (
        plain + b"Content-Type: text/plain; charset=x-klingon\r\n\r\nAccept\r\n",
        decided("accept"),
    ),
    "nul-bytes": (nul, decided("decline", "brokenpump")),
    "header-eight-bit": (eight, decided("accept", subject="R\u00e9ponse fran\u00e7aise")),
    "bare-lf-mbox-from": (
        b"From maria@lopezconcrete.example Thu Apr  2 09:14:00 2026\n"
        + plain.replace(b"\r\n", b"\n")
        + b"Subject: Re: x\n\nAccept\n",
        decided("accept"),
    ),
    "empty-mail": (plain + b"Subject: \r\n\r\n", {**asked("no text of its own"), "outcome": "empty"}),
    "no-header-at-all": (
        b"\x01\x02 just noise without a header or anything else",
        {
            "outcome": "question",
            "reason_contains": "a person must read it",
            "answerable": True,
            "tokens": [],
        },
    ),
    "token-only-in-subject": (
        fixed(reply("Hello?\n", To=kinds.BILLING, In_Reply_To="", References="")),
        {**asked(), "tokens": [{"source": "subject", "token": kinds.TOKEN}]},
    ),
    "token-only-in-quote": (
        fixed(
            reply(
                f"Hello?\n\n{parts.gmail(SENT_TEXT)}",
                To=kinds.BILLING,
                subject="question",
                In_Reply_To="",
                References="",
            )
        ),
        {**asked(), "tokens": [{"source": "body", "token": kinds.TOKEN}]},
    ),
}
