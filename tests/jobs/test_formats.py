"""Workbooks saved as .ods, .xls or .csv, answered through the real jobs and read in a child process."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.jobs.received import CONCRETE, hit, invited
from tests.scenarios.paperwork import filled, reply, workbook_of
from tests.scenarios.registers import Register

ONE = Register(subs=[CONCRETE])
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def saved_as(folder: Path, workbook: bytes, ending: str) -> bytes:
    """The workbook as gnumeric saves it in another format."""
    source, target = folder / "bill.xlsx", folder / f"bill.{ending}"
    source.write_bytes(workbook)
    subprocess.run(["ssconvert", str(source), str(target)], check=True, capture_output=True, timeout=120)
    return target.read_bytes()


@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_a_bill_in_another_format_goes_under_review_and_says_so(tmp_path: Path, ending: str) -> None:
    """The figures are those that were typed, the file is kept as it came, and the admin is told of the format."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    data = saved_as(tmp_path, filled(workbook_of(invite), {"1": {"work_this_period": "1234.56"}}), ending)
    found = hit(job, reply(invite, data, when=job.now, name=f"bill.{ending}"), changes=True)
    assert found.outcome == "submission"
    assert [one["code"] for one in job.show("SC-1/1")["findings"]] == ["workbook-reduced"]
    assert job.standing("SC-1")["claimed_this_period"] == "1234.56"
    job.verify()


def test_a_wrong_bill_in_another_format_comes_back_as_our_workbook_with_its_entries(tmp_path: Path) -> None:
    """The answer is an .xlsx with what was typed, and the wrong cell marked; corrected there, it is taken."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    typed = {"1": {"work_this_period": "10000.01"}, "2": {"work_this_period": "500"}}
    data = saved_as(tmp_path, filled(workbook_of(invite), typed), "ods")
    found = hit(job, reply(invite, data, when=job.now, name="bill.ods"), changes=True)
    assert found.outcome == "returned"
    (answer,) = found.answers
    back = next(part for part in answer.iter_attachments() if part.get_content_type() == XLSX_TYPE)
    book = load_workbook(io.BytesIO(back.get_content()))
    assert book.sheetnames[0] == "Please correct"
    (row,) = [row for row in book["Lines"].iter_rows() if row[0].value == "1"]
    marked = [cell for cell in row if cell.comment is not None]
    assert [float(str(cell.value)) for cell in marked] == [10000.01]
    corrected = filled(back.get_content(), {"1": {"work_this_period": "10000"}})
    found = hit(job, reply(invite, corrected, when=job.now), changes=True)
    assert job.standing("SC-1")["claimed_this_period"] == "10500.00"
    job.verify()


def test_a_sheet_saved_as_text_is_read_with_the_code_of_the_mail(tmp_path: Path) -> None:
    """A .csv of the lines has no code of its own: the address replied to says whose it is."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    book = load_workbook(io.BytesIO(filled(workbook_of(invite), {"2": {"work_this_period": "2500"}})))
    rows = [
        [("" if cell.value is None else str(cell.value)) for cell in row] for row in book["Lines"].iter_rows()
    ]
    text = "\r\n".join(";".join(value.replace(";", ",").replace("\n", " ") for value in row) for row in rows)
    data = text.encode("utf-8-sig")
    found = hit(job, reply(invite, data, when=job.now, name="bill.csv"), changes=True)
    assert found.outcome == "submission"
    assert "workbook-reduced" in {one["code"] for one in job.show("SC-1/1")["findings"]}
    assert job.standing("SC-1")["claimed_this_period"] == "2500.00"


def test_a_file_that_kills_its_reader_stops_nothing(tmp_path: Path) -> None:
    """A binary workbook made to end the program that opens it ends a child only, and is answered."""
    job = invited(tmp_path, ONE)
    invite = job.invite(CONCRETE)
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\xff" * 70_000
    found = hit(job, reply(invite, data, when=job.now, name="bill.xls"))
    assert found.waits
    assert found.codes[0] in ("workbook-unreadable", "workbook-too-large")
    job.submit(CONCRETE, {"1": {"work_this_period": "1000"}})
    assert job.standing("SC-1")["state"] == "Under Review"
