"""A tree of figures as lines for a person, and as plain values for JSON. Evidence is numbered and listed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from batch.core.money import plain, shown
from batch.core.why import Counts, Evidence, Why, all_evidence, faults, summands

#: A tree of more lines than this is cut at the depth that fits; `--all` shows the rest.
FITS = 60


def numbered(root: Why) -> dict[Evidence, int]:
    """Each thing that a tree rests on, numbered in the order of its first mention."""
    found = dict.fromkeys(all_evidence(root))
    return {one: number for number, one in enumerate(found, 1)}


def text(root: Why, currency: str, *, everything: bool = False) -> list[str]:
    """The tree as lines: a sign, the amount, what it is and how it was made; then the evidence it names.

    A long tree is cut: a line that is cut names everything that stands below it.
    """
    notes = numbered(root)
    depth = 99 if everything else _depth(root)
    body = list(_lines(root, currency, notes, depth, 0))
    used = sorted({number for _line, numbers in body for number in numbers})
    lines = [line for line, _numbers in body]
    if depth < _height(root):
        lines.append("(cut to be short: --all shows the parts of every part)")
    by_number = {number: one for one, number in notes.items()}
    lines += ["", *(_note(number, by_number[number]) for number in used)] if used else []
    wrong = list(faults(root))
    return [*lines, "", *(f"DOES NOT TIE: {one}" for one in wrong)] if wrong else lines


def _note(number: int, one: Evidence) -> str:
    return f"[{number}] {one.text}" + (f"; original {one.sha256}" if one.sha256 else "")


def _height(node: Why) -> int:
    return 1 + max((_height(part) for part in node.parts), default=-1)


def _size(node: Why, depth: int, level: int = 0) -> int:
    below = (_size(part, depth - 1, level + 1) for part in _shown(node, level))
    return 1 + (sum(below) if depth > 0 else 0)


def _shown(node: Why, level: int) -> list[Why]:
    """The parts that a person is shown: below the first level those that are nothing only lengthen the answer."""
    return [part for part in node.parts if level == 0 or part.faults or part.amount is None or _moves(part)]


def _moves(node: Why) -> bool:
    return bool(node.amount) or any(_moves(part) for part in node.parts)


def _depth(root: Why) -> int:
    height = _height(root)
    return next((depth for depth in range(height, 1, -1) if _size(root, depth) <= FITS), min(height, 1))


def _lines(
    node: Why, currency: str, notes: Mapping[Evidence, int], depth: int, level: int
) -> Iterator[tuple[str, list[int]]]:
    below = all_evidence(node) if depth <= 0 else node.evidence
    numbers = sorted({notes[one] for one in below})
    yield _line(node, currency, numbers, level), numbers
    if depth > 0:
        for part in _shown(node, level):
            yield from _lines(part, currency, notes, depth - 1, level + 1)


def _line(node: Why, currency: str, numbers: Iterable[int], level: int) -> str:
    mark, amount = _signed(node, currency) if level else ("", _amount(node.amount, currency))
    how = f": {node.how}" if node.how else ""
    refs = "".join(f" [{number}]" for number in numbers)
    front = f"{mark}{amount}  " if amount else mark
    return f"{'    ' * level}{front}{node.what}{how}{refs}".rstrip()


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else shown(amount, currency)


def _signed(node: Why, currency: str) -> tuple[str, str]:
    """The sign that a part has in the sum above it, and its amount without one."""
    if node.counts is Counts.TOLD or node.amount is None:
        return "· ", _amount(node.amount, currency)
    off = (node.counts is Counts.TAKES_OFF) != (node.amount < 0)
    return "- " if off else "+ ", _amount(abs(node.amount), currency)


def facts(root: Why, currency: str) -> dict[str, Any]:
    """The tree as plain values: amounts as text, evidence by number."""
    notes = numbered(root)
    return {
        "adds_up": not list(faults(root)),
        "faults": list(faults(root)),
        "tree": _node(root, currency, notes),
        "evidence": {
            str(number): {"kind": one.kind.value, "text": one.text, "sha256": one.sha256}
            for one, number in notes.items()
        },
    }


def _node(node: Why, currency: str, notes: Mapping[Evidence, int]) -> dict[str, Any]:
    return {
        "what": node.what,
        "amount": _plain(node.amount, currency),
        "how": node.how,
        "counts": node.counts.value,
        "sum_of_parts": _plain(sum(summands(node), Decimal(0)), currency) if summands(node) else None,
        "evidence": [notes[one] for one in node.evidence],
        "parts": [_node(part, currency, notes) for part in node.parts],
    }


def _plain(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else plain(amount, currency)
