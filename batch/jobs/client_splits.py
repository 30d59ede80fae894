"""Which lines of the client contract take the cost of which cost code, and how it is split between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.core.model import ClientLine, CostLine
from batch.core.money import Rounding
from batch.core.splitting import HUNDRED, Share, so_far, split
from batch.edges.store import queries_splits
from batch.edges.store.rows import Connection, RowMapping


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """Costs, split where their cost code goes to several client lines, and the one line of every other mapped code."""

    costs: Sequence[CostLine]
    mapping: Mapping[str, str]


def mapped(
    conn: Connection,
    project: RowMapping,
    costs: Sequence[CostLine],
    lines: Sequence[ClientLine],
    currency: str,
) -> Mapped:
    """Costs and mapping as the register has them now. The shares stand in the order of the client's lines.

    Where a share's line does not count in this period, the whole cost code stays without a line: a part is never billed.
    """
    at = {line.key: number for number, line in enumerate(lines)}
    shares: dict[str, list[Share]] = {}
    mapping: dict[str, str] = {}
    for code, found in queries_splits.shares(conn, project["id"]).items():
        gone = [share.line for share in found if share.line not in at]
        if gone or found[0].percent == HUNDRED:
            mapping[code] = gone[0] if gone else found[0].line
        else:
            shares[code] = sorted(found, key=lambda share: at[share.line])
    billed = queries_splits.billed(conn, project["id"], currency)
    before = {code: so_far(billed.get(code, []), into) for code, into in shares.items()}
    made = split(costs, shares, before, currency, Rounding(project["rounding"]))
    return Mapped(costs=made, mapping=mapping)
