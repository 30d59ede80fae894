"""A batch: the files of one target and `manifest.json`, which says what they hold and what they add up to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from batch.core.money import MoneyError, amount, plain, total
from batch.formats.erp.canonical import BatchProblem, CanonicalBill, control_of, problems_between, problems_of
from batch.formats.erp.csv_json import dump_json, load_json, read_csv, read_json, write_csv, write_json
from batch.formats.erp.iif import IifSettings, problems_for_iif, write_iif, written_number
from batch.formats.erp.iif_read import read_iif
from batch.formats.erp.payments import payment_object
from batch.formats.erp.tables import FileError, Files, ReadDocument, ReadFile

MANIFEST = "manifest.json"
FORMAT = "progress-billings batch"
VERSION = 1
_OWN = (
    "Our own layout: the columns are described in the documentation and do not change without a new version."
)
_LISTED = "Follows published field lists; a test import is advised."
_ONE_PAYEE = (
    "An IIF bill has one vendor and no second payee. The memo of such a bill says what is paid together with whom: make"
    " out those checks by hand, and pay the vendor alone only the rest."
)
#: Amounts of a document, by their names in the manifest.
AMOUNTS = ("gross", "retainage", "deducted", "tax", "tax_withheld", "payable")


@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """`batch` names the batch in its files. `posts`: whether this is the target that posts for its company
    and side; every other is a copy and says so. `reverses` names the batch that this one takes back. `held`: documents
    that an open hold keeps out, each with why.
    """

    batch: str
    posts: bool = True
    reverses: str = ""
    held: tuple[tuple[str, str], ...] = ()
    iif: IifSettings = field(default_factory=IifSettings)


class BatchError(ValueError):
    """The bills cannot be written as they are; `problems` says why, all at once. Nothing was made."""

    def __init__(self, problems: Sequence[BatchProblem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Target:
    """One kind of file. `claim` is what may be said of it honestly, and is printed in each manifest."""

    claim: str
    write: Callable[[Sequence[CanonicalBill], BatchSettings], dict[str, bytes]]
    read: Callable[[Files, Mapping[str, Any]], tuple[ReadFile, ...]]
    check: Callable[[Sequence[CanonicalBill], BatchSettings], tuple[BatchProblem, ...]] = (
        lambda _bills, _settings: ()
    )
    number: Callable[[CanonicalBill], str] = lambda bill: bill.document_number
    notes: Callable[[BatchSettings], dict[str, Any]] = lambda _settings: {}
    joint: str = ""


TARGETS: Mapping[str, Target] = {
    "csv": Target(
        claim=_OWN,
        write=lambda bills, settings: write_csv(bills, settings.batch),
        read=lambda files, _manifest: read_csv(files),
    ),
    "json": Target(
        claim=_OWN,
        write=lambda bills, settings: write_json(bills, settings.batch),
        read=lambda files, _manifest: read_json(files),
    ),
    "quickbooks-iif": Target(
        claim=_LISTED,
        write=lambda bills, settings: write_iif(bills, settings.iif),
        read=lambda files, manifest: read_iif(files, manifest["accounts"], manifest["currency"]),
        check=lambda bills, settings: problems_for_iif(bills, settings.iif),
        number=written_number,
        notes=lambda settings: {"accounts": settings.iif.accounts},
        joint=_ONE_PAYEE,
    ),
}


def check_bills(
    target: str, bills: Sequence[CanonicalBill], settings: BatchSettings
) -> tuple[BatchProblem, ...]:
    """Everything that stops these bills from being one batch for `target` (a key of TARGETS). A problem with
    a `document` is that bill's alone: hold it and write the others.
    """
    own = tuple(problem for bill in bills for problem in problems_of(bill))
    return (*own, *problems_between(bills), *TARGETS[target].check(bills, settings))


def write_batch(target: str, bills: Sequence[CanonicalBill], settings: BatchSettings) -> dict[str, bytes]:
    """The files of a batch by name, `manifest.json` among them: the same arguments give the same bytes.

    `target` is a key of TARGETS. Raises BatchError with everything that `check_bills` finds.
    """
    if problems := check_bills(target, bills, settings):
        raise BatchError(problems)
    files = TARGETS[target].write(bills, settings)
    return files | {MANIFEST: dump_json(_manifest(target, bills, settings, files))}


def check_batch(files: Files) -> tuple[BatchProblem, ...]:
    """Read the files of a batch again and compare them with their manifest: hashes, documents, totals. ()
    when all ties.

    `files` is what `write_batch` gave, by name. Never raises on what it finds in them.
    """
    try:
        manifest = load_json(MANIFEST, files[MANIFEST])
        listed = {entry["name"]: entry for entry in manifest["files"]}
        documents = tuple(_stated(entry, manifest["currency"]) for entry in manifest["documents"])
        target = TARGETS[manifest["target"]]
        control = manifest["control"] | {}
    except FileError as error:
        return (_broken(error),)
    except (KeyError, TypeError, AttributeError, MoneyError) as error:
        return (
            _problem("manifest-unreadable", MANIFEST, f"The manifest is missing or incomplete ({error})."),
        )
    faults = (
        *_names(files, listed),
        *_hashes(files, listed),
        *_control(control, documents, manifest["currency"]),
    )
    if any(fault.code == "file-missing" for fault in faults):
        return faults
    return (*faults, *_reread(target, files, manifest, documents))


def _manifest(
    target: str, bills: Sequence[CanonicalBill], settings: BatchSettings, files: Files
) -> dict[str, object]:
    control = control_of(bills)
    made = TARGETS[target]
    notes = made.notes(settings)
    read = {each.name: each for each in made.read(files, {"currency": control.currency, **notes})}
    return {
        "format": FORMAT,
        "version": VERSION,
        "batch": settings.batch,
        "target": target,
        "claim": made.claim,
        "purpose": "to be posted" if settings.posts else "copy, not to be posted",
        "reverses": settings.reverses,
        "company": bills[0].company,
        "side": bills[0].side.value,
        "currency": control.currency,
        "control": {
            name: _text(value, control.currency)
            for name, value in asdict(control).items()
            if name != "currency"
        },
        "documents": [_entry(bill, made.number(bill)) for bill in bills],
        "files": [_file(name, files[name], read[name]) for name in sorted(files)],
        **notes,
        **_unusual(made, bills, settings),
    }


def _unusual(made: Target, bills: Sequence[CanonicalBill], settings: BatchSettings) -> dict[str, object]:
    """What only some batches have: how joint checks are written, where a target cannot say them, and what is held."""
    found: dict[str, object] = {}
    if made.joint and any(bill.payments for bill in bills):
        found["joint_checks"] = made.joint
    if settings.held:
        found["held"] = [{"document_number": number, "reason": reason} for number, reason in settings.held]
    return found


def _text(value: object, currency: str) -> object:
    return plain(value, currency) if isinstance(value, Decimal) else value


def _entry(bill: CanonicalBill, written_as: str) -> dict[str, object]:
    money = {name: plain(getattr(bill, name), bill.currency) for name in (*AMOUNTS, "net")}
    split = {"payments": [payment_object(each, bill) for each in bill.payments]} if bill.payments else {}
    return (
        money
        | split
        | {
            "document_number": bill.document_number,
            "written_as": written_as,
            "type": bill.type,
            "accounting_date": str(bill.posted_on),
            "reverses": bill.reverses,
            "revision": bill.document_revision,
            "vendor": bill.vendor_number,
            "commitment": bill.commitment,
            "application": bill.application,
            "lines": len(bill.lines),
        }
    )


def _file(name: str, data: bytes, read: ReadFile) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    return {
        "name": name,
        "sha256": digest,
        "bytes": len(data),
        "documents": len(read.documents),
        "rows": read.rows,
    }


def _stated(entry: Mapping[str, Any], currency: str) -> ReadDocument:
    return ReadDocument(
        number=entry["written_as"], **{name: amount(entry[name], currency) for name in AMOUNTS}
    )


def _names(files: Files, listed: Mapping[str, Any]) -> Iterator[BatchProblem]:
    for name in sorted(set(listed) - set(files)):
        yield _problem("file-missing", name, f"The file {name} of the manifest is not there.")
    for name in sorted(set(files) - set(listed) - {MANIFEST}):
        yield _problem("file-unknown", name, f"The file {name} is not in the manifest.")


def _hashes(files: Files, listed: Mapping[str, Any]) -> Iterator[BatchProblem]:
    for name in sorted(set(listed) & set(files)):
        found, expected = hashlib.sha256(files[name]).hexdigest(), str(listed[name].get("sha256"))
        if found != expected:
            yield _problem(
                "file-changed", name, f"The file {name} was changed after it was written.", found, expected
            )


def _control(
    control: Mapping[str, Any], documents: Sequence[ReadDocument], currency: str
) -> Iterator[BatchProblem]:
    sums = {
        name: plain(total((getattr(each, name) for each in documents), currency), currency)
        for name in AMOUNTS
    }
    for name, found in {"documents": str(len(documents)), **sums}.items():
        expected = str(control.get(name))
        if found != expected:
            sentence = (
                f"The documents of the manifest add up to {found} {name}, its control total says {expected}."
            )
            yield _problem("control-total", MANIFEST, sentence, found, expected)


def _reread(
    target: Target, files: Files, manifest: Mapping[str, Any], documents: Sequence[ReadDocument]
) -> Iterator[BatchProblem]:
    try:
        read = target.read(files, manifest)
    except FileError as error:
        yield _broken(error)
        return
    except (KeyError, TypeError, AttributeError) as error:
        yield _problem("manifest-unreadable", MANIFEST, f"The manifest is incomplete ({error}).")
        return
    for each in read:
        yield from _compared(each, documents)


def _compared(read: ReadFile, documents: Sequence[ReadDocument]) -> Iterator[BatchProblem]:
    if len(read.documents) != len(documents):
        found, expected = str(len(read.documents)), str(len(documents))
        sentence = f"The file {read.name} has {found} documents, the manifest {expected}."
        yield _problem("document-count", read.name, sentence, found, expected)
        return
    for found_document, stated in zip(read.documents, documents, strict=True):
        if found_document != stated:
            found, expected = _figures(found_document), _figures(stated)
            sentence = f"In {read.name} the document {stated.number} is {found}; the manifest has {expected}."
            yield BatchProblem(
                code="document-differs",
                sentence=sentence,
                document=stated.number,
                file=read.name,
                found=found,
                expected=expected,
            )


def _figures(document: ReadDocument) -> str:
    amounts = ", ".join(f"{name} {getattr(document, name):f}" for name in AMOUNTS)
    return f"{document.number} ({amounts})"


def _broken(error: FileError) -> BatchProblem:
    return _problem("file-unreadable", error.file, f"The file {error.file} cannot be read: {error.sentence}.")


def _problem(code: str, file: str, sentence: str, found: str = "", expected: str = "") -> BatchProblem:
    return BatchProblem(code=code, sentence=sentence, file=file, found=found, expected=expected)
