"""Turns what pydantic found in the configuration into lines that a person can act on."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from batch.config_places import Location, Places, Problem

# Below these keys nothing of what was written is repeated: it may be a secret in the wrong place.
_SILENT = frozenset({"password", "client_secret"})
# Names of the kinds of a choice; pydantic puts them into its locations, but nobody wrote them.
_TAGS = frozenset({"smtp-server", "smtp-folder", "oauth-microsoft", "oauth-google"})

_Sentence: TypeAlias = Callable[[Mapping[str, Any]], str]

_SENTENCES: dict[str, _Sentence] = {
    "missing": lambda _: "this key is needed",
    "int_type": lambda _: "write a whole number",
    "string_type": lambda _: "write text; what could be a number goes in quotes",
    "bool_type": lambda _: "write true or false",
    "path_type": lambda _: "write a path",
    "model_type": lambda _: "write the keys of this part below it",
    "literal_error": lambda limits: f"write {limits['expected']}",
    "greater_than_equal": lambda limits: f"write {limits['ge']} or more",
    "less_than_equal": lambda limits: f"write {limits['le']} or less",
    "value_error": lambda limits: str(limits["error"]),
}
# Kinds of fault whose value is a whole part of the file, or is not there at all.
_NOTHING_TO_SHOW = frozenset({"missing", "model_type", "extra_forbidden"})


def lines_of(path: Path, places: Places, faults: ValidationError | None, model: type[BaseModel]) -> list[str]:
    """One line a fault, in the order of the file: `file:line:column: key: sentence (got ...)`."""
    details = faults.errors(include_url=False) if faults else []
    problems = [*places.problems, *(_problem(places, fault, model) for fault in details)]
    problems.sort(key=lambda problem: (problem.line, problem.column, problem.key))
    return [_line(path, problem) for problem in problems]


def _line(path: Path, problem: Problem) -> str:
    key = f"{problem.key}: " if problem.key else ""
    return f"{path}:{problem.line}:{problem.column}: {key}{problem.sentence}"


def _problem(places: Places, fault: ErrorDetails, model: type[BaseModel]) -> Problem:
    location: Location = tuple(part for part in fault["loc"] if part not in _TAGS)
    if fault["type"] == "extra_forbidden":
        return places.problem(location, _unknown_key(location, model), at_key=True)
    ours = _SENTENCES.get(fault["type"])
    sentence = ours(fault.get("ctx", {})) if ours else fault["msg"]
    return places.problem(location, sentence + _got(location, fault), at_key=fault["type"] == "missing")


def _got(location: Location, fault: ErrorDetails) -> str:
    value = fault["input"]
    is_silent = fault["type"] in _NOTHING_TO_SHOW or value is None or isinstance(value, dict | list)
    if is_silent or not _SILENT.isdisjoint(location):
        return ""
    # As it was written: only text has quotes.
    return f" (got {value!r})" if isinstance(value, str) else f" (got {str(value).lower()})"


def _unknown_key(location: Location, model: type[BaseModel]) -> str:
    known = keys_at(model, location[:-1])
    name = str(location[-1])
    if name in known:
        return "this key does not go together with the others here"
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"here go {_list(known)}"
    return f"there is no such key; {hint}"


def _list(words: list[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that may stand below `location`, in the models' order; of a choice, the keys of each kind."""
    found = [model]
    for part in location:
        fields = (each.model_fields.get(str(part)) for each in found)
        found = [below for field in fields if field for below in models_in(field.annotation)]
    return list(dict.fromkeys(key for each in found for key in each.model_fields))


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that a field's annotation allows: one, the kinds of a choice, or none for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in models_in(part)]
