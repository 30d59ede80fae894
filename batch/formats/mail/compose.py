"""Values and templates in, the bytes of one mail out. The same arguments give the same bytes."""

import hashlib
import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import quote

import css_inline
from jinja2 import BytecodeCache, FunctionLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment

from batch.formats.mail.envelope import POLICY, Envelope, HeaderRefused, addressed
from batch.formats.mail.headers import visible
from batch.formats.mail.kinds import CHOICES, CONTEXT, COUNTS, FLAGS, LISTS, TERMS
from batch.formats.mail.quoted import MARKER
from batch.formats.mail.tokens import subject_tag

TEXT_WIDTH = 74

_WIDE = re.compile(r"[^\x20-\x7e]")
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

__all__ = ["Attachment", "ContextRefused", "Envelope", "HeaderRefused", "compose"]


class ContextRefused(ValueError):
    """The values given for a mail are not the ones its kind needs (see `kinds.CONTEXT`)."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a mail; `content_type` is "type/subtype"."""

    name: str
    content_type: str
    data: bytes


def compose(
    kind: str,
    context: Mapping[str, object],
    *,
    terms: Mapping[str, str],
    load: Callable[[str], str],
    headers: Envelope,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """Render one mail of a kind in `kinds.CONTEXT`: text and HTML alternatives, then the attachments.

    `load` gives the text of a template by its name in templates/email ("invite.txt.j2"); `terms` are the
    words of the reader's country. Raises ContextRefused for a missing or unknown name, HeaderRefused for a
    line break in a header value, jinja2.TemplateError for a template that does not fit.
    """
    _check(kind, context, terms)
    environment = _environment(load)
    values = {**context, "terms": terms, "envelope": headers, "marker": _marker(headers)}
    text_template = environment.get_template(f"{kind}.txt.j2")
    subject = _subject(text_template, values, headers)
    text = _tidy(text_template.render(values, part="text"))
    values["subject"] = subject
    html = _INLINER.inline(environment.get_template(f"{kind}.html.j2").render(values))
    message = addressed(headers, subject)
    _fill(message, text, html, attachments)
    _set_boundaries(message, headers.boundary_seed)
    return message.as_bytes(policy=POLICY)


def _check(kind: str, context: Mapping[str, object], terms: Mapping[str, str]) -> None:
    if kind not in CONTEXT:
        raise ContextRefused(f"there is no mail of the kind {kind!r}")
    faults = [
        *_differences(f"{kind}:", context, CONTEXT[kind]),
        *_differences("terms:", terms, TERMS),
        *(
            fault
            for name in CONTEXT[kind]
            if name in context
            for fault in _value_faults(kind, name, context[name])
        ),
    ]
    if faults:
        raise ContextRefused("; ".join(faults))


def _differences(where: str, given: Mapping[str, object], wanted: Sequence[str]) -> list[str]:
    missing = [f"{where} {name} is missing" for name in wanted if name not in given]
    return missing + [f"{where} {name} is not known" for name in given if name not in wanted]


def _value_faults(kind: str, name: str, value: object) -> list[str]:
    where = f"{kind}: {name}"
    if (kind, name) in LISTS:
        return _list_faults(where, value, LISTS[kind, name])
    if (kind, name) in CHOICES and value not in CHOICES[kind, name]:
        return [f"{where} must be one of {', '.join(CHOICES[kind, name])}, not {value!r}"]
    wanted = bool if (kind, name) in FLAGS else int if (kind, name) in COUNTS else str
    return [] if type(value) is wanted else [f"{where} must be {wanted.__name__}, not {type(value).__name__}"]


def _list_faults(where: str, value: object, keys: Sequence[str]) -> list[str]:
    if not isinstance(value, list | tuple):
        return [f"{where} must be a list"]
    if not keys:
        return [] if all(isinstance(one, str) for one in value) else [f"{where} must hold texts"]
    if not all(isinstance(row, Mapping) for row in value):
        return [f"{where} must hold mappings"]
    return [
        fault for index, row in enumerate(value) for fault in _differences(f"{where}[{index}]", row, keys)
    ]


class _InMemory(BytecodeCache):
    """Compiled templates by name and source, so that each is compiled once; a changed one is another source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled before, if anything."""
        if found := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _InMemory()


def _environment(load: Callable[[str], str]) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        bytecode_cache=_COMPILED,
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and str(name).endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fill"] = _filled
    environment.filters["sentence"] = _sentence
    environment.globals["pair"] = _pair
    environment.globals["fact"] = _fact
    environment.globals["mailto"] = _mailto
    return environment


def _marker(headers: Envelope) -> str:
    return f"{MARKER} (ref PB-{headers.token})" if headers.token else MARKER


def _subject(template: Template, values: Mapping[str, object], headers: Envelope) -> str:
    # One line, whatever the names in it hold: a line break in a project's name must not stop its invites.
    text = visible(template.render(values, part="subject"))
    return f"{text} {subject_tag(headers.token)}" if headers.token else text


def _filled(text: str, indent: int = 0, hang: int = 0) -> str:
    """Wrap prose to the width of a mail; `hang` indents every line but the first."""
    first, rest = " " * indent, " " * (indent + hang)
    paragraphs = (
        textwrap.fill(
            " ".join(part.split()),
            TEXT_WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            break_on_hyphens=False,
        )
        for part in text.splitlines()
        if part.strip()
    )
    return "\n".join(paragraphs)


def _sentence(text: str) -> str:
    """The first letter large, the rest as it is (`capitalize` would make the rest small)."""
    return text[:1].upper() + text[1:]


def _pair(label: str, amount: str, width: int = 60) -> str:
    """A label and an amount at the right edge; the label is cut short rather than the amount moved."""
    room = width - len(amount) - 2
    shown = label if len(label) <= room else label[: max(room - 3, 1)] + "..."
    return f"  {shown}{' ' * max(width - len(shown) - len(amount), 1)}{amount}"


def _fact(label: str, value: object) -> str:
    """A label and its value in two columns; a long value goes on below itself."""
    lead = f"  {label + ':':<20}"
    return textwrap.fill(
        " ".join(str(value).split()),
        TEXT_WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_on_hyphens=False,
    )


def _mailto(address: str, subject: str, body: str) -> str:
    """A mailto link (RFC 6068): everything percent-encoded, lines ended with CR LF."""
    lines = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"


def _tidy(text: str) -> str:
    """No spaces at line ends, never two blank lines together, one line break at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _fill(message: EmailMessage, text: str, html: str, attachments: Sequence[Attachment]) -> None:
    message.set_content(text, cte="quoted-printable" if _WIDE.search(text.replace("\n", "")) else "7bit")
    # Quoted-printable, since some filters look askance at a page hidden in base64.
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for one in attachments:
        maintype, _, subtype = one.content_type.partition("/")
        message.add_attachment(
            one.data,
            maintype=maintype,
            subtype=subtype,
            filename=one.name,
            params={"name": _plain_name(one.name)},
        )


def _plain_name(name: str) -> str:
    """The name in ASCII, for programs that do not read RFC 2231."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return plain.replace('"', "").replace("\\", "") or "attachment"


def _set_boundaries(message: EmailMessage, seed: str) -> None:
    for index, part in enumerate(one for one in message.walk() if one.is_multipart()):
        digest = hashlib.sha256(f"{seed}/{index}".encode()).hexdigest()[:24]
        # "=_" is in neither quoted-printable nor base64, so no line of a body is a boundary (RFC 2045 6.7).
        part.set_boundary(f"=_pb_{digest}")
