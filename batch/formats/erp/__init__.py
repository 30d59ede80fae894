"""Approved pay applications as files for accounting programs: one canonical record, one emitter per target.

A target is an entry of `TARGETS`. Each gives files from bills and reads its own files back, so that
`check_batch` can compare what was written with the totals in the manifest.
"""

from batch.formats.erp.canonical import (
    BatchProblem,
    CanonicalBill,
    CanonicalDeduction,
    CanonicalLine,
    CanonicalTax,
    Control,
    control_of,
    document_number,
)
from batch.formats.erp.iif import IifSettings
from batch.formats.erp.manifest import (
    MANIFEST,
    TARGETS,
    BatchError,
    BatchSettings,
    check_batch,
    check_bills,
    write_batch,
)

__all__ = [
    "MANIFEST",
    "TARGETS",
    "BatchError",
    "BatchProblem",
    "BatchSettings",
    "CanonicalBill",
    "CanonicalDeduction",
    "CanonicalLine",
    "CanonicalTax",
    "Control",
    "IifSettings",
    "check_batch",
    "check_bills",
    "control_of",
    "document_number",
    "write_batch",
]
