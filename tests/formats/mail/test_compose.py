"""Composing: the same bytes each time, complete text, safe headers, buttons that mean what they say."""

import difflib
import re
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from jinja2 import Environment, UndefinedError, meta
from jinja2.exceptions import SecurityError

from batch.formats.mail.classify import Outcome, classify
from batch.formats.mail.compose import Attachment, ContextRefused, HeaderRefused, compose
from batch.formats.mail.decisions import spoken
from batch.formats.mail.kinds import CONTEXT, LISTS, PROBLEMS, TERMS
from batch.formats.mail.parse import parse, texts_of_sent
from batch.formats.mail.tokens import tokens_in
from tests.formats.mail.mail_kinds import (
    ABOUT,
    BILLING,
    CONTEXTS,
    LOOP_ID,
    SUMMARY,
    TEMPLATES,
    TOKEN,
    a_mail,
    an_envelope,
    load,
    terms_of,
)  # fmt: skip

GOLDEN = Path(__file__).parent / "golden"
KINDS = sorted(CONTEXT)
LOCALES = ("en-AU", "en-GB", "en-US")


def _message(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _body(raw: bytes, kind: str) -> str:
    part = _message(raw).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _dump(raw: bytes) -> str:
    message = _message(raw)
    heads = "".join(f"{name}: {value}\n" for name, value in message.items() if name != "Content-Type")
    return f"{heads}\n{_body(raw, 'plain')}"


@pytest.mark.parametrize("kind", KINDS)
def test_text_of_each_kind_is_as_recorded(kind: str) -> None:
    """The headers and text of every kind equal the golden file, which is never overwritten."""
    path, made = GOLDEN / f"{kind}.txt", _dump(a_mail(kind))
    if not path.exists():
        with path.open("x", encoding="utf-8") as file:
            file.write(made)
    recorded = path.read_text(encoding="utf-8")
    diff = "\n".join(
        difflib.unified_diff(recorded.splitlines(), made.splitlines(), "recorded", "made", lineterm="")
    )
    assert not diff, f"\n{diff}"


@pytest.mark.parametrize("kind", KINDS)
def test_same_arguments_give_the_same_bytes(kind: str) -> None:
    """Composing twice gives equal bytes, boundaries included, in lines that SMTP can carry."""
    raw = a_mail(kind)
    assert raw == a_mail(kind)
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_prose_is_narrow_and_holds_no_keyword_line(kind: str, locale: str) -> None:
    """Text stays under 78 columns in every locale, and no line of ours could be read as somebody's answer."""
    raw = a_mail(kind, locale=locale)
    assert max(len(line) for line in _body(raw, "plain").splitlines()) < 78
    for text in texts_of_sent(raw):
        assert all(spoken(line, "").answer is None for line in text.splitlines())


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_page_say_the_same_figures(kind: str) -> None:
    """Every amount and date in the text part is on the page too, and the other way round."""
    raw = a_mail(kind)
    text, page = texts_of_sent(raw)
    pattern = re.compile(r"-?\$[\d,]+\.\d\d")
    assert set(pattern.findall(text)) == set(pattern.findall(page))


@pytest.mark.parametrize("kind", KINDS)
def test_page_loads_nothing_from_elsewhere(kind: str) -> None:
    """The HTML has no script, form, picture or remote address, and says its language."""
    page = _body(a_mail(kind), "html")
    assert not re.search(r"https?://|<script|<form|<img|<link|url\(", page)
    assert '<html lang="en-US"' in page
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", page))
    assert "prefers-color-scheme: dark" in page


def test_contexts_are_those_of_the_contract() -> None:
    """The builders cover every kind with exactly its names."""
    assert {kind: sorted(names) for kind, names in CONTEXT.items()} == {
        kind: sorted(context) for kind, context in CONTEXTS.items()
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", ["txt", "html"])
def test_templates_use_only_documented_names(kind: str, suffix: str) -> None:
    """A name a template uses is in CONTEXT, so that whoever changes a template knows what there is."""
    environment = Environment(autoescape=True)
    environment.filters.update(fill=str, sentence=str)
    known = {*CONTEXT[kind], "terms", "envelope", "marker", "subject", "part", "fact", "pair", "mailto"}
    for name in (f"{kind}.{suffix}.j2", f"_layout.{suffix}.j2"):
        used = meta.find_undeclared_variables(environment.parse(load(name)))
        own = re.findall(r"{% (?:from \S+ import|set|macro) ([^=(%]+)", load(name))
        made_here = set(re.findall(r"\w+", " ".join(own)))
        assert used - known - made_here - {"about"} == set(), name


@pytest.mark.parametrize("kind", KINDS)
def test_every_name_of_the_contract_is_used(kind: str) -> None:
    """A name nobody shows would be asked of the jobs for nothing."""
    shown = (
        "".join(load(path.name) for path in TEMPLATES.glob("_*.j2"))
        + load(f"{kind}.txt.j2")
        + load(f"{kind}.html.j2")
    )
    assert [name for name in CONTEXT[kind] if not re.search(rf"\b{name}\b", shown)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_each_wording_has_every_term(locale: str) -> None:
    """Each locale names exactly the terms the templates use, each with a text."""
    terms = terms_of(locale)
    assert set(terms) == set(TERMS)
    assert all(terms.values())
    assert terms["lang"] == locale


def test_terms_follow_the_country() -> None:
    """The same mail speaks of retainage in the United States and of retention in the United Kingdom."""
    assert "Retainage held" in _body(a_mail("invite"), "plain")
    british = _body(a_mail("approval", locale="en-GB"), "plain")
    assert "application for payment is approved" in british
    assert "retainage" not in british.lower().replace("5. retainage", "").replace(
        "less retainage", ""
    ).replace("including retainage", "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spoil", ["missing", "unknown", "type"])
def test_a_wrong_context_is_refused(kind: str, spoil: str) -> None:
    """A missing name, an unknown one and a value of the wrong type are each named in the refusal."""
    context: dict[str, object] = dict(CONTEXTS[kind])
    if spoil == "missing":
        del context["company"]
    else:
        context["company" if spoil == "type" else "compny"] = 3.5
    with pytest.raises(ContextRefused, match="company" if spoil != "unknown" else "compny"):
        compose(kind, context, terms=terms_of(), load=load, headers=an_envelope())


@pytest.mark.parametrize(("kind", "name"), sorted(LISTS))
def test_a_wrong_list_is_refused(kind: str, name: str) -> None:
    """Rows with other keys than the contract's are refused with their place."""
    row: object = {"unheard": "of"} if LISTS[kind, name] else 7
    with pytest.raises(ContextRefused, match=name):
        a_mail(kind, {name: [row]})


def test_an_unknown_kind_choice_or_term_is_refused() -> None:
    """Kinds, choices and terms come from the contract only."""
    with pytest.raises(ContextRefused, match="kind"):
        compose("greeting", {}, terms=terms_of(), load=load, headers=an_envelope())
    with pytest.raises(ContextRefused, match="invite_kind"):
        a_mail("invite", {"invite_kind": "everything"})
    terms = {key: text for key, text in terms_of().items() if key != "retainage"}
    with pytest.raises(ContextRefused, match="retainage"):
        compose("invite", CONTEXTS["invite"], terms=terms, load=load, headers=an_envelope())


@pytest.mark.parametrize(
    "field", ["from_name", "to_address", "reply_to", "message_id", "in_reply_to", "loop_id"]
)
@pytest.mark.parametrize("ending", ["\r\nBcc: thief@x.example", "\nX: 1", "\r", "\0", "\u2028X: 1"])
def test_line_breaks_in_headers_are_refused(field: str, ending: str) -> None:
    """No header value can carry a header of its own."""
    with pytest.raises(HeaderRefused):
        an_envelope(**{field: f"someone@x.example{ending}"})


def test_line_breaks_in_references_are_refused() -> None:
    """A reference cannot add a header."""
    with pytest.raises(HeaderRefused):
        an_envelope(references=("<a@b.example>\r\nBcc: x",))


@pytest.mark.parametrize("ending", ["\r\nBcc: thief@x.example", "\n", "\0", "\u2028X: 1", "\u202e", "\x85"])
def test_the_subject_is_one_line_whatever_its_names_hold(ending: str) -> None:
    """A project's name with a line break adds no header, and the mail is made all the same."""
    message = _message(a_mail("invite", {"project": f"Tower{ending}"}))
    assert message["Bcc"] is None
    assert message["X"] is None
    assert str(message["Subject"]).startswith("Invite to bill: Tower")
    assert str(message["Subject"]).isprintable()


def test_a_date_without_a_zone_is_refused() -> None:
    """An instant without its zone is no instant."""
    with pytest.raises(ValueError, match="time zone"):
        an_envelope(date=datetime(2026, 3, 25, 14, 0))  # noqa: DTZ001


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_escaped_on_the_page(kind: str) -> None:
    """Markup in a value shows as text; it is not part of the page."""
    page = _body(a_mail(kind, {"company": "<b>Bold</b> & Co"}), "html")
    assert "<b>Bold</b>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in page


def test_a_template_cannot_reach_into_python() -> None:
    """Templates run in a sandbox and a misspelt name is an error, not a blank."""

    def loading(text: str) -> Callable[[str], str]:
        return lambda name: text if name == "declined.txt.j2" else load(name)

    values = CONTEXTS["declined"]
    for text, error in (("{{ ''.__class__.__mro__ }}", SecurityError), ("{{ projct }}", UndefinedError)):
        with pytest.raises(error):
            compose("declined", values, terms=terms_of(), load=loading(text), headers=an_envelope())


def test_robot_headers_are_set() -> None:
    """Every mail says that a program sent it, asks for no out-of-office, and names this installation."""
    message = _message(a_mail("receipt", automatic="replied"))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["X-Progress-Billings-Loop"] == LOOP_ID
    assert message["Precedence"] is None


def test_references_keep_the_first_and_the_last() -> None:
    """Twenty references become ten: the first and the nine nearest; long ids are written whole."""
    ids = tuple(f"<{'x' * 80}{n}@mail.outlook.example>" for n in range(20))
    raw = a_mail("receipt", references=ids, in_reply_to=ids[-1])
    mail = parse(raw)
    assert (mail.in_reply_to, *mail.references) == (ids[-1], ids[0], *ids[11:])
    assert ids[0].encode() in raw


def test_names_beyond_ascii_survive() -> None:
    """Names with accents read back as they were, in headers, text and file name."""
    book = Attachment(name="Certificaci\u00f3n.xlsx", content_type="application/octet-stream", data=b"1")
    raw = compose(
        "invite",
        {**CONTEXTS["invite"], "project": "Edificio Ca\u00f1\u00f3n", "recipient": "Jos\u00e9 \u0141ukasz"},
        terms=terms_of(),
        load=load,
        headers=an_envelope(from_name="Peña & Søn"),
        attachments=[book],
    )
    mail = parse(raw)
    assert (mail.from_name, mail.subject[:30]) == ("Peña & Søn", "Invite to bill: Edificio Cañón"[:30])
    assert "Hello José Łukasz," in mail.text
    assert [part.name for part in mail.parts] == ["Certificación.xlsx"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_composed_parses_back(kind: str) -> None:
    """Sender, recipient, subject, ids, text and token of a composed mail read back, and it is our own."""
    mail = parse(a_mail(kind))
    assert (mail.from_address, mail.to_addresses) == (BILLING, ("maria@lopezconcrete.example",))
    assert mail.subject.endswith(f"[PB-{TOKEN}]")
    assert mail.text.startswith("Reply above this line")
    assert mail.faults == ()
    assert tokens_in(mail, BILLING)[0].token == TOKEN
    found = classify(mail, own_addresses=[BILLING], sent_texts=(), loop_id=LOOP_ID)
    assert found.outcome is Outcome.OWN_MAIL


def test_attachments_come_out_as_they_went_in() -> None:
    """Bytes, type and a name with spaces are kept, after the two texts."""
    part = parse(a_mail("invite")).parts[0]
    assert (part.name, part.data) == ("SC-101 March 2026.xlsx", b"not read here")
    types = [one.get_content_type() for one in _message(a_mail("invite")).walk()]
    assert types[:4] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize(("word", "outcome"), [("ACCEPT", Outcome.ACCEPT), ("DECLINE", Outcome.DECLINE)])
def test_a_pressed_button_is_understood(word: str, outcome: Outcome) -> None:
    """The mail that a button opens, sent as it is, gives the answer on the button, with its token."""
    page = _body(a_mail("invite"), "html")
    link = next(one for one in re.findall(r'href="(mailto:[^"]+)"', page) if word in one).replace(
        "&amp;", "&"
    )
    fields = parse_qs(urlsplit(link).query)
    reply = EmailMessage()
    reply["From"], reply["To"] = "maria@lopezconcrete.example", unquote(urlsplit(link).path)
    reply["Subject"] = fields["subject"][0]
    reply.set_content(fields["body"][0].replace("\r\n", "\n"))
    mail = parse(reply.as_bytes())
    found = classify(
        mail, own_addresses=[BILLING], sent_texts=texts_of_sent(a_mail("invite")), loop_id=LOOP_ID
    )
    assert (found.outcome, found.decision_reason) == (outcome, "")
    assert [one.source for one in tokens_in(mail, BILLING)] == ["address"]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_problem_says_what_to_do(problem: str) -> None:
    """Every problem has its own words, also when nothing is known about the sender's request."""
    blank = dict.fromkeys((*ABOUT, "due", "said"), "")
    raw = a_mail("question", {**blank, "company": "Harbor Builders Inc.", "problem": problem, "files": []})
    assert "lease" in _body(raw, "plain") or "reply with" in _body(raw, "plain")
    assert "Project" not in _body(raw, "plain")


def test_long_lists_are_cut_and_counted() -> None:
    """A refusal shows a screen of findings and counts the rest."""
    finding = {"sheet": "Continuation", "cell": "G1", "found": "x", "expected": "y", "sentence": "Wrong."}
    text = _body(a_mail("refusal", {"findings": [finding] * 40}), "plain")
    assert "correct the 40 points" in " ".join(text.split())
    assert "And 28 more of the same kind" in text
    assert text.count("We read:") == 12


def test_optional_texts_leave_no_trace() -> None:
    """With nothing to note, to deduct or to explain, no empty heading is left."""
    text = _body(
        a_mail(
            "approval",
            {"contact": "", "recipient": "", "record": "", "lines": [], "deductions": [], "as_noted": False},
        ),
        "plain",
    )
    assert text.splitlines()[2] == "Hello,"
    for absent in ("Questions?", "Record", "Backcharges", "Lines approved other", "Reason"):
        assert absent not in text
    assert all(row["amount"] in text for row in SUMMARY)
