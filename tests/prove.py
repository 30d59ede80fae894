"""`./run prove`: random contracts over twelve periods, billed by the core and once more by the form's definitions.

Every figure must agree to the smallest unit of the currency (see `tests/proof/form.py` for what the terms leave open).
Prints each difference with the number of its contract; exit code 1 if there is any.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from rich.console import Console
from rich.progress import track

from tests.proof.compare import Difference, play
from tests.proof.contracts import PERIODS, contract

_AT_ONCE, _MOST_SHOWN = 250, 20


def differences(first: int, last: int) -> list[Difference]:
    """All differences of the contracts with the numbers from first up to, not including, last."""
    return [found for seed in range(first, last) for found in play(contract(seed))]


def prove(first: int, contracts: int, processes: int) -> Iterator[list[Difference]]:
    """The differences of so many contracts, some at a time."""
    starts = range(first, first + contracts, _AT_ONCE)
    ends = [min(start + _AT_ONCE, first + contracts) for start in starts]
    with ProcessPoolExecutor(processes) as pool:
        yield from track(
            pool.map(differences, starts, ends),
            "contracts",
            total=len(ends),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="./run prove", description=__doc__)
    parser.add_argument("--contracts", type=int, default=100_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="default: one a processor")
    words = parser.parse_args()
    began = time.monotonic()
    found = [each for part in prove(words.first, words.contracts, words.processes or 1) for each in part]
    for each in found[:_MOST_SHOWN]:
        print(
            f"contract {each.seed}, period {each.period}, {each.figure}: {each.by_form} by the form, {each.by_core} by us"
        )
    wrong = len({each.seed for each in found})
    seconds = time.monotonic() - began
    print(f"{words.contracts} contracts over {PERIODS} periods, {wrong} with differences, {seconds:.0f} s.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
