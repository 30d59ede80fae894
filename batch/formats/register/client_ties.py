"""Checks of amounts between rows about the client."""

from __future__ import annotations

from decimal import Decimal

from batch.core.money import ZERO, plain
from batch.formats.register.opening_limits import amount_of, held, line_limits
from batch.formats.register.reading import Reading

_WHOLE = Decimal(100)


def check_shares(reading: Reading) -> None:
    """The rows of one cost code add up to exactly 100 %; or are all 0 %, which takes the mapping back."""
    for project, code in sorted({key[:2] for key in reading.rows["cost_code_map"]}, key=str):
        percents = [
            values["percent"]
            for key, values in reading.all("cost_code_map", project)
            if key[1] == code and isinstance(values["percent"], Decimal)
        ]
        together = sum(percents, ZERO)
        if together not in (ZERO, _WHOLE):
            sentence = (
                f"Cost code {code} goes to its client lines by {together:f} % in all, and must by exactly 100 %;"
                " a line that takes nothing any more gets 0%."
            )
            for key in [key for key in reading.rows["cost_code_map"] if key[:2] == (project, code)]:
                reading.refuse("cost_code_map", key, "percent", sentence, "100% in all rows of the cost code")


_OPENING = ("client_opening", "client_opening_line")


def check_client_openings(reading: Reading) -> None:
    """Where a client contract stood must tie, line by line and in all; else none of it is taken."""
    for project in sorted({key[0] for sheet in _OPENING for key in reading.rows[sheet]}, key=str):
        if any(row.sheet in _OPENING and row.key[:1] == (project,) for row in reading.faulty):
            continue
        before = len(reading.problems)
        _check_lines(reading, project)
        _check_total(reading, project)
        if len(reading.problems) > before:
            reason = f"The client opening of {project} does not tie: {reading.problems[before].sentence}"
            for sheet in _OPENING:
                for key in [key for key in reading.rows[sheet] if key[0] == project]:
                    reading.drop(sheet, key, reason)


def _shown(amount: Decimal, reading: Reading, project: object) -> str:
    return plain(amount, str(reading.value("client_contract", (project,), "currency") or "USD"))


def _check_lines(reading: Reading, project: object) -> None:
    for key, row in reading.rows["client_opening_line"].items():
        line = reading.values("client_line", key)
        if key[0] != project or line is None:
            continue
        value = amount_of(line, "scheduled_value")
        mirror = -1 if value < 0 else 1
        for name, ceiling, sentence in line_limits(row.values, value):
            found = amount_of(row.values, name)
            if not 0 <= found * mirror <= ceiling * mirror:
                most, over = (_shown(amount, reading, project) for amount in (ceiling, found - ceiling))
                text = f"Line {key[1]}: {sentence} {most}; difference {over}."
                reading.note(row, name, text, expected=f"from 0 to {most}")


def _check_total(reading: Reading, project: object) -> None:
    header = reading.values("client_opening", (project,))
    lines = [line for _, line in reading.all("client_opening_line", project)]
    own = [row for sheet in _OPENING for key, row in reading.rows[sheet].items() if key[0] == project]
    if header is None or not lines:
        other = "Client opening" if header is None else "Client opening lines"
        sentence = f"The client opening of {project} has no row on the sheet {other}."
        reading.note(own[0], "project", sentence)
        return
    earned = sum((amount_of(line, "work") + amount_of(line, "stored") - held(line) for line in lines), ZERO)
    certified = amount_of(header, "certified")
    if certified != earned:
        shown = [_shown(value, reading, project) for value in (certified, earned, certified - earned)]
        sentence = (
            f"Certified to date is {shown[0]}, but work and stored less retainage held is {shown[1]}; "
            f"difference {shown[2]}."
        )
        reading.note(own[0], "certified", sentence, expected=shown[1])
