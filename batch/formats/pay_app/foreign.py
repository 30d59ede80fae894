"""Reads a pay application that came back in another format: .ods, .xls, .xlsb or .csv.

Such a file tells less than our own: which cells were locked, and for most which were formulas, is not known. Its
figures are taken, and a person is told. The libraries that read these formats were seen to use up memory and to
abort on hostile files, so `read_foreign` is to be called in a child process under limits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace

from batch.core.findings import Finding, Severity
from batch.core.returned import Returned, ReturnedIdentity
from batch.formats.pay_app.foreign_csv import open_csv
from batch.formats.pay_app.foreign_ods import open_ods
from batch.formats.pay_app.package import LARGEST_FILE, open_package
from batch.formats.pay_app.read import Opened, returned_of
from batch.formats.pay_app.sniff import CSV, ODS, WANTED, XLS, XLSB, RefusedError, refusal


def _open_xls(data: bytes) -> Opened:
    from batch.formats.pay_app.foreign_xls import open_xls  # noqa: PLC0415 - loaded where the limits are

    return open_xls(data)


def _open_xlsb(data: bytes) -> Opened:
    from batch.formats.pay_app.foreign_xlsb import open_xlsb  # noqa: PLC0415 - loaded where the limits are

    return open_xlsb(data)


_OPENERS: Mapping[str, Callable[[bytes], Opened]] = {
    ODS: open_ods,
    XLS: _open_xls,
    XLSB: _open_xlsb,
    CSV: open_csv,
}
#: What a reader of damaged files raises, besides our own refusals.
_DAMAGED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, EOFError, OSError,
            NotImplementedError, RuntimeError, struct.error)  # fmt: skip


def foreign_kind(returned: Returned) -> str:
    """The kind of spreadsheet our own reader refused, when it is one of these; else ''."""
    found = next((each.found for each in returned.findings if each.code == "workbook-format"), "")
    return found if found in _OPENERS else ""


def read_foreign(data: bytes) -> Returned:
    """The cells of a returned workbook in one of these formats, as `read` gives them, and a finding to say so.

    Never raises for what the file holds. Call it in a child process with limits.
    """
    try:
        kind = _kind(data)
        returned = returned_of(_opened(kind, data))
    except RefusedError as refused:
        return Returned(identity=ReturnedIdentity(), lines=(), findings=(refused.finding,))
    if not returned.lines:
        return returned
    reduced = Finding(code="workbook-reduced", severity=Severity.HOLD, found=kind, expected=WANTED)
    return replace(returned, findings=(*returned.findings, reduced))


def _kind(data: bytes) -> str:
    """What it is by its first bytes. Raises RefusedError for what is none of these."""
    if len(data) > LARGEST_FILE:
        raise refusal("workbook-too-large", f"{len(data)} bytes", "a workbook of at most 25 MB")
    try:
        open_package(data)
    except RefusedError as refused:
        if refused.finding.code == "workbook-format" and refused.finding.found in _OPENERS:
            return refused.finding.found
        raise
    raise refusal("workbook-format", "another format")


def _opened(kind: str, data: bytes) -> Opened:
    try:
        return _OPENERS[kind](data)
    except RefusedError:
        raise
    except _DAMAGED:
        raise refusal("workbook-unreadable", "a damaged file") from None
    except Exception as problem:
        # Libraries of these formats have exceptions of their own; each says that the file cannot be read.
        if type(problem).__module__.split(".")[0] in ("xlrd", "python_calamine"):
            raise refusal("workbook-unreadable", "a damaged file") from None
        raise
