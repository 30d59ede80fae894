"""Samples of mail with workbooks and other files."""

from email.message import EmailMessage

from tests.formats.mail import mail_kinds as kinds
from tests.formats.mail import sample_parts as parts
from tests.formats.mail.sample_replies import (
    FILLED,
    HERE,
    SENT_TEXT,
    Expected,
    a_workbook_mail,
    asked,
    fixed,
    reply,
    with_file,
)

# Rows 7, 8, 9, 11 and 18: attachments as real programs send them.
q = parts.gmail(SENT_TEXT)
octets = ("application", "octet-stream")
iphone = with_file(
    reply(parts.iphone(SENT_TEXT)), FILLED, "SC-101 March 2026.xlsx", octets, disposition="inline"
)
nameless = reply(f"Here it is.\n\n{q}")
nameless.add_attachment(FILLED, *octets)
encoded = with_file(reply(f"Adjunto.\n\n{q}"), FILLED, "x.xlsx")
encoded_bytes = fixed(encoded).replace(
    b'filename="x.xlsx"', b'filename="=?utf-8?q?Certificaci=C3=B3n_marzo=2Exlsx?="'
)
forwarded = EmailMessage()
for name in ("From", "To", "Subject", "Date", "Message-ID"):
    forwarded[name] = reply("")[name]
forwarded.replace_header("Subject", "Fwd: March billing")
forwarded.set_content("See the mail attached.\n")
inner = with_file(reply("Filled in.\n"), FILLED, "SC-101 March 2026.xlsx")
inner.replace_header("To", "office@lopezconcrete.example")
fixed(inner)
forwarded.add_attachment(inner)
two = with_file(reply(f"Two of them.\n\n{q}"), FILLED, "a.xlsx")
twice = with_file(reply(f"Twice, sorry.\n\n{q}"), FILLED, "a.xlsx")
hostile = with_file(reply(f"Here.\n\n{q}"), FILLED, "../../etc/CON.xlsx")
with_file(hostile, parts.a_workbook("1.00"), "invoice\u202excod.xlsx")
with_file(hostile, parts.a_workbook("2.00"), "L" * 300 + ".xlsx")
CASES: dict[str, tuple[bytes, Expected]] = {
    "workbook-gmail": (
        fixed(with_file(reply(f"Hi Dana,\n\nplease find attached.\n\nMaria\n\n{q}"), FILLED, kinds.WORKBOOK)),
        a_workbook_mail(names=["SC-101 March 2026.xlsx"]),
    ),
    "workbook-inline-iphone": (fixed(iphone), a_workbook_mail()),
    "workbook-without-a-name": (fixed(nameless), a_workbook_mail(names=["unnamed"])),
    "workbook-name-rfc2231": (
        fixed(with_file(reply(f"Voil\u00e0.\n\n{q}"), FILLED, "Certificaci\u00f3n marzo.xlsx")),
        a_workbook_mail(names=["Certificaci\u00f3n marzo.xlsx"]),
    ),
    "workbook-name-rfc2047": (encoded_bytes, a_workbook_mail(names=["Certificaci\u00f3n marzo.xlsx"])),
    "workbook-in-zip": (
        fixed(
            with_file(
                reply(f"Zipped.\n\n{q}"),
                parts.a_zip({"March/SC-101.xlsx": FILLED}),
                "march.zip",
                ("application", "zip"),
            )
        ),
        a_workbook_mail(names=["SC-101.xlsx"], documents=0),
    ),
    "workbook-in-winmail": (
        fixed(
            with_file(
                reply(f"Here.\n\n{parts.outlook(SENT_TEXT)}"),
                parts.a_winmail("SC-101.xlsx", FILLED),
                "winmail.dat",
                ("application", "ms-tnef"),
            )
        ),
        a_workbook_mail(names=["SC-101.xlsx"], documents=0),
    ),
    "workbook-in-forwarded-mail": (fixed(forwarded), a_workbook_mail()),
    "workbooks-two": (
        fixed(with_file(two, parts.a_workbook("4500.00"), "b.xlsx")),
        a_workbook_mail("2 workbooks", 2),
    ),
    "workbook-twice-the-same": (fixed(with_file(twice, FILLED, "a (1).xlsx")), a_workbook_mail()),
    "workbook-hostile-names": (
        fixed(hostile),
        a_workbook_mail("3 workbooks", 3, names=["_CON.xlsx", "invoice xcod.xlsx", "L" * 115 + ".xlsx"]),
    ),
    "workbook-encrypted": (
        fixed(
            with_file(
                reply(f"Password is in the other mail.\n\n{q}"), parts.an_encrypted_workbook(), "a.xlsx"
            )
        ),
        a_workbook_mail(),
    ),
    "workbook-and-decline": (
        fixed(with_file(reply(f"DECLINE\n\n{q}"), FILLED, kinds.WORKBOOK)),
        a_workbook_mail(said="decline"),
    ),
    "workbook-through-a-group": (
        fixed(
            with_file(reply(f"Attached.\n\n{q}", List_Id="<office.lopezconcrete.example>"), FILLED, "a.xlsx")
        ),
        {**a_workbook_mail(), "answerable": False},
    ),
    "file-only-named-workbook": (
        fixed(with_file(reply(f"Attached.\n\n{q}"), b"not a workbook at all\n", "SC-101.xlsx")),
        asked("not an Excel workbook"),
    ),
    "file-numbers": (
        fixed(
            with_file(
                reply(f"Attached.\n\n{q}"),
                parts.a_zip({"Index/Document.iwa": b"x"}),
                "SC-101.numbers",
                ("application", "octet-stream"),
            )
        ),
        asked("not an Excel workbook"),
    ),
    "document-pdf": (
        fixed(
            with_file(reply(f"Our invoice.\n\n{q}"), parts.a_pdf(), "invoice 17.pdf", ("application", "pdf"))
        ),
        {
            "outcome": "supporting_document",
            "reason_contains": "invoice 17.pdf",
            "documents": 1,
            "workbooks": 0,
            "answerable": True,
            "tokens": HERE,
        },
    ),
    "document-photo": (
        fixed(
            with_file(
                reply(f"Rebar on site.\n\n{q}"), parts.a_picture(2000), "IMG_0042.png", ("image", "png")
            )
        ),
        {
            "outcome": "supporting_document",
            "reason_contains": "IMG_0042.png",
            "documents": 1,
            "workbooks": 0,
            "answerable": True,
            "tokens": HERE,
        },
    ),
    "logo-is-no-document": (
        fixed(
            with_file(
                reply(f"When do you need this by?\n\n{q}"),
                parts.a_picture(900),
                "image001.png",
                ("image", "png"),
                disposition="inline",
                cid="<image001@lopez>",
            )
        ),
        asked(documents=0),
    ),
    "link-instead-of-workbook": (
        fixed(reply(f"You can find it here: https://files.example/s/abc\n\n{q}")),
        asked(),
    ),
}
