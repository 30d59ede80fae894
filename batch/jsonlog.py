"""The log: one JSON object a line on stderr, each with an `action` that never changes its meaning, and ids.

At INFO and above no name, address or amount is written: a value that could hold one is left out. Such a line
may carry whole numbers (ids, counts), a yes or no, and single words (a state, a code, a file name).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

LEFT_OUT = "(left out)"

_LOGGER = logging.getLogger("billings")
_WORD = re.compile(r"[\w.:/+=#-]{1,200}", re.ASCII)
# The one key that may hold a sentence, of WARNING and above: what an exception said, its addresses masked.
_ERROR = "error"
_ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


def configure(*, debug: bool = False, stream: TextIO | None = None) -> None:
    """Sends every record of this process, of libraries too, to `stream` (stderr) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    _LOGGER.setLevel(logging.DEBUG if debug else logging.INFO)


def debug(action: str, **facts: object) -> None:
    """For a developer: any facts. Off unless `configure(debug=True)`."""
    _LOGGER.debug(action, extra={"facts": facts})


def info(action: str, **ids: object) -> None:
    """What was done: `info("invite-queued", invite=12, period=3)`."""
    _LOGGER.info(action, extra={"facts": ids})


def warning(action: str, **ids: object) -> None:
    """What an operator should look at some day. `error=str(exception)` may hold a sentence."""
    _LOGGER.warning(action, extra={"facts": ids})


def error(action: str, **ids: object) -> None:
    """What an operator has to look at. `error=str(exception)` may hold a sentence."""
    _LOGGER.error(action, extra={"facts": ids})


class JsonLines(logging.Formatter):
    """Turns a record into one line of JSON: time (UTC), level, action, then the facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end. A library's record gets the action `library` and its logger's name."""
        facts = getattr(record, "facts", None)
        if facts is None:
            facts = {"logger": record.name, _ERROR: self._library_text(record)}
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "action": record.getMessage() if record.name == _LOGGER.name else "library",
        }
        line.update((key, _fact(key, value, record.levelno)) for key, value in facts.items())
        return json.dumps(line, ensure_ascii=False, default=str)

    def _library_text(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _fact(key: str, value: object, level: int) -> object:
    if level < logging.INFO or value is None or isinstance(value, bool | int):
        return value
    if key == _ERROR and level >= logging.WARNING:
        return _ADDRESS.sub("(address)", str(value))
    if isinstance(value, list | tuple):
        return [_fact(key, item, level) for item in value]
    return value if isinstance(value, str) and _WORD.fullmatch(value) else LEFT_OUT
