"""Reads a YAML file into plain values and remembers where each key and value stands.

Stricter than YAML where YAML guesses: `yes`, `NO`, `0123`, `1:30` and dates stay text, a number with a point
is a Decimal (never a binary float), a key may stand once, and aliases are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

import yaml

Location: TypeAlias = tuple[str | int, ...]

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_QUOTED = re.compile(r"'[^']{2,}'")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault at one place. Line and column count from 1; `key` is dotted ("mail.imap.port")."""

    line: int
    column: int
    key: str
    sentence: str


@dataclass(kw_only=True)
class Places:
    """What a YAML file says, and where each value and each key stands."""

    values: object = None
    problems: list[Problem] = field(default_factory=list)
    _values: dict[Location, yaml.Mark] = field(default_factory=dict)
    _keys: dict[Location, yaml.Mark] = field(default_factory=dict)
    # A node met a second time came through an alias, which may even point back into itself.
    _seen: set[int] = field(default_factory=set)

    def problem(self, location: Location, sentence: str, *, at_key: bool = False) -> Problem:
        """A problem at `location`; where nothing stands there, at the nearest thing above it."""
        near = location
        while near and near not in self._values and near not in self._keys:
            near = near[:-1]
        key, value = self._keys.get(near), self._values.get(near)
        mark = (key or value) if at_key or near != location else (value or key)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Problem(line=line, column=column, key=dotted(location), sentence=sentence)

    def read(self, node: yaml.Node, location: Location) -> object:
        """The value of `node`, which stands at `location`; faults go to `problems`."""
        if id(node) in self._seen:
            self.problems.append(self.problem(location, "aliases (*name) are not used here; write it out"))
            return None
        self._seen.add(id(node))
        self._values[location] = node.start_mark
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, location)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*location, number)) for number, item in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            place = (*location, key)
            if place in self._keys:
                first = self._keys[place].line + 1
                mark = key_node.start_mark
                self.problems.append(
                    Problem(
                        line=mark.line + 1,
                        column=mark.column + 1,
                        key=dotted(place),
                        sentence=f"this key stands twice; the first is on line {first}",
                    )
                )
                continue
            self._keys[place] = key_node.start_mark
            value = self.read(value_node, place)
            # A key with nothing after it counts as not given: its default holds.
            if value is not None:
                values[key] = value
        return values


def read_places(text: str) -> Places:
    """Reads the whole YAML `text`. Bad YAML becomes one problem at the place where the reader stopped."""
    places = Places()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as fault:
        places.problems.append(_not_yaml(fault))
        return places
    places.values = {} if node is None else places.read(node, ())
    if not places.problems and not isinstance(places.values, dict):
        places.problems.append(Problem(line=1, column=1, key="", sentence="this is not a list of keys"))
    return places


def dotted(location: Location) -> str:
    """("mail", "imap", "port") as "mail.imap.port"."""
    return ".".join(str(part) for part in location)


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    if not plain:
        return text
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return Decimal(text)
    return None if text in ("", "~", "null") else text


def _not_yaml(fault: Exception) -> Problem:
    mark = getattr(fault, "problem_mark", None)
    # Only the reader's own words: what it quotes from the file may be a secret.
    reason = _QUOTED.sub("something", str(getattr(fault, "problem", None) or "it cannot be read"))
    sentence = f"this is not YAML: {reason}"
    if mark is None:
        return Problem(line=1, column=1, key="", sentence=sentence)
    return Problem(line=mark.line + 1, column=mark.column + 1, key="", sentence=sentence)
