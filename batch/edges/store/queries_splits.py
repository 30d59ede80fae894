"""Reads of how cost codes are split between client lines: as the register says, and as it was billed."""

from __future__ import annotations

from sqlalchemy import Connection, select

from batch.core.money import from_minor, from_ppm
from batch.core.splitting import Piece, Share
from batch.core.states import BILLED_STATES
from batch.edges.store import tables as t


def shares(conn: Connection, project_id: int) -> dict[str, list[Share]]:
    """The client lines of each mapped cost code with their percentages, as the register has them; never 0 %."""
    m = t.cost_code_map.c
    query = select(t.cost_code_map).where(m.project_id == project_id, m.percent_ppm > 0)
    found: dict[str, list[Share]] = {}
    for row in conn.execute(query.order_by(m.cost_code, m.client_line_key)).mappings():
        share = Share(line=row["client_line_key"], percent=from_ppm(row["percent_ppm"]))
        found.setdefault(row["cost_code"], []).append(share)
    return found


def billed(conn: Connection, project_id: int, currency: str) -> dict[str, list[list[Piece]]]:
    """What was billed of each cost code, by issued client application, the first one first."""
    u, s = t.upstream.c, t.upstream_source.c
    query = (
        select(t.upstream_source, u.number)
        .join(t.upstream, u.id == s.upstream_id)
        .where(u.project_id == project_id, u.state.in_(BILLED_STATES), s.client_line_key.isnot(None))
        .order_by(u.number, s.id)
    )
    found: dict[str, dict[int, list[Piece]]] = {}
    for row in conn.execute(query).mappings():
        piece = Piece(
            line=row["client_line_key"],
            percent=None if row["share_ppm"] is None else from_ppm(row["share_ppm"]),
            work=from_minor(row["work_minor"], currency),
            stored=from_minor(row["stored_minor"], currency),
        )
        found.setdefault(row["cost_code"], {}).setdefault(row["number"], []).append(piece)
    return {code: list(by_number.values()) for code, by_number in found.items()}
