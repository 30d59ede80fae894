"""Checks of amounts between rows: opening balances must tie, sums are compared, contacts must be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from batch.core.model import BilledBy, ChangeOrderStatus, CommitmentStatus, ContactRole, Cycle
from batch.core.money import ZERO, number, plain
from batch.core.tax import DeductionEffect
from batch.formats.register.client_ties import check_client_openings, check_shares
from batch.formats.register.exchange_ties import check_exchange_rates
from batch.formats.register.line_changes import check_line_changes, value_of
from batch.formats.register.measures import check_measures, check_opening_line, measure_of
from batch.formats.register.opening_limits import amount_of, held, line_limits
from batch.formats.register.problems import Problem, Weight
from batch.formats.register.reading import Reading, RowRead, Values
from batch.formats.register.sheets import Key

_BILLABLE = (CommitmentStatus.APPROVED, CommitmentStatus.COMPLETE)


def check_ties(reading: Reading) -> None:
    """Every check of this module. A sum or an opening balance that does not tie is refused with its lines."""
    check_line_changes(reading)
    _check_company(reading)
    check_measures(reading)
    _check_periods(reading)
    _check_commitments(reading)
    _check_deductions(reading)
    check_exchange_rates(reading)
    _check_holds(reading)
    check_shares(reading)
    _check_client_lines(reading)
    _check_cost_codes(reading)
    _check_openings(reading)
    check_client_openings(reading)
    _check_sums(reading)  # last, so that what else is wrong with a line is told instead


def _shown(value: Decimal, reading: Reading, commitment: object) -> str:
    return plain(value, str(reading.value("commitment", (commitment,), "currency") or "USD"))


def _check_company(reading: Reading) -> None:
    if not reading.keys("company") and not reading.unread("company"):
        sentence = "The company is not known yet. Fill in one row of the sheet Company."
        reading.problems.append(
            Problem(sheet="Company", cell="", found="", expected="one row", sentence=sentence)
        )


def _check_periods(reading: Reading) -> None:
    last: dict[object, tuple[object, object]] = {}
    for key in sorted(reading.rows["custom_period"], key=lambda key: (str(key[0]), key[1])):
        row = reading.rows["custom_period"][key]
        start, end = row.values["start_on"], row.values["end_on"]
        number, before = last.get(key[0], (0, None))
        if before is not None and start <= before:  # type: ignore[operator]
            sentence = f"Period {key[1]} starts on {start}, before period {number} has ended on {before}."
            reading.refuse("custom_period", key, "start_on", sentence, f"a date after {before}")
        else:
            last[key[0]] = (key[1], end)
    for key, project in reading.rows["project"].items():
        if project.values["cycle"] == Cycle.CUSTOM and not any(reading.all("custom_period", key[0])):
            sentence = f"Project {key[0]} has a custom cycle, but no row on the sheet Billing periods."
            reading.note(project, "cycle", sentence, weight=Weight.WARNING)


def _check_commitments(reading: Reading) -> None:
    for key, row in reading.rows["commitment"].items():
        if row.values["status"] not in _BILLABLE:
            continue
        if not any(reading.all("sov_line", key[0])):
            reading.note(
                row,
                "number",
                f"Commitment {key[0]} has no line in Schedule of values.",
                weight=Weight.WARNING,
            )
        roles = {contact.get("role") for _, contact in reading.all("contact", key[0])}
        if row.values["billed_by"] == BilledBy.INVITE and ContactRole.BILLS not in roles:
            sentence = (
                f"Commitment {key[0]} is billed by invite, but has no contact who bills, so no invite can"
                " go out."
            )
            reading.note(
                row, "number", sentence, expected="a contact with the role bills", weight=Weight.WARNING
            )


def _check_deductions(reading: Reading) -> None:
    """A deduction that reduces the taxable value counts under its commitment's own tax code: it needs one."""
    for key, row in list(reading.rows["deduction"].items()):
        untaxed = not reading.value("commitment", (key[0],), "tax_code")
        if row.values["effect"] == DeductionEffect.REDUCES and untaxed:
            sentence = (
                f"Commitment {key[0]} has no tax code, so deduction {key[1]} cannot reduce its taxable value."
            )
            reading.refuse("deduction", key, "effect", sentence, DeductionEffect.AFTER_TAX.value)


def _check_holds(reading: Reading) -> None:
    """A hold is on a vendor or on one commitment: on none it would hold nothing, on both it is not clear what."""
    for key, row in list(reading.rows["hold"].items()):
        if (row.values["vendor"] is None) is (row.values["commitment"] is None):
            sentence = f"Hold {key[0]} is on a vendor or on one commitment: fill in one of both."
            reading.refuse("hold", key, "commitment", sentence, "a vendor or a commitment")


def _check_sums(reading: Reading) -> None:
    """A sum that is said must be that of the lines; where it is left blank nothing is compared."""
    for sheet, lines in (
        ("commitment", "sov_line"),
        ("change_order", "sov_line"),
        ("client_contract", "client_line"),
        ("client_change_order", "client_line"),
    ):
        for key, row in list(reading.rows[sheet].items()):
            _compare(reading, sheet, key, row, lines)


def _check_cost_codes(reading: Reading) -> None:
    """A line of the contract without a cost code is taken, with a warning: nothing tells where its cost goes."""
    for key, row in reading.rows["sov_line"].items():
        if not row.values.get("cost_code") and row.values.get("change_order") is None:
            sentence = (
                f"Line {key[1]} of {key[0]} has no cost code, so its cost reaches no line of the client and cannot be"
                " posted."
            )
            reading.note(row, "cost_code", sentence, expected="a cost code", weight=Weight.WARNING)


def _check_client_lines(reading: Reading) -> None:
    """A line of a client change order must be reached by cost: by a cost code of its own, or by the mapping."""
    for key, row in list(reading.rows["client_line"].items()):
        order = row.values.get("change_order")
        mapped = any(
            code[2] == key[1] and line["percent"] for code, line in reading.all("cost_code_map", key[0])
        )
        if order is not None and not row.values.get("cost_code") and not mapped:
            sentence = (
                f"Line {key[1]} of client change order {order} has no cost code and no row in Cost code mapping,"
                " so no cost would reach it."
            )
            reading.refuse("client_line", key, "change_order", sentence, "a cost code or a mapping")


def _compare(reading: Reading, sheet: str, key: Key, row: RowRead, lines: str) -> None:
    """Refuse a contract or a change order whose lines do not add up to what it says, with these lines."""
    field = "contract_sum" if len(key) == 1 else "amount"
    said, order = row.checks.get(field), key[1] if len(key) > 1 else None
    # A line with a fault of its own is not in the sum; that fault is enough.
    faulty = any(one.sheet == lines and one.key[:1] in ((), key[:1]) for one in reading.faulty)
    if not isinstance(said, Decimal) or faulty:
        return
    values = [line for _, line in reading.all(lines, key[0]) if (line.get("change_order") or None) == order]
    found = sum((amount_of(line, "scheduled_value") for line in values), ZERO)
    if said == found:
        return
    called = " ".join(str(part) for part in key)
    sentence = (
        f"The lines of {called} add up to {found:f}, and {said:f} is said here; difference {said - found:f}."
        " Once billing has begun, only a change order or a correction moves it."
    )
    reading.refuse(sheet, key, field, sentence, f"{found:f}")
    for line, each in list(reading.rows[lines].items()):
        if line[0] == key[0] and (each.values.get("change_order") or None) == order:
            reading.drop(lines, line, sentence)


def _check_openings(reading: Reading) -> None:
    commitments = {key[0] for sheet in ("opening_commitment", "opening_line") for key in reading.rows[sheet]}
    for commitment in sorted(commitments, key=str):
        if not any(
            row.key[:1] == (commitment,) and row.sheet.startswith("opening") for row in reading.faulty
        ):
            _check_opening(reading, commitment)


def _check_opening(reading: Reading, commitment: object) -> None:
    before = len(reading.problems)
    _check_opening_lines(reading, commitment)
    _check_opening_total(reading, commitment)
    if len(reading.problems) > before:
        reason = f"The opening balance of {commitment} does not tie: {reading.problems[before].sentence}"
        for sheet in ("opening_commitment", "opening_line"):
            for key in [key for key in reading.rows[sheet] if key[0] == commitment]:
                reading.drop(sheet, key, reason)


def _check_opening_lines(reading: Reading, commitment: object) -> None:
    for key, row in reading.rows["opening_line"].items():
        if key[0] != commitment or reading.values("sov_line", key) is None:
            continue
        if (told := check_opening_line(reading, key, row.values)) is not None:
            reading.note(row, told[0], told[1], expected=told[2])
            continue
        value = value_of(reading, key)
        measure = measure_of(reading.values("sov_line", key) or {})
        if (
            measure is not None and measure.remeasured
        ):  # what was built counts, also beyond the agreed quantity
            value = max(value, amount_of(row.values, "work") + amount_of(row.values, "stored"), key=abs)
        for name, ceiling, sentence in line_limits(row.values, value):
            found = amount_of(row.values, name)
            mirror = -1 if value < 0 else 1  # on a line with a negative value every limit is mirrored
            if not 0 <= found * mirror <= ceiling * mirror:
                shown = [_shown(amount, reading, commitment) for amount in (ceiling, found - ceiling)]
                place = f"{sentence} {shown[0]}; difference {shown[1]}."
                reading.note(row, name, f"Line {key[1]}: {place}", expected=f"from 0 to {shown[0]}")


def _check_opening_total(reading: Reading, commitment: object) -> None:
    header = reading.values("opening_commitment", (commitment,))
    lines = [line for _, line in reading.all("opening_line", commitment)]
    row = reading.rows["opening_commitment"].get((commitment,))
    if header is None or not lines:
        own = row or next(row for key, row in reading.rows["opening_line"].items() if key[0] == commitment)
        other = "Opening balances" if header is None else "Opening lines"
        reading.note(
            own, "commitment", f"The opening balance of {commitment} has no row on the sheet {other}."
        )
        return
    place = row or next(row for key, row in reading.rows["opening_line"].items() if key[0] == commitment)
    earned = sum((amount_of(line, "work") + amount_of(line, "stored") - held(line) for line in lines), ZERO)
    certified = amount_of(header, "certified")
    if certified != earned:
        shown = [_shown(value, reading, commitment) for value in (certified, earned, certified - earned)]
        sentence = (
            f"Certified to date is {shown[0]}, but work and stored less retainage held is {shown[1]}; "
            f"difference {shown[2]}."
        )
        reading.note(place, "certified", sentence, expected=shown[1])
    if row is not None:
        _check_months(reading, commitment, header)


def _check_months(reading: Reading, commitment: object, header: Values) -> None:
    said = header.get("change_orders_by_month")
    months = {month: number(text) for month, text in said.items()} if isinstance(said, Mapping) else {}
    found = _approved_by_month(reading, commitment, header.get("last_date"))
    row = reading.rows["opening_commitment"][(commitment,)]
    for month in sorted({*months, *found}):
        one, other = months.get(month, ZERO), found.get(month, ZERO)
        if one != other:
            shown = [_shown(value, reading, commitment) for value in (one, other, one - other)]
            sentence = (
                f"Change orders of {month}: {shown[0]} is said here, the approved ones of that month add up"
                f" to {shown[1]}; difference {shown[2]}."
            )
            reading.note(row, "change_orders_by_month", sentence, expected=f"{month}: {shown[1]}")


def _approved_by_month(reading: Reading, commitment: object, until: object) -> dict[str, Decimal]:
    months: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, order in reading.all("change_order", commitment):
        on = order.get("approved_on")
        counted = order.get("status") == ChangeOrderStatus.APPROVED and isinstance(on, date)
        if counted and isinstance(until, date) and on <= until:  # type: ignore[operator]
            lines = reading.all("sov_line", commitment)
            values = (
                amount_of(line, "scheduled_value") for _, line in lines if line.get("change_order") == key[1]
            )
            months[f"{on:%Y-%m}"] += sum(values, ZERO)
    return months
