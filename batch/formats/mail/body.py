"""The text a reader of the mail sees: the plain part, or the HTML part as text with its quotes marked."""

import codecs
import re
from collections.abc import Iterable, Sequence
from email.message import Message

import inscriptis
import lxml.html
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig

from batch.formats.mail import headers
from batch.formats.mail.structure import Leaf

MAX_TEXT = 1024 * 1024

# Decoders that are slow on long input or give something other than the text that was meant.
_ODD_CODECS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_CONFIG = ParserConfig(css=STRICT_CSS_PROFILE, display_links=False, display_images=False)
_TAG = re.compile(r"<[^<>]*>")
# Where Gmail, Apple Mail, Thunderbird, Yahoo and Outlook begin the quoted mail.
_QUOTES = (
    "//blockquote",
    "//div[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "//div[contains(concat(' ', @class, ' '), ' yahoo_quoted ')]",
    "//div[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')]",
)
_REST_IS_QUOTED = ("//*[@id='divRplyFwdMsg']", "//*[@id='appendonsend']", "//hr[@id='stopSpelling']")


def visible_text(message: Message, leaves: Sequence[Leaf]) -> tuple[str, list[str]]:
    """Give the body as text and what was left out. Plain text wins when it says anything."""
    own = [leaf for leaf in leaves if leaf.nested == 0 and not is_attached(leaf.part)]
    plain = _joined(leaf for leaf in own if leaf.content_type == "text/plain")
    if plain.strip():
        return _bounded(plain)
    marked = [html_text(_decoded(leaf.part)) for leaf in own if leaf.content_type == "text/html"]
    return _bounded("\n".join(marked))


def all_texts(leaves: Sequence[Leaf]) -> tuple[str, ...]:
    """Every text body of the mail itself: plain parts as they are, HTML parts as text."""
    own = [leaf for leaf in leaves if leaf.nested == 0 and not is_attached(leaf.part)]
    plain = [_decoded(leaf.part) for leaf in own if leaf.content_type == "text/plain"]
    marked = [html_text(_decoded(leaf.part)) for leaf in own if leaf.content_type == "text/html"]
    return tuple(text[:MAX_TEXT] for text in (*plain, *marked) if text.strip())


def is_attached(part: Message) -> bool:
    """A text part is the body unless it says it is an attachment or bears a file name."""
    disposition = (headers.raw(part, "content-disposition") or "").strip().lower()
    return disposition.startswith("attachment") or bool(headers.file_name(part))


def html_text(html: str) -> str:
    """HTML as text; quoted mails are marked with "> ". Never raises; at most 1 MB is read."""
    html = html[:MAX_TEXT]
    try:
        tree = lxml.html.fromstring(
            html.encode("utf-8", "replace"),
            parser=lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True),
        )
        return _with_quotes(tree)
    except Exception:  # noqa: BLE001 -- any bytes may come; text without tags is better than nothing
        return _TAG.sub(" ", html)


def _with_quotes(tree: lxml.html.HtmlElement) -> str:
    quoted: list[str] = []
    for element in _quote_elements(tree):
        if element.getparent() is None or not _inside(element, tree):
            continue
        text = inscriptis.Inscriptis(element, _CONFIG).get_text()
        quoted.append("\n".join(f"> {line}".rstrip() for line in text.splitlines()))
        _replace(element, f"@@quote-{len(quoted) - 1}@@")
    whole = str(inscriptis.Inscriptis(tree, _CONFIG).get_text())
    for index, text in enumerate(quoted):
        whole = whole.replace(f"@@quote-{index}@@", text)
    return whole


def _quote_elements(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """Outermost quotes first; what follows Outlook's divider is gathered into one."""
    for path in _REST_IS_QUOTED:
        for element in tree.xpath(path)[:1]:
            _gather(element)
    return [element for path in _QUOTES for element in tree.xpath(path)[:200]]


def _gather(start: lxml.html.HtmlElement) -> None:
    parent = start.getparent()
    if parent is None:
        return
    box = lxml.html.Element("blockquote")
    following = list(start.itersiblings())
    parent.replace(start, box)
    box.append(start)
    box.extend(following)


def _inside(element: lxml.html.HtmlElement, tree: lxml.html.HtmlElement) -> bool:
    top = element
    for parent in element.iterancestors():
        top = parent
    return top is tree


def _replace(element: lxml.html.HtmlElement, placeholder: str) -> None:
    parent = element.getparent()
    note = lxml.html.Element("div")
    note.text = placeholder
    note.tail, element.tail = element.tail, None
    parent.replace(element, note)


def _joined(leaves: Iterable[Leaf]) -> str:
    return "\n".join(_decoded(leaf.part) for leaf in leaves)


def _decoded(part: Message) -> str:
    data = payload(part)[:MAX_TEXT]
    for charset in (_charset(part), "utf-8"):
        try:
            return _lines(data.decode(charset))
        except (UnicodeError, LookupError, ValueError):
            continue
    return _lines(data.decode("cp1252", "replace"))


def _charset(part: Message) -> str:
    claimed = headers.parameter(part, "charset") or "utf-8"
    try:
        name = codecs.lookup(claimed).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("-", "_") in {c.replace("-", "_") for c in _ODD_CODECS} else name


def payload(part: Message) -> bytes:
    """The decoded bytes of a part; b"" when there are none that can be decoded."""
    try:
        data = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 -- broken transfer encodings raise many things
        return b""
    return data if isinstance(data, bytes) else b""


def _lines(text: str) -> str:
    # UTF-7 can smuggle in halves of surrogate pairs, which no text that is stored or sent may hold.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _bounded(text: str) -> tuple[str, list[str]]:
    if len(text) <= MAX_TEXT:
        return text, []
    return text[:MAX_TEXT], ["The mail's text is longer than 1 MB; the rest was not read."]
