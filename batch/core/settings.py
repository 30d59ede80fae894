"""Choices a project or a commitment makes where the trade leaves one. They stand in the register."""

from __future__ import annotations

from enum import StrEnum


class AfterChange(StrEnum):
    """What happens to a workbook that is out when the schedule of values moves and nothing came in yet.

    Either way a workbook of the old issue that comes back is taken over onto the new schedule.
    """

    ISSUE_AGAIN = "issue again"
    REBASE = "re-base"
