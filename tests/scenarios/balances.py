"""The balances of a pay application out of `show --json`, added up again here from its lines and not by our own code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

#: The nine lines of the summary as the trade numbers them, and the key each has in JSON.
FORM = {
    "L1": "original_contract_sum",
    "L2": "net_change_orders",
    "L3": "contract_sum_to_date",
    "L4": "total_completed_and_stored",
    "L5a": "retainage_work",
    "L5b": "retainage_stored",
    "L5": "retainage_total",
    "L6": "total_earned_less_retainage",
    "L7": "previous_certificates",
    "L8": "current_payment_due",
    "L9": "balance_to_finish",
    "gross": "gross_this_period",
    "payable": "payable",
}
#: A summary line named with its amount: "L8 18,850.00".
_NAMED = re.compile(r"(L\d[ab]?|gross|payable) (-?[\d,]+(?:\.\d+)?)")


def form(found: Mapping[str, Any], expected: str) -> None:
    """The summary shows these lines ("L4 60,500.00, L5 5,650.00, ..."), and everything else of it follows from its lines.

    `found` is an application as `show --json` gives it. At least L4, L5, L6, L7, L8 and L9 have to be named.
    """
    said = {name: amount.replace(",", "") for name, amount in _NAMED.findall(expected)}
    assert {"L4", "L5", "L6", "L7", "L8", "L9"} <= set(said), "a story names every balance"
    got = {name: found["summary"][FORM[name]] for name in said}
    assert got == said
    _follows(found["summary"], found["lines"])


def column(found: Mapping[str, Any], name: str) -> list[str]:
    """One column of the lines, from the first line to the last."""
    return [line[name] for line in found["lines"]]


def _follows(summary: Mapping[str, str], lines: Sequence[Mapping[str, Any]]) -> None:
    s = {name: Decimal(summary[key]) for name, key in FORM.items() if key in summary}
    assert s["L3"] == s["L1"] + s["L2"] == _sum(lines, "scheduled_value")
    original = [line for line in lines if not line["change_order"]]
    changed = sum((_sum(line["changes"], "amount") for line in original), Decimal(0))
    assert s["L1"] == _sum(original, "scheduled_value") - changed
    assert s["L4"] == _sum(lines, "completed_and_stored")
    assert s["L5"] == s["L5a"] + s["L5b"] == _sum(lines, "retainage_held")
    assert s["L6"] == s["L4"] - s["L5"]
    assert s["L8"] == s["L6"] - s["L7"]
    assert s["L9"] == s["L3"] - s["L6"] == _sum(lines, "balance_to_finish") + s["L5"]
    for line in lines:
        in_place = Decimal(line["work_previous"]) + Decimal(line["work_this_period"])
        assert Decimal(line["completed_and_stored"]) == in_place + Decimal(line["materials_stored"])
        left = Decimal(line["scheduled_value"]) - Decimal(line["completed_and_stored"])
        assert Decimal(line["balance_to_finish"]) == left


def follows_on(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> None:
    """The later application starts where the earlier one ended: D = D + E, L7 = L6, held moves by withheld less released."""
    assert later["summary"]["previous_certificates"] == earlier["summary"]["total_earned_less_retainage"]
    before = {line["line"]: line for line in earlier["lines"]}
    stored = _sum(later["lines"], "materials_stored") - _sum(earlier["lines"], "materials_stored")
    assert Decimal(later["summary"]["gross_this_period"]) == _sum(later["lines"], "work_this_period") + stored
    for line in later["lines"]:
        if (old := before.get(line["line"])) is None:
            continue
        done = Decimal(old["work_previous"]) + Decimal(old["work_this_period"])
        assert Decimal(line["work_previous"]) == done
        moved = Decimal(line["withheld_this_period"]) - Decimal(line["released_this_period"])
        assert Decimal(line["retainage_held"]) == Decimal(old["retainage_held"]) + moved


def _sum(lines: Sequence[Mapping[str, Any]], name: str) -> Decimal:
    return sum((Decimal(line[name]) for line in lines), Decimal(0))
