"""Checks of exchange rates against each other and against the commitments that need them."""

from __future__ import annotations

from batch.core.model import CommitmentStatus
from batch.formats.register.problems import Weight
from batch.formats.register.reading import Reading


def check_exchange_rates(reading: Reading) -> None:
    """A rate is between two currencies; a commitment in a foreign currency needs one, or nothing can be approved."""
    for key in list(reading.rows["exchange_rate"]):
        if key[0] == key[1]:
            sentence = f"A rate from {key[0]} to {key[1]} is none: the two currencies must differ."
            reading.refuse("exchange_rate", key, "to_currency", sentence, "another currency")
    known = {key[:2] for key, _row in reading.all("exchange_rate")}
    for key, row in reading.rows["commitment"].items():
        own = row.values["currency"]
        projects = reading.value("project", (row.values["project"],), "currency")
        ended = row.values["status"] not in (CommitmentStatus.APPROVED, CommitmentStatus.COMPLETE)
        if projects is None or own == projects or ended or (own, projects) in known:
            continue
        sentence = (
            f"Commitment {key[0]} is in {own}, its project in {projects}, and the sheet Exchange rates has no"
            f" rate from {own} to {projects}: without one nothing of it can be approved."
        )
        reading.note(row, "currency", sentence, expected="an exchange rate", weight=Weight.WARNING)
