"""Samples of what robots send."""

from tests.formats.mail import mail_kinds as kinds
from tests.formats.mail import sample_parts as parts
from tests.formats.mail.sample_replies import (
    FILLED,
    INVITE,
    SENT_ID,
    SENT_TEXT,
    TO,
    Expected,
    fixed,
    reply,
    robot,
    with_file,
)


def report(kind: str, headers: str, *blocks: str) -> bytes:
    """A multipart/report written out, since mail systems write theirs with no library we know."""
    body = "".join(f"--=_report\r\n{block}\r\n" for block in blocks)
    text = (
        f'{headers}Content-Type: multipart/report; report-type={kind}; boundary="=_report"\n'
        f"MIME-Version: 1.0\n\n{body}--=_report--\n"
    )
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def dsn(
    action: str, status: str, *, sender: str = "Mail Delivery System <mailer-daemon@mx.example>"
) -> bytes:
    """A delivery report of RFC 3464 that carries our whole mail, workbook and all."""
    headers = (
        f"Return-Path: <>\nFrom: {sender}\nTo: {kinds.BILLING}\nSubject: Delivery report\n"
        "Date: Wed, 25 Mar 2026 14:01:00 +0000\nMessage-ID: <dsn-1@mx.example>\n"
        "Auto-Submitted: auto-replied\n"
    )
    fields = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; maria@lopezconcrete.example\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; see the text\n"
    )
    return report(
        "delivery-status",
        headers,
        "Content-Type: text/plain\n\nThis is the mail system at mx.example.\n",
        fields,
        "Content-Type: message/rfc822\n\n" + INVITE.decode("ascii"),
    )


def bounced(kind: str, status: str) -> Expected:
    """What a delivery report must give."""
    return {
        "outcome": "bounce",
        "reason_contains": "maria@lopezconcrete.example",
        "answerable": False,
        "tokens": [{"source": "references", "token": kinds.TOKEN}],
        "bounce": {
            "kind": kind,
            "recipient": "maria@lopezconcrete.example",
            "status": status,
            "returned_message_id": SENT_ID,
        },
    }


# Rows 12 to 15: robots of all kinds.
q = parts.outlook(SENT_TEXT)
away = with_file(
    reply(
        f"I am out of the office until April 10.\n\n{q}",
        subject="Automatic reply: Invite to bill",
        Auto_Submitted="auto-replied",
    ),
    FILLED,
    kinds.WORKBOOK,
)
qmail = reply(
    "Hi. This is the qmail-send program at mx.example.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
    "<maria@lopezconcrete.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
    f"--- Below this line is a copy of the message.\n\nReturn-Path: <{kinds.BILLING}>\n"
    f"Message-ID: {SENT_ID}\nSubject: Invite to bill\n\nAccept\n",
    subject="failure notice",
    From="MAILER-DAEMON@mx.example",
    To=kinds.BILLING,
    Return_Path="<>",
    In_Reply_To="",
    References="",
)
del qmail["Return-Path"]
qmail["Return-Path"] = "<>"
mdn = report(
    "disposition-notification",
    "Return-Path: <maria@lopezconcrete.example>\nFrom: maria@lopezconcrete.example\n"
    f"To: {TO}\nSubject: Read: Invite to bill\nMessage-ID: <mdn@lopez.example>\n",
    "Content-Type: text/plain\n\nYour message was read.\n",
    "Content-Type: message/disposition-notification\n\n"
    "Final-Recipient: rfc822;maria@lopezconcrete.example\n"
    f"Original-Message-ID: {SENT_ID}\nDisposition: manual-action/MDN-sent-manually; displayed\n",
)
calendar = reply("Accepted: Site walk\n", subject="Accepted: Site walk")
calendar.add_alternative(
    "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n", subtype="calendar", params={"method": "REPLY"}
)
exchange = dsn("failed", "5.1.10", sender="<>")
CASES: dict[str, tuple[bytes, Expected]] = {
    "away-with-headers": (fixed(away), robot("auto_reply", "Auto-Submitted")),
    "away-german-no-headers": (
        fixed(
            reply(
                f"Ich bin bis 10.4. nicht im B\u00fcro.\n\n{q}",
                subject="Abwesenheitsnotiz: Invite to bill",
            )
        ),
        robot("auto_reply", "out-of-office"),
    ),
    "away-spanish-no-headers": (
        fixed(reply(f"Estoy fuera.\n\nAcepto\n\n{q}", subject="Respuesta autom\u00e1tica: Invite to bill")),
        robot("auto_reply", "out-of-office"),
    ),
    "challenge": (
        fixed(
            reply(
                "Please confirm that you are a person.\n",
                subject="Confirm",
                Auto_Submitted="auto-replied",
            )
        ),
        robot("auto_reply", "Auto-Submitted"),
    ),
    "ticket-system": (
        fixed(reply("Your ticket was opened.\n", From="noreply@tickets.example")),
        robot("auto_reply", "address nobody reads"),
    ),
    "bounce-failed": (dsn("failed", "5.1.1"), bounced("permanent", "5.1.1")),
    "bounce-delayed": (dsn("delayed", "4.4.1"), bounced("delayed", "4.4.1")),
    "bounce-relayed": (dsn("relayed", "2.0.0"), bounced("success", "2.0.0")),
    "bounce-delivered": (dsn("delivered", "2.1.5"), bounced("success", "2.1.5")),
    "bounce-exchange-null-from": (exchange, bounced("permanent", "5.1.10")),
    "bounce-qmail": (fixed(qmail), bounced("permanent", "")),
    "read-receipt": (mdn, robot("receipt", "read receipt")),
    "calendar-answer": (fixed(calendar), robot("calendar", "calendar")),
    "list-mail": (
        fixed(reply("Spring offers on formwork!\n", List_Unsubscribe="<mailto:off@offers.example>")),
        robot("list_mail", "mailing list"),
    ),
    "bulk-mail": (fixed(reply("Offers!\n", Precedence="bulk")), robot("list_mail", "Precedence: bulk")),
    "own-copy": (
        INVITE,
        {
            **robot("own_mail", "this installation"),
            "tokens": [{"source": "subject", "token": kinds.TOKEN}],
        },
    ),
    "own-address": (
        fixed(reply("A note to self\n", From=f"Harbor <{kinds.BILLING}>")),
        robot("own_mail", "our own address"),
    ),
    "other-installation": (
        fixed(reply("Received\n", X_Progress_Billings_Loop="someone-else")),
        robot("own_mail", "another installation"),
    ),
}
