"""Rows of the register about client contracts that joined midway: where each stood, and each of its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from batch.formats.register.kinds import Code, column
from batch.formats.register.opening_rows import (
    LastApplication,
    OpeningCertified,
    OpeningReleased,
    OpeningStored,
    OpeningWithheldStored,
    OpeningWithheldWork,
    OpeningWork,
)
from batch.formats.register.row import RegisterRow

_Project = Annotated[Code, column("Project", "Number of the project.", "26-014")]


class ClientOpeningRow(RegisterRow):
    """Where a client contract stood when it joined midway: the totals. The lines stand in Client opening lines."""

    project: _Project
    last_application_number: LastApplication
    certified: OpeningCertified


class ClientOpeningLineRow(RegisterRow):
    """Where one line of the client contract stood when it joined midway. All amounts are to date."""

    project: _Project
    line_key: Annotated[Code, column("Line", "Line of the client schedule of values.", "A10")]
    work: OpeningWork
    stored: OpeningStored = Decimal(0)
    withheld_work: OpeningWithheldWork = Decimal(0)
    withheld_stored: OpeningWithheldStored = Decimal(0)
    released: OpeningReleased = Decimal(0)
