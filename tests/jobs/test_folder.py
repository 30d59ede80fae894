"""What is put into an admin's watched folder: review workbooks good and bad, registers, and files that are neither."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.jobs.received import AFTER_DUE, CONCRETE, balances, changed, invited
from tests.scenarios.paperwork import filled, reply, reviewed, workbook_of
from tests.scenarios.registers import ADMIN, Register, Sub
from tests.scenarios.site import Site

READER = "reader@gc.example"
OTHER = Sub(number="SC-7", lines=[("1", "03-300", "8000")])
ADMINS = [{"Email": READER, "Name": "Reed Er", "Projects": "P1", "May": "read"}]


def _ready(folder: Path) -> Site:
    """Two applications under review, and the review workbook out."""
    job = invited(folder, Register(subs=[CONCRETE, OTHER], admins=ADMINS))
    for sub in (CONCRETE, OTHER):
        invite = job.last_mail(sub.address, f"invite to bill: Clinic, {sub.number}")
        job.receive(
            reply(invite, filled(workbook_of(invite), {"1": {"work_this_period": "1000"}}), when=job.now)
        )
    job.tick(AFTER_DUE)
    return job


def _review(job: Site) -> bytes:
    return workbook_of(job.last_mail(ADMIN, "review"))


def _put(
    job: Site, data: bytes, *, admin: str = ADMIN, name: bytes = b"review.xlsx"
) -> tuple[str, list[str]]:
    """Put a file in; gives the folder it went to, and the report. It is gone from `in` and nothing was raised."""
    folder = job.w.data / "review" / admin
    (folder / "in").mkdir(parents=True, exist_ok=True)
    before = set(folder.glob("*/*.txt"))
    Path(os.fsdecode(os.fsencode(folder / "in") + b"/" + name)).write_bytes(data)
    job.tick()
    assert list((folder / "in").iterdir()) == []
    (report,) = set(folder.glob("*/*.txt")) - before
    return report.parent.name, report.read_text(encoding="utf-8").splitlines()


def _cells(book: Any, sheet: str, needed: str) -> tuple[Any, list[int], dict[str, int]]:
    """A sheet of the review workbook, the rows of its data, and the column of each key."""
    page = book[sheet]
    for row in page.iter_rows(max_row=40):
        keys = {str(cell.value): int(cell.column or 0) for cell in row if isinstance(cell.value, str)}
        if needed in keys and len(keys) > 3:
            top = int(row[0].row or 0)
            first = next(iter(keys.values()))
            data = [
                r for r in range(top + 1, page.max_row + 1) if str(page.cell(r, first).value or "").isdigit()
            ]
            return page, data, keys
    raise AssertionError(f"no {needed} on {sheet}")


def _set(sheet: str, column: str, value: object, *, where: str = "") -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        page, rows, keys = _cells(book, sheet, column)
        for row in rows:
            if not where or str(page.cell(row, keys["commitment"]).value) == where:
                page.cell(row, keys[column]).value = value

    return change


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\nx", b"bill.pdf"),
        (b"", b"empty.xlsx"),
        (b"PK\x03\x04" + b"x" * 100, b"damaged.xlsx"),
        (b"hello", b"\xff\xfe-name.xlsx"),
        (b"hello there", b"n" * 250 + b".xlsx"),
        (b"hello you", "ä".encode() * 120 + b".xlsx"),
        (b"=EVIL()", b"=EVIL().csv"),
    ],
)
def test_a_file_that_is_neither_is_refused_with_a_sentence(tmp_path: Path, data: bytes, name: bytes) -> None:
    """Whatever it is and whatever its name, it goes to refused with a report, and the next file is worked on."""
    job = _ready(tmp_path)
    before = balances(job)
    where, lines = _put(job, data, name=name)
    assert where == "refused"
    assert "neither a review workbook nor a register workbook" in lines[0]
    assert balances(job) == before
    job.approve("SC-1")
    assert job.show("SC-1/1")["state"] == "Approved"
    job.verify()


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    """Past the limit for workbooks it goes to refused by its size alone."""
    job = _ready(tmp_path)
    where, lines = _put(job, b"\0" * 10_485_761)
    assert (where, "larger than a workbook" in lines[0]) == ("refused", True)


def test_folders_links_and_unfinished_files_are_left_alone(tmp_path: Path) -> None:
    """A folder, a link to a secret, Excel's lock file and half a download are not taken."""
    job = _ready(tmp_path)
    folder = job.w.data / "review" / ADMIN / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.xlsx").symlink_to(job.config)
    (folder / "~$review.xlsx").write_bytes(b"x")
    (folder / "review.xlsx.part").write_bytes(b"x")
    job.tick()
    assert len(list(folder.iterdir())) == 4


def test_a_report_that_cannot_be_moved_stops_nobody(tmp_path: Path) -> None:
    """When one admin's folder cannot take a file, the file stays, and the others' are worked on."""
    job = _ready(tmp_path)
    stuck = job.w.data / "review" / "aaa@gc.example"
    job.edit_register(
        {("Admins", "aaa@gc.example"): {
            "Email": "aaa@gc.example", "Name": "A", "Projects": "*", "May": "read"}}
    )  # fmt: skip
    (stuck / "in").mkdir(parents=True)
    (stuck / "refused").write_text("a file where a folder should be")
    (stuck / "in" / "a.xlsx").write_bytes(b"x")
    job.approve("SC-1")
    assert job.show("SC-1/1")["state"] == "Approved"
    assert (stuck / "in" / "a.xlsx").exists()


def test_the_same_review_workbook_twice_changes_nothing(tmp_path: Path) -> None:
    """The second time it is said that it was applied before, under any name."""
    job = _ready(tmp_path)
    filled_in = reviewed(_review(job), {"SC-1": {"decision": "Approve"}})
    where, lines = _put(job, filled_in)
    assert (where, lines) == ("done", ["SC-1/1: Approved"])
    after = balances(job)
    _where, lines = _put(job, filled_in, name=b"again.xlsx")
    assert balances(job) == after
    assert "before" in lines[0]
    again = changed(filled_in, lambda book: setattr(book.properties, "title", "Saved anew"))
    _where, lines = _put(job, again, name=b"saved anew.xlsx")
    assert balances(job) == after
    assert "has changed since" in " ".join(lines)
    job.verify()


def test_an_admin_without_the_permission_decides_nothing(tmp_path: Path) -> None:
    """A reader with the approver's workbook is told that this is not theirs to decide."""
    job = _ready(tmp_path)
    before = balances(job)
    filled_in = reviewed(_review(job), {"SC-1": {"decision": "Approve"}, "SC-7": {"decision": "Approve"}})
    where, lines = _put(job, filled_in, admin=READER)
    assert where == "refused"
    assert len([line for line in lines if "not applied" in line]) == 2
    assert balances(job) == before


def test_an_admin_who_may_not_enter_everywhere_does_not_change_the_register(tmp_path: Path) -> None:
    """The register says who may do what, so a reader cannot make themselves an approver; they see what it would do."""
    job = _ready(tmp_path)
    register = tmp_path / "register.xlsx"
    job.at("register", "export", str(register))
    before = balances(job)

    def promote(book: Workbook) -> None:
        for row in book["Admins"].iter_rows():
            for cell in row:
                if cell.value == "read":
                    cell.value = "enter, approve, export, read"

    promoted = changed(register.read_bytes(), promote)
    where, lines = _put(job, promoted, admin=READER)
    assert (where, lines[0].startswith("You may not change the register")) == ("refused", True)
    assert balances(job) == before
    where, lines = _put(job, promoted, admin=ADMIN)
    assert where == "done"
    assert balances(job) != before


WRONG: dict[str, tuple[Callable[[Workbook], None], str]] = {
    "unknown word": (_set("Applications", "decision", "Yes please"), "is not a decision"),
    "text in an approved amount": (_set("Lines", "approved_work", "about 900"), "not a number"),
    "a formula": (_set("Lines", "approved_work", "=1+1"), "formula without a result"),
    "an error": (_set("Lines", "approved_work", "#REF!"), "shows the error"),
    "too much": (_set("Lines", "approved_work", 99999), "too much"),
    "absurdly much": (_set("Lines", "approved_work", 10**15), "number"),
    "blank": (_set("Lines", "approved_work", None), "left blank"),
    "another revision": (_set("Applications", "revision", "7"), "has changed since"),
    "a revision that is none": (_set("Applications", "revision", "x"), "has changed since"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_review_workbook_filled_in_wrongly_decides_nothing_there(tmp_path: Path, what: str) -> None:
    """Each fault is named in a sentence, the application stays as it is, and no balance moves."""
    job = _ready(tmp_path)
    change, words = WRONG[what]
    before = balances(job)
    filled_in = reviewed(_review(job), {"SC-1": {"decision": "Approve"}})
    where, lines = _put(job, changed(filled_in, change))
    assert words in " ".join(lines)
    assert (where, balances(job) == before) == ("refused", True)
    job.approve("SC-1", "SC-7")
    job.verify()


def test_a_cut_without_a_reason_is_refused_and_the_other_row_goes_through(tmp_path: Path) -> None:
    """One row's fault is that row's alone."""
    job = _ready(tmp_path)
    cut = {"decision": "Approve", "lines": {"1": {"approved_work": "900"}}}
    where, lines = _put(job, reviewed(_review(job), {"SC-1": cut, "SC-7": {"decision": "Approve"}}))
    assert where == "done"
    assert any("SC-7/1: Approved" in line for line in lines), lines
    assert any(line.startswith("SC-1: not applied") for line in lines), lines
    job.verify()


@pytest.mark.parametrize("identity", ["999999", "-1", "1; DROP TABLE", "SC-7/1", "=1"])
def test_rows_of_other_applications_are_refused_alone(tmp_path: Path, identity: str) -> None:
    """An id that is none of ours, on a row of its own, keeps no other row from being applied."""
    job = _ready(tmp_path)
    filled_in = reviewed(_review(job), {"SC-1": {"decision": "Approve"}, "SC-7": {"decision": "Approve"}})

    def swap(book: Workbook) -> None:
        _set("Applications", "application_id", identity, where="SC-7")(book)

    _where, lines = _put(job, changed(filled_in, swap))
    assert job.show("SC-1/1")["state"] == "Approved", lines
    assert job.show("SC-7/1")["state"] == "Under Review"
    assert [line for line in lines if "not applied" in line]
    job.verify()


@pytest.mark.parametrize("identity", ["9" * 30, "²"])
def test_an_id_that_no_table_can_hold_is_refused(tmp_path: Path, identity: str) -> None:
    """What is no id at all decides nothing on its row, and the file gets a report like any other."""
    job = _ready(tmp_path)
    filled_in = reviewed(_review(job), {"SC-7": {"decision": "Approve"}})

    def swap(book: Workbook) -> None:
        _set("Applications", "application_id", identity, where="SC-7")(book)

    where, lines = _put(job, changed(filled_in, swap))
    assert (where, bool(lines)) == ("refused", True)
    assert job.show("SC-7/1")["state"] == "Under Review"
    job.verify()
