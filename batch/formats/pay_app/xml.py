"""XML parts read with expat, one event at a time, under our own limits. Namespaces and prefixes are ignored.

A document type declaration is refused: it can define entities, and no workbook has one.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from batch.formats.pay_app.sniff import refusal

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]
_DEEPEST = 100
_MOST_ELEMENTS = 1_000_000


def parse(content: bytes, *, start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Call the handlers with local names, without prefix. Raises RefusedError on a DOCTYPE and on what is no
    XML.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = count = 0

    def starts(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > _DEEPEST:
            raise refusal("workbook-hostile", "markup nested without end", "an ordinary workbook")
        if count > _MOST_ELEMENTS:
            raise refusal("workbook-too-large", "more cells than a pay application has", "a pay application")
        start(local(name), {local(key): value for key, value in attributes.items()})

    def ends(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(local(name))

    parser.StartElementHandler = starts
    parser.EndElementHandler = ends
    if text:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as problem:
        raise refusal("workbook-unreadable", f"a damaged file ({problem})") from None


def local(name: str) -> str:
    """The name without its prefix: `x:row` is `row`."""
    return name.rpartition(":")[2]


def _refuse_doctype(*_arguments: object) -> None:
    raise refusal("workbook-hostile", "a document type declaration", "an ordinary workbook")
