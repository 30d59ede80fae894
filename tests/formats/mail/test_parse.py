"""Parsing never raises and never does more than it may, whatever the bytes are."""

import io
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch.formats.mail.attachments import MAX_NAME, safe_name
from batch.formats.mail.classify import Classification, Outcome, classify
from batch.formats.mail.contents import is_workbook
from batch.formats.mail.envelope import addressed
from batch.formats.mail.identity import content_hash
from batch.formats.mail.parse import ParsedMail, documents, parse, workbooks
from batch.formats.mail.quoted import MAX_LINES, own_words
from batch.formats.mail.tokens import tokens_in
from tests.formats.mail import sample_parts as parts
from tests.formats.mail.mail_kinds import an_envelope

SAMPLES = Path(__file__).parents[3] / "inbox_samples"
RAW = [path.read_bytes() for path in sorted(SAMPLES.glob("*/reply.eml"))]
ONE_MB = 1024 * 1024


def _whole_way(raw: bytes) -> tuple[ParsedMail, Classification]:
    mail = parse(raw)
    tokens_in(mail, "billing@harborbuild.example")
    documents(mail)
    return mail, classify(
        mail, own_addresses=["billing@harborbuild.example"], sent_texts=["x" * 50], loop_id="a"
    )


@given(st.binary(max_size=2000))
def test_noise_never_raises(raw: bytes) -> None:
    """Any bytes become a mail with an outcome and a reason."""
    assert _whole_way(raw)[1].reason


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from(RAW),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(max_size=6)), max_size=12),
    st.data(),
)
def test_damaged_samples_never_raise(
    raw: bytes, damages: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    """Real mail with bytes overwritten, inserted and cut off still becomes a mail with an outcome."""
    for at, piece in damages:
        place = at % (len(raw) + 1)
        raw = raw[:place] + piece + raw[place + data.draw(st.integers(0, 8)) :]
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    assert _whole_way(raw)[1].reason


_HEADER_NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Return-Path",
    ]
)
_ODD = st.text(alphabet=st.sampled_from(list("<>()[]@,;:.\"\\=?*' \t%aé\x00\x7f+-/_utf8qb")), max_size=120)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_HEADER_NAMES, _ODD), max_size=8))
def test_odd_headers_never_raise(fields: list[tuple[str, str]]) -> None:
    """Headers made of the characters that mean something to a parser are read or left, never fatal."""
    raw = "".join(f"{name}: {value}\n" for name, value in fields) + "\nhello\n"
    mail, found = _whole_way(raw.encode())
    assert found.reason
    _answer(mail)


def _answer(mail: ParsedMail) -> bytes:
    envelope = an_envelope(
        to_address=mail.from_address or "nobody@x.example",
        in_reply_to=mail.message_id,
        references=mail.references,
    )
    return addressed(envelope, "Received").as_bytes()


@pytest.mark.parametrize(
    "value",
    ["a..b@x.example", ".a@x.example", "\u00e9@x.example", '"a b"@x.example', "a@", "a@b@c", "a@-x-.example"],
)
def test_whoever_wrote_can_be_answered(value: str) -> None:
    """An address or id that could not stand in our own headers is not taken over: answering never fails."""
    raw = f"From: {value}\nMessage-ID: <\u00e9 x>\nReferences: <a\0b@x.example> <ok@x.example>\n\nhello\n"
    mail = parse(raw.encode())
    assert mail.references == ("<ok@x.example>",)
    assert b"Subject: Received" in _answer(mail)


@pytest.mark.parametrize(
    "value",
    ["(" * 8000, "<" * 8000, '"' * 8001, "=?utf-8?q?" * 800, "@," * 4000, ";x*0=" * 1500, "a" * 70_000],
)
@pytest.mark.parametrize(
    "name", ["From", "To", "Subject", "Date", "Content-Type", "References", "Message-ID"]
)
def test_hostile_headers_are_cut(name: str, value: str) -> None:
    """A header that would cost the parser dearly is read up to its bound."""
    mail, found = _whole_way(f"{name}: {value}\n\nhello\n".encode())
    assert len(mail.subject) <= 8 * 1024
    assert found.reason


def test_headers_beyond_64_kb_are_not_read() -> None:
    """Too many headers are cut, the body is kept, and the fault is named."""
    raw = b"Subject: first\n" + b"X-Filler: yes\n" * 10_000 + b"From: late@x.example\n\nDECLINE\n"
    mail, found = _whole_way(raw)
    assert (mail.subject, mail.from_address, found.outcome) == ("first", "", Outcome.DECLINE)
    assert "64 KB" in mail.faults[0]


def _nested(levels: int) -> bytes:
    raw = "Subject: deep\n"
    for level in range(levels):
        raw += f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n'
    return (raw + "Content-Type: text/plain\n\nACCEPT\n").encode()


def test_depth_is_bounded() -> None:
    """Ten levels are read; fifty are not, nor five thousand, and each time the fault is named."""
    assert _whole_way(_nested(10))[1].outcome is Outcome.ACCEPT
    for levels in (50, 5000):
        mail, found = _whole_way(_nested(levels))
        assert (mail.subject, found.outcome) == ("deep", Outcome.EMPTY)
        assert mail.faults


def test_many_lines_inside_many_levels_are_not_compared() -> None:
    """The parser compares each line with each open boundary, so a product beyond the bound is left unread."""
    mail = parse(_nested(150) + b"\n--x" * 200_000)
    assert (mail.subject, mail.text) == ("deep", "")
    assert "only its headers" in mail.faults[0]


def test_parts_are_bounded() -> None:
    """Of five thousand parts a hundred are kept."""
    part = "--b\nContent-Type: application/octet-stream\n\nx\n"
    mail = parse(f'Content-Type: multipart/mixed; boundary="b"\n\n{part * 5000}--b--\n'.encode())
    assert len(mail.parts) == 100
    assert "100 parts" in mail.faults[0]


def _inside(raw: bytes, times: int) -> bytes:
    for _ in range(times):
        raw = b"Subject: fwd\nContent-Type: message/rfc822\n\n" + raw
    return raw


def test_mails_inside_mails_are_bounded() -> None:
    """A workbook three mails deep is found; at the fourth it is not looked for."""
    message = EmailMessage()
    message.set_content("see")
    message.add_attachment(parts.a_workbook(), *parts.XLSX, filename="a.xlsx")
    assert len(workbooks(parse(_inside(message.as_bytes(), 3)))) == 1
    too_deep = parse(_inside(message.as_bytes(), 4))
    assert (workbooks(too_deep), len(too_deep.faults)) == ((), 1)
    assert parse(_inside(message.as_bytes(), 3000)).faults


def test_text_is_bounded() -> None:
    """Two megabytes of blank lines give one megabyte of text and at most 800 lines of words."""
    mail = parse(b"Subject: x\n\n" + b"\n" * (2 * ONE_MB))
    assert len(mail.text) <= ONE_MB
    assert len(own_words("a\n" * ONE_MB, []).splitlines()) == MAX_LINES


def test_deep_and_broken_pages_become_text() -> None:
    """HTML of three thousand levels, without an end or with nothing in it is read as far as it goes."""
    for html in (
        "<div>" * 3000 + "DECLINE",
        "<p>DECLINE<table><tr><td",
        "<blockquote>" * 3000,
        "",
        "<",
        "\0<p>x",
    ):
        raw = b"Content-Type: text/html; charset=utf-8\n\n" + html.encode()
        assert isinstance(parse(raw).text, str)


def test_a_zip_bomb_is_not_unpacked() -> None:
    """A zip that grows a thousandfold is left, and said so."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("book.xlsx", b"\0" * (20 * ONE_MB))
    message = EmailMessage()
    message.set_content("see")
    message.add_attachment(made.getvalue(), "application", "zip", filename="a.zip")
    mail = parse(message.as_bytes())
    assert len(mail.parts) == 1
    assert "more than it may" in mail.faults[0]


def test_damaged_and_locked_zips_are_named() -> None:
    """A zip without its end is a file we could not open, not a crash."""
    message = EmailMessage()
    message.set_content("see")
    message.add_attachment(
        parts.a_zip({"a.pdf": parts.a_pdf()})[:-30], "application", "zip", filename="a.zip"
    )
    assert "damaged" in parse(message.as_bytes()).faults[0]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 3000), st.binary(max_size=30))
def test_damaged_workbooks_do_not_raise(at: int, piece: bytes) -> None:
    """Whether damaged bytes are a workbook is answered, never raised."""
    book = parts.a_workbook()
    assert is_workbook(book[:at] + piece + book[at + len(piece) :]) in {True, False}


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("../../etc/passwd\0.xlsx", "passwd .xlsx"), ("C:\\Users\\m\\a.xlsx", "a.xlsx"),
        ("CON.xlsx", "_CON.xlsx"),
        ("com1", "_com1"), ("", "unnamed"), ("...", "unnamed"), ("a\u202excod.exe", "a xcod.exe"),
        ("/", "unnamed"),
        ("Cafe\u0301.xlsx", "Caf\u00e9.xlsx"), ('a<b>:"|?*.xlsx', "a_b______.xlsx"), (" .hidden", "hidden"),
    ],
)  # fmt: skip
def test_names_are_safe_to_show(claimed: str, shown: str) -> None:
    """Paths, devices, control and bidirectional characters are gone; what is left reads as it is."""
    assert safe_name(claimed) == shown


@given(st.text(max_size=400))
def test_any_name_becomes_a_short_plain_one(claimed: str) -> None:
    """A name has 1 to 120 characters, no separators, and does not begin with a dot."""
    name = safe_name(claimed)
    assert 1 <= len(name) <= MAX_NAME + 1
    assert not set(name) & set("/\\\0\r\n")
    assert not name.startswith(".")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Thu, 02 Apr 2026 09:14:00 -0500", datetime(2026, 4, 2, 14, 14, tzinfo=UTC)),
        ("Thu, 02 Apr 2026 14:14:00 -0000", datetime(2026, 4, 2, 14, 14, tzinfo=UTC)),
        ("yesterday", None),
        ("Thu, 99 Apr 99999 09:14:00 +9999", None),
    ],
)
def test_dates_are_aware_or_absent(value: str, expected: datetime | None) -> None:
    """A date has a zone; what is no date is None."""
    assert parse(f"Date: {value}\n\nx".encode()).date == expected


def test_an_absent_return_path_is_not_the_null_sender() -> None:
    """Only a noted "<>" marks a robot; a mail from a file has none."""
    assert parse(b"Return-Path: <>\n\nx").return_path == ""
    assert parse(b"Return-Path: <a@b.example>\n\nx").return_path == "a@b.example"
    assert parse(b"Subject: x\n\nx").return_path is None


def test_plain_text_wins_over_the_page_unless_it_is_blank() -> None:
    """Some programs send a blank plain part beside the page that was written."""
    for plain, expected in (("from plain", "from plain"), (" \n", "from page")):
        message = EmailMessage()
        message.set_content(plain)
        message.add_alternative("<p>from page</p>", subtype="html")
        assert parse(message.as_bytes()).text.strip() == expected


def test_a_person_writing_from_postmaster_about_bounces_is_no_bounce() -> None:
    """Words about delivery in an ordinary mail do not make it a report."""
    raw = b"From: maria@lopez.example\nSubject: x\n\nYour message could not be delivered to <a@b.example>\n"
    assert _whole_way(raw)[1].outcome is Outcome.QUESTION


def test_the_hash_of_a_header_over_a_million_lines() -> None:
    """Its cost grows with its length: the lines of one header are joined once, not one by one."""
    folded = b"Subject: a\r\n" + b" b\r\n" * 2_000_000 + b"\r\nHi\r\n"
    assert content_hash(folded) == content_hash(b"Received: x\r\n" + folded)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_without_a_bound_is_named_and_left(packing: int) -> None:
    """What Python would unpack whole before it counts is not unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        archive.writestr("bill.xlsx", b"\0" * 30_000_000)
    message = EmailMessage()
    message.add_attachment(made.getvalue(), maintype="application", subtype="zip", filename="bills.zip")
    mail = parse(message.as_bytes())
    assert [part.name for part in mail.parts] == ["bills.zip"]
    assert "packed in a way that is not read" in mail.faults[0]
