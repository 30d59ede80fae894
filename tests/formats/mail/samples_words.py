"""Samples of ACCEPT and DECLINE, where they are meant and where they are not."""

from tests.formats.mail import sample_parts as parts
from tests.formats.mail.sample_replies import (
    SENT_HTML,
    SENT_TEXT,
    TAG,
    Expected,
    asked,
    decided,
    fixed,
    html_reply,
    reply,
)

# Row 10: ACCEPT and DECLINE where they are meant, and where they are not.
q, o = parts.gmail(SENT_TEXT), parts.outlook(SENT_TEXT)
gmail_html = (
    '<div dir="ltr">Accept</div><br><div class="gmail_quote"><div>On Wed wrote:<br></div>'
    f"<blockquote>{SENT_HTML}</blockquote></div>"
)
outlook_html = (
    "<html><body><div>Declined</div><div>No crew on site.</div>"
    '<hr><div id="divRplyFwdMsg"><b>From:</b> Harbor Builders Billing<br><b>Sent:</b> Wednesday</div>'
    f"<div>{SENT_HTML}</div></body></html>"
)
CASES: dict[str, tuple[bytes, Expected]] = {
    "accept-gmail": (fixed(reply(f"Accept\n\n{q}")), decided("accept")),
    "accept-button": (
        fixed(
            reply(
                "ACCEPT\n\n(Just send this mail. Your workbook can follow later.)\n",
                subject=f"ACCEPT: Harbor Point Tower, SC-101, March 2026 {TAG}",
                In_Reply_To="",
                References="",
            )
        ),
        decided("accept"),
    ),
    "decline-button": (
        fixed(
            reply(
                "DECLINE\n\nReason: no crew on site in March\n\nSent from my iPhone\n",
                subject=f"DECLINE: Harbor Point Tower, SC-101, March 2026 {TAG}",
                In_Reply_To="",
                References="",
            )
        ),
        decided("decline", "no crew on site in March"),
    ),
    "button-word-changed": (
        fixed(reply("DECLINE\n", subject=f"ACCEPT: Harbor Point Tower, SC-101, March 2026 {TAG}")),
        asked(),
    ),
    "decline-outlook": (
        fixed(reply(f"Decline\n\nNo work on level 2 this month.\n\n{o}")),
        decided("decline", "No work on level 2 this month."),
    ),
    "accept-iphone": (fixed(reply(f"Accepted\n\n{parts.iphone(SENT_TEXT)}")), decided("accept")),
    "accept-with-greeting": (
        fixed(reply(f"Hi Dana,\n\nACCEPT\n\nThanks,\nMaria Lopez\nLopez & Sons\n\n{q}")),
        decided("accept", "Thanks,\nMaria Lopez\nLopez & Sons"),
    ),
    "accept-below-quote": (fixed(reply(f"{q}\n\nAccept\n")), decided("accept")),
    "accept-spanish": (
        fixed(reply(f"Acepto\n\nSaludos,\nMar\u00eda\n\n{parts.outlook_spanish(SENT_TEXT)}")),
        decided("accept", "Saludos,\nMar\u00eda"),
    ),
    "decline-spanish": (
        fixed(reply(f"RECHAZO\nNo hay cuadrilla en marzo.\n\n{parts.gmail_spanish(SENT_TEXT)}")),
        decided("decline", "No hay cuadrilla en marzo."),
    ),
    "accept-html-gmail": (fixed(html_reply(gmail_html)), decided("accept")),
    "decline-html-outlook": (fixed(html_reply(outlook_html)), decided("decline", "No crew on site.")),
    "accept-only-in-quote": (
        fixed(reply(f"> Accept\n>\n{q}")),
        {**asked(), "outcome": "empty", "reason_contains": "no text of its own"},
    ),
    "accept-in-colleagues-mail": (
        fixed(
            reply(
                "FYI\n\nFrom: Bob Lopez <bob@lopezconcrete.example>\n"
                "Sent: Thursday, April 2, 2026 8:00 AM\n"
                "To: Maria Lopez\nSubject: Harbor Point\n\nAccept\n"
            )
        ),
        asked(),
    ),
    "accept-in-signature": (fixed(reply(f"What is the due date?\n-- \nMaria\nAccept\n\n{q}")), asked()),
    "accept-negated": (fixed(reply(f"We cannot accept\n\n{q}")), asked()),
    "accept-negated-two-lines": (fixed(reply(f"Sorry, we can not\naccept\n\n{q}")), asked()),
    "accept-but": (fixed(reply(f"Accept\nbut change line 3 to 2,000\n\n{q}")), asked()),
    "accept-with-question": (fixed(reply(f"Accept\nWhen is the walk?\n\n{q}")), asked()),
    "accept-in-a-sentence": (
        fixed(reply(f"We accept the invite and will send it Friday.\n\n{q}")),
        asked(),
    ),
    "accept-and-decline": (fixed(reply(f"Accept\n\nDecline\n\n{q}")), asked()),
    "reaction-like": (fixed(reply("\U0001f44d Maria Lopez reacted to your message:\n\n" + o)), asked()),
    "reaction-emoji": (fixed(reply(f"\U0001f44d\n\n{q}")), asked()),
    "inline-answers": (
        fixed(
            reply(
                "> You are invited to bill Harbor Builders Inc. for the period below. Please\n"
                "> answer by April 5, 2026, 5:00 PM CDT.\n\n"
                "Can we have until the 8th?\n\n> How to bill:\n"
            )
        ),
        asked(words="Can we have until the 8th?"),
    ),
    "note-that-looks-like-a-header": (
        fixed(reply(f"From: my notes the number is 1200\n\n{q}")),
        asked(words="From: my notes the number is 1200"),
    ),
}
