"""What a client application is written from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from batch.core.change_orders import NO_CHANGES, ChangeOrderBox
from batch.core.model import PendingChangeOrder
from batch.core.money import ZERO
from batch.core.tax import Taxed
from batch.core.upstream import UpstreamResult


@dataclass(frozen=True, kw_only=True)
class ClientSource:
    """One approved application that went in. `sha256` is the hash of the document it was approved on; `gross`
    its movement, in the client contract's currency. `exchange`: the rate it was converted at, '' where none was.
    """

    application: str
    commitment: str
    vendor_name: str
    revision: int
    state: str
    gross: Decimal
    sha256: str
    exchange: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A claim that did not go in, because it is not approved. `gross` is None where its amounts could not be read."""

    application: str
    commitment: str
    vendor_name: str
    state: str
    gross: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ClientApplicationContent:
    """Everything in one client application. `contract` is the number of the client contract, '' when it has
    none; `uncertified`: of what was billed before, what the client has not answered.
    """

    project: str
    project_name: str
    company: str
    client: str
    contract: str
    application_number: int
    period_from: date
    period_to: date
    result: UpstreamResult
    sources: tuple[ClientSource, ...]
    box: ChangeOrderBox = NO_CHANGES
    pending: tuple[PendingChangeOrder, ...] = ()
    taxed: Taxed | None = None
    left_out: tuple[LeftOut, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    uncertified: Decimal = ZERO
