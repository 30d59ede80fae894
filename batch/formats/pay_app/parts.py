"""The parts of a workbook beside its sheets: the list of sheets, names, shared strings, number formats,
properties.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.formats.pay_app import xml
from batch.formats.pay_app.package import Package
from batch.formats.pay_app.sniff import refusal

MOST_SHEETS = 60
MOST_STRINGS = 100_000
LONGEST_TEXT = 32_767
# 9 and 10 are the built-in formats 0% and 0.00% (ECMA-376 part 1, 18.8.30).
_PERCENT_FORMATS = frozenset({9, 10})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


@dataclass(frozen=True, kw_only=True)
class SheetEntry:
    """One sheet in the order of its tabs: its name and the part it is stored in."""

    name: str
    part: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the workbook part says: sheets, the text of defined names, where strings and styles are."""

    sheets: tuple[SheetEntry, ...]
    names: Mapping[str, str]
    strings_part: str
    styles_part: str


@dataclass(frozen=True, kw_only=True)
class _Relation:
    key: str
    kind: str
    target: str


def read_contents(package: Package) -> Contents:
    """The sheets and names of a workbook. Raises RefusedError when it has no list of sheets."""
    part = _target(_relations(package, ""), "officeDocument", "xl/workbook.xml")
    content = package.read(part)
    if content is None:
        raise refusal("workbook-unreadable", "an archive that is not a workbook")
    relations = _relations(package, part)
    targets = {relation.key: relation.target for relation in relations}
    listed = _Contents()
    xml.parse(content, start=listed.start, end=listed.end, text=listed.text)
    sheets = (SheetEntry(name=name, part=targets.get(key, "")) for name, key in listed.sheets[:MOST_SHEETS])
    return Contents(
        sheets=tuple(sheet for sheet in sheets if sheet.part),
        names=listed.names,
        strings_part=_target(relations, "sharedStrings", "xl/sharedStrings.xml"),
        styles_part=_target(relations, "styles", "xl/styles.xml"),
    )


def read_strings(package: Package, part: str) -> Sequence[str]:
    """The shared strings, rich text joined, readings of East Asian text left out."""
    content = package.read(part)
    return [] if content is None else _Strings().read(content)


def read_percent_styles(package: Package, part: str) -> frozenset[int]:
    """The style numbers whose number format shows a percentage."""
    content = package.read(part)
    if content is None:
        return frozenset()
    styles = _Styles()
    xml.parse(content, start=styles.start, end=styles.end)
    return frozenset(
        style
        for style, number in enumerate(styles.formats)
        if shows_percent(number, styles.codes.get(number, ""))
    )


def shows_percent(number: int, code: str) -> bool:
    """Whether a number format shows a percentage: a built-in one by its number, another by its code."""
    return number in _PERCENT_FORMATS or "%" in _LITERAL.sub("", code)


def read_properties(package: Package) -> Mapping[str, str]:
    """The custom document properties by name."""
    content = package.read("docProps/custom.xml")
    found: dict[str, str] = {}
    current = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal current
        if tag == "property":
            current = attributes.get("name", "")

    def text(data: str) -> None:
        if current:
            found[current] = (found.get(current, "") + data)[:LONGEST_TEXT]

    if content is not None:
        xml.parse(content, start=start, text=text)
    return found


class _Contents:
    """Collects `<sheet>` and `<definedName>` of the workbook part."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.names: dict[str, str] = {}
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif tag == "definedName":
            self._name = attributes.get("name", "")

    def text(self, data: str) -> None:
        if self._name:
            self.names[self._name] = (self.names.get(self._name, "") + data)[:LONGEST_TEXT]

    def end(self, _tag: str) -> None:
        self._name = ""


class _Styles:
    """Collects the number format of every cell style."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.formats: list[int] = []
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self.codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            self.formats.append(_number(attributes.get("numFmtId")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False


class _Strings:
    """Collects `<si>` entries: text of `<t>` and of `<r><t>`, not of `<rPh>`."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._pieces: list[str] = []
        self._in_text = False
        self._in_reading = 0

    def read(self, content: bytes) -> Sequence[str]:
        xml.parse(content, start=self._start, end=self._end, text=self._text)
        return self._found

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self._pieces = []
        self._in_reading += tag == "rPh"
        self._in_text = tag == "t" and not self._in_reading

    def _text(self, data: str) -> None:
        if self._in_text:
            self._pieces.append(data)

    def _end(self, tag: str) -> None:
        self._in_text = False
        self._in_reading -= tag == "rPh"
        if tag == "si":
            if len(self._found) >= MOST_STRINGS:
                raise refusal("workbook-too-large", "too many texts", "a pay application")
            self._found.append("".join(self._pieces)[:LONGEST_TEXT])


def _relations(package: Package, part: str) -> Sequence[_Relation]:
    found: list[_Relation] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = _resolved(part, attributes.get("Target", ""))
            found.append(
                _Relation(key=attributes.get("Id", ""), kind=attributes.get("Type", ""), target=target)
            )

    content = package.read(_relations_part(part))
    if content is not None:
        xml.parse(content, start=start)
    return found


def _target(relations: Sequence[_Relation], kind: str, otherwise: str) -> str:
    return next((each.target for each in relations if each.kind.endswith(f"/{kind}")), otherwise)


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _resolved(part: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
