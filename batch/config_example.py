"""Writes `config/billings.example.yaml` and the table of `docs/configuration.md` from the models.

Every key is explained once, in `batch/config.py`. After a change there:

    python -m batch.config_example > config/billings.example.yaml
    python -m batch.config_example table        (between the two marks in docs/configuration.md)
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from batch.config import Config
from batch.config_faults import models_in
from batch.config_secret import Secret

_HEAD = """\
# progress-billings: what belongs to one machine. What belongs to a project is in the register workbook.
# Every key is here. One with # directly before it may be left out; its default or an example is shown.
# Relative paths begin at the folder of this file. A secret is never written here, only where it is found:
# {env: NAME} for an environment variable, {file: PATH} for a file that nobody else may read (chmod 600).

"""


def example_yaml() -> str:
    """The example file: every key, each under its explanation."""
    return _HEAD + "".join(f"{line}\n" for line in _model_lines(Config, is_whole=False))


def key_table() -> str:
    """Every key as a row of a Markdown table: key, default, what it is."""
    rows = [f"| `{key}` | {_table_default(field)} | {field.description} |" for key, field in all_keys(Config)]
    return "\n".join(["| key | default | what it is |", "| --- | --- | --- |", *rows]) + "\n"


def all_keys(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key that a file may hold, dotted ("mail.imap.port"), with its field; headings too."""
    for name, field in model.model_fields.items():
        yield above + name, field
        for below in _parts(field):
            yield from all_keys(below, f"{above}{name}.")


def _parts(field: FieldInfo) -> list[type[BaseModel]]:
    # A secret is one value: a reference, explained at its key.
    return [model for model in models_in(field.annotation) if model is not Secret]


def _model_lines(model: type[BaseModel], *, is_whole: bool) -> Iterator[str]:
    for name, field in model.model_fields.items():
        lines = [line for part in _shapes(name, field, is_whole=is_whole) for line in part]
        yield from ["", *lines] if _parts(field) else lines


def _shapes(name: str, field: FieldInfo, *, is_whole: bool) -> Iterator[list[str]]:
    yield textwrap.wrap(str(field.description), 100, initial_indent="# ", subsequent_indent="# ")
    parts = _parts(field)
    is_live = is_whole or _is_shown(field)
    if not parts:
        yield _live_or_not([f"{name}: {_example(field)}"], is_live=is_live)
    for number, part in enumerate(parts):
        if number:
            yield ["# or instead:"]
        # Only the first kind of a choice is live. What is not live is whole below its "#", ready to be taken.
        is_first = is_live and number == 0
        below = [f"  {line}" if line else "" for line in _model_lines(part, is_whole=not is_first)]
        yield _live_or_not([f"{name}:", *below], is_live=is_first)


def _live_or_not(lines: list[str], *, is_live: bool) -> list[str]:
    return lines if is_live else [f"#{line}" for line in lines]


def _is_shown(field: FieldInfo) -> bool:
    # Some may be left out, but with the others that are shown they are needed.
    extra = field.json_schema_extra
    return field.is_required() or (isinstance(extra, dict) and bool(extra.get("shown")))


def _example(field: FieldInfo) -> str:
    return str(field.examples[0]) if field.examples else _written(field.default)


def _table_default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    return "" if field.default is None or _parts(field) else f"`{_written(field.default)}`"


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    text = key_table() if sys.argv[1:] == ["table"] else example_yaml()
    sys.stdout.write(text)
