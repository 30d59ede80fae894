"""What an import of a register workbook would do: rows added, changed, unchanged and refused. Nothing is
ever deleted.

A row or sheet that is missing from the file changes nothing. A row whose stamp is older than the stored one
is refused, and so is a change of what the first invite has frozen, unless a correction with date and reason
says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from batch.core.money import decimals
from batch.formats.register.billed_orders import BilledLines, stays_approved
from batch.formats.register.corrections import corrected_values, stored_corrections, target_of
from batch.formats.register.frozen import (
    CLIENT_OPENING_SHEETS,
    FIXED,
    FROZEN,
    OPENING_SHEETS,
    frozen_fields,
    in_contract_sum,
    text_of,
)
from batch.formats.register.links import named_keys
from batch.formats.register.measures import expected_value, not_worth
from batch.formats.register.places import last_places
from batch.formats.register.read import RegisterRead
from batch.formats.register.reading import Present, RowRead, Values
from batch.formats.register.sheets import BY_NAME, IMPORT_ORDER, Key, Sheet

_STALE = "The row has changed since this file was made. Export the register again and make the change there."
_ADVICE = (
    "Billing of this commitment has begun, so this changes only by a change order, or by a row on the sheet"
    " Corrections with a date and a reason."
)
_NEW_LINE = (
    "Billing of this commitment has begun, so its contract sum changes only by a change order. Put the line"
    " under a new change order."
)
_RESCALED = (
    "It has amounts already, and the new currency has another number of decimals. Add a new row instead."
)
#: The sheets whose amounts are in the currency of a row, by its sheet.
_HOLDERS: Mapping[str, tuple[str, ...]] = {
    "commitment": ("sov_line", "deduction", "joint_check", "opening_commitment", "opening_line"),
    "client_contract": ("client_line", "client_opening", "client_opening_line"),
}
_NOT_YET = "What it corrects is not in the register yet. Change the row itself."
_OPENING = "Billing of this commitment has begun, so its opening balance can no longer change."
_CLIENT_OPENING = "A client application of this project was issued, so the opening can no longer change."


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field of a row that an import changes. Old and new are values as the store has them."""

    field: str
    heading: str
    old: object
    new: object


@dataclass(frozen=True, kw_only=True)
class PlannedRow:
    """One row an import adds or changes, with all its values afterwards, as the store takes them.

    `title` and `cell` say where it stands in the file. `revision` is the row's present one, 0 for a new row.
    """

    sheet: str
    key: Key
    values: Values
    title: str
    cell: str
    changes: tuple[FieldChange, ...] = ()
    revision: int = 0


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One row an import leaves out, and why."""

    sheet: str
    key: Key
    title: str
    cell: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RegisterPlan:
    """What an import does. `added` and `changed` stand in an order in which they can be written."""

    added: tuple[PlannedRow, ...] = ()
    changed: tuple[PlannedRow, ...] = ()
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the import would write nothing."""
        return not self.added and not self.changed


def plan(
    read: RegisterRead,
    present: Present,
    invited: Collection[str] = (),
    billed: Collection[str] = (),
    worked: BilledLines = frozenset(),
) -> RegisterPlan:
    """Plan an import. `present`: values and revision of every stored row; `invited`: commitments that were
    ever invited; `billed`: projects whose client was billed; `worked`: lines on which something is billed.
    """
    blocked = {group for row in read.faulty if (group := _group(BY_NAME[row.sheet], row.key))}
    while True:
        planning = _Planning(
            read=read,
            present=present,
            invited=frozenset(invited),
            billed=frozenset(billed),
            worked=worked,
            blocked=blocked,
        )
        planning.run()
        grown = blocked | planning.broken_groups
        if grown == blocked:
            return planning.result()
        # A schedule or an opening balance of which one row cannot be added is not added at all: plan again
        # without it.
        blocked = grown


def _group(sheet: Sheet, key: Key) -> tuple[str, object] | None:
    return (sheet.whole, key[0]) if sheet.whole and key else None


@dataclass(kw_only=True)
class _Planning:
    read: RegisterRead
    present: Present
    invited: frozenset[str]
    billed: frozenset[str]
    worked: BilledLines
    blocked: set[tuple[str, object]]
    added: list[PlannedRow] = field(default_factory=list)
    changed: list[PlannedRow] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unchanged: int = 0
    broken_groups: set[tuple[str, object]] = field(default_factory=set)
    accepted: dict[str, set[Key]] = field(default_factory=dict)
    corrected: dict[tuple[str, Key], Values] = field(default_factory=dict)
    last_places: dict[tuple[str, object], int] = field(default_factory=dict)

    def run(self) -> None:
        """Plan every row, in an order in which what a row names comes before it."""
        self.accepted = {sheet.name: set(self.present.get(sheet.name, {})) for sheet in IMPORT_ORDER}
        self.last_places = last_places(self.present)
        self.corrected = corrected_values(self.read.rows["correction"], self.present)
        self.refused = [
            Refusal(sheet=row.sheet, key=row.key, title=row.title, cell=row.cell, reason=row.reason)
            for row in self.read.faulty
        ]
        for sheet in IMPORT_ORDER:
            for key, row in self.read.rows[sheet.name].items():
                if sheet.name == "correction":
                    self._correction(sheet, key, row)
                else:
                    self._row(sheet, key, row)

    def result(self) -> RegisterPlan:
        """The plan so far, changed rows in the order of the sheets."""
        order = {sheet.name: at for at, sheet in enumerate(IMPORT_ORDER)}
        return RegisterPlan(
            added=tuple(self.added), changed=tuple(sorted(self.changed, key=lambda row: order[row.sheet])),
            unchanged=self.unchanged, refused=tuple(self.refused),
        )  # fmt: skip

    def _row(self, sheet: Sheet, key: Key, row: RowRead) -> None:
        stored = self.present.get(sheet.name, {}).get(key)
        if stored is None:
            self._add(sheet, key, row)
            return
        old, revision = stored
        new = {**_settled(sheet, row, old), **self.corrected.get((sheet.name, key), {})}
        changes = _changes(sheet, old, new)
        reason = self._change_refused(sheet, key, row, old, changes, revision) if changes else ""
        if changes and sheet.name == "sov_line":
            reason = reason or self._untied({**old, **new})
        if reason:
            # An opening balance and the shares of a cost code tie as a whole; a part of a change to it would not.
            if sheet.name in (*OPENING_SHEETS, *CLIENT_OPENING_SHEETS, "cost_code_map"):
                self._break(sheet, key)
            self._refuse(sheet, key, row, reason, changes[0].field)
        elif changes:
            self.changed.append(_planned(sheet, key, {**old, **new}, row, changes, revision))
        else:
            self.unchanged += 1

    def _add(self, sheet: Sheet, key: Key, row: RowRead) -> None:
        reason = (
            self._unlinked(sheet, row) or self._addition_frozen(sheet, key, row) or self._blocked(sheet, key)
        )
        if reason:
            self._break(sheet, key)
            self._refuse(sheet, key, row, reason)
            return
        self.accepted[sheet.name].add(key)
        values = {**row.values, **self._position(sheet, key, row)}
        self.added.append(_planned(sheet, key, values, row))

    def _break(self, sheet: Sheet, key: Key) -> None:
        group = _group(sheet, key)
        self.broken_groups |= {group} if group else set()

    def _refuse(self, sheet: Sheet, key: Key, row: RowRead, reason: str, at: str = "") -> None:
        self.refused.append(
            Refusal(sheet=sheet.name, key=key, title=row.title, cell=row.cell(at), reason=reason)
        )

    def _unlinked(self, sheet: Sheet, row: RowRead) -> str:
        for reference in sheet.references:
            for named in named_keys(row.values, reference):
                if named not in self.accepted[reference.sheet]:
                    called = " ".join(str(part) for part in named)
                    return (
                        f"It belongs to {called} of the sheet {BY_NAME[reference.sheet].title}, which is"
                        " refused."
                    )
        return ""

    def _blocked(self, sheet: Sheet, key: Key) -> str:
        if _group(sheet, key) in self.blocked:
            return f"Another row of {key[0]} is refused, and the {sheet.whole} is taken whole or not at all."
        return ""

    def _addition_frozen(self, sheet: Sheet, key: Key, row: RowRead) -> str:
        if sheet.name in CLIENT_OPENING_SHEETS and key[0] in self.billed:
            return _CLIENT_OPENING
        if not key or key[0] not in self.invited:
            return ""
        if sheet.name in OPENING_SHEETS:
            return _OPENING
        if sheet.name == "sov_line" and in_contract_sum(self.present, key[0], row.values.get("change_order")):
            return _NEW_LINE
        return ""

    def _change_refused(
        self,
        sheet: Sheet,
        key: Key,
        row: RowRead,
        old: Values,
        changes: tuple[FieldChange, ...],
        revision: int,
    ) -> str:
        if row.revision is not None and row.revision < revision:
            return _STALE
        return (
            self._unlinked(sheet, row) or self._frozen(sheet, key, old, changes) or self._blocked(sheet, key)
        )

    def _frozen(self, sheet: Sheet, key: Key, old: Values, changes: tuple[FieldChange, ...]) -> str:
        names = {change.field for change in changes}
        if "currency" in names and self._rescales(sheet, key, changes):
            return _RESCALED
        if sheet.name == "change_order" and (
            stays := stays_approved(self.present, key, changes, self.worked)
        ):
            return stays
        if sheet.name in CLIENT_OPENING_SHEETS and key[0] in self.billed:
            return _CLIENT_OPENING
        if not key or key[0] not in self.invited or sheet.name not in (*FROZEN, *OPENING_SHEETS):
            return ""
        if sheet.name in OPENING_SHEETS:
            return _OPENING
        if names & set(FIXED.get(sheet.name, ())):
            return "Billing of this commitment has begun, so this can no longer change."
        allowed = self.corrected.get((sheet.name, key), {})
        bare = names & set(frozen_fields(self.present, sheet.name, key, old)) - set(allowed)
        return _ADVICE if bare else ""

    def _rescales(self, sheet: Sheet, key: Key, changes: tuple[FieldChange, ...]) -> bool:
        change = next(change for change in changes if change.field == "currency")
        if decimals(str(change.old)) == decimals(str(change.new)):
            return False
        holders = _HOLDERS.get(sheet.name, ())
        return any(other[0] == key[0] for holder in holders for other in self.present.get(holder, {}))

    def _untied(self, values: Values) -> str:
        """Why a line as corrected is refused: quantity, unit price and scheduled value are corrected together."""
        worth = expected_value(values, self._value)
        if worth is None or worth == values.get("scheduled_value"):
            return ""
        return f"{not_worth(values, worth, self._value)[0]} Correct them together."

    def _value(self, sheet: str, key: Key, name: str) -> object:
        row = self.read.rows[sheet].get(key)
        stored = self.present.get(sheet, {}).get(key)
        values = row.values if row is not None else stored[0] if stored is not None else {}
        return values.get(name)

    def _position(self, sheet: Sheet, key: Key, row: RowRead) -> Values:
        """The place of a new line without one: after the lines that are there, in the order of the file."""
        if "position" not in row.values:
            return {}
        group = (sheet.name, key[0])
        place = row.values["position"]
        if place is None:
            place = self.last_places.get(group, 0) + 10
        self.last_places[group] = max(self.last_places.get(group, 0), int(str(place)))
        return {"position": place}

    def _correction(self, sheet: Sheet, key: Key, row: RowRead) -> None:
        if key in stored_corrections(self.present):
            self.unchanged += 1
            return
        name, target = str(row.values["field"]), target_of(row)
        at = BY_NAME[str(row.values["sheet"])]
        stored = self.present.get(at.name, {}).get(target)
        if stored is None:
            self._refuse(sheet, key, row, _NOT_YET, "row_key")
        elif any(refusal.sheet == at.name and refusal.key == target for refusal in self.refused):
            self._refuse(
                sheet, key, row, f"The row it corrects on the sheet {at.title} is refused.", "row_key"
            )
        elif stored[0].get(name) == row.checks["value"]:
            self._refuse(sheet, key, row, f"The value is {text_of(row.checks['value'])} already.", "new")
        else:
            self._apply_correction(sheet, key, row, at, target)

    def _apply_correction(self, sheet: Sheet, key: Key, row: RowRead, at: Sheet, target: Key) -> None:
        (old, revision), new = self.present[at.name][target], self.corrected[at.name, target]
        if at.name == "sov_line" and (untied := self._untied({**old, **new})):
            self._refuse(sheet, key, row, untied, "new")
            return
        if target not in self.read.rows[at.name]:
            changes = _changes(at, old, new)
            reason = self._frozen(at, target, old, changes)
            if reason:
                self._refuse(sheet, key, row, reason, "new")
                return
            if not any(changed.sheet == at.name and changed.key == target for changed in self.changed):
                self.changed.append(_planned(at, target, {**old, **new}, row, changes, revision))
        values = {**row.values, "old": text_of(old.get(str(row.values["field"])))}
        self.added.append(_planned(sheet, key, values, row))


def _settled(sheet: Sheet, row: RowRead, old: Values) -> Values:
    """A row's values against the stored ones: a field without a column stays, and so does a kept one that
    is blank.
    """
    kept = {
        column.field for column in sheet.columns if column.shown.keep and row.values.get(column.field) is None
    }
    return {
        name: old.get(name) if name not in row.given or name in kept else value
        for name, value in row.values.items()
    }


def _changes(sheet: Sheet, old: Values, new: Values) -> tuple[FieldChange, ...]:
    return tuple(_change(sheet, name, old, new) for name in _differing(old, new))


def _differing(old: Values, new: Mapping[str, object]) -> Iterator[str]:
    # A field that the store does not give back is part of the key, which is equal.
    return (name for name, value in new.items() if name in old and old[name] != value)


def _change(sheet: Sheet, name: str, old: Values, new: Values) -> FieldChange:
    return FieldChange(field=name, heading=sheet.column(name).shown.heading, old=old[name], new=new[name])


def _planned(
    sheet: Sheet,
    key: Key,
    values: Values,
    row: RowRead,
    changes: tuple[FieldChange, ...] = (),
    revision: int = 0,
) -> PlannedRow:
    # The store's own fields (revision, instants) are not the register's to write.
    own = {column.field for column in sheet.columns} | {"old"}
    return PlannedRow(
        sheet=sheet.name,
        key=key,
        values={name: value for name, value in values.items() if name in own},
        title=row.title,
        cell=row.cell(changes[0].field if changes else ""),
        changes=changes,
        revision=revision,
    )
