"""A batch: golden files of each target, and what `check_batch` finds in one that was changed."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from batch.formats.erp import (
    MANIFEST,
    TARGETS,
    BatchError,
    BatchSettings,
    IifSettings,
    check_batch,
    check_bills,
    write_batch,
)
from tests.formats.erp.bills import SETTINGS, a_bill, a_line, an_october

GOLDEN = Path(__file__).parent / "golden"


def dump(files: dict[str, bytes]) -> str:
    """Every file of a batch as text, TAB, CR and LF made visible where they matter."""
    return "".join(f"== {name}\n{shown(name, data)}" for name, data in sorted(files.items()))


def shown(name: str, data: bytes) -> str:
    """A file's text; CR is shown as `␍`, TAB as `→`."""
    text = data.decode("cp1252" if name.endswith(".iif") else "utf-8")
    return text.replace("\r", "␍").replace("\t", "→")


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_files_of_each_target_are_the_golden_ones(target: str) -> None:
    """Work, a release, a credit, a backcharge and awkward text are written as in the golden dump."""
    golden = GOLDEN / f"{target}.txt"
    made = dump(write_batch(target, an_october(), SETTINGS))
    if not golden.exists():
        golden.open("x", encoding="utf-8").write(made)
    kept = golden.read_text(encoding="utf-8")
    assert made == kept, "".join(difflib.unified_diff(kept.splitlines(True), made.splitlines(True)))


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_batch_reads_back_without_a_problem_and_is_the_same_each_time(target: str) -> None:
    """What was just written ties with its manifest, and the same bills give the same bytes."""
    files = write_batch(target, an_october(), SETTINGS)
    assert check_batch(files) == ()
    assert files == write_batch(target, an_october(), SETTINGS)


@pytest.mark.parametrize(
    ("target", "file", "old", "new", "code"),
    [
        ("csv", "bills.csv", b"Northbridge", b"Southbridge", "file-changed"),
        ("csv", "bill_lines.csv", b"3420.55", b"3420.56", "document-differs"),
        ("csv", "bills.csv", b"batch_id", b"batch", "file-unreadable"),
        ("csv", "bills.csv", b"-5000.00", b"-5000.001", "file-unreadable"),
        ("csv", "bills.csv", b",USD,", b",USD,USD,", "file-unreadable"),
        ("json", "bills.json", b'"gross": "12000.00"', b'"gross": "12000.50"', "document-differs"),
        ("json", "bills.json", b'"lines"', b'"rows"', "file-unreadable"),
        ("json", "bills.json", b"{", b"", "file-unreadable"),
        ("quickbooks-iif", "bills.iif", b"\t12000.00", b"\t12000.01", "file-unreadable"),
        ("quickbooks-iif", "bills.iif", b"Subcontractors", b"Office costs", "file-unreadable"),
        ("quickbooks-iif", "bills.iif", b"\tPA-0007\t", b"\tPA-0008\t", "document-differs"),
        ("quickbooks-iif", "bills.iif", b"\r\n", b"\n", "file-unreadable"),
        ("quickbooks-iif", "bills.iif", b"TRNS\t\tBILL\t", b"TRNS\t\tBILL\t\t", "file-unreadable"),
    ],
)
def test_a_changed_file_is_found(target: str, file: str, old: bytes, new: bytes, code: str) -> None:
    """Any change of a written file is found by its hash, and a change of meaning by reading it again."""
    files = write_batch(target, an_october(), SETTINGS)
    assert old in files[file]
    problems = check_batch(files | {file: files[file].replace(old, new)})
    assert {"file-changed", code} <= {problem.code for problem in problems}
    assert {problem.file for problem in problems} <= {file}


def test_a_changed_total_of_the_manifest_is_found() -> None:
    """A control total that its own documents do not add up to is a problem, and so is a document's amount."""
    files = write_batch("csv", an_october(), SETTINGS)
    manifest = json.loads(files[MANIFEST])
    manifest["control"]["payable"] = "1.00"
    manifest["documents"][0]["gross"] = "1.00"
    problems = check_batch(files | {MANIFEST: json.dumps(manifest).encode()})
    assert {problem.code for problem in problems} == {"control-total", "document-differs"}


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b"{}", b'{"files": 1}', b"\xff", b'{"files": [], "target": "x"}']
)
def test_a_broken_manifest_is_a_problem_and_no_crash(damage: bytes) -> None:
    """Whatever stands in manifest.json, the check answers with a sentence."""
    files = write_batch("json", an_october(), SETTINGS)
    assert len(check_batch(files | {MANIFEST: damage})) == 1
    assert len(check_batch({"bills.json": files["bills.json"]})) == 1


def test_a_missing_and_an_added_file_are_named() -> None:
    """A file of the manifest that is gone and one that is not in it are two problems."""
    files = write_batch("csv", an_october(), SETTINGS)
    changed = {name: data for name, data in files.items() if name != "bills.csv"} | {"more.csv": b""}
    assert [(each.code, each.file) for each in check_batch(changed)] == [
        ("file-missing", "bills.csv"),
        ("file-unknown", "more.csv"),
    ]


def test_bills_that_do_not_tie_are_refused_all_at_once() -> None:
    """Nothing is written, and each problem names its document, so that the others can be written."""
    bills = (a_bill(gross=a_bill().net), replace(a_bill(), document_number="2", vendor_number=""))
    with pytest.raises(BatchError) as refused:
        write_batch("csv", bills, SETTINGS)
    assert {problem.document for problem in refused.value.problems} == {"PA-0007", "2"}
    assert check_bills("csv", bills, SETTINGS) == refused.value.problems
    assert "adds up to" in str(refused.value) or "add up to" in str(refused.value)


def test_a_copy_says_that_it_is_not_to_be_posted() -> None:
    """Per company and side one target posts; the manifest of every other names itself a copy."""
    files = write_batch("json", an_october(), BatchSettings(batch="b", posts=False))
    assert json.loads(files[MANIFEST])["purpose"] == "copy, not to be posted"


def test_amounts_of_a_currency_without_cents_stay_whole() -> None:
    """Yen are written without decimals in every target and tie."""
    bills = (a_bill(lines=(a_line("L1", "123457", "40741"),), currency="JPY"),)
    for target in TARGETS:
        files = write_batch(target, bills, SETTINGS)
        assert check_batch(files) == ()
        assert b"123457.0" not in b"".join(files.values())


def test_own_account_names_are_kept_in_the_manifest_and_read_back() -> None:
    """A file written with the user's own accounts is added up by those accounts."""
    iif = IifSettings(work="Cost:Subs", retainage='Held "back"', use_classes=False, two_digit_year=True)
    files = write_batch("quickbooks-iif", an_october(), BatchSettings(batch="b", iif=iif))
    assert json.loads(files[MANIFEST])["accounts"]["retainage"] == "Held back"
    assert check_batch(files) == ()
    assert b"\t10/31/26\t" in files["bills.iif"]
