"""Opens a workbook of a mail: our own kind by the bounded reader, any other in a child process under limits."""

from __future__ import annotations

from dataclasses import replace

from batch.core.findings import Finding, Severity
from batch.core.returned import Checked, Returned
from batch.edges.sandbox import Failed, run_limited
from batch.formats.mail.attachments import MailPart
from batch.formats.pay_app.carry import carry
from batch.formats.pay_app.foreign import foreign_kind
from batch.formats.pay_app.read import read
from batch.jobs.case import Case
from batch.jobs.workplace import Workplace

#: What a child may use for one workbook: address space, and seconds.
MEMORY, SECONDS = 1024**3, 10.0
_READER = "batch.formats.pay_app.foreign:read_foreign"


def open_returned(w: Workplace, part: MailPart) -> Returned:
    """Read a workbook of a mail; one over the size limit is not opened."""
    if len(part.data) > w.config.limits.workbook_bytes:
        return _refused("workbook-too-large", f"{len(part.data)} bytes")
    return open_original(part.data)


def open_original(data: bytes) -> Returned:
    """Read a workbook that was kept, again: whatever its format, as it was read when it came."""
    returned = read(data)
    return _foreign(data) if foreign_kind(returned) else returned


def _foreign(data: bytes) -> Returned:
    made: object = run_limited(_READER, (data,), memory_bytes=MEMORY, seconds=SECONDS)
    if isinstance(made, Failed):
        code = "workbook-too-large" if made.reason in ("memory", "timeout") else "workbook-unreadable"
        return _refused(code, "a file that could not be read within limits")
    returned = getattr(made, "value", None)
    assert isinstance(returned, Returned), "the reader gives a returned workbook for any bytes"
    return returned


def _refused(code: str, found: str) -> Returned:
    finding = Finding(code=code, severity=Severity.RETURN, found=found)
    return replace(read(b""), findings=(finding,))


def in_our_format(
    w: Workplace, case: Case, part: MailPart, returned: Returned, checked: Checked
) -> tuple[MailPart, Checked]:
    """What to mark and send back: the file itself, or for another format our own workbook with its entries."""
    if all(finding.code != "workbook-reduced" for finding in returned.findings):
        return part, checked
    issued = w.archive.get(case.tokens[0]["workbook_sha"])
    data, findings = carry(issued, returned, checked.findings)
    return replace(part, data=data), replace(checked, findings=findings)
