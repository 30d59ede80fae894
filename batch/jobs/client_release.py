"""Retainage that an admin asks back from the client with a period's client application."""

from __future__ import annotations

from datetime import datetime

from batch import jsonlog
from batch.core.client_release import IN_TOTAL
from batch.core.money import MoneyError, amount, number, to_minor
from batch.core.states import BILLED_STATES
from batch.edges.store import queries_client, queries_register, queries_upstream, tables
from batch.edges.store.events import insert_with_event, project_chain, update_with_event
from batch.edges.store.rows import Connection, RowMapping
from batch.jobs.workplace import Workplace


class ReleaseRefused(Exception):
    """Nothing can be asked back so. The text says why."""


def ask_release(
    w: Workplace,
    project: RowMapping,
    period: RowMapping,
    line_key: str,
    said: str | None,
    admin: RowMapping,
    now: datetime,
) -> None:
    """Ask retainage back in the client application of a period: on one line, or in total for a `line_key` of ''.

    `said` is an amount in the contract's currency, None all that is held. Asking again replaces what was asked before;
    an amount of 0 takes it back. Nothing counts before the client application is issued. Raises ReleaseRefused.
    """
    with w.store.read() as conn:
        currency = _currency(conn, project, period, line_key)
        there = queries_upstream.release(conn, period["id"], line_key)
    value = None if said is None else _minor(said, currency)
    chain, actor = project_chain(project["id"]), ("admin", admin["id"])
    key = {"project_id": project["id"], "period_id": period["id"], "line_key": line_key, "currency": currency}
    with w.store.write() as conn:
        if there is None:
            insert_with_event(
                conn,
                tables.client_release,
                {**key, "amount_minor": value},
                chain=chain,
                at=now,
                what="upstream-release-asked",
                actor=actor,
            )
        else:
            update_with_event(
                conn,
                tables.client_release,
                there["id"],
                {"amount_minor": value},
                chain=chain,
                at=now,
                what="upstream-release-asked",
                actor=actor,
                expect={"revision": there["revision"]},
            )
    jsonlog.info("client-release-asked", project=project["id"], period=period["id"])


def _currency(conn: Connection, project: RowMapping, period: RowMapping, line_key: str) -> str:
    contract = queries_register.client_contract(conn, project["id"])
    if contract is None:
        raise ReleaseRefused(f"project {project['number']} has no client contract in the register")
    there = queries_upstream.of_period(conn, period["id"])
    if there is not None and there["state"] in BILLED_STATES:
        raise ReleaseRefused(
            f"the client application of this period was issued already, as number {there['number']}"
        )
    currency = str(contract["currency"])
    lines = queries_client.lines(conn, contract["id"], currency, period["end_on"])
    if line_key != IN_TOTAL and line_key not in {line.key for line in lines}:
        raise ReleaseRefused(f"the client contract has no line {line_key} in this period")
    return currency


def _minor(said: str, currency: str) -> int:
    try:
        return to_minor(amount(number(said), currency), currency)
    except (MoneyError, ValueError) as fault:
        raise ReleaseRefused(f'"{said}" is not an amount in {currency}: {fault}') from None
