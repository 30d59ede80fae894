"""What kind of workbook of ours a file is, told by the names of its sheets. Nothing else of it is read."""

from __future__ import annotations

from enum import StrEnum

from batch.formats.pay_app.package import open_package
from batch.formats.pay_app.parts import read_contents
from batch.formats.pay_app.sniff import RefusedError
from batch.formats.register.sheets import BY_TITLE
from batch.formats.review import layout as review

#: A register that was cut down to a few sheets is still one; other workbooks of ours share at most one of its titles.
_LEAST_REGISTER_SHEETS = 2


class WorkbookKind(StrEnum):
    """Kinds of workbooks that admins send. A pay application is told by its own reader."""

    REVIEW = "review"
    REGISTER = "register"
    OTHER = "other"


def kind_of(data: bytes) -> WorkbookKind:
    """The kind of a file; OTHER for anything that is not a workbook. Never raises."""
    try:
        titles = {sheet.name.strip().casefold() for sheet in read_contents(open_package(data)).sheets}
    except RefusedError:
        return WorkbookKind.OTHER
    if {review.APPLICATIONS.casefold(), review.CONTROLS.casefold()} <= titles:
        return WorkbookKind.REVIEW
    ours = {title.casefold() for title in BY_TITLE}
    if len(titles & ours) >= _LEAST_REGISTER_SHEETS or (titles <= ours and titles):
        return WorkbookKind.REGISTER
    return WorkbookKind.OTHER
